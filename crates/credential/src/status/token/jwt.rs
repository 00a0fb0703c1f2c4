use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, SigningKey, UnixTime, b64, jws};
use serde_json::{Map, Value, json};

use super::{Bits, Claims, Draft, MAX_TOKEN, Signer, TokenError, VerifiedToken, aggregation};
use crate::format::KeyName;

const TYPE: &str = "statuslist+jwt";

/// A Status List Token in JWT form that nobody has checked yet.
#[derive(Clone)]
pub struct UnverifiedJwt(jws::Unverified);

impl UnverifiedJwt {
    /// Splits and bounds a compact JWS of the type `statuslist+jwt`.
    pub fn parse(compact: &str) -> Result<Self, TokenError> {
        let token = jws::Unverified::parse_bounded(compact.trim_ascii(), MAX_TOKEN)?;
        token.require_type(TYPE).map_err(|_| TokenError::Type)?;
        Ok(Self(token))
    }

    /// The algorithm of the header.
    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    /// Whose key is said to have signed.
    pub fn signer(&self) -> Result<Signer, TokenError> {
        let claims = self.0.unverified_claims()?;
        Ok(Signer {
            chain: match self.0.header.get("x5c") {
                None => None,
                Some(x5c) => {
                    Some(Certificate::chain_from_x5c(x5c).map_err(|_| TokenError::KeySource)?)
                }
            },
            kid: text(&self.0.header, "kid")?,
            iss: text(&claims, "iss")?,
        })
    }

    /// Checks signature, address and dates, then inflates the list.
    pub fn verify(
        &self,
        key: &PublicKey,
        uri: &str,
        now: UnixTime,
    ) -> Result<VerifiedToken, TokenError> {
        let verified = self.0.verify(key).map_err(|error| match error {
            jws::JwsError::Signature(_) => TokenError::Signature,
            jws::JwsError::KeyMismatch => TokenError::Algorithm,
            other => TokenError::Jwt(other),
        })?;
        claims(&verified.claims()?)?.check(uri, now)
    }
}

impl Draft<'_> {
    /// Signs the list as a JWT.
    pub fn to_jwt(&self, key: &SigningKey) -> String {
        let mut header = Map::new();
        match self.key_name {
            KeyName::Chain(chain) => {
                let chain: Vec<_> = chain.iter().map(Certificate::to_x5c).collect();
                header.insert("x5c".to_owned(), chain.into());
            }
            KeyName::Id(id) => {
                header.insert("kid".to_owned(), id.into());
            }
        }
        let mut claims = Map::new();
        if let Some(issuer) = self.issuer {
            claims.insert("iss".to_owned(), issuer.into());
        }
        claims.insert("sub".to_owned(), self.uri.into());
        claims.insert("iat".to_owned(), self.issued_at.into());
        if let Some(expires) = self.expires {
            claims.insert("exp".to_owned(), expires.into());
        }
        if let Some(ttl) = self.ttl {
            claims.insert("ttl".to_owned(), ttl.into());
        }
        claims.insert(
            "status_list".to_owned(),
            json!({
                "bits": self.list.bits() as u8,
                "lst": b64::encode(self.list.to_compressed()),
            }),
        );
        jws::sign_claims(TYPE, header, &Value::Object(claims), key)
    }
}

fn text(object: &Map<String, Value>, member: &'static str) -> Result<Option<String>, TokenError> {
    object
        .get(member)
        .map(|value| {
            value
                .as_str()
                .map(str::to_owned)
                .ok_or(TokenError::KeySource)
        })
        .transpose()
}

fn claims(object: &Map<String, Value>) -> Result<Claims, TokenError> {
    let malformed = |claim| TokenError::Claim { claim };
    let time = |claim: &'static str| match object.get(claim) {
        None => Ok(None),
        Some(value) => crate::sd_jwt::numeric_date(value)
            .map(Some)
            .ok_or(malformed(claim)),
    };
    let ttl = match object.get("ttl") {
        None => None,
        Some(value) => Some(value.as_u64().ok_or(malformed("ttl"))?),
    };
    let list = object
        .get("status_list")
        .and_then(Value::as_object)
        .ok_or(malformed("status_list"))?;
    if let Some(uri) = list.get("aggregation_uri") {
        aggregation(uri.as_str().ok_or(malformed("aggregation_uri"))?)?;
    }
    Ok(Claims {
        uri: object
            .get("sub")
            .and_then(Value::as_str)
            .ok_or(malformed("sub"))?
            .to_owned(),
        issued_at: time("iat")?.ok_or(malformed("iat"))?,
        expires: time("exp")?,
        ttl,
        bits: list
            .get("bits")
            .and_then(Value::as_u64)
            .and_then(Bits::from_number)
            .ok_or(malformed("bits"))?,
        lst: list
            .get("lst")
            .and_then(Value::as_str)
            .and_then(|lst| b64::decode(lst).ok())
            .ok_or(malformed("lst"))?,
    })
}
