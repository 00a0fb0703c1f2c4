//! Killed in the middle of writing, a hundred times: nothing is lost that was acknowledged.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ledger::comet::{Block, Chain};
use ledger::{SignedEvent, canonical};

use crate::world::{NOW, World};

const FOLDER: &str = "CAIRN_TEST_CHAIN";
const KILLS: u32 = 100;

fn read_events(folder: &Path) -> Vec<Vec<u8>> {
    let text = std::fs::read(folder.join("events")).unwrap();
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(<[u8]>::to_vec)
        .collect()
}

fn write_events(folder: &Path, count: usize) {
    let mut world = World::accredited(&["a"]);
    let control = world.controls[crate::world::ACCREDITOR].clone();
    let control = keys::SigningKey::from_pem(&control).unwrap();
    let mut lines: Vec<Vec<u8>> = world.events.drain(..).map(|event| bytes(&event)).collect();
    let first = world.event(
        crate::world::ACCREDITOR,
        World::withdraw_action("https://nobody.example"),
    );
    for number in 0..count {
        // Service registrations without keys are the cheapest to make.
        let id = format!("redirect_uri:https://desk{number}.example/back");
        let event = ledger::event::Event {
            sequence: first.sequence + number as u64,
            action: world.service_action(&id, Vec::new()),
            ..first.clone()
        };
        lines.push(bytes(&SignedEvent::sign(&event, &[&control]).unwrap()));
    }
    std::fs::write(folder.join("events"), lines.join(&b'\n')).unwrap();
}

fn bytes(event: &SignedEvent) -> Vec<u8> {
    canonical::value_to_bytes(event.to_value()).unwrap()
}

fn open(folder: &Path, events: &[Vec<u8>]) -> Chain {
    let mut chain = Chain::open(folder.join("chain")).unwrap();
    if chain.height() == 0 {
        chain.begin("test", &events[0], NOW).unwrap();
    }
    chain
}

/// The process that is killed: blocks without end, each said once it is on disk.
#[test]
#[ignore = "run by the other test, as a process of its own"]
fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let events = read_events(folder);
    let mut chain = open(folder, &events);
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready").unwrap();
    loop {
        let from = usize::try_from(chain.registry().size()).unwrap();
        let to = (from + 1 + from % 3).min(events.len());
        let block = Block {
            height: chain.height() + 1,
            hash: &[7; 32],
            time: NOW,
        };
        let given = events.get(from..to).unwrap_or(&[]);
        let done = chain
            .execute(&block, given.iter().map(Vec::as_slice))
            .unwrap();
        assert!(done.results.iter().all(Result::is_ok), "{:?}", done.results);
        chain.commit().unwrap();
        let (height, size) = (chain.height(), chain.registry().size());
        let hash = hex(&chain.app_hash());
        writeln!(out, "acknowledged {height} {size} {hash}").unwrap();
        out.flush().unwrap();
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    write_events(folder.path(), 1500);
    let events = read_events(folder.path());
    let mut last = (0_u64, 1_u64, String::new());
    for round in 0..KILLS {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "kill::writer", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.by_ref().any(|line| line.unwrap().ends_with("ready"));
        assert!(
            ready,
            "the writer could not open what was left (round {round})"
        );
        let mut said = Vec::new();
        for line in lines.by_ref().take(usize::try_from(round % 3).unwrap()) {
            said.push(line.unwrap());
        }
        // Somewhere in the middle of a write, at another point of it each time.
        std::thread::sleep(Duration::from_micros(u64::from(round) * 1237 % 30_000));
        child.kill().unwrap();
        said.extend(lines.map(Result::unwrap));
        for line in said {
            let parts: Vec<&str> = line.split(' ').collect();
            // The last line may be cut by the kill: it was not said then.
            if let ["acknowledged", height, size, hash] = parts.as_slice()
                && hash.len() == 64
            {
                last = (
                    height.parse().unwrap(),
                    size.parse().unwrap(),
                    (*hash).to_owned(),
                );
            }
        }
        child.wait().unwrap();
        let chain = open(folder.path(), &events);
        let (height, size) = (chain.height(), chain.registry().size());
        assert!(
            height >= last.0 && size >= last.1,
            "round {round}: {last:?}"
        );
        assert!(
            height <= last.0 + 1,
            "a block that was not said may be there, not two"
        );
        if height == last.0 && height > 0 {
            assert_eq!(hex(&chain.app_hash()), last.2);
        }
        last = (height, size, hex(&chain.app_hash()));
    }
    assert!(last.0 > u64::from(KILLS) / 2, "hardly anything was written");
}
