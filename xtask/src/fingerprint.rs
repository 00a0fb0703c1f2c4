//! One number for the content of a set of files, to see whether a step need be done again.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// The fingerprint of all files at and below `paths`, by name and content, and of `also`.
///
/// A path that is not there counts as such. `DefaultHasher` may change with the compiler: then the
/// step is done once more.
pub(crate) fn of(paths: &[PathBuf], also: &str) -> anyhow::Result<String> {
    let mut files = BTreeSet::new();
    for path in paths {
        gather(path, &mut files)?;
    }
    let mut hasher = DefaultHasher::new();
    also.hash(&mut hasher);
    for file in &files {
        let content = std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
        file.hash(&mut hasher);
        content.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn gather(path: &Path, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if path.is_file() {
        files.insert(path.to_owned());
    } else if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            gather(&entry?.path(), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_changed_an_added_and_a_renamed_file_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().to_owned()];
        std::fs::create_dir(folder.path().join("deep")).unwrap();
        std::fs::write(folder.path().join("deep/a"), "1").unwrap();
        let first = of(&paths, "").unwrap();
        assert_eq!(first, of(&paths, "").unwrap());
        assert_ne!(first, of(&paths, "another compiler").unwrap());

        std::fs::write(folder.path().join("deep/a"), "2").unwrap();
        let changed = of(&paths, "").unwrap();
        assert_ne!(first, changed);

        std::fs::rename(folder.path().join("deep/a"), folder.path().join("deep/b")).unwrap();
        let renamed = of(&paths, "").unwrap();
        assert_ne!(changed, renamed);

        std::fs::write(folder.path().join("c"), "").unwrap();
        assert_ne!(renamed, of(&paths, "").unwrap());
    }
}
