//! A picture of each page that a browser shows: the ledger's trail, the counter's desk, the
//! issuer's desk. Taken by hand, when a page has changed:
//!
//! `CAIRN_PICTURES=1 cargo test -p journeys --test journeys -- --ignored pages::`

use std::path::{Path, PathBuf};

use fantoccini::Locator;
use journeys::{Demo, Programs, succeed};

use crate::browser::{Browser, Camera, missing, write_film};

const WIDE: u32 = 1100;
/// More than the tallest page and the window's own frame.
const TALL: u32 = 3200;

/// The whole page, in `docs/screens` where `CAIRN_PICTURES` is set, else below `target`.
async fn picture(browser: &Browser, name: &str) {
    let folder = match std::env::var_os("CAIRN_PICTURES") {
        Some(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens"),
        None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens"),
    };
    std::fs::create_dir_all(&folder).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let page = browser.client.find(Locator::Css("html")).await.unwrap();
    let png = page.screenshot().await.unwrap();
    std::fs::write(folder.join(name).with_extension("png"), png).unwrap();
}

/// A wallet of the demo with one card.
fn wallet(programs: &Programs, world: &Demo, folder: &Path) -> impl Fn(&[&str]) {
    let passphrase: PathBuf = folder.join("passphrase");
    std::fs::write(&passphrase, "six plain words for a picture only").unwrap();
    let programs = programs.clone();
    let (data, pin) = (folder.join("wallet"), world.pin());
    let ledger = world.ledger.url().to_owned();
    let run = move |arguments: &[&str]| {
        let mut command = programs.command("cairn").unwrap();
        command.arg("--data").arg(&data).arg("--passphrase-file");
        command
            .arg(&passphrase)
            .args(["--ledger", &ledger, "--pin"]);
        succeed(command.arg(&pin).args(arguments)).unwrap();
    };
    run(&["--demo", "init", "--no-keyring"]);
    run(&["add", &world.offer("NHSChargeExemption").unwrap(), "--yes"]);
    run
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes pictures of the pages, and needs Chromium and its driver"]
async fn every_page_has_its_picture() {
    assert_eq!(missing(), None);
    let home = tempfile::tempdir().unwrap();
    let programs = Programs::beside_this_one().unwrap();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let world = tokio::task::block_in_place(|| {
        Demo::start(&programs, &home.path().join("world"), &repository).unwrap()
    });
    let cairn = tokio::task::block_in_place(|| wallet(&programs, &world, home.path()));
    let film = home.path().join("film.y4m");
    write_film(&[code::GrayImage::new(640, 480)], &film).unwrap();
    let browser = Browser::open(Camera::Film(&film)).await.unwrap();
    browser.client.set_window_size(WIDE, TALL).await.unwrap();

    browser.client.goto(world.ledger.url()).await.unwrap();
    browser.wait_for("#growth").await.unwrap();
    picture(&browser, "page-ledger").await;

    let desk = format!("{}/desk", world.counters[0].service.url());
    browser.client.goto(&desk).await.unwrap();
    picture(&browser, "page-counter").await;
    choose(&browser).await;
    browser.wait_for("#code").await.unwrap();
    picture(&browser, "page-counter-asking").await;
    let link = "return document.querySelector('#link').value;";
    let link = browser.run(link).await.unwrap();
    tokio::task::block_in_place(|| cairn(&["present", link.as_str().unwrap(), "--yes"]));
    browser.wait_for("#result").await.unwrap();
    picture(&browser, "page-counter-result").await;

    browser.client.goto(&format!("{desk}/read")).await.unwrap();
    picture(&browser, "page-read").await;
    choose(&browser).await;
    browser.wait_for("#asked").await.unwrap();
    picture(&browser, "page-read-asking").await;

    let desk = format!("{}/desk", world.issuers[0].service.url());
    browser.client.goto(&desk).await.unwrap();
    picture(&browser, "page-issuer").await;
    let goes_on = "document.querySelector('form[method=post]').submit();";
    browser.run(goes_on).await.unwrap();
    browser.wait_for("dl").await.unwrap();
    picture(&browser, "page-issuer-question").await;
    browser.run(goes_on).await.unwrap();
    browser.wait_for(".qr").await.unwrap();
    picture(&browser, "page-issuer-offer").await;
    browser.close().await.unwrap();
}

/// The first purpose of a desk.
async fn choose(browser: &Browser) {
    let choose = "document.querySelector('#ask input').click(); document.querySelector('#ask button').click();";
    browser.run(choose).await.unwrap();
}
