//! Reads BBS keys, signatures and proofs, and verifies what is read.
#![no_main]

use bbs::{Proof, PublicKey, Signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let signature = Signature::from_bytes(data);
    if let Ok(signature) = &signature {
        assert_eq!(signature.to_bytes().as_slice(), data);
    }
    let proof = Proof::from_bytes(data);
    if let Ok(proof) = &proof {
        assert_eq!(proof.to_bytes(), data);
    }
    let Some((key, rest)) = data.split_first_chunk() else {
        return;
    };
    let Ok(public) = PublicKey::from_bytes(key) else {
        return;
    };
    assert_eq!(&public.to_bytes(), key);
    if let Ok(signature) = Signature::from_bytes(rest) {
        let _ = bbs::verify(&public, &signature, b"", &["a"]);
    }
    if let Ok(proof) = Proof::from_bytes(rest) {
        let _ = bbs::verify_proof(&public, &proof, b"", b"", &["a"], &[0]);
    }
});
