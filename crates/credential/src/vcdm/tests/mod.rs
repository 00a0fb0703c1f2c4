mod contexts;
mod extensions;
mod older;
mod parties;
mod presentations;
mod related;
mod validity;

use serde_json::json;

use super::*;

fn credential() -> serde_json::Value {
    json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential"],
        "name": "Example",
        "issuer": {"id": "did:example:issuer", "name": {"@value": "Issuer", "@language": "en"}},
        "validFrom": "2023-01-01T00:00:00Z",
        "validUntil": "2024-01-01T00:00:00Z",
        "credentialStatus": {"type": "BitstringStatusListEntry"},
        "credentialSchema": {"id": "https://s.example/1", "type": "JsonSchema"},
        "credentialSubject": {"id": "did:example:subject"},
    })
}

fn of(value: serde_json::Value) -> Result<Credential, VcdmError> {
    Credential::check(value.as_object().unwrap().clone())
}

/// The credential with one member changed, or without it where the value is `null`.
fn with(member: &str, value: serde_json::Value) -> Result<Credential, VcdmError> {
    let mut document = credential();
    document[member] = value;
    of(document)
}

fn without(member: &str) -> Result<Credential, VcdmError> {
    let mut document = credential();
    document.as_object_mut().unwrap().remove(member);
    of(document)
}

#[test]
fn a_credential_that_keeps_every_rule() {
    let found = of(credential()).unwrap();
    assert_eq!(found.version(), Version::V2);
    assert_eq!(found.issuer(), "did:example:issuer");
    assert_eq!(found.types(), ["VerifiableCredential"]);
    assert_eq!(
        found.id(),
        Some("urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33")
    );
    assert_eq!(found.subjects().len(), 1);
    assert_eq!(found.statuses().len(), 1);
    assert_eq!(found.document(), credential().as_object().unwrap());
    for optional in [
        "id",
        "name",
        "validFrom",
        "validUntil",
        "credentialStatus",
        "credentialSchema",
    ] {
        without(optional).unwrap();
    }
}
