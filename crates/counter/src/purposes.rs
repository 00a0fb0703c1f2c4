//! What this counter asks for, and why: the file that is registered on the ledger too.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use keys::json;
use ledger::{PurposeTable, event};
use program::folder::read_bounded;
use program::output::Failure;
use query::Query;
use serde::Deserialize;

const MAX_FILE: u64 = 1 << 20;
const MAX_PURPOSES: usize = 100;
const DEMO: &str = include_str!("../demo/purposes.toml");

/// One purpose: as the ledger has it, and its query.
#[derive(Debug)]
pub(crate) struct Purpose {
    pub(crate) entry: event::Purpose,
    pub(crate) query: Query,
}

/// The same file as the one that is registered, so read by the same rules.
#[derive(Deserialize)]
struct PurposesFile {
    purpose: Vec<PurposeTable>,
}

impl Purpose {
    /// What it is called, in English.
    pub(crate) fn name(&self) -> &str {
        let name = self.entry.name.get("en");
        name.map_or(self.entry.id.as_str(), String::as_str)
    }

    /// Why the details are needed, in English.
    pub(crate) fn reason(&self) -> &str {
        self.entry.reason.get("en").map_or("", String::as_str)
    }
}

/// The purposes of the file; the demo's own where none is given in the demo.
pub(crate) fn read(file: Option<&Path>, demo: bool) -> anyhow::Result<Vec<Purpose>> {
    match file {
        Some(file) => {
            let bytes = read_bounded(file, MAX_FILE)?;
            let text = String::from_utf8(bytes).context("the purposes are not UTF-8")?;
            parse(&text).with_context(|| format!("{} cannot be used", file.display()))
        }
        None if demo => parse(DEMO),
        None => anyhow::bail!("no purposes: give them with --purposes FILE"),
    }
}

/// The purpose with this id.
pub(crate) fn find<'p>(purposes: &'p [Purpose], id: &str) -> Result<&'p Purpose, Failure> {
    let unknown = || {
        Failure::refused(
            "unknown_purpose",
            "this counter has no such purpose",
            "see its file of purposes",
        )
    };
    purposes
        .iter()
        .find(|one| one.entry.id == id)
        .ok_or_else(unknown)
}

fn parse(text: &str) -> anyhow::Result<Vec<Purpose>> {
    let file: PurposesFile = toml::from_str(text).context("not a file of purposes")?;
    let count = file.purpose.len();
    anyhow::ensure!(count > 0, "it holds no purpose");
    anyhow::ensure!(count <= MAX_PURPOSES, "it holds more than {MAX_PURPOSES}");
    let mut ids = BTreeSet::new();
    file.purpose
        .into_iter()
        .map(|table| {
            let entry = table.into_purpose()?;
            anyhow::ensure!(
                ids.insert(entry.id.clone()),
                "the purpose `{}` stands twice",
                entry.id
            );
            let about = || format!("the purpose `{}`", entry.id);
            let dcql = json::parse(entry.dcql.as_bytes()).with_context(about)?;
            let query = Query::from_json(&dcql).with_context(about)?;
            Ok(Purpose { entry, query })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_its_own() {
        let all = read(None, true).unwrap();
        assert!(all.iter().any(|purpose| purpose.entry.id == "age-over-18"));
        assert!(read(None, false).is_err());
    }

    #[test]
    fn bad_files_are_refused() {
        assert!(parse("").is_err());
        assert!(parse("purpose = []").is_err());
        assert!(parse(&DEMO.replace("\"age-over-18\"", "\"free-prescription\"")).is_err());
        assert!(parse(&DEMO.replace("\"credentials\"", "\"other\"")).is_err());
        assert!(parse(&DEMO.replace("\"PT0S\"", "\"for ever\"")).is_err());
    }

    #[test]
    fn whatever_the_ledger_takes_is_taken() {
        for nobody in ["false", "\"none\"", "\"Nobody.\""] {
            let text = DEMO.replace("onward = []", &format!("onward = {nobody}\nnote = \"x\""));
            assert_ne!(text, DEMO);
            assert!(parse(&text).unwrap()[0].entry.onward.is_empty());
        }
        assert!(parse(&DEMO.replace("onward = []", "onward = true")).is_err());
    }
}
