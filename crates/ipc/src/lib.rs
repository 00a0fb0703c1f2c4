//! What the desktop shell and the page say to each other: commands, views, events, failures.
//!
//! The page receives labels, kinds and the values that the citizen is about to look at. It never
//! receives a key, a raw credential, an access token or a passphrase. Nothing here can do
//! anything: these are plain structs that `serde` writes, and they build for `wasm32`.
//!
//! Calling convention: a command with input is called as `invoke(NAME, { input: Struct })`, so
//! that the shell's function has one parameter named `input`; a command without input is called
//! as `invoke(NAME, {})`. Member names are in snake case on both sides. Times are Unix seconds.

mod add;
mod cards;
mod command;
mod counter;
mod event;
mod failure;
mod history;
mod ledger;
mod link;
mod preferences;
mod review;
mod secret;
mod share;
mod vault;

pub use add::{AcceptOffer, AddedView, CodeMode, OfferReview, OfferedCard, TxCodeView};
pub use cards::{
    Card, CardDetails, CardRow, CardState, CardView, Cards, DeleteCard, DetailView, HowKnown,
    IssuerView, RevealedView, SaveEvidence, SavedEvidence, SharedWith, StatusLookUp, ValueView,
};
pub use command::{COMMANDS, Command, Nothing};
pub use counter::{
    AskAgain, BeginAtCounter, CodeFrame, CodeFrames, CodeView, Days, EndCode, EndPass, FrameSize,
    FramesView, MakePass, PassView, PurposeRow, SavePass, ServiceRow, Services, ShowCode, Way,
};
pub use event::{Connectivity, Event, LedgerRead, LinkReceived, Locked, Progress, Stage};
pub use failure::{Failure, FailureKind, Retry};
pub use history::{
    EventDetail, EventKind, EventRow, EventView, ForgetEvent, History, ReadEvent, ShownAs,
};
pub use ledger::{
    BodyRole, BodyRow, BodyState, BodyView, CheckLedger, Freshness, GrowthPoint, Ledger,
    LedgerTrail, LedgerView, PublishedFile, RefusedUpdate, SaveTrail, SavedView, TrailEntry,
    TrailForm, TrailKind, TypePart, Watched,
};
pub use link::{
    ContinueLink, DemoDesks, DeskRole, DeskView, LinkPurpose, LinkView, NextStep, OpenLink,
    ReadImage, ReplaceLink, Stop, VisitDesk,
};
pub use preferences::{LoadPreferences, Preferences, SetPreferences, TextSize, Theme};
pub use review::{Level, ReviewId, Tick, Verdict, Warning, WarningKind};
pub use secret::Secret;
pub use share::{
    Ask, CardFormat, Choice, Choose, ChooseReview, ChosenOption, Duration, FollowRedirect,
    MissingCard, MissingReview, Onward, OtherFormat, Outcome, PurposeView, Recognisability,
    Retention, ServiceView, SetOption, Share, ShareReview, ShareRow, ShareSet, SharedView,
    StaysView, StoppedCard, WantedSet,
};
pub use vault::{
    BackUp, BackedUpView, ChangePassphrase, CreateVault, Custody, LedgerKept, LockNow, OpenedView,
    Recover, Restore, Status, StatusView, Touch, Unlock, VaultState,
};
