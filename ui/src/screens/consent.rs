//! Consent: one page, nine points, nothing prepared for yes.

use std::rc::Rc;

use ipc::{
    Failure, Onward, Retention, ServiceView, ShareReview, ShareSet, Stop, Tick, ValueView, Way,
};
use yew::prelude::*;

use super::consent_parts::{Recognised, Stays, Who, Why};
use super::decision::Decision;
use super::offer::{missing_ticks, with};
use crate::components::{
    ErrorSummary, FailureNote, FieldError, Page, ShownValue, Tickbox, Warnings, Working,
};
use crate::route::Route;
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct ConsentProps {
    /// The review.
    pub(crate) review: Rc<ShareReview>,
}

/// A request to decide on.
#[component]
pub(crate) fn Consent(props: &ConsentProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let review = &props.review;
    let optional = use_state(Vec::<usize>::new);
    let ticked = use_state(Vec::<Tick>::new);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let staple = use_state(|| false);
    let blocked = review.blocked();
    let closed = blocked || failure.is_some();
    let needed = needed_ticks(review, &optional);
    let count = shared_rows(review, &optional);

    let refuse = {
        let (shell, review, busy) = (shell.clone(), review.clone(), busy.clone());
        Callback::from(move |()| {
            if *busy {
                return;
            }
            let (then, name) = (shell.clone(), review.service.name.clone());
            let told = review.way == Way::Sent;
            shell.ask(
                Stop {
                    review: review.review.clone(),
                    tell: true,
                },
                // Told or not, nothing was shared.
                move |_| then.go(Route::NotShared(name, told)),
            );
        })
    };
    let share = {
        let (shell, review, optional) = (shell.clone(), review.clone(), optional.clone());
        let (ticked, needed, errors) = (ticked.clone(), needed.clone(), errors.clone());
        let (attempt, failure, busy) = (attempt.clone(), failure.clone(), busy.clone());
        let staple = staple.clone();
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            attempt.set(*attempt + 1);
            let found = missing_ticks(&needed, &ticked, &shell.text());
            errors.set(found.clone());
            if !found.is_empty() {
                return;
            }
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            let decision = Decision {
                review: review.clone(),
                optional: (*optional).clone(),
                ticks: needed.clone(),
                staple: *staple,
            };
            decision.carry_out(&shell, move |answer| {
                busy.set(false);
                match answer {
                    Ok(route) => then.go(route),
                    Err(found) => failure.set(Some(found)),
                }
            });
        })
    };
    let onkeydown = {
        let refuse = refuse.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                refuse.emit(());
            }
        })
    };
    let ontick = {
        let ticked = ticked.clone();
        Callback::from(move |(tick, on)| ticked.set(with(&ticked, tick, on)))
    };
    let change_card = review.choice.clone().map(|choice| {
        let shell = shell.clone();
        let onclick = Callback::from(move |_: MouseEvent| shell.go(Route::Choose(Rc::new(choice.clone()))));
        html! { <p><button type="button" class="link" id="change-card" {onclick}>{ text.say("consent-change-card") }</button></p> }
    });
    let named = [
        ("count", count.into()),
        ("service", share_title_name(&review.service).into()),
    ];
    let counted = [("count", count.into())];
    let (title, yes, no) = match review.way {
        Way::Sent => (
            text.say_with("consent-title", &named),
            text.say_with("consent-share", &counted),
            text.say("consent-refuse"),
        ),
        Way::Code { .. } => (
            text.say_with("consent-title-code", &named),
            text.say_with("consent-show", &counted),
            text.say("consent-refuse-code"),
        ),
        Way::Pass(_) => (
            text.say_with("consent-title-pass", &named),
            text.say_with("consent-print", &counted),
            text.say("consent-refuse-pass"),
        ),
    };
    let onstaple = {
        let staple = staple.clone();
        Callback::from(move |on| staple.set(on))
    };
    html! {
        <div {onkeydown} id="consent">
            <Page {title}>
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} nothing_shared=true />
                }
                <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
                <Warnings warnings={review.warnings.clone()} ticked={(*ticked).clone()} needed={needed.clone()} ontick={ontick.clone()} />
                <Who service={review.service.clone()} way={review.way} />
                <Why purpose={review.purpose.clone()} />
                <section id="they-see">
                    <h2>{ text.say("consent-see") }</h2>
                    { for review.sets.iter().enumerate().map(|(index, set)| html! {
                        <SetRows {index} set={set.clone()} chosen={optional.contains(&index)}
                            photo_ticked={ticked.contains(&Tick::Photo)} ontick={ontick.clone()} onchoose={choose_set(&optional, index)} />
                    }) }
                    <p class="muted">{ text.say("consent-always") }</p>
                    { change_card }
                </section>
                <Stays stays={review.stays.clone()} shared={optional_labels(review, &optional)} />
                <section>
                    <h2>{ text.say("consent-kept") }</h2>
                    <p>{ match review.retention {
                        Retention::NotSaid => text.say("kept-not-said"),
                        Retention::Nothing => text.say("kept-nothing"),
                        Retention::For(time) => text.say_with("kept-for", &[("time", text.duration(&time).into())]),
                    } }</p>
                    <p>{ match &review.onward {
                        Onward::NotSaid => text.say("onward-not-said"),
                        Onward::Nobody => text.say("onward-nobody"),
                        Onward::To(whom) => text.say_with("onward-to", &[("whom", whom.into())]),
                    } }</p>
                </section>
                <Recognised
                    kind={review.recognisability}
                    unlinkable={review.unlinkable.clone()}
                />
                if review.way == (Way::Code { live: false }) && !closed {
                    <section>
                        <h2>{ text.say("staple-title") }</h2>
                        <Tickbox id="staple" label={text.say("staple")} checked={*staple} onchange={onstaple} />
                    </section>
                }
                if *busy {
                    <Working label={if review.way == Way::Sent { text.say("consent-working") } else { text.say("consent-making") }} />
                }
                if blocked {
                    <p><strong>{ text.say("consent-blocked") }</strong></p>
                }
                <div class="buttons even decision">
                    <button type="button" id="dont-share" disabled={*busy} onclick={refuse.reform(|_: MouseEvent| ())}>{ no }</button>
                    if !closed {
                        <button type="button" id="share" disabled={*busy} onclick={share}>{ yes }</button>
                    }
                </div>
            </Page>
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct SetRowsProps {
    index: usize,
    set: ShareSet,
    chosen: bool,
    photo_ticked: bool,
    ontick: Callback<(Tick, bool)>,
    onchoose: Callback<bool>,
}

/// The rows of one set: label, actual value, card. A photo has its own tick.
#[component]
fn SetRows(props: &SetRowsProps) -> Html {
    let text = use_shell().text();
    let goes = props.set.required || props.chosen;
    let photo = props.set.rows.iter().any(is_photo);
    html! {
        <div class={classes!("set", (!goes).then_some("left-out"))} data-required={props.set.required.to_string()}>
            if !props.set.required {
                <Tickbox id={format!("optional-{}", props.index)}
                    label={text.say_with("consent-optional", &[("count", props.set.rows.len().into())])}
                    checked={props.chosen} onchange={props.onchoose.clone()} />
            }
            <dl class="details shared">
                { for props.set.rows.iter().map(|row| html! {
                    <div class={row.excess.then_some("excess")}>
                        <dt><bdi>{ &row.label }</bdi></dt>
                        <dd>
                            <ShownValue value={row.value.clone()} label={row.label.clone()} />
                            <p class="muted small">
                                { text.say_with("consent-from-card", &[("card", (&row.card).into())]) }
                                if row.excess {
                                    { " " }<strong>{ text.say("consent-excess") }</strong>
                                }
                                if row.kept {
                                    { " " }<strong>{ text.say("consent-will-keep") }</strong>
                                }
                            </p>
                        </dd>
                    </div>
                }) }
            </dl>
            if photo && goes {
                <Tickbox id="tick-photo" label={text.say("tick-photo")} checked={props.photo_ticked}
                    onchange={props.ontick.reform(|on| (Tick::Photo, on))} />
            }
        </div>
    }
}

fn choose_set(optional: &UseStateHandle<Vec<usize>>, index: usize) -> Callback<bool> {
    let optional = optional.clone();
    Callback::from(move |on: bool| {
        let mut next: Vec<usize> = optional.iter().copied().filter(|i| *i != index).collect();
        if on {
            next.push(index);
            next.sort_unstable();
        }
        optional.set(next);
    })
}

/// The name in the title: what the ledger calls them, else the website that nobody vouches for.
pub(crate) fn share_title_name(service: &ServiceView) -> &str {
    if service.name_listed || service.website.is_empty() {
        &service.name
    } else {
        &service.website
    }
}

fn is_photo(row: &ipc::ShareRow) -> bool {
    fn holds(value: &ValueView) -> bool {
        match value {
            ValueView::Photo(_) => true,
            ValueView::List(items) => items.iter().any(holds),
            ValueView::Group(details) => details.iter().any(|detail| holds(&detail.value)),
            ValueView::Text(_) | ValueView::Date(_) | ValueView::YesNo(_) => false,
        }
    }
    holds(&row.value)
}

/// The sets that go along.
fn going<'a>(review: &'a ShareReview, optional: &'a [usize]) -> impl Iterator<Item = &'a ShareSet> {
    review
        .sets
        .iter()
        .enumerate()
        .filter(|(index, set)| set.required || optional.contains(index))
        .map(|(_, set)| set)
}

/// How many details would be shared.
fn shared_rows(review: &ShareReview, optional: &[usize]) -> usize {
    going(review, optional).map(|set| set.rows.len()).sum()
}

/// The ticks that the choice needs: the review's, and the photo's where one goes along.
fn needed_ticks(review: &ShareReview, optional: &[usize]) -> Vec<Tick> {
    let mut needed = review.ticks.clone();
    let photo = going(review, optional).any(|set| set.rows.iter().any(is_photo));
    if photo && !needed.contains(&Tick::Photo) {
        needed.push(Tick::Photo);
    }
    needed
}

/// Card and label of what the chosen optional sets share.
fn optional_labels(review: &ShareReview, optional: &[usize]) -> Vec<(String, String)> {
    going(review, optional)
        .filter(|set| !set.required)
        .flat_map(|set| &set.rows)
        .map(|row| (row.card.clone(), row.label.clone()))
        .collect()
}

#[cfg(test)]
mod tests;
