//! Printed passes: for people without a device at the counter. A PDF with a code, and in words
//! what it reveals, to whom, until when.

mod font;
mod paper;
mod words;

use code::{Frames, Size, Symbol, Word};
use keys::UnixTime;
use vault::{Id, RecordError};

use super::staple::{Stapled, Staples};
use crate::pending::{ReviewGone, ReviewId};
use crate::share::{Destination, Service, ShareError, ShareReview, SharedCard, Sharing};
use crate::trust::in_language;
use crate::wallet::Wallet;
use crate::words::Detail;
use paper::Paper;

/// The most codes of one pass: four pages of six.
const MAX_CODES: usize = 24;
/// How large a code of many is printed, in points: 80 mm, about a millimetre a module.
const SIDE_OF_MANY: f32 = 226.0;
/// How large a single code is printed, in points: 120 mm.
const SIDE_OF_ONE: f32 = 340.0;

/// A pass, ready to be printed. Whoever has it has the details.
#[derive(Clone)]
pub struct PrintedPass {
    /// The history's line: for [`Wallet::code_shown`].
    pub event: Id,
    /// The service.
    pub service: Service,
    /// What it is for, by name.
    pub purpose: String,
    /// From when it is good.
    pub from: UnixTime,
    /// Until when; that second is the first at which it is not.
    pub until: UnixTime,
    /// When a card on it ends, where that is before the pass does: from then on it is refused.
    pub card_ends: Option<UnixTime>,
    /// What it reveals, by name and value.
    pub reveals: Vec<Detail>,
    /// The same by card.
    pub cards: Vec<SharedCard>,
    /// What rides along.
    pub stapled: Stapled,
    /// How many pages it has.
    pub pages: u32,
    /// How many codes.
    pub codes: usize,
    /// The PDF.
    pub pdf: Vec<u8>,
    used: Vec<(Id, Id)>,
}

// The file is personal.
impl std::fmt::Debug for PrintedPass {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "PrintedPass({} pages)", self.pages)
    }
}

impl Wallet {
    /// Makes the printed pass that a review of [`super::DeskAsk::pass`] showed. Writes down
    /// that it began before it returns anything; [`Self::code_shown`] says that it was saved or
    /// printed. No network is used.
    ///
    /// # Errors
    /// [`ShareError`]. Nothing was printed.
    pub fn print_pass(
        &self,
        id: &ReviewId,
        sharing: &Sharing,
        staples: Staples,
        locale: &str,
    ) -> Result<PrintedPass, ShareError> {
        let to_paper = |to: &Destination| matches!(to, Destination::Code(ask) if ask.is_pass());
        let state = self.take_decided(id, sharing, to_paper)?;
        let (Destination::Code(ask), Some(review)) = (&state.to, &state.review) else {
            return Err(ReviewGone.into());
        };
        let crate::share::Way::Pass { from, until } = ask.way() else {
            return Err(ReviewGone.into());
        };
        let fits = |message: &[u8]| codes(message).is_some();
        let made = self.make_answer(&state, ask, sharing, staples, &fits, locale)?;
        let codes = codes(&made.message).ok_or(ShareError::TooLongForACode)?;
        let purpose = state
            .purpose
            .as_ref()
            .and_then(|purpose| in_language(&purpose.name, locale))
            .unwrap_or_else(|| ask.purpose().to_owned());
        let shown: Vec<&crate::share::ShareRow> = review
            .sets
            .iter()
            .enumerate()
            .filter(|(place, set)| set.required || sharing.optional.contains(place))
            .flat_map(|(_, set)| &set.rows)
            .collect();
        let face = font::Face::new();
        let lines: Vec<String> = shown.iter().map(|row| words::row(row, &face)).collect();
        let ends = state
            .held
            .iter()
            .filter(|held| made.cards.iter().any(|card| card.card == held.summary.id))
            .filter_map(|held| held.summary.valid_until)
            .filter(|end| *end < until)
            .min();
        let good = Good { from, until, ends };
        let paper = lay_out(review, &purpose, good, &lines, &codes);
        Ok(PrintedPass {
            event: made.event,
            service: state.service.clone(),
            from,
            until,
            card_ends: ends,
            reveals: shown.iter().map(|row| row.detail.clone()).collect(),
            cards: made.cards,
            stapled: made.stapled,
            pages: paper.count(),
            codes: codes.len(),
            pdf: paper.finish(&format!("{purpose}: {}", state.service.name), "en-GB"),
            purpose,
            used: made.used,
        })
    }

    /// Writes down that a pass, once made, was neither saved nor printed: nothing left this
    /// computer, and its copies are fresh again.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn pass_not_printed(&self, pass: &PrintedPass) -> Result<(), RecordError> {
        self.not_shown(pass.event, &pass.used)
    }
}

/// The codes of a message: one, or the parts that suffice; `None` where it takes too many.
fn codes(message: &[u8]) -> Option<Vec<Symbol>> {
    if let Some(one) = code::still(Word::ANSWER, message) {
        return Some(vec![one]);
    }
    let frames = Frames::new(Word::ANSWER, message, Size::Medium).ok()?;
    let count = frames.count();
    if count > MAX_CODES {
        return None;
    }
    (1..=u32::try_from(count).ok()?)
        .map(|number| frames.part(number))
        .collect()
}

/// When a pass is good.
struct Good {
    from: UnixTime,
    until: UnixTime,
    ends: Option<UnixTime>,
}

fn lay_out(
    review: &ShareReview,
    purpose: &str,
    good: Good,
    reveals: &[String],
    codes: &[Symbol],
) -> Paper {
    let mut paper = Paper::new();
    paper.text(&format!("Pass for {}", review.service.name), 20.0);
    paper.skip(6.0);
    paper.text(&format!("For: {purpose}"), 12.0);
    paper.text(&words::days(good.from, good.until), 12.0);
    if let Some(end) = good.ends {
        paper.text(&words::ends(end), 12.0);
    }
    paper.skip(8.0);
    paper.text(words::REVEALS, 14.0);
    for line in reveals {
        paper.text(line, 12.0);
    }
    paper.text(
        "Also: who issued each card, its kind, and its dates of issue and end.",
        10.0,
    );
    paper.text(&words::kept(review), 10.0);
    paper.skip(8.0);
    for rule in words::RULES {
        paper.text(rule, 10.0);
        paper.skip(3.0);
    }
    paper.text(
        &format!("The desk's identifier: {}", review.service.id),
        8.0,
    );
    paper.skip(8.0);
    let labelled = |label: String| move |symbol: &Symbol| (symbol.clone(), label.clone());
    if let [one] = codes {
        let whole = labelled("The code for the desk".to_owned())(one);
        paper.codes(&[whole], 1, SIDE_OF_ONE);
        return paper;
    }
    if !paper.has_room(2.0 * SIDE_OF_MANY) {
        paper.begin_page();
    }
    let count = codes.len();
    let parts: Vec<(Symbol, String)> = codes
        .iter()
        .enumerate()
        .map(|(place, symbol)| labelled(format!("Part {} of {count}", place + 1))(symbol))
        .collect();
    paper.codes(&parts, 2, SIDE_OF_MANY);
    paper
}
