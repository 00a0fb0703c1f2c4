//! An issuer that answers what the input says, an answer a line: `STATUS HEADER BODY`, where the
//! header is a DPoP nonce and a challenge at once. Its metadata are good.
#![no_main]

use std::sync::Mutex;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use net::{Http, HttpError, Policy, Request, Response};
use protocol::issuance::{Event, OfferDocument, PRE_AUTHORIZED, notify, redeem, resolve};
use protocol::link::OfferLink;
use serde_json::json;
use url::Url;

const NOW: i64 = 1_800_000_000;

struct Issuer<'a>(Mutex<std::str::Lines<'a>>);

#[async_trait]
impl Http for Issuer<'_> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let path = request.url.path();
        if path.starts_with("/.well-known/") {
            let body = metadata(request.url.host_str().unwrap_or_default());
            return Ok(response(request.url, 200, "", body.to_string().as_bytes()));
        }
        let line = self.0.lock().expect("one at a time").next();
        let line = line.ok_or(HttpError::Unreachable)?;
        let mut parts = line.splitn(3, ' ');
        let status = parts.next().and_then(|text| text.parse().ok());
        let header = parts.next().unwrap_or_default();
        let body = parts.next().unwrap_or_default();
        Ok(response(
            request.url,
            status.unwrap_or(200),
            header,
            body.as_bytes(),
        ))
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

fn response(url: Url, status: u16, header: &str, body: &[u8]) -> Response {
    let headers = ["dpop-nonce", "www-authenticate"];
    Response {
        status,
        headers: headers
            .map(|name| (name.to_owned(), header.to_owned()))
            .into(),
        body: body.to_owned(),
        url,
    }
}

fn metadata(host: &str) -> serde_json::Value {
    if host == "as.example" {
        return json!({
            "issuer": "https://as.example",
            "token_endpoint": "https://as.example/token",
            "dpop_signing_alg_values_supported": ["ES256"],
        });
    }
    let bound = json!({
        "format": "dc+sd-jwt",
        "vct": "urn:x:1",
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
    });
    let unbound = json!({
        "format": "ldp_vc",
        "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "Card"],
        },
    });
    json!({
        "credential_issuer": "https://issuer.example",
        "authorization_servers": ["https://as.example"],
        "credential_endpoint": "https://issuer.example/credential",
        "nonce_endpoint": "https://issuer.example/nonce",
        "notification_endpoint": "https://issuer.example/notification",
        "batch_credential_issuance": {"batch_size": 2},
        "credential_configurations_supported": {"card": bound, "w": unbound},
    })
}

async fn run(issuer: &Issuer<'_>) -> Option<()> {
    let offer = json!({
        "credential_issuer": "https://issuer.example",
        "credential_configuration_ids": ["card", "w"],
        "grants": {PRE_AUTHORIZED: {"pre-authorized_code": "abc"}},
    });
    let document = OfferDocument::parse(offer.to_string().as_bytes()).expect("an offer");
    let link = OfferLink::Value {
        offer: keys::json::parse_object(offer.to_string().as_bytes()).expect("an offer"),
        issuer: document.issuer_url,
    };
    let offer = resolve(issuer, &link).await.expect("the metadata are good");
    let all: Vec<String> = document.configuration_ids;
    match redeem(issuer, &offer, &all, None, 2, NOW).await {
        Ok(redeemed) => {
            assert!(!redeemed.credentials.is_empty());
            for card in &redeemed.credentials {
                assert!((1..=2).contains(&card.copies.len()));
            }
            let _ = notify(issuer, redeemed.notification?, Event::Accepted, NOW).await;
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
    Some(())
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let issuer = Issuer(Mutex::new(text.lines()));
    // Who answers at once is never waited for.
    assert!(run(&issuer).now_or_never().is_some());
});
