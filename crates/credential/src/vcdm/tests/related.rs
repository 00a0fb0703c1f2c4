//! Digests of other resources.

use super::*;

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
        (
            json!({"id": id, "digestSRI": sri, "mediaType": "/json"}),
            VcdmError::MediaType,
        ),
        (
            json!({"id": id, "digestSRI": sri, "mediaType": "a text/a json"}),
            VcdmError::MediaType,
        ),
        (
            json!({"id": id, "digestSRI": sri, "mediaType": ["application/json"]}),
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

/// W3C's context is not kept as the bytes that W3C serves, so its digests are.
#[test]
fn w3cs_own_contexts_are_known_by_every_function() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let named = |digest: &str| with("relatedResource", json!({"id": v2, "digestSRI": digest}));
    for right in [
        "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=",
        "sha384-l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU",
    ] {
        let credential = named(right).unwrap();
        let found = credential.related_resources().unwrap();
        assert!(found.iter().all(RelatedResource::is_known), "{right}");
    }
    for length in [32, 48, 64] {
        let name = length * 8;
        let wrong = format!("sha{name}-{}", keys::b64::encode_standard(vec![7; length]));
        assert_eq!(named(&wrong).err(), Some(VcdmError::OtherDigest));
    }
    // The digest of the context for 1.1 is of another.
    let older = "https://www.w3.org/2018/credentials/v1";
    let right = "sha256-WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=";
    let refused = with("relatedResource", json!({"id": older, "digestSRI": right}));
    assert_eq!(refused.err(), Some(VcdmError::OtherDigest));
}

/// Some write the 32 bytes of a SHA-256 without the name of the function.
#[test]
fn a_bare_sha_256_is_one() {
    let v2 = "https://www.w3.org/ns/credentials/v2";
    let named = |digits: String| {
        let resource = json!({"id": v2, "digestMultibase": format!("u{digits}")});
        with("relatedResource", resource).err()
    };
    let right = "WZVc7WaX1h4D8rJVb-vlMIqxaEKEb1tYbX8fet7JJzQ".to_owned();
    assert_eq!(named(right), None);
    let bare = |length: usize| keys::b64::encode(vec![7; length]);
    assert_eq!(named(bare(32)), Some(VcdmError::OtherDigest));
    for length in [31, 33, 48, 64] {
        assert_eq!(named(bare(length)), Some(VcdmError::Digest), "{length}");
    }
}

#[test]
fn what_is_not_compiled_in_can_be_held_to_its_digests() {
    use sha2::Digest as _;
    let bytes = b"a picture";
    let sri = |bytes: &[u8]| {
        let digest = keys::b64::encode_standard(sha2::Sha384::digest(bytes));
        format!("sha384-{digest}")
    };
    let multibase = |bytes: &[u8]| {
        let multihash = [[0x12, 32].as_slice(), &sha2::Sha256::digest(bytes)].concat();
        format!("u{}", keys::b64::encode(multihash))
    };
    let id = "https://r.example/1";
    let one = with(
        "relatedResource",
        json!({"id": id, "digestSRI": sri(bytes), "digestMultibase": multibase(bytes)}),
    );
    let credential = one.unwrap();
    let found = credential.related_resources().unwrap();
    let [resource] = found.as_slice() else {
        panic!("not one")
    };
    assert_eq!(resource.id(), id);
    assert!(!resource.is_known());
    assert!(resource.is(bytes));
    assert!(!resource.is(b"another"));
    // Both digests count.
    let mixed = with(
        "relatedResource",
        json!({"id": id, "digestSRI": sri(bytes), "digestMultibase": multibase(b"another")}),
    );
    let credential = mixed.unwrap();
    let found = credential.related_resources().unwrap();
    assert!(found.iter().all(|resource| !resource.is(bytes)));
}
