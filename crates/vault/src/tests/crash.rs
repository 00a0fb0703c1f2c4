//! Real processes: killed at any moment, and two at once.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use super::{OTHER, PASSPHRASE, card, create, line, text};
use crate::file::FileError;
use crate::{Id, MemoryStore, Mode, OpenError, Options, Status, Vault};

const FOLDER: &str = "CAIRN_VAULT_TEST_FOLDER";

/// Starts one of the programs below, each an ignored test of this same file.
fn start(program: &str, dir: &Path) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("tests::crash::{program}"),
            "--ignored",
            "--nocapture",
        ])
        .env(FOLDER, dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Lets it confirm `least` times, waits `further`, kills it; everything that it confirmed.
fn kill_after(
    (mut child, mut output): (Child, BufReader<ChildStdout>),
    least: usize,
    further: Duration,
) -> Vec<String> {
    let mut confirmed = Vec::new();
    let take = |line: &str, confirmed: &mut Vec<String>| {
        if let Some((_, word)) = line.trim_end().split_once("confirmed ") {
            confirmed.push(word.to_owned());
        }
    };
    while confirmed.len() < least {
        let mut line = String::new();
        assert_ne!(
            output.read_line(&mut line).unwrap(),
            0,
            "the child ended by itself"
        );
        take(&line, &mut confirmed);
    }
    std::thread::sleep(further);
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    // A line without its end was not confirmed.
    for line in rest
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
    {
        take(line, &mut confirmed);
    }
    confirmed
}

fn folder() -> std::path::PathBuf {
    std::env::var_os(FOLDER)
        .expect("started by another test")
        .into()
}

fn confirm(word: impl std::fmt::Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "confirmed {word}").unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_adds_cards() {
    let vault = Vault::open(&folder(), &text(PASSPHRASE), &MemoryStore::default()).unwrap();
    for number in 0..2_000_u32 {
        let card = card(u8::try_from(number % 200).unwrap(), 3);
        vault
            .write(|change| {
                change.insert_card(&card)?;
                change.add_history(&line("added"))
            })
            .unwrap();
        confirm(card.summary.id);
    }
}

#[test]
fn a_kill_while_adding_cards_loses_nothing_confirmed() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::PassphraseOnly, &store));
    let mut confirmed = Vec::new();
    for round in 0..20 {
        let child = start("program_that_adds_cards", dir.path());
        confirmed.extend(kill_after(child, 1, Duration::from_micros(round * 700)));
        let vault = Vault::open(dir.path(), &text(PASSPHRASE), &store).unwrap();
        let listed = vault.cards().unwrap();
        assert!(listed.damaged.is_empty());
        for id in &confirmed {
            let id: Id = id.parse().unwrap();
            assert!(
                listed.records.iter().any(|card| card.id == id),
                "round {round}"
            );
        }
        // At most one more a round: on the disk, but killed before it was said.
        assert!(listed.records.len() <= confirmed.len() + usize::try_from(round).unwrap() + 1);
        let history = vault.history().unwrap();
        assert_eq!(
            (history.records.len(), history.damaged.len()),
            (listed.records.len(), 0)
        );
        for card in &listed.records {
            assert_eq!(vault.card(card.id).unwrap().copies.len(), 3);
        }
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_changes_the_passphrase() {
    let store = MemoryStore::default();
    let dir = folder();
    let (first, second) = (text(PASSPHRASE), text(OTHER));
    let (vault, mut present) = match Vault::open(&dir, &first, &store) {
        Ok(vault) => (vault, 0),
        Err(_) => (Vault::open(&dir, &second, &store).unwrap(), 1),
    };
    for _ in 0..2_000 {
        let (from, to) = if present == 0 {
            (&first, &second)
        } else {
            (&second, &first)
        };
        vault.change_passphrase(from, to, &store).unwrap();
        present = 1 - present;
        confirm(present);
    }
}

#[test]
fn a_kill_while_changing_the_passphrase_leaves_one_of_the_two() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    drop(create(dir.path(), Mode::PassphraseOnly, &store));
    for round in 0..10 {
        let child = start("program_that_changes_the_passphrase", dir.path());
        let confirmed = kill_after(child, 1, Duration::from_micros(round * 900));
        let (last, next) = match confirmed.last().map(String::as_str) {
            Some("0") => (PASSPHRASE, OTHER),
            _ => (OTHER, PASSPHRASE),
        };
        // The one last confirmed, or the one that was under way.
        Vault::open(dir.path(), &text(last), &store)
            .or_else(|_| Vault::open(dir.path(), &text(next), &store))
            .unwrap();
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_makes_vaults() {
    let store = MemoryStore::default();
    let dir = folder();
    for number in 0..2_000 {
        let name = format!("vault-{number}");
        drop(create(&dir.join(&name), Mode::PassphraseOnly, &store));
        confirm(name);
    }
}

#[test]
fn a_kill_while_making_a_vault_leaves_a_whole_one_or_none() {
    for round in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let child = start("program_that_makes_vaults", dir.path());
        let confirmed = kill_after(child, 2, Duration::from_micros(round * 1_100));
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            match Vault::status(&path).unwrap() {
                Status::Absent => {
                    assert!(!confirmed.contains(&name));
                    // What was left behind is in nobody's way.
                    drop(create(&path, Mode::PassphraseOnly, &MemoryStore::default()));
                }
                Status::Locked { .. } => {
                    Vault::open(&path, &text(PASSPHRASE), &MemoryStore::default()).unwrap();
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
#[ignore = "a program that other tests start"]
fn program_that_holds_a_vault_open() {
    let _vault = Vault::open(&folder(), &text(PASSPHRASE), &MemoryStore::default()).unwrap();
    confirm("open");
    // Until the other side closes or kills.
    let _ = std::io::stdin().read(&mut [0]);
}

#[test]
fn the_second_process_is_told_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let store = MemoryStore::default();
    let (vault, code) = create(dir.path(), Mode::PassphraseOnly, &store);
    drop(vault);
    let (mut child, mut output) = start("program_that_holds_a_vault_open", dir.path());
    let mut line = String::new();
    while !line.contains("confirmed open") {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0);
    }
    let begun = Instant::now();
    for _ in 0..5 {
        let refused = Vault::open(dir.path(), &text(PASSPHRASE), &store);
        assert!(matches!(refused, Err(OpenError::File(FileError::InUse))));
    }
    assert_eq!(Vault::status(dir.path()).unwrap(), Status::InUse);
    assert!(Vault::recover(dir.path(), &code, &text(OTHER), &store).is_err());
    let options = Options {
        passphrase: &text(OTHER),
        mode: Mode::PassphraseOnly,
        demo: false,
    };
    assert!(Vault::create(dir.path(), &options, &store).is_err());
    // None of them waited for the other to end.
    assert!(begun.elapsed() < Duration::from_secs(30));
    child.kill().unwrap();
    child.wait().unwrap();
    Vault::open(dir.path(), &text(PASSPHRASE), &store).unwrap();
}
