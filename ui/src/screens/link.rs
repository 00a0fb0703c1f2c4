//! A link, before the first byte leaves: where it leads, Continue or Stop.

use ipc::{ContinueLink, Failure, LinkPurpose, LinkView, Retry};
use yew::prelude::*;

use crate::components::{FailureNote, Page, Working};
use crate::route::Route;
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct LinkProps {
    /// The link.
    pub(crate) link: LinkView,
}

/// A link that waits.
#[component]
pub(crate) fn Link(props: &LinkProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let stop = {
        let (shell, link) = (shell.clone(), props.link.link.clone());
        Callback::from(move |()| shell.stop(link.clone()))
    };
    let go_on = {
        let (shell, link) = (shell.clone(), props.link.link.clone());
        let (failure, busy) = (failure.clone(), busy.clone());
        Callback::from(move |()| {
            failure.set(None);
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            shell.ask(ContinueLink { link: link.clone() }, move |answer| {
                busy.set(false);
                match answer {
                    Ok(step) => then.go(Route::from(step)),
                    Err(found) => failure.set(Some(found)),
                }
            });
        })
    };
    let onkeydown = {
        let stop = stop.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                stop.emit(());
            }
        })
    };
    let (title, lead) = match props.link.purpose {
        LinkPurpose::Add => (text.say("link-title-add"), text.say("link-lead-add")),
        LinkPurpose::Show => (text.say("link-title-show"), text.say("link-lead-show")),
        LinkPurpose::Desk => (text.say("link-title-desk"), text.say("link-lead-desk")),
    };
    let desk = props.link.purpose == LinkPurpose::Desk;
    let lead = if props.link.host.is_empty() && !desk {
        text.say("link-no-network")
    } else {
        lead
    };
    let gone = failure
        .as_ref()
        .is_some_and(|failure| failure.retry == Retry::No);
    html! {
        <div {onkeydown}>
            <Page {title}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} nothing_shared=true />
                }
                if *busy {
                    <Working label={text.say("link-working")} onstop={stop.clone()} />
                } else {
                    if failure.is_none() {
                        <p>{ lead }</p>
                    }
                    if !props.link.host.is_empty() {
                        <p class="host" id="host"><bdi>{ &props.link.host }</bdi></p>
                    }
                    if props.link.from_outside {
                        <p>{ text.say("link-from-outside") }</p>
                    }
                    if failure.is_none() {
                        <p class="muted">{ text.say("link-nothing-yet") }</p>
                    }
                    <div class="buttons even">
                        <button type="button" id="stop" onclick={stop.reform(|_: MouseEvent| ())}>{ if gone { text.say("close") } else { text.say("stop") } }</button>
                        if !gone {
                            <button type="button" id="continue" onclick={go_on.reform(|_: MouseEvent| ())}>
                                { if failure.is_some() { text.say("try-again") } else { text.say("continue") } }
                            </button>
                        }
                    </div>
                }
            </Page>
        </div>
    }
}
