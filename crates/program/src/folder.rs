//! The folder that a program keeps, which only its owner may read, and files in it.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use keys::SigningKey;

/// The given folder, else that of `program` in the user's data; it is made where there is none.
pub fn open(given: Option<PathBuf>, program: &str) -> anyhow::Result<PathBuf> {
    let path = match given {
        Some(path) => path,
        None => usual(program).context("no data folder: give one with --data DIR")?,
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(&path)
        .with_context(|| format!("cannot make the data folder {}", path.display()))?;
    Ok(path)
}

fn usual(program: &str) -> Option<PathBuf> {
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
    let base = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    Some(base.or_else(home)?.join(program))
}

/// The signing key in the given file, else the one in `own`, which is made where there is none.
pub fn signing_key(
    given: Option<&Path>,
    own: &Path,
    make: impl FnOnce() -> anyhow::Result<SigningKey>,
) -> anyhow::Result<SigningKey> {
    let path = given.unwrap_or(own);
    match fs::read_to_string(path) {
        Ok(pem) => SigningKey::from_pem(&pem)
            .with_context(|| format!("{} is not a usable key", path.display())),
        Err(error) if error.kind() == ErrorKind::NotFound && given.is_none() => {
            let key = make()?;
            write_secret(path, key.to_pem()?.as_bytes())?;
            Ok(key)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read the key {}", path.display())),
    }
}

/// Makes a file that only its owner may read. An error of the kind `AlreadyExists` where there is
/// anything of that name: nothing is written over.
pub fn make_secret(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    make(path, bytes, options)
}

/// Makes a file to give away, as the user's other files are. An error of the kind `AlreadyExists`
/// as of [`make_secret`].
pub fn make_public(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    make(path, bytes, OpenOptions::new())
}

fn make(path: &Path, bytes: &[u8], mut options: OpenOptions) -> std::io::Result<()> {
    options.write(true).create_new(true);
    let mut file = options.open(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Writes a file that only its owner may read; a reader never sees half of it.
pub fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let beside = path.with_extension("new");
    let _ = fs::remove_file(&beside);
    let written = make_secret(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.with_context(|| format!("cannot write {}", path.display()))
}

/// Reads a file of at most `limit` bytes; `-` is standard input.
pub fn read_bounded(path: &Path, limit: u64) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = |bytes: &mut Vec<u8>| -> std::io::Result<usize> {
        if path == Path::new("-") {
            return std::io::stdin().lock().take(limit + 1).read_to_end(bytes);
        }
        File::open(path)?.take(limit + 1).read_to_end(bytes)
    };
    read(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    anyhow::ensure!(
        bytes.len() as u64 <= limit,
        "{} is longer than {limit} bytes",
        path.display()
    );
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own.pem");
        let given = folder.path().join("given.pem");
        let make = || Ok(SigningKey::make_p256());
        assert!(signing_key(Some(&given), &own, make).is_err(), "not there");
        let made = signing_key(None, &own, make).unwrap();
        let again = signing_key(None, &own, || anyhow::bail!("it is there")).unwrap();
        assert_eq!(made.public().thumbprint(), again.public().thumbprint());
        fs::write(&own, "no key").unwrap();
        assert!(
            signing_key(None, &own, make).is_err(),
            "nothing is replaced"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_is_kept_only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let data = open(Some(folder.path().join("a/data")), "test").unwrap();
        let file = data.join("token");
        write_secret(&file, b"one").unwrap();
        write_secret(&file, b"two").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data), mode(&file)), (0o700, 0o600));
    }

    #[test]
    fn a_file_beyond_the_limit_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "four").unwrap();
        assert_eq!(read_bounded(&file, 4).unwrap(), b"four");
        assert!(read_bounded(&file, 3).is_err());
    }
}
