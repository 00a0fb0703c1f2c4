//! `explain`: why the verdict on an issuer and a type is what it is, in sentences.

use credential::catalogue;
use keys::UnixTime;
use ledger::record::{Accreditation, Grant, KeyRecord, Record, Withdrawn};
use ledger::{Age, Explanation, Standing};
use serde_json::{Value, json};

use crate::args::Explain;
use crate::called::{self, Called, visible};
use crate::dates;
use crate::failure::Failure;
use crate::output;
use crate::show::{english, key_standing};
use crate::writer::Known;

pub(crate) async fn run(args: &Explain, as_json: bool) -> Result<(), Failure> {
    let known = Known::find(&args.dir).await?;
    let now = dates::now();
    let type_id = catalogue::type_id(&args.type_id);
    let at = args.at.as_deref().map(dates::start).transpose()?;
    let view = known.view();
    let explanation = ledger::explain(&view, &args.issuer, type_id, at, now);
    let told = Telling {
        issuer: &args.issuer,
        type_id,
        at,
        now,
        registry: known.registry(),
        called: Called::new(known.registry()),
    };
    let sentences = told.sentences(&explanation);
    let keys: Vec<Value> = explanation
        .keys
        .iter()
        .map(|(key, standing)| {
            json!({
                "thumbprint": key.thumbprint,
                "key": key_standing(key),
                "verdict": shown(*standing, explanation.age.as_ref()).name(),
            })
        })
        .collect();
    let text: String = sentences.join("\n");
    let object = json!({
        "issuer": args.issuer,
        "type": type_id,
        "at": at,
        "now": now,
        "verdict": overall(&explanation).name(),
        "keys": keys,
        "sentences": sentences,
        "trail": explanation.changes,
        "attested": known.attested(),
        "checked": known.is_checked(),
    });
    output::result(as_json, &object, text);
    Ok(())
}

/// What a wallet would say, the age included.
fn shown(standing: Standing, age: Option<&Age>) -> Standing {
    let lasting = matches!(
        standing,
        Standing::Revoked | Standing::Withdrawn | Standing::Ended
    );
    let stale = age.is_some_and(|age| age.band == ledger::Band::Stale);
    if stale && !lasting {
        Standing::Stale
    } else {
        standing
    }
}

/// The best that any of the issuer's keys gets.
fn overall(explanation: &Explanation<'_>) -> Standing {
    let age = explanation.age.as_ref();
    if explanation.age.is_none() {
        return Standing::Unknown;
    }
    let mut keys = explanation.keys.iter().map(|(_, standing)| *standing);
    let best = if keys.clone().any(|standing| standing == Standing::Listed) {
        Some(Standing::Listed)
    } else {
        keys.next_back()
    };
    shown(best.unwrap_or(Standing::Unlisted), age)
}

/// What the question was, for the sentences of the answer.
struct Telling<'q> {
    issuer: &'q str,
    type_id: &'q str,
    at: Option<UnixTime>,
    now: UnixTime,
    registry: &'q ledger::Registry,
    called: Called<'q>,
}

impl Telling<'_> {
    fn sentences(&self, explanation: &Explanation<'_>) -> Vec<String> {
        let mut told = Vec::new();
        let Some(record) = explanation.record else {
            told.push(format!(
                "No issuer is registered on this ledger as {}.",
                visible(self.issuer)
            ));
            if let Some(other) = self.registry.record(self.issuer) {
                told.push(format!(
                    "It is known as {}, and not as an issuer.",
                    roles(other)
                ));
            }
            told.push("A key that says it is theirs is unlisted.".to_owned());
            told.extend(explanation.age.as_ref().map(age_sentence));
            return told;
        };
        told.push(self.registered(record, explanation));
        told.extend(self.grants(explanation));
        told.push(self.judged());
        for (key, standing) in &explanation.keys {
            told.push(self.key(key, *standing));
        }
        told.extend(explanation.age.as_ref().map(age_sentence));
        told.push(format!(
            "So the verdict is: {}.",
            words(overall(explanation))
        ));
        told
    }

    fn registered(&self, record: &Record, explanation: &Explanation<'_>) -> String {
        let name = record
            .issuer
            .as_ref()
            .map_or("", |issuer| english(&issuer.names));
        let (name, id) = (visible(name), self.called.id(&record.id));
        match explanation.changes.first() {
            Some(first) => format!(
                "{name} ({id}) is on this ledger since {} (entry {}, signed by {}).",
                dates::show(first.time),
                first.index,
                self.name(&first.signer)
            ),
            None => format!("{name} ({id}) is on this ledger."),
        }
    }

    fn grants(&self, explanation: &Explanation<'_>) -> Vec<String> {
        if explanation.grants.is_empty() {
            let others = if explanation.other_types.is_empty() {
                "It was granted no type at all.".to_owned()
            } else {
                format!("What it was granted: {}.", types(&explanation.other_types))
            };
            return vec![
                format!(
                    "Nobody granted it the type {}.",
                    called::type_id(self.type_id)
                ),
                others,
            ];
        }
        let mut told = Vec::new();
        for (grant, below) in &explanation.grants {
            told.push(self.grant(grant));
            told.push(self.accreditation(&grant.by, *below));
        }
        told
    }

    fn grant(&self, grant: &Grant) -> String {
        format!(
            "{} granted it {} on {}, until {}{}.",
            self.name(&grant.by),
            called::type_id(&grant.type_id),
            dates::show(grant.from),
            dates::until(grant.until),
            self.end(grant.withdrawn.as_ref(), grant.until),
        )
    }

    fn accreditation(&self, by: &str, below: Option<&Accreditation>) -> String {
        let Some(below) = below else {
            return format!(
                "{} has no accreditation that this could rest on.",
                self.name(by)
            );
        };
        format!(
            "The governance accredited {} for {} on {}, until {}{}.",
            self.name(by),
            if below.covers(ledger::event::ANY_TYPE) {
                "every type".to_owned()
            } else {
                types(&below.types)
            },
            dates::show(below.from),
            dates::until(below.until),
            self.end(below.withdrawn.as_ref(), below.until),
        )
    }

    /// How a right ended, if it did.
    fn end(&self, withdrawn: Option<&Withdrawn>, until: UnixTime) -> String {
        match withdrawn {
            Some(end) => format!(
                "; it was withdrawn on {}{}, and counts for nothing since, whatever the date of issue",
                dates::show(end.at),
                reason(end.reason.as_deref())
            ),
            None if self.now >= until => "; that time is over".to_owned(),
            None => String::new(),
        }
    }

    fn judged(&self) -> String {
        match self.at {
            Some(at) if at > self.now => format!(
                "A date of issue to come ({}) is not believed: it is judged as of now.",
                dates::show(at)
            ),
            Some(at) => format!(
                "The date of issue is the issuer's word: grants are judged as of {}.",
                dates::show(at)
            ),
            None => "Without a date of issue it is judged as of now.".to_owned(),
        }
    }

    fn key(&self, key: &KeyRecord, standing: Standing) -> String {
        let what = if key.entry.ca {
            "The certificate authority"
        } else {
            "The key"
        };
        let mut told = format!(
            "{what} {} was registered under {} on {}",
            key.thumbprint,
            self.name(&key.by),
            dates::show(key.from)
        );
        if let Some(revoked) = &key.revoked {
            told.push_str(&format!(
                "; it was revoked on {}{}: nothing that it signed counts, whatever its date",
                dates::show(revoked.at),
                reason(Some(&revoked.reason))
            ));
        } else if let Some(rotated) = &key.rotated {
            told.push_str(&format!(
                "; the key {} took over on {}, and what this one signed is accepted until {}",
                rotated.to,
                dates::show(rotated.at),
                dates::until(rotated.accept_until)
            ));
        }
        format!("{told}. For what it signs: {}.", words(standing))
    }

    fn name(&self, id: &str) -> String {
        self.called.body(id)
    }
}

fn types(ids: &[impl AsRef<str>]) -> String {
    let all = ids.iter().map(|id| called::type_id(id.as_ref()));
    all.collect::<Vec<_>>().join(", ")
}

fn reason(reason: Option<&str>) -> String {
    reason.map_or_else(String::new, |reason| format!(" (\"{}\")", visible(reason)))
}

fn roles(record: &Record) -> String {
    let roles: Vec<&str> = [
        (!record.accreditations.is_empty(), "an accreditor"),
        (!record.services.is_empty(), "a service"),
        (!record.publications.is_empty(), "a credential type"),
    ]
    .into_iter()
    .filter_map(|(is, name)| is.then_some(name))
    .collect();
    roles.join(" and ")
}

fn age_sentence(age: &Age) -> String {
    let ago = match age.seconds / 3600 {
        0 => "less than an hour".to_owned(),
        1 => "1 hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    let band = match age.band {
        ledger::Band::Fresh => "fresh",
        ledger::Band::Offline => "usable, with its age said aloud",
        ledger::Band::Stale => "too old to tell what may have changed",
    };
    format!(
        "The ledger's last word is of {}, {ago} ago: {band}.",
        dates::show(age.attested)
    )
}

/// A verdict in words.
fn words(standing: Standing) -> &'static str {
    match standing {
        Standing::Listed => "listed: entitled to issue this type",
        Standing::Unlisted => "unlisted: not on this ledger",
        Standing::OutOfScope => "out of scope: a known issuer, but not of this type",
        Standing::Ended => "ended: its time is over",
        Standing::Revoked => "revoked: the key counts no longer",
        Standing::Withdrawn => "withdrawn: the right was taken back",
        Standing::Stale => "stale: what is known is too old",
        Standing::Unknown => "unknown: no ledger was read",
    }
}
