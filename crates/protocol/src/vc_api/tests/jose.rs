//! Keys and envelopes of JWTs.

use keys::x509::Certificate;
use rcgen::{CertificateParams, KeyPair};

use super::*;

fn header(members: &Value) -> Map<String, Value> {
    members.as_object().unwrap().clone()
}

fn enveloped(
    kind: &str,
    typ: &str,
    header_members: &Value,
    claims: &Value,
    key: &SigningKey,
) -> Value {
    let jwt = jws::sign_claims(typ, header(header_members), claims, key);
    json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": format!("data:application/{typ},{jwt}"),
        "type": kind,
    })
}

fn vc(header: &Value, claims: &Value, key: &SigningKey) -> Value {
    enveloped(
        "EnvelopedVerifiableCredential",
        "vc+jwt",
        header,
        claims,
        key,
    )
}

fn vp(header: &Value, claims: &Value, key: &SigningKey) -> Value {
    enveloped(
        "EnvelopedVerifiablePresentation",
        "vp+jwt",
        header,
        claims,
        key,
    )
}

#[test]
fn an_issuer_that_publishes_its_keys_without_a_did() {
    let key = SigningKey::make_p256();
    let kid = key.public().thumbprint();
    let given = credential("https://issuer.example");
    let vc = vc(&json!({"kid": kid}), &given, &key);
    let published = |key: &SigningKey| {
        let mut jwk = key.public().to_jwk();
        jwk["kid"] = json!(kid);
        let keys = json!({"issuer": "https://issuer.example", "jwks": {"keys": [jwk]}});
        Web::with(
            "https://issuer.example/.well-known/jwt-vc-issuer",
            keys.to_string(),
        )
    };
    holds(verify_with(&published(&key), &vc, &json!({})));
    let other = published(&SigningKey::make_p256());
    fails(
        verify_with(&other, &vc, &json!({})),
        "CRYPTOGRAPHIC_SECURITY_ERROR",
        "signature",
    );
    fails(
        verify(&vc, &json!({})),
        "PROOF_VERIFICATION_ERROR",
        "could not be found",
    );
}

#[test]
fn a_certificate_chain_is_trusted_by_nobody_here() {
    let key = SigningKey::make_p256();
    let pair = KeyPair::from_pem(&key.to_pem().unwrap()).unwrap();
    let made = CertificateParams::default().self_signed(&pair).unwrap();
    let chain = [Certificate::from_der(made.der()).unwrap().to_x5c()];
    let given = credential("https://issuer.example");
    let vc = vc(&json!({"x5c": chain}), &given, &key);
    fails(
        verify(&vc, &json!({})),
        "PROOF_VERIFICATION_ERROR",
        "certificate chain",
    );
}

#[test]
fn no_more_keys_are_looked_up_than_a_bound() {
    let holder = SigningKey::make_ed25519();
    let did = did::derive_did_key(&holder.public()).unwrap();
    let kid = did::derive_did_key_url(&holder.public()).unwrap();
    let credentials: Vec<Value> = (0..8)
        .map(|_| {
            let keys = keys_for("EdDSA");
            let options = json!({"mediaType": "application/vc+jwt"});
            issued(&keys, &credential(&name(&keys, "EdDSA")), &options)
        })
        .collect();
    // The holder's is a key too.
    for (count, accepted) in [(7, true), (8, false)] {
        let claims = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": did,
            "verifiableCredential": credentials[..count],
        });
        let found = verify_presentation(&vp(&json!({"kid": kid}), &claims, &holder), &json!({}));
        match accepted {
            true => drop(holds(found)),
            false => fails(found, "PROOF_VERIFICATION_ERROR", "more controllers"),
        }
    }
}

#[test]
fn what_a_presentation_in_a_jwt_must_be() {
    let key = SigningKey::make_ed25519();
    let did = did::derive_did_key(&key.public()).unwrap();
    let kid = did::derive_did_key_url(&key.public()).unwrap();
    let other = did::derive_did_key_url(&SigningKey::make_ed25519().public()).unwrap();
    let claims = |more: Value| {
        let mut claims = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "holder": did,
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let own = json!({"kid": kid});
    for header in [
        &own,
        &json!({}),
        &json!({"kid": kid.strip_prefix(&did).unwrap()}),
        &json!({"kid": kid, "cty": "vp"}),
        &json!({"kid": kid, "cty": "application/vp"}),
    ] {
        holds(verify_presentation(
            &vp(header, &claims(json!({})), &key),
            &json!({}),
        ));
    }
    let bound = vp(&own, &claims(json!({"nonce": "c"})), &key);
    let found = holds(verify_presentation(&bound, &json!({})));
    assert!(
        found["warnings"][0]["title"]
            .as_str()
            .unwrap()
            .contains("no challenge was named")
    );

    let second = json!({"aud": ["https://desk.example", "https://other.example"]});
    for (header, more, kind, reason) in [
        (
            json!({"kid": 7}),
            json!({}),
            "MALFORMED_VALUE_ERROR",
            "`kid`",
        ),
        (
            json!({"kid": other}),
            json!({}),
            "PROOF_VERIFICATION_ERROR",
            "another than `holder`",
        ),
        (
            own.clone(),
            json!({"iss": "did:example:1"}),
            "MALFORMED_VALUE_ERROR",
            "`iss`",
        ),
        (
            json!({"kid": kid, "iss": "did:example:1"}),
            json!({}),
            "MALFORMED_VALUE_ERROR",
            "`iss`",
        ),
        (
            json!({"kid": kid, "cty": "vc"}),
            json!({}),
            "MALFORMED_VALUE_ERROR",
            "`cty`",
        ),
        (
            own.clone(),
            json!({"verifiableCredential": [credential(&did)]}),
            "PROOF_VERIFICATION_ERROR",
            "no proof",
        ),
        (
            own.clone(),
            json!({"vp": {}}),
            "MALFORMED_VALUE_ERROR",
            "`vp`",
        ),
        (own.clone(), json!({"exp": NOW}), "RANGE_ERROR", "time"),
        (
            own.clone(),
            json!({"nbf": NOW + 100}),
            "RANGE_ERROR",
            "time",
        ),
        (
            own.clone(),
            json!({"iat": NOW + 100}),
            "RANGE_ERROR",
            "time",
        ),
        (
            own.clone(),
            json!({"exp": "soon"}),
            "MALFORMED_VALUE_ERROR",
            "`exp`",
        ),
        (
            own.clone(),
            second,
            "INVALID_DOMAIN_ERROR",
            "another domain",
        ),
        (
            own.clone(),
            json!({"nonce": "c"}),
            "INVALID_CHALLENGE_ERROR",
            "another challenge",
        ),
        (
            own.clone(),
            json!({"unheardOf": "x"}),
            "DATA_LOSS_DETECTION_ERROR",
            "no context",
        ),
        (
            own.clone(),
            json!({"@context": ["https://www.w3.org/2018/credentials/v1"]}),
            "MALFORMED_VALUE_ERROR",
            "`@context`",
        ),
    ] {
        let shown = vp(&header, &claims(more), &key);
        let asked = match kind {
            "INVALID_DOMAIN_ERROR" => json!({"domain": "https://desk.example"}),
            "INVALID_CHALLENGE_ERROR" => json!({"challenge": "d"}),
            _ => json!({}),
        };
        fails(verify_presentation(&shown, &asked), kind, reason);
    }
    // Nobody is named, and nothing is bound to a key.
    let mut nobody = claims(json!({}));
    nobody.as_object_mut().unwrap().remove("holder");
    let shown = vp(&json!({}), &nobody, &key);
    fails(
        verify_presentation(&shown, &json!({})),
        "MALFORMED_VALUE_ERROR",
        "`kid`",
    );
    holds(verify_presentation(&vp(&own, &nobody, &key), &json!({})));
    // An envelope around something else.
    let mut cose = vp(&own, &claims(json!({})), &key);
    cose["id"] = json!("data:application/vp+cose,AAAA");
    fails(
        verify_presentation(&cose, &json!({})),
        "MALFORMED_VALUE_ERROR",
        "media type",
    );
    let typ = enveloped(
        "EnvelopedVerifiablePresentation",
        "JWT",
        &own,
        &claims(json!({})),
        &key,
    );
    let id = typ["id"]
        .as_str()
        .unwrap()
        .replace("application/JWT", "application/vp+jwt");
    let mut renamed = typ.clone();
    renamed["id"] = json!(id);
    fails(
        verify_presentation(&renamed, &json!({})),
        "PARSING_ERROR",
        "",
    );
}

#[test]
fn what_was_not_looked_at_is_told() {
    let keys = keys_for("EdDSA");
    let mut given = credential(&name(&keys, "EdDSA"));
    given["credentialSchema"] = json!({"id": "https://x.example/s", "type": "JsonSchema"});
    let found = holds(verify(&issued(&keys, &given, &json!({})), &json!({})));
    assert_eq!(
        found["warnings"][0]["title"],
        "`credentialSchema` was not looked up"
    );
}

#[test]
fn a_credential_in_a_jwt_answers_nothing() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    let vc = issued(&keys, &given, &json!({"mediaType": "application/vc+jwt"}));
    for (options, kind, reason) in [
        (
            json!({"challenge": "c"}),
            "INVALID_CHALLENGE_ERROR",
            "challenge",
        ),
        (json!({"domain": "d"}), "INVALID_DOMAIN_ERROR", "domain"),
        (
            json!({"expectedProofPurpose": "authentication"}),
            "PROOF_VERIFICATION_ERROR",
            "another purpose",
        ),
    ] {
        fails(verify(&vc, &options), kind, reason);
    }
    // It is checked with a key that is for assertions.
    holds(verify(
        &vc,
        &json!({"expectedProofPurpose": "assertionMethod"}),
    ));
}
