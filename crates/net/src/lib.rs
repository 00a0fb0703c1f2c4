//! The one way out to the network: a bounded HTTP client that other crates use by a trait.
//!
//! What comes in is a URL that a stranger wrote. So a request goes out only
//!
//! - by `https:`, or by `http:` to loopback where the [`Policy`] is the demo's;
//! - to an address that is global unicast: private, loopback, link-local, shared,
//!   multicast, reserved and cloud metadata addresses are refused as a literal in any
//!   spelling, inside an IPv6 transition address, and as the answer of a DNS look-up;
//! - without credentials in the URL, cookies, a `Referer`, or a proxy of the system.
//!
//! Answers are bounded in bytes while they stream and in total time. Redirects are followed
//! for `GET` only, at most [`MAX_REDIRECTS`], each checked like the first URL. Nothing is
//! decompressed. Every failure says whether the request may have reached the other side
//! ([`HttpError::sent`]).

mod address;
mod client;
mod error;
mod request;
mod rules;

#[cfg(test)]
mod tests;

pub use address::AddressKind;
pub use client::{Client, MAX_REDIRECTS, TOTAL_TIME};
pub use error::{ForbiddenUrl, HttpError};
pub use request::{Body, DEFAULT_LIMIT, Method, Request, Response};
pub use rules::{MAX_URL, check};

use async_trait::async_trait;
use url::Url;

/// What the client may reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The demo world: loopback may be reached, there also by plain `http:`. Every other
    /// private address stays refused.
    pub demo: bool,
}

/// Sends one request. Pure code takes this instead of a client, so that tests can answer.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends `request` and reads the whole answer, whatever its status.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;

    /// Whether `url` would be asked at all. Looks at the text only: a name may still turn
    /// out to point to a forbidden address.
    fn allows(&self, url: &Url) -> Result<(), HttpError>;
}
