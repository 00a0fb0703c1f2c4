//! What opens a vault, and what does not.

use std::time::Duration;

use redb::{Database, ReadableDatabase, TableDefinition};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{PASSPHRASE, card, create, text};
use crate::file::{FILE_NAME, FileError, now_millis};
use crate::keyring::{KeyringError, KeyringSecret, SecretStore};
use crate::migrate::SCHEMA;
use crate::{
    ChangePassphraseError, CreateError, Id, MemoryStore, Mode, OpenError, Options, RecoverError,
    RecoveryCode, Status, Vault, Weakness,
};

const OTHER: &str = "lantern orchard pebble wren";
const PLAIN: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("vault");

type Edit = fn(&mut Value);
type BoxedEdit = Box<dyn FnOnce(&mut Value)>;

struct NoKeyring;

impl SecretStore for NoKeyring {
    fn read(&self, _: &str) -> Result<KeyringSecret, KeyringError> {
        Err(KeyringError::Missing)
    }
    fn write(&self, _: &str, _: &KeyringSecret) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
    fn delete(&self, _: &str) -> Result<(), KeyringError> {
        Err(KeyringError::Missing)
    }
}

fn open_with(
    dir: &std::path::Path,
    passphrase: &str,
    store: &dyn SecretStore,
) -> Result<Vault, OpenError> {
    Vault::open(dir, &text(passphrase), store)
}

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
fn both_modes_open_with_what_they_were_made_with() {
    for mode in [Mode::Keyring, Mode::PassphraseOnly] {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::default();
        assert_eq!(Vault::status(dir.path()).unwrap(), Status::Absent);
        let (vault, _) = create(dir.path(), mode, &store);
        assert_eq!(Vault::status(dir.path()).unwrap(), Status::InUse);
        let id = vault.id();
        drop(vault);
        let locked = Status::Locked {
            mode,
            demo: true,
            retry_after: None,
        };
        assert_eq!(Vault::status(dir.path()).unwrap(), locked);
        let wrong = open_with(dir.path(), OTHER, &store);
        assert!(matches!(wrong, Err(OpenError::WrongPassphrase { .. })));
        let vault = open_with(dir.path(), PASSPHRASE, &store).unwrap();
        assert_eq!((vault.id(), vault.mode()), (id, mode));
    }
}

#[test]
fn passphrase_only_asks_no_keyring() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::PassphraseOnly,
        demo: false,
    };
    drop(Vault::create(dir.path(), &options, &NoKeyring).unwrap());
    assert!(
        !open_with(dir.path(), PASSPHRASE, &NoKeyring)
            .unwrap()
            .demo()
    );
}

#[test]
fn a_missing_keyring_is_an_error_and_no_attempt() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::Keyring,
        demo: false,
    };
    let refused = Vault::create(dir.path(), &options, &NoKeyring);
    assert!(matches!(
        refused,
        Err(CreateError::Keyring(KeyringError::Missing))
    ));
    assert_eq!(Vault::status(dir.path()).unwrap(), Status::Absent);

    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    for _ in 0..5 {
        let refused = open_with(dir.path(), PASSPHRASE, &NoKeyring);
        assert!(matches!(
            refused,
            Err(OpenError::Keyring(KeyringError::Missing))
        ));
    }
    assert!(open_with(dir.path(), PASSPHRASE, &store).is_ok());
}

#[test]
fn a_keyring_without_our_secret_is_told_from_a_wrong_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::Keyring, &store);
    let account = vault.id().to_string();
    drop(vault);
    store.delete(&account).unwrap();
    let refused = open_with(dir.path(), PASSPHRASE, &store);
    assert!(matches!(
        refused,
        Err(OpenError::Keyring(KeyringError::NoSecret))
    ));
    store
        .write(&account, &KeyringSecret::from_slice(&[7; 32]).unwrap())
        .unwrap();
    let refused = open_with(dir.path(), PASSPHRASE, &store);
    assert!(matches!(
        refused,
        Err(OpenError::Keyring(KeyringError::OtherSecret))
    ));
}

#[test]
fn the_passphrase_without_the_keyring_secret_opens_nothing() {
    // The check value aside: the wrap itself needs both halves.
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    let database = Database::open(dir.path().join(FILE_NAME)).unwrap();
    let (header, _) = crate::file::read_header(&database, &SCHEMA).unwrap();
    let other = KeyringSecret::make();
    for keyring in [None, Some(&other)] {
        let opened = header
            .passphrase
            .open(header.identity(), &text(PASSPHRASE), keyring);
        assert!(opened.is_err());
    }
}

#[test]
fn weak_passphrases_make_no_vault() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        passphrase: &text("password1234"),
        mode: Mode::Keyring,
        demo: false,
    };
    let refused = Vault::create(dir.path(), &options, &MemoryStore::default());
    assert!(matches!(
        refused,
        Err(CreateError::Weak(Weakness::Guessable))
    ));
    assert_eq!(Vault::status(dir.path()).unwrap(), Status::Absent);
}

#[test]
fn no_vault_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::Keyring, &store);
    let options = Options {
        passphrase: &text(OTHER),
        mode: Mode::PassphraseOnly,
        demo: false,
    };
    for _ in 0..2 {
        let refused = Vault::create(dir.path(), &options, &store);
        assert!(matches!(refused, Err(CreateError::Exists)));
        vault.lock();
    }
    assert!(open_with(dir.path(), PASSPHRASE, &store).is_ok());
}

#[cfg(unix)]
#[test]
fn file_and_folder_are_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join("new/folder");
    drop(create(&inner, Mode::Keyring, &MemoryStore::default()));
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&inner.join(FILE_NAME)), 0o600);
    assert_eq!(std::fs::read_dir(&inner).unwrap().count(), 1);
}

#[test]
fn wrong_passphrases_make_wait_and_the_wait_persists() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    let open_at =
        |passphrase: &str, now| Vault::open_as(dir.path(), &text(passphrase), &store, &SCHEMA, now);
    let now = now_millis();
    for expected in [0, 0, 1] {
        match open_at(OTHER, now) {
            Err(OpenError::WrongPassphrase { retry_after }) => {
                assert_eq!(retry_after.as_secs(), expected)
            }
            other => panic!("{other:?}"),
        }
    }
    // Not even the right one is tried, and trying costs nothing.
    for _ in 0..3 {
        match open_at(PASSPHRASE, now + 400) {
            Err(OpenError::TooSoon { retry_after }) => {
                assert_eq!(retry_after, Duration::from_millis(600))
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(
        Vault::status(dir.path()).unwrap(),
        Status::Locked {
            retry_after: Some(_),
            ..
        }
    ));
    match open_at(OTHER, now + 1_000) {
        Err(OpenError::WrongPassphrase { retry_after }) => assert_eq!(retry_after.as_secs(), 2),
        other => panic!("{other:?}"),
    }
    open_at(PASSPHRASE, now + 3_000).unwrap();
    // The right one clears the count.
    match open_at(OTHER, now + 3_000) {
        Err(OpenError::WrongPassphrase { retry_after }) => assert_eq!(retry_after, Duration::ZERO),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_clock_set_back_does_not_lock_out() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    let open_at =
        |passphrase: &str, now| Vault::open_as(dir.path(), &text(passphrase), &store, &SCHEMA, now);
    for _ in 0..3 {
        open_at(OTHER, 9_000_000_000_000).unwrap_err();
    }
    assert!(matches!(
        open_at(PASSPHRASE, 1_000_000),
        Err(OpenError::TooSoon { .. })
    ));
    assert!(open_at(PASSPHRASE, 1_001_000).is_ok());
}

#[test]
fn a_new_passphrase_replaces_the_former() {
    for mode in [Mode::Keyring, Mode::PassphraseOnly] {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::default();
        let (vault, code) = create(dir.path(), mode, &store);
        let one = card(1, 1);
        vault.write(|change| change.insert_card(&one)).unwrap();
        let change =
            |present: &str, new: &str| vault.change_passphrase(&text(present), &text(new), &store);
        assert!(matches!(
            change("not this one", OTHER),
            Err(ChangePassphraseError::Present(
                OpenError::WrongPassphrase { .. }
            ))
        ));
        assert!(matches!(
            change(PASSPHRASE, "12345678"),
            Err(ChangePassphraseError::Weak(_))
        ));
        change(PASSPHRASE, OTHER).unwrap();
        vault.lock();
        assert!(matches!(
            change(OTHER, PASSPHRASE),
            Err(ChangePassphraseError::Locked)
        ));
        assert!(open_with(dir.path(), PASSPHRASE, &store).is_err());
        let vault = open_with(dir.path(), OTHER, &store).unwrap();
        assert!(vault.card(one.summary.id).is_ok());
        drop(vault);
        Vault::recover(dir.path(), &code, &text(PASSPHRASE), &store).unwrap();
    }
}

#[test]
fn the_recovery_code_opens_a_vault_whose_keyring_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, code) = create(dir.path(), Mode::Keyring, &store);
    let one = card(1, 1);
    vault.write(|change| change.insert_card(&one)).unwrap();
    drop(vault);
    let code = RecoveryCode::parse(&code.expose()).unwrap();
    // Another computer: a keyring that never knew the vault. And many wrong passphrases before.
    for _ in 0..3 {
        open_with(dir.path(), OTHER, &store).unwrap_err();
    }
    let store = MemoryStore::default();
    let weak = Vault::recover(dir.path(), &code, &text("12345678"), &store);
    assert!(matches!(weak, Err(RecoverError::Weak(_))));
    let missing = Vault::recover(dir.path(), &code, &text(OTHER), &NoKeyring);
    assert!(matches!(
        missing,
        Err(RecoverError::Keyring(KeyringError::Missing))
    ));
    let vault = Vault::recover(dir.path(), &code, &text(OTHER), &store).unwrap();
    assert!(vault.card(one.summary.id).is_ok());
    drop(vault);
    assert!(
        open_with(dir.path(), OTHER, &store)
            .unwrap()
            .card(one.summary.id)
            .is_ok()
    );
}

#[test]
fn only_the_last_recovery_code_of_this_vault_opens_it() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, first) = create(dir.path(), Mode::Keyring, &store);
    let wrong = vault.make_recovery_code(&text(OTHER), &store);
    assert!(matches!(
        wrong,
        Err(ChangePassphraseError::Present(
            OpenError::WrongPassphrase { .. }
        ))
    ));
    let second = vault.make_recovery_code(&text(PASSPHRASE), &store).unwrap();
    drop(vault);
    for code in [&first, &RecoveryCode::make()] {
        let refused = Vault::recover(dir.path(), code, &text(OTHER), &store);
        assert!(matches!(refused, Err(RecoverError::WrongCode)));
    }
    assert!(open_with(dir.path(), PASSPHRASE, &store).is_ok());
    assert!(Vault::recover(dir.path(), &second, &text(OTHER), &store).is_ok());
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
fn an_absent_vault_is_said_to_be_absent() {
    let dir = tempfile::tempdir().unwrap();
    let refused = open_with(
        &dir.path().join("none"),
        PASSPHRASE,
        &MemoryStore::default(),
    );
    assert!(matches!(refused, Err(OpenError::File(FileError::Absent))));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn passphrases_are_no_debug_text() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    let secret: SecretString = text("marker passphrase here");
    let error = Vault::open(dir.path(), &secret, &store).unwrap_err();
    assert!(!format!("{error:?} {error}").contains("marker"));
}
