//! One event: names of the details, reason, outcome, and the way to forget it.

use std::rc::Rc;

use ipc::{EventView, Failure, ForgetEvent, ReadEvent, ShownAs};
use yew::prelude::*;

use super::consent_parts::contact_words;
use super::history::sentence;
use crate::components::{FailureNote, Page, Question, VerdictLine, Working};
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::kind_key;

#[derive(PartialEq, Properties)]
pub(crate) struct EventProps {
    /// The event's id.
    pub(crate) id: AttrValue,
}

/// One event.
#[component]
pub(crate) fn Event(props: &EventProps) -> Html {
    let text = use_shell().text();
    match use_answer(
        ReadEvent {
            id: props.id.to_string(),
        },
        0,
    ) {
        Loaded::Ready(event) => html! { <Whole {event} /> },
        Loaded::Waiting => html! { <Working label={text.say("history-loading")} /> },
        Loaded::Failed(failure) => html! {
            <Page title={text.say("event-gone")} back={Route::History}><FailureNote {failure} /></Page>
        },
    }
}

#[derive(PartialEq, Properties)]
struct WholeProps {
    event: Rc<EventView>,
}

#[component]
fn Whole(props: &WholeProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let event = &props.event;
    let asking = use_state(|| false);
    let failure = use_state(|| None::<Failure>);
    let ask = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(true))
    };
    let onanswer = {
        let (shell, asking, failure) = (shell.clone(), asking.clone(), failure.clone());
        let id = event.row.id.clone();
        Callback::from(move |yes: bool| {
            asking.set(false);
            if !yes {
                return;
            }
            let (then, failure) = (shell.clone(), failure.clone());
            shell.ask(ForgetEvent { id: id.clone() }, move |answer| match answer {
                Ok(_) => {
                    then.go(Route::History);
                    then.say(then.text().say("event-forgotten"));
                }
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    html! {
        <Page title={sentence(&text, &event.row)} back={Route::History}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <dl class="facts">
                <div><dt>{ text.say("event-what") }</dt><dd>{ text.say(&kind_key("event", &event.row.kind)) }</dd></div>
                <div><dt>{ text.say("event-when") }</dt><dd>{ text.day_and_time(event.row.at) }</dd></div>
                if let Some(outcome) = event.row.outcome {
                    <div><dt>{ text.say("event-outcome") }</dt><dd id="event-outcome">{ text.say(&kind_key("outcome", &outcome)) }</dd></div>
                }
                if let Some(shown) = event.shown {
                    <div><dt>{ text.say("consent-way") }</dt><dd id="event-way">{ match shown {
                        ShownAs::Code(until) => text.say_with("event-code", &[("time", text.day_and_time(until).into())]),
                        ShownAs::Pass(days) => text.say_with("event-pass", &[
                            ("first", text.day_by_utc(days.from).into()),
                            ("last", text.day_by_utc(days.until - 1).into()),
                        ]),
                    } }</dd></div>
                }
                if let Some(who) = &event.row.who {
                    <div><dt>{ text.say("event-who") }</dt><dd><bdi>{ who }</bdi></dd></div>
                }
                if let Some(id) = &event.who_id {
                    <div><dt>{ text.say("event-who-id") }</dt><dd><bdi class="id">{ id }</bdi></dd></div>
                }
                if let Some(verdict) = event.verdict {
                    <div><dt>{ text.say("event-ledger-then") }</dt><dd><VerdictLine {verdict} /></dd></div>
                }
                if let Some(reason) = &event.reason {
                    <div><dt>{ text.say("event-reason") }</dt><dd>{ text.say("quote-open") }<bdi>{ reason }</bdi>{ text.say("quote-close") }</dd></div>
                }
                if let Some(contact) = &event.contact {
                    <div><dt>{ text.say("event-contact") }</dt><dd><bdi class="selectable">{ contact_words(contact) }</bdi></dd></div>
                }
            </dl>
            if !event.details.is_empty() {
                <section>
                    <h2>{ text.say("event-details") }</h2>
                    <p class="muted">{ text.say("event-no-values") }</p>
                    { for event.details.iter().map(|detail| html! {
                        <>
                            <h3><bdi>{ &detail.card }</bdi></h3>
                            <ul>{ for detail.names.iter().map(|name| html! { <li><bdi>{ name }</bdi></li> }) }</ul>
                        </>
                    }) }
                </section>
            }
            <div class="buttons"><button type="button" class="danger" id="forget" onclick={ask}>{ text.say("event-forget") }</button></div>
            if *asking {
                <Question title={text.say("event-forget-title")} yes={text.say("event-forget-yes")} no={AttrValue::from(text.say("event-forget-no"))} {onanswer}>
                    <p>{ text.say("event-forget-text") }</p>
                </Question>
            }
        </Page>
    }
}
