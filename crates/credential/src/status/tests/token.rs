use ciborium::value::Value as Cbor;
use coset::{CborSerializable, CoseSign1, TaggedCborSerializable};
use keys::x509::Certificate;
use keys::{SigningKey, b64, json, jws};
use serde_json::{Value, json};

use super::{NOW, URI, draft, keys, list};
use crate::KeySource;
use crate::format::KeyName;
use crate::status::token::{
    self, Bits, Draft, LEEWAY, MAX_TOKEN, Signer, TokenError, TokenList, UnverifiedCwt,
    UnverifiedJwt, VerifiedToken,
};
use crate::status::{InflateError, LookUpError, MAX_LIST, Standing, StatusRef, Statuses};

fn jwt(text: &str, key: &SigningKey) -> Result<VerifiedToken, TokenError> {
    UnverifiedJwt::parse(text)?.verify(&key.public(), URI, NOW)
}

fn cwt(bytes: &[u8], key: &SigningKey) -> Result<VerifiedToken, TokenError> {
    UnverifiedCwt::parse(bytes)?.verify(&key.public(), URI, NOW)
}

/// Both forms of a draft, read again.
fn both(draft: &Draft<'_>, key: &SigningKey) -> [Result<VerifiedToken, TokenError>; 2] {
    [
        jwt(&draft.to_jwt(key), key),
        cwt(&draft.to_cwt(key).unwrap(), key),
    ]
}

/// A JWT whose claims were changed before it was signed.
fn changed(change: impl FnOnce(&mut Value)) -> Result<VerifiedToken, TokenError> {
    let (key, list) = (SigningKey::make_p256(), list());
    let token = draft(&list).to_jwt(&key);
    let payload = token.split('.').nth(1).unwrap();
    let mut claims = json::parse(&b64::decode(payload).unwrap()).unwrap();
    change(&mut claims);
    let text = jws::sign_claims("statuslist+jwt", serde_json::Map::new(), &claims, &key);
    jwt(&text, &key)
}

/// A CWT whose claims were changed before it was signed.
fn changed_cwt(change: impl FnOnce(&mut Vec<(Cbor, Cbor)>)) -> Result<VerifiedToken, TokenError> {
    let (key, list) = (SigningKey::make_p256(), list());
    let bytes = draft(&list).to_cwt(&key).unwrap();
    let mut sign1 = CoseSign1::from_tagged_slice(&bytes).unwrap();
    let mut claims = ciborium::from_reader(sign1.payload.as_deref().unwrap()).unwrap();
    let Cbor::Map(entries) = &mut claims else {
        panic!("not a map")
    };
    change(entries);
    let mut payload = Vec::new();
    ciborium::into_writer(&claims, &mut payload).unwrap();
    sign1.payload = Some(payload);
    cwt(&signed(sign1, &key), &key)
}

fn signed(mut sign1: CoseSign1, key: &SigningKey) -> Vec<u8> {
    sign1.protected.original_data = None;
    sign1.signature = key.sign(&sign1.tbs_data(&[])).to_vec();
    sign1.to_tagged_vec().unwrap()
}

fn claim(error: Result<VerifiedToken, TokenError>) -> &'static str {
    match error.map(|_| ()).unwrap_err() {
        TokenError::Claim { claim } => claim,
        other => panic!("{other}"),
    }
}

#[test]
fn both_forms_say_what_was_put_into_them() {
    let list = list();
    for key in keys() {
        for token in both(&draft(&list), &key) {
            let token = token.unwrap();
            assert_eq!(token.uri, URI);
            assert_eq!(token.issued_at, NOW);
            assert_eq!(token.expires, Some(NOW + 3600));
            assert_eq!(token.ttl, Some(600));
            assert!(token.list == list);
        }
        let bare = Draft {
            issuer: None,
            expires: None,
            ttl: None,
            ..draft(&list)
        };
        for token in both(&bare, &key) {
            let token = token.unwrap();
            assert_eq!((token.expires, token.ttl), (None, None));
        }
    }
}

#[test]
fn another_key_signed() {
    let list = list();
    let (key, other, ed25519) = (
        SigningKey::make_p256(),
        SigningKey::make_p256(),
        SigningKey::make_ed25519(),
    );
    let text = draft(&list).to_jwt(&key);
    let bytes = draft(&list).to_cwt(&key).unwrap();
    assert!(matches!(jwt(&text, &other), Err(TokenError::Signature)));
    assert!(matches!(cwt(&bytes, &other), Err(TokenError::Signature)));
    assert!(matches!(jwt(&text, &ed25519), Err(TokenError::Algorithm)));
    assert!(matches!(cwt(&bytes, &ed25519), Err(TokenError::Algorithm)));
}

#[test]
fn another_address() {
    let (key, list) = (SigningKey::make_p256(), list());
    let elsewhere = Draft {
        uri: "https://issuer.example/status/2",
        ..draft(&list)
    };
    for token in both(&elsewhere, &key) {
        assert!(matches!(token, Err(TokenError::OtherList)));
    }
}

#[test]
fn dates() {
    let (key, list) = (SigningKey::make_p256(), list());
    let expired = Draft {
        expires: Some(NOW),
        ..draft(&list)
    };
    for token in both(&expired, &key) {
        assert!(matches!(token, Err(TokenError::Expired)));
    }
    for (ahead, fits) in [(LEEWAY, true), (LEEWAY + 1, false)] {
        let early = Draft {
            issued_at: NOW + ahead,
            ..draft(&list)
        };
        for token in both(&early, &key) {
            match token {
                Ok(_) => assert!(fits),
                Err(error) => assert!(matches!(error, TokenError::IssuedInFuture) && !fits),
            }
        }
    }
    let never = Draft {
        ttl: Some(0),
        ..draft(&list)
    };
    for token in both(&never, &key) {
        assert_eq!(claim(token), "ttl");
    }
}

#[test]
fn claims_that_are_missing_or_of_another_type() {
    for name in ["sub", "iat", "status_list"] {
        let removed = changed(|claims| {
            claims.as_object_mut().unwrap().remove(name);
        });
        assert_eq!(claim(removed), name);
    }
    for (name, value) in [
        ("sub", json!(1)),
        ("iat", json!("x")),
        ("exp", json!("x")),
        ("ttl", json!(-1)),
        ("ttl", json!("10")),
        ("status_list", json!([])),
    ] {
        assert_eq!(claim(changed(|claims| claims[name] = value)), name);
    }
    for (name, value) in [
        ("bits", json!(3)),
        ("bits", json!(16)),
        ("bits", json!("1")),
        ("lst", json!("*")),
        ("lst", json!(7)),
        ("aggregation_uri", json!("not a uri")),
        ("aggregation_uri", json!(1)),
    ] {
        let token = changed(|claims| claims["status_list"][name] = value);
        assert_eq!(claim(token), name);
    }
}

#[test]
fn claims_of_a_cwt_that_are_missing_or_of_another_type() {
    let key = |number: i64| Cbor::from(number);
    for (number, name) in [(2, "sub"), (6, "iat"), (65533, "status_list")] {
        let removed = changed_cwt(|claims| claims.retain(|(name, _)| *name != key(number)));
        assert_eq!(claim(removed), name);
    }
    for (number, name, value) in [
        (2, "sub", Cbor::from(1)),
        (6, "iat", Cbor::Text("x".to_owned())),
        (6, "iat", Cbor::Float(f64::INFINITY)),
        (4, "exp", Cbor::Null),
        (65534, "ttl", Cbor::from(-1)),
        (65533, "status_list", Cbor::Null),
        (65533, "bits", Cbor::Map(vec![])),
    ] {
        let token = changed_cwt(|claims| {
            claims.retain(|(name, _)| *name != key(number));
            claims.push((key(number), value));
        });
        assert_eq!(claim(token), name);
    }
    for (name, value) in [
        ("aggregation_uri", Cbor::from(1)),
        ("aggregation_uri", Cbor::Text("no address".to_owned())),
        ("lst", Cbor::Text("x".to_owned())),
        ("lst", Cbor::Null),
    ] {
        let token = changed_cwt(|claims| {
            let list = claims.iter_mut().find(|(name, _)| *name == key(65533));
            let list = list.unwrap().1.as_map_mut().unwrap();
            list.retain(|(known, _)| known.as_text() != Some(name));
            list.push((name.into(), value));
        });
        assert_eq!(claim(token), name);
    }
    let long = changed_cwt(|claims| claims.push((key(100), Cbor::Bytes(vec![0; MAX_TOKEN]))));
    assert!(matches!(long, Err(TokenError::Cwt)));
    let twice = changed_cwt(|claims| claims.push((key(6), Cbor::from(NOW))));
    assert!(matches!(twice, Err(TokenError::Cwt)));
    let many = changed_cwt(|claims| {
        claims.extend((100..200).map(|number| (key(number), Cbor::Null)));
    });
    assert!(matches!(many, Err(TokenError::Cwt)));
    let deep = changed_cwt(|claims| {
        let deep = (0..20).fold(Cbor::Null, |inner, _| Cbor::Array(vec![inner]));
        claims.push((key(100), deep));
    });
    assert!(matches!(deep, Err(TokenError::Cwt)));
    // Fractions are cut off, as in JWT.
    let fraction = changed_cwt(|claims| {
        claims.retain(|(name, _)| *name != key(6));
        claims.push((key(6), Cbor::Float(NOW as f64 + 0.5)));
    });
    assert_eq!(fraction.unwrap().issued_at, NOW);
}

#[test]
fn another_type_or_extension() {
    let (key, list) = (SigningKey::make_p256(), list());
    let header = serde_json::Map::new();
    let other = jws::sign_claims("dc+sd-jwt", header.clone(), &json!({}), &key);
    assert!(matches!(jwt(&other, &key), Err(TokenError::Type)));
    let untyped = jws::sign(header, b"{}", &key);
    assert!(matches!(jwt(&untyped, &key), Err(TokenError::Type)));
    assert!(matches!(jwt("a.b", &key), Err(TokenError::Jwt(_))));
    let long = "a".repeat(MAX_TOKEN + 1);
    assert!(matches!(jwt(&long, &key), Err(TokenError::Jwt(_))));

    let bytes = draft(&list).to_cwt(&key).unwrap();
    let sign1 = CoseSign1::from_tagged_slice(&bytes).unwrap();
    let mut other = sign1.clone();
    other.protected.header.rest.clear();
    assert!(matches!(
        cwt(&signed(other, &key), &key),
        Err(TokenError::Type)
    ));
    let mut critical = sign1.clone();
    critical.protected.header.crit = vec![coset::RegisteredLabel::Assigned(
        coset::iana::HeaderParameter::Kid,
    )];
    assert!(matches!(
        cwt(&signed(critical, &key), &key),
        Err(TokenError::Critical)
    ));
    let mut unsigned = sign1.clone();
    unsigned.unprotected.crit = vec![coset::RegisteredLabel::Assigned(
        coset::iana::HeaderParameter::Kid,
    )];
    assert!(matches!(
        cwt(&signed(unsigned, &key), &key),
        Err(TokenError::Critical)
    ));
    let mut typed = sign1.clone();
    for (_, value) in &mut typed.protected.header.rest {
        *value = "application/cwt".into();
    }
    assert!(matches!(
        cwt(&signed(typed, &key), &key),
        Err(TokenError::Type)
    ));
    // An algorithm outside of what is signed does not count.
    let mut moved = sign1.clone();
    moved.unprotected.alg = moved.protected.header.alg.take();
    assert!(matches!(
        cwt(&signed(moved, &key), &key),
        Err(TokenError::Algorithm)
    ));
    // Untagged, cut off, followed by something, detached.
    for wrong in [
        sign1.clone().to_vec().unwrap(),
        bytes[..bytes.len() - 1].to_vec(),
        [bytes.as_slice(), &[0]].concat(),
        vec![0; MAX_TOKEN + 1],
    ] {
        assert!(matches!(cwt(&wrong, &key), Err(TokenError::Cwt)));
    }
    let mut longer = sign1.clone();
    longer.payload.as_mut().unwrap().push(0);
    assert!(matches!(
        cwt(&signed(longer, &key), &key),
        Err(TokenError::Cwt)
    ));
    let mut detached = sign1;
    detached.payload = None;
    let detached = detached.to_tagged_vec().unwrap();
    assert!(cwt(&detached, &key).is_err());
}

#[test]
fn a_list_that_does_not_inflate() {
    let error = |lst: &[u8]| {
        let lst = b64::encode(lst);
        changed(|claims| claims["status_list"]["lst"] = lst.into())
            .map(|_| ())
            .unwrap_err()
    };
    let whole = list().to_compressed();
    for wrong in [
        &whole[..whole.len() - 1],
        &[whole.as_slice(), b"more"].concat(),
        b"",
        b"not zlib",
    ] {
        assert!(matches!(
            error(wrong),
            TokenError::Inflate(InflateError::Malformed)
        ));
    }
    // 16 MiB of zeros take 16 KiB; one byte more is too many.
    let fits = TokenList::new(Bits::Eight, MAX_LIST as u64).unwrap();
    assert!(TokenList::from_compressed(Bits::Eight, &fits.to_compressed()).unwrap() == fits);
    let bomb = crate::status::compress::deflate_zlib(&vec![0; MAX_LIST + 1]);
    assert!(matches!(
        error(&bomb),
        TokenError::Inflate(InflateError::TooLarge)
    ));
    assert_eq!(
        TokenList::new(Bits::Eight, MAX_LIST as u64 + 1),
        Err(InflateError::TooLarge)
    );
    assert_eq!(
        TokenList::new(Bits::One, u64::MAX),
        Err(InflateError::TooLarge)
    );
}

#[test]
fn places_and_values() {
    for bits in [Bits::One, Bits::Two, Bits::Four, Bits::Eight] {
        let most = u8::MAX >> (8 - bits as u8);
        let mut list = TokenList::new(bits, 64).unwrap();
        assert_eq!(list.entries(), 64);
        list.set(33, most).unwrap();
        for place in 0..64 {
            let expected = if place == 33 { most } else { 0 };
            assert_eq!(list.get(place), Ok(expected));
        }
        list.set(33, 1).unwrap();
        assert_eq!(list.get(33), Ok(1));
        list.set(33, 0).unwrap();
        assert!(list == TokenList::new(bits, 64).unwrap());
        if let Some(wider) = most.checked_add(1) {
            assert_eq!(list.set(33, wider), Err(LookUpError::TooWide));
        }
        for outside in [64, u64::MAX] {
            assert_eq!(list.get(outside), Err(LookUpError::OutOfRange));
            assert_eq!(list.set(outside, 0), Err(LookUpError::OutOfRange));
        }
    }
}

#[test]
fn what_values_mean() {
    let statuses = Statuses::Token(list());
    let at = |index| StatusRef::TokenList {
        uri: URI.to_owned(),
        index,
    };
    for (index, standing) in [
        (0, Standing::Valid),
        (5, Standing::Revoked),
        (6, Standing::Suspended),
        (99, Standing::Other(3)),
    ] {
        assert_eq!(statuses.standing(&at(index)), Ok(standing));
    }
    assert_eq!(statuses.standing(&at(100)), Err(LookUpError::OutOfRange));
    let bitstring = StatusRef::Bitstring {
        list: URI.to_owned(),
        index: 5,
        purpose: "revocation".to_owned(),
        size: 1,
    };
    assert_eq!(statuses.standing(&bitstring), Err(LookUpError::OtherKind));
    let application: Vec<_> = (0..=255)
        .filter(|value| token::is_application_specific(*value))
        .collect();
    assert_eq!(application, [3, 11, 12, 13, 14, 15]);
    assert_eq!(token::standing(4), Standing::Other(4));
    let graver = Standing::Valid.and(Standing::Suspended);
    assert_eq!(graver.and(Standing::Revoked), Standing::Revoked);
    assert_eq!(Standing::Revoked.and(Standing::Valid), Standing::Revoked);
    assert_eq!(Standing::Suspended.and(Standing::Other(3)), graver);
}

#[test]
fn whose_key_signed() {
    let signer = |kid: Option<&str>, iss: Option<&str>| Signer {
        chain: None,
        kid: kid.map(str::to_owned),
        iss: iss.map(str::to_owned),
    };
    let of = |signer: Signer, credential: Option<&str>| match signer.key_source(credential) {
        Ok(KeySource::Did { url }) => url,
        Ok(KeySource::Metadata { iss, kid }) => format!("{iss} {}", kid.unwrap_or_default()),
        Ok(KeySource::X5c(_)) => "chain".to_owned(),
        Err(_) => String::new(),
    };
    let host = Some("https://a.example");
    assert_eq!(of(signer(Some("k"), host), None), "https://a.example k");
    assert_eq!(of(signer(None, None), host), "https://a.example ");
    assert_eq!(of(signer(Some("did:web:a#k"), None), None), "did:web:a#k");
    let did = Some("did:web:a");
    assert_eq!(of(signer(Some("#k"), did), None), "did:web:a#k");
    assert_eq!(of(signer(Some("k"), None), did), "did:web:a#k");
    assert_eq!(of(signer(None, did), None), "did:web:a");
    // A key of another DID speaks for nobody else.
    assert_eq!(of(signer(Some("did:web:b#k"), did), None), "");
    assert_eq!(of(signer(Some("did:web:b#k"), None), did), "");
    assert_eq!(of(signer(Some("k"), None), None), "");
    assert_eq!(of(signer(Some("k"), Some("no address")), None), "");
}

/// What names no key is not taken for a token that names none.
#[test]
fn keys_that_are_named_in_no_way_that_is_known() {
    let (key, list) = (SigningKey::make_p256(), list());
    let draft = draft(&list);
    let sign1 = CoseSign1::from_tagged_slice(&draft.to_cwt(&key).unwrap()).unwrap();
    let named = |edit: &dyn Fn(&mut CoseSign1)| {
        let mut sign1 = sign1.clone();
        edit(&mut sign1);
        let bytes = signed(sign1, &key);
        UnverifiedCwt::parse(&bytes).unwrap().signer().map(|_| ())
    };
    assert!(named(&|_| ()).is_ok());
    let der = rcgen::CertificateParams::default()
        .self_signed(&rcgen::KeyPair::generate().unwrap())
        .unwrap();
    let der = Cbor::Bytes(der.der().to_vec());
    let chain = |value: Cbor| {
        named(&|sign1| {
            let entry = (coset::Label::Int(33), value.clone());
            sign1.unprotected.rest = vec![entry];
        })
    };
    assert!(chain(der.clone()).is_ok());
    for wrong in [
        Cbor::Array(Vec::new()),
        Cbor::Array(vec![der; keys::x509::MAX_CHAIN + 1]),
        Cbor::Array(vec!["certificate".into()]),
        Cbor::Bytes(vec![1, 2, 3]),
        "certificate".into(),
    ] {
        assert!(matches!(chain(wrong), Err(TokenError::KeySource)));
    }
    let no_text = named(&|sign1| sign1.protected.header.key_id = vec![0xff]);
    assert!(matches!(no_text, Err(TokenError::KeySource)));
    let no_issuer = named(&|sign1| {
        let claims = sign1.payload.as_deref().unwrap();
        let mut claims: Cbor = ciborium::from_reader(claims).unwrap();
        let entries = claims.as_map_mut().unwrap();
        entries.retain(|(name, _)| *name != Cbor::from(1));
        entries.push((Cbor::from(1), Cbor::from(7)));
        let mut payload = Vec::new();
        ciborium::into_writer(&claims, &mut payload).unwrap();
        sign1.payload = Some(payload);
    });
    assert!(matches!(no_issuer, Err(TokenError::KeySource)));
    for (name, value) in [("x5c", json!(["!"])), ("kid", json!(7))] {
        let header = serde_json::Map::from_iter([(name.to_owned(), value)]);
        let text = jws::sign_claims("statuslist+jwt", header, &json!({}), &key);
        let signer = UnverifiedJwt::parse(&text).and_then(|token| token.signer());
        assert!(matches!(signer, Err(TokenError::KeySource)), "{name}");
    }
}

#[test]
fn certificates_travel_in_both_forms() {
    let (key, list) = (SigningKey::make_p256(), list());
    let chain: Vec<_> = (0..2)
        .map(|_| {
            let made = rcgen::CertificateParams::default()
                .self_signed(&rcgen::KeyPair::generate().unwrap())
                .unwrap();
            Certificate::from_der(made.der()).unwrap()
        })
        .collect();
    for length in 1..=chain.len() {
        let draft = Draft {
            key_name: KeyName::Chain(&chain[..length]),
            ..draft(&list)
        };
        let jwt = UnverifiedJwt::parse(&draft.to_jwt(&key)).unwrap();
        let cwt = UnverifiedCwt::parse(&draft.to_cwt(&key).unwrap()).unwrap();
        for signer in [jwt.signer().unwrap(), cwt.signer().unwrap()] {
            let found = signer.chain.clone().unwrap();
            assert_eq!(found.len(), length);
            assert!(found[0].der() == chain[0].der());
            assert!(matches!(signer.key_source(None), Ok(KeySource::X5c(_))));
        }
    }
}
