//! Faults of the libraries that are the reason for suites of our own; `docs/upstream.md` describes
//! them. A test fails here when a new version has mended its fault.

use std::collections::HashMap;

use futures_util::FutureExt as _;
use iref::IriBuf;
use rdf_types::RdfDisplay as _;
use serde_json::{Map, Value, json};
use ssi::claims::VerificationParameters;
use ssi::claims::data_integrity::{AnyDataIntegrity, AnySelectionOptions};
use ssi::verification_methods::AnyMethod;

use super::super::{SelectiveError, Suite, derive, verify_derived};
use super::{Issuer, contexts, object, pointers};
use crate::rdf::{Literal, Quad, Term, XSD_STRING, nquads};

/// A credential whose subject has the members, signed by us, which agrees with W3C's vectors;
/// derived by `ssi` and by us.
fn derived_by_ssi(subject: Value) -> Result<(), SelectiveError> {
    let issuer = Issuer::make();
    let suite = Suite::EcdsaSd2023;
    let document = object(json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2"
        ],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": subject
    }));
    let signed = issuer.sign(suite, &document, &["/issuer"]).unwrap();
    let chosen = ["/credentialSubject/alumniOf"];

    let ours = derive(&signed, &pointers(&chosen), b"", contexts()).unwrap();
    verify_derived(&ours, &issuer.key(suite), None, contexts()).unwrap();

    let credential: AnyDataIntegrity = serde_json::from_value(Value::Object(signed)).unwrap();
    let options: AnySelectionOptions =
        serde_json::from_value(json!({"selectivePointers": chosen})).unwrap();
    let methods: HashMap<IriBuf, AnyMethod> = HashMap::new();
    let theirs = credential
        .select(VerificationParameters::from_resolver(methods), options)
        .now_or_never()
        .unwrap()
        .unwrap();
    let theirs: Map<String, Value> = object(serde_json::to_value(theirs).unwrap());
    verify_derived(&theirs, &issuer.key(suite), None, contexts()).map(|_| ())
}

#[test]
fn ssi_derives_ecdsa_sd_2023_without_a_subject_id() {
    let subject = json!({"alumniOf": "The School", "degree": "BSc"});
    assert_eq!(derived_by_ssi(subject), Ok(()));
}

/// The fault: statements are sorted as Rust values, in which a blank node comes before an IRI;
/// the signatures were made in the order of their lines.
#[test]
fn ssi_derives_a_wrong_proof_where_the_subject_has_an_id() {
    let subject = json!({
        "id": "did:example:subject", "alumniOf": "The School", "degree": "BSc"
    });
    let refused = derived_by_ssi(subject).unwrap_err();
    assert!(
        matches!(
            refused,
            SelectiveError::Signature | SelectiveError::SignatureCount
        ),
        "{refused:?}"
    );
}

/// The fault: canonical N-Quads escape every control character (RDFC-1.0 Appendix A).
#[test]
fn rdf_types_escapes_too_few_characters() {
    for (character, escaped) in [
        ('\u{8}', "\\b"),
        ('\t', "\\t"),
        ('\u{b}', "\\u000B"),
        ('\u{c}', "\\f"),
        ('\u{7f}', "\\u007F"),
    ] {
        let value = character.to_string();
        assert_eq!(value.rdf_display().to_string(), format!("\"{value}\""));
        let quad = Quad {
            subject: Term::Iri("urn:s".to_owned()),
            predicate: "urn:p".to_owned(),
            object: Term::Literal(Literal {
                value,
                datatype: XSD_STRING.to_owned(),
                language: None,
            }),
            graph: None,
        };
        let line = nquads::line(&quad, |label| label);
        assert_eq!(line, format!("<urn:s> <urn:p> \"{escaped}\" .\n"));
    }
}
