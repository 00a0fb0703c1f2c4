//! What an event says. How it is signed is in [`crate::signed`]; who may say it, in
//! [`crate::rules`].
//!
//! Times are seconds since 1970. Members that are absent are left out, never `null`.

use std::collections::BTreeMap;

use keys::{UnixTime, b64};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

/// The signer of events that are the governance's right.
pub const GOVERNANCE: &str = "governance";
/// What stands in `possession` where nobody proved that the body holds the key.
pub const ATTESTED: &str = "attested-by-registrar";
/// A type list with this one entry covers every type.
pub const ANY_TYPE: &str = "*";

/// Names by language tag; `en` is always there.
pub type Names = BTreeMap<String, String>;

/// One event, as its signers signed it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The ledger that it belongs to: base64url of SHA-256 over the payload of its genesis.
    /// Absent in the genesis itself.
    pub ledger: Option<String>,
    /// Id of the body that signs, or [`GOVERNANCE`].
    pub signer: String,
    /// One more than in the signer's last event; from 1.
    pub sequence: u64,
    /// The log must take the event before this time.
    pub submit_before: UnixTime,
    /// What is to happen.
    pub action: Action,
}

/// What is to happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The first event.
    Genesis(Genesis),
    /// Governance lets a body register others.
    Accredit(Accredit),
    /// An accreditor registers an issuer, or grants it more types.
    RegisterIssuer(RegisterIssuer),
    /// A new issuing key takes over.
    RotateKey(RotateKey),
    /// A key counts no longer.
    RevokeKey(RevokeKey),
    /// An accreditor registers a service.
    RegisterService(RegisterService),
    /// An accreditor publishes what a type is.
    PublishType(PublishType),
    /// An accreditation, a grant, a service or a published type ends at once.
    Withdraw(Withdraw),
    /// Governance hands over to other keys, or to another threshold.
    RotateGovernance(RotateGovernance),
    /// One who signs a network's blocks is added, weighed anew or removed.
    SetValidator(Validator),
    /// Governance moves the ledger to a later version of the rules.
    AdoptRules(AdoptRules),
}

/// The first event of a ledger. All governance keys sign it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// What the ledger is called.
    pub name: String,
    /// Version of the rules that the ledger begins with.
    pub rules: u64,
    /// Governance keys as public JWK.
    pub keys: Vec<Value>,
    /// How many of them must sign.
    pub threshold: u64,
    /// A ledger for demonstrations: plain HTTP on loopback may be registered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// Who signs the first blocks, where a network keeps the ledger; nobody where one operator
    /// does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validators: Vec<Validator>,
    /// 16 random bytes, base64url, so that no two ledgers are the same.
    pub nonce: String,
}

/// One who signs a network's blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validator {
    /// Whose it is, for people.
    pub name: String,
    /// Its key, an Ed25519 public JWK, required members only.
    pub key: Value,
    /// How much its signature weighs; 0 removes it.
    pub power: u64,
}

/// A key that signs events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlKey {
    /// Public JWK, required members only.
    pub jwk: Value,
    /// A proof ([`crate::possession`]) or [`ATTESTED`].
    pub possession: String,
}

/// A key that signs credentials or requests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyEntry {
    /// Public JWK, required members only. Either this or `x509`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwk: Option<Value>,
    /// A certificate, standard base64 of DER.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x509: Option<String>,
    /// The certificate vouches for the leaf certificates below it, not for its own key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ca: bool,
    /// The only subject alternative name (DNS or URI) that counts below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub san: Option<String>,
    /// Where the key was read: a DID or a metadata URL, for people who check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// A proof ([`crate::possession`]) or [`ATTESTED`].
    pub possession: String,
}

/// Governance lets a body register others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accredit {
    /// The body's id.
    pub id: String,
    /// What it is called.
    pub names: Names,
    /// Keys that sign its events.
    pub control_keys: Vec<ControlKey>,
    /// Types that it may let others issue, or [`ANY_TYPE`].
    pub types: Vec<String>,
    /// End of the accreditation.
    pub until: UnixTime,
}

/// An accreditor registers an issuer, or grants it more types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterIssuer {
    /// The body's id.
    pub id: String,
    /// What it is called.
    pub names: Names,
    /// Where it has its powers, for instance `GB-SCT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// Keys by which it may itself rotate and revoke issuing keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub control_keys: Vec<ControlKey>,
    /// Keys that sign its credentials.
    pub keys: Vec<KeyEntry>,
    /// Types that it may issue, or [`ANY_TYPE`].
    pub types: Vec<String>,
    /// End of the grant; the accreditor's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixTime>,
    /// URLs below which its status lists are found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status_lists: Vec<String>,
}

/// A new issuing key takes over from an old one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// The body's id.
    pub id: String,
    /// Thumbprint of the old key.
    pub old: String,
    /// The new one.
    pub new: KeyEntry,
    /// Until when what the old key signed is accepted.
    pub accept_until: UnixTime,
}

/// A key counts no longer, whatever it signed and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeKey {
    /// The body's id.
    pub id: String,
    /// Thumbprint of the key.
    pub key: String,
    /// Why, for people.
    pub reason: String,
    /// Since when others may have had it, as far as the body knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invalid_from: Option<UnixTime>,
}

/// An accreditor registers a service that may ask for details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterService {
    /// Its OpenID4VP client id, prefix included.
    pub id: String,
    /// What it is called.
    pub names: Names,
    /// Keys or root certificates of its requests. Empty only for `redirect_uri:`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<KeyEntry>,
    /// What it asks for.
    pub purposes: Vec<Purpose>,
    /// End of the registration; the accreditor's own where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<UnixTime>,
}

/// One thing for which a service asks for details.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// Unique in the service.
    pub id: String,
    /// What it is called.
    pub name: Names,
    /// Why the details are needed.
    pub reason: Names,
    /// How long they are kept: an ISO 8601 duration.
    pub retention: String,
    /// To whom they are passed on; empty for nobody.
    pub onward: Vec<String>,
    /// The law that lets the service ask.
    pub legal_basis: String,
    /// Where to ask about it.
    pub contact: String,
    /// The DCQL query, as JSON text.
    pub dcql: String,
}

/// An accreditor publishes what a type is: the digests by which readers know its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishType {
    /// The type's id: its `vct`.
    pub id: String,
    /// The JSON Schema of its claims.
    pub schema: TypeFile,
    /// Its SD-JWT VC type metadata.
    pub metadata: TypeFile,
    /// The JSON-LD context of its terms, where it is issued as a W3C credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<TypeFile>,
}

/// One file of a type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeFile {
    /// SHA-256 of its bytes as W3C Subresource Integrity writes it: `sha256-` and standard
    /// base64.
    pub integrity: String,
    /// Where it can be read. What is read there counts only if it fits the digest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
}

impl TypeFile {
    /// The entry for these bytes.
    pub fn of(bytes: &[u8], uri: Option<String>) -> Self {
        Self {
            integrity: derive_integrity(bytes),
            uri,
        }
    }

    /// True where these are the bytes that were published.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        self.integrity == derive_integrity(bytes)
    }
}

fn derive_integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", b64::encode_standard(Sha256::digest(bytes)))
}

/// An accreditation, a grant, a service or a published type ends at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// The body's id.
    pub id: String,
    /// Only the grants of these types; all that the signer gave where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// Why, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Governance hands over to other keys, or to another threshold. Enough of the keys that stood
/// sign it, and every key that is new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateGovernance {
    /// All governance keys from the next event on, as public JWK.
    pub keys: Vec<Value>,
    /// How many of them must sign.
    pub threshold: u64,
}

/// Governance moves the ledger to a later version of the rules. The event is judged by the old
/// ones, every event after it by the new ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdoptRules {
    /// The version.
    pub rules: u64,
}

/// The payload is not an event of these rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// A member is absent, unknown or of another type.
    #[error("not an event")]
    Malformed,
    /// An action that these rules do not know.
    #[error("an event of an unknown kind")]
    UnknownAction,
}

impl Action {
    /// The name of the action, as events spell it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Genesis(_) => "genesis",
            Self::Accredit(_) => "accredit",
            Self::RegisterIssuer(_) => "register-issuer",
            Self::RotateKey(_) => "rotate-key",
            Self::RevokeKey(_) => "revoke-key",
            Self::RegisterService(_) => "register-service",
            Self::PublishType(_) => "publish-type",
            Self::Withdraw(_) => "withdraw",
            Self::RotateGovernance(_) => "rotate-governance",
            Self::SetValidator(_) => "set-validator",
            Self::AdoptRules(_) => "adopt-rules",
        }
    }

    /// The first version of the rules that knows the action.
    pub fn since(&self) -> u64 {
        match self {
            Self::RotateGovernance(_) | Self::SetValidator(_) => 2,
            _ => 1,
        }
    }

    /// The body or type that the event is about; [`GOVERNANCE`] for what concerns the ledger
    /// itself.
    pub fn subject(&self) -> &str {
        match self {
            Self::Genesis(_)
            | Self::RotateGovernance(_)
            | Self::AdoptRules(_)
            | Self::SetValidator(_) => GOVERNANCE,
            Self::Accredit(body) => &body.id,
            Self::RegisterIssuer(body) => &body.id,
            Self::RotateKey(body) => &body.id,
            Self::RevokeKey(body) => &body.id,
            Self::RegisterService(body) => &body.id,
            Self::PublishType(body) => &body.id,
            Self::Withdraw(body) => &body.id,
        }
    }

    fn to_value(&self) -> Result<Value, EventError> {
        match self {
            Self::Genesis(body) => serde_json::to_value(body),
            Self::Accredit(body) => serde_json::to_value(body),
            Self::RegisterIssuer(body) => serde_json::to_value(body),
            Self::RotateKey(body) => serde_json::to_value(body),
            Self::RevokeKey(body) => serde_json::to_value(body),
            Self::RegisterService(body) => serde_json::to_value(body),
            Self::PublishType(body) => serde_json::to_value(body),
            Self::Withdraw(body) => serde_json::to_value(body),
            Self::RotateGovernance(body) => serde_json::to_value(body),
            Self::SetValidator(body) => serde_json::to_value(body),
            Self::AdoptRules(body) => serde_json::to_value(body),
        }
        .map_err(|_| EventError::Malformed)
    }

    fn from_value(name: &str, body: Value) -> Result<Self, EventError> {
        fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, EventError> {
            serde_json::from_value(body).map_err(|_| EventError::Malformed)
        }
        Ok(match name {
            "genesis" => Self::Genesis(read(body)?),
            "accredit" => Self::Accredit(read(body)?),
            "register-issuer" => Self::RegisterIssuer(read(body)?),
            "rotate-key" => Self::RotateKey(read(body)?),
            "revoke-key" => Self::RevokeKey(read(body)?),
            "register-service" => Self::RegisterService(read(body)?),
            "publish-type" => Self::PublishType(read(body)?),
            "withdraw" => Self::Withdraw(read(body)?),
            "rotate-governance" => Self::RotateGovernance(read(body)?),
            "set-validator" => Self::SetValidator(read(body)?),
            "adopt-rules" => Self::AdoptRules(read(body)?),
            _ => return Err(EventError::UnknownAction),
        })
    }
}

impl Event {
    /// The payload as JSON.
    pub fn to_value(&self) -> Result<Value, EventError> {
        let mut payload = Map::new();
        if let Some(ledger) = &self.ledger {
            payload.insert("ledger".to_owned(), ledger.as_str().into());
        }
        payload.insert("action".to_owned(), self.action.name().into());
        payload.insert("body".to_owned(), self.action.to_value()?);
        payload.insert("signer".to_owned(), self.signer.as_str().into());
        payload.insert("sequence".to_owned(), self.sequence.into());
        payload.insert("submit_before".to_owned(), self.submit_before.into());
        Ok(Value::Object(payload))
    }

    /// Reads a payload; nothing may stand in it that is not known.
    pub fn from_value(payload: Value) -> Result<Self, EventError> {
        let Value::Object(mut members) = payload else {
            return Err(EventError::Malformed);
        };
        let mut take = |name: &str| members.remove(name);
        let text = |value: Option<Value>| match value {
            Some(Value::String(text)) => Ok(text),
            _ => Err(EventError::Malformed),
        };
        let ledger = match take("ledger") {
            None => None,
            given => Some(text(given)?),
        };
        let action = text(take("action"))?;
        let body = take("body").ok_or(EventError::Malformed)?;
        let signer = text(take("signer"))?;
        let number = |value: Option<Value>| {
            value
                .and_then(|value| value.as_i64())
                .ok_or(EventError::Malformed)
        };
        let sequence = number(take("sequence"))?;
        let submit_before = number(take("submit_before"))?;
        if !members.is_empty() {
            return Err(EventError::Malformed);
        }
        Ok(Self {
            ledger,
            signer,
            sequence: u64::try_from(sequence).map_err(|_| EventError::Malformed)?,
            submit_before,
            action: Action::from_value(&action, body)?,
        })
    }
}
