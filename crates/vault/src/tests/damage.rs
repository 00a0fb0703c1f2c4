//! Headers and files that are not what was written.

use redb::{Database, ReadableDatabase, TableDefinition};
use serde_json::{Value, json};

use super::custody::open_with;
use super::{OTHER, PASSPHRASE, card, create, line, text};
use crate::file::{FILE_NAME, FileError};
use crate::migrate::SCHEMA;
use crate::{CreateError, Id, MemoryStore, Mode, OpenError, Options, SecretStore, Status, Vault};

const PLAIN: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("vault");

type Edit = fn(&mut Value);
type BoxedEdit = Box<dyn FnOnce(&mut Value)>;

/// Changes the stored header behind the vault's back.
fn edit_header(dir: &std::path::Path, edit: impl FnOnce(&mut Value)) {
    let database = Database::open(dir.join(FILE_NAME)).unwrap();
    let bytes = {
        let transaction = database.begin_read().unwrap();
        let table = transaction.open_table(PLAIN).unwrap();
        table.get("header").unwrap().unwrap().value().to_vec()
    };
    let mut header: Value = serde_json::from_slice(&bytes).unwrap();
    edit(&mut header);
    put_plain(&database, "header", header.to_string().as_bytes());
}

fn put_plain(database: &Database, name: &str, bytes: &[u8]) {
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(PLAIN)
        .unwrap()
        .insert(name, bytes)
        .unwrap();
    transaction.commit().unwrap();
}

#[test]
fn a_changed_header_is_refused() {
    let edits: &[(&str, Edit)] = &[
        ("demo", |header| header["demo"] = json!(false)),
        ("vault", |header| {
            header["vault"] = json!(Id::make().to_string())
        }),
        ("schema", |header| header["schema"] = json!(0)),
        ("recovery salt", |header| {
            header["recovery"]["salt"] = json!("00".repeat(16))
        }),
        ("recovery wrap", |header| {
            header["recovery"]["wrapped"]["sealed"] = json!("00".repeat(48));
        }),
        ("passes", |header| {
            header["passphrase"]["cost"]["passes"] = json!(2)
        }),
        ("salt", |header| {
            header["passphrase"]["salt"] = json!("00".repeat(16))
        }),
        ("seal", |header| {
            header["seal"]["tag"] = json!("00".repeat(16))
        }),
        ("mode", |header| {
            header["mode"] = json!("passphrase-only");
            header["passphrase"]["keyring_check"] = json!(null);
            header["passphrase"]["cost"]["memory"] = json!(256);
        }),
    ];
    for (name, edit) in edits {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::default();
        let (vault, code) = create(dir.path(), Mode::Keyring, &store);
        let secret = store.read(&vault.id().to_string()).unwrap();
        drop(vault);
        edit_header(dir.path(), edit);
        // So that a changed id is not refused for want of a secret alone.
        if let Status::Locked { .. } = Vault::status(dir.path()).unwrap() {
            let database = Database::open(dir.path().join(FILE_NAME)).unwrap();
            let (header, _) = crate::file::read_header(&database, &SCHEMA).unwrap();
            store.write(&header.vault.to_string(), &secret).unwrap();
        }
        assert!(open_with(dir.path(), PASSPHRASE, &store).is_err(), "{name}");
        assert!(
            Vault::recover(dir.path(), &code, &text(OTHER), &store).is_err(),
            "{name}"
        );
    }
}

#[test]
fn a_header_that_is_none_is_damage() {
    let costs = [
        json!({"memory": 64 * 1024 * 1024, "passes": 3, "lanes": 1}),
        json!({"memory": 1024, "passes": 4_000_000_000_u32, "lanes": 1}),
        json!({"memory": 1024, "passes": 1, "lanes": 255}),
        json!({"memory": 8, "passes": 1, "lanes": 1}),
        json!({"memory": -1, "passes": 1, "lanes": 1}),
    ];
    let mut edits: Vec<BoxedEdit> = Vec::new();
    for cost in costs {
        edits.push(Box::new(move |header| header["passphrase"]["cost"] = cost));
    }
    edits.push(Box::new(|header| *header = json!([1, 2])));
    edits.push(Box::new(|header| {
        header["further"] = json!("x".repeat(20_000))
    }));
    edits.push(Box::new(|header| header["further"] = json!(1)));
    edits.push(Box::new(|header| {
        header["passphrase"]["keyring_check"] = json!(null)
    }));
    for (number, edit) in edits.into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::default();
        let (vault, code) = create(dir.path(), Mode::Keyring, &store);
        drop(vault);
        edit_header(dir.path(), edit);
        assert_eq!(
            Vault::status(dir.path()).unwrap(),
            Status::Damaged,
            "{number}"
        );
        let refused = open_with(dir.path(), PASSPHRASE, &store);
        assert!(
            matches!(
                refused,
                Err(OpenError::File(FileError::Damaged { what: "header" }))
            ),
            "{number}"
        );
        assert!(Vault::recover(dir.path(), &code, &text(OTHER), &store).is_err());
    }
}

#[test]
fn a_newer_vault_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    edit_header(dir.path(), |header| {
        *header = json!({"schema": 7, "unknown": true})
    });
    assert_eq!(
        Vault::status(dir.path()).unwrap(),
        Status::Newer { found: 7 }
    );
    let error = open_with(dir.path(), PASSPHRASE, &store).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the vault is of schema 7, this program knows up to 1"
    );
}

#[test]
fn a_file_that_is_none_is_damage() {
    let contents: [&[u8]; 4] = [b"", b"hello", &[0; 5000], b"redb\x1a\x0a\xa9\x0d\x0a more"];
    for content in contents {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(FILE_NAME), content).unwrap();
        assert_eq!(
            Vault::status(dir.path()).unwrap(),
            Status::Damaged,
            "{content:?}"
        );
        let refused = open_with(dir.path(), PASSPHRASE, &MemoryStore::default());
        assert!(matches!(
            refused,
            Err(OpenError::File(FileError::Damaged { .. }))
        ));
        let options = Options {
            passphrase: &text(PASSPHRASE),
            mode: Mode::PassphraseOnly,
            demo: false,
        };
        let kept = Vault::create(dir.path(), &options, &MemoryStore::default());
        assert!(matches!(kept, Err(CreateError::Exists)));
    }
}

#[test]
fn a_folder_in_the_files_place_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join(FILE_NAME)).unwrap();
    let refused = open_with(dir.path(), PASSPHRASE, &MemoryStore::default());
    assert!(matches!(
        refused,
        Err(OpenError::File(FileError::Damaged { what: "file" }))
    ));
}

/// A repeatable sequence of numbers: a failure must come back.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

#[test]
fn a_disk_that_changed_the_file_breaks_nothing_but_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::PassphraseOnly, &store);
    for number in 0..20 {
        vault
            .write(|change| {
                change.insert_card(&card(number, 2))?;
                change.add_history(&line("added"))
            })
            .unwrap();
    }
    let cards = vault.cards().unwrap().records;
    drop(vault);
    let whole = std::fs::read(dir.path().join(FILE_NAME)).unwrap();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut opened, mut refused) = (0, 0);
    for _ in 0..150 {
        let mut bytes = whole.clone();
        if numbers.below(4) == 0 {
            bytes.truncate(numbers.below(bytes.len()));
        } else {
            // Where there is anything: most of a small file is empty.
            for _ in 0..=numbers.below(8) {
                let place = loop {
                    let place = numbers.below(bytes.len());
                    if bytes[place] != 0 {
                        break place;
                    }
                };
                bytes[place] ^= 1 << numbers.below(8);
            }
        }
        std::fs::write(dir.path().join(FILE_NAME), bytes).unwrap();
        Vault::status(dir.path()).unwrap();
        let Ok(vault) = open_with(dir.path(), PASSPHRASE, &store) else {
            refused += 1;
            continue;
        };
        opened += 1;
        // What is listed is what was stored; the rest is said to be damaged or gone.
        if let Ok(listed) = vault.cards() {
            assert!(listed.records.iter().all(|card| cards.contains(card)));
        }
        for card in &cards {
            let _ = vault.card(card.id);
        }
        let _ = vault.history();
        let _ = vault.write(|change| change.insert_card(&super::card(99, 1)));
    }
    assert!(opened > 10 && refused > 10, "{opened} {refused}");
}
