//! Witnesses: the witness itself (`init`, `follow`, `serve`), and on the ledger's side whom to ask
//! (`ask`) and the pin by which readers want their word (`pin`).

pub(crate) mod args;
mod collect;
mod compare;
mod files;
mod home;
mod serve;

use std::path::{Path, PathBuf};

use ledger::Pin;
use ledger::note::{NoteAlgorithm, VerifierKey};
use serde_json::json;
use url::Url;

use crate::failure::Failure;
use crate::{custody, output};
use args::{Ask, WitnessCommand, WritePin};
use files::{WitnessEntry, WitnessesFile};

pub(crate) use collect::Witnesses;

/// The pin that asks for witnesses, beside the operator's own.
pub(crate) const WITNESSED_PIN: &str = "witnessed-pin.json";
/// Whom a ledger asks.
const WITNESSES: &str = "witnesses.json";

pub(crate) async fn run(command: &WitnessCommand, as_json: bool) -> Result<(), Failure> {
    match command {
        WitnessCommand::Init(args) => init(args, as_json),
        WitnessCommand::Follow(args) => follow(args, as_json),
        WitnessCommand::Serve(args) => serve::run(args, as_json).await,
        WitnessCommand::Ask(args) => ask(args, as_json).await,
    }
}

fn init(args: &args::Init, as_json: bool) -> Result<(), Failure> {
    let key = home::init(args)?;
    output::result(
        as_json,
        &json!({"name": args.name, "key": key.to_string()}),
        format_args!(
            "Witness {} begun in {}.\nKey: {key}\nGive the key to the ledgers that it is to follow.",
            args.name,
            args.dir.display(),
        ),
    );
    Ok(())
}

fn follow(args: &args::Follow, as_json: bool) -> Result<(), Failure> {
    let pin = home::follow(args)?;
    output::result(
        as_json,
        &json!({
            "ledger": pin.ledger(),
            "name": pin.name(),
            "origin": pin.origin(),
            "fingerprint": pin.fingerprint(),
        }),
        format_args!(
            "The witness follows {:?} from its next start on.\nFingerprint of its pin: {}",
            pin.name(),
            pin.fingerprint(),
        ),
    );
    Ok(())
}

async fn ask(args: &Ask, as_json: bool) -> Result<(), Failure> {
    let pin = home::read_pin(&args.dir.join("pin.json"))?;
    let key = witness_key(&args.key)?;
    let url = args.url.trim_end_matches('/');
    url.parse::<Url>()
        .map_err(|_| Failure::failed("usage", format!("{url} is not a URL")))?;
    let mut file = read(&args.dir)?;
    let other = |entry: &WitnessEntry| entry.key != args.key;
    let known: Vec<VerifierKey> = file
        .witnesses
        .iter()
        .filter(|entry| other(entry))
        .map(|entry| witness_key(&entry.key))
        .collect::<Result<_, _>>()?;
    // What a pin could never count twice is not asked twice.
    let all = [known, vec![key.clone()]].concat();
    let count = all.len();
    pin.without_witnesses()
        .with_witnesses(all, count)
        .map_err(|error| Failure::refused("witnesses", error.to_string()))?;
    let compared = compare::compare(url, &key).await?;
    if let Err(why) = &compared {
        output::remark(format_args!(
            "The key was not compared with the witness at {url}: {why}. Its first cosignature will \
             show whose it is."
        ));
    }
    file.witnesses.retain(other);
    file.witnesses.push(WitnessEntry {
        url: url.to_owned(),
        key: args.key.clone(),
    });
    file.version = 1;
    files::write(&args.dir.join(WITNESSES), &file)?;
    output::result(
        as_json,
        &json!({
            "witness": key.name(),
            "url": url,
            "witnesses": count,
            "compared": compared.is_ok(),
        }),
        format_args!(
            "{} is asked for each new checkpoint: {count} in all. It must follow this ledger; give \
             it DIR/pin.json.",
            key.name(),
        ),
    );
    Ok(())
}

/// Writes a pin that asks for witnesses.
pub(crate) fn write_pin(args: &WritePin, as_json: bool) -> Result<(), Failure> {
    let pin = home::read_pin(&args.dir.join("pin.json"))?;
    let keys: Vec<String> = if args.witness.is_empty() {
        let asked = read(&args.dir)?.witnesses;
        asked.into_iter().map(|entry| entry.key).collect()
    } else {
        args.witness.clone()
    };
    let keys: Vec<VerifierKey> = keys
        .iter()
        .map(|key| witness_key(key))
        .collect::<Result<_, _>>()?;
    if args.threshold == 0 {
        return Err(Failure::failed("usage", "a threshold is at least 1"));
    }
    let pin = pin
        .without_witnesses()
        .with_witnesses(keys, args.threshold)
        .map_err(|error| Failure::refused("witnesses", error.to_string()))?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| args.dir.join(WITNESSED_PIN));
    custody::write_whole(&out, &pin.to_bytes())?;
    let names: Vec<&str> = pin.witnesses().iter().map(VerifierKey::name).collect();
    output::result(
        as_json,
        &json!({
            "pin": out,
            "ledger": pin.ledger(),
            "threshold": pin.threshold(),
            "witnesses": names,
            "fingerprint": pin.fingerprint(),
        }),
        format_args!(
            "Pin: {}\nWhoever follows the ledger by it accepts only what {} of {} witnesses cosigned.\
             \nFingerprint: {}",
            out.display(),
            pin.threshold(),
            names.len(),
            pin.fingerprint(),
        ),
    );
    Ok(())
}

/// The pin that is handed out: the one that asks for witnesses, where there is one.
pub(crate) fn served_pin(dir: &Path) -> PathBuf {
    let witnessed = dir.join(WITNESSED_PIN);
    if witnessed.exists() {
        witnessed
    } else {
        dir.join("pin.json")
    }
}

/// True where the ledger in `dir` has witnesses to ask.
pub(crate) fn has_any(dir: &Path) -> bool {
    dir.join(WITNESSES).exists()
}

/// How many witnesses the readers of this ledger want, where a pin says so.
fn threshold(dir: &Path) -> Option<usize> {
    let pin = std::fs::read(dir.join(WITNESSED_PIN)).ok()?;
    Some(Pin::parse(&pin).ok()?.threshold())
}

fn read(dir: &Path) -> Result<WitnessesFile, Failure> {
    let path = dir.join(WITNESSES);
    if path.exists() {
        files::read(&path)
    } else {
        Ok(WitnessesFile::default())
    }
}

fn witness_key(text: &str) -> Result<VerifierKey, Failure> {
    let refused = |why: String| Failure::refused("witness_key", why);
    let key = VerifierKey::parse(text).map_err(|error| refused(error.to_string()))?;
    if key.algorithm() == NoteAlgorithm::Cosignature {
        Ok(key)
    } else {
        Err(refused("a log's key is not a witness's".to_owned()))
    }
}
