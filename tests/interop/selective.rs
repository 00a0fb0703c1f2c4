//! Selective Data Integrity (`bbs-2023`, `ecdsa-sd-2023`) with Digital Bazaar's suites.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use credential::data_integrity::selective::{
    Pointer, Suite, derive, proof_options, sign_base, verify_base, verify_derived,
};
use credential::did::{self, Relationship};
use credential::format::IssuerSecret;
use journeys::peer::Peer;
use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value, json};

use crate::cards::{Card, cards, contexts, documents, like_a_blank_node, of_the_catalogue};
use crate::exchange::{get, object, refused, text};
use crate::trial::Trial;

const PEER: &str = "digitalbazaar";
const HEADER: &[u8] = b"for this counter, this time";
const SUITES: [Suite; 2] = [Suite::Bbs2023, Suite::EcdsaSd2023];

type Run = fn(&mut Peer, Suite, &Card) -> Result<()>;

/// For cards of every shape.
const EXCHANGES: &[(&str, Run)] = &[
    (
        "Cairn issues, peer derives, both verify",
        |peer, suite, card| {
            let base = Office::make(suite).issue(card)?;
            let derived = peer_derives(peer, suite, &base, card)?;
            both_verify(peer, suite, &derived, card)
        },
    ),
    (
        "Cairn issues and derives, peer verifies",
        |peer, suite, card| {
            let base = Office::make(suite).issue(card)?;
            let derived = cairn_derives(suite, &base, card)?;
            both_verify(peer, suite, &derived, card)
        },
    ),
    (
        "peer issues, Cairn derives, both verify",
        |peer, suite, card| {
            let base = peer_issues(peer, suite, card)?;
            verify_base(&object(base.clone())?, &issuer_key(&base)?, &contexts()?)?;
            let derived = cairn_derives(suite, &base, card)?;
            both_verify(peer, suite, &derived, card)
        },
    ),
    (
        "peer issues and derives, Cairn verifies",
        |peer, suite, card| {
            let base = peer_issues(peer, suite, card)?;
            let derived = peer_derives(peer, suite, &base, card)?;
            both_verify(peer, suite, &derived, card)
        },
    ),
    ("both derive the same document", |peer, suite, card| {
        let base = Office::make(suite).issue(card)?;
        let (ours, theirs) = (
            without_proof(&cairn_derives(suite, &base, card)?)?,
            without_proof(&peer_derives(peer, suite, &base, card)?)?,
        );
        ensure!(ours == theirs, "Cairn: {ours}, the peer: {theirs}");
        Ok(())
    }),
    ("a changed claim is refused by both", |peer, suite, card| {
        for base in [
            Office::make(suite).issue(card)?,
            peer_issues(peer, suite, card)?,
        ] {
            let derived = cairn_derives(suite, &base, card)?;
            both_refuse(peer, suite, &card.changed(&derived)?)?;
        }
        Ok(())
    }),
];

/// For the types of the catalogue, whose claims are all of one shape.
const OF_TYPES: &[(&str, Run)] = &[EXCHANGES[0], EXCHANGES[2]];

/// Once for each suite.
const NEGATIVES: &[(&str, Run)] = &[
    (
        "a mandatory claim left out is refused by both",
        |peer, suite, card| {
            let mut derived = cairn_derives(suite, &Office::make(suite).issue(card)?, card)?;
            let members = derived.as_object_mut().context("not an object")?;
            ensure!(
                members.remove("validUntil").is_some(),
                "nothing to leave out"
            );
            both_refuse(peer, suite, &derived)
        },
    ),
    ("a claim added is refused by both", |peer, suite, card| {
        let mut derived = cairn_derives(suite, &Office::make(suite).issue(card)?, card)?;
        derived["credentialSubject"]["member"] = true.into();
        let because = match suite {
            Suite::Bbs2023 => "Number of disclosed messages",
            Suite::EcdsaSd2023 => "Signature count",
        };
        both_refuse_because(peer, suite, &derived, because)
    }),
    (
        "another issuer's key is refused by both",
        |peer, suite, card| {
            let mut derived = cairn_derives(suite, &Office::make(suite).issue(card)?, card)?;
            let other = Office::make(suite);
            derived["proof"]["verificationMethod"] = other.method()?.into();
            derived["issuer"] = other.did()?.into();
            both_refuse(peer, suite, &derived)
        },
    ),
    (
        "another purpose in the proof is refused by both",
        |peer, suite, card| {
            let mut derived = cairn_derives(suite, &Office::make(suite).issue(card)?, card)?;
            derived["proof"]["proofPurpose"] = "authentication".into();
            let verified = cairn_verifies(suite, &derived);
            ensure!(verified.is_err(), "Cairn takes what it must refuse");
            refused(peer, &verification(suite, &derived), "not verified")
        },
    ),
    (
        "a base proof is no presentation to either",
        |peer, suite, card| {
            let base = Office::make(suite).issue(card)?;
            let verified = cairn_verifies(suite, &base);
            ensure!(verified.is_err(), "Cairn takes what it must refuse");
            refused(peer, &verification(suite, &base), "not verified")
        },
    ),
    (
        "what was not issued so cannot be derived by either",
        |peer, suite, card| {
            let mut base = Office::make(suite).issue(card)?;
            base["credentialSubject"]["given_name"] = "Eve".into();
            let ours = verify_base(&object(base.clone())?, &issuer_key(&base)?, &contexts()?);
            ensure!(ours.is_err(), "Cairn takes what it must refuse");
            // The peer derives without looking; what it derives then verifies nowhere.
            let derived = match peer.ask(&derivation(suite, &base, card))? {
                Ok(derived) => derived,
                Err(_) => return Ok(()),
            };
            both_refuse(peer, suite, &derived)
        },
    ),
];

pub(crate) fn trials() -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    for suite in SUITES {
        let all = cards().into_iter().map(|card| (card, EXCHANGES));
        let types = of_the_catalogue()?.into_iter();
        for (card, exchanges) in all.chain(types.map(|card| (card, OF_TYPES))) {
            let card = Arc::new(card);
            for (what, run) in exchanges {
                let card = Arc::clone(&card);
                let name = format!("{}: {}: {what}", suite.name(), card.name);
                trials.push(Trial::new(PEER, name, move |peer| run(peer, suite, &card)));
            }
        }
        trials.push(Trial::new(
            PEER,
            format!(
                "{}: a changed text like a blank node is refused by Cairn",
                suite.name()
            ),
            move |peer| {
                // The peer relabels within texts, and takes the changed one: see decision 0345.
                let card = like_a_blank_node();
                let ours = cairn_derives(suite, &Office::make(suite).issue(&card)?, &card)?;
                cairn_verifies(suite, &ours)?;
                let base = peer_issues(peer, suite, &card)?;
                for mut derived in [ours, peer_derives(peer, suite, &base, &card)?] {
                    derived["credentialSubject"]["given_name"] = "_:nobody".into();
                    ensure!(
                        cairn_verifies(suite, &derived).is_err(),
                        "Cairn takes what it must refuse"
                    );
                }
                Ok(())
            },
        ));
        for (what, run) in NEGATIVES {
            let name = format!("{}: {what}", suite.name());
            trials.push(Trial::new(PEER, name, move |peer| {
                run(peer, suite, &cards().remove(0))
            }));
        }
    }
    trials.push(Trial::new(
        PEER,
        "bbs-2023: a proof for another counter is refused by both",
        |peer| {
            let card = cards().remove(0);
            let base = Office::make(Suite::Bbs2023).issue(&card)?;
            let pointers = pointers(&card.selective)?;
            let derived = derive(&object(base)?, &pointers, b"another counter", &contexts()?)?;
            both_refuse_because(
                peer,
                Suite::Bbs2023,
                &derived.into(),
                // The peer's check of the header answers `false` where data is expected, and then
                // fails on that.
                "Cannot read properties of undefined (reading 'length')",
            )
        },
    ));
    Ok(trials)
}

/// An issuer of Cairn's.
enum Office {
    Signing(SigningKey),
    Bbs(bbs::SecretKey),
}

impl Office {
    fn make(suite: Suite) -> Self {
        match suite {
            Suite::Bbs2023 => Self::Bbs(bbs::SecretKey::make()),
            Suite::EcdsaSd2023 => Self::Signing(SigningKey::make_p256()),
        }
    }

    fn suite(&self) -> Suite {
        match self {
            Self::Signing(_) => Suite::EcdsaSd2023,
            Self::Bbs(_) => Suite::Bbs2023,
        }
    }

    fn public(&self) -> PublicKey {
        match self {
            Self::Signing(key) => key.public(),
            Self::Bbs(key) => PublicKey::Bls12381G2(key.public()),
        }
    }

    fn did(&self) -> Result<String> {
        Ok(did::derive_did_key(&self.public())?)
    }

    fn method(&self) -> Result<String> {
        Ok(did::derive_did_key_url(&self.public())?)
    }

    fn issue(&self, card: &Card) -> Result<Value> {
        let options = proof_options(self.suite(), &self.method()?, None);
        let secret = match self {
            Self::Signing(key) => IssuerSecret::Signing(key),
            Self::Bbs(key) => IssuerSecret::Bbs(key),
        };
        let issued = sign_base(
            &card.document(&self.did()?)?,
            &options,
            &pointers(&card.mandatory)?,
            secret,
            &contexts()?,
        )?;
        Ok(issued.into())
    }
}

fn peer_issues(peer: &mut Peer, suite: Suite, card: &Card) -> Result<Value> {
    let key = get(peer, &json!({"do": "make_key", "suite": suite.name()}))?;
    let issuer = text(&key["controller"])?;
    let request = json!({"do": "issue", "suite": suite.name(), "key": key,
        "credential": card.document(issuer)?, "mandatory": card.mandatory,
        "documents": documents()});
    get(peer, &request)
}

fn cairn_derives(suite: Suite, base: &Value, card: &Card) -> Result<Value> {
    let derived = derive(
        &object(base.clone())?,
        &pointers(&card.selective)?,
        header(suite),
        &contexts()?,
    )?;
    Ok(derived.into())
}

fn derivation(suite: Suite, base: &Value, card: &Card) -> Value {
    let mut request = json!({"do": "derive", "credential": base, "pointers": card.selective,
        "documents": documents()});
    if suite == Suite::Bbs2023 {
        request["presentation_header"] = keys::b64::encode(HEADER).into();
    }
    request
}

fn peer_derives(peer: &mut Peer, suite: Suite, base: &Value, card: &Card) -> Result<Value> {
    get(peer, &derivation(suite, base, card))
}

fn cairn_verifies(suite: Suite, derived: &Value) -> Result<()> {
    let expected = (suite == Suite::Bbs2023).then_some(HEADER);
    verify_derived(
        &object(derived.clone())?,
        &issuer_key(derived)?,
        expected,
        &contexts()?,
    )?;
    Ok(())
}

fn verification(suite: Suite, derived: &Value) -> Value {
    let mut request = json!({"do": "verify", "credential": derived, "documents": documents()});
    if suite == Suite::Bbs2023 {
        request["presentation_header"] = keys::b64::encode(HEADER).into();
    }
    request
}

fn both_verify(peer: &mut Peer, suite: Suite, derived: &Value, card: &Card) -> Result<()> {
    card.shows_what_it_should(derived)?;
    cairn_verifies(suite, derived).context("Cairn refuses it")?;
    get(peer, &verification(suite, derived))?;
    Ok(())
}

fn both_refuse(peer: &mut Peer, suite: Suite, derived: &Value) -> Result<()> {
    both_refuse_because(peer, suite, derived, "Invalid signature")
}

fn both_refuse_because(
    peer: &mut Peer,
    suite: Suite,
    derived: &Value,
    because: &str,
) -> Result<()> {
    let verified = cairn_verifies(suite, derived);
    ensure!(verified.is_err(), "Cairn takes what it must refuse");
    refused(peer, &verification(suite, derived), because)
}

/// The key of the issuer, which its did:key is.
fn issuer_key(credential: &Value) -> Result<PublicKey> {
    let method = text(&credential["proof"]["verificationMethod"])?;
    let document = did::resolve_self_contained(did::split_url(method).0)?;
    Ok(document.key(method, Relationship::Assertion)?)
}

fn header(suite: Suite) -> &'static [u8] {
    match suite {
        Suite::Bbs2023 => HEADER,
        Suite::EcdsaSd2023 => b"",
    }
}

fn pointers(written: &[String]) -> Result<Vec<Pointer>> {
    written.iter().map(|one| Ok(Pointer::parse(one)?)).collect()
}

fn without_proof(derived: &Value) -> Result<Value> {
    let mut members: Map<String, Value> = object(derived.clone())?;
    members.remove("proof");
    Ok(members.into())
}
