//! Several proofs, and what they are held to.

use credential::data_integrity::selective;
use credential::format::IssuerSecret;

use super::*;

/// Adds a proof by `eddsa-rdfc-2022` with more members, over the proofs that it names.
fn add_proof(document: &Value, key: &SigningKey, more: &Value) -> Value {
    let mut config = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-02-03T04:05:06Z",
        "verificationMethod": did::derive_did_key_url(&key.public()).unwrap(),
        "proofPurpose": "assertionMethod",
    });
    for (name, value) in more.as_object().unwrap() {
        config[name] = value.clone();
    }
    let mut document = document.as_object().unwrap().clone();
    let mut proofs = match document.remove("proof") {
        None => Vec::new(),
        Some(Value::Array(proofs)) => proofs,
        Some(proof) => vec![proof],
    };
    let mut signed = document.clone();
    if let Some(previous) = config.get("previousProof") {
        let named = |proof: &&Value| &proof["id"] == previous;
        let previous: Vec<Value> = proofs.iter().filter(named).cloned().collect();
        signed.insert("proof".to_owned(), previous.into());
    }
    let config_object = config.as_object().unwrap();
    let hash = plain::hash_data(
        Suite::EddsaRdfc2022,
        keys::Algorithm::EdDsa,
        &signed,
        config_object,
        contexts(),
    )
    .unwrap();
    let value = bs58::encode(key.sign(&hash)).into_string();
    config["proofValue"] = json!(format!("z{value}"));
    proofs.push(config);
    document.insert("proof".to_owned(), proofs.into());
    Value::Object(document)
}

fn titles(verdict: &Value) -> Vec<&str> {
    let warnings = verdict["warnings"].as_array().unwrap().iter();
    warnings.map(|one| one["title"].as_str().unwrap()).collect()
}

#[test]
fn every_proof_of_a_set_must_hold_and_one_be_the_issuers() {
    let keys = keys_for("EdDSA");
    let witness = SigningKey::make_ed25519();
    let given = credential(&name(&keys, "EdDSA"));
    let none = json!({});

    let own = add_proof(&given, &keys.signing, &none);
    let both = add_proof(&own, &witness, &none);
    let verdict = holds(verify(&both, &none));
    assert_eq!(titles(&verdict), ["a proof is by another than the issuer"]);
    let mut bent = both.clone();
    bent["proof"][1]["created"] = json!("2026-02-03T04:05:07Z");
    fails(
        verify(&bent, &none),
        "PROOF_VERIFICATION_ERROR",
        "signature",
    );
    let mut bent = both.clone();
    bent["proof"][0]["created"] = json!("2026-02-03T04:05:07Z");
    fails(
        verify(&bent, &none),
        "PROOF_VERIFICATION_ERROR",
        "signature",
    );
    let theirs = add_proof(&given, &witness, &none);
    let refused = verify(&theirs, &none);
    fails(refused, "PROOF_VERIFICATION_ERROR", "another than `issuer`");

    // Of a kind that nobody here knows: beside the issuer's it is told, alone it is refused.
    let mut unknown = both;
    unknown["proof"][1]["cryptosuite"] = json!("rot13-2026");
    let verdict = holds(verify(&unknown, &none));
    assert_eq!(
        titles(&verdict),
        ["a proof of an unknown kind was not checked"]
    );
    unknown["proof"] = unknown["proof"][1].clone();
    fails(
        verify(&unknown, &none),
        "PROOF_VERIFICATION_ERROR",
        "not supported",
    );
}

#[test]
fn a_chain_vouches_for_the_proofs_before() {
    let keys = keys_for("EdDSA");
    let witness = SigningKey::make_ed25519();
    let none = json!({});
    let given = credential(&name(&keys, "EdDSA"));
    let first = add_proof(&given, &witness, &json!({"id": "urn:proof:1"}));
    let chain = add_proof(
        &first,
        &keys.signing,
        &json!({"previousProof": "urn:proof:1"}),
    );
    holds(verify(&chain, &none));
    for (place, member, value) in [
        (0, "created", json!("2026-02-03T04:05:07Z")),
        (0, "id", json!("urn:proof:2")),
        (1, "previousProof", json!("urn:proof:2")),
        (1, "previousProof", json!([])),
        (1, "previousProof", json!(7)),
    ] {
        let mut bent = chain.clone();
        bent["proof"][place][member] = value;
        fails(verify(&bent, &none), "_ERROR", "");
    }
    let mut alone = chain.clone();
    alone["proof"] = chain["proof"][1].clone();
    fails(
        verify(&alone, &none),
        "PROOF_VERIFICATION_ERROR",
        "previous proof",
    );
}

#[test]
fn what_a_proof_must_have() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &none);
    for (member, value, kind) in [
        (
            "type",
            Some(json!("UnknownProof")),
            "PROOF_VERIFICATION_ERROR",
        ),
        ("type", None, "MALFORMED_VALUE_ERROR"),
        ("cryptosuite", Some(json!(7)), "PROOF_VERIFICATION_ERROR"),
        ("cryptosuite", None, "PROOF_VERIFICATION_ERROR"),
        (
            "verificationMethod",
            None,
            "INVALID_VERIFICATION_METHOD_URL",
        ),
        (
            "verificationMethod",
            Some(json!("did:key:invalidVm")),
            "_ERROR",
        ),
        (
            "verificationMethod",
            Some(json!(7)),
            "INVALID_VERIFICATION_METHOD_URL",
        ),
        (
            "verificationMethod",
            Some(json!("no url")),
            "INVALID_VERIFICATION_METHOD_URL",
        ),
        ("proofPurpose", None, "PROOF_VERIFICATION_ERROR"),
        (
            "proofPurpose",
            Some(json!("authentication")),
            "PROOF_VERIFICATION_ERROR",
        ),
        (
            "proofPurpose",
            Some(json!(null)),
            "PROOF_VERIFICATION_ERROR",
        ),
        ("proofValue", None, "PROOF_VERIFICATION_ERROR"),
        ("proofValue", Some(json!(null)), "PROOF_VERIFICATION_ERROR"),
        ("proofValue", Some(json!("u58")), "PROOF_VERIFICATION_ERROR"),
        (
            "created",
            Some(json!("yesterday")),
            "PROOF_VERIFICATION_ERROR",
        ),
        (
            "domain",
            Some(json!("other.example")),
            "PROOF_VERIFICATION_ERROR",
        ),
    ] {
        let mut bent = vc.clone();
        match &value {
            Some(value) => bent["proof"][member] = value.clone(),
            None => drop(bent["proof"].as_object_mut().unwrap().remove(member)),
        }
        fails(verify(&bent, &none), kind, "");
    }
    let mut bent = vc.clone();
    bent["proof"] = Value::Null;
    fails(verify(&bent, &none), "MALFORMED_VALUE_ERROR", "`proof`");
    bent.as_object_mut().unwrap().remove("proof");
    fails(verify(&bent, &none), "PROOF_VERIFICATION_ERROR", "no proof");
    // What JSON-LD would drop is no member that nobody signed.
    let mut more = vc;
    more["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
    fails(
        verify(&more, &none),
        "DATA_LOSS_DETECTION_ERROR",
        "no context defines",
    );
}

/// The members that a selective suite signs and does not read.
#[test]
fn what_a_selective_proof_must_say() {
    let keys = keys_for("P-256");
    let given = credential(&name(&keys, "P-256"));
    let document = given.as_object().unwrap();
    let url = did::derive_did_key_url(&keys.signing.public()).unwrap();
    let derived = |member: &str, value: Value| {
        let mut config = selective::proof_options(selective::Suite::EcdsaSd2023, &url, None);
        config.insert(member.to_owned(), value);
        let pointers = selective::guarded_pointers(document);
        let secret = IssuerSecret::Signing(&keys.signing);
        let base = selective::sign_base(document, &config, &pointers, secret, contexts()).unwrap();
        let (status, mut body) = try_derive(&keys, &Value::Object(base), &["/credentialSubject"]);
        assert_eq!(status, 201, "{body}");
        body["verifiableCredential"].take()
    };
    let none = json!({});
    for (member, value, reason) in [
        ("created", json!("yesterday"), "created"),
        ("created", json!("2040-01-01T00:00:00Z"), "future"),
        ("expires", json!("2020-01-01T00:00:00Z"), "expired"),
        ("expires", json!("2040-01-01"), "expires"),
        ("nonce", json!(7), "nonce"),
        ("challenge", json!(7), "challenge"),
        ("domain", json!(7), "domain"),
        ("domain", json!([7]), "domain"),
    ] {
        let vc = derived(member, value);
        fails(verify(&vc, &none), "PROOF_VERIFICATION_ERROR", reason);
    }
    holds(verify(&derived("nonce", json!("a")), &none));
    let one = derived("domain", json!(["a.example"]));
    holds(verify(&one, &json!({"domain": "a.example"})));
    let domain = json!({"domain": "b.example"});
    fails(verify(&one, &domain), "INVALID_DOMAIN_ERROR", "domain");
    let two = derived("domain", json!(["a.example", "b.example"]));
    holds(verify(&two, &none));
    fails(verify(&two, &domain), "INVALID_DOMAIN_ERROR", "domain");
}

/// Whoever hides a list could show an empty one instead: no statement comes of it.
#[test]
fn nobody_adds_what_says_nothing() {
    let keys = keys_for("ES256");
    let none = json!({});
    for options in [none.clone(), json!({"cryptosuite": "ecdsa-sd-2023"})] {
        let mut vc = issued(&keys, &credential(&name(&keys, "ES256")), &options);
        if vc["proof"]["cryptosuite"] == "ecdsa-sd-2023" {
            vc =
                try_derive(&keys, &vc, &["/credentialSubject/id"]).1["verifiableCredential"].take();
        }
        holds(verify(&vc, &none));
        for nothing in [json!(null), json!([]), json!([[]]), json!([null])] {
            let mut more = vc.clone();
            more["credentialSubject"]["degree"] = nothing.clone();
            if vc["credentialSubject"].get("degree").is_some() {
                more["credentialSubject"]["degree"] = vc["credentialSubject"]["degree"].clone();
                more["credentialSubject"]["more"] = nothing;
            }
            fails(verify(&more, &none), "DATA_LOSS_DETECTION_ERROR", "drop");
        }
    }
}

#[test]
fn contexts_that_are_written_out_are_taken_and_told() {
    let keys = keys_for("EdDSA");
    let mut given = credential(&name(&keys, "EdDSA"));
    given["@context"] = json!([
        "https://www.w3.org/ns/credentials/v2",
        {
            "ExampleAlumniCredential": "https://x.example/#A",
            "alumniOf": "https://x.example/#of",
            "degree": "https://x.example/#degree",
        },
    ]);
    let verdict = holds(verify(&issued(&keys, &given, &json!({})), &json!({})));
    assert!(titles(&verdict)[0].contains("writes a context out"));
}

#[test]
fn a_bbs_proof_is_held_to_its_presentation_header() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "BBS"));
    let base = issued(
        &keys,
        &given,
        &json!({"mandatoryPointers": ["/credentialSubject"]}),
    );
    assert_eq!(
        base["proof"]["cryptosuite"], "bbs-2023",
        "by the issuer's key"
    );
    let body = json!({
        "verifiableCredential": base,
        "options": {"selectivePointers": [], "presentationHeader": "AQID"},
    });
    let (status, body) = reply(&derive(body.to_string().as_bytes(), &keys));
    assert_eq!(status, 201, "{body}");
    let derived = &body["verifiableCredential"];
    holds(verify(derived, &json!({})));
    holds(verify(derived, &json!({"presentationHeader": "AQID"})));
    fails(
        verify(derived, &json!({"presentationHeader": "AQIE"})),
        "PROOF_VERIFICATION_ERROR",
        "presentation header",
    );
    for malformed in [json!(7), json!("=")] {
        let options = json!({"presentationHeader": malformed});
        let refused = verify(derived, &options);
        fails(refused, "MALFORMED_VALUE_ERROR", "`presentationHeader`");
        let body = json!({"verifiableCredential": base, "options": options});
        let refused = reply(&derive(body.to_string().as_bytes(), &keys));
        fails(refused, "MALFORMED_VALUE_ERROR", "`presentationHeader`");
    }
}

#[test]
fn a_presentation_header_that_nothing_is_bound_to_is_refused() {
    let header = json!({"presentationHeader": "AQID"});
    let refused = |found| {
        fails(
            found,
            "PROOF_VERIFICATION_ERROR",
            "is bound to the presentation",
        )
    };
    let keys = keys_for("ES256");
    let given = credential(&name(&keys, "ES256"));
    let plain = issued(&keys, &given, &json!({}));
    let jwt = issued(&keys, &given, &json!({"mediaType": "application/vc+jwt"}));
    let base = issued(&keys, &given, &json!({"cryptosuite": "ecdsa-sd-2023"}));
    let (_, mut derived) = try_derive(&keys, &base, &["/credentialSubject/id"]);
    let derived = derived["verifiableCredential"].take();
    for vc in [&plain, &jwt, &derived] {
        holds(verify(vc, &json!({})));
        refused(verify(vc, &header));
    }
    // In a presentation it is for what a `bbs-2023` proof secures.
    let base = issued(&keys, &credential(&name(&keys, "BBS")), &json!({}));
    let body = json!({"verifiableCredential": base, "options": {"presentationHeader": "AQID"}});
    let (_, mut bbs) = reply(&derive(body.to_string().as_bytes(), &keys));
    let bbs = bbs["verifiableCredential"].take();
    let verify = |credentials: &[&Value], options: &Value| {
        let vp = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": credentials,
        });
        let body = json!({"presentation": vp, "options": options}).to_string();
        verdict(&Web::default(), Asked::presentation(body.as_bytes()))
    };
    refused(verify(&[&plain, &jwt], &header));
    holds(verify(&[&plain, &bbs], &header));
    let other = json!({"presentationHeader": "AQIE"});
    fails(
        verify(&[&plain, &bbs], &other),
        "PROOF_VERIFICATION_ERROR",
        "another presentation header",
    );
}
