//! One body of the ledger: what it is, by whom, and every change with its date and signer.

use std::rc::Rc;

use ipc::{BodyView, Failure, LedgerTrail, SaveTrail, TrailEntry, TrailForm, TrailKind};
use yew::prelude::*;

use super::ledger_tree::{Standing, role_and_scope};
use crate::components::{FailureNote, Page, Working};
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::{Text, kind_key};

#[derive(PartialEq, Properties)]
pub(crate) struct BodyProps {
    /// The body's id.
    pub(crate) id: AttrValue,
    /// Its name.
    pub(crate) name: AttrValue,
}

/// One body.
#[component]
pub(crate) fn Body(props: &BodyProps) -> Html {
    let text = use_shell().text();
    let body = use_answer(
        LedgerTrail {
            body: props.id.to_string(),
        },
        0,
    );
    html! {
        <Page title={props.name.clone()} back={Route::Ledger}>
            <p><bdi class="id">{ &props.id }</bdi></p>
            { match body {
                Loaded::Waiting => html! { <Working label={text.say("ledger-loading")} /> },
                Loaded::Failed(failure) => html! { <FailureNote {failure} /> },
                Loaded::Ready(body) => html! { <Whole id={props.id.clone()} {body} /> },
            } }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct WholeProps {
    id: AttrValue,
    body: Rc<BodyView>,
}

#[component]
fn Whole(props: &WholeProps) -> Html {
    let text = use_shell().text();
    let body = &props.body;
    html! {
        <>
            if !body.rows.is_empty() {
                <section>
                    <h2>{ text.say("body-now") }</h2>
                    <dl class="facts" id="body-now">
                        { for body.rows.iter().map(|row| html! {
                            <div><dt><Standing body={row.clone()} /></dt><dd>
                                { role_and_scope(&text, row) }
                                <p class="muted small">{ match &row.by_name {
                                    Some(name) => text.say_with("body-listed-by", &[("name", name.into())]),
                                    None => text.say("body-listed-by-governance"),
                                } }</p>
                            </dd></div>
                        }) }
                    </dl>
                </section>
            }
            if !body.files.is_empty() {
                <section>
                    <h2>{ text.say("type-files") }</h2>
                    <p>{ text.say("type-files-why") }</p>
                    <dl class="facts">
                        { for body.files.iter().map(|file| html! {
                            <div><dt>{ text.say(&kind_key("type-part", &file.part)) }</dt><dd>
                                <bdi class="id">{ &file.integrity }</bdi>
                                if let Some(uri) = &file.uri {
                                    <p class="muted small"><bdi>{ uri }</bdi></p>
                                }
                            </dd></div>
                        }) }
                    </dl>
                </section>
            }
            <section>
                <h2>{ text.say("trail-title") }</h2>
                <Trail body={body.clone()} />
                <SaveTrailButtons body={props.id.clone()} />
            </section>
        </>
    }
}

#[derive(PartialEq, Properties)]
struct TrailProps {
    body: Rc<BodyView>,
}

#[component]
fn Trail(props: &TrailProps) -> Html {
    let text = use_shell().text();
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label={text.say("trail-title")}>
            <table id="trail">
                <thead><tr>
                    <th scope="col">{ text.say("trail-when") }</th>
                    <th scope="col">{ text.say("trail-what") }</th>
                    <th scope="col">{ text.say("trail-by") }</th>
                    <th scope="col" class="number">{ text.say("trail-entry") }</th>
                </tr></thead>
                <tbody>
                    { for props.body.trail.iter().map(|entry| html! {
                        <tr>
                            <td>{ text.day_and_time(entry.at) }</td>
                            <td>{ what(&text, entry) }</td>
                            <td>{ entry.by.as_ref().map_or_else(
                                || html! { { text.say("ledger-governance") } },
                                |by| html! { <bdi>{ by }</bdi> },
                            ) }</td>
                            <td class="number">{ entry.index.to_string() }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}

fn what(text: &Text, entry: &TrailEntry) -> String {
    match entry.kind {
        TrailKind::Other => text.say_with("trail-other", &[("action", (&entry.action).into())]),
        kind => text.say(&kind_key("trail", &kind)),
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct SaveTrailProps {
    /// The changes of this body alone.
    #[prop_or_default]
    pub(crate) body: Option<AttrValue>,
}

/// Two buttons that save the changes, as a table or as a document.
#[component]
pub(crate) fn SaveTrailButtons(props: &SaveTrailProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let failure = use_state(|| None::<Failure>);
    let saved = use_state(|| None::<String>);
    let save = |form: TrailForm| {
        let (shell, failure, saved) = (shell.clone(), failure.clone(), saved.clone());
        let body = props.body.as_ref().map(ToString::to_string);
        Callback::from(move |_: MouseEvent| {
            failure.set(None);
            saved.set(None);
            let (then, failure, saved) = (shell.clone(), failure.clone(), saved.clone());
            let body = body.clone();
            shell.ask(SaveTrail { body, form }, move |answer| match answer {
                Ok(Some(view)) => {
                    let words = then
                        .text()
                        .say_with("saved-as", &[("file", view.file.into())]);
                    then.say(words.clone());
                    saved.set(Some(words));
                }
                Ok(None) => then.say(then.text().say("nothing-saved")),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    html! {
        <>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <div class="buttons">
                <button type="button" id="save-csv" onclick={save(TrailForm::Csv)}>{ text.say("trail-save-csv") }</button>
                <button type="button" id="save-json" onclick={save(TrailForm::Json)}>{ text.say("trail-save-json") }</button>
            </div>
            if let Some(words) = &*saved {
                <p id="saved">{ words }</p>
            }
        </>
    }
}
