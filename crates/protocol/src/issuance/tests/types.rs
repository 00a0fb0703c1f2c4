//! Type metadata, and issuers that are known by a certificate.

use std::collections::HashMap;

use async_trait::async_trait;
use credential::type_metadata::Integrity;
use credential::{KeySource, catalogue};
use keys::SigningKey;
use keys::x509::Certificate;
use net::{Http, HttpError, Policy, Request, Response};
use serde_json::json;
use url::Url;

use super::peer::{ISSUER, NOW, Peer, terms};
use crate::issuance::{TypeMetadataError, fetch_type_metadata, redeem, resolve};
use crate::issuer::{Dpop, Identity, InMemory, IssuedType, Issuer, Nonces, Signer, TxCodeTerms};

const VCT: &str = "https://types.example/one";

/// A web of documents by address.
struct Web(HashMap<&'static str, String>);

#[async_trait]
impl Http for Web {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.allows(&request.url)?;
        let found = self.0.get(request.url.as_str());
        Ok(Response {
            status: if found.is_some() { 200 } else { 404 },
            headers: Vec::new(),
            body: found.cloned().unwrap_or_default().into_bytes(),
            url: request.url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        Ok(net::check(Policy { demo: false }, url)?)
    }
}

fn web(documents: &[(&'static str, serde_json::Value)]) -> Web {
    let texts = documents.iter();
    Web(texts
        .map(|(url, value)| (*url, value.to_string()))
        .collect())
}

#[tokio::test]
async fn a_type_is_fetched_with_what_it_extends() {
    let web = web(&[
        (
            VCT,
            json!({"vct": VCT, "extends": "https://types.example/two"}),
        ),
        (
            "https://types.example/two",
            json!({"vct": "https://types.example/two", "name": "Two"}),
        ),
    ]);
    let pin = Integrity::derive(web.0[VCT].as_bytes());
    let fetched = fetch_type_metadata(&web, VCT, Some(&pin)).await.unwrap();
    assert_eq!(fetched.metadata.vct, VCT);
    assert_eq!(fetched.documents.len(), 2);
    assert_eq!(fetched.documents[0], web.0[VCT].as_bytes());
}

#[tokio::test]
async fn a_type_that_is_not_what_was_vouched_for_is_refused() {
    let other = web(&[(VCT, json!({"vct": "https://types.example/two"}))]);
    assert!(matches!(
        fetch_type_metadata(&other, VCT, None).await,
        Err(TypeMetadataError::Refused(_))
    ));
    let changed = web(&[(VCT, json!({"vct": VCT}))]);
    let pin = Integrity::derive(b"another");
    assert!(matches!(
        fetch_type_metadata(&changed, VCT, Some(&pin)).await,
        Err(TypeMetadataError::Refused(_))
    ));
    let circle = web(&[(VCT, json!({"vct": VCT, "extends": VCT}))]);
    assert!(matches!(
        fetch_type_metadata(&circle, VCT, None).await,
        Err(TypeMetadataError::Refused(_))
    ));
}

#[tokio::test]
async fn types_without_an_address_are_compiled_in_or_unknown() {
    let nothing = web(&[]);
    let entry = catalogue::types()[0];
    let fetched = fetch_type_metadata(&nothing, entry.vct, None)
        .await
        .unwrap();
    assert_eq!(fetched.metadata.vct, entry.vct);
    for vct in ["urn:example:other", "not a url", "file:///etc/passwd"] {
        assert!(matches!(
            fetch_type_metadata(&nothing, vct, None).await,
            Err(TypeMetadataError::NoAddress)
        ));
    }
    for vct in [VCT, "https://10.0.0.1/type"] {
        assert!(matches!(
            fetch_type_metadata(&nothing, vct, None).await,
            Err(TypeMetadataError::Fetch(_))
        ));
    }
}

#[tokio::test]
async fn an_issuer_may_be_known_by_its_certificate() {
    for (name, named) in [("issuer.example", true), ("other.example", false)] {
        let pair = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let certificate = parameters.self_signed(&pair).unwrap();
        let leaf = Certificate::from_der(certificate.der()).unwrap();
        let key = SigningKey::from_pem(&pair.serialize_pem()).unwrap();
        let entry = catalogue::by_name("DrivingLicence").unwrap();
        let mut peer = Peer::new(Dpop::Off);
        peer.issuer = std::sync::Arc::new(Issuer::new(
            Identity {
                url: ISSUER.parse().unwrap(),
                name: "By certificate".to_owned(),
            },
            key,
            Signer::X5c(vec![leaf]),
            vec![IssuedType::from_catalogue(entry).unwrap()],
            Nonces::make(),
            InMemory::default(),
        ));
        let mut offered = terms();
        offered.tx_code = TxCodeTerms::Absent;
        let offer = resolve(&peer, &peer.make(offered)).await.unwrap();
        let selected = vec!["DrivingLicence".to_owned()];
        let redeemed = redeem(&peer, &offer, &selected, None, 1, NOW)
            .await
            .unwrap();
        let text = &redeemed.credentials[0].copies[0].credential;
        let card = credential::sd_jwt::Unverified::parse(text).unwrap();
        let claims = card.unverified_claims().unwrap();
        assert_eq!(claims.contains_key("iss"), named, "{name}");
        let Ok(KeySource::X5c(chain)) = card.key_source() else {
            panic!("x5c");
        };
        card.verify(chain[0].public_key(), NOW).unwrap();
    }
}
