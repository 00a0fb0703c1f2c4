//! Out into a file, and back into a new vault.

use std::io::{Read, Write};
use std::path::Path;

use age::secrecy::SecretString as AgeSecret;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{OTHER, PASSPHRASE, card, create, exposed, line, text};
use crate::{
    BackUpError, BackupContents, MemoryStore, Mode, RestoreError, Restored, Status, Vault, restore,
};

const KEEP: &str = "bracken tunnel saffron gull";

fn filled(dir: &Path, store: &MemoryStore) -> Vault {
    let (vault, _) = create(dir, Mode::Keyring, store);
    let mut first = card(1, 3);
    first.copies[2].key = None;
    vault
        .write(|change| {
            change.insert_card(&first)?;
            change.insert_card(&card(2, 1))?;
            change.add_history(&line("first"))?;
            change.add_history(&line("second"))?;
            change.set_setting("language", json!("gd"))
        })
        .unwrap();
    vault
}

fn take(file: &Path, passphrase: &str, dir: &Path) -> Result<Restored, RestoreError> {
    let store = MemoryStore::default();
    restore(
        file,
        &text(passphrase),
        dir,
        &text(OTHER),
        Mode::Keyring,
        &store,
    )
    .map(|(restored, _)| restored)
}

/// The plaintext of an `age` file by its own library, as the public tool would read it.
fn plaintext(file: &Path) -> Value {
    let identity = age::scrypt::Identity::new(AgeSecret::from(KEEP));
    let bytes = age::decrypt(&identity, &std::fs::read(file).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

fn write_age(file: &Path, content: &[u8], work: u8) {
    let mut recipient = age::scrypt::Recipient::new(AgeSecret::from(KEEP));
    recipient.set_work_factor(work);
    std::fs::write(file, age::encrypt(&recipient, content).unwrap()).unwrap();
}

#[test]
fn everything_comes_back_in_a_new_vault() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = MemoryStore::default();
    let vault = filled(old.path(), &store);
    let shown = vault.cards().unwrap().records[1].clone();
    let copy = vault.card(shown.id).unwrap().copies[0].id;
    vault
        .write(|change| change.mark_shown(shown.id, copy))
        .unwrap();
    let file = old.path().join("backup.age");
    let contents = vault.back_up(&file, &text(KEEP)).unwrap();
    assert_eq!(
        contents,
        BackupContents {
            cards: 2,
            history: 2,
            demo: true
        }
    );

    let restored = take(&file, KEEP, new.path()).unwrap();
    assert_eq!(restored.contents, contents);
    let back = restored.vault;
    assert_ne!(back.id(), vault.id());
    assert!(back.demo());
    assert_eq!(back.cards().unwrap(), vault.cards().unwrap());
    assert_eq!(back.history().unwrap(), vault.history().unwrap());
    assert_eq!(back.settings().unwrap(), vault.settings().unwrap());
    for listed in back.cards().unwrap().records {
        let (back, there) = (
            back.card(listed.id).unwrap(),
            vault.card(listed.id).unwrap(),
        );
        assert_eq!(back.details, there.details);
        assert_eq!(back.copies.len(), there.copies.len());
        for (a, b) in back.copies.iter().zip(&there.copies) {
            assert_eq!(
                (a.id, a.shown, exposed(&a.key)),
                (b.id, b.shown, exposed(&b.key))
            );
            assert_eq!(a.credential.expose_secret(), b.credential.expose_secret());
        }
    }
    assert_eq!(back.cards().unwrap().records[1].unshown, 2);
}

#[test]
fn a_restored_vault_has_its_own_keys_and_code() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = MemoryStore::default();
    let vault = filled(old.path(), &store);
    let file = old.path().join("backup.age");
    vault.back_up(&file, &text(KEEP)).unwrap();
    let mode = Mode::PassphraseOnly;
    let (restored, code) =
        restore(&file, &text(KEEP), new.path(), &text(OTHER), mode, &store).unwrap();
    drop(restored);
    assert!(Vault::open(new.path(), &text(PASSPHRASE), &store).is_err());
    assert!(Vault::open(new.path(), &text(OTHER), &store).is_ok());
    assert!(Vault::recover(new.path(), &code, &text(PASSPHRASE), &store).is_ok());
}

#[test]
fn the_file_is_an_age_file_of_documented_content() {
    let dir = tempfile::tempdir().unwrap();
    let vault = filled(dir.path(), &MemoryStore::default());
    let file = dir.path().join("backup.age");
    vault.back_up(&file, &text(KEEP)).unwrap();
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"age-encryption.org/v1\n-> scrypt "));
    let content = plaintext(&file);
    let members: Vec<&String> = content.as_object().unwrap().keys().collect();
    assert_eq!(
        members,
        [
            "cairn_backup",
            "cards",
            "demo",
            "history",
            "made_at",
            "settings"
        ]
    );
    assert_eq!(content["cairn_backup"], 1);
    assert_eq!(content["cards"][1]["copies"][0]["key"], "01".repeat(32));
    assert_eq!(
        content["cards"][1]["copies"][0]["credential"],
        "marker-credential-1-0"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}

#[test]
fn no_backup_overwrites_or_is_weak_or_partial() {
    let dir = tempfile::tempdir().unwrap();
    let vault = filled(dir.path(), &MemoryStore::default());
    let file = dir.path().join("backup.age");
    std::fs::write(&file, "mine").unwrap();
    assert!(matches!(
        vault.back_up(&file, &text(KEEP)),
        Err(BackUpError::Exists)
    ));
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    let other = dir.path().join("other.age");
    assert!(matches!(
        vault.back_up(&other, &text("tr9vKq2m")),
        Err(BackUpError::Weak(_))
    ));
    assert!(matches!(
        vault.back_up(&dir.path().join("none/backup.age"), &text(KEEP)),
        Err(BackUpError::Io(_))
    ));
    let open = vault.opened().unwrap();
    let transaction = open.database.begin_write().unwrap();
    let id = vault.cards().unwrap().records[0].id;
    transaction
        .open_table(crate::sealed::CARDS.table)
        .unwrap()
        .insert(id.as_bytes(), [1_u8; 90].as_slice())
        .unwrap();
    transaction.commit().unwrap();
    drop(open);
    assert!(matches!(
        vault.back_up(&other, &text(KEEP)),
        Err(BackUpError::Record(_))
    ));
    vault.lock();
    assert!(matches!(
        vault.back_up(&other, &text(KEEP)),
        Err(BackUpError::Record(_))
    ));
    assert!(!other.exists());
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn nothing_is_restored_over_a_vault() {
    let dir = tempfile::tempdir().unwrap();
    let vault = filled(dir.path(), &MemoryStore::default());
    let file = dir.path().join("backup.age");
    vault.back_up(&file, &text(KEEP)).unwrap();
    assert!(matches!(
        take(&file, KEEP, dir.path()),
        Err(RestoreError::Exists)
    ));
    drop(vault);
    assert!(matches!(
        take(&file, KEEP, dir.path()),
        Err(RestoreError::Exists)
    ));
}

#[test]
fn every_bad_backup_has_its_name_and_makes_no_vault() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vault = filled(old.path(), &MemoryStore::default());
    let good = old.path().join("backup.age");
    vault.back_up(&good, &text(KEEP)).unwrap();
    let content = plaintext(&good);
    let file = new.path().join("bad.age");
    let dir = new.path().join("vault");
    let refuse = |passphrase: &str| {
        let refused = take(&file, passphrase, &dir).unwrap_err();
        assert_eq!(Vault::status(&dir).unwrap(), Status::Absent);
        refused
    };

    assert!(matches!(refuse(KEEP), RestoreError::Io(_)));
    let whole = std::fs::read(&good).unwrap();
    std::fs::write(&file, &whole).unwrap();
    assert!(matches!(refuse(OTHER), RestoreError::WrongPassphrase));
    for bytes in [
        &b"hello"[..],
        b"",
        &whole[..30],
        &whole[..whole.len() - 5],
        &whole[..whole.len() / 2],
    ] {
        std::fs::write(&file, bytes).unwrap();
        assert!(
            matches!(refuse(KEEP), RestoreError::NotABackup),
            "{} bytes",
            bytes.len()
        );
    }
    let mut changed = whole.clone();
    let last = changed.len() - 40;
    changed[last] ^= 1;
    std::fs::write(&file, &changed).unwrap();
    assert!(matches!(refuse(KEEP), RestoreError::NotABackup));

    // A work factor that would take hours: refused by its number, before any work.
    let header = String::from_utf8_lossy(&whole[..80]).into_owned();
    let asked = header.lines().nth(1).unwrap();
    let (stanza, _) = asked.rsplit_once(' ').unwrap();
    for costly in ["21", "40", "63"] {
        let mut bytes = b"age-encryption.org/v1\n".to_vec();
        bytes.extend_from_slice(format!("{stanza} {costly}").as_bytes());
        bytes.extend_from_slice(&whole[22 + asked.len()..]);
        std::fs::write(&file, bytes).unwrap();
        let begun = std::time::Instant::now();
        assert!(matches!(refuse(KEEP), RestoreError::TooCostly), "{costly}");
        assert!(begun.elapsed().as_secs() < 60);
    }

    // An age file for a key, not for a passphrase.
    let key = age::x25519::Identity::generate();
    std::fs::write(&file, age::encrypt(&key.to_public(), b"{}").unwrap()).unwrap();
    assert!(matches!(refuse(KEEP), RestoreError::NotABackup));

    let mut newer = content.clone();
    newer["cairn_backup"] = json!(2);
    newer["further"] = json!(1);
    write_age(&file, newer.to_string().as_bytes(), 8);
    let refused = refuse(KEEP);
    assert_eq!(
        refused.to_string(),
        "the backup is of version 2, this program knows up to 1"
    );

    let mut bad: Vec<Value> = vec![
        json!([]),
        json!({}),
        json!({"cairn_backup": 1}),
        json!(null),
    ];
    for (pointer, value) in [
        ("/cairn_backup", json!(0)),
        ("/cards/0/copies/0/key", json!("00")),
        ("/cards/0/copies/0/key", json!("zz".repeat(32))),
        ("/cards/0/copies/0/id", json!("1")),
        ("/cards/1", content["cards"][0].clone()),
        ("/history/1", content["history"][0].clone()),
        ("/history/1", json!({})),
        ("/cards/0", json!(7)),
    ] {
        let mut edited = content.clone();
        *edited.pointer_mut(pointer).unwrap() = value;
        bad.push(edited);
    }
    let mut further = content.clone();
    further["further"] = json!(1);
    bad.push(further);
    for content in bad {
        write_age(&file, content.to_string().as_bytes(), 8);
        assert!(matches!(refuse(KEEP), RestoreError::Content));
    }
    write_age(&file, "[".repeat(100_000).as_bytes(), 8);
    assert!(matches!(refuse(KEEP), RestoreError::Content));
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("large.age");
    // Sparse: it takes no room.
    std::fs::File::create(&file)
        .unwrap()
        .set_len(256 * 1024 * 1024 + 1)
        .unwrap();
    assert!(matches!(
        take(&file, KEEP, &dir.path().join("vault")),
        Err(RestoreError::TooLarge)
    ));
}

#[cfg(unix)]
#[test]
fn a_folder_is_no_backup() {
    let dir = tempfile::tempdir().unwrap();
    let refused = take(dir.path(), PASSPHRASE, &dir.path().join("new"));
    assert!(matches!(refused, Err(RestoreError::NotABackup)));
}

#[test]
fn a_weak_new_passphrase_restores_nothing() {
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = MemoryStore::default();
    let file = old.path().join("backup.age");
    filled(old.path(), &store)
        .back_up(&file, &text(KEEP))
        .unwrap();
    let refused = restore(
        &file,
        &text(KEEP),
        new.path(),
        &text("12345678"),
        Mode::Keyring,
        &store,
    );
    assert!(matches!(
        refused,
        Err(RestoreError::Create(crate::CreateError::Weak(_)))
    ));
    assert_eq!(Vault::status(new.path()).unwrap(), Status::Absent);
}

#[test]
fn the_public_tool_opens_it() {
    // Where an `age` of another hand is installed; the library's own reader is asked above.
    let tool = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path)
            .map(|dir| dir.join("age"))
            .find(|tool| tool.is_file())
    });
    let Some(tool) = tool else {
        eprintln!("skipped: no age program is installed");
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let vault = filled(dir.path(), &MemoryStore::default());
    let file = dir.path().join("backup.age");
    vault.back_up(&file, &text(KEEP)).unwrap();
    // It asks for the passphrase on a terminal only: `script` gives it one.
    let mut child = std::process::Command::new("script")
        .args([
            "-qec",
            &format!(
                "{} -d -o {} {}",
                tool.display(),
                dir.path().join("plain").display(),
                file.display()
            ),
            "/dev/null",
        ])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut asked = [0; 5];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut asked)
        .unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    child
        .stdin
        .as_mut()
        .unwrap()
        .write_all(format!("{KEEP}\r").as_bytes())
        .unwrap();
    let status = child.wait().unwrap();
    let plain: Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("plain")).unwrap()).unwrap();
    assert!(status.success());
    assert_eq!(plain["cairn_backup"], 1);
}
