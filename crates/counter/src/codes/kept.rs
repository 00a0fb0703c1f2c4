use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
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
        let swept = self.sweep(now);
        let line = json!({"at": words::moment(now), "purpose": purpose, "outcome": outcome});
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let path = self.0.join(format!("{}.jsonl", now.div_euclid(DAY)));
        let mut file = options.open(path).context("cannot write what is kept")?;
        let length = file.metadata().context("cannot write what is kept")?.len();
        if length >= MAX_FILE {
            return swept;
        }
        // One write, so that two commands do not mix their lines.
        file.write_all(format!("{line}\n").as_bytes())
            .context("cannot write what is kept")?;
        swept
    }

    /// Removes the days that are over. A day that is still to come was written by a clock that was
    /// ahead: it counts as today.
    pub(super) fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        let today = now.div_euclid(DAY);
        // A line of the first second of a day is as old as it may get when the day is removed.
        let last = today - DAYS;
        let mut swept = Ok(());
        for path in list_folder(&self.0)? {
            let name = path.file_name().and_then(|name| name.to_str());
            let Some(name) = name else { continue };
            let day = name
                .split('.')
                .next()
                .and_then(|day| day.parse::<i64>().ok());
            let done = match day {
                Some(day) if day <= last => fs::remove_file(&path),
                // At midnight a clock may be set back a little.
                Some(day) if day > today + 1 => {
                    fs::rename(&path, self.0.join(format!("{today}.{name}")))
                }
                _ => Ok(()),
            };
            // Another command may have done it meanwhile. Where one stays the others go.
            if let Err(error) = done
                && error.kind() != ErrorKind::NotFound
            {
                swept = Err(error);
            }
        }
        swept.context("what was kept for long enough cannot be removed")
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

    #[test]
    fn what_a_clock_ahead_wrote_goes_in_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("kept"));
        kept.add("p", "accepted", 400 * DAY).unwrap();
        kept.sweep(100 * DAY).unwrap();
        let file = folder.path().join("kept/100.400.jsonl");
        assert!(file.exists());
        kept.sweep((100 + DAYS) * DAY - 1).unwrap();
        assert!(file.exists());
        kept.sweep((100 + DAYS) * DAY).unwrap();
        assert_eq!(list_folder(&folder.path().join("kept")).unwrap().len(), 0);
    }

    #[test]
    fn what_cannot_be_removed_is_said_and_keeps_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let kept = Kept::new(folder.path().join("kept"));
        kept.add("p", "accepted", 0).unwrap();
        // A folder is no file that could be removed as one.
        fs::create_dir_all(folder.path().join("kept/1.jsonl/held")).unwrap();
        kept.add("p", "accepted", 2 * DAY).unwrap();
        assert!(kept.sweep(100 * DAY).is_err());
        assert_eq!(list_folder(&folder.path().join("kept")).unwrap().len(), 1);
    }
}
