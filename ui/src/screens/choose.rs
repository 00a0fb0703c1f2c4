//! Which card, where several fit.

use std::rc::Rc;

use ipc::{Ask, Choice, ChooseReview, Failure, SetOption};
use yew::prelude::*;

use super::cards::CardFace;
use super::consent::share_title_name;
use crate::components::{ErrorSummary, FailureNote, FieldError, Page, VerdictLine};
use crate::route::Route;
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct ChooseProps {
    /// The review.
    pub(crate) review: Rc<ChooseReview>,
}

/// Cards to choose from. Nothing is chosen beforehand but what has no alternative.
#[component]
pub(crate) fn Choose(props: &ChooseProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let review = &props.review;
    let picks = use_state(|| first_picks(review));
    let failure = use_state(|| None::<Failure>);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let busy = use_state(|| false);
    let stop = {
        let (shell, id) = (shell.clone(), review.review.clone());
        Callback::from(move |_: MouseEvent| shell.stop(id.clone()))
    };
    let go_on = {
        let (shell, review, picks) = (shell.clone(), review.clone(), picks.clone());
        let (failure, errors, attempt, busy) = (
            failure.clone(),
            errors.clone(),
            attempt.clone(),
            busy.clone(),
        );
        Callback::from(move |_: MouseEvent| {
            attempt.set(*attempt + 1);
            failure.set(None);
            if !complete(&review, &picks) {
                errors.set(vec![FieldError {
                    field: "main",
                    words: shell.text().say("choose-missing"),
                }]);
                return;
            }
            errors.set(Vec::new());
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            shell.ask(
                ipc::Choose {
                    review: review.review.clone(),
                    choice: (*picks).clone(),
                },
                move |answer| {
                    busy.set(false);
                    match answer {
                        Ok(review) => then.go(Route::Consent(Rc::new(review))),
                        Err(found) => failure.set(Some(found)),
                    }
                },
            );
        })
    };
    let service = share_title_name(&review.service);
    html! {
        <Page title={text.say_with("choose-title", &[("service", service.into())])}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} nothing_shared=true />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <p><VerdictLine verdict={review.service.verdict} checked_at={review.service.checked_at} /></p>
            <p>{ text.say("choose-lead") }</p>
            { for review.sets.iter().enumerate().map(|(set, wanted)| {
                let chosen = picks.get(set).map_or(0, |choice| choice.option);
                html! {
                    <section class="wanted">
                        if review.sets.len() > 1 {
                            <h2>{ if wanted.required {
                                text.say_with("choose-required", &[("number", (set + 1).into())])
                            } else {
                                text.say_with("choose-optional", &[("number", (set + 1).into())])
                            } }</h2>
                        }
                        if wanted.options.len() > 1 {
                            <OptionChoice {set} options={wanted.options.clone()} {chosen} onchoose={choose_option(review, &picks, set)} />
                        }
                        if let Some(option) = wanted.options.get(chosen) {
                            { for option.asks.iter().enumerate().map(|(ask, asked)| html! {
                                <AskChoice {set} {ask} asked={asked.clone()}
                                    picked={picks.get(set).and_then(|c| c.cards.get(ask)).cloned().unwrap_or_default()}
                                    onpick={pick(&picks, set, ask, asked.multiple)} />
                            }) }
                        }
                    </section>
                }
            }) }
            <div class="buttons even">
                <button type="button" id="dont-share" disabled={*busy} onclick={stop}>{ text.say("stop") }</button>
                <button type="button" id="choose" disabled={*busy} onclick={go_on}>{ text.say("choose-do") }</button>
            </div>
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct OptionChoiceProps {
    set: usize,
    options: Vec<SetOption>,
    chosen: usize,
    onchoose: Callback<usize>,
}

#[component]
fn OptionChoice(props: &OptionChoiceProps) -> Html {
    let text = use_shell().text();
    html! {
        <fieldset>
            <legend>{ text.say("choose-way") }</legend>
            { for props.options.iter().enumerate().map(|(index, option)| {
                let id = format!("way-{}-{index}", props.set);
                let cards: Vec<String> = option.asks.iter().filter_map(|ask| ask.cards.first().map(|card| card.title.clone())).collect();
                html! {
                    <div class="tick">
                        <input type="radio" id={id.clone()} name={format!("way-{}", props.set)} checked={props.chosen == index}
                            onchange={props.onchoose.reform(move |_: Event| index)} />
                        <label for={id}>{ text.list(&cards) }</label>
                    </div>
                }
            }) }
        </fieldset>
    }
}

#[derive(PartialEq, Properties)]
struct AskChoiceProps {
    set: usize,
    ask: usize,
    asked: Ask,
    picked: Vec<usize>,
    onpick: Callback<(usize, bool)>,
}

#[component]
fn AskChoice(props: &AskChoiceProps) -> Html {
    let text = use_shell().text();
    let kind = if props.asked.multiple {
        "checkbox"
    } else {
        "radio"
    };
    html! {
        <fieldset class="choice">
            <legend>{ text.say_with("choose-card", &[("details", text.list(&props.asked.details).into())]) }</legend>
            { for props.asked.cards.iter().enumerate().map(|(index, card)| {
                let id = format!("pick-{}-{}-{index}", props.set, props.ask);
                let onchange = props.onpick.reform(move |event: Event| {
                    let on = event.target_dyn_into::<web_sys::HtmlInputElement>().is_some_and(|input| input.checked());
                    (index, on)
                });
                html! {
                    <div class="pick">
                        <input type={kind} id={id.clone()} name={format!("pick-{}-{}", props.set, props.ask)} data-card={card.id.clone()}
                            checked={props.picked.contains(&index)} {onchange} />
                        <label for={id.clone()} class="card-row"><CardFace card={card.clone()} /></label>
                        <p class="hint">{ text.say_with("choose-added", &[("day", text.day(card.added_at).into())]) }</p>
                    </div>
                }
            }) }
        </fieldset>
    }
}

fn choose_option(
    review: &Rc<ChooseReview>,
    picks: &UseStateHandle<Vec<Choice>>,
    set: usize,
) -> Callback<usize> {
    let (review, picks) = (review.clone(), picks.clone());
    Callback::from(move |option: usize| {
        let mut next = (*picks).clone();
        let wanted = review
            .sets
            .get(set)
            .and_then(|wanted| wanted.options.get(option));
        if let (Some(choice), Some(wanted)) = (next.get_mut(set), wanted) {
            *choice = pick_single(option, wanted);
        }
        picks.set(next);
    })
}

fn pick(
    picks: &UseStateHandle<Vec<Choice>>,
    set: usize,
    ask: usize,
    multiple: bool,
) -> Callback<(usize, bool)> {
    let picks = picks.clone();
    Callback::from(move |(index, on): (usize, bool)| {
        let mut next = (*picks).clone();
        if let Some(cards) = next
            .get_mut(set)
            .and_then(|choice| choice.cards.get_mut(ask))
        {
            if multiple {
                cards.retain(|card| *card != index);
                if on {
                    cards.push(index);
                    cards.sort_unstable();
                }
            } else if on {
                *cards = vec![index];
            }
        }
        picks.set(next);
    })
}

/// The first option of each set, and the card where only one fits.
fn first_picks(review: &ChooseReview) -> Vec<Choice> {
    review
        .sets
        .iter()
        .map(|wanted| {
            wanted.options.first().map_or(
                Choice {
                    option: 0,
                    cards: Vec::new(),
                },
                |option| pick_single(0, option),
            )
        })
        .collect()
}

fn pick_single(index: usize, option: &SetOption) -> Choice {
    Choice {
        option: index,
        cards: option
            .asks
            .iter()
            .map(|ask| {
                if ask.cards.len() == 1 {
                    vec![0]
                } else {
                    Vec::new()
                }
            })
            .collect(),
    }
}

fn complete(review: &ChooseReview, picks: &[Choice]) -> bool {
    review.sets.len() == picks.len()
        && picks
            .iter()
            .all(|choice| choice.cards.iter().all(|cards| !cards.is_empty()))
}

#[cfg(test)]
mod tests {
    use ipc::{CardRow, CardState, ReviewId, ServiceView, Verdict, WantedSet};

    use super::*;

    fn card() -> CardRow {
        CardRow {
            id: "c".into(),
            title: "Card".into(),
            issuer: "Issuer".into(),
            state: CardState::Valid,
            valid_until: None,
            added_at: 0,
            colour: None,
            face: None,
        }
    }

    fn review(cards: usize) -> ChooseReview {
        ChooseReview {
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
            sets: vec![WantedSet {
                required: true,
                options: vec![SetOption {
                    asks: vec![Ask {
                        details: vec!["Name".into()],
                        cards: vec![card(); cards],
                        multiple: false,
                    }],
                }],
            }],
        }
    }

    #[test]
    fn only_what_has_no_alternative_is_chosen_beforehand() {
        let one = review(1);
        assert!(complete(&one, &first_picks(&one)));
        let two = review(2);
        assert!(!complete(&two, &first_picks(&two)));
    }

    #[test]
    fn a_choice_for_every_set_is_needed() {
        assert!(!complete(&review(1), &[]));
    }
}
