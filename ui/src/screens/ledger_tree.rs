//! Who is listed, and under whose accreditation: a tree of lists.

use std::rc::Rc;

use ipc::{BodyRole, BodyRow, BodyState, LedgerView};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::components::{Icon, Shape};
use crate::route::Route;
use crate::state::use_shell;
use crate::text::{Text, kind_key};

/// From this many rows on there is a field to look for one.
const MANY: usize = 12;
/// How many rows are drawn below one accreditor before "Show more".
const FIRST: usize = 100;

#[derive(PartialEq, Properties)]
pub(crate) struct TreeProps {
    pub(crate) view: Rc<LedgerView>,
}

/// Everybody, each below who let them in.
#[component]
pub(crate) fn Tree(props: &TreeProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let wanted = use_state(String::new);
    let limit = use_state(|| FIRST);
    let bodies = &props.view.bodies;
    if bodies.is_empty() {
        return html! { <p>{ text.say("ledger-nobody") }</p> };
    }
    let oninput = {
        let (wanted, limit) = (wanted.clone(), limit.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                wanted.set(input.value());
                limit.set(FIRST);
            }
        })
    };
    let more = {
        let limit = limit.clone();
        Callback::from(move |_: MouseEvent| limit.set(*limit + FIRST))
    };
    let branches = branches(bodies, &wanted);
    let longest = branches.iter().map(|branch| branch.below.len()).max();
    let founder = {
        let shell = shell.clone();
        let name = text.say("ledger-governance");
        Callback::from(move |_: MouseEvent| {
            shell.go(Route::Body("governance".to_owned(), name.clone()));
        })
    };
    html! {
        <>
            <p>{ text.say("ledger-tree-lead") }</p>
            if bodies.len() > MANY {
                <div class="field">
                    <label for="find-body">{ text.say("ledger-find") }</label>
                    <input type="search" id="find-body" autocomplete="off" spellcheck="false" {oninput} />
                </div>
            }
            <ul class="tree" role="list">
                <li>
                    <button type="button" class="link tree-root" id="governance" onclick={founder}>{ text.say("ledger-governance") }</button>
                    if branches.is_empty() {
                        <p role="status">{ text.say("ledger-not-found") }</p>
                    }
                    <ul role="list">
                        { for branches.iter().map(|branch| html! {
                            <li>
                                if let Some(top) = branch.top {
                                    <BodyLine body={top.clone()} />
                                } else {
                                    <p class="muted">{ text.say("ledger-under-nobody") }</p>
                                }
                                <ul role="list">
                                    { for branch.below.iter().take(*limit).map(|body| html! { <li><BodyLine body={(*body).clone()} /></li> }) }
                                </ul>
                            </li>
                        }) }
                    </ul>
                </li>
            </ul>
            if longest.is_some_and(|longest| longest > *limit) {
                <button type="button" id="more" onclick={more}>{ text.say("ledger-more") }</button>
            }
        </>
    }
}

/// An accreditor and those whom it let in.
struct Branch<'a> {
    /// None for those whose accreditor is not on the list.
    top: Option<&'a BodyRow>,
    below: Vec<&'a BodyRow>,
}

/// The tree below the governance: what fits the words wanted, with the accreditor above it.
fn branches<'a>(bodies: &'a [BodyRow], wanted: &str) -> Vec<Branch<'a>> {
    let wanted = wanted.trim().to_lowercase();
    let fits = |row: &BodyRow| {
        let words = [&row.name, &row.id];
        wanted.is_empty()
            || words
                .iter()
                .any(|word| word.to_lowercase().contains(&wanted))
    };
    let order = |row: &&BodyRow| match row.role {
        BodyRole::Accreditor => 0,
        BodyRole::Issuer => 1,
        BodyRole::Service => 2,
        BodyRole::Type => 3,
    };
    let accreditors: Vec<&BodyRow> = bodies.iter().filter(|row| row.by.is_none()).collect();
    let mut branches: Vec<Branch<'a>> = Vec::new();
    for top in &accreditors {
        let mut below: Vec<&BodyRow> = bodies
            .iter()
            .filter(|row| row.by.as_ref() == Some(&top.id) && (fits(row) || fits(top)))
            .collect();
        below.sort_by_key(order);
        if fits(top) || !below.is_empty() {
            branches.push(Branch {
                top: Some(top),
                below,
            });
        }
    }
    let known = |by: &String| accreditors.iter().any(|top| top.id == *by);
    let lost: Vec<&BodyRow> = bodies
        .iter()
        .filter(|row| row.by.as_ref().is_some_and(|by| !known(by)) && fits(row))
        .collect();
    if !lost.is_empty() {
        branches.push(Branch {
            top: None,
            below: lost,
        });
    }
    branches
}

#[derive(PartialEq, Properties)]
pub(crate) struct BodyLineProps {
    pub(crate) body: BodyRow,
}

/// One body, which leads to its page.
#[component]
fn BodyLine(props: &BodyLineProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let body = &props.body;
    let onclick = {
        let (id, name) = (body.id.clone(), body.name.clone());
        Callback::from(move |_: MouseEvent| shell.go(Route::Body(id.clone(), name.clone())))
    };
    html! {
        <button type="button" class="body-row" data-body={body.id.clone()} data-role={kind_key("role", &body.role)} {onclick}>
            <span class="body-words">
                <span class="body-name"><bdi>{ &body.name }</bdi></span>
                <span class="muted">{ role_and_scope(&text, body) }</span>
            </span>
            <Standing body={body.clone()} />
        </button>
    }
}

/// Whether a body stands, and until when.
#[component]
pub(crate) fn Standing(props: &BodyLineProps) -> Html {
    let text = use_shell().text();
    let body = &props.body;
    let (class, shape) = match body.state {
        BodyState::Listed => ("state ok", Shape::Good),
        BodyState::Ended | BodyState::Replaced => ("state warn", Shape::Time),
        BodyState::Revoked | BodyState::Withdrawn => ("state danger", Shape::Stop),
    };
    let last_day = body.until.map(|until| text.last_day(until));
    html! {
        <span {class}><Icon {shape} />{ " " }{ text.say(&kind_key("body-state", &body.state)) }
            if let Some(day) = last_day {
                <span class="until">{ text.say_with("body-until", &[("day", day.into())]) }</span>
            }
        </span>
    }
}

/// "Issues: Blue Badge and Driving licence".
pub(crate) fn role_and_scope(text: &Text, body: &BodyRow) -> String {
    let role = text.say(&kind_key("body-role", &body.role));
    let scope: Vec<String> = body
        .scope
        .iter()
        .map(|kind| match kind.as_str() {
            "*" => text.say("body-scope-any"),
            kind => kind.to_owned(),
        })
        .collect();
    if scope.is_empty() {
        role
    } else {
        format!("{role}: {}", text.list(&scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, by: Option<&str>, role: BodyRole) -> BodyRow {
        BodyRow {
            id: id.into(),
            name: format!("Name of {id}"),
            by: by.map(str::to_owned),
            by_name: None,
            role,
            state: BodyState::Listed,
            scope: Vec::new(),
            until: None,
        }
    }

    #[test]
    fn each_body_stands_below_who_let_it_in() {
        let bodies = [
            row("desk", Some("one"), BodyRole::Service),
            row("issuer", Some("one"), BodyRole::Issuer),
            row("one", None, BodyRole::Accreditor),
            row("two", None, BodyRole::Accreditor),
            row("lost", Some("gone"), BodyRole::Issuer),
        ];
        let tree = branches(&bodies, "");
        assert_eq!(tree.len(), 3);
        let below: Vec<&str> = tree[0].below.iter().map(|row| row.id.as_str()).collect();
        assert_eq!(below, ["issuer", "desk"]);
        assert!(tree[1].below.is_empty());
        assert!(tree[2].top.is_none());
        assert_eq!(tree[2].below[0].id, "lost");
    }

    #[test]
    fn what_is_looked_for_keeps_its_accreditor_above_it() {
        let bodies = [
            row("desk", Some("one"), BodyRole::Service),
            row("issuer", Some("one"), BodyRole::Issuer),
            row("one", None, BodyRole::Accreditor),
            row("two", None, BodyRole::Accreditor),
        ];
        let tree = branches(&bodies, " DESK ");
        assert_eq!(tree.len(), 1);
        assert_eq!(tree[0].top.map(|top| top.id.as_str()), Some("one"));
        assert_eq!(tree[0].below.len(), 1);
        assert!(branches(&bodies, "nobody").is_empty());
    }
}
