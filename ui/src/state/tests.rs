//! How links, locking and opening change the state.

use ipc::{LinkPurpose, LinkView, ReviewId};

use super::*;

fn status(vault: VaultState) -> Action {
    Action::Status(Box::new(StatusView {
        vault,
        custody: None,
        demo: false,
        waiting: None,
        retry_after: None,
        last_backup: None,
        version: "0".into(),
        folder: String::new(),
        ledger: None,
    }))
}

fn link() -> LinkView {
    LinkView {
        link: ReviewId("1".into()),
        purpose: LinkPurpose::Add,
        host: "example.org".into(),
        from_outside: true,
    }
}

fn received(replaces: bool) -> Action {
    Action::Received(Box::new(LinkReceived {
        link: Some(link()),
        replaces,
    }))
}

fn after(actions: Vec<Action>) -> Rc<State> {
    actions
        .into_iter()
        .fold(Rc::new(State::default()), |state, action| {
            state.reduce(action)
        })
}

#[test]
fn a_link_to_a_locked_wallet_waits_and_is_shown_once_it_is_open() {
    let state = after(vec![status(VaultState::Locked), received(false)]);
    assert!(state.status.as_ref().unwrap().waiting.is_some());
    assert!(state.route == Route::Cards);
}

#[test]
fn a_link_to_an_open_wallet_is_shown_before_anything_is_fetched() {
    let state = after(vec![status(VaultState::Open), received(false)]);
    assert!(state.route == Route::Link(link()));
}

#[test]
fn a_second_link_asks_and_does_not_replace_what_is_under_way() {
    let first = Route::Link(link());
    let state = after(vec![
        status(VaultState::Open),
        Action::Go(first.clone()),
        received(true),
    ]);
    assert!(state.route == first);
    assert!(state.newcomer.is_some());
}

#[test]
fn locking_drops_what_was_on_the_screen() {
    let state = after(vec![
        status(VaultState::Open),
        Action::Go(Route::Card("c".into())),
        received(true),
        Action::Say("words".into()),
        Action::Locked { by_itself: true },
    ]);
    assert!(!state.is_open());
    assert!(state.route == Route::Cards);
    assert!(state.newcomer.is_none() && state.said.is_empty() && state.locked_itself);
}

/// What is typed into the form by the time that the second word comes would be gone.
#[test]
fn a_lock_that_is_said_twice_draws_its_form_once() {
    let locked = |by_itself| Action::Locked { by_itself };
    let once = after(vec![status(VaultState::Open), locked(false)]);
    let twice = after(vec![status(VaultState::Open), locked(false), locked(false)]);
    assert_eq!(twice.visit, once.visit);
    let told = after(vec![
        status(VaultState::Open),
        status(VaultState::Locked),
        locked(true),
    ]);
    assert!(told.visit == once.visit && told.locked_itself);
}

#[test]
fn the_recovery_code_stays_until_it_was_confirmed() {
    let code = Route::RecoveryCode(ipc::Secret::new("abc".into()));
    let state = after(vec![
        status(VaultState::Missing),
        Action::Go(code.clone()),
        status(VaultState::Open),
    ]);
    assert!(state.route == code);
}
