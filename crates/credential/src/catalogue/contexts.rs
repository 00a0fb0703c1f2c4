//! The JSON-LD contexts of `schemas/`, held to the schemas that they are derived from.
//!
//! With `CAIRN_WRITE_CONTEXTS` set the test writes the files instead of comparing them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{TypeEntry, by_context, by_type_id, types};

/// The context of a type: `@protected` throughout, so that no other context can give a claim
/// another meaning, and a nested object's terms in a context of its own, so that they may have
/// names that mean something else outside it.
fn derive_context(entry: &TypeEntry) -> Value {
    let schema: Value = serde_json::from_str(entry.schema).unwrap();
    let mut context = Map::new();
    context.insert("@version".to_owned(), json!(1.1));
    context.insert("@protected".to_owned(), json!(true));
    context.insert(entry.name.to_owned(), entry.vct.into());
    add_terms(&mut context, &schema, entry.vct, "#");
    json!({ "@context": context })
}

fn add_terms(context: &mut Map<String, Value>, schema: &Value, vct: &str, place: &str) {
    for (name, property) in schema["properties"].as_object().unwrap() {
        let place = format!("{place}{name}");
        let mut term = Map::new();
        term.insert("@id".to_owned(), format!("{vct}{place}").into());
        let items = match property.get("items") {
            Some(items) => {
                term.insert("@container".to_owned(), "@set".into());
                items
            }
            None => property,
        };
        if let Some(datatype) = datatype(items) {
            let datatype = format!("http://www.w3.org/2001/XMLSchema#{datatype}");
            term.insert("@type".to_owned(), datatype.into());
        }
        if items["type"] == "object" {
            let mut nested = Map::new();
            nested.insert("@protected".to_owned(), json!(true));
            add_terms(&mut nested, items, vct, &format!("{place}/"));
            term.insert("@context".to_owned(), Value::Object(nested));
        }
        context.insert(name.clone(), Value::Object(term));
    }
}

fn datatype(schema: &Value) -> Option<&'static str> {
    match (schema["type"].as_str()?, schema["format"].as_str()) {
        ("string", Some("date")) => Some("date"),
        ("string", Some("date-time")) => Some("dateTime"),
        ("boolean", _) => Some("boolean"),
        ("integer", _) => Some("integer"),
        ("number", _) => Some("double"),
        _ => None,
    }
}

#[test]
fn every_context_is_the_one_that_its_schema_gives() {
    for entry in types() {
        let derived = derive_context(entry);
        if std::env::var_os("CAIRN_WRITE_CONTEXTS").is_some() {
            let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../../schemas")
                .join(entry.folder)
                .join("context.json");
            std::fs::write(file, format!("{derived:#}\n")).unwrap();
        } else {
            let context: Value = serde_json::from_str(entry.context).unwrap();
            assert_eq!(context, derived, "{}", entry.name);
        }
    }
}

/// Walks claims by the terms of a context and collects the IRIs, as strict JSON-LD would.
fn terms_of(claims: &Value, context: &Value, found: &mut BTreeSet<String>) {
    for (name, value) in claims.as_object().unwrap() {
        let term = &context[name];
        let iri = term["@id"].as_str().unwrap_or_else(|| panic!("{name}"));
        assert!(iri.contains(":1#"), "{iri}");
        found.insert(iri.to_owned());
        assert_ne!(term["@container"], "@list");
        let each = match value {
            Value::Array(items) => {
                assert_eq!(term["@container"], "@set", "{name}");
                items.clone()
            }
            single => vec![single.clone()],
        };
        for value in &each {
            match value {
                Value::Object(_) => {
                    assert_eq!(term["@context"]["@protected"], true, "{name}");
                    terms_of(value, &term["@context"], found);
                }
                Value::Bool(_) => assert!(term["@type"].as_str().unwrap().ends_with("#boolean")),
                Value::Number(number) if number.is_u64() => {
                    let datatype = term["@type"].as_str().unwrap();
                    assert!(datatype.ends_with("#integer") || datatype.ends_with("#double"));
                }
                _ => {}
            }
        }
    }
}

#[test]
fn every_claim_of_an_example_has_a_term_of_its_own() {
    let mut all = BTreeSet::new();
    let mut count = 0;
    for entry in types() {
        let context: Value = serde_json::from_str(entry.context).unwrap();
        let example: Value = serde_json::from_str(entry.example).unwrap();
        assert_eq!(context["@context"][entry.name], entry.vct);
        let mut found = BTreeSet::new();
        terms_of(&example, &context["@context"], &mut found);
        count += found.len();
        all.append(&mut found);
    }
    assert_eq!(all.len(), count, "two types share a term");
}

#[test]
fn no_claim_has_a_name_that_the_context_of_every_credential_protects() {
    for entry in types() {
        let schema: Value = serde_json::from_str(entry.schema).unwrap();
        for name in schema["properties"].as_object().unwrap().keys() {
            for protected in [
                "id",
                "type",
                "name",
                "description",
                "mediaType",
                "digestSRI",
            ] {
                assert_ne!(name, protected, "{}", entry.name);
            }
            assert!(!name.starts_with('@') && !name.contains(':'), "{name}");
        }
    }
}

#[test]
fn a_type_is_found_by_its_context_and_by_its_document_type() {
    for entry in types() {
        assert_eq!(by_context(entry.context_id), Some(entry));
        assert_eq!(entry.context_id, format!("{}:context", entry.vct));
        assert_eq!(by_type_id(entry.vct), Some(entry));
        assert_eq!(by_type_id(entry.context_id), None);
        assert_eq!(by_context(entry.vct), None);
        if let Some(doctype) = entry.doctype {
            assert_eq!(by_type_id(doctype), Some(entry));
        }
    }
    let licence = by_type_id("org.iso.18013.5.1.mDL").unwrap();
    assert_eq!(licence.name, "DrivingLicence");
}

#[test]
fn every_claim_of_an_mdoc_is_an_element_of_one_namespace() {
    for entry in types() {
        assert_eq!(entry.doctype.is_some(), !entry.namespaces.is_empty());
        if entry.doctype.is_none() {
            continue;
        }
        let schema: Value = serde_json::from_str(entry.schema).unwrap();
        let claims = schema["properties"].as_object().unwrap();
        let elements: Vec<&str> = entry
            .namespaces
            .iter()
            .flat_map(|(_, elements)| elements.iter().copied())
            .collect();
        assert_eq!(elements.len(), claims.len());
        for claim in claims.keys() {
            assert!(entry.namespace_of(claim).is_some(), "{claim}");
        }
        assert_eq!(entry.namespace_of("no_such_element"), None);
    }
}
