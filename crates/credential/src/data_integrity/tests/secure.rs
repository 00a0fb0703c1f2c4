use super::super::selective::{Pointer, derive};
use super::super::{named_key, plain, secure, verify_credential, verify_presentation};
use super::*;
use crate::json_ld::Contexts;

fn document(issuer: &Issuer) -> Map<String, Value> {
    let document = json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/examples/v2",
        ],
        "type": ["VerifiableCredential", "AlumniCredential"],
        "issuer": did::split_url(&issuer.url()).0,
        "credentialSubject": {"alumniOf": "The School of Examples", "degree": "none"},
    });
    document.as_object().unwrap().clone()
}

#[test]
fn documents_of_others_are_secured_by_every_suite() {
    for (issuer, suites) in [
        (
            Issuer::p256(),
            &["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "ecdsa-sd-2023"][..],
        ),
        (Issuer::ed25519(), &["eddsa-rdfc-2022", "eddsa-jcs-2022"]),
        (Issuer::bbs(), &["bbs-2023"]),
    ] {
        for suite in suites {
            let signed = secure(document(&issuer), suite, &[], issuer.secret(), NOW).unwrap();
            assert_eq!(signed["proof"]["cryptosuite"], *suite);
            let (url, algorithm) = named_key(&signed).unwrap();
            assert_eq!(
                (url, algorithm),
                (issuer.url(), issuer.public().algorithm())
            );
            verify_credential(&signed, &issuer.public(), NOW).unwrap();
            let mut changed = signed.clone();
            changed["credentialSubject"]["alumniOf"] = json!("Another school");
            let refused = verify_credential(&changed, &issuer.public(), NOW).unwrap_err();
            assert_eq!(refused.fault, Fault::Changed, "{suite}");
            if suite.ends_with("2023") {
                let chosen = [Pointer::parse("/credentialSubject/degree").unwrap()];
                let derived = derive(&signed, &chosen, b"any", Contexts::pinned()).unwrap();
                assert!(derived["credentialSubject"].get("alumniOf").is_none());
                verify_credential(&derived, &issuer.public(), NOW).unwrap();
                let mut changed = derived;
                changed["credentialSubject"]["degree"] = json!("all");
                let refused = verify_credential(&changed, &issuer.public(), NOW).unwrap_err();
                assert_eq!(refused.fault, Fault::Changed, "{suite}");
            }
            let again = secure(signed, suite, &[], issuer.secret(), NOW);
            assert_eq!(again.unwrap_err().fault, Fault::Malformed);
        }
    }
}

#[test]
fn what_is_not_secured() {
    let (issuer, other) = (Issuer::p256(), Issuer::p256());
    let refused = |document, suite| {
        secure(document, suite, &[], issuer.secret(), NOW)
            .unwrap_err()
            .fault
    };
    assert_eq!(
        refused(document(&other), "ecdsa-rdfc-2019"),
        Fault::Unsupported
    );
    assert_eq!(refused(document(&issuer), "other"), Fault::Unsupported);
    assert_eq!(
        refused(document(&issuer), "JsonWebSignature2020"),
        Fault::Unsupported
    );
    assert_eq!(
        refused(document(&issuer), "eddsa-rdfc-2022"),
        Fault::Changed
    );
    assert_eq!(refused(document(&issuer), "bbs-2023"), Fault::Changed);
    assert_eq!(refused(Map::new(), "ecdsa-rdfc-2019"), Fault::Malformed);
}

#[test]
fn presentations_by_anybody_are_verified() {
    let (issuer, holder) = (Issuer::ed25519(), SigningKey::make_p256());
    let text = issuer.issue(Some(&holder.public()), &[]).unwrap();
    let shown = LdpVc
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    let shown = shown.as_object().unwrap().clone();
    let key = |url: &str| crate::vcdm::facts::key_inside(did::split_url(url).0);
    let verify = |shown: &Map<String, Value>, challenge: Option<&str>, domain: Option<&str>| {
        verify_presentation(shown.clone(), challenge, domain, &key, NOW)
            .map(|found| (found.credentials.len(), found.proofs.len()))
            .map_err(|refused| refused.fault)
    };
    let (nonce, client) = (Some(request().nonce), Some(request().client_id));
    assert_eq!(verify(&shown, nonce, client), Ok((1, 1)));
    assert_eq!(verify(&shown, None, None), Ok((1, 1)));
    assert_eq!(
        verify(&shown, Some("other"), client),
        Err(Fault::OtherRequest)
    );
    assert_eq!(
        verify(&shown, nonce, Some("other")),
        Err(Fault::OtherRequest)
    );
    let mut other = shown.clone();
    other["holder"] = json!("did:example:other");
    assert_eq!(verify(&other, nonce, client), Err(Fault::NotTheHolder));
    let mut bare = shown.clone();
    bare.remove("proof");
    assert_eq!(verify(&bare, nonce, client), Err(Fault::NotTheHolder));
    // The holder's proof is right, and names another than the holder.
    let thief = SigningKey::make_ed25519();
    let mut theirs = shown;
    theirs.remove("proof");
    let url = did::derive_did_key_url(&thief.public()).unwrap();
    let options = plain::Options {
        suite: plain::Suite::EddsaRdfc2022,
        verification_method: &url,
        purpose: plain::Purpose::Authentication,
        created: Some(NOW),
        challenge: None,
        domain: None,
    };
    let theirs = plain::sign(&theirs, &options, &thief, Contexts::pinned()).unwrap();
    assert_eq!(verify(&theirs, None, None), Err(Fault::NotTheHolder));
}

#[test]
fn what_is_no_json_ld_is_refused_even_where_the_signature_is_over_json() {
    let issuer = Issuer::p256();
    let plain_document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": did::split_url(&issuer.url()).0,
        "credentialSubject": {"id": "did:example:a"},
    });
    let redefines = json!([
        "https://www.w3.org/ns/credentials/v2",
        {"VerifiableCredential": "https://other.example/VerifiableCredential"},
    ]);
    for (member, value) in [
        ("type", json!(["VerifiableCredential", "Undefined"])),
        (
            "credentialSubject",
            json!({"id": "did:example:a", "undefined": 1}),
        ),
        ("@context", redefines),
    ] {
        let mut document = plain_document.as_object().unwrap().clone();
        document.insert(member.to_owned(), value);
        let refused = secure(
            document.clone(),
            "ecdsa-jcs-2019",
            &[],
            issuer.secret(),
            NOW,
        );
        assert_eq!(refused.unwrap_err().fault, Fault::Malformed, "{member}");
        let options = plain::Options {
            suite: plain::Suite::EcdsaJcs2019,
            verification_method: &issuer.url(),
            purpose: plain::Purpose::Assertion,
            created: None,
            challenge: None,
            domain: None,
        };
        let Issuer::Signing(key) = &issuer else {
            panic!("another kind")
        };
        let signed = plain::sign(&document, &options, key, Contexts::pinned()).unwrap();
        let refused = verify_credential(&signed, &issuer.public(), NOW);
        // Contexts that are written out are refused before anybody reads them.
        let fault = match member {
            "@context" => Fault::Unsupported,
            _ => Fault::Malformed,
        };
        assert_eq!(refused.unwrap_err().fault, fault, "{member}");
    }
}
