//! Which compiler makes the page: rustup's target where it can be had, else Debian's own.
//!
//! Some networks have no way to rustup's server. Debian ships a compiler that knows wasm32, but not
//! the standard library built for it: cargo builds that too, from source.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::{say, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/wasm-ld-22";
/// What `apt-get install` needs for the Debian way.
const DEBIAN_PACKAGES: &str = "rustc-web rust-web-src lld-22";
/// For `rustup target add`: some 20 MB. A network that swallows packets must not stop the build.
const RUSTUP_PATIENCE: Duration = Duration::from_secs(150);

/// A compiler that can make the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compiler {
    /// The toolchain in use, with rustup's standard library for wasm32.
    Rustup,
    /// Debian's `rustc-web`, building the standard library from source.
    Debian,
}

impl Compiler {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    /// Builds `package` with `profile` and returns the folder that the module is in.
    pub(crate) fn build(self, package: &str, profile: &str) -> anyhow::Result<PathBuf> {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(workspace::root());
        cargo.args(["build", "--package", package, "--profile", profile]);
        cargo.args(["--target", TARGET]);
        let target = match self {
            Self::Rustup => workspace::target(),
            // Another compiler's artefacts would be thrown away at each change of mind.
            Self::Debian => workspace::target().join("debian"),
        };
        cargo.arg("--target-dir").arg(&target);
        if self == Self::Debian {
            cargo.arg("-Zbuild-std=std,panic_abort");
            cargo.env("RUSTC", DEBIAN_RUSTC);
            cargo.env("RUSTC_BOOTSTRAP", "1");
            cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
        }
        let status = cargo.status().context("starting cargo")?;
        if !status.success() {
            bail!(
                "building {package} for {TARGET} with {} failed",
                self.name()
            );
        }
        Ok(target.join(TARGET).join(profile))
    }
}

/// The compiler to use: the one that `CAIRN_WASM` names, else the first that is there, else what
/// rustup can fetch.
pub(crate) fn choose() -> anyhow::Result<Compiler> {
    match std::env::var("CAIRN_WASM").as_deref() {
        Ok("rustup") => {
            if !rustup_has_target()? {
                fetch_target()?;
            }
            return Ok(Compiler::Rustup);
        }
        Ok("debian") => {
            if !debian_is_there() {
                bail!("Debian's compiler is not there: apt-get install {DEBIAN_PACKAGES}");
            }
            return Ok(Compiler::Debian);
        }
        Ok("") | Err(_) => {}
        Ok(other) => bail!("CAIRN_WASM is rustup or debian, not {other}"),
    }
    if rustup_has_target()? {
        return Ok(Compiler::Rustup);
    }
    // It is there because rustup had nothing to give before: no second wait for the same answer.
    if debian_is_there() {
        return Ok(Compiler::Debian);
    }
    match fetch_target() {
        Ok(()) => Ok(Compiler::Rustup),
        Err(error) => bail!(
            "no compiler for {TARGET}: {error:#}; the other way is apt-get install {DEBIAN_PACKAGES}"
        ),
    }
}

fn rustup_has_target() -> anyhow::Result<bool> {
    let out = Command::new("rustc")
        .current_dir(workspace::root())
        .args(["--print", "sysroot"])
        .output()
        .context("starting rustc")?;
    let sysroot = String::from_utf8(out.stdout).context("the path of the toolchain")?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET);
    Ok(out.status.success() && library.join("lib").is_dir())
}

fn debian_is_there() -> bool {
    [
        DEBIAN_RUSTC,
        DEBIAN_LINKER,
        "/usr/lib/rustlib/src/rust/library",
    ]
    .iter()
    .all(|path| Path::new(path).exists())
}

fn fetch_target() -> anyhow::Result<()> {
    say::problem(&format!("rustup target add {TARGET}"));
    let mut rustup = Command::new("rustup")
        .current_dir(workspace::root())
        .args(["target", "add", TARGET])
        .spawn()
        .context("starting rustup")?;
    let end = Instant::now() + RUSTUP_PATIENCE;
    loop {
        match rustup.try_wait().context("waiting for rustup")? {
            Some(status) if status.success() => return Ok(()),
            Some(_) => bail!("rustup could not add the target"),
            None if Instant::now() > end => {
                rustup.kill().context("stopping rustup")?;
                rustup.wait().context("waiting for rustup")?;
                bail!("rustup took more than {} s", RUSTUP_PATIENCE.as_secs());
            }
            None => std::thread::sleep(Duration::from_millis(200)),
        }
    }
}
