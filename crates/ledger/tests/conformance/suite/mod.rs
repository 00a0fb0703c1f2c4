//! What every engine must do alike, written once.
//!
//! A program that tests an engine includes this module by its path, implements [`Engine`], and
//! runs [`run`] on a [`Stage`]. The scenarios follow one another on one ledger, so that a network
//! has to be started once only; each brings its own bodies and keys.

#![allow(dead_code, reason = "each test program uses a part of it")]

mod deeds;
mod governing;
mod granting;
mod keeping;
mod ordering;

use keys::{SigningKey, UnixTime};
use ledger::event::{Action, Event, GOVERNANCE, Genesis};
use ledger::{Replica, SignedEvent};

pub(crate) use deeds::{Issuer, accredit, register};

/// A signed event is held for at most so long here.
const SUBMIT_WITHIN: UnixTime = 3600;

/// A ledger that is written to and read from, whatever keeps it.
pub(crate) trait Engine {
    /// The time by which the engine judges, as near as it can be known.
    fn now(&self) -> UnixTime;

    /// Lets so many seconds pass on that clock.
    async fn pass(&mut self, seconds: u32);

    /// Submits an event. `Ok` once it is in the log for good; else the name of the refusal, and
    /// nothing is written.
    async fn submit(&mut self, event: SignedEvent) -> Result<(), String>;

    /// A replica that has checked everything that was acknowledged.
    async fn replica(&mut self) -> Replica;
}

/// An engine with those who act on its ledger.
pub(crate) struct Stage<E> {
    pub(crate) engine: E,
    pub(crate) governance: Vec<SigningKey>,
    pub(crate) threshold: usize,
    made: u32,
}

/// An accreditor or another body that signs events.
pub(crate) struct Body {
    pub(crate) id: String,
    pub(crate) control: SigningKey,
}

/// The first event of a ledger for the suite.
pub(crate) fn genesis(governance: &[&SigningKey], threshold: u64, now: UnixTime) -> SignedEvent {
    let event = Event {
        ledger: None,
        signer: GOVERNANCE.to_owned(),
        sequence: 1,
        submit_before: now + SUBMIT_WITHIN,
        action: Action::Genesis(Genesis {
            name: "Conformance".to_owned(),
            rules: ledger::RULES,
            keys: governance.iter().map(|key| key.public().to_jwk()).collect(),
            threshold,
            demo: false,
            validators: Vec::new(),
            nonce: SigningKey::make_ed25519().public().thumbprint(),
        }),
    };
    SignedEvent::sign(&event, governance).unwrap()
}

/// Runs each scenario on a ledger of its own.
pub(crate) async fn run_apart<E: Engine>(mut stage: impl FnMut() -> Stage<E>) {
    for name in NAMES {
        play(name, &mut stage()).await;
    }
}

/// Runs all scenarios on one ledger.
pub(crate) async fn run<E: Engine>(stage: &mut Stage<E>) {
    for name in NAMES {
        play(name, stage).await;
    }
}

macro_rules! scenarios {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        /// The scenarios, in the order in which [`run`] plays them.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Plays one scenario. It fails by panicking, with its name.
        pub(crate) async fn play<E: Engine>(name: &str, stage: &mut Stage<E>) {
            match name {
                $(stringify!($name) => $module::$name(stage).await,)+
                other => panic!("no scenario is called {other}"),
            }
        }
    };
}

scenarios! {
    granting::accredit_and_register,
    granting::out_of_scope_grant,
    granting::self_registration,
    granting::another_accreditor,
    granting::services_and_types,
    granting::ended_grant,
    granting::withdrawal_reaches_down,
    keeping::rotation_overlap,
    keeping::compromise,
    keeping::a_key_has_one_owner,
    keeping::loosening,
    ordering::backdating,
    ordering::replay,
    ordering::another_ledger,
    ordering::forgery,
    ordering::one_history,
    governing::k_of_n,
    governing::hand_over,
    governing::rules,
}

impl<E: Engine> Stage<E> {
    /// `governance` are the keys of the ledger's genesis, of which `threshold` must sign.
    pub(crate) fn new(engine: E, governance: Vec<SigningKey>, threshold: usize) -> Self {
        Self {
            engine,
            governance,
            threshold,
            made: 0,
        }
    }

    /// A ledger that begins now, governed by one key.
    pub(crate) fn begin(now: UnixTime, begin: impl FnOnce(SignedEvent) -> E) -> Self {
        let key = SigningKey::make_ed25519();
        let engine = begin(genesis(&[&key], 1, now));
        Self::new(engine, vec![key], 1)
    }

    /// An id that nobody has.
    pub(crate) fn make_id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("https://{kind}-{}.example", self.made)
    }

    /// The event as its signer would write it now.
    pub(crate) async fn event(&mut self, signer: &str, action: Action) -> Event {
        let replica = self.engine.replica().await;
        let registry = replica.registry();
        Event {
            ledger: Some(registry.ledger().to_owned()),
            signer: signer.to_owned(),
            sequence: registry.next_sequence(signer),
            submit_before: self.engine.now() + SUBMIT_WITHIN,
            action,
        }
    }

    /// Signs for a body and submits.
    pub(crate) async fn act(&mut self, body: &Body, action: Action) -> Result<(), String> {
        let event = self.event(&body.id, action).await;
        self.submit(&event, &[&body.control]).await
    }

    /// Signs by as many governance keys as it takes, and submits.
    pub(crate) async fn govern(&mut self, action: Action) -> Result<(), String> {
        let event = self.event(GOVERNANCE, action).await;
        let keys: Vec<&SigningKey> = self.governance.iter().take(self.threshold).collect();
        let signed = SignedEvent::sign(&event, &keys).unwrap();
        self.submit_signed(signed).await
    }

    pub(crate) async fn submit(
        &mut self,
        event: &Event,
        keys: &[&SigningKey],
    ) -> Result<(), String> {
        self.submit_signed(SignedEvent::sign(event, keys).unwrap())
            .await
    }

    /// Whatever is refused leaves every replica as it was.
    pub(crate) async fn submit_signed(&mut self, signed: SignedEvent) -> Result<(), String> {
        let before = self.engine.replica().await;
        let done = self.engine.submit(signed).await;
        let after = self.engine.replica().await;
        let grown = after.size() - before.size();
        assert_eq!(grown, u64::from(done.is_ok()), "{done:?}");
        if done.is_err() {
            assert_eq!(after.registry().state(), before.registry().state());
        }
        done
    }
}

/// The submission was refused by this name.
#[track_caller]
pub(crate) fn refused(done: Result<(), String>, rule: &str) {
    assert_eq!(done.expect_err("it should be refused"), rule);
}
