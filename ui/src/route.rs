//! Where the citizen is.

use std::rc::Rc;

use ipc::{
    AddedView, ChooseReview, CodeView, LinkView, MissingReview, NextStep, OfferReview, PassView,
    PurposeRow, Secret, ServiceRow, ShareReview, SharedView,
};

/// One screen of an open wallet. What awaits a decision travels inside its route: leaving the
/// screen drops it.
#[derive(Clone, PartialEq)]
pub(crate) enum Route {
    /// All cards.
    Cards,
    /// One card, by id.
    Card(String),
    /// Add or show: paste, file, drop.
    Add,
    /// At a counter: which service, and for what.
    Counter,
    /// At a counter, for one purpose of one service.
    AtCounter(Rc<(ServiceRow, PurposeRow)>),
    /// A code for the counter's camera.
    Present(Rc<CodeView>),
    /// A pass to print.
    Pass(Rc<PassView>),
    /// A link, before the first byte leaves.
    Link(LinkView),
    /// An offer to decide on.
    Offer(Rc<OfferReview>),
    /// Cards to choose from.
    Choose(Rc<ChooseReview>),
    /// A request to decide on.
    Consent(Rc<ShareReview>),
    /// A request that no card fits.
    Missing(Rc<MissingReview>),
    /// Cards were added.
    Added(Rc<AddedView>),
    /// Something was shared, or not, or nobody knows.
    Shared(Rc<SharedView>),
    /// The citizen did not share, with this service, which may have been told of it.
    NotShared(String, bool),
    /// The recovery code, once.
    RecoveryCode(Secret),
    /// What happened.
    History,
    /// One event, by id.
    Event(String),
    /// Who is listed.
    Ledger,
    /// One body: its id and name.
    Body(String, String),
    /// Backup.
    Backup,
    /// Settings.
    Settings,
}

impl Route {
    /// Whether something awaits a decision here: the ways to elsewhere are closed meanwhile.
    pub(crate) fn is_decision(&self) -> bool {
        matches!(
            self,
            Self::Link(_)
                | Self::Offer(_)
                | Self::Choose(_)
                | Self::Consent(_)
                | Self::Missing(_)
                | Self::Present(_)
                | Self::Pass(_)
                | Self::RecoveryCode(_)
        )
    }

    /// The place in the main navigation that this belongs to.
    pub(crate) fn section(&self) -> Option<Section> {
        match self {
            Self::Cards | Self::Card(_) | Self::Add | Self::Counter | Self::AtCounter(_) => {
                Some(Section::Cards)
            }
            Self::History | Self::Event(_) => Some(Section::History),
            Self::Ledger | Self::Body(..) => Some(Section::Ledger),
            Self::Backup => Some(Section::Backup),
            Self::Settings => Some(Section::Settings),
            _ => None,
        }
    }
}

impl From<NextStep> for Route {
    fn from(step: NextStep) -> Self {
        match step {
            NextStep::Offer(review) => Self::Offer(Rc::new(review)),
            NextStep::Choose(review) => Self::Choose(Rc::new(review)),
            NextStep::Share(review) => Self::Consent(Rc::new(*review)),
            NextStep::Missing(review) => Self::Missing(Rc::new(review)),
        }
    }
}

/// The places of the main navigation, in order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Cards.
    Cards,
    /// History.
    History,
    /// Ledger.
    Ledger,
    /// Backup.
    Backup,
    /// Settings.
    Settings,
}

impl Section {
    /// All, in order.
    pub(crate) const ALL: [Self; 5] = [
        Self::Cards,
        Self::History,
        Self::Ledger,
        Self::Backup,
        Self::Settings,
    ];

    /// Its first screen.
    pub(crate) fn route(self) -> Route {
        match self {
            Self::Cards => Route::Cards,
            Self::History => Route::History,
            Self::Ledger => Route::Ledger,
            Self::Backup => Route::Backup,
            Self::Settings => Route::Settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_navigation_leads_where_it_says() {
        for section in Section::ALL {
            assert!(section.route().section() == Some(section));
            assert!(!section.route().is_decision());
        }
    }
}
