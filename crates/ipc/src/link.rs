//! From a link, a file or an image to a review.

use serde::{Deserialize, Serialize};

use crate::{ChooseReview, MissingReview, OfferReview, ReviewId, ShareReview};

/// Reads a link from text. Nothing is sent yet. It takes the place of a waiting link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLink {
    /// What was pasted or what the chosen file holds; at most 64 KiB are read.
    pub text: String,
}

/// Reads a link or a desk's code from an image. Nothing is sent yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadImage {
    /// The bytes of a PNG, JPEG or GIF file in standard base64; at most 10 MiB of image.
    pub file: String,
}

/// Answers the question of [`crate::LinkReceived`] with `replaces`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceLink {
    /// Take the new link and stop what is under way; otherwise the new link is dropped.
    pub replace: bool,
}

/// A link that was read and waits for Continue or Stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkView {
    /// Its name in [`ContinueLink`] and [`Stop`].
    pub link: ReviewId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The host that Continue speaks to first; empty where reading on needs no network.
    pub host: String,
    /// It came from another program, not from the citizen.
    pub from_outside: bool,
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// To add a card.
    Add,
    /// To show a card.
    Show,
    /// To show a card at a desk, whose code this is. No network takes part.
    Desk,
}

/// Goes on: the first byte leaves now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContinueLink {
    /// The waiting link.
    pub link: ReviewId,
}

/// What a link turned out to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step", content = "review")]
pub enum NextStep {
    /// An offer of cards.
    Offer(OfferReview),
    /// A request that several cards fit: choose first.
    Choose(ChooseReview),
    /// A request to decide on.
    Share(Box<ShareReview>),
    /// A request that no card fits. Nothing was sent.
    Missing(MissingReview),
}

/// Ends a waiting link or a review, and what it waits for on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The link or the review.
    pub review: ReviewId,
    /// Tell the service `access_denied`. Only for a review of a request, only because the citizen
    /// pressed "Don't share": a refusal and "no match" look the same to the service.
    pub tell: bool,
}

/// The desks of the demo world; empty outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoDesks;

/// A desk of the demo world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeskView {
    /// Its name in [`VisitDesk`].
    pub id: String,
    /// Its name on the screen: says "demo".
    pub name: String,
    /// What it gives or asks for: "NHS charge exemption", "Help with health costs".
    pub what: String,
    /// What it does.
    pub role: DeskRole,
    /// The desk's web page on this computer, for those who would rather use its QR code.
    pub url: String,
}

/// What a desk does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskRole {
    /// It gives cards.
    Issuer,
    /// It asks for them.
    Counter,
}

/// Takes a fresh link from a desk of the demo world, as if it had been scanned there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitDesk {
    /// The desk.
    pub id: String,
}
