//! Contexts and types.

use super::*;

#[test]
fn the_first_context_is_the_data_models() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    with("@context", json!(v2)).unwrap();
    with(
        "@context",
        json!([v2, "https://c.example/1", {"a": "https://c.example/a"}]),
    )
    .unwrap();
    for refused in [
        json!([]),
        json!(["https://c.example/1", v2]),
        json!([{"a": "https://c.example/a"}, v2]),
        json!([[v2]]),
        json!({"a": "https://c.example/a"}),
        json!("https://c.example/1"),
        json!(null),
    ] {
        assert_eq!(
            with("@context", refused).err(),
            Some(VcdmError::BaseContext)
        );
    }
    assert_eq!(without("@context").err(), Some(VcdmError::BaseContext));
}

#[test]
fn further_contexts_are_urls_or_objects() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    for refused in [
        json!(1),
        json!(null),
        json!(["https://c.example/1"]),
        json!("c"),
        json!("https ://c"),
    ] {
        assert_eq!(
            with("@context", json!([v2, refused])).err(),
            Some(VcdmError::Context)
        );
    }
    let many: Vec<&str> = vec![v2; MAX_ITEMS + 1];
    assert_eq!(
        with("@context", json!(many)).err(),
        Some(VcdmError::TooMany("@context"))
    );
}

#[test]
fn types_are_terms_and_one_is_verifiable_credential() {
    with("type", json!("VerifiableCredential")).unwrap();
    with(
        "type",
        json!(["VerifiableCredential", "https://t.example/T"]),
    )
    .unwrap();
    for refused in [
        json!([]),
        json!(null),
        json!(1),
        json!(["VerifiableCredential", 1]),
        json!(["VerifiableCredential", ""]),
        json!(["VerifiableCredential", "a b"]),
        json!(["VerifiableCredential", null]),
        json!({}),
    ] {
        assert_eq!(
            with("type", refused.clone()).err(),
            Some(VcdmError::Type("credential")),
            "{refused}"
        );
    }
    assert_eq!(without("type").err(), Some(VcdmError::Type("credential")));
    // A type under its keyword would be added to those that are seen.
    assert_eq!(
        with("@type", json!("Other")).err(),
        Some(VcdmError::Type("credential"))
    );
    assert_eq!(
        with("type", json!(["Other"])).err(),
        Some(VcdmError::BaseType("VerifiableCredential"))
    );
}
