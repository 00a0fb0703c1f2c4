//! What the data model says must be refused, over the interface.

use super::*;

/// A change to a credential, and the reason for which it is refused.
type Breach = (&'static str, Value, &'static str);

fn breaches() -> Vec<Breach> {
    vec![
        (
            "/@context",
            json!("https://www.w3.org/ns/credentials/examples/v2"),
            "first context",
        ),
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2", 7]),
            "neither a URL",
        ),
        (
            "/@context",
            json!([
                "https://www.w3.org/ns/credentials/v2",
                "https://unknown.example/v1"
            ]),
            "does not know",
        ),
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2", {"type": "https://x.example/#t"}]),
            "not valid",
        ),
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2"]),
            "no context defines",
        ),
        (
            "/type",
            json!(["ExampleAlumniCredential"]),
            "not VerifiableCredential",
        ),
        ("/type", json!([]), "`type`"),
        ("/id", json!("not a url"), "not a single URL"),
        ("/id", json!(["urn:a:1", "urn:a:2"]), "not a single URL"),
        ("/issuer", Value::Null, "issuer"),
        ("/credentialSubject", json!({}), "no claims"),
        ("/credentialSubject", json!("a claim"), "neither an object"),
        ("/credentialSubject/id", json!(7), "not a single URL"),
        ("/validFrom", json!("2026-01-01"), "not a date and time"),
        (
            "/validFrom",
            json!("2026-01-01T00:00:00"),
            "not a date and time",
        ),
        (
            "/validUntil",
            json!("2025-01-01T00:00:00Z"),
            "ends before it begins",
        ),
        ("/credentialStatus", json!({"id": "urn:s:1"}), "`type`"),
        (
            "/credentialStatus",
            json!({"type": "T", "id": "no url"}),
            "not a single URL",
        ),
        (
            "/credentialSchema",
            json!({"type": "JsonSchema"}),
            "not a single URL",
        ),
        (
            "/credentialSchema",
            json!({"id": "https://x.example/s"}),
            "`type`",
        ),
        (
            "/refreshService",
            json!({"id": "https://x.example/r"}),
            "`type`",
        ),
        (
            "/termsOfUse",
            json!({"id": "https://x.example/t"}),
            "`type`",
        ),
        ("/evidence", json!({"id": "https://x.example/e"}), "`type`"),
        ("/evidence", json!("a claim"), "neither an object"),
        (
            "/name",
            json!({"@value": "n", "@language": "not a language"}),
            "neither a text",
        ),
        (
            "/description",
            json!({"@value": "d", "url": "x"}),
            "neither a text",
        ),
        ("/name", json!(7), "neither a text"),
        (
            "/relatedResource",
            json!({"id": "https://x.example/r"}),
            "no digest",
        ),
        (
            "/relatedResource",
            json!({"digestSRI": "sha384-AA"}),
            "not a single URL",
        ),
        (
            "/relatedResource",
            json!({"id": "https://x.example/r", "digestSRI": "md5-AA"}),
            "digest",
        ),
        (
            "/relatedResource",
            json!({
                "id": "https://www.w3.org/ns/credentials/v2",
                "digestSRI": "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
            }),
            "not the one",
        ),
        // What the specification says must be refused, section by section.
        (
            "/@context",
            json!([
                "https://www.w3.org/ns/credentials/examples/v2",
                "https://www.w3.org/ns/credentials/v2"
            ]),
            "first context",
        ),
        ("/@context", json!([]), "first context"),
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2", {"ExampleAlumniCredential": "https ://no-url"}]),
            "",
        ),
        (
            "/type",
            json!("UnmappedCredential"),
            "not VerifiableCredential",
        ),
        ("/type", json!(["VerifiableCredential", 7]), "`type`"),
        ("/@type", json!("ExampleAlumniCredential"), "`type`"),
        ("/@id", json!("urn:a:1"), "not a single URL"),
        ("/issuer", json!(7), "issuer"),
        ("/issuer", json!({"id": null}), "issuer"),
        ("/issuer", json!({"id": "no url"}), "issuer"),
        ("/issuer", json!({"name": "n"}), "issuer"),
        ("/issuer", json!(["did:example:1"]), "issuer"),
        ("/credentialSubject", json!([]), "neither an object"),
        (
            "/credentialSubject",
            json!([{"degree": "d"}, {}]),
            "no claims",
        ),
        (
            "/credentialSubject",
            json!({"id": ["urn:a:1", "urn:a:2"]}),
            "not a single URL",
        ),
        (
            "/credentialSubject/confidenceMethod",
            json!({"id": "urn:a:1"}),
            "`type`",
        ),
        (
            "/validFrom",
            json!("2026-02-30T00:00:00Z"),
            "not a date and time",
        ),
        ("/validFrom", json!(null), "not a date and time"),
        (
            "/validUntil",
            json!("2026-01-01 00:00:00Z"),
            "not a date and time",
        ),
        (
            "/credentialStatus",
            json!([{"type": "T"}, {"id": "urn:s:1"}]),
            "`type`",
        ),
        (
            "/credentialStatus",
            json!({"type": "T", "id": ["urn:s:1", "urn:s:2"]}),
            "not a single URL",
        ),
        (
            "/credentialSchema",
            json!("https://x.example/s"),
            "neither an object",
        ),
        (
            "/credentialSchema",
            json!({"id": "no url", "type": "JsonSchema"}),
            "not a single URL",
        ),
        (
            "/refreshService",
            json!("https://x.example/r"),
            "neither an object",
        ),
        (
            "/refreshService",
            json!({"id": "no url", "type": "T"}),
            "not a single URL",
        ),
        (
            "/termsOfUse",
            json!("https://x.example/t"),
            "neither an object",
        ),
        (
            "/evidence",
            json!([{"type": "T"}, "a claim"]),
            "neither an object",
        ),
        ("/renderMethod", json!({"id": "urn:r:1"}), "`type`"),
        ("/confidenceMethod", json!({"id": "urn:c:1"}), "`type`"),
        (
            "/name",
            json!({"@value": "n", "@direction": "up"}),
            "neither a text",
        ),
        (
            "/name",
            json!({"@value": "n", "@language": ["en"]}),
            "neither a text",
        ),
        ("/description", json!({"@language": "en"}), "neither a text"),
        (
            "/issuer",
            json!({"id": "did:example:1", "name": 7}),
            "neither a text",
        ),
        (
            "/relatedResource",
            json!(["https://x.example/r"]),
            "neither an object",
        ),
        (
            "/relatedResource",
            json!([
                {"id": "https://x.example/r", "digestMultibase": "uEiAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw"},
                {"id": "https://x.example/r", "digestMultibase": "uEiAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw"},
            ]),
            "named twice",
        ),
        (
            "/relatedResource",
            json!({"id": "https://x.example/r", "digestMultibase": "uZTQ0MjM1Ng"}),
            "digest",
        ),
        (
            "/relatedResource",
            json!({
                "id": "https://x.example/r",
                "digestMultibase": "uEiAjCHMnK5-ayOIZLWo_TBoKYVvSAprlkYEjRlm19Cj0uw",
                "mediaType": "json",
            }),
            "media type",
        ),
        (
            "/credentialSubject/alumniOf",
            json!({"id": "relative"}),
            "absolute IRI",
        ),
    ]
}

fn broken(document: &Value, (pointer, value, _): &Breach) -> Value {
    let mut document = document.clone();
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[member] = value.clone();
    document
}

#[test]
fn what_the_data_model_refuses_is_neither_issued_nor_verified() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    for option in [
        json!({}),
        json!({"cryptosuite": "eddsa-jcs-2022"}),
        json!({"mediaType": "application/vc+jwt"}),
    ] {
        for breach in &breaches() {
            let refused = try_issue(&keys, &broken(&given, breach), &option);
            fails(refused, "_ERROR", breach.2);
        }
    }
    // Signed over, so that nothing but the rule refuses it.
    let url = did::derive_did_key_url(&keys.signing.public()).unwrap();
    for breach in &breaches() {
        let document = broken(&given, breach);
        let document = document.as_object().unwrap().clone();
        let options = Options {
            suite: Suite::EddsaJcs2022,
            verification_method: &url,
            purpose: Purpose::Assertion,
            created: Some(NOW),
            challenge: None,
            domain: None,
        };
        let signed = plain::sign(&document, &options, &keys.signing, contexts()).unwrap();
        fails(
            verify(&Value::Object(signed), &json!({})),
            "_ERROR",
            breach.2,
        );

        let header = Map::from_iter([("kid".to_owned(), json!(url))]);
        let jwt = jws::sign_claims("vc+jwt", header, &Value::Object(document), &keys.signing);
        fails(verify(&envelope(&jwt), &json!({})), "_ERROR", breach.2);
    }
}

#[test]
fn no_value_of_the_document_is_in_a_problem_detail() {
    let keys = keys_for("EdDSA");
    let given = credential(&name(&keys, "EdDSA"));
    for breach in &breaches() {
        let (_, body) = try_issue(&keys, &broken(&given, breach), &json!({}));
        let text = body.to_string();
        for value in [
            "Unst",
            "Tides",
            "did:example:subject",
            "x.example",
            "a claim",
        ] {
            assert!(!text.contains(value), "{text}");
        }
    }
}
