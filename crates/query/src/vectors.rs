//! The vectors of dcql-ts (`tests/vectors/dcql`), one named test each. What they record of
//! wording and of their library's inner results is not compared; outcome, matching
//! credentials, chosen claim sets and satisfiable options are.

use crate::{Candidate, Fault, Format, Index, Presented, Query};
use serde_json::{Map, Value, json};

/// Record `place` of a file; `title` guards against records that move.
fn record(file: &str, place: usize, title: &str) -> Value {
    let path = format!(
        "{}/../../tests/vectors/dcql/{file}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read_to_string(path).unwrap();
    let records: Vec<Value> = serde_json::from_str(&text).unwrap();
    let record = records[place].clone();
    assert_eq!(record["test"], title);
    record
}

/// dcql-ts describes a credential by format, type, claims (or namespaces) and one authority.
struct Decoded {
    format: Format,
    types: Vec<String>,
    claims: Value,
    authorities: Vec<(String, String)>,
    holder_bound: bool,
}

impl Decoded {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let list = |value: &Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items
                .map(|item| item.as_str().unwrap().to_owned())
                .collect()
        };
        let kind = value["authority"]["type"].as_str().unwrap_or_default();
        let mut types = list(&value["type"]);
        types.extend(text("vct"));
        types.extend(text("doctype"));
        let claims = value.get("claims").or(value.get("namespaces"));
        Self {
            format: Format::from_name(value["credential_format"].as_str().unwrap()),
            types,
            claims: claims.cloned().unwrap(),
            authorities: list(&value["authority"]["values"])
                .into_iter()
                .map(|value| (kind.to_owned(), value))
                .collect(),
            holder_bound: value["cryptographic_holder_binding"] == true,
        }
    }

    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            id: "",
            format: self.format.clone(),
            types: self.types.iter().map(String::as_str).collect(),
            claims: &self.claims,
            authorities: self
                .authorities
                .iter()
                .map(|(k, v)| (k.as_str(), v.as_str()))
                .collect(),
            holder_bound: self.holder_bound,
        }
    }
}

/// dcql-ts leaves out what is default and keeps draft members; both are brought to one form.
fn normal(query: &Value) -> Value {
    let mut query = query.clone();
    for credential in query["credentials"].as_array_mut().unwrap() {
        credential["multiple"] = json!(credential["multiple"] == true);
        let binding = &credential["require_cryptographic_holder_binding"];
        credential["require_cryptographic_holder_binding"] = json!(*binding != false);
        if credential.get("meta").is_none() {
            credential["meta"] = json!({});
        }
        for claim in credential
            .get_mut("claims")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            let claim = claim.as_object_mut().unwrap();
            if let Some(namespace) = claim.remove("namespace") {
                let path = json!([namespace, claim.remove("claim_name").unwrap()]);
                claim.insert("path".to_owned(), path);
            }
        }
    }
    for set in query
        .get_mut("credential_sets")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        // Display text that 1.0 dropped.
        set.as_object_mut().unwrap().remove("purpose");
    }
    query
}

/// `DcqlQuery.parse` and `.validate`: the query is accepted and reads as dcql-ts read it.
fn accepted(place: usize, title: &str) {
    let record = record("parse_or_validate", place, title);
    let given = &record["input"][0];
    let read = Query::from_json(given).unwrap();
    let expected = match record["fn"].as_str().unwrap() {
        "DcqlQuery.parse" => &record["output"],
        "DcqlQuery.validate" => given,
        other => panic!("unknown function {other}"),
    };
    assert_eq!(read.to_json(), normal(expected));
    assert_eq!(Query::from_json(&read.to_json()).unwrap(), read);
}

/// `DcqlQuery.query`: which credentials match, and whether the query can be satisfied.
fn matched(place: usize, title: &str) {
    let record = record("query", place, title);
    let query = Query::from_json(&record["input"][0]).unwrap();
    let decoded: Vec<Decoded> = record["input"][1]
        .as_array()
        .unwrap()
        .iter()
        .map(Decoded::read)
        .collect();
    let index = Index::new(decoded.iter().map(Decoded::candidate).collect());
    let answer = index.answer(&query);
    let output = &record["output"];
    assert_eq!(json!(answer.satisfiable), output["can_be_satisfied"]);
    for credential in &answer.credentials {
        let expected = &output["credential_matches"][&credential.id];
        assert_eq!(json!(!credential.matches.is_empty()), expected["success"]);
        assert_eq!(credential.missing.is_none(), expected["success"] == true);
        let valid: Vec<&Value> = expected["valid_credentials"]
            .as_array()
            .into_iter()
            .flatten()
            .collect();
        let places: Vec<Value> = valid
            .iter()
            .map(|v| v["input_credential_index"].clone())
            .collect();
        let ours: Vec<Value> = credential
            .matches
            .iter()
            .map(|m| json!(m.candidate))
            .collect();
        assert_eq!(ours, places, "{}", credential.id);
        for (ours, theirs) in credential.matches.iter().zip(valid) {
            let set = theirs["claims"]["valid_claim_sets"][0].get("claim_set_index");
            assert_eq!(ours.claim_set.map(|set| json!(set)).as_ref(), set);
        }
    }
    for (place, set) in answer.sets.iter().enumerate() {
        let expected = &output["credential_sets"][place];
        let matching = expected["matching_options"]
            .as_array()
            .into_iter()
            .flatten();
        let ids = |option: &usize| expected["options"][*option].clone();
        assert_eq!(
            set.satisfiable.iter().map(ids).collect::<Vec<_>>(),
            matching.cloned().collect::<Vec<_>>()
        );
        assert_eq!(json!(set.required), expected["required"]);
    }
}

/// `DcqlPresentationResult.fromDcqlPresentation`: whether an answer satisfies the query. Some
/// records hold one presentation where 1.0 has an array; it is taken as an array of one.
fn presented(place: usize, title: &str) -> Result<(), Fault> {
    let record = record("presentation", place, title);
    let query = Query::from_json(&record["input"][1]["dcqlQuery"]).unwrap();
    let answer: &Map<String, Value> = record["input"][0].as_object().unwrap();
    let decoded: Vec<(&String, Vec<Decoded>)> = answer
        .iter()
        .map(|(id, value)| match value {
            Value::Array(items) => (id, items.iter().map(Decoded::read).collect()),
            one => (id, vec![Decoded::read(one)]),
        })
        .collect();
    let presented: Vec<Presented<'_>> = decoded
        .iter()
        .map(|(id, decoded)| Presented {
            id,
            presentations: decoded.iter().map(Decoded::candidate).collect(),
        })
        .collect();
    let outcome = query.check(&presented);
    assert_eq!(json!(outcome.is_ok()), record["output"]["can_be_satisfied"]);
    outcome
}

macro_rules! vectors {
    ($check:expr; $($name:ident = $place:literal, $title:literal;)*) => {
        $(#[test] fn $name() { let _ = $check($place, $title); })*
    };
}

mod read {
    vectors! { super::accepted;
        parse_dcql_query_mdoc_mvrc_query_fails_with_invalid_mdoc = 0, "dcql-query > mdoc mvrc query fails with invalid mdoc";
        validate_dcql_query_mdoc_mvrc_query_fails_with_invalid_mdoc = 1, "dcql-query > mdoc mvrc query fails with invalid mdoc";
        parse_dcql_query_mdoc_mvrc_example_with_multiple_credentials_succeeds = 2, "dcql-query > mdoc mvrc example with multiple credentials succeeds";
        validate_dcql_query_mdoc_mvrc_example_with_multiple_credentials_succeeds = 3, "dcql-query > mdoc mvrc example with multiple credentials succeeds";
        parse_dcql_query_w3cldpvc_example_succeeds = 4, "dcql-query > w3cLdpVc example succeeds";
        validate_dcql_query_w3cldpvc_example_succeeds = 5, "dcql-query > w3cLdpVc example succeeds";
        parse_dcql_query_w3cldpvc_query_fails_with_invalid_type_values = 6, "dcql-query > w3cLdpVc query fails with invalid type values";
        validate_dcql_query_w3cldpvc_query_fails_with_invalid_type_values = 7, "dcql-query > w3cLdpVc query fails with invalid type values";
        parse_dcql_query_mdocmvrc_example_using_namespaces_succeeds = 8, "dcql-query > mdocMvrc example using namespaces succeeds";
        validate_dcql_query_mdocmvrc_example_using_namespaces_succeeds = 9, "dcql-query > mdocMvrc example using namespaces succeeds";
        parse_dcql_query_sdjwtdc_example_with_multiple_credentials_succeeds = 10, "dcql-query > sdJwtDc example with multiple credentials succeeds";
        validate_dcql_query_sdjwtdc_example_with_multiple_credentials_succeeds = 11, "dcql-query > sdJwtDc example with multiple credentials succeeds";
        parse_dcql_query_sdjwtdc_with_multiple_set_to_true_succeeds = 12, "dcql-query > sdJwtDc with 'multiple' set to true succeeds";
        validate_dcql_query_sdjwtdc_with_multiple_set_to_true_succeeds = 13, "dcql-query > sdJwtDc with 'multiple' set to true succeeds";
        parse_dcql_query_sdjwtdc_with_multiple_set_to_true_but_only_one_credential_in_the_presentation_m = 14, "dcql-query > sdJwtDc with 'multiple' set to true but only one credential in the presentation matches";
        validate_dcql_query_sdjwtdc_with_multiple_set_to_true_but_only_one_credential_in_the_presentation_m = 15, "dcql-query > sdJwtDc with 'multiple' set to true but only one credential in the presentation matches";
        parse_dcql_query_sdjwtvc_example_succeeds = 16, "dcql-query > sdJwtVc example succeeds";
        validate_dcql_query_sdjwtvc_example_succeeds = 17, "dcql-query > sdJwtVc example succeeds";
        parse_dcql_query_sdjwtvc_legacy_example_with_multiple_credentials_succeeds = 18, "dcql-query > sdJwtVc (legacy) example with multiple credentials succeeds";
        validate_dcql_query_sdjwtvc_legacy_example_with_multiple_credentials_succeeds = 19, "dcql-query > sdJwtVc (legacy) example with multiple credentials succeeds";
        parse_dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_succeeds = 20, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true succeeds";
        validate_dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_succeeds = 21, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true succeeds";
        parse_dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_but_only_one_credential_in_the_present = 22, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true but only one credential in the presentation matches";
        validate_dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_but_only_one_credential_in_the_present = 23, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true but only one credential in the presentation matches";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_one_credential_but_the_query_request = 24, "DCQL presentation with claim sets > Correctly handles a presentation with one credential but the query requested two";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_one_credential_but_the_query_request = 25, "DCQL presentation with claim sets > Correctly handles a presentation with one credential but the query requested two";
        parse_dcql_presentation_with_claim_sets_an_sd_jwt_vc_presentation_where_a_specific_array_index_w = 26, "DCQL presentation with claim sets > Correctly handles an SD-JWT VC presentation where a specific array index was requested, but presentation should not require the exact index due to possible array reordering with selective disclosure";
        validate_dcql_presentation_with_claim_sets_an_sd_jwt_vc_presentation_where_a_specific_array_index_w = 27, "DCQL presentation with claim sets > Correctly handles an SD-JWT VC presentation where a specific array index was requested, but presentation should not require the exact index due to possible array reordering with selective disclosure";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_first = 28, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the first claim set matches";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_first = 29, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the first claim set matches";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_second = 30, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the second claim set matches";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_second = 31, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the second claim set matches";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_a_credential_set_and_multiple_claim = 32, "DCQL presentation with claim sets > Correctly handles a presentation with a credential set and multiple claim sets where the first credential set and second claim set matches";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_a_credential_set_and_multiple_claim = 33, "DCQL presentation with claim sets > Correctly handles a presentation with a credential set and multiple claim sets where the first credential set and second claim set matches";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede = 34, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are missing";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede = 35, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are missing";
        parse_dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede_2 = 36, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are provided but do not match the query";
        validate_dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede_2 = 37, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are provided but do not match the query";
        parse_dcql_presentation_with_claim_sets_a_presentation_without_cryptographic_binding_but_require = 38, "DCQL presentation with claim sets > Correctly handles a presentation without cryptographic binding but required in query";
        validate_dcql_presentation_with_claim_sets_a_presentation_without_cryptographic_binding_but_require = 39, "DCQL presentation with claim sets > Correctly handles a presentation without cryptographic binding but required in query";
        parse_dcql_query_trusted_authorities_mdocmvrc_example_with_trusted_authorities_succeeds = 40, "dcql-query trusted authorities > mdocMvrc example with trusted_authorities succeeds";
        validate_dcql_query_trusted_authorities_mdocmvrc_example_with_trusted_authorities_succeeds = 41, "dcql-query trusted authorities > mdocMvrc example with trusted_authorities succeeds";
        parse_dcql_query_trusted_authorities_mdocmvrc_example_where_authority_does_not_match_trusted_aut = 42, "dcql-query trusted authorities > mdocMvrc example where authority does not match trusted_authorities entry";
        validate_dcql_query_trusted_authorities_mdocmvrc_example_where_authority_does_not_match_trusted_aut = 43, "dcql-query trusted authorities > mdocMvrc example where authority does not match trusted_authorities entry";
        parse_dcql_query_trusted_authorities_mdocmvrc_example_where_trusted_authorities_is_present_but_n = 44, "dcql-query trusted authorities > mdocMvrc example where trusted_authorities is present but no authority";
        validate_dcql_query_trusted_authorities_mdocmvrc_example_where_trusted_authorities_is_present_but_n = 45, "dcql-query trusted authorities > mdocMvrc example where trusted_authorities is present but no authority";
        parse_dcql_query_trusted_authorities_sdjwtvc_example_with_trusted_authorities_succeeds = 46, "dcql-query trusted authorities > sdJwtVc example with trusted_authorities succeeds";
        validate_dcql_query_trusted_authorities_sdjwtvc_example_with_trusted_authorities_succeeds = 47, "dcql-query trusted authorities > sdJwtVc example with trusted_authorities succeeds";
        parse_dcql_query_with_json_transform_mdocmvrc_example_succeeds = 48, "DCQL Query With Json Transform > mdocMvrc example succeeds";
        validate_dcql_query_with_json_transform_mdocmvrc_example_succeeds = 49, "DCQL Query With Json Transform > mdocMvrc example succeeds";
        parse_dcql_query_with_json_transform_sdjwtvc_example_with_multiple_credentials_succeeds = 50, "DCQL Query With Json Transform > sdJwtVc example with multiple credentials succeeds";
        validate_dcql_query_with_json_transform_sdjwtvc_example_with_multiple_credentials_succeeds = 51, "DCQL Query With Json Transform > sdJwtVc example with multiple credentials succeeds";
        parse_complex_mdoc_query_fails_with_no_credentials = 52, "complex-mdoc-query > fails with no credentials";
        validate_complex_mdoc_query_fails_with_no_credentials = 53, "complex-mdoc-query > fails with no credentials";
        parse_complex_mdoc_query_fails_with_credentials_that_do_not_satisfy_a_required_claim_set = 54, "complex-mdoc-query > fails with credentials that do not satisfy a required claim_set";
        validate_complex_mdoc_query_fails_with_credentials_that_do_not_satisfy_a_required_claim_set = 55, "complex-mdoc-query > fails with credentials that do not satisfy a required claim_set";
        parse_complex_mdoc_query_succeeds_if_all_credentials_are_present = 56, "complex-mdoc-query > succeeds if all credentials are present";
        validate_complex_mdoc_query_succeeds_if_all_credentials_are_present = 57, "complex-mdoc-query > succeeds if all credentials are present";
    }
}

mod matching {
    vectors! { super::matched;
        dcql_query_mdoc_mvrc_query_fails_with_invalid_mdoc = 0, "dcql-query > mdoc mvrc query fails with invalid mdoc";
        dcql_query_mdoc_mvrc_example_with_multiple_credentials_succeeds = 1, "dcql-query > mdoc mvrc example with multiple credentials succeeds";
        dcql_query_w3cldpvc_example_succeeds = 2, "dcql-query > w3cLdpVc example succeeds";
        dcql_query_w3cldpvc_query_fails_with_invalid_type_values = 3, "dcql-query > w3cLdpVc query fails with invalid type values";
        dcql_query_mdocmvrc_example_using_namespaces_succeeds = 4, "dcql-query > mdocMvrc example using namespaces succeeds";
        dcql_query_sdjwtdc_example_with_multiple_credentials_succeeds = 5, "dcql-query > sdJwtDc example with multiple credentials succeeds";
        dcql_query_sdjwtdc_with_multiple_set_to_true_succeeds = 6, "dcql-query > sdJwtDc with 'multiple' set to true succeeds";
        dcql_query_sdjwtdc_with_multiple_set_to_true_but_only_one_credential_in_the_presentation_m = 7, "dcql-query > sdJwtDc with 'multiple' set to true but only one credential in the presentation matches";
        dcql_query_sdjwtvc_example_succeeds = 8, "dcql-query > sdJwtVc example succeeds";
        dcql_query_sdjwtvc_legacy_example_with_multiple_credentials_succeeds = 9, "dcql-query > sdJwtVc (legacy) example with multiple credentials succeeds";
        dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_succeeds = 10, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true succeeds";
        dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_but_only_one_credential_in_the_present = 11, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true but only one credential in the presentation matches";
        dcql_presentation_with_claim_sets_an_sd_jwt_vc_presentation_where_a_specific_array_index_w = 12, "DCQL presentation with claim sets > Correctly handles an SD-JWT VC presentation where a specific array index was requested, but presentation should not require the exact index due to possible array reordering with selective disclosure";
        dcql_query_trusted_authorities_mdocmvrc_example_with_trusted_authorities_succeeds = 13, "dcql-query trusted authorities > mdocMvrc example with trusted_authorities succeeds";
        dcql_query_trusted_authorities_mdocmvrc_example_where_authority_does_not_match_trusted_aut = 14, "dcql-query trusted authorities > mdocMvrc example where authority does not match trusted_authorities entry";
        dcql_query_trusted_authorities_mdocmvrc_example_where_trusted_authorities_is_present_but_n = 15, "dcql-query trusted authorities > mdocMvrc example where trusted_authorities is present but no authority";
        dcql_query_trusted_authorities_sdjwtvc_example_with_trusted_authorities_succeeds = 16, "dcql-query trusted authorities > sdJwtVc example with trusted_authorities succeeds";
        dcql_query_with_json_transform_mdocmvrc_example_succeeds = 17, "DCQL Query With Json Transform > mdocMvrc example succeeds";
        dcql_query_with_json_transform_sdjwtvc_example_with_multiple_credentials_succeeds = 18, "DCQL Query With Json Transform > sdJwtVc example with multiple credentials succeeds";
        complex_mdoc_query_fails_with_no_credentials = 19, "complex-mdoc-query > fails with no credentials";
        complex_mdoc_query_fails_with_credentials_that_do_not_satisfy_a_required_claim_set = 20, "complex-mdoc-query > fails with credentials that do not satisfy a required claim_set";
        complex_mdoc_query_succeeds_if_all_credentials_are_present = 21, "complex-mdoc-query > succeeds if all credentials are present";
    }
}

mod answers {
    vectors! { super::presented;
        dcql_query_mdoc_mvrc_example_with_multiple_credentials_succeeds = 0, "dcql-query > mdoc mvrc example with multiple credentials succeeds";
        dcql_query_sdjwtdc_with_multiple_set_to_true_succeeds = 1, "dcql-query > sdJwtDc with 'multiple' set to true succeeds";
        dcql_query_sdjwtdc_with_multiple_set_to_true_but_only_one_credential_in_the_presentation_m = 2, "dcql-query > sdJwtDc with 'multiple' set to true but only one credential in the presentation matches";
        dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_succeeds = 3, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true succeeds";
        dcql_query_sdjwtvc_legacy_with_multiple_set_to_true_but_only_one_credential_in_the_present = 4, "dcql-query > sdJwtVc (legacy) with 'multiple' set to true but only one credential in the presentation matches";
        dcql_presentation_with_claim_sets_a_presentation_with_one_credential_but_the_query_request = 5, "DCQL presentation with claim sets > Correctly handles a presentation with one credential but the query requested two";
        dcql_presentation_with_claim_sets_an_sd_jwt_vc_presentation_where_a_specific_array_index_w = 6, "DCQL presentation with claim sets > Correctly handles an SD-JWT VC presentation where a specific array index was requested, but presentation should not require the exact index due to possible array reordering with selective disclosure";
        dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_first = 7, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the first claim set matches";
        dcql_presentation_with_claim_sets_a_presentation_with_multiple_claim_sets_where_the_second = 8, "DCQL presentation with claim sets > Correctly handles a presentation with multiple claim sets where the second claim set matches";
        dcql_presentation_with_claim_sets_a_presentation_with_a_credential_set_and_multiple_claim = 9, "DCQL presentation with claim sets > Correctly handles a presentation with a credential set and multiple claim sets where the first credential set and second claim set matches";
        dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede = 10, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are missing";
        dcql_presentation_with_claim_sets_a_presentation_with_multiple_credential_sets_where_crede_2 = 11, "DCQL presentation with claim sets > Correctly handles a presentation with multiple credential sets where credentials from an optional credential set are provided but do not match the query";
        dcql_presentation_with_claim_sets_a_presentation_without_cryptographic_binding_but_require = 12, "DCQL presentation with claim sets > Correctly handles a presentation without cryptographic binding but required in query";
        dcql_query_trusted_authorities_mdocmvrc_example_with_trusted_authorities_succeeds = 13, "dcql-query trusted authorities > mdocMvrc example with trusted_authorities succeeds";
        dcql_query_trusted_authorities_mdocmvrc_example_where_authority_does_not_match_trusted_aut = 14, "dcql-query trusted authorities > mdocMvrc example where authority does not match trusted_authorities entry";
        dcql_query_trusted_authorities_mdocmvrc_example_where_trusted_authorities_is_present_but_n = 15, "dcql-query trusted authorities > mdocMvrc example where trusted_authorities is present but no authority";
        dcql_query_trusted_authorities_sdjwtvc_example_with_trusted_authorities_succeeds = 16, "dcql-query trusted authorities > sdJwtVc example with trusted_authorities succeeds";
        dcql_query_with_json_transform_mdocmvrc_example_succeeds = 17, "DCQL Query With Json Transform > mdocMvrc example succeeds";
        dcql_query_with_json_transform_sdjwtvc_example_with_multiple_credentials_succeeds = 18, "DCQL Query With Json Transform > sdJwtVc example with multiple credentials succeeds";
        complex_mdoc_query_succeeds_if_all_credentials_are_present = 19, "complex-mdoc-query > succeeds if all credentials are present";
    }
}
