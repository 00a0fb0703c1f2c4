//! At a counter without its code: which service, and for what, from the ledger's copy.

use std::rc::Rc;

use ipc::{BeginAtCounter, Days, Failure, PurposeRow, ServiceRow, Services};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::components::{FailureNote, Note, Page, Tone, Working};
use crate::dates;
use crate::route::Route;
use crate::state::{Loaded, Shell, use_answer, use_shell};

/// From this many purposes on there is a field to look for one.
const MANY: usize = 4;
/// How many services are drawn; further ones are found by their name.
const DRAWN: usize = 50;
/// How many days may lie between today and the first day of a pass, and how long one lasts.
const AHEAD: i64 = 30;
const LASTS: [i64; 5] = [1, 3, 7, 14, 31];

/// The services, each with its purposes.
#[component]
pub(crate) fn Counter() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let services = use_answer(Services, 0);
    let to_code = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| shell.go(Route::Add))
    };
    html! {
        <Page title={text.say("counter-title")} back={Route::Cards}>
            <p class="lead">{ text.say("counter-lead") }</p>
            <Note tone={Tone::Info} title={text.say("counter-code-title")}>
                <p>{ text.say("counter-code-text") }</p>
                <button type="button" id="have-code" onclick={to_code}>{ text.say("counter-code-open") }</button>
            </Note>
            <section>
                <h2>{ text.say("counter-choose") }</h2>
                { match services {
                    Loaded::Waiting => html! { <Working label={text.say("ledger-loading")} /> },
                    Loaded::Failed(failure) => html! { <FailureNote {failure} /> },
                    Loaded::Ready(services) if services.is_empty() => html! { <p id="no-services">{ text.say("counter-nobody") }</p> },
                    Loaded::Ready(services) => html! { <Choice {services} /> },
                } }
            </section>
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct ChoiceProps {
    services: Rc<Vec<ServiceRow>>,
}

#[component]
fn Choice(props: &ChoiceProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let wanted = use_state(String::new);
    let found = matching(&props.services, &wanted);
    let oninput = {
        let (wanted, shell, services) = (wanted.clone(), shell.clone(), props.services.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let typed = input.value();
                let left = matching(&services, &typed).len();
                let count = [("count", left.into())];
                shell.say(shell.text().say_with("counter-found", &count));
                wanted.set(typed);
            }
        })
    };
    let purposes: usize = props.services.iter().map(|one| one.purposes.len()).sum();
    html! {
        <>
            if purposes > MANY {
                <div class="field" role="search">
                    <label for="find-service">{ text.say("counter-find") }</label>
                    <input type="search" id="find-service" autocomplete="off" spellcheck="false" {oninput} />
                </div>
            }
            if found.is_empty() {
                <p id="no-match">{ text.say("counter-no-match") }</p>
            }
            { for found.iter().take(DRAWN).map(|(service, purposes)| html! {
                <section class="service" key={service.id.clone()} data-service={service.id.clone()}>
                    <h3><bdi>{ &service.name }</bdi></h3>
                    <p class="muted small">{ text.say_with("body-listed-by", &[("name", (&service.by).into())]) }</p>
                    <ul class="timeline" role="list">
                        { for purposes.iter().map(|purpose| html! { <li>{ purpose_button(&shell, service, purpose) }</li> }) }
                    </ul>
                </section>
            }) }
            if found.len() > DRAWN {
                <p>{ text.say("counter-more") }</p>
            }
        </>
    }
}

fn purpose_button(shell: &Shell, service: &ServiceRow, purpose: &PurposeRow) -> Html {
    let onclick = {
        let shell = shell.clone();
        let (service, purpose) = (service.clone(), purpose.clone());
        Callback::from(move |_: MouseEvent| {
            shell.go(Route::AtCounter(Rc::new((
                service.clone(),
                purpose.clone(),
            ))));
        })
    };
    html! {
        <button type="button" class="body-row" data-purpose={purpose.id.clone()} {onclick}>
            <span class="body-words">
                <span class="body-name"><bdi>{ &purpose.name }</bdi></span>
                <span class="muted">{ shell.text().list(&purpose.cards) }</span>
            </span>
        </button>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct AtCounterProps {
    /// The service, and its purpose.
    pub(crate) at: Rc<(ServiceRow, PurposeRow)>,
}

/// A purpose was chosen: a code now, or a pass on paper.
#[component]
pub(crate) fn AtCounter(props: &AtCounterProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let (service, purpose) = &*props.at;
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let first = use_state(|| 0i64);
    let lasts = use_state(|| 1i64);
    let begin = {
        let (shell, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
        let (service, purpose) = (service.id.clone(), purpose.id.clone());
        Callback::from(move |pass: Option<Days>| {
            failure.set(None);
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            let begin = BeginAtCounter {
                service: service.clone(),
                purpose: purpose.clone(),
                pass,
            };
            shell.ask(begin, move |answer| {
                busy.set(false);
                match answer {
                    Ok(step) => then.go(Route::from(step)),
                    Err(found) => failure.set(Some(found)),
                }
            });
        })
    };
    let pick = |state: &UseStateHandle<i64>| {
        let state = state.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>()
                && let Ok(days) = select.value().parse()
            {
                state.set(days);
            }
        })
    };
    let now = dates::now();
    let on = |ahead: i64| dates::day_begins(now, ahead);
    let days = Days {
        from: on(*first),
        until: on(*first + *lasts),
    };
    html! {
        <Page title={text.say_with("at-counter-title", &[("service", (&service.name).into())])} back={Route::Counter}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} nothing_shared=true />
            }
            <dl class="facts">
                <div><dt>{ text.say("at-counter-purpose") }</dt><dd><bdi>{ &purpose.name }</bdi></dd></div>
                <div><dt>{ text.say("consent-why") }</dt><dd>{ text.say("quote-open") }<bdi>{ &purpose.reason }</bdi>{ text.say("quote-close") }</dd></div>
                <div><dt>{ text.say("at-counter-cards") }</dt><dd>{ text.list(&purpose.cards) }</dd></div>
            </dl>
            <section>
                <h2>{ text.say("at-counter-code") }</h2>
                <p>{ text.say("at-counter-code-text") }</p>
                <div class="buttons"><button type="button" id="make-code" disabled={*busy} onclick={begin.reform(|_: MouseEvent| None)}>{ text.say("at-counter-code-do") }</button></div>
            </section>
            <section>
                <h2>{ text.say("at-counter-pass") }</h2>
                <p>{ text.say("at-counter-pass-text") }</p>
                <div class="beside">
                    <div class="field">
                        <label for="pass-from">{ text.say("pass-first-day") }</label>
                        <select id="pass-from" onchange={pick(&first)}>
                            { for (0..=AHEAD).map(|ahead| html! { <option value={ahead.to_string()} selected={ahead == *first}>{ text.day_by_utc(on(ahead)) }</option> }) }
                        </select>
                    </div>
                    <div class="field">
                        <label for="pass-lasts">{ text.say("pass-lasts") }</label>
                        <select id="pass-lasts" onchange={pick(&lasts)}>
                            { for LASTS.iter().map(|days| html! { <option value={days.to_string()} selected={days == &*lasts}>{ text.say_with("time-days", &[("count", (*days).into())]) }</option> }) }
                        </select>
                    </div>
                </div>
                <div class="buttons"><button type="button" id="make-pass" disabled={*busy} onclick={begin.reform(move |_: MouseEvent| Some(days))}>{ text.say("at-counter-pass-do") }</button></div>
            </section>
        </Page>
    }
}

/// What fits the words: a service by its name with all its purposes, else the purposes that fit.
fn matching<'a>(
    services: &'a [ServiceRow],
    wanted: &str,
) -> Vec<(&'a ServiceRow, Vec<&'a PurposeRow>)> {
    let wanted = wanted.trim().to_lowercase();
    let fits = |words: &str| words.to_lowercase().contains(&wanted);
    services
        .iter()
        .filter_map(|service| {
            let whole = fits(&service.name);
            let purposes: Vec<&PurposeRow> = service
                .purposes
                .iter()
                .filter(|one| whole || fits(&one.name) || one.cards.iter().any(|card| fits(card)))
                .collect();
            (!purposes.is_empty()).then_some((service, purposes))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(name: &str, purposes: &[(&str, &str)]) -> ServiceRow {
        ServiceRow {
            id: name.to_lowercase(),
            name: name.into(),
            by: "Accreditor".into(),
            purposes: purposes
                .iter()
                .map(|(name, card)| PurposeRow {
                    id: name.to_lowercase(),
                    name: (*name).into(),
                    reason: "Because".into(),
                    cards: vec![(*card).into()],
                })
                .collect(),
        }
    }

    #[test]
    fn a_service_is_found_by_its_name_its_purposes_and_their_cards() {
        let services = [
            service("Council", &[("Bus pass", "Blue Badge"), ("Tax", "Award")]),
            service("Library", &[("Membership", "Driving licence")]),
        ];
        let found = |wanted: &str| -> Vec<(String, usize)> {
            matching(&services, wanted)
                .into_iter()
                .map(|(service, purposes)| (service.name.clone(), purposes.len()))
                .collect()
        };
        assert_eq!(found(""), [("Council".into(), 2), ("Library".into(), 1)]);
        assert_eq!(found(" council"), [("Council".into(), 2)]);
        assert_eq!(found("badge"), [("Council".into(), 1)]);
        assert_eq!(found("member"), [("Library".into(), 1)]);
        assert!(found("hospital").is_empty());
    }
}
