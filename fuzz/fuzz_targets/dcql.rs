//! A query of a stranger: read, written back, matched and compared with another.
#![no_main]

use query::{Candidate, Format, Index, Query, excess};
use serde_json::json;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = keys::json::parse(bytes) else {
        return;
    };
    let Ok(query) = Query::from_json(&value) else {
        return;
    };
    assert_eq!(Query::from_json(&query.to_json()).as_ref(), Ok(&query));
    let claims = json!({"a": [{"b": 1}, {"b": "x"}], "ns": {"el": true}});
    let formats = [Format::SdJwt, Format::Mdoc, Format::LdpVc];
    let candidates = formats.map(|format| Candidate {
        id: "1",
        format,
        types: vec!["t"],
        claims: &claims,
        authorities: vec![("aki", "k")],
        holder_bound: true,
    });
    for credential in Index::new(candidates.into()).answer(&query).credentials {
        assert_eq!(credential.matches.is_empty(), credential.missing.is_some());
        for path in credential
            .matches
            .iter()
            .flat_map(|found| found.disclose.iter())
        {
            assert!(path.is_concrete() && path.selects(&claims));
        }
    }
    let _ = excess(&query, &query);
});
