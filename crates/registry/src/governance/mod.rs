//! Events that several must sign: proposed, shown, signed away from the ledger, and submitted.

pub(crate) mod args;
mod words;

use std::io::{BufRead as _, Read as _};
use std::path::{Path, PathBuf};

use keys::{SigningKey, UnixTime};
use ledger::event::{self, Action, GOVERNANCE};
use ledger::{LeftOut, MAX_PROPOSAL, Proposal, ProposalError, Registry};
use serde_json::{Value, json};

use crate::actions::{self, Deed};
use crate::args::Signing;
use crate::commands;
use crate::failure::Failure;
use crate::{custody, dates, network, output, publish, writer};
use args::{EventCommand, Propose, ProposedAction, Show, Sign, Submit};

const DAY: UnixTime = 24 * 3600;

pub(crate) async fn run(command: &EventCommand, as_json: bool) -> Result<(), Failure> {
    match command {
        EventCommand::Propose(args) => propose(args, as_json).await,
        EventCommand::Show(args) => show(args, as_json).await,
        EventCommand::Sign(args) => sign(args, as_json).await,
        EventCommand::Submit(args) => submit(args, as_json).await,
    }
}

async fn propose(args: &Propose, as_json: bool) -> Result<(), Failure> {
    let (dir, key) = args.action.place();
    let registry = read_ledger(dir).await?;
    let deed = deed(&registry, &args.action).await?;
    let event = deed.event(&registry, dates::now(), UnixTime::from(args.within) * DAY);
    let mut proposal = Proposal::new(&event).map_err(refused)?;
    if let Some(key) = key {
        proposal
            .sign(&custody::read_secret(key)?)
            .map_err(refused)?;
    }
    let name = format!("{}-{}.event.json", event.action.name(), event.sequence);
    let out = args.out.clone().unwrap_or_else(|| name.into());
    if out.exists() {
        let there = format!("{} is there already", out.display());
        return Err(Failure::failed("file", there));
    }
    custody::write_whole(&out, &proposal.to_bytes())?;
    let mut object = state(&proposal, Some(&registry))?;
    add(&mut object, "file", json!(out));
    let text = words::whole(&proposal, Some(&registry));
    output::result(
        as_json,
        &object,
        format_args!("{text}\nWritten to {}.", out.display()),
    );
    Ok(())
}

async fn deed(registry: &Registry, action: &ProposedAction) -> Result<Deed, Failure> {
    match action {
        ProposedAction::Accredit(args) if args.new_key => Err(Failure::failed(
            "usage",
            "the body makes its own control key: give its public part with --jwk FILE",
        )),
        ProposedAction::Accredit(args) => Ok(actions::accredit(registry, args)?.0),
        ProposedAction::RegisterIssuer(args) => actions::register_issuer(registry, args).await,
        ProposedAction::RegisterService(args) => actions::register_service(registry, args).await,
        ProposedAction::RotateKey(args) => actions::rotate_key(registry, args).await,
        ProposedAction::RevokeKey(args) => actions::revoke_key(registry, args).await,
        ProposedAction::Withdraw(args) => actions::withdraw(registry, args),
        ProposedAction::PublishType(args) => publish::deed(args),
        ProposedAction::RotateGovernance(args) => {
            let mut keys: Vec<Value> = Vec::new();
            for file in &args.jwk {
                let read = custody::read_keys(file)?;
                keys.extend(read.into_iter().map(|key| key.public.to_jwk()));
            }
            let action = Action::RotateGovernance(event::RotateGovernance {
                keys,
                threshold: args.threshold,
            });
            Ok(Deed::new(GOVERNANCE, action))
        }
        ProposedAction::AdoptRules(args) => {
            let action = Action::AdoptRules(event::AdoptRules { rules: args.rules });
            Ok(Deed::new(GOVERNANCE, action))
        }
        ProposedAction::Validator { command } => network::set_validator(registry, command),
    }
}

impl ProposedAction {
    /// The ledger's folder, and the key to sign with at once.
    fn place(&self) -> (&Path, Option<&PathBuf>) {
        match self {
            Self::Accredit(args) => (&args.dir, args.signing.key.as_ref()),
            Self::RegisterIssuer(args) => (&args.dir, args.signing.key.as_ref()),
            Self::RegisterService(args) => (&args.dir, args.signing.key.as_ref()),
            Self::RotateKey(args) => (&args.dir, args.signing.key.as_ref()),
            Self::RevokeKey(args) => (&args.dir, args.signing.key.as_ref()),
            Self::Withdraw(args) => (&args.dir, args.signing.key.as_ref()),
            Self::PublishType(args) => (&args.dir, args.signing.key.as_ref()),
            Self::RotateGovernance(args) => (&args.dir, None),
            Self::AdoptRules(args) => (&args.dir, None),
            Self::Validator { command } => {
                let change = command.change();
                (&change.dir, change.signing.key.as_ref())
            }
        }
    }
}

async fn show(args: &Show, as_json: bool) -> Result<(), Failure> {
    let proposal = read(&args.file)?;
    let registry = match &args.ledger {
        Some(dir) => Some(read_ledger(dir).await?),
        None => None,
    };
    let registry = registry.as_ref();
    output::result(
        as_json,
        &state(&proposal, registry)?,
        words::whole(&proposal, registry),
    );
    Ok(())
}

async fn sign(args: &Sign, as_json: bool) -> Result<(), Failure> {
    let mut proposal = read(&args.file)?;
    let key = custody::read_secret(&args.key)?;
    let registry = match &args.ledger {
        Some(dir) => Some(read_ledger(dir).await?),
        None => None,
    };
    if let Some(registry) = &registry {
        let (counted, left_out) = proposal.sift(registry);
        require_entitled(&counted, registry, &key)?;
        words::say_left_out(&left_out);
        proposal = counted;
    }
    if !args.yes {
        if as_json {
            let unasked = "with --json nobody can be asked: give --yes";
            return Err(Failure::failed("usage", unasked));
        }
        output::line(words::whole(&proposal, registry.as_ref()));
        confirm()?;
    }
    proposal.sign(&key).map_err(refused)?;
    let out = args.out.as_ref().unwrap_or(&args.file);
    custody::write_whole(out, &proposal.to_bytes())?;
    let mut object = state(&proposal, registry.as_ref())?;
    add(&mut object, "file", json!(out));
    output::result(as_json, &object, format_args!("Signed: {}.", out.display()));
    Ok(())
}

async fn submit(args: &Submit, as_json: bool) -> Result<(), Failure> {
    let copies: Vec<Proposal> = args
        .files
        .iter()
        .map(|file| read(file))
        .collect::<Result<_, _>>()?;
    let mut log = writer::open(&args.dir, &Signing::default()).await?;
    let (proposal, left_out) = join(&copies, log.registry())?;
    words::say_left_out(&left_out);
    if proposal.signers().next().is_none() && proposal.event().signer != GOVERNANCE {
        return Err(refused(ProposalError::Unsigned));
    }
    let now = dates::now();
    proposal.try_on(log.registry(), now)?;
    let signed = proposal.to_signed().map_err(refused)?;
    let receipt = log.submit(signed, now).await?;
    let action = &proposal.event().action;
    let (mut object, text) = commands::receipt(&*log, receipt, action.name(), action.subject());
    add(&mut object, "left_out", listed(&left_out));
    output::result(as_json, &object, text);
    Ok(())
}

/// The event with the signatures of all copies that count on this ledger, and those that do not,
/// each once.
fn join(copies: &[Proposal], registry: &Registry) -> Result<(Proposal, Vec<LeftOut>), Failure> {
    let mut joined: Option<Proposal> = None;
    let mut all: Vec<LeftOut> = Vec::new();
    for copy in copies {
        require_ledger(copy, registry)?;
        // Before they are joined: else what does not count would stand in the place of what does.
        let (counted, left_out) = copy.sift(registry);
        match &mut joined {
            None => joined = Some(counted),
            Some(joined) => {
                joined.merge(&counted).map_err(refused)?;
            }
        }
        all.extend(left_out);
    }
    all.sort_by(|one, other| one.key.cmp(&other.key));
    all.dedup();
    let joined = joined.ok_or_else(|| Failure::failed("usage", "name a file"))?;
    Ok((joined, all))
}

fn require_ledger(proposal: &Proposal, registry: &Registry) -> Result<(), Failure> {
    if proposal.event().ledger.as_deref() == Some(registry.ledger()) {
        Ok(())
    } else {
        Err(ledger::Rejection::WrongLedger.into())
    }
}

/// The key may sign this event, and the event is one of this ledger. `proposal` has only
/// signatures that count.
fn require_entitled(
    proposal: &Proposal,
    registry: &Registry,
    key: &SigningKey,
) -> Result<(), Failure> {
    require_ledger(proposal, registry)?;
    let thumbprint = key.public().thumbprint();
    let missing = proposal.missing(registry);
    if missing.contains(&thumbprint) || proposal.signers().any(|signer| signer == thumbprint) {
        Ok(())
    } else {
        Err(Failure::refused(
            "not_entitled",
            "this key is none of those that may sign the event",
        ))
    }
}

fn confirm() -> Result<(), Failure> {
    output::line("Type yes to sign it:");
    let mut answer = String::new();
    // A line and no more: at a terminal nothing ends the input.
    let read = std::io::stdin().lock().take(64).read_line(&mut answer);
    if read.is_ok() && answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::failed("not_signed", "nothing was signed"))
    }
}

fn state(proposal: &Proposal, registry: Option<&Registry>) -> Result<Value, Failure> {
    let event = proposal.event();
    let mut object = json!({
        "action": event.action.name(),
        "id": event.action.subject(),
        "ledger": event.ledger,
        "signer": event.signer,
        "sequence": event.sequence,
        "submit_before": event.submit_before,
        "fingerprint": proposal.fingerprint(),
        "signed": proposal.signers().collect::<Vec<_>>(),
        "words": words::deed(event),
    });
    if let Some(registry) = registry {
        let (counted, left_out) = proposal.sift(registry);
        let signed: Vec<&str> = counted.signers().collect();
        add(&mut object, "signed", json!(signed));
        add(&mut object, "left_out", listed(&left_out));
        add(&mut object, "not_signed", json!(counted.missing(registry)));
        let verdict = match counted.try_on(registry, dates::now()) {
            Ok(_) => Value::Null,
            Err(rule) => rule.name().into(),
        };
        add(&mut object, "refused", verdict);
    }
    Ok(object)
}

fn listed(left_out: &[LeftOut]) -> Value {
    let list = left_out
        .iter()
        .map(|one| json!({"key": one.key, "reason": one.reason.name()}));
    list.collect()
}

fn add(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

fn read(path: &Path) -> Result<Proposal, Failure> {
    let bytes = custody::read(path)?;
    if bytes.len() > MAX_PROPOSAL {
        return Err(refused(ProposalError::Malformed));
    }
    Proposal::parse(&bytes).map_err(refused)
}

async fn read_ledger(dir: &Path) -> Result<Registry, Failure> {
    Ok(writer::read(dir).await?.registry().clone())
}

fn refused(error: ProposalError) -> Failure {
    Failure::refused(error.name(), error.to_string())
}
