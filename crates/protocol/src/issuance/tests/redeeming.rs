//! From the review to the cards.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use credential::sd_jwt;
use keys::json::parse_object;
use keys::{SigningKey, jws};
use serde_json::{Map, Value, json};

use super::peer::*;
use crate::Document;
use crate::issuance::*;
use crate::issuer::{Dpop, Stage, TxCodeTerms};
use crate::link::OfferLink;

const CODE: Option<&str> = Some("123456");

async fn take(peer: &Peer, copies: usize) -> Result<Redeemed, RedeemError> {
    let offer = peer.offer().await.unwrap();
    redeem(peer, &offer, &all(&offer), CODE, copies, NOW).await
}

fn all(offer: &Offer) -> Vec<String> {
    offer
        .configurations
        .iter()
        .map(|configuration| configuration.id.clone())
        .collect()
}

fn issuer_key(peer: &Peer) -> keys::PublicKey {
    let metadata = peer.issuer.document("/.well-known/jwt-vc-issuer").unwrap();
    let metadata = parse_object(&metadata.body).unwrap();
    let mut jwk = metadata["jwks"]["keys"][0].clone();
    for name in ["kid", "use", "alg"] {
        jwk.as_object_mut().unwrap().remove(name);
    }
    keys::PublicKey::from_jwk(&jwk).unwrap()
}

#[tokio::test]
async fn several_copies_come_each_with_its_own_key_and_salts() {
    for dpop in [Dpop::Off, Dpop::Offered, Dpop::Required] {
        let peer = Peer::new(dpop);
        let redeemed = take(&peer, 5).await.unwrap();
        let [issued] = redeemed.credentials.as_slice() else {
            panic!("one card");
        };
        assert_eq!(issued.copies.len(), 5);
        assert!(redeemed.failed.is_empty());
        let (mut keys, mut disclosures) = (HashSet::new(), HashSet::new());
        for copy in &issued.copies {
            let key = copy.key.as_ref().unwrap().public();
            keys.insert(key.thumbprint());
            let unverified = sd_jwt::Unverified::parse(&copy.credential).unwrap();
            let verified = unverified.verify(&issuer_key(&peer), NOW).unwrap();
            let card = verified.into_processed();
            assert_eq!(
                card.holder_key(),
                Some(&copy.key.as_ref().unwrap().public())
            );
            assert_eq!(card.issuer(), Some(ISSUER));
            assert_eq!(card.valid_until(), Some(NOW + 86_400));
            for disclosure in copy.credential.split('~').skip(1).filter(|d| !d.is_empty()) {
                assert!(disclosures.insert(disclosure.to_owned()), "a salt twice");
            }
        }
        assert_eq!(keys.len(), 5);
        let asked = peer.asked("/token");
        assert_eq!(asked, if dpop == Dpop::Off { 1 } else { 2 });
        let notification = redeemed.notification.unwrap();
        notify(&peer, notification, Event::Accepted, NOW)
            .await
            .unwrap();
        let grants = peer.issuer.list(NOW).unwrap();
        assert_eq!(grants[0].stage, Stage::Accepted);
        assert!(grants[0].promised.claims.is_empty(), "not kept any longer");
    }
}

#[tokio::test]
async fn a_failure_can_be_told() {
    let peer = Peer::new(Dpop::Offered);
    let notification = take(&peer, 1).await.unwrap().notification.unwrap();
    notify(&peer, notification, Event::Failure, NOW)
        .await
        .unwrap();
    assert_eq!(peer.issuer.list(NOW).unwrap()[0].stage, Stage::Failed);
}

#[tokio::test]
async fn a_choice_beyond_the_offer_is_refused_before_anything_is_sent() {
    let peer = Peer::new(Dpop::Off);
    let offer = peer.offer().await.unwrap();
    for selected in [vec![], vec!["Other".to_owned()]] {
        let refused = redeem(&peer, &offer, &selected, CODE, 1, NOW).await;
        assert!(matches!(refused, Err(RedeemError::Selection)));
    }
    for code in [None, Some("12345"), Some("12345x"), Some("")] {
        let refused = redeem(&peer, &offer, &all(&offer), code, 1, NOW).await;
        let Err(error @ RedeemError::TxCode(_)) = refused else {
            panic!("{code:?}");
        };
        assert!(!error.spent());
        assert_eq!(error.party(), Party::Citizen);
    }
    assert_eq!(peer.asked("/token"), 0);
}

#[tokio::test]
async fn a_wrong_code_leaves_the_offer_until_the_last_guess() {
    let peer = Peer::new(Dpop::Off);
    let offer = peer.offer().await.unwrap();
    for _ in 0..4 {
        let refused = redeem(&peer, &offer, &all(&offer), Some("000000"), 1, NOW).await;
        let Err(error) = refused else { panic!("wrong") };
        assert!(matches!(error, RedeemError::CodeRefused) && !error.spent());
    }
    redeem(&peer, &offer, &all(&offer), CODE, 1, NOW)
        .await
        .unwrap();
    let offer = peer.offer().await.unwrap();
    for _ in 0..5 {
        let refused = redeem(&peer, &offer, &all(&offer), Some("000000"), 1, NOW).await;
        assert!(refused.is_err());
    }
    let refused = redeem(&peer, &offer, &all(&offer), CODE, 1, NOW).await;
    assert!(matches!(refused, Err(RedeemError::CodeRefused)));
    let locked = peer.issuer.list(NOW).unwrap();
    assert!(locked.iter().any(|grant| grant.stage == Stage::Locked));
}

#[tokio::test]
async fn a_typed_code_is_not_sent_where_none_is_asked_for() {
    let peer = Peer::new(Dpop::Off);
    let mut terms = terms();
    terms.tx_code = TxCodeTerms::Absent;
    let offer = resolve(&peer, &peer.make(terms)).await.unwrap();
    redeem(&peer, &offer, &all(&offer), Some("my secret"), 1, NOW)
        .await
        .unwrap();
    let seen = peer.seen.lock().unwrap();
    let token = seen
        .iter()
        .find(|request| request.url.path() == "/token")
        .unwrap();
    let body = String::from_utf8(token.body.clone().unwrap().bytes).unwrap();
    assert!(!body.contains("tx_code") && !body.contains("client_id"));
}

#[tokio::test]
async fn an_offer_serves_once_and_in_time() {
    let peer = Peer::new(Dpop::Off);
    let offer = peer.offer().await.unwrap();
    redeem(&peer, &offer, &all(&offer), CODE, 1, NOW)
        .await
        .unwrap();
    let again = redeem(&peer, &offer, &all(&offer), CODE, 1, NOW).await;
    assert!(matches!(again, Err(RedeemError::CodeRefused)));
    let late = peer.offer().await.unwrap();
    *peer.now.lock().unwrap() = NOW + 601;
    let refused = redeem(&peer, &late, &all(&late), CODE, 1, NOW + 601).await;
    assert!(matches!(refused, Err(RedeemError::CodeRefused)));
}

#[tokio::test]
async fn a_nonce_that_ran_out_is_fetched_once_more() {
    let refusals = AtomicUsize::new(1);
    let peer = Peer::tampered(move |request, response| {
        if request.url.path() == "/credential"
            && refusals
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
        {
            error(400, "invalid_nonce")(response);
        }
    });
    take(&peer, 1).await.unwrap();
    assert_eq!((peer.asked("/nonce"), peer.asked("/credential")), (2, 2));
    let always = Peer::tampered(|request, response| {
        if request.url.path() == "/credential" {
            error(400, "invalid_nonce")(response);
        }
    });
    assert!(matches!(
        take(&always, 1).await,
        Err(RedeemError::Refused { .. })
    ));
    assert_eq!(always.asked("/credential"), 2);
}

#[tokio::test]
async fn a_server_that_always_wants_another_dpop_nonce_is_left() {
    let mut peer = Peer::tampered(|request, response| {
        if request.url.path() == "/token" {
            error(400, "use_dpop_nonce")(response);
        }
    });
    peer.issuer = std::sync::Arc::new(issuer(ISSUER, Dpop::Required));
    assert!(take(&peer, 1).await.is_err());
    assert_eq!(peer.asked("/token"), 2);
}

#[tokio::test]
async fn a_deferred_card_is_said_to_be_so() {
    let peer = Peer::tampered(|request, response| {
        if request.url.path() == "/credential" {
            response.status = 202;
            response.body = json!({"transaction_id": "t", "interval": 3600})
                .to_string()
                .into_bytes();
        }
    });
    let Err(error) = take(&peer, 1).await else {
        panic!("deferred");
    };
    assert!(matches!(
        error,
        RedeemError::Deferred {
            interval: Some(3600)
        }
    ));
    assert!(error.spent());
}

#[tokio::test]
async fn identifiers_of_the_token_answer_are_asked_for_by_name() {
    let peer = Peer::changed("/token", |token| {
        token["authorization_details"] = json!([
            {"type": "other"},
            {"type": "openid_credential", "credential_configuration_id": "DrivingLicence",
             "credential_identifiers": ["car", "boat"]},
        ]);
    });
    // This issuer hands out no identifiers, so it refuses them; what counts is what was asked.
    assert!(take(&peer, 1).await.is_err());
    let seen = peer.seen.lock().unwrap();
    let asked: Vec<Map<String, Value>> = seen
        .iter()
        .filter(|request| request.url.path() == "/credential")
        .map(|request| parse_object(&request.body.as_ref().unwrap().bytes).unwrap())
        .collect();
    let names: Vec<_> = asked
        .iter()
        .map(|body| body["credential_identifier"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["car", "boat"]);
    assert!(
        asked
            .iter()
            .all(|body| !body.contains_key("credential_configuration_id"))
    );
}

#[tokio::test]
async fn a_bad_token_answer_is_refused() {
    for (member, value) in [
        ("access_token", json!("")),
        ("access_token", json!("a\r\nb: c")),
        ("access_token", json!(["x"])),
        ("token_type", json!("mac")),
        ("token_type", json!("DPoP")),
        ("authorization_details", json!("x")),
        (
            "authorization_details",
            json!([{"type": "openid_credential", "credential_configuration_id": "x",
                    "credential_identifiers": []}]),
        ),
    ] {
        let changed = value.clone();
        let peer = Peer::changed("/token", move |token| token[member] = changed.clone());
        let Err(error) = take(&peer, 1).await else {
            panic!("{member} {value}");
        };
        assert!(error.spent());
        assert_eq!(peer.asked("/credential"), 0);
    }
}

#[test]
fn a_token_answer_is_read_strictly() {
    let read = |change: &dyn Fn(&mut Value), dpop| {
        let mut answer = json!({"access_token": "t", "token_type": "DPoP"});
        change(&mut answer);
        TokenResponse::read(answer.as_object().unwrap(), dpop)
    };
    assert!(read(&|_| (), true).unwrap().dpop);
    // Neither a kind that nobody knows nor one that was not asked for.
    let other = read(&|answer| answer["token_type"] = json!("mac"), true);
    assert!(matches!(other, Err(RedeemError::TokenType)));
    assert!(matches!(read(&|_| (), false), Err(RedeemError::TokenType)));
    let long = "t".repeat(16 * 1024 + 1);
    assert!(read(&|answer| answer["access_token"] = json!(long), true).is_err());
    assert!(
        read(
            &|answer| answer["authorization_details"] = json!(["x"]),
            true
        )
        .is_err()
    );
    // Names for one card are not asked for with another.
    let named = read(
        &|answer| {
            answer["authorization_details"] = json!([
                {"type": "openid_credential", "credential_configuration_id": "a",
                 "credential_identifiers": ["one"]},
            ]);
        },
        true,
    );
    let named = named.unwrap();
    assert_eq!(named.identifiers_of("a"), ["one"]);
    assert!(named.identifiers_of("b").is_empty());
}

/// An offer of two cards of which one is chosen.
#[tokio::test]
async fn what_was_not_chosen_is_not_asked_for() {
    let peer = Peer::new(Dpop::Off);
    let OfferLink::Value { mut offer, issuer } = peer.make(terms()) else {
        panic!("by value");
    };
    offer["credential_configuration_ids"] = json!(["DrivingLicence", "NHSChargeExemption"]);
    let link = OfferLink::Value { offer, issuer };
    let offer = resolve(&peer, &link).await.unwrap();
    assert_eq!(offer.configurations.len(), 2);
    let chosen = ["DrivingLicence".to_owned()];
    let redeemed = redeem(&peer, &offer, &chosen, CODE, 1, NOW).await.unwrap();
    assert_eq!(redeemed.credentials.len(), 1);
    assert!(redeemed.failed.is_empty());
    assert_eq!(peer.asked("/credential"), 1);
}

#[tokio::test]
async fn a_nonce_of_an_answer_that_is_none_is_not_used() {
    let peer = Peer::tampered(|request, response| {
        if request.url.path() == "/nonce" {
            response.status = 500;
        }
    });
    assert!(take(&peer, 1).await.is_err());
    assert_eq!(peer.asked("/credential"), 0);
}

#[tokio::test]
async fn without_an_id_there_is_nothing_to_notify() {
    let peer = Peer::changed("/credential", |answer| {
        answer.as_object_mut().unwrap().remove("notification_id");
    });
    assert!(take(&peer, 1).await.unwrap().notification.is_none());
}

#[tokio::test]
async fn a_bad_credential_answer_is_refused() {
    let huge: Vec<Value> = (0..=MAX_CREDENTIALS)
        .map(|_| json!({"credential": "x"}))
        .collect();
    for credentials in [
        json!([]),
        json!("x"),
        json!([{"credential": 1}]),
        json!([{"credential": "not a token"}]),
        json!(huge),
    ] {
        let changed = credentials.clone();
        let peer = Peer::changed("/credential", move |answer| {
            answer["credentials"] = changed.clone();
        });
        assert!(take(&peer, 1).await.is_err(), "{credentials}");
    }
    let twice = Peer::changed("/credential", |answer| {
        let first = answer["credentials"][0].clone();
        answer["credentials"] = json!([first, first]);
    });
    assert!(matches!(take(&twice, 1).await, Err(RedeemError::CopyCount)));
    assert_eq!(twice.asked("/notification"), 1);
    assert!(matches!(take(&twice, 2).await, Err(RedeemError::OtherKey)));
    assert_eq!(told(&twice), ["credential_failure"; 2]);
}

/// The events that the issuer was told of.
fn told(peer: &Peer) -> Vec<String> {
    let seen = peer.seen.lock().unwrap();
    let notifications = seen
        .iter()
        .filter(|request| request.url.path() == "/notification");
    notifications
        .map(|request| {
            let body = parse_object(&request.body.as_ref().unwrap().bytes).unwrap();
            body["event"].as_str().unwrap().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn a_card_for_another_key_is_refused_and_one_for_none_is_marked() {
    let signed = |claims: Value| {
        jws::sign_claims(
            sd_jwt::FORMAT,
            Map::new(),
            &claims,
            &SigningKey::make_p256(),
        ) + "~"
    };
    let stranger = SigningKey::make_p256().public().to_jwk();
    let other = signed(json!({"vct": "x", "cnf": {"jwk": stranger}}));
    let peer = Peer::changed("/credential", move |answer| {
        answer["credentials"][0]["credential"] = json!(other);
    });
    assert!(matches!(take(&peer, 1).await, Err(RedeemError::OtherKey)));
    assert_eq!(told(&peer), ["credential_failure"]);
    let nobody = signed(json!({"vct": "x"}));
    let peer = Peer::changed("/credential", move |answer| {
        answer["credentials"][0]["credential"] = json!(nobody);
    });
    let redeemed = take(&peer, 1).await.unwrap();
    assert!(redeemed.credentials[0].copies[0].key.is_none());
}

#[tokio::test]
async fn a_card_that_is_bound_to_no_key_comes_without_a_proof() {
    let card = jws::sign_claims(
        sd_jwt::FORMAT,
        Map::new(),
        &json!({"vct": "x"}),
        &SigningKey::make_p256(),
    ) + "~";
    let peer = Peer::tampered(move |request, response| {
        let mut object = match parse_object(&response.body) {
            Ok(object) => object,
            Err(_) => return,
        };
        match request.url.path() {
            "/.well-known/openid-credential-issuer" => {
                let kind = &mut object["credential_configurations_supported"]["DrivingLicence"];
                let members = kind.as_object_mut().unwrap();
                members.remove("cryptographic_binding_methods_supported");
                members.remove("proof_types_supported");
            }
            // The issuer of these tests gives no card without a proof.
            "/credential" => {
                response.status = 200;
                object = parse_object(
                    json!({"credentials": [{"credential": card}]})
                        .to_string()
                        .as_bytes(),
                )
                .unwrap();
            }
            _ => return,
        }
        response.body = Value::Object(object).to_string().into_bytes();
    });
    let redeemed = take(&peer, 4).await.unwrap();
    let copies = &redeemed.credentials[0].copies;
    assert_eq!(copies.len(), 1);
    assert!(copies[0].key.is_none());
    assert_eq!(peer.asked("/nonce"), 0);
    let seen = peer.seen.lock().unwrap();
    let asked = seen
        .iter()
        .find(|request| request.url.path() == "/credential")
        .unwrap();
    let body = parse_object(&asked.body.as_ref().unwrap().bytes).unwrap();
    assert!(!body.contains_key("proofs"));
}

#[tokio::test]
async fn copies_in_another_order_find_their_keys() {
    let peer = Peer::changed("/credential", |answer| {
        answer["credentials"].as_array_mut().unwrap().reverse();
    });
    let redeemed = take(&peer, 4).await.unwrap();
    for copy in &redeemed.credentials[0].copies {
        let card = sd_jwt::Unverified::parse(&copy.credential)
            .unwrap()
            .verify(&issuer_key(&peer), NOW)
            .unwrap()
            .into_processed();
        assert_eq!(
            card.holder_key(),
            Some(&copy.key.as_ref().unwrap().public())
        );
    }
}

#[tokio::test]
async fn what_a_server_says_beside_its_error_is_not_kept() {
    let peer = Peer::tampered(|request, response| {
        if request.url.path() == "/credential" {
            response.status = 400;
            response.body = br#"{"error": "no <b>Ada</b>", "error_description": "Ada"}"#.to_vec();
        }
    });
    let Err(error) = take(&peer, 1).await else {
        panic!("refused");
    };
    assert!(!format!("{error} {error:?}").contains("Ada"));
    let named = Peer::tampered(|request, response| {
        if request.url.path() == "/credential" {
            error_of(response);
        }
    });
    let Err(RedeemError::Refused { document, error }) = take(&named, 1).await else {
        panic!("refused by name");
    };
    assert_eq!(document, Document::Credential);
    assert_eq!(error, "credential_request_denied");
}

fn error_of(response: &mut net::Response) {
    error(400, "credential_request_denied")(response);
}
