use credential::did;
use keys::SigningKey;
use query::Query;
use serde_json::json;

use crate::link::Link;
use crate::presentation::tests::support::{Desk, HOST, NOW, Network, REQUEST_URI, claims};
use crate::presentation::{Request, fetch};
use crate::verifier::{Ask, Identity, Session};

fn ask(encrypted: bool) -> Ask {
    Ask {
        query: Query::from_json(&claims("")["dcql_query"]).unwrap(),
        purpose: Some("age".to_owned()),
        response_uri: "https://desk.example/answer".parse().unwrap(),
        encrypted,
    }
}

async fn open(link: &str, network: &Network) -> Request {
    match Link::parse(link).unwrap() {
        Link::Request(link) => fetch(network, &link, NOW).await.unwrap(),
        Link::Offer(_) => panic!("an offer"),
    }
}

/// Every identity in every way of travelling is read by the wallet's half as it was meant.
#[tokio::test]
async fn the_wallet_reads_what_is_asked() {
    let did_key = SigningKey::make_p256();
    let kid = did::derive_did_jwk_url(&did_key.public()).unwrap();
    let (san, hash) = (Desk::make(), Desk::make());
    let identities = [
        Identity::RedirectUri,
        Identity::X509SanDns {
            name: HOST.to_owned(),
            chain: vec![san.certificate],
            key: san.key,
        },
        Identity::X509Hash {
            chain: vec![hash.certificate],
            key: hash.key,
        },
        Identity::Did { kid, key: did_key },
    ];
    for identity in identities {
        for encrypted in [false, true] {
            let session = Session::make(&identity, ask(encrypted));
            let object = session.request_object(&identity, None, NOW, 300);
            let network = Network::default().with(REQUEST_URI, object.clone());
            let by_reference =
                session.link_by_reference("haip-vp", &REQUEST_URI.parse().unwrap(), false);
            let mut read = vec![
                open(&session.link_with_object("openid4vp", &object), &network).await,
                open(&by_reference, &network).await,
            ];
            if matches!(identity, Identity::RedirectUri) {
                read.push(open(&session.link_by_value("openid4vp"), &network).await);
            }
            for request in read {
                assert_eq!(request.client.id, session.client_id());
                assert_eq!(request.client.prefix, identity.prefix());
                assert_eq!(request.nonce, session.nonce());
                assert_eq!(request.reply.state.as_deref(), Some(session.state()));
                assert_eq!(&request.query, session.query());
                assert_eq!(request.purpose.as_deref(), Some("age"));
                assert_eq!(request.reply.recipient.is_some(), encrypted);
                assert!(!request.must_be_listed);
            }
        }
    }
}

#[test]
fn nothing_of_a_session_is_used_twice() {
    let (one, two) = (
        Session::make(&Identity::RedirectUri, ask(true)),
        Session::make(&Identity::RedirectUri, ask(true)),
    );
    assert_ne!(one.nonce(), two.nonce());
    assert_ne!(one.state(), two.state());
    let key = |session: &Session| session.parameters()["client_metadata"]["jwks"].clone();
    assert_ne!(key(&one), key(&two));
    assert_ne!(one.nonce(), one.state());
}

#[test]
fn the_wallets_nonce_is_repeated_where_there_is_one() {
    let desk = Desk::make();
    let identity = Identity::X509Hash {
        chain: vec![desk.certificate],
        key: desk.key,
    };
    let session = Session::make(&identity, ask(false));
    let claims = |nonce| {
        let object = session.request_object(&identity, nonce, NOW, 300);
        keys::jws::Unverified::parse(&object)
            .unwrap()
            .unverified_claims()
            .unwrap()
    };
    assert_eq!(claims(Some("w")).get("wallet_nonce"), Some(&json!("w")));
    assert!(!claims(None).contains_key("wallet_nonce"));
    assert_eq!(claims(None)["exp"], json!(NOW + 300));
}

#[test]
fn without_encryption_no_key_is_offered() {
    let session = Session::make(&Identity::RedirectUri, ask(false));
    let parameters = session.parameters();
    assert_eq!(parameters["response_mode"], "direct_post");
    assert!(parameters["client_metadata"].get("jwks").is_none());
}

#[test]
fn an_answer_is_bound_to_the_request_and_to_the_key_it_is_encrypted_to() {
    let clear = Session::make(&Identity::RedirectUri, ask(false));
    let expects = clear.expects(5);
    assert_eq!(expects.client_id, clear.client_id());
    assert_eq!(expects.nonce, clear.nonce());
    assert_eq!(expects.response_uri, Some("https://desk.example/answer"));
    assert_eq!((expects.encryption_key, expects.now), (None, 5));
    let sealed = Session::make(&Identity::RedirectUri, ask(true));
    let jwk = &sealed.parameters()["client_metadata"]["jwks"]["keys"][0];
    let key = keys::PublicKey::from_jwk(jwk).unwrap();
    assert_eq!(
        sealed.expects(5).encryption_key,
        Some(&key.thumbprint_bytes())
    );
}
