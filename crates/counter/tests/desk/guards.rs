//! Single use, bounds, forgetting, and who may use the desk.

use std::time::{Duration, Instant};

use net::{Http as _, Request};
use protocol::presentation::SendError;
use serde_json::Value;

use crate::world::{World, client, fetch};

/// The path of a URL of this counter.
fn path_of(url: &Value) -> String {
    let url: url::Url = url.as_str().unwrap().parse().unwrap();
    url.path().to_owned()
}

#[tokio::test]
async fn a_request_is_answered_once() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let card = world.card(|_| {});
    world.answer(&request, &card).await.unwrap();
    let first = counter.result(&made);
    let again = world.answer(&request, &card).await;
    assert!(matches!(again, Err(SendError::Refused { status: 400 })));
    assert_eq!(counter.result(&made), first);
}

#[tokio::test]
async fn a_request_is_fetched_once_unless_the_desk_says_otherwise() {
    let world = World::make();
    for (more, second) in [(&[][..], false), (&["--refetch"][..], true)] {
        let counter = world.serve(more);
        let made = counter.ask();
        fetch(&made["link"]).await.unwrap();
        assert_eq!(fetch(&made["link"]).await.is_ok(), second);
    }
}

#[tokio::test]
async fn the_state_of_another_request_spends_nothing() {
    let world = World::make();
    let counter = world.serve(&[]);
    let (one, two) = (counter.ask(), counter.ask());
    let mut request = fetch(&one["link"]).await.unwrap();
    let other = fetch(&two["link"]).await.unwrap();
    let own = request.reply.state.clone();
    request.reply.state = other.reply.state;
    let card = world.card(|_| {});
    let sent = world.answer(&request, &card).await;
    assert!(matches!(sent, Err(SendError::Refused { status: 400 })));
    assert_eq!(counter.look(&one).1["outcome"], "waiting");
    assert_eq!(counter.look(&two).1["outcome"], "waiting");
    request.reply.state = own;
    world.answer(&request, &card).await.unwrap();
    assert_eq!(counter.result(&one)["outcome"], "accepted");
}

#[tokio::test]
async fn junk_spends_nothing_and_is_answered_in_json() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let request = fetch(&made["link"]).await.unwrap();
    let path = request.reply.response_uri.path().to_owned();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let long = format!("response={}", "x".repeat(3 << 20));
    for (path, body, expected) in [
        (path.as_str(), "", 400),
        (&path, "response=a.b.c.d.e", 400),
        (&path, "vp_token={}", 400),
        (&path, &long, 413),
        ("/answer/unknown", "response=a", 404),
        ("/answer", "state=unknown", 404),
        ("/request/unknown", "", 404),
    ] {
        let (status, text) = counter.call("POST", path, &form, body);
        assert_eq!(status, expected, "{path}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert!(answer["error"].is_string());
    }
    assert_eq!(counter.look(&made).1["outcome"], "waiting");
    world.answer(&request, &world.card(|_| {})).await.unwrap();
    assert_eq!(counter.result(&made)["outcome"], "accepted");
}

/// Waits for what comes by itself.
async fn until(done: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < end, "it did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn a_request_ends() {
    let world = World::make();
    let counter = world.serve(&["--open-for", "5s"]);
    let (made, unseen) = (counter.ask(), counter.ask());
    let request = fetch(&made["link"]).await.unwrap();
    until(|| counter.look(&unseen).1["outcome"] == "expired").await;
    let sent = world.answer(&request, &world.card(|_| {})).await;
    assert!(matches!(sent, Err(SendError::Refused { status: 400 })));
    assert_eq!(counter.look(&made).1["outcome"], "expired");
    let (status, _) = counter.call("GET", &path_of(&unseen["request_uri"]), &[], "");
    assert_eq!(status, 410);
}

#[tokio::test]
async fn results_are_forgotten() {
    let world = World::make();
    let counter = world.serve(&["--forget-after", "10s"]);
    let (made, other) = (counter.ask(), counter.ask());
    for one in [&made, &other] {
        let request = fetch(&one["link"]).await.unwrap();
        world.answer(&request, &world.card(|_| {})).await.unwrap();
        assert_eq!(counter.result(one)["outcome"], "accepted");
    }
    // At once, where the clerk says so.
    let path = format!("/desk/requests/{}", other["id"].as_str().unwrap());
    assert_eq!(counter.call("DELETE", &path, &[], "").0, 200);
    assert_eq!(counter.look(&other).0, 404);
    // And in time, by itself.
    until(|| counter.look(&made).0 != 200).await;
    let (status, view) = counter.look(&made);
    assert_eq!(
        (status, view["error"]["kind"].as_str()),
        (404, Some("unknown"))
    );
    // Nothing of it is on the disk.
    let mut folders = vec![world.folder.path().join("data")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let text = String::from_utf8_lossy(&bytes);
                assert!(!text.contains("age_over_18"), "{}", path.display());
            }
        }
    }
}

#[test]
fn the_desk_is_for_the_desk() {
    let world = World::make();
    let counter = world.serve(&[]);
    let made = counter.ask();
    let result = format!("/desk/requests/{}", made["id"].as_str().unwrap());
    let bearer = format!("Bearer {}", counter.token);
    let body = r#"{"purpose":"age-over-18"}"#;
    for stranger in [
        ("Host", "evil.example"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
    ] {
        for (method, path) in [
            ("GET", "/desk"),
            ("GET", "/"),
            ("GET", "/desk/read"),
            ("POST", "/desk/codes"),
            ("POST", "/desk/codes/questions"),
            ("GET", "/desk/purposes"),
            ("GET", "/desk/ledger"),
            ("POST", "/desk/requests"),
            ("GET", &result),
            ("DELETE", &result),
        ] {
            let (status, _) = counter.call(method, path, &[stranger], body);
            assert_eq!(status, 403, "{method} {path} {stranger:?}");
        }
        let known = [stranger, ("Authorization", bearer.as_str())];
        assert_eq!(counter.call("GET", &result, &known, "").0, 200);
    }
    let wrong = [("Host", "evil.example"), ("Authorization", "Bearer x")];
    assert_eq!(counter.call("GET", &result, &wrong, "").0, 403);
}

#[test]
fn behind_a_public_address_the_desk_asks_for_its_token() {
    let world = World::make();
    let counter = world.serve(&["--public-url", "https://desk.example"]);
    assert_eq!(counter.call("GET", "/desk", &[], "").0, 403);
    assert_eq!(counter.call("GET", "/desk/read", &[], "").0, 403);
    for page in ["/desk", "/desk/read"] {
        let path = format!("{page}?token={}", counter.token);
        assert_eq!(counter.call("GET", &path, &[], "").0, 200);
    }
}

#[tokio::test]
async fn browsers_find_the_icon() {
    let world = World::make();
    let counter = world.serve(&[]);
    let get = async |path: &str| {
        let url = format!("{}{path}", counter.url).parse().unwrap();
        client().send(Request::get(url)).await.unwrap()
    };
    let icon = get("/favicon.ico").await;
    assert_eq!(icon.status, 200);
    assert_eq!(icon.header("content-type"), Some("image/x-icon"));
    assert_eq!(icon.body, include_bytes!("../../../../icons/icon.ico"));
    let policy = icon.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    for path in ["/", "/desk/read"] {
        let page = get(path).await;
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("img-src 'self' data:;"), "{policy}");
        let page = String::from_utf8(page.body).unwrap();
        assert!(page.contains("<link rel=\"icon\" href=\"/favicon.ico\">"));
    }
}
