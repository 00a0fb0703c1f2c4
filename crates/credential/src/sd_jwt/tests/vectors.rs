//! All cases of sd-jwt-python, issued and presented (`tests/vectors/sd-jwt-python`).
//!
//! They are SD-JWTs of RFC 9901 but no SD-JWT VCs (`typ` is `example+sd-jwt`, `vct` is
//! missing), so that signature, disclosures and key binding are checked one by one, by the
//! functions that `verify` and `verify_presentation` call.

use std::path::PathBuf;

use keys::{PublicKey, json};
use serde_json::{Map, Value, json};

use crate::sd_jwt::{Expected, Unverified, key_binding};

/// `iat` of the key bindings: when the cases were generated.
const GENERATED: i64 = 1_795_235_239;

fn file(case: &str, name: &str) -> Option<String> {
    let path: PathBuf = [
        env!("CARGO_MANIFEST_DIR"),
        "../../tests/vectors/sd-jwt-python",
        case,
        name,
    ]
    .iter()
    .collect();
    std::fs::read_to_string(path).ok()
}

/// The examples are folded at 68 columns, also inside strings, as an RFC prints them.
fn unfold(text: &str) -> String {
    let mut result = String::new();
    let (mut inside, mut escaped, mut folded) = (false, false, false);
    for character in text.chars() {
        folded = inside && (character == '\n' || (folded && character == ' '));
        if folded {
            continue;
        }
        inside ^= character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        result.push(character);
    }
    result
}

fn object(case: &str, name: &str) -> Map<String, Value> {
    json::parse_object(unfold(&file(case, name).unwrap()).as_bytes()).unwrap()
}

/// The key of `settings.yml`.
fn issuer_key() -> PublicKey {
    PublicKey::from_jwk(&json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ",
        "y": "Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8",
    }))
    .unwrap()
}

/// The second key of the general JSON serialization.
fn second_issuer_key() -> PublicKey {
    PublicKey::from_jwk(&json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "bN-hp3IN0GZB3OlaQnHDPhY4nZsZbQyo4wY-y1NWCvA",
        "y": "vaSsH5jt9zt3aQvTvrSaFYLyjPG9Ug-2vntoNXlCbVU",
    }))
    .unwrap()
}

/// Reads the compact form, or the JSON form, which some cases wrap in a JSON string.
fn read(case: &str, name: &str) -> Unverified {
    if let Some(text) = file(case, &format!("{name}.txt")) {
        let text: String = text.split_ascii_whitespace().collect();
        return Unverified::parse(&text).unwrap();
    }
    let text = unfold(&file(case, &format!("{name}.json")).unwrap());
    let text = match json::parse(text.as_bytes()).unwrap() {
        Value::String(inner) => inner,
        _ => text,
    };
    let all = Unverified::parse_json(text.as_bytes()).unwrap();
    let (first, others) = all.split_first().unwrap();
    for other in others {
        other.jwt.verify(&second_issuer_key()).unwrap();
    }
    first.clone()
}

fn issued(case: &str) {
    let credential = read(case, "sd_jwt_issuance");
    credential.jwt.verify(&issuer_key()).unwrap();
    assert!(!credential.has_key_binding());
    let claims = credential.claims().unwrap().claims;
    let mut expected = object(case, "user_claims.json");
    for name in ["iss", "iat", "exp", "cnf"] {
        if let Some(value) = claims.get(name) {
            expected.entry(name).or_insert_with(|| value.clone());
        }
    }
    assert_eq!(claims, expected);
    // What was put together has the shape of the claims, with every disclosure in a place.
    let outcome = credential.claims().unwrap();
    let places: usize = outcome.members.iter().map(|(_, child)| child.count()).sum();
    assert_eq!(places, credential.disclosures.len());
}

fn presented(case: &str) {
    let presentation = read(case, "sd_jwt_presentation");
    presentation.jwt.verify(&issuer_key()).unwrap();
    let outcome = presentation.claims().unwrap();
    assert_eq!(outcome.claims, object(case, "verified_contents.json"));
    let bound = file(case, "kb_jwt_payload.json").is_some();
    assert_eq!(presentation.has_key_binding(), bound);
    if let Some(jwt) = &presentation.key_binding {
        let holder = key_binding::holder_key(&outcome.claims["cnf"]).unwrap();
        let expected = Expected {
            audience: "https://example.com/verifier",
            nonce: "1234567890",
            require_key_binding: true,
        };
        key_binding::verify(
            jwt,
            &presentation.covered_text(),
            outcome.hash,
            &holder,
            &expected,
            GENERATED,
        )
        .unwrap();
    }
}

macro_rules! cases {
    ($($module:ident: $case:literal,)*) => {
        $(mod $module {
            #[test]
            fn issued() {
                super::issued($case);
            }

            #[test]
            fn presented() {
                super::presented($case);
            }
        })*

        const CASES: &[&str] = &[$($case),*];
    };
}

/// A case that is added to the folder is added here too.
#[test]
fn every_case_of_the_folder_is_run() {
    let mut found = Vec::new();
    for folder in ["tests/testcases", "examples"] {
        let path: PathBuf = [
            env!("CARGO_MANIFEST_DIR"),
            "../../tests/vectors/sd-jwt-python",
            folder,
        ]
        .iter()
        .collect();
        for entry in std::fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                found.push(format!(
                    "{folder}/{}",
                    entry.file_name().into_string().unwrap()
                ));
            }
        }
    }
    found.sort_unstable();
    let mut run = CASES.to_vec();
    run.sort_unstable();
    assert_eq!(found, run);
    assert_eq!(run.len() * 2, 64);
}

cases! {
    testcase_array_data_types: "tests/testcases/array_data_types",
    testcase_array_full_sd: "tests/testcases/array_full_sd",
    testcase_array_in_sd: "tests/testcases/array_in_sd",
    testcase_array_nested_in_plain: "tests/testcases/array_nested_in_plain",
    testcase_array_none_disclosed: "tests/testcases/array_none_disclosed",
    testcase_array_of_nulls: "tests/testcases/array_of_nulls",
    testcase_array_of_objects: "tests/testcases/array_of_objects",
    testcase_array_of_scalars: "tests/testcases/array_of_scalars",
    testcase_array_recursive_sd: "tests/testcases/array_recursive_sd",
    testcase_array_recursive_sd_some_disclosed: "tests/testcases/array_recursive_sd_some_disclosed",
    testcase_header_mod: "tests/testcases/header_mod",
    testcase_json_serialization_flattened: "tests/testcases/json_serialization_flattened",
    testcase_json_serialization_general: "tests/testcases/json_serialization_general",
    testcase_key_binding: "tests/testcases/key_binding",
    testcase_no_sd: "tests/testcases/no_sd",
    testcase_object_data_types: "tests/testcases/object_data_types",
    testcase_recursions: "tests/testcases/recursions",
    example_address_only_flat: "examples/address_only_flat",
    example_address_only_recursive: "examples/address_only_recursive",
    example_address_only_structured: "examples/address_only_structured",
    example_address_only_structured_one_open: "examples/address_only_structured_one_open",
    example_complex_eidas: "examples/complex_eidas",
    example_complex_eidas_proposal: "examples/complex_eidas_proposal",
    example_complex_ekyc: "examples/complex_ekyc",
    example_json_serialization_flattened: "examples/json_serialization_flattened",
    example_json_serialization_general: "examples/json_serialization_general",
    example_jsonld: "examples/jsonld",
    example_simple: "examples/simple",
    example_simple_array: "examples/simple_array",
    example_simple_structured: "examples/simple_structured",
    example_w3c_vc: "examples/w3c-vc",
    example_w3c_vc_for_slide_deck: "examples/w3c-vc_for_slide_deck",
}
