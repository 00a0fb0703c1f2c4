//! Requests of the VC API: what an issuer and a verifier read, judged without anybody's key.
#![no_main]

use keys::SigningKey;
use libfuzzer_sys::fuzz_target;
use protocol::vc_api::{Asked, Bearer, Documents, IssuerKeys, ToIssue, derive};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Bearer::parse(text).map(|bearer| bearer.admits(Some(text)));
    }
    for read in [Asked::credential, Asked::presentation] {
        // Without keys nothing holds but an empty presentation that nobody signed.
        if let Ok(asked) = read(bytes)
            && let Ok(checked) = asked.check(&Documents::default(), 0)
        {
            assert!(!checked.needs_lists());
        }
    }
    let keys = IssuerKeys {
        signing: SigningKey::ed25519_from_seed(&[1; 32]),
        bbs: None,
        did_web: None,
    };
    assert!(matches!(derive(bytes, &keys).status, 201 | 400));
    if let Ok(asked) = ToIssue::read(bytes) {
        assert!(matches!(asked.sign(&keys, 0).status, 201 | 400));
    }
});
