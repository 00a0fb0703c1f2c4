//! Cards, copies, history and settings: stored, changed, deleted, damaged.

use redb::ReadableDatabase;
use secrecy::ExposeSecret;
use serde_json::json;

use super::{PASSPHRASE, card, create, exposed, line, text};
use crate::file::{FILE_NAME, FileError};
use crate::sealed::{CARDS, COPIES, HISTORY, Sealed};
use crate::{CardRecord, Id, MemoryStore, Mode, RecordError, Vault};

fn insert(vault: &Vault, card: &CardRecord) {
    vault
        .write(|change| {
            change.insert_card(card)?;
            change.add_history(&line("added"))
        })
        .unwrap();
}

#[test]
fn a_card_comes_back_as_it_was_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::Keyring, &store);
    let one = card(1, 3);
    insert(&vault, &one);
    drop(vault);
    let vault = Vault::open(dir.path(), &text(PASSPHRASE), &store).unwrap();
    assert!(vault.demo());
    let listed = vault.cards().unwrap();
    assert_eq!(listed.records.len(), 1);
    assert_eq!(
        (listed.records[0].copies, listed.records[0].unshown),
        (3, 3)
    );
    let found = vault.card(one.summary.id).unwrap();
    assert_eq!(found.summary, listed.records[0]);
    assert_eq!(found.details, one.details);
    for (found, stored) in found.copies.iter().zip(&one.copies) {
        assert_eq!(found.id, stored.id);
        assert_eq!(
            found.credential.expose_secret(),
            stored.credential.expose_secret()
        );
        assert_eq!(exposed(&found.key), exposed(&stored.key));
    }
    assert_eq!(vault.history().unwrap().records[0].kind, "added");
}

#[test]
fn showing_a_copy_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 2);
    insert(&vault, &one);
    let (id, copy) = (one.summary.id, one.copies[0].id);
    for _ in 0..2 {
        vault.write(|change| change.mark_shown(id, copy)).unwrap();
    }
    let found = vault.card(id).unwrap();
    assert_eq!((found.copies[0].shown, found.copies[1].shown), (2, 0));
    assert_eq!((found.summary.copies, found.summary.unshown), (2, 1));
    for unshown in [1, 2, 2] {
        vault.write(|change| change.unmark_shown(id, copy)).unwrap();
        assert_eq!(vault.card(id).unwrap().summary.unshown, unshown);
    }
    vault.write(|change| change.mark_shown(id, copy)).unwrap();
    let stranger = vault.write(|change| change.mark_shown(id, Id::make()));
    assert!(matches!(stranger, Err(RecordError::NotFound)));
    let more = card(1, 2).copies;
    vault.write(|change| change.add_copies(id, &more)).unwrap();
    let found = vault.card(id).unwrap();
    assert_eq!((found.summary.copies, found.summary.unshown), (4, 3));
    assert_eq!(found.copies[3].id, more[1].id);
}

#[test]
fn replacing_keeps_counts_and_copies() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 2);
    insert(&vault, &one);
    let mut summary = one.summary.clone();
    summary.verified_key = "rotated".into();
    let mut details = one.details.clone();
    details.extra = json!({"status": "valid"});
    vault
        .write(|change| {
            change.replace_summary(&summary)?;
            change.replace_details(summary.id, &details)
        })
        .unwrap();
    let found = vault.card(summary.id).unwrap();
    assert_eq!(found.summary.verified_key, "rotated");
    assert_eq!((found.summary.copies, found.copies.len()), (2, 2));
    assert_eq!(found.details, details);
    summary.id = Id::make();
    for wrong in [
        vault.write(|change| change.replace_summary(&summary)),
        vault.write(|change| change.replace_details(summary.id, &details)),
        vault.write(|change| change.remove_card(summary.id)),
        vault.write(|change| change.remove_history(summary.id)),
        vault.write(|change| change.replace_history(&line("x"))),
        vault.card(summary.id).map(|_| ()),
    ] {
        assert!(matches!(wrong, Err(RecordError::NotFound)));
    }
}

#[test]
fn deleting_a_card_deletes_its_copies() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let (one, two) = (card(1, 3), card(2, 2));
    insert(&vault, &one);
    insert(&vault, &two);
    vault
        .write(|change| change.remove_card(one.summary.id))
        .unwrap();
    assert_eq!(ids(&vault, COPIES).len(), 2);
    assert_eq!(vault.cards().unwrap().records[0].id, two.summary.id);
    assert_eq!(vault.card(two.summary.id).unwrap().copies.len(), 2);
}

#[test]
fn nothing_of_a_failed_change_happens() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 1);
    insert(&vault, &one);
    let mut second = card(2, 1);
    second.copies[0].id = one.copies[0].id;
    let refused = vault.write(|change| change.insert_card(&second));
    assert!(matches!(refused, Err(RecordError::Exists)));
    // Also where the caller passes over the failure.
    let refused = vault.write(|change| {
        let _ = change.insert_card(&second);
        change.add_history(&line("added"))
    });
    assert!(matches!(refused, Err(RecordError::Abandoned)));
    // Looking for what is not there fails nothing.
    vault
        .write(|change| {
            assert!(change.card_summary(Id::make()).is_err());
            assert!(change.history_record(Id::make()).is_err());
            change.set_setting("looked", json!(true))
        })
        .unwrap();
    // Or fails for a reason of its own.
    let refused: Result<(), RecordError> = vault.write(|change| {
        change.insert_card(&card(3, 1))?;
        Err(RecordError::NotFound)
    });
    assert!(refused.is_err());
    assert!(matches!(
        vault.write(|change| change.insert_card(&one)),
        Err(RecordError::Exists)
    ));
    assert_eq!(vault.cards().unwrap().records.len(), 1);
    assert_eq!(vault.history().unwrap().records.len(), 1);
}

#[test]
fn history_keeps_its_order() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let lines = ["first", "second", "third"].map(line);
    for one in &lines {
        vault.write(|change| change.add_history(one)).unwrap();
    }
    let mut second = lines[1].clone();
    second.kind = "changed".into();
    vault
        .write(|change| change.replace_history(&second))
        .unwrap();
    vault
        .write(|change| change.remove_history(lines[0].id))
        .unwrap();
    let again = vault.write(|change| change.add_history(&lines[2]));
    assert!(matches!(again, Err(RecordError::Exists)));
    let kinds: Vec<String> = vault
        .history()
        .unwrap()
        .records
        .into_iter()
        .map(|l| l.kind)
        .collect();
    assert_eq!(kinds, ["third", "changed"]);
}

#[test]
fn settings_are_kept_and_forgotten() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    assert_eq!(vault.setting("language").unwrap(), None);
    vault
        .write(|change| {
            change.set_setting("language", json!("cy"))?;
            change.set_setting("lock_after", json!(300))
        })
        .unwrap();
    vault
        .write(|change| change.remove_setting("lock_after"))
        .unwrap();
    assert_eq!(vault.setting("language").unwrap(), Some(json!("cy")));
    assert_eq!(vault.settings().unwrap().len(), 1);
}

#[test]
fn a_locked_vault_gives_nothing_and_frees_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::Keyring, &store);
    vault.lock();
    assert!(vault.is_locked());
    assert!(matches!(vault.cards(), Err(RecordError::Locked)));
    assert!(matches!(vault.card(Id::make()), Err(RecordError::Locked)));
    assert!(matches!(
        vault.write(|change| change.add_history(&line("x"))),
        Err(RecordError::Locked)
    ));
    Vault::open(dir.path(), &text(PASSPHRASE), &store).unwrap();
}

#[test]
fn a_record_that_is_too_large_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let mut one = card(1, 1);
    one.copies[0].credential = text(&"x".repeat(4 * 1024 * 1024));
    let refused = vault.write(|change| change.insert_card(&one));
    assert!(matches!(refused, Err(RecordError::TooLarge { .. })));
    assert!(vault.cards().unwrap().records.is_empty());
}

/// Changes stored bytes behind the vault's back.
fn tamper(
    vault: &Vault,
    table: Sealed,
    edit: impl FnOnce(&mut redb::Table<'_, &'static [u8; 16], &'static [u8]>),
) {
    let open = vault.opened().unwrap();
    let transaction = open.database.begin_write().unwrap();
    edit(&mut transaction.open_table(table.table).unwrap());
    transaction.commit().unwrap();
}

fn ids(vault: &Vault, table: Sealed) -> Vec<Id> {
    use redb::ReadableTable;
    let open = vault.opened().unwrap();
    let transaction = open.database.begin_read().unwrap();
    let rows = transaction.open_table(table.table).unwrap();
    rows.iter()
        .unwrap()
        .map(|row| Id::from_bytes(*row.unwrap().0.value()))
        .collect()
}

fn stored(vault: &Vault, table: Sealed, id: Id) -> Vec<u8> {
    let open = vault.opened().unwrap();
    let transaction = open.database.begin_read().unwrap();
    let rows = transaction.open_table(table.table).unwrap();
    rows.get(id.as_bytes()).unwrap().unwrap().value().to_vec()
}

#[test]
fn a_damaged_record_is_named_and_hides_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let (one, two) = (card(1, 1), card(2, 1));
    insert(&vault, &one);
    insert(&vault, &two);
    let whole = stored(&vault, CARDS, one.summary.id);
    for place in [0, 1, 25, whole.len() - 1] {
        let mut bytes = whole.clone();
        bytes[place] ^= 1;
        tamper(&vault, CARDS, |rows| {
            rows.insert(one.summary.id.as_bytes(), bytes.as_slice())
                .unwrap();
        });
        let listed = vault.cards().unwrap();
        assert_eq!(listed.damaged, [one.summary.id], "byte {place}");
        assert_eq!(listed.records.len(), 1);
    }
    for short in [0, 1, 20, 41, 60] {
        tamper(&vault, CARDS, |rows| {
            rows.insert(one.summary.id.as_bytes(), &whole[..short])
                .unwrap();
        });
        assert_eq!(vault.cards().unwrap().damaged, [one.summary.id]);
    }
    let error = vault.card(one.summary.id).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("record {} of cards is damaged", one.summary.id)
    );
    assert!(vault.card(two.summary.id).is_ok());
    vault
        .write(|change| change.remove_card(one.summary.id))
        .unwrap();
    assert!(vault.cards().unwrap().damaged.is_empty());
}

#[test]
fn a_record_cannot_be_moved() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, _) = create(dir.path(), Mode::Keyring, &store);
    let (one, two) = (card(1, 1), card(2, 1));
    insert(&vault, &one);
    insert(&vault, &two);
    // To another id of the same table.
    let bytes = stored(&vault, COPIES, one.copies[0].id);
    tamper(&vault, COPIES, |rows| {
        rows.insert(two.copies[0].id.as_bytes(), bytes.as_slice())
            .unwrap();
    });
    assert!(matches!(
        vault.card(two.summary.id),
        Err(RecordError::Damaged {
            table: "copies",
            ..
        })
    ));
    // To another table.
    let bytes = stored(&vault, CARDS, one.summary.id);
    tamper(&vault, HISTORY, |rows| {
        rows.insert(one.summary.id.as_bytes(), bytes.as_slice())
            .unwrap();
    });
    assert_eq!(vault.history().unwrap().damaged, [one.summary.id]);
    // To another vault.
    let other = tempfile::tempdir().unwrap();
    let (elsewhere, _) = create(other.path(), Mode::Keyring, &store);
    tamper(&elsewhere, CARDS, |rows| {
        rows.insert(one.summary.id.as_bytes(), bytes.as_slice())
            .unwrap();
    });
    assert_eq!(elsewhere.cards().unwrap().damaged, [one.summary.id]);
}

#[test]
fn a_copy_that_is_gone_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 2);
    insert(&vault, &one);
    tamper(&vault, COPIES, |rows| {
        rows.remove(one.copies[1].id.as_bytes()).unwrap();
    });
    assert!(matches!(
        vault.card(one.summary.id),
        Err(RecordError::Damaged { .. })
    ));
}

#[test]
fn nothing_personal_stands_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 1);
    insert(&vault, &one);
    vault
        .write(|change| change.set_setting("marker-setting", json!("marker")))
        .unwrap();
    drop(vault);
    let bytes = std::fs::read(dir.path().join(FILE_NAME))
        .unwrap()
        .to_ascii_lowercase();
    for word in [
        "marker",
        "given_name",
        "dc+sd-jwt",
        "issuer.example",
        "added",
        PASSPHRASE,
    ] {
        assert!(
            !bytes
                .windows(word.len())
                .any(|window| window == word.as_bytes()),
            "{word}"
        );
    }
}

#[test]
fn debug_and_errors_tell_nothing_personal() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let one = card(1, 1);
    insert(&vault, &one);
    let shown = format!(
        "{vault:?} {one:?} {:?} {:?} {:?}",
        one.summary, one.details, one.copies
    );
    let shown = format!("{shown} {:?} {:?}", vault.cards(), vault.history());
    for word in ["arker", "given_name", "dc+sd-jwt", "issuer.example"] {
        assert!(!shown.contains(word), "{word} in {shown}");
    }
    let error = RecordError::from(FileError::InUse);
    assert_eq!(error.to_string(), "the vault is open in another program");
}

#[test]
fn a_copy_that_is_bound_to_no_key_stays_without_one() {
    let dir = tempfile::tempdir().unwrap();
    let (vault, _) = create(dir.path(), Mode::Keyring, &MemoryStore::default());
    let mut stored = card(1, 2);
    stored.copies[1].key = crate::HolderKey::from_slice(&[0; 32]);
    assert!(stored.copies[1].key.is_none(), "zeros are no key");
    vault.write(|change| change.insert_card(&stored)).unwrap();
    let found = vault.card(stored.summary.id).unwrap();
    assert!(found.copies[0].key.is_some());
    assert!(found.copies[1].key.is_none());
}
