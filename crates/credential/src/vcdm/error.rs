/// Which rule of the data model a document breaks. Names members, never values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VcdmError {
    /// `@context` is missing, or does not begin with the data model's own.
    #[error("the first context is not that of verifiable credentials")]
    BaseContext,
    /// A context is neither a URL nor an object.
    #[error("a context is neither a URL nor an object")]
    Context,
    /// A member is missing that must be there.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// `type` is missing, empty, or holds something other than terms and URLs.
    #[error("`{0}` has no acceptable `type`")]
    Type(&'static str),
    /// `type` does not include what every such document has.
    #[error("the type is not {0}")]
    BaseType(&'static str),
    /// An `id` is not one single URL.
    #[error("the `id` of `{0}` is not a single URL")]
    Id(&'static str),
    /// An issuer or a holder is neither a URL nor an object with one as its `id`.
    #[error("`{0}` is neither a URL nor an object with a URL as its id")]
    Party(&'static str),
    /// A member is neither an object nor a list of objects, or there are none in it.
    #[error("`{0}` is neither an object nor a list of objects")]
    NotObjects(&'static str),
    /// A subject about which nothing is said.
    #[error("a subject of the credential has no claims")]
    EmptySubject,
    /// More of something than is read.
    #[error("`{0}` holds more than is read")]
    TooMany(&'static str),
    /// A date without a time, a time without a zone, or neither.
    #[error("`{0}` is not a date and time with a zone")]
    Date(&'static str),
    /// The validity ends before it begins.
    #[error("the validity ends before it begins")]
    DateOrder,
    /// A text is neither plain nor a language value object.
    #[error("`{0}` is neither a text nor a text with a language")]
    Text(&'static str),
    /// A related resource is named twice.
    #[error("a related resource is named twice")]
    RepeatedResource,
    /// A related resource has no digest.
    #[error("a related resource has no digest")]
    NoDigest,
    /// A digest cannot be read, or is of a kind that is not supported.
    #[error("a digest of a related resource cannot be read")]
    Digest,
    /// A related resource that is compiled in is another one.
    #[error("a related resource is not the one that the digest is of")]
    OtherDigest,
    /// A media type is not a text with a slash in it.
    #[error("the media type of a related resource is malformed")]
    MediaType,
    /// An enveloped credential or presentation is not an object with a `data:` URL.
    #[error("an enveloped credential is not an object with a data URL")]
    Envelope,
    /// A credential that its holder issued, secured by the presentation alone, from another than
    /// the presentation's holder.
    #[error("a credential without a proof is not the holder's own")]
    NotSelfAsserted,
    /// The validity has not begun.
    #[error("the credential is not valid yet")]
    NotYetValid,
    /// The validity has ended.
    #[error("the credential has expired")]
    Expired,
}
