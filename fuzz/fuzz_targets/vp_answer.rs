//! A wallet's answer as a service receives it: a form, or what was in an encrypted one. Where the
//! session's own state belongs the input says `STATE`.
#![no_main]

use std::sync::OnceLock;

use credential::KeySource;
use futures_util::FutureExt as _;
use keys::{Algorithm, PublicKey};
use protocol::verifier::{Ask, Identity, IssuerKeys, NoIssuerKey, Received, Session, check};
use query::Query;
use serde_json::json;

struct Nobody;

#[async_trait::async_trait]
impl IssuerKeys for Nobody {
    async fn find(&self, _: &KeySource, _: Algorithm) -> Result<PublicKey, NoIssuerKey> {
        Err(NoIssuerKey("nobody is asked".into()))
    }
}

fn sessions() -> &'static [Session; 2] {
    static SESSIONS: OnceLock<[Session; 2]> = OnceLock::new();
    SESSIONS.get_or_init(|| {
        let formats = ["dc+sd-jwt", "mso_mdoc", "ldp_vc", "jwt_vc_json"];
        let metas = [
            json!({"vct_values": ["t"]}),
            json!({"doctype_value": "t"}),
            json!({"type_values": [["t"]]}),
            json!({"type_values": [["t"]]}),
        ];
        let asked = formats.iter().zip(metas).map(|(format, meta)| {
            json!({"id": format.replace('+', "_"), "format": format, "meta": meta})
        });
        let query = json!({"credentials": asked.collect::<Vec<_>>()});
        let query = Query::from_json(&query).expect("a query");
        [false, true].map(|encrypted| {
            let ask = Ask {
                query: query.clone(),
                purpose: None,
                response_uri: "https://desk.example/answer".parse().expect("an address"),
                encrypted,
            };
            Session::make(&Identity::RedirectUri, ask)
        })
    })
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    for session in sessions() {
        let body = text.replace("STATE", session.state());
        if let Ok(Received::Presentations(token)) = session.open(body.as_bytes()) {
            let outcome = check(session, &token, &Nobody, 1_790_000_000).now_or_never();
            let checked = outcome.map(|outcome| outcome.is_ok());
            assert_ne!(checked, Some(true), "nobody's keys hold");
        }
    }
});
