use sha2::{Digest as _, Sha256};

use super::*;

const RESOURCE: &str = "https://r.example/image.png";

fn with_resource(keys: &IssuerKeys, resource: Value) -> Value {
    let mut given = credential(&name(keys, "EdDSA"));
    given["relatedResource"] = resource;
    given
}

fn sri(bytes: &[u8]) -> String {
    format!(
        "sha256-{}",
        keys::b64::encode_standard(Sha256::digest(bytes))
    )
}

#[test]
fn an_issuer_signs_digests_of_what_it_has_seen() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let given = with_resource(
        &keys,
        json!({"id": RESOURCE, "digestSRI": sri(b"a picture")}),
    );
    let web = Web::with(RESOURCE, "a picture");
    let (status, body) = try_issue_with(&web, &keys, &given, &none);
    assert_eq!(status, 201, "{body}");
    let verdict = holds(verify(&body["verifiableCredential"], &none));
    let title = &verdict["warnings"][0]["title"];
    assert_eq!(title, "a digest of a related resource was not checked");

    let refused = try_issue_with(&Web::with(RESOURCE, "another"), &keys, &given, &none);
    fails(refused, "CRYPTOGRAPHIC_SECURITY_ERROR", "not the one");
    let refused = try_issue(&keys, &given, &none);
    fails(refused, "MALFORMED_VALUE_ERROR", "could not be had");
    // Both digests must hold.
    let multihash = [[0x12, 32].as_slice(), &Sha256::digest(b"another")].concat();
    let multibase = format!("u{}", keys::b64::encode(multihash));
    let given = with_resource(
        &keys,
        json!({"id": RESOURCE, "digestSRI": sri(b"a picture"), "digestMultibase": multibase}),
    );
    let refused = try_issue_with(&web, &keys, &given, &none);
    fails(refused, "CRYPTOGRAPHIC_SECURITY_ERROR", "not the one");
}

#[test]
fn no_more_resources_are_fetched_than_a_bound() {
    let keys = keys_for("EdDSA");
    let mut web = Web::default();
    let resources = |count: usize| -> Value {
        (0..count)
            .map(|number| json!({"id": format!("{RESOURCE}?{number}"), "digestSRI": sri(b"a")}))
            .collect()
    };
    for number in 0..5 {
        let url = format!("{RESOURCE}?{number}");
        web.0.insert(url, b"a".to_vec());
    }
    let given = with_resource(&keys, resources(4));
    assert_eq!(try_issue_with(&web, &keys, &given, &json!({})).0, 201);
    let given = with_resource(&keys, resources(5));
    let refused = try_issue_with(&web, &keys, &given, &json!({}));
    fails(refused, "MALFORMED_VALUE_ERROR", "could not be had");
    let long = Web::with(RESOURCE, vec![b'a'; (1 << 20) + 1]);
    let digest = sri(&vec![b'a'; (1 << 20) + 1]);
    let given = with_resource(&keys, json!({"id": RESOURCE, "digestSRI": digest}));
    let refused = try_issue_with(&long, &keys, &given, &json!({}));
    fails(refused, "MALFORMED_VALUE_ERROR", "could not be had");
}

#[test]
fn what_is_compiled_in_needs_no_network() {
    let keys = keys_for("EdDSA");
    let resource = json!({
        "id": "https://www.w3.org/ns/credentials/v2",
        "digestSRI": "sha256-59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    });
    let vc = issued(&keys, &with_resource(&keys, resource), &json!({}));
    assert_eq!(holds(verify(&vc, &json!({})))["warnings"], json!([]));
}
