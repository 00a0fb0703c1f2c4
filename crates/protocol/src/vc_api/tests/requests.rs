use super::*;

#[test]
fn options_that_cannot_be_followed_are_refused() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    for (options, named) in [
        (json!({"cryptosuite": "rot13-2026"}), "`cryptosuite`"),
        (json!({"type": "RsaSignature2018"}), "`type`"),
        (
            json!({"mediaType": "application/vc+jwt", "cryptosuite": "eddsa-jcs-2022"}),
            "`mediaType`",
        ),
        (json!({"cryptosuite": 7}), "`cryptosuite`"),
        (json!({"created": "today"}), "`created`"),
        (json!({"proofPurpose": "authentication"}), "`proofPurpose`"),
        (
            json!({"mandatoryPointers": ["/issuer"]}),
            "`mandatoryPointers`",
        ),
        (
            json!({"credentialStatus": {"type": "T"}}),
            "`credentialStatus`",
        ),
        (
            json!({"verificationMethod": "did:example:1#2"}),
            "`verificationMethod`",
        ),
        (
            json!({"mediaType": "application/vc+jwt", "challenge": "c"}),
            "`challenge`",
        ),
        (json!([]), "`options`"),
    ] {
        fails(
            try_issue(&keys, &given, &options),
            "MALFORMED_VALUE_ERROR",
            named,
        );
    }
    let signed = issued(
        &keys,
        &given,
        &json!({"created": "2026-02-03T04:05:06Z", "challenge": "c"}),
    );
    assert_eq!(signed["proof"]["created"], "2026-02-03T04:05:06Z");
    holds(verify(
        &signed,
        &json!({"challenge": "c", "checks": ["proof"]}),
    ));
    let other = json!({"challenge": "d"});
    fails(
        verify(&signed, &other),
        "INVALID_CHALLENGE_ERROR",
        "challenge",
    );
    fails(
        try_issue(&keys, &signed, &json!({})),
        "MALFORMED_VALUE_ERROR",
        "a proof already",
    );
    let asked = json!({"checks": "credentialStatus"});
    fails(verify(&signed, &asked), "MALFORMED_VALUE_ERROR", "`checks`");
    let asked = json!({"expectedProofPurpose": "authentication"});
    fails(
        verify(&signed, &asked),
        "PROOF_VERIFICATION_ERROR",
        "purpose",
    );
    let asked = json!({"expectedProofPurpose": "other"});
    fails(
        verify(&signed, &asked),
        "MALFORMED_VALUE_ERROR",
        "`expectedProofPurpose`",
    );
    assert_eq!(try_derive(&keys, &signed, &[]).0, 400, "no selective proof");
}

#[test]
fn what_is_no_request_is_refused() {
    let too_long = format!("{{\"credential\": \"{}\"}}", "a".repeat(MAX_BODY));
    for body in [
        "",
        "[]",
        "{\"credential\": {}, \"credential\": {}}",
        &too_long,
    ] {
        let answer = reply(&ToIssue::read(body.as_bytes()).err().unwrap().reply());
        fails(answer, "PARSING_ERROR", "not an acceptable JSON object");
        let answer = verdict(&Web::default(), Asked::credential(body.as_bytes()));
        fails(answer, "PARSING_ERROR", "not an acceptable JSON object");
    }
    for body in ["{}", "{\"credential\": 7, \"verifiableCredential\": 7}"] {
        fails(
            reply(&ToIssue::read(body.as_bytes()).err().unwrap().reply()),
            "MALFORMED_VALUE_ERROR",
            "`credential`",
        );
        fails(
            verdict(&Web::default(), Asked::credential(body.as_bytes())),
            "MALFORMED_VALUE_ERROR",
            "`verifiableCredential`",
        );
        fails(
            verdict(&Web::default(), Asked::presentation(body.as_bytes())),
            "MALFORMED_VALUE_ERROR",
            "`verifiablePresentation`",
        );
    }
}

#[test]
fn an_unsecured_credential_does_not_verify() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    fails(
        verify(&given, &json!({})),
        "PROOF_VERIFICATION_ERROR",
        "no proof",
    );
}

#[test]
fn a_jwt_must_be_of_its_type_and_time_and_by_the_issuer() {
    let keys = keys_for("EdDSA");
    let issuer = name(&keys, "EdDSA");
    let url = did::derive_did_key_url(&keys.signing.public()).unwrap();
    let sign = |typ: &str, header: Value, more: Value| {
        let mut claims = credential(&issuer);
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = header.as_object().unwrap().clone();
        envelope(&jws::sign_claims(typ, header, &claims, &keys.signing))
    };
    let kid = json!({"kid": url});
    holds(verify(
        &sign("vc+jwt", kid.clone(), json!({"iat": NOW})),
        &json!({}),
    ));
    holds(verify(&sign("vc+jwt", json!({}), json!({})), &json!({})));
    let stranger = name(&keys_for("EdDSA"), "EdDSA");
    for (typ, header, more, reason) in [
        ("JWT", kid.clone(), json!({}), "type"),
        ("vc+jwt", kid.clone(), json!({"vc": {}}), "type"),
        ("vc+jwt", kid.clone(), json!({"exp": NOW}), "expired"),
        (
            "vc+jwt",
            kid.clone(),
            json!({"nbf": NOW + 100}),
            "not valid yet",
        ),
        ("vc+jwt", kid.clone(), json!({"exp": "soon"}), "`exp`"),
        (
            "vc+jwt",
            kid.clone(),
            json!({"iss": "did:example:1"}),
            "`iss`",
        ),
        (
            "vc+jwt",
            json!({"kid": url, "iss": "did:example:1"}),
            json!({}),
            "`iss`",
        ),
        ("vc+jwt", json!({"kid": stranger}), json!({}), "another DID"),
    ] {
        let answer = verify(&sign(typ, header, more), &json!({}));
        fails(answer, "_ERROR", reason);
    }
    let mut other = sign("vc+jwt", kid, json!({}));
    other["id"] = json!("data:text/plain,eyJ");
    fails(
        verify(&other, &json!({})),
        "MALFORMED_VALUE_ERROR",
        "media type",
    );
}
