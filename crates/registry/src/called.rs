//! How bodies and types are called in text for people. JSON has every id whole.

use std::collections::HashSet;

use credential::catalogue;
use ledger::Registry;
use ledger::event::{ANY_TYPE, GOVERNANCE};
use ledger::record::Record;

use crate::show::english;

/// An id of so many characters is shown whole.
const WHOLE: usize = 64;
/// What is shown of a longer one, at its beginning and at its end.
const ENDS: (usize, usize) = (24, 16);

/// The names that stand on a ledger.
pub(crate) struct Called<'r> {
    registry: &'r Registry,
    /// What more than one id would be shown as: these ids are shown whole.
    alike: HashSet<String>,
}

impl<'r> Called<'r> {
    pub(crate) fn new(registry: &'r Registry) -> Self {
        let ids = registry.records().map(|record| record.id.as_str());
        Self {
            registry,
            alike: alike(ids),
        }
    }

    /// An id, cut in the middle where it is long and no other looks the same then.
    pub(crate) fn id(&self, id: &str) -> String {
        match short(id) {
            Some(short) if !self.alike.contains(&short) => short,
            _ => visible(id),
        }
    }

    /// An id of any kind: a type's beside its short name.
    pub(crate) fn any(&self, id: &str) -> String {
        match catalogue::by_vct(id) {
            Some(_) => type_id(id),
            None => self.id(id),
        }
    }

    /// A body by its name and id.
    pub(crate) fn body(&self, id: &str) -> String {
        if id == GOVERNANCE {
            return "the governance".to_owned();
        }
        let names = self.registry.record(id).and_then(Record::names);
        let id = self.id(id);
        match names.map(english).filter(|name| !name.is_empty()) {
            Some(name) => format!("{} ({id})", visible(name)),
            None => id,
        }
    }
}

fn alike<'i>(ids: impl Iterator<Item = &'i str>) -> HashSet<String> {
    let mut seen = HashSet::new();
    // An id may be, whole, what another is cut to.
    ids.map(|id| short(id).unwrap_or_else(|| visible(id)))
        .filter(|shown| !seen.insert(shown.clone()))
        .collect()
}

fn short(id: &str) -> Option<String> {
    let shown: Vec<char> = visible(id).chars().collect();
    if shown.len() <= WHOLE {
        return None;
    }
    let (first, last) = ENDS;
    let begin = shown.iter().take(first);
    let end = shown.iter().skip(shown.len() - last);
    Some(begin.chain(&['…']).chain(end).collect())
}

/// A type by its short name, which commands take too, and its id.
pub(crate) fn type_id(id: &str) -> String {
    match catalogue::by_vct(id) {
        _ if id == ANY_TYPE => "every type".to_owned(),
        Some(entry) => format!("{} ({id})", entry.name),
        None => visible(id),
    }
}

/// What others wrote, without what could play tricks on a terminal.
pub(crate) fn visible(text: &str) -> String {
    // Direction marks, and what is not seen at all, could make one id look like another.
    text.chars()
        .map(|letter| match letter {
            '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' => '\u{fffd}',
            letter if letter.is_control() => '\u{fffd}',
            letter => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_id_is_cut_and_a_short_one_is_not() {
        let url = format!("https://{}.example", "a".repeat(48));
        assert_eq!(short(&url), None);
        let long = format!("did:jwk:{}", "A".repeat(200));
        let shown = short(&long).unwrap();
        assert_eq!(shown.chars().count(), 24 + 1 + 16);
        assert!(shown.starts_with("did:jwk:AAAA") && shown.contains('…'));
    }

    #[test]
    fn ids_that_would_look_alike_are_shown_whole() {
        let id = |middle: char| {
            let rest = middle.to_string().repeat(100);
            format!("did:jwk:{}{rest}{}", "A".repeat(40), "B".repeat(40))
        };
        let ids = [id('x'), id('y'), "https://a.example".to_owned()];
        let alike = alike(ids.iter().map(String::as_str));
        assert_eq!(alike.len(), 1);
        let registry = Registry::default();
        let called = Called {
            registry: &registry,
            alike,
        };
        assert_eq!(called.id(&ids[0]), ids[0]);
        assert_eq!(called.id(&ids[2]), ids[2]);
        let other = format!("did:jwk:{}", "C".repeat(200));
        assert!(called.id(&other).len() < 64);
    }

    #[test]
    fn an_id_is_not_cut_to_what_another_is_whole() {
        let long = format!("did:jwk:{}", "A".repeat(200));
        let cut = short(&long).unwrap();
        let registry = Registry::default();
        let called = |ids: [&str; 2]| Called {
            registry: &registry,
            alike: alike(ids.into_iter()),
        };
        let with_it = called([&cut, &long]);
        assert_eq!(with_it.id(&long), long);
        assert_eq!(with_it.id(&cut), cut);
        assert_eq!(called(["https://a.example", &long]).id(&long), cut);
    }

    #[test]
    fn types_have_their_short_names_beside_the_id() {
        let entry = catalogue::by_name("BlueBadge").unwrap();
        assert_eq!(type_id(entry.vct), format!("BlueBadge ({})", entry.vct));
        assert_eq!(type_id(ANY_TYPE), "every type");
        assert_eq!(type_id("urn:x:\u{1b}[2J"), "urn:x:\u{fffd}[2J");
    }
}
