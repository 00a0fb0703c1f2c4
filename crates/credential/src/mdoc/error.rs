use keys::KeyError;
use keys::x509::CertificateError;

use super::CborError;

/// Why bytes are no mdoc, or no answer with one. Nothing has been verified yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not base64url.
    #[error("the mdoc is not base64url")]
    Base64,
    /// Not CBOR that is read here.
    #[error("the mdoc is not acceptable CBOR: {0}")]
    Cbor(#[from] CborError),
    /// A member is missing, or not of its kind.
    #[error("the mdoc lacks or misuses `{member}`")]
    Member {
        /// The member by its name in ISO/IEC 18013-5.
        member: &'static str,
    },
    /// `version` is not 1.0.
    #[error("the version of `{of}` is not supported")]
    Version {
        /// The structure.
        of: &'static str,
    },
    /// `digestAlgorithm` is none of SHA-256, SHA-384 and SHA-512.
    #[error("the digest algorithm is not supported")]
    DigestAlgorithm,
    /// The `alg` of a signature or a MAC is missing from the protected header, or not supported.
    #[error("the signature or MAC algorithm is not supported")]
    Algorithm,
    /// A header is marked critical, and not understood.
    #[error("a critical header is not understood")]
    Critical,
    /// No certificate chain, two of them, or a malformed one.
    #[error("the mdoc carries no usable certificate chain")]
    Chain(#[source] Option<CertificateError>),
    /// The device key is not a public key of P-256, P-384 or Ed25519.
    #[error("the device key is not usable")]
    DeviceKey(#[source] KeyError),
    /// Two elements of one namespace have the same digest id.
    #[error("a digest id appears more than once")]
    RepeatedDigestId,
    /// One namespace has the same element twice.
    #[error("an element appears more than once")]
    RepeatedElement,
    /// The random of an element is shorter than 16 bytes.
    #[error("the random of an element is too short")]
    ShortRandom,
    /// More than [`super::MAX_ELEMENTS`].
    #[error("the mdoc has more than {limit} elements")]
    TooManyElements {
        /// The bound.
        limit: usize,
    },
    /// A name longer than [`query::MAX_NAME`].
    #[error("a name is too long")]
    NameTooLong,
    /// An answer without a document, or with several.
    #[error("the answer does not hold exactly one document")]
    Documents,
    /// The answer reports an error instead of success.
    #[error("the answer has the status {0}")]
    Status(u64),
}

/// Why an mdoc was refused (ISO/IEC 18013-5 §9.3.1).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The key is not of the algorithm that the header names.
    #[error("the issuer's key is of another algorithm than the signature")]
    Algorithm,
    /// The certificate that came with it holds another key than the issuer's.
    #[error("the certificate of the mdoc is of another key than the issuer's")]
    OtherKey,
    /// The issuer's signature does not verify.
    #[error("the issuer's signature does not verify")]
    Signature,
    /// An element that the issuer signed no digest of in this namespace.
    #[error("the issuer signed no digest for an element")]
    NoDigest,
    /// An element that was changed.
    #[error("an element does not match its digest")]
    Digest,
    /// The document says that it is of another type than the issuer signed.
    #[error("the document type is not the one that the issuer signed")]
    DocType,
    /// `signed`, `validFrom` and `validUntil` do not follow on each other.
    #[error("the dates of the mdoc contradict each other")]
    Dates,
    /// Signed before or after the validity of the certificate.
    #[error("the mdoc was signed outside the validity of its certificate")]
    SignedOutsideCertificate,
    /// `issuing_country` is not the country of the certificate's subject.
    #[error("the issuing country is not the one of the certificate")]
    Country,
    /// Before `validFrom`.
    #[error("the mdoc is not valid yet")]
    NotYetValid,
    /// After `validUntil`.
    #[error("the mdoc expired")]
    Expired,
}

/// Why the proof of the device was refused (ISO/IEC 18013-5 §9.1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// There is none.
    #[error("the mdoc was shown without its device's proof")]
    Missing,
    /// The device key is of another algorithm than the proof.
    #[error("the device's proof is of another algorithm than its key")]
    Algorithm,
    /// Signed by another key, for another request, or changed.
    #[error("the device's signature does not verify: another device, or another request")]
    Signature,
    /// Made with another key, for another session, or changed.
    #[error("the device's MAC does not verify: another device, or another session")]
    Mac,
    /// A MAC needs the ephemeral key of a reader, which OpenID4VP does not have.
    #[error("the device's proof is a MAC, which needs a reader's key")]
    NoReaderKey,
    /// An element signed by the device, which the issuer did not allow.
    #[error("the device signed an element that it is not authorised for")]
    NotAuthorised,
    /// The request has no address for the answer, so that nothing can be bound to it.
    #[error("the request has no response URI")]
    NoResponseUri,
}

/// Why an mdoc could not be issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The chain is empty, or its leaf is of another key.
    #[error("the certificate chain is not of the issuer's key")]
    Chain,
    /// The device key is of neither P-256, P-384 nor Ed25519.
    #[error("the device key is of a kind that an mdoc cannot name")]
    DeviceKey,
    /// A time that cannot be written, or dates in the wrong order.
    #[error("the dates of the mdoc contradict each other")]
    Dates,
    /// Signed outside the certificate's validity.
    #[error("the mdoc would be signed outside the validity of its certificate")]
    SignedOutsideCertificate,
    /// An element twice in one namespace, or a namespace twice.
    #[error("an element or a namespace appears more than once")]
    Repeated,
    /// More elements than are read again, longer names, or larger values.
    #[error("the mdoc would be too large")]
    TooLarge,
    /// A claim is no element of the document type.
    #[error("a claim is no element of the document type")]
    NoSuchElement,
    /// A claim cannot be written as CBOR.
    #[error("a claim cannot be an element's value")]
    Value,
}

/// Why elements could not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresentError {
    /// A path selects nothing in this mdoc.
    #[error("a path selects no element of the mdoc")]
    NoSuchElement,
    /// Not the key that the issuer signed.
    #[error("the key is not the one that the mdoc names")]
    WrongKey,
    /// An mdoc is never shown without its device's proof.
    #[error("an mdoc cannot be shown without its device's key")]
    NoKey,
}
