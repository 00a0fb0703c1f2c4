//! What a form of the desk sends.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::{Body, HttpBody as _};
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use program::web::same;
use url::form_urlencoded;

use super::{NOT_OFFERED, Terms, forbidden, html};
use crate::serve::App;

/// The longest form that is looked at, in bytes: what is too long for its field is shown again
/// beside what is wrong with it.
const MAX_FORM: usize = 1024 * 1024;
/// The most that is read of a longer one, in bytes: a browser shows no answer before it has sent
/// everything.
const MAX_READ: usize = 16 * 1024 * 1024;

/// What somebody sent who has a page of this desk.
pub(crate) struct Sent(pub(super) Vec<(String, String)>);

impl FromRequest<Arc<App>> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let form = read(request.into_body()).await.ok_or_else(too_long)?;
        let fields = form_urlencoded::parse(&form).into_owned().collect();
        let sent = Self(fields);
        let known = same(sent.text("token"), &app.desk_token);
        known.then_some(sent).ok_or_else(forbidden)
    }
}

impl Sent {
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    pub(super) fn terms(&self) -> Terms {
        Terms {
            format: self.text("format").to_owned(),
            copies: self.text("copies").trim().to_owned(),
            tx_code: self.text("tx_code") == "yes",
        }
    }
}

/// Nothing where it is too long, or broke off.
async fn read(mut body: Body) -> Option<Vec<u8>> {
    let mut form = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        length = length.saturating_add(data.len());
        if length > MAX_READ {
            return None;
        }
        if length <= MAX_FORM {
            form.extend_from_slice(&data);
        }
    }
    (length <= MAX_FORM).then_some(form)
}

fn too_long() -> Response {
    let body = "<h1>That was too long</h1>\n<p><strong>Nothing was offered.</strong> The details \
                came to more than 1 MB, which is more than any card holds. The likeliest reason is \
                a picture: a card takes a small one only.</p>\n<p>Go back, put a smaller picture in \
                its place, and check the details again. Where your browser shows an empty form, \
                they have to be filled in again.</p>";
    html(StatusCode::PAYLOAD_TOO_LARGE, NOT_OFFERED, body)
}
