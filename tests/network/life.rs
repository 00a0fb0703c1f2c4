//! What four validators bear, and what they do not.

use keys::SigningKey;
use ledger::{Band, Freshness, LedgerSource as _, Presented, Question, Standing, age};

use crate::nodes::{Nodes, now};

const UNTIL: &str = "2030-12-31";
const DAY: i64 = 86_400;

/// One after the other: the processes are started once.
#[tokio::test]
async fn a_network_lives() {
    let mut nodes = Nodes::start(4, &[]).unwrap();
    two_accreditors_write_and_all_see_it(&mut nodes).await;
    one_lost_validator_changes_nothing(&mut nodes).await;
    two_lost_validators_stop_it(&mut nodes).await;
    one_that_comes_back_catches_up(&mut nodes).await;
    one_that_lost_its_data_recovers(&mut nodes).await;
    one_with_a_full_disk_stops_and_loses_nothing(&mut nodes).await;
    a_fifth_joins_and_the_first_leaves(&mut nodes).await;
    a_sixth_begins_with_a_snapshot(&mut nodes).await;
}

fn accredit(nodes: &Nodes, id: &str) -> u64 {
    let words = ["accredit", "--id", id, "--name", "A body", "--types", "a,b"];
    let done = nodes.ledger(&[&words[..], &["--until", UNTIL, "--new-key"]].concat());
    done.unwrap()["index"].as_u64().unwrap()
}

/// Registers an issuer with a new key through one node, and gives the key.
fn register(nodes: &Nodes, by: &str, id: &str, through: usize) -> SigningKey {
    let key = SigningKey::make_p256();
    let file = nodes.path().join("issuer.jwk");
    std::fs::write(&file, key.public().to_jwk().to_string()).unwrap();
    let file = file.to_str().unwrap();
    let node = nodes.rpc(through).unwrap().to_string();
    let who = [
        "register-issuer",
        "--by",
        by,
        "--id",
        id,
        "--name",
        "An issuer",
    ];
    let what = ["--jwk", file, "--types", "a", "--node", &node];
    nodes.ledger(&[&who[..], &what[..]].concat()).unwrap();
    key
}

async fn two_accreditors_write_and_all_see_it(nodes: &mut Nodes) {
    assert_eq!(accredit(nodes, "https://a.example"), 1);
    assert_eq!(accredit(nodes, "https://b.example"), 2);
    let keys = [
        register(nodes, "https://a.example", "https://one.example", 1),
        register(nodes, "https://b.example", "https://two.example", 2),
    ];
    let again = [
        "accredit",
        "--id",
        "https://a.example",
        "--name",
        "A",
        "--types",
        "a",
    ];
    let again = [&again[..], &["--until", UNTIL, "--new-key"]].concat();
    assert_eq!(nodes.refused(&again).unwrap(), "already_registered");
    let mut roots = Vec::new();
    for number in 0..4 {
        nodes.wait_for(number, 5).await.unwrap();
        let replica = nodes.follow(&[number]).await.unwrap();
        for key in &keys {
            let question = Question::Issuer {
                key: Presented::Key(&key.public()),
                type_id: "a",
                issued_at: Some(now()),
            };
            let verdict = replica.decide(&question, now());
            assert_eq!(verdict.standing, Standing::Listed);
        }
        roots.push(replica.root());
    }
    roots.dedup();
    assert_eq!(roots.len(), 1);
    let page = nodes.page(3).await.unwrap();
    assert_eq!(
        (&page["size"], &page["network"]["validators"][3]),
        (&5.into(), &"node3".into())
    );
    // A real wallet, by two of the nodes.
    let wallet = |words: &[&str]| nodes.wallet(words).unwrap();
    let places = format!("{} {}", nodes.rpc(0).unwrap(), nodes.rpc(2).unwrap());
    wallet(&["--demo", "--ledger", &places, "init", "--no-keyring"]);
    assert_eq!(wallet(&["ledger", "sync"])["entries"], 5);
    assert_eq!(wallet(&["ledger", "status"])["name"], "Four bodies");
}

async fn one_lost_validator_changes_nothing(nodes: &mut Nodes) {
    nodes.kill(3).unwrap();
    accredit(nodes, "https://c.example");
    for number in 0..3 {
        nodes.wait_for(number, 6).await.unwrap();
    }
}

async fn two_lost_validators_stop_it(nodes: &mut Nodes) {
    nodes.kill(2).unwrap();
    let before = nodes.follow(&[0]).await.unwrap();
    let words = [
        "accredit",
        "--id",
        "https://d.example",
        "--name",
        "D",
        "--types",
        "a",
    ];
    let words = [&words[..], &["--until", UNTIL, "--new-key", "--wait", "8"]].concat();
    assert_eq!(nodes.refused(&words).unwrap(), "pending");
    // A wallet that finds one of its two nodes gone says how old its word is.
    let synced = nodes.wallet(&["ledger", "sync"]).unwrap();
    assert_eq!(synced["entries"], 6);
    let status = nodes.wallet(&["ledger", "status"]).unwrap();
    assert!(status["age"]["seconds"].as_i64().unwrap() >= 8, "{status}");
    // Nothing was decided, by neither of the two that are left.
    for number in [0, 1] {
        let after = nodes.follow(&[number]).await.unwrap();
        assert_eq!(after.root(), before.root());
        assert_eq!(after.size(), 6);
        // What is known stays usable, and its age is said.
        let view = after.view(Freshness::default());
        let known = age(&view, now() + 2 * DAY);
        assert_eq!(known.band, Band::Offline);
        assert!(known.seconds >= 2 * DAY);
        assert_eq!(age(&view, now() + 8 * DAY).band, Band::Stale);
    }
}

async fn one_that_comes_back_catches_up(nodes: &mut Nodes) {
    nodes.start_one(2, &[]).unwrap();
    // What waited is taken now.
    for number in 0..3 {
        nodes.wait_for(number, 7).await.unwrap();
    }
    nodes.start_one(3, &[]).unwrap();
    nodes.wait_for(3, 7).await.unwrap();
    accredit(nodes, "https://e.example");
    let roots = [0, 1, 2, 3].map(|number| (number, 8));
    for (number, size) in roots {
        nodes.wait_for(number, size).await.unwrap();
    }
    let one = nodes.follow(&[0]).await.unwrap();
    let other = nodes.follow(&[3]).await.unwrap();
    assert_eq!(one.root(), other.root());
}

async fn one_that_lost_its_data_recovers(nodes: &mut Nodes) {
    nodes.kill(3).unwrap();
    std::fs::remove_dir_all(nodes.node(3).join("ledger")).unwrap();
    std::fs::remove_dir_all(nodes.node(3).join("cometbft/data")).unwrap();
    let refusal = nodes.start_one(3, &[]).unwrap_err().to_string();
    assert!(refusal.contains("data_lost"), "{refusal}");
    nodes.start_one(3, &["--restore"]).unwrap();
    nodes.wait_for(3, 8).await.unwrap();
    // It counts again: without another one the three of them go on.
    nodes.kill(0).unwrap();
    accredit(nodes, "https://f.example");
    nodes.wait_for(3, 9).await.unwrap();
    nodes.start_one(0, &[]).unwrap();
    nodes.wait_for(0, 9).await.unwrap();
}

async fn one_with_a_full_disk_stops_and_loses_nothing(nodes: &mut Nodes) {
    nodes.kill(3).unwrap();
    accredit(nodes, "https://full.example");
    let folder = nodes.node(3).join("ledger");
    let state = || std::fs::read(folder.join("chain.json")).unwrap();
    let before = state();
    // Where the file is made ready that says what stands, no byte finds room.
    let full = folder.join("chain.json.new");
    if cfg!(target_os = "linux") {
        std::os::unix::fs::symlink("/dev/full", &full).unwrap();
        assert_eq!(nodes.run_to_its_end(3).unwrap(), "disk_full");
        assert_eq!(state(), before);
        std::fs::remove_file(&full).unwrap();
    }
    nodes.start_one(3, &[]).unwrap();
    nodes.wait_for(3, 10).await.unwrap();
}

/// Who followed from the beginning follows through both changes.
async fn a_fifth_joins_and_the_first_leaves(nodes: &mut Nodes) {
    let old = nodes.follow(&[1]).await.unwrap();
    let pace = ["--commit-ms", "200", "--empty-seconds", "2"];
    let join = ["network", "join", "--name", "node4"];
    nodes.ledger(&[&join[..], &pace[..]].concat()).unwrap();
    nodes.start_one(4, &[]).unwrap();
    nodes.wait_for(4, 10).await.unwrap();
    let key = |nodes: &Nodes, number: usize| {
        let home = nodes.node(number).join("cometbft/config");
        let file = home.join("priv_validator_key.json");
        file.to_str().unwrap().to_owned()
    };
    let [first, fifth] = [key(nodes, 0), key(nodes, 4)];
    let add = [
        "validator",
        "add",
        "--name",
        "A fifth body",
        "--validator",
        &fifth,
    ];
    let added = nodes.ledger(&add).unwrap();
    assert_eq!(added["action"], "set-validator");
    assert_eq!(nodes.refused(&add).unwrap(), "nothing_changes");
    let remove = ["validator", "remove", "--validator", &first];
    nodes.ledger(&remove).unwrap();
    accredit(nodes, "https://g.example");
    // Without the first and one more, three of the four that validate now go on.
    nodes.kill(0).unwrap();
    nodes.kill(1).unwrap();
    accredit(nodes, "https://h.example");
    let source = nodes.source(&[2, 3, 4]).unwrap();
    let update = source.update(&old).await.unwrap();
    let new = ledger::advance(&old, &update, now()).unwrap();
    assert_eq!(new.size(), 14);
    let names = new.registry().governance().validators.iter();
    let names: Vec<&str> = names.map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["node1", "node2", "node3", "A fifth body"]);
}

/// From a pin of long ago, through the changes of who validates, to a block of now.
async fn a_sixth_begins_with_a_snapshot(nodes: &mut Nodes) {
    let rpc = [2, 3].map(|number| nodes.rpc(number).unwrap().to_string());
    let join = ["network", "join", "--name", "node5", "--state-sync"];
    let one = [&join[..], &["--rpc", &rpc[0]]].concat();
    assert_eq!(nodes.refused(&one).unwrap(), "usage");
    let pace = ["--commit-ms", "200", "--empty-seconds", "2"];
    let both = [&one[..], &["--rpc", &rpc[1]], &pace[..]].concat();
    nodes.ledger(&both).unwrap();
    nodes.start_one(5, &[]).unwrap();
    let known = nodes.known_by(5, 14).await.unwrap();
    assert!(
        nodes.first_block(5).await.unwrap() > 1,
        "it has every block"
    );
    let others = nodes.follow(&[2]).await.unwrap();
    assert_eq!((known.size(), known.root()), (14, others.root()));
    // It goes on as the others do, and once more when it was started again.
    let goes_on = |nodes: &Nodes, event: &str, size: u64| {
        accredit(nodes, event);
        let has_it = || {
            let recorded = ledger::comet::Recorded::read(&nodes.node(5).join("ledger"));
            Ok(recorded.is_ok_and(|recorded| recorded.registry().size() == size))
        };
        nodes.until("an event at the sixth", has_it).unwrap();
    };
    goes_on(nodes, "https://i.example", 15);
    nodes.kill(5).unwrap();
    nodes.start_one(5, &[]).unwrap();
    goes_on(nodes, "https://j.example", 16);
}
