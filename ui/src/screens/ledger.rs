//! The ledger: how old the trust data is, who is listed and by whom, how it grew, check now.

use std::rc::Rc;

use ipc::{CheckLedger, Failure, Freshness, LedgerView, Watched};
use yew::prelude::*;

use super::body::SaveTrailButtons;
use super::ledger_growth::Growth;
use super::ledger_tree::Tree;
use crate::components::{FailureNote, Note, Page, Tone, Working};
use crate::dates;
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
                if view.freshness == Freshness::Never {
                    <p>{ text.say("no-ledger-text") }</p>
                    <p>{ if view.source.is_none() { text.say("no-ledger-next") } else { text.say("not-fetched-next") } }</p>
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
            <p class="muted" id="watched">{ match view.watched {
                Watched::Operator => text.say("ledger-honest"),
                Watched::Witnesses(least) => text.say_with("ledger-witnessed", &[("count", least.into())]),
                Watched::Network => text.say("ledger-by-network"),
            } }</p>
            <section>
                <h2>{ text.say("ledger-bodies") }</h2>
                <Tree view={view.clone()} />
            </section>
            <Growth points={view.growth.clone()} until={view.attested_at} />
            if view.entries > 0 {
                <section>
                    <h2>{ text.say("trail-all-title") }</h2>
                    <p>{ text.say("trail-all-lead") }</p>
                    <SaveTrailButtons />
                </section>
            }
        </>
    }
}
