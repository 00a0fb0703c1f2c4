use crate::json_ld::JsonLdError;

/// Why a proof was not made, or not accepted. Names members, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The document has no proof.
    #[error("the document has no proof")]
    NoProof,
    /// The document has more proofs than are read.
    #[error("the document has too many proofs")]
    TooMany,
    /// A member of the proof is missing or has the wrong shape.
    #[error("the proof's {0} is missing or malformed")]
    Member(&'static str),
    /// A cryptosuite that is not supported, or not by this function.
    #[error("the proof's cryptosuite is not supported")]
    Suite,
    /// The key is of another kind than the suite's, or there is none.
    #[error("there is no key of the kind that the proof needs")]
    Key,
    /// The proof was made for something else.
    #[error("the proof was made for another purpose")]
    Purpose,
    /// The proof says that it was made in the future.
    #[error("the proof is from the future")]
    FromFuture,
    /// The proof says that it is no longer valid.
    #[error("the proof has expired")]
    Expired,
    /// The proof answers another challenge, or none.
    #[error("the proof answers another challenge")]
    Challenge,
    /// The proof is meant for another verifier, or for any.
    #[error("the proof is for another domain")]
    Domain,
    /// A previous proof is not there, is there twice, or names itself in the end.
    #[error("a previous proof is not there, or not before this one")]
    PreviousProof,
    /// The proof's own context is not where the document's begins.
    #[error("the proof has another context than the document")]
    Context,
    /// The document or the proof is not acceptable JSON-LD.
    #[error(transparent)]
    JsonLd(#[from] JsonLdError),
    /// The document has no canonical form.
    #[error("the document has no canonical form")]
    Canonical,
    /// The signature does not match: another key, or a changed document.
    #[error("the signature does not match")]
    Signature,
}
