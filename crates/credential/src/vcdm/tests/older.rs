//! The data model 1.1.

use super::*;

fn older() -> serde_json::Value {
    json!({
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "expirationDate": "2021-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject"},
    })
}

#[test]
fn credentials_of_the_older_data_model_are_read() {
    let found = of(older()).unwrap();
    assert_eq!(found.version(), Version::V1);
    assert_eq!(found.check_period(1_600_000_000), Ok(()));
    assert_eq!(found.check_period(1_700_000_000), Err(VcdmError::Expired));
    assert_eq!(
        found.check_period(1_500_000_000),
        Err(VcdmError::NotYetValid)
    );
    let mut undated = older();
    undated.as_object_mut().unwrap().remove("issuanceDate");
    assert_eq!(of(undated).err(), Some(VcdmError::Missing("issuanceDate")));
    for member in ["credentialStatus", "refreshService"] {
        let mut nameless = older();
        nameless[member] = json!({"type": "T"});
        assert_eq!(of(nameless).err(), Some(VcdmError::Id(member)));
    }
}
