//! The trail of changes as people look at it: a list, files of it, and how the log grew.
//!
//! Read from a replica alone. Whoever shows it looks nothing up.

use keys::UnixTime;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::event::{GOVERNANCE, Names};
use crate::record::{Record, Service};
use crate::registry::{Registry, TrailEntry};

/// One change, and about whom it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'r> {
    /// The body's id, a service's client id, a type's id, or [`GOVERNANCE`].
    pub about: &'r str,
    /// The event.
    pub entry: &'r TrailEntry,
}

/// How many entries there were at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// When.
    pub time: UnixTime,
    /// The number of entries then.
    pub entries: u64,
}

impl Record {
    /// The body's names as they stand: as an accreditor, else as an issuer, else as a service.
    /// None for a type.
    pub fn names(&self) -> Option<&Names> {
        let accreditor = self.accreditations.last().map(|own| &own.names);
        let issuer = || self.issuer.as_ref().map(|issuer| &issuer.names);
        let service = || self.services.last().map(|service| &service.names);
        accreditor.or_else(issuer).or_else(service)
    }
}

impl Registry {
    /// Every change in the order of the log, or those about one id.
    pub fn changes(&self, about: Option<&str>) -> Vec<Change<'_>> {
        let mut changes: Vec<Change<'_>> = self
            .trail
            .iter()
            .filter(|(id, _)| about.is_none_or(|about| about == id.as_ref()))
            .flat_map(|(id, entries)| entries.iter().map(|entry| Change { about: id, entry }))
            .collect();
        changes.sort_by_key(|change| change.entry.index);
        changes
    }

    /// How the log grew: the number of entries at its first and its last time, and in between at
    /// `most` times at the most, each that of an entry. True as far as it goes: what lies between
    /// two of them grew from one to the other.
    pub fn growth(&self, most: usize) -> Vec<Growth> {
        let mut grown: Vec<Growth> = Vec::new();
        for change in self.changes(None) {
            let (time, entries) = (change.entry.time, change.entry.index + 1);
            match grown.last_mut().filter(|last| last.time == time) {
                Some(last) => last.entries = entries,
                None => grown.push(Growth { time, entries }),
            }
        }
        thin_out(grown, most)
    }

    /// True while a service's registration stands at `time`: neither it nor the accreditation
    /// below it was withdrawn, and its term is not over.
    pub fn service_stands(&self, service: &Service, time: UnixTime) -> bool {
        service.stands_at(time)
            && self
                .accreditation(&service.by, service.accreditation)
                .is_some_and(|accreditation| accreditation.withdrawn.is_none())
    }

    /// Changes as a table: RFC 4180, in UTF-8, with a line of headings. A cell that a
    /// spreadsheet would take for a formula begins with an apostrophe.
    pub fn changes_as_csv(&self, about: Option<&str>) -> String {
        let mut out = String::from("entry,time,action,id,name,signed_by,signer\r\n");
        for change in self.changes(about) {
            let cells = [
                change.entry.index.to_string(),
                in_utc(change.entry.time),
                change.entry.action.to_owned(),
                change.about.to_owned(),
                self.english(change.about),
                change.entry.signer.clone(),
                self.english(&change.entry.signer),
            ];
            let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
            out.push_str(&cells.join(","));
            out.push_str("\r\n");
        }
        out
    }

    /// Changes as a JSON document that says of which ledger it is, and up to which entry.
    pub fn changes_as_json(&self, about: Option<&str>) -> Value {
        let changes: Vec<Value> = self
            .changes(about)
            .iter()
            .map(|change| {
                json!({
                    "entry": change.entry.index,
                    "time": in_utc(change.entry.time),
                    "action": change.entry.action,
                    "id": change.about,
                    "name": self.english(change.about),
                    "signed_by": change.entry.signer,
                    "signer": self.english(&change.entry.signer),
                })
            })
            .collect();
        json!({
            "ledger": self.ledger(),
            "name": self.governance().name,
            "entries": self.size(),
            "changes": changes,
        })
    }

    fn english(&self, id: &str) -> String {
        if id == GOVERNANCE {
            return String::new();
        }
        let names = self.record(id).and_then(Record::names);
        let english = names.and_then(|names| names.get("en"));
        english.cloned().unwrap_or_default()
    }
}

/// Keeps the first and the last, and of the others one in each of `most` stretches of time.
fn thin_out(grown: Vec<Growth>, most: usize) -> Vec<Growth> {
    let (Some(first), Some(last)) = (grown.first().copied(), grown.last().copied()) else {
        return grown;
    };
    let most = UnixTime::try_from(most).unwrap_or(UnixTime::MAX).max(1);
    let stretch = (last.time - first.time).div_euclid(most) + 1;
    let mut kept: Vec<Growth> = vec![first];
    let mut of = None;
    for one in grown.into_iter().skip(1) {
        let place = (one.time - first.time).div_euclid(stretch);
        if of == Some(place) {
            kept.pop();
        }
        of = Some(place);
        kept.push(one);
    }
    kept
}

/// RFC 3339 in UTC.
fn in_utc(time: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(time)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| time.to_string())
}

fn cell(text: &str) -> String {
    let visible: String = text.chars().filter(|c| !c.is_control()).collect();
    let formula = visible.starts_with(['=', '+', '-', '@']);
    let plain = if formula {
        format!("'{visible}")
    } else {
        visible
    };
    if plain.contains(['"', ',', ';']) {
        format!("\"{}\"", plain.replace('"', "\"\""))
    } else {
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=cmd()", "'=cmd()"),
            ("@sum", "'@sum"),
            ("two\r\nlines", "twolines"),
            ("\t=x", "'=x"),
        ] {
            assert_eq!(cell(text), expected, "{text}");
        }
    }

    #[test]
    fn growth_is_thinned_out_to_true_points() {
        let all: Vec<Growth> = (0..1000)
            .map(|n| Growth {
                time: n * 60,
                entries: u64::try_from(n).unwrap() + 1,
            })
            .collect();
        let few = thin_out(all.clone(), 24);
        assert!(few.len() <= 25, "{}", few.len());
        assert_eq!((few.first(), few.last()), (all.first(), all.last()));
        assert!(few.iter().all(|one| all.contains(one)));
        assert!(few.windows(2).all(|two| two[0].time < two[1].time));
        assert_eq!(thin_out(all[..3].to_vec(), 24), all[..3]);
        assert_eq!(thin_out(Vec::new(), 24), Vec::new());
    }
}
