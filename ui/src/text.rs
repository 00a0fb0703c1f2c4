//! The words on the screen, by Fluent. The page owns all wording; the shell sends kinds.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The language that every key exists in.
const SOURCE_LANGUAGE: &str = "en";

thread_local! {
    /// Languages that were read already: reading one takes milliseconds.
    static READ: RefCell<HashMap<&'static str, Rc<Text>>> = RefCell::default();
}

/// All words in one language, falling back to English.
pub(crate) struct Text {
    tag: &'static str,
    words: FluentBundle<FluentResource>,
    fallback: Option<Rc<Text>>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Text {
    /// The words in the language of a BCP 47 tag: the exact one, else its language, else English.
    pub(crate) fn load(wanted: &str) -> Rc<Self> {
        let language = wanted.split('-').next().unwrap_or(wanted);
        let tag = LOCALES
            .iter()
            .map(|(tag, _)| *tag)
            .find(|tag| tag.eq_ignore_ascii_case(wanted))
            .or_else(|| {
                LOCALES
                    .iter()
                    .map(|(tag, _)| *tag)
                    .find(|tag| tag.eq_ignore_ascii_case(language))
            })
            .unwrap_or(SOURCE_LANGUAGE);
        let known = READ.with_borrow(|read| read.get(tag).cloned());
        known.unwrap_or_else(|| {
            let text = Rc::new(Self {
                tag,
                words: bundle(tag),
                fallback: (tag != SOURCE_LANGUAGE).then(|| Self::load(SOURCE_LANGUAGE)),
            });
            READ.with_borrow_mut(|read| read.insert(tag, text.clone()));
            text
        })
    }

    /// The tag of the language in use, for `lang`.
    pub(crate) fn language(&self) -> &'static str {
        self.tag
    }

    /// The languages there are: tag and own name.
    pub(crate) fn languages() -> Vec<(&'static str, String)> {
        LOCALES
            .iter()
            .map(|(tag, _)| (*tag, Self::load(tag).say("language-name")))
            .collect()
    }

    /// The words of a key.
    pub(crate) fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The words of a key with what belongs into them.
    pub(crate) fn say_with(&self, key: &str, values: &[(&str, Value)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, value.0.clone());
        }
        self.try_say(key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// The words of a key, where there are any.
    pub(crate) fn say_if_known(&self, key: &str) -> Option<String> {
        self.try_say(key, &FluentArgs::new())
    }

    fn try_say(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let Some(pattern) = self.words.get_message(key).and_then(|m| m.value()) else {
            return self.fallback.as_ref()?.try_say(key, args);
        };
        // A missing variable stays visible in its place; the key check knows the variables.
        let mut faults = Vec::new();
        let words = self.words.format_pattern(pattern, Some(args), &mut faults);
        Some(words.into_owned())
    }
}

/// Something to put into a sentence.
pub(crate) struct Value(FluentValue<'static>);

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(FluentValue::String(text.to_owned().into()))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(FluentValue::String(text.into()))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self(number.into())
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self(number.into())
    }
}

/// The key of a kind: `prefix-name`, the name as it crosses the boundary with `-` for `_`.
pub(crate) fn kind_key<K: Serialize>(prefix: &str, kind: &K) -> String {
    let name = serde_json::to_value(kind)
        .ok()
        .and_then(|value| value.as_str().map(|name| name.replace('_', "-")))
        .unwrap_or_default();
    format!("{prefix}-{name}")
}

fn bundle(tag: &str) -> FluentBundle<FluentResource> {
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut words = FluentBundle::new(vec![language]);
    // The languages are all written from left to right, and what comes from outside has lost its
    // direction characters already: isolation marks would only trouble those who search or copy.
    words.set_use_isolating(false);
    let files = LOCALES
        .iter()
        .find(|(name, _)| *name == tag)
        .map_or(&[][..], |(_, files)| files);
    for file in files {
        let resource = match FluentResource::try_new((*file).to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        // A repeated key keeps its first words; the key check refuses it before it ships.
        let _ = words.add_resource(resource);
    }
    words
}

#[cfg(test)]
mod tests;
