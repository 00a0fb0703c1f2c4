//! The commands that write events.

use std::path::{Path, PathBuf};

use credential::catalogue;
use credential::did::Relationship;
use keys::{PublicKey, SigningKey, UnixTime, b64};
use ledger::event::{self, ATTESTED, Action, Event, GOVERNANCE, Names};
use ledger::record::{KeyRecord, Record};
use ledger::{Log, LogError, Receipt, SignedEvent, possession};
use serde_json::{Value, json};

use crate::args;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::import::{self, Registration};
use crate::output;
use crate::purposes;
use crate::witness::Witnesses;

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
    let genesis = genesis_event(&args.name, args.demo, &governance, now)?;
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

/// The genesis of a ledger with one governance key.
pub(crate) fn genesis_event(
    name: &str,
    demo: bool,
    governance: &SigningKey,
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
            nonce: nonce.get(..22).unwrap_or(&nonce).to_owned(),
        }),
    };
    Ok(SignedEvent::sign(&genesis, &[governance]).map_err(LogError::from)?)
}

pub(crate) fn accredit(args: &args::Accredit, as_json: bool) -> Result<(), Failure> {
    let mut log = Log::open(&args.dir)?;
    let registration = registration(&log, &args.id);
    let mut made = None;
    let control_keys = if args.new_key {
        let path = custody::control_path(&args.dir, &args.id);
        let key = if path.exists() {
            // The body comes back after an end: its key in the folder is still its own.
            custody::read_secret(&path)?
        } else {
            let key = SigningKey::make_ed25519();
            custody::write_key(&path, &key)?;
            made = Some(path);
            key
        };
        vec![event::ControlKey {
            jwk: key.public().to_jwk(),
            possession: possession::prove(&key, &args.id, log.registry().ledger()),
        }]
    } else {
        import::control_keys(args.jwk.as_ref(), &registration)?
    };
    let action = Action::Accredit(event::Accredit {
        id: args.id.clone(),
        names: names(&args.names),
        control_keys,
        types: type_ids(&args.types),
        until: dates::end(&args.until)?,
    });
    let key = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, GOVERNANCE, key, action);
    if done.is_err()
        && let Some(path) = made
    {
        let _ = std::fs::remove_file(path);
    }
    report(as_json, &log, done?, "accredit", &args.id)
}

pub(crate) async fn register_issuer(
    args: &args::RegisterIssuer,
    as_json: bool,
) -> Result<(), Failure> {
    let mut log = Log::open(&args.dir)?;
    let registration = registration(&log, &args.id);
    let action = Action::RegisterIssuer(event::RegisterIssuer {
        id: args.id.clone(),
        names: names(&args.names),
        jurisdiction: args.jurisdiction.clone(),
        control_keys: import::control_keys(args.control_jwk.as_ref(), &registration)?,
        keys: import::issuer_keys(&args.source, &registration).await?,
        types: type_ids(&args.types),
        until: args.until.as_deref().map(dates::end).transpose()?,
        status_lists: args.status_list.clone(),
    });
    let key = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, &args.by, key, action)?;
    report(as_json, &log, done, "register-issuer", &args.id)
}

pub(crate) async fn register_service(
    args: &args::RegisterService,
    as_json: bool,
) -> Result<(), Failure> {
    let purposes = purposes::read(&args.purposes)?;
    let mut log = Log::open(&args.dir)?;
    let registration = registration(&log, &args.id);
    let action = Action::RegisterService(event::RegisterService {
        id: args.id.clone(),
        names: names(&args.names),
        keys: import::service_keys(&args.source, &registration).await?,
        purposes,
        until: args.until.as_deref().map(dates::end).transpose()?,
    });
    let key = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, &args.by, key, action)?;
    report(as_json, &log, done, "register-service", &args.id)
}

pub(crate) async fn rotate_key(args: &args::RotateKey, as_json: bool) -> Result<(), Failure> {
    let mut log = Log::open(&args.dir)?;
    let registration = registration(&log, &args.id);
    let mut new = import::issuer_keys(&args.source, &registration).await?;
    let (Some(new), true) = (new.pop(), new.is_empty()) else {
        return Err(Failure::failed("usage", "name exactly one new key"));
    };
    let record = record(&log, &args.id)?;
    let standing = |key: &&KeyRecord| key.revoked.is_none() && key.rotated.is_none();
    let old = choose_key(record, args.old.as_deref(), standing)?;
    let accept_until = match &args.accept_until {
        Some(date) => dates::end(date)?,
        None => last_end(record, &old.by),
    };
    let by = args.by.clone().unwrap_or_else(|| old.by.clone());
    let action = Action::RotateKey(event::RotateKey {
        id: args.id.clone(),
        old: old.thumbprint.clone(),
        new,
        accept_until,
    });
    let key = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, &by, key, action)?;
    report(as_json, &log, done, "rotate-key", &args.id)
}

pub(crate) async fn revoke_key(args: &args::RevokeKey, as_json: bool) -> Result<(), Failure> {
    let mut log = Log::open(&args.dir)?;
    let registration = registration(&log, &args.id);
    let named = import::keys(&args.source, &registration, Relationship::Assertion).await?;
    let named = match (args.thumbprint.clone(), named.as_slice()) {
        (Some(thumbprint), []) => Some(thumbprint),
        (None, []) => None,
        (None, [entry]) => Some(entry_thumbprint(entry)?),
        _ => {
            return Err(Failure::failed(
                "usage",
                "name exactly one key, by its thumbprint or itself",
            ));
        }
    };
    let record = record(&log, &args.id)?;
    let key = choose_key(record, named.as_deref(), |key| key.revoked.is_none())?;
    let by = args.by.clone().unwrap_or_else(|| key.by.clone());
    let action = Action::RevokeKey(event::RevokeKey {
        id: args.id.clone(),
        key: key.thumbprint.clone(),
        reason: args.reason.clone(),
        invalid_from: args.invalid_from.as_deref().map(dates::start).transpose()?,
    });
    let signing = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, &by, signing, action)?;
    report(as_json, &log, done, "revoke-key", &args.id)
}

pub(crate) fn withdraw(args: &args::Withdraw, as_json: bool) -> Result<(), Failure> {
    let mut log = Log::open(&args.dir)?;
    let id = catalogue::type_id(&args.id);
    let record = record(&log, id)?;
    let by = match &args.by {
        Some(by) => by.clone(),
        None => who_withdraws(record)?,
    };
    let action = Action::Withdraw(event::Withdraw {
        id: id.to_owned(),
        types: (!args.types.is_empty()).then(|| type_ids(&args.types)),
        reason: args.reason.clone(),
    });
    let key = args.signing.key.as_ref();
    let done = submit(&mut log, &args.dir, &by, key, action)?;
    report(as_json, &log, done, "withdraw", id)
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

/// Signs and appends one event.
pub(crate) fn submit(
    log: &mut Log,
    dir: &Path,
    signer: &str,
    key: Option<&PathBuf>,
    action: Action,
) -> Result<Receipt, Failure> {
    let now = dates::now();
    let control = custody::control_key(dir, signer, key).map_err(|error| {
        // A signer that the ledger does not know is refused by that name, not for its key.
        let known = signer == GOVERNANCE || log.registry().record(signer).is_some();
        if known {
            error
        } else {
            ledger::Rejection::NotAccredited.into()
        }
    })?;
    let operator = custody::operator_keys(dir)?;
    let time = now.max(log.registry().time());
    let event = Event {
        ledger: Some(log.registry().ledger().to_owned()),
        signer: signer.to_owned(),
        sequence: log.registry().next_sequence(signer),
        submit_before: time + SUBMIT_WITHIN,
        action,
    };
    let signed = SignedEvent::sign(&event, &[&control]).map_err(LogError::from)?;
    let witnesses = Witnesses::attach(log, dir)?;
    let receipts = log.append(vec![signed], &operator, now)?;
    if let Some(witnesses) = witnesses {
        witnesses.say();
    }
    receipts
        .first()
        .copied()
        .ok_or_else(|| Failure::failed("ledger_folder", "the log gave no receipt"))
}

pub(crate) fn report(
    as_json: bool,
    log: &Log,
    receipt: Receipt,
    action: &str,
    id: &str,
) -> Result<(), Failure> {
    let keys: Vec<Value> = log
        .registry()
        .record(id)
        .into_iter()
        .flat_map(all_keys)
        .map(|key| {
            json!({
                "thumbprint": key.thumbprint,
                "ca": key.entry.ca,
                "possession": if key.entry.possession == ATTESTED { "attested" } else { "proven" },
                "standing": crate::show::key_standing(key),
            })
        })
        .collect();
    output::result(
        as_json,
        &json!({
            "action": action,
            "id": id,
            "index": receipt.index,
            "time": receipt.time,
            "size": log.registry().size(),
            "ledger": log.registry().ledger(),
            "keys": keys,
        }),
        format_args!(
            "Entry {}: {action} {id}, {}.",
            receipt.index,
            dates::show(receipt.time)
        ),
    );
    Ok(())
}

fn registration<'r>(log: &'r Log, body: &'r str) -> Registration<'r> {
    Registration {
        body,
        ledger: log.pin().ledger(),
        demo: log.registry().governance().demo,
    }
}

fn record<'l>(log: &'l Log, id: &str) -> Result<&'l Record, Failure> {
    let unknown = ledger::Rejection::UnknownBody;
    log.registry().record(id).ok_or_else(|| unknown.into())
}

fn all_keys(record: &Record) -> impl Iterator<Item = &KeyRecord> {
    let issuing = record.issuer.iter().flat_map(|issuer| &issuer.keys);
    issuing.chain(record.services.iter().flat_map(|service| &service.keys))
}

/// The key with this thumbprint, or the only one of which `may_be` is true.
fn choose_key<'k>(
    record: &'k Record,
    thumbprint: Option<&str>,
    may_be: impl Fn(&&'k KeyRecord) -> bool,
) -> Result<&'k KeyRecord, Failure> {
    let unknown = || Failure::from(ledger::Rejection::UnknownKey);
    if let Some(thumbprint) = thumbprint {
        let named = all_keys(record).filter(|key| key.thumbprint == thumbprint);
        return named.last().ok_or_else(unknown);
    }
    let mut candidates = all_keys(record).filter(may_be);
    match (candidates.next(), candidates.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(unknown()),
        _ => Err(Failure::failed(
            "usage",
            "the body has several keys: name one by its thumbprint",
        )),
    }
}

fn last_end(record: &Record, by: &str) -> UnixTime {
    let grants = record
        .issuer
        .iter()
        .flat_map(|issuer| &issuer.grants)
        .filter(|grant| grant.by == by)
        .map(|grant| grant.until);
    let services = record
        .services
        .iter()
        .filter(|service| service.by == by)
        .map(|service| service.until);
    grants.chain(services).max().unwrap_or_default()
}

/// Who withdraws where `--by` is left out: there must be only one who can.
fn who_withdraws(record: &Record) -> Result<String, Failure> {
    let now = dates::now();
    let mut who: Vec<&str> = Vec::new();
    if record.accreditations.iter().any(|own| own.stands_at(now)) {
        who.push(GOVERNANCE);
    }
    let grants = record.issuer.iter().flat_map(|issuer| &issuer.grants);
    who.extend(
        grants
            .filter(|grant| grant.stands_at(now))
            .map(|grant| grant.by.as_str()),
    );
    who.extend(
        record
            .services
            .iter()
            .filter(|service| service.stands_at(now))
            .map(|service| service.by.as_str()),
    );
    who.extend(
        record
            .publications
            .iter()
            .filter(|publication| publication.withdrawn.is_none())
            .map(|publication| publication.by.as_str()),
    );
    who.sort_unstable();
    who.dedup();
    match who.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(ledger::Rejection::NothingToWithdraw.into()),
        _ => Err(Failure::failed("usage", "say with --by who withdraws")),
    }
}

fn entry_thumbprint(entry: &event::KeyEntry) -> Result<String, Failure> {
    let malformed = || Failure::refused("malformed_key", "the key cannot be read");
    if let Some(jwk) = &entry.jwk {
        let key = PublicKey::from_jwk(jwk).map_err(|_| malformed())?;
        return Ok(key.thumbprint());
    }
    let x509 = entry.x509.as_deref().ok_or_else(malformed)?;
    let der = b64::decode_standard(x509).map_err(|_| malformed())?;
    let certificate = keys::x509::Certificate::from_der(&der).map_err(|_| malformed())?;
    Ok(certificate.public_key().thumbprint())
}

fn names(args: &args::Names) -> Names {
    let mut names = Names::from([("en".to_owned(), args.name.clone())]);
    for (tag, name) in [("cy", &args.name_cy), ("gd", &args.name_gd)] {
        if let Some(name) = name {
            names.insert(tag.to_owned(), name.clone());
        }
    }
    names
}

/// Short names become the type ids that credentials carry.
fn type_ids(written: &[String]) -> Vec<String> {
    written
        .iter()
        .map(|written| catalogue::type_id(written.trim()).to_owned())
        .collect()
}
