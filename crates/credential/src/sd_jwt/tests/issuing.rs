use std::collections::HashSet;

use keys::SigningKey;
use keys::b64;
use query::ClaimPath;
use serde_json::{Value, json};

use super::{NOW, object, path};
use crate::sd_jwt::{
    HashAlgorithm, IssueError, IssuerHeader, MAX_DISCLOSURES, Template, Unverified,
};

fn issue(
    claims: Value,
    conceal: &[ClaimPath],
    hash: HashAlgorithm,
    decoys: usize,
) -> Result<String, IssueError> {
    let mut claims = object(claims);
    claims.entry("vct").or_insert("t".into());
    Template {
        claims: &claims,
        conceal,
        holder: None,
        hash,
        decoys,
    }
    .issue(IssuerHeader::Kid("k"), &SigningKey::make_p256())
}

fn payload(text: &str) -> Value {
    let part = text.split('.').nth(1).unwrap();
    serde_json::from_slice(&b64::decode(part).unwrap()).unwrap()
}

#[test]
fn every_hash_algorithm_verifies() {
    for hash in [
        HashAlgorithm::Sha256,
        HashAlgorithm::Sha384,
        HashAlgorithm::Sha512,
    ] {
        let key = SigningKey::make_ed25519();
        let claims = object(json!({"vct": "t", "name": "Ada"}));
        let text = Template {
            claims: &claims,
            conceal: &[path(json!(["name"]))],
            holder: None,
            hash,
            decoys: 1,
        }
        .issue(IssuerHeader::X5c(&[]), &key)
        .unwrap();
        assert_eq!(payload(&text)["_sd_alg"], hash.name());
        let card = Unverified::parse(&text)
            .unwrap()
            .verify(&key.public(), NOW)
            .unwrap();
        assert_eq!(card.claims()["name"], "Ada");
    }
}

#[test]
fn digests_are_sorted_and_decoys_stand_among_them() {
    let text = issue(
        json!({"a": 1, "b": 2, "list": [1, 2]}),
        &[
            path(json!(["a"])),
            path(json!(["b"])),
            path(json!(["list", 0])),
        ],
        HashAlgorithm::Sha256,
        3,
    )
    .unwrap();
    let payload = payload(&text);
    let digests: Vec<&str> = payload["_sd"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d.as_str().unwrap())
        .collect();
    assert_eq!(digests.len(), 5);
    assert!(digests.is_sorted());
    assert_eq!(digests.iter().collect::<HashSet<_>>().len(), 5);
    // Decoys have the length of digests.
    assert!(digests.iter().all(|digest| digest.len() == 43));
    // One element that is visible, one that is concealed and three decoys.
    assert_eq!(payload["list"].as_array().unwrap().len(), 5);
    assert_eq!(text.matches('~').count(), 4);
}

#[test]
fn salts_are_fresh() {
    let conceal = [path(json!(["a"]))];
    let one = issue(json!({"a": 1}), &conceal, HashAlgorithm::Sha256, 0).unwrap();
    let two = issue(json!({"a": 1}), &conceal, HashAlgorithm::Sha256, 0).unwrap();
    assert_ne!(payload(&one)["_sd"], payload(&two)["_sd"]);
    let disclosure = one.split('~').nth(1).unwrap();
    let parts: Value = serde_json::from_slice(&b64::decode(disclosure).unwrap()).unwrap();
    assert_eq!(b64::decode(parts[0].as_str().unwrap()).unwrap().len(), 16);
}

#[test]
fn nothing_concealed_leaves_no_trace() {
    let text = issue(json!({"a": 1}), &[], HashAlgorithm::Sha256, 5).unwrap();
    assert_eq!(payload(&text), json!({"a": 1, "vct": "t"}));
}

#[test]
fn claims_that_must_stay_visible() {
    for claim in ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"] {
        for at in [json!([claim]), json!([claim, "x"])] {
            assert_eq!(
                issue(
                    json!({claim: {"x": 1}, "vct": "t"}),
                    &[path(at)],
                    HashAlgorithm::Sha256,
                    0
                )
                .err(),
                Some(IssueError::MustBeVisible { claim })
            );
        }
    }
}

#[test]
fn reserved_names() {
    for claims in [
        json!({"_sd": 1}),
        json!({"_sd_alg": "sha-256"}),
        json!({"a": {"...": 1}}),
        json!({"a": [{"_sd": 1}]}),
    ] {
        assert_eq!(
            issue(claims, &[], HashAlgorithm::Sha256, 0).err(),
            Some(IssueError::ReservedName)
        );
    }
}

#[test]
fn missing_type_and_missing_claims() {
    for vct in [json!(null), json!(7), json!("")] {
        assert_eq!(
            issue(json!({"vct": vct}), &[], HashAlgorithm::Sha256, 0).err(),
            Some(IssueError::NoVct)
        );
    }
    for at in [json!(["b"]), json!(["a", "b"]), json!(["a", null])] {
        assert_eq!(
            issue(json!({"a": 1}), &[path(at)], HashAlgorithm::Sha256, 0).err(),
            Some(IssueError::NoSuchClaim)
        );
    }
}

#[test]
fn what_the_format_cannot_issue() {
    use crate::format::{Draft, Fault, IssuerSecret, KeyName, by_id};
    use crate::status::StatusRef;
    let place = |index| StatusRef::TokenList {
        uri: "https://issuer.example/status/1".to_owned(),
        index,
    };
    let places = [place(3), place(4)];
    let (plain, reserved) = (object(json!({"a": 1})), object(json!({"_sd": 1})));
    let issue = |claims, status, secret: IssuerSecret<'_>| {
        let draft = Draft {
            type_id: "urn:example:card:1",
            claims,
            conceal: &[],
            holder: None,
            issuer: None,
            key_name: KeyName::Id("k"),
            issued_at: NOW,
            valid_from: None,
            valid_until: None,
            status,
        };
        let issued = by_id("dc+sd-jwt").unwrap().issue(&draft, secret);
        issued.map_err(|refused| refused.fault)
    };
    let (key, bbs) = (SigningKey::make_p256(), bbs::SecretKey::make());
    let signing = || IssuerSecret::Signing(&key);
    assert!(issue(&plain, &places[..1], signing()).is_ok());
    let unsupported = Some(Fault::Unsupported);
    assert_eq!(issue(&plain, &places, signing()).err(), unsupported);
    let with_bbs = issue(&plain, &[], IssuerSecret::Bbs(&bbs));
    assert_eq!(with_bbs.err(), unsupported);
    let malformed = Some(Fault::Malformed);
    assert_eq!(issue(&reserved, &[], signing()).err(), malformed);
}

#[test]
fn claims_that_are_too_deep_or_too_many() {
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    assert_eq!(
        issue(json!({"a": deep}), &[], HashAlgorithm::Sha256, 0).err(),
        Some(IssueError::TooDeep)
    );
    let many = json!({"a": vec![1; MAX_DISCLOSURES + 1]});
    assert_eq!(
        issue(many, &[path(json!(["a", null]))], HashAlgorithm::Sha256, 0).err(),
        Some(IssueError::TooLarge)
    );
    let name = "n".repeat(query::MAX_NAME + 1);
    assert_eq!(
        issue(json!({name: 1}), &[], HashAlgorithm::Sha256, 0).err(),
        Some(IssueError::TooDeep)
    );
    let long = json!({"a": "x".repeat(1 << 20)});
    assert_eq!(
        issue(long, &[], HashAlgorithm::Sha256, 0).err(),
        Some(IssueError::TooLarge)
    );
}
