use async_trait::async_trait;
use credential::KeySource;
use credential::sd_jwt::{HashAlgorithm, IssuerHeader, Processed, Template};
use keys::{Algorithm, PublicKey, SigningKey};
use query::{ClaimPath, Query};
use serde_json::{Map, Value, json};

use crate::presentation::tests::support::NOW;
use crate::verifier::{Ask, Identity, IssuerKeys, NoIssuerKey, Session};

pub(super) const VCT: &str = "urn:card";

/// A session that asks for the name on one card.
pub(super) fn session(change: impl FnOnce(&mut Value)) -> Session {
    make(false, change)
}

pub(super) fn make(encrypted: bool, change: impl FnOnce(&mut Value)) -> Session {
    let mut query = json!({"credentials": [{
        "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [{"path": ["name"]}],
    }]});
    change(&mut query);
    let ask = Ask {
        query: Query::from_json(&query).unwrap(),
        purpose: None,
        response_uri: "https://desk.example/answer".parse().unwrap(),
        encrypted,
    };
    Session::make(&Identity::RedirectUri, ask)
}

/// One issuer, one holder.
pub(super) struct World {
    pub(super) issuer: SigningKey,
    pub(super) holder: SigningKey,
}

impl World {
    pub(super) fn make() -> Self {
        Self {
            issuer: SigningKey::make_p256(),
            holder: SigningKey::make_p256(),
        }
    }

    /// A card with a name and a birth date that can be held back.
    pub(super) fn card(&self, bound: bool) -> Processed {
        let claims =
            json!({"iss": "https://issuer.example", "vct": VCT, "name": "Ada", "birth": "1815"});
        let conceal = [path("name"), path("birth")];
        let holder = self.holder.public();
        let template = Template {
            claims: claims.as_object().unwrap(),
            conceal: &conceal,
            holder: bound.then_some(&holder),
            hash: HashAlgorithm::Sha256,
            decoys: 0,
        };
        let text = template
            .issue(IssuerHeader::Kid("k"), &self.issuer)
            .unwrap();
        Processed::from_store(&text).unwrap()
    }

    /// A presentation of these claims for `audience` and `nonce`.
    pub(super) fn present(&self, claims: &[&str], audience: &str, nonce: &str) -> String {
        let paths: Vec<ClaimPath> = claims.iter().map(|name| path(name)).collect();
        let selection = self.card(true).select(&paths).unwrap();
        selection.bind(&self.holder, audience, nonce, NOW).unwrap()
    }

    /// As [`Self::present`] for what `session` asks.
    pub(super) fn answer(&self, session: &Session) -> String {
        self.present(&["name"], session.client_id(), session.nonce())
    }
}

#[async_trait]
impl IssuerKeys for World {
    async fn find(&self, source: &KeySource, _: Algorithm) -> Result<PublicKey, NoIssuerKey> {
        assert!(matches!(source, KeySource::Metadata { .. }));
        Ok(self.issuer.public())
    }
}

/// An issuer whose key cannot be had.
pub(super) struct Nowhere;

#[async_trait]
impl IssuerKeys for Nowhere {
    async fn find(&self, _: &KeySource, _: Algorithm) -> Result<PublicKey, NoIssuerKey> {
        Err(NoIssuerKey("away".into()))
    }
}

pub(super) fn path(name: &str) -> ClaimPath {
    ClaimPath::from_names([name]).unwrap()
}

pub(super) fn token(presentations: Value) -> Map<String, Value> {
    Map::from_iter([("a".to_owned(), presentations)])
}
