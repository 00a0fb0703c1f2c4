use serde_json::{Value, json};

use super::*;
use crate::answer::tests::query;

fn sd_jwt(id: &str, claims: Value) -> Value {
    let mut credential =
        json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:id"]}});
    if !claims.is_null() {
        credential["claims"] = claims;
    }
    credential
}

fn names(names: &[&str]) -> Value {
    names
        .iter()
        .map(|name| json!({"id": name, "path": [name]}))
        .collect()
}

fn one(credential: Value) -> Query {
    query(json!({"credentials": [credential]}))
}

fn with(name: &str, value: Value) -> Query {
    let mut credential = sd_jwt("r", names(&["name", "birth"]));
    credential[name] = value;
    one(credential)
}

fn registered() -> Query {
    one(sd_jwt("p", names(&["name", "birth"])))
}

fn claim(name: &str) -> Excess {
    Excess::Claim {
        credential: "r".to_owned(),
        path: ClaimPath::from_names([name]).unwrap(),
    }
}

#[test]
fn the_same_or_less_is_no_excess() {
    let asks = |claims: Value| excess(&one(sd_jwt("r", claims)), &registered());
    assert_eq!(asks(names(&["name", "birth"])), []);
    assert_eq!(asks(names(&["birth"])), []);
    assert_eq!(asks(Value::Null), []);
}

#[test]
fn another_claim_is_named() {
    let asks = one(sd_jwt("r", names(&["name", "address", "birth"])));
    assert_eq!(excess(&asks, &registered()), [claim("address")]);
}

/// §6.4.1: no `claims` means nothing that can be held back; so claims exceed it.
#[test]
fn any_claim_exceeds_a_purpose_without_claims() {
    let purpose = one(sd_jwt("p", Value::Null));
    assert_eq!(
        excess(&one(sd_jwt("r", names(&["name"]))), &purpose),
        [claim("name")]
    );
}

#[test]
fn a_part_of_a_registered_claim_is_no_excess_and_the_whole_of_a_part_is() {
    let whole = one(sd_jwt("r", json!([{"path": ["address"]}])));
    let part = one(sd_jwt("r", json!([{"path": ["address", "city"]}])));
    assert_eq!(excess(&part, &whole), []);
    assert_eq!(excess(&whole, &part), [claim("address")]);
    let (all, first) = (
        one(sd_jwt("r", json!([{"path": ["l", null]}]))),
        one(sd_jwt("r", json!([{"path": ["l", 0]}]))),
    );
    assert_eq!(excess(&first, &all), []);
    assert_eq!(excess(&all, &first).len(), 1);
}

#[test]
fn another_type_or_format_is_named() {
    let other = |meta: Value, types: &[&str]| {
        let expected = Excess::Credential {
            credential: "r".to_owned(),
            types: types.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(excess(&with("meta", meta), &registered()), [expected]);
    };
    other(json!({"vct_values": ["urn:other"]}), &["urn:other"]);
    other(
        json!({"vct_values": ["urn:id", "urn:other"]}),
        &["urn:id", "urn:other"],
    );
    other(json!({}), &[]);
    let mdoc = one(json!({"id": "r", "format": "mso_mdoc", "meta": {"doctype_value": "d"}}));
    assert!(matches!(
        excess(&mdoc, &registered())[..],
        [Excess::Credential { .. }]
    ));
}

#[test]
fn w3c_types_are_compared_list_by_list() {
    let w3c =
        |lists: Value| one(json!({"id": "r", "format": "ldp_vc", "meta": {"type_values": lists}}));
    assert_eq!(
        excess(&w3c(json!([["A", "B"]])), &w3c(json!([["A"], ["C"]]))),
        []
    );
    assert_eq!(
        excess(&w3c(json!([["A"], ["D"]])), &w3c(json!([["A"], ["C"]]))).len(),
        1
    );
}

#[test]
fn more_than_one_card_is_named() {
    assert_eq!(
        excess(&with("multiple", json!(true)), &registered()),
        [Excess::Multiple {
            credential: "r".to_owned()
        }]
    );
}

#[test]
fn doing_without_holder_binding_is_named() {
    let asks = with("require_cryptographic_holder_binding", json!(false));
    assert_eq!(
        excess(&asks, &registered()),
        [Excess::WithoutHolderBinding {
            credential: "r".to_owned()
        }]
    );
    assert_eq!(excess(&registered(), &asks), []);
}

#[test]
fn wider_authorities_are_named() {
    let authorities = |values: &[&str]| {
        with(
            "trusted_authorities",
            json!([{"type": "aki", "values": values}]),
        )
    };
    let named = [Excess::Authorities {
        credential: "r".to_owned(),
    }];
    assert_eq!(excess(&authorities(&["k"]), &authorities(&["k", "l"])), []);
    assert_eq!(
        excess(&authorities(&["k", "m"]), &authorities(&["k", "l"])),
        named
    );
    assert_eq!(
        excess(&with("multiple", json!(false)), &authorities(&["k"])),
        named
    );
    assert_eq!(excess(&authorities(&["k"]), &registered()), []);
}

#[test]
fn dropped_or_wider_values_are_named() {
    let with = |values: Option<Value>| {
        let mut claim = json!({"path": ["v"]});
        if let Some(values) = values {
            claim["values"] = values;
        }
        one(sd_jwt("r", json!([claim])))
    };
    let named = [Excess::AnyValue {
        credential: "r".to_owned(),
        path: ClaimPath::from_names(["v"]).unwrap(),
    }];
    let purpose = with(Some(json!(["a", "b"])));
    assert_eq!(excess(&with(Some(json!(["a"]))), &purpose), []);
    assert_eq!(excess(&with(None), &purpose), named);
    assert_eq!(excess(&with(Some(json!(["a", "c"]))), &purpose), named);
    assert_eq!(excess(&purpose, &with(None)), []);
}

#[test]
fn keeping_what_was_not_to_be_kept_is_named() {
    let mdoc = |retain: Option<bool>| {
        let mut claim = json!({"path": ["ns", "el"]});
        if let Some(retain) = retain {
            claim["intent_to_retain"] = json!(retain);
        }
        one(
            json!({"id": "r", "format": "mso_mdoc", "meta": {"doctype_value": "d"}, "claims": [claim]}),
        )
    };
    for registered in [None, Some(false)] {
        assert!(matches!(
            excess(&mdoc(Some(true)), &mdoc(registered))[..],
            [Excess::Retained { .. }]
        ));
    }
    assert_eq!(excess(&mdoc(Some(true)), &mdoc(Some(true))), []);
    assert_eq!(excess(&mdoc(None), &mdoc(Some(true))), []);
}

#[test]
fn the_whole_of_a_credential_that_holds_nothing_back_is_named() {
    let w3c = |claims: Value| {
        let mut credential =
            json!({"id": "r", "format": "jwt_vc_json", "meta": {"type_values": [["A"]]}});
        if !claims.is_null() {
            credential["claims"] = claims;
        }
        one(credential)
    };
    let purpose = w3c(names(&["name"]));
    assert_eq!(
        excess(&w3c(Value::Null), &purpose),
        [Excess::WholeCredential {
            credential: "r".to_owned()
        }]
    );
    assert_eq!(excess(&purpose, &purpose), []);
}

fn alternatives(id: &str, sets: Value) -> Query {
    let mut credential = sd_jwt(id, names(&["over18", "birth", "name"]));
    credential["claim_sets"] = sets;
    one(credential)
}

#[test]
fn alternatives_registered_are_not_a_union() {
    let purpose = alternatives("p", json!([["over18"], ["birth"]]));
    assert_eq!(excess(&alternatives("r", json!([["birth"]])), &purpose), []);
    assert_eq!(
        excess(&alternatives("r", json!([["birth"], ["over18"]])), &purpose),
        []
    );
    assert_eq!(excess(&one(sd_jwt("r", names(&["birth"]))), &purpose), []);
    let both = excess(&one(sd_jwt("r", names(&["birth", "over18"]))), &purpose);
    assert!(matches!(both[..], [Excess::Claim { .. }]), "{both:?}");
    assert_eq!(
        excess(&alternatives("r", json!([["over18"], ["name"]])), &purpose),
        [claim("name")]
    );
}

fn many(ids: &[(&str, &str)], sets: Value) -> Query {
    let credential = |(id, vct): &(&str, &str)| json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}});
    let mut value = json!({"credentials": ids.iter().map(credential).collect::<Vec<_>>()});
    if !sets.is_null() {
        value["credential_sets"] = sets;
    }
    query(value)
}

#[test]
fn credentials_registered_as_alternatives_are_not_asked_for_together() {
    let all = [("a", "urn:a"), ("b", "urn:b")];
    let either = many(&all, json!([{"options": [["a"], ["b"]]}]));
    let both = many(&all, Value::Null);
    assert_eq!(excess(&either, &both), []);
    assert_eq!(excess(&either, &either), []);
    let together = Excess::Together {
        credentials: vec!["a".to_owned(), "b".to_owned()],
    };
    assert_eq!(excess(&both, &either), std::slice::from_ref(&together));
    let optional = many(
        &all,
        json!([{"options": [["a"]]}, {"options": [["b"]], "required": false}]),
    );
    assert_eq!(excess(&optional, &either), [together]);
    assert_eq!(excess(&optional, &both), []);
}

#[test]
fn the_same_type_twice_is_named_where_it_was_registered_once() {
    let once = many(&[("a", "urn:a")], Value::Null);
    let twice = many(&[("a", "urn:a"), ("b", "urn:a")], Value::Null);
    assert!(matches!(
        excess(&twice, &once)[..],
        [Excess::Together { .. }]
    ));
    assert_eq!(excess(&twice, &twice), []);
    let either = many(
        &[("a", "urn:a"), ("b", "urn:a")],
        json!([{"options": [["a"], ["b"]]}]),
    );
    assert_eq!(excess(&either, &once), []);
    let mut several = once;
    several.credentials[0].multiple = true;
    assert_eq!(excess(&twice, &several), []);
}

#[test]
fn a_credential_that_no_set_asks_for_does_not_count() {
    let all = [("a", "urn:a"), ("b", "urn:b")];
    let asks = many(&all, json!([{"options": [["a"]]}]));
    let purpose = many(&[("a", "urn:a")], Value::Null);
    assert_eq!(excess(&asks, &purpose), []);
    // Nor in a purpose.
    assert!(!excess(&many(&all, Value::Null), &asks).is_empty());
}

#[test]
fn the_smallest_purpose_that_contains_it_is_chosen() {
    let small = one(sd_jwt("p", names(&["name"])));
    let middle = registered();
    let large = one(sd_jwt("p", names(&["name", "birth", "address"])));
    let purposes = [large, middle, small];
    let asks = |claims: &[&str]| smallest_containing(&one(sd_jwt("r", names(claims))), &purposes);
    assert_eq!(asks(&["name"]), Some(2));
    assert_eq!(asks(&["birth"]), Some(1));
    assert_eq!(asks(&["address"]), Some(0));
    assert_eq!(asks(&["photo"]), None);
}

#[test]
fn a_union_of_purposes_contains_nothing() {
    let purposes = [
        one(sd_jwt("p", names(&["name"]))),
        one(sd_jwt("p", names(&["birth"]))),
    ];
    let asks = one(sd_jwt("r", names(&["name", "birth"])));
    assert_eq!(smallest_containing(&asks, &purposes), None);
    let (_, beyond) = nearest_purpose(&asks, &purposes).unwrap();
    assert_eq!(beyond.len(), 1);
    assert_eq!(nearest_purpose(&asks, &[]), None);
}

/// What cannot be looked at whole counts as asked for: hostile queries end in a warning.
#[test]
fn too_many_combinations_count_as_all_together() {
    let ids: Vec<String> = (0..32).map(|n| format!("c{n}")).collect();
    let pairs: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "urn:a")).collect();
    let sets: Vec<Value> = ids
        .chunks(2)
        .map(|two| json!({"options": [[two[0]], [two[1]]]}))
        .collect();
    let asks = many(&pairs, json!(sets));
    let started = std::time::Instant::now();
    assert!(!excess(&asks, &many(&pairs[..16], Value::Null)).is_empty());
    assert!(started.elapsed().as_secs() < 60);
}
