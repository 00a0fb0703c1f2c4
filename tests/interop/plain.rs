//! Proofs over a whole document with Digital Bazaar's suites: credentials and presentations.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use credential::data_integrity::plain::{Expected, Options, Purpose, Suite, sign, verify};
use credential::did;
use journeys::peer::Peer;
use keys::SigningKey;
use serde_json::{Value, json};

use crate::cards::{Card, cards, contexts, documents, of_the_catalogue};
use crate::exchange::{get, key_of_method, now, object, refused, text};
use crate::trial::Trial;

const PEER: &str = "digitalbazaar";
const CHALLENGE: &str = "n-0S6_WzA2Mj";
const DOMAIN: &str = "x509_san_dns:counter.example";
/// A suite and what its keys are on.
#[derive(Clone, Copy)]
struct Kind {
    suite: Suite,
    on_p384: bool,
}

impl Kind {
    const fn of(suite: Suite) -> Self {
        Self {
            suite,
            on_p384: false,
        }
    }

    const fn on_p384(suite: Suite) -> Self {
        Self {
            suite,
            on_p384: true,
        }
    }

    fn name(self) -> String {
        let on = if self.on_p384 { " on P-384" } else { "" };
        format!("{}{on}", self.suite.name())
    }

    fn peers_key(self, peer: &mut Peer) -> Result<Value> {
        let mut request = json!({"do": "make_key", "suite": self.suite.name()});
        if self.on_p384 {
            request["curve"] = "P-384".into();
        }
        get(peer, &request)
    }
}

const KINDS: [Kind; 6] = [
    Kind::of(Suite::EddsaRdfc2022),
    Kind::of(Suite::EcdsaRdfc2019),
    Kind::on_p384(Suite::EcdsaRdfc2019),
    Kind::of(Suite::EddsaJcs2022),
    Kind::of(Suite::EcdsaJcs2019),
    Kind::on_p384(Suite::EcdsaJcs2019),
];

type Run = fn(&mut Peer, Kind, &Card) -> Result<()>;

const EXCHANGES: &[(&str, Run)] = &[
    ("Cairn issues, peer verifies", |peer, kind, card| {
        let issued = Signer::of(kind).issue(card)?;
        both_verify(peer, &issued)
    }),
    ("peer issues, Cairn verifies", |peer, kind, card| {
        let issued = peer_issues(peer, kind, card)?;
        both_verify(peer, &issued)
    }),
];

const ONCE: &[(&str, Run)] = &[
    ("a changed claim is refused by both", |peer, kind, card| {
        for issued in [
            Signer::of(kind).issue(card)?,
            peer_issues(peer, kind, card)?,
        ] {
            let mut changed = issued;
            changed["credentialSubject"]["given_name"] = "Eve".into();
            both_refuse(peer, &changed)?;
        }
        Ok(())
    }),
    (
        "another purpose in the proof is refused by both",
        |peer, kind, card| {
            let mut issued = Signer::of(kind).issue(card)?;
            issued["proof"]["proofPurpose"] = "authentication".into();
            ensure!(
                cairn_verifies(&issued).is_err(),
                "Cairn takes what it must refuse"
            );
            refused(peer, &verification(&issued), "not verified")
        },
    ),
    (
        "another issuer's key is refused by both",
        |peer, kind, card| {
            let mut issued = Signer::of(kind).issue(card)?;
            let other = Signer::of(kind);
            issued["issuer"] = other.did()?.into();
            issued["proof"]["verificationMethod"] = other.method()?.into();
            both_refuse(peer, &issued)
        },
    ),
    ("Cairn presents, peer verifies", |peer, kind, card| {
        let shown = Signer::of(kind).present(&Signer::of(kind).issue(card)?)?;
        presentation_is_taken(peer, &shown)
    }),
    ("peer presents, Cairn verifies", |peer, kind, card| {
        let issued = Signer::of(kind).issue(card)?;
        let key = kind.peers_key(peer)?;
        let request = json!({"do": "present", "suite": kind.suite.name(), "credentials": [issued],
            "holder": key["controller"], "key": key, "challenge": CHALLENGE, "domain": DOMAIN,
            "documents": documents()});
        let shown = get(peer, &request)?;
        presentation_is_taken(peer, &shown)
    }),
    (
        "a presentation for another request is refused by both",
        |peer, kind, card| {
            let shown = Signer::of(kind).present(&Signer::of(kind).issue(card)?)?;
            for (challenge, domain, because) in [
                ("another", DOMAIN, "challenge"),
                (CHALLENGE, "another", "domain"),
            ] {
                ensure!(
                    cairn_checks(&shown, challenge, domain).is_err(),
                    "Cairn takes another {because}"
                );
                refused(peer, &presented(&shown, challenge, domain), because)?;
            }
            Ok(())
        },
    ),
];

pub(crate) fn trials() -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for kind in KINDS {
        for card in cards().into_iter().chain(of_the_catalogue()?) {
            let card = Arc::new(card);
            for (what, run) in EXCHANGES {
                let card = Arc::clone(&card);
                let name = format!("{}: {}: {what}", kind.name(), card.name);
                trials.push(Trial::new(PEER, name, move |peer| run(peer, kind, &card)));
            }
        }
        for (what, run) in ONCE {
            let name = format!("{}: {what}", kind.name());
            trials.push(Trial::new(PEER, name, move |peer| {
                run(peer, kind, &cards().remove(0))
            }));
        }
    }
    Ok(trials)
}

/// An issuer, or a holder, of Cairn's.
pub(crate) struct Signer {
    suite: Suite,
    key: SigningKey,
}

impl Signer {
    pub(crate) fn make(suite: Suite) -> Self {
        Self::of(Kind::of(suite))
    }

    fn of(Kind { suite, on_p384 }: Kind) -> Self {
        let key = match suite {
            Suite::EddsaRdfc2022 | Suite::EddsaJcs2022 => SigningKey::make_ed25519(),
            _ if on_p384 => SigningKey::make_p384(),
            _ => SigningKey::make_p256(),
        };
        Self { suite, key }
    }

    pub(crate) fn did(&self) -> Result<String> {
        Ok(did::derive_did_key(&self.key.public())?)
    }

    fn method(&self) -> Result<String> {
        Ok(did::derive_did_key_url(&self.key.public())?)
    }

    pub(crate) fn sign(&self, document: &Value, purpose: Purpose) -> Result<Value> {
        let authentication = purpose == Purpose::Authentication;
        let options = Options {
            suite: self.suite,
            verification_method: &self.method()?,
            purpose,
            created: Some(now()?),
            challenge: authentication.then_some(CHALLENGE),
            domain: authentication.then_some(DOMAIN),
        };
        let signed = sign(
            &object(document.clone())?,
            &options,
            &self.key,
            &contexts()?,
        )?;
        Ok(signed.into())
    }

    fn issue(&self, card: &Card) -> Result<Value> {
        self.sign(&card.document(&self.did()?)?.into(), Purpose::Assertion)
    }

    fn present(&self, credential: &Value) -> Result<Value> {
        let presentation = json!({"@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"], "holder": self.did()?,
            "verifiableCredential": [credential]});
        self.sign(&presentation, Purpose::Authentication)
    }
}

fn peer_issues(peer: &mut Peer, kind: Kind, card: &Card) -> Result<Value> {
    let key = kind.peers_key(peer)?;
    let request = json!({"do": "issue", "suite": kind.suite.name(), "key": key,
        "credential": card.document(text(&key["controller"])?)?, "documents": documents()});
    get(peer, &request)
}

pub(crate) fn cairn_verifies(issued: &Value) -> Result<()> {
    let expected = Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now: now()?,
    };
    verify(
        &object(issued.clone())?,
        0,
        &|method| key_of_method(method),
        &expected,
        &contexts()?,
    )?;
    Ok(())
}

fn verification(issued: &Value) -> Value {
    json!({"do": "verify", "credential": issued, "documents": documents()})
}

fn both_verify(peer: &mut Peer, issued: &Value) -> Result<()> {
    cairn_verifies(issued).context("Cairn refuses it")?;
    get(peer, &verification(issued))?;
    Ok(())
}

fn both_refuse(peer: &mut Peer, issued: &Value) -> Result<()> {
    ensure!(
        cairn_verifies(issued).is_err(),
        "Cairn takes what it must refuse"
    );
    refused(peer, &verification(issued), "Invalid signature")
}

fn cairn_checks(shown: &Value, challenge: &str, domain: &str) -> Result<()> {
    let expected = Expected {
        purpose: Purpose::Authentication,
        challenge: Some(challenge),
        domain: Some(domain),
        now: now()?,
    };
    verify(
        &object(shown.clone())?,
        0,
        &|method| key_of_method(method),
        &expected,
        &contexts()?,
    )?;
    cairn_verifies(&shown["verifiableCredential"][0])
}

fn presented(shown: &Value, challenge: &str, domain: &str) -> Value {
    json!({"do": "verify_presentation", "presentation": shown, "challenge": challenge,
        "domain": domain, "documents": documents()})
}

fn presentation_is_taken(peer: &mut Peer, shown: &Value) -> Result<()> {
    cairn_checks(shown, CHALLENGE, DOMAIN).context("Cairn refuses it")?;
    get(peer, &presented(shown, CHALLENGE, DOMAIN))?;
    Ok(())
}
