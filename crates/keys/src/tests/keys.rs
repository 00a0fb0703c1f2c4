use serde_json::json;

use crate::{Algorithm, KeyError, PublicKey, SecretKeyError, SigningKey, b64};

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn rfc_8037_a3_thumbprint() {
    let key = PublicKey::from_jwk(&json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "ignored",
    }))
    .unwrap();
    assert_eq!(
        key.thumbprint(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

/// RFC 7638 §3: only the required members, sorted, without white space.
#[test]
fn rfc_7638_thumbprint_of_p256_is_the_hash_of_its_canonical_form() {
    use sha2::{Digest as _, Sha256};
    let key = SigningKey::make_p256().public();
    let jwk = key.to_jwk();
    let canonical = format!(
        r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#,
        jwk["x"], jwk["y"]
    );
    assert_eq!(key.thumbprint(), b64::encode(Sha256::digest(canonical)));
}

/// RFC 6979 A.2.5, P-256 with SHA-256.
#[test]
fn rfc_6979_p256_signature_of_sample() {
    let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let key = SigningKey::p256_from_scalar(&scalar.try_into().unwrap())
        .ok()
        .unwrap();
    let expected = hex(concat!(
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    ));
    assert_eq!(key.sign(b"sample").as_slice(), expected);
    key.public().verify(b"sample", &expected).unwrap();
}

/// RFC 6979 A.2.6, P-384 with SHA-384.
#[test]
fn rfc_6979_p384_signature_of_sample() {
    let scalar = hex(concat!(
        "6B9D3DAD2E1B8C1C05B19875B6659F4DE23C3B667BF297BA",
        "9AA47740787137D896D5724E4C70A825F872C9EA60D2EDF5"
    ));
    let key = SigningKey::p384_from_scalar(&scalar.try_into().unwrap())
        .ok()
        .unwrap();
    let point = hex(concat!(
        "04",
        "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E",
        "06AAE5286B300C64DEF8F0EA9055866064A254515480BC13",
        "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9",
        "F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720"
    ));
    assert!(PublicKey::from_p384_sec1(&point).unwrap() == key.public());
    let expected = hex(concat!(
        "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA7",
        "3D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46",
        "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526",
        "203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
    ));
    assert_eq!(key.sign(b"sample"), expected);
    key.public().verify(b"sample", &expected).unwrap();
    assert!(key.public().verify(b"sampld", &expected).is_err());
}

/// A signature of P-384 over another digest than SHA-384.
#[test]
fn a_p384_signature_over_sha256_is_none() {
    use p384::ecdsa::signature::hazmat::PrehashSigner as _;
    use sha2::{Digest as _, Sha256};
    let key = p384::ecdsa::SigningKey::from_slice(&[7; 48]).unwrap();
    let public = SigningKey::p384_from_scalar(&[7; 48])
        .ok()
        .unwrap()
        .public();
    let signature: p384::ecdsa::Signature = key.sign_prehash(&Sha256::digest("message")).unwrap();
    assert!(public.verify(b"message", &signature.to_bytes()).is_err());
}

/// FIPS 186-5 takes `s` and its negative for one signature, and so do W3C's suites and JWS.
#[test]
fn the_negative_of_s_is_the_same_signature() {
    let key = SigningKey::p384_from_scalar(&[7; 48]).ok().unwrap();
    let bytes = key.sign(b"message");
    let signature = p384::ecdsa::Signature::from_slice(&bytes).unwrap();
    let (r, s) = signature.split_scalars();
    let negative = p384::ecdsa::Signature::from_scalars(r, -s).unwrap();
    assert_ne!(negative.to_bytes().as_slice(), bytes);
    key.public()
        .verify(b"message", &negative.to_bytes())
        .unwrap();
    let key = SigningKey::p256_from_scalar(&[7; 32]).ok().unwrap();
    let bytes = key.sign(b"message");
    let (r, s) = p256::ecdsa::Signature::from_slice(&bytes)
        .unwrap()
        .split_scalars();
    let negative = p256::ecdsa::Signature::from_scalars(r, -s).unwrap();
    assert_ne!(negative.to_bytes().as_slice(), bytes);
    key.public()
        .verify(b"message", &negative.to_bytes())
        .unwrap();
}

#[test]
fn public_keys_survive_their_jwk() {
    for key in [
        SigningKey::make_p256().public(),
        SigningKey::make_p384().public(),
        SigningKey::make_ed25519().public(),
    ] {
        assert!(PublicKey::from_jwk(&key.to_jwk()).unwrap() == key);
    }
}

#[test]
fn secret_keys_survive_pem_and_bytes() {
    let p256 = SigningKey::make_p256();
    let again = SigningKey::from_pem(&p256.to_pem().ok().unwrap())
        .ok()
        .unwrap();
    assert!(again.public() == p256.public());
    let again = SigningKey::p256_from_scalar(&p256.to_secret_bytes()[..].try_into().unwrap())
        .ok()
        .unwrap();
    assert!(again.public() == p256.public());
    let ed = SigningKey::make_ed25519();
    let again = SigningKey::from_pem(&ed.to_pem().ok().unwrap())
        .ok()
        .unwrap();
    assert!(again.public() == ed.public());
    let seed = ed.to_secret_bytes()[..].try_into().unwrap();
    assert!(SigningKey::ed25519_from_seed(&seed).public() == ed.public());
    let p384 = SigningKey::make_p384();
    let again = SigningKey::from_pem(&p384.to_pem().ok().unwrap());
    assert!(again.ok().unwrap().public() == p384.public());
    let scalar = p384.to_secret_bytes()[..].try_into().unwrap();
    let again = SigningKey::p384_from_scalar(&scalar);
    assert!(again.ok().unwrap().public() == p384.public());
}

/// A key that exists for this test alone, as `openssl ecparam -genkey` writes one.
#[test]
fn openssl_pem_with_parameters_before_the_key() {
    let key = p256::SecretKey::from_slice(&[7; 32]).unwrap();
    let sec1 = key.to_sec1_pem(p256::pkcs8::LineEnding::LF).unwrap();
    let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    for pem in [sec1.to_string(), format!("{parameters}{}", &*sec1)] {
        let read = SigningKey::from_pem(&pem).ok().unwrap();
        assert_eq!(read.to_secret_bytes().as_slice(), [7; 32]);
    }
}

#[test]
fn a_secret_jwk_is_no_public_key() {
    for member in ["d", "k"] {
        let mut jwk = SigningKey::make_p256().public().to_jwk();
        jwk[member] = json!("AA");
        assert_eq!(
            PublicKey::from_jwk(&jwk).err(),
            Some(KeyError::SecretPresent)
        );
    }
}

#[test]
fn unsupported_keys() {
    for jwk in [
        json!({"kty": "RSA", "n": "AA", "e": "AQAB"}),
        json!({"kty": "oct"}),
        json!({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
        json!({"kty": "EC"}),
    ] {
        assert_eq!(
            PublicKey::from_jwk(&jwk).err(),
            Some(KeyError::UnsupportedKey)
        );
    }
}

#[test]
fn malformed_keys() {
    let zero = b64::encode([0_u8; 32]);
    let short = b64::encode([1_u8; 31]);
    let long = b64::encode([1_u8; 48]);
    for jwk in [
        json!([]),
        json!({}),
        json!({"kty": 7}),
        json!({"kty": "EC", "crv": "P-256", "x": zero}),
        json!({"kty": "EC", "crv": "P-256", "x": short, "y": zero}),
        json!({"kty": "EC", "crv": "P-256", "x": "!", "y": zero}),
        json!({"kty": "EC", "crv": "P-384", "x": zero, "y": zero}),
        json!({"kty": "EC", "crv": "P-256", "x": long, "y": long}),
        json!({"kty": "OKP", "crv": "Ed25519", "x": short}),
        json!({"kty": "OKP", "crv": "Ed25519"}),
        json!({"kty": "OKP", "crv": "Bls12381G2"}),
        json!({"kty": "OKP", "crv": "Bls12381G2", "x": "!"}),
        json!({"kty": "OKP", "crv": "Bls12381G2", "x": short}),
    ] {
        assert_eq!(
            PublicKey::from_jwk(&jwk).err(),
            Some(KeyError::Malformed),
            "{jwk}"
        );
    }
}

#[test]
fn points_that_are_not_on_the_curve() {
    let mut jwk = SigningKey::make_p256().public().to_jwk();
    jwk["y"] = json!(b64::encode([1_u8; 32]));
    assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(KeyError::NotOnCurve));
    let mut jwk = SigningKey::make_p384().public().to_jwk();
    jwk["y"] = json!(b64::encode([1_u8; 48]));
    assert_eq!(PublicKey::from_jwk(&jwk).err(), Some(KeyError::NotOnCurve));
    assert_eq!(
        PublicKey::from_p384_sec1(&[0]).err(),
        Some(KeyError::NotOnCurve)
    );
    // The point at infinity in SEC 1.
    assert_eq!(PublicKey::from_sec1(&[0]).err(), Some(KeyError::NotOnCurve));
    // The neutral element of Ed25519, under which anything would verify.
    let mut neutral = [0_u8; 32];
    neutral[0] = 1;
    assert_eq!(
        PublicKey::from_ed25519(&neutral).err(),
        Some(KeyError::NotOnCurve)
    );
}

#[test]
fn a_point_without_a_word_on_y_is_no_key() {
    for key in [SigningKey::make_p256(), SigningKey::make_p384()] {
        let mut point = key.public().to_point_bytes();
        let read = |point: &[u8]| match point.len() {
            33 => PublicKey::from_sec1(point),
            _ => PublicKey::from_p384_sec1(point),
        };
        assert!(read(&point).is_ok());
        for form in [0, 1, 5, 6, 7] {
            point[0] = form;
            assert_eq!(read(&point).err(), Some(KeyError::NotOnCurve), "{form}");
        }
    }
}

#[test]
fn signatures_of_another_shape_message_or_key() {
    for key in [
        SigningKey::make_p256(),
        SigningKey::make_p384(),
        SigningKey::make_ed25519(),
    ] {
        let signature = key.sign(b"message");
        key.public().verify(b"message", &signature).unwrap();
        assert!(key.public().verify(b"messagf", &signature).is_err());
        assert!(
            key.public()
                .verify(b"message", &signature[..signature.len() - 1])
                .is_err()
        );
        assert!(key.public().verify(b"message", &[]).is_err());
        assert!(
            SigningKey::make_p256()
                .public()
                .verify(b"message", &signature)
                .is_err()
        );
        let mut longer = signature.to_vec();
        longer.push(0);
        assert!(key.public().verify(b"message", &longer).is_err());
    }
    // A key that signs lists of messages verifies no signature of this kind.
    let bbs = PublicKey::Bls12381G2(bbs::SecretKey::make().public());
    assert!(bbs.verify(b"message", &[0; 64]).is_err());
}

#[test]
fn secret_jwks_that_do_not_hold_together() {
    let key = SigningKey::make_p256();
    let mut jwk = key.public().to_jwk();
    assert_eq!(
        SigningKey::from_jwk(&jwk).err(),
        Some(SecretKeyError::Malformed)
    );
    jwk["d"] = json!(b64::encode(key.to_secret_bytes().as_slice()));
    assert!(SigningKey::from_jwk(&jwk).is_ok());
    jwk["d"] = json!(b64::encode(
        SigningKey::make_p256().to_secret_bytes().as_slice()
    ));
    assert_eq!(
        SigningKey::from_jwk(&jwk).err(),
        Some(SecretKeyError::Mismatch)
    );
    for d in [
        json!("AA"),
        json!("!"),
        json!(b64::encode([0_u8; 32])),
        json!(b64::encode([255_u8; 32])),
    ] {
        jwk["d"] = d;
        assert_eq!(
            SigningKey::from_jwk(&jwk).err(),
            Some(SecretKeyError::Malformed)
        );
    }
}

#[test]
fn secret_jwks_of_another_kind() {
    let bbs = bbs::SecretKey::make();
    let d = b64::encode(*bbs.to_secret_bytes());
    let mut of_bbs = PublicKey::Bls12381G2(bbs.public()).to_jwk();
    of_bbs["d"] = json!(d);
    assert!(crate::bls::secret_from_jwk(&of_bbs).is_ok());
    for jwk in [json!([]), json!({"d": d}), of_bbs.clone()] {
        let error = SigningKey::from_jwk(&jwk).err();
        assert_eq!(error, Some(SecretKeyError::Malformed), "{}", jwk["kty"]);
    }
    of_bbs["d"] = json!("!");
    let error = crate::bls::secret_from_jwk(&of_bbs).err();
    assert_eq!(error, Some(SecretKeyError::Malformed));
}

#[test]
fn what_is_no_pem_key() {
    for pem in [
        "",
        "x",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        assert_eq!(
            SigningKey::from_pem(pem).err(),
            Some(SecretKeyError::Malformed)
        );
        assert_eq!(
            PublicKey::from_public_pem(pem).err(),
            Some(KeyError::Malformed)
        );
    }
}

#[test]
fn algorithms_by_name() {
    for (name, algorithm) in [
        ("ES256", Algorithm::Es256),
        ("EdDSA", Algorithm::EdDsa),
        ("Ed25519", Algorithm::EdDsa),
    ] {
        assert_eq!(Algorithm::from_name(name), Ok(algorithm));
    }
    for name in ["none", "HS256", "ES256K", "Ed448", ""] {
        assert_eq!(
            Algorithm::from_name(name),
            Err(KeyError::UnsupportedAlgorithm)
        );
    }
}

#[test]
fn base64url_is_strict() {
    assert_eq!(b64::decode("AA").unwrap(), [0]);
    for text in ["AA==", "A", "AB", "+/", "A A", "AA\n", "é"] {
        assert!(b64::decode(text).is_err(), "{text}");
    }
    assert_eq!(b64::decode_standard("+/8=").unwrap(), [0xfb, 0xff]);
    for text in ["+/8", "-_8=", "+/9="] {
        assert!(b64::decode_standard(text).is_err(), "{text}");
    }
}

#[test]
fn a_jwk_has_the_thumbprint_of_its_key() {
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        let public = key.public();
        let jwk = public.to_jwk();
        assert_eq!(PublicKey::thumbprint_of_jwk(&jwk), public.thumbprint());
        // The order of members does not count, nor do those that are not required.
        let mut turned = json!({"use": "sig"});
        for (name, member) in jwk.as_object().unwrap().iter().rev() {
            turned[name] = member.clone();
        }
        assert_eq!(PublicKey::thumbprint_of_jwk(&turned), public.thumbprint());
    }
    let bbs = PublicKey::Bls12381G2(crate::bls::SecretKey::make().public());
    assert_eq!(
        PublicKey::thumbprint_of_jwk(&bbs.to_jwk()),
        bbs.thumbprint()
    );
}
