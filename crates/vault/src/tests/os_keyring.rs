//! The real keyring of a Linux desktop, and none.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{PASSPHRASE, text};
use crate::{Mode, OpenError, Options, OsKeyring, SecretStore, Vault};

const FOLDER: &str = "CAIRN_VAULT_TEST_FOLDER";
const THIS: &str = "tests::os_keyring::";

fn program(name: &str) -> String {
    let this = std::env::current_exe().unwrap();
    format!("{} --exact {THIS}{name} --ignored", this.display())
}

/// Says that a program came to its end: a name that fits no program would succeed too.
fn came_to_its_end(name: &str) {
    std::fs::write(folder().with_file_name(name), "").unwrap();
}

/// Runs a command line in a home and session of its own; whether it succeeded, in 150 s at most.
fn run(line: &str, dir: &Path, wrap: &[&str]) -> bool {
    use std::os::unix::fs::DirBuilderExt;
    let runtime = dir.join("runtime");
    let _ = std::fs::DirBuilder::new().mode(0o700).create(&runtime);
    let (first, rest) = wrap.split_first().unwrap();
    Command::new(first)
        .args(rest)
        .args(["timeout", "150", "sh", "-c", line])
        .env("HOME", dir)
        .env("XDG_RUNTIME_DIR", &runtime)
        .env("XDG_DATA_HOME", dir.join("data"))
        .env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}/none", dir.display()),
        )
        .env("CAIRN_SERVICE", "Other")
        .env(FOLDER, dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap()
        .success()
}

fn installed(tool: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(tool).is_file()))
}

fn folder() -> std::path::PathBuf {
    let folder: std::path::PathBuf = std::env::var_os(FOLDER)
        .expect("started by another test")
        .into();
    folder.join("vault")
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_makes_and_opens_a_vault() {
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::Keyring,
        demo: false,
    };
    let (vault, _) = Vault::create(&folder(), &options, &OsKeyring).unwrap();
    let account = vault.id().to_string();
    drop(vault);
    drop(Vault::open(&folder(), &text(PASSPHRASE), &OsKeyring).unwrap());
    // Under the name that people can look for.
    let seen = Command::new("secret-tool")
        .args(["search", "service", "Cairn", "username", &account])
        .output();
    if let Ok(seen) = seen {
        assert!(String::from_utf8_lossy(&seen.stderr).contains(&account));
    }
    came_to_its_end("made");
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_loses_the_secret() {
    let Err(OpenError::WrongPassphrase { .. }) =
        Vault::open(&folder(), &text("no such words"), &OsKeyring)
    else {
        panic!("opened by another passphrase");
    };
    let vault = Vault::open(&folder(), &text(PASSPHRASE), &OsKeyring).unwrap();
    let account = vault.id().to_string();
    drop(vault);
    OsKeyring.delete(&account).unwrap();
    OsKeyring.delete(&account).unwrap();
    let refused = Vault::open(&folder(), &text(PASSPHRASE), &OsKeyring).unwrap_err();
    assert!(
        matches!(refused, OpenError::Keyring(crate::KeyringError::NoSecret)),
        "{refused:?}"
    );
    came_to_its_end("lost");
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_finds_a_locked_keyring() {
    let begun = Instant::now();
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::Keyring,
        demo: false,
    };
    let refused = Vault::create(&folder(), &options, &OsKeyring).map(|_| ());
    let Err(crate::CreateError::Keyring(error)) = refused else {
        panic!("{refused:?}");
    };
    assert!(!matches!(error, crate::KeyringError::TimedOut), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(40));
    came_to_its_end("locked");
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_finds_no_keyring() {
    let begun = Instant::now();
    let options = Options {
        passphrase: &text(PASSPHRASE),
        mode: Mode::Keyring,
        demo: false,
    };
    let refused = Vault::create(&folder(), &options, &OsKeyring).map(|_| ());
    let Err(crate::CreateError::Keyring(error)) = refused else {
        panic!("{refused:?}");
    };
    assert!(matches!(error, crate::KeyringError::Missing), "{error:?}");
    assert!(begun.elapsed() < Duration::from_secs(40));
    assert!(!folder().join(crate::file::FILE_NAME).exists());
    came_to_its_end("missing");
}

#[test]
fn a_vault_lives_in_a_real_keyring_across_processes() {
    if !(installed("dbus-run-session") && installed("gnome-keyring-daemon")) {
        eprintln!("skipped: dbus-run-session or gnome-keyring-daemon is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let line = format!(
        "eval \"$(printf words | gnome-keyring-daemon --unlock --components=secrets)\" && {} && {}",
        program("program_that_makes_and_opens_a_vault"),
        program("program_that_loses_the_secret"),
    );
    assert!(run(&line, dir.path(), &["dbus-run-session", "--"]));
    assert!(dir.path().join("made").exists() && dir.path().join("lost").exists());
}

#[test]
fn a_locked_keyring_is_an_error_in_time() {
    if !(installed("dbus-run-session") && installed("gnome-keyring-daemon")) {
        eprintln!("skipped: dbus-run-session or gnome-keyring-daemon is not installed");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    // Running, and nobody to unlock it.
    let line = format!(
        "gnome-keyring-daemon --start --components=secrets; {}",
        program("program_that_finds_a_locked_keyring"),
    );
    assert!(run(&line, dir.path(), &["dbus-run-session", "--"]));
    assert!(dir.path().join("locked").exists());
}

#[test]
fn without_a_keyring_there_is_an_error_in_time() {
    let dir = tempfile::tempdir().unwrap();
    let line = program("program_that_finds_no_keyring");
    assert!(run(&line, dir.path(), &["env"]));
    assert!(dir.path().join("missing").exists());
}
