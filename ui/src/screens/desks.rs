//! The desks of the demo world: where the first card comes from and where it can be shown.

use ipc::{DemoDesks, DeskRole, DeskView, Failure, VisitDesk};
use yew::prelude::*;

use crate::components::FailureNote;
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};

/// The desks: those that give cards, then those that ask for them.
#[component]
pub(crate) fn Desks() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let failure = use_state(|| None::<Failure>);
    let desks = match use_answer(DemoDesks, 0) {
        Loaded::Ready(desks) => desks,
        Loaded::Failed(failure) => return html! { <FailureNote {failure} /> },
        Loaded::Waiting => return Html::default(),
    };
    let visit = |desk: &DeskView| {
        let (shell, failure, id) = (shell.clone(), failure.clone(), desk.id.clone());
        Callback::from(move |_: MouseEvent| {
            let (then, failure) = (shell.clone(), failure.clone());
            shell.ask(VisitDesk { id: id.clone() }, move |answer| match answer {
                Ok(link) => then.go(Route::Link(link)),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    let of = |role: DeskRole| -> Vec<Html> {
        desks
            .iter()
            .filter(|desk| desk.role == role)
            .map(|desk| {
                let verb = match role {
                    DeskRole::Issuer => text.say_with("desks-get", &[("what", (&desk.what).into())]),
                    DeskRole::Counter => text.say_with("desks-show", &[("what", (&desk.what).into())]),
                };
                html! {
                    <li>
                        <button type="button" class="desk" data-desk={desk.id.clone()} onclick={visit(desk)}>
                            <span class="desk-verb">{ verb }</span>
                            <span class="desk-name">{ &desk.name }</span>
                        </button>
                        <p class="muted small">{ text.say("desks-page") }{ " " }<bdi class="selectable">{ &desk.url }</bdi></p>
                    </li>
                }
            })
            .collect()
    };
    let (issuers, counters) = (of(DeskRole::Issuer), of(DeskRole::Counter));
    html! {
        <section class="desks" id="desks">
            <h2>{ text.say("desks-title") }</h2>
            <p>{ text.say("desks-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if issuers.is_empty() && counters.is_empty() {
                <p>{ text.say("desks-none") }</p>
            }
            if !issuers.is_empty() {
                <h3>{ text.say("desks-issuers") }</h3>
                <ul role="list">{ for issuers }</ul>
            }
            if !counters.is_empty() {
                <h3>{ text.say("desks-counters") }</h3>
                <ul role="list">{ for counters }</ul>
            }
        </section>
    }
}
