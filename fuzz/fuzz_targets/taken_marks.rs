//! The folder in which a counter marks codes as taken: the first line is what `clock` says, each
//! other one the name of a file.
#![no_main]

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

#[path = "../../crates/counter/src/codes/challenges.rs"]
#[allow(dead_code, reason = "only reading is tried here")]
mod challenges;
#[path = "../../crates/counter/src/codes/seen.rs"]
#[allow(dead_code, reason = "only reading is tried here")]
mod seen;

/// As the counter lists a folder.
fn list_folder(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let files = match fs::read_dir(folder) {
        Ok(files) => files,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).context("cannot read the data folder"),
    };
    let paths: std::io::Result<Vec<PathBuf>> =
        files.map(|file| file.map(|file| file.path())).collect();
    paths.context("cannot read the data folder")
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let folder = std::env::temp_dir().join(format!("marks-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).expect("room for a folder");
    let mut lines = text.lines();
    let clock = lines.next().unwrap_or_default();
    fs::write(folder.join("clock"), clock).expect("room for a file");
    for name in lines.take(8) {
        let other = name.len() < 200 && !name.contains(['/', '\0']);
        if other && !matches!(name, "" | "." | ".." | "clock") {
            let body = if name.ends_with(".json") { text } else { "" };
            fs::write(folder.join(name), body).expect("room for a file");
        }
    }
    let seen = seen::Seen::new(folder.clone());
    let whole = clock.trim().parse::<i64>();
    for now in [i64::MIN, 0, 1_800_000_000, i64::MAX] {
        match seen.clock_went_back(now) {
            Ok(back) => {
                let latest = whole.as_ref().expect("a time was read");
                assert!(!back || now < *latest);
            }
            Err(_) => assert!(whole.is_err()),
        }
    }
    let _ = challenges::Challenges::new(folder.clone()).sweep(1_800_000_000);
    let _ = seen.sweep(1_800_000_000);
});
