//! The counter's own page in a browser whose camera sees the wallet's own codes.
//!
//! `./test` runs these where there is a Chromium with its driver, and says so where there is none:
//! that is why they are ignored here.

use std::time::{Duration, Instant};

use code::Symbol;
use serde_json::{Value, json};

use crate::browser::{Browser, Camera, PATIENCE, missing, write_film};
use crate::lens::{Dice, View, look};
use crate::stage::{Counter, DESK_NAME, Issuer, LedgerDesk, Stage, Wallet, purpose};

mod page;

const PURPOSE: &str = "free-prescription";

/// A wallet with a card, and a desk that the ledger lists.
struct Scene<'a> {
    wallet: Wallet<'a>,
    counter: Counter<'a>,
    stage: &'a Stage,
}

impl<'a> Scene<'a> {
    fn set(stage: &'a Stage) -> Self {
        assert_eq!(missing(), None);
        let ledger = LedgerDesk::found(stage);
        let issuer = Issuer::open(stage);
        ledger.register_issuer(&issuer);
        let purposes = stage.write("desk.toml", purpose(PURPOSE, &["given_name", "valid_to"]));
        let early = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
        ledger.register_service(&early.client_id, &purposes);
        drop(early);
        // Again, so that it has the ledger on which it stands. What rides along makes the codes of
        // answers moving ones. The questions are open for as long as they may be: to draw what the
        // camera sees of an answer takes a slow machine minutes.
        let more = ["--evidence", "always", "--open-for", "10m"];
        let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &more);
        let wallet = stage.wallet("wallet", ledger.url());
        wallet.add(&issuer, "4");
        wallet.run(&["ledger", "sync"]).done();
        Self {
            wallet,
            counter,
            stage,
        }
    }

    /// The codes that the wallet shows for a question of the desk.
    fn answer(&self, question: &str) -> Vec<Symbol> {
        self.codes(&["--ask", question])
    }

    fn codes(&self, chosen: &[&str]) -> Vec<Symbol> {
        let file = self.stage.text_path("answer.gif");
        let present = ["present", "--yes", "--qr", &file];
        let shown = self
            .wallet
            .run(&[present.as_slice(), chosen].concat())
            .done();
        let texts = shown["code"]["texts"].as_array().unwrap();
        let texts = texts.iter().map(|text| text.as_str().unwrap());
        texts.map(|text| Symbol::new(text).unwrap()).collect()
    }

    /// A question of the desk, as its page gets it.
    async fn question(&self) -> String {
        let url = format!("{}/desk/codes/questions", self.counter.url());
        let made = reqwest::Client::new()
            .post(url)
            .body(json!({"purpose": PURPOSE}).to_string())
            .send()
            .await
            .unwrap();
        let view: Value = serde_json::from_str(&made.text().await.unwrap()).unwrap();
        view["text"].as_str().unwrap().to_owned()
    }

    /// The page, with a camera that sees these pictures.
    async fn page(&self, pictures: &[code::GrayImage]) -> Browser {
        let film = self.stage.path("film.y4m");
        write_film(pictures, &film).unwrap();
        let browser = Browser::open(Camera::Film(&film)).await.unwrap();
        let page = format!("{}/desk/read", self.counter.url());
        browser.client.goto(&page).await.unwrap();
        browser
    }
}

async fn verdict(browser: &Browser) -> String {
    browser.wait_for("#result").await.unwrap();
    browser.wait_for("#headline").await.unwrap()
}

/// A still code without a question, aslant and in the dark: with care, and the second time not.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn the_camera_reads_a_code_once() {
    let stage = Stage::new();
    let scene = tokio::task::block_in_place(|| Scene::set(&stage));
    let chosen = ["--to", DESK_NAME, "--purpose", PURPOSE];
    let codes = tokio::task::block_in_place(|| scene.codes(&chosen));
    assert_eq!(codes.len(), 1);
    let pictures: Vec<_> = (0..4)
        .map(|seed| {
            let view = View {
                module: 4.0,
                angle: 20.0,
                slant: 0.15,
                blur: 0.9,
                noise: 8.0,
                black: 10.0,
                white: 120.0,
                seed,
                ..View::WIDE
            };
            look(&codes[0], view)
        })
        .collect();
    let browser = scene.page(&pictures).await;
    browser.press("only-read").await.unwrap();
    assert_eq!(verdict(&browser).await, "Accept with care");
    let page = browser.page().await.unwrap();
    assert!(page.contains("Check identity"), "{page}");
    // The picture of the camera is off, and the details go when the clerk says so.
    let off = browser.run("return document.querySelector('#video').srcObject === null;");
    assert_eq!(off.await.unwrap(), json!(true));
    let there = "return document.querySelectorAll('#credentials dd').length;";
    assert_eq!(browser.run(there).await.unwrap(), json!(2));
    browser.press("again").await.unwrap();
    assert_eq!(browser.run(there).await.unwrap(), json!(0));
    browser.press("only-read").await.unwrap();
    assert_eq!(verdict(&browser).await, "Do not accept");
    assert_eq!(browser.run(there).await.unwrap(), json!(0));
    browser.close().await.unwrap();
}

/// A moving code at several angles and sizes, out of focus, with noise, 3 of 10 frames lost.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn the_camera_reads_a_moving_code() {
    let stage = Stage::new();
    let scene = tokio::task::block_in_place(|| Scene::set(&stage));
    let question = scene.question().await;
    let codes = tokio::task::block_in_place(|| scene.answer(&question));
    assert!(codes.len() > 1);
    let mut dice = Dice::new(41);
    let nothing = code::GrayImage::from_pixel(View::WIDE.width, View::WIDE.height, image_grey());
    let mut pictures = Vec::new();
    for round in 0..3 {
        for (index, code) in codes.iter().enumerate() {
            if dice.throw() < 0.3 {
                pictures.push(nothing.clone());
                continue;
            }
            let view = View {
                module: 4.5 + 2.0 * dice.throw(),
                angle: 40.0 * dice.throw() - 20.0,
                slant: 0.2 * dice.throw(),
                blur: 0.5 + dice.throw(),
                noise: 10.0,
                black: 30.0 * dice.throw(),
                white: 130.0 + 120.0 * dice.throw(),
                seed: (100 * round + index) as u64,
                ..View::WIDE
            };
            pictures.push(look(code, view));
        }
    }
    let browser = scene.page(&pictures).await;
    // Noted as it is said: it may be gone before anybody looks.
    let note = "window.parts = []; const place = document.querySelector('#parts-text');
        const heard = () => window.parts.push(place.textContent);
        new MutationObserver(heard).observe(place, {childList: true});";
    browser.run(note).await.unwrap();
    browser.press("only-read").await.unwrap();
    assert_eq!(verdict(&browser).await, "Accept");
    let parts = browser.run("return window.parts;").await.unwrap();
    let first = parts[0].as_str().unwrap_or_default();
    assert!(
        first.starts_with("Part ") && first.contains(" of "),
        "{parts}"
    );
    browser.close().await.unwrap();
}

fn image_grey() -> image::Luma<u8> {
    image::Luma([140])
}

/// The page shows its own question, and takes what a scanner types, and a file.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and its driver: ./test runs it where they are"]
async fn the_page_asks_and_a_scanner_types() {
    let stage = Stage::new();
    let scene = tokio::task::block_in_place(|| Scene::set(&stage));
    let empty = code::GrayImage::from_pixel(640, 480, image_grey());
    let browser = scene.page(&[empty]).await;
    let told = browser
        .client
        .find(fantoccini::Locator::Css("#ask button[type=submit]"));
    told.await.unwrap().click().await.unwrap();
    browser.wait_for("#code svg").await.unwrap();
    // The code on the screen, read from a picture of the screen.
    let end = Instant::now() + PATIENCE;
    let texts = loop {
        let screen = browser.client.screenshot().await.unwrap();
        let texts = code::read_picture(&screen).unwrap();
        // It is on the page, and comes to the screen.
        if !texts.is_empty() || Instant::now() > end {
            break texts;
        }
    };
    assert_eq!(texts.len(), 1);
    let codes = tokio::task::block_in_place(|| scene.answer(&texts[0]));
    let field = browser
        .client
        .find(fantoccini::Locator::Css("#typed"))
        .await
        .unwrap();
    // Not the wallet's answer first: it says what it is.
    field.send_keys(&format!("{}\n", texts[0])).await.unwrap();
    let said = "return document.querySelector('#live').textContent;";
    let end = Instant::now() + PATIENCE;
    while browser.run(said).await.unwrap() == json!("") && Instant::now() < end {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = browser.run(said).await.unwrap();
    assert!(
        said.as_str().unwrap().starts_with("That is a request"),
        "{said}"
    );
    for code in &codes[..2] {
        let typed = format!("{}\n", code.text());
        field.send_keys(&typed).await.unwrap();
    }
    // The rest from the file that the wallet wrote.
    let parts = browser.wait_for("#parts-text").await.unwrap();
    assert!(parts.contains(" of "), "{parts}");
    let file = browser.client.find(fantoccini::Locator::Css("#file"));
    let film = scene.stage.text_path("answer.gif");
    file.await.unwrap().send_keys(&film).await.unwrap();
    assert_eq!(verdict(&browser).await, "Accept");
    browser.close().await.unwrap();
}
