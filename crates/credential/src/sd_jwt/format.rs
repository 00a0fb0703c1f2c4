use keys::{Algorithm, PublicKey, SigningKey, UnixTime, jws};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::{
    DisclosureError, Expected, FORMAT, HashAlgorithm, IssuerHeader, KeyBindingError, ParseError,
    PresentError, Processed, Template, Unverified, VerifyError, is_envelope,
};
use crate::format::{
    BrokenRule, Claimed, Draft, Facts, Fault, Format, IssuerSecret, KeyName, MadeFor, Refused,
    Request,
};
use crate::status::StatusRef;
use crate::type_metadata::TypeMetadata;

/// SD-JWT VC as one of the [`FORMATS`](crate::format::FORMATS).
pub struct SdJwtVc;

/// What only this format has to say.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("an SD-JWT is a text")]
    NotText,
    #[error("the signature is of a kind that is not supported")]
    Algorithm,
    #[error("an SD-JWT is not signed with BBS")]
    BbsKey,
    #[error("an SD-JWT VC names its status in a token status list")]
    Status,
}

impl Format for SdJwtVc {
    fn ids(&self) -> &'static [&'static str] {
        &[FORMAT, "vc+sd-jwt"]
    }

    fn peek(&self, credential: &str) -> Result<Claimed, Refused> {
        let unverified = Unverified::parse(credential)?;
        let claims = unverified.unverified_claims()?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let algorithm = unverified.header().get("alg").and_then(Value::as_str);
        let algorithm = algorithm
            .and_then(|name| Algorithm::from_name(name).ok())
            .ok_or_else(|| Refused::new(Fault::Unsupported, Unfit::Algorithm))?;
        Ok(Claimed {
            key_source: unverified
                .key_source()
                .map_err(|error| Refused::new(Fault::Malformed, error))?,
            algorithm,
            type_id: text("vct")
                .ok_or_else(|| Refused::new(Fault::Malformed, VerifyError::NoVct))?,
            issuer: text("iss"),
            issued_at: claims.get("iat").and_then(super::verify::numeric_date),
            type_integrity: text("vct#integrity"),
            made_for: made_for(&unverified, credential),
        })
    }

    fn verify(
        &self,
        credential: &str,
        issuer: &PublicKey,
        now: UnixTime,
    ) -> Result<Facts, Refused> {
        let verified = Unverified::parse(credential)?.verify(issuer, now)?;
        Ok(facts(&verified, false))
    }

    fn describe(&self, stored: &str) -> Result<Facts, Refused> {
        Ok(facts(&open(stored)?, false))
    }

    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused> {
        Ok(open(stored)?.select(paths)?.revealed().to_vec())
    }

    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        request: &Request<'_>,
        holder: Option<&SigningKey>,
    ) -> Result<Value, Refused> {
        let card = open(stored)?;
        let selection = card.select(paths)?;
        let text = match holder {
            None => selection.into_unbound(),
            Some(key) => selection.bind(key, request.client_id, request.nonce, request.now)?,
        };
        Ok(Value::String(text))
    }

    fn peek_presented(&self, presentation: &Value) -> Result<Claimed, Refused> {
        self.peek(text_of(presentation)?)
    }

    fn check(
        &self,
        presentation: &Value,
        issuer: &PublicKey,
        request: &Request<'_>,
        needs_holder: bool,
    ) -> Result<Facts, Refused> {
        let expected = Expected {
            audience: request.client_id,
            nonce: request.nonce,
            require_key_binding: needs_holder,
        };
        let verified = Unverified::parse(text_of(presentation)?)?.verify_presentation(
            issuer,
            &expected,
            request.now,
        )?;
        Ok(facts(&verified, verified.is_key_bound()))
    }

    fn issue(&self, draft: &Draft<'_>, key: IssuerSecret<'_>) -> Result<String, Refused> {
        let IssuerSecret::Signing(key) = key else {
            return Err(Refused::new(Fault::Unsupported, Unfit::BbsKey));
        };
        let mut claims = Map::new();
        if let Some(issuer) = draft.issuer {
            claims.insert("iss".to_owned(), issuer.into());
        }
        claims.insert("iat".to_owned(), draft.issued_at.into());
        for (name, time) in [("nbf", draft.valid_from), ("exp", draft.valid_until)] {
            if let Some(time) = time {
                claims.insert(name.to_owned(), time.into());
            }
        }
        match draft.status {
            [] => {}
            [StatusRef::TokenList { uri, index }] => {
                let status = json!({"status_list": {"uri": uri, "idx": index}});
                claims.insert("status".to_owned(), status);
            }
            _ => return Err(Refused::new(Fault::Unsupported, Unfit::Status)),
        }
        claims.extend(draft.claims.clone());
        claims.insert("vct".to_owned(), draft.type_id.into());
        let header = match draft.key_name {
            KeyName::Chain(chain) => IssuerHeader::X5c(chain),
            KeyName::Id(id) => IssuerHeader::Kid(id),
        };
        Template {
            claims: &claims,
            conceal: draft.conceal,
            holder: draft.holder,
            hash: HashAlgorithm::Sha256,
            decoys: 0,
        }
        .issue(header, key)
        .map_err(|error| Refused::new(Fault::Malformed, error))
    }

    fn obeys(&self, stored: &str, metadata: &TypeMetadata) -> Result<(), BrokenRule> {
        Ok(metadata.check_issued(&open(stored)?)?)
    }

    fn in_words_of_type(&self, path: &ClaimPath) -> Option<ClaimPath> {
        (!is_envelope(path)).then(|| path.clone())
    }
}

fn text_of(presentation: &Value) -> Result<&str, Refused> {
    presentation
        .as_str()
        .ok_or_else(|| Refused::new(Fault::Malformed, Unfit::NotText))
}

fn open(stored: &str) -> Result<Processed, Refused> {
    Processed::from_store(stored).map_err(|error| Refused::new(Fault::Malformed, error))
}

/// Whom the key binding says that it was made for.
fn made_for(unverified: &Unverified, text: &str) -> Option<MadeFor> {
    if !unverified.has_key_binding() {
        return None;
    }
    let (_, proof) = text.rsplit_once('~')?;
    let claims = jws::Unverified::parse(proof)
        .ok()?
        .unverified_claims()
        .ok()?;
    Some(MadeFor {
        client_id: claims.get("aud")?.as_str()?.to_owned(),
        nonce: claims.get("nonce")?.as_str()?.to_owned(),
        at: super::verify::numeric_date(claims.get("iat")?)?,
    })
}

fn facts(credential: &Processed, holder_proven: bool) -> Facts {
    Facts {
        type_id: credential.vct().to_owned(),
        types: vec![credential.vct().to_owned()],
        issuer: credential.issuer().map(str::to_owned),
        holder: credential.holder_key().cloned(),
        holder_proven,
        unlinkable: false,
        issued_at: credential
            .claims()
            .get("iat")
            .and_then(super::verify::numeric_date),
        valid_from: credential.valid_from(),
        valid_until: credential.valid_until(),
        status: credential.status().and_then(status).into_iter().collect(),
        claims: credential.claims().clone(),
        paths: credential
            .describe()
            .into_iter()
            .map(|claim| (claim.path, claim.can_hide))
            .collect(),
    }
}

/// `status_list` of the `status` claim (draft-ietf-oauth-status-list §6.1).
fn status(claim: &Value) -> Option<StatusRef> {
    let list = claim.get("status_list")?;
    Some(StatusRef::TokenList {
        uri: list.get("uri")?.as_str()?.to_owned(),
        index: list.get("idx")?.as_u64()?,
    })
}

impl From<ParseError> for Refused {
    fn from(error: ParseError) -> Self {
        Self::new(Fault::Malformed, error)
    }
}

impl From<PresentError> for Refused {
    fn from(error: PresentError) -> Self {
        let fault = match error {
            PresentError::NoSuchClaim => Fault::NoSuchClaim,
            PresentError::WrongKey | PresentError::NoHolderKey => Fault::NotTheHolder,
        };
        Self::new(fault, error)
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        let fault = match &error {
            VerifyError::Expired => Fault::Expired,
            VerifyError::NotYetValid | VerifyError::IssuedInFuture => Fault::NotYetValid,
            VerifyError::KeyBinding(error) => match error {
                KeyBindingError::Audience | KeyBindingError::Nonce => Fault::OtherRequest,
                KeyBindingError::TooOld | KeyBindingError::InFuture => Fault::ProofTime,
                _ => Fault::NotTheHolder,
            },
            VerifyError::Disclosures(DisclosureError::HashAlgorithm) => Fault::Unsupported,
            _ => Fault::Changed,
        };
        Self::new(fault, error)
    }
}
