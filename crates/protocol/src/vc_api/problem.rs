use credential::data_integrity::plain::ProofError;
use credential::data_integrity::selective::{PointerError, SelectiveError};
use credential::did::DidError;
use credential::json_ld::JsonLdError;
use credential::status::LookUpError;
use credential::status::bitstring::BitstringError;
use credential::vc_jose::JoseError;
use credential::vcdm::VcdmError;
use keys::jws::JwsError;
use serde_json::{Map, Value, json};

use crate::issuer::Reply;

/// Why a request was refused. Names rules and members, never values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Too long, no JSON object, or one that repeats a member.
    #[error("the request is not an acceptable JSON object")]
    Json,
    /// A member of the request is missing or has the wrong shape.
    #[error("the request's `{0}` is missing or malformed")]
    Member(&'static str),
    /// An option is malformed, or asks for something that is not done here.
    #[error("the option `{0}` is malformed, or not supported with the others")]
    Option(&'static str),
    /// The document breaks a rule of the data model.
    #[error(transparent)]
    DataModel(#[from] VcdmError),
    /// The document is not acceptable JSON-LD.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
    /// A credential that is to be issued has a proof already.
    #[error("the credential has a proof already")]
    HasProof,
    /// The service does not sign for this issuer, or not with a key of the kind that was asked for.
    #[error("the credential's issuer has no key here for this way of securing it")]
    NotOurs,
    /// The name of the credential belongs to another one.
    #[error("a credential of this id was issued with a status before")]
    Recorded,
    /// What is revoked stays so.
    #[error("the credential was revoked, which is for good")]
    RevokedForGood,
    /// The issuer's records cannot be used.
    #[error("the issuer's records cannot be used")]
    Records,
    /// A digest of a related resource that nobody could check would be signed.
    #[error("a related resource could not be had, so its digest cannot be checked")]
    Related,
    /// A related resource is another than its digest says.
    #[error("a related resource is not the one that the digest is of")]
    OtherResource,
    /// A proof was not made, or does not hold.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// A selective proof was not made, or does not hold.
    #[error(transparent)]
    Selective(#[from] SelectiveError),
    /// An issuer's base proof says where all is that the holder may hide.
    #[error("the proof is an issuer's base proof, not one derived for a verifier")]
    BaseProof,
    /// A JSON pointer cannot be used.
    #[error(transparent)]
    Pointer(#[from] PointerError),
    /// A credential in a JWT is malformed, or does not hold.
    #[error(transparent)]
    Jose(#[from] JoseError),
    /// A JWT is malformed, or does not hold.
    #[error("the JWT is not acceptable: {0}")]
    Jwt(#[from] JwsError),
    /// A JWT says something that such a JWT may not, or not like this.
    #[error("the JWT's `{0}` is missing or not acceptable")]
    JwtMember(&'static str),
    /// An envelope around something that is not supported.
    #[error("the media type in the envelope is not supported")]
    MediaType,
    /// More credentials than are verified at once.
    #[error("the presentation holds more credentials than are verified at once")]
    TooManyCredentials,
    /// The key belongs to somebody else.
    #[error("the proof is by another than `{0}`")]
    OtherParty(&'static str),
    /// The proof does not name its key by a DID URL.
    #[error("the proof's verificationMethod is missing or not a DID URL")]
    MethodUrl,
    /// A presentation header was named that no issuer's proof is bound to.
    #[error("no issuer's proof is bound to the presentation header")]
    Unbound,
    /// The document that lists the key could not be had.
    #[error("the key of the proof could not be found")]
    NoKey,
    /// A certificate chain, where there is nothing to trust one by.
    #[error("there is nothing here to trust a certificate chain by")]
    Chain,
    /// The key is not there, or not for this.
    #[error(transparent)]
    Did(#[from] DidError),
    /// More keys than are looked up for one request.
    #[error("the proofs name more controllers than are looked up")]
    TooManyKeys,
    /// A JWT of a date that has passed or has not come.
    #[error("the time at which the JWT holds has passed, or has not come")]
    Time,
    /// A status of a kind that cannot be looked up.
    #[error("the credential's status is of a kind that is not supported")]
    StatusKind,
    /// A status entry, or the list that it names, is malformed.
    #[error(transparent)]
    StatusEntry(BitstringError),
    /// More entries than are looked up for one request.
    #[error("the credentials have more status entries than are looked up")]
    TooManyStatuses,
    /// More lists than are looked up for one request.
    #[error("the credentials name more lists of statuses than are looked up")]
    TooManyLists,
    /// The list could not be had.
    #[error("the credential's list of statuses could not be had")]
    StatusUnreachable,
    /// The list was refused.
    #[error("the credential's list of statuses was refused: {0}")]
    StatusList(String),
    /// The list has no place for the credential.
    #[error(transparent)]
    StatusPlace(#[from] LookUpError),
    /// The issuer has withdrawn the credential.
    #[error("the credential was revoked")]
    Revoked,
    /// The issuer has stopped the credential for a time.
    #[error("the credential is suspended")]
    Suspended,
}

const DATA_MODEL: &str = "https://www.w3.org/TR/vc-data-model#";
const SECURITY: &str = "https://w3id.org/security#";
const STATUS: &str = "https://www.w3.org/ns/credentials/status-list#";
/// For what no specification has a type.
const OURS: &str = "urn:cairn:problem:";

impl Problem {
    /// The type (VCDM 2.0 §7.2, VC Data Integrity §4.7, Bitstring Status List §3.5), as its URL's
    /// two parts.
    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Json => (DATA_MODEL, "PARSING_ERROR"),
            Self::DataModel(error) | Self::Jose(JoseError::Model(error)) => of_model(error),
            Self::Time | Self::Jose(JoseError::Expired | JoseError::NotYetValid) => {
                (DATA_MODEL, "RANGE_ERROR")
            }
            Self::JsonLd(error)
            | Self::Proof(ProofError::JsonLd(error))
            | Self::Selective(SelectiveError::JsonLd(error)) => of_json_ld(*error),
            Self::Jwt(error) | Self::Jose(JoseError::Jws(error)) => of_jws(error),
            Self::OtherResource => (DATA_MODEL, "CRYPTOGRAPHIC_SECURITY_ERROR"),
            Self::Member(_)
            | Self::Option(_)
            | Self::HasProof
            | Self::NotOurs
            | Self::Recorded
            | Self::RevokedForGood
            | Self::Records
            | Self::Related
            | Self::Pointer(_)
            | Self::MediaType
            | Self::TooManyCredentials
            | Self::Jose(_)
            | Self::JwtMember(_) => (DATA_MODEL, "MALFORMED_VALUE_ERROR"),
            Self::Selective(
                SelectiveError::Pointer(_)
                | SelectiveError::NothingChosen
                | SelectiveError::NotSelectable
                | SelectiveError::TooManyStatements
                | SelectiveError::Signing,
            ) => (SECURITY, "PROOF_GENERATION_ERROR"),
            Self::Proof(ProofError::Challenge) => (SECURITY, "INVALID_CHALLENGE_ERROR"),
            Self::Proof(ProofError::Domain) => (SECURITY, "INVALID_DOMAIN_ERROR"),
            Self::Proof(ProofError::Canonical) => (SECURITY, "PROOF_TRANSFORMATION_ERROR"),
            Self::MethodUrl => (SECURITY, "INVALID_VERIFICATION_METHOD_URL"),
            Self::Did(DidError::NotForThis) => {
                (SECURITY, "INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD")
            }
            Self::Did(DidError::NoSuchKey | DidError::Ambiguous) => {
                (SECURITY, "INVALID_VERIFICATION_METHOD")
            }
            Self::Did(_) => (SECURITY, "INVALID_CONTROLLED_IDENTIFIER_DOCUMENT"),
            Self::Proof(_)
            | Self::Selective(_)
            | Self::BaseProof
            | Self::OtherParty(_)
            | Self::Unbound
            | Self::NoKey
            | Self::Chain
            | Self::TooManyKeys => (SECURITY, "PROOF_VERIFICATION_ERROR"),
            Self::StatusUnreachable | Self::TooManyLists | Self::TooManyStatuses => {
                (STATUS, "STATUS_RETRIEVAL_ERROR")
            }
            Self::StatusPlace(LookUpError::TooShort) => (STATUS, "STATUS_LIST_LENGTH_ERROR"),
            Self::StatusPlace(LookUpError::OutOfRange) => (STATUS, "RANGE_ERROR"),
            Self::StatusEntry(_) => (STATUS, "MALFORMED_VALUE_ERROR"),
            Self::StatusKind | Self::StatusList(_) | Self::StatusPlace(_) => {
                (STATUS, "STATUS_VERIFICATION_ERROR")
            }
            Self::Revoked => (OURS, "revoked"),
            Self::Suspended => (OURS, "suspended"),
        }
    }

    /// The HTTP status.
    fn status(&self) -> u16 {
        match self {
            Self::Records => 500,
            _ => 400,
        }
    }

    /// The problem detail (RFC 9457 §3.1).
    pub(super) fn to_json(&self) -> Value {
        let (vocabulary, name) = self.kind();
        let mut detail = Map::new();
        detail.insert("type".to_owned(), format!("{vocabulary}{name}").into());
        if let Some(code) = code(name) {
            detail.insert("code".to_owned(), code.into());
        }
        let title = name.to_ascii_lowercase().replace('_', " ");
        detail.insert("title".to_owned(), title.into());
        detail.insert("detail".to_owned(), self.to_string().into());
        detail.insert("status".to_owned(), self.status().into());
        Value::Object(detail)
    }

    /// The answer to a request for something to be made.
    pub fn reply(&self) -> Reply {
        let mut reply = Reply::json(self.status(), &self.to_json());
        reply.headers = vec![
            ("content-type", "application/problem+json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        reply
    }

    /// The answer to a request for something to be verified.
    pub fn verdict(&self) -> Reply {
        let verdict = json!({
            "verified": false,
            "checks": [],
            "warnings": [],
            "errors": [self.to_json()],
            "problemDetails": [self.to_json()],
        });
        Reply::json(400, &verdict)
    }
}

fn of_model(error: &VcdmError) -> (&'static str, &'static str) {
    match error {
        VcdmError::DateOrder | VcdmError::NotYetValid | VcdmError::Expired => {
            (DATA_MODEL, "RANGE_ERROR")
        }
        VcdmError::OtherDigest => (DATA_MODEL, "CRYPTOGRAPHIC_SECURITY_ERROR"),
        _ => (DATA_MODEL, "MALFORMED_VALUE_ERROR"),
    }
}

fn of_json_ld(error: JsonLdError) -> (&'static str, &'static str) {
    match error {
        JsonLdError::UndefinedTerm | JsonLdError::Dropped => {
            (SECURITY, "DATA_LOSS_DETECTION_ERROR")
        }
        JsonLdError::TooLarge(_) | JsonLdError::TooComplex(_) => {
            (SECURITY, "PROOF_TRANSFORMATION_ERROR")
        }
        _ => (DATA_MODEL, "MALFORMED_VALUE_ERROR"),
    }
}

fn of_jws(error: &JwsError) -> (&'static str, &'static str) {
    match error {
        JwsError::Signature(_) | JwsError::KeyMismatch => {
            (DATA_MODEL, "CRYPTOGRAPHIC_SECURITY_ERROR")
        }
        _ => (DATA_MODEL, "PARSING_ERROR"),
    }
}

/// The numbers that the specifications give to some of the types.
fn code(name: &str) -> Option<i32> {
    Some(match name {
        "PROOF_GENERATION_ERROR" => -16,
        "PROOF_VERIFICATION_ERROR" => -17,
        "PROOF_TRANSFORMATION_ERROR" => -18,
        "INVALID_DOMAIN_ERROR" => -19,
        "INVALID_CHALLENGE_ERROR" => -20,
        "STATUS_RETRIEVAL_ERROR" => -128,
        "STATUS_VERIFICATION_ERROR" => -129,
        _ => return None,
    })
}
