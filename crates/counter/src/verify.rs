//! `verify`: a presentation, or a stored answer, that lies in a file.

use std::sync::Arc;

use credential::KeySource;
use credential::sd_jwt::{Expected, Unverified, VerifyError};
use keys::{Algorithm, PublicKey, UnixTime, json, jws};
use ledger::{Band, Presented, Question, Standing, Verdict};
use net::{Client, Http, Policy};
use protocol::verifier::{IssuerKeys as _, Published};
use serde_json::{Value, json};

use crate::args::{Global, Verify};
use crate::files::{Data, read_bounded};
use crate::judge::{Check, listed_name};
use crate::output::{self, Failure};
use crate::trust::{Trust, nothing_known, now};
use crate::words;

const MAX_FILE: u64 = 2 << 20;
const MAX_PRESENTATIONS: usize = 64;

pub(crate) async fn run(data: &Data, global: &Global, wanted: &Verify) -> Result<u8, Failure> {
    let bytes = read_bounded(&wanted.file, MAX_FILE)?;
    let policy = Policy { demo: global.demo };
    let http: Arc<dyn Http> = Arc::new(Client::new(policy).map_err(anyhow::Error::from)?);
    let trust = Trust::open(data, global, Arc::clone(&http)).await?;
    let mut checks = Vec::new();
    match presentations(&bytes) {
        Err(detail) => checks.push(Check::new("form", false, detail)),
        Ok(texts) => {
            for text in texts {
                let desk = Desk {
                    http: &*http,
                    trust: trust.as_ref(),
                    nonce: wanted.nonce.as_deref(),
                    audience: wanted.audience.as_deref(),
                };
                desk.check(&text, &mut checks, now()).await;
            }
        }
    }
    let valid = checks.iter().all(|check| check.ok);
    show(valid, &checks, global.json);
    Ok(if valid { 0 } else { 2 })
}

fn show(valid: bool, checks: &[Check], as_json: bool) {
    if as_json {
        let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
        output::json(&json!({"valid": valid, "checks": checks}));
        return;
    }
    output::line(if valid { "Valid" } else { "Not valid" });
    for check in checks {
        let mark = if check.ok { "passed" } else { "FAILED" };
        output::line(format_args!("  {mark}  {}: {}", check.name, check.detail));
    }
}

/// The presentations of a file: one in compact form, as text or as a JSON string, or all of a
/// `vp_token`.
fn presentations(bytes: &[u8]) -> Result<Vec<String>, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not text")?.trim();
    let value = match text.as_bytes().first() {
        Some(b'{' | b'"') => {
            json::parse_bounded(text.as_bytes(), bytes.len()).map_err(|_| "not acceptable JSON")?
        }
        Some(_) => return Ok(vec![text.to_owned()]),
        None => return Err("the file is empty"),
    };
    let answer = match value {
        Value::String(text) => return Ok(vec![text]),
        Value::Object(mut members) => members.remove("vp_token"),
        _ => None,
    };
    let Some(Value::Object(answer)) = answer else {
        return Err("neither a presentation nor an answer with a `vp_token`");
    };
    let mut texts = Vec::new();
    for presentations in answer.values() {
        let items = presentations.as_array();
        for item in items.ok_or("`vp_token` does not hold arrays")? {
            let text = item.as_str().ok_or("a presentation is not a text")?;
            texts.push(text.to_owned());
        }
    }
    if texts.is_empty() || texts.len() > MAX_PRESENTATIONS {
        return Err("`vp_token` holds no presentation, or too many");
    }
    Ok(texts)
}

struct Desk<'a> {
    http: &'a dyn Http,
    trust: Option<&'a Trust>,
    nonce: Option<&'a str>,
    audience: Option<&'a str>,
}

impl Desk<'_> {
    /// Adds each check; one that rests on a failed one is left out.
    async fn check(&self, text: &str, checks: &mut Vec<Check>, now: UnixTime) {
        let mut add = |name, ok, detail: String| checks.push(Check::new(name, ok, detail));
        let credential = match Unverified::parse(text) {
            Ok(credential) => credential,
            Err(error) => return add("form", false, error.to_string()),
        };
        add("form", true, "dc+sd-jwt".to_owned());
        let (source, key) = match self.issuer_key(&credential).await {
            Ok(found) => found,
            Err(detail) => return add("issuer_key", false, detail),
        };
        let how = match &source {
            KeySource::X5c(_) => "by certificate",
            KeySource::Did { .. } => "by DID",
            KeySource::Metadata { .. } => "by the issuer's web site",
        };
        add("issuer_key", true, format!("{how}, {}", key.thumbprint()));
        let binding = self.binding(&credential, text, &key);
        let verified = match credential.verify(&key, now) {
            Ok(verified) => {
                add("signature", true, "signature and disclosures".to_owned());
                add("dates", true, "valid now".to_owned());
                verified
            }
            Err(
                error @ (VerifyError::Expired
                | VerifyError::NotYetValid
                | VerifyError::IssuedInFuture),
            ) => {
                add("signature", true, "signature and disclosures".to_owned());
                return add("dates", false, error.to_string());
            }
            Err(error) => return add("signature", false, error.to_string()),
        };
        let (ok, detail) = binding;
        add("holder_binding", ok, detail);
        let issued_at = verified.claims().get("iat").and_then(Value::as_i64);
        let question = Question::Issuer {
            key: match &source {
                KeySource::X5c(chain) => Presented::Chain(chain),
                _ => Presented::Key(&key),
            },
            type_id: verified.vct(),
            issued_at,
        };
        let (verdict, refused) = match self.trust {
            Some(trust) => {
                let mut word = trust.ask(&[question]).await;
                let verdict = word.verdicts.pop();
                (verdict.unwrap_or_else(nothing_known), word.refused)
            }
            None => (nothing_known(), None),
        };
        add(
            "ledger",
            verdict.standing == Standing::Listed,
            describe(&verdict),
        );
        if let Some(reason) = refused {
            add("ledger_update", false, format!("refused: {reason}"));
        }
    }

    async fn issuer_key(&self, credential: &Unverified) -> Result<(KeySource, PublicKey), String> {
        let source = credential.key_source().map_err(|error| error.to_string())?;
        let algorithm = credential
            .header()
            .get("alg")
            .and_then(Value::as_str)
            .and_then(|name| Algorithm::from_name(name).ok())
            .ok_or("the signature is of a kind that is not supported")?;
        let key = Published(self.http).find(&source, algorithm).await;
        let key = key.map_err(|error| error.to_string())?;
        Ok((source, key))
    }

    /// Whether the holder made it. A file may be old, so that the age of the proof is said, not
    /// refused; nonce and audience are compared where they are given.
    fn binding(&self, credential: &Unverified, text: &str, issuer: &PublicKey) -> (bool, String) {
        let wanted = self.nonce.is_some() || self.audience.is_some();
        if !credential.has_key_binding() {
            return (!wanted, "none".to_owned());
        }
        let proof = text.rsplit_once('~').map(|(_, proof)| proof);
        let claims = proof
            .and_then(|proof| jws::Unverified::parse(proof).ok())
            .and_then(|proof| proof.unverified_claims().ok());
        let Some(claims) = claims else {
            return (false, "the key binding cannot be read".to_owned());
        };
        let said = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let expected = Expected {
            audience: self.audience.unwrap_or_else(|| said("aud")),
            nonce: self.nonce.unwrap_or_else(|| said("nonce")),
            require_key_binding: true,
        };
        let made_at = claims
            .get("iat")
            .and_then(Value::as_i64)
            .unwrap_or_default();
        if made_at > now().saturating_add(credential::sd_jwt::LEEWAY) {
            return (false, "the key binding is from the future".to_owned());
        }
        match credential.verify_presentation(issuer, &expected, made_at) {
            Ok(_) => {
                let when = words::moment(made_at).unwrap_or_default();
                let compared = match (self.nonce, self.audience) {
                    (Some(_), Some(_)) => "",
                    (Some(_), None) => ", audience not compared",
                    (None, Some(_)) => ", nonce not compared",
                    (None, None) => ", nonce and audience not compared",
                };
                (true, format!("made at {when}{compared}"))
            }
            Err(error) => (false, error.to_string()),
        }
    }
}

fn describe(verdict: &Verdict) -> String {
    let mut text = verdict.standing.name().to_owned();
    if let Some(name) = listed_name(verdict) {
        text = format!("{text}: {name}");
    }
    if let Some(age) = verdict.age.filter(|age| age.band != Band::Fresh) {
        text = format!("{text}, confirmed {} ago", words::length(age.seconds));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_every_shape() {
        for one in ["a~b~", " a~b~\n", "\"a~b~\""] {
            assert_eq!(presentations(one.as_bytes()).unwrap(), ["a~b~"]);
        }
        let answer = br#"{"vp_token": {"x": ["a~"], "y": ["b~", "c~"]}}"#;
        assert_eq!(presentations(answer).unwrap(), ["a~", "b~", "c~"]);
        for bad in [
            "",
            "{}",
            "{\"vp_token\": {}}",
            "{\"vp_token\": \"a\"}",
            "{\"vp_token\": {\"x\": \"a\"}}",
            "{\"vp_token\": {\"x\": [1]}}",
            "{\"vp_token\": {}, \"vp_token\": {\"x\": [\"a\"]}}",
        ] {
            assert!(presentations(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(presentations(b"\xff").is_err());
    }
}
