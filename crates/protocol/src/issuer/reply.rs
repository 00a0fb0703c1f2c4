use serde_json::{Value, json};

/// What an endpoint answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside `content-length`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self {
            status,
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("cache-control", "no-store".to_owned()),
            ],
            body: value.to_string().into_bytes(),
        }
    }

    /// A public document, which may be cached for a while.
    pub(crate) fn public(value: &Value) -> Self {
        let mut reply = Self::json(200, value);
        reply.headers.truncate(1);
        reply
            .headers
            .push(("cache-control", "public, max-age=300".to_owned()));
        reply
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: vec![("cache-control", "no-store".to_owned())],
            body: Vec::new(),
        }
    }

    #[must_use]
    pub(crate) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An error of RFC 6749 §5.2, OpenID4VCI 1.0 §8.3.1 or RFC 9449.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) error: &'static str,
    pub(crate) description: &'static str,
}

impl Refusal {
    pub(crate) const fn new(error: &'static str, description: &'static str) -> Self {
        Self {
            status: 400,
            error,
            description,
        }
    }

    pub(crate) const fn unauthorized(error: &'static str, description: &'static str) -> Self {
        Self {
            status: 401,
            error,
            description,
        }
    }

    pub(crate) const STORE: Self = Self {
        status: 500,
        error: "server_error",
        description: "the issuer cannot keep its records",
    };

    pub(crate) fn reply(self) -> Reply {
        let body = json!({"error": self.error, "error_description": self.description});
        let reply = Reply::json(self.status, &body);
        if self.status == 401 {
            // RFC 6750 §3, RFC 9449 §7.1.
            let scheme = if self.error.contains("dpop") {
                "DPoP"
            } else {
                "Bearer"
            };
            return reply.header(
                "www-authenticate",
                format!(r#"{scheme} error="{}""#, self.error),
            );
        }
        reply
    }
}
