use crate::address::AddressKind;

/// Why a URL is never asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ForbiddenUrl {
    /// Neither `https:` nor `http:`.
    #[error("the address is not an https address")]
    Scheme,
    /// `http:`, and not to loopback in the demo.
    #[error("the address is plain http")]
    PlainHttp,
    /// A user name or password stands in the URL.
    #[error("the address contains a user name or password")]
    Credentials,
    /// No host.
    #[error("the address names no host")]
    NoHost,
    /// Longer than [`crate::MAX_URL`].
    #[error("the address is too long")]
    TooLong,
    /// The host is, or its name points to, an address that is not public.
    #[error("the host has a {0} address")]
    Address(AddressKind),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HttpError {
    /// The URL is never asked. Nothing was sent.
    #[error("refused to ask: {0}")]
    Forbidden(#[source] ForbiddenUrl),
    /// The request itself cannot be written: a header or the body is malformed or too long.
    #[error("the request is malformed")]
    Malformed,
    /// The name is unknown or nobody answers there. Nothing was sent.
    #[error("the host cannot be reached")]
    Unreachable,
    /// No trusted certificate, or no common TLS version. Nothing was sent.
    #[error("no secure connection to the host")]
    Tls,
    /// No answer in time.
    #[error("the host did not answer in time")]
    TimedOut {
        /// Whether the request may have reached the host before time was up.
        sent: bool,
    },
    /// The connection broke after the request had begun.
    #[error("the connection broke before the answer was complete")]
    Interrupted,
    /// The answer is longer than the request allows.
    #[error("the answer is longer than {limit} bytes")]
    TooLarge {
        /// The bound in bytes.
        limit: usize,
    },
    /// More redirects than [`crate::MAX_REDIRECTS`].
    #[error("too many redirects")]
    TooManyRedirects,
    /// The first host answered with a redirect that could not be followed.
    #[error("redirected, then: {0}")]
    Redirected(#[source] Box<HttpError>),
    /// The client could not be set up. Nothing was sent.
    #[error("the network client cannot start")]
    Setup,
}

impl HttpError {
    /// Whether the request may have reached the other side (for a redirect: the first host).
    pub fn sent(&self) -> bool {
        match self {
            Self::Forbidden(_) | Self::Malformed | Self::Unreachable | Self::Tls | Self::Setup => {
                false
            }
            Self::TimedOut { sent } => *sent,
            Self::Interrupted
            | Self::TooLarge { .. }
            | Self::TooManyRedirects
            | Self::Redirected(_) => true,
        }
    }

    /// The rule that a URL broke, be it the first or one that a redirect named.
    pub fn forbidden(&self) -> Option<ForbiddenUrl> {
        match self {
            Self::Forbidden(why) => Some(*why),
            Self::Redirected(inner) => inner.forbidden(),
            _ => None,
        }
    }
}

impl From<ForbiddenUrl> for HttpError {
    fn from(why: ForbiddenUrl) -> Self {
        Self::Forbidden(why)
    }
}
