//! What every folder of `schemas/` must hold to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::{ENVELOPE_CLAIMS, TypeEntry, by_name, by_vct, type_id, types};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("valid JSON")
}

fn validator(entry: &TypeEntry) -> jsonschema::Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .build(&json(entry.schema))
        .expect("a valid schema")
}

/// Follows a claims path pointer through a schema.
fn schema_at<'s>(schema: &'s Value, path: &[Value]) -> Option<&'s Value> {
    path.iter()
        .try_fold(schema, |schema, segment| match segment {
            Value::String(name) => schema.get("properties")?.get(name),
            Value::Null | Value::Number(_) => schema.get("items"),
            _ => None,
        })
}

/// Every object schema below this one, with this one.
fn objects<'s>(schema: &'s Value, found: &mut Vec<&'s Value>) {
    if schema["type"] == "object" {
        found.push(schema);
    }
    if let Some(properties) = schema["properties"].as_object() {
        properties.values().for_each(|below| objects(below, found));
    }
    if schema.get("items").is_some() {
        objects(&schema["items"], found);
    }
}

fn strings<'v>(value: &'v Value, found: &mut Vec<(&'v str, &'v str)>, name: &'v str) {
    match value {
        Value::String(text) => found.push((name, text)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found, name)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, value)| strings(value, found, name)),
        _ => {}
    }
}

#[test]
fn the_index_the_folders_and_the_catalogue_agree() {
    let index = json(&std::fs::read_to_string(folder().join("index.json")).unwrap());
    let listed: Vec<Value> = index.as_array().unwrap().clone();
    assert_eq!(listed.len(), types().len());
    for (listed, entry) in listed.iter().zip(types()) {
        assert_eq!(listed["name"], entry.name);
        assert_eq!(listed["folder"], entry.folder);
        assert_eq!(listed["vct"], entry.vct);
        assert_eq!(listed["title"], entry.title);
        assert_eq!(listed["formats"], serde_json::json!(["dc+sd-jwt"]));
        assert_eq!(listed["demo_body"]["id"], entry.demo_body.id);
        assert_eq!(listed["demo_body"]["name"], entry.demo_body.name);
        assert!(entry.demo_body.name.ends_with("(demo)"), "{}", entry.name);
        url::Url::parse(entry.demo_body.id).expect("the id of a body is an absolute URI");
    }
    let on_disk: BTreeSet<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|found| found.unwrap())
        .filter(|found| found.file_type().unwrap().is_dir())
        .map(|found| found.file_name().into_string().unwrap())
        .collect();
    let compiled_in: BTreeSet<String> = types().iter().map(|e| e.folder.to_owned()).collect();
    assert_eq!(on_disk, compiled_in);
    for folder_name in on_disk {
        let source = std::fs::read_to_string(folder().join(&folder_name).join("SOURCE.md"));
        assert!(
            source.unwrap().contains("**Published model.**"),
            "{folder_name}"
        );
    }
}

#[test]
fn a_type_is_found_by_either_name_and_by_nothing_else() {
    for entry in types() {
        assert_eq!(by_name(entry.name), Some(entry));
        assert_eq!(by_vct(entry.vct), Some(entry));
        assert_eq!(type_id(entry.name), entry.vct);
        assert_eq!(type_id(entry.vct), entry.vct);
        assert_eq!(by_name(&entry.name.to_lowercase()), None);
    }
    let names: BTreeSet<&str> = types().iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), types().len());
    assert_eq!(type_id("*"), "*");
}

#[test]
fn every_schema_is_a_closed_2020_12_schema_of_subject_claims() {
    for entry in types() {
        let schema = json(entry.schema);
        assert_eq!(
            schema["$schema"], "https://json-schema.org/draft/2020-12/schema",
            "{}",
            entry.name
        );
        assert_eq!(schema["$id"], format!("{}:schema", entry.vct));
        assert!(jsonschema::meta::is_valid(&schema), "{}", entry.name);
        let mut found = Vec::new();
        objects(&schema, &mut found);
        for object in found {
            assert_eq!(object["additionalProperties"], false, "{}", entry.name);
            for required in object["required"].as_array().unwrap() {
                let name = required.as_str().unwrap();
                assert!(object["properties"].get(name).is_some(), "{name}");
            }
        }
        for claim in ENVELOPE_CLAIMS {
            assert!(schema["properties"].get(claim).is_none(), "{claim}");
        }
    }
}

#[test]
fn every_text_list_and_number_of_a_schema_is_bounded() {
    fn check(schema: &Value, at: &str) {
        let closed = schema.get("enum").is_some() || schema.get("const").is_some();
        match schema["type"].as_str() {
            Some("string") => assert!(
                closed || schema.get("maxLength").is_some() || schema["format"] == "date",
                "{at}"
            ),
            Some("integer" | "number") => assert!(
                schema.get("minimum").is_some() && schema.get("maximum").is_some(),
                "{at}"
            ),
            Some("array") => {
                assert!(schema.get("maxItems").is_some(), "{at}");
                check(&schema["items"], at);
            }
            Some("object") => {
                for (name, below) in schema["properties"].as_object().unwrap() {
                    check(below, &format!("{at}.{name}"));
                }
            }
            Some("boolean") => {}
            other => panic!("{at}: {other:?}"),
        }
    }
    for entry in types() {
        check(&json(entry.schema), entry.name);
    }
}

#[test]
fn every_example_satisfies_its_schema() {
    for entry in types() {
        let validator = validator(entry);
        let example = json(entry.example);
        let faults: Vec<String> = validator
            .iter_errors(&example)
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{}: {faults:?}", entry.name);
    }
}

#[test]
fn a_schema_refuses_a_claim_it_does_not_know_and_a_missing_one() {
    for entry in types() {
        let validator = validator(entry);
        let example = json(entry.example);
        let mut more = example.clone();
        more["favourite_colour"] = "green".into();
        assert!(!validator.is_valid(&more), "{}", entry.name);
        for required in json(entry.schema)["required"].as_array().unwrap() {
            let mut less = example.clone();
            let name = required.as_str().unwrap();
            less.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&less), "{}: {name}", entry.name);
        }
    }
}

#[test]
fn every_date_must_be_one() {
    for entry in types() {
        let validator = validator(entry);
        let schema = json(entry.schema);
        for (name, property) in schema["properties"].as_object().unwrap() {
            if property["format"] == "date" {
                for wrong in ["2026-02-30", "01/02/2026", "2026-02-01T00:00:00Z", ""] {
                    let mut example = json(entry.example);
                    example[name] = wrong.into();
                    assert!(!validator.is_valid(&example), "{}: {name}", entry.name);
                }
            }
        }
    }
}

#[test]
fn metadata_names_its_type_and_every_claim_of_the_schema() {
    for entry in types() {
        let metadata = json(entry.metadata);
        let schema = json(entry.schema);
        assert_eq!(metadata["vct"], entry.vct);
        assert_eq!(metadata["name"], entry.title);
        let mut top = BTreeSet::new();
        let mut paths = BTreeSet::new();
        for claim in metadata["claims"].as_array().unwrap() {
            let path = claim["path"].as_array().unwrap();
            let at = format!("{} {:?}", entry.name, claim["path"]);
            assert!(paths.insert(claim["path"].to_string()), "{at}: twice");
            assert!(schema_at(&schema, path).is_some(), "{at}: not in schema");
            assert!(
                ["always", "allowed", "never"].contains(&claim["sd"].as_str().unwrap()),
                "{at}"
            );
            if let [Value::String(name)] = path.as_slice() {
                top.insert(name.clone());
                let required = schema["required"].as_array().unwrap();
                assert_eq!(
                    claim["mandatory"].as_bool().unwrap(),
                    required.contains(&path[0]),
                    "{at}"
                );
            }
        }
        let properties: BTreeSet<String> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect();
        assert_eq!(top, properties, "{}", entry.name);
    }
}

#[test]
fn every_label_is_there_in_three_languages() {
    let languages = ["en-GB", "cy", "gd"];
    for entry in types() {
        let metadata = json(entry.metadata);
        let check = |display: &Value, word: &str| {
            let display = display.as_array().unwrap();
            let locales: Vec<&str> = display
                .iter()
                .map(|one| one["locale"].as_str().unwrap())
                .collect();
            assert_eq!(locales, languages, "{}", entry.name);
            for one in display {
                let label = one[word].as_str().unwrap();
                assert_eq!(label, label.trim(), "{}", entry.name);
                assert!(
                    (1..=60).contains(&label.chars().count()),
                    "{}: {label}",
                    entry.name
                );
            }
        };
        check(&metadata["display"], "name");
        for claim in metadata["claims"].as_array().unwrap() {
            check(&claim["display"], "label");
        }
        for one in metadata["display"].as_array().unwrap() {
            assert!(!one["description"].as_str().unwrap().is_empty());
        }
    }
}

/// WCAG 2.2 relative luminance of `#rrggbb`.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = u8::from_str_radix(&colour[at..at + 2], 16).unwrap();
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

#[test]
fn the_colours_of_a_card_can_be_read() {
    for entry in types() {
        for one in json(entry.metadata)["display"].as_array().unwrap() {
            let simple = &one["rendering"]["simple"];
            let back = luminance(simple["background_color"].as_str().unwrap());
            let text = luminance(simple["text_color"].as_str().unwrap());
            let contrast = (back.max(text) + 0.05) / (back.min(text) + 0.05);
            assert!(contrast >= 4.5, "{}: {contrast:.2}", entry.name);
        }
    }
}

/// The words from which every name, place and trader of an example is made.
const MADE_UP: &[&str] = &["sample", "example", "demo", "person"];

#[test]
fn the_people_of_the_examples_are_plainly_made_up() {
    let telling = [
        "name", "holder", "address", "street", "locality", "trader", "practice",
    ];
    let mut names = 0;
    for entry in types() {
        let example = json(entry.example);
        let mut found = Vec::new();
        strings(&example, &mut found, "");
        for (claim, text) in found {
            let claim = claim.to_lowercase();
            let tells = telling.iter().any(|part| claim.contains(part));
            if tells && !claim.ends_with("country") {
                names += 1;
                assert!(
                    MADE_UP
                        .iter()
                        .any(|word| text.to_lowercase().contains(word)),
                    "{}: {claim}",
                    entry.name
                );
            }
        }
    }
    assert!(names >= types().len());
}
