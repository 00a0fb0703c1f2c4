//! What the review of an offer says before the card is here.

use std::collections::BTreeMap;

use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, KeyEntry, RegisterIssuer,
};
use ledger::{Log, OperatorKeys, SignedEvent};
use protocol::link::{Link, OfferLink};

use super::*;
use crate::review::WarningKind;

const ISSUER: &str = "https://library.example";
const ACCREDITOR: &str = "https://accreditor.example";

/// Serves documents by their address.
struct Documents(BTreeMap<String, Value>);

#[async_trait]
impl Http for Documents {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let found = self.0.get(request.url.as_str());
        Ok(Response {
            status: if found.is_some() { 200 } else { 404 },
            headers: Vec::new(),
            body: found
                .map(|value| value.to_string().into_bytes())
                .unwrap_or_default(),
            url: request.url,
        })
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

fn link(issuer: &str) -> OfferLink {
    let offer = json!({
        "credential_issuer": issuer,
        "credential_configuration_ids": ["card"],
        "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code":
            {"pre-authorized_code": "c0de"}},
    });
    let mut url = Url::parse("openid-credential-offer://").unwrap();
    url.query_pairs_mut()
        .append_pair("credential_offer", &offer.to_string());
    match Link::parse(url.as_str()).unwrap() {
        Link::Offer(link) => link,
        Link::Request(_) => panic!("an offer was made"),
    }
}

/// What an issuer at `url` publishes whose web site names `key`.
fn published(url: &str, key: &PublicKey) -> [(String, Value); 3] {
    [
        (
            format!("{url}/.well-known/openid-credential-issuer"),
            json!({
                "credential_issuer": url,
                "credential_endpoint": format!("{url}/credential"),
                "credential_configurations_supported":
                    {"card": {"format": "dc+sd-jwt", "vct": TYPE}},
            }),
        ),
        (
            format!("{url}/.well-known/oauth-authorization-server"),
            json!({"issuer": url, "token_endpoint": format!("{url}/token")}),
        ),
        (
            format!("{url}/.well-known/jwt-vc-issuer"),
            json!({"issuer": url, "jwks": {"keys": [key.to_jwk()]}}),
        ),
    ]
}

/// A ledger with one issuer, known by `key`.
fn write_ledger(folder: &std::path::Path, key: &PublicKey) {
    let (governance, accreditor) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
    let operator = OperatorKeys {
        log: SigningKey::make_ed25519(),
        operator: SigningKey::make_ed25519(),
    };
    let names = || ledger::event::Names::from([("en".to_owned(), "Library".to_owned())]);
    let event = |ledger: Option<&str>, signer: &str, sequence, action| Event {
        ledger: ledger.map(str::to_owned),
        signer: signer.to_owned(),
        sequence,
        submit_before: now() + 3600,
        action,
    };
    let genesis = Action::Genesis(Genesis {
        name: "Test ledger".to_owned(),
        rules: ledger::RULES,
        keys: vec![governance.public().to_jwk()],
        threshold: 1,
        demo: true,
        validators: Vec::new(),
        nonce: keys::b64::encode([7; 16]),
    });
    let genesis = SignedEvent::sign(&event(None, GOVERNANCE, 1, genesis), &[&governance]).unwrap();
    let mut log = Log::create(folder.to_owned(), genesis, &operator, now()).unwrap();
    let id = log.pin().ledger().to_owned();
    let accredit = Action::Accredit(Accredit {
        id: ACCREDITOR.to_owned(),
        names: names(),
        control_keys: vec![ControlKey {
            jwk: accreditor.public().to_jwk(),
            possession: ATTESTED.to_owned(),
        }],
        types: vec!["*".to_owned()],
        until: now() + 1_000_000,
    });
    let register = Action::RegisterIssuer(RegisterIssuer {
        id: ISSUER.to_owned(),
        names: names(),
        jurisdiction: None,
        control_keys: Vec::new(),
        keys: vec![KeyEntry {
            jwk: Some(key.to_jwk()),
            x509: None,
            ca: false,
            san: None,
            source: None,
            possession: ATTESTED.to_owned(),
        }],
        types: vec![TYPE.to_owned()],
        until: None,
        status_lists: Vec::new(),
    });
    for (event, key) in [
        (event(Some(&id), GOVERNANCE, 2, accredit), &governance),
        (event(Some(&id), ACCREDITOR, 1, register), &accreditor),
    ] {
        let signed = SignedEvent::sign(&event, &[key]).unwrap();
        log.append(vec![signed], &operator, now()).unwrap();
    }
}

/// An issuer may sign with another key than its web site names, such as one in a certificate.
/// Only where the ledger knows nobody of that name is the offer itself unlisted.
#[tokio::test]
async fn a_listed_issuer_may_sign_with_another_key_than_its_web_site_names() {
    let mut world = World::new(Service::Takes);
    let folder = world.wallet.folder.join("published");
    write_ledger(&folder, &world.issuer.public());
    let other = SigningKey::make_p256().public();
    let stranger = "https://stranger.example";
    let documents = published(ISSUER, &other)
        .into_iter()
        .chain(published(stranger, &other));
    world.wallet.http = Arc::new(Documents(documents.collect()));
    world
        .wallet
        .follow(folder.to_str().unwrap(), None)
        .await
        .unwrap();
    world.wallet.sync_ledger().await.unwrap();
    for (issuer, kind, ticks) in [
        (ISSUER, WarningKind::IssuerNotYetKnown, 0),
        (stranger, WarningKind::IssuerUnlisted, 1),
    ] {
        let review = world
            .wallet
            .review_offer(&link(issuer), "en")
            .await
            .unwrap();
        let kinds: Vec<WarningKind> = review.warnings.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [kind], "{issuer}");
        assert_eq!(review.ticks.len(), ticks);
    }
}
