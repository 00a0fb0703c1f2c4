//! Identifiers, issuers and subjects.

use super::*;

#[test]
fn an_id_is_a_single_url() {
    for refused in [
        json!("not a url"),
        json!("id"),
        json!(["urn:a:b"]),
        json!(["urn:a:b", "urn:a:c"]),
        json!(null),
        json!(1),
        json!({}),
        json!(""),
    ] {
        assert_eq!(
            with("id", refused.clone()).err(),
            Some(VcdmError::Id("credential")),
            "{refused}"
        );
        let subject = json!({"id": refused, "name": "x"});
        assert_eq!(
            with("credentialSubject", subject).err(),
            Some(VcdmError::Id("credentialSubject"))
        );
        let status = json!([{"type": "T"}, {"id": refused, "type": "T"}]);
        assert_eq!(
            with("credentialStatus", status).err(),
            Some(VcdmError::Id("credentialStatus"))
        );
    }
    assert_eq!(
        with("@id", json!("urn:a:b")).err(),
        Some(VcdmError::Id("credential"))
    );
}

#[test]
fn an_issuer_is_a_url_or_an_object_with_one() {
    with("issuer", json!("https://issuer.example")).unwrap();
    for refused in [
        json!(null),
        json!(1),
        json!("no url"),
        json!([]),
        json!(["did:example:a"]),
        json!({}),
        json!({"name": "x"}),
        json!({"id": null}),
        json!({"id": "no url"}),
        json!({"id": ["did:example:a"]}),
    ] {
        assert_eq!(
            with("issuer", refused.clone()).err(),
            Some(VcdmError::Party("issuer")),
            "{refused}"
        );
    }
    assert_eq!(without("issuer").err(), Some(VcdmError::Missing("issuer")));
}

#[test]
fn subjects_are_objects_with_claims() {
    with(
        "credentialSubject",
        json!([{"id": "did:example:a"}, {"a": 1}]),
    )
    .unwrap();
    assert_eq!(
        without("credentialSubject").err(),
        Some(VcdmError::Missing("credentialSubject"))
    );
    for refused in [
        json!([]),
        json!("did:example:a"),
        json!(null),
        json!([{"a": 1}, "did:example:a"]),
    ] {
        assert_eq!(
            with("credentialSubject", refused).err(),
            Some(VcdmError::NotObjects("credentialSubject"))
        );
    }
    for refused in [json!({}), json!([{"a": 1}, {}])] {
        assert_eq!(
            with("credentialSubject", refused).err(),
            Some(VcdmError::EmptySubject)
        );
    }
    let many = vec![json!({"a": 1}); MAX_ITEMS + 1];
    assert_eq!(
        with("credentialSubject", json!(many)).err(),
        Some(VcdmError::TooMany("credentialSubject"))
    );
}

#[test]
fn a_derived_credential_may_say_nothing_of_its_subject() {
    for (suite, accepted) in [
        ("bbs-2023", true),
        ("ecdsa-sd-2023", true),
        ("eddsa-rdfc-2022", false),
    ] {
        let mut document = credential();
        document
            .as_object_mut()
            .unwrap()
            .remove("credentialSubject");
        document["proof"] = json!({"type": "DataIntegrityProof", "cryptosuite": suite});
        assert_eq!(of(document).is_ok(), accepted, "{suite}");
    }
}
