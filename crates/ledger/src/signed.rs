//! Signed events: general JSON JWS (RFC 7515 §7.2.1) over canonical JSON, and the leaves of
//! the log that carry them.

use std::collections::HashMap;

use keys::{Algorithm, PublicKey, SigningKey, UnixTime, b64};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::canonical::{self, CanonicalError};
use crate::event::{ATTESTED, Action, ControlKey, Event, EventError, KeyEntry};
use crate::merkle::Hash;
use crate::possession;
use crate::rules::Rejection;
use crate::tile::MAX_ENTRY;

/// The `typ` of an event's signatures.
pub const TYPE: &str = "cairn-event";
/// The most signatures that one event may carry.
pub const MAX_SIGNATURES: usize = 16;

/// Why bytes are not a signed event or a leaf.
#[derive(Debug, thiserror::Error)]
pub enum SignedError {
    /// Not canonical JSON.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// A member is absent, unknown or malformed.
    #[error("not a signed event")]
    Malformed,
    /// The payload is no event.
    #[error(transparent)]
    Event(#[from] EventError),
    /// Longer than the log takes.
    #[error("the event is longer than {MAX_ENTRY} bytes")]
    TooLong,
}

/// An event with its signatures, which nobody has checked yet.
#[derive(Clone, Debug)]
pub struct SignedEvent {
    value: Value,
    payload: Vec<u8>,
    event: Event,
    signatures: Vec<EventSignature>,
}

#[derive(Clone, Debug)]
struct EventSignature {
    key: String,
    algorithm: Algorithm,
    input: Vec<u8>,
    signature: Vec<u8>,
}

impl SignedEvent {
    /// Signs an event with one or more control keys.
    pub fn sign(event: &Event, keys: &[&SigningKey]) -> Result<Self, SignedError> {
        let payload = canonical::value_to_bytes(&event.to_value()?)?;
        let encoded = b64::encode(&payload);
        let signatures = keys
            .iter()
            .map(|key| sign_payload(&encoded, key))
            .collect::<Result<Vec<Value>, _>>()?;
        Self::parse(&json!({"payload": encoded, "signatures": signatures}))
    }

    /// Reads the general JSON form. Nothing may stand in it that is not known.
    pub fn parse(value: &Value) -> Result<Self, SignedError> {
        let object = value.as_object().ok_or(SignedError::Malformed)?;
        let encoded = text(object, "payload")?;
        let listed = object
            .get("signatures")
            .and_then(Value::as_array)
            .ok_or(SignedError::Malformed)?;
        if object.len() != 2 || listed.is_empty() || listed.len() > MAX_SIGNATURES {
            return Err(SignedError::Malformed);
        }
        let payload = b64::decode(encoded).map_err(|_| SignedError::Malformed)?;
        let event = Event::from_value(canonical::parse(&payload, MAX_ENTRY)?)?;
        let signatures: Vec<EventSignature> = listed
            .iter()
            .map(|signature| EventSignature::parse(signature, encoded))
            .collect::<Result<_, _>>()?;
        let repeated = signatures.iter().enumerate().any(|(position, one)| {
            signatures
                .iter()
                .skip(position + 1)
                .any(|other| other.key == one.key)
        });
        if repeated {
            return Err(SignedError::Malformed);
        }
        Ok(Self {
            value: value.clone(),
            payload,
            event,
            signatures,
        })
    }

    /// The general JSON form.
    pub fn to_value(&self) -> &Value {
        &self.value
    }

    /// What the event says.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Base64url of SHA-256 over the payload: for a genesis, the ledger's id.
    pub fn payload_digest(&self) -> String {
        b64::encode(Sha256::digest(&self.payload))
    }

    /// Thumbprints of the keys that the signatures name. Nobody has checked them.
    pub(crate) fn named_keys(&self) -> impl Iterator<Item = &str> {
        self.signatures
            .iter()
            .map(|signature| signature.key.as_str())
    }

    /// Control keys that the event itself brings, by thumbprint.
    pub(crate) fn declared_keys(&self) -> Vec<(String, PublicKey)> {
        let jwks: Vec<&Value> = match &self.event.action {
            Action::Genesis(genesis) => genesis.keys.iter().collect(),
            Action::Accredit(body) => body.control_keys.iter().map(|key| &key.jwk).collect(),
            Action::RegisterIssuer(body) => body.control_keys.iter().map(|key| &key.jwk).collect(),
            Action::RotateGovernance(body) => body.keys.iter().collect(),
            _ => Vec::new(),
        };
        jwks.into_iter()
            .filter_map(crate::rules::known_key)
            .map(|key| (key.thumbprint(), key))
            .collect()
    }

    /// Checks every signature and every proof of possession. `known` may hold any keys: a
    /// signature names its key by thumbprint, and whether that key may sign is a rule.
    pub fn check(self, known: &HashMap<String, PublicKey>) -> Result<CheckedEvent, Rejection> {
        for signature in &self.signatures {
            let key = known.get(&signature.key).ok_or(Rejection::ForgedEvent)?;
            if key.algorithm() != signature.algorithm
                || key.verify(&signature.input, &signature.signature).is_err()
            {
                return Err(Rejection::ForgedEvent);
            }
        }
        self.check_possession()?;
        Ok(CheckedEvent { signed: self })
    }

    fn check_possession(&self) -> Result<(), Rejection> {
        let ledger = self.event.ledger.as_deref().unwrap_or_default();
        let (control, keys): (&[ControlKey], &[KeyEntry]) = match &self.event.action {
            Action::Accredit(body) => (&body.control_keys, &[]),
            Action::RegisterIssuer(body) => (&body.control_keys, &body.keys),
            Action::RegisterService(body) => (&[], &body.keys),
            Action::RotateKey(body) => (&[], std::slice::from_ref(&body.new)),
            _ => (&[], &[]),
        };
        let subject = self.event.action.subject();
        let prove = |proof: &str, key: Option<PublicKey>| {
            let key = key.ok_or(Rejection::PossessionNotProven)?;
            possession::verify(proof, &key, subject, ledger)
                .map_err(|_| Rejection::PossessionNotProven)
        };
        for own in control.iter().filter(|own| own.possession != ATTESTED) {
            prove(&own.possession, crate::rules::known_key(&own.jwk))?;
        }
        for entry in keys.iter().filter(|entry| entry.possession != ATTESTED) {
            prove(&entry.possession, crate::rules::entry_key(entry).ok())?;
        }
        Ok(())
    }

    /// For a log whose root was checked against a checkpoint that was accepted before, after
    /// every signature had been checked.
    pub(crate) fn accepted_before(self) -> CheckedEvent {
        CheckedEvent { signed: self }
    }
}

/// One signature of the general JSON form over a payload in base64url.
pub(crate) fn sign_payload(encoded: &str, key: &SigningKey) -> Result<Value, SignedError> {
    let header = json!({
        "alg": key.algorithm().name(),
        "kid": key.public().thumbprint(),
        "typ": TYPE,
    });
    let protected = b64::encode(canonical::value_to_bytes(&header)?);
    let signature = key.sign(format!("{protected}.{encoded}").as_bytes());
    Ok(json!({"protected": protected, "signature": b64::encode(signature)}))
}

/// Thumbprint of the key that a signature names. Nothing is checked but the form.
pub(crate) fn signature_key(value: &Value, payload: &str) -> Result<String, SignedError> {
    Ok(EventSignature::parse(value, payload)?.key)
}

impl EventSignature {
    fn parse(value: &Value, payload: &str) -> Result<Self, SignedError> {
        let object = value.as_object().ok_or(SignedError::Malformed)?;
        let protected = text(object, "protected")?;
        let signature = text(object, "signature")?;
        if object.len() != 2 {
            return Err(SignedError::Malformed);
        }
        let header = b64::decode(protected).map_err(|_| SignedError::Malformed)?;
        let header = canonical::parse(&header, 1024)?;
        let header = header.as_object().ok_or(SignedError::Malformed)?;
        if header.len() != 3 || text(header, "typ")? != TYPE {
            return Err(SignedError::Malformed);
        }
        let algorithm = match Algorithm::from_name(text(header, "alg")?) {
            Ok(known @ (Algorithm::Es256 | Algorithm::EdDsa)) => known,
            _ => return Err(SignedError::Malformed),
        };
        Ok(Self {
            key: text(header, "kid")?.to_owned(),
            algorithm,
            input: format!("{protected}.{payload}").into_bytes(),
            signature: b64::decode(signature).map_err(|_| SignedError::Malformed)?,
        })
    }
}

fn text<'v>(object: &'v Map<String, Value>, name: &str) -> Result<&'v str, SignedError> {
    object
        .get(name)
        .and_then(Value::as_str)
        .ok_or(SignedError::Malformed)
}

/// An event of which every signature and every proof of possession verifies. Whether its
/// signers had the right is for [`crate::Registry::apply`] to say.
#[derive(Clone, Debug)]
pub struct CheckedEvent {
    signed: SignedEvent,
}

impl CheckedEvent {
    /// As if these keys had signed, to judge all else: it is applied to copies only. Proofs of
    /// possession are checked.
    pub(crate) fn suppose(event: &Event, signers: Vec<String>) -> Result<Self, Rejection> {
        let signatures = signers.into_iter().map(|key| EventSignature {
            key,
            algorithm: Algorithm::EdDsa,
            input: Vec::new(),
            signature: Vec::new(),
        });
        let signed = SignedEvent {
            value: Value::Null,
            payload: Vec::new(),
            event: event.clone(),
            signatures: signatures.collect(),
        };
        signed.check_possession()?;
        Ok(Self { signed })
    }

    /// What the event says.
    pub fn event(&self) -> &Event {
        &self.signed.event
    }

    /// The event with its signatures.
    pub fn signed(&self) -> &SignedEvent {
        &self.signed
    }

    /// Thumbprints of the keys that signed.
    pub fn signers(&self) -> impl Iterator<Item = &str> {
        self.signed
            .signatures
            .iter()
            .map(|signature| signature.key.as_str())
    }
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// When the log took the event.
    pub time: UnixTime,
    /// The event.
    pub event: SignedEvent,
    /// Root of the state map after the event.
    pub state: Hash,
}

impl Leaf {
    /// The canonical text `{"event","state","time"}` that the log holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SignedError> {
        let bytes = canonical::value_to_bytes(&json!({
            "event": self.event.value,
            "state": b64::encode(self.state),
            "time": self.time,
        }))?;
        if bytes.len() > MAX_ENTRY {
            return Err(SignedError::TooLong);
        }
        Ok(bytes)
    }

    /// Reads an entry of the log.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignedError> {
        let value = canonical::parse(bytes, MAX_ENTRY)?;
        let object = value.as_object().ok_or(SignedError::Malformed)?;
        if object.len() != 3 {
            return Err(SignedError::Malformed);
        }
        let state = b64::decode(text(object, "state")?).map_err(|_| SignedError::Malformed)?;
        Ok(Self {
            time: object
                .get("time")
                .and_then(Value::as_i64)
                .ok_or(SignedError::Malformed)?,
            event: SignedEvent::parse(object.get("event").ok_or(SignedError::Malformed)?)?,
            state: state.try_into().map_err(|_| SignedError::Malformed)?,
        })
    }
}

#[cfg(test)]
mod tests;
