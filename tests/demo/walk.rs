//! The whole path in the terminal: offer, add, cards, present, verdict.

use std::path::Path;
use std::process::Output;
use std::sync::mpsc::{Receiver, TryRecvError};

use anyhow::{Context as _, bail};
use journeys::{Demo, Programs, finish};
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::say;

/// Opens at no other wallet than the demo's, and is no secret.
const PASSPHRASE: &str = "seven grey stones above the tide line";

/// Walks the path, step by step, until its end or until `stop`.
pub(crate) fn run(
    world: &Demo,
    programs: &Programs,
    folder: &Path,
    stop: &Receiver<()>,
) -> anyhow::Result<()> {
    let walk = Walk::prepare(world, programs, folder, stop)?;
    walk.step("A wallet, locked with a passphrase")?;
    walk.cairn(&["init", "--no-keyring"])?;
    walk.step("What the ledger says: who may issue, who may ask")?;
    walk.cairn(&["ledger", "sync"])?;

    walk.step("Cards. Each issuer's desk shows an offer as a QR code")?;
    for (place, desk) in world.issuers.iter().enumerate() {
        say::line(&format!("\n{}: {}", desk.name, desk.title));
        let link = world.offer(&desk.kind)?;
        if place == 0 {
            say::line(&code(&link)?);
        }
        walk.cairn(&["add", &link, "--yes"])?;
    }
    walk.cairn(&["cards"])?;

    walk.step("A counter asks. Its desk shows a QR code")?;
    let purpose = "free-prescription";
    let asked = world.ask(purpose)?;
    say::line(&code(&asked.link)?);
    walk.cairn(&["present", &asked.link, "--yes"])?;
    say::line("\nWhat the counter's screen says:");
    say::line(&indented(&world.verdict(purpose, &asked)?));

    walk.step("The same counter asks for three cards of three formats at once")?;
    let purpose = "help-with-costs";
    let asked = world.ask(purpose)?;
    walk.cairn(&["present", &asked.link, "--yes"])?;
    say::line("\nWhat the counter's screen says:");
    say::line(&indented(&world.verdict(purpose, &asked)?));

    walk.step("Another asks for more than it registered, and gets nothing")?;
    let asked = world.ask("membership")?;
    walk.refused(&["present", &asked.link, "--yes"])?;

    walk.step("What the wallet remembers: names of details, never their values")?;
    walk.cairn(&["history"])?;
    say::line(
        "\nThat was the whole path. The wallet and this demo world are gone again.\n\
         With a display, ./run opens the wallet's window on the same desks.",
    );
    Ok(())
}

struct Walk<'a> {
    world: &'a Demo,
    programs: &'a Programs,
    folder: &'a Path,
    stop: &'a Receiver<()>,
    step: std::cell::Cell<u32>,
}

impl<'a> Walk<'a> {
    fn prepare(
        world: &'a Demo,
        programs: &'a Programs,
        folder: &'a Path,
        stop: &'a Receiver<()>,
    ) -> anyhow::Result<Self> {
        std::fs::write(folder.join("passphrase.txt"), PASSPHRASE)?;
        Ok(Self {
            world,
            programs,
            folder,
            stop,
            step: std::cell::Cell::new(1),
        })
    }

    fn step(&self, title: &str) -> anyhow::Result<()> {
        let step = self.step.replace(self.step.get() + 1);
        say::line(&format!("\n── {step}. {title}"));
        match self.stop.try_recv() {
            Err(TryRecvError::Empty) => Ok(()),
            _ => bail!("stopped"),
        }
    }

    /// A command that must succeed.
    fn cairn(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.run(arguments)?;
        if !output.status.success() {
            bail!("cairn {} ended with {}", verb(arguments), output.status);
        }
        Ok(())
    }

    /// A command that a check must refuse.
    fn refused(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let output = self.run(arguments)?;
        if output.status.code() != Some(2) {
            bail!(
                "cairn {} was not refused: {}",
                verb(arguments),
                output.status
            );
        }
        Ok(())
    }

    /// Runs the wallet, showing the command as a person would type it, and what it says.
    fn run(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        let mut command = self.programs.command("cairn")?;
        command.arg("--data").arg(self.folder.join("wallet"));
        command
            .arg("--passphrase-file")
            .arg(self.folder.join("passphrase.txt"));
        command.args(["--demo", "--ledger", self.world.ledger.url(), "--pin"]);
        command.arg(self.world.pin()).args(arguments);
        let typed: Vec<String> = arguments.iter().map(|word| shortened(word)).collect();
        say::line(&format!("\n$ cairn {}", typed.join(" ")));
        let output = finish(&mut command)?;
        for said in [&output.stdout, &output.stderr] {
            let said = String::from_utf8_lossy(said);
            if !said.trim().is_empty() {
                say::line(&indented(&said));
            }
        }
        Ok(output)
    }
}

fn verb<'a>(arguments: &[&'a str]) -> &'a str {
    arguments.first().copied().unwrap_or_default()
}

/// A link of hundreds of characters tells nobody anything.
fn shortened(word: &str) -> String {
    const LONGEST: usize = 60;
    if word.chars().count() <= LONGEST {
        return word.to_owned();
    }
    let start: String = word.chars().take(LONGEST).collect();
    format!("'{start}…'")
}

fn indented(text: &str) -> String {
    let lines: Vec<String> = text
        .trim_end()
        .lines()
        .map(|line| format!("  {line}"))
        .collect();
    lines.join("\n")
}

/// A QR code of a link, two rows of modules in a line, light on a dark terminal.
fn code(link: &str) -> anyhow::Result<String> {
    let code = QrCode::with_error_correction_level(link, EcLevel::L);
    let code = code.context("a link too long for a QR code")?;
    let drawn = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    Ok(drawn)
}
