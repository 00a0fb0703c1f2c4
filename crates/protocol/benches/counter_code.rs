//! Codes at the counter: how many a second are read and checked on one core, by format, and how
//! long a clerk waits from the first frame to the verdict.

#![allow(
    clippy::print_stdout,
    reason = "what a clerk waits for is said in a sentence"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use code::{Assembly, Frames, Size, Word, read_frame};
use credential::format::{self, Claimed, Draft, Format, IssuerSecret, KeyName};
use credential::{catalogue, did};
use criterion::{Criterion, criterion_group, criterion_main};
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey, UnixTime};
use protocol::counter_code::{Answer, Binding, Bound, check};
use protocol::verifier::Checked;
use query::{ClaimPath, Query};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Map, Value, json};

const NOW: UnixTime = 1_790_000_025;
const DAY: UnixTime = 24 * 3600;
const SERVICE: &str = "x509_san_dns:desk.example";

/// What is measured of one format.
struct Shown {
    query: Query,
    answer: Answer,
    bytes: Vec<u8>,
    issuer: PublicKey,
}

/// A kind of card.
struct Kind {
    name: &'static str,
    format: &'static str,
    /// What stands around a claim in a path.
    around: Option<&'static str>,
    is_bbs: bool,
}

fn certificate(key: &SigningKey) -> Option<Certificate> {
    let pair = KeyPair::from_pem(&key.to_pem().ok()?).ok()?;
    let made = CertificateParams::default().self_signed(&pair).ok()?;
    Certificate::from_der(made.der()).ok()
}

/// Three claims of twelve (of an mdoc: three of twenty) in a window of now.
fn show(kind: &Kind) -> Option<Shown> {
    let name = match kind.format {
        "mso_mdoc" => "DrivingLicence",
        _ => "AdultDisabilityPayment",
    };
    let entry = catalogue::by_name(name)?;
    let mut claims: Map<String, Value> = serde_json::from_str(entry.example).ok()?;
    claims.remove("portrait");
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    let conceal: Vec<ClaimPath> = names
        .iter()
        .filter_map(|name| ClaimPath::from_names([*name]).ok())
        .collect();
    let wanted = match kind.format {
        "mso_mdoc" => vec!["family_name", "document_number", "age_over_18"],
        _ => names.into_iter().take(3).collect(),
    };
    let path = |name: &str| match kind.around {
        Some(around) => ClaimPath::from_names([around, name]).ok(),
        None => ClaimPath::from_names([name]).ok(),
    };
    let paths: Vec<ClaimPath> = wanted.into_iter().filter_map(path).collect();

    let signing = SigningKey::make_p256();
    let bbs = keys::bls::SecretKey::make();
    let (issuer, secret) = if kind.is_bbs {
        let public = PublicKey::Bls12381G2(bbs.public());
        (public, IssuerSecret::Bbs(&bbs))
    } else {
        (signing.public(), IssuerSecret::Signing(&signing))
    };
    let holder = (!kind.is_bbs).then(SigningKey::make_p256);
    let public = holder.as_ref().map(SigningKey::public);
    let url = did::derive_did_key_url(&issuer).ok()?;
    let chain = [certificate(&signing)?];
    let draft = Draft {
        type_id: entry.vct,
        claims: &claims,
        conceal: match kind.format {
            "jwt_vc_json" => &[],
            _ => &conceal,
        },
        holder: public.as_ref(),
        issuer: (kind.format == "dc+sd-jwt").then_some("https://issuer.example"),
        key_name: match kind.format {
            "dc+sd-jwt" => KeyName::Id("key-1"),
            "mso_mdoc" => KeyName::Chain(&chain),
            _ => KeyName::Id(&url),
        },
        issued_at: NOW - DAY,
        valid_from: None,
        valid_until: Some(NOW + 9 * DAY),
        status: &[],
    };
    let format: &dyn Format = format::by_id(kind.format)?;
    let text = format.issue(&draft, secret).ok()?;
    let facts = format.verify(&text, &issuer, NOW).ok()?;
    let meta = match kind.format {
        "dc+sd-jwt" => json!({"vct_values": [entry.vct]}),
        "mso_mdoc" => json!({"doctype_value": entry.doctype}),
        _ => json!({"type_values": [[facts.type_id]]}),
    };
    let asked: Vec<Value> = paths
        .iter()
        .map(|path| json!({"path": path.to_json()}))
        .collect();
    let query = json!({"credentials": [{
        "id": "card", "format": kind.format, "meta": meta, "claims": asked,
        "require_cryptographic_holder_binding": holder.is_some(),
    }]});
    let bound = Bound::new(SERVICE, "p", Binding::make_window(NOW));
    let shown = format
        .present(&text, &paths, &bound.request(), holder.as_ref())
        .ok()?;
    let shown = Map::from_iter([("card".to_owned(), json!([shown]))]);
    let answer = Answer::new(bound, shown);
    Some(Shown {
        query: Query::from_json(&query).ok()?,
        bytes: answer.encode().ok()?,
        answer,
        issuer,
    })
}

/// The median time of a work.
fn time_of<T>(work: impl Fn() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..21)
        .map(|_| {
            let since = Instant::now();
            black_box(work());
            since.elapsed()
        })
        .collect();
    times.sort_unstable();
    times.get(10).copied().unwrap_or_default()
}

/// How long a clerk waits from the first frame to the verdict, at ten frames a second of which
/// none is lost: the frames are shown, each is read while the next one is shown, then the last
/// one is read and all is checked. Pictures without noise, four pixels a module.
fn wait(name: &str, bytes: &[u8], verify: impl Fn() -> Option<Vec<Checked>>) -> Option<()> {
    let frames = Frames::new(Word::ANSWER, bytes, Size::Medium).ok()?;
    let count = u32::try_from(frames.count()).ok()?;
    let mut pictures = Vec::new();
    for number in 1..=count {
        pictures.push(frames.part(number)?.image(4));
    }
    let read = |picture| read_frame(black_box(picture), 1);
    let mut assembly = Assembly::new(Word::ANSWER);
    for picture in &pictures {
        assembly.add(read(picture).first()?).ok()?;
    }
    // What is not whole at the end must not look like what is quick.
    assembly.message().filter(|message| *message == bytes)?;
    let last = pictures.last()?;
    let (shown, read, checked) = (
        Duration::from_millis(100) * count,
        time_of(|| read(last)),
        time_of(verify),
    );
    println!(
        "{name}: {count} frames shown for {shown:?}, the last read in {read:?}, checked in {checked:?}: {:?} in all",
        shown + read + checked
    );
    Some(())
}

fn counter_code(criterion: &mut Criterion) {
    const SUBJECT: Option<&str> = Some("credentialSubject");
    let kind = |name, format, around, is_bbs| Kind {
        name,
        format,
        around,
        is_bbs,
    };
    for kind in [
        kind("sd-jwt", "dc+sd-jwt", None, false),
        kind("mdoc", "mso_mdoc", Some("org.iso.18013.5.1"), false),
        kind("bbs-2023", "ldp_vc", SUBJECT, true),
        kind("ecdsa-sd-2023", "ldp_vc", SUBJECT, false),
        kind("jwt_vc_json", "jwt_vc_json", SUBJECT, false),
    ] {
        let shown = show(&kind);
        // What does not verify must not look like what is fast.
        assert!(shown.is_some(), "{} cannot be shown", kind.name);
        let Some(shown) = shown else { return };
        let keys = |_: &Claimed| vec![shown.issuer.clone()];
        let verify = || {
            let answer = Answer::decode(black_box(&shown.bytes), SERVICE).ok()?;
            check(&answer, &shown.query, &keys, NOW).ok()
        };
        assert!(verify().is_some(), "{} does not verify", kind.name);
        let waited = wait(kind.name, &shown.bytes, verify);
        assert!(waited.is_some(), "{} is not read", kind.name);
        let title = format!("{}, {} bytes", kind.name, shown.bytes.len());
        criterion.bench_function(&format!("{title}: encode"), |bencher| {
            bencher.iter(|| black_box(&shown.answer).encode());
        });
        criterion.bench_function(&format!("{title}: decode"), |bencher| {
            bencher.iter(|| Answer::decode(black_box(&shown.bytes), SERVICE));
        });
        criterion.bench_function(&format!("{title}: decode and check"), |bencher| {
            bencher.iter(verify);
        });
    }
}

criterion_group!(benches, counter_code);
criterion_main!(benches);
