//! Services to choose from, and codes ready to be drawn.

use ipc::{
    CodeFrame, CodeView, Days, FrameSize, FramesView, PassView, PurposeRow, ServiceRow, SharedView,
};
use wallet::desk::{Desk, DeskPurpose, PrintedPass, ShownCode, Size, Symbol};

pub(crate) fn service(desk: Desk) -> ServiceRow {
    ServiceRow {
        id: desk.id,
        name: desk.name,
        by: desk.by,
        purposes: desk.purposes.into_iter().map(purpose).collect(),
    }
}

fn purpose(purpose: DeskPurpose) -> PurposeRow {
    let mut cards: Vec<String> = Vec::new();
    for card in purpose.cards {
        if !cards.contains(&card.title) {
            cards.push(card.title);
        }
    }
    PurposeRow {
        id: purpose.id,
        name: purpose.name,
        reason: purpose.reason,
        cards,
    }
}

pub(crate) fn code(shown: &ShownCode) -> CodeView {
    CodeView {
        service: shown.service.name.clone(),
        details: shown
            .cards
            .iter()
            .flat_map(|card| card.names.clone())
            .collect(),
        expires_at: shown.expires_at,
        again: !shown.live,
    }
}

/// What came of a code.
pub(crate) fn at_desk(shown: &ShownCode, outcome: wallet::Outcome) -> SharedView {
    let CodeView {
        service, details, ..
    } = code(shown);
    SharedView {
        outcome: super::sharing::outcome(outcome),
        service,
        details,
        event: shown.event.to_string(),
        redirect_host: None,
    }
}

pub(crate) fn pass(pass: &PrintedPass) -> PassView {
    PassView {
        service: pass.service.name.clone(),
        purpose: pass.purpose.clone(),
        days: Days {
            from: pass.from,
            until: pass.until,
        },
        reveals: super::cards::details(pass.reveals.clone()),
        pages: pass.pages,
    }
}

/// Frames from `first` on. None where codes of this size do not hold the answer.
pub(crate) fn frames(
    shown: &ShownCode,
    size: FrameSize,
    first: u32,
    many: u32,
) -> Option<FramesView> {
    let whole = shown.still().filter(|_| size == FrameSize::Automatic);
    if let Some(still) = whole {
        return Some(FramesView {
            parts: 1,
            frames: vec![frame(1, &still)],
        });
    }
    let frames = shown
        .frames(match size {
            FrameSize::Coarse => Size::Small,
            FrameSize::Automatic | FrameSize::Medium => Size::Medium,
            FrameSize::Fine => Size::Large,
        })
        .ok()?;
    let first = first.max(1);
    Some(FramesView {
        parts: u32::try_from(frames.count()).ok()?,
        frames: (first..first.saturating_add(many))
            .map_while(|number| Some(frame(number, &frames.part(number)?)))
            .collect(),
    })
}

fn frame(number: u32, symbol: &Symbol) -> CodeFrame {
    let (side, squares) = symbol.modules();
    CodeFrame {
        number,
        side: u32::try_from(side).unwrap_or(0),
        squares: squares.chunks(4).map(digit).collect(),
        text: symbol.text().to_owned(),
    }
}

/// Four squares, or the last ones, as a digit in hexadecimal.
fn digit(four: &[bool]) -> char {
    let value = (0..4).fold(0, |value, place| {
        value * 2 + u32::from(four.get(place).copied().unwrap_or(false))
    });
    char::from_digit(value, 16).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::{digit, frame};
    use wallet::desk::Symbol;

    #[test]
    fn the_page_reads_the_squares_that_were_drawn() {
        let symbol = Symbol::new("UR:CAIRN-ANSWER/EXAMPLE").unwrap();
        let drawn = frame(7, &symbol);
        let (side, squares) = symbol.modules();
        assert_eq!(drawn.side as usize, side);
        assert_eq!(drawn.number, 7);
        for (place, dark) in squares.iter().enumerate() {
            let (row, column) = (place / side, place % side);
            assert_eq!(drawn.is_dark(column as u32, row as u32), *dark, "{place}");
        }
    }

    #[test]
    fn a_digit_is_four_squares_filled_up_with_white() {
        assert_eq!(digit(&[true, false, true, false]), 'a');
        assert_eq!(digit(&[true]), '8');
        assert_eq!(digit(&[]), '0');
    }
}
