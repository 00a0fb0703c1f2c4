//! What the page's script does when something goes wrong: with the camera, the reader, the counter.

use fantoccini::Locator;
use serde_json::json;

use super::{PURPOSE, Scene, image_grey, verdict};
use crate::browser::{Browser, Camera, missing};
use crate::lens::{View, look};
use crate::stage::{Counter, LedgerDesk, Stage, purpose};

/// What the page says to those who cannot see it.
const SAID: &str = "return document.querySelector('#live').textContent";
/// The tracks of all cameras that were ever on, the newest last.
const WATCH_CAMERAS: &str = "window.tracks = []; const real = navigator.mediaDevices.getUserMedia; \
    navigator.mediaDevices.getUserMedia = async function (wanted) { \
      const stream = await real.call(this, wanted); \
      window.tracks.push(...stream.getTracks()); return stream; };";
/// The readers that the page started, the newest last.
const WATCH_READERS: &str = "window.readers = []; const Real = window.Worker; \
    window.Worker = class extends Real { \
      constructor(...all) { super(...all); window.readers.push(this); } };";
/// Makes the newest reader fail at its work, as a picture might: it is no text that it is given.
/// The number is the page's turn.
const BREAK: &str = "window.readers.at(-1).postMessage({ kind: 'typed', text: 5, turn: 1 });";

async fn open(counter: &Counter<'_>, camera: Camera<'_>) -> Browser {
    let browser = Browser::open(camera).await.unwrap();
    let page = format!("{}/desk/read", counter.url());
    browser.client.goto(&page).await.unwrap();
    browser
}

/// Waits until the page says something that begins so.
async fn said(browser: &Browser, text: &str) {
    let script = format!("{SAID}.startsWith({});", json!(text));
    browser.until(&script).await.unwrap();
}

async fn type_code(browser: &Browser, text: &str) {
    let field = browser.client.find(Locator::Css("#typed")).await.unwrap();
    field.send_keys(&format!("{text}\n")).await.unwrap();
}

async fn choose_files(browser: &Browser, files: &[&str]) {
    let field = browser.client.find(Locator::Css("#file")).await.unwrap();
    field.send_keys(&files.join("\n")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn another_camera_is_chosen_and_a_camera_is_refused() {
    let stage = Stage::new();
    let counter = tokio::task::block_in_place(|| {
        assert_eq!(missing(), None);
        let ledger = LedgerDesk::found(&stage);
        let purposes = stage.write("desk.toml", purpose(PURPOSE, &["given_name"]));
        Counter::open(&stage, "counter", &ledger.folder, &purposes, &[])
    });
    let browser = open(&counter, Camera::Two).await;
    browser.run(WATCH_CAMERAS).await.unwrap();
    browser.press("only-read").await.unwrap();
    browser.wait_for("#camera-choice").await.unwrap();
    let both = "return document.querySelectorAll('#cameras option').length === 2;";
    browser.until(both).await.unwrap();
    let other = "const list = document.querySelector('#cameras'); \
        list.selectedIndex = 1 - list.selectedIndex; window.wanted = list.value; \
        list.dispatchEvent(new Event('change'));";
    browser.run(other).await.unwrap();
    // The first is off, the other is on, and the list says so.
    let changed = "const [first, second] = window.tracks; \
        return window.tracks.length === 2 && first.readyState === 'ended' && second.readyState === 'live' \
          && second.getSettings().deviceId === window.wanted \
          && first.getSettings().deviceId !== window.wanted \
          && document.querySelector('#video').srcObject?.getTracks()[0] === second \
          && document.querySelector('#cameras').value === window.wanted;";
    browser.until(changed).await.unwrap();
    // Nothing looks any more when the clerk stops, and the next person's camera comes again.
    let off = "return window.tracks.every((one) => one.readyState === 'ended') \
        && document.querySelector('#video').srcObject === null;";
    browser.press("stop").await.unwrap();
    browser.wait_for("#start").await.unwrap();
    browser.until(off).await.unwrap();
    browser.press("only-read").await.unwrap();
    let on = "return window.tracks.length === 3 && window.tracks[2].readyState === 'live';";
    browser.until(on).await.unwrap();
    browser.close().await.unwrap();

    let browser = open(&counter, Camera::Refused).await;
    browser.press("only-read").await.unwrap();
    browser.wait_for("#camera-start").await.unwrap();
    let words = browser.wait_for("#camera-say").await.unwrap();
    assert!(
        words.starts_with("The browser may not use the camera."),
        "{words}"
    );
    let hidden = "return document.querySelector('#video').hidden;";
    assert_eq!(browser.run(hidden).await.unwrap(), json!(true));
    // What is typed is read all the same.
    type_code(&browser, "HELLO").await;
    said(
        &browser,
        "That is a code, but not one of a wallet's answers.",
    )
    .await;
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn a_reader_that_breaks_is_started_again_and_two_files_are_one_verdict() {
    let stage = Stage::new();
    let scene = tokio::task::block_in_place(|| Scene::set(&stage));
    let mut answers = Vec::new();
    for name in ["first.gif", "second.gif"] {
        let question = scene.question().await;
        let codes = tokio::task::block_in_place(|| scene.answer(&question));
        let kept = stage.text_path(name);
        std::fs::rename(stage.path("answer.gif"), &kept).unwrap();
        answers.push((codes, kept));
    }
    let [(first, first_file), (second, second_file)] = &answers[..] else {
        panic!("two answers")
    };
    let empty = code::GrayImage::from_pixel(640, 480, image_grey());
    let browser = scene.page(&[empty]).await;
    browser.run(WATCH_READERS).await.unwrap();
    browser.press("only-read").await.unwrap();
    type_code(&browser, first[0].text()).await;
    browser.wait_for("#parts-text").await.unwrap();
    type_code(&browser, second[0].text()).await;
    said(&browser, "That is a part of another code.").await;
    for number in 2..=5 {
        browser.run(BREAK).await.unwrap();
        let again = format!("return window.readers.length === {number};");
        browser.until(&again).await.unwrap();
        said(&browser, "The reader had to start again.").await;
    }
    browser.run(BREAK).await.unwrap();
    said(&browser, "The reader does not work in this browser.").await;
    let off = "return document.querySelector('#video').srcObject === null;";
    browser.until(off).await.unwrap();
    // The next person gets a new one, which has nothing of what the broken ones had read.
    browser.press("stop").await.unwrap();
    browser.press("only-read").await.unwrap();
    browser
        .until("return window.readers.length === 6;")
        .await
        .unwrap();
    // Two codes at once: the first is judged, and the second is not.
    choose_files(&browser, &[first_file, second_file]).await;
    assert_eq!(verdict(&browser).await, "Accept");
    browser.press("again").await.unwrap();
    browser.press("only-read").await.unwrap();
    choose_files(&browser, &[second_file]).await;
    assert_eq!(verdict(&browser).await, "Accept");
    browser.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn a_counter_that_cannot_judge_lets_the_camera_start_again() {
    let stage = Stage::new();
    let scene = tokio::task::block_in_place(|| Scene::set(&stage));
    // The answer to a question: it is good for minutes, however slow this computer is.
    let question = scene.question().await;
    let codes = tokio::task::block_in_place(|| scene.answer(&question));
    let view = View {
        module: 5.0,
        ..View::WIDE
    };
    let pictures: Vec<_> = codes.iter().map(|code| look(code, view)).collect();
    let browser = scene.page(&pictures).await;
    browser.run(WATCH_CAMERAS).await.unwrap();
    // What is kept there cannot be read, so that nobody knows what was taken.
    let seen = stage.path("counter/codes/seen");
    std::fs::create_dir_all(&seen).unwrap();
    std::fs::write(seen.join("clock"), "yesterday").unwrap();
    browser.press("only-read").await.unwrap();
    said(
        &browser,
        "Nothing was accepted: the data folder cannot be used",
    )
    .await;
    let words = browser.wait_for("#camera-say").await.unwrap();
    assert_eq!(words, "The camera was switched off.");
    let off = "return window.tracks.length === 1 && window.tracks[0].readyState === 'ended';";
    assert_eq!(browser.run(off).await.unwrap(), json!(true));
    std::fs::remove_file(seen.join("clock")).unwrap();
    browser.press("camera-start").await.unwrap();
    assert_eq!(verdict(&browser).await, "Accept");
    // While a verdict is shown nothing is looked at.
    let off = "return window.tracks.length === 2 && window.tracks[1].readyState === 'ended';";
    assert_eq!(browser.run(off).await.unwrap(), json!(true));
    browser.close().await.unwrap();
}
