//! Reviews that wait for a decision. Each is answered once.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngCore as _;

use crate::add::OfferState;
use crate::share::ShareState;

/// How long a review waits.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// How many reviews wait at once; the oldest gives way.
const MOST: usize = 8;

/// Names one review. Whoever has it may answer that review, once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReviewId(String);

impl ReviewId {
    /// A fresh random id.
    pub fn make() -> Self {
        let mut bytes = [0_u8; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        Self(keys::b64::encode(bytes))
    }

    /// The id as the page was given it.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// There is no such review: it was answered, stopped, or waited too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the review was answered already, stopped, or waited too long")]
pub struct ReviewGone;

pub(crate) enum Waiting {
    Offer(Box<OfferState>),
    Share(Box<ShareState>),
}

#[derive(Default)]
pub(crate) struct Pending(Mutex<HashMap<ReviewId, (Instant, Waiting)>>);

impl Pending {
    pub(crate) fn put(&self, id: ReviewId, waiting: Waiting) {
        let mut reviews = self.reviews();
        if reviews.len() >= MOST
            && let Some(oldest) = reviews
                .iter()
                .min_by_key(|(_, (since, _))| *since)
                .map(|(id, _)| id.clone())
        {
            reviews.remove(&oldest);
        }
        reviews.insert(id, (Instant::now(), waiting));
    }

    pub(crate) fn take_offer(&self, id: &ReviewId) -> Result<Box<OfferState>, ReviewGone> {
        match self.take(id)? {
            Waiting::Offer(state) => Ok(state),
            Waiting::Share(_) => Err(ReviewGone),
        }
    }

    pub(crate) fn take_share(&self, id: &ReviewId) -> Result<Box<ShareState>, ReviewGone> {
        match self.take(id)? {
            Waiting::Share(state) => Ok(state),
            Waiting::Offer(_) => Err(ReviewGone),
        }
    }

    pub(crate) fn take(&self, id: &ReviewId) -> Result<Waiting, ReviewGone> {
        let (since, waiting) = self.reviews().remove(id).ok_or(ReviewGone)?;
        if since.elapsed() > PATIENCE {
            return Err(ReviewGone);
        }
        Ok(waiting)
    }

    pub(crate) fn forget_all(&self) {
        self.reviews().clear();
    }

    fn reviews(&self) -> MutexGuard<'_, HashMap<ReviewId, (Instant, Waiting)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
