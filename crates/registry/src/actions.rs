//! What is to happen on the ledger, as the command line says it.

use std::path::PathBuf;

use credential::catalogue;
use credential::did::Relationship;
use keys::{PublicKey, SigningKey, UnixTime, b64};
use ledger::event::{self, Action, Event, GOVERNANCE, Names};
use ledger::record::{KeyRecord, Record};
use ledger::{Registry, possession};

use crate::args;
use crate::custody;
use crate::dates;
use crate::failure::Failure;
use crate::import::{self, Registration};
use crate::purposes;

/// An action, and who signs it.
pub(crate) struct Deed {
    pub(crate) signer: String,
    pub(crate) action: Action,
}

impl Deed {
    pub(crate) fn new(signer: &str, action: Action) -> Self {
        Self {
            signer: signer.to_owned(),
            action,
        }
    }

    /// The event, as the next one of its signer; the log must take it within so many seconds.
    pub(crate) fn event(self, registry: &Registry, now: UnixTime, within: UnixTime) -> Event {
        Event {
            ledger: Some(registry.ledger().to_owned()),
            sequence: registry.next_sequence(&self.signer),
            signer: self.signer,
            submit_before: now.max(registry.time()) + within,
            action: self.action,
        }
    }
}

/// Gives the file of a new control key too, where one was made.
pub(crate) fn accredit(
    registry: &Registry,
    args: &args::Accredit,
) -> Result<(Deed, Option<PathBuf>), Failure> {
    let until = dates::end(&args.until)?;
    let registration = registration(registry, &args.id);
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
            possession: possession::prove(&key, &args.id, registry.ledger()),
        }]
    } else {
        import::control_keys(args.jwk.as_ref(), &registration)?
    };
    let action = Action::Accredit(event::Accredit {
        id: args.id.clone(),
        names: names(&args.names),
        control_keys,
        types: type_ids(&args.types),
        until,
    });
    Ok((Deed::new(GOVERNANCE, action), made))
}

pub(crate) async fn register_issuer(
    registry: &Registry,
    args: &args::RegisterIssuer,
) -> Result<Deed, Failure> {
    let registration = registration(registry, &args.id);
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
    Ok(Deed::new(&args.by, action))
}

pub(crate) async fn register_service(
    registry: &Registry,
    args: &args::RegisterService,
) -> Result<Deed, Failure> {
    let purposes = purposes::read(&args.purposes)?;
    let registration = registration(registry, &args.id);
    let action = Action::RegisterService(event::RegisterService {
        id: args.id.clone(),
        names: names(&args.names),
        keys: import::service_keys(&args.source, &registration).await?,
        purposes,
        until: args.until.as_deref().map(dates::end).transpose()?,
    });
    Ok(Deed::new(&args.by, action))
}

pub(crate) async fn rotate_key(
    registry: &Registry,
    args: &args::RotateKey,
) -> Result<Deed, Failure> {
    let registration = registration(registry, &args.id);
    let mut new = import::issuer_keys(&args.source, &registration).await?;
    let (Some(new), true) = (new.pop(), new.is_empty()) else {
        return Err(Failure::failed("usage", "name exactly one new key"));
    };
    let record = record(registry, &args.id)?;
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
    Ok(Deed::new(&by, action))
}

pub(crate) async fn revoke_key(
    registry: &Registry,
    args: &args::RevokeKey,
) -> Result<Deed, Failure> {
    let registration = registration(registry, &args.id);
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
    let record = record(registry, &args.id)?;
    let key = choose_key(record, named.as_deref(), |key| key.revoked.is_none())?;
    let by = args.by.clone().unwrap_or_else(|| key.by.clone());
    let action = Action::RevokeKey(event::RevokeKey {
        id: args.id.clone(),
        key: key.thumbprint.clone(),
        reason: args.reason.clone(),
        invalid_from: args.invalid_from.as_deref().map(dates::start).transpose()?,
    });
    Ok(Deed::new(&by, action))
}

pub(crate) fn withdraw(registry: &Registry, args: &args::Withdraw) -> Result<Deed, Failure> {
    let id = catalogue::type_id(&args.id);
    let record = record(registry, id)?;
    let by = match &args.by {
        Some(by) => by.clone(),
        None => who_withdraws(record)?,
    };
    let action = Action::Withdraw(event::Withdraw {
        id: id.to_owned(),
        types: (!args.types.is_empty()).then(|| type_ids(&args.types)),
        reason: args.reason.clone(),
    });
    Ok(Deed::new(&by, action))
}

fn registration<'r>(registry: &'r Registry, body: &'r str) -> Registration<'r> {
    Registration {
        body,
        ledger: registry.ledger(),
        demo: registry.governance().demo,
    }
}

fn record<'r>(registry: &'r Registry, id: &str) -> Result<&'r Record, Failure> {
    let unknown = ledger::Rejection::UnknownBody;
    registry.record(id).ok_or_else(|| unknown.into())
}

/// Issuing keys and keys of services.
pub(crate) fn all_keys(record: &Record) -> impl Iterator<Item = &KeyRecord> {
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
        .map(|written| {
            let written = written.trim();
            let id = catalogue::type_id(written);
            // A short name that was mistyped would stand on the ledger for good.
            if id == written && id != "*" && !id.contains([':', '.']) {
                crate::output::remark(format_args!(
                    "{id} is not the short name of a type that this program carries: it is \
                     written as it stands."
                ));
            }
            id.to_owned()
        })
        .collect()
}
