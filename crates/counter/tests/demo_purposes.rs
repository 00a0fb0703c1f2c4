//! The demo's purposes ask for what the credential types have, in queries that the wallet reads.

#[cfg(test)]
mod purposes {
    use std::collections::BTreeSet;

    use credential::catalogue;
    use ledger::event::Purpose;
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
    fn the_ledger_takes_every_purpose() {
        let all = all();
        assert!(all.len() >= 3);
        let ids: BTreeSet<&str> = all.iter().filter_map(|p| p["id"].as_str()).collect();
        assert_eq!(ids.len(), all.len());
        for purpose in all {
            let purpose: Purpose = purpose.try_into().expect("a purpose of the ledger");
            ledger::check_purpose(&purpose).unwrap_or_else(|fault| panic!("{fault}"));
            assert!(purpose.onward.is_empty(), "the demo passes nothing on");
        }
    }

    #[test]
    fn every_query_asks_for_claims_that_its_type_has() {
        for purpose in all() {
            let id = purpose["id"].as_str().expect("text").to_owned();
            let asked = dcql(&purpose);
            Query::from_json(&asked).unwrap_or_else(|fault| panic!("{id}: {fault}"));
            for credential in asked["credentials"].as_array().expect("credentials") {
                let query = Query::from_json(&serde_json::json!({"credentials": [credential]}));
                let query = query.expect("a query").credentials.remove(0);
                let format = credential::format::by_id(query.format.as_str()).expect("a format");
                for type_id in query.types.names() {
                    let entry = catalogue::by_type_id(type_id).expect("a known type");
                    let schema: Value = serde_json::from_str(entry.schema).expect("JSON");
                    for claim in query.claims.iter().flatten() {
                        let path = format.in_words_of_type(&claim.path).expect("a claim");
                        let name = path.root().expect("a name");
                        assert!(schema["properties"].get(name).is_some(), "{id}: {name}");
                        if let Some(namespace) = entry.namespace_of(name)
                            && query.format == query::Format::Mdoc
                        {
                            assert_eq!(claim.path.root(), Some(namespace), "{id}: {name}");
                        }
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
                    let path = path
                        .replace("org.iso.18013.5.1", "")
                        .replace("credentialsubject", "");
                    assert!(!telling.iter().any(|word| path.contains(word)), "{path}");
                }
            }
        }
    }
}
