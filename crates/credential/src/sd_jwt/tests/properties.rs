//! Whatever is issued verifies, and a presentation shows what was chosen and no more.

use keys::SigningKey;
use proptest::prelude::*;
use proptest::sample::Index;
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::{NOW, object};
use crate::sd_jwt::{
    Expected, HashAlgorithm, IssuerHeader, MAX_DISCLOSURES, Processed, Template, Unverified,
};

fn claims() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-zé]{0,6}".prop_map(Value::from),
    ];
    let value = scalar.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-e]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::btree_map("[a-e]{1,2}", value, 1..6)
        .prop_map(|members| Value::Object(members.into_iter().collect()))
}

/// Every path of the claims.
fn paths(claims: &Map<String, Value>) -> Vec<ClaimPath> {
    let mut all = object(json!({"vct": "t"}));
    all.extend(claims.clone());
    let text = Template {
        claims: &all,
        conceal: &[],
        holder: None,
        hash: HashAlgorithm::Sha256,
        decoys: 0,
    }
    .issue(IssuerHeader::Kid("k"), &SigningKey::make_ed25519())
    .unwrap();
    Processed::from_store(&text)
        .unwrap()
        .describe()
        .into_iter()
        .map(|claim| claim.path)
        .filter(|path| path.root() != Some("vct"))
        .collect()
}

fn choose(list: &[ClaimPath], picks: &[Index]) -> Vec<ClaimPath> {
    picks.iter().map(|pick| pick.get(list).clone()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn issue_present_verify(
        claims in claims(),
        conceal in prop::collection::vec(any::<Index>(), 0..8),
        wanted in prop::collection::vec(any::<Index>(), 0..4),
        decoys in 0_usize..3,
    ) {
        let mut claims = object(claims);
        let all = paths(&claims);
        let (conceal, wanted) = (choose(&all, &conceal), choose(&all, &wanted));
        claims.insert("vct".into(), "t".into());
        let (issuer, holder) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
        let text = Template {
            claims: &claims,
            conceal: &conceal,
            holder: Some(&holder.public()),
            hash: HashAlgorithm::Sha256,
            decoys,
        }
        .issue(IssuerHeader::Kid("k"), &issuer)
        .unwrap();
        prop_assert!(text.matches('~').count() <= MAX_DISCLOSURES);

        let card = Unverified::parse(&text).unwrap().verify(&issuer.public(), NOW).unwrap();
        claims.insert("cnf".into(), json!({"jwk": holder.public().to_jwk()}));
        prop_assert_eq!(card.claims(), &claims);

        let selection = card.select(&wanted).unwrap();
        let shown = selection.bind(&holder, "a", "n", NOW).unwrap();
        let expected = Expected { audience: "a", nonce: "n", require_key_binding: true };
        let shown = Unverified::parse(&shown)
            .unwrap()
            .verify_presentation(&issuer.public(), &expected, NOW)
            .unwrap();

        // As many scalars and empty containers arrive as the consent screen told.
        let arrived = shown.describe().iter().filter(|claim| claim.leaf).count();
        prop_assert_eq!(arrived, selection.revealed().len());
        // What was wanted arrives whole, and its values are the card's.
        let document = Value::Object(card.claims().clone());
        for path in &wanted {
            for leaf in card.describe().iter().filter(|claim| claim.leaf) {
                if path.covers(&leaf.path) {
                    prop_assert!(selection.revealed().contains(&leaf.path));
                }
            }
            prop_assert!(path.selects(&document));
        }
        // Nothing arrives that could be hidden and was neither wanted nor needed.
        for claim in card.describe().iter().filter(|claim| claim.disclosable) {
            let asked = wanted.iter().any(|path| {
                path.covers(&claim.path) || claim.path.covers(path)
            });
            let seen = selection.revealed().iter().any(|path| claim.path.covers(path));
            prop_assert!(asked || !seen);
        }
    }

    #[test]
    fn parsing_never_panics(text in r"[A-Za-z0-9_.~-]{0,200}") {
        let _ = Unverified::parse(&text);
        let _ = Unverified::parse_json(text.as_bytes());
    }
}
