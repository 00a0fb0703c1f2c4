//! What happened: with whom, which details by name, with what outcome. Never a value.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vault::{HistoryRecord, Id, Party, RecordError};

use crate::wallet::Wallet;
use keys::UnixTime;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A card was added.
    Added,
    /// Something was shared, or an attempt was made.
    Shared,
    /// The citizen did not share.
    Declined,
    /// A card was deleted.
    Deleted,
    /// A backup was written.
    BackedUp,
    /// The wallet was made from a backup.
    Restored,
    /// The passphrase was changed.
    PassphraseChanged,
}

impl EventKind {
    /// The name under which the vault and scripts know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Shared => "shared",
            Self::Declined => "declined",
            Self::Deleted => "deleted",
            Self::BackedUp => "backed_up",
            Self::Restored => "restored",
            Self::PassphraseChanged => "passphrase_changed",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [
            Self::Added,
            Self::Shared,
            Self::Declined,
            Self::Deleted,
            Self::BackedUp,
            Self::Restored,
            Self::PassphraseChanged,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }
}

/// What became of something shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They have it.
    Delivered,
    /// They received it and refused it.
    Refused,
    /// It may have arrived. Also what a sharing that was cut off is left as.
    Unknown,
    /// Nothing left this computer.
    NotSent,
    /// It was shown as a code, or printed. Whether anybody read it cannot be known.
    Shown,
}

/// How the details of a line went, where they were not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryWay {
    /// As a code for a desk.
    Code {
        /// When the code ended.
        expires_at: UnixTime,
    },
    /// As a printed pass for a desk.
    Pass {
        /// From when it is good.
        from: UnixTime,
        /// Until when.
        until: UnixTime,
    },
}

/// The details of a line, as the vault keeps them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// The cards.
    pub cards: Vec<EntryCard>,
    /// Their reason, in their words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where to ask them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// What the ledger said of them then, by the verdict's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// For a sharing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Where the service asked to go on, until it was followed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// How it went, where it was not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<EntryWay>,
}

/// One card of a line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EntryCard {
    /// The card's id; it may have been deleted since.
    pub id: String,
    /// What the card was called.
    pub title: String,
    /// The names of the details as they were shown.
    pub names: Vec<String>,
    /// Their paths in the card (OpenID4VP 1.0 §7).
    pub claims: Vec<Value>,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: UnixTime,
    /// What happened.
    pub kind: EventKind,
    /// With whom.
    pub who: Option<Party>,
    /// What else there is to say.
    pub entry: Entry,
}

/// Makes a line of the history.
pub(crate) fn line(
    at: UnixTime,
    kind: EventKind,
    who: Option<Party>,
    entry: &Entry,
) -> HistoryRecord {
    HistoryRecord {
        id: Id::make(),
        time: at,
        kind: kind.name().to_owned(),
        service: who,
        details: serde_json::to_value(entry).unwrap_or_default(),
    }
}

impl Wallet {
    /// Everything that happened, newest first. Lines that are damaged are left out and
    /// counted.
    pub fn history(&self) -> Result<(Vec<Event>, usize), RecordError> {
        let remembered = self.vault.history()?;
        let all = remembered.records.len() + remembered.damaged.len();
        let events: Vec<Event> = remembered.records.into_iter().filter_map(read).collect();
        let damaged = all - events.len();
        Ok((events, damaged))
    }

    /// One event.
    pub fn event(&self, id: Id) -> Result<Event, RecordError> {
        let (events, _) = self.history()?;
        events
            .into_iter()
            .find(|event| event.id == id)
            .ok_or(RecordError::NotFound)
    }

    /// Forgets one event for good.
    pub fn forget_event(&self, id: Id) -> Result<(), RecordError> {
        self.vault.write(|change| change.remove_history(id))
    }

    /// The page that a service asked to go on at, once: asking again answers none.
    pub fn take_redirect(&self, id: Id) -> Result<Option<String>, RecordError> {
        self.vault.write(|change| {
            let mut record = change.history_record(id)?;
            let mut entry: Entry = entry_of(&record);
            let redirect = entry.redirect_uri.take();
            if redirect.is_some() {
                record.details = serde_json::to_value(&entry).unwrap_or_default();
                change.replace_history(&record)?;
            }
            Ok(redirect)
        })
    }
}

pub(crate) fn entry_of(record: &HistoryRecord) -> Entry {
    serde_json::from_value(record.details.clone()).unwrap_or_default()
}

fn read(record: HistoryRecord) -> Option<Event> {
    Some(Event {
        id: record.id,
        at: record.time,
        kind: EventKind::from_name(&record.kind)?,
        entry: entry_of(&record),
        who: record.service,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(details: Value) -> Entry {
        entry_of(&HistoryRecord {
            id: Id::make(),
            time: 0,
            kind: "shared".to_owned(),
            service: None,
            details,
        })
    }

    #[test]
    fn a_line_from_before_there_were_codes_is_read() {
        let entry = of(json!({
            "cards": [{"id": "c", "title": "Card", "names": ["Name"], "claims": [["name"]]}],
            "reason": "A reason",
            "outcome": "delivered",
        }));
        assert_eq!(entry.outcome, Some(Outcome::Delivered));
        assert_eq!(entry.way, None);
        assert_eq!(entry.cards[0].names, ["Name"]);
    }

    #[test]
    fn how_it_went_is_kept() {
        for way in [
            EntryWay::Code { expires_at: 7 },
            EntryWay::Pass { from: 1, until: 2 },
        ] {
            let entry = Entry {
                outcome: Some(Outcome::Shown),
                way: Some(way),
                ..Entry::default()
            };
            assert_eq!(of(serde_json::to_value(&entry).unwrap()), entry);
        }
    }
}
