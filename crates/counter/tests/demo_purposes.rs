//! The demo's purposes ask for what the credential types have, in queries that the wallet reads.

#[cfg(test)]
mod purposes {
    use std::collections::BTreeSet;

    use credential::catalogue;
    use query::Query;
    use serde_json::Value;

    const TEXT: &str = include_str!("../demo/purposes.toml");

    fn all() -> Vec<toml::Value> {
        let file: toml::Value = toml::from_str(TEXT).expect("valid TOML");
        file["purpose"].as_array().expect("purposes").clone()
    }

    fn dcql(purpose: &toml::Value) -> Value {
        serde_json::from_str(purpose["dcql"].as_str().expect("text")).expect("JSON")
    }

    #[test]
    fn every_purpose_says_all_that_a_person_is_told() {
        let purposes = all();
        assert!(purposes.len() >= 3);
        let ids: BTreeSet<&str> = purposes.iter().filter_map(|p| p["id"].as_str()).collect();
        assert_eq!(ids.len(), purposes.len());
        for purpose in &purposes {
            for text in [&purpose["name"]["en"], &purpose["reason"]["en"]] {
                assert!(!text.as_str().expect("text").trim().is_empty());
            }
            for member in ["onward", "legal_basis", "contact"] {
                assert!(!purpose[member].as_str().expect(member).is_empty());
            }
            let retention = purpose["retention"].as_str().expect("text");
            assert!(
                retention.starts_with('P') && retention.len() >= 3,
                "{retention}"
            );
        }
    }

    #[test]
    fn every_query_asks_for_claims_that_its_type_has() {
        for purpose in all() {
            let id = purpose["id"].as_str().expect("text").to_owned();
            let asked = dcql(&purpose);
            Query::from_json(&asked).unwrap_or_else(|fault| panic!("{id}: {fault}"));
            for credential in asked["credentials"].as_array().expect("credentials") {
                for vct in credential["meta"]["vct_values"].as_array().expect("types") {
                    let entry =
                        catalogue::by_vct(vct.as_str().expect("text")).expect("a known type");
                    let schema: Value = serde_json::from_str(entry.schema).expect("JSON");
                    for claim in credential["claims"].as_array().expect("claims") {
                        let name = claim["path"][0].as_str().expect("a name");
                        assert!(schema["properties"].get(name).is_some(), "{id}: {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_purpose_asks_who_somebody_is() {
        let telling = [
            "name", "birth", "address", "holder", "photo", "portrait", "utr", "nino",
        ];
        for purpose in all() {
            for credential in dcql(&purpose)["credentials"]
                .as_array()
                .expect("credentials")
            {
                for claim in credential["claims"].as_array().expect("claims") {
                    let path = claim["path"].to_string().to_lowercase();
                    assert!(!telling.iter().any(|word| path.contains(word)), "{path}");
                }
            }
        }
    }
}
