use std::fmt;

use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

/// How long an answer may be where the request does not say, in bytes.
pub const DEFAULT_LIMIT: usize = 512 * 1024;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body; redirects are followed.
    Get,
    /// `POST`; a redirect is an answer like any other.
    Post,
}

/// What is sent in a `POST`.
#[derive(Clone)]
pub struct Body {
    /// The media type.
    pub content_type: String,
    /// The bytes as they are sent.
    pub bytes: Vec<u8>,
}

/// One request. Its `Debug` shows no header value and no body.
#[derive(Clone)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where to. A fragment is not sent.
    pub url: Url,
    /// Further headers. Across a redirect to another origin only `Accept` is kept.
    pub headers: Vec<(String, String)>,
    /// The body of a `POST`.
    pub body: Option<Body>,
    /// The longest answer that is read, in bytes.
    pub limit: usize,
}

impl Request {
    /// A `GET`.
    pub fn get(url: Url) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: Vec::new(),
            body: None,
            limit: DEFAULT_LIMIT,
        }
    }

    /// A `POST` of `application/x-www-form-urlencoded`.
    pub fn post_form(url: Url, fields: &[(&str, &str)]) -> Self {
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url, "application/x-www-form-urlencoded", form.into_bytes())
    }

    /// A `POST` of `application/json`.
    pub fn post_json(url: Url, value: &Value) -> Self {
        Self::post(url, "application/json", value.to_string().into_bytes())
    }

    /// A `POST` of any media type.
    pub fn post(url: Url, content_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            method: Method::Post,
            body: Some(Body {
                content_type: content_type.to_owned(),
                bytes,
            }),
            ..Self::get(url)
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Bounds the answer to `bytes`.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Says which media type is wanted.
    #[must_use]
    pub fn accept(self, mime: &str) -> Self {
        self.header("accept", mime)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

/// One answer, read whole. Its `Debug` shows no header value and no body.
#[derive(Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Headers with lower-case names, in the order received.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The URL that answered, after redirects.
    pub url: Url,
}

impl Response {
    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The media type in lower case, without its parameters.
    pub fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        let essence = value.split(';').next().unwrap_or_default();
        Some(essence.trim().to_ascii_lowercase())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Response")
            .field("status", &self.status)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
