//! An offer: who offers, what the ledger says, exactly what the card will hold, and the code.

use std::rc::Rc;

use ipc::{
    AcceptOffer, CodeMode, Failure, FailureKind, OfferReview, Retry, Secret, Tick, WarningKind,
};
use web_sys::SubmitEvent;
use yew::prelude::*;

use super::tx_code;
use crate::components::{
    ErrorSummary, FailureNote, Field, FieldError, Page, Tickbox, VerdictLine, Warnings, Working,
};
use crate::dom;
use crate::route::Route;
use crate::state::use_shell;
use crate::text::{Text, kind_key};

#[derive(PartialEq, Properties)]
pub(crate) struct OfferProps {
    /// The review.
    pub(crate) review: Rc<OfferReview>,
}

/// An offer to decide on.
#[component]
pub(crate) fn Offer(props: &OfferProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let review = &props.review;
    let code = use_node_ref();
    let ticked = use_state(Vec::<Tick>::new);
    let chosen = use_state(|| vec![true; review.cards.len()]);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let blocked = review.blocked();
    // After a wrong code the review stands where the issuer lets the citizen try again; after
    // anything else it is used up.
    let over = failure.as_ref().is_some_and(|failure| {
        failure.kind != FailureKind::WrongSecret || failure.retry == Retry::No
    });
    let stop = {
        let (shell, id) = (shell.clone(), review.review.clone());
        Callback::from(move |()| shell.stop(id.clone()))
    };
    let ontick = {
        let ticked = ticked.clone();
        Callback::from(move |(tick, on)| ticked.set(with(&ticked, tick, on)))
    };
    let onsubmit = {
        let (shell, review, code) = (shell.clone(), review.clone(), code.clone());
        let (ticked, chosen, errors) = (ticked.clone(), chosen.clone(), errors.clone());
        let (attempt, failure, busy) = (attempt.clone(), failure.clone(), busy.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || blocked || over {
                return;
            }
            let text = shell.text();
            attempt.set(*attempt + 1);
            failure.set(None);
            let cards: Vec<usize> = (0..review.cards.len())
                .filter(|index| chosen.get(*index).copied().unwrap_or(false))
                .collect();
            let mut found = missing_ticks(&review.ticks, &ticked, &text);
            if cards.is_empty() {
                found.push(FieldError {
                    field: "card-0",
                    words: text.say("offer-none-chosen"),
                });
            }
            let mut tx_code = None;
            if let Some(shape) = &review.tx_code {
                match tx_code::read(shape, &dom::value_of(&code)) {
                    Ok(typed) => tx_code = Some(Secret::new(typed)),
                    Err(wrong) => found.push(FieldError {
                        field: "tx-code",
                        words: wrong.words(&text),
                    }),
                }
            }
            errors.set(found.clone());
            if !found.is_empty() {
                return;
            }
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            shell.ask(
                AcceptOffer {
                    review: review.review.clone(),
                    cards,
                    tx_code,
                    ticks: review.ticks.clone(),
                },
                move |answer| {
                    busy.set(false);
                    match answer {
                        Ok(added) => then.go(Route::Added(Rc::new(added))),
                        Err(found) => failure.set(Some(found)),
                    }
                },
            );
        })
    };
    let onkeydown = {
        let (stop, busy) = (stop.clone(), busy.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && !*busy {
                stop.emit(());
            }
        })
    };
    let title = text.say_with(
        "offer-title",
        &[
            ("count", review.cards.len().into()),
            ("issuer", (&review.issuer.name).into()),
        ],
    );
    let several = review.cards.len() > 1;
    let key_comes_later = review
        .warnings
        .iter()
        .any(|warning| warning.kind == WarningKind::IssuerNotYetKnown);
    html! {
        <div {onkeydown}>
            <Page {title}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} nothing_shared=true />
                }
                <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
                <form {onsubmit} novalidate=true>
                    <Warnings warnings={review.warnings.clone()} ticked={(*ticked).clone()} needed={review.ticks.clone()} {ontick} />
                    <section>
                        <h2>{ text.say("offer-who") }</h2>
                        <dl class="facts">
                            <div><dt>{ text.say("card-issuer") }</dt><dd><bdi>{ &review.issuer.name }</bdi>
                                if !review.issuer.name_listed {
                                    <p class="muted small">{ text.say("name-not-listed") }</p>
                                }
                            </dd></div>
                            <div><dt>{ text.say("card-ledger-says") }</dt><dd id="verdict">
                                if key_comes_later {
                                    { text.say("offer-ledger-later") }
                                } else {
                                    <VerdictLine verdict={review.issuer.verdict} checked_at={review.issuer.checked_at} />
                                }
                            </dd></div>
                            <div><dt>{ text.say("offer-from") }</dt><dd><bdi>{ &review.host }</bdi></dd></div>
                            <div><dt>{ text.say("card-issuer-id") }</dt><dd><bdi class="id">{ &review.issuer.id }</bdi></dd></div>
                        </dl>
                    </section>
                    <section>
                        <h2>{ text.say_with("offer-what", &[("count", review.cards.len().into())]) }</h2>
                        { for review.cards.iter().enumerate().map(|(index, card)| {
                            let onchange = {
                                let chosen = chosen.clone();
                                Callback::from(move |on: bool| {
                                    let mut next = (*chosen).clone();
                                    if let Some(slot) = next.get_mut(index) {
                                        *slot = on;
                                    }
                                    chosen.set(next);
                                })
                            };
                            html! {
                                <div class="offered">
                                    if several {
                                        <Tickbox id={format!("card-{index}")} label={card.title.clone()} checked={chosen.get(index).copied().unwrap_or(false)} {onchange} />
                                    } else {
                                        <h3><bdi>{ &card.title }</bdi></h3>
                                    }
                                    if card.contents.is_empty() {
                                        <p>{ text.say("offer-contents-unknown") }</p>
                                    } else {
                                        <p>{ text.say("offer-contents") }</p>
                                        <ul class="contents">{ for card.contents.iter().map(|name| html! { <li><bdi>{ name }</bdi></li> }) }</ul>
                                    }
                                    <p class="muted small">{ text.say_with("offer-copies", &[("count", card.copies.into())]) }</p>
                                </div>
                            }
                        }) }
                    </section>
                    if let (Some(shape), false) = (&review.tx_code, blocked) {
                        <section>
                            <h2>{ text.say("offer-code-title") }</h2>
                            if let Some(words) = &shape.description {
                                <blockquote><bdi>{ words }</bdi></blockquote>
                            }
                            <Field id="tx-code" class="short" label={text.say("offer-code")}
                                hint={AttrValue::from(code_hint(&text, shape))}
                                error={FieldError::of(&errors, "tx-code")}
                                inputmode={AttrValue::from(match shape.mode { CodeMode::Numeric => "numeric", CodeMode::Text => "text" })}
                                autocomplete="one-time-code" input={code} />
                        </section>
                    }
                    if *busy {
                        <Working label={text.say("offer-working")} onstop={stop.clone()} />
                    }
                    if blocked {
                        <p><strong>{ text.say("offer-blocked") }</strong></p>
                    }
                    <div class="buttons even">
                        <button type="button" id="dont-add" disabled={*busy} onclick={stop.reform(|_: MouseEvent| ())}>
                            { if blocked || over { text.say("close") } else { text.say("offer-refuse") } }
                        </button>
                        if !blocked && !over {
                            <button type="submit" id="accept" disabled={*busy}>{ text.say_with("offer-accept", &[("count", review.cards.len().into())]) }</button>
                        }
                    </div>
                </form>
            </Page>
        </div>
    }
}

fn code_hint(text: &Text, shape: &ipc::TxCodeView) -> String {
    match (shape.mode, shape.length) {
        (CodeMode::Numeric, Some(length)) => {
            text.say_with("code-hint-digits", &[("count", length.into())])
        }
        (CodeMode::Numeric, None) => text.say("code-hint-digits-any"),
        (CodeMode::Text, Some(length)) => {
            text.say_with("code-hint-characters", &[("count", length.into())])
        }
        (CodeMode::Text, None) => text.say("code-hint-any"),
    }
}

/// The ticks with one more or less.
pub(crate) fn with(ticked: &[Tick], tick: Tick, on: bool) -> Vec<Tick> {
    let mut next: Vec<Tick> = ticked.iter().copied().filter(|t| *t != tick).collect();
    if on {
        next.push(tick);
    }
    next
}

/// An error for each needed tick that was not given.
pub(crate) fn missing_ticks(needed: &[Tick], ticked: &[Tick], text: &Text) -> Vec<FieldError> {
    needed
        .iter()
        .filter(|tick| !ticked.contains(tick))
        .map(|tick| FieldError {
            field: match tick {
                Tick::Unlisted => "tick-unlisted",
                Tick::OverAsking => "tick-over-asking",
                Tick::Photo => "tick-photo",
            },
            words: text.say(&kind_key("tick-missing", tick)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_needed_tick_is_asked_for_by_itself() {
        let text = Text::load("en");
        let needed = [Tick::Unlisted, Tick::OverAsking];
        let missing = missing_ticks(&needed, &[Tick::Unlisted], &text);
        assert_eq!(missing.len(), 1);
        assert_eq!(missing[0].field, "tick-over-asking");
        assert!(missing_ticks(&needed, &needed, &text).is_empty());
    }

    #[test]
    fn the_fields_of_ticks_are_their_ids_on_the_screen() {
        let text = Text::load("en");
        for tick in Tick::ALL {
            let error = &missing_ticks(&[*tick], &[], &text)[0];
            assert_eq!(error.field, kind_key("tick", tick));
        }
    }

    #[test]
    fn ticks_go_on_and_off() {
        let on = with(&[], Tick::Photo, true);
        assert_eq!(on, [Tick::Photo]);
        assert_eq!(with(&on, Tick::Photo, true), [Tick::Photo]);
        assert!(with(&on, Tick::Photo, false).is_empty());
    }
}
