//! From what a desk asks to a review: the ledger says who the desk is and what it asks for.

use ledger::{Presented, Verdict};
use protocol::counter_code::Signer;
use vault::{Id, RecordError};

use super::ask::DeskAsk;
use super::list::query_of;
use crate::review::{self, Warning};
use crate::share::{Asked, Destination, NextStep, RequestError};
use crate::wallet::{Wallet, now};

/// Why a desk's ask cannot be shown for review. Nothing was shown to anybody.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// Without the ledger nobody knows who the desk is and what it asks for.
    #[error("there is no ledger here to say what this desk asks for")]
    NoLedger,
    /// The ledger does not list the service.
    #[error("the ledger does not list this desk, and so not what it asks for")]
    Unlisted,
    /// The code was signed by another key than the service's.
    #[error("the code was not signed by the desk that it names")]
    OtherKey,
    /// The service did not register such a purpose.
    #[error("the desk has not registered such a purpose")]
    NoSuchPurpose,
    /// The purpose's query is not one that this program can answer.
    #[error("what the desk registered for this purpose cannot be read")]
    UnreadablePurpose,
    /// The code on the desk's screen is over, or made by a clock that is far off.
    #[error("the desk's code is over")]
    Over,
    /// The cards.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl DeskError {
    /// The name of the refusal, for scripts.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoLedger => "ledger_unknown",
            Self::Unlisted => "service_unlisted",
            Self::OtherKey => "service_changed",
            Self::NoSuchPurpose => "no_such_purpose",
            Self::UnreadablePurpose => "unreadable_purpose",
            Self::Over => "desk_code_over",
            Self::Request(_) => "request",
        }
    }
}

impl From<RecordError> for DeskError {
    fn from(error: RecordError) -> Self {
        Self::Request(error.into())
    }
}

impl Wallet {
    /// Asks the ledger's replica who the desk is and what it registered for this purpose,
    /// matches the cards and makes the review. No network is used. `only`, where not empty,
    /// names the cards that may answer. [`Wallet::choose`] and [`Wallet::decline`] go on as
    /// with a request that came over the network.
    ///
    /// # Errors
    /// [`DeskError`]. A desk cannot ask for more than it registered: an ask names a purpose,
    /// and a service or purpose that is not listed is refused, for want of a query.
    pub fn review_desk(
        &self,
        ask: &DeskAsk,
        only: &[Id],
        locale: &str,
    ) -> Result<NextStep, DeskError> {
        if !self.trust.has_ledger() {
            return Err(DeskError::NoLedger);
        }
        if ask.is_over(now()) {
            return Err(DeskError::Over);
        }
        let verdict = self.desk_verdict(ask)?;
        let purpose = self
            .trust
            .registered_purpose(ask.service(), ask.purpose())
            .ok_or(DeskError::NoSuchPurpose)?;
        let query = query_of(&purpose).ok_or(DeskError::UnreadablePurpose)?;
        let asked = Asked {
            service: self.known_service(ask.service(), &verdict, "", locale)?,
            warnings: warnings(&verdict),
            to: Destination::Code(Box::new(ask.clone())),
            query,
            purpose: Some(purpose),
            excess: Vec::new(),
        };
        Ok(self.put_to_review(asked, only, locale)?)
    }

    /// What the ledger says of the desk: of the key that signed, where one did.
    fn desk_verdict(&self, ask: &DeskAsk) -> Result<Verdict, DeskError> {
        let service = ask.service();
        let Some(live) = ask.live() else {
            let verdict = self.trust.registration(service);
            return verdict
                .body
                .is_some()
                .then_some(verdict)
                .ok_or(DeskError::Unlisted);
        };
        let key = match &live.signer {
            Signer::Key(key) => Presented::Key(key),
            Signer::Chain(chain) => Presented::Chain(chain),
        };
        let verdict = self.trust.service(service, Some(key));
        if verdict.body.is_some() && !service.starts_with(UNSIGNED) {
            return Ok(verdict);
        }
        Err(if self.trust.knows_service(service) {
            DeskError::OtherKey
        } else {
            DeskError::Unlisted
        })
    }
}

/// A service of this kind has no key on the ledger, so that whoever signs is somebody else.
const UNSIGNED: &str = "redirect_uri:";

fn warnings(verdict: &Verdict) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = review::service_warning(verdict.standing)
        .into_iter()
        .collect();
    warnings.extend(review::clock_warning(verdict));
    warnings
}
