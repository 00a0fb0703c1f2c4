//! What the citizen decides on: views of a request, without keys and credentials.

use std::fmt;

use keys::UnixTime;
use ledger::Verdict;
use ledger::event::Purpose;
use query::ClaimPath;

use crate::card::{CardRow, CardState};
use crate::pending::ReviewId;
use crate::review::{Tick, Warning};
use crate::words::{Detail, Shown};

/// Who asks.
#[derive(Clone, Debug)]
pub struct Service {
    /// The client identifier.
    pub id: String,
    /// The name as the ledger has it, else the host that the answer goes to.
    pub name: String,
    /// Whether the name is the ledger's.
    pub name_listed: bool,
    /// The host that the answer goes to; empty where nothing is sent.
    pub website: String,
    /// What the ledger says.
    pub verdict: Verdict,
    /// How often something was shared with them before.
    pub times: usize,
    /// When the first of these was.
    pub since: Option<UnixTime>,
}

/// A request that more than one card, or combination of cards, fits.
#[derive(Clone, Debug)]
pub struct ChooseReview {
    /// Its name in [`crate::Wallet::choose`].
    pub id: ReviewId,
    /// Who asks.
    pub service: Service,
    /// What they want; for each, one of the options.
    pub sets: Vec<WantedSet>,
}

/// One thing that is wanted.
#[derive(Clone, Debug)]
pub struct WantedSet {
    /// They cannot do without.
    pub required: bool,
    /// The combinations, the service's favourite first.
    pub options: Vec<Vec<OfferedAsk>>,
}

/// One card that is asked for, and those that fit, the best first.
#[derive(Clone, Debug)]
pub struct OfferedAsk {
    /// The names of the details that would be shown.
    pub details: Vec<String>,
    /// The cards.
    pub cards: Vec<CardRow>,
    /// More than one may be shown.
    pub multiple: bool,
}

/// A request that no card fits. Nothing was sent.
#[derive(Clone, Debug)]
pub struct MissingReview {
    /// Its name in [`crate::Wallet::decline`].
    pub id: ReviewId,
    /// Who asks.
    pub service: Service,
    /// What is missing.
    pub missing: Vec<MissingCard>,
    /// Cards of these kinds that their issuers have withdrawn or suspended, by title.
    pub stopped: Vec<(String, CardState)>,
}

/// A card that is asked for and not here.
#[derive(Clone, Debug)]
pub struct MissingCard {
    /// The kind of card.
    pub title: String,
    /// Its type id, as the request has it.
    pub type_id: String,
    /// The format in which it is asked for, by its identifier (OpenID4VP 1.0 Appendix B).
    pub format: String,
    /// The names of the details asked for.
    pub details: Vec<String>,
    /// A card of this kind is here, but it does not fit.
    pub have_other: bool,
    /// Cards of this kind that are here, in other formats than the one asked for. Empty where
    /// one is here in that format.
    pub in_other_format: Vec<CardRow>,
}

/// A request, checked, matched and waiting for the citizen.
#[derive(Clone, Debug)]
pub struct ShareReview {
    /// Its name in [`crate::Wallet::share`], or in [`crate::Wallet::show_code`] where it goes
    /// [`Way::Code`] or [`Way::Pass`].
    pub id: ReviewId,
    /// How the details get there.
    pub way: Way,
    /// Who asks.
    pub service: Service,
    /// What to know, worst first.
    pub warnings: Vec<Warning>,
    /// The ticks that sharing needs whatever is chosen; a photo in an optional set needs
    /// [`Tick::Photo`] only with that set.
    pub ticks: Vec<Tick>,
    /// The registered purpose.
    pub purpose: Option<Purpose>,
    /// What they will see.
    pub sets: Vec<ShareSet>,
    /// What stays here when only the required sets are shared.
    pub stays: Vec<Stays>,
    /// How long they keep it.
    pub retention: Retained,
    /// Whether they can recognise the citizen again.
    pub recognisability: Recognisability,
    /// The titles of the cards that cannot be recognised by themselves, whatever else is shown.
    pub unlinkable: Vec<String>,
    /// The choice among several cards, to change it.
    pub choice: Option<ChooseReview>,
}

/// How the details get to the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Sent over the network.
    Sent,
    /// Shown at the desk as a code; nothing is sent by network.
    Code {
        /// The desk's own code was read, so that the answer is good for that one question.
        /// Otherwise it is good for a minute or two, and the desk must check who shows it.
        live: bool,
        /// Until when the desk takes the answer to its own code, by this computer's clock.
        expires_at: Option<UnixTime>,
        /// The desk's clock and this computer's do not agree: the code may be an old one.
        clock_differs: bool,
    },
    /// Printed for one desk, for one use between two moments.
    Pass {
        /// From when it is good.
        from: UnixTime,
        /// Until when; that second is the first at which it is not.
        until: UnixTime,
    },
}

/// A group of details that is shared together or not at all.
#[derive(Clone, Debug)]
pub struct ShareSet {
    /// Fixed; otherwise the citizen ticks it.
    pub required: bool,
    /// The details.
    pub rows: Vec<ShareRow>,
}

impl ShareSet {
    /// True when a picture is among the details.
    pub fn has_photo(&self) -> bool {
        self.rows.iter().any(|row| shows_photo(&row.detail.value))
    }
}

/// One detail that they will see.
#[derive(Clone, Debug)]
pub struct ShareRow {
    /// Its name and value.
    pub detail: Detail,
    /// Its path in the card.
    pub path: ClaimPath,
    /// The card's id.
    pub card: vault::Id,
    /// The card's title.
    pub title: String,
    /// Beyond what the service registered for.
    pub excess: bool,
    /// They say in the request that they will keep it (`intent_to_retain`).
    pub kept: bool,
}

/// What stays with the citizen, of one card.
#[derive(Clone, Debug)]
pub struct Stays {
    /// The card's title.
    pub title: String,
    /// The names of the details that are not shown.
    pub names: Vec<String>,
}

/// How long they keep it, as registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retained {
    /// They have not said.
    NotSaid,
    /// Not at all.
    Nothing,
    /// For so long.
    For(Length),
}

/// An ISO 8601 duration; in words by `Display`: `1 year, 6 months`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// Years.
    pub years: u32,
    /// Months.
    pub months: u32,
    /// Days; weeks arrive as days.
    pub days: u32,
    /// Hours.
    pub hours: u32,
    /// Minutes, rounded up.
    pub minutes: u32,
}

impl fmt::Display for Length {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.years, "year"),
            (self.months, "month"),
            (self.days, "day"),
            (self.hours, "hour"),
            (self.minutes, "minute"),
        ];
        let mut between = "";
        for (number, unit) in parts.into_iter().filter(|(number, _)| *number > 0) {
            let ending = if number == 1 { "" } else { "s" };
            write!(formatter, "{between}{number} {unit}{ending}")?;
            between = ", ";
        }
        Ok(())
    }
}

/// Whether they can recognise the citizen again; the worse later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recognisability {
    /// Not by any card: two presentations share nothing but what they reveal. The values that
    /// are shown, the issuer, the dates, and how few people hold such a card can still tell.
    Unlinkable,
    /// Copies are shown whose signatures and keys nobody has seen before.
    FreshCopy,
    /// A copy is shown that was shown before: services can compare.
    UsedCopy,
    /// A value that is the citizen's alone is among the details.
    Identifying,
}

fn shows_photo(value: &Shown) -> bool {
    match value {
        Shown::Photo(_) => true,
        Shown::List(items) => items.iter().any(shows_photo),
        Shown::Group(members) => members.iter().any(|member| shows_photo(&member.value)),
        Shown::Text(_) | Shown::Date(_) | Shown::YesNo(_) => false,
    }
}
