//! What has a type, and texts.

use super::*;

#[test]
fn what_is_typed_has_a_type() {
    for member in [
        "credentialStatus",
        "credentialSchema",
        "refreshService",
        "termsOfUse",
        "evidence",
        "proof",
        "renderMethod",
        "confidenceMethod",
    ] {
        let good = json!({"id": "https://a.example", "type": "T"});
        with(member, good.clone()).unwrap();
        with(member, json!([good, good])).unwrap();
        for refused in [
            json!({"id": "https://a.example"}),
            json!({"id": "https://a.example", "type": []}),
            json!({"id": "https://a.example", "type": 1}),
        ] {
            assert_eq!(
                with(member, refused.clone()).err(),
                Some(VcdmError::Type(member))
            );
            assert_eq!(
                with(member, json!([good, refused])).err(),
                Some(VcdmError::Type(member))
            );
        }
        for refused in [
            json!("https://a.example"),
            json!([]),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(
                with(member, refused).err(),
                Some(VcdmError::NotObjects(member)),
                "{member}"
            );
        }
        let refused = json!({"id": "no url", "type": "T"});
        assert_eq!(with(member, refused).err(), Some(VcdmError::Id(member)));
        let nameless = with(member, json!({"type": "T"}));
        match member {
            "credentialSchema" => assert_eq!(nameless.err(), Some(VcdmError::Id(member))),
            _ => assert!(nameless.is_ok()),
        }
    }
}

#[test]
fn a_subjects_confidence_method_has_a_type() {
    let subject = |method| with("credentialSubject", json!({"confidenceMethod": method}));
    assert!(subject(json!({"type": "T", "id": "urn:a:b"})).is_ok());
    assert_eq!(
        subject(json!({"id": "urn:a:b"})).err(),
        Some(VcdmError::Type("confidenceMethod"))
    );
    assert_eq!(
        subject(json!("urn:a:b")).err(),
        Some(VcdmError::NotObjects("confidenceMethod"))
    );
}

#[test]
fn names_and_descriptions_are_texts_with_or_without_a_language() {
    for member in ["name", "description"] {
        for good in [
            json!("x"),
            json!({"@value": "x"}),
            json!({"@value": "x", "@language": "en-GB", "@direction": "ltr"}),
            json!([{"@value": "x", "@language": "en"}, {"@value": "y", "@language": "cy"}]),
        ] {
            with(member, good.clone()).unwrap();
            with("issuer", json!({"id": "did:example:a", member: good})).unwrap();
        }
        for refused in [
            json!(1),
            json!(null),
            json!({}),
            json!({"@language": "en"}),
            json!({"@value": 1, "@language": "en"}),
            json!({"@value": "x", "@language": "not a tag"}),
            json!({"@value": "x", "@language": 1}),
            json!({"@value": "x", "@language": ""}),
            json!({"@value": "x", "@direction": "up"}),
            json!({"@value": "x", "@direction": null}),
            json!({"@value": "x", "url": "https://a.example"}),
            json!(["x", 1]),
            json!([["x"]]),
        ] {
            assert_eq!(
                with(member, refused.clone()).err(),
                Some(VcdmError::Text(member)),
                "{refused}"
            );
            let issuer = json!({"id": "did:example:a", member: refused});
            assert_eq!(
                with("issuer", issuer).err(),
                Some(VcdmError::Text("issuer"))
            );
        }
    }
}
