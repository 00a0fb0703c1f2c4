//! The published vectors: every file of `merkle` and every case of `c2sp-note` by name.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ledger::merkle::{
    Hash, ProofError, verify_consistency, verify_inclusion, verify_subtree_consistency,
    verify_subtree_inclusion,
};
use ledger::note::{self, VerifierKey};
use serde_json::Value;

fn vectors(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/vectors")
        .join(name)
}

fn number(case: &Value, name: &str) -> u64 {
    case[name].as_u64().unwrap()
}

/// A hash of any other length than 32 bytes is part of some negative cases.
fn hash(text: &Value) -> Option<Hash> {
    STANDARD.decode(text.as_str()?).ok()?.try_into().ok()
}

fn proof(case: &Value) -> Option<Vec<Hash>> {
    match &case["proof"] {
        Value::Null => Some(Vec::new()),
        list => list.as_array().unwrap().iter().map(hash).collect(),
    }
}

fn inclusion(case: &Value) -> Option<Result<(), ProofError>> {
    let (leaf, root, proof) = (hash(&case["leafHash"])?, hash(&case["root"])?, proof(case)?);
    let index = number(case, "leafIdx");
    Some(verify_inclusion(
        index,
        number(case, "treeSize"),
        &leaf,
        &proof,
        &root,
    ))
}

fn consistency(case: &Value) -> Option<Result<(), ProofError>> {
    let (size1, size2) = (number(case, "size1"), number(case, "size2"));
    let (root1, root2, proof) = roots(case)?;
    Some(verify_consistency(size1, size2, &root1, &root2, &proof))
}

/// Some cases have texts for roots that are no hashes; equal texts are equal roots.
fn roots(case: &Value) -> Option<(Hash, Hash, Vec<Hash>)> {
    let (root1, root2) = (hash(&case["root1"]), hash(&case["root2"]));
    let equal = case["root1"] == case["root2"];
    let root1 = root1.unwrap_or([1; 32]);
    let root2 = root2.unwrap_or(if equal { root1 } else { [2; 32] });
    Some((root1, root2, proof(case)?))
}

fn subtree_inclusion(case: &Value) -> Option<Result<(), ProofError>> {
    let (leaf, root, proof) = (hash(&case["leafHash"])?, hash(&case["root"])?, proof(case)?);
    let range = (number(case, "start"), number(case, "end"));
    let index = number(case, "leafIdx");
    Some(verify_subtree_inclusion(index, range, &leaf, &proof, &root))
}

fn subtree_consistency(case: &Value) -> Option<Result<(), ProofError>> {
    let (node, root, proof) = roots(case)?;
    let range = (number(case, "start"), number(case, "end"));
    let size = number(case, "size");
    Some(verify_subtree_consistency(
        range, size, &node, &root, &proof,
    ))
}

type Check = fn(&Value) -> Option<Result<(), ProofError>>;

/// Runs every file below a folder and returns (positive, negative).
fn run(kind: &str, check: Check) -> (usize, usize) {
    let (mut good, mut bad) = (0, 0);
    let mut folders = vec![vectors("merkle/testdata").join(kind)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let verified = matches!(check(&case), Some(Ok(())));
            let wanted = !case["wantErr"].as_bool().unwrap();
            assert_eq!(verified, wanted, "{}", path.display());
            if wanted {
                good += 1;
            } else {
                bad += 1;
            }
        }
    }
    (good, bad)
}

#[test]
fn merkle_inclusion() {
    assert_eq!(run("inclusion", inclusion), (6, 92));
}

#[test]
fn merkle_consistency() {
    assert_eq!(run("consistency", consistency), (6, 92));
}

#[test]
fn merkle_subtree_inclusion() {
    assert_eq!(run("subtreeinclusion", subtree_inclusion), (12, 192));
}

#[test]
fn merkle_subtree_consistency() {
    assert_eq!(run("subtreeconsistency", subtree_consistency), (12, 106));
}

fn note_case(name: &str) {
    let path = vectors("c2sp-note/note-verify.json");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let case = cases.iter().find(|case| case["name"] == name).unwrap();
    let bytes = STANDARD.decode(case["note_b64"].as_str().unwrap()).unwrap();
    let known: Vec<VerifierKey> = case["verifiers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| VerifierKey::parse(key.as_str().unwrap()).unwrap())
        .collect();
    let opened = note::open(&bytes, &known);
    assert_eq!(opened.is_ok(), case["ok"].as_bool().unwrap());
    if let Ok(opened) = opened {
        let names = |list: &[signed_note::Signature]| -> Vec<String> {
            list.iter().map(|one| one.name().to_owned()).collect()
        };
        let wanted =
            |name: &str| -> Vec<String> { serde_json::from_value(case[name].clone()).unwrap() };
        assert_eq!(names(&opened.verified), wanted("verified"));
        assert_eq!(names(&opened.unverified), wanted("unverified"));
    }
}

macro_rules! note_cases {
    ($($test:ident: $name:literal,)*) => {
        mod c2sp_note {
            $(#[test] fn $test() { super::note_case($name); })*
        }

        #[test]
        fn every_note_case_has_its_test() {
            let named = BTreeSet::from([$($name),*]);
            let path = vectors("c2sp-note/note-verify.json");
            let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
            let listed: BTreeSet<&str> = cases.iter().map(|case| case["name"].as_str().unwrap()).collect();
            assert_eq!(named, listed);
        }
    };
}

note_cases! {
    one_verified_one_not: "one verified, one not",
    both_verified: "both verified",
    unused_duplicated_verifier: "unused duplicated verifier",
    no_known_verifier: "no known verifier",
    ambiguous_verifier_used: "ambiguous verifier used",
    a_hundred_and_one_signatures: "101 signatures",
    invalid_signature: "invalid signature",
    duplicated_verified_and_unverified: "duplicated verified and unverified",
    no_signature_block: "no signature block",
    empty_text: "empty text",
    no_final_newline: "no final newline",
    control_byte: "control byte",
    not_utf8: "not utf-8",
    bad_name: "bad name",
    right_key_id_other_name: "right key id, other name",
    wrong_key_id: "wrong key id",
}
