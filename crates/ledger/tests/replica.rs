//! Updates that are refused by name, and what survives a kill.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use std::path::Path;

use keys::SigningKey;
use ledger::event::GOVERNANCE;
use ledger::{
    FolderSource, Log, LogError, OperatorKeys, Pin, Replica, StoreError, StoredReplica, Update,
    advance, verify_folder,
};
use proptest::prelude::*;
use world::folder::copy_folder;
use world::{ACCREDITOR, DAY, NOW, World};

struct Ledger {
    folder: tempfile::TempDir,
    keys: OperatorKeys,
    world: World,
}

impl Ledger {
    fn new() -> Self {
        let mut ledger = Self {
            folder: tempfile::tempdir().unwrap(),
            keys: OperatorKeys {
                log: SigningKey::make_ed25519(),
                operator: SigningKey::make_ed25519(),
            },
            world: World::accredited(&["*"]),
        };
        let events = std::mem::take(&mut ledger.world.events);
        let (genesis, rest) = events.split_first().unwrap();
        let mut log = Log::create(ledger.path(), genesis.clone(), &ledger.keys, NOW).unwrap();
        log.append(rest.to_vec(), &ledger.keys, NOW).unwrap();
        ledger
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn grow(&mut self, count: usize) {
        for _ in 0..count {
            let key = SigningKey::make_ed25519();
            let id = format!("https://{}.example", key.public().thumbprint());
            let action = self.world.issuer_action(&id, &["a"], &key);
            self.world.submit(ACCREDITOR, action).unwrap();
        }
        let events = std::mem::take(&mut self.world.events);
        let mut log = Log::open(self.path()).unwrap();
        log.append(events, &self.keys, NOW).unwrap();
    }

    fn pin(&self) -> Pin {
        Pin::parse(&std::fs::read(self.path().join("pin.json")).unwrap()).unwrap()
    }

    fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(self.path(), copy.path()).unwrap();
        copy
    }
}

async fn sync(replica: &mut StoredReplica, folder: &Path) -> Result<u64, StoreError> {
    let source = FolderSource::new(folder);
    replica.sync(&source, NOW).await.map(|synced| synced.after)
}

fn open(folder: &Path, pin: Pin) -> StoredReplica {
    StoredReplica::open(folder, pin).unwrap()
}

/// The one bundle of a log of fewer than 256 entries.
fn bundle(folder: &Path, size: u64) -> std::path::PathBuf {
    folder.join(format!("tile/entries/000.p/{size}"))
}

#[tokio::test]
async fn a_replica_follows_across_tiles_and_restarts() {
    let mut ledger = Ledger::new();
    let home = tempfile::tempdir().unwrap();
    let mut sizes = Vec::new();
    for count in [1, 250, 5, 260] {
        ledger.grow(count);
        let mut replica = open(home.path(), ledger.pin());
        sizes.push(sync(&mut replica, ledger.path()).await.unwrap());
        let leaf = replica.entry(replica.replica().size() - 1).unwrap();
        assert!(leaf.is_some());
    }
    assert_eq!(sizes, [3, 253, 258, 518]);
    let replica = open(home.path(), ledger.pin());
    let whole = verify_folder(ledger.path()).unwrap();
    assert_eq!(replica.replica().root(), whole.root());
    assert_eq!(
        replica.replica().registry().state(),
        whole.registry().state()
    );
    let (text, proof) = whole.registry().prove(ACCREDITOR);
    let state = whole.registry().state();
    proof
        .verify_presence(&state, ACCREDITOR.as_bytes(), &text.unwrap())
        .unwrap();
    let (text, proof) = whole.registry().prove("https://nobody.example");
    assert!(text.is_none());
    proof
        .verify_absence(&state, b"https://nobody.example")
        .unwrap();
    let (text, proof) = whole.registry().prove(GOVERNANCE);
    proof
        .verify_presence(&state, GOVERNANCE.as_bytes(), &text.unwrap())
        .unwrap();
}

#[tokio::test]
async fn a_rollback_is_refused_and_kept_as_evidence() {
    let mut ledger = Ledger::new();
    let older = ledger.copy();
    ledger.grow(2);
    let home = tempfile::tempdir().unwrap();
    let mut replica = open(home.path(), ledger.pin());
    sync(&mut replica, ledger.path()).await.unwrap();
    for _ in 0..3 {
        let error = sync(&mut replica, older.path()).await.unwrap_err();
        assert_eq!(error.name(), "rollback");
    }
    assert_eq!(replica.replica().size(), 4);
    assert_eq!(replica.evidence().unwrap().len(), 2);
    assert_eq!(open(home.path(), ledger.pin()).replica().size(), 4);
}

#[tokio::test]
async fn a_split_view_is_refused_at_any_size() {
    for (ours, theirs) in [(1, 1), (1, 3), (254, 300)] {
        let mut ledger = Ledger::new();
        let fork = ledger.copy();
        let state = ledger.world.registry.clone();
        ledger.grow(ours);
        let home = tempfile::tempdir().unwrap();
        let mut replica = open(home.path(), ledger.pin());
        sync(&mut replica, ledger.path()).await.unwrap();
        // The operator appends other events to the fork.
        ledger.world.registry = state;
        let mut other = Ledger {
            folder: fork,
            keys: ledger.keys,
            world: ledger.world,
        };
        other.grow(theirs);
        let error = sync(&mut replica, other.path()).await.unwrap_err();
        assert_eq!(error.name(), "split_view", "{ours} {theirs}");
        assert_eq!(replica.evidence().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_changed_event_is_forged() {
    let mut ledger = Ledger::new();
    ledger.grow(1);
    let path = bundle(ledger.path(), 3);
    let mut bytes = std::fs::read(&path).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let home = tempfile::tempdir().unwrap();
    let error = sync(&mut open(home.path(), ledger.pin()), ledger.path())
        .await
        .unwrap_err();
    assert_eq!(error.name(), "forged_event");
    let Err(error) = verify_folder(ledger.path()) else {
        panic!("the forged event was taken")
    };
    assert_eq!(error.name(), "forged_event");
}

/// An operator who signs a log with an event that nobody entitled signed.
#[test]
fn an_operator_cannot_forge() {
    let mut ledger = Ledger::new();
    let stranger = SigningKey::make_ed25519();
    let action = ledger
        .world
        .issuer_action("https://b.example", &["a"], &SigningKey::make_p256());
    let event = ledger.world.event(ACCREDITOR, action);
    let signed = ledger::SignedEvent::sign(&event, &[&stranger]).unwrap();
    let mut log = Log::open(ledger.path()).unwrap();
    let error = log
        .append(vec![signed.clone()], &ledger.keys, NOW)
        .unwrap_err();
    assert_eq!(error.name(), "forged_event");
    drop(log);
    // The same, past the log's own rules: the checkpoint is good, the entry is not.
    let update = signed_update(&mut ledger, signed);
    let whole = verify_folder(ledger.path()).unwrap();
    let error = advance(&whole, &update, NOW).err().unwrap();
    assert_eq!(error.name(), "forged_event");
    let error = advance(&Replica::new(ledger.pin()), &update, NOW)
        .err()
        .unwrap();
    assert_eq!(error.name(), "forged_event");
}

/// The event is in order, and what the entry says of the state after it is not.
#[test]
fn an_entry_that_misstates_the_state_is_refused() {
    let mut ledger = Ledger::new();
    let action = ledger
        .world
        .issuer_action("https://b.example", &["a"], &SigningKey::make_p256());
    let event = ledger.world.event(ACCREDITOR, action);
    let control = SigningKey::from_pem(&ledger.world.controls[ACCREDITOR]).unwrap();
    let signed = ledger::SignedEvent::sign(&event, &[&control]).unwrap();
    // It states the state before the event.
    let update = signed_update(&mut ledger, signed);
    let whole = verify_folder(ledger.path()).unwrap();
    for replica in [whole, Replica::new(ledger.pin())] {
        let error = advance(&replica, &update, NOW).err().unwrap();
        assert_eq!(error.name(), "wrong_state");
    }
}

#[test]
fn another_ledgers_event_and_a_replayed_one_are_refused() {
    let mut ledger = Ledger::new();
    ledger.grow(1);
    let whole = verify_folder(ledger.path()).unwrap();
    let entries = std::fs::read(bundle(ledger.path(), 3)).unwrap();
    let entries = ledger::tile::decode_bundle(&entries, 3).unwrap();
    let last = ledger::Leaf::parse(entries[2]).unwrap().event;
    let update = signed_update(&mut ledger, last);
    let error = advance(&whole, &update, NOW).err().unwrap();
    assert_eq!(error.name(), "replayed_event");
    let mut other = World::accredited(&["*"]);
    let action = other.issuer_action("https://b.example", &["a"], &SigningKey::make_p256());
    other.submit(ACCREDITOR, action).unwrap();
    let control = SigningKey::from_pem(&ledger.world.controls[ACCREDITOR]).unwrap();
    let foreign = other.events.pop().unwrap();
    let foreign = ledger::SignedEvent::sign(foreign.event(), &[&control]).unwrap();
    let update = signed_update(&mut ledger, foreign);
    let error = advance(&whole, &update, NOW).err().unwrap();
    assert_eq!(error.name(), "wrong_ledger");
}

/// The update from nothing to this ledger, under a checkpoint that says and is signed as asked.
fn update_under(ledger: &Ledger, text: &str, signers: &[ledger::note::NoteSigner<'_>]) -> Update {
    let size = verify_folder(ledger.path()).unwrap().size();
    let kept = std::fs::read(bundle(ledger.path(), size)).unwrap();
    let entries = ledger::tile::decode_bundle(&kept, size).unwrap();
    Update {
        checkpoint: ledger::note::sign(text, signers).unwrap(),
        tiles: vec![ledger::Tile {
            position: 0,
            hashes: entries
                .iter()
                .flat_map(|entry| ledger::merkle::leaf_hash(entry))
                .collect(),
            entries: kept,
        }],
    }
}

#[test]
fn a_checkpoint_is_the_logs_own_and_of_this_ledger() {
    use ledger::checkpoint::Checkpoint;
    use ledger::note::NoteSigner;
    let ledger = Ledger::new();
    let whole = verify_folder(ledger.path()).unwrap();
    let pin = ledger.pin();
    let of = |origin: &str, size: u64| {
        let checkpoint = Checkpoint {
            origin: origin.to_owned(),
            size,
            root: whole.root(),
        };
        checkpoint.to_text()
    };
    let log = || NoteSigner::log(pin.origin(), &ledger.keys.log).unwrap();
    let operator = |at| NoteSigner::cosigner(pin.origin(), &ledger.keys.operator, at).unwrap();
    let refused = |text: &str, signers: &[NoteSigner<'_>]| {
        let update = update_under(&ledger, text, signers);
        let error = advance(&Replica::new(ledger.pin()), &update, NOW).err();
        error.map(|error| error.name())
    };
    let good = of(pin.origin(), whole.size());
    assert_eq!(refused(&good, &[log(), operator(NOW)]), None);
    assert_eq!(refused(&good, &[operator(NOW)]), Some("wrong_signature"));
    assert_eq!(refused(&good, &[log()]), Some("not_attested"));
    let other = of("cairn-ledger/other", whole.size());
    let both = || [log(), operator(NOW)];
    assert_eq!(refused(&other, &both()), Some("wrong_origin"));
    let large = of(pin.origin(), ledger::MAX_ENTRIES + 1);
    assert_eq!(refused(&large, &both()), Some("too_large"));
    assert_eq!(refused(&of(pin.origin(), 0), &both()), Some("wrong_ledger"));
    // Signed before what it holds was there.
    let early = [log(), operator(NOW - DAY)];
    assert_eq!(refused(&good, &early), Some("time_ahead"));
}

/// The same operator's other ledger, under this one's name.
#[test]
fn the_entries_of_another_ledger_are_not_this_ledgers() {
    use ledger::checkpoint::Checkpoint;
    use ledger::note::NoteSigner;
    let (ledger, other) = (Ledger::new(), Ledger::new());
    let whole = verify_folder(other.path()).unwrap();
    let pin = ledger.pin();
    let text = Checkpoint {
        origin: pin.origin().to_owned(),
        size: whole.size(),
        root: whole.root(),
    }
    .to_text();
    let log = NoteSigner::log(pin.origin(), &ledger.keys.log).unwrap();
    let operator = NoteSigner::cosigner(pin.origin(), &ledger.keys.operator, NOW).unwrap();
    let update = update_under(&other, &text, &[log, operator]);
    let error = advance(&Replica::new(pin), &update, NOW).err().unwrap();
    assert_eq!(error.name(), "wrong_ledger");
}

/// What an operator would publish who appended an event without looking at the rules.
fn signed_update(ledger: &mut Ledger, event: ledger::SignedEvent) -> Update {
    use ledger::checkpoint::Checkpoint;
    use ledger::merkle::{Tree, leaf_hash};
    use ledger::note::{NoteSigner, sign};
    let whole = verify_folder(ledger.path()).unwrap();
    let size = whole.size();
    let kept = std::fs::read(bundle(ledger.path(), size)).unwrap();
    let mut entries: Vec<Vec<u8>> = ledger::tile::decode_bundle(&kept, size)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect();
    let leaf = ledger::Leaf {
        time: NOW,
        event,
        state: whole.registry().state(),
    };
    entries.push(leaf.to_bytes().unwrap());
    let mut tree = Tree::default();
    for entry in &entries {
        tree.push(leaf_hash(entry));
    }
    let pin = ledger.pin();
    let text = Checkpoint {
        origin: pin.origin().to_owned(),
        size: tree.size(),
        root: tree.root(),
    }
    .to_text();
    let log = NoteSigner::log(pin.origin(), &ledger.keys.log).unwrap();
    let operator = NoteSigner::cosigner(pin.origin(), &ledger.keys.operator, NOW).unwrap();
    Update {
        checkpoint: sign(&text, &[log, operator]).unwrap(),
        tiles: vec![ledger::Tile {
            position: 0,
            hashes: entries.iter().flat_map(|entry| leaf_hash(entry)).collect(),
            entries: ledger::tile::encode_bundle(entries.iter().map(Vec::as_slice)).unwrap(),
        }],
    }
}

#[tokio::test]
async fn a_truncated_or_missing_tile_is_named() {
    for (path, cut, name) in [
        ("tile/entries/000.p/3", 1, "truncated_tile"),
        ("tile/entries/000.p/3", 400, "truncated_tile"),
        ("tile/0/000.p/3", 1, "truncated_tile"),
        ("tile/entries/000.p/3", usize::MAX, "missing_tile"),
        ("tile/0/000.p/3", usize::MAX, "missing_tile"),
    ] {
        let mut ledger = Ledger::new();
        ledger.grow(1);
        let file = ledger.path().join(path);
        if cut == usize::MAX {
            std::fs::remove_file(&file).unwrap();
        } else {
            let bytes = std::fs::read(&file).unwrap();
            std::fs::write(&file, &bytes[..bytes.len() - cut]).unwrap();
        }
        let home = tempfile::tempdir().unwrap();
        let mut replica = open(home.path(), ledger.pin());
        let error = sync(&mut replica, ledger.path()).await.unwrap_err();
        assert_eq!(error.name(), name, "{path} {cut}");
        assert_eq!(replica.replica().size(), 0);
        let error = verify_folder(ledger.path()).err().unwrap();
        assert_eq!(error.name(), name, "{path} {cut}");
    }
}

#[tokio::test]
async fn a_hash_tile_that_disagrees_is_refused() {
    let ledger = Ledger::new();
    std::fs::write(ledger.path().join("tile/0/000.p/2"), [0; 64]).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut replica = open(home.path(), ledger.pin());
    let error = sync(&mut replica, ledger.path()).await.unwrap_err();
    assert_eq!(error.name(), "wrong_tile");
}

#[tokio::test]
async fn another_ledger_is_refused() {
    let (ledger, other) = (Ledger::new(), Ledger::new());
    let home = tempfile::tempdir().unwrap();
    let mut replica = open(home.path(), ledger.pin());
    let error = sync(&mut replica, other.path()).await.unwrap_err();
    assert_eq!(error.name(), "wrong_signature");
    sync(&mut replica, ledger.path()).await.unwrap();
    let error = StoredReplica::open(home.path(), other.pin()).err().unwrap();
    assert_eq!(error.name(), "other_ledger");
}

#[tokio::test]
async fn witnesses_are_counted_by_key() {
    use ledger::note::{NoteSigner, open as open_note};
    let ledger = Ledger::new();
    let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
    let key = |name, key| {
        NoteSigner::cosigner(name, key, NOW)
            .unwrap()
            .verifier()
            .clone()
    };
    let witnesses = vec![key("w/1", &one), key("w/2", &two)];
    let pin = ledger.pin().with_witnesses(witnesses, 1).unwrap();
    let source = FolderSource::new(ledger.path());
    let home = tempfile::tempdir().unwrap();
    let error = open(home.path(), pin.clone())
        .sync(&source, NOW)
        .await
        .unwrap_err();
    assert_eq!(error.name(), "too_few_witnesses");
    let note = std::fs::read(ledger.path().join("checkpoint")).unwrap();
    let opened = open_note(&note, &[pin.log().unwrap().clone()]).unwrap();
    let text = String::from_utf8(opened.text).unwrap();
    let signers = [
        NoteSigner::log(pin.origin(), &ledger.keys.log).unwrap(),
        NoteSigner::cosigner(pin.origin(), &ledger.keys.operator, NOW).unwrap(),
        NoteSigner::cosigner("w/2", &two, NOW).unwrap(),
    ];
    let note = ledger::note::sign(&text, &signers).unwrap();
    std::fs::write(ledger.path().join("checkpoint"), note).unwrap();
    open(home.path(), pin).sync(&source, NOW).await.unwrap();
    // The same key under two names, or the operator's own, is no second witness.
    for same in [
        vec![key("w/1", &one), key("w/2", &one)],
        vec![key("w", &ledger.keys.operator)],
    ] {
        assert!(ledger.pin().with_witnesses(same, 1).is_err());
    }
}

#[tokio::test]
async fn attestations_move_the_age_and_never_back() {
    let ledger = Ledger::new();
    let home = tempfile::tempdir().unwrap();
    let mut replica = open(home.path(), ledger.pin());
    for (time, attested) in [(NOW + DAY, NOW + DAY), (NOW + 1, NOW + DAY)] {
        Log::open(ledger.path())
            .unwrap()
            .attest(&ledger.keys, time)
            .unwrap();
        sync(&mut replica, ledger.path()).await.unwrap();
        assert_eq!(replica.replica().attested(), attested);
    }
    assert_eq!(
        open(home.path(), ledger.pin()).replica().highest_attested(),
        NOW + DAY
    );
}

#[test]
fn a_kill_before_the_checkpoint_leaves_the_log_before() {
    let mut ledger = Ledger::new();
    ledger.grow(1);
    let before = std::fs::read(ledger.path().join("checkpoint")).unwrap();
    let size = verify_folder(ledger.path()).unwrap().size();
    ledger.grow(1);
    // As if killed: tiles written, also half, the checkpoint not.
    std::fs::write(ledger.path().join("checkpoint"), before).unwrap();
    std::fs::write(ledger.path().join("checkpoint.new"), b"half a").unwrap();
    let newest = bundle(ledger.path(), size + 1);
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).unwrap();
    let log = Log::open(ledger.path()).unwrap();
    assert_eq!(log.registry().size(), size);
    ledger.world.registry = log.registry().clone();
    drop(log);
    ledger.grow(2);
    assert_eq!(verify_folder(ledger.path()).unwrap().size(), size + 2);
}

#[tokio::test]
async fn a_kill_leaves_the_replica_before() {
    let mut ledger = Ledger::new();
    let home = tempfile::tempdir().unwrap();
    let mut replica = open(home.path(), ledger.pin());
    sync(&mut replica, ledger.path()).await.unwrap();
    let before = std::fs::read(home.path().join("replica.json")).unwrap();
    ledger.grow(3);
    sync(&mut replica, ledger.path()).await.unwrap();
    // As if killed after the tile and before `replica.json`.
    std::fs::write(home.path().join("replica.json"), before).unwrap();
    let mut replica = open(home.path(), ledger.pin());
    assert_eq!(replica.replica().size(), 2);
    assert_eq!(sync(&mut replica, ledger.path()).await.unwrap(), 5);
    std::fs::write(home.path().join("tiles/000000"), b"x").unwrap();
    let error = StoredReplica::open(home.path(), ledger.pin())
        .err()
        .unwrap();
    assert_eq!(error.name(), "replica_damaged");
}

#[test]
fn one_process_writes_at_a_time() {
    let ledger = Ledger::new();
    let first = Log::open(ledger.path()).unwrap();
    assert!(matches!(Log::open(ledger.path()), Err(LogError::Locked)));
    drop(first);
    assert!(Log::open(ledger.path()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn two_replicas_reach_the_same_state(steps in prop::collection::vec(1_usize..90, 1..5)) {
        let mut ledger = Ledger::new();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut follower = open(home.path(), ledger.pin());
        for count in steps {
            ledger.grow(count);
            runtime.block_on(sync(&mut follower, ledger.path())).unwrap();
        }
        let at_once = verify_folder(ledger.path()).unwrap();
        prop_assert_eq!(at_once.root(), follower.replica().root());
        prop_assert_eq!(at_once.registry().state(), follower.replica().registry().state());
    }
}
