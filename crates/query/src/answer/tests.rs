use serde_json::json;

use super::*;

pub(crate) fn query(value: Value) -> Query {
    Query::from_json(&value).unwrap()
}

/// One credential query for `urn:id`.
fn asks(claims: Value) -> Query {
    let mut credential =
        json!({"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:id"]}});
    if !claims.is_null() {
        credential["claims"] = claims;
    }
    query(json!({"credentials": [credential]}))
}

pub(crate) fn card<'a>(id: &'a str, vct: &'a str, claims: &'a Value) -> Candidate<'a> {
    Candidate {
        id,
        format: Format::SdJwt,
        types: vec![vct],
        claims,
        authorities: Vec::new(),
        holder_bound: true,
    }
}

fn answer(query: &Query, cards: Vec<Candidate<'_>>) -> Answer {
    Index::new(cards).answer(query)
}

fn disclosed(answer: &Answer) -> Vec<String> {
    answer.credentials[0].matches[0]
        .disclose
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn missing(answer: &Answer) -> Missing {
    assert!(!answer.satisfiable);
    answer.credentials[0].missing.clone().unwrap()
}

fn paths(names: &[&str]) -> Vec<ClaimPath> {
    names
        .iter()
        .map(|name| ClaimPath::from_names([*name]).unwrap())
        .collect()
}

#[test]
fn without_claims_a_card_matches_and_discloses_nothing() {
    let claims = json!({"name": "Ada"});
    let answer = answer(&asks(Value::Null), vec![card("1", "urn:id", &claims)]);
    assert!(answer.satisfiable);
    assert!(disclosed(&answer).is_empty());
}

#[test]
fn nulls_are_expanded_and_nothing_is_named_twice() {
    let claims = json!({"list": [{"n": 1}, {"m": 2}, {"n": 3}]});
    let asks = asks(
        json!([{"path": ["list", null, "n"]}, {"path": ["list", 2, "n"]}, {"path": ["list", 0]}]),
    );
    let answer = answer(&asks, vec![card("1", "urn:id", &claims)]);
    assert_eq!(disclosed(&answer), ["list[0].n", "list[2].n", "list[0]"]);
}

#[test]
fn only_cards_of_the_type_are_looked_at() {
    let claims = json!({"name": "Ada"});
    let asks = asks(json!([{"path": ["name"]}]));
    let answer = answer(
        &asks,
        vec![
            card("1", "urn:other", &claims),
            card("2", "urn:id", &claims),
        ],
    );
    let ids: Vec<&str> = answer.credentials[0]
        .matches
        .iter()
        .map(|m| m.id.as_str())
        .collect();
    assert_eq!(ids, ["2"]);
    assert_eq!(answer.credentials[0].matches[0].candidate, 1);
    assert_eq!(
        missing(&super::tests::answer(
            &asks,
            vec![card("1", "urn:other", &claims)]
        )),
        Missing::Type
    );
    let mut mdoc = card("3", "urn:id", &claims);
    mdoc.format = Format::Mdoc;
    assert_eq!(
        missing(&super::tests::answer(&asks, vec![mdoc])),
        Missing::Type
    );
}

#[test]
fn a_type_that_extends_the_wanted_one_matches_once() {
    let claims = json!({});
    let mut extended = card("1", "urn:id:child", &claims);
    extended.types.push("urn:id");
    let query = query(
        json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:id", "urn:id:child"]}}]}),
    );
    assert_eq!(
        answer(&query, vec![extended]).credentials[0].matches.len(),
        1
    );
}

#[test]
fn an_empty_meta_takes_every_card_of_the_format() {
    let claims = json!({});
    let query = query(json!({"credentials": [{"id": "a", "format": "dc+sd-jwt", "meta": {}}]}));
    let answer = answer(
        &query,
        vec![card("1", "urn:a", &claims), card("2", "urn:b", &claims)],
    );
    assert_eq!(answer.credentials[0].matches.len(), 2);
}

#[test]
fn w3c_types_must_all_be_there() {
    let claims = json!({});
    let query = query(
        json!({"credentials": [{"id": "a", "format": "ldp_vc", "meta": {"type_values": [["A", "B"], ["C"]]}}]}),
    );
    let of = |types: Vec<&'static str>| {
        let mut card = card("1", "", &claims);
        card.format = Format::LdpVc;
        card.types = types;
        answer(&query, vec![card]).satisfiable
    };
    assert!(of(vec!["B", "X", "A"]));
    assert!(of(vec!["C"]));
    assert!(!of(vec!["A"]));
    assert!(!of(vec!["X"]));
}

#[test]
fn the_screen_is_told_what_the_nearest_card_lacks() {
    let (far, near) = (json!({"x": 1}), json!({"name": "Ada"}));
    let asks = asks(json!([{"path": ["name"]}, {"path": ["birth"]}]));
    let answer = answer(
        &asks,
        vec![card("1", "urn:id", &far), card("2", "urn:id", &near)],
    );
    assert_eq!(missing(&answer), Missing::Claims(paths(&["birth"])));
}

#[test]
fn values_must_fit_in_type_and_value() {
    let fits = |claims: Value, values: Value| {
        let asks = asks(json!([{"path": ["v"], "values": values}]));
        answer(&asks, vec![card("1", "urn:id", &claims)])
    };
    assert!(fits(json!({"v": 5}), json!([4, 5])).satisfiable);
    assert!(fits(json!({"v": true}), json!([true])).satisfiable);
    for (value, wanted) in [
        (json!("5"), json!([5])),
        (json!(5), json!(["5"])),
        (json!(1), json!([true])),
        (json!(["a"]), json!(["a"])),
    ] {
        assert_eq!(
            missing(&fits(json!({"v": value}), wanted)),
            Missing::Values(paths(&["v"]))
        );
    }
}

#[test]
fn of_an_array_only_the_elements_that_fit_are_disclosed() {
    let claims = json!({"list": ["a", "b", "c"]});
    let asks = asks(json!([{"path": ["list", null], "values": ["a", "c"]}]));
    assert_eq!(
        disclosed(&answer(&asks, vec![card("1", "urn:id", &claims)])),
        ["list[0]", "list[2]"]
    );
}

#[test]
fn the_first_claim_set_that_can_be_met_is_taken() {
    let query = query(json!({"credentials": [{
        "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:id"]},
        "claims": [{"id": "o", "path": ["over18"]}, {"id": "b", "path": ["birth"]}, {"id": "n", "path": ["name"]}],
        "claim_sets": [["o", "n"], ["b", "n"], ["b"]],
    }]}));
    let (young, old) = (
        json!({"over18": true, "birth": 1, "name": "A"}),
        json!({"birth": 1, "name": "A"}),
    );
    let answer = answer(
        &query,
        vec![card("1", "urn:id", &young), card("2", "urn:id", &old)],
    );
    let sets: Vec<_> = answer.credentials[0]
        .matches
        .iter()
        .map(|m| m.claim_set)
        .collect();
    assert_eq!(sets, [Some(0), Some(1)]);
    assert_eq!(disclosed(&answer), ["over18", "name"]);
    let none = json!({"name": "A"});
    let answer = super::tests::answer(&query, vec![card("1", "urn:id", &none)]);
    assert_eq!(missing(&answer), Missing::Claims(paths(&["over18"])));
}

#[test]
fn holder_binding_is_needed_unless_the_query_does_without() {
    let claims = json!({});
    let mut unbound = card("1", "urn:id", &claims);
    unbound.holder_bound = false;
    let mut asks = asks(Value::Null);
    assert_eq!(
        missing(&answer(&asks, vec![unbound.clone()])),
        Missing::HolderBinding
    );
    asks.credentials[0].require_holder_binding = false;
    assert!(answer(&asks, vec![unbound]).satisfiable);
}

#[test]
fn one_of_the_trusted_authorities_must_stand_behind_it() {
    let claims = json!({});
    let query = query(json!({"credentials": [{
        "id": "a", "format": "dc+sd-jwt", "meta": {},
        "trusted_authorities": [{"type": "aki", "values": ["k1", "k2"]}, {"type": "etsi_tl", "values": ["t"]}],
    }]}));
    let with = |authorities: Vec<(&'static str, &'static str)>| {
        let mut card = card("1", "urn:id", &claims);
        card.authorities = authorities;
        answer(&query, vec![card])
    };
    assert!(with(vec![("aki", "other"), ("aki", "k2")]).satisfiable);
    assert!(with(vec![("etsi_tl", "t")]).satisfiable);
    assert_eq!(missing(&with(vec![("aki", "t")])), Missing::Authority);
    assert_eq!(missing(&with(vec![])), Missing::Authority);
}

#[test]
fn credential_sets_say_which_options_can_be_shown() {
    let credential = |id: &str| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [format!("urn:{id}")]}});
    let sets = |sets: Value| {
        query(
            json!({"credentials": [credential("a"), credential("b"), credential("c")], "credential_sets": sets}),
        )
    };
    let claims = json!({});
    let cards = || vec![card("1", "urn:a", &claims), card("2", "urn:c", &claims)];
    let one = sets(
        json!([{"options": [["a", "b"], ["a"], ["c", "a"]]}, {"options": [["b"]], "required": false}]),
    );
    let answer = answer(&one, cards());
    assert!(answer.satisfiable);
    assert_eq!(answer.sets[0].satisfiable, [1, 2]);
    assert!(answer.sets[1].satisfiable.is_empty() && !answer.sets[1].required);
    let two = sets(json!([{"options": [["a"]]}, {"options": [["b"]]}]));
    assert!(!super::tests::answer(&two, cards()).satisfiable);
    let all = query(json!({"credentials": [credential("a"), credential("b")]}));
    assert!(!super::tests::answer(&all, cards()).satisfiable);
}

#[test]
fn many_paths_are_not_named_twice_either() {
    let claims = json!({"list": (0..20).collect::<Vec<_>>()});
    let asks = asks(json!([{"path": ["list", null]}, {"path": ["list", 19]}, {"path": ["list"]}]));
    let disclosed = disclosed(&answer(&asks, vec![card("1", "urn:id", &claims)]));
    assert_eq!(disclosed.len(), 21);
    assert_eq!(disclosed.last().map(String::as_str), Some("list"));
}

#[test]
fn cards_of_the_same_shape_share_what_they_disclose() {
    let asks = asks(json!([{"path": ["list", null, "n"], "values": [1, 2]}, {"path": ["list"]}]));
    let one = json!({"list": [{"n": 1}, {"n": 7}]});
    let other = json!({"list": [{"n": 7}, {"n": 2}]});
    let both = json!({"list": [{"n": 1}, {"n": 2}, {"m": 1}]});
    let claims = [&one, &other, &one, &both, &other];
    let cards = claims.map(|claims| card("1", "urn:id", claims));
    let answer = answer(&asks, cards.to_vec());
    let matches = &answer.credentials[0].matches;
    let named: Vec<Vec<String>> = matches
        .iter()
        .map(|card| card.disclose.iter().map(ToString::to_string).collect())
        .collect();
    assert_eq!(named[0], ["list[0].n", "list"]);
    assert_eq!(named[1], ["list[1].n", "list"]);
    assert_eq!(named[2], named[0]);
    assert_eq!(named[3], ["list[0].n", "list[1].n", "list"]);
    assert_eq!(named[4], named[1]);
    assert!(Arc::ptr_eq(&matches[0].disclose, &matches[2].disclose));
    assert!(Arc::ptr_eq(&matches[1].disclose, &matches[4].disclose));
}
