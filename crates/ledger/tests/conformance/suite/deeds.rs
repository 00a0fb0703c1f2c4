//! The events that scenarios are made of, and the questions that they ask.

use keys::{SigningKey, UnixTime};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, KeyEntry, Names, Purpose, RegisterIssuer,
    RegisterService, RevokeKey, RotateKey, Withdraw,
};
use ledger::{Presented, Question, Standing};

use super::{Body, Engine, Stage};

pub(crate) const DAY: UnixTime = 86_400;

/// An issuer with the key that it signs credentials with.
pub(crate) struct Issuer {
    pub(crate) id: String,
    pub(crate) key: SigningKey,
}

/// Governance accredits a new body for these types, for a year.
pub(crate) async fn accredit<E: Engine>(stage: &mut Stage<E>, types: &[&str]) -> Body {
    let body = Body {
        id: stage.make_id("accreditor"),
        control: SigningKey::make_ed25519(),
    };
    let until = stage.engine.now() + 365 * DAY;
    let action = accredit_action(&body, types, until);
    stage.govern(action).await.unwrap();
    body
}

/// An accreditor registers a new issuer of these types.
pub(crate) async fn register<E: Engine>(stage: &mut Stage<E>, by: &Body, types: &[&str]) -> Issuer {
    let issuer = Issuer {
        id: stage.make_id("issuer"),
        key: SigningKey::make_p256(),
    };
    let action = issuer_action(&issuer.id, types, &issuer.key, None);
    stage.act(by, action).await.unwrap();
    issuer
}

pub(crate) fn accredit_action(body: &Body, types: &[&str], until: UnixTime) -> Action {
    Action::Accredit(Accredit {
        id: body.id.clone(),
        names: names("Accreditor"),
        control_keys: vec![control_key(&body.control)],
        types: owned(types),
        until,
    })
}

pub(crate) fn issuer_action(
    id: &str,
    types: &[&str],
    key: &SigningKey,
    until: Option<UnixTime>,
) -> Action {
    Action::RegisterIssuer(RegisterIssuer {
        id: id.to_owned(),
        names: names("Issuer"),
        jurisdiction: None,
        control_keys: Vec::new(),
        keys: vec![key_entry(key)],
        types: owned(types),
        until,
        status_lists: Vec::new(),
    })
}

pub(crate) fn service_action(id: &str, purpose: &str) -> Action {
    Action::RegisterService(RegisterService {
        id: id.to_owned(),
        names: names("Desk"),
        keys: Vec::new(),
        purposes: vec![Purpose {
            id: purpose.to_owned(),
            name: names("A purpose"),
            reason: names("A reason"),
            retention: "P30D".to_owned(),
            onward: Vec::new(),
            legal_basis: "An act".to_owned(),
            contact: "mailto:desk@desk.example".to_owned(),
            dcql: r#"{"credentials":[{"id":"a","format":"dc+sd-jwt"}]}"#.to_owned(),
        }],
        until: None,
    })
}

pub(crate) fn rotate_action(issuer: &Issuer, new: &SigningKey, until: UnixTime) -> Action {
    Action::RotateKey(RotateKey {
        id: issuer.id.clone(),
        old: issuer.key.public().thumbprint(),
        new: key_entry(new),
        accept_until: until,
    })
}

pub(crate) fn revoke_action(issuer: &Issuer, invalid_from: Option<UnixTime>) -> Action {
    Action::RevokeKey(RevokeKey {
        id: issuer.id.clone(),
        key: issuer.key.public().thumbprint(),
        reason: "stolen".to_owned(),
        invalid_from,
    })
}

pub(crate) fn withdraw_action(id: &str) -> Action {
    Action::Withdraw(Withdraw {
        id: id.to_owned(),
        types: None,
        reason: None,
    })
}

pub(crate) fn control_key(key: &SigningKey) -> ControlKey {
    ControlKey {
        jwk: key.public().to_jwk(),
        possession: ATTESTED.to_owned(),
    }
}

pub(crate) fn names(name: &str) -> Names {
    Names::from([("en".to_owned(), name.to_owned())])
}

fn key_entry(key: &SigningKey) -> KeyEntry {
    KeyEntry {
        jwk: Some(key.public().to_jwk()),
        x509: None,
        ca: false,
        san: None,
        source: None,
        possession: ATTESTED.to_owned(),
    }
}

fn owned(types: &[&str]) -> Vec<String> {
    types.iter().map(|&name| name.to_owned()).collect()
}

impl<E: Engine> Stage<E> {
    /// How a key stands for a type, `later` seconds from now; issued just now.
    pub(crate) async fn standing(
        &mut self,
        key: &SigningKey,
        type_id: &str,
        later: UnixTime,
    ) -> Standing {
        let issued = self.engine.now();
        self.standing_of(key, type_id, issued, later).await
    }

    pub(crate) async fn standing_of(
        &mut self,
        key: &SigningKey,
        type_id: &str,
        issued_at: UnixTime,
        later: UnixTime,
    ) -> Standing {
        let replica = self.engine.replica().await;
        let public = key.public();
        let question = Question::Issuer {
            key: Presented::Key(&public),
            type_id,
            issued_at: Some(issued_at),
        };
        replica
            .decide(&question, self.engine.now() + later)
            .standing
    }
}
