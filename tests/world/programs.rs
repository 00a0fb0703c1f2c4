//! Where the programs are, and running one to its end.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

/// How long a command may take. Argon2id on a busy machine is the slowest of them.
const PATIENCE: Duration = Duration::from_secs(120);

/// The folder that holds the built programs.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The folder of the program that calls this: tests stand one folder deeper.
    ///
    /// # Errors
    /// Where the system does not say which program this is.
    pub fn beside_this_one() -> anyhow::Result<Self> {
        let this = std::env::current_exe().context("which program this is")?;
        let mut folder = this.parent().context("a program in no folder")?;
        if folder.file_name() == Some(OsStr::new("deps")) {
            folder = folder.parent().context("a program in no folder")?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The path of a program.
    ///
    /// # Errors
    /// Where it was not built.
    pub fn path(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self
            .folder
            .join(name)
            .with_extension(std::env::consts::EXE_EXTENSION);
        if !path.is_file() {
            bail!("{name} is not built: cargo build --package {name}");
        }
        Ok(path)
    }

    /// A command of a program, with nothing on its standard input.
    ///
    /// # Errors
    /// Where it was not built.
    pub fn command(&self, name: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(self.path(name)?);
        command.stdin(Stdio::null());
        Ok(command)
    }
}

/// Runs a command to its end and returns what it said; kills it when it takes too long.
///
/// # Errors
/// Where it cannot be started or takes more than two minutes. Its exit status is for the caller.
pub fn finish(command: &mut Command) -> anyhow::Result<Output> {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let status = wait(&mut child, PATIENCE)
        .with_context(|| format!("running {}", name(command.get_program())))?;
    Ok(Output {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Runs a command that must succeed, and returns its standard output.
///
/// # Errors
/// As [`finish`], and where the command fails: with what it said.
pub fn succeed(command: &mut Command) -> anyhow::Result<String> {
    let output = finish(command)?;
    let said = String::from_utf8(output.stdout).context("output that is not text")?;
    if !output.status.success() {
        bail!(
            "{} failed ({}): {said}{}",
            name(command.get_program()),
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(said)
}

fn name(program: &OsStr) -> String {
    let path = Path::new(program);
    let name = path.file_name().unwrap_or(program);
    name.to_string_lossy().into_owned()
}

fn drain(from: Option<impl std::io::Read + Send + 'static>) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        if let Some(mut from) = from {
            let _ = from.read_to_end(&mut all);
        }
        all
    })
}

fn wait(child: &mut Child, patience: Duration) -> anyhow::Result<std::process::ExitStatus> {
    let end = Instant::now() + patience;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            bail!("it took more than {} s", patience.as_secs());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
