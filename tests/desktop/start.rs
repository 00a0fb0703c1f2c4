//! The window opens on the page, and lets nothing else in.

use fantoccini::Locator;
use serde_json::json;

use crate::window::Window;

#[tokio::test]
async fn the_window_opens_on_the_page_with_a_heading() {
    let window = Window::open(&["--demo"]).await.unwrap();
    let heading = window.wait_for("h1").await.unwrap();
    assert!(!heading.text().await.unwrap().trim().is_empty());
    window.close().await.unwrap();
}

#[tokio::test]
async fn preferences_survive_a_restart() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    let mut wanted = window.invoke("preferences", json!({})).await.unwrap()["ok"].clone();
    assert_eq!(wanted["theme"], "system");
    wanted["theme"] = "dark".into();
    let set = json!({"input": {"preferences": wanted}});
    let kept = window.invoke("set_preferences", set).await.unwrap();
    assert_eq!(kept["ok"]["theme"], "dark");
    let file = window.data().join("preferences.json");
    assert!(std::fs::read_to_string(file).unwrap().contains("dark"));
    window.close().await.unwrap();
}

/// Ways in which a page that was tampered with would try to carry something out.
const AWAY: [&str; 6] = [
    "window.location.href = arguments[0];",
    "window.open(arguments[0]);",
    "const link = document.createElement('a'); link.href = arguments[0]; link.target = '_blank';
     document.body.append(link); link.click(); link.remove();",
    "const frame = document.createElement('iframe'); frame.src = arguments[0];
     document.body.append(frame); setTimeout(() => frame.remove(), 300);",
    "const form = document.createElement('form'); form.action = arguments[0]; form.method = 'post';
     document.body.append(form); form.submit(); form.remove();",
    "fetch(arguments[0]).catch(() => {}); new Image().src = arguments[0];
     navigator.sendBeacon(arguments[0], 'x');",
];

#[tokio::test]
async fn the_page_cannot_be_navigated_away_from() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    let before = window.client.current_url().await.unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let elsewhere = format!("http://{}/", listener.local_addr().unwrap());
    for script in AWAY {
        window
            .client
            .execute(script, vec![elsewhere.clone().into()])
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        // WebKit connects ahead when a link is clicked; not a byte may go over that.
        if let Ok((mut caller, _)) = listener.accept() {
            let mut said = Vec::new();
            caller
                .set_read_timeout(Some(std::time::Duration::from_millis(500)))
                .unwrap();
            let _ = std::io::Read::read_to_end(&mut caller, &mut said);
            assert_eq!(said, b"", "{script}");
        }
    }
    assert_eq!(window.client.current_url().await.unwrap(), before);
    assert_eq!(window.client.windows().await.unwrap().len(), 1);
    assert!(window.client.find(Locator::Css("h1")).await.is_ok());
    window.close().await.unwrap();
}

#[tokio::test]
async fn what_the_capability_does_not_name_is_refused() {
    let window = Window::open(&["--demo"]).await.unwrap();
    window.wait_for("h1").await.unwrap();
    for command in [
        "plugin:dialog|open",
        "plugin:window|close",
        "plugin:deep-link|get_current",
        "plugin:webview|create_webview_window",
        "nonsense",
    ] {
        let answer = window.invoke(command, json!({})).await.unwrap();
        assert!(answer.get("error").is_some(), "{command}: {answer}");
    }
    window.close().await.unwrap();
}
