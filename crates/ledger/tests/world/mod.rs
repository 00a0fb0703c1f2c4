//! A small ledger in memory, and the deeds that tests do on it.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod folder;

use std::collections::{BTreeMap, HashMap};

use keys::x509::Certificate;
use keys::{PublicKey, SigningKey, UnixTime};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, KeyEntry, Names, Purpose,
    RegisterIssuer, RegisterService, RevokeKey, RotateKey, Withdraw,
};
use ledger::{Registry, Rejection, SignedEvent};

pub(crate) const NOW: UnixTime = 1_800_000_000;
pub(crate) const DAY: UnixTime = 86_400;
pub(crate) const ACCREDITOR: &str = "https://accreditor.example";
pub(crate) const ISSUER: &str = "https://issuer.example";

pub(crate) struct World {
    pub(crate) registry: Registry,
    pub(crate) now: UnixTime,
    pub(crate) until: UnixTime,
    pub(crate) issuing: SigningKey,
    /// Control keys in PEM, by signer.
    pub(crate) controls: BTreeMap<String, String>,
    /// Every signed event with its time, for logs.
    pub(crate) events: Vec<SignedEvent>,
}

pub(crate) fn names(name: &str) -> Names {
    Names::from([("en".to_owned(), name.to_owned())])
}

pub(crate) fn key_entry(key: &SigningKey) -> KeyEntry {
    KeyEntry {
        jwk: Some(key.public().to_jwk()),
        x509: None,
        ca: false,
        san: None,
        source: None,
        possession: ATTESTED.to_owned(),
    }
}

pub(crate) fn certificate_entry(
    certificate: &Certificate,
    ca: bool,
    san: Option<&str>,
) -> KeyEntry {
    KeyEntry {
        jwk: None,
        x509: Some(certificate.to_x5c()),
        ca,
        san: san.map(str::to_owned),
        source: None,
        possession: ATTESTED.to_owned(),
    }
}

pub(crate) fn purpose(id: &str) -> Purpose {
    Purpose {
        id: id.to_owned(),
        name: names("A purpose"),
        reason: names("A reason"),
        retention: "P30D".to_owned(),
        onward: Vec::new(),
        legal_basis: "An act".to_owned(),
        contact: "mailto:desk@example".to_owned(),
        dcql: r#"{"credentials":[{"id":"a","format":"dc+sd-jwt"}]}"#.to_owned(),
    }
}

pub(crate) fn self_signed(name: &str) -> (Certificate, rcgen::KeyPair) {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (Certificate::from_der(certificate.der()).unwrap(), key)
}

impl World {
    pub(crate) fn empty() -> Self {
        Self {
            registry: Registry::default(),
            now: NOW,
            until: NOW + 1000 * DAY,
            issuing: SigningKey::make_p256(),
            controls: BTreeMap::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn new() -> Self {
        let mut world = Self::empty();
        let key = SigningKey::make_ed25519();
        let genesis = Self::genesis_event(&[&key], 1);
        world.apply_signed(&genesis, &[&key]).unwrap();
        world.keep(GOVERNANCE, &key);
        world
    }

    pub(crate) fn accredited(types: &[&str]) -> Self {
        let mut world = Self::new();
        world.accredit(ACCREDITOR, types);
        world
    }

    pub(crate) fn with_issuer() -> Self {
        let mut world = Self::accredited(&["a", "b", "*"][..2]);
        let key = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
        let action = world.issuer_action(ISSUER, &["a"], &key);
        world.submit(ACCREDITOR, action).unwrap();
        world
    }

    fn keep(&mut self, signer: &str, key: &SigningKey) {
        let pem = key.to_pem().unwrap().to_string();
        self.controls.insert(signer.to_owned(), pem);
    }

    pub(crate) fn accredit(&mut self, id: &str, types: &[&str]) {
        let key = SigningKey::make_ed25519();
        let action = self.accredit_action(id, types, &key);
        self.submit(GOVERNANCE, action).unwrap();
        self.keep(id, &key);
    }

    pub(crate) fn genesis_event(keys: &[&SigningKey], threshold: u64) -> Event {
        Event {
            ledger: None,
            signer: GOVERNANCE.to_owned(),
            sequence: 1,
            submit_before: NOW + 3600,
            action: Action::Genesis(Genesis {
                name: "Test".to_owned(),
                rules: ledger::RULES,
                keys: keys.iter().map(|key| key.public().to_jwk()).collect(),
                threshold,
                demo: false,
                validators: Vec::new(),
                nonce: SigningKey::make_ed25519().public().thumbprint(),
            }),
        }
    }

    pub(crate) fn accredit_action(&self, id: &str, types: &[&str], key: &SigningKey) -> Action {
        Action::Accredit(Accredit {
            id: id.to_owned(),
            names: names("Accreditor"),
            control_keys: vec![ControlKey {
                jwk: key.public().to_jwk(),
                possession: ATTESTED.to_owned(),
            }],
            types: types.iter().map(|&t| t.to_owned()).collect(),
            until: self.until,
        })
    }

    pub(crate) fn issuer_action(&self, id: &str, types: &[&str], key: &SigningKey) -> Action {
        self.issuer_action_of(id, types, key_entry(key))
    }

    pub(crate) fn issuer_action_of(&self, id: &str, types: &[&str], entry: KeyEntry) -> Action {
        Action::RegisterIssuer(RegisterIssuer {
            id: id.to_owned(),
            names: names("Issuer"),
            jurisdiction: None,
            control_keys: Vec::new(),
            keys: vec![entry],
            types: types.iter().map(|&t| t.to_owned()).collect(),
            until: None,
            status_lists: Vec::new(),
        })
    }

    pub(crate) fn service_body(&self, id: &str, keys: Vec<KeyEntry>) -> RegisterService {
        RegisterService {
            id: id.to_owned(),
            names: names("Desk"),
            keys,
            purposes: vec![purpose("p")],
            until: None,
        }
    }

    pub(crate) fn service_action(&self, id: &str, keys: Vec<KeyEntry>) -> Action {
        Action::RegisterService(self.service_body(id, keys))
    }

    pub(crate) fn rotate_action(
        &self,
        id: &str,
        old: &str,
        new: &SigningKey,
        until: UnixTime,
    ) -> Action {
        Action::RotateKey(RotateKey {
            id: id.to_owned(),
            old: old.to_owned(),
            new: key_entry(new),
            accept_until: until,
        })
    }

    pub(crate) fn revoke_action(id: &str, key: &str) -> Action {
        Action::RevokeKey(RevokeKey {
            id: id.to_owned(),
            key: key.to_owned(),
            reason: "stolen".to_owned(),
            invalid_from: None,
        })
    }

    pub(crate) fn withdraw_action(id: &str) -> Action {
        Action::Withdraw(Withdraw {
            id: id.to_owned(),
            types: None,
            reason: None,
        })
    }

    pub(crate) fn event(&self, signer: &str, action: Action) -> Event {
        Event {
            ledger: Some(self.registry.ledger().to_owned()),
            signer: signer.to_owned(),
            sequence: self.registry.next_sequence(signer),
            submit_before: self.now + 3600,
            action,
        }
    }

    fn control(&self, signer: &str) -> SigningKey {
        SigningKey::from_pem(&self.controls[signer]).unwrap()
    }

    /// Signs as the signer should, and applies.
    pub(crate) fn submit(&mut self, signer: &str, action: Action) -> Result<(), Rejection> {
        let key = self.control(signer);
        self.submit_with(signer, action, &[&key])
    }

    pub(crate) fn submit_with(
        &mut self,
        signer: &str,
        action: Action,
        keys: &[&SigningKey],
    ) -> Result<(), Rejection> {
        let event = self.event(signer, action);
        self.apply_signed(&event, keys)
    }

    /// Signs with the signer's key, whatever the event says.
    pub(crate) fn apply_event(&mut self, event: &Event) -> Result<(), Rejection> {
        let key = self.control(&event.signer);
        self.apply_signed(event, &[&key])
    }

    pub(crate) fn apply_signed(
        &mut self,
        event: &Event,
        keys: &[&SigningKey],
    ) -> Result<(), Rejection> {
        let signed = SignedEvent::sign(event, keys).unwrap();
        let known: HashMap<String, PublicKey> = keys
            .iter()
            .map(|key| (key.public().thumbprint(), key.public()))
            .collect();
        let before = self.registry.state();
        let checked = signed.clone().check(&known)?;
        let result = self
            .registry
            .apply(self.registry.size(), self.now, &checked);
        match &result {
            Ok(()) => self.events.push(signed),
            Err(_) => assert_eq!(self.registry.state(), before, "a rejection changes nothing"),
        }
        result
    }
}
