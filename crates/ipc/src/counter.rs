//! Showing cards at a counter, as a code or a printed pass: no network takes part.

use serde::{Deserialize, Serialize};

use crate::{ReviewId, Tick};

/// How what is shared goes to the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "of")]
pub enum Way {
    /// Over the network, to the website that the review names.
    Sent,
    /// As a code on this screen.
    Code {
        /// It answers the code on the desk's own screen, and that question alone. Otherwise it is
        /// good for a minute or two, and the desk must check who shows it.
        live: bool,
    },
    /// As a code on paper.
    Pass(Days),
}

/// From when until when a printed pass is good; days by UTC, as the paper says them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first second.
    pub from: i64,
    /// The second after the last.
    pub until: i64,
}

/// The services that the ledger lists, with their purposes, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Services;

/// A service and its purposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRow {
    /// The client id.
    pub id: String,
    /// Its name, as the ledger has it.
    pub name: String,
    /// Who registered it, by name.
    pub by: String,
    /// What it registered to ask for.
    pub purposes: Vec<PurposeRow>,
}

/// One purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurposeRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why they ask, in their words.
    pub reason: String,
    /// The cards that it asks for, by title.
    pub cards: Vec<String>,
}

/// Begins at a counter without its code: by what the ledger says that it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginAtCounter {
    /// The service's client id.
    pub service: String,
    /// The purpose's id.
    pub purpose: String,
    /// For a printed pass, its days; else a code on the screen is made.
    pub pass: Option<Days>,
}

/// Makes the code that the review showed. It is used up by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShowCode {
    /// The review that this answers.
    pub review: ReviewId,
    /// As in [`crate::Share`].
    pub optional: Vec<usize>,
    /// As in [`crate::Share`].
    pub ticks: Vec<Tick>,
    /// The ledger's evidence about the issuers and their lists of statuses ride along, for a
    /// counter that is seldom on line. What the desk's own code asks for rides along anyway.
    pub staple: bool,
}

/// A code that is being shown. The shell keeps it until [`EndCode`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    /// The service's name.
    pub service: String,
    /// The names of the details in it.
    pub details: Vec<String>,
    /// When the counter stops taking it.
    pub expires_at: i64,
    /// Whether a new one can be made without the desk's new code: [`AskAgain`].
    pub again: bool,
}

/// Some frames of the code that is being shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFrames {
    /// How large each is, where there are several.
    pub size: FrameSize,
    /// The first, from 1.
    pub first: u32,
    /// How many; at most [`CodeFrames::MOST`].
    pub many: u32,
}

impl CodeFrames {
    /// The most frames that are drawn at once.
    pub const MOST: u32 = 32;
}

/// How much one frame holds: what the desk's camera can make out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrameSize {
    /// One code where one holds all, else as [`Self::Medium`].
    #[default]
    Automatic,
    /// Few large squares, for a poor camera.
    Coarse,
    /// In between.
    Medium,
    /// Many small squares, for a good camera near by.
    Fine,
}

impl FrameSize {
    /// Every size, for the test that each has its words.
    pub const ALL: &[Self] = &[Self::Automatic, Self::Coarse, Self::Medium, Self::Fine];
}

/// Frames, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FramesView {
    /// How many frames suffice. 1 is a still code, of which there is only one.
    pub parts: u32,
    /// The frames.
    pub frames: Vec<CodeFrame>,
}

/// One frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeFrame {
    /// Its number, from 1.
    pub number: u32,
    /// Squares along a side, without the white border.
    pub side: u32,
    /// The squares row by row, dark as 1, four a digit in hexadecimal; the last digit is filled up
    /// with 0.
    pub squares: String,
    /// The same as text, for those who type it.
    pub text: String,
}

impl CodeFrame {
    /// Whether a square is dark. False beyond the code.
    #[must_use]
    pub fn is_dark(&self, column: u32, row: u32) -> bool {
        if column >= self.side || row >= self.side {
            return false;
        }
        let place = u64::from(row) * u64::from(self.side) + u64::from(column);
        let digit = usize::try_from(place / 4)
            .ok()
            .and_then(|at| self.squares.as_bytes().get(at))
            .and_then(|digit| char::from(*digit).to_digit(16))
            .unwrap_or(0);
        digit & (8 >> (place % 4)) != 0
    }
}

/// The citizen is done with the code: it is shown no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndCode;

/// Asks the citizen again, for a new code in the place of one that expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskAgain;

/// Makes the printed pass that the review showed. It is used up by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MakePass {
    /// The review that this answers.
    pub review: ReviewId,
    /// As in [`crate::Share`].
    pub optional: Vec<usize>,
    /// As in [`crate::Share`].
    pub ticks: Vec<Tick>,
}

/// A pass that was made. The shell keeps it until it is saved and [`EndPass`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PassView {
    /// The service's name.
    pub service: String,
    /// The purpose's name.
    pub purpose: String,
    /// When it is good: days by UTC, as the paper says them.
    pub days: Days,
    /// What it reveals: a label and a value each.
    pub reveals: Vec<crate::DetailView>,
    /// How many pages it has.
    pub pages: u32,
}

/// Saves the pass as a PDF file, where the citizen wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavePass;

/// The citizen is done with the pass: the shell forgets it. One that was never saved counts as
/// never printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndPass;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_read_row_by_row() {
        let frame = CodeFrame {
            number: 1,
            side: 3,
            // 101 010 110, filled up: 1010 1011 0000.
            squares: "ab0".into(),
            text: String::new(),
        };
        let drawn: Vec<String> = (0..3)
            .map(|row| {
                (0..3)
                    .map(|column| if frame.is_dark(column, row) { '1' } else { '0' })
                    .collect()
            })
            .collect();
        assert_eq!(drawn, ["101", "010", "110"]);
        assert!(!frame.is_dark(3, 0));
        assert!(!frame.is_dark(0, 3));
    }
}
