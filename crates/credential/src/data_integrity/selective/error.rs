use super::{PointerError, ProofValueError};
use crate::json_ld::JsonLdError;
use crate::rdf::TooComplex;

/// Why a base or derived proof was not made, or not accepted. Never tells a claim's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SelectiveError {
    /// The document or the proof's configuration is not acceptable JSON-LD.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
    /// A JSON pointer is malformed, or points at nothing.
    #[error(transparent)]
    Pointer(#[from] PointerError),
    /// The proof value cannot be read.
    #[error(transparent)]
    ProofValue(#[from] ProofValueError),
    /// The document has no proof of these suites, or more than one.
    #[error("the document does not have one selective proof")]
    NoProof,
    /// The proof has no such configuration as a proof of these suites has.
    #[error("the proof's {0} is missing or not acceptable")]
    Configuration(&'static str),
    /// The key is not of the kind that the suite uses.
    #[error("the key is of another kind than the suite's")]
    KeyKind,
    /// The chosen parts are no part of the document's statements, such as items of a list.
    #[error("the chosen part cannot be told apart from the rest of the document")]
    NotSelectable,
    /// Nothing is mandatory and nothing was chosen.
    #[error("nothing is mandatory and nothing was chosen")]
    NothingChosen,
    /// There are not as many signatures as the document has optional statements.
    #[error("there are not as many signatures as optional statements")]
    SignatureCount,
    /// There are not as many labels as the document has blank nodes.
    #[error("there are not as many labels as blank nodes")]
    LabelMap,
    /// An index is beyond the document's statements.
    #[error("an index is out of range")]
    Indexes,
    /// The proof was made for another occasion.
    #[error("the proof is bound to another presentation header")]
    PresentationHeader,
    /// The base proof names another key than the issuer's.
    #[error("the proof names another key than the issuer's")]
    OtherKey,
    /// A signature or a proof does not match: another key, or a changed document.
    #[error("the signature does not match")]
    Signature,
    /// More statements than BBS signs.
    #[error("the document has too many statements")]
    TooManyStatements,
    /// The signature could not be made. By chance this does not happen.
    #[error("the signature could not be made")]
    Signing,
}

impl From<TooComplex> for SelectiveError {
    fn from(error: TooComplex) -> Self {
        Self::JsonLd(error.into())
    }
}
