use credential::catalogue;
use credential::data_integrity::{LdpVc, secure};
use credential::format::{Draft, Format as _, IssuerSecret, KeyName, Request};
use credential::vc_jose::VcJose;
use keys::SigningKey;
use net::{Client, Policy};

use super::*;

const NOW: UnixTime = 1_790_000_000;

/// `did:key` needs no network.
fn http() -> Client {
    Client::new(Policy { demo: false }).unwrap()
}

async fn credential_verdict(credential: &Value) -> Verdict {
    let body = json!({"verifiableCredential": credential, "options": {}});
    verify_credential(&http(), body.to_string().as_bytes(), NOW).await
}

async fn presentation_verdict(presentation: &Value, options: Value) -> Verdict {
    let body = json!({"verifiablePresentation": presentation, "options": options});
    verify_presentation(&http(), body.to_string().as_bytes(), NOW).await
}

fn issued(
    issuer: &SigningKey,
    holder: &SigningKey,
    format: &dyn credential::format::Format,
) -> String {
    let entry = catalogue::by_name("NHSChargeExemption").unwrap();
    let claims = json::parse_object(entry.example.as_bytes()).unwrap();
    let url = did::derive_did_key_url(&issuer.public()).unwrap();
    let draft = Draft {
        type_id: entry.vct,
        claims: &claims,
        conceal: &[],
        holder: Some(&holder.public()),
        issuer: None,
        key_name: KeyName::Id(&url),
        issued_at: NOW,
        valid_from: None,
        valid_until: Some(NOW + 10),
        status: &[],
    };
    format.issue(&draft, IssuerSecret::Signing(issuer)).unwrap()
}

fn request() -> Request<'static> {
    Request {
        client_id: "https://verifier.example",
        nonce: "the nonce",
        response_uri: None,
        encryption_key: None,
        now: NOW,
    }
}

#[tokio::test]
async fn credentials_are_verified() {
    let issuer = SigningKey::make_ed25519();
    let did = did::derive_did_key(&issuer.public()).unwrap();
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did,
        "credentialStatus": {
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://issuer.example/1",
        },
        "credentialSubject": {"id": "did:example:a"},
    });
    let secret = IssuerSecret::Signing(&issuer);
    let document = document.as_object().unwrap().clone();
    let signed = secure(document, "eddsa-rdfc-2022", &[], secret, NOW).unwrap();
    let signed = Value::Object(signed);
    let verdict = credential_verdict(&signed).await.to_json();
    assert_eq!(verdict["verified"], true);
    assert_eq!(verdict["errors"], json!([]));
    assert_eq!(
        verdict["warnings"][0]["title"],
        "the status was not looked up"
    );
    for (member, value) in [
        ("credentialSubject", json!({"id": "did:example:b"})),
        ("issuer", json!("did:example:other")),
        ("type", json!(["Other"])),
        ("validUntil", json!("2020-01-01T00:00:00Z")),
        ("proof", json!({"type": "Other"})),
    ] {
        let mut changed = signed.clone();
        changed[member] = value;
        let verdict = credential_verdict(&changed).await.to_json();
        assert_eq!(verdict["verified"], false, "{member}");
        assert_eq!(verdict["errors"].as_array().unwrap().len(), 1);
    }
    for refused in [json!("x"), json!({}), json!(null)] {
        assert!(!credential_verdict(&refused).await.errors.is_empty());
    }
}

#[tokio::test]
async fn enveloped_credentials_are_verified() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let compact = issued(&issuer, &holder, &VcJose);
    let enveloped =
        |text: &str| Value::Object(Enveloped::derive_credential(vc_jose::CREDENTIAL, text));
    let verdict = credential_verdict(&enveloped(&compact)).await;
    assert!(verdict.errors.is_empty(), "{verdict:?}");
    let other = issued(&SigningKey::make_p256(), &holder, &VcJose);
    let (body, _) = compact.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let verdict = credential_verdict(&enveloped(&format!("{body}.{signature}"))).await;
    assert!(!verdict.errors.is_empty());
    let cose = Enveloped::derive_credential("application/vc+cose", "AAAA");
    assert!(
        !credential_verdict(&Value::Object(cose))
            .await
            .errors
            .is_empty()
    );
}

#[tokio::test]
async fn presentations_are_verified() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_ed25519());
    let text = issued(&issuer, &holder, &LdpVc);
    let shown = LdpVc
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    let right = json!({"challenge": "the nonce", "domain": "https://verifier.example"});
    let verdict = presentation_verdict(&shown, right.clone()).await;
    assert!(verdict.errors.is_empty(), "{verdict:?}");
    assert!(
        presentation_verdict(&shown, json!({}))
            .await
            .errors
            .is_empty()
    );
    for options in [
        json!({"challenge": "other"}),
        json!({"domain": "other"}),
        json!({"challenge": 1}),
        json!(1),
    ] {
        assert!(
            !presentation_verdict(&shown, options)
                .await
                .errors
                .is_empty()
        );
    }
    // The holder signs, and what the issuer signed was changed.
    let mut changed = shown.clone();
    changed["verifiableCredential"][0]["credentialSubject"]["exemption_type"] = json!("x");
    changed.as_object_mut().unwrap().remove("proof");
    let url = did::derive_did_key_url(&holder.public()).unwrap();
    let options = plain::Options {
        suite: plain::Suite::EddsaRdfc2022,
        verification_method: &url,
        purpose: plain::Purpose::Authentication,
        created: None,
        challenge: None,
        domain: None,
    };
    let contexts = credential::json_ld::Contexts::pinned();
    let changed = plain::sign(changed.as_object().unwrap(), &options, &holder, contexts).unwrap();
    let verdict = presentation_verdict(&Value::Object(changed), json!({})).await;
    assert!(!verdict.errors.is_empty());
    let mut unproven = shown;
    unproven.as_object_mut().unwrap().remove("proof");
    assert!(
        !presentation_verdict(&unproven, json!({}))
            .await
            .errors
            .is_empty()
    );
}

#[tokio::test]
async fn enveloped_presentations_are_verified() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_ed25519());
    let text = issued(&issuer, &holder, &VcJose);
    let shown = VcJose
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    let enveloped = json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": format!("data:application/vp+jwt,{}", shown.as_str().unwrap()),
        "type": "EnvelopedVerifiablePresentation",
    });
    let right = json!({"challenge": "the nonce", "domain": "https://verifier.example"});
    let verdict = presentation_verdict(&enveloped, right).await;
    assert!(verdict.errors.is_empty(), "{verdict:?}");
    for options in [
        json!({}),
        json!({"challenge": "other", "domain": "https://verifier.example"}),
    ] {
        assert!(
            !presentation_verdict(&enveloped, options)
                .await
                .errors
                .is_empty()
        );
    }
}

#[test]
fn only_the_token_opens() {
    let status = |token: Option<&str>, given: Option<&str>| {
        let mut headers = HeaderMap::new();
        if let Some(given) = given {
            headers.insert(header::AUTHORIZATION, given.parse().unwrap());
        }
        refuse(token, &headers).map(|response| response.status())
    };
    let token = Some("0123456789abcdef");
    assert_eq!(status(token, Some("Bearer 0123456789abcdef")), None);
    for given in [
        None,
        Some("Bearer 0123456789abcdee"),
        Some("0123456789abcdef"),
    ] {
        assert_eq!(status(token, given), Some(StatusCode::UNAUTHORIZED));
    }
    assert_eq!(status(None, Some("Bearer ")), Some(StatusCode::NOT_FOUND));
}
