use std::collections::HashMap;

use async_trait::async_trait;
use credential::data_integrity::plain::{self, Options, Purpose, Suite};
use credential::did;
use credential::json_ld::Contexts;
use keys::bls::SecretKey;
use keys::{SigningKey, jws};
use net::{Http, HttpError, Policy, Request, Response};
use serde_json::{Map, Value, json};
use url::Url;

use super::*;
use crate::issuer::Reply;

mod allot;
mod credentials;
mod jose;
mod presentations;
mod proofs;
mod related;
mod requests;
mod rules;
mod status;

const NOW: i64 = 1_780_000_000;

fn keys(signing: SigningKey) -> IssuerKeys {
    IssuerKeys {
        signing,
        bbs: Some(SecretKey::make()),
        did_web: None,
    }
}

fn keys_for(algorithm: &str) -> IssuerKeys {
    keys(match algorithm {
        "EdDSA" => SigningKey::make_ed25519(),
        _ => SigningKey::make_p256(),
    })
}

/// The issuer of a kind of key.
fn name(keys: &IssuerKeys, algorithm: &str) -> String {
    let place = usize::from(algorithm == "BBS");
    keys.issuers().swap_remove(place)
}

fn credential(issuer: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "id": "urn:uuid:0f0e0d0c-0b0a-4908-8706-050403020100",
        "type": ["VerifiableCredential", "ExampleAlumniCredential"],
        "issuer": issuer,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "alumniOf": "Unst", "degree": "Tides"},
    })
}

fn older(issuer: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://www.w3.org/2018/credentials/examples/v1",
        ],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "alumniOf": "Unst"},
    })
}

/// A network in which addresses answer with what the test put there.
#[derive(Default)]
struct Web(HashMap<String, Vec<u8>>);

impl Web {
    fn with(url: &str, body: impl Into<Vec<u8>>) -> Self {
        Self(HashMap::from([(url.to_owned(), body.into())]))
    }
}

#[async_trait]
impl Http for Web {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = request.url.clone();
        let body = self.0.get(url.as_str()).cloned();
        let body = body.ok_or(HttpError::Unreachable)?;
        if body.len() > request.limit {
            let limit = request.limit;
            return Err(HttpError::TooLarge { limit });
        }
        Ok(Response {
            status: 200,
            headers: Vec::new(),
            body,
            url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap().block_on(future)
}

fn reply(reply: &Reply) -> (u16, Value) {
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn try_issue_with(
    web: &Web,
    keys: &IssuerKeys,
    credential: &Value,
    options: &Value,
) -> (u16, Value) {
    let body = json!({"credential": credential, "options": options}).to_string();
    let issue = async {
        let asked = ToIssue::read(body.as_bytes())?;
        asked.check_related(web).await?;
        Ok(asked.sign(keys, NOW))
    };
    reply(&wait(issue).unwrap_or_else(|problem: Problem| problem.reply()))
}

fn try_issue(keys: &IssuerKeys, credential: &Value, options: &Value) -> (u16, Value) {
    try_issue_with(&Web::default(), keys, credential, options)
}

#[track_caller]
fn issued(keys: &IssuerKeys, credential: &Value, options: &Value) -> Value {
    let (status, body) = try_issue(keys, credential, options);
    assert_eq!(status, 201, "{body}");
    body["verifiableCredential"].clone()
}

fn try_derive(keys: &IssuerKeys, credential: &Value, pointers: &[&str]) -> (u16, Value) {
    let options = json!({"selectivePointers": pointers});
    let body = json!({"verifiableCredential": credential, "options": options});
    reply(&derive(body.to_string().as_bytes(), keys))
}

fn verdict(web: &Web, asked: Result<Asked, Problem>) -> (u16, Value) {
    let verify = async {
        let asked = asked?;
        let documents = asked.resolve(web).await?;
        let checked = asked.check(&documents, NOW)?;
        Ok(checked.look_up(web, NOW).await)
    };
    reply(&wait(verify).unwrap_or_else(|problem: Problem| problem.verdict()))
}

fn verify_with(web: &Web, credential: &Value, options: &Value) -> (u16, Value) {
    let body = json!({"verifiableCredential": credential, "options": options});
    verdict(web, Asked::credential(body.to_string().as_bytes()))
}

fn verify(credential: &Value, options: &Value) -> (u16, Value) {
    verify_with(&Web::default(), credential, options)
}

fn verify_presentation(presentation: &Value, options: &Value) -> (u16, Value) {
    let body = json!({"verifiablePresentation": presentation, "options": options});
    let asked = Asked::presentation(body.to_string().as_bytes());
    verdict(&Web::default(), asked)
}

#[track_caller]
fn holds((status, body): (u16, Value)) -> Value {
    assert_eq!((status, &body["verified"]), (200, &json!(true)), "{body}");
    assert_eq!(body["errors"], json!([]));
    body
}

/// Refused for this reason, in a problem detail of this type.
#[track_caller]
fn fails((status, body): (u16, Value), kind: &str, reason: &str) {
    assert_eq!(status, 400, "{body}");
    let detail = match body.get("verified") {
        Some(verified) => {
            assert_eq!(verified, false, "{body}");
            assert_eq!(body["errors"], body["problemDetails"]);
            &body["problemDetails"][0]
        }
        None => &body,
    };
    assert!(detail["type"].as_str().unwrap().ends_with(kind), "{detail}");
    assert!(
        detail["detail"].as_str().unwrap().contains(reason),
        "{detail}"
    );
}

fn envelope(jwt: &str) -> Value {
    json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": format!("data:application/vc+jwt,{jwt}"),
        "type": "EnvelopedVerifiableCredential",
    })
}

#[test]
fn a_token_is_compared_whole_and_only_as_a_bearer() {
    let bearer = Bearer::parse("a-token-of-twenty-four-x\n").unwrap();
    assert!(bearer.admits(Some("Bearer a-token-of-twenty-four-x")));
    assert!(bearer.admits(Some("bearer a-token-of-twenty-four-x")));
    for other in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer a-token-of-twenty-four-"),
        Some("Bearer a-token-of-twenty-four-y"),
        Some("Bearer a-token-of-twenty-four-x "),
        Some("Basic a-token-of-twenty-four-x"),
        Some("a-token-of-twenty-four-x"),
    ] {
        assert!(!bearer.admits(other), "{other:?}");
    }
    for text in [
        "",
        "fifteen-letters",
        "a token with spaces in it",
        &"a".repeat(1025),
    ] {
        assert!(Bearer::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_context_of_undefined_terms_is_for_this_interface_alone() {
    assert!(contexts().knows(UNDEFINED_TERMS));
    assert!(!Contexts::pinned().knows(UNDEFINED_TERMS));
}

#[test]
fn the_context_of_undefined_terms_is_the_published_one() {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(UNDEFINED_TERMS_TEXT);
    let published = "82dab514ba44eb18f5d1b0f638c5e140c6a556fbfb5089601bdc0fa5eb8b2581";
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digits, published);
}
