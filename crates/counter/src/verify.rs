//! `verify`: a presentation, or a stored answer, that lies in a file.

use std::sync::Arc;

use credential::format::{self, Claimed, Fault, Format, Refused, Request};
use credential::status::StatusRef;
use credential::{KeySource, catalogue};
use keys::{PublicKey, UnixTime, json};
use ledger::{Band, Presented, Question, Standing, Verdict};
use net::{Client, Http, Policy};
use program::folder::read_bounded;
use program::now;
use program::output::{self, Failure};
use protocol::verifier::{IssuerKeys as _, Published};
use serde_json::{Value, json};

use crate::args::{Global, Verify};
use crate::evidence;
use crate::files::Data;
use crate::judge::{Check, listed_name};
use crate::status::{Card, Lists, Status};
use crate::trust::{Trust, nothing_known};
use crate::words;

const MAX_FILE: u64 = 2 << 20;
const MAX_PRESENTATIONS: usize = 64;
const SIGNED: &str = "the issuer signed it, and nothing was changed";

pub(crate) async fn run(data: &Data, global: &Global, wanted: &Verify) -> Result<u8, Failure> {
    let bytes = read_bounded(&wanted.file, MAX_FILE)?;
    let policy = Policy { demo: global.demo };
    let http: Arc<dyn Http> = Arc::new(Client::new(policy).map_err(anyhow::Error::from)?);
    let trust = Trust::open(data, global, Arc::clone(&http)).await?;
    if let Some(checks) = evidence::checks(&bytes, trust.as_ref()).await {
        return Ok(conclude(&checks, global.json));
    }
    let mut checks = Vec::new();
    match presentations(&bytes) {
        Err(detail) => checks.push(Check::new("form", false, detail)),
        Ok(presentations) => {
            for one in presentations {
                let desk = Desk {
                    http: &*http,
                    trust: trust.as_ref(),
                    wanted,
                };
                desk.check(&one, &mut checks, now()).await;
            }
        }
    }
    Ok(conclude(&checks, global.json))
}

/// Says how it went; the exit status.
fn conclude(checks: &[Check], as_json: bool) -> u8 {
    let valid = checks.iter().all(|check| check.ok);
    show(valid, checks, as_json);
    if valid { 0 } else { 2 }
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

/// The presentations of a file: one as text, as a JSON string or as a JSON object, or all of a
/// `vp_token`.
fn presentations(bytes: &[u8]) -> Result<Vec<Value>, &'static str> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not text")?.trim();
    let value = match text.as_bytes().first() {
        Some(b'{' | b'"') => {
            json::parse_bounded(text.as_bytes(), bytes.len()).map_err(|_| "not acceptable JSON")?
        }
        Some(_) => Value::String(text.to_owned()),
        None => return Err("the file is empty"),
    };
    let Some(answer) = value.get("vp_token") else {
        return Ok(vec![value]);
    };
    let Some(answer) = answer.as_object() else {
        return Err("`vp_token` is not an object");
    };
    let mut found = Vec::new();
    for presentations in answer.values() {
        let items = presentations.as_array();
        found.extend_from_slice(items.ok_or("`vp_token` does not hold arrays")?);
    }
    if found.is_empty() || found.len() > MAX_PRESENTATIONS {
        return Err("`vp_token` holds no presentation, or too many");
    }
    Ok(found)
}

struct Desk<'a> {
    http: &'a dyn Http,
    trust: Option<&'a Trust>,
    wanted: &'a Verify,
}

impl Desk<'_> {
    /// Adds each check; one that rests on a failed one is left out.
    async fn check(&self, presentation: &Value, checks: &mut Vec<Check>, now: UnixTime) {
        let mut add = |name, ok, detail: String| checks.push(Check::new(name, ok, detail));
        let (format, claimed) = match format::recognise_presented(presentation) {
            Ok(found) => found,
            Err(error) => return add("form", false, error.to_string()),
        };
        add("form", true, format.ids().join(", "));
        let issuers = Published(self.http);
        let key = issuers.find(&claimed.key_source, claimed.algorithm).await;
        let key = match key {
            Ok(key) => key,
            Err(error) => return add("issuer_key", false, error.to_string()),
        };
        let how = match &claimed.key_source {
            KeySource::X5c(_) => "by certificate",
            KeySource::Did { .. } => "by DID",
            KeySource::Metadata { .. } => "by the issuer's web site",
        };
        add("issuer_key", true, format!("{how}, {}", key.thumbprint()));
        let (ok, detail, status) = match self.holder(format, presentation, &claimed, &key, now) {
            Ok(binding) => binding,
            Err(refused) => match refused.fault {
                Fault::Expired | Fault::NotYetValid => {
                    add("signature", true, SIGNED.to_owned());
                    return add("dates", false, refused.to_string());
                }
                _ => {
                    let unsaid = claimed.made_for.is_none()
                        && (self.wanted.nonce.is_none() || self.wanted.audience.is_none());
                    let hint = match unsaid {
                        true => {
                            "; a presentation that is proven for its request needs --audience and --nonce"
                        }
                        false => "",
                    };
                    return add("signature", false, format!("{refused}{hint}"));
                }
            },
        };
        add("signature", true, SIGNED.to_owned());
        add("dates", true, "valid now".to_owned());
        add("holder_binding", ok, detail);
        let question = Question::Issuer {
            key: match &claimed.key_source {
                KeySource::X5c(chain) => Presented::Chain(chain),
                _ => Presented::Key(&key),
            },
            // What the issuer signed: the signature was checked.
            type_id: catalogue::ledger_type(&claimed.type_id),
            issued_at: claimed.issued_at,
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
        // A stranger's list would be an address that the stranger chose.
        if verdict.standing == Standing::Listed && !status.is_empty() {
            let card = Card {
                references: &status,
                source: &claimed.key_source,
                key: &key,
                type_id: &claimed.type_id,
                verdict: &verdict,
            };
            let lists = Lists::default();
            let found = lists.ask(card, self.http, self.trust, now).await;
            let detail = match found {
                Status::Unreachable => "its list could not be had",
                Status::Refused(problem) => problem,
                found => found.name(),
            };
            add("status", found.name() == "valid", detail.to_owned());
        }
    }

    /// Whether the holder made it, once the issuer's part stands; the refusal where that does
    /// not. A file may be old, so that the age of the proof is said, not refused; what the proof
    /// is bound to is compared where it is given.
    fn holder(
        &self,
        format: &dyn Format,
        presentation: &Value,
        claimed: &Claimed,
        issuer: &PublicKey,
        now: UnixTime,
    ) -> Result<(bool, String, Vec<StatusRef>), Refused> {
        let (nonce, audience) = (&self.wanted.nonce, &self.wanted.audience);
        let made = claimed.made_for.as_ref();
        let said = |given: &Option<String>, made: Option<&String>| {
            given.as_ref().or(made).cloned().unwrap_or_default()
        };
        let audience_or_said = said(audience, made.map(|made| &made.client_id));
        let nonce_or_said = said(nonce, made.map(|made| &made.nonce));
        let request = Request {
            client_id: &audience_or_said,
            nonce: &nonce_or_said,
            response_uri: self.wanted.response_uri.as_deref(),
            encryption_key: self.wanted.encryption_key.as_ref(),
            now,
        };
        let wanted = nonce.is_some() || audience.is_some();
        let mut outcome = format.check(presentation, issuer, &request, false);
        let too_old = |refused: &Refused| refused.fault == Fault::ProofTime;
        if let Some(at) = made.map(|made| made.at)
            && at < now
            && outcome.as_ref().is_err_and(too_old)
        {
            outcome = format.check(presentation, issuer, &Request { now: at, ..request }, false);
        }
        let compared = match (nonce, audience) {
            (Some(_), Some(_)) => "",
            (Some(_), None) => ", audience not compared",
            (None, Some(_)) => ", nonce not compared",
            (None, None) => ", nonce and audience not compared",
        };
        let refused = match outcome {
            Ok(facts) if !facts.holder_proven => {
                return Ok((!wanted, "none".to_owned(), facts.status));
            }
            Ok(facts) => {
                let when = made.and_then(|made| words::moment(made.at));
                let when = when.map_or_else(|| "by the holder".to_owned(), |at| format!("at {at}"));
                return Ok((true, format!("made {when}{compared}"), facts.status));
            }
            Err(refused) => refused,
        };
        match refused.fault {
            Fault::OtherRequest | Fault::NotTheHolder
                if made.is_none() && !(nonce.is_some() && audience.is_some()) =>
            {
                let give = "not checked: give --audience and --nonce (and --response-uri, and \
                            --encryption-key where the answer was encrypted)";
                Ok((false, give.to_owned(), Vec::new()))
            }
            Fault::OtherRequest | Fault::NotTheHolder | Fault::ProofTime => {
                Ok((false, refused.to_string(), Vec::new()))
            }
            _ => Err(refused),
        }
    }
}

pub(crate) fn describe(verdict: &Verdict) -> String {
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
        let object = br#"{"type": ["VerifiablePresentation"]}"#;
        assert!(presentations(object).unwrap()[0].is_object());
        for bad in [
            "",
            "{",
            "{\"vp_token\": {}}",
            "{\"vp_token\": \"a\"}",
            "{\"vp_token\": {\"x\": \"a\"}}",
            "{\"vp_token\": {}, \"vp_token\": {\"x\": [\"a\"]}}",
        ] {
            assert!(presentations(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(presentations(b"\xff").is_err());
    }
}
