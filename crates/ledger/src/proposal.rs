//! A proposed event, while its signatures are gathered: a file that goes from one signer to the
//! next, or copies of it that each of them signs.
//!
//! The file holds the payload as it will stand in the log, and the signatures so far. Nobody who
//! passes it on is trusted: a signature by a key that may not sign, or over other words, is found
//! when the event is submitted at the latest.

use std::collections::HashMap;

use keys::{PublicKey, SigningKey, UnixTime, b64, json};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::canonical;
use crate::event::{Action, Event, GOVERNANCE};
use crate::registry::Registry;
use crate::replay::check_one;
use crate::rules::Rejection;
use crate::signed::{
    CheckedEvent, Leaf, MAX_SIGNATURES, SignedError, SignedEvent, sign_payload, signature_key,
};
use crate::tile::MAX_ENTRY;

/// The longest file that is read, in bytes.
pub const MAX_PROPOSAL: usize = 2 * MAX_ENTRY;
/// The member that tells a proposal from any other document.
const MARK: &str = "cairn_event";
const VERSION: u64 = 1;

/// Why a proposal was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProposalError {
    /// Not a proposed event.
    #[error("not a proposed event")]
    Malformed,
    /// The payload or a signature has not the form that the log takes.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// Two files propose different events.
    #[error("the files propose different events")]
    Different,
    /// More signatures than an event may carry.
    #[error("an event carries at most {MAX_SIGNATURES} signatures")]
    TooMany,
    /// Nobody has signed yet.
    #[error("nobody has signed yet")]
    Unsigned,
}

impl ProposalError {
    /// The name of the refusal.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Malformed | Self::Signed(_) => "malformed_proposal",
            Self::Different => "different_proposals",
            Self::TooMany => "too_many_signatures",
            Self::Unsigned => "not_signed",
        }
    }
}

/// A signature that does not count on a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// What it names as the thumbprint of its key. Nothing of it was checked.
    pub key: String,
    /// Why it does not count.
    pub reason: Uncounted,
}

/// Why a signature does not count on a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Uncounted {
    /// The key has no say in this event.
    #[error("its key is none of those that may sign this event")]
    Stranger,
    /// The signature is not by the key that it names, or over other words.
    #[error("it is not by the key that it names, or over other words")]
    Forged,
}

impl Uncounted {
    /// The name of the reason.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Stranger => "not_entitled",
            Self::Forged => "forged",
        }
    }
}

/// An event with the signatures that it has so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    event: Event,
    encoded: String,
    /// By the thumbprint of their keys, in the order in which they came.
    signatures: Vec<(String, Value)>,
}

impl Proposal {
    /// A proposal that nobody has signed.
    pub fn new(event: &Event) -> Result<Self, ProposalError> {
        let payload = event.to_value().map_err(SignedError::from)?;
        let payload = canonical::value_to_bytes(&payload).map_err(SignedError::from)?;
        Ok(Self {
            event: event.clone(),
            encoded: b64::encode(payload),
            signatures: Vec::new(),
        })
    }

    /// Reads a file. Its signatures are checked for their form only.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProposalError> {
        let value =
            json::parse_bounded(bytes, MAX_PROPOSAL).map_err(|_| ProposalError::Malformed)?;
        let object = value.as_object().ok_or(ProposalError::Malformed)?;
        let encoded = object.get("payload").and_then(Value::as_str);
        let listed = object.get("signatures").and_then(Value::as_array);
        let version = object.get(MARK).and_then(Value::as_u64);
        let (Some(encoded), Some(listed), Some(VERSION), 3) =
            (encoded, listed, version, object.len())
        else {
            return Err(ProposalError::Malformed);
        };
        let payload = b64::decode(encoded).map_err(|_| ProposalError::Malformed)?;
        let payload = canonical::parse(&payload, MAX_ENTRY).map_err(SignedError::from)?;
        let mut proposal = Self {
            event: Event::from_value(payload).map_err(SignedError::from)?,
            encoded: encoded.to_owned(),
            signatures: Vec::new(),
        };
        for signature in listed {
            let key = signature_key(signature, encoded)?;
            proposal.add(key, signature.clone())?;
        }
        Ok(proposal)
    }

    /// The text of the file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = json!({
            MARK: VERSION,
            "payload": self.encoded,
            "signatures": self.listed(),
        });
        let mut bytes = document.to_string().into_bytes();
        bytes.push(b'\n');
        bytes
    }

    /// What is proposed.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Sixteen groups of four hexadecimal digits over the payload: signers who compare them know
    /// that they sign the same.
    pub fn fingerprint(&self) -> String {
        let digest = hex::encode(Sha256::digest(&self.encoded));
        let groups = (0..16).filter_map(|group| digest.get(group * 4..group * 4 + 4));
        groups.collect::<Vec<_>>().join(" ")
    }

    /// Thumbprints of the keys that the signatures name.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|(key, _)| key.as_str())
    }

    /// Adds a signature, in the place of an earlier one by the same key.
    pub fn sign(&mut self, key: &SigningKey) -> Result<(), ProposalError> {
        let signature = sign_payload(&self.encoded, key)?;
        self.add(key.public().thumbprint(), signature)
    }

    /// Takes over the signatures of a copy, and says how many were new.
    pub fn merge(&mut self, copy: &Self) -> Result<usize, ProposalError> {
        if copy.encoded != self.encoded {
            return Err(ProposalError::Different);
        }
        let before = self.signatures.len();
        for (key, signature) in &copy.signatures {
            if !self.signatures.iter().any(|(own, _)| own == key) {
                self.add(key.clone(), signature.clone())?;
            }
        }
        Ok(self.signatures.len() - before)
    }

    /// The event as the log takes it.
    pub fn to_signed(&self) -> Result<SignedEvent, ProposalError> {
        if self.signatures.is_empty() {
            return Err(ProposalError::Unsigned);
        }
        let value = json!({"payload": self.encoded, "signatures": self.listed()});
        Ok(SignedEvent::parse(&value)?)
    }

    /// What the ledger's rules would say of the event at `now`, with the signatures that it has.
    pub fn try_on(&self, registry: &Registry, now: UnixTime) -> Result<CheckedEvent, Rejection> {
        let event = self.to_signed().map_err(|_| Rejection::ThresholdNotMet)?;
        let time = now.max(registry.time());
        let leaf = Leaf {
            time,
            event,
            state: [0; 32],
        };
        let checked = check_one(registry, leaf)?;
        let mut copy = registry.clone();
        copy.apply(registry.size(), time, &checked)?;
        Ok(checked)
    }

    /// What the rules would say at `now` if all who are asked had signed: everything of the event
    /// is judged but its signatures.
    pub fn try_signed_by_all(&self, registry: &Registry, now: UnixTime) -> Result<(), Rejection> {
        let mut signers: Vec<String> = Vec::new();
        for jwk in self.entitled(registry) {
            if let Ok(key) = PublicKey::from_jwk(jwk)
                && !signers.contains(&key.thumbprint())
            {
                signers.push(key.thumbprint());
            }
        }
        // Governance signs together; of anybody else one key speaks, and not each for everything.
        let together: Vec<Vec<String>> = if self.event.signer == GOVERNANCE {
            vec![signers]
        } else {
            signers.into_iter().map(|signer| vec![signer]).collect()
        };
        let time = now.max(registry.time());
        let mut verdict = Err(Rejection::NotEntitled);
        for signers in together {
            let supposed = CheckedEvent::suppose(&self.event, signers)?;
            let mut copy = registry.clone();
            verdict = match (verdict, copy.apply(registry.size(), time, &supposed)) {
                (_, Ok(())) => return Ok(()),
                // That this one key may not says nothing of the event.
                (Err(earlier), Err(Rejection::ForgedEvent)) => Err(earlier),
                (_, rejected) => rejected,
            };
        }
        verdict
    }

    /// The proposal with those signatures only that count on this ledger, and the others. One that
    /// is refused with the rest would let anybody who passes a file on spoil it.
    pub fn sift(&self, registry: &Registry) -> (Self, Vec<LeftOut>) {
        let known = self.known_keys(registry);
        let mut counted = Self {
            signatures: Vec::new(),
            ..self.clone()
        };
        let mut left_out = Vec::new();
        for (thumbprint, signature) in &self.signatures {
            match self.judge(signature, known.get(thumbprint)) {
                Ok(()) => counted
                    .signatures
                    .push((thumbprint.clone(), signature.clone())),
                Err(reason) => left_out.push(LeftOut {
                    key: thumbprint.clone(),
                    reason,
                }),
            }
        }
        (counted, left_out)
    }

    /// Thumbprints of those who may sign on this ledger, and whose signature is not here or does
    /// not count.
    pub fn missing(&self, registry: &Registry) -> Vec<String> {
        let (counted, _) = self.sift(registry);
        let known = self.known_keys(registry).into_keys();
        let mut missing: Vec<String> = known
            .filter(|key| !counted.signers().any(|signer| signer == key))
            .collect();
        missing.sort_unstable();
        missing
    }

    fn judge(&self, signature: &Value, key: Option<&PublicKey>) -> Result<(), Uncounted> {
        let key = key.ok_or(Uncounted::Stranger)?;
        let one = json!({"payload": self.encoded, "signatures": [signature]});
        let one = SignedEvent::parse(&one).map_err(|_| Uncounted::Forged)?;
        match one.check(&HashMap::from([(key.thumbprint(), key.clone())])) {
            Err(Rejection::ForgedEvent) => Err(Uncounted::Forged),
            // What else there is to say of the event says nothing of the signature.
            _ => Ok(()),
        }
    }

    /// The keys that may sign, by their thumbprints.
    fn known_keys(&self, registry: &Registry) -> HashMap<String, PublicKey> {
        let entitled = self.entitled(registry).into_iter();
        let keys = entitled.filter_map(|jwk| PublicKey::from_jwk(jwk).ok());
        keys.map(|key| (key.thumbprint(), key)).collect()
    }

    /// Keys that may sign: the signer's, and the new ones of a governance that hands over.
    fn entitled<'r>(&'r self, registry: &'r Registry) -> Vec<&'r Value> {
        let mut keys: Vec<&Value> = Vec::new();
        if self.event.signer == GOVERNANCE {
            keys.extend(&registry.governance().keys);
            if let Action::RotateGovernance(body) = &self.event.action {
                keys.extend(&body.keys);
            }
        } else if let Some(record) = registry.record(&self.event.signer) {
            let own = record.accreditations.last();
            let own = own.into_iter().flat_map(|own| &own.control_keys);
            let issuer = record.issuer.iter().flat_map(|issuer| &issuer.control_keys);
            keys.extend(own.chain(issuer).map(|key| &key.jwk));
        }
        keys
    }

    fn add(&mut self, key: String, signature: Value) -> Result<(), ProposalError> {
        if let Some(own) = self.signatures.iter_mut().find(|(own, _)| *own == key) {
            own.1 = signature;
        } else if self.signatures.len() < MAX_SIGNATURES {
            self.signatures.push((key, signature));
        } else {
            return Err(ProposalError::TooMany);
        }
        Ok(())
    }

    fn listed(&self) -> Vec<&Value> {
        self.signatures
            .iter()
            .map(|(_, signature)| signature)
            .collect()
    }
}
