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
    holds(verify_presentation(&good, &asked()));
    fails(
        verify_presentation(&sign(&holder.key, &holder.url, "d"), &asked()),
        "_ERROR",
        "`nonce`",
    );
    let other = json!({"challenge": "c", "domain": "https://other.example"});
    fails(verify_presentation(&good, &other), "_ERROR", "`aud`");
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
