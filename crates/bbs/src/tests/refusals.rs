//! Each refusal by itself: a test here fails when its check is gone.

use blstrs::{G1Affine, Scalar};
use ff::Field as _;

use crate::{
    MAX_MESSAGES, Proof, ProofFormatError, ProveError, PublicKey, SecretKey, SignError, Signature,
    SignatureFormatError, TooManyMessages, VerifyError, VerifyProofError, prove, sign, verify,
    verify_proof,
};

const HEADER: &[u8] = b"header";
const NONCE: &[u8] = b"nonce";
const MESSAGES: [&str; 4] = ["one", "two", "three", "four"];
const SHOWN: [usize; 2] = [1, 3];

/// The order of the group, which is no scalar.
const ORDER: &str = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

struct Scene {
    public: PublicKey,
    signature: Signature,
    proof: Proof,
}

fn scene() -> Scene {
    let secret = SecretKey::make();
    let public = secret.public();
    let signature = sign(&secret, HEADER, &MESSAGES).unwrap();
    let proof = prove(&public, &signature, HEADER, NONCE, &MESSAGES, &SHOWN).unwrap();
    Scene {
        public,
        signature,
        proof,
    }
}

/// The identity in its encoding; twice with something left in it; off the curve; beyond the field;
/// not marked as compressed; on the curve and outside the subgroup.
fn bad_points() -> Vec<[u8; 48]> {
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    let mut signed_identity = identity;
    signed_identity[0] |= 0x20;
    let mut loaded_identity = identity;
    loaded_identity[47] = 1;
    let small = |x: u8| {
        let mut bytes = [0; 48];
        bytes[0] = 0x80;
        bytes[47] = x;
        bytes
    };
    let on_curve =
        |bytes: &[u8; 48]| bool::from(G1Affine::from_compressed_unchecked(bytes).is_some());
    let off_curve = (1..).map(small).find(|bytes| !on_curve(bytes)).unwrap();
    let outside = (1..)
        .map(small)
        .filter(on_curve)
        .find(|bytes| bool::from(G1Affine::from_compressed(bytes).is_none()))
        .unwrap();
    let mut beyond = [0xff; 48];
    beyond[0] = 0x9f;
    let mut unmarked = scene().signature.to_bytes()[..48].to_vec();
    unmarked[0] &= 0x7f;
    vec![
        identity,
        signed_identity,
        loaded_identity,
        off_curve,
        outside,
        beyond,
        unmarked.try_into().unwrap(),
    ]
}

fn bad_scalars() -> [[u8; 32]; 3] {
    let order = hex::decode(ORDER).unwrap().try_into().unwrap();
    [[0; 32], order, [0xff; 32]]
}

fn with(bytes: &[u8], at: usize, part: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at..at + part.len()].copy_from_slice(part);
    bytes
}

#[test]
fn signatures_of_another_length_or_with_bad_parts() {
    let good = scene().signature.to_bytes();
    let read = |bytes: &[u8]| Signature::from_bytes(bytes).err();
    assert_eq!(read(&good), None);
    for length in [0, 47, 48, 79] {
        assert_eq!(read(&good[..length]), Some(SignatureFormatError::Length));
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(read(&longer), Some(SignatureFormatError::Length));
    for point in bad_points() {
        let found = read(&with(&good, 0, &point));
        assert_eq!(
            found,
            Some(SignatureFormatError::Point),
            "{}",
            hex::encode(point)
        );
    }
    for scalar in bad_scalars() {
        let found = read(&with(&good, 48, &scalar));
        assert_eq!(found, Some(SignatureFormatError::Scalar));
    }
}

#[test]
fn proofs_of_another_length_or_with_bad_parts() {
    let good = scene().proof.to_bytes();
    let read = |bytes: &[u8]| Proof::from_bytes(bytes).err();
    assert_eq!(read(&good), None);
    for length in [0, 48, 271, good.len() - 1, good.len() - 16] {
        assert_eq!(read(&good[..length]), Some(ProofFormatError::Length));
    }
    for more in [1, 16, 31, 33] {
        let longer = [good.as_slice(), &vec![1; more]].concat();
        assert_eq!(read(&longer), Some(ProofFormatError::Length));
    }
    for at in [0, 48, 96] {
        for point in bad_points() {
            let found = read(&with(&good, at, &point));
            assert_eq!(found, Some(ProofFormatError::Point));
        }
    }
    for at in (144..good.len()).step_by(32) {
        for scalar in bad_scalars() {
            let found = read(&with(&good, at, &scalar));
            assert_eq!(found, Some(ProofFormatError::Scalar));
        }
    }
}

#[test]
fn a_proof_that_hides_too_much_is_refused_by_its_length() {
    let bytes = |hidden: usize| vec![0; 272 + 32 * hidden];
    assert_eq!(
        Proof::from_bytes(&bytes(MAX_MESSAGES + 1)).err(),
        Some(ProofFormatError::TooManyMessages)
    );
    assert_eq!(
        Proof::from_bytes(&bytes(MAX_MESSAGES)).err(),
        Some(ProofFormatError::Point)
    );
}

#[test]
fn the_longest_list_and_one_more() {
    let Scene {
        public, signature, ..
    } = scene();
    let secret = SecretKey::make();
    let longest = vec![b"message"; MAX_MESSAGES];
    let signed = sign(&secret, HEADER, &longest).unwrap();
    verify(&secret.public(), &signed, HEADER, &longest).unwrap();
    let proof = prove(&secret.public(), &signed, HEADER, NONCE, &longest, &[1023]).unwrap();
    let shown = [b"message"];
    verify_proof(&secret.public(), &proof, HEADER, NONCE, &shown, &[1023]).unwrap();

    let more = vec![b"message"; MAX_MESSAGES + 1];
    let found = sign(&secret, HEADER, &more).err();
    assert_eq!(found, Some(SignError::TooManyMessages(TooManyMessages)));
    let found = verify(&public, &signature, HEADER, &more).err();
    assert_eq!(found, Some(VerifyError::TooManyMessages(TooManyMessages)));
    let found = prove(&public, &signature, HEADER, NONCE, &more, &[]).err();
    assert_eq!(found, Some(ProveError::TooManyMessages(TooManyMessages)));
    // 1,023 hidden and two shown.
    let shown = [b"message"; 2];
    let found = verify_proof(&secret.public(), &proof, HEADER, NONCE, &shown, &[0, 1]).err();
    assert_eq!(
        found,
        Some(VerifyProofError::TooManyMessages(TooManyMessages))
    );
}

#[test]
fn a_signature_holds_for_its_key_header_and_messages_only() {
    let Scene {
        public, signature, ..
    } = scene();
    let mismatch = Some(VerifyError::Mismatch);
    let check = |public: &PublicKey, signature: &Signature, header: &[u8], messages: &[&str]| {
        verify(public, signature, header, messages).err()
    };
    assert_eq!(check(&public, &signature, HEADER, &MESSAGES), None);
    let other = SecretKey::make().public();
    assert_eq!(check(&other, &signature, HEADER, &MESSAGES), mismatch);
    assert_eq!(check(&public, &signature, b"", &MESSAGES), mismatch);
    for messages in [
        ["one", "two", "three", "Four"].as_slice(),
        &["two", "one", "three", "four"],
        &["one", "two", "three"],
        &["one", "two", "three", "four", ""],
        &[],
    ] {
        assert_eq!(check(&public, &signature, HEADER, messages), mismatch);
    }
    let negated = Signature {
        a: -signature.a,
        e: signature.e,
    };
    assert_eq!(check(&public, &negated, HEADER, &MESSAGES), mismatch);
    let shifted = Signature {
        a: signature.a,
        e: signature.e + Scalar::ONE,
    };
    assert_eq!(check(&public, &shifted, HEADER, &MESSAGES), mismatch);
}

#[test]
fn indexes_that_a_prover_may_not_name() {
    let Scene {
        public, signature, ..
    } = scene();
    let indexes: [&[usize]; 7] = [
        &[4],
        &[usize::MAX],
        &[0, usize::MAX],
        &[1, 1],
        &[3, 1],
        &[0, 1, 2, 3, 3],
        &[0, 1, 2, 3, 4],
    ];
    for indexes in indexes {
        let found = prove(&public, &signature, HEADER, NONCE, &MESSAGES, indexes).err();
        assert_eq!(found, Some(ProveError::Indexes), "{indexes:?}");
    }
}

#[test]
fn a_proof_holds_for_its_key_headers_messages_and_places_only() {
    let Scene { public, proof, .. } = scene();
    let check = |public: &PublicKey, headers: [&[u8]; 2], shown: &[&str], indexes: &[usize]| {
        verify_proof(public, &proof, headers[0], headers[1], shown, indexes).err()
    };
    let (good, shown) = ([HEADER, NONCE], ["two", "four"]);
    assert_eq!(check(&public, good, &shown, &SHOWN), None);

    let mismatch = Some(VerifyProofError::Mismatch);
    let other = SecretKey::make().public();
    assert_eq!(check(&other, good, &shown, &SHOWN), mismatch);
    assert_eq!(check(&public, [b"", NONCE], &shown, &SHOWN), mismatch);
    assert_eq!(check(&public, [HEADER, b""], &shown, &SHOWN), mismatch);
    assert_eq!(check(&public, good, &["two", "Four"], &SHOWN), mismatch);
    assert_eq!(check(&public, good, &["four", "two"], &SHOWN), mismatch);
    assert_eq!(check(&public, good, &shown, &[0, 3]), mismatch);
    assert_eq!(check(&public, good, &["two"], &[1]), mismatch);
    let three = ["two", "three", "four"];
    assert_eq!(check(&public, good, &three, &[1, 2, 3]), mismatch);

    let counts = Some(VerifyProofError::Counts);
    assert_eq!(check(&public, good, &["two"], &SHOWN), counts);
    assert_eq!(check(&public, good, &shown, &[1]), counts);

    let refused = Some(VerifyProofError::Indexes);
    for indexes in [[3, 1], [1, 1], [1, 4], [1, usize::MAX]] {
        assert_eq!(check(&public, good, &shown, &indexes), refused);
    }
}

/// Whoever has no signature can still make a proof whose challenge agrees: the pairing refuses it.
#[test]
fn a_proof_from_an_invented_signature_is_refused_by_the_pairing_alone() {
    let Scene {
        public, signature, ..
    } = scene();
    let invented = Signature {
        a: signature.a,
        e: signature.e + Scalar::ONE,
    };
    let proof = prove(&public, &invented, HEADER, NONCE, &MESSAGES, &SHOWN).unwrap();
    let found = verify_proof(&public, &proof, HEADER, NONCE, &["two", "four"], &SHOWN).err();
    assert_eq!(found, Some(VerifyProofError::Mismatch));
}

/// The pairing looks at two points only: the challenge refuses all other changes.
#[test]
fn a_changed_scalar_or_point_is_refused_by_the_challenge_alone() {
    let Scene { public, proof, .. } = scene();
    let changes: [fn(&mut Proof); 6] = [
        |proof| proof.d = -proof.d,
        |proof| proof.e += Scalar::ONE,
        |proof| proof.r1 += Scalar::ONE,
        |proof| proof.r3 += Scalar::ONE,
        |proof| proof.hidden.swap(0, 1),
        |proof| proof.challenge += Scalar::ONE,
    ];
    for change in changes {
        let mut changed = proof.clone();
        change(&mut changed);
        let shown = ["two", "four"];
        let found = verify_proof(&public, &changed, HEADER, NONCE, &shown, &SHOWN).err();
        assert_eq!(found, Some(VerifyProofError::Mismatch));
    }
}

#[test]
fn two_proofs_of_one_signature_have_nothing_in_common() {
    let Scene {
        public,
        signature,
        proof,
    } = scene();
    let other = prove(&public, &signature, HEADER, NONCE, &MESSAGES, &SHOWN).unwrap();
    let (one, other) = (proof.to_bytes(), other.to_bytes());
    let part = |bytes: &[u8], at: usize| bytes[at..at + 16].to_vec();
    for at in [0, 48, 96].into_iter().chain((144..one.len()).step_by(32)) {
        assert_ne!(part(&one, at), part(&other, at), "{at}");
    }
    // Nor does the signature's point stand in it.
    assert!(
        !one.windows(48)
            .any(|window| window == &signature.to_bytes()[..48])
    );
}

#[test]
fn debug_shows_no_bytes() {
    let Scene {
        public,
        signature,
        proof,
    } = scene();
    let text = format!("{public:?} {signature:?} {proof:?}");
    assert_eq!(
        text,
        "PublicKey(BLS12-381 G2) Signature(BBS) Proof(BBS, 2 hidden)"
    );
}
