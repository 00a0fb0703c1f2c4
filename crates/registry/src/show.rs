//! The commands that read: `list`, `show` and `verify`.

use credential::catalogue;
use keys::PublicKey;
use ledger::event::{GOVERNANCE, Names};
use ledger::record::{Grant, KeyRecord, Record, Service};
use ledger::{Registry, Replica};
use serde_json::{Value, json};

use crate::args::{Folder, Show, Verify};
use crate::called::{self, Called, visible};
use crate::dates;
use crate::evidence;
use crate::failure::Failure;
use crate::output;
use crate::writer::{self, Known};

pub(crate) async fn list(args: &Folder, as_json: bool) -> Result<(), Failure> {
    let known = Known::find(&args.dir).await?;
    let registry = known.registry();
    let now = dates::now();
    let bodies: Vec<Value> = registry
        .records()
        .map(|record| body(registry, record, now))
        .collect();
    let mut text = format!(
        "{} ({} entries, attested {})",
        visible(&registry.governance().name),
        registry.size(),
        dates::show(known.attested())
    );
    let own = registry.governance();
    text.push_str(&format!(
        "\nGovernance: {} of {} keys sign; version {} of the rules",
        own.threshold,
        own.keys.len(),
        own.rules
    ));
    let called = Called::new(registry);
    for body in &bodies {
        let id = called.any(body.get("id").and_then(Value::as_str).unwrap_or_default());
        text.push_str(&format!("\n\n{}", body_text(&called, body, &id)));
    }
    output::result(
        as_json,
        &json!({
            "ledger": registry.ledger(),
            "name": registry.governance().name,
            "demo": registry.governance().demo,
            "governance": governance(registry),
            "size": registry.size(),
            "attested": known.attested(),
            "checked": known.is_checked(),
            "bodies": bodies,
        }),
        text,
    );
    Ok(())
}

pub(crate) async fn show(args: &Show, as_json: bool) -> Result<(), Failure> {
    let known = Known::find(&args.dir).await?;
    let registry = known.registry();
    let id = catalogue::type_id(&args.id);
    let record = registry.record(id).ok_or(ledger::Rejection::UnknownBody)?;
    let body = body(registry, record, dates::now());
    let text = body_text(&Called::new(registry), &body, &visible(id));
    output::result(as_json, &body, text);
    Ok(())
}

pub(crate) async fn verify(args: &Verify, as_json: bool) -> Result<(), Failure> {
    if args.path.is_file() {
        return evidence::verify(&args.path, args.pin.as_deref(), as_json);
    }
    let replica = writer::read(&args.path).await?;
    let root = keys::b64::encode_standard(replica.root());
    let state = keys::b64::encode(replica.registry().state());
    output::result(
        as_json,
        &json!({
            "valid": true,
            "ledger": replica.registry().ledger(),
            "size": replica.size(),
            "root": root,
            "state": state,
            "attested": replica.attested(),
            "fingerprint": replica.pin().fingerprint(),
        }),
        verified(&replica),
    );
    Ok(())
}

/// What was checked, and who vouches for the time.
fn verified(replica: &Replica) -> String {
    let time = dates::show(replica.attested());
    let entries = match replica.size() {
        1 => "The one entry verifies".to_owned(),
        size => format!("All {size} entries verify"),
    };
    match replica.pin().network() {
        None => format!(
            "{entries}: signatures, rules, state, tiles and checkpoint.\n\
             Attested {time} by the operator. On one machine this log is tamper-evident; it is \
             not consensus: the operator can withhold and delay."
        ),
        Some(_) => format!(
            "{entries}: signatures, rules, state, and the headers that more than two thirds of \
             the network's validators signed.\nThe newest header is of {time}. What came \
             after it is not known here."
        ),
    }
}

fn governance(registry: &Registry) -> Value {
    let own = registry.governance();
    let keys: Vec<String> = own
        .keys
        .iter()
        .filter_map(|jwk| PublicKey::from_jwk(jwk).ok())
        .map(|key| key.thumbprint())
        .collect();
    json!({"keys": keys, "threshold": own.threshold, "rules": own.rules})
}

pub(crate) fn body(registry: &Registry, record: &Record, now: i64) -> Value {
    let mut roles = Vec::new();
    for own in &record.accreditations {
        let standing = standing(own.withdrawn.is_some(), now >= own.until);
        roles.push(json!({
            "role": "accreditor",
            "name": english(&own.names),
            "by": GOVERNANCE,
            "types": own.types,
            "from": own.from,
            "until": own.until,
            "standing": standing,
        }));
    }
    if let Some(issuer) = &record.issuer {
        roles.extend(issuer.grants.iter().map(|grant| {
            json!({
                "role": "issuer",
                "name": english(&issuer.names),
                "by": grant.by,
                "types": [grant.type_id],
                "from": grant.from,
                "until": grant.until,
                "standing": grant_standing(registry, grant, now),
            })
        }));
    }
    roles.extend(record.services.iter().map(|service| {
        let purposes: Vec<&str> = service
            .purposes
            .iter()
            .map(|purpose| purpose.id.as_str())
            .collect();
        json!({
            "role": "service",
            "name": english(&service.names),
            "by": service.by,
            "purposes": purposes,
            "from": service.from,
            "until": service.until,
            "standing": service_standing(registry, service, now),
        })
    }));
    let issuing = record.issuer.iter().flat_map(|issuer| &issuer.keys);
    let keys: Vec<Value> = issuing
        .chain(record.services.iter().flat_map(|service| &service.keys))
        .map(|key| {
            json!({
                "thumbprint": key.thumbprint,
                "ca": key.entry.ca,
                "san": key.entry.san,
                "standing": key_standing(key),
                "from": key.from,
                "accept_until": key.rotated.as_ref().map(|rotated| rotated.accept_until),
                "reason": key.revoked.as_ref().map(|revoked| revoked.reason.clone()),
            })
        })
        .collect();
    roles.extend(record.publications.iter().map(|one| {
        let standing = registry.published_type(&record.id) == Some(one);
        json!({
            "role": "type",
            "name": catalogue::by_vct(&record.id).map_or("", |entry| entry.title),
            "by": one.by,
            "from": one.from,
            "schema": one.schema,
            "metadata": one.metadata,
            "context": one.context,
            "standing": if standing {
                "listed"
            } else if registry.publication_stands(one) {
                "replaced"
            } else {
                "withdrawn"
            },
        })
    }));
    let name = roles
        .last()
        .and_then(|role| role.get("name").cloned())
        .unwrap_or_default();
    json!({
        "id": record.id,
        "name": name,
        "roles": roles,
        "keys": keys,
        "trail": registry.trail(&record.id),
    })
}

/// What stands about a body, under its name and this form of its id.
fn body_text(called: &Called<'_>, body: &Value, id: &str) -> String {
    let mut out = match text(body, "name") {
        "" => id.to_owned(),
        name => format!("{}  {id}", visible(name)),
    };
    for role in list_of(body, "roles") {
        let (kind, standing) = (text(role, "role"), text(role, "standing"));
        let by = called.body(text(role, "by"));
        if kind == "type" {
            out.push_str(&format!("\n  type ({standing}), by {by}"));
            out.push_str(&files_text(role));
            continue;
        }
        let until = role.get("until").and_then(Value::as_i64);
        let until = dates::until(until.unwrap_or_default());
        out.push_str(&format!("\n  {kind} ({standing}), until {until}, by {by}"));
        for granted in list_of(role, "types").iter().filter_map(Value::as_str) {
            out.push_str(&format!("\n    {}", called::type_id(granted)));
        }
        for purpose in list_of(role, "purposes").iter().filter_map(Value::as_str) {
            out.push_str(&format!("\n    for {}", visible(purpose)));
        }
    }
    for key in list_of(body, "keys") {
        let (thumbprint, standing) = (text(key, "thumbprint"), text(key, "standing"));
        out.push_str(&format!("\n  key {thumbprint} ({standing})"));
    }
    out
}

fn files_text(role: &Value) -> String {
    let mut out = String::new();
    for name in ["schema", "metadata", "context"] {
        let Some(file) = role.get(name).filter(|file| file.is_object()) else {
            continue;
        };
        out.push_str(&format!("\n    {name} {}", text(file, "integrity")));
        if let Some(uri) = file.get("uri").and_then(Value::as_str) {
            out.push_str(&format!(" at {}", visible(uri)));
        }
    }
    out
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn list_of<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

pub(crate) fn english(names: &Names) -> &str {
    names.get("en").map_or("", String::as_str)
}

fn standing(withdrawn: bool, over: bool) -> &'static str {
    match (withdrawn, over) {
        (true, _) => "withdrawn",
        (false, true) => "ended",
        (false, false) => "listed",
    }
}

fn grant_standing(registry: &Registry, grant: &Grant, now: i64) -> &'static str {
    let below = registry
        .accreditation(&grant.by, grant.accreditation)
        .is_none_or(|own| own.withdrawn.is_some());
    standing(grant.withdrawn.is_some() || below, now >= grant.until)
}

fn service_standing(registry: &Registry, service: &Service, now: i64) -> &'static str {
    let below = registry
        .accreditation(&service.by, service.accreditation)
        .is_none_or(|own| own.withdrawn.is_some());
    standing(service.withdrawn.is_some() || below, now >= service.until)
}

/// How a key stands: `standing`, `rotated` or `revoked`.
pub(crate) fn key_standing(key: &KeyRecord) -> &'static str {
    if key.revoked.is_some() {
        "revoked"
    } else if key.rotated.is_some() {
        "rotated"
    } else {
        "standing"
    }
}
