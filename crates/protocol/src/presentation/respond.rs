use keys::json;
use net::{Http, HttpError};
use query::Query;
use serde_json::{Map, Value};
use url::Url;

use super::{Refusal, Reply, Request};
use crate::jwe::JweError;

/// The longest answer of a response endpoint, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The longest `redirect_uri`, in bytes.
const MAX_URL: usize = 4096;

/// What a service said to a presentation that it took, or to an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Where the service would have the citizen go on. An address of the web that may be
    /// shown; nobody has gone there. Any other is left out.
    pub redirect_uri: Option<String>,
}

/// Why it is not certain that the service took what was sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// Nothing left this machine.
    #[error("nothing was sent: {0}")]
    NotSent(#[source] NotSent),
    /// The service has it and would not take it.
    #[error("the service refused the answer with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The service may have it: the line broke, or its answer says nothing.
    #[error("it is not known whether the service received the answer")]
    Unknown {
        /// What happened on the line; `None` when the service answered out of place.
        #[source]
        source: Option<HttpError>,
    },
}

/// Why nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The service could not be reached, or may not be.
    #[error(transparent)]
    Http(HttpError),
    /// The presentations do not have the shape that the query asks for.
    #[error("the presentations do not fit the request")]
    Presentations,
    /// The answer could not be encrypted.
    #[error("the answer could not be encrypted")]
    Encryption(#[source] JweError),
}

/// Why the citizen does not answer. All look alike to the service, so that it does not learn
/// which cards somebody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The citizen said no.
    Declined,
    /// There is no card for it.
    NoCard,
}

/// Sends presentations: `vp_token` holds, for each credential query that is answered, an array
/// of presentations under its id (OpenID4VP 1.0 §8.1 to §8.3.1).
pub async fn respond(
    http: &dyn Http,
    request: &Request,
    vp_token: &Map<String, Value>,
) -> Result<Answer, SendError> {
    if !has_shape(&request.query, vp_token) {
        return Err(SendError::NotSent(NotSent::Presentations));
    }
    let parameters = [("vp_token", Value::Object(vp_token.clone()))];
    send(http, &request.reply, &parameters).await
}

/// Tells the service that nothing will come (§8.5).
pub async fn decline(
    http: &dyn Http,
    request: &Request,
    reason: Reason,
) -> Result<Answer, SendError> {
    let (Reason::Declined | Reason::NoCard) = reason;
    send_error(http, &request.reply, "access_denied", "nothing was shared").await
}

/// Tells the service what was wrong with its request (§8.5).
pub async fn report(
    http: &dyn Http,
    reply: &Reply,
    refusal: &Refusal,
) -> Result<Answer, SendError> {
    send_error(http, reply, refusal.code(), &refusal.to_string()).await
}

async fn send_error(
    http: &dyn Http,
    reply: &Reply,
    code: &str,
    description: &str,
) -> Result<Answer, SendError> {
    // RFC 6749 §4.1.2.1 allows no quotation marks of this kind.
    let description = description.replace(['"', '\\'], "'");
    let parameters = [
        ("error", Value::from(code)),
        ("error_description", Value::from(description)),
    ];
    send(http, reply, &parameters).await
}

async fn send(
    http: &dyn Http,
    reply: &Reply,
    parameters: &[(&str, Value)],
) -> Result<Answer, SendError> {
    let fields = fields(reply, parameters)
        .map_err(|source| SendError::NotSent(NotSent::Encryption(source)))?;
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, &**value))
        .collect();
    let message = net::Request::post_form(reply.response_uri.clone(), &fields)
        .accept("application/json")
        .limit(MAX_ANSWER);
    let response = match http.send(message).await {
        Ok(response) => response,
        Err(error) if !error.sent() => return Err(SendError::NotSent(NotSent::Http(error))),
        Err(error) => {
            return Err(SendError::Unknown {
                source: Some(error),
            });
        }
    };
    match response.status {
        200..=299 => Ok(Answer {
            redirect_uri: redirect_uri(http, &response.body),
        }),
        status @ 400..=499 => Err(SendError::Refused { status }),
        // A service that falls over, or points elsewhere, may have read it first.
        _ => Err(SendError::Unknown { source: None }),
    }
}

fn fields<'a>(
    reply: &Reply,
    parameters: &[(&'a str, Value)],
) -> Result<Vec<(&'a str, String)>, JweError> {
    let state = reply.state.as_deref();
    if let Some(recipient) = &reply.recipient {
        let mut object: Map<String, Value> = parameters
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        if let Some(state) = state {
            object.insert("state".to_owned(), state.into());
        }
        let sealed = recipient.encrypt(Value::Object(object).to_string().as_bytes())?;
        return Ok(vec![("response", sealed)]);
    }
    let plain = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut fields: Vec<(&str, String)> = parameters
        .iter()
        .map(|(name, value)| (*name, plain(value)))
        .collect();
    fields.extend(state.map(|state| ("state", state.to_owned())));
    Ok(fields)
}

fn has_shape(query: &Query, vp_token: &Map<String, Value>) -> bool {
    !vp_token.is_empty()
        && vp_token.iter().all(|(id, presentations)| {
            let Some((_, credential)) = query.credential(id) else {
                return false;
            };
            let Value::Array(presentations) = presentations else {
                return false;
            };
            let number = presentations.len();
            (number == 1 || (number > 1 && credential.multiple))
                && presentations
                    .iter()
                    .all(|one| one.is_string() || one.is_object())
        })
}

fn redirect_uri(http: &dyn Http, body: &[u8]) -> Option<String> {
    let object = json::parse_object(body).ok()?;
    let text = object.get("redirect_uri")?.as_str()?;
    let hidden = |c: char| c.is_control() || c.is_whitespace();
    if text.len() > MAX_URL || text.chars().any(hidden) {
        return None;
    }
    let url = Url::parse(text).ok()?;
    http.allows(&url).ok()?;
    Some(text.to_owned())
}
