//! What becomes of an answer: taken, refused, cut off, never sent; in clear and encrypted.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use keys::SigningKey;
use protocol::verifier::{Ask, Identity, Received, Session};
use query::Query;
use serde_json::{Value, json};
use url::Url;

use crate::peer::{Peer, Reply, nobody};
use crate::stage::{EXEMPTION_VCT, Issuer, LedgerDesk, Stage, Wallet, names};

fn query() -> Query {
    let value = json!({"credentials": [{
        "id": "exemption",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [EXEMPTION_VCT]},
        "claims": [{"path": ["exemption_type"]}],
    }]});
    Query::from_json(&value).unwrap()
}

fn identity() -> Identity {
    let key = SigningKey::make_p256();
    Identity::Did {
        kid: credential::did::derive_did_jwk_url(&key.public()).unwrap(),
        key,
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since.as_secs().try_into().unwrap()
}

/// A signed request whose answer goes to `address`, and its link.
fn ask(address: &str, encrypted: bool) -> (Session, String) {
    let identity = identity();
    let ask = Ask {
        query: query(),
        purpose: None,
        response_uri: Url::parse(&format!("{address}/answer")).unwrap(),
        encrypted,
    };
    let session = Session::make(&identity, ask);
    let object = session.request_object(&identity, None, now(), 300);
    let link = session.link_with_object("openid4vp", &object);
    (session, link)
}

/// A wallet with one card in three copies; nobody is listed but the issuer.
fn with_card<'a>(stage: &'a Stage, ledger: &LedgerDesk<'_>) -> Wallet<'a> {
    let issuer = Issuer::open(stage);
    ledger.register_issuer(&issuer);
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "3");
    wallet
}

const YES: [&str; 2] = ["--yes", "--accept-unlisted"];

fn present(wallet: &Wallet<'_>, link: &str) -> crate::stage::Said {
    wallet.run(&[["present", link].as_slice(), &YES].concat())
}

#[test]
fn in_clear_and_encrypted_and_where_to_go_next() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = with_card(&stage, &ledger);
    for encrypted in [false, true] {
        let peer = Peer::open(|_, _| {
            Reply::json(
                200,
                &json!({"redirect_uri": "https://desk.example/next?id=7"}),
            )
        });
        let (session, link) = ask(&peer.url, encrypted);
        let shown = present(&wallet, &link).done();
        assert_eq!(shown["outcome"], "delivered");
        assert_eq!(shown["redirect_uri"], "https://desk.example/next?id=7");
        assert_eq!(names(&shown["warnings"]), ["service_unlisted"]);
        let seen = peer.seen();
        assert_eq!(seen.len(), 1);
        assert_eq!(seen[0].method, "POST");
        let body = String::from_utf8(seen[0].body.clone()).unwrap();
        assert_eq!(body.contains("vp_token"), !encrypted, "{body}");
        let Received::Presentations(token) = session.open(&seen[0].body).unwrap() else {
            panic!("a refusal");
        };
        assert_eq!(token["exemption"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn refused_cut_off_and_never_sent() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = with_card(&stage, &ledger);
    let newest = |wallet: &Wallet<'_>| wallet.history()[0]["outcome"].clone();

    let peer = Peer::open(|_, _| Reply::json(400, &json!({"error": "invalid_request"})));
    let said = present(&wallet, &ask(&peer.url, true).1);
    assert_eq!((said.code, &said.json()["outcome"]), (1, &json!("refused")));
    assert_eq!(newest(&wallet), "refused");

    let peer = Peer::open(|_, _| Reply::HangUp);
    let said = present(&wallet, &ask(&peer.url, true).1);
    assert_eq!((said.code, &said.json()["outcome"]), (1, &json!("unknown")));
    assert_eq!(peer.count("/answer"), 1, "never sent twice");
    assert_eq!(newest(&wallet), "unknown");

    // What was cut off may have been seen: two copies count as shown.
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 1);

    let said = present(&wallet, &ask(&nobody(), true).1);
    let object = said.failed(1, "unreachable", "effect");
    let advice = object["error"]["advice"].as_str().unwrap();
    assert!(advice.contains("Nothing was shared"), "{advice}");
    assert_eq!(newest(&wallet), "not_sent");
    // Nobody saw the copy.
    assert_eq!(wallet.cards()[0]["copies_never_shown"], 1);
}

#[test]
fn a_request_by_reference_that_nobody_signed() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = with_card(&stage, &ledger);
    let session: Arc<std::sync::Mutex<Option<Session>>> = Arc::default();
    let kept = Arc::clone(&session);
    let peer = Peer::open(move |_, seen| match seen.path.as_str() {
        "/request" => {
            let session = kept.lock().unwrap();
            let session = session.as_ref().unwrap();
            Reply::Answer {
                status: 200,
                headers: vec![("content-type", "application/oauth-authz-req+jwt".to_owned())],
                body: session
                    .request_object(&Identity::RedirectUri, None, now(), 300)
                    .into_bytes(),
            }
        }
        "/answer" => Reply::json(200, &json!({})),
        _ => Reply::not_found(),
    });
    let ask = Ask {
        query: query(),
        purpose: None,
        response_uri: Url::parse(&format!("{}/answer", peer.url)).unwrap(),
        encrypted: false,
    };
    let made = Session::make(&Identity::RedirectUri, ask);
    let by_value = made.link_by_value("openid4vp");
    let uri = Url::parse(&format!("{}/request", peer.url)).unwrap();
    let by_reference = made.link_by_reference("openid4vp", &uri, false);
    *session.lock().unwrap() = Some(made);
    for link in [by_value, by_reference] {
        let refused = wallet.run(&["present", &link, "--yes"]);
        let refused = refused.failed(2, "service_unlisted", "review");
        assert!(names(&refused["warnings"]).contains(&"service_unlisted"));
        assert_eq!(peer.count("/answer"), 0);
    }
    let link = session
        .lock()
        .unwrap()
        .as_ref()
        .unwrap()
        .link_by_value("openid4vp");
    let shown = present(&wallet, &link).done();
    assert_eq!(shown["outcome"], "delivered");
    assert_eq!(shown["redirect_uri"], Value::Null);
    assert_eq!(peer.count("/answer"), 1);
}

/// A credential as a service receives it, without the holder's proof.
pub(crate) fn shown_credential(
    stage: &Stage,
    ledger: &LedgerDesk<'_>,
    issuer: &Issuer<'_>,
) -> String {
    let wallet = stage.wallet("giver", ledger.url());
    wallet.add(issuer, "1");
    let peer = Peer::open(|_, _| Reply::json(200, &json!({})));
    let (session, link) = ask(&peer.url, false);
    present(&wallet, &link).done();
    let Received::Presentations(token) = session.open(&peer.seen()[0].body).unwrap() else {
        panic!("a refusal");
    };
    let whole = token["exemption"][0].as_str().unwrap();
    let (credential, _) = whole.rsplit_once('~').unwrap();
    format!("{credential}~")
}
