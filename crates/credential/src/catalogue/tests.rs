//! What every folder of `schemas/` must hold to.

use std::collections::BTreeSet;
use std::path::PathBuf;

use keys::SigningKey;
use query::ClaimPath;
use serde_json::Value;

use super::{ENVELOPE_CLAIMS, TypeEntry, by_name, by_vct, type_id, types};
use crate::schema::Schema;
use crate::sd_jwt::{HashAlgorithm, IssuerHeader, Template, Unverified, is_envelope};
use crate::type_metadata::{SelectiveDisclosure, TypeMetadata};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../schemas")
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("valid JSON")
}

fn schema(entry: &TypeEntry) -> Schema {
    Schema::parse(entry.schema.as_bytes()).expect("a schema of this crate")
}

fn metadata(entry: &TypeEntry) -> TypeMetadata {
    TypeMetadata::parse(entry.metadata.as_bytes(), entry.vct, None).expect("type metadata")
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

/// True when a whole credential that satisfies the schema cannot be without the claim.
fn always_there(schema: &Value, path: &[Value]) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    let (here, below) = match first {
        Value::String(name) => (
            schema["required"].as_array().unwrap().contains(first),
            &schema["properties"][name],
        ),
        _ => (schema["minItems"].as_u64() >= Some(1), &schema["items"]),
    };
    here && always_there(below, rest)
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
        let outcome = schema(entry).check(&json(entry.example));
        assert_eq!(outcome, Ok(()), "{}", entry.name);
    }
}

#[test]
fn a_schema_refuses_a_claim_it_does_not_know_and_a_missing_one() {
    for entry in types() {
        let schema = schema(entry);
        let example = json(entry.example);
        let mut more = example.clone();
        more["favourite_colour"] = "green".into();
        assert!(schema.check(&more).is_err(), "{}", entry.name);
        for required in json(entry.schema)["required"].as_array().unwrap() {
            let mut less = example.clone();
            let name = required.as_str().unwrap();
            less.as_object_mut().unwrap().remove(name);
            assert!(schema.check(&less).is_err(), "{}: {name}", entry.name);
        }
    }
}

#[test]
fn every_date_must_be_one() {
    for entry in types() {
        let schema = schema(entry);
        let text = json(entry.schema);
        for (name, property) in text["properties"].as_object().unwrap() {
            if property["format"] == "date" {
                for wrong in ["2026-02-30", "01/02/2026", "2026-02-01T00:00:00Z", ""] {
                    let mut example = json(entry.example);
                    example[name] = wrong.into();
                    assert!(schema.check(&example).is_err(), "{}: {name}", entry.name);
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
            }
            assert_eq!(claim["mandatory"], always_there(&schema, path), "{at}");
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
fn every_example_can_be_issued_as_its_type_says() {
    let key = SigningKey::make_p256();
    let holder = SigningKey::make_p256().public();
    for entry in types() {
        let metadata = metadata(entry);
        let mut claims = json(entry.example).as_object().unwrap().clone();
        claims.insert("vct".to_owned(), entry.vct.into());
        let whole = Value::Object(claims.clone());
        let conceal: Vec<ClaimPath> = metadata
            .claims
            .iter()
            .filter(|claim| claim.sd != SelectiveDisclosure::Never && claim.path.selects(&whole))
            .map(|claim| claim.path.clone())
            .collect();
        let text = Template {
            claims: &claims,
            conceal: &conceal,
            holder: Some(&holder),
            hash: HashAlgorithm::Sha256,
            decoys: 1,
        }
        .issue(IssuerHeader::Kid("key-1"), &key)
        .unwrap();
        let card = Unverified::parse(&text)
            .unwrap()
            .verify(&key.public(), 0)
            .unwrap();
        assert_eq!(metadata.check_issued(&card), Ok(()), "{}", entry.name);
        for claim in card.describe().iter().filter(|c| !is_envelope(&c.path)) {
            for language in ["en", "cy", "gd"] {
                let label = metadata.label(&claim.path, language);
                assert!(
                    label.is_some(),
                    "{}: {} has no label",
                    entry.name,
                    claim.path
                );
            }
        }
        let nothing = card.select(&[]).unwrap().into_unbound();
        let shown = Unverified::parse(&nothing)
            .unwrap()
            .verify(&key.public(), 0)
            .unwrap();
        assert_eq!(metadata.check_presented(&shown), Ok(()), "{}", entry.name);
        for claim in shown.describe() {
            let known = metadata.claim(&claim.path);
            assert!(
                is_envelope(&claim.path)
                    || known.is_some_and(|claim| claim.sd == SelectiveDisclosure::Never),
                "{}: {} is shown to everybody",
                entry.name,
                claim.path
            );
        }
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

/// Every claims path of a schema, each element of a list as `null`.
fn paths_of(schema: &Value, at: &[Value], found: &mut Vec<Vec<Value>>) {
    let mut below = |segment: Value, schema: &Value| {
        let mut path = at.to_vec();
        path.push(segment);
        found.push(path.clone());
        paths_of(schema, &path, found);
    };
    if let Some(properties) = schema["properties"].as_object() {
        for (name, schema) in properties {
            below(name.clone().into(), schema);
        }
    } else if let Some(items) = schema.get("items") {
        below(Value::Null, items);
    }
}

#[test]
fn every_claim_however_deep_has_its_own_label_in_three_languages() {
    for entry in types() {
        let metadata = metadata(entry);
        let mut found = Vec::new();
        paths_of(&json(entry.schema), &[], &mut found);
        assert!(!found.is_empty());
        for path in found {
            let path = ClaimPath::from_json(&Value::Array(path)).unwrap();
            let at = format!("{} {path}", entry.name);
            let claim = metadata.claims.iter().find(|claim| claim.path == path);
            let claim = claim.unwrap_or_else(|| panic!("{at} is not described"));
            for locale in ["en-GB", "cy", "gd"] {
                let labels = &claim.display;
                assert!(
                    labels.iter().any(|one| one.locale == locale),
                    "{at} {locale}"
                );
            }
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
