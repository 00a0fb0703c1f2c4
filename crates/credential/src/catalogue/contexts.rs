//! The JSON-LD contexts of `schemas/`, held to the schemas that they are derived from.
//!
//! With `CAIRN_WRITE_CONTEXTS` set the test writes the files instead of comparing them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use super::{TypeEntry, by_context, by_type_id, types};
use crate::json_ld::{self, Contexts, JsonLdError};
use crate::rdf::{Quad, Term};

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

/// The example as the subject of a W3C credential, in statements.
fn statements(entry: &TypeEntry, claims: &Value) -> Result<Vec<Quad>, JsonLdError> {
    let contexts = Contexts::pinned()
        .with(entry.context_id, entry.context)
        .unwrap();
    let document = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2", entry.context_id],
        "type": ["VerifiableCredential", entry.name],
        "issuer": "https://issuer.example",
        "credentialSubject": claims,
    });
    json_ld::to_quads(document.as_object().unwrap(), &contexts)
}

/// The term of every single value, and the value as RDF writes it.
fn values(claims: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match claims {
        Value::Object(members) => {
            for (name, value) in members {
                let joint = if place.ends_with('#') { "" } else { "/" };
                values(value, &format!("{place}{joint}{name}"), found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| values(item, place, found)),
        Value::String(text) => found.push((place.to_owned(), text.clone())),
        Value::Number(number) if number.is_f64() => {
            let value = number.as_f64().unwrap();
            found.push((place.to_owned(), format!("{value:E}")));
        }
        other => found.push((place.to_owned(), other.to_string())),
    }
}

#[test]
fn json_ld_keeps_every_claim_of_every_example_under_its_own_term() {
    for entry in types() {
        let example: Value = serde_json::from_str(entry.example).unwrap();
        let quads = statements(entry, &example).unwrap_or_else(|e| panic!("{}: {e}", entry.name));
        let has_type = quads
            .iter()
            .any(|quad| matches!(&quad.object, Term::Iri(iri) if iri == entry.vct));
        assert!(has_type, "{}", entry.name);
        let mut kept: Vec<(String, String)> = quads
            .iter()
            .filter(|quad| quad.predicate.starts_with(entry.vct))
            .filter_map(|quad| match &quad.object {
                Term::Literal(literal) => Some((quad.predicate.clone(), literal.value.clone())),
                _ => None,
            })
            .collect();
        let mut expected = Vec::new();
        values(&example, &format!("{}#", entry.vct), &mut expected);
        kept.sort();
        expected.sort();
        assert_eq!(kept, expected, "{}", entry.name);
    }
}

#[test]
fn json_ld_knows_what_kind_of_value_each_claim_has() {
    for (entry, example) in types().iter().map(|entry| {
        let example: Value = serde_json::from_str(entry.example).unwrap();
        (entry, example)
    }) {
        for quad in statements(entry, &example).unwrap() {
            let Term::Literal(literal) = &quad.object else {
                continue;
            };
            let day = literal.value.len() == 10 && literal.value.as_bytes().get(4) == Some(&b'-');
            let told = literal.datatype.rsplit('#').next().unwrap();
            let expected = match literal.value.as_str() {
                "true" | "false" => "boolean",
                _ if day => "date",
                _ if told == "integer" || told == "double" => told,
                _ => "string",
            };
            assert_eq!(told, expected, "{}", quad.predicate);
        }
    }
}

#[test]
fn json_ld_refuses_a_claim_that_the_type_does_not_have() {
    for entry in types() {
        let mut example: Value = serde_json::from_str(entry.example).unwrap();
        example["favourite_colour"] = "green".into();
        let outcome = statements(entry, &example);
        assert_eq!(
            outcome.err(),
            Some(JsonLdError::UndefinedTerm),
            "{}",
            entry.name
        );
    }
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
