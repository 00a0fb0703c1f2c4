use super::*;

const ALICE: &str = r#"{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}"#;
const BOB_SCALAR: &str = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";

/// The answer printed in OpenID4VP 1.0 §8.3, and the scalar printed with it.
const PRINTED: &str = "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTEyOEdDTSIsImtpZCI6ImFjIiwiZXBrIjp7Imt0eSI6IkVDIiwieCI6Im5ubVZwbTNWM2piaGNhZlFhUkJrU1ZOSGx3Wkh3dC05ck9wSnVmeVlJdWsiLCJ5IjoicjRmakRxd0p5czlxVU9QLV9iM21SNVNaRy0tQ3dPMm1pYzVWU05UWU45ZyIsImNydiI6IlAtMjU2In19..uAYcHRUSSn2X0WPX.yVzlGSYG4qbg0bq18JcUiDRw56yVnbKR8E7S7YlEtzT00RqE3Pw5oTpUG3hdLN4taHZ9gC1kwak8JOnJgQ.1wR024_3-qtAlx1oFIUpQQ";
const PRINTED_SCALAR: &str = "Et-3ce0omz8_TuZ96Df9lp0GAaaDoUnDe6X-CRO7Aww";

fn key(scalar: &str, kid: &str) -> DecryptionKey {
    let scalar: [u8; 32] = b64::decode(scalar).unwrap().try_into().unwrap();
    DecryptionKey::from_scalar(&scalar, kid).unwrap()
}

fn recipient(key: &DecryptionKey, encryption: Encryption) -> Recipient {
    let mut jwk = key.public_jwk();
    let kid = jwk["kid"].as_str().map(str::to_owned);
    for name in ["kid", "use", "alg"] {
        jwk.as_object_mut().unwrap().remove(name);
    }
    Recipient::new(&PublicKey::from_jwk(&jwk).unwrap(), kid, encryption).unwrap()
}

/// A JWE for `key` under any header; what it says of `enc` decides the key.
fn seal(key: &DecryptionKey, header: Value, plaintext: &[u8]) -> String {
    let ephemeral = p256::SecretKey::random(&mut OsRng);
    let mut header = header;
    if header.get("epk").is_none() {
        header["epk"] = PublicKey::P256(ephemeral.public_key()).to_jwk();
    }
    let protected = b64::encode(header.to_string());
    let public = key.secret.public_key();
    let shared = diffie_hellman(ephemeral.to_nonzero_scalar(), public.as_affine());
    let party = |name: &str| b64::decode(header[name].as_str().unwrap_or("")).unwrap_or_default();
    let cek = derive_key(&shared, Encryption::A128Gcm, &party("apu"), &party("apv"));
    let mut text = plaintext.to_vec();
    let tag = Aes128Gcm::new_from_slice(&cek)
        .unwrap()
        .encrypt_in_place_detached(Nonce::from_slice(&[7; 12]), protected.as_bytes(), &mut text)
        .unwrap();
    format!(
        "{protected}..{}.{}.{}",
        b64::encode([7; 12]),
        b64::encode(&text),
        b64::encode(tag)
    )
}

fn error(key: &DecryptionKey, compact: &str) -> JweError {
    key.decrypt(compact).expect_err("must be refused")
}

#[test]
fn derives_the_key_of_rfc_7518_appendix_c() {
    let bob = key(BOB_SCALAR, "bob");
    let PublicKey::P256(alice) =
        PublicKey::from_jwk(&serde_json::from_str(ALICE).unwrap()).unwrap()
    else {
        unreachable!()
    };
    let shared = diffie_hellman(bob.secret.to_nonzero_scalar(), alice.as_affine());
    let derived = derive_key(&shared, Encryption::A128Gcm, b"Alice", b"Bob");
    assert_eq!(b64::encode(&*derived), "VqqN6vgjbSBcIijNcacQGg");
}

#[test]
fn decrypts_the_answer_printed_in_the_specification() {
    let plaintext = key(PRINTED_SCALAR, "ac").decrypt(PRINTED).unwrap();
    let answer: Value = serde_json::from_slice(&plaintext).unwrap();
    assert_eq!(
        answer,
        json!({"vp_token": {"example_credential_id": ["eyJhb...YMetA"]}})
    );
}

#[test]
fn goes_there_and_back_with_both_ciphers() {
    for encryption in [Encryption::A128Gcm, Encryption::A256Gcm] {
        let key = DecryptionKey::make();
        let sealed = recipient(&key, encryption)
            .encrypt(b"what was shared")
            .unwrap();
        let header: Value =
            serde_json::from_slice(&b64::decode(sealed.split('.').next().unwrap()).unwrap())
                .unwrap();
        assert_eq!(header["enc"], encryption.name());
        assert_eq!(header["kid"], key.kid());
        assert_eq!(*key.decrypt(&sealed).unwrap(), b"what was shared");
    }
}

#[test]
fn two_answers_share_neither_key_nor_nonce() {
    let key = DecryptionKey::make();
    let to = recipient(&key, Encryption::A128Gcm);
    let (one, two) = (to.encrypt(b"same").unwrap(), to.encrypt(b"same").unwrap());
    let parts = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
    for (one, two) in parts(&one)
        .iter()
        .zip(parts(&two))
        .filter(|(one, _)| !one.is_empty())
    {
        assert_ne!(*one, two);
    }
}

#[test]
fn party_information_enters_the_key() {
    let key = DecryptionKey::make();
    let (apu, apv) = (b64::encode("Alice"), b64::encode("Bob"));
    let header = json!({"alg": "ECDH-ES", "enc": "A128GCM", "apu": apu, "apv": apv});
    assert_eq!(*key.decrypt(&seal(&key, header, b"x")).unwrap(), b"x");
}

#[test]
fn another_key_does_not_decrypt() {
    let sealed = recipient(&DecryptionKey::make(), Encryption::A128Gcm);
    let sealed = Recipient {
        kid: None,
        ..sealed
    }
    .encrypt(b"x")
    .unwrap();
    assert!(matches!(
        error(&DecryptionKey::make(), &sealed),
        JweError::Decrypt
    ));
}

#[test]
fn every_changed_part_is_noticed() {
    let key = key(PRINTED_SCALAR, "ac");
    let parts: Vec<&str> = PRINTED.split('.').collect();
    for place in [2, 3, 4] {
        let mut changed: Vec<String> = parts.iter().map(ToString::to_string).collect();
        let mut bytes = b64::decode(&changed[place]).unwrap();
        bytes[0] ^= 1;
        changed[place] = b64::encode(bytes);
        assert!(
            matches!(error(&key, &changed.join(".")), JweError::Decrypt),
            "part {place}"
        );
    }
    let mut changed: Vec<String> = parts.iter().map(ToString::to_string).collect();
    let header = String::from_utf8(b64::decode(&changed[0]).unwrap()).unwrap();
    changed[0] = b64::encode(header.replace("{\"alg\"", "{\"x\":1,\"alg\""));
    assert!(matches!(error(&key, &changed.join(".")), JweError::Decrypt));
}

#[test]
fn headers_that_ask_for_something_else_are_refused() {
    let key = DecryptionKey::make();
    let header = |name: &str, value: Value| {
        let mut header = json!({"alg": "ECDH-ES", "enc": "A128GCM"});
        header[name] = value;
        error(&key, &seal(&key, header, b"x"))
    };
    assert!(matches!(
        header("alg", json!("ECDH-ES+A128KW")),
        JweError::Algorithm
    ));
    assert!(matches!(header("alg", json!("dir")), JweError::Algorithm));
    assert!(matches!(
        header("enc", json!("A128CBC-HS256")),
        JweError::Encryption
    ));
    assert!(matches!(header("zip", json!("DEF")), JweError::Compressed));
    assert!(matches!(header("crit", json!(["exp"])), JweError::Critical));
    assert!(matches!(
        header("kid", json!("another")),
        JweError::OtherKey
    ));
    assert!(matches!(header("kid", json!(7)), JweError::OtherKey));
    assert!(matches!(
        header("apu", json!("not base64url!")),
        JweError::PartyInfo
    ));
    assert!(matches!(header("apv", json!(1)), JweError::PartyInfo));
    assert!(matches!(
        header("apu", json!("A".repeat(2000))),
        JweError::PartyInfo
    ));
}

#[test]
fn an_ephemeral_key_off_the_curve_is_refused() {
    let key = DecryptionKey::make();
    let epk = |epk: Value| {
        let header = json!({"alg": "ECDH-ES", "enc": "A128GCM", "epk": epk});
        error(&key, &seal(&key, header, b"x"))
    };
    let mut off: Value = serde_json::from_str(ALICE).unwrap();
    off["y"] = off["x"].clone();
    assert!(matches!(epk(off), JweError::EphemeralKey));
    assert!(matches!(epk(json!("none")), JweError::EphemeralKey));
    let other = keys::SigningKey::make_ed25519().public().to_jwk();
    assert!(matches!(epk(other), JweError::EphemeralKey));
    let (_, rest) = PRINTED.split_once('.').unwrap();
    let none = b64::encode(json!({"alg": "ECDH-ES", "enc": "A128GCM"}).to_string());
    let without = error(&key, &format!("{none}.{rest}"));
    assert!(matches!(without, JweError::EphemeralKey));
    let list = error(&key, &format!("{}.{rest}", b64::encode("[]")));
    assert!(matches!(list, JweError::Header(_)));
}

#[test]
fn a_wrapped_key_is_refused() {
    let changed = PRINTED.replacen("..", ".AAAA.", 1);
    assert!(matches!(
        error(&key(PRINTED_SCALAR, "ac"), &changed),
        JweError::Algorithm
    ));
}

#[test]
fn what_is_not_five_parts_is_refused() {
    let key = DecryptionKey::make();
    for text in [
        "",
        "a.b.c",
        "a..b.c.d.e",
        "!..b.c.d",
        &"A".repeat(MAX_BYTES + 1),
    ] {
        assert!(
            matches!(error(&key, text), JweError::Malformed),
            "{}",
            text.len()
        );
    }
    // Each of these would be decrypted otherwise.
    let header = json!({"alg": "ECDH-ES", "enc": "A128GCM"});
    let long = seal(&key, header, &vec![b'x'; MAX_BYTES]);
    assert!(matches!(error(&key, &long), JweError::Malformed));
    let printed = super::tests::key(PRINTED_SCALAR, "ac");
    let six = format!("{PRINTED}.x");
    assert!(matches!(error(&printed, &six), JweError::Malformed));
    let short_nonce = PRINTED.replacen("uAYcHRUSSn2X0WPX", "uAYc", 1);
    assert!(matches!(
        error(&super::tests::key(PRINTED_SCALAR, "ac"), &short_nonce),
        JweError::Malformed
    ));
    let short_tag = PRINTED.replacen("1wR024_3-qtAlx1oFIUpQQ", "1wR0", 1);
    assert!(matches!(
        error(&super::tests::key(PRINTED_SCALAR, "ac"), &short_tag),
        JweError::Malformed
    ));
}

#[test]
fn only_a_p256_key_is_a_recipient() {
    let key = keys::SigningKey::make_ed25519().public();
    assert_eq!(Recipient::new(&key, None, Encryption::A128Gcm), None);
}
