//! Two presentations of one `bbs-2023` credential to two verifiers have nothing in common but what
//! they disclose, what every credential of its kind says, and the issuer's key.

use std::collections::BTreeSet;

use super::*;

/// All texts and numbers of a document, and the bytes of its proof value, in runs of eight.
fn pieces(presentation: &Value) -> (BTreeSet<String>, BTreeSet<[u8; 8]>) {
    let mut texts = BTreeSet::new();
    collect(presentation, &mut texts);
    let value = presentation["proof"]["proofValue"].as_str().unwrap();
    assert!(texts.remove(value));
    let bytes = keys::b64::decode(&value[1..]).unwrap();
    let runs = bytes
        .windows(8)
        .map(|run| run.try_into().unwrap())
        .collect();
    (texts, runs)
}

fn collect(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.values().for_each(|value| collect(value, texts)),
        Value::Array(items) => items.iter().for_each(|value| collect(value, texts)),
        Value::String(text) => drop(texts.insert(text.clone())),
        other => drop(texts.insert(other.to_string())),
    }
}

fn show(text: &str, chosen: &[ClaimPath], client_id: &str, nonce: &str) -> Value {
    let request = Request {
        client_id,
        nonce,
        ..request()
    };
    LdpVc.present(text, chosen, &request, None).unwrap()
}

#[test]
fn two_presentations_share_no_stable_value() {
    let issuer = Issuer::bbs();
    let text = issuer.issue(None, &[]).unwrap();
    let chosen = [path(&["credentialSubject", "date_of_birth"])];
    let first = show(&text, &chosen, "x509_san_dns:a.example", "nonce-a");
    let second = show(&text, &chosen, "x509_san_dns:b.example", "nonce-b");
    let (texts, runs) = pieces(&first);
    let (other_texts, other_runs) = pieces(&second);

    let url = issuer.url();
    let claims = example();
    let allowed: BTreeSet<String> = [
        // The data model, the type and the proof's configuration.
        "https://www.w3.org/ns/credentials/v2",
        exemption().context_id,
        "VerifiableCredential",
        exemption().name,
        "DataIntegrityProof",
        "bbs-2023",
        "assertionMethod",
        // What is mandatory: the issuer, its key, the dates, and one claim.
        did::split_url(&url).0,
        &url,
        first["validFrom"].as_str().unwrap(),
        first["validUntil"].as_str().unwrap(),
        claims["exemption_type"].as_str().unwrap(),
        // What was chosen.
        claims["date_of_birth"].as_str().unwrap(),
    ]
    .into_iter()
    .map(str::to_owned)
    .collect();
    assert_eq!(texts, allowed);
    assert_eq!(other_texts, allowed);

    // Of the proofs' bytes both have where the statements shown stand among all: the same for
    // every other credential of the type with as many claims.
    // In many presentations: in two, random bytes beside those are alike now and then.
    let mut shared: BTreeSet<_> = runs.intersection(&other_runs).copied().collect();
    for nonce in ["c", "d", "e", "f", "g", "h"] {
        let (_, more) = pieces(&show(&text, &chosen, "x509_san_dns:b.example", nonce));
        shared.retain(|run| more.contains(run));
    }
    for _ in 0..8 {
        let another = issuer.issue(None, &[]).unwrap();
        let (_, runs) = pieces(&show(
            &another,
            &chosen,
            "x509_san_dns:a.example",
            "nonce-c",
        ));
        assert!(
            shared.is_subset(&runs),
            "a value that not every credential has"
        );
    }

    let facts: Facts = LdpVc
        .check(
            &first,
            &issuer.public(),
            &Request {
                client_id: "x509_san_dns:a.example",
                nonce: "nonce-a",
                ..request()
            },
            false,
        )
        .unwrap();
    assert!(facts.unlinkable);
}

/// The same comparison finds what links presentations of other suites.
#[test]
fn the_comparison_finds_what_links_ecdsa_proofs() {
    let issuer = Issuer::p256();
    let text = issuer.issue(None, &[]).unwrap();
    let chosen = [path(&["credentialSubject", "date_of_birth"])];
    let (_, runs) = pieces(&show(&text, &chosen, "a", "1"));
    let (_, other_runs) = pieces(&show(&text, &chosen, "b", "2"));
    let shared: BTreeSet<_> = runs.intersection(&other_runs).copied().collect();
    let alike = (0..8).any(|_| {
        let another = issuer.issue(None, &[]).unwrap();
        let (_, runs) = pieces(&show(&another, &chosen, "a", "3"));
        shared.is_subset(&runs)
    });
    assert!(!alike);
}
