//! The use cases on a real vault, with a network that the tests play.

mod book;
mod bound_codes;
mod desks;
mod following;
mod offering;
mod passes;
mod reading;
mod receiving;
mod sharing;
mod statuses;
mod unknown;

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use credential::sd_jwt::{HashAlgorithm, IssuerHeader, Template};
use keys::{PublicKey, SigningKey};
use ledger::Verdict;
use net::{Http, HttpError, Request, Response};
use protocol::issuance::Copy;
use query::ClaimPath;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use vault::{CardRecord, MemoryStore, Mode, Options, Party, Vault};

use crate::card::{HowKnown, IssuerKey};
use crate::pending::Pending;
use crate::received::{Context, receive};
use crate::trust::Trust;
use crate::wallet::{Wallet, now};

const TYPE: &str = "urn:example:library-card:1";

/// What the service on the other side does with an answer.
#[derive(Clone, Copy)]
enum Service {
    Takes,
    Refuses,
    BreaksOff,
    IsAway,
    /// The test fails when anything is sent.
    MustNotBeAsked,
}

/// Plays the service and remembers what reached it.
struct Played {
    service: Service,
    received: Arc<Mutex<Vec<String>>>,
}

#[async_trait]
impl Http for Played {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        assert!(
            !matches!(self.service, Service::MustNotBeAsked),
            "the network was touched"
        );
        if matches!(self.service, Service::IsAway) {
            return Err(HttpError::Unreachable);
        }
        let body = request.body.map(|body| body.bytes).unwrap_or_default();
        let text = String::from_utf8(body).unwrap();
        self.received.lock().unwrap().push(text);
        let status = match self.service {
            Service::Takes => 200,
            Service::Refuses => 400,
            Service::BreaksOff | Service::IsAway | Service::MustNotBeAsked => {
                return Err(HttpError::Interrupted);
            }
        };
        Ok(Response {
            status,
            headers: Vec::new(),
            body: b"{}".to_vec(),
            url: request.url,
        })
    }

    fn allows(&self, _: &Url) -> Result<(), HttpError> {
        Ok(())
    }
}

struct World {
    wallet: Wallet,
    received: Arc<Mutex<Vec<String>>>,
    issuer: SigningKey,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(service: Service) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = SecretString::from("an odd lantern walks quietly");
        let options = Options {
            passphrase: &passphrase,
            mode: Mode::Keyring,
            demo: true,
        };
        let (vault, _) = Vault::create(folder.path(), &options, &MemoryStore::default()).unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let wallet = Wallet {
            vault,
            http: Arc::new(Played {
                service,
                received: received.clone(),
            }),
            trust: Trust::new(folder.path()),
            pending: Pending::default(),
            statuses: crate::status::Lists::default(),
            folder: folder.path().to_owned(),
        };
        Self {
            wallet,
            received,
            issuer: SigningKey::make_p256(),
            _folder: folder,
        }
    }

    fn key(&self) -> IssuerKey {
        IssuerKey::Bare(self.issuer.public())
    }

    fn copy(&self, claims: &Value) -> Copy {
        let holder = SigningKey::make_p256();
        issue(&self.issuer, claims, Some(&holder.public()), holder)
    }

    fn receive(&self, copies: Vec<Copy>) -> Result<CardRecord, crate::ReceiveError> {
        let key = self.key();
        receive(copies, &context(&key))
    }

    fn add_card(&self, copies: usize) -> vault::Id {
        let claims = card_claims();
        let copies = (0..copies).map(|_| self.copy(&claims)).collect();
        let record = self.receive(copies).unwrap();
        self.wallet
            .vault
            .write(|change| change.insert_card(&record))
            .unwrap();
        record.summary.id
    }
}

fn context(key: &IssuerKey) -> Context<'_> {
    Context {
        format: credential::format::by_id("dc+sd-jwt").unwrap(),
        is_type: &|types| types.iter().any(|one| one == TYPE),
        bound: true,
        extends: Vec::new(),
        issuer: Party {
            id: "https://library.example".to_owned(),
            name: "Library".to_owned(),
        },
        issuer_key: key,
        how: HowKnown::Website,
        metadata: None,
        issuance: Value::Null,
        now: now(),
    }
}

fn card_claims() -> Value {
    json!({
        "vct": TYPE,
        "iss": "https://library.example",
        "iat": now() - 60,
        "exp": now() + 3600,
        "given_name": "Sample-Given",
        "family_name": "Sample-Family",
        "over_18": true,
    })
}

/// A copy bound to `bound`, with `key` beside it.
fn issue(issuer: &SigningKey, claims: &Value, bound: Option<&PublicKey>, key: SigningKey) -> Copy {
    let claims = claims.as_object().unwrap();
    let conceal: Vec<ClaimPath> = ["given_name", "family_name", "over_18"]
        .into_iter()
        .filter(|name| claims.contains_key(*name))
        .map(|name| ClaimPath::from_names([name]).unwrap())
        .collect();
    let template = Template {
        claims,
        conceal: &conceal,
        holder: bound,
        hash: HashAlgorithm::Sha256,
        decoys: 0,
    };
    let credential = template.issue(IssuerHeader::Kid("1"), issuer).unwrap();
    Copy {
        credential,
        key: bound.map(|_| key),
    }
}

fn standing(verdict: &Verdict) -> &'static str {
    verdict.standing.name()
}
