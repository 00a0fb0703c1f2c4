//! What to say where no card fits.

use std::rc::Rc;

use ipc::{MissingCard, MissingReview, Stop, StoppedCard};
use yew::prelude::*;

use super::consent::share_title_name;
use crate::components::{Note, Page, Tone};
use crate::route::Route;
use crate::state::use_shell;
use crate::text::{Text, kind_key};

#[derive(PartialEq, Properties)]
pub(crate) struct MissingProps {
    /// The review.
    pub(crate) review: Rc<MissingReview>,
}

/// No card fits: what is missing. The service hears of it only if the citizen says so, and then
/// the same as of any refusal.
#[component]
pub(crate) fn Missing(props: &MissingProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let review = &props.review;
    // Where nothing would have been sent, there is nobody to tell.
    let at_desk = review.service.website.is_empty();
    let close = {
        let (shell, id) = (shell.clone(), review.review.clone());
        Callback::from(move |()| shell.stop(id.clone()))
    };
    let tell = {
        let (shell, review) = (shell.clone(), review.clone());
        Callback::from(move |_: MouseEvent| {
            let (then, name) = (shell.clone(), review.service.name.clone());
            shell.ask(
                Stop {
                    review: review.review.clone(),
                    tell: true,
                },
                move |_| then.go(Route::NotShared(name, true)),
            );
        })
    };
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    let (title, lead) = heading(&text, review);
    let stopped = !review.stopped.is_empty();
    html! {
        <div {onkeydown}>
            <Page {title}>
                <p class="lead">{ lead }</p>
                { for review.stopped.iter().map(|card| html! {
                    <Note tone={Tone::Warn} title={card.title.clone()}><p>{ why_stopped(&text, card) }</p></Note>
                }) }
                { for review.missing.iter().map(|missing| html! { <Lack missing={missing.clone()} {stopped} /> }) }
                <p>{ next(&text, review, at_desk) }</p>
                <div class="buttons even">
                    <button type="button" id="close" onclick={close.reform(|_: MouseEvent| ())}>{ text.say("missing-close") }</button>
                    if !at_desk {
                        <button type="button" id="tell" onclick={tell}>{ text.say("missing-tell") }</button>
                    }
                </div>
            </Page>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct LackProps {
    missing: MissingCard,
    /// Cards that would have been asked about are here, and stopped.
    stopped: bool,
}

/// One card that is asked for, and why none here will do.
#[component]
fn Lack(props: &LackProps) -> Html {
    let text = use_shell().text();
    let missing = &props.missing;
    let wanted = text.say(&kind_key("card-format", &missing.format));
    html! {
        <Note tone={Tone::Info} title={missing.title.clone()}>
            if missing.in_other_format.is_empty() {
                <p>{ lack(&text, missing, props.stopped) }</p>
            } else {
                <dl class="facts other-format">
                    <div><dt>{ text.say("missing-format-here") }</dt><dd>
                        { for cards_here(&text, missing).into_iter().map(|card| html! { <p><bdi>{ card }</bdi></p> }) }
                    </dd></div>
                    <div><dt>{ text.say("missing-format-wanted") }</dt><dd>{ wanted }</dd></div>
                </dl>
            }
            if !missing.details.is_empty() {
                <p>{ text.say_with("missing-details", &[("details", text.list(&missing.details).into())]) }</p>
            }
        </Note>
    }
}

fn lack(text: &Text, missing: &MissingCard, stopped: bool) -> String {
    match (missing.have_other, stopped) {
        (true, _) => text.say("missing-other"),
        (false, true) => text.say("missing-none-valid"),
        (false, false) => text.say("missing-none"),
    }
}

fn why_stopped(text: &Text, card: &StoppedCard) -> String {
    match card.suspended {
        true => text.say("missing-suspended"),
        false => text.say("missing-withdrawn"),
    }
}

/// The title, and the sentence below it.
fn heading(text: &Text, review: &MissingReview) -> (String, String) {
    let service = [("service", share_title_name(&review.service).into())];
    if !review.stopped.is_empty() {
        let lead = text.say_with("missing-stopped-lead", &service);
        (text.say("missing-stopped-title"), lead)
    } else if only_formats(review) {
        let lead = text.say_with("missing-format-lead", &service);
        (text.say("missing-format-title"), lead)
    } else {
        let lead = text.say_with("missing-lead", &service);
        (text.say("missing-title"), lead)
    }
}

/// The cards of one kind that are here in other formats; those that are alike once.
fn cards_here(text: &Text, missing: &MissingCard) -> Vec<String> {
    let mut cards: Vec<String> = Vec::new();
    for here in &missing.in_other_format {
        let format = text.say(&kind_key("card-format", &here.format));
        let named = [("format", format.into()), ("issuer", (&here.issuer).into())];
        let card = text.say_with("missing-format-card", &named);
        if !cards.contains(&card) {
            cards.push(card);
        }
    }
    cards
}

/// Whether nothing is missing but that the cards are in other formats.
fn only_formats(review: &MissingReview) -> bool {
    let mut missing = review.missing.iter();
    missing.all(|card| !card.in_other_format.is_empty()) && !review.missing.is_empty()
}

/// What there is to do.
fn next(text: &Text, review: &MissingReview, at_desk: bool) -> String {
    let told = if at_desk {
        text.say("missing-untold-desk")
    } else {
        text.say("missing-untold")
    };
    let what = if !review.stopped.is_empty() {
        text.say("missing-stopped-next")
    } else if only_formats(review) {
        let mut issuers: Vec<String> = Vec::new();
        for here in review.missing.iter().flat_map(|card| &card.in_other_format) {
            if !issuers.contains(&here.issuer) {
                issuers.push(here.issuer.clone());
            }
        }
        text.say_with(
            "missing-format-next",
            &[
                ("issuers", text.list(&issuers).into()),
                ("service", share_title_name(&review.service).into()),
            ],
        )
    } else {
        text.say("missing-next")
    };
    format!("{what} {told}")
}

#[cfg(test)]
mod tests {
    use ipc::{CardFormat, OtherFormat, ReviewId, ServiceView, Verdict};

    use super::*;

    fn review(here: &[&[&str]]) -> MissingReview {
        let card = |issuers: &&[&str]| MissingCard {
            title: "Card".into(),
            details: Vec::new(),
            have_other: false,
            format: CardFormat::Mdoc,
            in_other_format: issuers
                .iter()
                .map(|issuer| OtherFormat {
                    issuer: (*issuer).into(),
                    format: CardFormat::SdJwt,
                })
                .collect(),
        };
        MissingReview {
            review: ReviewId("r".into()),
            service: ServiceView {
                name: "Library (demo)".into(),
                name_listed: true,
                id: "x".into(),
                website: "library.example".into(),
                verdict: Verdict::Listed,
                checked_at: None,
                times: 0,
                since: None,
            },
            missing: here.iter().map(card).collect(),
            stopped: Vec::new(),
        }
    }

    #[test]
    fn a_card_in_another_format_has_an_issuer_to_ask() {
        let text = Text::load("en");
        let words = next(
            &text,
            &review(&[&["North (demo)"], &["North (demo)"]]),
            false,
        );
        assert_eq!(words.matches("North (demo)").count(), 1, "{words}");
        let twice = review(&[&["North (demo)", "North (demo)"]]);
        assert_eq!(
            cards_here(&text, &twice.missing[0]),
            ["SD-JWT card, from North (demo)"]
        );
        assert!(words.contains("Library (demo)"), "{words}");
        let at_desk = next(&text, &review(&[&["North (demo)"]]), true);
        assert!(at_desk.ends_with("Nobody has been told anything."));
    }

    #[test]
    fn where_a_card_is_missing_altogether_that_is_said() {
        let text = Text::load("en");
        let some = review(&[&["North (demo)"], &[]]);
        assert!(!only_formats(&some) && !only_formats(&review(&[])));
        assert!(!next(&text, &some, false).contains("North (demo)"));
    }

    #[test]
    fn a_card_that_its_issuer_stopped_is_not_called_absent() {
        let text = Text::load("en");
        let mut review = review(&[&[]]);
        let absent = (heading(&text, &review), next(&text, &review, true));
        let words =
            |review: &MissingReview| lack(&text, &review.missing[0], !review.stopped.is_empty());
        let none = words(&review);
        for suspended in [true, false] {
            review.stopped = vec![StoppedCard {
                title: "Card".into(),
                suspended,
            }];
            let said = (heading(&text, &review), next(&text, &review, true));
            assert_ne!(said.0.0, absent.0.0);
            assert!(said.0.1.contains("Library (demo)") && said.0.1.contains("Nothing was shared"));
            assert_ne!(said.1, absent.1);
            assert_ne!(words(&review), none);
            let why = why_stopped(&text, &review.stopped[0]);
            assert_eq!(why.contains("suspended"), suspended, "{why}");
        }
    }
}
