use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;

use crate::{Proof, SecretKey, Signature, prove, sign, verify, verify_proof};

static SECRET: LazyLock<SecretKey> = LazyLock::new(SecretKey::make);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn proofs_verify_and_no_changed_bit_does(
        messages in vec(vec(any::<u8>(), 0..40), 0..8),
        shown in any::<u8>(),
        header in vec(any::<u8>(), 0..20),
        nonce in vec(any::<u8>(), 0..20),
        bit in any::<prop::sample::Index>(),
    ) {
        let public = SECRET.public();
        let signature = sign(&SECRET, &header, &messages).unwrap();
        verify(&public, &signature, &header, &messages).unwrap();
        let indexes: Vec<usize> =
            (0..messages.len()).filter(|index| shown >> index & 1 == 1).collect();
        let disclosed: Vec<&Vec<u8>> = indexes.iter().map(|index| &messages[*index]).collect();
        let proof = prove(&public, &signature, &header, &nonce, &messages, &indexes).unwrap();
        let mut bytes = proof.to_bytes();
        let read = Proof::from_bytes(&bytes).unwrap();
        verify_proof(&public, &read, &header, &nonce, &disclosed, &indexes).unwrap();

        let at = bit.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let holds = Proof::from_bytes(&bytes).is_ok_and(|proof| {
            verify_proof(&public, &proof, &header, &nonce, &disclosed, &indexes).is_ok()
        });
        prop_assert!(!holds, "bit {at}");

        let mut bytes = signature.to_bytes();
        let at = bit.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let holds = Signature::from_bytes(&bytes)
            .is_ok_and(|signature| verify(&public, &signature, &header, &messages).is_ok());
        prop_assert!(!holds, "bit {at}");
    }

    #[test]
    fn reading_never_panics_and_what_is_read_is_written_back(
        bytes in vec(any::<u8>(), 0..400),
    ) {
        if let Ok(proof) = Proof::from_bytes(&bytes) {
            prop_assert_eq!(proof.to_bytes(), bytes.clone());
        }
        if let Ok(signature) = Signature::from_bytes(&bytes) {
            prop_assert_eq!(signature.to_bytes().to_vec(), bytes);
        }
    }
}
