//! One card: what it is, who issued it and how we know; its details once revealed.

use std::rc::Rc;

use ipc::{CardDetails, CardView, DeleteCard, Failure, RevealedView, Verdict};
use yew::prelude::*;

use super::cards::StateWords;
use super::evidence::Evidence;
use crate::components::{
    CardPicture, Details, FailureNote, NoLedger, Page, Question, VerdictLine, Working,
};
use crate::dates;
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::kind_key;

#[derive(PartialEq, Properties)]
pub(crate) struct CardProps {
    /// The card's id.
    pub(crate) id: AttrValue,
}

/// One card.
#[component]
pub(crate) fn Card(props: &CardProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    match use_answer(
        ipc::Card {
            id: props.id.to_string(),
        },
        shell.0.ledger_round,
    ) {
        Loaded::Ready(card) => html! { <Whole {card} /> },
        Loaded::Waiting => html! { <Working label={text.say("card-loading")} /> },
        Loaded::Failed(failure) => html! {
            <Page title={text.say("card-gone")} back={Route::Cards}><FailureNote {failure} /></Page>
        },
    }
}

#[derive(PartialEq, Properties)]
struct WholeProps {
    card: Rc<CardView>,
}

#[component]
fn Whole(props: &WholeProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let card = &props.card;
    let asking = use_state(|| false);
    let failure = use_state(|| None::<Failure>);
    let ask = {
        let asking = asking.clone();
        Callback::from(move |_: MouseEvent| asking.set(true))
    };
    let onanswer = {
        let (shell, asking, failure) = (shell.clone(), asking.clone(), failure.clone());
        let id = card.row.id.clone();
        Callback::from(move |yes: bool| {
            asking.set(false);
            if !yes {
                return;
            }
            let (then, failure) = (shell.clone(), failure.clone());
            shell.ask(DeleteCard { id: id.clone() }, move |answer| match answer {
                Ok(_) => {
                    then.go(Route::Cards);
                    then.say(then.text().say("card-deleted"));
                }
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    let copies = if card.copies_left == 0 {
        text.say("card-copies-none")
    } else {
        text.say_with(
            "card-copies",
            &[
                ("left", card.copies_left.into()),
                ("all", card.copies.into()),
            ],
        )
    };
    html! {
        <Page title={card.row.title.clone()} back={Route::Cards}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <p class="card-line"><StateWords state={card.row.state} until={card.row.valid_until} /></p>
            if let Some(about) = &card.about {
                <p><bdi>{ about }</bdi></p>
            }
            <Revealed id={card.row.id.clone()} face={card.face.clone()} title={card.row.title.clone()} />
            <section>
                <h2>{ text.say("card-issuer-title") }</h2>
                <dl class="facts">
                    <div><dt>{ text.say("card-issuer") }</dt><dd><bdi>{ &card.issuer.name }</bdi>
                        if !card.issuer.name_listed && card.issuer.verdict != Verdict::Checking {
                            <p class="muted small">{ text.say("name-not-listed") }</p>
                        }
                    </dd></div>
                    <div><dt>{ text.say("card-ledger-says") }</dt><dd><VerdictLine verdict={card.issuer.verdict} checked_at={card.issuer.checked_at} /></dd></div>
                    <div><dt>{ text.say("card-how-known") }</dt><dd>{ text.say(&kind_key("how-known", &card.issuer.how)) }</dd></div>
                    <div><dt>{ text.say("card-issuer-id") }</dt><dd><bdi class="id">{ &card.issuer.id }</bdi></dd></div>
                </dl>
                <NoLedger />
            </section>
            <section>
                <h2>{ text.say("card-this-title") }</h2>
                <dl class="facts">
                    if let Some(from) = card.valid_from {
                        <div><dt>{ text.say("card-valid-from") }</dt><dd>{ text.day(from) }</dd></div>
                    }
                    <div><dt>{ text.say("card-valid-to") }</dt><dd>{ card.row.valid_until.map_or_else(|| text.say("card-no-end"), |until| text.last_day(until)) }</dd></div>
                    if let Some(status) = card.status {
                        <div id="status-looked-up"><dt>{ text.say("card-status") }</dt><dd>{ status.checked_at.map_or_else(
                            || text.say("card-status-never"),
                            |at| text.say_with("card-status-checked", &[("ago", text.ago(at, dates::now()).into())]),
                        ) }
                        { for card.status_messages.iter().map(|words| html! {
                            <p>{ text.say("card-status-words") }{ " " }<bdi>{ words }</bdi></p>
                        }) }</dd></div>
                    }
                    <div><dt>{ text.say("card-added") }</dt><dd>{ text.day(card.added_at) }</dd></div>
                    <div><dt>{ text.say("card-copies-label") }</dt><dd>{ copies }<p class="muted small">{ text.say("card-copies-why") }</p></dd></div>
                    if let Some(holder) = card.holder.first() {
                        <div><dt>{ text.say("card-holder") }</dt><dd><bdi class="id" id="holder-did">{ holder }</bdi></dd></div>
                    }
                </dl>
                if card.holder.len() > 1 {
                    <details>
                        <summary>{ text.say_with("card-holders-more", &[("count", (card.holder.len() - 1).into())]) }</summary>
                        <ul class="ids">{ for card.holder.iter().skip(1).map(|did| html! { <li><bdi class="id">{ did }</bdi></li> }) }</ul>
                    </details>
                }
            </section>
            <section>
                <h2>{ text.say("card-shared-title") }</h2>
                if card.shared_with.is_empty() {
                    <p>{ text.say("card-never-shared") }</p>
                } else {
                    <ul class="plain" role="list">
                        { for card.shared_with.iter().map(|shared| {
                            let (shell, event) = (shell.clone(), shared.event.clone());
                            let onclick = Callback::from(move |_: MouseEvent| shell.go(Route::Event(event.clone())));
                            html! { <li><button type="button" class="link" {onclick}><bdi>{ &shared.service }</bdi>{ ", " }{ text.day(shared.at) }</button></li> }
                        }) }
                    </ul>
                }
            </section>
            <Evidence id={card.row.id.clone()} />
            <div class="buttons">
                <button type="button" class="danger" id="delete" onclick={ask}>{ text.say("card-delete") }</button>
            </div>
            if *asking {
                <Question title={text.say_with("card-delete-title", &[("card", (&card.row.title).into())])} yes={text.say("card-delete-yes")}
                    no={AttrValue::from(text.say("card-delete-no"))} {onanswer}>
                    <p>{ text.say("card-delete-text") }</p>
                </Question>
            }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct RevealedProps {
    id: AttrValue,
    /// The picture with its values hidden.
    face: Option<String>,
    /// What the picture is of.
    title: AttrValue,
}

/// The details: not even in the page until they are asked for, and gone when hidden again.
#[component]
fn Revealed(props: &RevealedProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let details = use_state(|| None::<RevealedView>);
    let failure = use_state(|| None::<Failure>);
    let toggle = {
        let (details, failure, id) = (details.clone(), failure.clone(), props.id.to_string());
        Callback::from(move |_: MouseEvent| {
            failure.set(None);
            if details.is_some() {
                details.set(None);
                return;
            }
            let (details, failure) = (details.clone(), failure.clone());
            shell.ask(CardDetails { id: id.clone() }, move |answer| match answer {
                Ok(found) => details.set(Some(found)),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    let picture = match &*details {
        Some(revealed) => revealed.picture.clone(),
        None => props.face.clone(),
    };
    html! {
        <section>
            if let Some(picture) = picture {
                <CardPicture {picture} class="card-picture"
                    alt={text.say_with("card-picture", &[("card", props.title.as_str().into())])} />
            }
            <div class="head-row">
                <h2>{ text.say("card-details-title") }</h2>
                <button type="button" id="reveal" aria-expanded={details.is_some().to_string()} aria-controls="details" onclick={toggle}>
                    { if details.is_some() { text.say("card-hide") } else { text.say("card-reveal") } }
                </button>
            </div>
            <div id="details">
                if let Some(failure) = &*failure {
                    <FailureNote failure={failure.clone()} />
                }
                if let Some(details) = &*details {
                    <Details details={details.details.clone()} />
                } else {
                    <p class="muted">{ text.say("card-hidden") }</p>
                }
            </div>
        </section>
    }
}
