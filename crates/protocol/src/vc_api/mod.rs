//! The VC API of the W3C Credentials Community Group: issuing, deriving and verifying over HTTP
//! by whoever has a token. W3C's own test suites speak it.
//!
//! An issuer answers by [`ToIssue`], [`derive`](fn@derive) and [`set_status`], a verifier by [`Asked`]. Credentials
//! are those of the data model 2.0, and of 1.1 to be read; they are secured by every Data Integrity
//! suite that we know, or by `vc+jwt` (VC-JOSE-COSE §3).
//!
//! Refused, with the rule in a problem detail (RFC 9457; types of VCDM 2.0 §7.2, VC Data Integrity
//! §4.7 and Bitstring Status List §3.5) that holds no value of the document: what the data model
//! says must be refused, what JSON-LD would drop, contexts that are not compiled in, proofs by
//! anyone but the issuer that the credential names, credentials that their issuer has withdrawn.
//! What is signed as JSON alone is held to the same rules of JSON-LD.
//!
//! What is refused has the HTTP status 400, a verification that failed too: W3C's suites look for
//! that, although a later draft of the API would have 200 with `verified: false`.

mod allot;
mod asked;
mod bearer;
mod body;
mod derive;
mod issue;
mod jose;
mod key;
mod problem;
mod proofs;
mod related;
mod status;
mod verify;

use std::sync::OnceLock;

use credential::json_ld::Contexts;

pub use allot::set_status;
pub use asked::{Asked, Documents};
pub use bearer::{Bearer, InvalidToken};
pub use derive::derive;
pub use issue::ToIssue;
pub use key::IssuerKeys;
pub use problem::Problem;
pub use status::{MAX_ENTRIES, MAX_LISTS};
pub use verify::Checked;

/// The longest request that is read, in bytes.
pub const MAX_BODY: usize = 512 * 1024;

/// A context of W3C's: it defines every term that nobody else defines. It is no part of the
/// contexts that wallets accept.
const UNDEFINED_TERMS: &str = "https://www.w3.org/ns/credentials/undefined-terms/v2";
const UNDEFINED_TERMS_TEXT: &str = include_str!("undefined-terms-v2.jsonld");

/// The contexts that a document of this interface may name.
fn contexts() -> &'static Contexts {
    static CONTEXTS: OnceLock<Option<Contexts>> = OnceLock::new();
    CONTEXTS
        .get_or_init(|| {
            Contexts::pinned()
                .with(UNDEFINED_TERMS, UNDEFINED_TERMS_TEXT)
                .ok()
        })
        .as_ref()
        .unwrap_or_else(|| Contexts::pinned())
}

#[cfg(test)]
mod tests;
