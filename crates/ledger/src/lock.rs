//! A folder has one writer at a time.

use std::fs::{self, File};
use std::path::Path;

use crate::log::LogError;

/// The right to write to a folder, until this is dropped.
pub(crate) struct Lock(File);

impl Lock {
    /// [`LogError::Locked`] where somebody else has it.
    pub(crate) fn take(folder: &Path) -> Result<Self, LogError> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join("ledger.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(fs::TryLockError::WouldBlock) => Err(LogError::Locked),
            Err(fs::TryLockError::Error(error)) => Err(error.into()),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // To close the file is not enough: a process that is just being started has every file of
        // this one, until it has become its program.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_ends_although_a_process_that_is_being_started_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::take(folder.path()).unwrap();
        let again = Lock::take(folder.path());
        assert!(matches!(again, Err(LogError::Locked)));
        let _inherited = lock.0.try_clone().unwrap();
        drop(lock);
        assert!(Lock::take(folder.path()).is_ok());
    }
}
