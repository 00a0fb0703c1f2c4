use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use credential::format::{self, Draft, IssuerSecret, KeyName};
use keys::SigningKey;
use keys::UnixTime;
use protocol::counter_code::{Answer, Ask, Binding, Bound, Wants};
use protocol::verifier::Identity;
use serde_json::{Map, Value, json};

use super::{Codes, Means};
use crate::purposes::{self, Purpose};
use crate::status::Lists;

const NOW: UnixTime = 1_790_000_025;
const SERVICE: &str = "decentralized_identifier:did:example:desk";
const PURPOSE: &str = "age-over-18";

struct Desk {
    purposes: Arc<[Purpose]>,
    codes: Arc<Codes>,
    lists: Arc<Lists>,
}

impl Desk {
    fn open(folder: &Path) -> Self {
        let identity = Identity::Did {
            kid: "did:example:desk#0".to_owned(),
            key: SigningKey::make_p256(),
        };
        Self {
            purposes: purposes::read(None, true).unwrap().into(),
            codes: Arc::new(Codes::new(folder, SERVICE.to_owned(), Arc::new(identity))),
            lists: Arc::default(),
        }
    }

    fn means(&self) -> Means {
        Means {
            purposes: Arc::clone(&self.purposes),
            trust: None,
            lists: Arc::clone(&self.lists),
        }
    }

    async fn read(&self, message: &[u8], now: UnixTime) -> Map<String, Value> {
        let read = self.codes.read(message.to_vec(), self.means(), now);
        read.await.unwrap()
    }

    /// The kind of the only reason of a refusal.
    async fn refusal(&self, message: &[u8], now: UnixTime) -> String {
        let told = self.read(message, now).await;
        assert_eq!(told["outcome"], "refused", "{told:?}");
        assert_eq!(told["claims"], json!({}));
        told["reasons"][0]["kind"].as_str().unwrap().to_owned()
    }

    fn ask(&self) -> Binding {
        let purpose = purposes::find(&self.purposes, PURPOSE).unwrap();
        let asked = self
            .codes
            .ask_live(purpose, Wants::default(), 300, NOW)
            .unwrap();
        assert_eq!(asked.expires_at, Some(NOW + 300));
        Ask::parse(&asked.bytes).unwrap().make_binding(0)
    }
}

fn answer(service: &str, purpose: &str, binding: Binding) -> Vec<u8> {
    let shown = Map::from_iter([("x".to_owned(), json!(["no card"]))]);
    Answer::new(Bound::new(service, purpose, binding), shown)
        .encode()
        .unwrap()
}

#[tokio::test]
async fn a_code_that_does_not_count_is_refused_in_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    let window = || Binding::make_window(NOW);
    let open = desk.ask();
    let Binding::Live { challenge, made_at } = open.clone() else {
        panic!("not live")
    };
    let of_another_desk = Binding::Live {
        challenge: [9; 16],
        made_at,
    };
    let told_wrongly = Binding::Live {
        challenge,
        made_at: made_at + 1,
    };
    let pass = |from, until| Binding::make_pass(NOW + from, NOW + until, NOW).unwrap();
    let day = 24 * 3600;
    for (message, at, kind) in [
        (b"hello".to_vec(), NOW, "code_malformed"),
        (answer("other", PURPOSE, window()), NOW, "other_counter"),
        (answer(SERVICE, "no such", window()), NOW, "unknown_purpose"),
        (
            answer(SERVICE, PURPOSE, of_another_desk),
            NOW,
            "other_challenge",
        ),
        (
            answer(SERVICE, PURPOSE, told_wrongly),
            NOW,
            "changed_challenge",
        ),
        (
            answer(SERVICE, "free-prescription", open.clone()),
            NOW,
            "changed_challenge",
        ),
        (
            answer(SERVICE, PURPOSE, open.clone()),
            NOW + 300,
            "code_expired",
        ),
        (
            answer(SERVICE, PURPOSE, window()),
            NOW + 600,
            "clock_behind",
        ),
        (answer(SERVICE, PURPOSE, window()), NOW - 600, "clock_ahead"),
        (answer(SERVICE, PURPOSE, window()), NOW + day, "code_old"),
        (
            answer(SERVICE, PURPOSE, pass(day, 2 * day)),
            NOW,
            "pass_not_yet",
        ),
        (
            answer(SERVICE, PURPOSE, pass(0, day)),
            NOW + day,
            "pass_over",
        ),
        // What is open is looked at further: the card.
        (answer(SERVICE, PURPOSE, open), NOW + 299, "not_asked_for"),
        (answer(SERVICE, PURPOSE, window()), NOW, "not_asked_for"),
    ] {
        assert_eq!(desk.refusal(&message, at).await, kind);
    }
    // A desk whose clock is behind its own question: the question would stay open for too long.
    let message = answer(SERVICE, PURPOSE, desk.ask());
    assert_eq!(desk.refusal(&message, NOW - 120).await, "not_asked_for");
    assert_eq!(desk.refusal(&message, NOW - 121).await, "desk_clock");
    // The challenge is known after a restart, and the desk of another folder does not know it.
    let again = Desk::open(folder.path());
    let binding = desk.ask();
    let message = answer(SERVICE, PURPOSE, binding);
    assert_eq!(again.refusal(&message, NOW).await, "not_asked_for");
    let other = tempfile::tempdir().unwrap();
    let other = Desk::open(other.path());
    assert_eq!(other.refusal(&message, NOW).await, "other_challenge");
}

#[tokio::test]
async fn what_is_kept_says_nothing_of_what_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    let shown = answer(SERVICE, PURPOSE, Binding::make_window(NOW));
    desk.read(&shown, NOW).await;
    desk.read(
        &answer(SERVICE, "a stranger's text", Binding::make_window(NOW)),
        NOW,
    )
    .await;
    let file = folder.path().join(format!("kept/{}.jsonl", NOW / 86_400));
    let kept = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = kept
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0].as_object().unwrap().len(), 3);
    assert_eq!(lines[0]["purpose"], PURPOSE);
    assert_eq!(lines[0]["outcome"], "refused");
    assert_eq!(lines[1]["purpose"], "");
}

#[tokio::test]
async fn a_desk_without_a_key_asks_by_poster_only() {
    let folder = tempfile::tempdir().unwrap();
    let codes = Codes::new(
        folder.path(),
        "redirect_uri:https://desk.example/answer".to_owned(),
        Arc::new(Identity::RedirectUri),
    );
    let purposes = purposes::read(None, true).unwrap();
    let purpose = purposes::find(&purposes, PURPOSE).unwrap();
    assert!(codes.ask_live(purpose, Wants::default(), 60, NOW).is_err());
    let asked = codes.ask_by_poster(purpose, Wants::default()).unwrap();
    assert!(matches!(
        Ask::parse(&asked.bytes).unwrap(),
        Ask::Poster { .. }
    ));
}

#[tokio::test]
async fn a_desk_whose_clock_went_back_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    let shown = answer(SERVICE, PURPOSE, Binding::make_window(NOW));
    std::fs::create_dir(folder.path().join("seen")).unwrap();
    let clock = |at: i64| std::fs::write(folder.path().join("seen/clock"), at.to_string());
    clock(NOW + 120).unwrap();
    assert_eq!(desk.refusal(&shown, NOW).await, "not_asked_for");
    clock(NOW + 121).unwrap();
    assert_eq!(desk.refusal(&shown, NOW).await, "desk_clock");
    // What is on the disk and cannot be read is no reason to accept.
    std::fs::write(folder.path().join("seen/clock"), "yesterday").unwrap();
    let read = desk.codes.read(shown, desk.means(), NOW);
    assert!(read.await.is_err());
}

#[tokio::test]
async fn a_verdict_stands_where_its_line_cannot_be_kept() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    std::fs::write(folder.path().join("kept"), "no folder").unwrap();
    let shown = answer(SERVICE, PURPOSE, Binding::make_window(NOW));
    let told = desk.read(&shown, NOW).await;
    assert_eq!(told["reasons"][0]["kind"], "not_asked_for");
    let checks = told["checks"].as_array().unwrap();
    assert_eq!(checks.last().unwrap()["name"], "kept", "{told:?}");
}

#[tokio::test]
async fn what_is_over_goes_when_the_desk_opens() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    desk.codes.sweep(NOW).unwrap();
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
    desk.ask();
    desk.read(&answer(SERVICE, PURPOSE, Binding::make_window(NOW)), NOW)
        .await;
    let count = |name: &str| std::fs::read_dir(folder.path().join(name)).unwrap().count();
    std::fs::create_dir(folder.path().join("seen")).unwrap();
    std::fs::write(folder.path().join(format!("seen/{NOW}.mark")), "").unwrap();
    assert_eq!((count("challenges"), count("kept")), (1, 1));
    desk.codes.sweep(NOW + 32 * 86_400).unwrap();
    assert_eq!((count("challenges"), count("kept")), (0, 0));
    assert!(!folder.path().join(format!("seen/{NOW}.mark")).exists());
}

/// While a code is looked at the desk serves: what takes long here is a file that nobody has
/// written yet.
#[cfg(unix)]
#[tokio::test]
async fn a_code_that_takes_long_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    std::fs::create_dir(folder.path().join("seen")).unwrap();
    let clock = folder.path().join("seen/clock");
    let mut made = std::process::Command::new("mkfifo");
    assert!(made.arg(&clock).status().unwrap().success());
    // Ends the wait where the work is done on the thread that serves, so that this fails then.
    let (others, waits) = std::sync::mpsc::channel();
    let late = clock.clone();
    let watch = std::thread::spawn(move || {
        if waits.recv_timeout(Duration::from_secs(60)).is_err() {
            std::fs::write(&late, "0").unwrap();
        }
    });
    let shown = answer(SERVICE, PURPOSE, Binding::make_window(NOW));
    let serve = async {
        others.send(()).expect("this comes while the code is read");
        std::fs::write(&clock, "0").unwrap();
    };
    let (kind, ()) = tokio::join!(desk.refusal(&shown, NOW), serve);
    assert_eq!(kind, "not_asked_for");
    watch.join().unwrap();
}

/// Two codes at once: the first waits for the only thread for such work, and the second for its
/// turn, also when whoever asked for the first has gone. Nothing of the second's work has begun
/// then, which would hold on to the desk.
#[test]
fn one_code_is_judged_at_a_time() {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.max_blocking_threads(1).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    let shown = answer(SERVICE, PURPOSE, Binding::make_window(NOW));
    runtime.block_on(async {
        let (let_go, waits) = std::sync::mpsc::channel::<()>();
        // Over when `let_go` is dropped, also where this test fails.
        let busy = tokio::task::spawn_blocking(move || waits.recv().is_err());
        let mut context = Context::from_waker(Waker::noop());
        let mut first = Box::pin(desk.codes.read(shown.clone(), desk.means(), NOW));
        let mut second = pin!(desk.codes.read(shown, desk.means(), NOW));
        let before = Arc::strong_count(&desk.codes);
        assert!(first.as_mut().poll(&mut context).is_pending());
        assert_eq!(Arc::strong_count(&desk.codes), before + 1);
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert_eq!(Arc::strong_count(&desk.codes), before + 1);
        drop(first);
        assert!(second.as_mut().poll(&mut context).is_pending());
        assert_eq!(Arc::strong_count(&desk.codes), before + 1);
        drop(let_go);
        assert!(busy.await.unwrap());
        let told = second.await.unwrap();
        assert_eq!(told["reasons"][0]["kind"], "not_asked_for");
    });
}

/// A card of an issuer whose key is nowhere but on a ledger, or is in its own name.
fn card(purpose: &str, by_name: bool) -> Vec<u8> {
    let (key, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let entry = credential::catalogue::by_name("BlueBadge").unwrap();
    let claims: Map<String, Value> = serde_json::from_str(entry.example).unwrap();
    let url = credential::did::derive_did_key_url(&key.public()).unwrap();
    let did = url.split('#').next().unwrap();
    let draft = Draft {
        type_id: entry.vct,
        claims: &claims,
        conceal: &[],
        holder: Some(&holder.public()),
        issuer: Some(if by_name {
            did
        } else {
            "https://issuer.example"
        }),
        key_name: KeyName::Id(if by_name { &url } else { "key-1" }),
        issued_at: NOW - 60,
        valid_from: None,
        valid_until: Some(NOW + 60),
        status: &[],
    };
    let format = format::by_id("dc+sd-jwt").unwrap();
    let text = format.issue(&draft, IssuerSecret::Signing(&key)).unwrap();
    let bound = Bound::new(SERVICE, purpose, Binding::make_window(NOW));
    let shown = format.present(&text, &[], &bound.request(), Some(&holder));
    let shown = Map::from_iter([("badge".to_owned(), json!([shown.unwrap()]))]);
    Answer::new(bound, shown).encode().unwrap()
}

#[tokio::test]
async fn a_desk_that_follows_no_ledger_says_so_in_its_verdict() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(folder.path());
    for (by_name, kind) in [(false, "issuer_key"), (true, "ledger_unknown")] {
        let told = desk.read(&card("travel-concession", by_name), NOW).await;
        let reason = &told["reasons"][0];
        assert_eq!(reason["kind"], kind, "{told:?}");
        let text = reason["text"].as_str().unwrap();
        assert!(text.starts_with("This counter follows no ledger"), "{text}");
        let checks = told["checks"].as_array().unwrap();
        let named = json!({"name": "ledger", "ok": false, "detail": "no ledger was named"});
        assert!(checks.contains(&named), "{told:?}");
    }
}
