//! The key check: every key that the code uses exists in English, English has no other keys, and
//! every other language has exactly the keys and variables of English.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::*;

/// Keys whose last part is a kind that crosses the boundary.
fn kind_keys() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut all = |prefix: &str, kinds: &[String]| {
        keys.extend(kinds.iter().map(|kind| format!("{prefix}-{kind}")));
    };
    fn names<K: Serialize>(kinds: &[K]) -> Vec<String> {
        kinds
            .iter()
            .map(|k| kind_key("", k)[1..].to_owned())
            .collect()
    }
    all("failure-title", &names(ipc::FailureKind::ALL));
    all("failure-next", &names(ipc::FailureKind::ALL));
    all("verdict", &names(ipc::Verdict::ALL));
    all("warning-title", &names(ipc::WarningKind::ALL));
    all("warning-text", &names(ipc::WarningKind::ALL));
    all("tick", &names(ipc::Tick::ALL));
    all("tick-missing", &names(ipc::Tick::ALL));
    all("card-state", &names(ipc::CardState::ALL));
    all("card-format", &names(ipc::CardFormat::ALL));
    all("recognise", &names(ipc::Recognisability::ALL));
    all("outcome", &names(ipc::Outcome::ALL));
    all("event", &names(ipc::EventKind::ALL));
    all("freshness", &names(ipc::Freshness::ALL));
    all("body-role", &names(ipc::BodyRole::ALL));
    all("body-state", &names(ipc::BodyState::ALL));
    all("trail", &names(ipc::TrailKind::ALL));
    all("frame-size", &names(ipc::FrameSize::ALL));
    all("type-part", &names(ipc::TypePart::ALL));
    all("stage", &names(ipc::Stage::ALL));
    all(
        "how-known",
        &names(&[
            ipc::HowKnown::Certificate,
            ipc::HowKnown::Did,
            ipc::HowKnown::Website,
            ipc::HowKnown::NotYet,
        ]),
    );
    all(
        "month",
        &(1..=12).map(|m| m.to_string()).collect::<Vec<_>>(),
    );
    keys
}

/// Keys of finer sentences for some failures: there where they help, missing where not.
const OPTIONAL_PREFIXES: &[&str] = &["reason-"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// The literal after each call of `say`, `say_with` or `say_key`, and each `*_key="…"` attribute.
fn used_keys() -> BTreeSet<String> {
    let mut files = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    let mut keys = BTreeSet::new();
    for file in files {
        let source = fs::read_to_string(&file).unwrap();
        for call in ["say(", "say_with(", "say_key(", "_key=", "_key: "] {
            for (at, _) in source.match_indices(call) {
                let rest = source[at + call.len()..].trim_start();
                if let Some(literal) = rest.strip_prefix('"') {
                    keys.insert(literal.split('"').next().unwrap().to_owned());
                }
            }
        }
    }
    keys
}

fn variables_of(pattern: &Pattern<String>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            match expression {
                Expression::Inline(inline) => variable(inline, found),
                Expression::Select { selector, variants } => {
                    variable(selector, found);
                    for variant in variants {
                        variables_of(&variant.value, found);
                    }
                }
            }
        }
    }
}

fn variable(inline: &InlineExpression<String>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.clone());
        }
        InlineExpression::Placeable { expression } => {
            if let Expression::Inline(inner) = expression.as_ref() {
                variable(inner, found);
            }
        }
        _ => {}
    }
}

/// Key → variables.
fn keys_of(tag: &str) -> BTreeMap<String, BTreeSet<String>> {
    let (_, files) = LOCALES.iter().find(|(name, _)| *name == tag).unwrap();
    let mut keys = BTreeMap::new();
    for file in *files {
        let resource = parser::parse((*file).to_owned())
            .unwrap_or_else(|(_, faults)| panic!("{tag}: {faults:?}"));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let mut variables = BTreeSet::new();
                    variables_of(message.value.as_ref().unwrap(), &mut variables);
                    let again = keys.insert(message.id.name.clone(), variables);
                    assert!(again.is_none(), "{tag}: {} twice", message.id.name);
                }
                Entry::Junk { content } => panic!("{tag}: not Fluent: {content}"),
                _ => {}
            }
        }
    }
    keys
}

fn optional(key: &str) -> bool {
    OPTIONAL_PREFIXES
        .iter()
        .any(|prefix| key.starts_with(prefix))
}

#[test]
fn every_key_in_use_has_words_in_english() {
    let english = keys_of(SOURCE_LANGUAGE);
    let missing: Vec<_> = used_keys()
        .into_iter()
        .chain(kind_keys())
        .filter(|key| !english.contains_key(key))
        .collect();
    assert!(missing.is_empty(), "no words for {missing:?}");
}

#[test]
fn english_has_no_words_that_nobody_uses() {
    let mut used = used_keys();
    used.extend(kind_keys());
    let unused: Vec<_> = keys_of(SOURCE_LANGUAGE)
        .into_keys()
        .filter(|key| !used.contains(key) && !optional(key))
        .collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

#[test]
fn every_language_has_exactly_the_keys_and_variables_of_english() {
    let english = keys_of(SOURCE_LANGUAGE);
    for (tag, _) in LOCALES {
        let here = keys_of(tag);
        let missing: Vec<_> = english.keys().filter(|k| !here.contains_key(*k)).collect();
        let more: Vec<_> = here.keys().filter(|k| !english.contains_key(*k)).collect();
        assert!(missing.is_empty(), "{tag} lacks {missing:?}");
        assert!(more.is_empty(), "{tag} has too much: {more:?}");
        for (key, variables) in &here {
            assert!(
                variables.is_subset(&english[key]),
                "{tag}: {key} uses {variables:?}, English has {:?}",
                english[key]
            );
        }
    }
}

#[test]
fn the_search_for_used_keys_finds_some() {
    let used = used_keys();
    assert!(used.len() > 150, "only {} keys found", used.len());
    assert!(used.contains("cards-title"));
}

#[test]
fn an_unknown_language_is_english() {
    assert_eq!(Text::load("xx").language(), "en");
    assert_eq!(Text::load("en-GB").language(), "en");
}

#[test]
fn counted_words_follow_the_number() {
    let text = Text::load("en");
    let one = text.say_with("cards-count", &[("count", 1usize.into())]);
    let two = text.say_with("cards-count", &[("count", 2usize.into())]);
    assert_eq!(one, "1 card");
    assert_eq!(two, "2 cards");
}
