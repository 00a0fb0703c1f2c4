//! What opens a vault, and what does not.

use std::time::Duration;

use redb::Database;
use secrecy::SecretString;

use super::{OTHER, PASSPHRASE, card, create, text};
use crate::file::{FILE_NAME, FileError, now_millis};
use crate::keyring::{KeyringError, KeyringSecret, SecretStore};
use crate::migrate::SCHEMA;
use crate::{
    ChangePassphraseError, CreateError, MemoryStore, Mode, OpenError, Options, RecoverError,
    RecoveryCode, Status, Vault, Weakness,
};

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

pub(crate) fn open_with(
    dir: &std::path::Path,
    passphrase: &str,
    store: &dyn SecretStore,
) -> Result<Vault, OpenError> {
    Vault::open(dir, &text(passphrase), store)
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

/// Says that it kept a secret, and has another.
struct OtherKeyring;

impl SecretStore for OtherKeyring {
    fn read(&self, _: &str) -> Result<KeyringSecret, KeyringError> {
        Ok(KeyringSecret::make())
    }
    fn write(&self, _: &str, _: &KeyringSecret) -> Result<(), KeyringError> {
        Ok(())
    }
    fn delete(&self, _: &str) -> Result<(), KeyringError> {
        Ok(())
    }
}

/// Nobody could open such a vault again.
#[test]
fn a_keyring_that_does_not_keep_its_secret_makes_no_vault() {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::Keyring,
        demo: false,
    };
    let refused = Vault::create(dir.path(), &options, &OtherKeyring);
    assert!(matches!(
        refused,
        Err(CreateError::Keyring(KeyringError::OtherSecret))
    ));
    assert!(matches!(Vault::status(dir.path()), Ok(Status::Absent)));
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
    // Ahead of the computer's clock, which `status` reads: the wait is not over before it is looked at.
    let now = now_millis() + 600_000;
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
