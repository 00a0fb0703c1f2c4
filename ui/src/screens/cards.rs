//! All cards, expiring first, with a search; or the way to the first one.

use std::rc::Rc;

use ipc::{CardRow, CardState};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::desks::Desks;
use crate::components::{
    CardPicture, FailureNote, Icon, NoLedger, Page, Shape, VirtualList, Working,
};
use crate::route::Route;
use crate::state::{Loaded, use_answer, use_shell};
use crate::text::{Text, kind_key};

/// From this many cards on there is a search.
const SEARCH_FROM: usize = 4;

/// All cards.
#[component]
pub(crate) fn Cards() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let loaded = use_answer(ipc::Cards, shell.0.ledger_round);
    let onadd = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| shell.go(Route::Add))
    };
    let oncounter = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| shell.go(Route::Counter))
    };
    let actions = html! {
        <div class="buttons">
            <button type="button" id="present" onclick={oncounter}>{ text.say("counter-title") }</button>
            <button type="button" class="main" id="add" onclick={onadd} aria-keyshortcuts="Control+N Meta+N">
                { text.say("cards-add") }
            </button>
        </div>
    };
    html! {
        <Page title={text.say("cards-title")} {actions}>
            { match loaded {
                Loaded::Waiting => html! { <Working label={text.say("cards-loading")} /> },
                Loaded::Failed(failure) => html! { <FailureNote {failure} /> },
                Loaded::Ready(cards) if cards.is_empty() => html! { <Empty /> },
                Loaded::Ready(cards) => html! { <Found {cards} /> },
            } }
        </Page>
    }
}

#[component]
fn Empty() -> Html {
    let shell = use_shell();
    let text = shell.text();
    html! {
        <div id="empty">
            <p class="lead">{ text.say("cards-empty") }</p>
            <p>{ text.say("cards-empty-how") }</p>
            if shell.0.is_demo() {
                <Desks />
            }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct FoundProps {
    cards: Rc<Vec<CardRow>>,
}

#[component]
fn Found(props: &FoundProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let query = use_state(String::new);
    let found: Rc<Vec<usize>> =
        use_memo((props.cards.clone(), (*query).clone()), |(cards, query)| {
            matching(cards, query)
        });
    let count = text.say_with("cards-count", &[("count", found.len().into())]);
    let oninput = {
        let (query, shell, cards) = (query.clone(), shell.clone(), props.cards.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                let typed = input.value();
                let left = matching(&cards, &typed).len();
                shell.say(
                    shell
                        .text()
                        .say_with("cards-count", &[("count", left.into())]),
                );
                query.set(typed);
            }
        })
    };
    let row = {
        let (shell, cards, found) = (shell.clone(), props.cards.clone(), found.clone());
        Callback::from(move |index: usize| {
            let card = found.get(index).and_then(|at| cards.get(*at)).cloned();
            card.map_or_else(Html::default, |card| {
                let id = card.id.clone();
                let shell = shell.clone();
                let onclick =
                    Callback::from(move |_: MouseEvent| shell.go(Route::Card(id.clone())));
                html! { <CardButton {card} {onclick} /> }
            })
        })
    };
    html! {
        <>
            <div class="above-list">
                if props.cards.len() >= SEARCH_FROM {
                    <div class="field search" role="search">
                        <label for="search">{ text.say("cards-search") }</label>
                        <input type="search" id="search" autocomplete="off" spellcheck="false" {oninput}
                            aria-keyshortcuts="Control+F Meta+F" />
                    </div>
                }
                <p class="muted" id="count">{ count }</p>
            </div>
            if found.is_empty() {
                <p id="no-match">{ text.say("cards-no-match") }</p>
            } else {
                <VirtualList total={found.len()} {row} label={text.say("cards-title")} />
            }
            <NoLedger />
        </>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CardButtonProps {
    /// The card.
    pub(crate) card: CardRow,
    /// It was pressed.
    pub(crate) onclick: Callback<MouseEvent>,
}

/// A card in a list.
#[component]
pub(crate) fn CardButton(props: &CardButtonProps) -> Html {
    let card = &props.card;
    html! {
        <button type="button" class="card-row" data-card={card.id.clone()} onclick={props.onclick.clone()}>
            <CardFace card={card.clone()} />
        </button>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CardFaceProps {
    /// The card.
    pub(crate) card: CardRow,
}

/// Title, issuer and state of a card.
#[component]
pub(crate) fn CardFace(props: &CardFaceProps) -> Html {
    let card = &props.card;
    let stripe = card
        .colour
        .as_deref()
        .filter(|colour| is_colour(colour))
        .map(|colour| format!("background-color: {colour}"));
    html! {
        <>
            <span class="stripe" style={stripe} aria-hidden="true">
                if let Some(picture) = card.face.clone() {
                    // Its words stand beside it.
                    <CardPicture {picture} class="card-thumb" alt="" />
                }
            </span>
            <span class="card-words">
                <span class="card-title"><bdi>{ &card.title }</bdi></span>
                <span class="card-issuer"><bdi>{ &card.issuer }</bdi></span>
            </span>
            <span class="card-state"><StateWords state={card.state} until={card.valid_until} /></span>
        </>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct StateWordsProps {
    /// The state.
    pub(crate) state: CardState,
    /// Until when it is valid.
    pub(crate) until: Option<i64>,
}

/// A card's state: sign, word and date.
#[component]
pub(crate) fn StateWords(props: &StateWordsProps) -> Html {
    let text = use_shell().text();
    let (class, shape) = match props.state {
        CardState::Valid => ("state ok", Shape::Good),
        CardState::ExpiresSoon => ("state warn", Shape::Time),
        CardState::NotYet | CardState::Checking => ("state", Shape::Time),
        CardState::Expired | CardState::Suspended => ("state warn", Shape::Warn),
        CardState::Withdrawn => ("state danger", Shape::Stop),
        CardState::StatusUnknown => ("state warn", Shape::Unknown),
    };
    html! { <span {class}><Icon {shape} />{ " " }{ state_words(&text, props.state, props.until) }</span> }
}

fn state_words(text: &Text, state: CardState, until: Option<i64>) -> String {
    match (state, until) {
        (CardState::Valid, Some(until)) => {
            text.say_with("card-valid-until", &[("day", text.last_day(until).into())])
        }
        (CardState::ExpiresSoon, Some(until)) => {
            text.say_with("card-expires-on", &[("day", text.last_day(until).into())])
        }
        (CardState::Expired, Some(until)) => {
            text.say_with("card-expired-on", &[("day", text.last_day(until).into())])
        }
        _ => text.say(&kind_key("card-state", &state)),
    }
}

/// The cards whose title or issuer holds every word of the query.
fn matching(cards: &[CardRow], query: &str) -> Vec<usize> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    cards
        .iter()
        .enumerate()
        .filter(|(_, card)| {
            let held = format!("{}\n{}", card.title, card.issuer).to_lowercase();
            words.iter().all(|word| held.contains(word))
        })
        .map(|(index, _)| index)
        .collect()
}

/// `#rrggbb` and nothing else: the value goes into a style.
fn is_colour(colour: &str) -> bool {
    colour.len() == 7
        && colour.starts_with('#')
        && colour.chars().skip(1).all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(title: &str, issuer: &str) -> CardRow {
        CardRow {
            id: title.into(),
            title: title.into(),
            issuer: issuer.into(),
            state: CardState::Valid,
            valid_until: None,
            added_at: 0,
            colour: None,
            face: None,
        }
    }

    #[test]
    fn every_word_must_be_there_in_any_order_and_case() {
        let cards = [
            card("Driving licence", "Northshire (demo)"),
            card("NHS charge exemption", "Health (demo)"),
        ];
        assert_eq!(matching(&cards, ""), [0, 1]);
        assert_eq!(matching(&cards, "north DRIVING"), [0]);
        assert_eq!(matching(&cards, "demo"), [0, 1]);
        assert!(matching(&cards, "driving health").is_empty());
    }

    #[test]
    fn only_plain_colours_reach_a_style() {
        assert!(is_colour("#0B5E63"));
        for odd in ["#fff", "red", "#0B5E6g", "#0B5E63;", "url(x)", "é0B5E63"] {
            assert!(!is_colour(odd), "{odd}");
        }
    }

    #[test]
    fn the_state_names_its_day() {
        let text = Text::load("en");
        let words = state_words(&text, CardState::ExpiresSoon, Some(1_804_032_000));
        assert_eq!(words, "Expires on 2 March 2027");
        assert_eq!(
            state_words(&text, CardState::Withdrawn, Some(0)),
            "Withdrawn"
        );
    }
}
