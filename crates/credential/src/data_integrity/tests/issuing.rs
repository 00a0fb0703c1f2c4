//! What no issuer gives.

use super::*;

#[test]
fn what_cannot_be_issued() {
    let (issuer, claims) = (Issuer::ed25519(), example());
    let url = issuer.url();
    let draft = Draft {
        type_id: exemption().vct,
        claims: &claims,
        conceal: &[],
        holder: None,
        issuer: None,
        key_name: KeyName::Id(&url),
        issued_at: NOW,
        valid_from: None,
        valid_until: None,
        status: &[],
    };
    let issue = |draft: Draft<'_>| fault(LdpVc.issue(&draft, issuer.secret()));
    LdpVc.issue(&draft, issuer.secret()).unwrap();
    assert_eq!(
        issue(Draft {
            type_id: "urn:x:y",
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            key_name: KeyName::Chain(&[]),
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            key_name: KeyName::Id("key-1"),
            ..draft
        }),
        Fault::Unsupported
    );
    let elsewhere = Some("https://issuer.example");
    assert_eq!(
        issue(Draft {
            issuer: elsewhere,
            ..draft
        }),
        Fault::Unsupported
    );
    let token = StatusRef::TokenList {
        uri: "https://i.example/1".to_owned(),
        index: 1,
    };
    assert_eq!(
        issue(Draft {
            status: &[token],
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            claims: &Map::new(),
            ..draft
        }),
        Fault::Malformed
    );
    let unknown = Map::from_iter([("unknown".to_owned(), json!(1))]);
    assert_eq!(
        issue(Draft {
            claims: &unknown,
            ..draft
        }),
        Fault::Malformed
    );
    let bbs = Issuer::bbs();
    assert_eq!(fault(LdpVc.issue(&draft, bbs.secret())), Fault::Unsupported);
}

/// More nodes would stand in an order of the card's own.
#[test]
fn no_unlinkable_card_has_claims_within_claims() {
    let entry = catalogue::by_name("BasicDisclosure").unwrap();
    let claims = keys::json::parse_object(entry.example.as_bytes()).unwrap();
    for (issuer, accepted) in [(Issuer::bbs(), false), (Issuer::p256(), true)] {
        let url = issuer.url();
        let draft = Draft {
            type_id: entry.vct,
            claims: &claims,
            conceal: &[],
            holder: None,
            issuer: None,
            key_name: KeyName::Id(&url),
            issued_at: NOW,
            valid_from: None,
            valid_until: Some(NOW + 10),
            status: &[],
        };
        match LdpVc.issue(&draft, issuer.secret()) {
            Ok(_) => assert!(accepted),
            Err(refused) => {
                assert!(!accepted, "{refused}");
                assert!(refused.to_string().contains("claims within claims"));
            }
        }
    }
}
