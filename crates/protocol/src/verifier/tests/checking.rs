use credential::KeySource;
use credential::format::Fault as Refusal;
use keys::SigningKey;
use query::{Fault, Missing};
use serde_json::{Map, Value, json};

use super::support::*;
use crate::presentation::tests::support::{NOW, Network};
use crate::verifier::{CheckError, Checked, PresentationError, Published, Session, check};

async fn outcome(
    world: &World,
    session: &Session,
    presentations: Value,
) -> Result<Vec<Checked>, CheckError> {
    check(session, &token(presentations), world, NOW).await
}

fn presentation_error(outcome: Result<Vec<Checked>, CheckError>) -> PresentationError {
    match outcome {
        Err(CheckError::Presentation { id, source }) => {
            assert_eq!(id, "a");
            source
        }
        other => panic!("{other:?}"),
    }
}

fn refusal(outcome: Result<Vec<Checked>, CheckError>) -> Refusal {
    match presentation_error(outcome) {
        PresentationError::Refused(refused) => refused.fault,
        other => panic!("{other:?}"),
    }
}

fn fault(outcome: Result<Vec<Checked>, CheckError>) -> Fault {
    match outcome {
        Err(CheckError::Query(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_asked_for_is_accepted_with_what_was_shown() {
    let (world, session) = (World::make(), session(|_| ()));
    let checked = outcome(&world, &session, json!([world.answer(&session)]))
        .await
        .unwrap();
    let [one] = checked.as_slice() else {
        panic!("one")
    };
    assert_eq!(one.id, "a");
    assert_eq!(one.facts.claims["name"], "Ada");
    assert!(!one.facts.claims.contains_key("birth"));
    assert!(one.facts.holder_proven);
    assert_eq!(one.issuer, world.issuer.public());
    assert!(matches!(one.source, KeySource::Metadata { .. }));
}

#[tokio::test]
async fn a_presentation_for_somebody_else_or_another_request_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    let present = |audience: &str, nonce: &str| json!([world.present(&["name"], audience, nonce)]);
    let other = present("x509_san_dns:other.example", session.nonce());
    assert_eq!(
        refusal(outcome(&world, &session, other).await),
        Refusal::OtherRequest
    );
    let other = present(session.client_id(), "another");
    assert_eq!(
        refusal(outcome(&world, &session, other).await),
        Refusal::OtherRequest
    );
    let unbound = json!([world
        .card(true)
        .select(&[path("name")])
        .unwrap()
        .into_unbound()]);
    assert_eq!(
        refusal(outcome(&world, &session, unbound).await),
        Refusal::NotTheHolder
    );
}

#[tokio::test]
async fn without_holder_binding_where_the_request_does_without() {
    let world = World::make();
    let session =
        session(|q| q["credentials"][0]["require_cryptographic_holder_binding"] = json!(false));
    let unbound = world
        .card(false)
        .select(&[path("name")])
        .unwrap()
        .into_unbound();
    let checked = outcome(&world, &session, json!([unbound])).await.unwrap();
    assert!(!checked[0].facts.holder_proven);
}

#[tokio::test]
async fn another_issuers_key_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    let forged = World {
        issuer: SigningKey::make_p256(),
        holder: SigningKey::make_p256(),
    };
    let outcome = outcome(&world, &session, json!([forged.answer(&session)])).await;
    assert_eq!(refusal(outcome), Refusal::Changed);
}

#[tokio::test]
async fn an_issuer_whose_key_cannot_be_had_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    let token = token(json!([world.answer(&session)]));
    let missing = check(&session, &token, &Nowhere, NOW).await;
    assert!(matches!(
        presentation_error(missing),
        PresentationError::IssuerKey(_)
    ));
    let network = Network::default();
    let missing = check(&session, &token, &Published(&network), NOW).await;
    assert!(matches!(
        presentation_error(missing),
        PresentationError::IssuerKey(_)
    ));
}

#[tokio::test]
async fn the_issuers_published_key_is_found() {
    let (world, session) = (World::make(), session(|_| ()));
    let mut jwk = world.issuer.public().to_jwk();
    jwk["kid"] = json!("k");
    let metadata = json!({"issuer": "https://issuer.example", "jwks": {"keys": [jwk]}});
    let url = "https://issuer.example/.well-known/jwt-vc-issuer";
    let network = Network::default().with(url, metadata.to_string());
    let token = token(json!([world.answer(&session)]));
    let checked = check(&session, &token, &Published(&network), NOW)
        .await
        .unwrap();
    assert_eq!(checked[0].issuer, world.issuer.public());
}

#[tokio::test]
async fn a_card_that_lacks_a_claim_or_is_of_another_type_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    let bare = world.present(&["birth"], session.client_id(), session.nonce());
    let lacking = fault(outcome(&world, &session, json!([bare])).await);
    assert!(matches!(
        lacking,
        Fault::Lacking {
            missing: Missing::Claims(_),
            ..
        }
    ));
    let other = super::support::session(|q| {
        q["credentials"][0]["meta"]["vct_values"] = json!(["urn:other"])
    });
    let kind = fault(outcome(&world, &other, json!([world.answer(&other)])).await);
    assert_eq!(kind, Fault::Type { id: "a".to_owned() });
}

#[tokio::test]
async fn the_number_must_fit() {
    let (world, session) = (World::make(), session(|_| ()));
    let one = world.answer(&session);
    let number = Fault::Number { id: "a".to_owned() };
    assert_eq!(fault(outcome(&world, &session, json!([])).await), number);
    assert_eq!(
        fault(outcome(&world, &session, json!([one, one])).await),
        number
    );
    let several = super::support::session(|q| q["credentials"][0]["multiple"] = json!(true));
    let one = world.answer(&several);
    assert_eq!(
        outcome(&world, &several, json!([one, one]))
            .await
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        fault(outcome(&world, &several, json!(vec![one; 65])).await),
        number
    );
}

#[tokio::test]
async fn what_is_missing_or_was_not_asked_for_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    let nothing = check(&session, &Map::new(), &world, NOW).await;
    assert_eq!(fault(nothing), Fault::Incomplete);
    let mut more = token(json!([world.answer(&session)]));
    more.insert("z".to_owned(), json!(["x"]));
    assert_eq!(
        fault(check(&session, &more, &world, NOW).await),
        Fault::NotAskedFor
    );
}

#[tokio::test]
async fn what_is_no_presentation_is_refused() {
    let (world, session) = (World::make(), session(|_| ()));
    assert!(matches!(
        outcome(&world, &session, json!("x")).await,
        Err(CheckError::Malformed)
    ));
    let object = outcome(&world, &session, json!([{}])).await;
    assert_eq!(refusal(object), Refusal::Malformed);
    let text = outcome(&world, &session, json!(["x"])).await;
    assert_eq!(refusal(text), Refusal::Malformed);
    let w3c = super::support::session(|q| {
        q["credentials"][0] = json!({"id": "a", "format": "dc+cose", "meta": {}});
    });
    let outcome = outcome(&world, &w3c, json!(["a.b.c"])).await;
    assert!(matches!(
        presentation_error(outcome),
        PresentationError::Format
    ));
}

#[tokio::test]
async fn nothing_that_was_shown_appears_in_debug() {
    let (world, session) = (World::make(), session(|_| ()));
    let checked = outcome(&world, &session, json!([world.answer(&session)]))
        .await
        .unwrap();
    assert!(!format!("{checked:?}").contains("Ada"));
}
