//! The proof value of a selective proof as a stranger wrote it: of both suites, base and derived.
#![no_main]

use credential::data_integrity::selective::{
    Kind, Suite, derive, kind_of, proof_options, verify_derived,
};
use credential::json_ld::Contexts;
use keys::SigningKey;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    // Raw bytes reach deeper than text would: the header and the encoding are put around them.
    let kinds = [
        Suite::EcdsaSd2023,
        Suite::EcdsaSd2023,
        Suite::Bbs2023,
        Suite::Bbs2023,
    ];
    for (tag, suite) in kinds.into_iter().enumerate() {
        let framed = [&[0xd9, 0x5d, tag as u8], bytes].concat();
        let mut proof = proof_options(suite, "did:example:issuer#key", None);
        let value = format!("u{}", keys::b64::encode(framed));
        proof.insert("proofValue".to_owned(), value.into());
        let Value::Object(credential) = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": "did:example:issuer",
            "proof": proof
        }) else {
            return;
        };
        let contexts = Contexts::pinned();
        match kind_of(&credential) {
            Ok(Kind::Base) => drop(derive(&credential, &[], b"", contexts)),
            Ok(Kind::Derived) => {
                let key = SigningKey::make_p256().public();
                assert!(verify_derived(&credential, &key, None, contexts).is_err());
            }
            Err(_) => {}
        }
    }
});
