//! An interface for programs: `POST /credentials/verify` and `POST /presentations/verify` of the
//! W3C CCG VC API, behind a token, off unless a file with a token is given.
//!
//! It says whether proofs and dates hold and whether the data model's rules are kept. It does not
//! ask the ledger who may issue, nor look a status up: that is what the desk is for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use credential::KeySource;
use credential::data_integrity::selective::{self, Kind};
use credential::data_integrity::{self, named_key, plain};
use credential::did::{self, Relationship};
use credential::json_ld::{Contexts, to_quads};
use credential::vc_jose::{self, Presented, PresentedFor, Secured};
use credential::vcdm::{Contained, Credential, Enveloped, Presentation};
use keys::{Algorithm, PublicKey, UnixTime, json};
use net::Http;
use protocol::issuer_keys::{self, IssuerKey};
use serde_json::{Map, Value, json};

use crate::desk::same;
use crate::serve::{App, json_response};
use crate::trust::now;

/// The shortest token, in characters.
const SHORTEST_TOKEN: usize = 16;
/// The most credentials of one presentation.
const MAX_CREDENTIALS: usize = 16;

/// What was found. Nothing in `errors` means that all that was checked holds.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    checks: Vec<&'static str>,
    warnings: Vec<String>,
    errors: Vec<String>,
}

/// Reads the token of the interface.
pub(crate) fn read_token(file: &Path) -> anyhow::Result<String> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let token = text.trim();
    anyhow::ensure!(
        token.len() >= SHORTEST_TOKEN,
        "the token of the VC API needs {SHORTEST_TOKEN} characters at least"
    );
    Ok(token.to_owned())
}

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/credentials/verify", post(credential_route))
        .route("/presentations/verify", post(presentation_route))
}

async fn credential_route(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refuse(app.vc_api_token.as_deref(), &headers) {
        return refusal;
    }
    verify_credential(app.http(), &body, now()).await.respond()
}

async fn presentation_route(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some(refusal) = refuse(app.vc_api_token.as_deref(), &headers) {
        return refusal;
    }
    verify_presentation(app.http(), &body, now())
        .await
        .respond()
}

fn refuse(token: Option<&str>, headers: &HeaderMap) -> Option<Response> {
    let Some(token) = token else {
        let problem = problem(&["there is no VC API here".to_owned()]);
        return Some(json_response(StatusCode::NOT_FOUND, &problem));
    };
    let given = headers.get(header::AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer "));
    let known = given.is_some_and(|given| same(given, token));
    let problem = || problem(&["the token is missing or wrong".to_owned()]);
    (!known).then(|| json_response(StatusCode::UNAUTHORIZED, &problem()))
}

fn problem(reasons: &[String]) -> Value {
    let errors: Vec<Value> = reasons
        .iter()
        .map(|reason| json!({"title": reason}))
        .collect();
    json!({"title": reasons.first(), "errors": errors})
}

impl Verdict {
    fn of(found: Result<Self, String>) -> Self {
        found.unwrap_or_else(|error| Self {
            errors: vec![error],
            ..Self::default()
        })
    }

    pub(crate) fn to_json(&self) -> Value {
        let titles = |texts: &[String]| -> Vec<Value> {
            texts.iter().map(|text| json!({"title": text})).collect()
        };
        json!({
            "verified": self.errors.is_empty(),
            "checks": self.checks,
            "warnings": titles(&self.warnings),
            "errors": titles(&self.errors),
        })
    }

    fn respond(&self) -> Response {
        let status = match self.errors.is_empty() {
            true => StatusCode::OK,
            false => StatusCode::BAD_REQUEST,
        };
        json_response(status, &self.to_json())
    }

    fn status_left(&mut self, credential: &Credential) {
        if !credential.statuses().is_empty() {
            self.warnings
                .push("the status was not looked up".to_owned());
        }
    }
}

/// `{"verifiableCredential", "options"}`.
pub(crate) async fn verify_credential(http: &dyn Http, body: &[u8], now: UnixTime) -> Verdict {
    let verify = async {
        let body = object(body)?;
        let credential = member(&body, "verifiableCredential")?;
        let mut verdict = Verdict {
            checks: vec!["data model", "validity", "proof"],
            ..Verdict::default()
        };
        verdict.status_left(&check(http, credential, now).await?);
        Ok(verdict)
    };
    Verdict::of(verify.await)
}

/// Checks one credential, enveloped or not.
async fn check(
    http: &dyn Http,
    object: &Map<String, Value>,
    now: UnixTime,
) -> Result<Credential, String> {
    if Enveloped::is_meant(object) {
        return check_enveloped(http, &Enveloped::credential(object).map_err(text)?, now).await;
    }
    let (url, algorithm) = named_key(object).map_err(text)?;
    let key = key(http, &KeySource::Did { url }, algorithm).await?;
    data_integrity::verify_credential(object, &key, now).map_err(text)?;
    // A base proof says where all is that the holder may hide: it is not for verifiers.
    if selective::kind_of(object) == Ok(Kind::Base) {
        return Err(
            "the proof is an issuer's base proof, not one derived for a verifier".to_owned(),
        );
    }
    check_terms(object)?;
    Credential::check(object.clone()).map_err(text)
}

async fn check_enveloped(
    http: &dyn Http,
    envelope: &Enveloped,
    now: UnixTime,
) -> Result<Credential, String> {
    if envelope.media_type != vc_jose::CREDENTIAL {
        return Err("the envelope is of a kind that is not supported".to_owned());
    }
    let compact = std::str::from_utf8(&envelope.data).map_err(text)?;
    check_secured(http, &Secured::parse(compact).map_err(text)?, now).await
}

async fn check_secured(
    http: &dyn Http,
    secured: &Secured,
    now: UnixTime,
) -> Result<Credential, String> {
    let source = secured.key_source().map_err(text)?;
    let key = key(http, &source, secured.algorithm()).await?;
    secured.verify(&key, now).map_err(text)?;
    check_terms(secured.credential().document())?;
    Ok(secured.credential().clone())
}

/// What is signed as JSON is held to the rules of JSON-LD too: terms that nobody defines, and
/// contexts that are not known.
fn check_terms(document: &Map<String, Value>) -> Result<(), String> {
    to_quads(document, Contexts::pinned())
        .map(drop)
        .map_err(text)
}

async fn key(
    http: &dyn Http,
    source: &KeySource,
    algorithm: Algorithm,
) -> Result<PublicKey, String> {
    match issuer_keys::resolve(http, source, algorithm).await {
        Ok(IssuerKey::Jwk(key)) => Ok(key),
        Ok(IssuerKey::Chain(_)) => {
            Err("there is nothing here to trust a certificate chain by".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// `{"verifiablePresentation", "options": {"challenge", "domain"}}`.
pub(crate) async fn verify_presentation(http: &dyn Http, body: &[u8], now: UnixTime) -> Verdict {
    let verify = async {
        let body = object(body)?;
        let document = member(&body, "verifiablePresentation")?;
        let options = match body.get("options") {
            None => Map::new(),
            Some(Value::Object(options)) => options.clone(),
            Some(_) => return Err("`options` is not an object".to_owned()),
        };
        let option = |name: &str| match options.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(format!("`{name}` is not a text")),
        };
        let (challenge, domain) = (option("challenge")?, option("domain")?);
        let mut verdict = Verdict {
            checks: vec!["data model", "validity", "proof", "presentation"],
            ..Verdict::default()
        };
        if Enveloped::is_meant(document) {
            let envelope = Enveloped::presentation(document).map_err(text)?;
            let (Some(audience), Some(nonce)) = (domain, challenge) else {
                return Err("a presentation in a JWT needs `challenge` and `domain`".to_owned());
            };
            if envelope.media_type != vc_jose::PRESENTATION {
                return Err("the envelope is of a kind that is not supported".to_owned());
            }
            let compact = std::str::from_utf8(&envelope.data).map_err(text)?;
            let presented = Presented::parse(compact).map_err(text)?;
            let expected = PresentedFor { audience, nonce };
            presented.verify(expected, now).map_err(text)?;
            verdict.status_left(&check_secured(http, &presented.credential, now).await?);
            return Ok(verdict);
        }
        // What breaks the rules is refused before anybody is asked for a key.
        Presentation::check(document.clone()).map_err(text)?;
        let keys = holders_keys(http, document).await?;
        let key = |url: &str| keys.get(url).cloned();
        let document = document.clone();
        let found = data_integrity::verify_presentation(document, challenge, domain, &key, now);
        let found = found.map_err(text)?;
        if found.credentials.len() > MAX_CREDENTIALS {
            return Err(format!("more than {MAX_CREDENTIALS} credentials"));
        }
        for contained in &found.credentials {
            let credential = match contained {
                // The presentation's proof is its own: the holder says it of themselves.
                Contained::Embedded(own) if own.proofs().is_empty() => {
                    own.check_period(now).map_err(text)?;
                    own.clone()
                }
                Contained::Embedded(one) => check(http, one.document(), now).await?,
                Contained::Enveloped(envelope) => check_enveloped(http, envelope, now).await?,
            };
            verdict.status_left(&credential);
        }
        Ok(verdict)
    };
    Verdict::of(verify.await)
}

/// The keys that the proofs of a presentation name.
async fn holders_keys(
    http: &dyn Http,
    document: &Map<String, Value>,
) -> Result<HashMap<String, PublicKey>, String> {
    let mut keys = HashMap::new();
    for proof in plain::proofs(document).map_err(text)? {
        let url = plain::Proof::parse(proof)
            .map_err(text)?
            .verification_method;
        let document = issuer_keys::resolve_did(http, did::split_url(&url).0).await;
        let document = document.map_err(text)?;
        let key = document
            .key(&url, Relationship::Authentication)
            .map_err(text)?;
        keys.insert(url, key);
    }
    Ok(keys)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    json::parse_object(body).map_err(text)
}

fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, String> {
    let value = body.get(name).and_then(Value::as_object);
    value.ok_or_else(|| format!("`{name}` is not an object"))
}

#[cfg(test)]
mod tests;
