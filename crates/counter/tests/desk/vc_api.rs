//! The interface for programs, over its socket.

use credential::data_integrity::plain::{Options, Purpose, Suite, sign};
use credential::did;
use credential::json_ld::Contexts;
use keys::SigningKey;
use serde_json::{Value, json};

use crate::world::{World, now, write};

#[tokio::test]
async fn programs_have_credentials_verified_with_a_token() {
    let world = World::make();
    let folder = tempfile::TempDir::new().unwrap();
    let token = write(folder.path(), "token", "0123456789abcdef\n");
    let counter = world.serve(&["--vc-api-token", &token]);
    let issuer = SigningKey::make_p256();
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did::derive_did_key(&issuer.public()).unwrap(),
        "credentialSubject": {"id": "did:example:a"},
    });
    let options = Options {
        suite: Suite::EcdsaJcs2019,
        verification_method: &did::derive_did_key_url(&issuer.public()).unwrap(),
        purpose: Purpose::Assertion,
        created: Some(now()),
        challenge: None,
        domain: None,
    };
    let document = document.as_object().unwrap();
    let mut signed = sign(document, &options, &issuer, Contexts::pinned()).unwrap();
    let post = |path: &str, token: &str, body: &Value| {
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        let (status, text) = counter.call("POST", path, &headers, &body.to_string());
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    };
    let (right, wrong) = ("0123456789abcdef", "0123456789abcdee");
    let body = json!({"verifiableCredential": signed, "options": {"checks": []}});
    let (status, verdict) = post("/credentials/verify", right, &body);
    assert_eq!((status, &verdict["verified"]), (200, &json!(true)));
    assert_eq!(verdict["errors"], json!([]));
    assert_eq!(post("/credentials/verify", wrong, &body).0, 401);
    // A credential is no presentation.
    let (status, verdict) = post("/presentations/verify", right, &body);
    assert_eq!((status, &verdict["verified"]), (400, &json!(false)));
    signed["credentialSubject"]["id"] = json!("did:example:b");
    let body = json!({"verifiableCredential": signed});
    let (status, verdict) = post("/credentials/verify", right, &body);
    assert_eq!((status, &verdict["verified"]), (400, &json!(false)));
    assert_eq!(verdict["errors"].as_array().unwrap().len(), 1);
    drop(counter);

    let counter = world.serve(&[]);
    let (status, _) = counter.call("POST", "/credentials/verify", &[], "{}");
    assert_eq!(status, 404);
}
