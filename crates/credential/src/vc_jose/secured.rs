use keys::jws::{self, JwsError};
use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, SigningKey, UnixTime};
use serde_json::{Map, Value};

use super::older::{self, numeric_date};
use super::{CREDENTIAL, JoseError};
use crate::KeySource;
use crate::format::KeyName;
use crate::issuer::{self, KeySourceError};
use crate::vcdm::facts::key_inside;
use crate::vcdm::{Credential, LEEWAY, Version};

/// A credential in a JWT. Nobody has checked its signature until [`Secured::verify`] has.
pub struct Secured {
    jws: jws::Unverified,
    claims: Map<String, Value>,
    credential: Credential,
    is_older: bool,
}

impl Secured {
    /// Reads a compact JWS: of the type `vc+jwt`, whose payload is the credential, or one with a
    /// `vc` claim.
    pub fn parse(compact: &str) -> Result<Self, JoseError> {
        let jws = jws::Unverified::parse(compact)?;
        let claims = jws.unverified_claims()?;
        let is_older = match kind(&jws, "vc+jwt")? {
            Kind::Jose => false,
            Kind::Older => true,
        };
        let document = match is_older {
            true => older::credential(&claims)?,
            false => claims.clone(),
        };
        if !is_older && ["vc", "vp"].iter().any(|name| claims.contains_key(*name)) {
            return Err(JoseError::Type);
        }
        let credential = Credential::check(document)?;
        if !is_older {
            if credential.version() != Version::V2 {
                return Err(JoseError::Type);
            }
            agree(&claims, &credential)?;
            // The header may say whose it is too (VC-JOSE-COSE §4.1.1).
            if let Some(iss) = jws.header.get("iss")
                && iss != credential.issuer()
            {
                return Err(JoseError::Contradiction("iss"));
            }
        }
        Ok(Self {
            jws,
            claims,
            credential,
            is_older,
        })
    }

    /// The credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// True for a JWT of VCDM 1.1.
    pub fn is_older(&self) -> bool {
        self.is_older
    }

    /// What it is signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.jws.algorithm()
    }

    /// When the JWT says that it was made.
    pub fn issued_at(&self) -> Option<UnixTime> {
        numeric_date(&self.claims, "iat").ok().flatten()
    }

    /// `x5c`, `kid` and the issuer, in this order of precedence.
    pub fn key_source(&self) -> Result<KeySource, JoseError> {
        if let Some(x5c) = self.jws.header.get("x5c") {
            let chain = Certificate::chain_from_x5c(x5c).map_err(KeySourceError::Chain)?;
            return Ok(KeySource::X5c(chain));
        }
        let kid = match self.jws.header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.as_str()),
            Some(_) => return Err(KeySourceError::NotString { member: "kid" }.into()),
        };
        Ok(issuer::from_names(Some(self.credential.issuer()), kid)?)
    }

    /// The key that the credential is bound to: of `cnf`, else the one that its only subject's
    /// identifier is made of.
    pub fn holder(&self) -> Result<Option<PublicKey>, JoseError> {
        if let Some(cnf) = self.claims.get("cnf") {
            let jwk = cnf.get("jwk").ok_or(JoseError::Claim("cnf"))?;
            let key = PublicKey::from_jwk(jwk).map_err(|_| JoseError::Claim("cnf"))?;
            return Ok(Some(key));
        }
        Ok(self.subject_id().and_then(key_inside))
    }

    /// The identifier of the only subject.
    pub(super) fn subject_id(&self) -> Option<&str> {
        match self.credential.subjects().as_slice() {
            [subject] => subject.get("id").and_then(Value::as_str),
            _ => None,
        }
    }

    /// Checks the signature and all dates.
    pub fn verify(&self, issuer: &PublicKey, now: UnixTime) -> Result<(), JoseError> {
        self.jws.verify(issuer)?;
        check_times(&self.claims, now)?;
        Ok(self.credential.check_period(now)?)
    }
}

/// Signs a credential of VCDM 2.0 as `vc+jwt`. `holder` is put into `cnf`. The JWT is over the
/// JSON: whether that is JSON-LD, the caller knows.
pub fn sign(
    credential: &Credential,
    key_name: KeyName<'_>,
    holder: Option<&PublicKey>,
    issued_at: UnixTime,
    key: &SigningKey,
) -> String {
    let mut header = Map::new();
    header.insert("cty".to_owned(), "vc".into());
    match key_name {
        KeyName::Chain(chain) => {
            let chain: Vec<String> = chain.iter().map(Certificate::to_x5c).collect();
            header.insert("x5c".to_owned(), chain.into());
        }
        KeyName::Id(id) => {
            header.insert("kid".to_owned(), id.into());
        }
    }
    let mut claims = credential.document().clone();
    claims.insert("iss".to_owned(), credential.issuer().into());
    claims.insert("iat".to_owned(), issued_at.into());
    if let Some(holder) = holder {
        claims.insert(
            "cnf".to_owned(),
            serde_json::json!({"jwk": holder.to_jwk()}),
        );
    }
    let typ = CREDENTIAL.trim_start_matches("application/");
    jws::sign_claims(typ, header, &Value::Object(claims), key)
}

/// What a JWT is, by its header.
pub(super) enum Kind {
    /// Its payload is the document.
    Jose,
    /// A claim of its payload is.
    Older,
}

pub(super) fn kind(jws: &jws::Unverified, expected: &'static str) -> Result<Kind, JoseError> {
    match jws.header.get("typ") {
        // VCDM 1.1 has `JWT` where there is a type.
        None => Ok(Kind::Older),
        Some(typ) if typ == "JWT" => Ok(Kind::Older),
        Some(_) => {
            jws.require_type(expected)
                .map_err(|_: JwsError| JoseError::Type)?;
            let content = expected.split('+').next().unwrap_or_default();
            match jws.header.get("cty") {
                None => Ok(Kind::Jose),
                Some(Value::String(cty))
                    if cty.strip_prefix("application/").unwrap_or(cty) == content =>
                {
                    Ok(Kind::Jose)
                }
                Some(_) => Err(JoseError::Type),
            }
        }
    }
}

/// `iss`, `jti` and `sub` may repeat what the credential says, and not say another thing.
fn agree(claims: &Map<String, Value>, credential: &Credential) -> Result<(), JoseError> {
    let subject = match credential.subjects().as_slice() {
        [subject] => subject.get("id").and_then(Value::as_str),
        _ => None,
    };
    for (name, known) in [
        ("iss", Some(credential.issuer())),
        ("jti", credential.id()),
        ("sub", subject),
    ] {
        if let Some(value) = claims.get(name)
            && value.as_str() != known
        {
            return Err(JoseError::Contradiction(name));
        }
    }
    Ok(())
}

/// `exp` to the second, `nbf` and `iat` with leeway (RFC 7519 §4.1).
pub(super) fn check_times(claims: &Map<String, Value>, now: UnixTime) -> Result<(), JoseError> {
    let latest = now.saturating_add(LEEWAY);
    for name in ["nbf", "iat"] {
        if numeric_date(claims, name)?.is_some_and(|time| time > latest) {
            return Err(JoseError::NotYetValid);
        }
    }
    if numeric_date(claims, "exp")?.is_some_and(|time| now >= time) {
        return Err(JoseError::Expired);
    }
    Ok(())
}
