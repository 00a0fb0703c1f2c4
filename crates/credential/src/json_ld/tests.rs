use serde_json::{Map, Value, json};

use super::{Contexts, JsonLdError, canonical_hash, canonize, to_quads};

const CITIZENSHIP: &str = "https://w3id.org/citizenship/v4rc1";

fn contexts() -> Contexts {
    let text = include_str!("../../../../tests/vectors/contexts/citizenship-v4rc1.json");
    Contexts::pinned().with(CITIZENSHIP, text).unwrap()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => panic!("not an object"),
    }
}

/// A credential with these members.
fn credential(members: Value) -> Map<String, Value> {
    let mut document = object(json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", CITIZENSHIP],
        "type": ["VerifiableCredential"],
        "issuer": "https://issuer.example",
        "credentialSubject": {"type": "Person", "givenName": "JANE"},
    }));
    document.extend(object(members));
    document
}

fn refused(members: Value) -> JsonLdError {
    to_quads(&credential(members), &contexts()).unwrap_err()
}

#[test]
fn a_vector_becomes_its_canonical_n_quads() {
    for (document, expected) in [
        (
            include_str!("../../../../tests/vectors/vc-di-bbs/TestVectors/windDoc.json"),
            include_str!("../../../../tests/vectors/vc-di-bbs/TestVectors/addBaseDocCanon.json"),
        ),
        (
            include_str!("../../../../tests/vectors/vc-di-ecdsa/TestVectors/employmentAuth.json"),
            include_str!(
                "../../../../tests/vectors/vc-di-ecdsa/TestVectors/ecdsa-sd-2023/employ/addBaseDocCanon.json"
            ),
        ),
    ] {
        let document = keys::json::parse_object(document.as_bytes()).unwrap();
        let expected: Vec<String> = serde_json::from_str(expected).unwrap();
        let contexts = contexts();
        assert_eq!(canonize(&document, &contexts).unwrap(), expected);
        // Once more, by the processed context that was kept.
        assert_eq!(canonize(&document, &contexts).unwrap(), expected);
        assert_eq!(
            canonical_hash(&document, &contexts).unwrap(),
            super::hash_lines(&expected)
        );
    }
}

#[test]
fn an_unknown_context_is_refused_wherever_it_stands() {
    let unknown = json!("https://unknown.example/v1");
    assert_eq!(
        refused(json!({"@context": unknown})),
        JsonLdError::UnknownContext
    );
    let nested = json!({"credentialSubject": {"@context": unknown, "id": "urn:x"}});
    assert_eq!(refused(nested), JsonLdError::UnknownContext);
    let imported = json!({"@context": [{"@version": 1.1, "@import": unknown}]});
    assert_eq!(refused(imported), JsonLdError::UnknownContext);
    let scoped = json!({"@context": [
        "https://www.w3.org/ns/credentials/v2",
        {"t": {"@id": "urn:t", "@context": unknown}}
    ], "t": {"id": "urn:x"}});
    // The library says of a scoped context only that it is not valid.
    assert_eq!(refused(scoped), JsonLdError::Context);
    // Nor is a file or a name relative to anything read.
    for id in ["context.json", "file:///etc/hostname"] {
        let error = refused(json!({"@context": id}));
        assert!(
            matches!(error, JsonLdError::UnknownContext | JsonLdError::Context),
            "{id}: {error:?}"
        );
    }
    assert!(Contexts::pinned().knows("https://www.w3.org/ns/credentials/v2"));
    assert!(!Contexts::pinned().knows("https://unknown.example/v1"));
    assert!(Contexts::pinned().with("relative", "{}").is_err());
    assert!(Contexts::pinned().with("urn:x", "{").is_err());
}

#[test]
fn what_would_be_dropped_is_refused() {
    use JsonLdError::{Context, Dropped, Identifier, NotJsonLd, UndefinedTerm};
    for (members, error) in [
        (json!({"undefined": 1}), UndefinedTerm),
        (
            json!({"credentialSubject": {"undefined": 1}}),
            UndefinedTerm,
        ),
        (json!({"id": "relative"}), Identifier),
        (json!({"issuer": "no IRI"}), Identifier),
        (
            json!({"type": ["VerifiableCredential", "Undefined"]}),
            Identifier,
        ),
        (json!({"credentialSubject": {"id": "a b"}}), Identifier),
        (json!({"@unknown": 1}), Dropped),
        (json!({"@index": "x"}), Dropped),
        (json!({"": 1}), Dropped),
        (json!({"credentialSubject": {"@unknown": 1}}), Dropped),
        (
            json!({"name": {"@value": "x", "@language": "not a tag"}}),
            Dropped,
        ),
        (json!({"name": {"@value": "x", "id": "urn:x"}}), NotJsonLd),
        (
            json!({"@context": ["https://www.w3.org/ns/credentials/v2", {"VerifiableCredential": "urn:other"}]}),
            Context,
        ),
        (json!({"@context": 1}), Context),
    ] {
        assert_eq!(refused(members.clone()), error, "{members}");
    }
    assert!(to_quads(&credential(json!({})), &contexts()).is_ok());
}

#[test]
fn a_property_that_is_a_blank_node_is_refused() {
    let vocabulary = json!({"@context": [{"@vocab": "_:v"}], "type": [], "x": 1});
    assert!(to_quads(&object(vocabulary), &contexts()).is_err());
    let term = json!({"@context": {"x": "_:x"}, "@id": "urn:s", "x": 1});
    assert_eq!(
        to_quads(&object(term), &contexts()),
        Err(JsonLdError::Dropped)
    );
}

#[test]
fn numbers_that_change_are_refused() {
    let number = |text: &str| {
        let text = format!(r#"{{"@context":{{"n":"urn:n"}},"@id":"urn:s","n":{text}}}"#);
        canonize(
            &keys::json::parse_object(text.as_bytes()).unwrap(),
            &contexts(),
        )
    };
    for (text, lexical) in [
        ("7.0", "\"7\"^^<http://www.w3.org/2001/XMLSchema#integer>"),
        ("0.0", "\"0\"^^<http://www.w3.org/2001/XMLSchema#integer>"),
        (
            "7.8",
            "\"7.8E0\"^^<http://www.w3.org/2001/XMLSchema#double>",
        ),
        ("-12", "\"-12\"^^<http://www.w3.org/2001/XMLSchema#integer>"),
        (
            "1e30",
            "\"1.0E30\"^^<http://www.w3.org/2001/XMLSchema#double>",
        ),
        (
            "123456789012345",
            "\"123456789012345\"^^<http://www.w3.org/2001/XMLSchema#integer>",
        ),
    ] {
        let line = format!("<urn:s> <urn:n> {lexical} .\n");
        assert_eq!(number(text).unwrap(), [line], "{text}");
    }
    for text in [
        "9007199254740993",
        "1e400",
        "1e-400",
        "0.12345678901234567",
        "1.0000000000000001",
    ] {
        assert_eq!(number(text), Err(JsonLdError::Number), "{text}");
    }
}

#[test]
fn language_and_direction_are_signed() {
    let document = credential(json!({
        "name": {"@value": "שלום", "@language": "HE", "@direction": "rtl"},
        "description": {"@value": "Helo", "@language": "cy-GB"},
    }));
    let lines = canonize(&document, &contexts()).unwrap().concat();
    assert!(lines.contains("\"שלום\"^^<https://www.w3.org/ns/i18n#he_rtl>"));
    assert!(lines.contains("\"Helo\"@cy-gb"));
}

#[test]
fn the_deepest_document_needs_no_more_stack_than_a_server_has() {
    let mut deep = json!("x");
    for _ in 0..31 {
        deep = json!({"x": deep});
    }
    let document = object(json!({"@context": {"@vocab": "urn:v:"}, "x": deep}));
    let work = move || {
        let contexts = Contexts::pinned();
        let named = super::expand(&document, contexts)?.with_names("urn:n:");
        named.compact(&document, contexts)?;
        canonize(&document, contexts)
    };
    let server = std::thread::Builder::new().stack_size(2 << 20);
    let lines = server.spawn(work).unwrap().join().unwrap();
    assert_eq!(lines.map(|lines| lines.len()), Ok(32));
}

#[test]
fn sizes_are_bounded() {
    let mut deep = json!("x");
    for _ in 0..40 {
        deep = json!({"x": deep});
    }
    let vocabulary = |value: Value| object(json!({"@context": {"@vocab": "urn:v:"}, "x": value}));
    let error = |value: Value| to_quads(&vocabulary(value), &contexts()).unwrap_err();
    assert_eq!(error(deep), JsonLdError::TooLarge("32 levels"));
    let mut nested = json!("x");
    for _ in 0..40 {
        nested = json!([nested]);
    }
    assert_eq!(error(nested), JsonLdError::TooLarge("32 levels"));
    let many: Vec<usize> = (0..20_000).collect();
    assert_eq!(error(json!(many)), JsonLdError::TooLarge("20000 values"));
    let statements: Vec<usize> = (0..4_200).collect();
    assert_eq!(
        error(json!(statements)),
        JsonLdError::TooLarge("4096 statements")
    );
    let text = "x".repeat(1 << 20);
    assert_eq!(
        error(json!(text)),
        JsonLdError::TooLarge("a megabyte of text")
    );
    assert!(to_quads(&vocabulary(json!([1, 2])), &contexts()).is_ok());
}

#[test]
fn a_poison_document_is_refused_in_time() {
    let nodes: Vec<Value> = (0..10)
        .map(|from| {
            let links: Vec<Value> = (0..10)
                .filter(|to| *to != from)
                .map(|to| json!({"@id": format!("_:n{to}")}))
                .collect();
            json!({"@id": format!("_:n{from}"), "x": links})
        })
        .collect();
    let document = object(json!({"@context": {"@vocab": "urn:v:"}, "@graph": nodes}));
    assert_eq!(
        canonize(&document, &contexts()),
        Err(JsonLdError::TooComplex(crate::rdf::TooComplex))
    );
}

#[test]
fn documents_of_any_context_leave_room_for_others() {
    let contexts = contexts();
    for number in 0..200 {
        let document = object(json!({
            "@context": {"x": format!("urn:{number}")}, "@id": "urn:s", "x": 1
        }));
        let lines = canonize(&document, &contexts).unwrap().concat();
        assert!(lines.contains(&format!("<urn:{number}>")));
    }
}

#[test]
fn the_contexts_of_the_catalogue_are_known() {
    for entry in crate::catalogue::types() {
        let document = object(json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", entry.context_id],
            "type": ["VerifiableCredential", entry.name],
        }));
        let lines = canonize(&document, Contexts::pinned()).unwrap().concat();
        assert!(
            lines.contains(&format!("<{}>", entry.vct)),
            "{}",
            entry.name
        );
    }
}

/// The short way to the hash of a proof's configuration gives what the algorithms give.
#[test]
fn the_fixed_form_of_a_configuration_equals_the_general_one() {
    const V2: &str = "https://www.w3.org/ns/credentials/v2";
    let vocabulary = r#"{"@context": {"@vocab": "https://vocabulary.example/#", "created": "urn:x",
        "@language": "cy", "@direction": "ltr"}}"#;
    let prefix = r#"{"@context": {"did": "urn:did#"}}"#;
    let contexts = contexts()
        .with("urn:context:vocabulary", vocabulary)
        .and_then(|contexts| contexts.with("urn:context:prefix", prefix))
        .unwrap();
    let config = |context: Value, members: Value| {
        let mut config = object(json!({
            "@context": context,
            "type": "DataIntegrityProof",
            "cryptosuite": "bbs-2023",
            "verificationMethod": "did:key:zUC7#zUC7",
            "proofPurpose": "assertionMethod",
        }));
        config.extend(object(members));
        config.retain(|_, value| !value.is_null());
        config
    };
    let orders = [
        json!([V2]),
        json!([V2, CITIZENSHIP]),
        json!([V2, "https://www.w3.org/ns/credentials/examples/v2"]),
        json!([
            V2,
            "urn:cairn:demo:nhs-charge-exemption:1:context",
            CITIZENSHIP
        ]),
        json!([V2, "urn:context:vocabulary"]),
    ];
    for context in orders {
        for members in [
            json!({}),
            json!({"created": "2026-11-21T09:00:00Z"}),
            json!({"created": "any \"text\"\\ with\u{7f} what\nneeds escapes é"}),
            json!({"cryptosuite": "ecdsa-sd-2023", "created": ""}),
            json!({"verificationMethod": "https://issuer.example/key?x=é#1"}),
            json!({"verificationMethod": "urn:uuid:5be1b7f6"}),
            json!({"verificationMethod": "did:web:issuer.example#k", "proofPurpose": null}),
            json!({"verificationMethod": null}),
        ] {
            let config = config(context.clone(), members);
            let fixed = super::fixed_proof_hash(&config, &contexts).unwrap();
            let general = canonical_hash(&config, &contexts).unwrap();
            assert_eq!(fixed, Some(general), "{config:?}");
        }
    }
    // What only the general algorithms know.
    for config in [
        config(json!([CITIZENSHIP, V2]), json!({})),
        config(json!(V2), json!({})),
        config(json!([V2]), json!({"type": null})),
        config(json!([V2]), json!({"type": "Other"})),
        config(json!([V2]), json!({"type": ["DataIntegrityProof"]})),
        config(json!([V2]), json!({"id": "urn:x"})),
        config(json!([V2]), json!({"expires": "2026-11-21T09:00:00Z"})),
        config(json!([V2]), json!({"created": 1})),
        config(json!([V2]), json!({"proofPurpose": "authentication"})),
        config(json!([V2]), json!({"verificationMethod": "relative"})),
        config(json!([V2]), json!({"verificationMethod": "did:a b"})),
        config(json!([V2]), json!({"verificationMethod": "ex:k"})),
        config(json!([V2, "urn:context:prefix"]), json!({})),
        config(json!([V2, {"x": "urn:x"}]), json!({})),
    ] {
        let fixed = super::fixed_proof_hash(&config, &contexts);
        assert_eq!(fixed, Ok(None), "{config:?}");
    }
    // A later context that would give the members other meanings is refused by both.
    for term in ["DataIntegrityProof", "type", "id"] {
        let text = format!(r#"{{"@context": {{"{term}": "urn:other"}}}}"#);
        let contexts = contexts.with("urn:context:other", &text).unwrap();
        let config = config(json!([V2, "urn:context:other"]), json!({}));
        let refused = Err(JsonLdError::Context);
        assert_eq!(super::fixed_proof_hash(&config, &contexts), refused);
        assert!(canonical_hash(&config, &contexts).is_err());
    }
}

#[test]
fn escapes_that_are_no_utf_8_are_refused_wherever_they_stand() {
    for members in [
        json!({"id": "https://a.example/%ff"}),
        json!({"issuer": "urn:%80"}),
        json!({"type": ["VerifiableCredential", "https://a.example/%C3"]}),
        json!({"credentialSubject": {"https://a.example/%ff": "x"}}),
        json!({"@context": ["https://www.w3.org/ns/credentials/v2", "https://a.example/%ff"]}),
    ] {
        assert!(
            matches!(refused(members.clone()), JsonLdError::Identifier),
            "{members}"
        );
    }
    assert!(!contexts().knows("https://a.example/%ff"));
    // What people write is no identifier.
    let said = json!({"credentialSubject": {"type": "Person", "givenName": "5 %ff off"}});
    assert!(to_quads(&credential(said), &contexts()).is_ok());
}
