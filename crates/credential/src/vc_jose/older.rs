use serde_json::{Map, Value};

use super::JoseError;
use crate::vcdm::{Moment, VcdmError, Version, written};

/// The credential of a JWT of VCDM 1.1, with what its claims add to it (§6.3.1).
pub(super) fn credential(claims: &Map<String, Value>) -> Result<Map<String, Value>, JoseError> {
    let Some(Value::Object(credential)) = claims.get("vc") else {
        return Err(JoseError::Type);
    };
    let mut credential = credential.clone();
    let v2 = first_context(&credential) == Some(Version::V2);
    let (from, until) = match v2 {
        true => ("validFrom", "validUntil"),
        false => ("issuanceDate", "expirationDate"),
    };
    let text = |name: &'static str| match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(JoseError::Claim(name)),
    };
    if let Some(issuer) = text("iss")? {
        let same = |known: &Value| match known {
            Value::Object(known) => known.get("id").is_some_and(|id| id == issuer),
            known => known == issuer,
        };
        add(&mut credential, "issuer", "iss", issuer.into(), same)?;
    }
    if let Some(id) = text("jti")? {
        // Some name the JWT by something that is no URL, and so no name of the credential.
        let known = credential.get("id").is_some();
        if known || id.contains(':') {
            add(&mut credential, "id", "jti", id.into(), |known| known == id)?;
        }
    }
    if let Some(subject) = text("sub")? {
        match credential.get_mut("credentialSubject") {
            Some(Value::Object(of)) => {
                add(of, "id", "sub", subject.into(), |known| known == subject)?
            }
            _ => return Err(VcdmError::NotObjects("credentialSubject").into()),
        }
    }
    for (name, member) in [("nbf", from), ("exp", until)] {
        let Some(time) = numeric_date(claims, name)? else {
            continue;
        };
        let date = written(time).ok_or(JoseError::Claim(name))?;
        let same = |known: &Value| {
            let known = known.as_str().and_then(Moment::parse);
            known.is_some_and(|known| known.seconds == time)
        };
        add(&mut credential, member, name, date.into(), same)?;
    }
    Ok(credential)
}

/// A member that the claim gives, or that must agree with it.
fn add(
    object: &mut Map<String, Value>,
    member: &str,
    claim: &'static str,
    value: Value,
    same: impl Fn(&Value) -> bool,
) -> Result<(), JoseError> {
    match object.get(member) {
        Some(known) if !same(known) => Err(JoseError::Contradiction(claim)),
        Some(_) => Ok(()),
        None => {
            object.insert(member.to_owned(), value);
            Ok(())
        }
    }
}

pub(super) fn first_context(document: &Map<String, Value>) -> Option<Version> {
    let first = match document.get("@context")? {
        Value::Array(items) => items.first()?,
        only => only,
    };
    Version::from_context(first.as_str()?)
}

/// A time in seconds; fractions are cut.
pub(super) fn numeric_date(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<i64>, JoseError> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let whole = value.as_i64().or_else(|| {
        let text = value.is_number().then(|| value.to_string())?;
        let (whole, fraction) = text.split_once('.')?;
        let plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| whole.parse().ok()).flatten()
    });
    whole.map(Some).ok_or(JoseError::Claim(name))
}
