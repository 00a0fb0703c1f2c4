//! An interface for programs: `POST /credentials/issue` and `POST /credentials/derive` of the W3C
//! CCG VC API, behind a token, off unless a file with a token is given.
//!
//! It signs whatever W3C credential it gets, whose `issuer` is the `did:key` of one of this
//! issuer's keys. Nothing is recorded, and no status is assigned: that is what offers are for.

use std::path::Path;

use anyhow::Context as _;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use credential::data_integrity::plain::{Options, Purpose, Suite, sign};
use credential::data_integrity::selective::{Pointer, derive, verify_base};
use credential::data_integrity::{named_key, secure};
use credential::did::{self, Relationship};
use credential::format::{IssuerSecret, KeyName};
use credential::json_ld::{Contexts, to_quads};
use credential::vc_jose;
use credential::vcdm::{Credential, Enveloped};
use keys::{Algorithm, PublicKey, SigningKey, UnixTime, b64, bls, json};
use serde_json::{Map, Value, json};
use std::sync::Arc;

use crate::admin::same;
use crate::open::now;
use crate::serve::App;

/// The shortest token, in characters.
const SHORTEST_TOKEN: usize = 16;

/// What signs for programs, and who may ask.
pub(crate) struct VcApi {
    token: String,
    key: SigningKey,
    bbs: Option<bls::SecretKey>,
}

/// Why a request was refused.
#[derive(Debug)]
pub(crate) struct Refusal(String);

type Answer = Result<Value, Refusal>;

impl VcApi {
    pub(crate) fn open(
        token: &Path,
        key: SigningKey,
        bbs: Option<bls::SecretKey>,
    ) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(token)
            .with_context(|| format!("cannot read {}", token.display()))?;
        let token = text.trim().to_owned();
        anyhow::ensure!(
            token.len() >= SHORTEST_TOKEN,
            "the token of the VC API needs {SHORTEST_TOKEN} characters at least"
        );
        Ok(Self { token, key, bbs })
    }

    /// The issuers that it signs for.
    pub(crate) fn issuers(&self) -> Vec<String> {
        let bbs = self
            .bbs
            .as_ref()
            .map(|key| PublicKey::Bls12381G2(key.public()));
        let keys = std::iter::once(self.key.public()).chain(bbs);
        keys.filter_map(|key| did::derive_did_key(&key).ok())
            .collect()
    }

    fn allows(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| same(token, &self.token))
    }

    /// `{"credential", "options"}` becomes `{"verifiableCredential"}`. Options:
    /// `mandatoryPointers` for selective suites, `cryptosuite` by its name, `type` for the proofs
    /// that are older than cryptosuites, and `mediaType` `application/vc+jwt` for a JWT.
    pub(crate) fn issue(&self, body: &[u8], now: UnixTime) -> Answer {
        let body = object(body)?;
        let credential = member(&body, "credential")?;
        let options = options(&body)?;
        let text = |name: &str| match options.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(Refusal::of(format_args!("`{name}` is not a text"))),
        };
        if let Some(media_type) = text("mediaType")? {
            return match media_type {
                vc_jose::CREDENTIAL => self.issue_jwt(credential, now),
                _ => Err(Refusal::of("that media type is not issued here")),
            };
        }
        match text("type")? {
            None | Some("DataIntegrityProof") => {}
            Some(name) => return self.issue_older(credential, name, now),
        }
        let mandatory = pointers(&options, "mandatoryPointers")?;
        let by_bbs = self.bbs.as_ref().filter(|key| {
            let key = PublicKey::Bls12381G2(key.public());
            is_issuer(credential, &key)
        });
        let key = match by_bbs {
            Some(key) => IssuerSecret::Bbs(key),
            None => IssuerSecret::Signing(&self.key),
        };
        let usual = match (&key, self.key.algorithm(), mandatory.is_empty()) {
            (IssuerSecret::Bbs(_), ..) => "bbs-2023",
            (_, Algorithm::Es256, false) => "ecdsa-sd-2023",
            (_, algorithm, _) => Suite::for_algorithm(algorithm).map_or("", Suite::name),
        };
        let suite = text("cryptosuite")?.unwrap_or(usual);
        let signed = secure(credential.clone(), suite, &mandatory, key, now);
        let signed = signed.map_err(Refusal::of)?;
        Ok(json!({"verifiableCredential": signed}))
    }

    /// By one of the two suites of VCDM 1.1's time, whose context is added.
    fn issue_older(&self, credential: &Map<String, Value>, name: &str, now: UnixTime) -> Answer {
        let unknown = || Refusal::of("that type of proof is not issued here");
        let suite = Suite::from_name(name).ok_or_else(unknown)?;
        let context = match suite {
            Suite::Ed25519Signature2020 => "https://w3id.org/security/suites/ed25519-2020/v1",
            Suite::JsonWebSignature2020 => "https://w3id.org/security/suites/jws-2020/v1",
            _ => return Err(unknown()),
        };
        if credential.contains_key("proof") {
            return Err(Refusal::of("the credential has a proof already"));
        }
        let credential = Credential::check(credential.clone()).map_err(Refusal::of)?;
        if !is_issuer(credential.document(), &self.key.public()) {
            return Err(Refusal::of("the issuer is not one of this service"));
        }
        let mut document = credential.into_document();
        let mut contexts = match document.remove("@context") {
            Some(Value::Array(contexts)) => contexts,
            other => other.into_iter().collect(),
        };
        if !contexts.iter().any(|known| known == context) {
            contexts.push(context.into());
        }
        document.insert("@context".to_owned(), Value::Array(contexts));
        let url = did::derive_did_key_url(&self.key.public()).map_err(Refusal::of)?;
        let options = Options {
            suite,
            verification_method: &url,
            purpose: Purpose::Assertion,
            created: Some(now),
            challenge: None,
            domain: None,
        };
        let signed = sign(&document, &options, &self.key, Contexts::pinned());
        Ok(json!({"verifiableCredential": signed.map_err(Refusal::of)?}))
    }

    fn issue_jwt(&self, credential: &Map<String, Value>, now: UnixTime) -> Answer {
        let url = did::derive_did_key_url(&self.key.public()).map_err(Refusal::of)?;
        let credential = Credential::check(credential.clone()).map_err(Refusal::of)?;
        if !is_issuer(credential.document(), &self.key.public()) {
            return Err(Refusal::of("the issuer is not one of this service"));
        }
        let mut document = credential.document().clone();
        document.remove("proof");
        to_quads(&document, Contexts::pinned()).map_err(Refusal::of)?;
        let text = vc_jose::sign(&credential, KeyName::Id(&url), None, now, &self.key);
        // What does not read again would be of no use to anybody.
        vc_jose::Secured::parse(&text).map_err(Refusal::of)?;
        let enveloped = Enveloped::derive_credential(vc_jose::CREDENTIAL, &text);
        Ok(json!({"verifiableCredential": enveloped}))
    }

    /// `{"verifiableCredential", "options"}` becomes `{"verifiableCredential"}`: the holder's part.
    /// Options: `selectivePointers`, and `presentationHeader` in base64url for `bbs-2023`.
    pub(crate) fn derive(&self, body: &[u8]) -> Answer {
        let body = object(body)?;
        let credential = member(&body, "verifiableCredential")?;
        let options = options(&body)?;
        let chosen = pointers(&options, "selectivePointers")?;
        let header = match options.get("presentationHeader") {
            None => Vec::new(),
            Some(Value::String(text)) => b64::decode(text).map_err(Refusal::of)?,
            Some(_) => return Err(Refusal::of("`presentationHeader` is not a text")),
        };
        let issuer = issuer_of(credential)?;
        verify_base(credential, &issuer, Contexts::pinned()).map_err(Refusal::of)?;
        let derived = derive(credential, &chosen, &header, Contexts::pinned());
        Ok(json!({"verifiableCredential": derived.map_err(Refusal::of)?}))
    }
}

impl Refusal {
    fn of(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// The issuer's key, where its DID holds it.
fn issuer_of(credential: &Map<String, Value>) -> Result<PublicKey, Refusal> {
    let (url, _) = named_key(credential).map_err(Refusal::of)?;
    let document = did::resolve_self_contained(did::split_url(&url).0).map_err(Refusal::of)?;
    document
        .key(&url, Relationship::Assertion)
        .map_err(Refusal::of)
}

fn is_issuer(credential: &Map<String, Value>, key: &PublicKey) -> bool {
    let issuer = match credential.get("issuer") {
        Some(Value::Object(issuer)) => issuer.get("id"),
        other => other,
    };
    let did = did::derive_did_key(key).ok();
    did.is_some_and(|did| issuer.and_then(Value::as_str) == Some(&did))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    json::parse_object(body).map_err(Refusal::of)
}

fn member<'a>(body: &'a Map<String, Value>, name: &str) -> Result<&'a Map<String, Value>, Refusal> {
    let value = body.get(name).and_then(Value::as_object);
    value.ok_or_else(|| Refusal::of(format_args!("`{name}` is not an object")))
}

fn options(body: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    match body.get("options") {
        None => Ok(Map::new()),
        Some(Value::Object(options)) => Ok(options.clone()),
        Some(_) => Err(Refusal::of("`options` is not an object")),
    }
}

fn pointers(options: &Map<String, Value>, name: &str) -> Result<Vec<Pointer>, Refusal> {
    let malformed = || Refusal::of(format_args!("`{name}` is not a list of JSON pointers"));
    let items = match options.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => return Err(malformed()),
    };
    let pointers = items.iter().map(|item| {
        let text = item.as_str().ok_or_else(malformed)?;
        Pointer::parse(text).map_err(Refusal::of)
    });
    pointers.collect()
}

pub(crate) async fn issue_route(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    answer(app.vc_api.as_ref(), &headers, |api| api.issue(&body, now()))
}

pub(crate) async fn derive_route(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    answer(app.vc_api.as_ref(), &headers, |api| api.derive(&body))
}

fn answer(
    api: Option<&VcApi>,
    headers: &HeaderMap,
    serve: impl FnOnce(&VcApi) -> Answer,
) -> Response<Body> {
    let (status, body) = match api {
        None => (StatusCode::NOT_FOUND, problem("there is no VC API here")),
        Some(api) if !api.allows(headers) => (
            StatusCode::UNAUTHORIZED,
            problem("the token is missing or wrong"),
        ),
        Some(api) => match serve(api) {
            Ok(value) => (StatusCode::CREATED, value),
            Err(Refusal(reason)) => (StatusCode::BAD_REQUEST, problem(&reason)),
        },
    };
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// RFC 9457, and the list that the VC API has besides.
fn problem(reason: &str) -> Value {
    json!({"title": reason, "errors": [{"title": reason}]})
}

#[cfg(test)]
mod tests {
    use credential::data_integrity::verify_credential;

    use super::*;

    const NOW: UnixTime = 1_790_000_000;

    fn api(key: SigningKey) -> VcApi {
        VcApi {
            token: "0123456789abcdef".to_owned(),
            key,
            bbs: Some(bls::SecretKey::make()),
        }
    }

    fn asked(issuer: &str, options: &Value) -> Vec<u8> {
        let credential = json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://www.w3.org/ns/credentials/examples/v2",
            ],
            "type": ["VerifiableCredential", "AlumniCredential"],
            "issuer": issuer,
            "credentialSubject": {"alumniOf": "The School of Examples", "degree": "none"},
        });
        json!({"credential": credential, "options": options})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn credentials_are_issued_by_every_suite_and_derived() {
        for (key, suite, options) in [
            (SigningKey::make_p256(), "ecdsa-rdfc-2019", json!({})),
            (
                SigningKey::make_p256(),
                "ecdsa-jcs-2019",
                json!({"cryptosuite": "ecdsa-jcs-2019"}),
            ),
            (
                SigningKey::make_p256(),
                "ecdsa-sd-2023",
                json!({"mandatoryPointers": ["/issuer"]}),
            ),
            (SigningKey::make_ed25519(), "eddsa-rdfc-2022", json!({})),
            (
                SigningKey::make_ed25519(),
                "bbs-2023",
                json!({"mandatoryPointers": ["/issuer"]}),
            ),
        ] {
            let api = api(key);
            let issuers = api.issuers();
            let (issuer, public) = match suite {
                "bbs-2023" => {
                    let key = api.bbs.as_ref().unwrap().public();
                    (&issuers[1], PublicKey::Bls12381G2(key))
                }
                _ => (&issuers[0], api.key.public()),
            };
            let answer = api.issue(&asked(issuer, &options), NOW).unwrap();
            let signed = answer["verifiableCredential"].as_object().unwrap();
            assert_eq!(signed["proof"]["cryptosuite"], suite);
            verify_credential(signed, &public, NOW).unwrap();
            if suite.ends_with("2023") {
                let options = json!({
                    "selectivePointers": ["/credentialSubject/degree"],
                    "presentationHeader": "AQID",
                });
                let body = json!({"verifiableCredential": signed, "options": options});
                let answer = api.derive(body.to_string().as_bytes()).unwrap();
                let derived = answer["verifiableCredential"].as_object().unwrap();
                assert!(derived["credentialSubject"].get("alumniOf").is_none());
                verify_credential(derived, &public, NOW).unwrap();
            }
        }
    }

    #[test]
    fn credentials_are_issued_as_jwt() {
        let api = api(SigningKey::make_p256());
        let options = json!({"mediaType": "application/vc+jwt"});
        let answer = api.issue(&asked(&api.issuers()[0], &options), NOW).unwrap();
        let enveloped = answer["verifiableCredential"].as_object().unwrap();
        let enveloped = Enveloped::credential(enveloped).unwrap();
        let text = String::from_utf8(enveloped.data).unwrap();
        let secured = vc_jose::Secured::parse(&text).unwrap();
        secured.verify(&api.key.public(), NOW).unwrap();
        assert!(api.issue(&asked("did:example:a", &options), NOW).is_err());
        // A term that no context defines.
        let body = asked(&api.issuers()[0], &options);
        let mut body = json::parse_object(&body).unwrap();
        body["credential"]["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
        let body = Value::Object(body).to_string();
        assert!(api.issue(body.as_bytes(), NOW).is_err());
    }

    #[test]
    fn what_is_not_issued() {
        let api = api(SigningKey::make_p256());
        let issuer = &api.issuers()[0];
        for body in [
            b"".to_vec(),
            b"{}".to_vec(),
            br#"{"credential": "x"}"#.to_vec(),
            br#"{"credential": {}}"#.to_vec(),
            asked("did:example:a", &json!({})),
            asked("no url", &json!({})),
            asked(issuer, &json!(1)),
            asked(issuer, &json!({"cryptosuite": 1})),
            asked(issuer, &json!({"cryptosuite": "other"})),
            asked(issuer, &json!({"type": "RsaSignature2018"})),
            asked(issuer, &json!({"type": "eddsa-rdfc-2022"})),
            asked(issuer, &json!({"type": "Ed25519Signature2020"})),
            asked("did:example:a", &json!({"type": "JsonWebSignature2020"})),
            asked(issuer, &json!({"mediaType": "application/vc+cose"})),
            asked(issuer, &json!({"mandatoryPointers": "/issuer"})),
            asked(issuer, &json!({"mandatoryPointers": [1]})),
            asked(issuer, &json!({"mandatoryPointers": ["issuer"]})),
            asked(issuer, &json!({"mandatoryPointers": ["/missing"]})),
        ] {
            let text = String::from_utf8_lossy(&body);
            assert!(api.issue(&body, NOW).is_err(), "{text}");
            assert!(api.derive(&body).is_err(), "{text}");
        }
    }

    #[test]
    fn only_the_token_opens() {
        let api = api(SigningKey::make_p256());
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            answer(Some(&api), &headers, |_| Ok(json!({}))).status()
        };
        assert_eq!(with("Bearer 0123456789abcdef"), StatusCode::CREATED);
        assert_eq!(with("Bearer 0123456789abcdee"), StatusCode::UNAUTHORIZED);
        assert_eq!(with("0123456789abcdef"), StatusCode::UNAUTHORIZED);
        assert_eq!(with("Bearer "), StatusCode::UNAUTHORIZED);
        let none = HeaderMap::new();
        let refused = answer(Some(&api), &none, |_| Ok(json!({}))).status();
        assert_eq!(refused, StatusCode::UNAUTHORIZED);
        let refused = answer(None, &none, |_| Ok(json!({}))).status();
        assert_eq!(refused, StatusCode::NOT_FOUND);
    }
}
