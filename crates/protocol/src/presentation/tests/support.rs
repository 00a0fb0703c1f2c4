use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use keys::x509::Certificate;
use keys::{SigningKey, UnixTime, b64, jws};
use net::{Http, HttpError, Policy, Response};
use rcgen::{CertificateParams, KeyPair, SanType};
use serde_json::{Map, Value, json};
use url::Url;

use crate::link::{Link, RequestLink};
use crate::presentation::{FetchError, REQUEST_TYPE, Refusal, Reply, Request, fetch};

pub(crate) const NOW: UnixTime = 1_790_000_000;
pub(crate) const HOST: &str = "desk.example";
pub(crate) const RESPONSE_URI: &str = "https://desk.example/answer";
pub(crate) const REQUEST_URI: &str = "https://desk.example/request/1";

type Answer = Box<dyn Fn(&net::Request) -> Result<(u16, Vec<u8>), HttpError> + Send + Sync>;

/// A network in which each address answers as the test says.
#[derive(Default)]
pub(crate) struct Network {
    answers: HashMap<String, Answer>,
    pub(crate) sent: Mutex<Vec<net::Request>>,
}

impl Network {
    pub(crate) fn on(
        mut self,
        url: &str,
        answer: impl Fn(&net::Request) -> Result<(u16, Vec<u8>), HttpError> + Send + Sync + 'static,
    ) -> Self {
        self.answers.insert(url.to_owned(), Box::new(answer));
        self
    }

    pub(crate) fn with(self, url: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        self.on(url, move |_| Ok((200, body.clone())))
    }

    pub(crate) fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }

    /// The fields of the last form that was sent.
    pub(crate) fn last_form(&self) -> HashMap<String, String> {
        let sent = self.sent.lock().unwrap();
        form(sent.last().unwrap())
    }
}

pub(crate) fn form(request: &net::Request) -> HashMap<String, String> {
    let body = request.body.as_ref().unwrap();
    assert_eq!(body.content_type, "application/x-www-form-urlencoded");
    url::form_urlencoded::parse(&body.bytes)
        .into_owned()
        .collect()
}

#[async_trait]
impl Http for Network {
    async fn send(&self, request: net::Request) -> Result<Response, HttpError> {
        let answer = self.answers.get(request.url.as_str());
        let outcome = answer.map_or(Err(HttpError::Unreachable), |answer| answer(&request));
        let url = request.url.clone();
        self.sent.lock().unwrap().push(request);
        let (status, body) = outcome?;
        Ok(Response {
            status,
            headers: Vec::new(),
            body,
            url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

/// A certificate for these names, and its key.
pub(crate) fn certificate(
    names: &[&str],
    change: impl Fn(&mut CertificateParams),
) -> (Certificate, SigningKey) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    let name = |name: &&str| SanType::DnsName((*name).try_into().unwrap());
    params.subject_alt_names = names.iter().map(name).collect();
    change(&mut params);
    let der = params.self_signed(&key).unwrap();
    let signing = SigningKey::from_pem(&key.serialize_pem()).unwrap();
    (Certificate::from_der(der.der()).unwrap(), signing)
}

/// A request object that is in order; tests change one thing.
pub(crate) fn claims(client_id: &str) -> Value {
    json!({
        "iss": client_id,
        "aud": "https://self-issued.me/v2",
        "client_id": client_id,
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": RESPONSE_URI,
        "nonce": "n-0S6_WzA2Mj",
        "state": "s-1",
        "dcql_query": {"credentials": [{
            "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:a"]}, "claims": [{"path": ["name"]}],
        }]},
        "client_metadata": {"vp_formats_supported": {"dc+sd-jwt": {"kb-jwt_alg_values": ["ES256"]}}},
    })
}

/// A client with a certificate for [`HOST`].
pub(crate) struct Desk {
    pub(crate) certificate: Certificate,
    pub(crate) key: SigningKey,
}

impl Desk {
    pub(crate) fn make() -> Self {
        let (certificate, key) = certificate(&[HOST], |_| ());
        Self { certificate, key }
    }

    pub(crate) fn san(&self) -> String {
        format!("x509_san_dns:{HOST}")
    }

    pub(crate) fn hash(&self) -> String {
        format!("x509_hash:{}", b64::encode(self.certificate.sha256()))
    }

    pub(crate) fn header(&self) -> Map<String, Value> {
        Map::from_iter([("x5c".to_owned(), json!([self.certificate.to_x5c()]))])
    }

    pub(crate) fn sign(&self, claims: &Value) -> String {
        jws::sign_claims(REQUEST_TYPE, self.header(), claims, &self.key)
    }
}

pub(crate) fn link(parameters: &[(&str, &str)]) -> RequestLink {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    match Link::parse(&format!("openid4vp://?{query}")).unwrap() {
        Link::Request(link) => link,
        Link::Offer(_) => panic!("an offer"),
    }
}

pub(crate) fn by_reference(client_id: &str) -> RequestLink {
    link(&[("client_id", client_id), ("request_uri", REQUEST_URI)])
}

/// Fetches a request object that lies at [`REQUEST_URI`].
pub(crate) async fn fetch_object(client_id: &str, object: String) -> Result<Request, FetchError> {
    let network = Network::default().with(REQUEST_URI, object);
    fetch(&network, &by_reference(client_id), NOW).await
}

/// A request of `x509_san_dns` with one thing changed.
pub(crate) async fn changed(change: impl FnOnce(&mut Value)) -> Result<Request, FetchError> {
    let desk = Desk::make();
    let mut claims = claims(&desk.san());
    change(&mut claims);
    fetch_object(&desk.san(), desk.sign(&claims)).await
}

pub(crate) fn refusal(outcome: Result<Request, FetchError>) -> Refusal {
    refused(outcome).0
}

/// The refusal, and whom it may be told.
pub(crate) fn refused(outcome: Result<Request, FetchError>) -> (Refusal, Option<Reply>) {
    match outcome {
        Err(FetchError::Refused { refusal, reply }) => (refusal, reply.map(|reply| *reply)),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("was accepted"),
    }
}
