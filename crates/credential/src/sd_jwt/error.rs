use keys::json::JsonError;
use keys::jws::JwsError;
use keys::{KeyError, SignatureError};

/// Why a text is no SD-JWT. Nothing has been verified yet.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Longer than [`super::MAX_BYTES`].
    #[error("the credential is longer than {limit} bytes")]
    TooLong {
        /// The bound in bytes.
        limit: usize,
    },
    /// More than [`super::MAX_DISCLOSURES`].
    #[error("the credential carries more than {limit} disclosures")]
    TooManyDisclosures {
        /// The bound.
        limit: usize,
    },
    /// No tilde at all: a plain JWT (RFC 9901 §4).
    #[error("not an SD-JWT: no tilde follows the issuer's JWT")]
    NotSdJwt,
    /// The issuer's JWT is malformed.
    #[error("the issuer's JWT is malformed")]
    IssuerJwt(#[source] JwsError),
    /// The key binding JWT is malformed.
    #[error("the key binding JWT is malformed")]
    KeyBinding(#[source] JwsError),
    /// A disclosure is not base64url of acceptable JSON (RFC 9901 §4.2).
    #[error("disclosure {position} is malformed")]
    Disclosure {
        /// Position among the disclosures, from 1.
        position: usize,
    },
    /// A disclosure is not an array of two or three elements, or its salt or claim name is
    /// not a string (RFC 9901 §7.1 step 3).
    #[error("disclosure {position} has the wrong shape")]
    DisclosureShape {
        /// Position among the disclosures, from 1.
        position: usize,
    },
    /// A disclosure names a claim `_sd` or `...` (RFC 9901 §7.1 step 3).
    #[error("disclosure {position} uses a reserved claim name")]
    ReservedName {
        /// Position among the disclosures, from 1.
        position: usize,
    },
    /// The JSON serialization is malformed (RFC 9901 §8).
    #[error("the JSON serialization is malformed")]
    Json(#[source] JsonError),
    /// The JSON serialization lacks a member or has one of the wrong type.
    #[error("the JSON serialization lacks or misuses `{member}`")]
    JsonMember {
        /// The member.
        member: &'static str,
    },
}

/// Why a credential was refused.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The issuer's signature does not verify with the key.
    #[error("the issuer's signature does not verify")]
    Signature(#[source] JwsError),
    /// The issuer's JWT has another `typ` (SD-JWT VC §3.2.1).
    #[error("the credential's `typ` is neither `dc+sd-jwt` nor `vc+sd-jwt`")]
    Type,
    /// The digests and disclosures do not fit together.
    #[error(transparent)]
    Disclosures(#[from] DisclosureError),
    /// `vct` is missing or not a string (SD-JWT VC §3.2.2.1).
    #[error("the credential has no `vct`")]
    NoVct,
    /// A registered claim is not of its type.
    #[error("the claim `{claim}` is malformed")]
    Claim {
        /// The claim.
        claim: &'static str,
    },
    /// A claim that must be visible is selectively disclosed (SD-JWT VC §3.2.2.2).
    #[error("the claim `{claim}` may not be selectively disclosed")]
    MustBeVisible {
        /// The claim.
        claim: &'static str,
    },
    /// After `exp`.
    #[error("the credential expired")]
    Expired,
    /// Before `nbf`.
    #[error("the credential is not valid yet")]
    NotYetValid,
    /// `iat` is in the future.
    #[error("the credential was issued in the future")]
    IssuedInFuture,
    /// `cnf` names no key that is understood (RFC 7800 §3).
    #[error("the credential's holder key is not usable")]
    HolderKey(#[source] HolderKeyError),
    /// The key binding was refused.
    #[error(transparent)]
    KeyBinding(#[from] KeyBindingError),
}

/// Why `cnf` names no usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HolderKeyError {
    /// `cnf` is not an object with `jwk`, or with a `kid` that is a did:key or did:jwk.
    #[error("no `jwk`, and no `kid` that holds its own key")]
    NotFound,
    /// The key itself is refused.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// Why digests and disclosures do not fit together (RFC 9901 §7.1 steps 3 to 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// The payload is not an object of acceptable JSON.
    #[error("the payload is not a JSON object")]
    Payload,
    /// `_sd_alg` is not a hash algorithm that is supported.
    #[error("the hash algorithm of `_sd_alg` is not supported")]
    HashAlgorithm,
    /// `_sd` is not an array.
    #[error("`_sd` is not an array")]
    SdNotArray,
    /// An element of `_sd` or the value of `...` is not a string.
    #[error("a digest is not a string")]
    DigestNotString,
    /// `...` stands beside other members, or outside an array.
    #[error("`...` stands where it may not")]
    StrayEllipsis,
    /// The same digest stands twice.
    #[error("a digest appears more than once")]
    DuplicateDigest,
    /// The same disclosure was sent twice.
    #[error("a disclosure was sent more than once")]
    DuplicateDisclosure,
    /// A disclosure of an object member is referenced from an array, or the reverse.
    #[error("a disclosure does not have the shape that its place asks for")]
    WrongPlace,
    /// The disclosed claim stands there already.
    #[error("a disclosed claim is already present")]
    ClaimPresent,
    /// No digest refers to a disclosure.
    #[error("a disclosure is referenced by no digest")]
    Unreferenced,
    /// The processed claims nest deeper than [`super::MAX_DEPTH`].
    #[error("the claims nest too deeply")]
    TooDeep,
    /// A claim name is longer than [`query::MAX_NAME`].
    #[error("a claim name is too long")]
    NameTooLong,
}

/// Why a key binding JWT was refused (RFC 9901 §7.3).
#[derive(Debug, thiserror::Error)]
pub enum KeyBindingError {
    /// Asked for, and not there.
    #[error("the presentation is not bound to the holder's key")]
    Missing,
    /// There, but the credential names no holder key.
    #[error("the credential names no holder key")]
    NoHolderKey,
    /// `typ` is not `kb+jwt`.
    #[error("the key binding JWT has the wrong `typ`")]
    Type,
    /// Signed by another key, or changed.
    #[error("the key binding signature does not verify")]
    Signature(#[source] JwsError),
    /// The payload is not acceptable JSON or lacks a claim.
    #[error("the key binding JWT lacks or misuses `{claim}`")]
    Claim {
        /// The claim.
        claim: &'static str,
    },
    /// Made for somebody else.
    #[error("the key binding is for another audience")]
    Audience,
    /// Made for another request.
    #[error("the key binding answers another nonce")]
    Nonce,
    /// Made for other disclosures.
    #[error("the key binding covers other disclosures")]
    SdHash,
    /// Older than [`super::KEY_BINDING_MAX_AGE`].
    #[error("the key binding is too old")]
    TooOld,
    /// From the future, beyond [`super::LEEWAY`].
    #[error("the key binding is from the future")]
    InFuture,
}

/// Why a credential could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// `vct` is missing or not a string.
    #[error("the claims have no `vct`")]
    NoVct,
    /// A claim uses `_sd`, `...` or, at the top, `_sd_alg`.
    #[error("the claims use a reserved name")]
    ReservedName,
    /// A path selects nothing.
    #[error("a path to conceal selects no claim")]
    NoSuchClaim,
    /// A claim that must be visible was to be concealed.
    #[error("the claim `{claim}` may not be concealed")]
    MustBeVisible {
        /// The claim.
        claim: &'static str,
    },
    /// The claims nest deeper than [`super::MAX_DEPTH`].
    #[error("the claims nest too deeply")]
    TooDeep,
    /// More than [`super::MAX_DISCLOSURES`] or [`super::MAX_BYTES`].
    #[error("the credential would be too large")]
    TooLarge,
}

/// Why claims could not be selected for a presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// A path selects nothing in this credential.
    #[error("a path selects no claim of the credential")]
    NoSuchClaim,
    /// The credential names a holder key, and it is not this one.
    #[error("the key is not the one that the credential names")]
    WrongKey,
    /// The credential names no holder key.
    #[error("the credential names no holder key")]
    NoHolderKey,
}

impl From<SignatureError> for KeyBindingError {
    fn from(error: SignatureError) -> Self {
        Self::Signature(error.into())
    }
}
