//! JSON-LD 1.1, as far as credentials need it: a document becomes RDF, by contexts that are
//! compiled in.
//!
//! No context is fetched. Whatever JSON-LD would drop in silence – a term without a definition, a
//! relative IRI, an unknown keyword – is refused: what is dropped is not signed, and the reader of
//! the JSON would still see it. Numbers that do not survive as IEEE 754 doubles are refused for
//! the same reason. The direction of a text is kept in its datatype
//! (`https://www.w3.org/ns/i18n#`).

mod bounds;
mod contexts;
mod expand;
mod fixed;
mod stack;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

pub(crate) use bounds::check as check_bounds;
pub(crate) use bounds::require_said;
pub use contexts::{Contexts, InvalidContext};
pub(crate) use expand::expand;
pub(crate) use fixed::fixed_proof_hash;

use crate::rdf::{Quad, TooComplex, canon};

/// Why a document cannot be read as JSON-LD.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonLdError {
    /// Too deep, too many members or statements, or too much text.
    #[error("the document is larger than {0}")]
    TooLarge(&'static str),
    /// A context that is not compiled in.
    #[error("the document names a context that this program does not know")]
    UnknownContext,
    /// A context that breaks the rules, such as one that redefines a protected term.
    #[error("the document's context is not valid")]
    Context,
    /// A term that no context defines.
    #[error("the document uses a term that no context defines")]
    UndefinedTerm,
    /// An identifier or a type that is no absolute IRI.
    #[error("the document has an identifier or a type that is no absolute IRI")]
    Identifier,
    /// A number that other programs read differently.
    #[error("the document has a number that other programs read differently")]
    Number,
    /// A member that JSON-LD would drop: an unknown keyword, an empty name, a malformed language.
    #[error("the document has a member that JSON-LD would drop")]
    Dropped,
    /// Not JSON-LD for another reason.
    #[error("the document is not JSON-LD")]
    NotJsonLd,
    /// Blank nodes that cannot be told apart.
    #[error(transparent)]
    TooComplex(#[from] TooComplex),
}

/// The document's statements.
pub fn to_quads(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Vec<Quad>, JsonLdError> {
    expand(document, contexts)?.into_quads()
}

/// The document in canonical N-Quads: JSON-LD 1.1, then RDFC-1.0, a line a statement. What is
/// signed like this must be said: a `null` or an empty list is refused.
pub fn canonize(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Vec<String>, JsonLdError> {
    canonize_with::<Sha256>(document, contexts)
}

/// The same by another hash than SHA-256 (RDFC-1.0 §4.2).
pub fn canonize_with<H: Digest>(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Vec<String>, JsonLdError> {
    let quads = to_quads(document, contexts)?;
    require_said(document)?;
    Ok(canon::canonical_lines_with::<H>(&quads)?)
}

/// The SHA-256 digest of the canonical N-Quads.
pub fn canonical_hash(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<[u8; 32], JsonLdError> {
    Ok(hash_lines(&canonize(document, contexts)?))
}

/// The SHA-256 digest of these lines, one after the other.
pub(crate) fn hash_lines(lines: &[impl AsRef<str>]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(line.as_ref());
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests;
