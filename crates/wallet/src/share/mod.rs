//! Showing cards: request → review → decision → what left → record.

mod consent;
mod declared;
mod other_format;
pub(crate) mod plan;
mod request;
mod send;
mod view;

pub(crate) use consent::label;
pub use plan::{Choice, ChoiceError};
pub(crate) use request::{Asked, Destination, ShareState};
pub use request::{NextStep, RequestError};
pub(crate) use send::Parcel;
pub use send::{ShareError, Shared, SharedCard, Sharing};
pub use view::{
    ChooseReview, Length, MissingCard, MissingReview, OfferedAsk, Recognisability, Retained,
    Service, ShareReview, ShareRow, ShareSet, Stays, WantedSet, Way,
};
