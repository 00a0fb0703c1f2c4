use super::*;
use crate::json_ld::JsonLdError;

#[test]
fn every_suite_signs_what_it_verifies() {
    for suite in SUITES {
        let signed = signed_by(suite, &key_for(suite), &credential());
        let proof = verified(&signed).unwrap();
        assert_eq!(proof.suite, suite);
        assert_eq!(proof.said.created.unwrap().seconds, NOW);
        assert_eq!(proof.said.challenge.as_deref(), Some("the nonce"));
        assert_eq!(proof.said.domains, ["https://verifier.example"]);
    }
}

/// A credential of VCDM 1.1 under this context too.
pub(super) fn older(context: &str, issuer: &str) -> Map<String, Value> {
    object(json!({
        "@context": ["https://www.w3.org/2018/credentials/v1", context],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:b"},
    }))
}

pub(super) const OLDER: [(Suite, &str); 2] = [
    (
        Suite::Ed25519Signature2020,
        "https://w3id.org/security/suites/ed25519-2020/v1",
    ),
    (
        Suite::JsonWebSignature2020,
        "https://w3id.org/security/suites/jws-2020/v1",
    ),
];

#[test]
fn the_older_suites_sign_and_verify() {
    for (suite, context) in OLDER {
        let signed = signed_by(suite, &key_for(suite), &older(context, "did:example:a"));
        assert_eq!(verified(&signed).unwrap().suite, suite);
        let mut changed = signed.clone();
        changed["issuer"] = json!("did:example:c");
        assert_eq!(verified(&changed).err(), Some(ProofError::Signature));
        let mut undated = signed;
        undated["proof"].as_object_mut().unwrap().remove("created");
        assert_eq!(
            verified(&undated).err(),
            Some(ProofError::Member("created"))
        );
    }
}

#[test]
fn a_changed_document_or_proof_is_refused() {
    for suite in SUITES {
        let signed = signed_by(suite, &key_for(suite), &credential());
        let mut changed = signed.clone();
        changed["credentialSubject"]["alumniOf"] = json!("Another school");
        assert_eq!(
            verified(&changed).err(),
            Some(ProofError::Signature),
            "{suite:?}"
        );
        let mut changed = signed.clone();
        changed["proof"]["created"] = json!("2024-01-01T00:00:00Z");
        assert_eq!(
            verified(&changed).err(),
            Some(ProofError::Signature),
            "{suite:?}"
        );
        let mut other_key = signed.clone();
        let other = key_for(suite);
        other_key["proof"]["verificationMethod"] =
            did::derive_did_key_url(&other.public()).unwrap().into();
        assert_eq!(
            verified(&other_key).err(),
            Some(ProofError::Signature),
            "{suite:?}"
        );
        for value in ["", "z", "z111", "u7N1", "z0OIl"] {
            let mut changed = signed.clone();
            changed["proof"]["proofValue"] = json!(value);
            let refused = verified(&changed).err();
            assert_eq!(refused, Some(ProofError::Member("proofValue")), "{value}");
        }
        let mut long = signed.clone();
        let value = signed["proof"]["proofValue"].as_str().unwrap();
        long["proof"]["proofValue"] = format!("{value}{value}").into();
        assert_eq!(
            verified(&long).err(),
            Some(ProofError::Member("proofValue"))
        );
    }
}

#[test]
fn what_the_verifier_expects_must_be_there() {
    let suite = Suite::EcdsaRdfc2019;
    let signed = signed_by(suite, &key_for(suite), &credential());
    let check = |expected: Expected<'_>| verify(&signed, 0, &key_of, &expected, contexts()).err();
    let right = Expected {
        challenge: Some("the nonce"),
        domain: Some("https://verifier.example"),
        ..expected()
    };
    assert_eq!(check(right), None);
    let purpose = Purpose::Authentication;
    assert_eq!(
        check(Expected { purpose, ..right }),
        Some(ProofError::Purpose)
    );
    let challenge = Some("another");
    assert_eq!(
        check(Expected { challenge, ..right }),
        Some(ProofError::Challenge)
    );
    let domain = Some("https://other.example");
    assert_eq!(
        check(Expected { domain, ..right }),
        Some(ProofError::Domain)
    );
    let early = Expected {
        now: NOW - 61,
        ..right
    };
    assert_eq!(check(early), Some(ProofError::FromFuture));
    assert_eq!(
        check(Expected {
            now: NOW - 60,
            ..right
        }),
        None
    );

    // A proof for two verifiers is for neither alone.
    let mut two = signed.clone();
    two["proof"]["domain"] = json!(["https://verifier.example", "https://other.example"]);
    let refused = verify(&two, 0, &key_of, &right, contexts()).err();
    assert_eq!(refused, Some(ProofError::Domain));
    let mut none = signed.clone();
    none["proof"].as_object_mut().unwrap().remove("challenge");
    let refused = verify(&none, 0, &key_of, &right, contexts()).err();
    assert_eq!(refused, Some(ProofError::Challenge));
    let mut expired = signed.clone();
    expired["proof"]["expires"] = json!("2020-01-01T00:00:00Z");
    assert_eq!(verified(&expired).err(), Some(ProofError::Expired));
}

#[test]
fn what_is_no_proof() {
    let suite = Suite::EddsaRdfc2022;
    let signed = signed_by(suite, &key_for(suite), &credential());
    let with = |member: &str, value: Value| {
        let mut changed = signed.clone();
        changed["proof"][member] = value;
        verified(&changed).err()
    };
    for member in [
        "verificationMethod",
        "proofPurpose",
        "proofValue",
        "created",
        "expires",
        "challenge",
        "domain",
        "previousProof",
        "type",
        "id",
        "nonce",
    ] {
        assert_eq!(with(member, json!(1)), Some(ProofError::Member(member)));
    }
    assert_eq!(
        with("created", json!("2024-01-01")),
        Some(ProofError::Member("created"))
    );
    assert_eq!(
        with("domain", json!([1])),
        Some(ProofError::Member("domain"))
    );
    for suite in ["ecdsa-rdfc-2022", "Ed25519Signature2020", "bbs-2023", ""] {
        assert_eq!(with("cryptosuite", json!(suite)), Some(ProofError::Suite));
    }
    assert_eq!(
        with("type", json!("Ed25519Signature2018")),
        Some(ProofError::Suite)
    );
    assert_eq!(
        with("type", json!("eddsa-rdfc-2022")),
        Some(ProofError::Suite)
    );
    assert_eq!(
        with("cryptosuite", json!("ecdsa-rdfc-2019")),
        Some(ProofError::Key)
    );
    assert_eq!(
        with("verificationMethod", json!("did:example:a#b")),
        Some(ProofError::Key)
    );
    // What no context defines would not be signed.
    let bare = object(json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "VerifiableCredential",
        "issuer": "https://issuer.example",
        "credentialSubject": {"id": "did:example:a"},
    }));
    let mut undefined = signed_by(suite, &key_for(suite), &bare);
    verified(&undefined).unwrap();
    undefined["proof"]["extra"] = json!("x");
    let refused = ProofError::JsonLd(JsonLdError::UndefinedTerm);
    assert_eq!(verified(&undefined).err(), Some(refused));

    let with_proof = |proof: Value| {
        let mut changed = signed.clone();
        changed["proof"] = proof;
        verified(&changed).err()
    };
    assert_eq!(with_proof(json!([])), Some(ProofError::NoProof));
    assert_eq!(with_proof(json!("x")), Some(ProofError::Member("type")));
    assert_eq!(with_proof(json!([1])), Some(ProofError::Member("type")));
    let many = vec![signed["proof"].clone(); MAX_PROOFS + 1];
    assert_eq!(with_proof(json!(many)), Some(ProofError::TooMany));
    assert_eq!(verified(&credential()).err(), Some(ProofError::NoProof));
}

#[test]
fn a_key_signs_by_the_suites_of_its_kind() {
    let key = SigningKey::make_p256();
    let options = Options {
        suite: Suite::EddsaRdfc2022,
        verification_method: "did:example:a#b",
        purpose: Purpose::Assertion,
        created: None,
        challenge: None,
        domain: None,
    };
    let refused = sign(&credential(), &options, &key, contexts());
    assert_eq!(refused.err(), Some(ProofError::Key));
}

#[test]
fn proofs_stand_side_by_side() {
    let mut document = credential();
    for suite in SUITES {
        document = signed_by(suite, &key_for(suite), &document);
    }
    for place in 0..SUITES.len() {
        verify(&document, place, &key_of, &expected(), contexts()).unwrap();
    }
}

#[test]
fn contexts_after_the_signed_ones_are_not_signed_in_json() {
    for suite in [Suite::EcdsaJcs2019, Suite::EddsaJcs2022] {
        let signed = signed_by(suite, &key_for(suite), &credential());
        let mut longer = signed.clone();
        let contexts = longer["@context"].as_array_mut().unwrap();
        contexts.push(json!("https://c.example/1"));
        verified(&longer).unwrap();
        let mut other = signed.clone();
        other["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
        assert_eq!(verified(&other).err(), Some(ProofError::Context));
        let mut none = signed.clone();
        none.remove("@context");
        assert_eq!(verified(&none).err(), Some(ProofError::Context));
        let mut unbound = signed;
        unbound["proof"].as_object_mut().unwrap().remove("@context");
        assert_eq!(verified(&unbound).err(), Some(ProofError::Signature));
    }
}

/// RFC 8785 §3.2, and a number that other programs would read differently.
#[test]
fn json_has_one_canonical_form() {
    let canonical = |text: &str| {
        let object = keys::json::parse_object(text.as_bytes()).unwrap();
        super::super::hash::canonical(&object).map(|bytes| String::from_utf8(bytes).unwrap())
    };
    let found = canonical(
        r#"{"numbers": [1E30, 4.50, 2e-3, 1.0, -0, 100], "b": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "a": [null, true, false]}"#,
    );
    let expected = "{\"a\":[null,true,false],\"b\":\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"numbers\":[1e+30,4.5,0.002,1,0,100]}";
    assert_eq!(found.unwrap(), expected);
    let refused = canonical(r#"{"a": 333333333.33333329}"#);
    assert_eq!(refused.err(), Some(ProofError::JsonLd(JsonLdError::Number)));
}

#[test]
fn a_detached_signature_says_what_it_is() {
    let (suite, context) = OLDER[1];
    let key = SigningKey::make_ed25519();
    let signed = signed_by(suite, &key, &older(context, "did:example:a"));
    let jws = signed["proof"]["jws"].as_str().unwrap();
    let (_, signature) = jws.split_once("..").unwrap();
    let header = |text: &str| format!("{}..{signature}", keys::b64::encode(text));
    for refused in [
        "x".to_owned(),
        format!("{jws}."),
        jws.replacen("..", ".e30.", 1),
        header("{}"),
        header(r#"{"alg":"EdDSA"}"#),
        header(r#"{"alg":"EdDSA","b64":true,"crit":["b64"]}"#),
        header(r#"{"alg":"EdDSA","b64":false}"#),
        header(r#"{"alg":"EdDSA","b64":false,"crit":["b64","exp"]}"#),
        header(r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#),
        header(r#"{"alg":"none","b64":false,"crit":["b64"]}"#),
    ] {
        let mut changed = signed.clone();
        changed["proof"]["jws"] = refused.clone().into();
        let error = verified(&changed).err();
        assert_eq!(error, Some(ProofError::Member("jws")), "{refused}");
    }
}
