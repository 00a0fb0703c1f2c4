//! What the running program holds.

use std::path::PathBuf;

use anyhow::Context as _;

use crate::arguments::Arguments;
use crate::idle::Idle;
use crate::preferences;

/// The state behind all commands.
pub(crate) struct Shell {
    /// The folder that holds the wallet and the preferences.
    pub(crate) folder: PathBuf,
    /// Started with `--demo`.
    pub(crate) demo: bool,
    pub(crate) preferences: preferences::Kept,
    pub(crate) idle: Idle,
}

impl Shell {
    pub(crate) fn new(arguments: &Arguments) -> anyhow::Result<Self> {
        let folder = match &arguments.data {
            Some(folder) => folder.clone(),
            None => default_folder().context("no home folder: say where with --data")?,
        };
        Ok(Self {
            preferences: preferences::Kept::load(&folder),
            idle: Idle::new(),
            demo: arguments.demo,
            folder,
        })
    }
}

/// Where the wallet lives unless `--data` says otherwise.
fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let base = set("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(set("HOME")?).join(".local/share")))?;
    Some(base.join("cairn"))
}
