use serde_json::{Value, json};

use super::*;
use crate::answer::tests::{card, query};

fn asks() -> Query {
    query(json!({
        "credentials": [
            {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}, "claims": [{"path": ["name"]}]},
            {"id": "b", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:b"]}, "multiple": true},
        ],
        "credential_sets": [{"options": [["a"]]}, {"options": [["b"]], "required": false}],
    }))
}

fn entry<'a>(id: &'a str, presentations: Vec<Candidate<'a>>) -> Presented<'a> {
    Presented { id, presentations }
}

fn ada() -> Value {
    json!({"name": "Ada"})
}

#[test]
fn what_was_asked_for_is_accepted() {
    let claims = ada();
    let (a, b) = (card("", "urn:a", &claims), card("", "urn:b", &claims));
    assert_eq!(asks().check(&[entry("a", vec![a.clone()])]), Ok(()));
    assert_eq!(
        asks().check(&[entry("b", vec![b.clone(), b]), entry("a", vec![a])]),
        Ok(())
    );
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let claims = ada();
    let a = card("", "urn:a", &claims);
    assert_eq!(
        asks().check(&[entry("a", vec![a.clone()]), entry("z", vec![a])]),
        Err(Fault::NotAskedFor)
    );
}

#[test]
fn the_number_of_presentations_must_fit() {
    let claims = ada();
    let a = card("", "urn:a", &claims);
    let number = Err(Fault::Number { id: "a".to_owned() });
    assert_eq!(asks().check(&[entry("a", vec![])]), number);
    assert_eq!(
        asks().check(&[entry("a", vec![a.clone(), a.clone()])]),
        number
    );
    assert_eq!(
        asks().check(&[entry("a", vec![a.clone()]), entry("a", vec![a])]),
        number
    );
}

#[test]
fn another_type_or_format_is_refused() {
    let claims = ada();
    let kind = Err(Fault::Type { id: "a".to_owned() });
    assert_eq!(
        asks().check(&[entry("a", vec![card("", "urn:b", &claims)])]),
        kind
    );
    let mut mdoc = card("", "urn:a", &claims);
    mdoc.format = Format::Mdoc;
    assert_eq!(asks().check(&[entry("a", vec![mdoc])]), kind);
}

#[test]
fn a_presentation_without_a_claim_or_binding_is_refused() {
    let (claims, empty) = (ada(), json!({}));
    let lacking = |presentation| match asks().check(&[entry("a", vec![presentation])]) {
        Err(Fault::Lacking { missing, .. }) => missing,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        lacking(card("", "urn:a", &empty)),
        Missing::Claims(_)
    ));
    let mut unbound = card("", "urn:a", &claims);
    unbound.holder_bound = false;
    assert_eq!(lacking(unbound), Missing::HolderBinding);
}

#[test]
fn what_is_required_must_come() {
    let claims = ada();
    assert_eq!(asks().check(&[]), Err(Fault::Incomplete));
    assert_eq!(
        asks().check(&[entry("b", vec![card("", "urn:b", &claims)])]),
        Err(Fault::Incomplete)
    );
}

/// Elements that were held back have left the array of an SD-JWT. In an mdoc nothing moves.
#[test]
fn an_index_is_any_element_in_an_sd_jwt_only() {
    let thinned = json!({"list": ["c"]});
    let asks = |format: &str| {
        query(
            json!({"credentials": [{"id": "a", "format": format, "meta": {}, "claims": [{"path": ["list", 2], "values": ["c"]}]}]}),
        )
    };
    let one = card("", "urn:a", &thinned);
    assert_eq!(
        asks("dc+sd-jwt").check(&[entry("a", vec![one.clone()])]),
        Ok(())
    );
    let mut w3c = one;
    w3c.format = Format::JwtVcJson;
    assert!(asks("jwt_vc_json").check(&[entry("a", vec![w3c])]).is_err());
}
