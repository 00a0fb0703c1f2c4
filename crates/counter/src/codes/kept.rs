use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Context as _;
use keys::UnixTime;
use serde_json::json;

use super::list_folder;
use crate::words;

/// The most days that a line stays.
const DAYS: i64 = 30;
const DAY: UnixTime = 24 * 3600;
/// The longest file of a day, in bytes: whoever holds codes before the camera all day fills no
/// disk.
const MAX_FILE: u64 = 1 << 20;

/// What this counter keeps of the codes that it read: a file a day, a line a code, with the
/// time, the purpose and the outcome, and nothing of what was shown.
pub(super) struct Kept(PathBuf);

impl Kept {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    pub(super) fn add(&self, purpose: &str, outcome: &str, now: UnixTime) -> anyhow::Result<()> {
        fs::create_dir_all(&self.0).context("cannot use the data folder")?;
        self.sweep(now)?;
        let line = json!({"at": words::moment(now), "purpose": purpose, "outcome": outcome});
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = self.0.join(format!("{}.jsonl", now.div_euclid(DAY)));
        let mut file = options.open(path).context("cannot write what is kept")?;
        let length = file.metadata().context("cannot write what is kept")?.len();
        if length >= MAX_FILE {
            return Ok(());
        }
        // One write, so that two commands do not mix their lines.
        file.write_all(format!("{line}\n").as_bytes())
            .context("cannot write what is kept")
    }

    /// Removes the days that are over.
    pub(super) fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        // A line of the first second of a day is as old as it may get when the day is removed.
        let last = now.div_euclid(DAY) - DAYS;
        for path in list_folder(&self.0)? {
            let day = path.file_stem().and_then(|stem| stem.to_str());
            let day = day.and_then(|day| day.parse::<i64>().ok());
            if day.is_some_and(|day| day <= last) {
                let _ = fs::remove_file(path);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_when_for_what_and_how_it_went() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("kept"));
        kept.add("p", "accepted", DAY).unwrap();
        kept.add("p", "refused", DAY + 1).unwrap();
        let text = fs::read_to_string(folder.path().join("kept/1.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(
            lines,
            [
                json!({"at": "1970-01-02T00:00:00Z", "purpose": "p", "outcome": "accepted"}),
                json!({"at": "1970-01-02T00:00:01Z", "purpose": "p", "outcome": "refused"}),
            ]
        );
        std::fs::write(folder.path().join("kept/2.jsonl"), vec![b'\n'; 1 << 20]).unwrap();
        kept.add("p", "refused", 2 * DAY).unwrap();
        let full = fs::read(folder.path().join("kept/2.jsonl")).unwrap();
        assert_eq!(full.len(), 1 << 20);
        let first = folder.path().join("kept/1.jsonl");
        kept.sweep((DAYS + 1) * DAY - 1).unwrap();
        assert!(first.exists());
        kept.add("p", "accepted", (DAYS + 1) * DAY).unwrap();
        assert!(!first.exists());
    }
}
