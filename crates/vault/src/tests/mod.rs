//! Whole vaults, each in a folder of its own.

mod backup;
mod crash;
mod custody;
mod damage;
mod hostile;
mod migration;
#[cfg(target_os = "linux")]
mod os_keyring;
mod records;

use std::path::Path;

use secrecy::SecretString;
use serde_json::json;

use crate::record::{
    CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord, HolderKey, Party,
};
use crate::{Id, MemoryStore, Mode, Options, RecoveryCode, Vault};

pub(crate) const PASSPHRASE: &str = "harbour violet kettle moss";
pub(crate) const OTHER: &str = "lantern orchard pebble wren";

pub(crate) fn text(text: &str) -> SecretString {
    SecretString::from(text)
}

pub(crate) fn create(dir: &Path, mode: Mode, store: &MemoryStore) -> (Vault, RecoveryCode) {
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode,
        demo: true,
    };
    Vault::create(dir, &options, store).unwrap()
}

/// A card of `copies` copies, whose credential tells the card's number.
pub(crate) fn card(number: u8, copies: u8) -> CardRecord {
    CardRecord {
        summary: CardSummary {
            id: Id::make(),
            format: "dc+sd-jwt".into(),
            type_id: "urn:example:marker-type".into(),
            issuer: Party {
                id: "https://issuer.example".into(),
                name: "Marker Issuer".into(),
            },
            verified_key: "thumbprint".into(),
            issued_at: Some(1),
            valid_from: None,
            valid_until: Some(2_000_000_000),
            added_at: i64::from(number),
            copies: 0,
            unshown: 0,
            display: json!({"name": "Marker Name"}),
        },
        details: CardDetails {
            claims: json!({"given_name": "Marker Given"}),
            issuance: json!({"issuer": "https://issuer.example"}),
            type_metadata: None,
            extra: json!(null),
        },
        copies: (0..copies)
            .map(|copy| CopyRecord {
                id: Id::make(),
                credential: text(&format!("marker-credential-{number}-{copy}")),
                key: HolderKey::from_slice(&[copy + 1; 32]),
                shown: 0,
            })
            .collect(),
    }
}

pub(crate) fn line(kind: &str) -> HistoryRecord {
    HistoryRecord {
        id: Id::make(),
        time: 7,
        kind: kind.into(),
        service: None,
        details: json!({"claims": [["given_name"]]}),
    }
}

fn exposed(key: &Option<HolderKey>) -> Option<[u8; 32]> {
    key.as_ref().map(|key| *key.expose())
}
