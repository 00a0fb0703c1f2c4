use super::*;

struct Holder {
    key: SigningKey,
    did: String,
    url: String,
}

impl Holder {
    fn make() -> Self {
        let key = SigningKey::make_p256();
        Self {
            did: did::derive_did_key(&key.public()).unwrap(),
            url: did::derive_did_key_url(&key.public()).unwrap(),
            key,
        }
    }

    /// A presentation for `https://desk.example` that answers `c`.
    fn sign(&self, presentation: &Value, purpose: Purpose) -> Value {
        let options = Options {
            suite: Suite::EcdsaRdfc2019,
            verification_method: &self.url,
            purpose,
            created: Some(NOW),
            challenge: Some("c"),
            domain: Some("https://desk.example"),
        };
        let document = presentation.as_object().unwrap();
        Value::Object(plain::sign(document, &options, &self.key, contexts()).unwrap())
    }
}

fn presentation(holder: &str, credential: &Value) -> Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": [credential],
    })
}

fn asked() -> Value {
    json!({"challenge": "c", "domain": "https://desk.example"})
}

#[test]
fn a_presentation_with_its_holders_proof_verifies_for_what_it_was_made() {
    let keys = keys(SigningKey::make_ed25519());
    let holder = Holder::make();
    for options in [json!({}), json!({"mediaType": "application/vc+jwt"})] {
        let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &options);
        let vp = holder.sign(&presentation(&holder.did, &vc), Purpose::Authentication);
        holds(verify_presentation(&vp, &asked()));
        holds(verify_presentation(&vp, &json!({})));
        let other = json!({"challenge": "d", "domain": "https://desk.example"});
        fails(
            verify_presentation(&vp, &other),
            "INVALID_CHALLENGE_ERROR",
            "challenge",
        );
        let other = json!({"challenge": "c", "domain": "https://other.example"});
        fails(
            verify_presentation(&vp, &other),
            "INVALID_DOMAIN_ERROR",
            "domain",
        );
    }
}

/// Programs present nothing to show that they have a key. Whoever empties a list takes away what
/// was signed.
#[test]
fn a_presentation_of_nothing_verifies_and_an_emptied_one_does_not() {
    let keys = keys(SigningKey::make_ed25519());
    let holder = Holder::make();
    let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &json!({}));
    let mut nothing = presentation(&holder.did, &vc);
    nothing["verifiableCredential"] = json!([]);
    let vp = holder.sign(&nothing, Purpose::Authentication);
    holds(verify_presentation(&vp, &asked()));
    let mut emptied = holder.sign(&presentation(&holder.did, &vc), Purpose::Authentication);
    emptied["verifiableCredential"] = json!([]);
    fails(
        verify_presentation(&emptied, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "signature",
    );
    // Any other empty list still says nothing, and one of a credential's too.
    for member in ["termsOfUse", "holder", "name"] {
        let mut more = vp.clone();
        more[member] = json!([]);
        assert_eq!(verify_presentation(&more, &asked()).0, 400, "{member}");
    }
    let mut more = vc.clone();
    more["verifiableCredential"] = json!([]);
    fails(verify(&more, &json!({})), "DATA_LOSS_DETECTION_ERROR", "");
    let mut inner = vc;
    inner["credentialSubject"]["verifiableCredential"] = json!([]);
    fails(verify(&inner, &json!({})), "DATA_LOSS_DETECTION_ERROR", "");
}

#[test]
fn what_is_not_the_holders_or_not_the_issuers_is_refused() {
    let keys = keys(SigningKey::make_ed25519());
    let (holder, stranger) = (Holder::make(), Holder::make());
    let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &json!({}));
    let plain = presentation(&holder.did, &vc);

    let theirs = stranger.sign(&plain, Purpose::Authentication);
    fails(
        verify_presentation(&theirs, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "another than `holder`",
    );
    let purpose = holder.sign(&plain, Purpose::Assertion);
    fails(
        verify_presentation(&purpose, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "another purpose",
    );

    let mut changed = vc.clone();
    changed["credentialSubject"]["degree"] = json!("Winds");
    let vp = holder.sign(
        &presentation(&holder.did, &changed),
        Purpose::Authentication,
    );
    fails(
        verify_presentation(&vp, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "signature",
    );
    let mut vp = holder.sign(&plain, Purpose::Authentication);
    vp["id"] = json!("urn:uuid:00000000-0000-4000-8000-000000000000");
    fails(
        verify_presentation(&vp, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "signature",
    );

    fails(
        verify_presentation(&plain, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "no proof",
    );
}

#[test]
fn a_credential_without_a_proof_is_its_holders_own() {
    let holder = Holder::make();
    let own = presentation(&holder.did, &credential(&holder.did));
    holds(verify_presentation(
        &holder.sign(&own, Purpose::Authentication),
        &asked(),
    ));
    let others = presentation(&holder.did, &credential("did:example:other"));
    let vp = holder.sign(&others, Purpose::Authentication);
    fails(
        verify_presentation(&vp, &asked()),
        "MALFORMED_VALUE_ERROR",
        "not the holder's own",
    );
    // Nor one that is over.
    let mut over = credential(&holder.did);
    over["validUntil"] = json!("2026-01-02T00:00:00Z");
    let vp = holder.sign(&presentation(&holder.did, &over), Purpose::Authentication);
    fails(verify_presentation(&vp, &asked()), "RANGE_ERROR", "expired");
}

#[test]
fn what_the_data_model_refuses_in_a_presentation() {
    let holder = Holder::make();
    let good = presentation(&holder.did, &credential(&holder.did));
    for (member, value, reason) in [
        (
            "@context",
            json!(["https://www.w3.org/ns/credentials/examples/v2"]),
            "first context",
        ),
        (
            "type",
            json!(["VerifiableCredential"]),
            "not VerifiablePresentation",
        ),
        ("id", json!("no url"), "not a single URL"),
        ("holder", json!({"name": "n"}), "`holder`"),
        ("verifiableCredential", json!("a text"), "neither an object"),
        (
            "verifiableCredential",
            json!([{"type": "EnvelopedVerifiableCredential"}]),
            "first context",
        ),
        ("termsOfUse", json!({"id": "urn:t:1"}), "`type`"),
        ("unheardOf", json!("x"), "no context defines"),
    ] {
        let mut vp = good.clone();
        vp[member] = value;
        let jcs = Options {
            suite: Suite::EcdsaJcs2019,
            verification_method: &holder.url,
            purpose: Purpose::Authentication,
            created: Some(NOW),
            challenge: Some("c"),
            domain: Some("https://desk.example"),
        };
        let signed = plain::sign(vp.as_object().unwrap(), &jcs, &holder.key, contexts()).unwrap();
        fails(
            verify_presentation(&Value::Object(signed), &asked()),
            "_ERROR",
            reason,
        );
    }
}

#[test]
fn an_enveloped_presentation_answers_by_nonce_and_audience() {
    let keys = keys(SigningKey::make_ed25519());
    let holder = Holder::make();
    let vc = issued(
        &keys,
        &credential(&name(&keys, "EdDSA")),
        &json!({"mediaType": "application/vc+jwt"}),
    );
    let sign = |key: &SigningKey, kid: &str, nonce: &str| {
        let mut claims = presentation(&holder.did, &vc);
        claims["nonce"] = json!(nonce);
        claims["aud"] = json!("https://desk.example");
        let header = Map::from_iter([("kid".to_owned(), json!(kid))]);
        let jwt = jws::sign_claims("vp+jwt", header, &claims, key);
        json!({
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": format!("data:application/vp+jwt,{jwt}"),
            "type": "EnvelopedVerifiablePresentation",
        })
    };
    let good = sign(&holder.key, &holder.url, "c");
    assert_eq!(
        holds(verify_presentation(&good, &asked()))["warnings"],
        json!([])
    );
    let told = holds(verify_presentation(&good, &json!({"challenge": "c"})))["warnings"].take();
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert!(told[0]["title"].as_str().unwrap().contains("no domain"));
    fails(
        verify_presentation(&sign(&holder.key, &holder.url, "d"), &asked()),
        "INVALID_CHALLENGE_ERROR",
        "another challenge",
    );
    let other = json!({"challenge": "c", "domain": "https://other.example"});
    fails(
        verify_presentation(&good, &other),
        "INVALID_DOMAIN_ERROR",
        "another domain",
    );
    let stranger = Holder::make();
    fails(
        verify_presentation(&sign(&stranger.key, &holder.url, "c"), &asked()),
        "_ERROR",
        "JWT",
    );
    let theirs = sign(&stranger.key, &stranger.url, "c");
    fails(
        verify_presentation(&theirs, &asked()),
        "PROOF_VERIFICATION_ERROR",
        "another than `holder`",
    );
}

#[test]
fn a_presentation_that_nobody_signed_is_verified_for_what_it_holds() {
    let keys = keys(SigningKey::make_ed25519());
    let holder = Holder::make();
    let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &json!({}));
    let verify = |presentation: &Value| {
        let body = json!({"presentation": presentation}).to_string();
        verdict(&Web::default(), Asked::presentation(body.as_bytes()))
    };
    let plain = presentation(&holder.did, &vc);
    let found = holds(verify(&plain));
    assert_eq!(
        found["warnings"][0]["title"],
        "nobody has signed the presentation"
    );
    let mut changed = plain.clone();
    changed["verifiableCredential"][0]["credentialSubject"]["degree"] = json!("Winds");
    fails(verify(&changed), "PROOF_VERIFICATION_ERROR", "signature");
    // Nobody says whom it is for, nor that it is a fresh one.
    for options in [
        json!({"challenge": "fresh"}),
        json!({"domain": "https://desk.example"}),
        json!({"expectedProofPurpose": "authentication"}),
    ] {
        let body = json!({"presentation": plain, "options": options}).to_string();
        let refused = verdict(&Web::default(), Asked::presentation(body.as_bytes()));
        fails(refused, "PROOF_VERIFICATION_ERROR", "no proof");
    }
    // What is secured by the presentation alone is not secured.
    let own = presentation(&holder.did, &credential(&holder.did));
    fails(verify(&own), "PROOF_VERIFICATION_ERROR", "no proof");
    // A proof that is there is checked.
    let mut signed = holder.sign(&plain, Purpose::Authentication);
    holds(verify(&signed));
    signed["id"] = json!("urn:uuid:00000000-0000-4000-8000-000000000000");
    fails(verify(&signed), "PROOF_VERIFICATION_ERROR", "signature");
}

#[test]
fn whom_it_was_made_for_is_told_where_nobody_asks() {
    let keys = keys(SigningKey::make_ed25519());
    let holder = Holder::make();
    let vc = issued(&keys, &credential(&name(&keys, "EdDSA")), &json!({}));
    let vp = holder.sign(&presentation(&holder.did, &vc), Purpose::Authentication);
    let found = holds(verify_presentation(&vp, &json!({})));
    let title = found["warnings"][0]["title"].as_str().unwrap();
    assert!(title.contains("no challenge was named"), "{title}");
    let title = found["warnings"][1]["title"].as_str().unwrap();
    assert!(title.contains("no domain was named"), "{title}");
    let warnings = |options: &Value| holds(verify_presentation(&vp, options))["warnings"].take();
    let told = warnings(&json!({"challenge": "c"}));
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert!(told[0]["title"].as_str().unwrap().contains("no domain"));
    let told = warnings(&json!({"domain": "https://desk.example"}));
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert!(told[0]["title"].as_str().unwrap().contains("no challenge"));
    assert_eq!(
        holds(verify_presentation(&vp, &asked()))["warnings"],
        json!([])
    );
}

#[test]
fn a_credential_that_is_bound_to_a_key_is_shown_by_that_key() {
    let keys = keys(SigningKey::make_ed25519());
    let (holder, thief) = (Holder::make(), Holder::make());
    let url = did::derive_did_key_url(&keys.signing.public()).unwrap();
    let mut claims = credential(&name(&keys, "EdDSA"));
    claims["cnf"] = json!({"jwk": holder.key.public().to_jwk()});
    let header = Map::from_iter([("kid".to_owned(), json!(url))]);
    let jwt = jws::sign_claims("vc+jwt", header, &claims, &keys.signing);
    let vc = envelope(&jwt);
    let by = |holder: &Holder| {
        let vp = presentation(&holder.did, &vc);
        verify_presentation(&holder.sign(&vp, Purpose::Authentication), &asked())
    };
    holds(by(&holder));
    fails(by(&thief), "PROOF_VERIFICATION_ERROR", "another than `cnf`");
    // A wallet without a DID names no key: it is the one that the credential is bound to.
    let by = |key: &SigningKey, more: Value| {
        let mut claims = presentation(&holder.did, &vc);
        claims.as_object_mut().unwrap().remove("holder");
        claims["nonce"] = json!("c");
        claims["aud"] = json!("https://desk.example");
        let jwt = jws::sign_claims("vp+jwt", Map::new(), &claims, key);
        let vp = json!({
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": format!("data:application/vp+jwt,{jwt}"),
            "type": "EnvelopedVerifiablePresentation",
        });
        let mut options = asked();
        let more = more.as_object().unwrap().clone();
        options.as_object_mut().unwrap().extend(more);
        verify_presentation(&vp, &options)
    };
    holds(by(&holder.key, json!({})));
    fails(
        by(&thief.key, json!({})),
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "",
    );
    holds(by(
        &holder.key,
        json!({"expectedProofPurpose": "authentication"}),
    ));
    let refused = by(
        &holder.key,
        json!({"expectedProofPurpose": "assertionMethod"}),
    );
    fails(refused, "PROOF_VERIFICATION_ERROR", "another purpose");
}

#[test]
fn no_more_credentials_than_a_bound() {
    let holder = Holder::make();
    let mut vp = presentation(&holder.did, &credential(&holder.did));
    let one = vp["verifiableCredential"][0].clone();
    for (count, accepted) in [(16, true), (17, false)] {
        vp["verifiableCredential"] = json!(vec![one.clone(); count]);
        let found = verify_presentation(&holder.sign(&vp, Purpose::Authentication), &asked());
        match accepted {
            true => drop(holds(found)),
            false => fails(found, "MALFORMED_VALUE_ERROR", "more credentials"),
        }
    }
}
