//! W3C Verifiable Credentials Data Model 2.0: what a credential and a presentation must look like,
//! whatever secures them; and 1.1, to read what was issued before.
//!
//! [`Credential::check`] and [`Presentation::check`] refuse everything that the data model says
//! must be refused and that the document alone tells, by name. They keep the document as it is,
//! since proofs are over all of it. What a JSON-LD processor refuses besides, an undefined term or
//! a redefined one, [`json_ld`](crate::json_ld) refuses.
//!
//! Sections: contexts §4.3, identifiers §4.4, types §4.5, names §4.6 and §11.1, issuer §4.7,
//! subject §4.8, validity §4.9, status §4.10, schemas §4.11, presentations §4.13, related
//! resources §5.3, refreshing §5.4, terms of use §5.5, evidence §5.6, reserved properties §5.10.

mod credential;
mod date;
mod digest;
mod error;
pub(crate) mod facts;
mod presentation;
mod related;
mod rules;

pub use credential::{Credential, LEEWAY};
pub use date::{Moment, written};
pub use error::VcdmError;
pub use presentation::{Contained, Enveloped, Presentation};
pub use related::RelatedResource;

/// The version of the data model, as the first context says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// 1.1, to be read only.
    V1,
    /// 2.0.
    V2,
}

impl Version {
    /// The context that must come first.
    pub fn context(self) -> &'static str {
        match self {
            Self::V1 => "https://www.w3.org/2018/credentials/v1",
            Self::V2 => "https://www.w3.org/ns/credentials/v2",
        }
    }

    /// The version whose context this is.
    pub fn from_context(context: &str) -> Option<Self> {
        [Self::V1, Self::V2]
            .into_iter()
            .find(|version| version.context() == context)
    }
}

/// The most objects of one kind that a credential or a presentation may hold.
pub const MAX_ITEMS: usize = 100;

#[cfg(test)]
mod tests;
