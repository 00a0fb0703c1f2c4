//! The ledger: how old the trust data is, who is listed, check now, and the trail of one body.

use std::rc::Rc;

use ipc::{
    BodyRow, BodyState, CheckLedger, Failure, Freshness, LedgerTrail, LedgerView, TrailEntry,
};
use yew::prelude::*;

use crate::components::{FailureNote, Icon, Note, Page, Shape, Tone, Working};
use crate::dates;
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::kind_key;

/// The ledger.
#[component]
pub(crate) fn Ledger() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let first = use_answer(ipc::Ledger, 0);
    let newer = use_state(|| None::<Rc<LedgerView>>);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let check = {
        let (shell, newer, failure, busy) =
            (shell.clone(), newer.clone(), failure.clone(), busy.clone());
        Callback::from(move |()| {
            busy.set(true);
            failure.set(None);
            let (then, newer, failure, busy) =
                (shell.clone(), newer.clone(), failure.clone(), busy.clone());
            shell.ask(CheckLedger, move |answer| {
                busy.set(false);
                match answer {
                    Ok(view) => {
                        then.say(then.text().say("ledger-checked"));
                        newer.set(Some(Rc::new(view)));
                    }
                    Err(found) => failure.set(Some(found)),
                }
            });
        })
    };
    let view = match (&*newer, first) {
        (Some(view), _) => Ok(view.clone()),
        (None, Loaded::Ready(view)) => Ok(view),
        (None, Loaded::Waiting) => Err(html! { <Working label={text.say("ledger-loading")} /> }),
        (None, Loaded::Failed(failure)) => Err(html! { <FailureNote {failure} /> }),
    };
    html! {
        <Page title={text.say("ledger-title")}>
            <p>{ text.say("ledger-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            { match view {
                Ok(view) => html! { <State {view} busy={*busy} {check} /> },
                Err(instead) => instead,
            } }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct StateProps {
    view: Rc<LedgerView>,
    busy: bool,
    check: Callback<()>,
}

#[component]
fn State(props: &StateProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let view = &props.view;
    let tone = match view.freshness {
        Freshness::Fresh => Tone::Good,
        Freshness::Ageing => Tone::Warn,
        Freshness::Stale | Freshness::Never => Tone::Stop,
    };
    let now = dates::now();
    html! {
        <>
            <Note {tone} title={text.say(&kind_key("freshness", &view.freshness))}>
                if let Some(at) = view.attested_at {
                    <p id="ledger-age">{ text.say_with("ledger-attested", &[("ago", text.ago(at, now).into()), ("time", text.day_and_time(at).into())]) }</p>
                }
                if let Some(at) = view.fetched_at {
                    <p>{ text.say_with("ledger-fetched", &[("ago", text.ago(at, now).into())]) }</p>
                }
                if view.clock_set_back {
                    <p>{ text.say("ledger-clock") }</p>
                }
            </Note>
            if let Some(refused) = &view.refused {
                <Note tone={Tone::Stop} title={text.say("ledger-refused-title")}>
                    <p>{ text.say_with("ledger-refused", &[("time", text.day_and_time(refused.at).into()), ("reason", (&refused.reason).into())]) }</p>
                </Note>
            }
            if props.busy {
                <Working label={text.say("ledger-checking")} />
            }
            <div class="buttons">
                <button type="button" id="check-ledger" disabled={props.busy} onclick={props.check.reform(|_: MouseEvent| ())}>{ text.say("ledger-check") }</button>
            </div>
            <dl class="facts">
                if let Some(name) = &view.name {
                    <div><dt>{ text.say("ledger-name") }</dt><dd><bdi>{ name }</bdi></dd></div>
                }
                if let Some(source) = &view.source {
                    <div><dt>{ text.say("ledger-source") }</dt><dd><bdi class="id">{ source }</bdi></dd></div>
                }
                <div><dt>{ text.say("ledger-entries") }</dt><dd>{ view.entries.to_string() }</dd></div>
            </dl>
            <p class="muted">{ text.say("ledger-honest") }</p>
            <h2>{ text.say("ledger-bodies") }</h2>
            if view.bodies.is_empty() {
                <p>{ text.say("ledger-nobody") }</p>
            } else {
                <ul class="bodies" role="list">
                    { for view.bodies.iter().map(|body| html! { <BodyLine body={body.clone()} /> }) }
                </ul>
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct BodyLineProps {
    body: BodyRow,
}

#[component]
fn BodyLine(props: &BodyLineProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let body = &props.body;
    let (class, shape) = match body.state {
        BodyState::Listed => ("state ok", Shape::Good),
        BodyState::Ended => ("state warn", Shape::Time),
        BodyState::Revoked | BodyState::Withdrawn => ("state danger", Shape::Stop),
    };
    let onclick = {
        let (id, name) = (body.id.clone(), body.name.clone());
        Callback::from(move |_: MouseEvent| shell.go(Route::Body(id.clone(), name.clone())))
    };
    // A listing runs to the end of a day: the second after that is the next day's.
    let last_day = body.until.map(|until| text.day(until - 1));
    let scope: Vec<String> = body
        .scope
        .iter()
        .map(|kind| match kind.as_str() {
            "*" => text.say("body-scope-any"),
            kind => kind.to_owned(),
        })
        .collect();
    let scope = text.list(&scope);
    html! {
        <li>
            <button type="button" class="body-row" data-body={body.id.clone()} {onclick}>
                <span class="body-words">
                    <span class="body-name"><bdi>{ &body.name }</bdi></span>
                    <span class="muted">
                        { text.say(&kind_key("body-role", &body.role)) }
                        if !scope.is_empty() {
                            { ": " }{ scope }
                        }
                    </span>
                </span>
                <span {class}><Icon {shape} />{ " " }{ text.say(&kind_key("body-state", &body.state)) }
                    if let Some(day) = last_day {
                        <span class="until">{ text.say_with("body-until", &[("day", day.into())]) }</span>
                    }
                </span>
            </button>
        </li>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct BodyProps {
    /// The body's id.
    pub(crate) id: AttrValue,
    /// Its name.
    pub(crate) name: AttrValue,
}

/// The trail of changes of one body.
#[component]
pub(crate) fn Body(props: &BodyProps) -> Html {
    let text = use_shell().text();
    let trail = use_answer(
        LedgerTrail {
            body: props.id.to_string(),
        },
        0,
    );
    html! {
        <Page title={props.name.clone()} back={Route::Ledger}>
            <p><bdi class="id">{ &props.id }</bdi></p>
            <h2>{ text.say("trail-title") }</h2>
            { match trail {
                Loaded::Waiting => html! { <Working label={text.say("ledger-loading")} /> },
                Loaded::Failed(failure) => html! { <FailureNote {failure} /> },
                Loaded::Ready(entries) => html! { <Trail {entries} /> },
            } }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct TrailProps {
    entries: Rc<Vec<TrailEntry>>,
}

#[component]
fn Trail(props: &TrailProps) -> Html {
    let text = use_shell().text();
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={text.say("trail-title")}>
            <table>
                <thead><tr>
                    <th scope="col">{ text.say("trail-when") }</th>
                    <th scope="col">{ text.say("trail-what") }</th>
                    <th scope="col">{ text.say("trail-by") }</th>
                    <th scope="col" class="number">{ text.say("trail-entry") }</th>
                </tr></thead>
                <tbody>
                    { for props.entries.iter().map(|entry| html! {
                        <tr>
                            <td>{ text.day_and_time(entry.at) }</td>
                            <td>{ text.say(&kind_key("trail", &entry.kind)) }</td>
                            <td><bdi>{ &entry.by }</bdi></td>
                            <td class="number">{ entry.index.to_string() }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
