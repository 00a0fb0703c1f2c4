use keys::jws;
use keys::{SigningKey, UnixTime};
use serde_json::{Map, Value, json};

use super::older::numeric_date;
use super::secured::{Kind, check_times, kind};
use super::{CREDENTIAL, JoseError, PRESENTATION, Secured};
use crate::did;
use crate::sd_jwt::KEY_BINDING_MAX_AGE;
use crate::vcdm::facts::key_inside;
use crate::vcdm::{Contained, Enveloped, LEEWAY, Presentation, Version};

/// A presentation of one credential in a JWT. Nobody has checked its signature until
/// [`Presented::verify`] has.
pub struct Presented {
    jws: jws::Unverified,
    claims: Map<String, Value>,
    holder: Option<String>,
    /// The credential in it.
    pub credential: Secured,
}

/// What a presentation answers.
#[derive(Clone, Copy)]
pub struct PresentedFor<'a> {
    /// `aud`: the verifier.
    pub audience: &'a str,
    /// `nonce`.
    pub nonce: &'a str,
}

impl Presented {
    /// True where a JWT says that it is a presentation, whether it is one or not.
    pub fn is_meant(compact: &str) -> bool {
        jws::Unverified::parse(compact).is_ok_and(|jws| {
            jws.require_type("vp+jwt").is_ok()
                || jws
                    .unverified_claims()
                    .is_ok_and(|claims| claims.contains_key("vp"))
        })
    }

    /// Reads a compact JWS: of the type `vp+jwt`, whose payload is the presentation, or one with a
    /// `vp` claim.
    pub fn parse(compact: &str) -> Result<Self, JoseError> {
        let jws = jws::Unverified::parse(compact)?;
        let claims = jws.unverified_claims()?;
        let (credential, holder) = match kind(&jws, "vp+jwt")? {
            Kind::Jose => {
                if ["vc", "vp"].iter().any(|name| claims.contains_key(*name)) {
                    return Err(JoseError::Type);
                }
                let presentation = Presentation::check(claims.clone())?;
                let [Contained::Enveloped(envelope)] = presentation.credentials() else {
                    return Err(JoseError::NotOneCredential);
                };
                let text = std::str::from_utf8(&envelope.data).ok();
                let text = text.filter(|_| envelope.media_type == CREDENTIAL);
                let text = text.ok_or(JoseError::NotOneCredential)?;
                (text.to_owned(), presentation.holder().map(str::to_owned))
            }
            Kind::Older => older(&claims)?,
        };
        Ok(Self {
            credential: Secured::parse(&credential)?,
            jws,
            claims,
            holder,
        })
    }

    /// Whom it says that it was made for, and when.
    pub fn made_for(&self) -> Option<(PresentedFor<'_>, UnixTime)> {
        let text = |name: &str| self.claims.get(name).and_then(Value::as_str);
        let made_for = PresentedFor {
            audience: text("aud")?,
            nonce: text("nonce")?,
        };
        Some((made_for, numeric_date(&self.claims, "iat").ok()??))
    }

    /// Checks that the holder of the credential made it, for this verifier and this request.
    pub fn verify(&self, expected: PresentedFor<'_>, now: UnixTime) -> Result<(), JoseError> {
        let key = self.credential.holder()?.ok_or(JoseError::NotTheHolder)?;
        self.jws.verify(&key).map_err(|_| JoseError::NotTheHolder)?;
        // Who it says that presents must be whose key it is.
        let other = |holder: &String| key_inside(holder).as_ref() != Some(&key);
        if self.holder.as_ref().is_some_and(other) {
            return Err(JoseError::NotTheHolder);
        }
        let audience = match self.claims.get("aud") {
            Some(Value::Array(items)) => match items.as_slice() {
                [only] => only.as_str(),
                _ => None,
            },
            only => only.and_then(Value::as_str),
        };
        if audience != Some(expected.audience) {
            return Err(JoseError::Audience);
        }
        if self.claims.get("nonce").and_then(Value::as_str) != Some(expected.nonce) {
            return Err(JoseError::Nonce);
        }
        check_times(&self.claims, now).map_err(|_| JoseError::Time)?;
        let made = numeric_date(&self.claims, "iat")?.ok_or(JoseError::Claim("iat"))?;
        let in_time =
            made >= now.saturating_sub(KEY_BINDING_MAX_AGE) && made <= now.saturating_add(LEEWAY);
        in_time.then_some(()).ok_or(JoseError::Time)
    }
}

/// The credential in the `vp` of a JWT of VCDM 1.1, and who presents it.
fn older(claims: &Map<String, Value>) -> Result<(String, Option<String>), JoseError> {
    let presentation = claims.get("vp").and_then(Value::as_object);
    let presentation = presentation.ok_or(JoseError::Type)?;
    let types = match presentation.get("type") {
        Some(Value::Array(types)) => types.as_slice(),
        Some(only) => std::slice::from_ref(only),
        None => &[],
    };
    if !types.iter().any(|name| name == "VerifiablePresentation") {
        return Err(JoseError::Type);
    }
    let credential = match presentation.get("verifiableCredential") {
        Some(Value::Array(items)) => match items.as_slice() {
            [only] => only.as_str(),
            _ => None,
        },
        only => only.and_then(Value::as_str),
    };
    let credential = credential.ok_or(JoseError::NotOneCredential)?;
    let holder = match claims.get("iss") {
        None => None,
        Some(Value::String(holder)) => Some(holder.clone()),
        Some(_) => return Err(JoseError::Claim("iss")),
    };
    Ok((credential.to_owned(), holder))
}

/// A presentation of a credential by its holder.
pub(super) fn present(
    compact: &str,
    credential: &Secured,
    made_for: PresentedFor<'_>,
    now: UnixTime,
    key: &SigningKey,
) -> Result<String, JoseError> {
    let public = key.public();
    if credential.holder()?.as_ref() != Some(&public) {
        return Err(JoseError::NotTheHolder);
    }
    let id = credential
        .subject_id()
        .filter(|id| key_inside(id).as_ref() == Some(&public));
    let mut header = Map::new();
    let url = match id.and_then(did::method) {
        Some("key") => did::derive_did_key_url(&public).ok(),
        Some(_) => did::derive_did_jwk_url(&public).ok(),
        None => None,
    };
    let kid = url.unwrap_or_else(|| public.thumbprint());
    header.insert("kid".to_owned(), kid.into());
    let mut claims = Map::new();
    let typ = match credential.is_older() {
        true => {
            if let Some(id) = id {
                claims.insert("iss".to_owned(), id.into());
            }
            let presentation = json!({
                "@context": [Version::V1.context()],
                "type": ["VerifiablePresentation"],
                "verifiableCredential": [compact],
            });
            claims.insert("vp".to_owned(), presentation);
            "JWT"
        }
        false => {
            claims.insert("@context".to_owned(), json!([Version::V2.context()]));
            claims.insert("type".to_owned(), json!(["VerifiablePresentation"]));
            if let Some(id) = id {
                claims.insert("holder".to_owned(), id.into());
            }
            let envelope = Enveloped::derive_credential(CREDENTIAL, compact);
            claims.insert("verifiableCredential".to_owned(), json!([envelope]));
            PRESENTATION.trim_start_matches("application/")
        }
    };
    claims.insert("aud".to_owned(), made_for.audience.into());
    claims.insert("nonce".to_owned(), made_for.nonce.into());
    claims.insert("iat".to_owned(), now.into());
    Ok(jws::sign_claims(typ, header, &Value::Object(claims), key))
}
