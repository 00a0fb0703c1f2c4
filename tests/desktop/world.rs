//! The demo world under the window, and what a citizen does in it, on the screen.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use fantoccini::Locator;
use journeys::{Demo, DeskLinks, Programs};
use serde_json::{Value, json};

use crate::window::Window;

pub(crate) const PASSPHRASE: &str = "seven grey stones above the tide line";

/// The whole demo world, for one test. Its parts end in this order.
pub(crate) struct World {
    pub(crate) desks: DeskLinks,
    pub(crate) demo: Arc<Demo>,
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let programs = Programs::beside_this_one()?;
        let demo = Arc::new(Demo::start(&programs, folder.path(), &repository)?);
        Ok(Self {
            desks: DeskLinks::open(&demo, folder.path())?,
            demo,
            folder,
        })
    }

    /// A window on this world, with a wallet set up in it.
    pub(crate) async fn wallet(&self) -> anyhow::Result<Window> {
        let window = self.window().await?;
        set_up(&window).await?;
        Ok(window)
    }

    /// A window on this world, without a wallet yet.
    pub(crate) async fn window(&self) -> anyhow::Result<Window> {
        let (pin, desks) = (self.demo.pin(), self.desks.file());
        let pin = pin.to_str().context("a path in UTF-8")?;
        let desks = desks.to_str().context("a path in UTF-8")?;
        let ledger = self.demo.ledger.url();
        std::fs::create_dir_all(self.saved())?;
        let saved = self.saved();
        let saved = saved.to_str().context("a path in UTF-8")?;
        let world = ["--demo", "--ledger", ledger, "--pin", pin, "--desks", desks];
        Window::open(&[&world[..], &["--save-in", saved]].concat()).await
    }

    /// The folder in which the window saves files.
    pub(crate) fn saved(&self) -> PathBuf {
        self.folder.path().join("saved")
    }

    /// What the counter knows of the request that was made last at its desk.
    pub(crate) fn counters_word(&self, purpose: &str) -> anyhow::Result<Value> {
        let asked = self.desks.last().context("no desk was visited")?;
        self.demo.result(purpose, &asked)
    }
}

/// Sets a wallet up, to the empty list of cards.
pub(crate) async fn set_up(window: &Window) -> anyhow::Result<()> {
    window.press("create").await?;
    window.fill("new-passphrase", PASSPHRASE).await?;
    window.fill("new-passphrase-again", PASSPHRASE).await?;
    window.press("create-wallet").await?;
    confirm_code(window).await
}

/// Writes the recovery code down, and shows that it was.
pub(crate) async fn confirm_code(window: &Window) -> anyhow::Result<()> {
    let code = window.wait_for("#recovery-code").await?.text().await?;
    window.press("code-written").await?;
    // The page asks for the end of the code, to see that it was written down.
    let end: Vec<char> = code.chars().filter(|c| c.is_alphanumeric()).collect();
    let end: String = end[end.len() - 4..].iter().collect();
    window.fill("code-end", &end).await?;
    window.press("code-confirm").await?;
    window.wait_until_gone("#code-end").await?;
    window.wait_for("#empty").await.map(|_| ())
}

/// Goes to a desk, to the screen that says where its link leads.
pub(crate) async fn visit(window: &Window, desk: &str) -> anyhow::Result<()> {
    if window.client.find(Locator::Css(".desk")).await.is_err() {
        window.press("nav-cards").await?;
        window.wait_for("#add, #empty").await?;
        if window.client.find(Locator::Css(".desk")).await.is_err() {
            window.press("add").await?;
        }
    }
    let desk = window
        .wait_for(&format!(".desk[data-desk='{desk}']"))
        .await?;
    desk.click().await?;
    window.wait_for("#continue").await.map(|_| ())
}

/// Puts in a link, to the screen that says where it leads.
pub(crate) async fn open_link(window: &Window, link: &str) -> anyhow::Result<()> {
    window.press("nav-cards").await?;
    window.press("add").await?;
    window.fill("link", link).await?;
    window.press("read-link").await?;
    window.wait_for("#continue").await.map(|_| ())
}

/// Takes a card from a desk.
pub(crate) async fn take(window: &Window, desk: &str) -> anyhow::Result<()> {
    visit(window, desk).await?;
    window.press("continue").await?;
    window.press("accept").await?;
    window.wait_for("#added").await?;
    window.press("to-cards").await?;
    window.wait_for("#count").await.map(|_| ())
}

/// Goes to a counter's desk, to what it asks for.
pub(crate) async fn be_asked(window: &Window, desk: &str) -> anyhow::Result<()> {
    visit(window, desk).await?;
    window.press("continue").await?;
    window.wait_for("#share, #choose").await.map(|_| ())
}

/// The details on the consent page: label and value each.
pub(crate) async fn shown(window: &Window) -> anyhow::Result<Value> {
    let script = "return [...document.querySelectorAll('#they-see dl.shared > div')].map(row => {
        const [label, value] = [row.querySelector('dt'), row.querySelector('dd')];
        return [label.textContent, value.firstChild.textContent.trim()];
    });";
    Ok(window.client.execute(script, Vec::new()).await?)
}

/// The outcome that the last screen tells.
pub(crate) async fn outcome(window: &Window) -> anyhow::Result<String> {
    let outcome = window.wait_for("#outcome").await?;
    let name = outcome.attr("data-outcome").await?;
    name.context("an outcome without a name")
}

/// The details that the counter received: label and value each.
pub(crate) fn received(result: &Value) -> Value {
    let credentials = result["credentials"].as_array();
    credentials
        .into_iter()
        .flatten()
        .filter_map(|one| one["details"].as_array())
        .flatten()
        .map(|detail| json!([detail["label"], detail["value"]]))
        .collect()
}
