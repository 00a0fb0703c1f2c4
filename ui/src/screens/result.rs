//! What came of it: added, shared, not shared, or not known.

use std::rc::Rc;

use ipc::{AddedView, FollowRedirect, Outcome, SharedView};
use yew::prelude::*;

use super::cards::CardButton;
use crate::components::{Icon, Page, Shape, Warnings};
use crate::route::Route;
use crate::state::use_shell;
use crate::text::kind_key;

#[derive(PartialEq, Properties)]
pub(crate) struct AddedProps {
    /// What was added.
    pub(crate) added: Rc<AddedView>,
}

/// Cards were added.
#[component]
pub(crate) fn Added(props: &AddedProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    html! {
        <Page title={text.say_with("added-title", &[("count", props.added.cards.len().into())])}>
            <p class="outcome ok" id="added"><Icon shape={Shape::Good} />{ " " }{ text.say("added-lead") }</p>
            <Warnings warnings={props.added.warnings.clone()} ticked={Vec::new()} needed={Vec::new()} ontick={Callback::noop()} />
            <ul class="rows" role="list">
                { for props.added.cards.iter().map(|card| {
                    let (shell, id) = (shell.clone(), card.id.clone());
                    let onclick = Callback::from(move |_: MouseEvent| shell.go(Route::Card(id.clone())));
                    html! { <li class="row"><CardButton card={card.clone()} {onclick} /></li> }
                }) }
            </ul>
            <ToCards />
        </Page>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct SharedProps {
    /// What came of it.
    pub(crate) shared: Rc<SharedView>,
}

/// Something was shared, or not, or nobody knows.
#[component]
pub(crate) fn Shared(props: &SharedProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let shared = &props.shared;
    let followed = use_state(|| false);
    let service = || (&shared.service).into();
    let (title, lead, next, class, shape) = match shared.outcome {
        Outcome::Delivered => (
            text.say_with("shared-title", &[("service", service())]),
            text.say_with("shared-lead", &[("service", service())]),
            text.say("shared-next"),
            "outcome ok",
            Shape::Good,
        ),
        Outcome::Refused => (
            text.say_with("refused-title", &[("service", service())]),
            text.say_with("refused-lead", &[("service", service())]),
            text.say("refused-next"),
            "outcome danger",
            Shape::Stop,
        ),
        Outcome::Unknown => (
            text.say("unknown-title"),
            text.say_with("unknown-lead", &[("service", service())]),
            text.say("unknown-next"),
            "outcome warn",
            Shape::Unknown,
        ),
        Outcome::NotSent => (
            text.say("not-sent-title"),
            text.say_with("not-sent-lead", &[("service", service())]),
            text.say("not-sent-next"),
            "outcome warn",
            Shape::Warn,
        ),
        Outcome::Shown => (
            text.say_with("shown-title", &[("service", service())]),
            text.say_with("shown-lead", &[("service", service())]),
            text.say("shown-next"),
            "outcome",
            Shape::Info,
        ),
    };
    let to_event = {
        let (shell, event) = (shell.clone(), shared.event.clone());
        Callback::from(move |_: MouseEvent| shell.go(Route::Event(event.clone())))
    };
    let follow = {
        let (shell, event, followed) = (shell.clone(), shared.event.clone(), followed.clone());
        Callback::from(move |_: MouseEvent| {
            followed.set(true);
            let then = shell.clone();
            shell.ask(
                FollowRedirect {
                    event: event.clone(),
                },
                move |answer| {
                    if answer.is_err() {
                        then.say(then.text().say("follow-failed"));
                    }
                },
            );
        })
    };
    html! {
        <Page {title}>
            <p {class} id="outcome" data-outcome={kind_key("outcome", &shared.outcome)}>
                <Icon {shape} />{ " " }<strong>{ text.say(&kind_key("outcome", &shared.outcome)) }</strong>
            </p>
            <p class="lead">{ lead }</p>
            if shared.outcome != Outcome::NotSent && !shared.details.is_empty() {
                <ul>{ for shared.details.iter().map(|name| html! { <li><bdi>{ name }</bdi></li> }) }</ul>
            }
            <p>{ next }</p>
            if let Some(host) = &shared.redirect_host {
                <p>{ text.say_with("follow-lead", &[("host", host.into())]) }</p>
                <button type="button" id="follow" disabled={*followed} onclick={follow}>{ text.say_with("follow-do", &[("host", host.into())]) }</button>
            }
            <p><button type="button" class="link" id="to-event" onclick={to_event}>{ text.say("result-record") }</button></p>
            <ToCards />
        </Page>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct NotSharedProps {
    /// The service's name.
    pub(crate) service: AttrValue,
    /// Whether they may have been told.
    pub(crate) told: bool,
}

/// The citizen did not share.
#[component]
pub(crate) fn NotShared(props: &NotSharedProps) -> Html {
    let text = use_shell().text();
    html! {
        <Page title={text.say("not-shared-title")}>
            <p class="outcome" id="outcome" data-outcome="declined"><Icon shape={Shape::Info} />{ " " }<strong>{ text.say("not-shared-word") }</strong></p>
            if props.told {
                <p class="lead">{ text.say_with("not-shared-lead", &[("service", props.service.as_str().into())]) }</p>
                <p>{ text.say("not-shared-next") }</p>
            } else {
                <p class="lead">{ text.say_with("not-shown-lead", &[("service", props.service.as_str().into())]) }</p>
            }
            <ToCards />
        </Page>
    }
}

#[component]
fn ToCards() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let onclick = Callback::from(move |_: MouseEvent| shell.go(Route::Cards));
    html! {
        <div class="buttons"><button type="button" class="main" id="to-cards" {onclick}>{ text.say("to-cards") }</button></div>
    }
}
