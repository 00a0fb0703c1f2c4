use super::plain::ProofError;
use super::selective::{PointerError, ProofValueError, SelectiveError, Unguarded};
use crate::format::{Fault, Refused};
use crate::json_ld::JsonLdError;
use crate::vcdm::VcdmError;

/// What only this format has to say.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    #[error("not a credential in JSON")]
    NotJson,
    #[error("no proof of the credential is of a kind that is supported")]
    NoProof,
    #[error("no proof of the credential names a key of its issuer")]
    OtherIssuer,
    #[error("the issuer is not a DID")]
    NoDid,
    #[error("a Data Integrity proof names its key by a DID URL")]
    Chain,
    #[error("the issuer's key belongs to another than the issuer")]
    OtherKey,
    #[error("the type has no JSON-LD context")]
    NoContext,
    #[error("the credential brings a JSON-LD context of its own")]
    OwnContext,
    #[error("the credential does not use its type's JSON-LD context")]
    OtherWords,
    #[error("a W3C credential names its status in a bitstring status list")]
    Status,
    #[error("a bbs-2023 card has no claims within claims: they could tell cards apart")]
    Nested,
    #[error("a date of the credential cannot be written")]
    Date,
    #[error("the credential has no such claim")]
    NoSuchClaim,
    #[error("the credential is bound to another key, or to none")]
    NotTheHolder,
    #[error("a presentation holds one credential with a proof")]
    NotOneCredential,
    #[error("the holder's proof is missing")]
    NoHolderProof,
    #[error("the holder's proof is too old, or from the future")]
    ProofTime,
}

impl Unfit {
    pub(super) fn refuse(self) -> Refused {
        let fault = match self {
            Self::NotJson | Self::OtherIssuer | Self::NotOneCredential | Self::OtherWords => {
                Fault::Malformed
            }
            Self::NoSuchClaim => Fault::NoSuchClaim,
            Self::NotTheHolder | Self::NoHolderProof => Fault::NotTheHolder,
            Self::ProofTime => Fault::ProofTime,
            _ => Fault::Unsupported,
        };
        Refused::new(fault, self)
    }
}

impl From<VcdmError> for Refused {
    fn from(error: VcdmError) -> Self {
        let fault = match error {
            VcdmError::NotYetValid => Fault::NotYetValid,
            VcdmError::Expired => Fault::Expired,
            VcdmError::OtherDigest => Fault::Changed,
            _ => Fault::Malformed,
        };
        Self::new(fault, error)
    }
}

fn of_json_ld(error: JsonLdError) -> Fault {
    match error {
        JsonLdError::UnknownContext => Fault::Unsupported,
        _ => Fault::Malformed,
    }
}

/// A refusal of the issuer's proof.
pub(super) fn issuers(error: ProofError) -> Refused {
    let fault = match error {
        ProofError::Signature | ProofError::Key | ProofError::Context => Fault::Changed,
        ProofError::Suite => Fault::Unsupported,
        ProofError::FromFuture => Fault::NotYetValid,
        ProofError::Expired => Fault::Expired,
        ProofError::JsonLd(error) => of_json_ld(error),
        _ => Fault::Malformed,
    };
    Refused::new(fault, error)
}

/// A refusal of the holder's proof.
pub(super) fn holders(error: ProofError) -> Refused {
    let fault = match error {
        ProofError::Signature
        | ProofError::Key
        | ProofError::Context
        | ProofError::Purpose
        | ProofError::NoProof => Fault::NotTheHolder,
        ProofError::Challenge | ProofError::Domain => Fault::OtherRequest,
        ProofError::FromFuture | ProofError::Expired => Fault::ProofTime,
        ProofError::Suite => Fault::Unsupported,
        ProofError::JsonLd(error) => of_json_ld(error),
        _ => Fault::Malformed,
    };
    Refused::new(fault, error)
}

impl From<SelectiveError> for Refused {
    fn from(error: SelectiveError) -> Self {
        let fault = match error {
            SelectiveError::JsonLd(error) => of_json_ld(error),
            SelectiveError::Pointer(PointerError::NoValue) => Fault::NoSuchClaim,
            SelectiveError::ProofValue(
                ProofValueError::AnonymousHolderBinding | ProofValueError::Pseudonym,
            )
            | SelectiveError::NotSelectable => Fault::Unsupported,
            SelectiveError::KeyKind
            | SelectiveError::SignatureCount
            | SelectiveError::LabelMap
            | SelectiveError::Indexes
            | SelectiveError::OtherKey
            | SelectiveError::Signature => Fault::Changed,
            SelectiveError::PresentationHeader => Fault::OtherRequest,
            _ => Fault::Malformed,
        };
        Self::new(fault, error)
    }
}

impl From<Unguarded> for Refused {
    fn from(error: Unguarded) -> Self {
        Self::new(Fault::Malformed, error)
    }
}
