//! What an answer is worth to the desk. Pure: everything that is known is given.

use credential::KeySource;
use credential::format::Fault;
use keys::UnixTime;
use ledger::{Band, Standing, Verdict};
use protocol::verifier::{CheckError, Checked, PresentationError};
use query::Query;
use serde_json::{Value, json};

use crate::asked::asked_for;
use crate::status::Status;
use crate::words::{self, visible};

/// What the clerk is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Accepted,
    Caution,
    Refused,
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Caution => "caution",
            Self::Refused => "refused",
        }
    }
}

/// One check and how it went. Never holds a value of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) ok: bool,
    pub(crate) detail: String,
}

impl Check {
    pub(crate) fn new(name: &'static str, ok: bool, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            detail: detail.into(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"name": self.name, "ok": self.ok, "detail": self.detail})
    }
}

/// Why not, or not without care: a word for scripts and a sentence for the clerk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

/// The whole judgement.
pub(crate) struct Judgement {
    pub(crate) outcome: Outcome,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) checks: Vec<Check>,
    pub(crate) credentials: Vec<Value>,
}

/// The stages of checking in their order: one that fails ends it.
const STAGES: [(&str, &str); 6] = [
    ("form", "the answer can be read"),
    ("issuer_key", "the issuer's key was found"),
    ("signature", "the issuer signed it, and nothing was changed"),
    ("dates", "it is valid now"),
    ("holder_binding", "its holder made it for this request"),
    ("query", "it is what was asked for"),
];

impl Judgement {
    /// An answer whose presentations do not pass.
    pub(crate) fn failed(error: &CheckError) -> Self {
        let (stage, kind, text) = explain(error);
        let mut checks = Vec::new();
        for (name, fine) in STAGES {
            if name == stage {
                checks.push(Check::new(name, false, error.to_string()));
                break;
            }
            checks.push(Check::new(name, true, fine));
        }
        Self {
            outcome: Outcome::Refused,
            reasons: vec![Reason {
                kind,
                text: text.to_owned(),
            }],
            checks,
            credentials: Vec::new(),
        }
    }

    /// An answer whose presentations pass, with what the ledger says of each, in their order.
    pub(crate) fn passed(
        query: &Query,
        checked: &[Checked],
        verdicts: &[Verdict],
        statuses: &[Status],
        ledger_refused: Option<&str>,
        now: UnixTime,
    ) -> Self {
        let no_holder = checked.iter().all(|one| !one.facts.holder_proven);
        let mut judgement = Self {
            outcome: Outcome::Accepted,
            reasons: Vec::new(),
            checks: STAGES
                .iter()
                .filter(|(name, _)| *name != "holder_binding" || !no_holder)
                .map(|(name, fine)| Check::new(name, true, *fine))
                .collect(),
            credentials: Vec::new(),
        };
        if let Some(name) = ledger_refused {
            judgement.checks.push(Check::new(
                "ledger_update",
                false,
                format!("the newest update of the ledger was refused: {name}"),
            ));
            judgement.add(
                Outcome::Caution,
                "ledger_refused",
                "The ledger's newest update contradicts what this counter knows and was refused. \
                 Tell whoever runs this counter."
                    .to_owned(),
            );
        }
        for ((one, verdict), status) in checked.iter().zip(verdicts).zip(statuses) {
            judgement.weigh(one, verdict);
            judgement.weigh_status(&words::type_name(&one.facts.type_id), *status, now);
            judgement
                .credentials
                .push(show(query, one, verdict, *status));
        }
        judgement
    }

    pub(crate) fn add(&mut self, outcome: Outcome, kind: &'static str, text: String) {
        self.outcome = self.outcome.max(outcome);
        let reason = Reason { kind, text };
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    fn weigh(&mut self, one: &Checked, verdict: &Verdict) {
        let card = words::type_name(&one.facts.type_id);
        let who = listed_name(verdict).unwrap_or_else(|| "The issuer".to_owned());
        let standing = verdict.standing;
        let listed = standing == Standing::Listed;
        let detail = match listed_name(verdict) {
            Some(name) => format!("{}: {name}", standing.name()),
            None => standing.name().to_owned(),
        };
        self.checks.push(Check::new("ledger", listed, detail));
        if let Some((kind, text)) = refusal(standing, &who, &card) {
            self.add(Outcome::Refused, kind, text);
        }
        if let Some(age) = &verdict.age {
            if listed && age.band == Band::Offline {
                let age = words::length(age.seconds);
                self.checks
                    .push(Check::new("ledger_age", false, age.clone()));
                self.add(
                    Outcome::Caution,
                    "ledger_old",
                    format!("The ledger was last confirmed {age} ago. A change since then is not known here."),
                );
            }
            if age.clock_set_back {
                self.checks
                    .push(Check::new("clock", false, "earlier than the ledger"));
                self.add(
                    Outcome::Caution,
                    "clock_set_back",
                    "This computer's clock is earlier than the ledger. Have it set right."
                        .to_owned(),
                );
            }
        }
        if !one.facts.holder_proven {
            self.checks.push(Check::new(
                "holder_binding",
                false,
                "no proof that the bearer is its holder was asked for",
            ));
            self.add(
                Outcome::Caution,
                "not_bound",
                format!("{card} is not bound to the bearer: compare it with the person."),
            );
        }
    }

    /// What the issuer itself says of the card.
    fn weigh_status(&mut self, card: &str, status: Status, now: UnixTime) {
        let (ok, detail) = match status {
            Status::None => return,
            Status::Known(known) => {
                let age = words::length(now.saturating_sub(known.checked_at));
                let fine = known.standing == credential::status::Standing::Valid && known.fresh;
                (fine, format!("{}, looked up {age} ago", known.standing))
            }
            Status::Unreachable => (false, "its list could not be had".to_owned()),
            Status::Refused(problem) => (false, problem.to_owned()),
        };
        self.checks.push(Check::new("status", ok, detail));
        if let Some((outcome, kind, text)) = by_status(card, status, now) {
            self.add(outcome, kind, text);
        }
    }
}

/// What the clerk is told where a card does not stand, or where that is not known for sure.
fn by_status(card: &str, status: Status, now: UnixTime) -> Option<(Outcome, &'static str, String)> {
    use credential::status::Standing;
    let known = match status {
        Status::None => return None,
        Status::Unreachable => {
            return Some((
                Outcome::Caution,
                "status_not_checked",
                format!(
                    "{card} can be withdrawn by its issuer. Whether it was could not be looked up now."
                ),
            ));
        }
        Status::Refused(_) => {
            return Some((
                Outcome::Refused,
                "status_refused",
                format!(
                    "What is published about whether {card} was withdrawn is not its issuer's word."
                ),
            ));
        }
        Status::Known(known) => known,
    };
    match known.standing {
        Standing::Revoked => Some((
            Outcome::Refused,
            "card_revoked",
            format!("{card} was withdrawn by its issuer."),
        )),
        Standing::Suspended => Some((
            Outcome::Refused,
            "card_suspended",
            format!("{card} is suspended by its issuer. It may be valid again later."),
        )),
        Standing::Other(value) => Some((
            Outcome::Caution,
            "status_other",
            format!(
                "Its issuer gives {card} the status {value}. Only the issuer knows what that means."
            ),
        )),
        Standing::Valid if known.fresh => None,
        Standing::Valid => {
            let age = words::length(now.saturating_sub(known.checked_at));
            Some((
                Outcome::Caution,
                "status_old",
                format!(
                    "Whether {card} was withdrawn was last looked up {age} ago. A change since then is not known here."
                ),
            ))
        }
    }
}

/// What the clerk is told where the ledger does not list the issuer for the type.
fn refusal(standing: Standing, who: &str, card: &str) -> Option<(&'static str, String)> {
    Some(match standing {
        Standing::Listed => return None,
        Standing::Unlisted => (
            "issuer_unlisted",
            format!("Nobody vouches for whoever issued this {card}: the ledger does not list them."),
        ),
        Standing::OutOfScope => (
            "issuer_out_of_scope",
            format!("{who} is on the ledger, but not to issue {card}."),
        ),
        Standing::Ended => (
            "issuer_ended",
            format!("{who} may no longer issue {card}: its time on the ledger is over."),
        ),
        Standing::Revoked => (
            "issuer_revoked",
            format!("The key that signed this {card} was revoked. {who} can issue a new card."),
        ),
        Standing::Withdrawn => (
            "issuer_withdrawn",
            format!("{who} was struck off the ledger for {card}."),
        ),
        Standing::Stale => (
            "ledger_stale",
            "What this counter knows of the ledger is more than 7 days old. Connect it, then ask again."
                .to_owned(),
        ),
        Standing::Unknown => (
            "ledger_unknown",
            "This counter has read no ledger, so it does not know who may issue cards.".to_owned(),
        ),
    })
}

/// The stage that failed, a word for scripts, and a sentence for the clerk.
fn explain(error: &CheckError) -> (&'static str, &'static str, &'static str) {
    let changed = (
        "signature",
        "changed",
        "The card was changed, or its issuer did not sign it.",
    );
    let malformed = (
        "form",
        "malformed",
        "The wallet sent something that cannot be read as a card.",
    );
    let source = match error {
        CheckError::Malformed => return malformed,
        CheckError::Query(_) => {
            return (
                "query",
                "not_asked_for",
                "The wallet showed something else than was asked for.",
            );
        }
        CheckError::TooManyCards { .. } => {
            return (
                "form",
                "too_many_cards",
                "There are more cards in this code than this counter asks for. None of them was looked at.",
            );
        }
        CheckError::TooManyKeys => {
            return (
                "issuer_key",
                "too_many_keys",
                "So many keys may have signed the cards in this code that this counter did not try them all. Ask for \
                 another card.",
            );
        }
        CheckError::Presentation { source, .. } => source,
    };
    match source {
        PresentationError::IssuerKey(_) => (
            "issuer_key",
            "issuer_key",
            "The issuer's key could not be found, so the card cannot be checked. Try again later.",
        ),
        PresentationError::Refused(refused) => match refused.fault {
            Fault::Malformed | Fault::Unsupported => malformed,
            Fault::Expired => ("dates", "expired", "The card has expired."),
            Fault::NotYetValid => ("dates", "not_yet_valid", "The card is not valid yet."),
            Fault::OtherRequest => (
                "holder_binding",
                "replayed",
                "The answer was made for another request. Ask again.",
            ),
            Fault::ProofTime => (
                "holder_binding",
                "holder_clock",
                "The answer is too old, or a clock is wrong. Ask again.",
            ),
            Fault::NotTheHolder => (
                "holder_binding",
                "holder",
                "Whoever showed the card did not prove that it is theirs.",
            ),
            _ => changed,
        },
        _ => malformed,
    }
}

/// The name of the body, in English.
pub(crate) fn listed_name(verdict: &Verdict) -> Option<String> {
    let names = &verdict.body.as_ref()?.names;
    let name = names.get("en").or_else(|| names.values().next());
    name.map(|name| visible(name))
}

fn show(query: &Query, one: &Checked, verdict: &Verdict, status: Status) -> Value {
    let facts = &one.facts;
    let (claims, unasked) = asked_for(query, one);
    let body = verdict.body.as_ref();
    let certified = match &one.source {
        KeySource::X5c(chain) => chain.first().map(|leaf| visible(&leaf.subject())),
        _ => None,
    };
    let id = body
        .map(|body| body.id.clone())
        .or_else(|| facts.issuer.as_deref().map(visible))
        .or(certified);
    let by = body.and_then(|body| {
        body.by_names
            .get("en")
            .or_else(|| body.by_names.values().next())
    });
    let time = |time: Option<i64>| time.and_then(words::moment);
    json!({
        "id": one.id,
        "type": facts.type_id,
        "type_name": words::type_name(&facts.type_id),
        "format": one.format.ids().first(),
        "issuer": {
            "id": id,
            "name": listed_name(verdict),
            "verdict": verdict.standing.name(),
            "vouched_for_by": by.map(|name| visible(name)),
            "ledger_checked_at": time(verdict.age.as_ref().map(|age| age.attested)),
        },
        "status": {"state": status.name(), "checked_at": time(status.checked_at())},
        "claims": claims,
        "details": words::details(&facts.type_id, &claims),
        "not_asked_for": unasked,
        "issued_at": time(facts.issued_at),
        "valid_until": time(facts.valid_until),
    })
}

#[cfg(test)]
mod tests {
    use credential::format::Refused;
    use protocol::status::Known;

    use super::*;

    #[test]
    fn only_listed_is_no_refusal() {
        let all = [
            Standing::Unlisted,
            Standing::OutOfScope,
            Standing::Ended,
            Standing::Revoked,
            Standing::Withdrawn,
            Standing::Stale,
            Standing::Unknown,
        ];
        let mut kinds: Vec<&str> = all
            .iter()
            .map(|standing| refusal(*standing, "A body", "card").unwrap().0)
            .collect();
        kinds.dedup();
        assert_eq!(kinds.len(), all.len(), "each is said in its own words");
        assert!(refusal(Standing::Listed, "A body", "card").is_none());
    }

    #[test]
    fn a_failed_check_ends_the_list_and_refuses() {
        let presentation = |source| CheckError::Presentation {
            id: "a".to_owned(),
            source,
        };
        let refused = |fault| {
            let source = std::fmt::Error;
            presentation(Refused::new(fault, source).into())
        };
        for (error, stage, kind) in [
            (CheckError::Malformed, "form", "malformed"),
            (query::Fault::Incomplete.into(), "query", "not_asked_for"),
            (
                CheckError::TooManyCards { id: "a".to_owned() },
                "form",
                "too_many_cards",
            ),
            (CheckError::TooManyKeys, "issuer_key", "too_many_keys"),
            (refused(Fault::Expired), "dates", "expired"),
            (refused(Fault::NotYetValid), "dates", "not_yet_valid"),
            (refused(Fault::Changed), "signature", "changed"),
            (refused(Fault::OtherRequest), "holder_binding", "replayed"),
            (refused(Fault::ProofTime), "holder_binding", "holder_clock"),
            (refused(Fault::NotTheHolder), "holder_binding", "holder"),
            (refused(Fault::Malformed), "form", "malformed"),
            (refused(Fault::Unsupported), "form", "malformed"),
            (presentation(PresentationError::Format), "form", "malformed"),
        ] {
            let judgement = Judgement::failed(&error);
            assert_eq!(judgement.outcome, Outcome::Refused);
            assert_eq!(judgement.reasons[0].kind, kind);
            let (last, before) = judgement.checks.split_last().unwrap();
            assert_eq!((last.name, last.ok), (stage, false));
            assert!(before.iter().all(|check| check.ok));
        }
    }

    #[test]
    fn what_a_status_is_worth() {
        use credential::status::Standing as At;
        let now = 1_790_000_000;
        let known = |standing, fresh| {
            Status::Known(Known {
                standing,
                checked_at: now - 3 * 3600,
                fresh,
            })
        };
        for (status, expected) in [
            (Status::None, None),
            (known(At::Valid, true), None),
            (
                known(At::Valid, false),
                Some((Outcome::Caution, "status_old")),
            ),
            (
                known(At::Revoked, true),
                Some((Outcome::Refused, "card_revoked")),
            ),
            (
                known(At::Revoked, false),
                Some((Outcome::Refused, "card_revoked")),
            ),
            (
                known(At::Suspended, true),
                Some((Outcome::Refused, "card_suspended")),
            ),
            (
                known(At::Other(3), true),
                Some((Outcome::Caution, "status_other")),
            ),
            (
                Status::Unreachable,
                Some((Outcome::Caution, "status_not_checked")),
            ),
            (
                Status::Refused("x"),
                Some((Outcome::Refused, "status_refused")),
            ),
        ] {
            let found = by_status("Card", status, now);
            let found = found.map(|(outcome, kind, _)| (outcome, kind));
            assert_eq!(found, expected, "{status:?}");
            let mut judgement = Judgement {
                outcome: Outcome::Accepted,
                reasons: Vec::new(),
                checks: Vec::new(),
                credentials: Vec::new(),
            };
            judgement.weigh_status("Card", status, now);
            let fine = judgement.checks.iter().all(|check| check.ok);
            assert_eq!(fine, expected.is_none());
        }
        let (_, _, old) = by_status("Card", known(At::Valid, false), now).unwrap();
        assert!(old.contains("3 hours ago"), "{old}");
        let (_, _, gone) = by_status("Card", known(At::Revoked, true), now).unwrap();
        assert!(gone.contains("was withdrawn by its issuer"), "{gone}");
        let (_, _, stopped) = by_status("Card", known(At::Suspended, true), now).unwrap();
        assert!(stopped.contains("is suspended"), "{stopped}");
    }

    #[test]
    fn the_worst_counts() {
        assert!(Outcome::Accepted < Outcome::Caution && Outcome::Caution < Outcome::Refused);
    }
}
