//! From one schema to the next.

use secrecy::ExposeSecret;
use serde_json::json;

use super::{OTHER, PASSPHRASE, card, create, exposed, text};
use crate::change::Change;
use crate::file::now_millis;
use crate::migrate::{SCHEMA, Schema, Step};
use crate::{
    MemoryStore, Mode, OpenError, RecordError, RecoverError, RecoveryCode, Status, Vault, restore,
};

fn note(change: &mut Change<'_>) -> Result<(), RecordError> {
    change.set_setting("noted", json!(true))
}

fn fail(change: &mut Change<'_>) -> Result<(), RecordError> {
    change.set_setting("half done", json!(true))?;
    Err(RecordError::Unwritable)
}

fn fail_unseen(change: &mut Change<'_>) -> Result<(), RecordError> {
    let _ = change.remove_history(crate::Id::make());
    Ok(())
}

const THIRD: Schema = Schema {
    current: 3,
    steps: &[
        Step {
            from: 1,
            apply: note,
        },
        Step {
            from: 2,
            apply: note,
        },
    ],
};

fn open_as(
    dir: &std::path::Path,
    store: &MemoryStore,
    schema: &Schema,
) -> Result<Vault, OpenError> {
    Vault::open_as(dir, &text(PASSPHRASE), store, schema, now_millis())
}

#[test]
fn every_step_to_the_present_schema_is_known() {
    // The first schema ever written is 1.
    let known: Vec<u32> = SCHEMA.steps.iter().map(|step| step.from).collect();
    let needed: Vec<u32> = (1..SCHEMA.current).collect();
    assert_eq!(known, needed);
}

#[test]
fn an_older_vault_is_brought_up_to_date_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, code) = create(dir.path(), Mode::Keyring, &store);
    let one = card(1, 1);
    vault.write(|change| change.insert_card(&one)).unwrap();
    drop(vault);
    let vault = open_as(dir.path(), &store, &THIRD).unwrap();
    assert_eq!(vault.setting("noted").unwrap(), Some(json!(true)));
    assert!(vault.card(one.summary.id).is_ok());
    vault
        .write(|change| change.remove_setting("noted"))
        .unwrap();
    drop(vault);
    let vault = open_as(dir.path(), &store, &THIRD).unwrap();
    assert_eq!(vault.setting("noted").unwrap(), None);
    drop(vault);
    // The older program refuses it now, by name, whichever way it is asked.
    assert_eq!(
        Vault::status(dir.path()).unwrap(),
        Status::Newer { found: 3 }
    );
    let refused = open_as(dir.path(), &store, &SCHEMA);
    assert!(matches!(
        refused,
        Err(OpenError::File(crate::FileError::Newer {
            found: 3,
            known: 1
        }))
    ));
    let refused = Vault::recover(dir.path(), &code, &text(PASSPHRASE), &store);
    assert!(matches!(
        refused,
        Err(RecoverError::File(crate::FileError::Newer { .. }))
    ));
}

#[test]
fn a_step_that_fails_leaves_the_vault_as_it_was() {
    for steps in [
        &[
            Step {
                from: 1,
                apply: note,
            },
            Step {
                from: 2,
                apply: fail,
            },
        ],
        &[
            Step {
                from: 1,
                apply: note,
            },
            Step {
                from: 2,
                apply: fail_unseen,
            },
        ],
    ] {
        let dir = tempfile::tempdir().unwrap();
        let store = MemoryStore::default();
        drop(create(dir.path(), Mode::Keyring, &store));
        let refused = open_as(dir.path(), &store, &Schema { current: 3, steps });
        assert!(
            matches!(refused, Err(OpenError::Migration(_))),
            "{refused:?}"
        );
        let vault = open_as(dir.path(), &store, &SCHEMA).unwrap();
        assert!(vault.settings().unwrap().is_empty());
    }
}

#[test]
fn a_schema_without_a_way_to_the_present_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::Keyring, &store));
    let gap = Schema {
        current: 3,
        steps: &[Step {
            from: 2,
            apply: note,
        }],
    };
    let refused = open_as(dir.path(), &store, &gap);
    assert!(matches!(
        refused,
        Err(OpenError::File(crate::FileError::Damaged { .. }))
    ));
    assert!(open_as(dir.path(), &store, &SCHEMA).is_ok());
}

/// What the first program that wrote schema 1 left: every later one must read it.
#[test]
fn a_file_of_the_first_schema_still_opens() {
    let file = include_bytes!("../../fixtures/schema-1.redb");
    let store = MemoryStore::default();
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(crate::file::FILE_NAME), file).unwrap();
    let vault = Vault::open(dir.path(), &text(PASSPHRASE), &store).unwrap();
    check_fixture(&vault);
    drop(vault);
    let code = RecoveryCode::parse(&text("5MWE-YWP3-Q58T-TSV4-V68C-CBBM-QWHG")).unwrap();
    check_fixture(&Vault::recover(dir.path(), &code, &text(OTHER), &store).unwrap());
}

#[test]
fn a_backup_of_the_first_version_is_still_restored() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup.age");
    std::fs::write(&file, include_bytes!("../../fixtures/backup-1.age")).unwrap();
    let store = MemoryStore::default();
    let (restored, _) = restore(
        &file,
        &text(PASSPHRASE),
        &dir.path().join("vault"),
        &text(OTHER),
        Mode::Keyring,
        &store,
    )
    .unwrap();
    check_fixture(&restored.vault);
}

fn check_fixture(vault: &Vault) {
    assert!(vault.demo());
    let listed = vault.cards().unwrap().records;
    let found = vault.card(listed[0].id).unwrap();
    let made = card(1, 2);
    assert_eq!(found.details, made.details);
    assert_eq!(found.summary.issuer, made.summary.issuer);
    assert_eq!(found.copies.len(), 2);
    for (found, made) in found.copies.iter().zip(&made.copies) {
        assert_eq!(exposed(&found.key), exposed(&made.key));
        assert_eq!(
            found.credential.expose_secret(),
            made.credential.expose_secret()
        );
    }
    assert_eq!(vault.history().unwrap().records[0].kind, "added");
    assert_eq!(vault.setting("language").unwrap(), Some(json!("cy")));
}
