//! What happened: a timeline by month. Names and counts, never values.

use std::rc::Rc;

use ipc::{EventKind, EventRow};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::{FailureNote, Icon, Page, Shape, Working};
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::{Text, kind_key};

/// How many events are drawn before "Show more".
const FIRST: usize = 100;

/// The timeline.
#[component]
pub(crate) fn History() -> Html {
    let text = use_shell().text();
    let loaded = use_answer(ipc::History, 0);
    html! {
        <Page title={text.say("history-title")}>
            <p>{ text.say("history-lead") }</p>
            { match loaded {
                Loaded::Waiting => html! { <Working label={text.say("history-loading")} /> },
                Loaded::Failed(failure) => html! { <FailureNote {failure} /> },
                Loaded::Ready(events) if events.is_empty() => html! { <p id="no-events">{ text.say("history-empty") }</p> },
                Loaded::Ready(events) => html! { <Timeline {events} /> },
            } }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct TimelineProps {
    events: Rc<Vec<EventRow>>,
}

#[component]
fn Timeline(props: &TimelineProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let who = use_state(String::new);
    let limit = use_state(|| FIRST);
    let names = services(&props.events);
    let chosen: Vec<&EventRow> = props
        .events
        .iter()
        .filter(|event| who.is_empty() || event.who.as_deref() == Some(who.as_str()))
        .collect();
    let total = chosen.len();
    let months = by_month(chosen.into_iter().take(*limit), &text);
    let onchange = {
        let (who, limit) = (who.clone(), limit.clone());
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                who.set(select.value());
                limit.set(FIRST);
            }
        })
    };
    let more = {
        let limit = limit.clone();
        Callback::from(move |_: MouseEvent| limit.set(*limit + FIRST))
    };
    html! {
        <>
            if names.len() > 1 {
                <div class="field">
                    <label for="who">{ text.say("history-filter") }</label>
                    <select id="who" {onchange}>
                        <option value="" selected={who.is_empty()}>{ text.say("history-everyone") }</option>
                        { for names.iter().map(|name| html! { <option value={name.clone()} selected={*who == *name}>{ name }</option> }) }
                    </select>
                </div>
            }
            { for months.iter().map(|(month, events)| html! {
                <section class="month">
                    <h2>{ month }</h2>
                    <ul class="timeline" role="list">
                        { for events.iter().map(|event| {
                            let (shell, id) = (shell.clone(), event.id.clone());
                            let onclick = Callback::from(move |_: MouseEvent| shell.go(Route::Event(id.clone())));
                            html! {
                                <li><button type="button" class="event-row" data-event={event.id.clone()} {onclick}>
                                    <EventSign event={(*event).clone()} />
                                    <span class="event-words">{ sentence(&text, event) }</span>
                                    <span class="event-time muted">{ text.day_and_time(event.at) }</span>
                                </button></li>
                            }
                        }) }
                    </ul>
                </section>
            }) }
            if total > *limit {
                <button type="button" id="more" onclick={more}>{ text.say_with("history-more", &[("count", (total - *limit).into())]) }</button>
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct EventSignProps {
    event: EventRow,
}

#[component]
fn EventSign(props: &EventSignProps) -> Html {
    let (class, shape) = match (props.event.kind, props.event.outcome) {
        (EventKind::Shared, Some(ipc::Outcome::Unknown)) => ("sign warn", Shape::Unknown),
        (EventKind::Shared, Some(ipc::Outcome::Refused | ipc::Outcome::NotSent)) => {
            ("sign danger", Shape::Stop)
        }
        (EventKind::Shared | EventKind::Added, _) => ("sign ok", Shape::Good),
        _ => ("sign", Shape::Info),
    };
    html! { <span {class}><Icon {shape} /></span> }
}

/// One event in a sentence.
pub(crate) fn sentence(text: &Text, event: &EventRow) -> String {
    let who = event
        .who
        .clone()
        .unwrap_or_else(|| text.say("event-somebody"));
    let cards = if event.cards.is_empty() {
        text.say("event-a-card")
    } else {
        text.list(&event.cards)
    };
    match (event.kind, event.outcome) {
        (EventKind::Added, _) => text.say_with(
            "event-line-added",
            &[("cards", cards.into()), ("who", who.into())],
        ),
        (EventKind::Shared, outcome) => {
            let values = [("count", event.details.into()), ("who", who.into())];
            match outcome {
                Some(ipc::Outcome::Unknown) => text.say_with("event-line-unknown", &values),
                Some(ipc::Outcome::Refused) => text.say_with("event-line-refused", &values),
                Some(ipc::Outcome::NotSent) => text.say_with("event-line-not-sent", &values),
                Some(ipc::Outcome::Shown) => text.say_with("event-line-shown", &values),
                Some(ipc::Outcome::Delivered) | None => text.say_with("event-line-shared", &values),
            }
        }
        (EventKind::Declined, _) => text.say_with("event-line-declined", &[("who", who.into())]),
        (EventKind::Deleted, _) => text.say_with("event-line-deleted", &[("cards", cards.into())]),
        (kind, _) => text.say(&kind_key("event", &kind)),
    }
}

/// Everyone that the history names, in order of the alphabet.
fn services(events: &[EventRow]) -> Vec<String> {
    let mut names: Vec<String> = events
        .iter()
        .filter_map(|event| event.who.clone())
        .collect();
    names.sort();
    names.dedup();
    names
}

fn by_month<'a>(
    events: impl Iterator<Item = &'a EventRow>,
    text: &Text,
) -> Vec<(String, Vec<&'a EventRow>)> {
    let mut months: Vec<(String, Vec<&EventRow>)> = Vec::new();
    for event in events {
        let month = text.month(event.at);
        match months.last_mut() {
            Some((last, events)) if *last == month => events.push(event),
            _ => months.push((month, vec![event])),
        }
    }
    months
}

#[cfg(test)]
mod tests {
    use ipc::Outcome;

    use super::*;

    fn event(at: i64, kind: EventKind, outcome: Option<Outcome>) -> EventRow {
        EventRow {
            id: at.to_string(),
            at,
            kind,
            who: Some("Northgate Library (demo)".into()),
            cards: vec!["Licence".into()],
            details: 2,
            outcome,
        }
    }

    #[test]
    fn a_sentence_says_what_is_known_and_no_more() {
        let text = Text::load("en");
        let line = |outcome| sentence(&text, &event(0, EventKind::Shared, Some(outcome)));
        assert_eq!(
            line(Outcome::Delivered),
            "Shared 2 details with Northgate Library (demo)"
        );
        assert!(line(Outcome::Unknown).contains("may have"));
        assert!(line(Outcome::NotSent).starts_with("Nothing"));
    }

    #[test]
    fn events_stand_below_their_month() {
        let text = Text::load("en");
        let events = [
            event(1_804_032_000, EventKind::Added, None),
            event(1_804_031_999, EventKind::Deleted, None),
            event(1_801_440_000, EventKind::Declined, None),
        ];
        let months = by_month(events.iter(), &text);
        assert_eq!(months.len(), 2);
        assert_eq!(months[0].0, "March 2027");
        assert_eq!(months[0].1.len(), 2);
    }

    #[test]
    fn everyone_is_named_once() {
        let events = [
            event(1, EventKind::Added, None),
            event(2, EventKind::Added, None),
        ];
        assert_eq!(services(&events), ["Northgate Library (demo)"]);
    }
}
