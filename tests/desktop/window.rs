//! A window under WebDriver: `tauri-driver` in front of WebKit's own driver.
//!
//! Needs a display, a session bus and a keyring of its own: `./test --desktop` provides them.

use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use journeys::Programs;
use serde_json::{Map, Value, json};

/// How long anything on the screen may take to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often the drivers are started before a test gives up: another program may take a free port
/// before they do. The wallet is not started until they listen, and then only once.
const STARTS: usize = 3;

/// The window as it opens, in pixels.
const WIDE: u32 = 1120;
const TALL: u32 = 760;
/// The tallest picture: the screen of `scripts/window.sh`.
const TALLEST: u32 = 2100;

/// The wallet's window, driven from here, and a data folder of its own.
pub(crate) struct Window {
    pub(crate) client: Client,
    _driver: Driver,
    data: tempfile::TempDir,
}

impl Window {
    /// Starts the wallet with a fresh data folder and the arguments given. It is asked for exactly
    /// once: a wallet that only sometimes opens its window fails the test.
    pub(crate) async fn open(arguments: &[&str]) -> anyhow::Result<Self> {
        let data = tempfile::tempdir()?;
        let mut all = vec!["--data".to_owned(), data.path().display().to_string()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let application = Programs::beside_this_one()?.path("cairn-desktop")?;
        let mut capabilities = Map::new();
        capabilities.insert("browserName".into(), "wry".into());
        capabilities.insert(
            "tauri:options".into(),
            json!({"application": application, "args": all}),
        );
        let (driver, port) = listening_driver().await?;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("opening the wallet's window")?;
        Ok(Self {
            client,
            _driver: driver,
            data,
        })
    }

    /// The folder that holds the wallet.
    pub(crate) fn data(&self) -> &Path {
        self.data.path()
    }

    /// Waits for an element, which must come within [`PATIENCE`].
    pub(crate) async fn wait_for(
        &self,
        css: &str,
    ) -> anyhow::Result<fantoccini::elements::Element> {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .with_context(|| format!("waiting for {css}"))
    }

    /// Presses the button of this id.
    pub(crate) async fn press(&self, id: &str) -> anyhow::Result<()> {
        let button = self.wait_for(&format!("#{id}")).await?;
        button
            .click()
            .await
            .with_context(|| format!("pressing {id}"))
    }

    /// Types into the field of this id.
    pub(crate) async fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let field = self.wait_for(&format!("#{id}")).await?;
        field
            .send_keys(text)
            .await
            .with_context(|| format!("typing into {id}"))
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn key(&self, key: Key) -> anyhow::Result<()> {
        let focused = self.client.active_element().await?;
        let key = char::from(key).to_string();
        focused.send_keys(&key).await.context("pressing a key")
    }

    /// Whether an element is not there now.
    pub(crate) async fn is_gone(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_err()
    }

    /// The texts of all elements that fit.
    pub(crate) async fn texts(&self, css: &str) -> anyhow::Result<Vec<String>> {
        let mut texts = Vec::new();
        for element in self.client.find_all(Locator::Css(css)).await? {
            texts.push(element.text().await?);
        }
        Ok(texts)
    }

    /// Waits until an element is no longer there.
    pub(crate) async fn wait_until_gone(&self, css: &str) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.client.find(Locator::Css(css)).await.is_ok() {
            if Instant::now() > end {
                bail!("{css} is still there");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Calls a command of the shell as any script in the page could, and returns what came of it:
    /// `{"ok": answer}` or `{"error": failure}`.
    pub(crate) async fn invoke(&self, command: &str, input: Value) -> anyhow::Result<Value> {
        let script = "const [command, input, done] = arguments;
            window.__TAURI__.core.invoke(command, input)
                .then(ok => done({ok}), error => done({error}));";
        let answer = self
            .client
            .execute_async(script, vec![command.into(), input])
            .await?;
        Ok(answer)
    }

    /// Waits until nothing on the screen says that it is loading.
    pub(crate) async fn settle(&self) -> anyhow::Result<()> {
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.wait_until_gone("#working").await
    }

    /// Takes a picture of the whole screen, also of what is below the window's edge: with
    /// `CAIRN_PICTURES` set to `docs/screens/NAME.png`, else among what the tests leave in `target`,
    /// so that a run of the tests changes nothing in the repository.
    pub(crate) async fn picture(&self, name: &str) -> anyhow::Result<()> {
        let folder = match std::env::var_os("CAIRN_PICTURES") {
            Some(_) => Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/screens"),
            None => Path::new(env!("CARGO_TARGET_TMPDIR")).join("screens"),
        };
        std::fs::create_dir_all(&folder)?;
        let tall = "return document.scrollingElement.scrollHeight;";
        let tall = self.client.execute(tall, Vec::new()).await?;
        let tall = u32::try_from(tall.as_u64().unwrap_or_default())?;
        self.client
            .set_window_size(WIDE, tall.clamp(TALL, TALLEST))
            .await?;
        // What is on the screen may be a frame behind what is on the page.
        tokio::time::sleep(Duration::from_millis(400)).await;
        let file: PathBuf = folder.join(name).with_extension("png");
        std::fs::write(file, self.client.screenshot().await?)?;
        self.client.set_window_size(WIDE, TALL).await?;
        Ok(())
    }

    /// Closes the window and waits for its program to end.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.client.clone().close().await?;
        Ok(())
    }
}

/// `tauri-driver` and, behind it, WebKit's driver. Both end with this value, and the wallet too,
/// which would outlive them otherwise.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Drivers that both listen, and the port to ask at. `tauri-driver` listens before the driver behind
/// it, and answers nothing but an error until then.
async fn listening_driver() -> anyhow::Result<(Driver, u16)> {
    if std::env::var_os("DISPLAY").is_none() {
        bail!("no display: start these tests with ./test --desktop");
    }
    let mut failure = None;
    for _ in 0..STARTS {
        let [port, native] = free_ports()?;
        let mut driver = start_driver(port, native)?;
        let listening = async {
            wait_for_listener(&mut driver, port).await?;
            wait_for_listener(&mut driver, native).await
        };
        match listening.await {
            Ok(()) => return Ok((driver, port)),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.context("no driver was started")?)
}

fn start_driver(port: u16, native: u16) -> anyhow::Result<Driver> {
    Command::new("tauri-driver")
        .args(["--port", &port.to_string()])
        .args(["--native-port", &native.to_string()])
        .stdout(Stdio::null())
        .process_group(0)
        .spawn()
        .map(Driver)
        .context("starting tauri-driver")
}

/// Two ports that nobody listens at. Both are held until both are known, so that they differ.
fn free_ports() -> anyhow::Result<[u16; 2]> {
    let first = TcpListener::bind(("127.0.0.1", 0))?;
    let second = TcpListener::bind(("127.0.0.1", 0))?;
    Ok([first.local_addr()?.port(), second.local_addr()?.port()])
}

async fn wait_for_listener(driver: &mut Driver, port: u16) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        if let Some(status) = driver.0.try_wait()? {
            bail!("tauri-driver ended: {status}");
        }
        if Instant::now() > end {
            bail!("a driver does not listen");
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
