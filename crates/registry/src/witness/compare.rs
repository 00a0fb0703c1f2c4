//! Whether an address is that of the witness whose key was given.
//!
//! C2SP tlog-witness has no question for it. Ours say their key at `/`, and so may others; where
//! none is said, the first cosignature shows whose it is.

use std::time::Duration;

use ledger::note::{NoteAlgorithm, VerifierKey};
use net::{Http as _, Request};
use url::Url;

use super::home;
use crate::failure::Failure;

/// A witness says its key within this time.
const WITHIN: Duration = Duration::from_secs(10);
/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// The most lines of it.
const MAX_LINES: usize = 200;

/// Refuses an address that says another key than this one. `Err` of the outcome is why nothing
/// could be compared.
pub(super) async fn compare(base: &str, key: &VerifierKey) -> Result<Result<(), String>, Failure> {
    let url = format!("{base}/");
    let url: Url = url
        .parse()
        .map_err(|_| Failure::failed("usage", format!("{base} is not a URL")))?;
    let client = home::client_for(&url)?;
    let asked = client.send(Request::get(url).limit(MAX_ANSWER));
    let answer = match tokio::time::timeout(WITHIN, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Ok(Err(error.to_string())),
        Err(_) => return Ok(Err("it did not answer in time".to_owned())),
    };
    let said = keys_in(&answer.body);
    let Some(first) = said.first() else {
        return Ok(Err("it does not say its key there".to_owned()));
    };
    let text = key.to_string();
    if said.iter().any(|one| one.to_string() == text) {
        return Ok(Ok(()));
    }
    Err(Failure::refused(
        "wrong_witness",
        format!("the witness at {base} has the key {first}, and not the one that was given"),
    ))
}

/// The witness's keys that an answer says, each on a line of its own.
fn keys_in(body: &[u8]) -> Vec<VerifierKey> {
    let text = std::str::from_utf8(body).unwrap_or_default();
    text.lines()
        .take(MAX_LINES)
        .filter_map(|line| VerifierKey::parse(line.trim()).ok())
        .filter(|key| key.algorithm() == NoteAlgorithm::Cosignature)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use keys::SigningKey;

    #[test]
    fn a_key_is_read_where_it_is_a_witnesss_and_alone_on_its_line() {
        let key = |kind| {
            let key = SigningKey::make_ed25519().public();
            VerifierKey::new("w.example/1", kind, &key).unwrap()
        };
        let witness = key(NoteAlgorithm::Cosignature);
        let log = key(NoteAlgorithm::Ed25519);
        let page = format!("A witness\n{log}\nkey: {log}\n  {witness}\r\nlog.example\n");
        let read = keys_in(page.as_bytes());
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].to_string(), witness.to_string());
        for nothing in [
            &b""[..],
            b"<html>",
            b"\xff\xfe",
            b"w.example/1+00000000+AAAA",
        ] {
            assert!(keys_in(nothing).is_empty());
        }
    }
}
