use keys::jws::JwsError;

use crate::issuer::KeySourceError;
use crate::vcdm::VcdmError;

/// Why a credential or a presentation in a JWT was refused. Names members, never values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// Not a JWT, or not signed by the key.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// What is in it breaks a rule of the data model.
    #[error(transparent)]
    Model(#[from] VcdmError),
    /// It does not say where its issuer's key is.
    #[error(transparent)]
    KeySource(#[from] KeySourceError),
    /// `typ` or `cty` is that of something else, or there is no `vc` or `vp` where one must be,
    /// or one where none may be.
    #[error("the JWT is not of the type of a credential or a presentation")]
    Type,
    /// A claim of the JWT says something else than the credential in it.
    #[error("`{0}` of the JWT contradicts what is in it")]
    Contradiction(&'static str),
    /// A claim is missing or malformed.
    #[error("`{0}` of the JWT is missing or malformed")]
    Claim(&'static str),
    /// A time claim says that it is not valid yet.
    #[error("the JWT is not valid yet")]
    NotYetValid,
    /// `exp` has passed.
    #[error("the JWT has expired")]
    Expired,
    /// Not one credential, in the way that belongs to the presentation.
    #[error("a presentation in a JWT holds one credential in a JWT")]
    NotOneCredential,
    /// The presentation is for another verifier.
    #[error("the presentation is for another verifier")]
    Audience,
    /// The presentation answers another request.
    #[error("the presentation answers another request")]
    Nonce,
    /// The presentation was made too long ago, or in the future.
    #[error("the presentation is too old, or from the future")]
    Time,
    /// The presentation is by another than the holder, or the credential is bound to no key.
    #[error("the presentation is not by the holder of the credential")]
    NotTheHolder,
    /// A presentation by the holder is needed.
    #[error("the holder's presentation is missing")]
    NoHolderProof,
    /// The credential cannot be secured with such a key.
    #[error("a JWT is not signed with such a key")]
    Key,
    /// The credential does not name its issuer.
    #[error("the credential needs an issuer")]
    NoIssuer,
    /// The credential has no such claim.
    #[error("the credential has no such claim")]
    NoSuchClaim,
}
