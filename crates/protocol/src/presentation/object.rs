use keys::jws::{JwsError, Unverified};
use keys::{UnixTime, b64, json};
use net::Http;
use serde_json::{Map, Value};

use super::{AUDIENCE, Client, FetchError, Prefix, REQUEST_TYPE, Refusal, client};

/// How far clocks may differ, in seconds.
const LEEWAY: UnixTime = 60;

/// Opens a request object: finds the client's key, checks the signature, then what the object
/// says of itself (RFC 9101 §6, OpenID4VP 1.0 §5).
pub(super) async fn open(
    http: &dyn Http,
    client_id: &str,
    text: &str,
    wallet_nonce: Option<&str>,
    now: UnixTime,
) -> Result<(Client, Map<String, Value>), FetchError> {
    let (prefix, _) = client::split(client_id)?;
    let (client, claims) = if prefix == Prefix::RedirectUri {
        (client::unsigned(client_id)?, open_unsigned(text)?)
    } else {
        let object = match Unverified::parse(text) {
            Err(JwsError::Algorithm) if open_unsigned(text).is_ok() => {
                return Err(Refusal::Unsigned { prefix }.into());
            }
            parsed => parsed.map_err(Refusal::Object)?,
        };
        object
            .require_type(REQUEST_TYPE)
            .map_err(|_| Refusal::Type)?;
        let client = client::find_key(http, client_id, &object, now).await?;
        let key = client
            .key
            .public_key()
            .ok_or(Refusal::Unsigned { prefix })?;
        let verified = object.verify(key).map_err(Refusal::Signature)?;
        (client, verified.claims().map_err(Refusal::Payload)?)
    };
    check(&claims, client_id, wallet_nonce, now)?;
    Ok((client, claims))
}

/// RFC 9101 §4: a request object may have `alg` `none`. It proves nothing, which is all that
/// `redirect_uri` promises.
fn open_unsigned(text: &str) -> Result<Map<String, Value>, Refusal> {
    let malformed = || Refusal::Object(JwsError::Malformed);
    let mut parts = text.split('.');
    let mut next = || parts.next().ok_or_else(malformed);
    let (header, payload, signature) = (next()?, next()?, next()?);
    if parts.next().is_some() {
        return Err(malformed());
    }
    let decode = |part: &str| b64::decode(part).map_err(|_| malformed());
    let header = json::parse_object(&decode(header)?)
        .map_err(|source| Refusal::Object(JwsError::Header(source)))?;
    let text = |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("alg") != "none" || !signature.is_empty() {
        return Err(Refusal::Signed);
    }
    if text("typ") != REQUEST_TYPE {
        return Err(Refusal::Type);
    }
    if header.contains_key("crit") {
        return Err(Refusal::Object(JwsError::Critical));
    }
    json::parse_object(&decode(payload)?)
        .map_err(|source| Refusal::Payload(JwsError::Payload(source)))
}

fn check(
    claims: &Map<String, Value>,
    client_id: &str,
    wallet_nonce: Option<&str>,
    now: UnixTime,
) -> Result<(), Refusal> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("client_id") != Some(client_id) {
        return Err(Refusal::OtherClient);
    }
    if claims.contains_key("request") || claims.contains_key("request_uri") {
        return Err(Refusal::Nested);
    }
    let meant_for_us = match claims.get("aud") {
        Some(Value::String(audience)) => audience == AUDIENCE,
        Some(Value::Array(audiences)) => audiences.iter().any(|one| one == AUDIENCE),
        _ => false,
    };
    if !meant_for_us {
        return Err(Refusal::Audience);
    }
    if time(claims, "exp")?.is_some_and(|exp| now >= exp.saturating_add(LEEWAY)) {
        return Err(Refusal::Expired);
    }
    for name in ["nbf", "iat"] {
        if time(claims, name)?.is_some_and(|from| from > now.saturating_add(LEEWAY)) {
            return Err(Refusal::NotYetValid);
        }
    }
    if wallet_nonce.is_some() && text("wallet_nonce") != wallet_nonce {
        return Err(Refusal::WalletNonce);
    }
    Ok(())
}

fn time(claims: &Map<String, Value>, name: &'static str) -> Result<Option<UnixTime>, Refusal> {
    claims
        .get(name)
        .map(|value| {
            let whole = value.as_i64();
            // Beyond 2^53 a float no longer holds whole seconds.
            let float = || value.as_f64().filter(|f| f.abs() < 9_007_199_254_740_992.0);
            whole
                .or_else(|| float().map(|f| f.floor() as UnixTime))
                .ok_or(Refusal::Malformed(name))
        })
        .transpose()
}
