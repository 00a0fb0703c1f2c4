//! The replica in memory, and the wait for it: a long log takes seconds to replay.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use ledger::Replica;

/// What is known of the ledger, and whether it is still being read from its folder.
#[derive(Default)]
pub(crate) struct Known {
    replica: RwLock<Option<Replica>>,
    reading: Mutex<usize>,
    read: Condvar,
}

/// As long as this stands, whoever asks waits. It ends whatever comes of the reading.
pub(crate) struct Reading(Arc<Known>);

impl Known {
    /// Lets those who ask wait until the answer is there.
    pub(crate) fn begin_reading(self: &Arc<Self>) -> Reading {
        *self.count() += 1;
        Reading(Arc::clone(self))
    }

    /// What is known, once it is read.
    pub(crate) fn replica(&self) -> RwLockReadGuard<'_, Option<Replica>> {
        self.wait();
        self.replica.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nothing is being read.
    pub(crate) fn wait(&self) {
        let count = self.read.wait_while(self.count(), |count| *count > 0);
        drop(count.unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn is_reading(&self) -> bool {
        *self.count() > 0
    }

    pub(crate) fn set(&self, replica: Replica) {
        *self.replica.write().unwrap_or_else(PoisonError::into_inner) = Some(replica);
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    pub(crate) fn found(&self, replica: Replica) {
        self.0.set(replica);
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut count = self.0.count();
        *count = count.saturating_sub(1);
        self.0.read.notify_all();
    }
}
