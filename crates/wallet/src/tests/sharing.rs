//! What is shared is what the review showed, after a decision that fits it, once.

use protocol::link::{Link, RequestLink};
use protocol::verifier::{Ask, Identity, Session};
use query::Query;
use serde_json::json;

use super::*;
use crate::share::{NextStep, ShareError, ShareReview, Sharing};
use crate::{Outcome, Tick, WarningKind};

fn session(query: Value) -> Session {
    Session::make(
        &Identity::RedirectUri,
        Ask {
            query: Query::from_json(&query).unwrap(),
            purpose: None,
            response_uri: Url::parse("https://desk.example/answer").unwrap(),
            encrypted: false,
        },
    )
}

fn asks_for_a_name() -> Value {
    json!({"credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [TYPE]},
        "claims": [{"path": ["given_name"]}],
    }]})
}

fn link(session: &Session) -> RequestLink {
    match Link::parse(&session.link_by_value("openid4vp")).unwrap() {
        Link::Request(link) => link,
        Link::Offer(_) => panic!("a request"),
    }
}

async fn review(world: &World, query: Value) -> Box<ShareReview> {
    let session = session(query);
    match world
        .wallet
        .review_request(&link(&session), &[], "en")
        .await
        .unwrap()
    {
        NextStep::Share(review) => review,
        other => panic!("{other:?}"),
    }
}

fn agreed() -> Sharing {
    Sharing {
        optional: Vec::new(),
        ticks: vec![Tick::Unlisted],
    }
}

async fn share(world: &World) -> crate::share::Shared {
    let review = review(world, asks_for_a_name()).await;
    world
        .wallet
        .share(&review.id, &agreed(), "en")
        .await
        .unwrap()
}

#[tokio::test]
async fn shows_what_will_be_shared_and_what_stays() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let review = review(&world, asks_for_a_name()).await;
    let rows: Vec<&str> = review.sets[0]
        .rows
        .iter()
        .map(|row| row.detail.label.as_str())
        .collect();
    assert_eq!(rows, ["Given name"]);
    assert_eq!(review.stays[0].names, ["Family name", "Over 18"]);
    assert_eq!(review.ticks, [Tick::Unlisted]);
    assert!(
        world.received.lock().unwrap().is_empty(),
        "nothing leaves before the decision"
    );
}

#[tokio::test]
async fn shares_exactly_what_was_shown_and_keeps_no_value() {
    let world = World::new(Service::Takes);
    world.add_card(2);
    let shared = share(&world).await;
    assert_eq!(shared.outcome, Outcome::Delivered);
    assert_eq!(shared.cards[0].names, ["Given name"]);
    let answer = world.received.lock().unwrap().join("\n");
    let presentation: Vec<&str> = answer.split("%7E").collect();
    // The issuer's JWT, one disclosure, the key binding.
    assert_eq!(presentation.len(), 3, "{answer}");
    let history = serde_json::to_string(&world.wallet.vault.history().unwrap().records).unwrap();
    assert!(history.contains("Given name"));
    assert!(!history.contains("Sample-Given"), "{history}");
}

#[tokio::test]
async fn says_which_details_they_will_keep() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let query = json!({"credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [TYPE]},
        "claims": [
            {"path": ["given_name"], "intent_to_retain": true},
            {"path": ["family_name"], "intent_to_retain": false},
        ],
    }]});
    let review = review(&world, query).await;
    let rows: Vec<(&str, bool)> = review.sets[0]
        .rows
        .iter()
        .map(|row| (row.detail.label.as_str(), row.kept))
        .collect();
    assert_eq!(rows, [("Given name", true), ("Family name", false)]);
}

#[tokio::test]
async fn a_review_is_answered_once() {
    let world = World::new(Service::Takes);
    world.add_card(2);
    let review = review(&world, asks_for_a_name()).await;
    world
        .wallet
        .share(&review.id, &agreed(), "en")
        .await
        .unwrap();
    let again = world.wallet.share(&review.id, &agreed(), "en").await;
    assert!(matches!(again, Err(ShareError::ReviewGone(_))));
    assert_eq!(world.received.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn locking_forgets_reviews() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let review = review(&world, asks_for_a_name()).await;
    world.wallet.lock();
    let late = world.wallet.share(&review.id, &agreed(), "en").await;
    assert!(matches!(late, Err(ShareError::ReviewGone(_))));
}

#[tokio::test]
async fn a_missing_tick_shares_nothing_and_the_review_stands() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let review = review(&world, asks_for_a_name()).await;
    for ticks in [vec![], vec![Tick::Unlisted, Tick::OverAsking]] {
        let sharing = Sharing {
            optional: Vec::new(),
            ticks,
        };
        let refused = world.wallet.share(&review.id, &sharing, "en").await;
        assert!(matches!(refused, Err(ShareError::Ticks(_))));
    }
    assert!(world.received.lock().unwrap().is_empty());
    assert!(
        world
            .wallet
            .share(&review.id, &agreed(), "en")
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_set_that_is_not_there_shares_nothing() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let review = review(&world, asks_for_a_name()).await;
    for optional in [vec![0], vec![7]] {
        let sharing = Sharing {
            optional,
            ..agreed()
        };
        let refused = world.wallet.share(&review.id, &sharing, "en").await;
        assert!(matches!(refused, Err(ShareError::OutOfRange)));
    }
    assert!(world.received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn each_copy_is_shown_once_and_the_last_again_with_a_warning() {
    let world = World::new(Service::Takes);
    let card = world.add_card(2);
    share(&world).await;
    share(&world).await;
    assert_eq!(world.wallet.card(card, "en").unwrap().row.unshown, 0);
    let third = review(&world, asks_for_a_name()).await;
    assert!(
        third
            .warnings
            .iter()
            .any(|one| one.kind == WarningKind::LastCopy)
    );
    share(&world).await;
    let sent = world.received.lock().unwrap();
    let jwt = |answer: &String| {
        answer
            .split("%7E")
            .next()
            .unwrap()
            .rsplit("%22")
            .next()
            .unwrap()
            .to_owned()
    };
    let jwts: Vec<String> = sent.iter().map(jwt).collect();
    assert_ne!(jwts[0], jwts[1]);
    assert_eq!(jwts[1], jwts[2]);
}

#[tokio::test]
async fn a_line_that_breaks_is_not_known_and_a_refusal_is_one() {
    for (service, outcome) in [
        (Service::BreaksOff, Outcome::Unknown),
        (Service::Refuses, Outcome::Refused),
        (Service::IsAway, Outcome::NotSent),
    ] {
        let world = World::new(service);
        world.add_card(1);
        let shared = share(&world).await;
        assert_eq!(shared.outcome, outcome);
        let event = world.wallet.event(shared.event).unwrap();
        assert_eq!(event.entry.outcome, Some(outcome));
    }
}

#[tokio::test]
async fn with_no_card_that_fits_nothing_is_sent() {
    let world = World::new(Service::Takes);
    let session = session(asks_for_a_name());
    let step = world
        .wallet
        .review_request(&link(&session), &[], "en")
        .await
        .unwrap();
    let NextStep::Missing(missing) = step else {
        panic!("missing")
    };
    assert_eq!(missing.missing[0].details, ["Given name"]);
    assert!(!missing.missing[0].have_other);
    assert!(world.received.lock().unwrap().is_empty());
    world.wallet.decline(&missing.id, false).await.unwrap();
    assert!(world.received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_card_in_another_format_than_they_take_is_named_and_nothing_is_sent() {
    let world = World::new(Service::Takes);
    let card = world.add_card(1);
    let asked = |format: &str, meta: Value| {
        json!({"credentials": [{
            "id": "card", "format": format, "meta": meta, "claims": [{"path": ["ns", "given_name"]}],
        }]})
    };
    let missing = async |query: Value| {
        let session = session(query);
        let request = link(&session);
        let step = world.wallet.review_request(&request, &[], "en").await;
        let NextStep::Missing(mut missing) = step.unwrap() else {
            panic!("missing")
        };
        missing.missing.remove(0)
    };
    let mdoc = missing(asked("mso_mdoc", json!({"doctype_value": TYPE}))).await;
    assert_eq!((mdoc.format.as_str(), mdoc.have_other), ("mso_mdoc", false));
    let here: Vec<_> = mdoc
        .in_other_format
        .iter()
        .map(|row| (row.id, row.format.as_str(), row.issuer.name.as_str()))
        .collect();
    assert_eq!(here, [(card, "dc+sd-jwt", "Library")]);
    // Another kind, and the same format without the detail, are no such case.
    let other = missing(asked("mso_mdoc", json!({"doctype_value": "urn:other"}))).await;
    assert!(other.in_other_format.is_empty());
    let lacking = missing(asked("dc+sd-jwt", json!({"vct_values": [TYPE]}))).await;
    assert!(lacking.have_other && lacking.in_other_format.is_empty());
    assert!(world.received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn declining_tells_the_service_only_when_asked_to() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    let silent = review(&world, asks_for_a_name()).await;
    world.wallet.decline(&silent.id, false).await.unwrap();
    assert!(world.received.lock().unwrap().is_empty());
    let told = review(&world, asks_for_a_name()).await;
    world.wallet.decline(&told.id, true).await.unwrap();
    let sent = world.received.lock().unwrap().join("");
    assert!(sent.contains("error=access_denied"), "{sent}");
    assert!(!sent.contains("vp_token"));
}

#[tokio::test]
async fn several_cards_are_chosen_among_first() {
    let world = World::new(Service::Takes);
    world.add_card(1);
    world.add_card(1);
    let session = session(asks_for_a_name());
    let step = world
        .wallet
        .review_request(&link(&session), &[], "en")
        .await
        .unwrap();
    let NextStep::Choose(choose) = step else {
        panic!("choose")
    };
    let early = world.wallet.share(&choose.id, &agreed(), "en").await;
    assert!(
        matches!(early, Err(ShareError::ReviewGone(_))),
        "nothing was reviewed yet"
    );
}

#[tokio::test]
async fn deleting_a_card_removes_its_copies_and_leaves_a_line() {
    let world = World::new(Service::Takes);
    let card = world.add_card(1);
    world.wallet.delete_card(card).unwrap();
    assert!(world.wallet.cards("en").unwrap().is_empty());
    let (events, damaged) = world.wallet.history().unwrap();
    assert_eq!((events.len(), damaged), (1, 0));
    assert!(
        world.received.lock().unwrap().is_empty(),
        "no issuer is told"
    );
}

#[tokio::test]
async fn a_card_without_a_key_answers_only_who_does_without_a_proof() {
    let world = World::new(Service::Takes);
    let copy = issue(&world.issuer, &card_claims(), None, SigningKey::make_p256());
    let key = world.key();
    let record = receive(
        vec![copy],
        &Context {
            bound: false,
            ..context(&key)
        },
    )
    .unwrap();
    let kept = |change: &mut vault::Change<'_>| change.insert_card(&record);
    world.wallet.vault.write(kept).unwrap();
    let wanting = session(asks_for_a_name());
    let link = link(&wanting);
    let step = world.wallet.review_request(&link, &[], "en");
    let NextStep::Missing(missing) = step.await.unwrap() else {
        panic!("a proof was asked for")
    };
    assert!(missing.missing[0].have_other);
    let mut query = asks_for_a_name();
    query["credentials"][0]["require_cryptographic_holder_binding"] = json!(false);
    let review = review(&world, query).await;
    let shared = world.wallet.share(&review.id, &agreed(), "en").await;
    assert_eq!(shared.unwrap().outcome, Outcome::Delivered);
    let answer = world.received.lock().unwrap().join("");
    assert!(answer.contains("%7E%22"), "no proof follows the last ~");
}

/// A desk that a certificate names answers for its own host. Elsewhere it may have answers sent
/// only when the ledger lists it.
#[tokio::test]
async fn an_unlisted_desk_has_no_answer_sent_to_another_host() {
    let world = World::new(Service::MustNotBeAsked);
    world.add_card(1);
    let pair = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["desk.example".to_owned()]).unwrap();
    let certificate = params.self_signed(&pair).unwrap();
    let identity = Identity::X509SanDns {
        name: "desk.example".to_owned(),
        chain: vec![keys::x509::Certificate::from_der(certificate.der()).unwrap()],
        key: SigningKey::from_pem(&pair.serialize_pem()).unwrap(),
    };
    let step = async |response_uri: &str| {
        let ask = Ask {
            query: Query::from_json(&asks_for_a_name()).unwrap(),
            purpose: None,
            response_uri: Url::parse(response_uri).unwrap(),
            encrypted: false,
        };
        let session = Session::make(&identity, ask);
        let object = session.request_object(&identity, None, now(), 300);
        let Link::Request(link) =
            Link::parse(&session.link_with_object("openid4vp", &object)).unwrap()
        else {
            panic!("a request")
        };
        world.wallet.review_request(&link, &[], "en").await
    };
    let own = step("https://desk.example/answer").await.unwrap();
    assert!(matches!(own, NextStep::Share(_)));
    let elsewhere = step("https://other.example/answer").await;
    assert!(matches!(
        elsewhere,
        Err(crate::share::RequestError::Fetch(
            protocol::presentation::FetchError::Refused {
                refusal: protocol::presentation::Refusal::OtherResponseUri,
                ..
            }
        ))
    ));
}
