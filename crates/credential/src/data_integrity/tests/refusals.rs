//! What a service, a wallet or a reader refuses, by the name of the fault.

use super::super::plain::{self, Options, Purpose};
use super::*;

#[test]
fn what_the_issuer_did_not_sign() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let text = issuer.issue(None, &[]).unwrap();
        let key = issuer.public();
        let other = match &issuer {
            Issuer::Bbs(_) => Issuer::bbs().public(),
            Issuer::Signing(key) if key.algorithm() == Algorithm::Es256 => Issuer::p256().public(),
            Issuer::Signing(_) => Issuer::ed25519().public(),
        };
        assert_eq!(fault(LdpVc.verify(&text, &other, NOW)), Fault::Changed);
        let bent = changed(&text, |it| {
            it["credentialSubject"]["exemption_type"] = json!("0009")
        });
        assert_eq!(fault(LdpVc.verify(&bent, &key, NOW)), Fault::Changed);
        let longer = changed(&text, |it| it["validUntil"] = json!("2030-01-01T00:00:00Z"));
        assert_eq!(fault(LdpVc.verify(&longer, &key, NOW)), Fault::Changed);
        assert_eq!(fault(LdpVc.verify(&text, &key, NOW + 1001)), Fault::Expired);
        assert_eq!(
            fault(LdpVc.verify(&text, &key, NOW - 61)),
            Fault::NotYetValid
        );
        LdpVc.describe(&text).unwrap();

        let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
        assert_eq!(
            fault(LdpVc.check(&shown, &other, &request(), false)),
            Fault::Changed
        );
        let mut bent = shown.clone();
        bent["credentialSubject"]["exemption_type"] = json!("0009");
        assert_eq!(
            fault(LdpVc.check(&bent, &key, &request(), false)),
            Fault::Changed
        );
        let late = Request {
            now: NOW + 1001,
            ..request()
        };
        assert_eq!(
            fault(LdpVc.check(&shown, &key, &late, false)),
            Fault::Expired
        );
    }
}

/// A proof that hides claims has dates of its own, beside the credential's.
#[test]
fn the_dates_of_a_proof_that_hides_claims() {
    let contexts = Contexts::pinned();
    for (issuer, suite) in [
        (Issuer::p256(), Suite::EcdsaSd2023),
        (Issuer::bbs(), Suite::Bbs2023),
    ] {
        let mut document = object(&issuer.issue(None, &[]).unwrap());
        document.remove("proof");
        let guarded = selective::guarded_pointers(&document);
        let signed = |member: &str, value: Value| {
            let mut config = selective::proof_options(suite, &issuer.url(), None);
            config.insert(member.to_owned(), value);
            let secret = issuer.secret();
            let signed = selective::sign_base(&document, &config, &guarded, secret, contexts);
            Value::Object(signed.unwrap()).to_string()
        };
        let key = issuer.public();
        for (member, value) in [
            ("created", json!("2020-01-01T00:00:00Z")),
            ("expires", json!("2030-01-01T00:00:00Z")),
            ("nonce", json!("a")),
            ("domain", json!(["a", "b"])),
        ] {
            let text = signed(member, value);
            LdpVc.verify(&text, &key, NOW).unwrap();
            let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
            LdpVc.check(&shown, &key, &request(), false).unwrap();
        }
        for (member, value, expected) in [
            ("created", json!("2030-01-01T00:00:00Z"), Fault::NotYetValid),
            ("expires", json!("2020-01-01T00:00:00Z"), Fault::Expired),
            ("created", json!("yesterday"), Fault::Malformed),
            ("expires", json!("2030-01-01"), Fault::Malformed),
            ("nonce", json!(7), Fault::Malformed),
            ("challenge", json!(7), Fault::Malformed),
            ("domain", json!(7), Fault::Malformed),
        ] {
            let text = signed(member, value);
            assert_eq!(fault(LdpVc.verify(&text, &key, NOW)), expected, "{member}");
            let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
            let checked = LdpVc.check(&shown, &key, &request(), false);
            assert_eq!(fault(checked), expected, "{member}");
        }
    }
}

/// The presentation in this name, with a proof that names this method.
fn signed_again(shown: &Value, name: &Value, method: &str, key: &SigningKey) -> Value {
    let mut document = shown.as_object().unwrap().clone();
    document.remove("proof");
    document.insert("holder".to_owned(), name.clone());
    let request = request();
    let options = Options {
        suite: plain::Suite::for_algorithm(key.algorithm()).unwrap(),
        verification_method: method,
        purpose: Purpose::Authentication,
        created: Some(request.now),
        challenge: Some(request.nonce),
        domain: Some(request.client_id),
    };
    let contexts = crate::json_ld::Contexts::pinned();
    Value::Object(plain::sign(&document, &options, key, contexts).unwrap())
}

fn accepted(shown: &Value, issuer: &PublicKey) -> bool {
    LdpVc.check(shown, issuer, &request(), true).is_ok()
}

#[test]
fn the_holders_proof_is_for_this_request_by_the_holder() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let (holder, key) = (SigningKey::make_p256(), issuer.public());
        let text = issuer.issue(Some(&holder.public()), &[]).unwrap();
        let shown = LdpVc
            .present(&text, &[], &request(), Some(&holder))
            .unwrap();
        let check =
            |shown: &Value, request: Request<'_>| fault(LdpVc.check(shown, &key, &request, true));
        let nonce = "other";
        assert_eq!(
            check(&shown, Request { nonce, ..request() }),
            Fault::OtherRequest
        );
        let client_id = "x509_san_dns:other.example";
        assert_eq!(
            check(
                &shown,
                Request {
                    client_id,
                    ..request()
                }
            ),
            Fault::OtherRequest
        );
        assert_eq!(
            check(
                &shown,
                Request {
                    now: NOW + 601,
                    ..request()
                }
            ),
            Fault::ProofTime
        );

        // By another key, in the holder's name or in its own.
        let thief = SigningKey::make_p256();
        let refused = LdpVc.present(&text, &[], &request(), Some(&thief));
        assert_eq!(fault(refused), Fault::NotTheHolder);
        let own = issuer.issue(Some(&thief.public()), &[]).unwrap();
        let mut stolen = LdpVc.present(&own, &[], &request(), Some(&thief)).unwrap();
        stolen["verifiableCredential"] = shown["verifiableCredential"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);
        stolen["holder"] = shown["holder"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);
        stolen["proof"]["verificationMethod"] = shown["proof"]["verificationMethod"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);

        // By the holder's key, in another's name.
        let theirs = stolen["holder"].clone();
        let other = did::derive_did_jwk(&thief.public()).unwrap();
        let method = shown["proof"]["verificationMethod"].as_str().unwrap();
        let others = did::derive_did_jwk_url(&thief.public()).unwrap();
        assert!(accepted(
            &signed_again(&shown, &theirs, method, &holder),
            &key
        ));
        for (name, method) in [(json!(other), method), (theirs, &others)] {
            let named = signed_again(&shown, &name, method, &holder);
            assert_eq!(check(&named, request()), Fault::NotTheHolder);
        }
        let named = signed_again(&shown, &json!(other), &others, &holder);
        assert_eq!(check(&named, request()), Fault::NotTheHolder);

        let mut without = shown.clone();
        without.as_object_mut().unwrap().remove("proof");
        assert_eq!(check(&without, request()), Fault::NotTheHolder);
        let mut undated = shown.clone();
        undated["proof"].as_object_mut().unwrap().remove("created");
        assert_eq!(check(&undated, request()), Fault::NotTheHolder);
        let mut twice = shown.clone();
        twice["verifiableCredential"] = json!([
            shown["verifiableCredential"][0],
            shown["verifiableCredential"][0],
        ]);
        assert_eq!(check(&twice, request()), Fault::Malformed);
        // A proof that is there is checked even where none is needed.
        let other = Request {
            nonce: "other",
            ..request()
        };
        assert_eq!(
            fault(LdpVc.check(&shown, &key, &other, false)),
            Fault::OtherRequest
        );
    }
}

#[test]
fn a_bbs_proof_is_for_one_request() {
    let issuer = Issuer::bbs();
    let text = issuer.issue(None, &[]).unwrap();
    let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
    for other in [
        Request {
            nonce: "other",
            ..request()
        },
        Request {
            client_id: "other",
            ..request()
        },
        // The same letters, cut elsewhere.
        Request {
            client_id: "x509_san_dns:counter.examplen",
            nonce: "-0S6_WzA2Mj",
            ..request()
        },
    ] {
        let refused = LdpVc.check(&shown, &issuer.public(), &other, false);
        assert_eq!(fault(refused), Fault::OtherRequest);
    }
}

#[test]
fn what_an_issuer_made_mandatory_cannot_be_hidden_and_what_limits_is_mandatory() {
    use super::super::selective::{Pointer, Suite, derive, proof_options, sign_base};
    let contexts = crate::json_ld::Contexts::pinned();
    let issuer = Issuer::p256();
    let mut document = object(&issuer.issue(None, &[]).unwrap());
    document.remove("proof");
    let config = proof_options(Suite::EcdsaSd2023, &issuer.url(), None);
    // An issuer who lets the end of the validity be hidden.
    let mandatory = [Pointer::to_member("issuer"), Pointer::to_member("type")];
    let signed = sign_base(&document, &config, &mandatory, issuer.secret(), contexts).unwrap();
    let text = Value::Object(signed.clone()).to_string();
    // The holder's own program shows it all the same.
    let preview = LdpVc.preview(&text, &[]).unwrap();
    assert!(preview.contains(&path(&["validUntil"])));
    let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
    assert!(shown.get("validUntil").is_some());
    let refused = LdpVc.check(&shown, &issuer.public(), &request(), false);
    assert_eq!(fault(refused), Fault::Malformed);
    let chosen = [Pointer::to_member("credentialSubject")];
    let hidden = derive(&signed, &chosen, &[], contexts).unwrap();
    assert!(!hidden.contains_key("validUntil"));
}

#[test]
fn what_is_no_credential_of_this_format() {
    let issuer = Issuer::ed25519();
    let text = issuer.issue(None, &[]).unwrap();
    for refused in ["", "x", "[]", "{}", "eyJ.e30.x~"] {
        assert_eq!(fault(LdpVc.peek(refused)), Fault::Malformed, "{refused}");
    }
    assert_eq!(fault(LdpVc.peek_presented(&Value::Null)), Fault::Malformed);
    assert_eq!(fault(LdpVc.peek_presented(&json!("x"))), Fault::Malformed);
    let with = |change: fn(&mut Map<String, Value>)| fault(LdpVc.peek(&changed(&text, change)));
    assert_eq!(
        with(|it| it["proof"]["cryptosuite"] = json!("other-2030")),
        Fault::Unsupported
    );
    assert_eq!(with(|it| drop(it.remove("proof"))), Fault::Malformed);
    assert_eq!(
        with(|it| it["issuer"] = json!("did:example:other")),
        Fault::Malformed
    );
    assert_eq!(
        with(|it| it["proof"]["proofPurpose"] = json!("authentication")),
        Fault::Unsupported
    );
    assert_eq!(
        with(|it| it["type"] = json!(["VerifiableCredential", "Undefined"])),
        Fault::Malformed
    );
    let unknown = "https://unknown.example/context";
    let with_context = changed(&text, |it| {
        it["@context"].as_array_mut().unwrap().push(unknown.into());
    });
    assert_eq!(fault(LdpVc.peek(&with_context)), Fault::Unsupported);
    let status = |status: Value| {
        let text = changed(&text, |it| {
            it.insert("credentialStatus".to_owned(), status);
        });
        fault(LdpVc.describe(&text))
    };
    assert_eq!(status(json!({"type": "OtherList"})), Fault::Unsupported);
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation"});
    assert_eq!(status(entry), Fault::Malformed);
    let web = changed(&text, |it| {
        it["issuer"] = json!("https://issuer.example");
        it["proof"]["verificationMethod"] = json!("https://issuer.example#key");
    });
    assert_eq!(fault(LdpVc.peek(&web)), Fault::Unsupported);
}

#[test]
fn a_claim_that_is_not_there_is_not_shown() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let text = issuer.issue(None, &[]).unwrap();
        let missing = [path(&["credentialSubject", "missing"])];
        assert_eq!(fault(LdpVc.preview(&text, &missing)), Fault::NoSuchClaim);
        let refused = LdpVc.present(&text, &missing, &request(), None);
        assert_eq!(fault(refused), Fault::NoSuchClaim);
    }
}

#[test]
fn of_several_proofs_the_issuers_counts() {
    use super::super::plain::{self, Options, Purpose, Suite};
    let (issuer, other) = (Issuer::p256(), SigningKey::make_ed25519());
    let text = issuer.issue(None, &[]).unwrap();
    let mut document = object(&text);
    let first = document.remove("proof").unwrap();
    let url = did::derive_did_key_url(&other.public()).unwrap();
    let options = Options {
        suite: Suite::EddsaRdfc2022,
        verification_method: &url,
        purpose: Purpose::Assertion,
        created: None,
        challenge: None,
        domain: None,
    };
    let contexts = crate::json_ld::Contexts::pinned();
    let theirs = plain::sign(&document, &options, &other, contexts).unwrap();
    document.insert("proof".to_owned(), json!([theirs["proof"], first]));
    let both = Value::Object(document).to_string();
    LdpVc.verify(&both, &issuer.public(), NOW).unwrap();
    assert_eq!(
        fault(LdpVc.verify(&both, &other.public(), NOW)),
        Fault::Changed
    );
    // A derived credential has the derived proof alone.
    let shown = LdpVc.present(&both, &[], &request(), None).unwrap();
    LdpVc
        .check(&shown, &issuer.public(), &request(), false)
        .unwrap();
}
