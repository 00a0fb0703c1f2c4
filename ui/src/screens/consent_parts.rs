//! The parts of the consent page that only tell: who, why, what stays, whether they know you again.

use ipc::{PurposeView, Recognisability, ServiceView, StaysView, Way};
use yew::prelude::*;

use crate::components::VerdictLine;
use crate::state::use_shell;
use crate::text::{Text, kind_key};

#[derive(PartialEq, Properties)]
pub(super) struct WhoProps {
    /// Who asks.
    pub(super) service: ServiceView,
    /// How the details get there.
    pub(super) way: Way,
}

/// Who asks.
#[component]
pub(super) fn Who(props: &WhoProps) -> Html {
    let text = use_shell().text();
    let service = &props.service;
    let before = match (service.times, service.since) {
        (0, _) => text.say("consent-first-time"),
        (times, Some(since)) => text.say_with(
            "consent-times-since",
            &[("count", times.into()), ("since", text.month(since).into())],
        ),
        (times, None) => text.say_with("consent-times", &[("count", times.into())]),
    };
    html! {
        <section id="who">
            <h2>{ text.say("consent-who") }</h2>
            <dl class="facts">
                <div><dt>{ text.say("consent-name") }</dt><dd><bdi>{ &service.name }</bdi>
                    if !service.name_listed {
                        <p class="muted small">{ text.say("name-not-listed") }</p>
                    }
                </dd></div>
                <div><dt>{ text.say("card-ledger-says") }</dt><dd id="verdict"><VerdictLine verdict={service.verdict} checked_at={service.checked_at} /></dd></div>
                if props.way == Way::Sent {
                    <div><dt>{ text.say("consent-website") }</dt><dd><bdi>{ &service.website }</bdi></dd></div>
                } else {
                    <div id="way"><dt>{ text.say("consent-way") }</dt><dd>{ way_words(&text, props.way) }</dd></div>
                }
                <div><dt>{ text.say("consent-before") }</dt><dd>{ before }</dd></div>
            </dl>
        </section>
    }
}

/// How it gets to a desk, and what the desk makes of that.
fn way_words(text: &Text, way: Way) -> String {
    match way {
        Way::Sent => String::new(),
        Way::Code { live: true } => text.say("way-code-live"),
        Way::Code { live: false } => text.say("way-code-open"),
        Way::Pass(days) => {
            // It is good until the second before.
            let first = text.day_by_utc(days.from);
            let last = text.day_by_utc(days.until - 1);
            text.say_with(
                "way-pass",
                &[("first", first.into()), ("last", last.into())],
            )
        }
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct WhyProps {
    /// Why they ask.
    pub(super) purpose: Option<PurposeView>,
}

/// Why they ask: their words, in quotation marks.
#[component]
pub(super) fn Why(props: &WhyProps) -> Html {
    let text = use_shell().text();
    html! {
        <section id="why">
            <h2>{ text.say("consent-why") }</h2>
            if let Some(purpose) = &props.purpose {
                <blockquote>{ text.say("quote-open") }<bdi>{ &purpose.words }</bdi>{ text.say("quote-close") }</blockquote>
                <p class="muted small">{ if purpose.registered { text.say("consent-why-registered") } else { text.say("consent-why-request") } }</p>
                if let Some(basis) = &purpose.legal_basis {
                    <p>{ text.say_with("consent-basis", &[("basis", basis.into())]) }</p>
                }
                if let Some(contact) = &purpose.contact {
                    <p>{ text.say_with("consent-contact", &[("contact", contact_words(contact).into())]) }</p>
                }
            } else {
                <p>{ text.say("consent-no-reason") }</p>
            }
        </section>
    }
}

/// A contact as a person would write it down.
pub(super) fn contact_words(contact: &str) -> &str {
    contact.strip_prefix("mailto:").unwrap_or(contact)
}

#[derive(PartialEq, Properties)]
pub(super) struct StaysProps {
    /// What stays when only the required sets go.
    pub(super) stays: Vec<StaysView>,
    /// Card and label of what goes along with the chosen optional sets.
    pub(super) shared: Vec<(String, String)>,
}

/// What stays with the citizen.
#[component]
pub(super) fn Stays(props: &StaysProps) -> Html {
    let text = use_shell().text();
    let left = staying(&props.stays, &props.shared);
    html! {
        <section id="stays">
            <h2>{ text.say("consent-stays") }</h2>
            if left.is_empty() {
                <p>{ text.say("stays-nothing") }</p>
            } else {
                <ul>
                    { for left.iter().map(|(card, names)| html! {
                        <li>{ text.say_with("stays-of", &[
                            ("count", names.len().into()),
                            ("card", card.as_str().into()),
                            ("names", text.list(names).into()),
                        ]) }</li>
                    }) }
                </ul>
            }
        </section>
    }
}

fn staying(stays: &[StaysView], shared: &[(String, String)]) -> Vec<(String, Vec<String>)> {
    stays
        .iter()
        .map(|view| {
            let names = view
                .names
                .iter()
                .filter(|name| {
                    !shared
                        .iter()
                        .any(|(card, label)| *card == view.card && label == *name)
                })
                .cloned()
                .collect::<Vec<_>>();
            (view.card.clone(), names)
        })
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

#[derive(PartialEq, Properties)]
pub(super) struct RecognisedProps {
    /// Whether they can.
    pub(super) kind: Recognisability,
    /// The cards that cannot be recognised by themselves.
    pub(super) unlinkable: Vec<String>,
}

/// Whether they can recognise the citizen again.
#[component]
pub(super) fn Recognised(props: &RecognisedProps) -> Html {
    let text = use_shell().text();
    html! {
        <section id="recognise">
            <h2>{ text.say("consent-recognise") }</h2>
            <p>{ text.say(&kind_key("recognise", &props.kind)) }</p>
            if props.kind != Recognisability::Unlinkable {
                { for props.unlinkable.iter().map(|card| html! {
                    <p>{ text.say_with("recognise-not-by", &[("card", card.into())]) }</p>
                }) }
            }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_along_does_not_stay() {
        let stays = [StaysView {
            card: "Licence".into(),
            names: vec!["Photo".into(), "Address".into()],
        }];
        let photo = ("Licence".to_owned(), "Photo".to_owned());
        assert_eq!(staying(&stays, &[]).len(), 1);
        assert_eq!(
            staying(&stays, std::slice::from_ref(&photo)),
            [("Licence".to_owned(), vec!["Address".to_owned()])]
        );
        let address = ("Licence".to_owned(), "Address".to_owned());
        assert!(staying(&stays, &[photo, address]).is_empty());
        let elsewhere = ("Other".to_owned(), "Photo".to_owned());
        assert_eq!(staying(&stays, &[elsewhere])[0].1.len(), 2);
    }
}
