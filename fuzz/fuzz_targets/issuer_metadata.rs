//! Metadata of an issuer and of its authorization server.
#![no_main]

use async_trait::async_trait;
use libfuzzer_sys::fuzz_target;
use net::{Http, HttpError, Policy, Request, Response};
use protocol::issuance::{IssuerMetadata, ServerMetadata};
use url::Url;

struct Nobody;

#[async_trait]
impl Http for Nobody {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::Unreachable)
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        Ok(net::check(Policy { demo: false }, url)?)
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(object) = keys::json::parse_object(bytes) else {
        return;
    };
    let text = |name: &str| object.get(name).and_then(|value| value.as_str());
    if let Some(issuer) = text("credential_issuer")
        && let Ok(metadata) = IssuerMetadata::read(&object, issuer, &Nobody)
        && let Some(configurations) = object
            .get("credential_configurations_supported")
            .and_then(|value| value.as_object())
    {
        for id in configurations.keys() {
            let _ = metadata.configuration(id);
        }
    }
    if let Some(issuer) = text("issuer") {
        let _ = ServerMetadata::read(&object, issuer, &Nobody);
    }
});
