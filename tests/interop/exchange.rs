//! What every exchange needs: an answer that must be there, or a refusal that must be there.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail, ensure};
use credential::did::{self, Relationship};
use journeys::peer::Peer;
use keys::{PublicKey, SigningKey, UnixTime};
use serde_json::{Map, Value};

/// Asks, and wants what was asked for.
pub(crate) fn get(peer: &mut Peer, request: &Value) -> Result<Value> {
    match peer.ask(request)? {
        Ok(value) => Ok(value),
        Err(words) => bail!("the peer cannot {}: {words}", request["do"]),
    }
}

/// Asks, and wants to be refused. A refusal for another reason than `because` does not count.
pub(crate) fn refused(peer: &mut Peer, request: &Value, because: &str) -> Result<()> {
    match peer.ask(request)? {
        Ok(_) => bail!("the peer does what it must refuse"),
        Err(words) => {
            ensure!(
                words.contains(because),
                "the peer refuses for another reason: {words}"
            );
            Ok(())
        }
    }
}

/// The members of a JSON object.
pub(crate) fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => bail!("not an object"),
    }
}

/// A text of JSON.
pub(crate) fn text(value: &Value) -> Result<&str> {
    value.as_str().context("not a text")
}

/// A secret key as a JWK, as peers take it.
pub(crate) fn secret_jwk(key: &SigningKey) -> Value {
    let mut jwk = key.public().to_jwk();
    jwk["d"] = keys::b64::encode(key.to_secret_bytes().as_slice()).into();
    jwk
}

/// The time: peers sign and verify by the clock of the machine.
pub(crate) fn now() -> Result<UnixTime> {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(UnixTime::try_from(elapsed.as_secs())?)
}

/// The key of a verification method whose DID carries it.
pub(crate) fn key_of_method(method: &str) -> Option<PublicKey> {
    let document = did::resolve_self_contained(did::split_url(method).0).ok()?;
    document.key(method, Relationship::Assertion).ok()
}
