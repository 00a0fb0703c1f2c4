use proptest::prelude::*;
use serde_json::json;

use super::*;

fn path(value: Value) -> ClaimPath {
    ClaimPath::from_json(&value).unwrap()
}

/// The document of OpenID4VP 1.0 §7.3.
fn document() -> Value {
    json!({
        "name": "Arthur Dent",
        "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
        "degrees": [
            {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
            {"type": "Master of Science", "university": "University of Betelgeuse"}
        ],
        "nationalities": ["British", "Betelgeusian"]
    })
}

fn concrete(selected: &[(ClaimPath, &Value)]) -> Vec<String> {
    selected.iter().map(|(at, _)| at.to_string()).collect()
}

#[test]
fn selects_as_the_examples_of_the_specification() {
    let document = document();
    let select = |p: Value| concrete(&path(p).select(&document).unwrap());
    assert_eq!(select(json!(["name"])), ["name"]);
    assert_eq!(select(json!(["address"])), ["address"]);
    assert_eq!(
        select(json!(["address", "street_address"])),
        ["address.street_address"]
    );
    assert_eq!(
        select(json!(["degrees", null, "type"])),
        ["degrees[0].type", "degrees[1].type"]
    );
    assert_eq!(select(json!(["nationalities", 1])), ["nationalities[1]"]);
}

#[test]
fn selecting_nothing_and_not_fitting_are_told_apart() {
    let document = document();
    let fails = |p: Value| path(p).select(&document).unwrap_err();
    assert_eq!(fails(json!(["age"])), SelectError::Nothing);
    assert_eq!(fails(json!(["nationalities", 2])), SelectError::Nothing);
    assert_eq!(fails(json!(["name", "first"])), SelectError::Shape);
    assert_eq!(fails(json!(["address", null])), SelectError::Shape);
    assert_eq!(fails(json!(["address", 0])), SelectError::Shape);
    assert_eq!(fails(json!(["nationalities", "0"])), SelectError::Shape);
}

#[test]
fn an_element_without_the_member_drops_out_and_the_others_stay() {
    let document = json!({"degrees": [{"type": "BSc"}, {"year": 1979}]});
    let selected = path(json!(["degrees", null, "type"]));
    assert_eq!(
        concrete(&selected.select(&document).unwrap()),
        ["degrees[0].type"]
    );
}

#[test]
fn an_empty_array_has_no_elements_to_select() {
    assert!(!path(json!(["list", null])).selects(&json!({"list": []})));
}

#[test]
fn malformed_paths_are_refused() {
    let refused = |value: Value| ClaimPath::from_json(&value).unwrap_err();
    assert_eq!(refused(json!("name")), PathError::NotAnArray);
    assert_eq!(refused(json!([])), PathError::Empty);
    assert_eq!(refused(json!(["a", -1])), PathError::Segment);
    assert_eq!(refused(json!(["a", 1.5])), PathError::Segment);
    assert_eq!(refused(json!(["a", true])), PathError::Segment);
    assert_eq!(refused(json!(["a", ["b"]])), PathError::Segment);
    assert_eq!(refused(json!(["a", {"b": 1}])), PathError::Segment);
}

#[test]
fn paths_are_bounded() {
    let longest: Vec<Value> = vec!["a".into(); MAX_SEGMENTS];
    assert!(ClaimPath::from_json(&Value::from(longest)).is_ok());
    let longer: Vec<Value> = vec!["a".into(); MAX_SEGMENTS + 1];
    assert_eq!(
        ClaimPath::from_json(&Value::from(longer)),
        Err(PathError::TooLong)
    );
    assert!(ClaimPath::from_json(&json!(["a".repeat(MAX_NAME)])).is_ok());
    assert_eq!(
        ClaimPath::from_json(&json!(["a".repeat(MAX_NAME + 1)])),
        Err(PathError::TooLong)
    );
}

#[test]
fn covers_what_is_equal_or_below() {
    let covers = |a: Value, b: Value| path(a).covers(&path(b));
    assert!(covers(json!(["address"]), json!(["address"])));
    assert!(covers(json!(["address"]), json!(["address", "locality"])));
    assert!(!covers(json!(["address", "locality"]), json!(["address"])));
    assert!(covers(json!(["list", null]), json!(["list", 3])));
    assert!(!covers(json!(["list", 3]), json!(["list", null])));
    assert!(!covers(json!(["list", null]), json!(["list", "3"])));
    assert!(!covers(json!(["a"]), json!(["b"])));
}

#[test]
fn goes_through_serde_unchanged() {
    let given = json!(["a", null, 3, "b"]);
    let read: ClaimPath = serde_json::from_value(given.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), given);
    assert!(serde_json::from_str::<ClaimPath>("[]").is_err());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c]{1}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = ClaimPath> {
    let segment = prop_oneof![
        3 => "[a-c]{1}".prop_map(Segment::Name),
        1 => (0_usize..3).prop_map(Segment::Index),
        1 => Just(Segment::All),
    ];
    prop::collection::vec(segment, 1..4).prop_map(|segments| ClaimPath::new(segments).unwrap())
}

proptest! {
    #[test]
    fn whatever_is_read_is_written_back(value in any_json()) {
        if let Ok(read) = ClaimPath::from_json(&value) {
            prop_assert_eq!(read.to_json(), value);
        }
    }

    #[test]
    fn both_ways_of_selecting_agree(document in any_json(), path in any_path()) {
        let with_paths = path.select(&document);
        let plain = path.values(&document);
        prop_assert_eq!(with_paths.clone().map(|all| all.into_iter().map(|(_, v)| v).collect::<Vec<_>>()), plain);
        for (at, value) in with_paths.unwrap_or_default() {
            prop_assert!(at.is_concrete());
            prop_assert!(path.covers(&at));
            prop_assert_eq!(at.values(&document), Ok(vec![value]));
        }
    }
}
