//! SD-JWT with the OpenID Foundation's `sd-jwt` for Python.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use credential::format::{Draft, Format, IssuerSecret, KeyName, Request, by_id};
use journeys::peer::Peer;
use keys::{SigningKey, UnixTime};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use crate::exchange::{get, now, object, refused, secret_jwk, text};
use crate::trial::Trial;

const PEER: &str = "sd-jwt-python";
const TYPE: &str = "urn:example:card:1";
const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "x509_san_dns:counter.example";
const NONCE: &str = "n-0S6_WzA2Mj";

/// A card, and a presentation of it.
struct Case {
    name: &'static str,
    claims: Value,
    /// Paths of what can be hidden.
    conceal: Value,
    /// Paths of what is shown.
    paths: Value,
    /// The same in the peer's words.
    disclose: Value,
    /// The claims about the subject that a verifier then sees.
    shown: Value,
}

fn cases() -> Vec<Case> {
    vec![
        Case {
            name: "flat claims",
            claims: json!({"name": "Ada", "born": 1815, "member": true, "nick": null}),
            conceal: json!([["name"], ["born"], ["nick"]]),
            paths: json!([["name"], ["nick"]]),
            disclose: json!({"name": true, "nick": true}),
            shown: json!({"name": "Ada", "member": true, "nick": null}),
        },
        Case {
            name: "nothing hidden",
            claims: json!({"name": "Ada"}),
            conceal: json!([]),
            paths: json!([["name"]]),
            disclose: json!({}),
            shown: json!({"name": "Ada"}),
        },
        Case {
            name: "everything hidden stays hidden",
            claims: json!({"name": "Ada", "born": 1815}),
            conceal: json!([["name"], ["born"]]),
            paths: json!([]),
            disclose: json!({}),
            shown: json!({}),
        },
        Case {
            name: "claims of an object",
            claims: json!({"address": {"street": "1 Mill Lane", "town": "Leeds", "country": "GB"}}),
            conceal: json!([["address", "street"], ["address", "town"]]),
            paths: json!([["address", "town"]]),
            disclose: json!({"address": {"town": true}}),
            shown: json!({"address": {"town": "Leeds", "country": "GB"}}),
        },
        Case {
            name: "an object and its claims",
            claims: json!({"address": {"street": "1 Mill Lane", "town": "Leeds"}, "name": "Ada"}),
            conceal: json!([
                ["address"],
                ["address", "street"],
                ["address", "town"],
                ["name"]
            ]),
            paths: json!([["address", "town"]]),
            disclose: json!({"address": {"town": true}}),
            shown: json!({"address": {"town": "Leeds"}}),
        },
        Case {
            name: "elements of an array",
            claims: json!({"nationalities": ["GB", "FR", "DE"]}),
            conceal: json!([
                ["nationalities", 0],
                ["nationalities", 1],
                ["nationalities", 2]
            ]),
            paths: json!([["nationalities", 1]]),
            disclose: json!({"nationalities": [false, true, false]}),
            shown: json!({"nationalities": ["FR"]}),
        },
        Case {
            name: "objects in an array",
            claims: json!({"categories": [
                {"code": "B", "since": "2001-02-03"}, {"code": "A", "since": "2004-05-06"}]}),
            conceal: json!([
                ["categories", 0],
                ["categories", 1],
                ["categories", 1, "since"]
            ]),
            paths: json!([["categories", 1, "code"]]),
            disclose: json!({"categories": [false, {}]}),
            shown: json!({"categories": [{"code": "A"}]}),
        },
        Case {
            name: "scripts, signs and large numbers",
            claims: json!({"name": "Siân \"Ŵy\" \u{1F3F4} \\ \u{7}", "ref": 9_007_199_254_740_991_i64,
                "rate": -0.125, "": "a claim without a name"}),
            conceal: json!([["name"], ["ref"], ["rate"], [""]]),
            paths: json!([["name"], ["ref"], ["rate"], [""]]),
            disclose: json!({"name": true, "ref": true, "rate": true, "": true}),
            shown: json!({"name": "Siân \"Ŵy\" \u{1F3F4} \\ \u{7}", "ref": 9_007_199_254_740_991_i64,
                "rate": -0.125, "": "a claim without a name"}),
        },
    ]
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    let mut add = |name: String, run: Run, exchange: &Arc<Exchange>| {
        let exchange = Arc::clone(exchange);
        trials.push(Trial::new(PEER, name, move |peer| run(peer, &exchange)));
    };
    for (kind, make_issuer) in KINDS {
        for case in cases() {
            let name = format!("{kind}: {}", case.name);
            let exchange = Arc::new(Exchange::new(case, make_issuer()));
            for (what, run) in EXCHANGES {
                add(format!("{name}: {what}"), *run, &exchange);
            }
        }
    }
    for (what, run) in NEGATIVES {
        if let Some(case) = cases().into_iter().next() {
            let exchange = Arc::new(Exchange::new(case, SigningKey::make_p256()));
            add((*what).to_owned(), *run, &exchange);
        }
    }
    trials
}

type MakeKey = fn() -> SigningKey;

const KINDS: [(&str, MakeKey); 2] = [
    ("ES256", SigningKey::make_p256),
    ("EdDSA", SigningKey::make_ed25519),
];

type Run = fn(&mut Peer, &Exchange) -> Result<()>;

const EXCHANGES: &[(&str, Run)] = &[
    ("Cairn issues, peer presents, both verify", |peer, one| {
        let card = one.issue()?;
        let shown = one.peer_presents(peer, &card)?;
        one.peer_verifies(peer, &shown)?;
        one.cairn_checks(&shown)
    }),
    ("Cairn issues and presents, peer verifies", |peer, one| {
        let card = one.issue()?;
        let shown = one.present(&card)?;
        one.peer_verifies(peer, &shown)
    }),
    ("peer issues, Cairn presents, both verify", |peer, one| {
        let card = one.peer_issues(peer)?;
        format()?.verify(&card, &one.issuer.public(), now()?)?;
        let shown = one.present(&card)?;
        one.peer_verifies(peer, &shown)?;
        one.cairn_checks(&shown)
    }),
    ("peer issues and presents, Cairn verifies", |peer, one| {
        let card = one.peer_issues(peer)?;
        let shown = one.peer_presents(peer, &card)?;
        one.cairn_checks(&shown)
    }),
];

const NEGATIVES: &[(&str, Run)] = &[
    ("a changed claim is refused by both", |peer, one| {
        for card in [one.issue()?, one.peer_issues(peer)?] {
            let shown = with_payload(&one.present(&card)?, |claims| {
                claims.insert("member".to_owned(), false.into());
            })?;
            one.both_refuse(peer, &shown, "Verification failed for all signatures")?;
        }
        Ok(())
    }),
    (
        "a changed disclosure is refused by Cairn, and never shown by the peer",
        |peer, one| {
            for card in [one.issue()?, one.peer_issues(peer)?] {
                let shown = one.present_unbound(&card)?;
                let changed = with_disclosure(&shown, "name", "Eve")?;
                let error = format()?.check(
                    &changed.as_str().into(),
                    &one.issuer.public(),
                    &request(now()?),
                    false,
                );
                ensure!(
                    error.is_err(),
                    "Cairn takes a disclosure that nobody signed"
                );
                let request = json!({"do": "verify", "presentation": changed,
                "issuer": one.issuer.public().to_jwk()});
                // RFC 9901 §7.1 step 5 wants this refused; the peer passes it over.
                if let Ok(claims) = peer.ask(&request)? {
                    ensure!(
                        claims.get("name").is_none(),
                        "the peer shows the changed claim"
                    );
                }
            }
            Ok(())
        },
    ),
    ("another nonce is refused by both", |peer, one| {
        let card = one.issue()?;
        let shown = format()?.present(
            &card,
            &paths(&one.case.paths)?,
            &Request {
                nonce: "another",
                ..request(now()?)
            },
            Some(&one.holder),
        )?;
        one.both_refuse(peer, text(&shown)?, "Invalid nonce in KB-JWT")
    }),
    ("another audience is refused by both", |peer, one| {
        let card = one.issue()?;
        let shown = format()?.present(
            &card,
            &paths(&one.case.paths)?,
            &Request {
                client_id: "another",
                ..request(now()?)
            },
            Some(&one.holder),
        )?;
        one.both_refuse(peer, text(&shown)?, "Invalid audience in KB-JWT")
    }),
    ("another holder is refused by both", |peer, one| {
        let card = one.issue()?;
        let thief = SigningKey::make_p256();
        let shown = get(
            peer,
            &json!({"do": "present", "credential": card, "disclose": {},
            "nonce": NONCE, "audience": AUDIENCE, "holder": secret_jwk(&thief)}),
        )?;
        one.both_refuse(
            peer,
            text(&shown)?,
            "Verification failed for all signatures",
        )
    }),
    (
        "a disclosure taken away after signing is refused by both",
        |peer, one| {
            let card = one.issue()?;
            let shown = one.present(&card)?;
            let mut parts: Vec<&str> = shown.split('~').collect();
            ensure!(parts.len() > 3, "there is nothing to take away");
            parts.remove(1);
            one.both_refuse(peer, &parts.join("~"), "Invalid digest in KB-JWT")
        },
    ),
];

struct Exchange {
    case: Case,
    issuer: SigningKey,
    holder: SigningKey,
}

impl Exchange {
    fn new(case: Case, issuer: SigningKey) -> Self {
        Self {
            case,
            issuer,
            // The peer checks a holder's signature by ES256 alone.
            holder: SigningKey::make_p256(),
        }
    }

    fn issue(&self) -> Result<String> {
        let claims = object(self.case.claims.clone())?;
        let now = now()?;
        Ok(format()?.issue(
            &Draft {
                type_id: TYPE,
                claims: &claims,
                conceal: &paths(&self.case.conceal)?,
                holder: Some(&self.holder.public()),
                issuer: Some(ISSUER),
                key_name: KeyName::Id("key-1"),
                issued_at: now,
                valid_from: None,
                valid_until: Some(now + 1000),
                status: &[],
            },
            IssuerSecret::Signing(&self.issuer),
        )?)
    }

    fn peer_issues(&self, peer: &mut Peer) -> Result<String> {
        let now = now()?;
        let mut claims = object(self.case.claims.clone())?;
        for (name, value) in envelope(now) {
            claims.insert(name, value);
        }
        let request = json!({"do": "issue", "claims": claims, "conceal_paths": self.case.conceal,
            "jwk": secret_jwk(&self.issuer), "alg": self.issuer.algorithm().name(),
            "holder": self.holder.public().to_jwk(), "decoys": true,
            "header": {"typ": "dc+sd-jwt", "kid": "key-1"}});
        Ok(text(&get(peer, &request)?)?.to_owned())
    }

    fn present(&self, card: &str) -> Result<String> {
        let shown = format()?.present(
            card,
            &paths(&self.case.paths)?,
            &request(now()?),
            Some(&self.holder),
        )?;
        Ok(text(&shown)?.to_owned())
    }

    fn present_unbound(&self, card: &str) -> Result<String> {
        let paths = paths(&self.case.paths)?;
        let shown = format()?.present(card, &paths, &request(now()?), None)?;
        Ok(text(&shown)?.to_owned())
    }

    fn peer_presents(&self, peer: &mut Peer, card: &str) -> Result<String> {
        let request = json!({"do": "present", "credential": card, "disclose": self.case.disclose,
            "nonce": NONCE, "audience": AUDIENCE, "holder": secret_jwk(&self.holder)});
        Ok(text(&get(peer, &request)?)?.to_owned())
    }

    fn verification(&self, shown: &str) -> Value {
        json!({"do": "verify", "presentation": shown, "issuer": self.issuer.public().to_jwk(),
            "nonce": NONCE, "audience": AUDIENCE})
    }

    fn peer_verifies(&self, peer: &mut Peer, shown: &str) -> Result<()> {
        let claims = get(peer, &self.verification(shown))?;
        self.shows_what_it_should(&object(claims)?)
    }

    fn cairn_checks(&self, shown: &str) -> Result<()> {
        let facts =
            format()?.check(&shown.into(), &self.issuer.public(), &request(now()?), true)?;
        ensure!(facts.holder_proven, "the holder is not proven");
        self.shows_what_it_should(&facts.claims)
    }

    fn both_refuse(&self, peer: &mut Peer, shown: &str, because: &str) -> Result<()> {
        let checked = format()?.check(&shown.into(), &self.issuer.public(), &request(now()?), true);
        ensure!(checked.is_err(), "Cairn takes what it must refuse");
        refused(peer, &self.verification(shown), because)
    }

    fn shows_what_it_should(&self, claims: &Map<String, Value>) -> Result<()> {
        let envelope = envelope(0);
        let about_subject: Map<String, Value> = claims
            .iter()
            .filter(|(name, _)| *name != "cnf" && !envelope.contains_key(*name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        ensure!(
            Value::Object(about_subject.clone()) == self.case.shown,
            "{} is shown instead of {}",
            Value::Object(about_subject),
            self.case.shown
        );
        Ok(())
    }
}

fn format() -> Result<&'static dyn Format> {
    by_id("dc+sd-jwt").context("no such format")
}

fn request(now: UnixTime) -> Request<'static> {
    Request {
        client_id: AUDIENCE,
        nonce: NONCE,
        response_uri: None,
        encryption_key: None,
        now,
    }
}

/// The claims about the credential itself.
fn envelope(now: UnixTime) -> Map<String, Value> {
    [
        ("vct", TYPE.into()),
        ("iss", ISSUER.into()),
        ("iat", now.into()),
        ("exp", (now + 1000).into()),
    ]
    .into_iter()
    .map(|(name, value): (&str, Value)| (name.to_owned(), value))
    .collect()
}

fn paths(written: &Value) -> Result<Vec<ClaimPath>> {
    written
        .as_array()
        .context("not a list of paths")?
        .iter()
        .map(|path| Ok(ClaimPath::from_json(path)?))
        .collect()
}

/// Changes the issuer's payload and leaves its signature.
fn with_payload(shown: &str, change: impl Fn(&mut Map<String, Value>)) -> Result<String> {
    let (jwt, rest) = shown.split_once('~').context("no SD-JWT")?;
    let parts: Vec<&str> = jwt.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else {
        anyhow::bail!("no JWT")
    };
    let mut claims: Map<String, Value> = serde_json::from_slice(&keys::b64::decode(payload)?)?;
    change(&mut claims);
    let payload = keys::b64::encode(serde_json::to_vec(&claims)?);
    Ok(format!("{header}.{payload}.{signature}~{rest}"))
}

/// Changes the value of a disclosed claim.
fn with_disclosure(shown: &str, claim: &str, value: &str) -> Result<String> {
    let mut changed = false;
    let mut parts: Vec<String> = shown.split('~').map(str::to_owned).collect();
    for part in parts.iter_mut().skip(1).filter(|part| !part.is_empty()) {
        let mut disclosure: Value = serde_json::from_slice(&keys::b64::decode(part.as_str())?)?;
        if disclosure.get(1).and_then(Value::as_str) == Some(claim) {
            disclosure[2] = value.into();
            *part = keys::b64::encode(disclosure.to_string());
            changed = true;
        }
    }
    ensure!(changed, "there is no such disclosure");
    Ok(parts.join("~"))
}
