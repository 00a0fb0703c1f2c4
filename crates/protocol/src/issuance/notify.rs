//! Telling the issuer what became of its credentials (OpenID4VCI 1.0 §11).

use keys::UnixTime;
use net::{Http, Request};
use serde_json::json;
use url::Url;

use super::error::NotifyError;
use super::redeem::Access;
use crate::fetch::{Document, FetchError};

/// What became of the credentials. A deletion is the holder's own business: there is no
/// event for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Stored.
    Accepted,
    /// Could not be verified or stored.
    Failure,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "credential_accepted",
            Self::Failure => "credential_failure",
        }
    }
}

/// Where and how the issuer wants to be told. Holds the access token: to be dropped after
/// use, never stored.
pub struct Notification {
    pub(crate) endpoint: Url,
    pub(crate) access: Access,
    pub(crate) ids: Vec<String>,
}

/// Tells the issuer once for each answer that it gave. All are tried; the first failure is
/// returned.
pub async fn notify(
    http: &dyn Http,
    notification: Notification,
    event: Event,
    now: UnixTime,
) -> Result<(), NotifyError> {
    let mut access = notification.access;
    let mut outcome = Ok(());
    for id in &notification.ids {
        let told = access
            .tell(http, &notification.endpoint, id, event, now)
            .await;
        outcome = outcome.and(told);
    }
    Ok(outcome?)
}

impl Access {
    /// Tells the issuer what became of one of its answers.
    pub(super) async fn tell(
        &mut self,
        http: &dyn Http,
        endpoint: &Url,
        id: &str,
        event: Event,
        now: UnixTime,
    ) -> Result<(), FetchError> {
        let document = Document::Notification;
        let body = json!({"notification_id": id, "event": event.name()});
        let request = Request::post_json(endpoint.clone(), &body).limit(64 * 1024);
        let response = self.send(http, request, document, now).await?;
        if response.is_success() {
            return Ok(());
        }
        Err(FetchError::Status {
            document,
            status: response.status,
        })
    }
}
