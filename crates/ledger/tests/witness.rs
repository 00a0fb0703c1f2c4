//! A witness: what it signs, and each way in which it refuses to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use std::path::Path;
use std::sync::{Arc, Mutex};

use keys::SigningKey;
use ledger::checkpoint::Checkpoint;
use ledger::merkle::{Tree, leaf_hash};
use ledger::note::{NoteAlgorithm, NoteSigner, VerifierKey, open, sign};
use ledger::witness::{Submission, WitnessedLog};
use ledger::{
    Cosignature, Cosigners, FolderSource, Leaf, Log, LogError, OperatorKeys, Pin, StoredReplica,
    UpdateError, cosign, verify_folder,
};
use world::folder::copy_folder;
use world::{ACCREDITOR, DAY, NOW, World};

const NAME: &str = "witness.example/w";

/// A ledger's folder, and a witness that reads it.
struct Scene {
    folder: tempfile::TempDir,
    record: tempfile::TempDir,
    keys: OperatorKeys,
    world: World,
    witness: SigningKey,
}

impl Scene {
    fn new() -> Self {
        let mut scene = Self {
            folder: tempfile::tempdir().unwrap(),
            record: tempfile::tempdir().unwrap(),
            keys: OperatorKeys {
                log: SigningKey::make_ed25519(),
                operator: SigningKey::make_ed25519(),
            },
            world: World::accredited(&["*"]),
            witness: SigningKey::make_ed25519(),
        };
        let events = std::mem::take(&mut scene.world.events);
        let (genesis, rest) = events.split_first().unwrap();
        let mut log = Log::create(scene.path(), genesis.clone(), &scene.keys, NOW).unwrap();
        log.append(rest.to_vec(), &scene.keys, NOW).unwrap();
        scene
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn pin(&self) -> Pin {
        Pin::parse(&std::fs::read(self.path().join("pin.json")).unwrap()).unwrap()
    }

    fn open(&self) -> WitnessedLog {
        let source = Box::new(FolderSource::new(self.path()));
        WitnessedLog::open(self.record.path(), self.pin(), source).unwrap()
    }

    fn log(&self) -> Log {
        Log::open(self.path()).unwrap()
    }

    fn grow(&mut self, log: &mut Log, count: usize) -> Result<(), LogError> {
        for _ in 0..count {
            let key = SigningKey::make_ed25519();
            let id = format!("https://{}.example", key.public().thumbprint());
            let action = self.world.issuer_action(&id, &["a"], &key);
            self.world.submit(ACCREDITOR, action).unwrap();
        }
        let events = std::mem::take(&mut self.world.events);
        log.append(events, &self.keys, NOW).map(|_| ())
    }

    fn tree(&self) -> Tree {
        verify_folder(self.path()).unwrap().tree().clone()
    }

    /// What the log would send after `old` entries.
    fn submission(&self, old: u64) -> Submission {
        let tree = self.tree();
        Submission {
            old,
            proof: tree.prove_consistency(old, tree.size()).unwrap_or_default(),
            note: std::fs::read(self.path().join("checkpoint")).unwrap(),
        }
    }

    /// A checkpoint that the log signs, whatever is in its folder.
    fn signed(&self, size: u64, root: [u8; 32]) -> Vec<u8> {
        let text = Checkpoint {
            origin: self.pin().origin().to_owned(),
            size,
            root,
        }
        .to_text();
        let signers = [
            NoteSigner::log(self.pin().origin(), &self.keys.log).unwrap(),
            NoteSigner::cosigner(self.pin().origin(), &self.keys.operator, NOW).unwrap(),
        ];
        sign(&text, &signers).unwrap()
    }

    async fn ask(&self, submission: Submission) -> Result<Cosignature, (u16, &'static str)> {
        let mut witness = self.open();
        let key = (NAME, &self.witness);
        let answer = witness.add_checkpoint(submission, key, NOW).await;
        answer.map_err(|error| (error.status(), error.name()))
    }

    fn key(&self) -> VerifierKey {
        VerifierKey::new(NAME, NoteAlgorithm::Cosignature, &self.witness.public()).unwrap()
    }
}

#[tokio::test]
async fn what_follows_on_what_was_signed_is_signed() {
    let mut scene = Scene::new();
    let first = scene.ask(scene.submission(0)).await.unwrap();
    assert_eq!((first.name(), first.time()), (NAME, NOW));
    let mut log = scene.log();
    scene.grow(&mut log, 300).unwrap();
    let second = scene.ask(scene.submission(2)).await.unwrap();
    // Again at the same size: a newer time for the same root.
    scene.ask(scene.submission(302)).await.unwrap();
    let note = std::fs::read(scene.path().join("checkpoint")).unwrap();
    let note = cosign(&note, None, &[second]).unwrap();
    let opened = open(&note, &[scene.key()]).unwrap();
    assert_eq!(opened.cosigned_at(&scene.key()), Some(NOW));
    assert_eq!(scene.open().size(), 302);
}

#[tokio::test]
async fn each_refusal_has_its_status() {
    let mut scene = Scene::new();
    let other = Scene::new();
    let sound = scene.submission(0);
    let unknown = other.submission(0);
    assert_eq!(scene.ask(unknown).await, Err((404, "unknown_log")));
    // The same origin, signed by somebody else.
    let signers = [NoteSigner::log(scene.pin().origin(), &other.keys.log).unwrap()];
    let text = open(&sound.note, &[scene.pin().log().unwrap().clone()])
        .unwrap()
        .text;
    let text = String::from_utf8(text).unwrap();
    let forged = Submission {
        note: sign(&text, &signers).unwrap(),
        ..sound.clone()
    };
    assert_eq!(scene.ask(forged).await, Err((403, "wrong_signature")));
    let signers = [NoteSigner::log(scene.pin().origin(), &scene.keys.log).unwrap()];
    let timeless = Submission {
        note: sign(&text, &signers).unwrap(),
        ..sound.clone()
    };
    assert_eq!(scene.ask(timeless).await, Err((403, "not_attested")));
    let backwards = Submission {
        old: 3,
        ..sound.clone()
    };
    assert_eq!(scene.ask(backwards).await, Err((400, "old_size_too_large")));
    let early = Submission {
        old: 1,
        ..sound.clone()
    };
    assert_eq!(scene.ask(early).await, Err((409, "other_old_size")));
    let needless = Submission {
        proof: vec![[0; 32]],
        ..sound.clone()
    };
    assert_eq!(scene.ask(needless).await, Err((422, "wrong_proof")));
    assert_eq!(scene.open().size(), 0);

    scene.ask(sound.clone()).await.unwrap();
    assert_eq!(scene.ask(sound).await, Err((409, "other_old_size")));
    let mut log = scene.log();
    scene.grow(&mut log, 5).unwrap();
    let mut unproven = scene.submission(2);
    unproven.proof[0][0] ^= 1;
    assert_eq!(scene.ask(unproven).await, Err((422, "wrong_proof")));
    assert_eq!(scene.open().size(), 2);
    scene.ask(scene.submission(2)).await.unwrap();
}

#[tokio::test]
async fn two_roots_of_one_size_are_never_signed_and_are_kept_as_evidence() {
    let scene = Scene::new();
    scene.ask(scene.submission(0)).await.unwrap();
    let other = Submission {
        old: 2,
        proof: Vec::new(),
        note: scene.signed(2, [7; 32]),
    };
    assert_eq!(scene.ask(other).await, Err((409, "split_view")));
    let replica = StoredReplica::open(scene.record.path(), scene.pin()).unwrap();
    assert_eq!(replica.evidence().unwrap().len(), 2);
}

#[tokio::test]
async fn a_smaller_log_is_never_signed_after_a_larger_one() {
    let mut scene = Scene::new();
    let before = scene.submission(0);
    let mut log = scene.log();
    scene.grow(&mut log, 3).unwrap();
    scene.ask(scene.submission(0)).await.unwrap();
    for old in [0, 2, 5] {
        let back = Submission {
            old,
            ..before.clone()
        };
        let status = if old > 2 { 400 } else { 409 };
        assert_eq!(scene.ask(back).await.unwrap_err().0, status, "{old}");
    }
}

/// A log that signs what the rules refuse: everything else about it is sound.
#[tokio::test]
async fn the_rules_are_replayed_before_anything_is_signed() {
    let mut scene = Scene::new();
    scene.ask(scene.submission(0)).await.unwrap();
    let mut log = scene.log();
    scene.grow(&mut log, 1).unwrap();
    // The last event once more, as the log's next entry.
    let bundle = std::fs::read(scene.path().join("tile/entries/000.p/3")).unwrap();
    let mut entries: Vec<Vec<u8>> = ledger::tile::decode_bundle(&bundle, 3)
        .unwrap()
        .into_iter()
        .map(<[u8]>::to_vec)
        .collect();
    let replayed = Leaf::parse(&entries[2]).unwrap().to_bytes().unwrap();
    let mut tree = scene.tree();
    tree.push(leaf_hash(&replayed));
    entries.push(replayed);
    let bundle = ledger::tile::encode_bundle(entries.iter().map(Vec::as_slice)).unwrap();
    std::fs::write(scene.path().join("tile/entries/000.p/4"), bundle).unwrap();
    for (path, bytes) in ledger::tile::hash_tiles(&tree, 3, 4) {
        std::fs::write(scene.path().join(path), bytes).unwrap();
    }
    let submission = Submission {
        old: 2,
        proof: tree.prove_consistency(2, 4).unwrap(),
        note: scene.signed(4, tree.root()),
    };
    assert_eq!(
        scene.ask(submission.clone()).await,
        Err((422, "replayed_event"))
    );
    // Nor is anything signed that cannot be read.
    std::fs::remove_file(scene.path().join("tile/entries/000.p/4")).unwrap();
    assert_eq!(scene.ask(submission).await, Err((422, "missing_tile")));
    assert_eq!(scene.open().size(), 2);
}

#[tokio::test]
async fn what_is_dated_after_the_witness_s_clock_is_not_signed() {
    let scene = Scene::new();
    let mut witness = scene.open();
    let key = (NAME, &scene.witness);
    let early = witness.add_checkpoint(scene.submission(0), key, NOW - 121);
    let error = early.await.unwrap_err();
    assert_eq!((error.status(), error.name()), (422, "entry_in_future"));
    assert_eq!((witness.size(), scene.open().size()), (0, 0));
    // Two clocks are never quite the same.
    let close = witness.add_checkpoint(scene.submission(0), key, NOW - 120);
    assert_eq!(close.await.unwrap().time(), NOW - 120);
}

#[tokio::test]
async fn nothing_is_signed_that_could_not_be_recorded() {
    let scene = Scene::new();
    let mut witness = scene.open();
    // As a full disk: the record's folder takes no file.
    std::fs::remove_dir_all(scene.record.path()).unwrap();
    std::fs::write(scene.record.path(), b"").unwrap();
    let key = (NAME, &scene.witness);
    let answer = witness.add_checkpoint(scene.submission(0), key, NOW).await;
    assert_eq!(answer.unwrap_err().status(), 500);
    assert_eq!(witness.size(), 0);
    std::fs::remove_file(scene.record.path()).unwrap();
    std::fs::create_dir(scene.record.path()).unwrap();
}

/// Cosigners that are tests themselves.
struct Asked {
    keys: Vec<(String, SigningKey)>,
    seen: Mutex<Vec<Vec<u8>>>,
    panic: bool,
}

impl Cosigners for Asked {
    fn cosign(&self, checkpoint: &[u8], tree: &Tree) -> Vec<Cosignature> {
        let text = String::from_utf8(checkpoint.to_vec()).unwrap();
        let text = format!("{}\n", text.rsplit_once("\n\n").unwrap().0);
        assert_eq!(
            Checkpoint::parse(text.as_bytes()).unwrap().root,
            tree.root()
        );
        self.seen.lock().unwrap().push(checkpoint.to_vec());
        assert!(!self.panic, "as if killed");
        self.keys
            .iter()
            .map(|(name, key)| Cosignature::make(&text, name, key, NOW).unwrap())
            .collect()
    }
}

fn asked(keys: Vec<(String, SigningKey)>, panic: bool) -> Arc<Asked> {
    Arc::new(Asked {
        keys,
        seen: Mutex::new(Vec::new()),
        panic,
    })
}

#[tokio::test]
async fn cosignatures_are_published_with_the_checkpoint_and_kept_by_the_next_attestation() {
    let mut scene = Scene::new();
    let copy = SigningKey::from_pem(&scene.witness.to_pem().unwrap()).unwrap();
    let mut log = scene.log();
    log.ask(asked(vec![(NAME.to_owned(), copy)], false));
    scene.grow(&mut log, 1).unwrap();
    let pin = scene.pin().with_witnesses(vec![scene.key()], 1).unwrap();
    let source = FolderSource::new(scene.path());
    let sync = async |now| {
        let home = tempfile::tempdir().unwrap();
        let mut replica = StoredReplica::open(home.path(), pin.clone()).unwrap();
        replica.sync(&source, now).await
    };
    assert_eq!(sync(NOW).await.unwrap().after, 3);
    // Nobody answers: what was said stays, and says from when it is.
    log.ask(asked(Vec::new(), false));
    log.attest(&scene.keys, NOW + DAY).unwrap();
    assert_eq!(sync(NOW).await.unwrap().attested, NOW);
    log.attest(&scene.keys, NOW + 8 * DAY).unwrap();
    assert_eq!(sync(NOW).await.unwrap_err().name(), "witnesses_too_old");
    scene.grow(&mut log, 1).unwrap();
    assert_eq!(sync(NOW).await.unwrap_err().name(), "too_few_witnesses");
}

#[tokio::test]
async fn cosignatures_that_come_late_are_added_to_what_they_are_of() {
    let mut scene = Scene::new();
    let asked = std::fs::read(scene.path().join("checkpoint")).unwrap();
    let cosignature = scene.ask(scene.submission(0)).await.unwrap();
    let mut log = scene.log();
    assert!(
        log.add_cosignatures(&asked, std::slice::from_ref(&cosignature))
            .unwrap()
    );
    let published = std::fs::read(scene.path().join("checkpoint")).unwrap();
    let opened = open(&published, &[scene.key()]).unwrap();
    assert_eq!(opened.cosigned_at(&scene.key()), Some(NOW));
    // The ledger has gone on meanwhile.
    scene.grow(&mut log, 1).unwrap();
    let published = std::fs::read(scene.path().join("checkpoint")).unwrap();
    assert!(!log.add_cosignatures(&asked, &[cosignature]).unwrap());
    let after = std::fs::read(scene.path().join("checkpoint")).unwrap();
    assert_eq!(after, published);
}

#[test]
fn a_checkpoint_that_witnesses_saw_stands_after_a_kill() {
    let mut scene = Scene::new();
    let mut log = scene.log();
    let cosigners = asked(Vec::new(), true);
    log.ask(cosigners.clone());
    let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _ = scene.grow(&mut log, 1);
    }));
    assert!(killed.is_err());
    assert_eq!(verify_folder(scene.path()).unwrap().size(), 2);
    // The same process signs nothing else over it.
    let error = log.attest(&scene.keys, NOW).unwrap_err();
    assert_eq!(error.name(), "ledger_interrupted");
    drop(log);
    let log = scene.log();
    assert_eq!(log.registry().size(), 3);
    drop(log);
    let published = std::fs::read(scene.path().join("checkpoint")).unwrap();
    assert_eq!(published, cosigners.seen.lock().unwrap()[0]);
    assert_eq!(verify_folder(scene.path()).unwrap().size(), 3);
    // What contradicts the log is not published, and not forgotten.
    std::fs::write(
        scene.path().join("checkpoint.pending"),
        scene.signed(3, [7; 32]),
    )
    .unwrap();
    assert!(matches!(
        Log::open(scene.path()),
        Err(LogError::Refused(UpdateError::WrongRoot))
    ));
}

#[test]
fn a_pending_checkpoint_that_contradicts_the_log_is_not_published() {
    let mut scene = Scene::new();
    let old = std::fs::read(scene.path().join("checkpoint")).unwrap();
    // Another history, two entries longer, by the same keys.
    let fork = tempfile::tempdir().unwrap();
    copy_folder(scene.path(), fork.path()).unwrap();
    let mut log = scene.log();
    scene.grow(&mut log, 1).unwrap();
    drop(log);
    let before = std::fs::read(scene.path().join("checkpoint")).unwrap();
    let mut other = Log::open(fork.path()).unwrap();
    scene.world.registry = other.registry().clone();
    scene.grow(&mut other, 2).unwrap();
    drop(other);
    let longer = std::fs::read(fork.path().join("checkpoint")).unwrap();
    for tile in ["tile/entries/000.p/4", "tile/0/000.p/4"] {
        std::fs::copy(fork.path().join(tile), scene.path().join(tile)).unwrap();
    }
    for (pending, name) in [(old, "rollback"), (longer, "split_view")] {
        std::fs::write(scene.path().join("checkpoint.pending"), pending).unwrap();
        let error = Log::open(scene.path()).err().unwrap();
        assert_eq!(error.name(), name);
        let after = std::fs::read(scene.path().join("checkpoint")).unwrap();
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn a_pin_counts_each_witness_once_and_strangers_never() {
    let mut scene = Scene::new();
    let (one, two) = (SigningKey::make_ed25519(), SigningKey::make_ed25519());
    let stranger = SigningKey::make_ed25519();
    let key = |name: &str, key: &SigningKey| {
        VerifierKey::new(name, NoteAlgorithm::Cosignature, &key.public()).unwrap()
    };
    let witnesses = vec![key("w/1", &one), key("w/2", &two)];
    let pin = scene.pin().with_witnesses(witnesses.clone(), 2).unwrap();
    let copy = |key: &SigningKey| SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
    let source = FolderSource::new(scene.path());
    // The same witness twice, with a stranger, and under another's name.
    for keys in [
        vec![("w/1", copy(&one)), ("w/1", copy(&one))],
        vec![("w/1", copy(&one)), ("w/3", copy(&stranger))],
        vec![("w/1", copy(&one)), ("w/2", copy(&one))],
        vec![("w/1", copy(&one)), ("w/2", copy(&stranger))],
    ] {
        let keys = keys
            .into_iter()
            .map(|(name, key)| (name.to_owned(), key))
            .collect();
        let mut log = scene.log();
        log.ask(asked(keys, false));
        scene.grow(&mut log, 1).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut replica = StoredReplica::open(home.path(), pin.clone()).unwrap();
        let error = replica.sync(&source, NOW).await.unwrap_err();
        assert_eq!(error.name(), "too_few_witnesses");
        let found = "only 1 of 2 witnesses signed the checkpoint";
        assert_eq!(error.to_string(), found);
    }
    let keys = vec![("w/1".to_owned(), one), ("w/2".to_owned(), two)];
    let mut log = scene.log();
    log.ask(asked(keys, false));
    scene.grow(&mut log, 1).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut replica = StoredReplica::open(home.path(), scene.pin()).unwrap();
    replica.sync(&source, NOW).await.unwrap();
    // The pin asks for more than it did: the replica begins anew under it.
    let mut replica = StoredReplica::open(home.path(), pin.clone()).unwrap();
    assert_eq!(replica.sync(&source, NOW).await.unwrap().after, 7);
    // Pins that could never be met, or that count one twice.
    for (keys, threshold) in [
        (witnesses.clone(), 3),
        (vec![witnesses[0].clone(), witnesses[0].clone()], 1),
        (vec![key("w/1", &stranger), key("w/9", &stranger)], 1),
        (vec![key("w/1", &scene.keys.operator)], 1),
    ] {
        assert!(scene.pin().with_witnesses(keys, threshold).is_err());
    }
}

/// Two keys that were searched for until their ids were the same.
#[test]
fn a_witness_that_notes_cannot_tell_from_the_operator_is_refused() {
    let scene = Scene::new();
    let [one, two] = [
        "w.example/1+d3b55b68+BK1MT3etWhDpSJxuJqWLKJOzU2DaR/oHn9mlmgmjiFxU",
        "w.example/1+d3b55b68+BITrpD/bukgNTTJBFlpNLnrASeGs8zrgtuR+MbQr+bHe",
    ]
    .map(|text| VerifierKey::parse(text).unwrap());
    let log = scene.pin().log().unwrap().clone();
    let pin = Pin::new(scene.pin().ledger(), "Test", log, one).unwrap();
    assert!(pin.clone().with_witnesses(vec![scene.key()], 1).is_ok());
    assert!(pin.with_witnesses(vec![two], 1).is_err());
}

#[test]
fn a_witness_key_of_the_next_algorithm_is_named() {
    use base64::Engine as _;
    let key = [&[6][..], &[0; 1312]].concat();
    let encoded = base64::engine::general_purpose::STANDARD.encode(key);
    let error = VerifierKey::parse(&format!("w+00000000+{encoded}")).unwrap_err();
    assert!(error.to_string().contains("0x06"), "{error}");
}

/// As an older program meets it: the ledger is replayed up to the event that adopts them.
#[tokio::test]
async fn a_ledger_with_newer_rules_says_that_this_program_is_old() {
    use ledger::event::{Action, AdoptRules, GOVERNANCE};
    let scene = Scene::new();
    let rules = ledger::RULES + 1;
    let mut event = scene
        .world
        .event(GOVERNANCE, Action::AdoptRules(AdoptRules { rules }));
    event.sequence = 3;
    let governance = SigningKey::from_pem(&scene.world.controls[GOVERNANCE]).unwrap();
    let leaf = Leaf {
        time: NOW,
        event: ledger::SignedEvent::sign(&event, &[&governance]).unwrap(),
        state: [0; 32],
    };
    let entry = leaf.to_bytes().unwrap();
    let bundle = std::fs::read(scene.path().join("tile/entries/000.p/2")).unwrap();
    let mut entries = ledger::tile::decode_bundle(&bundle, 2).unwrap();
    entries.push(&entry);
    // Whatever comes after it, this program cannot read.
    entries.push(b"an entry of the rules to come");
    let mut tree = scene.tree();
    entries[2..]
        .iter()
        .for_each(|entry| tree.push(leaf_hash(entry)));
    let bundle = ledger::tile::encode_bundle(entries).unwrap();
    std::fs::write(scene.path().join("tile/entries/000.p/4"), bundle).unwrap();
    for (path, bytes) in ledger::tile::hash_tiles(&tree, 2, 4) {
        std::fs::write(scene.path().join(path), bytes).unwrap();
    }
    let note = scene.signed(4, tree.root());
    std::fs::write(scene.path().join("checkpoint"), note).unwrap();
    let home = tempfile::tempdir().unwrap();
    let mut replica = StoredReplica::open(home.path(), scene.pin()).unwrap();
    let error = replica
        .sync(&FolderSource::new(scene.path()), NOW)
        .await
        .unwrap_err();
    assert_eq!(error.name(), "newer_rules");
    assert!(error.to_string().contains("update"), "{error}");
}
