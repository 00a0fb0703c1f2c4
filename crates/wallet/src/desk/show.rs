//! From a decision to the code on the screen, and the record of it.

use code::{Frames, Size, Symbol, TooLarge, Word};
use credential::format;
use keys::UnixTime;
use protocol::counter_code::{Answer, Bound};
use vault::{Id, RecordError};

use super::ask::DeskAsk;
use super::staple::{Stapled, Staples};
use crate::history::{self, EntryWay, Outcome};
use crate::pending::{ReviewGone, ReviewId};
use crate::share::{Destination, Service, ShareError, ShareState, SharedCard, Sharing};
use crate::wallet::{Wallet, now};

/// An answer, ready to be shown to a desk. Whoever reads its codes has the details.
#[derive(Clone)]
pub struct ShownCode {
    /// The history's line: for [`Wallet::code_shown`].
    pub event: Id,
    /// The service.
    pub service: Service,
    /// What is in it.
    pub cards: Vec<SharedCard>,
    /// The answer: what the codes carry.
    pub message: Vec<u8>,
    /// When it was made.
    pub made_at: UnixTime,
    /// The second from which the desk does not take it any more, by this computer's clock.
    pub expires_at: UnixTime,
    /// It answers the code on the desk's screen; otherwise it is good for a minute or two.
    pub live: bool,
    /// What rides along.
    pub stapled: Stapled,
    /// The copies that it used up.
    used: Vec<(Id, Id)>,
}

impl ShownCode {
    /// The one code that holds everything; `None` where it takes several, one after the other.
    pub fn still(&self) -> Option<Symbol> {
        code::still(Word::ANSWER, &self.message)
    }

    /// The codes one after the other, endless.
    ///
    /// # Errors
    /// [`TooLarge`] where codes of this size are too small for the answer.
    pub fn frames(&self, size: Size) -> Result<Frames, TooLarge> {
        Frames::new(Word::ANSWER, &self.message, size)
    }

    /// Seconds that are left of it at `now`; 0 once it is over.
    pub fn left(&self, now: UnixTime) -> u32 {
        let left = self.expires_at.saturating_sub(now).max(0);
        u32::try_from(left).unwrap_or(u32::MAX)
    }
}

// The message is personal.
impl std::fmt::Debug for ShownCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ShownCode({} bytes)", self.message.len())
    }
}

/// What was written down, packed and bound.
pub(super) struct Made {
    pub(super) event: Id,
    pub(super) cards: Vec<SharedCard>,
    pub(super) message: Vec<u8>,
    pub(super) made_at: UnixTime,
    pub(super) expires_at: UnixTime,
    pub(super) stapled: Stapled,
    pub(super) used: Vec<(Id, Id)>,
}

impl Wallet {
    /// Makes the answer to a desk: exactly what the review showed, with what should ride along
    /// (`staples`, and what the desk asked for). Writes down that it began before it returns
    /// anything; [`Self::code_shown`] says that it was shown. No network is used.
    ///
    /// Once the code is over, what shows more is a new review.
    ///
    /// # Errors
    /// [`ShareError`]. Nothing was shown.
    pub fn show_code(
        &self,
        id: &ReviewId,
        sharing: &Sharing,
        staples: Staples,
        locale: &str,
    ) -> Result<ShownCode, ShareError> {
        let to_screen = |to: &Destination| matches!(to, Destination::Code(ask) if !ask.is_pass());
        let state = self.take_decided(id, sharing, to_screen)?;
        let Destination::Code(ask) = &state.to else {
            return Err(ReviewGone.into());
        };
        let fits = |message: &[u8]| Frames::new(Word::ANSWER, message, Size::Large).is_ok();
        let made = self.make_answer(&state, ask, sharing, staples, &fits, locale)?;
        Ok(ShownCode {
            event: made.event,
            service: state.service.clone(),
            cards: made.cards,
            message: made.message,
            made_at: made.made_at,
            expires_at: made.expires_at,
            live: ask.live().is_some(),
            stapled: made.stapled,
            used: made.used,
        })
    }

    /// Writes down that a code, once made, came before nobody's eyes: nothing left this
    /// computer, and its copies are fresh again.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn code_not_shown(&self, shown: &ShownCode) -> Result<(), RecordError> {
        self.not_shown(shown.event, &shown.used)
    }

    pub(super) fn not_shown(&self, event: Id, used: &[(Id, Id)]) -> Result<(), RecordError> {
        let mut there = Vec::with_capacity(used.len());
        for (card, copy) in used {
            // A card that was deleted since has no copies to take back.
            match self.vault.card(*card) {
                Ok(record) if record.copies.iter().any(|kept| kept.id == *copy) => {
                    there.push((card, copy));
                }
                Ok(_) | Err(RecordError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        self.vault.write(|change| {
            for (card, copy) in there {
                change.unmark_shown(*card, *copy)?;
            }
            let mut record = change.history_record(event)?;
            let mut entry = history::entry_of(&record);
            entry.outcome = Some(Outcome::NotSent);
            record.details = serde_json::to_value(&entry).map_err(|_| RecordError::Unwritable)?;
            change.replace_history(&record)
        })
    }

    /// Writes down that a code was on the screen, or a pass was printed. Whether anybody read
    /// it cannot be known.
    ///
    /// # Errors
    /// [`RecordError::NotFound`] for an event that is not there, or is not of this kind.
    pub fn code_shown(&self, event: Id) -> Result<(), RecordError> {
        self.vault.write(|change| {
            let mut record = change.history_record(event)?;
            let mut entry = history::entry_of(&record);
            if entry.way.is_none() {
                return Err(RecordError::NotFound);
            }
            entry.outcome = Some(Outcome::Shown);
            record.details = serde_json::to_value(&entry).map_err(|_| RecordError::Unwritable)?;
            change.replace_history(&record)
        })
    }

    /// Signs, packs and writes down.
    pub(super) fn make_answer(
        &self,
        state: &ShareState,
        ask: &DeskAsk,
        sharing: &Sharing,
        staples: Staples,
        fits: &dyn Fn(&[u8]) -> bool,
        locale: &str,
    ) -> Result<Made, ShareError> {
        let made_at = now();
        if ask.is_over(made_at) {
            return Err(ShareError::CodeOver);
        }
        let binding = ask.make_binding(made_at);
        let (binding, expires_at) = binding.map_err(|_| ShareError::CodeOver)?;
        let bound = Bound::new(ask.service(), ask.purpose(), binding);
        let request: format::Request<'_> = bound.request();
        let mut parcel = self.pack(state, sharing, &request, locale)?;
        let (riding, stapled) = self.staple(&parcel, ask.wants().or(staples))?;
        let presentations = std::mem::take(&mut parcel.vp_token);
        let answer = Answer::new(bound, presentations).with_staples(riding);
        let message = answer.encode().map_err(|_| ShareError::TooLongForACode)?;
        if !fits(&message) {
            return Err(ShareError::TooLongForACode);
        }
        let way = match ask.way() {
            crate::share::Way::Pass { from, until } => EntryWay::Pass { from, until },
            _ => EntryWay::Code { expires_at },
        };
        let event = self.begin(state, &parcel, Some(way))?;
        Ok(Made {
            event,
            cards: parcel.cards,
            message,
            made_at,
            expires_at,
            stapled,
            used: parcel.shown,
        })
    }
}
