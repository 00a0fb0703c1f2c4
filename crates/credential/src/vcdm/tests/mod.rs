mod presentations;

use serde_json::json;

use super::*;

fn credential() -> serde_json::Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "name": "Example",
        "issuer": {"id": "did:example:issuer", "name": {"@value": "Issuer", "@language": "en"}},
        "validFrom": "2023-01-01T00:00:00Z",
        "validUntil": "2024-01-01T00:00:00Z",
        "credentialStatus": {"type": "BitstringStatusListEntry"},
        "credentialSchema": {"id": "https://s.example/1", "type": "JsonSchema"},
        "credentialSubject": {"id": "did:example:subject"},
    })
}

fn of(value: serde_json::Value) -> Result<Credential, VcdmError> {
    Credential::check(value.as_object().unwrap().clone())
}

/// The credential with one member changed, or without it where the value is `null`.
fn with(member: &str, value: serde_json::Value) -> Result<Credential, VcdmError> {
    let mut document = credential();
    document[member] = value;
    of(document)
}

fn without(member: &str) -> Result<Credential, VcdmError> {
    let mut document = credential();
    document.as_object_mut().unwrap().remove(member);
    of(document)
}

#[test]
fn a_credential_that_keeps_every_rule() {
    let found = of(credential()).unwrap();
    assert_eq!(found.version(), Version::V2);
    assert_eq!(found.issuer(), "did:example:issuer");
    assert_eq!(found.types(), ["VerifiableCredential"]);
    assert_eq!(
        found.id(),
        Some("urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33")
    );
    assert_eq!(found.subjects().len(), 1);
    assert_eq!(found.statuses().len(), 1);
    assert_eq!(found.document(), credential().as_object().unwrap());
    for optional in [
        "id",
        "name",
        "validFrom",
        "validUntil",
        "credentialStatus",
        "credentialSchema",
    ] {
        without(optional).unwrap();
    }
}

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
    assert_eq!(
        with("type", json!(["Other"])).err(),
        Some(VcdmError::BaseType("VerifiableCredential"))
    );
}

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

#[test]
fn dates_have_a_time_and_a_zone() {
    for member in ["validFrom", "validUntil"] {
        for refused in [
            json!("2023-06-01"),
            json!("2023-06-01T00:00:00"),
            json!(null),
            json!(1),
            json!([]),
        ] {
            assert_eq!(with(member, refused).err(), Some(VcdmError::Date(member)));
        }
    }
    assert_eq!(
        with("validUntil", json!("2022-12-31T23:59:59Z")).err(),
        Some(VcdmError::DateOrder)
    );
    with("validUntil", json!("2023-01-01T00:00:00Z")).unwrap();
    // An hour earlier on the clock, and the same moment.
    with("validUntil", json!("2022-12-31T23:00:00-01:00")).unwrap();
}

#[test]
fn a_validity_has_a_beginning_and_an_end() {
    let found = of(credential()).unwrap();
    let (from, until) = (1_672_531_200, 1_704_067_200);
    assert_eq!(
        found.check_period(from - LEEWAY - 1),
        Err(VcdmError::NotYetValid)
    );
    assert_eq!(found.check_period(from - LEEWAY), Ok(()));
    assert_eq!(found.check_period(until), Ok(()));
    assert_eq!(found.check_period(until + 1), Err(VcdmError::Expired));
}

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

#[test]
fn related_resources_are_named_once_and_have_digests() {
    let sri = "sha384-S57yQDg1MTzF56Oi9DbSQ14u7jBy0RDdx0YbeV7shwhCS88G8SCXeFq82PafhCrW";
    let hexadecimal = "sha256-ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356";
    let multibase = "uEiAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw";
    let id = "https://r.example/1";
    for good in [
        json!({"id": id, "digestSRI": sri}),
        json!({"id": id, "digestSRI": format!("{sri} {sri}")}),
        json!({"id": id, "digestSRI": hexadecimal}),
        json!({"id": id, "digestMultibase": multibase, "mediaType": "application/json"}),
        json!([{"id": id, "digestSRI": sri, "digestMultibase": multibase}, {"id": "urn:a:b", "digestSRI": sri}]),
    ] {
        with("relatedResource", good).unwrap();
    }
    for (refused, error) in [
        (
            json!("https://r.example/1"),
            VcdmError::NotObjects("relatedResource"),
        ),
        (
            json!(["https://r.example/1"]),
            VcdmError::NotObjects("relatedResource"),
        ),
        (json!({"digestSRI": sri}), VcdmError::Id("relatedResource")),
        (
            json!({"id": "no url", "digestSRI": sri}),
            VcdmError::Id("relatedResource"),
        ),
        (
            json!([{"id": id, "digestSRI": sri}, {"id": id, "digestSRI": sri}]),
            VcdmError::RepeatedResource,
        ),
        (json!({"id": id}), VcdmError::NoDigest),
        (json!({"id": id, "digestSRI": ""}), VcdmError::Digest),
        (
            json!({"id": id, "digestSRI": "sha384-AAAA"}),
            VcdmError::Digest,
        ),
        (
            json!({"id": id, "digestSRI": "md5-AAAA"}),
            VcdmError::Digest,
        ),
        (json!({"id": id, "digestSRI": 1}), VcdmError::Digest),
        (
            json!({"id": id, "digestSRI": format!("{sri} ").repeat(9)}),
            VcdmError::Digest,
        ),
        (
            json!({"id": id, "digestMultibase": "uEiAA"}),
            VcdmError::Digest,
        ),
        (
            json!({"id": id, "digestMultibase": "mEiAjCHMnK5+ayOIZLWo/TBoKYVvSAprlkYEjRlm19Cj0uw"}),
            VcdmError::Digest,
        ),
        (
            json!({"id": id, "digestMultibase": "uEyAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw"}),
            VcdmError::Digest,
        ),
        (
            json!({"id": id, "digestSRI": sri, "mediaType": "json"}),
            VcdmError::MediaType,
        ),
    ] {
        assert_eq!(
            with("relatedResource", refused.clone()).err(),
            Some(error),
            "{refused}"
        );
    }
}

#[test]
fn a_digest_of_what_is_compiled_in_must_hold() {
    use sha2::Digest as _;
    let entry = crate::catalogue::types().first().unwrap();
    let digest = sha2::Sha512::digest(entry.context);
    let right = format!("sha512-{}", keys::b64::encode_standard(digest));
    with(
        "relatedResource",
        json!({"id": entry.context_id, "digestSRI": right}),
    )
    .unwrap();
    let other = format!("sha512-{}", keys::b64::encode_standard([7; 64]));
    let refused = with(
        "relatedResource",
        json!({"id": entry.context_id, "digestSRI": other}),
    );
    assert_eq!(refused.err(), Some(VcdmError::OtherDigest));
    // The strongest counts.
    let mixed = format!("sha256-{} {right}", keys::b64::encode_standard([7; 32]));
    with(
        "relatedResource",
        json!({"id": entry.context_id, "digestSRI": mixed}),
    )
    .unwrap();

    let v2 = "https://www.w3.org/ns/credentials/v2";
    let published = "sha256-59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734";
    with("relatedResource", json!({"id": v2, "digestSRI": published})).unwrap();
    let multihash = [[0x12, 32].as_slice(), &[7; 32]].concat();
    let wrong = format!("z{}", bs58::encode(multihash).into_string());
    let refused = with(
        "relatedResource",
        json!({"id": v2, "digestMultibase": wrong}),
    );
    assert_eq!(refused.err(), Some(VcdmError::OtherDigest));
}

fn older() -> serde_json::Value {
    json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "expirationDate": "2021-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject"},
    })
}

#[test]
fn credentials_of_the_older_data_model_are_read() {
    let found = of(older()).unwrap();
    assert_eq!(found.version(), Version::V1);
    assert_eq!(found.check_period(1_600_000_000), Ok(()));
    assert_eq!(found.check_period(1_700_000_000), Err(VcdmError::Expired));
    assert_eq!(
        found.check_period(1_500_000_000),
        Err(VcdmError::NotYetValid)
    );
    let mut undated = older();
    undated.as_object_mut().unwrap().remove("issuanceDate");
    assert_eq!(of(undated).err(), Some(VcdmError::Missing("issuanceDate")));
    for member in ["credentialStatus", "refreshService"] {
        let mut nameless = older();
        nameless[member] = json!({"type": "T"});
        assert_eq!(of(nameless).err(), Some(VcdmError::Id(member)));
    }
}
