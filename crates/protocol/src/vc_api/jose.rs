//! Presentations as JWTs (W3C VC-JOSE-COSE §3.1.2), of any number of credentials.

use credential::data_integrity::plain::ProofError;
use credential::did;
use credential::json_ld;
use credential::vc_jose;
use credential::vcdm::{Enveloped, LEEWAY, Presentation, Version};
use keys::jws::Unverified;
use keys::{PublicKey, UnixTime};
use serde_json::{Map, Value};

use super::{MAX_BODY, Problem, contexts};

/// The claims of JWT that may stand beside the members of a document.
const REGISTERED: [&str; 9] = [
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce",
];

/// A presentation whose signature nobody has checked.
pub(super) struct JwtPresentation {
    jws: Unverified,
    claims: Map<String, Value>,
    pub(super) presentation: Presentation,
}

impl JwtPresentation {
    pub(super) fn parse(envelope: &Enveloped) -> Result<Self, Problem> {
        if envelope.media_type != vc_jose::PRESENTATION {
            return Err(Problem::MediaType);
        }
        let text = std::str::from_utf8(&envelope.data).map_err(|_| Problem::MediaType)?;
        let jws = Unverified::parse_bounded(text, MAX_BODY)?;
        jws.require_type("vp+jwt")?;
        let content = jws.header.get("cty");
        if content.is_some_and(|content| content != "vp" && content != "application/vp") {
            return Err(Problem::JwtMember("cty"));
        }
        let claims = jws.unverified_claims()?;
        for name in ["vc", "vp"] {
            if claims.contains_key(name) {
                return Err(Problem::JwtMember(name));
            }
        }
        let document = without_registered(&claims);
        let presentation = Presentation::check(document)?;
        if presentation.version() != Version::V2 {
            return Err(Problem::JwtMember("@context"));
        }
        Ok(Self {
            jws,
            claims,
            presentation,
        })
    }

    /// The DID URL of the key of who presents: the holder's, where there is one, or the one that
    /// the header names. `None` where nothing is named.
    pub(super) fn key_url(&self) -> Result<Option<String>, Problem> {
        let kid = match self.jws.header.get("kid") {
            None => None,
            Some(Value::String(kid)) => Some(kid.as_str()),
            Some(_) => return Err(Problem::JwtMember("kid")),
        };
        let Some(holder) = self.presentation.holder() else {
            return match kid {
                Some(kid) if kid.starts_with("did:") => Ok(Some(kid.to_owned())),
                Some(_) => Err(Problem::JwtMember("kid")),
                None => Ok(None),
            };
        };
        for iss in [self.jws.header.get("iss"), self.claims.get("iss")] {
            if iss.is_some_and(|iss| iss != holder) {
                return Err(Problem::JwtMember("iss"));
            }
        }
        let url = match kid {
            None => holder.to_owned(),
            Some(kid) if kid.starts_with('#') => format!("{holder}{kid}"),
            Some(kid) => kid.to_owned(),
        };
        match did::split_url(&url).0 == holder {
            true => Ok(Some(url)),
            false => Err(Problem::OtherParty("holder")),
        }
    }

    /// True where it was made in answer to something.
    pub(super) fn has_nonce(&self) -> bool {
        self.claims.contains_key("nonce")
    }

    /// True where it was made for somebody.
    pub(super) fn has_audience(&self) -> bool {
        self.claims.contains_key("aud")
    }

    /// Checks the signature, the times, and whom it was made for where that is asked.
    pub(super) fn verify(
        &self,
        key: &PublicKey,
        challenge: Option<&str>,
        domain: Option<&str>,
        now: UnixTime,
    ) -> Result<(), Problem> {
        self.jws.verify(key)?;
        let nonce = self.claims.get("nonce").and_then(Value::as_str);
        if challenge.is_some_and(|challenge| nonce != Some(challenge)) {
            return Err(ProofError::Challenge.into());
        }
        let audience = match self.claims.get("aud") {
            Some(Value::Array(items)) => match items.as_slice() {
                [only] => only.as_str(),
                _ => None,
            },
            only => only.and_then(Value::as_str),
        };
        if domain.is_some_and(|domain| audience != Some(domain)) {
            return Err(ProofError::Domain.into());
        }
        let time = |name: &'static str| match self.claims.get(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or(Problem::JwtMember(name)),
        };
        let soon = now.saturating_add(LEEWAY);
        let early = [time("nbf")?, time("iat")?]
            .into_iter()
            .flatten()
            .any(|from| from > soon);
        if early || time("exp")?.is_some_and(|until| until <= now) {
            return Err(Problem::Time);
        }
        json_ld::to_quads(self.presentation.document(), contexts())?;
        Ok(())
    }
}

/// The document among the claims.
pub(super) fn without_registered(claims: &Map<String, Value>) -> Map<String, Value> {
    let mut document = claims.clone();
    document.retain(|name, _| !REGISTERED.contains(&name.as_str()));
    document
}
