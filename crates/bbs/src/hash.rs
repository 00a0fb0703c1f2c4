//! Hashing to bytes and to scalars (RFC 9380 §5.3.1, `expand_message_xmd` with SHA-256, and the
//! draft's `hash_to_scalar` and `messages_to_scalars`), and the tags that keep one use of the hash apart from another.

use blstrs::Scalar;
use ff::Field as _;
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::hidden::{Secrets, secrets};

macro_rules! tag {
    ($suffix:literal) => {
        concat!("BBS_BLS12381G1_XMD:SHA-256_SSWU_RO_H2G_HM2S_", $suffix).as_bytes()
    };
}

/// The identifier of this interface: the ciphersuite, `hash_to_generators` and the mapping of
/// messages to scalars by hashing.
pub(crate) const API: &[u8] = tag!("");
/// Key generation.
pub(crate) const KEYGEN: &[u8] = tag!("KEYGEN_DST_");
/// What a scalar is derived from: the domain, `e`, the challenge.
pub(crate) const SCALAR: &[u8] = tag!("H2S_");
/// Messages.
pub(crate) const MESSAGE: &[u8] = tag!("MAP_MSG_TO_SCALAR_AS_HASH_");
/// The first input of the generators' chain.
pub(crate) const GENERATOR_FIRST: &[u8] = tag!("MESSAGE_GENERATOR_SEED");
/// The steps of the generators' chain.
pub(crate) const GENERATOR_SEED: &[u8] = tag!("SIG_GENERATOR_SEED_");
/// From the chain to the curve.
pub(crate) const GENERATOR_POINT: &[u8] = tag!("SIG_GENERATOR_DST_");

/// How many bytes become one scalar: 16 more than its length, so that reducing leaves no bias.
pub(crate) const WIDE: usize = 48;

/// Fills `out`, at most 8,160 bytes, from the parts one after the other.
pub(crate) fn expand(parts: &[&[u8]], tag: &[u8], out: &mut [u8]) {
    debug_assert!(out.len() <= 255 * 32 && tag.len() <= 255);
    // Both fit: the tags are the constants above, and nobody asks for more than a few scalars.
    let (length, tag_length) = (out.len() as u16, tag.len() as u8);
    let mut hash = Sha256::new_with_prefix([0; 64]);
    for part in parts {
        hash.update(part);
    }
    let mut first: [u8; 32] = hash
        .chain_update(length.to_be_bytes())
        .chain_update([0])
        .chain_update(tag)
        .chain_update([tag_length])
        .finalize()
        .into();
    let mut block = [0; 32];
    for (count, piece) in (1u8..=255).zip(out.chunks_mut(32)) {
        for (byte, of_first) in block.iter_mut().zip(&first) {
            *byte ^= of_first;
        }
        block = Sha256::new_with_prefix(block)
            .chain_update([count])
            .chain_update(tag)
            .chain_update([tag_length])
            .finalize()
            .into();
        for (byte, of_block) in piece.iter_mut().zip(&block) {
            *byte = *of_block;
        }
    }
    first.zeroize();
    block.zeroize();
}

/// A scalar from the parts one after the other (`hash_to_scalar`).
pub(crate) fn hash_to_scalar(parts: &[&[u8]], tag: &[u8]) -> Scalar {
    let mut wide = Zeroizing::new([0; WIDE]);
    expand(parts, tag, wide.as_mut_slice());
    reduce(&wide)
}

/// The scalar of each message (`messages_to_scalars`).
pub(crate) fn messages_to_scalars<M: AsRef<[u8]>>(messages: &[M]) -> Secrets {
    let mut rest = messages.iter();
    secrets(messages.len(), || {
        let message = rest.next().map_or(&[][..], AsRef::as_ref);
        hash_to_scalar(&[message], MESSAGE)
    })
}

/// A big-endian number of 48 bytes, modulo the order of the group.
pub(crate) fn reduce(wide: &[u8; WIDE]) -> Scalar {
    let mut power = [0; 32];
    power[15] = 1;
    let two_to_128 = small(&power);
    let mut piece = Zeroizing::new([0; 32]);
    wide.chunks(16).fold(Scalar::ZERO, |sum, sixteen| {
        for (byte, from) in piece.iter_mut().skip(16).zip(sixteen) {
            *byte = *from;
        }
        sum * two_to_128 + small(&piece)
    })
}

/// A number that is known to be below the order.
fn small(bytes: &[u8; 32]) -> Scalar {
    Option::from(Scalar::from_bytes_be(bytes)).unwrap_or(Scalar::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reduction_agrees_with_arithmetic() {
        let mut wide = [0; WIDE];
        wide[47] = 9;
        assert_eq!(reduce(&wide), Scalar::from(9));
        // 2^256 = (2^64)^4
        wide = [0; WIDE];
        wide[15] = 1;
        let two_to_64 = Scalar::from(u64::MAX) + Scalar::ONE;
        assert_eq!(reduce(&wide), two_to_64.square().square());
    }

    #[test]
    fn expanding_agrees_with_rfc_9380() {
        // RFC 9380 appendix K.1.
        let tag = b"QUUX-V01-CS02-with-expander-SHA256-128";
        let mut out = [0; 32];
        expand(&[b"a", b"bc"], tag, &mut out);
        assert_eq!(
            hex::encode(out),
            "d8ccab23b5985ccea865c6c97b6e5b8350e794e603b4b97902f53a8a0d605615"
        );
        let mut out = [0; 128];
        expand(&[], tag, &mut out);
        assert!(hex::encode(out).starts_with("af84c27ccfd45d41914fdff5df25293e221afc53d8ad2ac0"));
    }

    fn fixture(name: &str) -> serde_json::Value {
        let path = format!("{}/tests/vectors/draft/{name}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    fn bytes(value: &serde_json::Value) -> Vec<u8> {
        hex::decode(value.as_str().unwrap()).unwrap()
    }

    #[test]
    fn hashing_agrees_with_the_draft() {
        let one = fixture("h2s.json");
        assert_eq!(bytes(&one["dst"]), SCALAR);
        let scalar = hash_to_scalar(&[&bytes(&one["message"])], SCALAR);
        assert_eq!(scalar.to_bytes_be().to_vec(), bytes(&one["scalar"]));

        let many = fixture("MapMessageToScalarAsHash.json");
        assert_eq!(bytes(&many["dst"]), MESSAGE);
        let cases = many["cases"].as_array().unwrap();
        let messages: Vec<Vec<u8>> = cases.iter().map(|case| bytes(&case["message"])).collect();
        for (scalar, case) in messages_to_scalars(&messages).iter().zip(cases) {
            assert_eq!(scalar.value.to_bytes_be().to_vec(), bytes(&case["scalar"]));
        }

        let mocked = fixture("mockedRng.json");
        let expected = mocked["mockedScalars"].as_array().unwrap();
        let mut out = vec![0; WIDE * expected.len()];
        expand(&[&bytes(&mocked["seed"])], &bytes(&mocked["dst"]), &mut out);
        for (wide, expected) in out.chunks_exact(WIDE).zip(expected) {
            let scalar = reduce(wide.try_into().unwrap());
            assert_eq!(scalar.to_bytes_be().to_vec(), bytes(expected));
        }
    }
}
