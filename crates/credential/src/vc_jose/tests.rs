use keys::{PublicKey, SigningKey, UnixTime, b64, jws};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::VcJose;
use crate::catalogue::{self, TypeEntry};
use crate::format::{
    self, Draft, Fault, Format as _, IssuerSecret, KeyName, MadeFor, Refused, Request,
};
use crate::{KeySource, did};

const NOW: UnixTime = 1_790_000_000;

fn exemption() -> &'static TypeEntry {
    catalogue::by_name("NHSChargeExemption").unwrap()
}

fn example() -> Map<String, Value> {
    keys::json::parse_object(exemption().example.as_bytes()).unwrap()
}

fn request() -> Request<'static> {
    Request {
        client_id: "x509_san_dns:counter.example",
        nonce: "n-0S6_WzA2Mj",
        response_uri: None,
        encryption_key: None,
        now: NOW,
    }
}

fn fault<T>(result: Result<T, Refused>) -> Fault {
    match result {
        Ok(_) => panic!("accepted"),
        Err(refused) => refused.fault,
    }
}

fn issue(issuer: &SigningKey, holder: Option<&PublicKey>) -> String {
    let url = did::derive_did_jwk_url(&issuer.public()).unwrap();
    let claims = example();
    let draft = Draft {
        type_id: exemption().vct,
        claims: &claims,
        conceal: &[],
        holder,
        issuer: None,
        key_name: KeyName::Id(&url),
        issued_at: NOW,
        valid_from: None,
        valid_until: Some(NOW + 1000),
        status: &[],
    };
    VcJose.issue(&draft, IssuerSecret::Signing(issuer)).unwrap()
}

/// The same JWT with another header or payload, signed again.
fn again(
    text: &str,
    key: &SigningKey,
    change: impl FnOnce(&mut Map<String, Value>, &mut Map<String, Value>),
) -> String {
    let jws = jws::Unverified::parse(text).unwrap();
    let (mut header, mut claims) = (jws.header.clone(), jws.unverified_claims().unwrap());
    change(&mut header, &mut claims);
    jws::sign(header, Value::Object(claims).to_string().as_bytes(), key)
}

#[test]
fn a_credential_goes_through_the_format() {
    for (issuer, holder) in [
        (SigningKey::make_p256(), SigningKey::make_ed25519()),
        (SigningKey::make_ed25519(), SigningKey::make_p256()),
        (SigningKey::make_p384(), SigningKey::make_p256()),
    ] {
        let text = issue(&issuer, Some(&holder.public()));
        let (found, claimed) = format::recognise(&text).unwrap();
        assert_eq!(found.ids(), ["jwt_vc_json"]);
        let url = did::derive_did_jwk_url(&issuer.public()).unwrap();
        assert!(matches!(claimed.key_source, KeySource::Did { url: found } if found == url));
        assert_eq!(claimed.algorithm, issuer.algorithm());
        assert_eq!(claimed.type_id, exemption().vct);
        assert_eq!(claimed.issued_at, Some(NOW));
        let facts = VcJose.verify(&text, &issuer.public(), NOW).unwrap();
        assert!(facts.holder == Some(holder.public()));
        assert_eq!(facts.valid_until, Some(NOW + 1000));
        assert!(!facts.unlinkable && facts.paths.iter().all(|(_, hides)| !hides));
        let words = format::claims_in_words_of_type(&VcJose, &facts.claims);
        assert_eq!(words, example());

        let born = ClaimPath::from_names(["credentialSubject", "date_of_birth"]).unwrap();
        let chosen = std::slice::from_ref(&born);
        assert_eq!(
            VcJose.preview(&text, chosen).unwrap().len(),
            facts.paths.len()
        );
        let shown = VcJose
            .present(&text, chosen, &request(), Some(&holder))
            .unwrap();
        let (_, claimed) = format::recognise_presented(&shown).unwrap();
        let made_for = MadeFor {
            client_id: request().client_id.to_owned(),
            nonce: request().nonce.to_owned(),
            at: NOW,
        };
        assert_eq!(claimed.made_for, Some(made_for));
        let seen = VcJose
            .check(&shown, &issuer.public(), &request(), true)
            .unwrap();
        assert!(seen.holder_proven);
        assert_eq!(seen.claims, facts.claims);

        let alone = VcJose.present(&text, chosen, &request(), None).unwrap();
        assert_eq!(alone, Value::String(text));
        let seen = VcJose
            .check(&alone, &issuer.public(), &request(), false)
            .unwrap();
        assert!(!seen.holder_proven);
        let refused = VcJose.check(&alone, &issuer.public(), &request(), true);
        assert_eq!(fault(refused), Fault::NotTheHolder);
    }
}

#[test]
fn what_the_issuer_did_not_sign() {
    let issuer = SigningKey::make_p256();
    let (text, key) = (issue(&issuer, None), issuer.public());
    let other = SigningKey::make_p256();
    let verify = |text: &str, now| VcJose.verify(text, &key, now).map(drop);
    assert_eq!(
        fault(VcJose.verify(&text, &other.public(), NOW)),
        Fault::Changed
    );
    let kind = SigningKey::make_ed25519().public();
    assert_eq!(fault(VcJose.verify(&text, &kind, NOW)), Fault::Changed);
    // Also where it is shown as it is, by nobody in particular.
    let shown = Value::from(text.as_str());
    let check = |key: &PublicKey, now| {
        let request = Request { now, ..request() };
        VcJose.check(&shown, key, &request, false).map(drop)
    };
    assert!(check(&key, NOW).is_ok());
    assert_eq!(fault(check(&other.public(), NOW)), Fault::Changed);
    assert_eq!(fault(check(&key, NOW + 1001)), Fault::Expired);
    let bent = again(&text, &other, |_, claims| {
        claims["credentialSubject"]["exemption_type"] = json!("x");
    });
    assert_eq!(fault(verify(&bent, NOW)), Fault::Changed);
    assert_eq!(fault(verify(&text, NOW + 1001)), Fault::Expired);
    assert_eq!(fault(verify(&text, NOW - 61)), Fault::NotYetValid);
    let claim = |name: &str, value: Value| {
        let text = again(&text, &issuer, |_, claims| {
            claims.insert(name.to_owned(), value);
        });
        fault(verify(&text, NOW))
    };
    assert_eq!(claim("exp", json!(NOW)), Fault::Expired);
    assert_eq!(claim("nbf", json!(NOW + 61)), Fault::NotYetValid);
    assert_eq!(claim("iat", json!(NOW + 61)), Fault::NotYetValid);
    assert_eq!(claim("exp", json!("soon")), Fault::Malformed);
    let power = serde_json::from_str("1.9e9").unwrap();
    assert_eq!(claim("exp", power), Fault::Malformed);
}

#[test]
fn what_is_no_credential_in_a_jwt() {
    let issuer = SigningKey::make_p256();
    let text = issue(&issuer, None);
    let header = |name: &str, value: Value| {
        fault(VcJose.peek(&again(&text, &issuer, |header, _| {
            header.insert(name.to_owned(), value);
        })))
    };
    let claim = |name: &str, value: Value| {
        fault(VcJose.peek(&again(&text, &issuer, |_, claims| {
            claims.insert(name.to_owned(), value);
        })))
    };
    for typ in [json!("vp+jwt"), json!("kb+jwt"), json!("JWT"), json!(1)] {
        assert_eq!(header("typ", typ), Fault::Malformed);
    }
    for cty in [json!("vp"), json!(1)] {
        assert_eq!(header("cty", cty), Fault::Malformed);
    }
    assert_eq!(header("crit", json!(["x"])), Fault::Unsupported);
    assert_eq!(header("kid", json!(1)), Fault::Malformed);
    assert_eq!(
        header("kid", json!("did:example:other#key")),
        Fault::Malformed
    );
    assert_eq!(header("x5c", json!(["AAAA"])), Fault::Malformed);
    assert_eq!(claim("vc", json!({})), Fault::Malformed);
    assert_eq!(claim("vp", json!({})), Fault::Malformed);
    assert_eq!(claim("iss", json!("did:example:other")), Fault::Malformed);
    assert_eq!(claim("sub", json!("did:example:other")), Fault::Malformed);
    assert_eq!(claim("jti", json!("urn:a:b")), Fault::Malformed);
    assert_eq!(claim("issuer", json!(1)), Fault::Malformed);
    let older = json!(["https://www.w3.org/2018/credentials/v1"]);
    assert_eq!(claim("@context", older), Fault::Malformed);
    let describe = |value: Value| {
        let text = again(&text, &issuer, |_, claims| {
            claims.insert("cnf".to_owned(), value);
        });
        fault(VcJose.describe(&text))
    };
    assert_eq!(describe(json!({"kid": "x"})), Fault::Malformed);
    assert_eq!(describe(json!({"jwk": {"kty": "oct"}})), Fault::Malformed);
    for refused in ["", "a.b.c", "x~"] {
        assert_eq!(fault(VcJose.peek(refused)), Fault::Malformed);
    }
    let none = format!(
        "{}.{}.",
        b64::encode(r#"{"alg":"none","typ":"vc+jwt"}"#),
        b64::encode("{}")
    );
    assert_eq!(fault(VcJose.peek(&none)), Fault::Unsupported);
    assert_eq!(fault(VcJose.peek_presented(&json!({}))), Fault::Malformed);
}

#[test]
fn the_presentation_is_by_the_holder_for_this_request() {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let (text, key) = (issue(&issuer, Some(&holder.public())), issuer.public());
    let shown = VcJose
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    let compact = shown.as_str().unwrap();
    let check = |shown: &str, request: Request<'_>| {
        fault(VcJose.check(&Value::from(shown), &key, &request, true))
    };
    let nonce = "other";
    assert_eq!(
        check(compact, Request { nonce, ..request() }),
        Fault::OtherRequest
    );
    let client_id = "other";
    assert_eq!(
        check(
            compact,
            Request {
                client_id,
                ..request()
            }
        ),
        Fault::OtherRequest
    );
    assert_eq!(
        check(
            compact,
            Request {
                now: NOW + 601,
                ..request()
            }
        ),
        Fault::ProofTime
    );
    // The holder's proof does not make up for the issuer's.
    let forger = SigningKey::make_p256().public();
    let forged = VcJose.check(&shown, &forger, &request(), true);
    assert_eq!(fault(forged), Fault::Changed);
    let late = again(compact, &holder, |_, claims| {
        claims["iat"] = json!(NOW + 1001);
    });
    let now = NOW + 1001;
    assert_eq!(check(&late, Request { now, ..request() }), Fault::Expired);
    // A presentation that is there is checked even where none is needed.
    let other = Request { nonce, ..request() };
    assert_eq!(
        fault(VcJose.check(&shown, &key, &other, false)),
        Fault::OtherRequest
    );

    let thief = SigningKey::make_p256();
    let refused = VcJose.present(&text, &[], &request(), Some(&thief));
    assert_eq!(fault(refused), Fault::NotTheHolder);
    let stolen = again(compact, &thief, |_, _| ());
    assert_eq!(check(&stolen, request()), Fault::NotTheHolder);
    let claim = |name: &str, value: Value| {
        let changed = again(compact, &holder, |_, claims| {
            claims.insert(name.to_owned(), value);
        });
        check(&changed, request())
    };
    let others = did::derive_did_key(&thief.public()).unwrap();
    assert_eq!(claim("holder", json!(others)), Fault::NotTheHolder);
    assert_eq!(
        claim("aud", json!(["x509_san_dns:counter.example", "b"])),
        Fault::OtherRequest
    );
    assert_eq!(claim("aud", json!(1)), Fault::OtherRequest);
    assert_eq!(claim("nonce", json!(1)), Fault::OtherRequest);
    assert_eq!(claim("iat", json!(NOW + 61)), Fault::ProofTime);
    assert_eq!(claim("iat", json!("x")), Fault::ProofTime);
    assert_eq!(claim("exp", json!(NOW - 1)), Fault::ProofTime);
    assert_eq!(claim("vp", json!({})), Fault::Malformed);
    assert_eq!(
        claim("verifiableCredential", json!([text])),
        Fault::Malformed
    );
    let twice = vec![crate::vcdm::Enveloped::derive_credential(super::CREDENTIAL, &text); 2];
    assert_eq!(
        claim("verifiableCredential", json!(twice)),
        Fault::Malformed
    );
    let other_kind = crate::vcdm::Enveloped::derive_credential("application/vc+cose", &text);
    assert_eq!(
        claim("verifiableCredential", json!(other_kind)),
        Fault::Malformed
    );
    let undated = again(compact, &holder, |_, claims| drop(claims.remove("iat")));
    assert_eq!(check(&undated, request()), Fault::Malformed);
    // A credential that is bound to nobody has no holder.
    let unbound = issue(&issuer, None);
    let refused = VcJose.present(&unbound, &[], &request(), Some(&holder));
    assert_eq!(fault(refused), Fault::NotTheHolder);
    let envelope = crate::vcdm::Enveloped::derive_credential(super::CREDENTIAL, &unbound);
    assert_eq!(
        claim("verifiableCredential", json!(envelope)),
        Fault::NotTheHolder
    );
}

fn older(issuer: &SigningKey, holder: &PublicKey) -> String {
    let did = did::derive_did_key(&issuer.public()).unwrap();
    let subject = did::derive_did_key(holder).unwrap();
    let claims = json!({
        "iss": did,
        "sub": subject,
        "jti": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "nbf": NOW - 10,
        "exp": NOW + 1000,
        "vc": {
            "@context": ["https://www.w3.org/2018/credentials/v1"],
            "type": ["VerifiableCredential"],
            "credentialSubject": {},
        },
    });
    let mut header = Map::new();
    let url = did::derive_did_key_url(&issuer.public()).unwrap();
    header.insert("kid".to_owned(), url.into());
    jws::sign_claims("JWT", header, &claims, issuer)
}

#[test]
fn jwts_of_the_older_data_model_are_kept_and_shown_as_they_are() {
    let (issuer, holder) = (SigningKey::make_ed25519(), SigningKey::make_p256());
    let (text, key) = (older(&issuer, &holder.public()), issuer.public());
    let facts = VcJose.verify(&text, &key, NOW).unwrap();
    assert_eq!(facts.valid_from, Some(NOW - 10));
    assert_eq!(facts.valid_until, Some(NOW + 1000));
    assert!(facts.holder == Some(holder.public()));
    assert_eq!(
        facts.claims["id"],
        "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33"
    );
    let shown = VcJose
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    let seen = VcJose.check(&shown, &key, &request(), true).unwrap();
    assert!(seen.holder_proven);
    let compact = shown.as_str().unwrap();
    let claim = |name: &str, value: Value| {
        let changed = again(compact, &holder, |_, claims| {
            claims.insert(name.to_owned(), value);
        });
        fault(VcJose.check(&changed.into(), &key, &request(), true))
    };
    assert_eq!(
        claim("iss", json!("did:example:other")),
        Fault::NotTheHolder
    );
    assert_eq!(claim("iss", json!(1)), Fault::Malformed);
    assert_eq!(
        claim("vp", json!({"verifiableCredential": [text]})),
        Fault::Malformed
    );
    let two = json!({"type": "VerifiablePresentation", "verifiableCredential": [text, text]});
    assert_eq!(claim("vp", two), Fault::Malformed);

    // What is said twice is said alike.
    let vc = |member: &str, value: Value| {
        let changed = again(&text, &issuer, |_, claims| claims["vc"][member] = value);
        VcJose.verify(&changed, &key, NOW)
    };
    vc("issuanceDate", json!("2026-09-21T14:13:10Z")).unwrap();
    assert_eq!(
        fault(vc("issuanceDate", json!("2026-09-21T14:13:11Z"))),
        Fault::Malformed
    );
    assert_eq!(
        fault(vc("expirationDate", json!("2036-09-21T14:13:11Z"))),
        Fault::Malformed
    );
    assert_eq!(
        fault(vc("issuer", json!("did:example:other"))),
        Fault::Malformed
    );
    assert_eq!(fault(vc("id", json!("urn:a:b"))), Fault::Malformed);
    assert_eq!(
        fault(vc("credentialSubject", json!({"id": "did:example:b"}))),
        Fault::Malformed
    );
    assert_eq!(fault(vc("credentialSubject", json!([]))), Fault::Malformed);
}

#[test]
fn what_cannot_be_issued() {
    let (issuer, claims) = (SigningKey::make_p256(), example());
    let draft = Draft {
        type_id: exemption().vct,
        claims: &claims,
        conceal: &[],
        holder: None,
        issuer: Some("https://issuer.example"),
        key_name: KeyName::Id("key-1"),
        issued_at: NOW,
        valid_from: None,
        valid_until: None,
        status: &[],
    };
    let issue = |draft: Draft<'_>| VcJose.issue(&draft, IssuerSecret::Signing(&issuer));
    let text = issue(draft).unwrap();
    let source = VcJose.peek(&text).unwrap().key_source;
    assert!(matches!(source, KeySource::Metadata { iss, kid: Some(kid) }
        if iss == "https://issuer.example" && kid == "key-1"));
    assert_eq!(
        fault(issue(Draft {
            issuer: None,
            ..draft
        })),
        Fault::Unsupported
    );
    let key_name = KeyName::Id("did:example:a#b");
    assert_eq!(fault(issue(Draft { key_name, ..draft })), Fault::Malformed);
    assert_eq!(
        fault(issue(Draft {
            type_id: "urn:x:y",
            ..draft
        })),
        Fault::Unsupported
    );
    let bbs = bbs::SecretKey::make();
    assert_eq!(
        fault(VcJose.issue(&draft, IssuerSecret::Bbs(&bbs))),
        Fault::Unsupported
    );
    let missing = [ClaimPath::from_names(["credentialSubject", "missing"]).unwrap()];
    assert_eq!(fault(VcJose.preview(&text, &missing)), Fault::NoSuchClaim);
    assert_eq!(
        fault(VcJose.present(&text, &missing, &request(), None)),
        Fault::NoSuchClaim
    );
}
