use keys::PublicKey;

use super::*;

/// Every way of securing, with the key's kind.
const WAYS: [(&str, &str, &str); 9] = [
    ("EdDSA", "cryptosuite", "eddsa-rdfc-2022"),
    ("EdDSA", "cryptosuite", "eddsa-jcs-2022"),
    ("EdDSA", "type", "Ed25519Signature2020"),
    ("EdDSA", "type", "JsonWebSignature2020"),
    ("EdDSA", "mediaType", "application/vc+jwt"),
    ("ES256", "cryptosuite", "ecdsa-rdfc-2019"),
    ("ES256", "cryptosuite", "ecdsa-jcs-2019"),
    ("ES256", "type", "JsonWebSignature2020"),
    ("ES256", "mediaType", "application/vc+jwt"),
];

#[test]
fn every_plain_way_goes_round_and_a_change_is_seen() {
    for (algorithm, option, value) in WAYS {
        let keys = keys_for(algorithm);
        let options = json!({option: value});
        let given = credential(&name(&keys, algorithm));
        let vc = issued(&keys, &given, &options);
        holds(verify(&vc, &json!({})));
        let mut changed = vc.clone();
        if option == "mediaType" {
            let id = vc["id"].as_str().unwrap();
            // The last digit of a signature has bits that mean nothing; the first has not.
            let at = id.rfind('.').unwrap() + 1;
            let digit = if &id[at..=at] == "A" { "B" } else { "A" };
            changed["id"] = json!(format!("{}{digit}{}", &id[..at], &id[at + 1..]));
            fails(
                verify(&changed, &json!({})),
                "CRYPTOGRAPHIC_SECURITY_ERROR",
                "signature",
            );
        } else {
            changed["credentialSubject"]["degree"] = json!("Winds");
            fails(
                verify(&changed, &json!({})),
                "PROOF_VERIFICATION_ERROR",
                "signature",
            );
        }
    }
}

#[test]
fn the_older_data_model_goes_round_with_embedded_proofs_only() {
    for (algorithm, option, value) in WAYS {
        let keys = keys_for(algorithm);
        let given = older(&name(&keys, algorithm));
        let options = json!({option: value});
        if option == "mediaType" {
            let refused = try_issue(&keys, &given, &options);
            fails(refused, "MALFORMED_VALUE_ERROR", "`@context`");
        } else {
            holds(verify(&issued(&keys, &given, &options), &json!({})));
        }
    }
}

#[test]
fn the_key_decides_where_no_suite_is_named() {
    for (algorithm, suite) in [("EdDSA", "eddsa-rdfc-2022"), ("ES256", "ecdsa-rdfc-2019")] {
        let keys = keys_for(algorithm);
        let vc = issued(&keys, &credential(&name(&keys, algorithm)), &json!({}));
        assert_eq!(vc["proof"]["cryptosuite"], suite);
    }
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    for suite in ["ecdsa-rdfc-2019", "ecdsa-sd-2023"] {
        let (status, body) = try_issue(&keys, &given, &json!({"cryptosuite": suite}));
        assert_eq!(status, 400, "{body}");
    }
}

#[test]
fn selective_suites_derive_and_the_base_proof_is_not_for_verifiers() {
    let keys = keys_for("ES256");
    for (algorithm, suite) in [("ES256", "ecdsa-sd-2023"), ("BBS", "bbs-2023")] {
        let given = credential(&name(&keys, algorithm));
        let options = json!({
            "cryptosuite": suite,
            "mandatoryPointers": ["/issuer", "/credentialSubject/alumniOf"],
        });
        let base = issued(&keys, &given, &options);
        fails(
            verify(&base, &json!({})),
            "PROOF_VERIFICATION_ERROR",
            "base proof",
        );

        let (status, body) = try_derive(&keys, &base, &["/credentialSubject/id"]);
        assert_eq!(status, 201, "{body}");
        let derived = body["verifiableCredential"].clone();
        let subject = &derived["credentialSubject"];
        assert_eq!(subject["alumniOf"], "Unst");
        assert_eq!(subject["id"], "did:example:subject");
        assert_eq!(subject.get("degree"), None);
        let verdict = holds(verify(&derived, &json!({})));
        assert_eq!(verdict["warnings"], json!([]), "guarded");

        let mut changed = derived.clone();
        changed["credentialSubject"]["alumniOf"] = json!("Foula");
        fails(
            verify(&changed, &json!({})),
            "PROOF_VERIFICATION_ERROR",
            "signature",
        );
        let mut changed = base.clone();
        changed["credentialSubject"]["degree"] = json!("Winds");
        fails(
            try_derive(&keys, &changed, &[]),
            "PROOF_VERIFICATION_ERROR",
            "signature",
        );
        let beyond = try_derive(&keys, &base, &["/credentialSubject/other"]);
        fails(beyond, "PROOF_GENERATION_ERROR", "points at no value");
        let options = json!({"cryptosuite": suite, "mandatoryPointers": ["/non/existent"]});
        let refused = try_issue(&keys, &given, &options);
        fails(refused, "PROOF_GENERATION_ERROR", "points at no value");
        let refused = try_derive(&keys, &base, &["credentialSubject"]);
        fails(refused, "MALFORMED_VALUE_ERROR", "not a JSON pointer");
        // Whoever signed it, its issuer is another.
        let mut other = base.clone();
        other["issuer"] = json!("did:example:other");
        fails(
            try_derive(&keys, &other, &[]),
            "PROOF_VERIFICATION_ERROR",
            "another than `issuer`",
        );
    }
}

#[test]
fn times_and_texts_of_selective_proofs_are_read() {
    let keys = keys_for("ES256");
    let given = credential(&name(&keys, "ES256"));
    let options = json!({"cryptosuite": "ecdsa-sd-2023"});
    let base = issued(&keys, &given, &options);
    let derived =
        try_derive(&keys, &base, &["/credentialSubject"]).1["verifiableCredential"].clone();
    for (member, value, reason) in [
        ("created", "yesterday", "`created`"),
        ("created", "2099-01-01T00:00:00Z", "future"),
        ("expires", "soon", "expires"),
        ("expires", "2020-01-01T00:00:00Z", "expired"),
    ] {
        let mut vc = derived.clone();
        vc["proof"][member] = json!(value);
        let reason = reason.trim_matches('`');
        fails(verify(&vc, &json!({})), "PROOF_VERIFICATION_ERROR", reason);
    }
    let asked = json!({"expectedProofPurpose": "authentication"});
    fails(
        verify(&derived, &asked),
        "PROOF_VERIFICATION_ERROR",
        "another purpose",
    );
    let asked = json!({"challenge": "c"});
    fails(
        verify(&derived, &asked),
        "INVALID_CHALLENGE_ERROR",
        "challenge",
    );
    let asked = json!({"domain": "d"});
    fails(verify(&derived, &asked), "INVALID_DOMAIN_ERROR", "domain");
    let before = base.to_string();
    assert!(before.contains("\"created\""));
    let bbs = credential(&name(&keys, "BBS"));
    let bbs = issued(&keys, &bbs, &json!({"cryptosuite": "bbs-2023"}));
    assert_eq!(bbs["proof"].get("created"), None, "unlinkable");
}

#[test]
fn validity_is_checked() {
    let keys = keys_for("EdDSA");
    let mut given = credential(&name(&keys, "EdDSA"));
    given["validFrom"] = json!("2027-01-01T00:00:00Z");
    let vc = issued(&keys, &given, &json!({}));
    fails(verify(&vc, &json!({})), "RANGE_ERROR", "not valid yet");
    given["validFrom"] = json!("2025-01-01T00:00:00Z");
    given["validUntil"] = json!("2026-01-01T00:00:00Z");
    let vc = issued(&keys, &given, &json!({}));
    fails(verify(&vc, &json!({})), "RANGE_ERROR", "expired");
}

#[test]
fn terms_that_nobody_defines_need_the_context_that_says_so() {
    let keys = keys_for("EdDSA");
    let mut given = credential(&name(&keys, "EdDSA"));
    given["@context"][1] = json!(UNDEFINED_TERMS);
    holds(verify(&issued(&keys, &given, &json!({})), &json!({})));
}

#[test]
fn nobody_signs_for_another_issuer() {
    let keys = keys_for("ES256");
    let other = keys_for("ES256");
    for (issuer, options) in [
        ("https://issuer.example/1".to_owned(), json!({})),
        (name(&other, "ES256"), json!({})),
        // The key for BBS is another issuer's than the signing key.
        (
            name(&keys, "BBS"),
            json!({"cryptosuite": "ecdsa-rdfc-2019"}),
        ),
        (name(&keys, "ES256"), json!({"cryptosuite": "bbs-2023"})),
    ] {
        let refused = try_issue(&keys, &credential(&issuer), &options);
        fails(refused, "MALFORMED_VALUE_ERROR", "issuer has no key here");
    }
    // By a right signature under another's name.
    let others = credential(&name(&other, "ES256"));
    let options = Options {
        suite: Suite::EcdsaRdfc2019,
        verification_method: &did::derive_did_key_url(&keys.signing.public()).unwrap(),
        purpose: Purpose::Assertion,
        created: None,
        challenge: None,
        domain: None,
    };
    let others = others.as_object().unwrap();
    let vc = plain::sign(others, &options, &keys.signing, contexts()).unwrap();
    let vc = Value::Object(vc);
    fails(
        verify(&vc, &json!({})),
        "PROOF_VERIFICATION_ERROR",
        "another than `issuer`",
    );
}

#[test]
fn by_did_web_where_the_issuer_is_known_by_it() {
    let mut keys = keys_for("ES256");
    keys.did_web = Some("did:web:issuer.example".to_owned());
    for options in [
        json!({}),
        json!({"mediaType": "application/vc+jwt"}),
        json!({"cryptosuite": "bbs-2023"}),
    ] {
        let vc = issued(&keys, &credential("did:web:issuer.example"), &options);
        let body = json!({"verifiableCredential": vc}).to_string();
        let asked = Asked::credential(body.as_bytes()).unwrap();
        let [url] = asked.key_urls().unwrap().try_into().unwrap();
        assert!(url.starts_with("did:web:issuer.example#"), "{url}");
        // Nobody gave its document.
        fails(
            verify(&vc, &json!({})),
            "PROOF_VERIFICATION_ERROR",
            "could not be found",
        );
        let key = match vc["proof"]["cryptosuite"] == "bbs-2023" {
            true => PublicKey::Bls12381G2(keys.bbs.as_ref().unwrap().public()),
            false => keys.signing.public(),
        };
        let method = json!({
            "id": url,
            "type": "Multikey",
            "controller": "did:web:issuer.example",
            "publicKeyMultibase": did::multikey::write(&key),
        });
        let document = json!({
            "id": "did:web:issuer.example",
            "verificationMethod": [method],
            "assertionMethod": [url],
        });
        let document = document.to_string();
        let web = Web::with("https://issuer.example/.well-known/did.json", document);
        if vc["proof"]["cryptosuite"] == "bbs-2023" {
            let (status, body) = try_derive(&keys, &vc, &[]);
            assert_eq!(status, 201, "{body}");
            holds(verify_with(&web, &body["verifiableCredential"], &json!({})));
        } else {
            holds(verify_with(&web, &vc, &json!({})));
        }
    }
}

/// An issuer on P-384, by its `did:key`: the two suites of ECDSA over a whole document.
#[test]
fn an_issuer_on_p384() {
    let keys = keys(SigningKey::make_p384());
    let issuer = name(&keys, "P-384");
    let given = credential(&issuer);
    for suite in ["ecdsa-rdfc-2019", "ecdsa-jcs-2019"] {
        let vc = issued(&keys, &given, &json!({"cryptosuite": suite}));
        holds(verify(&vc, &json!({})));
        let mut bent = vc;
        bent["credentialSubject"]["degree"] = json!("Winds");
        let none = json!({});
        fails(verify(&bent, &none), "PROOF_VERIFICATION_ERROR", "");
    }
    let jwt = json!({"mediaType": "application/vc+jwt"});
    let (status, body) = try_issue(&keys, &given, &jwt);
    assert_eq!(status, 201, "{body}");
    holds(verify(&body["verifiableCredential"], &json!({})));
    for suite in ["ecdsa-sd-2023", "eddsa-rdfc-2022"] {
        let (status, _) = try_issue(&keys, &given, &json!({"cryptosuite": suite}));
        assert_eq!(status, 400, "{suite}");
    }
}
