//! Multikey (W3C Controlled Identifiers 1.0 §2.2.2): a key with its kind in front, in base58btc.
//! It is what follows `did:key:` too.
//!
//! Each key has exactly one form: points of P-256 and P-384 are compressed, and no other base is read.

use keys::{KeyError, PublicKey};

/// Kinds, as the multicodec table numbers them, in their only encoding as a varint.
const P256: [u8; 2] = [0x80, 0x24];
const P384: [u8; 2] = [0x81, 0x24];
const ED25519: [u8; 2] = [0xed, 0x01];
const BLS12381_G2: [u8; 2] = [0xeb, 0x01];

/// The longest multikey that is read, in characters. One of 98 bytes has 135.
const LONGEST: usize = 256;

/// Reads a multikey: P-256, P-384, Ed25519 or BLS12-381 in G2.
pub fn parse(text: &str) -> Result<PublicKey, KeyError> {
    let digits = text.strip_prefix('z').ok_or(KeyError::Malformed)?;
    if digits.len() > LONGEST {
        return Err(KeyError::Malformed);
    }
    let bytes = bs58::decode(digits)
        .into_vec()
        .map_err(|_| KeyError::Malformed)?;
    let (kind, key) = bytes.split_first_chunk().ok_or(KeyError::Malformed)?;
    match *kind {
        P256 => {
            let point: &[u8; 33] = key.try_into().map_err(|_| KeyError::Malformed)?;
            PublicKey::from_sec1(point)
        }
        P384 => {
            let point: &[u8; 49] = key.try_into().map_err(|_| KeyError::Malformed)?;
            PublicKey::from_p384_sec1(point)
        }
        ED25519 => PublicKey::from_ed25519(key.try_into().map_err(|_| KeyError::Malformed)?),
        BLS12381_G2 => {
            PublicKey::from_bls12381_g2(key.try_into().map_err(|_| KeyError::Malformed)?)
        }
        _ => Err(KeyError::UnsupportedKey),
    }
}

/// The multikey of a key.
pub fn write(key: &PublicKey) -> String {
    let kind = match key {
        PublicKey::P256(_) => P256,
        PublicKey::P384(_) => P384,
        PublicKey::Ed25519(_) => ED25519,
        PublicKey::Bls12381G2(_) => BLS12381_G2,
    };
    let bytes = [kind.as_slice(), &key.to_point_bytes()].concat();
    format!("z{}", bs58::encode(bytes).into_string())
}

#[cfg(test)]
mod tests {
    use keys::SigningKey;

    use super::*;

    fn bls() -> PublicKey {
        PublicKey::Bls12381G2(bbs::SecretKey::make().public())
    }

    fn encode(kind: [u8; 2], key: &[u8]) -> String {
        let bytes = [kind.as_slice(), key].concat();
        format!("z{}", bs58::encode(bytes).into_string())
    }

    #[test]
    fn every_kind_gives_back_its_key() {
        let p256 = SigningKey::make_p256().public();
        let p384 = SigningKey::make_p384().public();
        let ed25519 = SigningKey::make_ed25519().public();
        for (key, start) in [
            (p256, "zDn"),
            (p384, "z82L"),
            (ed25519, "z6Mk"),
            (bls(), "zUC"),
        ] {
            let text = write(&key);
            assert!(text.starts_with(start), "{text}");
            assert!(parse(&text).unwrap() == key);
        }
    }

    /// W3C vc-di-bbs, TestVectors/BBSKeyMaterial.json and the verification method of
    /// TestVectors/addProofConfig.json (W3C Software and Document License).
    #[test]
    fn the_multikey_of_w3cs_example() {
        let point = "a4ef1afa3da575496f122b9b78b8c24761531a8a093206ae7c45b80759c168ba4f7a260f9c3367b6c019b4677841104b10665edbe70ba3ebe7d9cfbffbf71eb016f70abfbb163317f372697dc63efd21fc55764f63926a8f02eaea325a2a888f";
        let key = parse("zUC7DerdEmfZ8f4pFajXgGwJoMkV1ofMTmEG5UoNvnWiPiLuGKNeqgRpLH2TV4Xe5mJ2cXV76gRN7LFQwapF1VFu6x2yrr5ci1mXqC1WNUrnHnLgvfZfMH7h6xP6qsf9EKRQrPQ").unwrap();
        let bytes = key.to_point_bytes();
        let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, point);
    }

    #[test]
    fn what_is_no_multikey() {
        let key = SigningKey::make_ed25519().public();
        let (point, text) = (key.to_point_bytes(), write(&key));
        let other_base = |id: &str| text.replacen('z', id, 1);
        let mut uncompressed = vec![4];
        uncompressed.extend([1; 64]);
        for malformed in [
            String::new(),
            "z".to_owned(),
            "z1".to_owned(),
            "z0OIl".to_owned(),
            other_base("f"),
            other_base("u"),
            other_base(""),
            text.replacen('z', "Z", 1),
            encode(ED25519, &[point.as_slice(), &[0]].concat()),
            encode(ED25519, &point[1..]),
            encode(P256, &uncompressed),
            encode(P256, &point),
            encode(P384, &point),
            encode(P384, &[4; 97]),
            encode(P256, &[2; 49]),
            encode(P384, &[2; 33]),
            encode(BLS12381_G2, &point),
            format!("z{}", "1".repeat(LONGEST + 1)),
        ] {
            assert_eq!(
                parse(&malformed).err(),
                Some(KeyError::Malformed),
                "{malformed}"
            );
        }
        // secp256k1 and X25519.
        for kind in [[0xe7, 0x01], [0xec, 0x01]] {
            let found = parse(&encode(kind, &point));
            assert_eq!(found.err(), Some(KeyError::UnsupportedKey));
        }
        for (kind, point) in [
            (P256, [[2].as_slice(), &[0xff; 32]].concat()),
            (P384, [[2].as_slice(), &[0xff; 48]].concat()),
            (ED25519, vec![0; 32]),
            (BLS12381_G2, vec![0; 96]),
        ] {
            let found = parse(&encode(kind, &point));
            assert_eq!(found.err(), Some(KeyError::NotOnCurve), "{kind:?}");
        }
    }
}
