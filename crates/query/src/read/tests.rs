use proptest::prelude::*;
use serde_json::json;

use super::*;

fn with(change: impl FnOnce(&mut Value)) -> Result<Query, QueryError> {
    let mut value = json!({"credentials": [{
        "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:x"]},
        "claims": [{"id": "n", "path": ["name"]}, {"id": "b", "path": ["birth"]}],
    }]});
    change(&mut value);
    Query::from_json(&value)
}

fn in_credential(name: &str, value: Value) -> Result<Query, QueryError> {
    with(|query| query["credentials"][0][name] = value)
}

fn in_claim(name: &str, value: Value) -> Result<Query, QueryError> {
    with(|query| query["credentials"][0]["claims"][0][name] = value)
}

fn without(name: &str) -> Result<Query, QueryError> {
    with(|query| {
        query["credentials"][0]
            .as_object_mut()
            .unwrap()
            .remove(name);
    })
}

#[test]
fn defaults_are_those_of_the_specification() {
    let query = with(|_| ()).unwrap();
    let credential = &query.credentials[0];
    assert!(!credential.multiple);
    assert!(credential.require_holder_binding);
    assert_eq!(credential.types, TypeFilter::Vct(vec!["urn:x".to_owned()]));
    assert!(credential.trusted_authorities.is_empty());
    assert_eq!(credential.claim_sets, None);
    assert_eq!(query.credential_sets, None);
    let query = with(|q| q["credential_sets"] = json!([{"options": [["a"]]}])).unwrap();
    assert!(query.credential_sets.unwrap()[0].required);
}

#[test]
fn unknown_members_are_ignored() {
    assert!(with(|query| query["new"] = json!(1)).is_ok());
    assert!(in_credential("new", json!([])).is_ok());
    assert!(in_claim("new", json!({})).is_ok());
    assert!(in_credential("meta", json!({"vct_values": ["urn:x"], "new": 1})).is_ok());
}

#[test]
fn credentials_must_be_a_list_with_something_in_it() {
    assert_eq!(
        Query::from_json(&json!([])),
        Err(QueryError::Malformed("dcql_query"))
    );
    assert_eq!(
        Query::from_json(&json!({})),
        Err(QueryError::Missing("credentials"))
    );
    assert_eq!(
        Query::from_json(&json!({"credentials": {}})),
        Err(QueryError::Malformed("credentials"))
    );
    assert_eq!(
        Query::from_json(&json!({"credentials": []})),
        Err(QueryError::Empty("credentials"))
    );
    assert_eq!(
        Query::from_json(&json!({"credentials": ["a"]})),
        Err(QueryError::Malformed("credentials"))
    );
}

#[test]
fn ids_are_letters_digits_hyphen_and_underscore() {
    assert_eq!(without("id"), Err(QueryError::Missing("id")));
    for id in ["", "a b", "a.b", "é", "a/b"] {
        assert_eq!(
            in_credential("id", json!(id)),
            Err(QueryError::Malformed("id")),
            "{id}"
        );
        assert_eq!(
            in_claim("id", json!(id)),
            Err(QueryError::Malformed("id")),
            "{id}"
        );
    }
    assert_eq!(
        in_credential("id", json!(1)),
        Err(QueryError::Malformed("id"))
    );
    assert!(in_credential("id", json!("A-b_9")).is_ok());
}

#[test]
fn ids_are_not_repeated() {
    let twice = with(|query| {
        let first = query["credentials"][0].clone();
        query["credentials"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(twice, Err(QueryError::Repeated("credentials")));
    assert_eq!(
        in_claim("id", json!("b")),
        Err(QueryError::Repeated("claims"))
    );
}

#[test]
fn format_is_required_and_a_text() {
    assert_eq!(without("format"), Err(QueryError::Missing("format")));
    assert_eq!(
        in_credential("format", json!(1)),
        Err(QueryError::Malformed("format"))
    );
    let other = in_credential("format", json!("ac_vp")).unwrap();
    assert_eq!(
        other.credentials[0].format,
        Format::Other("ac_vp".to_owned())
    );
}

/// §6.1 requires `meta`. The vectors of dcql-ts, and verifiers built on it, leave it out to
/// mean an empty one; nothing is gained by refusing them.
#[test]
fn an_absent_meta_is_read_as_an_empty_one() {
    assert_eq!(
        without("meta").unwrap().credentials[0].types,
        TypeFilter::Any
    );
    assert_eq!(
        in_credential("meta", json!({})).unwrap().credentials[0].types,
        TypeFilter::Any
    );
}

/// 1.0 knows `path` alone. The vectors of dcql-ts keep the two members of drafts for mdoc.
#[test]
fn a_draft_path_into_an_mdoc_is_read_and_only_there() {
    let claims = json!([{"namespace": "ns", "claim_name": "el"}]);
    let mdoc = json!({"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {"doctype_value": "d"}, "claims": claims}]});
    let query = Query::from_json(&mdoc).unwrap();
    assert_eq!(
        query.credentials[0].claims.as_ref().unwrap()[0]
            .path
            .to_string(),
        "ns.el"
    );
    assert_eq!(
        in_credential("claims", claims),
        Err(QueryError::Missing("path"))
    );
}

#[test]
fn meta_is_read_by_format() {
    let types = |format: &str, meta: Value| {
        let query = json!({"credentials": [{"id": "a", "format": format, "meta": meta}]});
        Query::from_json(&query).map(|query| query.credentials[0].types.clone())
    };
    assert_eq!(
        types("mso_mdoc", json!({"doctype_value": "d"})),
        Ok(TypeFilter::Doctype("d".to_owned()))
    );
    let w3c = TypeFilter::AllOf(vec![
        vec!["a".to_owned(), "b".to_owned()],
        vec!["c".to_owned()],
    ]);
    for format in ["ldp_vc", "jwt_vc_json"] {
        assert_eq!(
            types(format, json!({"type_values": [["a", "b"], ["c"]]})),
            Ok(w3c.clone())
        );
        assert_eq!(
            types(format, json!({"type_values": [[]]})),
            Err(QueryError::Empty("type_values"))
        );
        assert_eq!(
            types(format, json!({"type_values": ["a"]})),
            Err(QueryError::Malformed("type_values"))
        );
    }
    assert_eq!(
        types("dc+sd-jwt", json!("x")),
        Err(QueryError::Malformed("meta"))
    );
    assert_eq!(
        types("dc+sd-jwt", json!({"vct_values": []})),
        Err(QueryError::Empty("vct_values"))
    );
    assert_eq!(
        types("dc+sd-jwt", json!({"vct_values": [1]})),
        Err(QueryError::Malformed("vct_values"))
    );
    assert_eq!(
        types("mso_mdoc", json!({"doctype_value": ["d"]})),
        Err(QueryError::Malformed("doctype_value"))
    );
}

#[test]
fn flags_are_booleans() {
    for name in ["multiple", "require_cryptographic_holder_binding"] {
        let refused = in_credential(name, json!("true")).unwrap_err();
        assert!(matches!(refused, QueryError::Malformed(_)), "{name}");
    }
    assert_eq!(
        in_claim("intent_to_retain", json!(1)),
        Err(QueryError::Malformed("intent_to_retain"))
    );
    let set = with(|q| q["credential_sets"] = json!([{"options": [["a"]], "required": 1}]));
    assert_eq!(set, Err(QueryError::Malformed("required")));
}

#[test]
fn trusted_authorities_have_a_type_and_values() {
    let authorities = |value: Value| in_credential("trusted_authorities", value);
    assert!(authorities(json!([{"type": "aki", "values": ["x"]}])).is_ok());
    assert_eq!(
        authorities(json!([])),
        Err(QueryError::Empty("trusted_authorities"))
    );
    assert_eq!(
        authorities(json!(["aki"])),
        Err(QueryError::Malformed("trusted_authorities"))
    );
    assert_eq!(
        authorities(json!([{"values": ["x"]}])),
        Err(QueryError::Missing("type"))
    );
    assert_eq!(
        authorities(json!([{"type": "aki"}])),
        Err(QueryError::Missing("values"))
    );
    assert_eq!(
        authorities(json!([{"type": "aki", "values": []}])),
        Err(QueryError::Empty("values"))
    );
    assert_eq!(
        authorities(json!([{"type": "aki", "values": [1]}])),
        Err(QueryError::Malformed("values"))
    );
}

#[test]
fn claims_are_a_list_with_something_in_it() {
    assert_eq!(
        in_credential("claims", json!([])),
        Err(QueryError::Empty("claims"))
    );
    assert_eq!(
        in_credential("claims", json!({})),
        Err(QueryError::Malformed("claims"))
    );
    assert_eq!(
        in_credential("claims", json!(["name"])),
        Err(QueryError::Malformed("claims"))
    );
    assert_eq!(
        in_credential("claims", json!([{}])),
        Err(QueryError::Missing("path"))
    );
}

#[test]
fn paths_are_checked() {
    assert_eq!(
        in_claim("path", json!([])),
        Err(QueryError::Path(PathError::Empty))
    );
    assert_eq!(
        in_claim("path", json!("name")),
        Err(QueryError::Path(PathError::NotAnArray))
    );
    assert_eq!(
        in_claim("path", json!([-1])),
        Err(QueryError::Path(PathError::Segment))
    );
}

#[test]
fn a_path_into_an_mdoc_is_two_names() {
    for path in [
        json!(["ns"]),
        json!(["ns", 0]),
        json!(["ns", null]),
        json!(["ns", "a", "b"]),
    ] {
        let query = json!({"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {}, "claims": [{"path": path}]}]});
        assert_eq!(Query::from_json(&query), Err(QueryError::Malformed("path")));
    }
}

#[test]
fn values_are_texts_whole_numbers_and_booleans() {
    assert!(in_claim("values", json!(["a", 1, -1, true])).is_ok());
    assert_eq!(
        in_claim("values", json!([])),
        Err(QueryError::Empty("values"))
    );
    for value in [json!(null), json!(1.5), json!([]), json!({})] {
        assert_eq!(
            in_claim("values", json!([value])),
            Err(QueryError::Malformed("values"))
        );
    }
    assert_eq!(
        in_claim("values", json!(["a".repeat(MAX_TEXT + 1)])),
        Err(QueryError::TooLong("values"))
    );
}

#[test]
fn claim_sets_need_claims_with_ids() {
    assert!(in_credential("claim_sets", json!([["n"], ["b"]])).is_ok());
    assert_eq!(
        in_credential("claim_sets", json!([])),
        Err(QueryError::Empty("claim_sets"))
    );
    assert_eq!(
        in_credential("claim_sets", json!([[]])),
        Err(QueryError::Empty("claim_sets"))
    );
    assert_eq!(
        in_credential("claim_sets", json!([["x"]])),
        Err(QueryError::Unknown("claim_sets"))
    );
    assert_eq!(
        in_credential("claim_sets", json!(["n"])),
        Err(QueryError::Malformed("claim_sets"))
    );
    let no_claims = with(|query| {
        let credential = query["credentials"][0].as_object_mut().unwrap();
        credential.remove("claims");
        credential.insert("claim_sets".to_owned(), json!([["n"]]));
    });
    assert_eq!(no_claims, Err(QueryError::ClaimSets));
    let no_id = with(|query| {
        query["credentials"][0]["claims"][1]
            .as_object_mut()
            .unwrap()
            .remove("id");
        query["credentials"][0]["claim_sets"] = json!([["n"]]);
    });
    assert_eq!(no_id, Err(QueryError::ClaimSets));
}

#[test]
fn credential_sets_name_what_is_there() {
    let sets = |value: Value| with(|query| query["credential_sets"] = value);
    assert!(sets(json!([{"options": [["a"]], "required": false}])).is_ok());
    assert_eq!(sets(json!([])), Err(QueryError::Empty("credential_sets")));
    assert_eq!(
        sets(json!([1])),
        Err(QueryError::Malformed("credential_sets"))
    );
    assert_eq!(sets(json!([{}])), Err(QueryError::Missing("options")));
    assert_eq!(
        sets(json!([{"options": []}])),
        Err(QueryError::Empty("options"))
    );
    assert_eq!(
        sets(json!([{"options": [[]]}])),
        Err(QueryError::Empty("options"))
    );
    assert_eq!(
        sets(json!([{"options": ["a"]}])),
        Err(QueryError::Malformed("options"))
    );
    assert_eq!(
        sets(json!([{"options": [["z"]]}])),
        Err(QueryError::Unknown("credential_sets"))
    );
}

#[test]
fn every_list_is_bounded() {
    let credential = |n: usize| json!({"id": format!("c{n}"), "format": "dc+sd-jwt", "meta": {}});
    let credentials = |n: usize| {
        Query::from_json(&json!({"credentials": (0..n).map(credential).collect::<Vec<_>>()}))
    };
    assert!(credentials(MAX_CREDENTIALS).is_ok());
    assert_eq!(
        credentials(MAX_CREDENTIALS + 1),
        Err(QueryError::TooLong("credentials"))
    );
    let claims = |n: usize| {
        (0..n)
            .map(|n| json!({"id": format!("c{n}"), "path": [format!("c{n}")]}))
            .collect::<Vec<_>>()
    };
    assert!(in_credential("claims", json!(claims(MAX_CLAIMS))).is_ok());
    assert_eq!(
        in_credential("claims", json!(claims(MAX_CLAIMS + 1))),
        Err(QueryError::TooLong("claims"))
    );
    assert_eq!(
        in_credential("claim_sets", json!(vec![["n"]; MAX_OPTIONS + 1])),
        Err(QueryError::TooLong("claim_sets"))
    );
    assert_eq!(
        in_claim("values", json!(vec![1; MAX_VALUES + 1])),
        Err(QueryError::TooLong("values"))
    );
    let vct: Vec<String> = vec!["v".to_owned(); MAX_VALUES + 1];
    assert_eq!(
        in_credential("meta", json!({"vct_values": vct})),
        Err(QueryError::TooLong("vct_values"))
    );
    assert_eq!(
        in_credential("id", json!("a".repeat(MAX_TEXT + 1))),
        Err(QueryError::TooLong("id"))
    );
    let sets =
        |n: usize| with(|q| q["credential_sets"] = json!(vec![json!({"options": [["a"]]}); n]));
    assert!(sets(MAX_SETS).is_ok());
    assert_eq!(
        sets(MAX_SETS + 1),
        Err(QueryError::TooLong("credential_sets"))
    );
    let options =
        with(|q| q["credential_sets"] = json!([{"options": vec![["a"]; MAX_OPTIONS + 1]}]));
    assert_eq!(options, Err(QueryError::TooLong("options")));
}

#[test]
fn the_query_as_a_whole_is_bounded() {
    let claims: Vec<Value> = (0..MAX_CLAIMS)
        .map(|n| json!({"id": format!("c{n}"), "path": ["x", n]}))
        .collect();
    let many = |number: usize, sets: &Value| {
        let credential = |n: usize| json!({"id": format!("q{n}"), "format": "dc+sd-jwt", "meta": {}, "claims": claims, "claim_sets": sets});
        Query::from_json(&json!({"credentials": (0..number).map(credential).collect::<Vec<_>>()}))
    };
    let most = MAX_CLAIMS_IN_ALL / MAX_CLAIMS;
    assert!(many(most, &json!([["c0"]])).is_ok());
    assert_eq!(
        many(most + 1, &json!([["c0"]])),
        Err(QueryError::TooLong("claims"))
    );
    let whole: Vec<String> = (0..MAX_CLAIMS).map(|n| format!("c{n}")).collect();
    let sets = MAX_CHOICES_IN_ALL / MAX_CLAIMS;
    assert!(many(1, &json!(vec![whole.clone(); sets])).is_ok());
    assert_eq!(
        many(1, &json!(vec![whole; sets + 1])),
        Err(QueryError::TooLong("claim_sets"))
    );
}

#[test]
fn errors_do_not_repeat_what_was_asked() {
    let error = in_credential("id", json!("SECRET SECRET")).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SECRET"));
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "credentials",
        "id",
        "format",
        "meta",
        "claims",
        "claim_sets",
        "path",
        "values",
        "credential_sets",
        "options",
        "required",
        "vct_values",
        "trusted_authorities",
        "type",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["a", "dc+sd-jwt", "mso_mdoc", "ldp_vc", ""])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|members| {
                Value::Object(
                    members
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value))
                        .collect(),
                )
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_makes_it_panic(value in any_json()) {
        if let Ok(query) = Query::from_json(&value) {
            prop_assert_eq!(Query::from_json(&query.to_json()), Ok(query));
        }
    }
}
