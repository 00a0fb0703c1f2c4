use keys::jws::JwsError;
use keys::{PublicKey, SigningKey, UnixTime};
use query::ClaimPath;
use serde_json::Value;

use super::presented::present;
use super::secured::sign;
use super::{JoseError, Presented, PresentedFor, Secured};
use crate::data_integrity::unsigned;
use crate::did;
use crate::format::{
    Claimed, Draft, Facts, Fault, Format, IssuerSecret, KeyName, MadeFor, Refused, Request,
};
use crate::issuer::KeySourceError;
use crate::json_ld::Contexts;
use crate::vcdm::{Credential, VcdmError, facts};

/// W3C credentials in JWTs, as one of the [`FORMATS`](crate::format::FORMATS).
///
/// Credentials are issued as `vc+jwt`; those of VCDM 1.1 with a `vc` claim are kept and shown as
/// they are. Nothing can be hidden, whatever a draft wants concealed.
pub struct VcJose;

impl Format for VcJose {
    fn ids(&self) -> &'static [&'static str] {
        &["jwt_vc_json"]
    }

    fn peek(&self, credential: &str) -> Result<Claimed, Refused> {
        peek(&Secured::parse(credential)?)
    }

    fn verify(
        &self,
        credential: &str,
        issuer: &PublicKey,
        now: UnixTime,
    ) -> Result<Facts, Refused> {
        let secured = Secured::parse(credential)?;
        secured.verify(issuer, now)?;
        said(&secured)
    }

    fn describe(&self, stored: &str) -> Result<Facts, Refused> {
        said(&Secured::parse(stored)?)
    }

    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused> {
        let facts = self.describe(stored)?;
        require(&facts, paths)?;
        Ok(facts.paths.into_iter().map(|(path, _)| path).collect())
    }

    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        request: &Request<'_>,
        holder: Option<&SigningKey>,
    ) -> Result<Value, Refused> {
        let secured = Secured::parse(stored)?;
        require(&said(&secured)?, paths)?;
        let text = match holder {
            None => stored.to_owned(),
            Some(key) => present(stored, &secured, made_for(request), request.now, key)?,
        };
        Ok(Value::String(text))
    }

    fn peek_presented(&self, presentation: &Value) -> Result<Claimed, Refused> {
        let text = text_of(presentation)?;
        if !Presented::is_meant(text) {
            return self.peek(text);
        }
        let presented = Presented::parse(text)?;
        let made_for = presented.made_for().map(|(made_for, at)| MadeFor {
            client_id: made_for.audience.to_owned(),
            nonce: made_for.nonce.to_owned(),
            at,
        });
        Ok(Claimed {
            made_for,
            ..peek(&presented.credential)?
        })
    }

    fn check(
        &self,
        presentation: &Value,
        issuer: &PublicKey,
        request: &Request<'_>,
        needs_holder: bool,
    ) -> Result<Facts, Refused> {
        let text = text_of(presentation)?;
        if Presented::is_meant(text) {
            let presented = Presented::parse(text)?;
            presented.credential.verify(issuer, request.now)?;
            presented.verify(made_for(request), request.now)?;
            return Ok(Facts {
                holder_proven: true,
                ..said(&presented.credential)?
            });
        }
        let secured = Secured::parse(text)?;
        secured.verify(issuer, request.now)?;
        if needs_holder {
            return Err(JoseError::NoHolderProof.into());
        }
        said(&secured)
    }

    fn issue(&self, draft: &Draft<'_>, key: IssuerSecret<'_>) -> Result<String, Refused> {
        let IssuerSecret::Signing(key) = key else {
            return Err(JoseError::Key.into());
        };
        let named = match draft.key_name {
            KeyName::Id(id) if id.starts_with("did:") => Some(did::split_url(id).0),
            _ => None,
        };
        let issuer = draft.issuer.or(named).ok_or(JoseError::NoIssuer)?;
        if named.is_some_and(|named| named != issuer) {
            return Err(JoseError::KeySource(KeySourceError::OtherDid).into());
        }
        let credential = Credential::check(unsigned(draft, issuer)?).map_err(JoseError::Model)?;
        Ok(sign(
            &credential,
            draft.key_name,
            draft.holder,
            draft.issued_at,
            key,
        ))
    }

    fn in_words_of_type(&self, path: &ClaimPath) -> Option<ClaimPath> {
        facts::in_words_of_type(path)
    }
}

fn made_for<'a>(request: &Request<'a>) -> PresentedFor<'a> {
    PresentedFor {
        audience: request.client_id,
        nonce: request.nonce,
    }
}

fn text_of(presentation: &Value) -> Result<&str, Refused> {
    presentation.as_str().ok_or_else(|| JoseError::Type.into())
}

fn peek(secured: &Secured) -> Result<Claimed, Refused> {
    Ok(Claimed {
        key_source: secured.key_source()?,
        algorithm: secured.algorithm(),
        type_id: facts::type_id(secured.credential(), Contexts::pinned())?,
        issuer: Some(secured.credential().issuer().to_owned()),
        issued_at: secured.issued_at(),
        type_integrity: None,
        made_for: None,
    })
}

fn said(secured: &Secured) -> Result<Facts, Refused> {
    Ok(Facts {
        holder: secured.holder()?,
        issued_at: secured.issued_at(),
        ..facts::facts(secured.credential(), Contexts::pinned())?
    })
}

fn require(facts: &Facts, paths: &[ClaimPath]) -> Result<(), Refused> {
    let whole = Value::Object(facts.claims.clone());
    match paths.iter().all(|path| path.selects(&whole)) {
        true => Ok(()),
        false => Err(JoseError::NoSuchClaim.into()),
    }
}

impl From<JoseError> for Refused {
    fn from(error: JoseError) -> Self {
        let fault = match &error {
            JoseError::Jws(error) => match error {
                JwsError::Signature(_) | JwsError::KeyMismatch => Fault::Changed,
                JwsError::Algorithm | JwsError::Critical => Fault::Unsupported,
                _ => Fault::Malformed,
            },
            JoseError::Model(VcdmError::Expired) | JoseError::Expired => Fault::Expired,
            JoseError::Model(VcdmError::NotYetValid) | JoseError::NotYetValid => Fault::NotYetValid,
            JoseError::Audience | JoseError::Nonce => Fault::OtherRequest,
            JoseError::Time => Fault::ProofTime,
            JoseError::NotTheHolder | JoseError::NoHolderProof => Fault::NotTheHolder,
            JoseError::Key | JoseError::NoIssuer => Fault::Unsupported,
            JoseError::NoSuchClaim => Fault::NoSuchClaim,
            _ => Fault::Malformed,
        };
        Self::new(fault, error)
    }
}
