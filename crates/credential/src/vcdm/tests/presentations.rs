use super::*;

fn presentation() -> serde_json::Value {
    let mut secured = credential();
    secured["proof"] = json!({"type": "DataIntegrityProof"});
    json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "VerifiablePresentation",
        "holder": "did:example:holder",
        "verifiableCredential": [secured, {
            "@context": "https://www.w3.org/ns/credentials/v2",
            "id": "data:application/vc+jwt,eyJh.e30.AAAA",
            "type": "EnvelopedVerifiableCredential",
        }],
    })
}

fn presented(change: impl FnOnce(&mut serde_json::Value)) -> Result<Presentation, VcdmError> {
    let mut document = presentation();
    change(&mut document);
    Presentation::check(document.as_object().unwrap().clone())
}

#[test]
fn a_presentation_that_keeps_every_rule() {
    let found = presented(|_| ()).unwrap();
    assert_eq!(found.holder(), Some("did:example:holder"));
    assert_eq!(found.version(), Version::V2);
    let [Contained::Embedded(_), Contained::Enveloped(envelope)] = found.credentials() else {
        panic!("not two credentials")
    };
    assert_eq!(envelope.media_type, "application/vc+jwt");
    assert_eq!(envelope.data, b"eyJh.e30.AAAA");
    let written = Enveloped::derive_credential("application/vc+jwt", "eyJh.e30.AAAA");
    assert!(Enveloped::credential(&written).unwrap() == *envelope);
    assert!(presented(|it| it["holder"] = json!({"id": "did:example:a"})).is_ok());
}

#[test]
fn a_presentation_may_hold_nothing_and_say_so() {
    let found = presented(|it| it["verifiableCredential"] = json!([])).unwrap();
    assert!(found.credentials().is_empty());
    let none = presented(|it| {
        it.as_object_mut().unwrap().remove("verifiableCredential");
    });
    assert!(none.unwrap().credentials().is_empty());
}

#[test]
fn what_is_no_presentation() {
    let refusal = |change: fn(&mut serde_json::Value)| presented(change).err();
    assert_eq!(
        refusal(|it| it["type"] = json!("Other")),
        Some(VcdmError::BaseType("VerifiablePresentation"))
    );
    assert_eq!(
        refusal(|it| it["type"] = json!([])),
        Some(VcdmError::Type("presentation"))
    );
    assert_eq!(
        refusal(|it| it["id"] = json!("no url")),
        Some(VcdmError::Id("presentation"))
    );
    assert_eq!(
        refusal(|it| it["@context"] = json!([])),
        Some(VcdmError::BaseContext)
    );
    assert_eq!(
        refusal(|it| it["holder"] = json!({"name": "x"})),
        Some(VcdmError::Party("holder"))
    );
    assert_eq!(
        refusal(|it| it["holder"] = json!("no url")),
        Some(VcdmError::Party("holder"))
    );
    assert_eq!(
        refusal(|it| it["termsOfUse"] = json!({})),
        Some(VcdmError::Type("termsOfUse"))
    );
    assert_eq!(
        refusal(|it| it["proof"] = json!({})),
        Some(VcdmError::Type("proof"))
    );
    for refused in [
        json!([[]]),
        json!("https://c.example/1"),
        json!(["eyJh.e30.AAAA"]),
        json!([1]),
        json!(null),
    ] {
        let refusal = presented(|it| it["verifiableCredential"] = refused).err();
        assert_eq!(refusal, Some(VcdmError::NotObjects("verifiableCredential")));
    }
    // What is in it is checked too.
    assert_eq!(
        refusal(|it| it["verifiableCredential"][0]["issuer"] = json!(1)),
        Some(VcdmError::Party("issuer"))
    );
}

#[test]
fn an_envelope_is_a_data_url() {
    let refusal = |member: &str, value: serde_json::Value| {
        presented(|it| it["verifiableCredential"][1][member] = value).err()
    };
    for refused in [
        json!("https://c.example/1"),
        json!("data:application/vc+jwt"),
        json!("data:,x"),
        json!("data:application,x"),
        json!("data:application/vc+jwt,"),
        json!("data:application/vc+jwt,a b"),
        json!("data:application/vc+jwt,a%20b"),
        json!("data:application/vc+jwt;base64,???"),
        json!(["data:application/vc+jwt,x"]),
        json!(null),
    ] {
        assert_eq!(
            refusal("id", refused.clone()),
            Some(VcdmError::Envelope),
            "{refused}"
        );
    }
    let kind = "EnvelopedVerifiableCredential";
    assert_eq!(
        refusal("type", json!([kind, "Other"])),
        Some(VcdmError::BaseType(kind))
    );
    assert_eq!(
        refusal("type", json!("EnvelopedVerifiablePresentation")),
        Some(VcdmError::BaseType(kind))
    );
    assert_eq!(
        refusal("@context", json!("https://c.example")),
        Some(VcdmError::BaseContext)
    );
    let v1 = json!("https://www.w3.org/2018/credentials/v1");
    assert_eq!(refusal("@context", v1), Some(VcdmError::BaseContext));
    let object = json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": "data:application/vp+cose;base64,AAEC",
        "type": "EnvelopedVerifiablePresentation",
    });
    let found = Enveloped::presentation(object.as_object().unwrap()).unwrap();
    assert_eq!(
        (found.media_type.as_str(), found.data.as_slice()),
        ("application/vp+cose", [0, 1, 2].as_slice())
    );
}

#[test]
fn a_credential_without_a_proof_is_the_holders_own() {
    let refusal = presented(|it| {
        it["verifiableCredential"] = credential();
    });
    assert_eq!(refusal.err(), Some(VcdmError::NotSelfAsserted));
    let own = presented(|it| {
        it["verifiableCredential"] = credential();
        it["holder"] = json!("did:example:issuer");
    });
    assert!(own.is_ok());
    let nobodys = presented(|it| {
        it["verifiableCredential"] = credential();
        it.as_object_mut().unwrap().remove("holder");
    });
    assert_eq!(nobodys.err(), Some(VcdmError::NotSelfAsserted));
}
