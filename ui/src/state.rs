//! What the whole window knows: where the wallet stands, where the citizen is, what is being said.

use std::cell::Cell;
use std::rc::Rc;

use ipc::{Failure, FailureKind, LinkReceived, Preferences, Stage, StatusView, VaultState};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::ipc::call;
use crate::route::Route;
use crate::text::Text;

/// What the whole window knows.
#[derive(Clone, PartialEq)]
pub(crate) struct State {
    /// Where the wallet stands; none until the shell has answered.
    pub(crate) status: Option<StatusView>,
    /// Why the shell did not answer at all.
    pub(crate) broken: Option<Failure>,
    /// How the window looks.
    pub(crate) preferences: Preferences,
    /// The words.
    pub(crate) text: Rc<Text>,
    /// Where the citizen is, in an open wallet.
    pub(crate) route: Route,
    /// Counts the changes of place: each gets a screen of its own.
    pub(crate) visit: u32,
    /// What long work is at.
    pub(crate) stage: Option<Stage>,
    /// What the live region says.
    pub(crate) said: String,
    /// A link that came while another is under way.
    pub(crate) newcomer: Option<LinkReceived>,
    /// It locked itself.
    pub(crate) locked_itself: bool,
    /// Counts how often the ledger was read: what it says is asked for anew each time.
    pub(crate) ledger_round: u32,
}

impl Default for State {
    fn default() -> Self {
        let preferences = Preferences::default();
        Self {
            status: None,
            broken: None,
            text: Text::load(&preferences.language),
            preferences,
            route: Route::Cards,
            visit: 0,
            stage: None,
            said: String::new(),
            newcomer: None,
            locked_itself: false,
            ledger_round: 0,
        }
    }
}

/// What changes it.
pub(crate) enum Action {
    /// The shell said where the wallet stands.
    Status(Box<StatusView>),
    /// The shell does not answer.
    Broken(Failure),
    /// The preferences are these now.
    Preferences(Preferences),
    /// Go there.
    Go(Route),
    /// Say this.
    Say(String),
    /// Work has come this far; none when it is over.
    Stage(Option<Stage>),
    /// A link came from outside.
    Received(Box<LinkReceived>),
    /// The question about the newcomer is answered.
    Answered,
    /// The ledger was read.
    LedgerRead,
    /// The wallet was locked.
    Locked { by_itself: bool },
}

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Action::Status(status) => {
                let opened = status.vault == VaultState::Open && !self.is_open();
                next.broken = None;
                if opened {
                    next.locked_itself = false;
                    if !matches!(next.route, Route::RecoveryCode(_)) {
                        next.visit += 1;
                        next.route = status.waiting.clone().map_or(Route::Cards, Route::Link);
                    }
                } else if status.vault != VaultState::Open && self.is_open() {
                    next.forget();
                }
                next.status = Some(*status);
            }
            Action::Broken(failure) => next.broken = Some(failure),
            Action::Preferences(preferences) => {
                if next.text.language() != preferences.language {
                    next.text = Text::load(&preferences.language);
                }
                next.preferences = preferences;
            }
            Action::Go(route) => {
                next.visit += 1;
                next.stage = None;
                next.route = route;
            }
            Action::Say(words) => next.said = words,
            Action::Stage(stage) => {
                next.stage = stage;
                if let Some(stage) = stage {
                    next.said = next.text.say(&crate::text::kind_key("stage", &stage));
                }
            }
            Action::Received(received) => next.receive(*received),
            Action::Answered => next.newcomer = None,
            Action::LedgerRead => next.ledger_round = next.ledger_round.wrapping_add(1),
            // Said twice where the citizen locks, by the shell and in answer: the form that is
            // there by then, with what is typed into it, stays.
            Action::Locked { by_itself } => {
                if self.is_open() {
                    next.forget();
                }
                next.locked_itself |= by_itself;
                if let Some(status) = &mut next.status {
                    status.vault = VaultState::Locked;
                    status.waiting = None;
                }
            }
        }
        Rc::new(next)
    }
}

impl State {
    /// Whether the wallet is open.
    pub(crate) fn is_open(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.vault == VaultState::Open)
    }

    /// Whether this is the demo world.
    pub(crate) fn is_demo(&self) -> bool {
        self.status.as_ref().is_some_and(|status| status.demo)
    }

    /// Drops everything that an open wallet showed.
    fn forget(&mut self) {
        self.route = Route::Cards;
        self.visit += 1;
        self.stage = None;
        self.newcomer = None;
        self.said = String::new();
    }

    fn receive(&mut self, received: LinkReceived) {
        if !self.is_open() {
            if let Some(status) = &mut self.status
                && received.link.is_some()
            {
                status.waiting = received.link;
            }
        } else if received.replaces || received.link.is_none() || self.route.is_decision() {
            self.newcomer = Some(received);
        } else if let Some(link) = received.link {
            self.visit += 1;
            self.route = Route::Link(link);
        }
    }
}

/// The state and the ways to change it, for every component.
#[derive(Clone, PartialEq)]
pub(crate) struct Shell(pub(crate) UseReducerHandle<State>);

impl Shell {
    /// The words.
    pub(crate) fn text(&self) -> Rc<Text> {
        self.0.text.clone()
    }

    /// Goes there.
    pub(crate) fn go(&self, route: Route) {
        self.0.dispatch(Action::Go(route));
    }

    /// Says something in the live region.
    pub(crate) fn say(&self, words: String) {
        self.0.dispatch(Action::Say(words));
    }

    /// Asks the shell for one thing, and goes on with its answer.
    pub(crate) fn ask<C>(&self, command: C, then: impl FnOnce(Result<C::Answer, Failure>) + 'static)
    where
        C: ipc::Command + 'static,
    {
        let shell = self.clone();
        spawn_local(async move {
            let answer = call(command).await;
            match &answer {
                Ok(_) => shell.0.dispatch(Action::Stage(None)),
                Err(failure) => shell.failed(failure),
            }
            then(answer);
        });
    }

    /// Asks where the wallet stands.
    pub(crate) fn refresh(&self) {
        let shell = self.clone();
        spawn_local(async move {
            match call(ipc::Status).await {
                Ok(status) => shell.0.dispatch(Action::Status(Box::new(status))),
                Err(failure) => shell.0.dispatch(Action::Broken(failure)),
            }
        });
    }

    /// Locks the wallet.
    pub(crate) fn lock(&self) {
        let shell = self.clone();
        spawn_local(async move {
            // Whatever the shell answers, nothing stays on the screen.
            let _ = call(ipc::LockNow).await;
            shell.0.dispatch(Action::Locked { by_itself: false });
            shell.refresh();
        });
    }

    /// Ends what is under way and goes to the cards, telling the service nothing.
    pub(crate) fn stop(&self, review: ipc::ReviewId) {
        let shell = self.clone();
        spawn_local(async move {
            // Stopping what is gone already is no news.
            let _ = call(ipc::Stop {
                review,
                tell: false,
            })
            .await;
            shell.go(Route::Cards);
        });
    }

    /// Takes note of a failure: a locked wallet shows the lock.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.0.dispatch(Action::Stage(None));
        if failure.kind == FailureKind::Locked {
            self.refresh();
        }
    }
}

/// The state, in a component.
#[hook]
pub(crate) fn use_shell() -> Shell {
    let found = use_context::<Shell>();
    let own = use_reducer(State::default);
    // The application provides one around everything; without it there is only the default.
    found.unwrap_or(Shell(own))
}

/// An answer that is on its way.
#[derive(Clone, PartialEq)]
pub(crate) enum Loaded<T> {
    /// Not here yet.
    Waiting,
    /// Here.
    Ready(Rc<T>),
    /// It will not come.
    Failed(Failure),
}

/// Asks the shell when the component appears and whenever `round` changes.
#[hook]
pub(crate) fn use_answer<C>(command: C, round: u32) -> Loaded<C::Answer>
where
    C: ipc::Command + Clone + PartialEq + 'static,
    C::Answer: 'static,
{
    let shell = use_shell();
    let loaded = use_state(|| Loaded::Waiting);
    {
        let loaded = loaded.clone();
        use_effect_with((command, round), move |(command, _)| {
            let command = command.clone();
            let over = Rc::new(Cell::new(false));
            let asked_again = over.clone();
            spawn_local(async move {
                let answer = call(command).await;
                if asked_again.get() {
                    return;
                }
                match answer {
                    Ok(answer) => loaded.set(Loaded::Ready(Rc::new(answer))),
                    Err(failure) => {
                        shell.failed(&failure);
                        loaded.set(Loaded::Failed(failure));
                    }
                }
            });
            move || over.set(true)
        });
    }
    match &*loaded {
        Loaded::Waiting => Loaded::Waiting,
        Loaded::Ready(answer) => Loaded::Ready(answer.clone()),
        Loaded::Failed(failure) => Loaded::Failed(failure.clone()),
    }
}

#[cfg(test)]
mod tests;
