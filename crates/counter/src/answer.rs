//! From an answer to what the desk is told.

use credential::{KeySource, catalogue};
use keys::UnixTime;
use ledger::{Presented, Question, Standing, Verdict};
use net::Http;
use protocol::verifier::{Checked, Published, Received, Session, check};
use serde_json::{Map, Value, json};

use crate::judge::{Check, Judgement, Outcome};
use crate::status::{Card, Lists, Status};
use crate::trust::{Trust, Word, nothing_known};

/// What an answer led to.
pub(crate) struct Weighed {
    /// The members of the result.
    pub(crate) result: Map<String, Value>,
    /// Whether the wallet is told that its answer was good. The ledger's verdict is not the
    /// wallet's business.
    pub(crate) good: bool,
}

/// What an answer is checked with.
#[derive(Clone, Copy)]
pub(crate) struct Means<'a> {
    pub(crate) http: &'a dyn Http,
    pub(crate) trust: Option<&'a Trust>,
    pub(crate) lists: &'a Lists,
}

/// Checks an answer and judges it.
pub(crate) async fn weigh(
    session: &Session,
    received: &Received,
    means: Means<'_>,
    now: UnixTime,
) -> Weighed {
    let presentations = match received {
        Received::Presentations(presentations) => presentations,
        Received::Declined { code } => {
            let declined = json!({
                "outcome": "declined",
                "error": code,
                "headline": "Nothing was shared",
                "reasons": [{"kind": "declined", "text": "The wallet said that nothing will come. It does not say why."}],
                "issuer": null,
                "claims": {},
                "credentials": [],
                "checks": [],
            });
            return Weighed {
                result: members(declined),
                good: true,
            };
        }
    };
    match check(session, presentations, &Published(means.http), now).await {
        Err(error) => Weighed {
            result: result(&Judgement::failed(&error)),
            good: false,
        },
        Ok(checked) => {
            let word = ask(means.trust, &checked).await;
            let statuses = statuses(means, &checked, &word.verdicts, now).await;
            let judgement = Judgement::passed(
                session.query(),
                &checked,
                &word.verdicts,
                &statuses,
                word.refused.as_deref(),
                now,
            );
            Weighed {
                result: result(&judgement),
                good: true,
            }
        }
    }
}

/// What the ledger says of the issuer of each.
async fn ask(trust: Option<&Trust>, checked: &[Checked]) -> Word {
    let questions: Vec<Question<'_>> = checked
        .iter()
        .map(|one| Question::Issuer {
            key: match &one.source {
                KeySource::X5c(chain) => Presented::Chain(chain),
                _ => Presented::Key(&one.issuer),
            },
            type_id: catalogue::ledger_type(&one.facts.type_id),
            issued_at: one.facts.issued_at,
        })
        .collect();
    match trust {
        Some(trust) => trust.ask(&questions).await,
        None => Word {
            verdicts: questions.iter().map(|_| nothing_known()).collect(),
            refused: None,
        },
    }
}

/// What the issuers' lists say of each. Nobody is asked about a card that is refused already:
/// its list would be an address that a stranger chose.
async fn statuses(
    means: Means<'_>,
    checked: &[Checked],
    verdicts: &[Verdict],
    now: UnixTime,
) -> Vec<Status> {
    let mut statuses = Vec::with_capacity(checked.len());
    for (one, verdict) in checked.iter().zip(verdicts) {
        let status = if verdict.standing == Standing::Listed {
            let card = Card {
                references: &one.facts.status,
                source: &one.source,
                key: &one.issuer,
                type_id: &one.facts.type_id,
                verdict,
            };
            means.lists.ask(card, means.http, means.trust, now).await
        } else {
            Status::None
        };
        statuses.push(status);
    }
    statuses
}

/// The members of a result. What is refused brings no details: they are of no use to the desk.
pub(crate) fn result(judgement: &Judgement) -> Map<String, Value> {
    let refused = judgement.outcome == Outcome::Refused;
    let mut credentials = judgement.credentials.clone();
    if refused {
        for credential in credentials.iter_mut().filter_map(Value::as_object_mut) {
            credential.insert("claims".to_owned(), json!({}));
            credential.insert("details".to_owned(), json!([]));
        }
    }
    // The issuer that the verdict hangs on: the first that is not listed, else the first.
    let issuers = || credentials.iter().filter_map(|one| one.get("issuer"));
    let issuer = issuers()
        .find(|issuer| {
            issuer
                .get("verdict")
                .is_some_and(|verdict| verdict != "listed")
        })
        .or_else(|| issuers().next())
        .cloned();
    let mut claims = Map::new();
    for one in credentials.iter().rev() {
        if let Some(members) = one.get("claims").and_then(Value::as_object) {
            claims.extend(members.clone());
        }
    }
    let reasons: Vec<Value> = judgement
        .reasons
        .iter()
        .map(|reason| json!({"kind": reason.kind, "text": reason.text}))
        .collect();
    members(json!({
        "outcome": judgement.outcome.name(),
        "headline": match judgement.outcome {
            Outcome::Accepted => "Accept",
            Outcome::Caution => "Accept with care",
            Outcome::Refused => "Do not accept",
        },
        "reasons": reasons,
        "issuer": issuer,
        "claims": claims,
        "credentials": credentials,
        "checks": judgement.checks.iter().map(Check::to_json).collect::<Vec<_>>(),
    }))
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
