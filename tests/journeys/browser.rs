//! Chromium with a camera that is a film: `chromedriver` in front of it, a folder of its own, and
//! no network but this machine's.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use code::GrayImage;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

/// How long anything on the page may take to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
/// What runs without a screen and without a network of its own.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1100,900",
];

/// What its page has for a camera, without asking anybody.
pub(crate) enum Camera<'a> {
    /// One that shows this film over and over.
    Film(&'a Path),
    /// Two, which show what the browser draws.
    Two,
    /// One that whoever sits there does not let it use.
    Refused,
}

impl Camera<'_> {
    fn arguments(&self) -> Vec<String> {
        let (ask, device) = match self {
            Camera::Refused => ("=deny", ""),
            Camera::Film(_) => ("", ""),
            Camera::Two => ("", "=device-count=2"),
        };
        let mut arguments = vec![
            format!("--use-fake-ui-for-media-stream{ask}"),
            format!("--use-fake-device-for-media-stream{device}"),
        ];
        if let Camera::Film(film) = self {
            let film = film.display();
            arguments.push(format!("--use-file-for-fake-video-capture={film}"));
        }
        arguments
    }
}

/// A browser. It ends with this value.
pub(crate) struct Browser {
    pub(crate) client: Client,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// Opens one with this camera.
    pub(crate) async fn open(camera: Camera<'_>) -> anyhow::Result<Self> {
        let profile = tempfile::tempdir()?;
        let (driver, port) = Driver::start()?;
        let mut arguments: Vec<String> = ARGUMENTS.iter().map(|&one| one.to_owned()).collect();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.extend(camera.arguments());
        let mut capabilities = Map::new();
        capabilities.insert("browserName".into(), "chrome".into());
        capabilities.insert("goog:chromeOptions".into(), json!({"args": arguments}));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .context("opening the browser")?;
        Ok(Self {
            client,
            _driver: driver,
            _profile: profile,
        })
    }

    /// Waits until an element is there and can be seen.
    pub(crate) async fn wait_for(&self, css: &str) -> anyhow::Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Ok(element) = self.client.find(Locator::Css(css)).await
                && element.is_displayed().await.unwrap_or_default()
            {
                return Ok(element.text().await?);
            }
            if Instant::now() > end {
                bail!("waiting for {css}: {}", self.page().await?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a script gives true.
    pub(crate) async fn until(&self, script: &str) -> anyhow::Result<()> {
        let end = Instant::now() + PATIENCE;
        while self.run(script).await? != json!(true) {
            if Instant::now() > end {
                bail!("waiting for {script}: {}", self.page().await?);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Presses the button of this id.
    pub(crate) async fn press(&self, id: &str) -> anyhow::Result<()> {
        let css = format!("#{id}");
        self.wait_for(&css).await?;
        let button = self.client.find(Locator::Css(&css)).await?;
        button
            .click()
            .await
            .with_context(|| format!("pressing {id}"))
    }

    /// All that the page says.
    pub(crate) async fn page(&self) -> anyhow::Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Evaluates a script.
    pub(crate) async fn run(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, Vec::new()).await?)
    }

    /// Ends the browser.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.client
            .clone()
            .close()
            .await
            .context("closing the browser")
    }
}

/// Why the browser cannot be started here, if it cannot.
pub(crate) fn missing() -> Option<&'static str> {
    let answers = |program: &str| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|said| said.status.success())
    };
    (!answers("chromedriver")).then_some("chromedriver is not installed")
}

/// `chromedriver` and the browsers that it started.
struct Driver(Child);

impl Driver {
    fn start() -> anyhow::Result<(Self, u16)> {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map(Self)
            .context("starting chromedriver")?;
        let out = driver.0.stdout.take().context("no standard output")?;
        let (say, hear) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some((_, port)) = line.rsplit_once("on port ")
                    && let Ok(port) = port.trim_end_matches('.').parse::<u16>()
                    && port > 0
                {
                    let _ = say.send(port);
                }
            }
        });
        let port = hear.recv_timeout(PATIENCE);
        Ok((driver, port.context("chromedriver does not listen")?))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Writes pictures of one size as an uncompressed film, ten a second.
pub(crate) fn write_film(pictures: &[GrayImage], file: &Path) -> anyhow::Result<()> {
    let (width, height) = pictures.first().context("an empty film")?.dimensions();
    let mut bytes = format!("YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n").into_bytes();
    let colour = 2 * (width.div_ceil(2) * height.div_ceil(2)) as usize;
    for picture in pictures {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend_from_slice(picture.as_raw());
        bytes.extend(std::iter::repeat_n(128, colour));
    }
    std::fs::write(file, bytes).with_context(|| file.display().to_string())
}
