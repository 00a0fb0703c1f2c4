//! An issuer that answers in the same process, and may be made to misbehave.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use credential::catalogue;
use keys::{SigningKey, UnixTime};
use net::{Http, HttpError, Method, Policy, Request, Response};
use serde_json::{Value, json};
use url::Url;

use crate::issuance::{Offer, ResolveError, resolve};
use crate::issuer::{
    Dpop, Identity, InMemory, IssuedType, Issuer, MadeOffer, Nonces, OfferTerms, Reply, Signer,
    TxCodeTerms,
};
use crate::link::{Link, OfferLink};

pub(super) const NOW: UnixTime = 1_800_000_000;
pub(super) const ISSUER: &str = "https://issuer.example";

pub(super) type Tamper = Box<dyn Fn(&Request, &mut Response) + Send + Sync>;

pub(super) struct Peer {
    pub(super) issuer: Arc<Issuer<InMemory>>,
    pub(super) seen: Mutex<Vec<Request>>,
    pub(super) now: Mutex<UnixTime>,
    tamper: Option<Tamper>,
}

pub(super) fn issuer(url: &str, dpop: Dpop) -> Issuer<InMemory> {
    let types = catalogue::types().iter();
    Issuer::new(
        Identity {
            url: url.parse().unwrap(),
            name: "Test issuer".to_owned(),
        },
        SigningKey::make_p256(),
        Signer::Metadata,
        types
            .map(|entry| IssuedType::from_catalogue(entry).unwrap())
            .collect(),
        Nonces::make(),
        InMemory::default(),
    )
    .dpop(dpop)
}

pub(super) fn terms() -> OfferTerms {
    let entry = catalogue::by_name("DrivingLicence").unwrap();
    OfferTerms {
        type_name: "DrivingLicence".to_owned(),
        form: None,
        claims: keys::json::parse_object(entry.example.as_bytes()).unwrap(),
        tx_code: TxCodeTerms::Given("123456".to_owned()),
        by_reference: false,
        copies: 5,
        offer_lifetime: 600,
        valid_for: Some(86_400),
    }
}

pub(super) fn offer_link(made: &MadeOffer) -> OfferLink {
    match Link::parse(&made.link).unwrap() {
        Link::Offer(link) => link,
        Link::Request(_) => panic!("an offer was made"),
    }
}

/// The issuer's endpoints by path, as its program serves them.
pub(super) fn route(issuer: &Issuer<InMemory>, request: &Request, now: UnixTime) -> Reply {
    let header = |name: &str| {
        let mut all = request.headers.iter();
        all.find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    };
    let proofs: Vec<&str> = header("dpop").into_iter().collect();
    let body = request
        .body
        .as_ref()
        .map(|body| body.bytes.as_slice())
        .unwrap_or_default();
    let authorization = header("authorization");
    match (request.method, request.url.path()) {
        (Method::Post, "/token") => issuer.token(body, &proofs, now),
        (Method::Post, "/nonce") => issuer.nonce(now),
        (Method::Post, "/credential") => issuer.credential(authorization, &proofs, body, now),
        (Method::Post, "/notification") => issuer.notification(authorization, &proofs, body, now),
        (Method::Get, path) if path.starts_with("/offers/") => {
            issuer.offer_by_reference(&path["/offers/".len()..], now)
        }
        (Method::Get, path) if path.starts_with("/status/") => {
            let mut parts = path["/status/".len()..].split('/');
            let number = parts.next().unwrap();
            let accept = header("accept").unwrap_or_default();
            issuer.status_list(number, parts.next(), accept, now)
        }
        (Method::Get, path) => issuer.document(path).unwrap_or(Reply {
            status: 404,
            headers: Vec::new(),
            body: Vec::new(),
        }),
        _ => panic!("no such endpoint"),
    }
}

impl Peer {
    pub(super) fn new(dpop: Dpop) -> Self {
        Self {
            issuer: Arc::new(issuer(ISSUER, dpop)),
            seen: Mutex::default(),
            now: Mutex::new(NOW),
            tamper: None,
        }
    }

    /// Changes each answer on its way.
    pub(super) fn tampered(
        tamper: impl Fn(&Request, &mut Response) + Send + Sync + 'static,
    ) -> Self {
        Self {
            tamper: Some(Box::new(tamper)),
            ..Self::new(Dpop::Off)
        }
    }

    /// Changes the JSON of the answers of one path.
    pub(super) fn changed(
        path: &'static str,
        change: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        Self::tampered(move |request, response| {
            if request.url.path() == path && response.status == 200 {
                let mut value = serde_json::from_slice(&response.body).unwrap();
                change(&mut value);
                response.body = value.to_string().into_bytes();
            }
        })
    }

    pub(super) fn make(&self, terms: OfferTerms) -> OfferLink {
        offer_link(&self.issuer.make_offer(terms, NOW).unwrap())
    }

    pub(super) async fn offer(&self) -> Result<Offer, ResolveError> {
        resolve(self, &self.make(terms())).await
    }

    pub(super) fn asked(&self, path: &str) -> usize {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|request| request.url.path() == path)
            .count()
    }
}

#[async_trait]
impl Http for Peer {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.allows(&request.url)?;
        self.seen.lock().unwrap().push(request.clone());
        let reply = route(&self.issuer, &request, *self.now.lock().unwrap());
        let mut response = Response {
            status: reply.status,
            headers: reply
                .headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            body: reply.body,
            url: request.url.clone(),
        };
        if let Some(tamper) = &self.tamper {
            tamper(&request, &mut response);
        }
        if response.body.len() > request.limit {
            return Err(HttpError::TooLarge {
                limit: request.limit,
            });
        }
        Ok(response)
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        Ok(net::check(Policy { demo: false }, url)?)
    }
}

pub(super) fn error(status: u16, code: &str) -> impl Fn(&mut Response) + use<> {
    let body = json!({"error": code}).to_string().into_bytes();
    move |response| {
        response.status = status;
        response.body.clone_from(&body);
    }
}
