//! The client itself, on `reqwest`.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use url::Url;

use crate::error::{ForbiddenUrl, HttpError};
use crate::request::{Method, Request, Response};
use crate::rules::{check, check_ip, is_localhost};
use crate::{Http, Policy};

/// Redirects that are followed.
pub const MAX_REDIRECTS: usize = 3;
/// From the first look-up to the last byte, redirects and all.
pub const TOTAL_TIME: Duration = Duration::from_secs(30);

const CONNECT_TIME: Duration = Duration::from_secs(10);
const IDLE_TIME: Duration = Duration::from_secs(15);
/// Says nothing about the version, the system or the holder.
const USER_AGENT: &str = "cairn";

/// Where names are looked up.
#[async_trait]
pub(crate) trait Lookup: Send + Sync + 'static {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// Looks a name up and refuses the whole answer if one address in it is forbidden: the
/// connection then goes to exactly the addresses that were checked.
struct CheckedLookup {
    policy: Policy,
    inner: Arc<dyn Lookup>,
}

impl Resolve for CheckedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (policy, inner) = (self.policy, Arc::clone(&self.inner));
        Box::pin(async move {
            let name = name.as_str();
            let addresses = if is_localhost(name) {
                vec![
                    IpAddr::V4(Ipv4Addr::LOCALHOST),
                    IpAddr::V6(Ipv6Addr::LOCALHOST),
                ]
            } else {
                inner.addresses(name).await?
            };
            for address in &addresses {
                check_ip(policy, *address)?;
            }
            let addresses = addresses.into_iter().map(|ip| SocketAddr::new(ip, 0));
            let addresses: Addrs = Box::new(addresses);
            Ok(addresses)
        })
    }
}

/// What tests set otherwise.
pub(crate) struct Options {
    pub(crate) lookup: Arc<dyn Lookup>,
    pub(crate) connect_time: Duration,
    pub(crate) total_time: Duration,
    pub(crate) roots: Option<Vec<reqwest::Certificate>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lookup: Arc::new(SystemLookup),
            connect_time: CONNECT_TIME,
            total_time: TOTAL_TIME,
            roots: None,
        }
    }
}

/// The bounded client. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Client {
    policy: Policy,
    total_time: Duration,
    inner: reqwest::Client,
}

impl Client {
    /// A client that trusts the certificate roots of the system. Where the system has none,
    /// it starts all the same and every `https:` host is refused ([`HttpError::Tls`]).
    pub fn new(policy: Policy) -> Result<Self, HttpError> {
        Self::with(policy, Options::default())
    }

    pub(crate) fn with(policy: Policy, options: Options) -> Result<Self, HttpError> {
        // The first to install wins, and every crate here installs the same one.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = || {
            reqwest::Client::builder()
                .no_proxy()
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .user_agent(USER_AGENT)
                .connect_timeout(options.connect_time)
                .pool_idle_timeout(IDLE_TIME)
                .tls_backend_rustls()
                .dns_resolver(CheckedLookup {
                    policy,
                    inner: Arc::clone(&options.lookup),
                })
        };
        let inner = match &options.roots {
            Some(roots) => builder().tls_certs_only(roots.clone()).build(),
            None => builder()
                .build()
                .or_else(|_| builder().tls_certs_only([]).build()),
        }
        .map_err(|_| HttpError::Setup)?;
        Ok(Self {
            policy,
            total_time: options.total_time,
            inner,
        })
    }

    /// What this client may reach.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    async fn follow(&self, mut request: Request) -> Result<Response, HttpError> {
        let mut hops = 0;
        loop {
            let outcome = match check(self.policy, &request.url) {
                Ok(()) => self.once(&request).await,
                Err(why) => Err(why.into()),
            };
            let response = match outcome {
                Ok(response) => response,
                Err(error) if hops > 0 => return Err(HttpError::Redirected(Box::new(error))),
                Err(error) => return Err(error),
            };
            let Some(next) = redirect_of(&request, &response) else {
                return Ok(response);
            };
            hops += 1;
            if hops > MAX_REDIRECTS {
                return Err(HttpError::TooManyRedirects);
            }
            if next.origin() != request.url.origin() {
                request
                    .headers
                    .retain(|(name, _)| name.eq_ignore_ascii_case("accept"));
            }
            request.url = next;
        }
    }

    async fn once(&self, request: &Request) -> Result<Response, HttpError> {
        let mut url = request.url.clone();
        url.set_fragment(None);
        let mut builder = match request.method {
            Method::Get => self.inner.get(url.clone()),
            Method::Post => self.inner.post(url.clone()),
        };
        for (name, value) in &request.headers {
            let name: HeaderName = name.parse().map_err(|_| HttpError::Malformed)?;
            let value: HeaderValue = value.parse().map_err(|_| HttpError::Malformed)?;
            builder = builder.header(name, value);
        }
        if let (Method::Post, Some(body)) = (request.method, &request.body) {
            builder = builder
                .header(CONTENT_TYPE, &body.content_type)
                .body(body.bytes.clone());
        }
        let answer = builder.send().await.map_err(|error| classify(&error))?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let limit = request.limit;
        if answer
            .content_length()
            .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
        {
            return Err(HttpError::TooLarge { limit });
        }
        let mut body = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| HttpError::Interrupted)?;
            if chunk.len() > limit.saturating_sub(body.len()) {
                return Err(HttpError::TooLarge { limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            headers,
            body,
            url,
        })
    }
}

#[async_trait]
impl Http for Client {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        // Found here, the answer to "was anything sent?" is certain.
        check(self.policy, &request.url)?;
        tokio::time::timeout(self.total_time, self.follow(request))
            .await
            .unwrap_or(Err(HttpError::TimedOut { sent: true }))
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        Ok(check(self.policy, url)?)
    }
}

/// Where a `GET` is sent on to. A `Location` that cannot be read is no redirect.
fn redirect_of(request: &Request, response: &Response) -> Option<Url> {
    if request.method != Method::Get || !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.header(LOCATION.as_str())?;
    response.url.join(location).ok()
}

fn classify(error: &reqwest::Error) -> HttpError {
    let mut cause = error.source();
    let mut tls = false;
    while let Some(this) = cause {
        if let Some(why) = this.downcast_ref::<ForbiddenUrl>() {
            return HttpError::Forbidden(*why);
        }
        tls |= this.is::<rustls::Error>();
        // `io::Error::source` skips the very error that it wraps.
        cause = match this
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(wrapped) => Some(wrapped),
            None => this.source(),
        };
    }
    if error.is_builder() {
        HttpError::Malformed
    } else if error.is_connect() && error.is_timeout() {
        HttpError::TimedOut { sent: false }
    } else if error.is_connect() && tls {
        HttpError::Tls
    } else if error.is_connect() {
        HttpError::Unreachable
    } else if error.is_timeout() {
        HttpError::TimedOut { sent: true }
    } else {
        HttpError::Interrupted
    }
}
