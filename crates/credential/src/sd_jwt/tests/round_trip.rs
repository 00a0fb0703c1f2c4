use keys::SigningKey;
use query::ClaimPath;
use serde_json::{Value, json};

use super::{NOW, issue_card, path};
use crate::sd_jwt::{Expected, PresentError, Processed, Unverified};

fn paths(list: &[ClaimPath]) -> Vec<Value> {
    let mut list: Vec<Value> = list.iter().map(ClaimPath::to_json).collect();
    list.sort_by_key(Value::to_string);
    list
}

#[test]
fn the_issued_card_verifies_and_has_all_its_claims() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let text = issue_card(&issuer, &holder);
    let card = Unverified::parse(&text)
        .unwrap()
        .verify(&issuer.public(), NOW)
        .unwrap();
    assert_eq!(card.vct(), "urn:example:card:1");
    assert_eq!(card.issuer(), Some("https://issuer.example"));
    assert_eq!(card.holder_key(), Some(&holder.public()));
    assert_eq!(card.valid_from(), Some(NOW - 1000));
    assert_eq!(card.valid_until(), Some(NOW + 1000));
    assert_eq!(
        card.claims()["address"],
        json!({"locality": "London", "country": "GB"})
    );
    assert_eq!(card.claims()["nationalities"], json!(["GB", "FR"]));
    assert_eq!(
        card.claims()["awards"][1],
        json!({"name": "B", "points": 5})
    );
    assert!(!card.claims().contains_key("_sd"));
    assert!(!card.claims().contains_key("_sd_alg"));
    assert_eq!(card.to_text(), text);
    assert!(!card.is_key_bound());
}

#[test]
fn an_issuer_on_p384() {
    let (issuer, holder) = (SigningKey::make_p384(), SigningKey::make_p256());
    let card = Unverified::parse(&issue_card(&issuer, &holder)).unwrap();
    for other in [SigningKey::make_p384(), SigningKey::make_p256()] {
        assert!(card.clone().verify(&other.public(), NOW).is_err());
    }
    assert!(card.verify(&issuer.public(), NOW).is_ok());
}

#[test]
fn a_presentation_shows_what_was_chosen_and_says_so() {
    let (issuer, holder) = (SigningKey::make_ed25519(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    let selection = card
        .select(&[
            path(json!(["address", "locality"])),
            path(json!(["nationalities", 1])),
            path(json!(["awards", 0, "points"])),
        ])
        .unwrap();
    let subject: Vec<ClaimPath> = selection.revealed_of_subject().cloned().collect();
    assert_eq!(
        paths(&subject),
        [
            json!(["address", "country"]),
            json!(["address", "locality"]),
            json!(["awards", 0, "name"]),
            json!(["awards", 0, "points"]),
            json!(["awards", 1, "name"]),
            json!(["grade"]),
            json!(["nationalities", 1]),
        ]
    );
    let text = selection.bind(&holder, "me", "n", NOW).unwrap();
    let expected = Expected {
        audience: "me",
        nonce: "n",
        require_key_binding: true,
    };
    let shown = Unverified::parse(&text)
        .unwrap()
        .verify_presentation(&issuer.public(), &expected, NOW)
        .unwrap();
    assert!(shown.is_key_bound());
    let claims = shown.claims();
    assert!(!claims.contains_key("given_name"));
    assert_eq!(claims["nationalities"], json!(["FR"]));
    assert_eq!(
        claims["address"],
        json!({"country": "GB", "locality": "London"})
    );
    assert_eq!(
        claims["awards"],
        json!([{"name": "A", "points": 3}, {"name": "B"}])
    );
}

#[test]
fn choosing_an_object_shows_all_below_it() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    let selection = card.select(&[path(json!(["address"]))]).unwrap();
    assert!(
        selection
            .revealed()
            .contains(&path(json!(["address", "locality"])))
    );
    let all = card
        .select(&[path(json!(["awards", null, "points"]))])
        .unwrap();
    assert!(
        all.revealed()
            .contains(&path(json!(["awards", 1, "points"])))
    );
}

#[test]
fn choosing_nothing_shows_only_what_is_always_visible() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    let selection = card.select(&[]).unwrap();
    let subject: Vec<ClaimPath> = selection.revealed_of_subject().cloned().collect();
    assert_eq!(
        paths(&subject),
        [
            json!(["awards", 0, "name"]),
            json!(["awards", 1, "name"]),
            json!(["grade"]),
            // The array is there, and empty.
            json!(["nationalities"]),
        ]
    );
    assert_eq!(selection.into_unbound().matches('~').count(), 1);
}

#[test]
fn a_path_that_selects_nothing_is_refused() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    for missing in [
        json!(["nickname"]),
        json!(["nationalities", 2]),
        json!(["address", null]),
        json!(["grade", "x"]),
    ] {
        assert_eq!(
            card.select(&[path(missing)]).err(),
            Some(PresentError::NoSuchClaim)
        );
    }
}

#[test]
fn only_the_named_holder_can_bind() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    let selection = card.select(&[]).unwrap();
    assert_eq!(
        selection
            .bind(&SigningKey::make_p256(), "a", "n", NOW)
            .err(),
        Some(PresentError::WrongKey)
    );
}

#[test]
fn the_description_tells_what_can_be_hidden() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
    let list = card.describe();
    let claim = |wanted: Value| {
        list.iter()
            .find(|claim| claim.path == path(wanted.clone()))
            .unwrap()
    };
    let locality = claim(json!(["address", "locality"]));
    assert!(locality.disclosable && locality.can_hide && locality.leaf);
    let country = claim(json!(["address", "country"]));
    assert!(!country.disclosable && country.can_hide);
    let grade = claim(json!(["grade"]));
    assert!(!grade.disclosable && !grade.can_hide);
    assert!(!claim(json!(["awards", 0])).leaf);
    assert_eq!(claim(json!(["nationalities", 1])).value, "FR");
}
