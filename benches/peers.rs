//! Cairn beside independent implementations, in one run on one machine: the same credentials, one
//! thread each, the median of many rounds. Fails when a target is missed.
//!
//! `./test --bench-peers` installs the peers and runs this. The JavaScript runs in node with its
//! own warm-up; what a line of JSON over a pipe costs is not counted.

use std::hint::black_box;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use credential::catalogue;
use credential::data_integrity::selective::{
    Pointer, Suite, derive, proof_options, sign_base, verify_derived,
};
use credential::did;
use credential::format::{Draft, IssuerSecret, KeyName, Request, by_id};
use credential::json_ld::Contexts;
use journeys::peer::{Missing, Peer};
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey};
use query::ClaimPath;
use rcgen::{CertificateParams, DnType, KeyPair};
use serde_json::{Map, Value, json};

const NOW: i64 = 1_790_000_000;
/// Rounds that count, after a tenth as many that do not.
const ROUNDS: usize = 200;
const PEER_ROUNDS: usize = 20;

/// The credential of W3C's vectors for `bbs-2023` and `ecdsa-sd-2023`.
const DOCUMENT: &str = include_str!("../tests/vectors/vc-di-bbs/TestVectors/windDoc.json");
const MANDATORY: &str = include_str!("../tests/vectors/vc-di-bbs/TestVectors/windMandatory.json");
const SELECTIVE: &str = include_str!("../tests/vectors/vc-di-bbs/TestVectors/windSelective.json");

type Bench = fn(&mut Peer) -> Result<Vec<Line>>;

const BESIDE: [(&str, Bench); 2] = [("digitalbazaar", digitalbazaar), ("mdoc", mdoc)];

/// What was measured, and what it has to hold.
struct Line {
    what: String,
    ours: f64,
    beside: String,
    theirs: f64,
    target: Target,
}

enum Target {
    /// At least so many times as fast, and no longer than so many milliseconds.
    Faster(f64, Option<f64>),
    /// At most so many times as long.
    Within(f64),
    /// To know.
    None,
}

impl Line {
    fn is_met(&self) -> bool {
        match self.target {
            Target::Faster(times, longest) => {
                self.theirs >= times * self.ours
                    && longest.is_none_or(|longest| self.ours <= longest)
            }
            Target::Within(times) => self.ours <= times * self.theirs,
            Target::None => true,
        }
    }

    fn write(&self) -> std::io::Result<()> {
        let wanted = match self.target {
            Target::Faster(times, Some(longest)) => format!("≥ {times} ×, ≤ {longest} ms"),
            Target::Faster(times, None) => format!("≥ {times} ×"),
            Target::Within(times) => format!("within {times} ×"),
            Target::None => String::new(),
        };
        let ratio = match self.target {
            Target::Within(_) => self.ours / self.theirs,
            _ => self.theirs / self.ours,
        };
        writeln!(
            std::io::stdout().lock(),
            "{:<30} {:>9.3} ms  {:<26} {:>9.3} ms  {ratio:>7.2} ×  {wanted:<18} {}",
            self.what,
            self.ours,
            self.beside,
            self.theirs,
            if self.is_met() { "" } else { "MISSED" },
        )
    }
}

fn main() -> Result<ExitCode> {
    let mut lines = sd_jwt()?;
    for (name, bench) in BESIDE {
        match Peer::start(name) {
            Ok(mut peer) => lines.extend(bench(&mut peer)?),
            Err(Missing(reason)) => {
                writeln!(std::io::stdout().lock(), "{name}: skipped: {reason}")?;
            }
        }
    }
    for line in &lines {
        line.write()?;
    }
    Ok(if lines.iter().all(Line::is_met) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The median in milliseconds.
fn median(mut samples: Vec<f64>) -> Result<f64> {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().context("no sample")
}

fn time<T, E: Into<anyhow::Error>>(mut run: impl FnMut() -> Result<T, E>) -> Result<f64> {
    for _ in 0..ROUNDS / 10 {
        black_box(run().map_err(Into::into)?);
    }
    let mut samples = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(run().map_err(Into::into)?);
        samples.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    median(samples)
}

fn ask(peer: &mut Peer, request: &Value) -> Result<Value> {
    match peer.ask(request)? {
        Ok(value) => Ok(value),
        Err(words) => bail!("the peer cannot: {words}"),
    }
}

fn time_peer(peer: &mut Peer, request: &Value) -> Result<f64> {
    for times in [PEER_ROUNDS / 4, PEER_ROUNDS] {
        let samples = ask(
            peer,
            &json!({"do": "time", "request": request, "times": times}),
        )?;
        if times == PEER_ROUNDS {
            let samples = samples.as_array().context("no samples")?;
            return median(samples.iter().filter_map(Value::as_f64).collect());
        }
    }
    bail!("not measured")
}

fn digitalbazaar(peer: &mut Peer) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (suite, derive_target, verify_target) in [
        (
            Suite::Bbs2023,
            Target::Faster(40.0, Some(4.0)),
            Target::Faster(40.0, Some(4.0)),
        ),
        (Suite::EcdsaSd2023, Target::Faster(4.0, None), Target::None),
    ] {
        let (base, key) = issue(suite)?;
        let chosen = pointers(SELECTIVE)?;
        let contexts = Contexts::pinned();
        let derived = derive(&base, &chosen, b"", contexts)?;
        let derivation = json!({"do": "derive", "credential": base,
            "pointers": serde_json::from_str::<Value>(SELECTIVE)?});
        let verification = json!({"do": "verify", "credential": derived});
        // What is measured is what succeeds.
        ask(peer, &derivation)?;
        ask(peer, &verification)?;
        let name = suite.name();
        lines.push(Line {
            what: format!("{name} derive"),
            ours: time(|| derive(&base, &chosen, b"", contexts))?,
            beside: "Digital Bazaar derive".to_owned(),
            theirs: time_peer(peer, &derivation)?,
            target: derive_target,
        });
        lines.push(Line {
            what: format!("{name} verify"),
            ours: time(|| {
                verify_derived(
                    &derived,
                    &key,
                    Some(b"")
                        .filter(|_| suite == Suite::Bbs2023)
                        .map(|none| none.as_slice()),
                    contexts,
                )
            })?,
            beside: "Digital Bazaar verify".to_owned(),
            theirs: time_peer(peer, &verification)?,
            target: verify_target,
        });
    }
    Ok(lines)
}

/// The vector's credential, by an issuer made here whose key both sides know by its name.
fn issue(suite: Suite) -> Result<(Map<String, Value>, PublicKey)> {
    let signing = SigningKey::make_p256();
    let bbs = bbs::SecretKey::make();
    let (key, secret) = match suite {
        Suite::Bbs2023 => (PublicKey::Bls12381G2(bbs.public()), IssuerSecret::Bbs(&bbs)),
        Suite::EcdsaSd2023 => (signing.public(), IssuerSecret::Signing(&signing)),
    };
    let mut document: Map<String, Value> = serde_json::from_str(DOCUMENT)?;
    document.insert("issuer".to_owned(), did::derive_did_key(&key)?.into());
    let options = proof_options(suite, &did::derive_did_key_url(&key)?, None);
    let mandatory = pointers(MANDATORY)?;
    let base = sign_base(&document, &options, &mandatory, secret, Contexts::pinned())?;
    Ok((base, key))
}

fn pointers(text: &str) -> Result<Vec<Pointer>> {
    let written: Vec<String> = serde_json::from_str(text)?;
    written.iter().map(|one| Ok(Pointer::parse(one)?)).collect()
}

/// The driving licence of the catalogue: three elements shown and checked, the device's signature
/// and the issuer's among what is checked. The peer checks the one certificate too, which Cairn
/// does elsewhere.
fn mdoc(peer: &mut Peer) -> Result<Vec<Line>> {
    let (issuer, device) = (SigningKey::make_p256(), SigningKey::make_p256());
    let pair = KeyPair::from_pem(&issuer.to_pem()?)?;
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CountryName, "GB");
    let certificate = Certificate::from_der(params.self_signed(&pair)?.der())?;
    let trusted = [certificate.to_x5c()];
    let chain = [certificate];
    let format = by_id("mso_mdoc").context("no such format")?;
    let licence = catalogue::by_name("DrivingLicence").context("no licence")?;
    let claims: Map<String, Value> = serde_json::from_str(licence.example)?;
    let draft = Draft {
        type_id: licence.doctype.context("the licence is no mdoc")?,
        claims: &claims,
        conceal: &[],
        holder: Some(&device.public()),
        issuer: None,
        key_name: KeyName::Chain(&chain),
        issued_at: NOW,
        valid_from: None,
        valid_until: Some(NOW + 1000),
        status: &[],
    };
    let request = Request {
        client_id: "x509_san_dns:counter.example",
        nonce: "n-0S6_WzA2Mj",
        response_uri: Some("https://counter.example/answer"),
        encryption_key: None,
        now: NOW,
    };
    let card = format.issue(&draft, IssuerSecret::Signing(&issuer))?;
    let mut wanted = Vec::new();
    for name in ["family_name", "birth_date", "driving_privileges"] {
        let namespace = licence.namespace_of(name).context("no namespace")?;
        wanted.push(ClaimPath::from_names([namespace, name])?);
    }
    let shown = format.present(&card, &wanted, &request, Some(&device))?;
    let key = issuer.public();
    let check = json!({"do": "check", "presentation": shown, "trusted": trusted, "now": NOW,
        "client_id": request.client_id, "nonce": request.nonce,
        "response_uri": request.response_uri});
    ask(peer, &check)?;
    let received = json!({"do": "verify", "credential": card, "trusted": trusted, "now": NOW});
    ask(peer, &received)?;
    Ok(vec![
        Line {
            what: "mdoc verify (shown)".to_owned(),
            ours: time(|| format.check(&shown, &key, &request, true))?,
            beside: "@owf/mdoc verify".to_owned(),
            theirs: time_peer(peer, &check)?,
            target: Target::Faster(8.0, None),
        },
        Line {
            what: "mdoc verify (received)".to_owned(),
            ours: time(|| format.verify(&card, &key, NOW))?,
            beside: "@owf/mdoc verify".to_owned(),
            theirs: time_peer(peer, &received)?,
            target: Target::None,
        },
    ])
}

/// A presentation of 3 of 20 claims with a key binding: two P-256 signatures.
fn sd_jwt() -> Result<Vec<Line>> {
    let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
    let format = by_id("dc+sd-jwt").context("no such format")?;
    let claims: Map<String, Value> = (0..20)
        .map(|number| (format!("claim_{number}"), "a value of usual length".into()))
        .collect();
    let paths = claims
        .keys()
        .map(|name| Ok(ClaimPath::from_names([name.as_str()])?))
        .collect::<Result<Vec<_>>>()?;
    let draft = Draft {
        type_id: "urn:example:card:1",
        claims: &claims,
        conceal: &paths,
        holder: Some(&holder.public()),
        issuer: Some("https://issuer.example"),
        key_name: KeyName::Id("key-1"),
        issued_at: NOW,
        valid_from: None,
        valid_until: Some(NOW + 1000),
        status: &[],
    };
    let request = Request {
        client_id: "x509_san_dns:counter.example",
        nonce: "n-0S6_WzA2Mj",
        response_uri: None,
        encryption_key: None,
        now: NOW,
    };
    let card = format.issue(&draft, IssuerSecret::Signing(&issuer))?;
    let wanted = paths.get(..3).context("too few claims")?;
    let shown = format.present(&card, wanted, &request, Some(&holder))?;
    let key = issuer.public();
    let signature = issuer.sign(b"message");
    ensure!(key.verify(b"message", &signature).is_ok());
    Ok(vec![Line {
        what: "SD-JWT verify".to_owned(),
        ours: time(|| format.check(&shown, &key, &request, true))?,
        beside: "its two signatures alone".to_owned(),
        theirs: time(|| {
            key.verify(b"message", &signature)?;
            key.verify(b"message", &signature)
        })?,
        target: Target::Within(1.5),
    }])
}
