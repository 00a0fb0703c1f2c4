//! mdoc with the OpenWallet Foundation's `@owf/mdoc`.

use anyhow::{Context as _, Result, ensure};
use credential::format::{Draft, Format, IssuerSecret, KeyName, Request, by_id};
use journeys::peer::Peer;
use keys::x509::Certificate;
use keys::{SigningKey, UnixTime, b64};
use query::ClaimPath;
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::{Map, Value, json};

use crate::exchange::{get, object, refused, secret_jwk, text};
use crate::trial::Trial;

const PEER: &str = "mdoc";
const MDL: &str = "org.iso.18013.5.1.mDL";
const ISO: &str = "org.iso.18013.5.1";
const GB: &str = "org.iso.18013.5.1.GB";
/// 2026-09-21.
const NOW: UnixTime = 1_790_000_000;
const DAY: UnixTime = 86_400;
const CLIENT: &str = "x509_san_dns:counter.example";
const NONCE: &str = "n-0S6_WzA2Mj";
const ANSWER: &str = "https://counter.example/answer";
const THUMBPRINT: [u8; 32] = [7; 32];

type Run = fn(&mut Peer, &Exchange) -> Result<()>;

const EXCHANGES: &[(&str, Run)] = &[
    ("Cairn issues, peer verifies", |peer, one| {
        let card = one.issue()?;
        let seen = get(peer, &one.verification(&card))?;
        ensure!(seen[ISO]["family_name"] == "Person", "another name: {seen}");
        ensure!(seen[ISO]["birth_date"] == "1990-01-01", "another date");
        ensure!(seen[GB]["title"] == "Mx", "another title");
        Ok(())
    }),
    ("Cairn issues and presents, peer verifies", |peer, one| {
        let shown = one.present(&one.issue()?)?;
        one.peer_checks(peer, &shown)
    }),
    ("Cairn issues, peer presents, both verify", |peer, one| {
        let card = one.issue()?;
        let shown = one.peer_presents(peer, &card)?;
        one.peer_checks(peer, &shown)?;
        one.cairn_checks(&shown)
    }),
    ("peer issues, Cairn presents, both verify", |peer, one| {
        let card = one.peer_issues(peer)?;
        format()?.verify(&card, &one.issuer.public(), NOW)?;
        let shown = one.present(&card)?;
        one.peer_checks(peer, &shown)?;
        one.cairn_checks(&shown)
    }),
    ("peer issues and presents, Cairn verifies", |peer, one| {
        let card = one.peer_issues(peer)?;
        let shown = one.peer_presents(peer, &card)?;
        one.cairn_checks(&shown)
    }),
    ("an answer that is not encrypted", |peer, one| {
        let one = one.with_request(Request {
            encryption_key: None,
            ..request()
        });
        let card = one.issue()?;
        let shown = one.present(&card)?;
        one.peer_checks(peer, &shown)?;
        let shown = one.peer_presents(peer, &card)?;
        one.cairn_checks(&shown)
    }),
];

/// Every one of these is refused by both.
const NEGATIVES: &[(&str, Run)] = &[
    ("another nonce", |peer, one| {
        one.answered_elsewhere(
            peer,
            Request {
                nonce: "another",
                ..request()
            },
        )
    }),
    ("another service", |peer, one| {
        one.answered_elsewhere(
            peer,
            Request {
                client_id: "x509_san_dns:other.example",
                ..request()
            },
        )
    }),
    ("another address", |peer, one| {
        one.answered_elsewhere(
            peer,
            Request {
                response_uri: Some("https://other.example/answer"),
                ..request()
            },
        )
    }),
    (
        "another key that the answer is encrypted to",
        |peer, one| {
            one.answered_elsewhere(
                peer,
                Request {
                    encryption_key: Some(&[8; 32]),
                    ..request()
                },
            )
        },
    ),
    ("a changed element", |peer, one| {
        let shown = one.present(&one.issue()?)?;
        // The one text of the element, in CBOR as it stands.
        let changed = with_bytes(&shown, b"fPerson", b"fOther!")?;
        one.both_refuse(peer, &changed, &one.request, "must match the digest")
    }),
    ("another device", |peer, one| {
        let thief = Exchange {
            device: SigningKey::make_p256(),
            ..Exchange::make()?
        };
        let stolen = get(
            peer,
            &json!({"do": "present", "credential": one.issue()?, "key": secret_jwk(&thief.device),
                "elements": {ISO: ["family_name"]}, "client_id": CLIENT, "nonce": NONCE,
                "response_uri": ANSWER, "encryption_key": b64::encode(THUMBPRINT)}),
        )?;
        one.both_refuse(peer, text(&stolen)?, &one.request, "Device signature")
    }),
    ("an mdoc that has expired", |peer, one| {
        let shown = one.present(&one.issue()?)?;
        let later = Request {
            now: NOW + 2 * DAY,
            ..request()
        };
        one.both_refuse(peer, &shown, &later, "must be valid at the time")
    }),
    ("an mdoc that is not valid yet", |peer, one| {
        let shown = one.present(&one.issue()?)?;
        let before = Request {
            now: NOW - 10,
            ..request()
        };
        one.both_refuse(peer, &shown, &before, "must be valid at the time")
    }),
];

pub(crate) fn trials() -> Result<Vec<Trial>> {
    EXCHANGES
        .iter()
        .chain(NEGATIVES)
        .map(|(what, run)| {
            let exchange = Exchange::make()?;
            Ok(Trial::new(PEER, *what, move |peer| run(peer, &exchange)))
        })
        .collect()
}

struct Exchange {
    issuer: SigningKey,
    certificate: Certificate,
    device: SigningKey,
    request: Request<'static>,
}

impl Exchange {
    fn make() -> Result<Self> {
        let issuer = SigningKey::make_p256();
        let pair = KeyPair::from_pem(&issuer.to_pem()?)?;
        let mut params = CertificateParams::default();
        // The standard wants the country in a document signer's certificate.
        params.distinguished_name.push(DnType::CountryName, "GB");
        let certificate = params.self_signed(&pair)?;
        Ok(Self {
            certificate: Certificate::from_der(certificate.der())?,
            issuer,
            device: SigningKey::make_p256(),
            request: request(),
        })
    }

    fn with_request(&self, request: Request<'static>) -> Self {
        let again = |key: &SigningKey| SigningKey::from_jwk(&secret_jwk(key));
        Self {
            issuer: again(&self.issuer).unwrap_or_else(|_| SigningKey::make_p256()),
            certificate: self.certificate.clone(),
            device: again(&self.device).unwrap_or_else(|_| SigningKey::make_p256()),
            request,
        }
    }

    fn issue(&self) -> Result<String> {
        let entry = credential::catalogue::by_type_id(MDL).context("no such type")?;
        let claims: Map<String, Value> = serde_json::from_str(entry.example)?;
        Ok(format()?.issue(
            &Draft {
                type_id: MDL,
                claims: &claims,
                conceal: &[],
                holder: Some(&self.device.public()),
                issuer: None,
                key_name: KeyName::Chain(std::slice::from_ref(&self.certificate)),
                issued_at: NOW,
                valid_from: None,
                valid_until: Some(NOW + DAY),
                status: &[],
            },
            IssuerSecret::Signing(&self.issuer),
        )?)
    }

    fn peer_issues(&self, peer: &mut Peer) -> Result<String> {
        let request = json!({"do": "issue", "doc_type": MDL, "dates": ["birth_date"],
            "namespaces": {
                ISO: {"family_name": "Person", "birth_date": "1990-01-01", "age_over_18": true,
                    "driving_privileges": [{"vehicle_category_code": "B"}]},
                GB: {"title": "Mx"},
            },
            "key": secret_jwk(&self.issuer), "certificates": [self.certificate.to_x5c()],
            "holder": self.device.public().to_jwk(), "from": NOW, "until": NOW + DAY});
        Ok(text(&get(peer, &request)?)?.to_owned())
    }

    fn present(&self, card: &str) -> Result<String> {
        let paths = [[ISO, "family_name"], [ISO, "age_over_18"], [GB, "title"]];
        let paths: Vec<ClaimPath> = paths
            .into_iter()
            .map(|path| Ok(ClaimPath::from_names(path)?))
            .collect::<Result<_>>()?;
        let shown = format()?.present(card, &paths, &self.request, Some(&self.device))?;
        Ok(text(&shown)?.to_owned())
    }

    fn peer_presents(&self, peer: &mut Peer, card: &str) -> Result<String> {
        let mut question = self.named(&self.request);
        question["do"] = "present".into();
        question["credential"] = card.into();
        question["key"] = secret_jwk(&self.device);
        question["elements"] = json!({ISO: ["family_name", "age_over_18"], GB: ["title"]});
        Ok(text(&get(peer, &question)?)?.to_owned())
    }

    fn verification(&self, card: &str) -> Value {
        json!({"do": "verify", "credential": card, "now": NOW,
            "trusted": [self.certificate.to_x5c()]})
    }

    /// The request in the peer's words.
    fn named(&self, request: &Request<'_>) -> Value {
        json!({"client_id": request.client_id, "nonce": request.nonce,
            "response_uri": request.response_uri, "now": request.now,
            "encryption_key": request.encryption_key.map(b64::encode),
            "trusted": [self.certificate.to_x5c()]})
    }

    fn check_by_peer(&self, shown: &str, request: &Request<'_>) -> Value {
        let mut question = self.named(request);
        question["do"] = "check".into();
        question["presentation"] = shown.into();
        question
    }

    fn peer_checks(&self, peer: &mut Peer, shown: &str) -> Result<()> {
        let claims = get(peer, &self.check_by_peer(shown, &self.request))?;
        shows_what_it_should(&object(claims)?)
    }

    fn cairn_checks(&self, shown: &str) -> Result<()> {
        let issuer = self.issuer.public();
        let facts = format()?.check(&shown.into(), &issuer, &self.request, true)?;
        ensure!(facts.holder_proven, "the holder is not proven");
        shows_what_it_should(&facts.claims)
    }

    /// What either side showed for one request does not answer another.
    fn answered_elsewhere(&self, peer: &mut Peer, other: Request<'_>) -> Result<()> {
        let card = self.issue()?;
        for shown in [self.present(&card)?, self.peer_presents(peer, &card)?] {
            self.both_refuse(peer, &shown, &other, "Device signature")?;
        }
        Ok(())
    }

    fn both_refuse(
        &self,
        peer: &mut Peer,
        shown: &str,
        request: &Request<'_>,
        because: &str,
    ) -> Result<()> {
        let checked = format()?.check(&shown.into(), &self.issuer.public(), request, true);
        ensure!(checked.is_err(), "Cairn takes what it must refuse");
        refused(peer, &self.check_by_peer(shown, request), because)
    }
}

fn shows_what_it_should(claims: &Map<String, Value>) -> Result<()> {
    let expected =
        json!({ISO: {"family_name": "Person", "age_over_18": true}, GB: {"title": "Mx"}});
    ensure!(
        Value::Object(claims.clone()) == expected,
        "{} is shown instead of {expected}",
        Value::Object(claims.clone())
    );
    Ok(())
}

/// The text with bytes of its CBOR replaced by as many others.
fn with_bytes(text: &str, old: &[u8], new: &[u8]) -> Result<String> {
    let mut bytes = b64::decode(text)?;
    let place = bytes.windows(old.len()).position(|window| window == old);
    let place = place.context("it does not hold what should be changed")?;
    bytes.splice(place..place + old.len(), new.iter().copied());
    Ok(b64::encode(bytes))
}

fn format() -> Result<&'static dyn Format> {
    by_id("mso_mdoc").context("no such format")
}

fn request() -> Request<'static> {
    Request {
        client_id: CLIENT,
        nonce: NONCE,
        response_uri: Some(ANSWER),
        encryption_key: Some(&THUMBPRINT),
        now: NOW,
    }
}
