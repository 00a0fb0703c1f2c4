use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, UnixTime, jws};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::bitstring::{BitstringError, BitstringList};
use super::token::{LEEWAY, MAX_TOKEN, Signer};
use crate::vcdm::Version;

const CONTEXT: &str = "https://www.w3.org/ns/credentials/v2";
const TYPES: [&str; 2] = ["VerifiableCredential", "BitstringStatusListCredential"];
/// The type of such credentials in StatusList2021.
const OLDER_TYPE: &str = "StatusList2021Credential";
/// The `typ` of VC-JOSE-COSE, and that of its drafts.
const JWT_TYPES: [&str; 2] = ["vc+jwt", "vc+ld+json+jwt"];

/// Why the credential around a Bitstring Status List was refused.
#[derive(Debug, thiserror::Error)]
pub enum ListCredentialError {
    /// Not a JWT, or not one that is acceptable.
    #[error("the list of statuses is not an acceptable JWT")]
    Jwt(#[from] jws::JwsError),
    /// `typ` is not the one of a credential.
    #[error("the list of statuses is not a credential")]
    Type,
    /// The key did not sign it.
    #[error("the list of statuses was not signed by this key")]
    Signature,
    /// A member of the credential is missing or of the wrong type.
    #[error("`{member}` of the list of statuses is missing or malformed")]
    Member {
        /// Which.
        member: &'static str,
    },
    /// `id` is another address than the one that the credential names.
    #[error("the list of statuses belongs to another address")]
    OtherList,
    /// `validFrom` lies in the future.
    #[error("the list of statuses is not valid yet")]
    NotYetValid,
    /// `validUntil` has passed.
    #[error("the list of statuses has expired")]
    Expired,
    /// The list in it.
    #[error(transparent)]
    List(#[from] BitstringError),
}

/// A credential with a Bitstring Status List that was verified, with its dates.
#[derive(Clone, Debug)]
pub struct VerifiedListCredential {
    /// Where it is published.
    pub uri: String,
    /// `validFrom`.
    pub issued_at: Option<UnixTime>,
    /// `validUntil`.
    pub expires: Option<UnixTime>,
    /// The list.
    pub list: BitstringList,
}

impl VerifiedListCredential {
    /// Checks what a list's credential says, once its proof or signature was verified
    /// (W3C Bitstring Status List §2.2 and §3.2): types, address, dates, then the list.
    ///
    /// A credential without an `id` is taken for the list at `uri`, as the specification
    /// has it.
    pub fn check(
        credential: &Map<String, Value>,
        uri: &str,
        now: UnixTime,
    ) -> Result<Self, ListCredentialError> {
        let malformed = |member| ListCredentialError::Member { member };
        let first = match credential.get("@context") {
            Some(Value::Array(many)) => many.first(),
            one => one,
        };
        let version = first
            .and_then(Value::as_str)
            .and_then(Version::from_context)
            .ok_or(malformed("@context"))?;
        let types = credential.get("type").and_then(Value::as_array);
        let types = types.ok_or(malformed("type"))?;
        let [base, of_list] = TYPES;
        let has = |name: &str| types.iter().any(|one| one == name);
        if !has(base) || !(has(of_list) || has(OLDER_TYPE)) {
            return Err(malformed("type"));
        }
        // Lists of today's kind are credentials of the data model 2.0.
        if version == Version::V1 && !has(OLDER_TYPE) {
            return Err(malformed("@context"));
        }
        if credential.get("id").is_some_and(|id| id != uri) {
            return Err(ListCredentialError::OtherList);
        }
        let time = |member| match credential.get(member) {
            None => Ok(None),
            Some(value) => moment(value).map(Some).ok_or(malformed(member)),
        };
        let (issued_at, expires) = match version {
            Version::V1 => (time("issuanceDate")?, time("expirationDate")?),
            Version::V2 => (time("validFrom")?, time("validUntil")?),
        };
        if issued_at.is_some_and(|from| from > now.saturating_add(LEEWAY)) {
            return Err(ListCredentialError::NotYetValid);
        }
        if expires.is_some_and(|until| now >= until) {
            return Err(ListCredentialError::Expired);
        }
        let subject = credential
            .get("credentialSubject")
            .and_then(Value::as_object)
            .ok_or(malformed("credentialSubject"))?;
        Ok(Self {
            uri: uri.to_owned(),
            issued_at,
            expires,
            list: BitstringList::from_subject(subject)?,
        })
    }
}

/// A list credential enveloped as a JWT (VC-JOSE-COSE) that nobody has checked yet.
#[derive(Clone)]
pub struct UnverifiedJwtCredential(jws::Unverified);

impl UnverifiedJwtCredential {
    /// Splits and bounds a compact JWS of the type `vc+jwt`.
    pub fn parse(compact: &str) -> Result<Self, ListCredentialError> {
        let token = jws::Unverified::parse_bounded(compact.trim_ascii(), MAX_TOKEN)?;
        if !JWT_TYPES
            .iter()
            .any(|known| token.require_type(known).is_ok())
        {
            return Err(ListCredentialError::Type);
        }
        Ok(Self(token))
    }

    /// The algorithm of the header.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// Whose key is said to have signed: `kid` of the header, `issuer` of the credential.
    pub fn signer(&self) -> Result<Signer, ListCredentialError> {
        let claims = self.0.unverified_claims()?;
        let iss = match claims.get("issuer") {
            Some(Value::Object(issuer)) => issuer.get("id"),
            other => other,
        };
        let chain = self.0.header.get("x5c").map(Certificate::chain_from_x5c);
        Ok(Signer {
            chain: chain
                .transpose()
                .map_err(|_| ListCredentialError::Member { member: "x5c" })?,
            kid: self.0.header_str("kid").map(str::to_owned),
            iss: iss.and_then(Value::as_str).map(str::to_owned),
        })
    }

    /// Checks signature, types, address and dates, then inflates the list.
    pub fn verify(
        &self,
        key: &PublicKey,
        uri: &str,
        now: UnixTime,
    ) -> Result<VerifiedListCredential, ListCredentialError> {
        let verified = self.0.verify(key).map_err(|error| match error {
            jws::JwsError::Signature(_) | jws::JwsError::KeyMismatch => {
                ListCredentialError::Signature
            }
            other => ListCredentialError::Jwt(other),
        })?;
        VerifiedListCredential::check(&verified.claims()?, uri, now)
    }
}

/// A list's credential before it is signed. `issuer` is the issuer's identifier.
pub fn derive_list_credential(
    list: &BitstringList,
    uri: &str,
    issuer: &str,
    dates: (UnixTime, UnixTime),
    ttl: Option<u64>,
) -> Option<Map<String, Value>> {
    let text = |time| {
        OffsetDateTime::from_unix_timestamp(time)
            .ok()?
            .format(&Rfc3339)
            .ok()
    };
    let mut credential = Map::new();
    credential.insert("@context".to_owned(), vec![CONTEXT].into());
    credential.insert("id".to_owned(), uri.into());
    credential.insert("type".to_owned(), TYPES.to_vec().into());
    credential.insert("issuer".to_owned(), issuer.into());
    credential.insert("validFrom".to_owned(), text(dates.0)?.into());
    credential.insert("validUntil".to_owned(), text(dates.1)?.into());
    credential.insert(
        "credentialSubject".to_owned(),
        list.to_subject(uri, ttl).into(),
    );
    Some(credential)
}

fn moment(value: &Value) -> Option<UnixTime> {
    OffsetDateTime::parse(value.as_str()?, &Rfc3339)
        .ok()
        .map(OffsetDateTime::unix_timestamp)
}
