//! The commands that write events.

use std::path::{Path, PathBuf};

use keys::{SigningKey, UnixTime};
use ledger::event::{self, ATTESTED, Action, Event, GOVERNANCE};
use ledger::{LedgerWriter, Log, LogError, Receipt, SignedEvent};
use serde_json::{Value, json};

use crate::actions::{self, Deed};
use crate::args;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::network::{self, args::ValidatorCommand};
use crate::output;
use crate::publish;
use crate::witness::Witnesses;
use crate::writer;

/// A signed event must reach the log within so many seconds.
const SUBMIT_WITHIN: UnixTime = 3600;

pub(crate) fn init(args: &args::Init, as_json: bool) -> Result<(), Failure> {
    if args.dir.join("checkpoint").exists() || args.dir.join("pin.json").exists() {
        return Err(LogError::Exists.into());
    }
    std::fs::create_dir_all(&args.dir)
        .map_err(|error| Failure::failed("ledger_folder", error.to_string()))?;
    let now = dates::now();
    let keys_dir = args.dir.join("keys");
    let governance = match &args.key {
        Some(file) => custody::read_secret(file)?,
        None => SigningKey::make_ed25519(),
    };
    let operator = ledger::OperatorKeys {
        log: SigningKey::make_ed25519(),
        operator: SigningKey::make_ed25519(),
    };
    let genesis = genesis_event(&args.name, args.demo, &governance, Vec::new(), now)?;
    if args.key.is_none() {
        custody::write_key(&custody::control_path(&args.dir, GOVERNANCE), &governance)?;
    }
    custody::write_key(&keys_dir.join("log.pem"), &operator.log)?;
    custody::write_key(&keys_dir.join("operator.pem"), &operator.operator)?;
    let log = match Log::create(&args.dir, genesis, &operator, now) {
        Ok(log) => log,
        Err(error) => {
            // Nothing refers to these keys; they would only stand in the way of a new try.
            for name in ["governance.pem", "log.pem", "operator.pem"] {
                if name != "governance.pem" || args.key.is_none() {
                    let _ = std::fs::remove_file(keys_dir.join(name));
                }
            }
            return Err(error.into());
        }
    };
    let pin = log.pin();
    output::result(
        as_json,
        &json!({
            "ledger": pin.ledger(),
            "name": pin.name(),
            "demo": args.demo,
            "size": 1,
            "pin": args.dir.join("pin.json"),
            "fingerprint": pin.fingerprint(),
        }),
        format_args!(
            "Ledger {:?} begun in {}.\nPin: {}\nFingerprint: {}\n\
             Back up {}: whoever has these keys can accredit.",
            pin.name(),
            args.dir.display(),
            args.dir.join("pin.json").display(),
            pin.fingerprint(),
            keys_dir.display(),
        ),
    );
    Ok(())
}

/// The genesis of a ledger with one governance key; with validators, that of a network.
pub(crate) fn genesis_event(
    name: &str,
    demo: bool,
    governance: &SigningKey,
    validators: Vec<event::Validator>,
    now: UnixTime,
) -> Result<SignedEvent, Failure> {
    let nonce = SigningKey::make_ed25519().public().thumbprint();
    let genesis = Event {
        ledger: None,
        signer: GOVERNANCE.to_owned(),
        sequence: 1,
        submit_before: now + SUBMIT_WITHIN,
        action: Action::Genesis(event::Genesis {
            name: name.to_owned(),
            rules: ledger::RULES,
            keys: vec![governance.public().to_jwk()],
            threshold: 1,
            demo,
            validators,
            nonce: nonce.get(..22).unwrap_or(&nonce).to_owned(),
        }),
    };
    Ok(SignedEvent::sign(&genesis, &[governance]).map_err(LogError::from)?)
}

pub(crate) async fn accredit(args: &args::Accredit, as_json: bool) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let (accredit, made) = actions::accredit(log.registry(), args)?;
    let done = submit(&mut *log, &args.dir, args.signing.key.as_ref(), accredit).await;
    if done.is_err()
        && let Some(path) = made
    {
        let _ = std::fs::remove_file(path);
    }
    report(as_json, &*log, done?, "accredit", &args.id)
}

pub(crate) async fn register_issuer(
    args: &args::RegisterIssuer,
    as_json: bool,
) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = actions::register_issuer(log.registry(), args).await?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

pub(crate) async fn register_service(
    args: &args::RegisterService,
    as_json: bool,
) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = actions::register_service(log.registry(), args).await?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

pub(crate) async fn rotate_key(args: &args::RotateKey, as_json: bool) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = actions::rotate_key(log.registry(), args).await?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

pub(crate) async fn revoke_key(args: &args::RevokeKey, as_json: bool) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = actions::revoke_key(log.registry(), args).await?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

pub(crate) async fn withdraw(args: &args::Withdraw, as_json: bool) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = actions::withdraw(log.registry(), args)?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

pub(crate) async fn set_validator(
    command: &ValidatorCommand,
    as_json: bool,
) -> Result<(), Failure> {
    let change = command.change();
    let mut log = writer::open(&change.dir, &change.signing).await?;
    let deed = network::set_validator(log.registry(), command)?;
    write(&mut *log, &change.dir, &change.signing, deed, as_json).await
}

pub(crate) async fn publish_type(args: &args::PublishType, as_json: bool) -> Result<(), Failure> {
    let mut log = writer::open(&args.dir, &args.signing).await?;
    let deed = publish::deed(args)?;
    write(&mut *log, &args.dir, &args.signing, deed, as_json).await
}

/// Signs, appends and reports one event.
async fn write(
    log: &mut dyn LedgerWriter,
    dir: &Path,
    signing: &args::Signing,
    deed: Deed,
    as_json: bool,
) -> Result<(), Failure> {
    let (name, subject) = (deed.action.name(), deed.action.subject().to_owned());
    let receipt = submit(log, dir, signing.key.as_ref(), deed).await?;
    report(as_json, log, receipt, name, &subject)
}

pub(crate) fn attest(args: &args::Folder, as_json: bool) -> Result<(), Failure> {
    let keys = custody::operator_keys(&args.dir)?;
    let mut log = Log::open(&args.dir)?;
    let now = dates::now();
    let witnesses = Witnesses::attach(&mut log, &args.dir)?;
    log.attest(&keys, now)?;
    if let Some(witnesses) = witnesses {
        witnesses.say();
    }
    output::result(
        as_json,
        &json!({"attested": now, "size": log.registry().size()}),
        format_args!("Attested at {}.", dates::show(now)),
    );
    Ok(())
}

/// Signs and submits one event.
async fn submit(
    log: &mut dyn LedgerWriter,
    dir: &Path,
    key: Option<&PathBuf>,
    deed: Deed,
) -> Result<Receipt, Failure> {
    let now = dates::now();
    let signer = deed.signer.as_str();
    let control = custody::control_key(dir, signer, key).map_err(|error| {
        // A signer that the ledger does not know is refused by that name, not for its key.
        let known = signer == GOVERNANCE || log.registry().record(signer).is_some();
        if known {
            error
        } else {
            ledger::Rejection::NotAccredited.into()
        }
    })?;
    let event = deed.event(log.registry(), now, SUBMIT_WITHIN);
    let signed = SignedEvent::sign(&event, &[&control]).map_err(LogError::from)?;
    Ok(log.submit(signed, now).await?)
}

fn report(
    as_json: bool,
    log: &dyn LedgerWriter,
    taken: Receipt,
    action: &str,
    id: &str,
) -> Result<(), Failure> {
    let (object, text) = receipt(log, taken, action, id);
    output::result(as_json, &object, text);
    Ok(())
}

/// What is said of an event that was taken, as JSON and in words.
pub(crate) fn receipt(
    log: &dyn LedgerWriter,
    receipt: Receipt,
    action: &str,
    id: &str,
) -> (Value, String) {
    let keys: Vec<Value> = log
        .registry()
        .record(id)
        .into_iter()
        .flat_map(actions::all_keys)
        .map(|key| {
            json!({
                "thumbprint": key.thumbprint,
                "ca": key.entry.ca,
                "possession": if key.entry.possession == ATTESTED { "attested" } else { "proven" },
                "standing": crate::show::key_standing(key),
            })
        })
        .collect();
    let object = json!({
        "action": action,
        "id": id,
        "index": receipt.index,
        "time": receipt.time,
        "size": log.registry().size(),
        "ledger": log.registry().ledger(),
        "keys": keys,
    });
    let text = format!(
        "Entry {}: {action} {id}, {}.",
        receipt.index,
        dates::show(receipt.time)
    );
    (object, text)
}
