use credential::format::Format;
use keys::{SigningKey, UnixTime};
use net::{Http, Request, Response};
use serde_json::{Value, json};
use url::Url;
use zeroize::Zeroizing;

use super::error::{InDocument as _, RedeemError};
use super::metadata::Configuration;
use super::notify::{Event, Notification};
use super::offer::{PRE_AUTHORIZED, TxCodeError};
use super::proof;
use super::resolve::Offer;
use super::response::CredentialResponse;
use super::token::TokenResponse;
use crate::dpop::Prover;
use crate::fetch::{self, Document, FetchError};
use crate::members::{self, Object};

/// The most copies of one card that are asked for.
pub const MAX_COPIES: usize = 50;
/// Every wallet of this kind says this, so that it tells nobody apart. Sent only where the
/// server does not take codes without a client.
const CLIENT_ID: &str = "cairn";
const MAX_NONCE: usize = 4096;
const TOKEN_LIMIT: usize = 128 * 1024;
const CREDENTIAL_LIMIT: usize = 1024 * 1024;

/// One copy of a card and the key made for it.
pub struct Copy {
    /// The credential as it came. Not verified yet.
    pub credential: String,
    /// The secret key that the credential names; `None` where it names none.
    pub key: Option<SigningKey>,
}

/// One card: all its copies say the same.
pub struct Issued {
    /// The issuer's name for it.
    pub configuration_id: String,
    /// The credential format.
    pub format: &'static dyn Format,
    /// At least one.
    pub copies: Vec<Copy>,
}

/// A card that was chosen and did not come.
#[derive(Debug)]
pub struct Failed {
    /// The issuer's name for it.
    pub configuration_id: String,
    /// Why.
    pub error: RedeemError,
}

/// What an offer brought.
pub struct Redeemed {
    /// At least one card.
    pub credentials: Vec<Issued>,
    /// Cards that did not come, beside those that did.
    pub failed: Vec<Failed>,
    /// How to tell the issuer what became of them, where it wants to know.
    pub notification: Option<Notification>,
}

/// Spends the code of an offer.
///
/// `selected` are ids of [`Offer::configurations`]. `tx_code` is checked against the offer
/// before anything is sent, and not sent where the offer asks for none. `copies` is cut to
/// the issuer's batch size and to [`MAX_COPIES`]. Each copy gets a fresh P-256 key; a card that
/// is bound to no key comes once.
///
/// An error means that no card came. Where one card came and another did not, the other is
/// in [`Redeemed::failed`].
pub async fn redeem(
    http: &dyn Http,
    offer: &Offer,
    selected: &[String],
    tx_code: Option<&str>,
    copies: usize,
    now: UnixTime,
) -> Result<Redeemed, RedeemError> {
    let chosen = choose(offer, selected)?;
    let tx_code = match (&offer.tx_code, tx_code) {
        (None, _) => None,
        (Some(_), None) => return Err(TxCodeError::Missing.into()),
        (Some(expected), Some(code)) => {
            expected.check(code)?;
            Some(code)
        }
    };
    let mut session = Session::start(http, offer, tx_code, now).await?;
    let copies = copies.min(offer.batch_size).clamp(1, MAX_COPIES);
    let (mut credentials, mut failed, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for configuration in chosen {
        for name in session.names(configuration) {
            match session.issue(configuration, &name, copies).await {
                Ok((issued, notification_id)) => {
                    credentials.push(issued);
                    ids.extend(notification_id);
                }
                Err(error) => failed.push(Failed {
                    configuration_id: configuration.id.clone(),
                    error,
                }),
            }
        }
    }
    if credentials.is_empty() {
        return match failed.into_iter().next() {
            Some(first) => Err(first.error),
            None => Err(RedeemError::Selection),
        };
    }
    Ok(Redeemed {
        credentials,
        failed,
        notification: session.into_notification(ids),
    })
}

fn choose<'o>(
    offer: &'o Offer,
    selected: &[String],
) -> Result<Vec<&'o Configuration>, RedeemError> {
    let known = |id: &String| offer.configurations.iter().any(|known| known.id == *id);
    if selected.is_empty() || !selected.iter().all(known) {
        return Err(RedeemError::Selection);
    }
    let chosen = offer.configurations.iter();
    Ok(chosen
        .filter(|configuration| selected.contains(&configuration.id))
        .collect())
}

/// How a credential is asked for (§8.2).
enum Name {
    Configuration,
    Identifier(String),
}

/// A token and what goes with it.
struct Session<'a> {
    http: &'a dyn Http,
    offer: &'a Offer,
    access: Access,
    token: TokenResponse,
    now: UnixTime,
}

/// How requests are authorized, kept for the notification.
pub(crate) struct Access {
    pub(crate) token: Zeroizing<String>,
    pub(crate) prover: Option<Prover>,
}

impl<'a> Session<'a> {
    async fn start(
        http: &'a dyn Http,
        offer: &'a Offer,
        tx_code: Option<&str>,
        now: UnixTime,
    ) -> Result<Self, RedeemError> {
        let mut fields = vec![
            ("grant_type", PRE_AUTHORIZED),
            ("pre-authorized_code", offer.document.code.as_str()),
        ];
        fields.extend(tx_code.map(|code| ("tx_code", code)));
        if !offer.server.anonymous {
            fields.push(("client_id", CLIENT_ID));
        }
        let url = &offer.server.token_endpoint;
        let request = Request::post_form(url.clone(), &fields)
            .accept("application/json")
            .limit(TOKEN_LIMIT);
        let mut prover = offer.server.dpop.then(Prover::make);
        let document = Document::Token;
        let response = send_proven(http, request, document, prover.as_mut(), None, now).await?;
        if response.status != 200 {
            return Err(match error_code(&response).as_deref() {
                Some("invalid_grant" | "invalid_request") => RedeemError::CodeRefused,
                _ => refusal(&response, document),
            });
        }
        let object = fetch::parse(&response.body, document)?;
        let token = TokenResponse::read(&object, prover.is_some())?;
        Ok(Self {
            http,
            offer,
            access: Access {
                token: token.access_token.clone(),
                prover: prover.filter(|_| token.dpop),
            },
            token,
            now,
        })
    }

    fn names(&self, configuration: &Configuration) -> Vec<Name> {
        let identifiers = self.token.identifiers_of(&configuration.id);
        if identifiers.is_empty() {
            vec![Name::Configuration]
        } else {
            identifiers.into_iter().map(Name::Identifier).collect()
        }
    }

    async fn issue(
        &mut self,
        configuration: &Configuration,
        name: &Name,
        copies: usize,
    ) -> Result<(Issued, Option<String>), RedeemError> {
        let keys = match configuration.binding {
            Some(_) => (0..copies).map(|_| SigningKey::make_p256()).collect(),
            None => Vec::new(),
        };
        let mut response = self.ask(configuration, name, &keys).await?;
        // The nonce ran out between two requests: once more with a new one (§8.3.1.2).
        if error_code(&response).as_deref() == Some("invalid_nonce") {
            response = self.ask(configuration, name, &keys).await?;
        }
        if !matches!(response.status, 200 | 202) {
            return Err(refusal(&response, Document::Credential));
        }
        let object = fetch::parse(&response.body, Document::Credential)?;
        let answer = CredentialResponse::read(&object)?;
        let named = answer.notification_id.clone();
        let (copies, notification_id) = match answer.pair(keys, configuration.format) {
            Ok(paired) => paired,
            Err(error) => {
                self.tell_failure(named).await;
                return Err(error);
            }
        };
        let issued = Issued {
            configuration_id: configuration.id.clone(),
            format: configuration.format,
            copies,
        };
        Ok((issued, notification_id))
    }

    async fn ask(
        &mut self,
        configuration: &Configuration,
        name: &Name,
        keys: &[SigningKey],
    ) -> Result<Response, RedeemError> {
        let mut proofs = Vec::with_capacity(keys.len());
        if let Some(binding) = configuration.binding {
            let (nonce, issuer) = (self.nonce().await?, &self.offer.issuer);
            for key in keys {
                let proof = proof::make(key, binding, issuer, nonce.as_deref(), self.now)?;
                proofs.push(proof);
            }
        }
        let (member, value) = match name {
            Name::Configuration => ("credential_configuration_id", &configuration.id),
            Name::Identifier(identifier) => ("credential_identifier", identifier),
        };
        let mut body = json!({member: value});
        if let (false, Some(members)) = (proofs.is_empty(), body.as_object_mut()) {
            members.insert("proofs".to_owned(), json!({"jwt": proofs}));
        }
        let url = self.offer.metadata.credential_endpoint.clone();
        let request = Request::post_json(url, &body)
            .accept("application/json")
            .limit(CREDENTIAL_LIMIT);
        Ok(self
            .access
            .send(self.http, request, Document::Credential, self.now)
            .await?)
    }

    async fn nonce(&mut self) -> Result<Option<String>, RedeemError> {
        let Some(url) = &self.offer.metadata.nonce_endpoint else {
            return Ok(None);
        };
        let document = Document::Nonce;
        let request = Request::post(url.clone(), "application/json", Vec::new())
            .accept("application/json")
            .limit(TOKEN_LIMIT);
        let response = fetch::send(self.http, request, document).await?;
        remember(self.access.prover.as_mut(), url, &response);
        if response.status != 200 {
            return Err(refusal(&response, document));
        }
        let object = fetch::parse(&response.body, document)?;
        let nonce = members::needed(&object, "c_nonce", MAX_NONCE).in_answer(document)?;
        Ok(Some(nonce.to_owned()))
    }

    /// Tells the issuer of an answer that is of no use. That it cannot be told changes
    /// nothing.
    async fn tell_failure(&mut self, id: Option<String>) {
        if let (Some(id), Some(url)) = (id, &self.offer.metadata.notification_endpoint) {
            let _ = self
                .access
                .tell(self.http, url, &id, Event::Failure, self.now)
                .await;
        }
    }

    fn into_notification(self, ids: Vec<String>) -> Option<Notification> {
        let endpoint = self.offer.metadata.notification_endpoint.clone()?;
        (!ids.is_empty()).then(|| Notification {
            endpoint,
            access: self.access,
            ids,
        })
    }
}

impl Access {
    /// Sends a request with the access token.
    pub(crate) async fn send(
        &mut self,
        http: &dyn Http,
        request: Request,
        document: Document,
        now: UnixTime,
    ) -> Result<Response, FetchError> {
        let scheme = match self.prover {
            Some(_) => "DPoP",
            None => "Bearer",
        };
        let header = Zeroizing::new(format!("{scheme} {}", self.token.as_str()));
        let request = request.header("authorization", &header);
        let token = Some(self.token.as_str());
        send_proven(http, request, document, self.prover.as_mut(), token, now).await
    }
}

/// Sends a request with a DPoP proof where there is a prover; once more where the server
/// wants a nonce in it (RFC 9449 §8, §9).
async fn send_proven(
    http: &dyn Http,
    request: Request,
    document: Document,
    prover: Option<&mut Prover>,
    token: Option<&str>,
    now: UnixTime,
) -> Result<Response, FetchError> {
    let Some(prover) = prover else {
        return fetch::send(http, request, document).await;
    };
    let url = request.url.clone();
    let proven = |prover: &Prover| {
        let proof = prover.make_proof("POST", &url, token, now);
        request.clone().header("dpop", &proof)
    };
    let response = fetch::send(http, proven(prover), document).await?;
    let retry = remember(Some(prover), &url, &response) && wants_nonce(&response);
    if !retry {
        return Ok(response);
    }
    let response = fetch::send(http, proven(prover), document).await?;
    remember(Some(prover), &url, &response);
    Ok(response)
}

/// Whether there was a nonce to remember.
fn remember(prover: Option<&mut Prover>, url: &Url, response: &Response) -> bool {
    match (prover, response.header("dpop-nonce")) {
        (Some(prover), Some(nonce)) => {
            prover.remember_nonce(url, nonce);
            true
        }
        _ => false,
    }
}

fn wants_nonce(response: &Response) -> bool {
    let challenge = response.header("www-authenticate").unwrap_or_default();
    match response.status {
        400 => error_code(response).as_deref() == Some("use_dpop_nonce"),
        401 => {
            challenge.contains("use_dpop_nonce")
                || error_code(response).as_deref() == Some("use_dpop_nonce")
        }
        _ => false,
    }
}

/// `error` of an answer that is not a success. Other text of the server is not kept.
fn error_code(response: &Response) -> Option<String> {
    if response.is_success() {
        return None;
    }
    let object: Object = keys::json::parse_object(&response.body).ok()?;
    let error = object.get("error").and_then(Value::as_str)?;
    let plain = error.len() <= 64
        && error
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    plain.then(|| error.to_owned())
}

fn refusal(response: &Response, document: Document) -> RedeemError {
    match error_code(response) {
        Some(error) => RedeemError::Refused { document, error },
        None => RedeemError::Fetch(FetchError::Status {
            document,
            status: response.status,
        }),
    }
}
