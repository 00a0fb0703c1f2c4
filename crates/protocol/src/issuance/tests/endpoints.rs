//! What the issuer refuses of a wallet.

use keys::json::parse_object;
use keys::{SigningKey, jws};
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;

use super::peer::{ISSUER, NOW, issuer, offer_link, terms};
use crate::dpop::Prover;
use crate::issuance::{PRE_AUTHORIZED, PROOF_TYPE};
use crate::issuer::*;
use crate::link::OfferLink;

type Service = Issuer<InMemory>;

fn code(service: &Service) -> String {
    let made = service.make_offer(terms(), NOW).unwrap();
    let OfferLink::Value { offer, .. } = offer_link(&made) else {
        panic!("by value");
    };
    let grant = &offer["grants"][PRE_AUTHORIZED];
    grant["pre-authorized_code"].as_str().unwrap().to_owned()
}

fn form(fields: &[(&str, &str)]) -> Vec<u8> {
    Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

fn good_form(code: &str) -> Vec<u8> {
    form(&[
        ("grant_type", PRE_AUTHORIZED),
        ("pre-authorized_code", code),
        ("tx_code", "123456"),
    ])
}

fn body(reply: &Reply) -> Map<String, Value> {
    parse_object(&reply.body).unwrap()
}

fn error_of(reply: &Reply) -> String {
    assert!(reply.status >= 400, "must be refused");
    body(reply)["error"].as_str().unwrap().to_owned()
}

fn bearer(service: &Service) -> String {
    let reply = service.token(&good_form(&code(service)), &[], NOW);
    format!("Bearer {}", body(&reply)["access_token"].as_str().unwrap())
}

fn nonce(service: &Service) -> String {
    let reply = service.nonce(NOW);
    body(&reply)["c_nonce"].as_str().unwrap().to_owned()
}

fn proof(service: &Service, typ: &str, change: impl Fn(&mut Map<String, Value>)) -> String {
    let key = SigningKey::make_p256();
    let mut claims = json!({"aud": ISSUER, "iat": NOW, "nonce": nonce(service)});
    change(claims.as_object_mut().unwrap());
    let header = Map::from_iter([("jwk".to_owned(), key.public().to_jwk())]);
    jws::sign_claims(typ, header, &claims, &key)
}

fn request(proofs: &[String]) -> Vec<u8> {
    json!({"credential_configuration_id": "DrivingLicence", "proofs": {"jwt": proofs}})
        .to_string()
        .into_bytes()
}

fn ask(service: &Service, proofs: &[String]) -> Reply {
    let token = bearer(service);
    service.credential(Some(&token), &[], &request(proofs), NOW)
}

#[test]
fn the_token_endpoint_refuses_what_is_not_a_token_request() {
    let service = issuer(ISSUER, Dpop::Off);
    let code = code(&service);
    for (fields, expected) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", PRE_AUTHORIZED)], "invalid_request"),
        (
            vec![
                ("grant_type", PRE_AUTHORIZED),
                ("pre-authorized_code", "no"),
            ],
            "invalid_grant",
        ),
        (
            vec![
                ("grant_type", PRE_AUTHORIZED),
                ("pre-authorized_code", &code),
            ],
            "invalid_request",
        ),
        (
            vec![
                ("grant_type", PRE_AUTHORIZED),
                ("pre-authorized_code", &code),
                ("tx_code", "654321"),
            ],
            "invalid_grant",
        ),
        (
            vec![
                ("grant_type", PRE_AUTHORIZED),
                ("grant_type", PRE_AUTHORIZED),
            ],
            "invalid_request",
        ),
    ] {
        let reply = service.token(&form(&fields), &[], NOW);
        assert_eq!(error_of(&reply), expected);
    }
    // In order, but for a field that stands twice, or too many beside.
    let twice = [good_form(&code), b"&tx_code=123456".to_vec()].concat();
    let beside: String = (0..40).map(|number| format!("&x{number}=")).collect();
    let many = [good_form(&code), beside.into_bytes()].concat();
    for form in [twice, many] {
        let reply = service.token(&form, &[], NOW);
        assert_eq!(error_of(&reply), "invalid_request");
    }
    assert_eq!(service.token(&good_form(&code), &[], NOW).status, 200);
    let again = service.token(&good_form(&code), &[], NOW);
    assert_eq!(error_of(&again), "invalid_grant");
}

#[test]
fn the_credential_endpoint_needs_a_live_token() {
    let service = issuer(ISSUER, Dpop::Off);
    let proofs = [proof(&service, PROOF_TYPE, |_| ())];
    let token = bearer(&service);
    for wrong in [None, Some("Bearer x"), Some("Basic x"), Some("Bearer")] {
        let reply = service.credential(wrong, &[], &request(&proofs), NOW);
        assert_eq!((reply.status, &*error_of(&reply)), (401, "invalid_token"));
        assert!(
            reply
                .headers
                .iter()
                .any(|(name, _)| *name == "www-authenticate")
        );
    }
    let as_dpop = token.replace("Bearer", "DPoP");
    let reply = service.credential(Some(&as_dpop), &[], &request(&proofs), NOW);
    assert_eq!(error_of(&reply), "invalid_token");
    let reply = service.credential(Some(&token), &[], &request(&proofs), NOW + 601);
    assert_eq!(error_of(&reply), "invalid_token");
}

#[test]
fn a_key_proof_is_checked_whole() {
    let service = issuer(ISSUER, Dpop::Off);
    let good = proof(&service, PROOF_TYPE, |_| ());
    assert_eq!(ask(&service, std::slice::from_ref(&good)).status, 200);
    assert_eq!(
        error_of(&ask(&service, &[good])),
        "invalid_nonce",
        "replayed"
    );
    let refused = |name: &str, value: Value| {
        let proof = proof(&service, PROOF_TYPE, |claims| {
            claims.insert(name.to_owned(), value.clone());
        });
        error_of(&ask(&service, &[proof]))
    };
    assert_eq!(
        refused("aud", json!("https://other.example")),
        "invalid_proof"
    );
    assert_eq!(refused("aud", json!([ISSUER, "x"])), "invalid_proof");
    assert_eq!(refused("iat", json!(NOW - 301)), "invalid_proof");
    assert_eq!(refused("iat", json!(NOW + 301)), "invalid_proof");
    assert_eq!(refused("nonce", json!("mine")), "invalid_nonce");
    assert_eq!(refused("nonce", Value::Null), "invalid_nonce");
    let stale = Nonces::make().make_nonce("proof", NOW);
    assert_eq!(refused("nonce", json!(stale)), "invalid_nonce");
    for name in ["aud", "iat"] {
        let proof = proof(&service, PROOF_TYPE, |claims| {
            claims.remove(name);
        });
        assert_eq!(error_of(&ask(&service, &[proof])), "invalid_proof");
    }
    let typ = proof(&service, "jwt", |_| ());
    assert_eq!(error_of(&ask(&service, &[typ])), "invalid_proof");
}

#[test]
fn a_key_proof_is_by_the_key_that_it_names() {
    let service = issuer(ISSUER, Dpop::Off);
    let (named, signing) = (SigningKey::make_p256(), SigningKey::make_p256());
    let claims = || json!({"aud": ISSUER, "iat": NOW, "nonce": nonce(&service)});
    let signed = |header: Value| {
        let header = header.as_object().unwrap().clone();
        jws::sign_claims(PROOF_TYPE, header, &claims(), &signing)
    };
    let jwk = signing.public().to_jwk();
    let did = credential::did::derive_did_jwk_url(&signing.public()).unwrap();
    for header in [
        json!({"jwk": named.public().to_jwk()}),
        json!({}),
        json!({"jwk": jwk, "kid": did}),
        json!({"jwk": jwk, "x5c": []}),
        json!({"kid": "did:web:example.com#1"}),
        json!({"kid": "key-1"}),
    ] {
        let reply = ask(&service, &[signed(header.clone())]);
        assert_eq!(error_of(&reply), "invalid_proof", "{header}");
    }
    assert_eq!(ask(&service, &[signed(json!({"kid": did}))]).status, 200);
    // `none`, and an algorithm that is not the key's.
    let unsigned = format!(
        "{}.{}.",
        keys::b64::encode(json!({"alg": "none", "typ": PROOF_TYPE, "jwk": jwk}).to_string()),
        keys::b64::encode(claims().to_string())
    );
    assert_eq!(error_of(&ask(&service, &[unsigned])), "invalid_proof");
}

#[test]
fn copies_are_counted() {
    let service = issuer(ISSUER, Dpop::Off);
    let nonce = nonce(&service);
    let same = |key: &SigningKey| {
        let header = Map::from_iter([("jwk".to_owned(), key.public().to_jwk())]);
        let claims = json!({"aud": ISSUER, "iat": NOW, "nonce": nonce});
        jws::sign_claims(PROOF_TYPE, header, &claims, key)
    };
    let key = SigningKey::make_p256();
    let twice = [same(&key), same(&key)];
    assert_eq!(error_of(&ask(&service, &twice)), "invalid_proof");
    let many: Vec<_> = (0..=MAX_BATCH)
        .map(|_| same(&SigningKey::make_p256()))
        .collect();
    assert_eq!(error_of(&ask(&service, &many)), "invalid_proof");
    let six: Vec<_> = (0..6).map(|_| same(&SigningKey::make_p256())).collect();
    let token = bearer(&service);
    let reply = service.credential(Some(&token), &[], &request(&six), NOW);
    let copies = body(&reply)["credentials"].as_array().unwrap().len();
    assert_eq!(copies, 5, "as promised");
    let more = [proof(&service, PROOF_TYPE, |_| ())];
    let reply = service.credential(Some(&token), &[], &request(&more), NOW);
    assert_eq!(error_of(&reply), "credential_request_denied");
    let mixed = [
        proof(&service, PROOF_TYPE, |_| ()),
        proof(&service, PROOF_TYPE, |_| ()),
    ];
    assert_eq!(error_of(&ask(&service, &mixed)), "invalid_nonce");
}

#[test]
fn a_credential_request_is_read_strictly() {
    let service = issuer(ISSUER, Dpop::Off);
    let proofs = json!({"jwt": [proof(&service, PROOF_TYPE, |_| ())]});
    for (body, expected) in [
        (json!([]), "invalid_credential_request"),
        (json!({"proofs": proofs}), "invalid_credential_request"),
        (
            json!({"credential_configuration_id": "Other", "proofs": proofs}),
            "unknown_credential_configuration",
        ),
        (
            json!({"credential_configuration_id": "NHSChargeExemption", "proofs": proofs}),
            "invalid_credential_request",
        ),
        (
            json!({"credential_identifier": "x", "proofs": proofs}),
            "unknown_credential_identifier",
        ),
        (
            json!({"credential_configuration_id": "DrivingLicence"}),
            "invalid_proof",
        ),
        (
            json!({"credential_configuration_id": "DrivingLicence", "proofs": {"jwt": []}}),
            "invalid_credential_request",
        ),
        (
            json!({"credential_configuration_id": "DrivingLicence", "proofs": proofs,
                   "credential_response_encryption": {}}),
            "invalid_encryption_parameters",
        ),
    ] {
        let token = bearer(&service);
        let bytes = body.to_string().into_bytes();
        let reply = service.credential(Some(&token), &[], &bytes, NOW);
        assert_eq!(error_of(&reply), expected, "{body}");
    }
}

#[test]
fn dpop_is_required_where_it_is_and_a_proof_serves_once() {
    let service = issuer(ISSUER, Dpop::Required);
    let code = code(&service);
    let url = format!("{ISSUER}/token").parse().unwrap();
    let mut prover = Prover::make();
    let missing = service.token(&good_form(&code), &[], NOW);
    assert_eq!(error_of(&missing), "invalid_dpop_proof");
    let without = prover.make_proof("POST", &url, None, NOW);
    let reply = service.token(&good_form(&code), &[&without], NOW);
    assert_eq!(error_of(&reply), "use_dpop_nonce");
    let fresh = reply
        .headers
        .iter()
        .find(|(name, _)| *name == "dpop-nonce")
        .unwrap();
    prover.remember_nonce(&url, &fresh.1);
    let other = format!("{ISSUER}/credential").parse().unwrap();
    let elsewhere = prover.make_proof("POST", &other, None, NOW);
    let reply = service.token(&good_form(&code), &[&elsewhere], NOW);
    assert_eq!(error_of(&reply), "invalid_dpop_proof");
    let proof = prover.make_proof("POST", &url, None, NOW);
    let reply = service.token(&good_form(&code), &[&proof, &proof], NOW);
    assert_eq!(error_of(&reply), "invalid_dpop_proof", "two headers");
    let reply = service.token(&good_form(&code), &[&proof], NOW);
    assert_eq!(body(&reply)["token_type"], "DPoP");
    let reply = service.token(&good_form(&code), &[&proof], NOW);
    assert_eq!(error_of(&reply), "invalid_dpop_proof", "replayed");

    let token = body_token(&service, &mut prover);
    let header = format!("DPoP {token}");
    let proofs = || request(&[self::proof(&service, PROOF_TYPE, |_| ())]);
    let none = service.credential(Some(&header), &[], &proofs(), NOW);
    assert_eq!(
        (none.status, &*error_of(&none)),
        (401, "invalid_dpop_proof")
    );
    let as_bearer = format!("Bearer {token}");
    let reply = service.credential(Some(&as_bearer), &[], &proofs(), NOW);
    assert_eq!(error_of(&reply), "invalid_token");
    let no_ath = prover.make_proof("POST", &other, None, NOW);
    let reply = service.credential(Some(&header), &[&no_ath], &proofs(), NOW);
    assert_eq!(error_of(&reply), "invalid_dpop_proof");
    let mut thief = Prover::make();
    thief.remember_nonce(&other, &fresh.1);
    let stolen = thief.make_proof("POST", &other, Some(&token), NOW);
    let reply = service.credential(Some(&header), &[&stolen], &proofs(), NOW);
    assert_eq!(error_of(&reply), "invalid_dpop_proof");
    let good = prover.make_proof("POST", &other, Some(&token), NOW);
    let reply = service.credential(Some(&header), &[&good], &proofs(), NOW);
    assert_eq!(reply.status, 200);
}

fn body_token(service: &Service, prover: &mut Prover) -> String {
    let url = format!("{ISSUER}/token").parse().unwrap();
    let proof = prover.make_proof("POST", &url, None, NOW);
    let reply = service.token(&good_form(&code(service)), &[&proof], NOW);
    body(&reply)["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn notifications_are_checked() {
    let service = issuer(ISSUER, Dpop::Off);
    let token = bearer(&service);
    let proofs = [proof(&service, PROOF_TYPE, |_| ())];
    let reply = service.credential(Some(&token), &[], &request(&proofs), NOW);
    let id = body(&reply)["notification_id"].clone();
    let tell = |id: &Value, event: &str| {
        let body = json!({"notification_id": id, "event": event}).to_string();
        service.notification(Some(&token), &[], body.as_bytes(), NOW)
    };
    let reply = tell(&json!("other"), "credential_accepted");
    assert_eq!(error_of(&reply), "invalid_notification_id");
    assert_eq!(
        error_of(&tell(&id, "other")),
        "invalid_notification_request"
    );
    assert_eq!(tell(&id, "credential_deleted").status, 204);
    assert_eq!(service.list(NOW).unwrap()[0].stage, Stage::Issued);
    assert_eq!(tell(&id, "credential_accepted").status, 204);
    assert_eq!(service.list(NOW).unwrap()[0].stage, Stage::Accepted);
    let more = [proof(&service, PROOF_TYPE, |_| ())];
    let reply = service.credential(Some(&token), &[], &request(&more), NOW);
    assert_eq!(error_of(&reply), "credential_request_denied");
}

#[test]
fn claims_are_checked_before_an_offer_is_made() {
    let service = issuer(ISSUER, Dpop::Off);
    let refused = |change: fn(&mut OfferTerms)| {
        let mut terms = terms();
        change(&mut terms);
        service.make_offer(terms, NOW).err().unwrap()
    };
    assert!(matches!(
        refused(|terms| terms.type_name = "Other".to_owned()),
        OfferFailure::UnknownType
    ));
    assert!(matches!(
        refused(|terms| drop(terms.claims.insert("iss".to_owned(), json!("me")))),
        OfferFailure::Claims(ClaimsError::Envelope("iss"))
    ));
    assert!(matches!(
        refused(|terms| terms.claims.clear()),
        OfferFailure::Claims(ClaimsError::Schema(_))
    ));
    assert!(matches!(
        refused(|terms| terms.form = Some(Form::Bbs)),
        OfferFailure::Nested
    ));
    for copies in [0, MAX_BATCH + 1] {
        let mut terms = terms();
        terms.copies = copies;
        let error = service.make_offer(terms, NOW).err().unwrap();
        assert!(matches!(error, OfferFailure::Copies));
    }
    assert!(matches!(
        refused(|terms| terms.tx_code = TxCodeTerms::Given("12".to_owned())),
        OfferFailure::TxCode
    ));
    assert!(service.list(NOW).unwrap().is_empty());
}

#[test]
fn what_is_over_is_forgotten() {
    let service = issuer(ISSUER, Dpop::Off);
    let mut by_reference = terms();
    by_reference.by_reference = true;
    let made = service.make_offer(by_reference, NOW).unwrap();
    let OfferLink::Reference(url) = offer_link(&made) else {
        panic!("by reference");
    };
    let secret = url.path().rsplit('/').next().unwrap();
    assert_eq!(service.offer_by_reference(secret, NOW).status, 200);
    assert_eq!(service.offer_by_reference("other", NOW).status, 404);
    assert_eq!(service.offer_by_reference(secret, NOW + 601).status, 404);
    service.sweep(NOW + 601).unwrap();
    let grant = service.list(NOW + 601).unwrap().remove(0);
    assert_eq!(grant.stage, Stage::Expired);
    assert!(grant.promised.claims.is_empty());
}
