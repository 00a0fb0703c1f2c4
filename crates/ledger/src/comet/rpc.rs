//! What is read from the RPC of a node. It is a stranger's: each answer is bounded, strict JSON,
//! and says nothing that a header does not bind.

use std::time::Duration;

use keys::{b64, json};
use net::{Http, HttpError, Request};
use serde_json::Value;
use tendermint::block::signed_header::SignedHeader;
use tendermint::validator::{Info, Set};
use tokio::time::timeout;
use url::Url;

use super::headers::{MAX_VALIDATORS, make_set};
use crate::merkle::Hash;
use crate::source::SourceError;
use crate::tile::MAX_BUNDLE;

/// The longest answer about one header or its validators, in bytes.
const MAX_ANSWER: usize = 256 * 1024;
/// The longest answer with a bundle of entries: base64, and what is around it.
const MAX_BUNDLE_ANSWER: usize = MAX_BUNDLE / 3 * 4 + 4096;

/// What a node says to an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Broadcast {
    /// It waits for a block.
    Waits,
    /// The node has seen it before: it waits, or is in a block.
    Known,
    /// A rule refuses it.
    Refused(String),
    /// The node takes no more.
    Busy,
}

/// One node's RPC.
pub(crate) struct Rpc<'r> {
    pub(crate) http: &'r dyn Http,
    pub(crate) base: &'r Url,
    /// How long a question that is read from may take, where that is less than any request may.
    pub(crate) within: Option<Duration>,
}

impl Rpc<'_> {
    /// A header with its commit: of a height, or the newest.
    pub(crate) async fn commit(&self, height: Option<u64>) -> Result<SignedHeader, SourceError> {
        let height = height.map(|height| height.to_string());
        let query: Vec<(&str, &str)> = height.iter().map(|text| ("height", &**text)).collect();
        let result = self.ask("commit", &query, MAX_ANSWER).await?;
        parse_commit(&result).ok_or(SourceError::Malformed)
    }

    /// The validators of a height.
    pub(crate) async fn validators(&self, height: u64) -> Result<Set, SourceError> {
        let height = height.to_string();
        let page = MAX_VALIDATORS.to_string();
        let query = [("height", &*height), ("per_page", &*page), ("page", "1")];
        let result = self.ask("validators", &query, MAX_ANSWER).await?;
        parse_validators(&result).ok_or(SourceError::Malformed)
    }

    /// Size and root of the log after the block at `height`.
    pub(crate) async fn log_at(&self, height: u64) -> Result<(u64, Hash), SourceError> {
        let value = self
            .query(&format!("/log/{height}"), MAX_ANSWER)
            .await?
            .ok_or(SourceError::NotHere)?;
        parse_log(&value).ok_or(SourceError::Malformed)
    }

    /// The first `width` entries of bundle `position`.
    pub(crate) async fn entries(
        &self,
        position: u64,
        width: u64,
    ) -> Result<Option<Vec<u8>>, SourceError> {
        let path = format!("/entries/{position}/{width}");
        self.query(&path, MAX_BUNDLE_ANSWER).await
    }

    /// The node's `pin.json`. Trusting it is trust on first contact.
    pub(crate) async fn pin(&self) -> Result<Option<Vec<u8>>, SourceError> {
        self.query("/pin", MAX_ANSWER).await
    }

    /// Hands an event over.
    pub(crate) async fn broadcast(&self, event: &[u8]) -> Result<Broadcast, SourceError> {
        let call = serde_json::json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "broadcast_tx_sync",
            "params": {"tx": b64::encode_standard(event)},
        });
        let request = Request::post_json(self.base.clone(), &call).limit(MAX_ANSWER);
        let response = self.http.send(request).await?;
        if !matches!(response.status, 200 | 500) {
            return Err(SourceError::Status(response.status));
        }
        parse_broadcast(&response.body).ok_or(SourceError::Malformed)
    }

    /// The rule that refused an event in its block; `None` where it is in none, or was taken.
    pub(crate) async fn refusal(&self, hash: &Hash) -> Result<Option<String>, SourceError> {
        let hash = format!("0x{}", hex::encode(hash));
        let result = match self.ask("tx", &[("hash", &hash)], MAX_ANSWER).await {
            Err(SourceError::NotHere) => return Ok(None),
            other => other?,
        };
        parse_refusal(&result).ok_or(SourceError::Malformed)
    }

    /// What the application answers; `None` where it has no answer.
    async fn query(&self, path: &str, limit: usize) -> Result<Option<Vec<u8>>, SourceError> {
        let path = format!("\"{path}\"");
        let result = self.ask("abci_query", &[("path", &path)], limit).await?;
        parse_query(&result).ok_or(SourceError::Malformed)
    }

    async fn ask(
        &self,
        method: &str,
        query: &[(&str, &str)],
        limit: usize,
    ) -> Result<Value, SourceError> {
        let mut url = self.base.join(method).map_err(|_| SourceError::Address)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let asked = self.http.send(Request::get(url).limit(limit));
        let response = match self.within {
            Some(within) => timeout(within, asked)
                .await
                .unwrap_or(Err(HttpError::TimedOut { sent: true })),
            None => asked.await,
        }?;
        // CometBFT says 500 beside its reason where it has no answer.
        match response.status {
            200 | 500 => parse_answer(&response.body, limit).ok_or(SourceError::Malformed)?,
            404 | 410 => Err(SourceError::NoLedger),
            other => Err(SourceError::Status(other)),
        }
    }
}

/// Reads an answer as each kind that a node gives, and says how many kinds it can be: nothing that a
/// node says may do more than be refused.
pub fn read_answer(bytes: &[u8]) -> usize {
    let Some(Ok(result)) = parse_answer(bytes, MAX_ANSWER) else {
        return usize::from(parse_broadcast(bytes).is_some());
    };
    [
        parse_commit(&result).is_some(),
        parse_validators(&result).is_some(),
        parse_query(&result).is_some(),
        parse_refusal(&result).is_some(),
        parse_broadcast(bytes).is_some(),
    ]
    .into_iter()
    .filter(|read| *read)
    .count()
}

/// The result of an answer, or that there is none.
fn parse_answer(bytes: &[u8], limit: usize) -> Option<Result<Value, SourceError>> {
    let mut answer = json::parse_bounded(bytes, limit).ok()?;
    let object = answer.as_object_mut()?;
    if object.contains_key("error") {
        return Some(Err(SourceError::NotHere));
    }
    object.get_mut("result").map(|result| Ok(result.take()))
}

/// The `result` of `/commit`.
pub(crate) fn parse_commit(result: &Value) -> Option<SignedHeader> {
    let signed = result
        .get("signed_header")
        .filter(|signed| is_padded_well(signed))?;
    let signed: SignedHeader = serde_json::from_value(signed.clone()).ok()?;
    (signed.commit.signatures.len() <= MAX_VALIDATORS).then_some(signed)
}

/// The `result` of `/validators`.
pub(crate) fn parse_validators(result: &Value) -> Option<Set> {
    let list = result.get("validators")?.as_array()?;
    if list.len() > MAX_VALIDATORS || !list.iter().all(is_padded_well) {
        return None;
    }
    let validators: Vec<Info> = list
        .iter()
        .map(|one| serde_json::from_value(one.clone()).ok())
        .collect::<Option<_>>()?;
    make_set(validators)
}

/// True where every text with the sign that pads base64 is base64: the reader of keys and signatures
/// panics at one that is not.
fn is_padded_well(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.contains('=') || b64::decode_standard(text).is_ok(),
        Value::Array(items) => items.iter().all(is_padded_well),
        Value::Object(members) => members.values().all(is_padded_well),
        _ => true,
    }
}

/// The `result` of `/abci_query`: bytes, or that the application has no answer.
#[allow(
    clippy::option_option,
    reason = "malformed, absent and present are three things"
)]
fn parse_query(result: &Value) -> Option<Option<Vec<u8>>> {
    let response = result.get("response")?;
    if response.get("code")?.as_u64()? != 0 {
        return Some(None);
    }
    b64::decode_standard(response.get("value")?.as_str()?)
        .ok()
        .map(Some)
}

fn parse_broadcast(bytes: &[u8]) -> Option<Broadcast> {
    let answer = json::parse_bounded(bytes, MAX_ANSWER).ok()?;
    if let Some(error) = answer.get("error") {
        // CometBFT has no code for it: what it saw before may be in a block already.
        let known = error.get("data").and_then(Value::as_str);
        let known = known.is_some_and(|data| data.contains("already exists in cache"));
        return Some(if known {
            Broadcast::Known
        } else {
            Broadcast::Busy
        });
    }
    let result = answer.get("result")?;
    let name = result.get("log")?.as_str()?;
    Some(match (result.get("code")?.as_u64()?, name) {
        (0, _) => Broadcast::Waits,
        (_, "busy") => Broadcast::Busy,
        (_, name) => Broadcast::Refused(name.to_owned()),
    })
}

#[allow(
    clippy::option_option,
    reason = "malformed, taken and refused are three things"
)]
fn parse_refusal(result: &Value) -> Option<Option<String>> {
    let result = result.get("tx_result")?;
    if result.get("code")?.as_u64()? == 0 {
        return Some(None);
    }
    Some(Some(result.get("log")?.as_str()?.to_owned()))
}

fn parse_log(value: &[u8]) -> Option<(u64, Hash)> {
    let (size, root) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    Some((size.parse().ok()?, b64::decode(root).ok()?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn validators(key: &str) -> Value {
        serde_json::json!({"validators": [{
            "address": "0000000000000000000000000000000000000000",
            "pub_key": {"type": "tendermint/PubKeyEd25519", "value": key},
            "voting_power": "10",
            "proposer_priority": "0",
        }]})
    }

    #[test]
    fn a_key_that_is_not_base64_is_refused() {
        let good = b64::encode_standard([1; 32]);
        assert!(parse_validators(&validators(&good)).is_some());
        let unpadded = good.trim_end_matches('=');
        for key in [
            "=",
            "====",
            "AAAA=",
            "AAAA====",
            "=AAA",
            &format!("{unpadded}é="),
            &format!("x{good}"),
            &good[1..],
        ] {
            assert!(parse_validators(&validators(key)).is_none(), "{key}");
        }
    }

    #[test]
    fn a_signature_that_is_not_base64_is_refused() {
        let hash = "00".repeat(32);
        let id = serde_json::json!({"hash": hash, "parts": {"total": 1, "hash": hash}});
        let answer = |signature: &str| {
            serde_json::json!({"signed_header": {
                "header": {
                    "version": {"block": "11", "app": "1"},
                    "chain_id": "test",
                    "height": "1",
                    "time": "2027-01-01T00:00:00Z",
                    "last_block_id": null,
                    "last_commit_hash": null,
                    "data_hash": null,
                    "validators_hash": hash,
                    "next_validators_hash": hash,
                    "consensus_hash": hash,
                    "app_hash": hash,
                    "last_results_hash": null,
                    "evidence_hash": null,
                    "proposer_address": "0000000000000000000000000000000000000000",
                },
                "commit": {
                    "height": "1",
                    "round": 0,
                    "block_id": id,
                    "signatures": [{
                        "block_id_flag": 2,
                        "validator_address": "0000000000000000000000000000000000000000",
                        "timestamp": "2027-01-01T00:00:00Z",
                        "signature": signature,
                    }],
                },
            }})
        };
        let good = b64::encode_standard([1; 64]);
        assert!(parse_commit(&answer(&good)).is_some());
        for signature in ["=", "AAAA=", &good[1..]] {
            assert!(parse_commit(&answer(signature)).is_none(), "{signature}");
        }
    }
}
