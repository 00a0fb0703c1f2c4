use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use keys::UnixTime;
use keys::x509::Certificate;
use ledger::Standing;
use program::output::Failure;
use protocol::counter_code::{Answer, Ask, Binding, Live, Signer, Wants, check};
use protocol::issuer_keys::IssuerKey;
use protocol::status::{CachedList, verify_stapled};
use protocol::verifier::{CheckError, Checked, Identity};
use serde_json::{Map, Value, json};

use super::challenges::{Challenge, Challenges};
use super::kept::Kept;
use super::offline::{Known, Origin};
use super::refusal::Refusal;
use super::seen::{CLOCK_TOLERANCE, Seen, Taken};
use crate::answer::result;
use crate::args::usage;
use crate::judge::{Check, Judgement, Outcome};
use crate::purposes::Purpose;
use crate::status::{Card, Lists, Status};
use crate::trust::{Held, Trust};
use crate::words;

/// The name of a purpose that cannot be told.
const UNKNOWN: &str = "";
/// A card whose life is at most this many seconds needs no list where none is at hand: it is
/// newer than one would be.
const SHORT_LIFE: UnixTime = 24 * 3600;

/// What a desk needs to ask by codes and to read them. Nothing here uses a network.
pub(crate) struct Codes {
    service: String,
    identity: Arc<Identity>,
    challenges: Challenges,
    seen: Seen,
    kept: Kept,
    /// One code is judged at a time: a mark is made once, and whoever sends many keeps one
    /// thread busy, and none of those that serve.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A code for the screen.
pub(crate) struct Asked {
    /// The bytes of the code.
    pub(crate) bytes: Vec<u8>,
    /// The second from which it is no longer open; never for a poster.
    pub(crate) expires_at: Option<UnixTime>,
}

/// What a code is judged with.
#[derive(Clone)]
pub(crate) struct Means {
    pub(crate) purposes: Arc<[Purpose]>,
    pub(crate) trust: Option<Arc<Trust>>,
    pub(crate) lists: Arc<Lists>,
}

impl Codes {
    /// Of the counter with this client id, which keeps its files in `folder`.
    pub(crate) fn new(folder: &Path, service: String, identity: Arc<Identity>) -> Self {
        Self {
            service,
            identity,
            challenges: Challenges::new(folder.join("challenges")),
            seen: Seen::new(folder.join("seen")),
            kept: Kept::new(folder.join("kept")),
            turn: Arc::default(),
        }
    }

    /// Removes what is over: at the start and while `serve` runs, since a desk that reads nothing
    /// removes nothing.
    pub(crate) fn sweep(&self, now: UnixTime) -> anyhow::Result<()> {
        // Where one cannot be swept the others are.
        let swept = [
            self.challenges.sweep(now),
            self.seen.sweep(now),
            self.kept.sweep(now),
        ];
        swept.into_iter().collect()
    }

    /// A code for one answer, signed. Its challenge is on the disk before it is shown.
    pub(crate) fn ask_live(
        &self,
        purpose: &Purpose,
        wants: Wants,
        open_for: UnixTime,
        now: UnixTime,
    ) -> Result<Asked, Failure> {
        let (signer, key) = match &*self.identity {
            Identity::RedirectUri => {
                return Err(usage(
                    "a live code is signed, and a redirect_uri counter has no key: use --poster, or another prefix",
                ));
            }
            Identity::Did { key, .. } => (Signer::Key(key.public()), key),
            Identity::X509SanDns { chain, key, .. } | Identity::X509Hash { chain, key } => {
                let chain: Vec<Certificate> = chain.clone();
                (Signer::Chain(chain), key)
            }
        };
        let id = &purpose.entry.id;
        let live = Live::make(&self.service, id, wants, signer, now, open_for);
        let bytes = live.sign(key).context("the code cannot be signed")?;
        let about = Challenge {
            purpose: id.clone(),
            made_at: live.made_at,
            expires_at: live.expires_at,
        };
        self.challenges.add(&live.challenge, &about, now)?;
        Ok(Asked {
            bytes,
            expires_at: Some(live.expires_at),
        })
    }

    /// A code for any number of answers.
    pub(crate) fn ask_by_poster(&self, purpose: &Purpose, wants: Wants) -> Result<Asked, Failure> {
        let bytes = Ask::poster(&self.service, &purpose.entry.id, wants);
        Ok(Asked {
            bytes: bytes.context("the code cannot be made")?,
            expires_at: None,
        })
    }

    /// Judges the message of a code, and takes it where it is good. What is told is the result
    /// as of any request, with `binding`, `purpose`, `purpose_name`, `ages` and `read_at`.
    ///
    /// The work is done on a thread of its own, one code after the other, also where whoever
    /// asked has gone.
    ///
    /// # Errors
    /// Where the data folder cannot be used: then nothing is accepted.
    pub(crate) async fn read(
        self: &Arc<Self>,
        message: Vec<u8>,
        means: Means,
        now: UnixTime,
    ) -> anyhow::Result<Map<String, Value>> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let held = match &means.trust {
            Some(trust) => Some(trust.held().await),
            None => None,
        };
        let codes = Arc::clone(self);
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            codes.read_now(&message, &means, held.as_ref(), now)
        });
        work.await.context("reading the code broke")?
    }

    fn read_now(
        &self,
        message: &[u8],
        means: &Means,
        held: Option<&Held>,
        now: UnixTime,
    ) -> anyhow::Result<Map<String, Value>> {
        let answer = match Answer::decode(message, &self.service) {
            // Whatever lay before the camera: nothing happened at this desk.
            Err(error) => {
                return Ok(Told::new(Refusal::Answer(error).judgement()).take_result(now));
            }
            Ok(answer) => answer,
        };
        let asked_for = answer.bound.purpose();
        let purpose = means.purposes.iter().find(|one| one.entry.id == asked_for);
        let mut told = match purpose {
            None => Told::new(Refusal::UnknownPurpose.judgement()),
            Some(purpose) => self.judge(&answer, purpose, &means.lists, held, now)?,
        };
        told.binding = Some(answer.bound.binding().name());
        told.purpose = purpose;
        // A name that is not one of this counter's is somebody else's text.
        let name = purpose.map_or(UNKNOWN, |purpose| purpose.entry.id.as_str());
        let outcome = told.judgement.outcome.name();
        if self.kept.add(name, outcome, now).is_err() {
            // The code was taken already: a line that is missing must not take the verdict back.
            let detail = "the line of what this counter keeps could not be written";
            told.judgement
                .checks
                .push(Check::new("kept", false, detail));
        }
        Ok(told.take_result(now))
    }

    fn judge<'p>(
        &self,
        answer: &Answer,
        purpose: &'p Purpose,
        lists: &Lists,
        held: Option<&Held>,
        now: UnixTime,
    ) -> anyhow::Result<Told<'p>> {
        let over_at = match self.open(answer, now)? {
            Ok(over_at) => over_at,
            Err(refusal) => return Ok(Told::new(refusal.judgement())),
        };
        let mark = answer.bound.mark();
        if self.seen.contains(&mark, over_at)? {
            return Ok(Told::new(Refusal::Replayed.judgement()));
        }
        let told = weigh(answer, purpose, held, lists, now);
        if told.judgement.outcome != Outcome::Refused
            && self.seen.take(&mark, over_at, now)? == Taken::Before
        {
            return Ok(Told::new(Refusal::Replayed.judgement()));
        }
        Ok(told)
    }

    /// Whether an answer counts now: the second from which it does not.
    fn open(&self, answer: &Answer, now: UnixTime) -> anyhow::Result<Result<UnixTime, Refusal>> {
        if self.seen.clock_went_back(now)? {
            return Ok(Err(Refusal::DeskClock));
        }
        let binding = answer.bound.binding();
        if let Binding::Live { challenge, made_at } = binding {
            let Some(known) = self.challenges.find(challenge)? else {
                return Ok(Err(Refusal::OtherChallenge));
            };
            if known.purpose != answer.bound.purpose() || known.made_at != *made_at {
                return Ok(Err(Refusal::ChangedChallenge));
            }
            if now.saturating_add(CLOCK_TOLERANCE) < known.made_at {
                return Ok(Err(Refusal::DeskClock));
            }
            if now >= known.expires_at {
                // Said of a code that was taken too: that it was.
                if self.seen.contains(&answer.bound.mark(), known.expires_at)? {
                    return Ok(Err(Refusal::Replayed));
                }
                return Ok(Err(Refusal::Expired(now.saturating_sub(known.expires_at))));
            }
            return Ok(Ok(known.expires_at));
        }
        if let Err(fault) = binding.check_time(now) {
            let since = now.saturating_sub(binding.stated_time());
            return Ok(Err(Refusal::Time(fault, since)));
        }
        Ok(Ok(binding.over_at().unwrap_or(now)))
    }
}

/// Checks the cards of an answer and judges them.
fn weigh<'p>(
    answer: &Answer,
    purpose: &'p Purpose,
    held: Option<&Held>,
    lists: &Lists,
    now: UnixTime,
) -> Told<'p> {
    let mut staples = Vec::new();
    let replica = held.map(Held::replica);
    let known = Known::new(replica, &answer.staples.evidence, now, &mut staples);
    let known = &known;
    let keys = |claimed: &credential::format::Claimed| known.keys(claimed);
    let checked = match check(answer, &purpose.query, &keys, now) {
        Err(error) => return Told::new(failed(&error, replica.is_some())),
        Ok(checked) => checked,
    };
    let mut ages = Vec::new();
    let mut verdicts = Vec::new();
    let mut statuses = Vec::new();
    let mut short_lived = Vec::new();
    for one in &checked {
        let (verdict, origin) = known.decide(one, now);
        if let Some(age) = &verdict.age {
            ages.push(age_of("ledger", &one.id, origin, age.attested, now));
        }
        let mut status = Status::None;
        if verdict.standing == Standing::Listed {
            let (found, origin) = status_of(answer, one, &verdict, known, lists, &mut staples, now);
            status = found;
            if let Some(at) = status.checked_at() {
                ages.push(age_of("status", &one.id, origin, at, now));
            }
            if status == Status::Unreachable
                && is_short_lived(one)
                && !lists.has_any(&one.facts.status)
            {
                status = Status::None;
                short_lived.push(words::type_name(&one.facts.type_id));
            }
        }
        verdicts.push(verdict);
        statuses.push(status);
    }
    let refused = held.and_then(Held::refused);
    let mut judgement =
        Judgement::passed(&purpose.query, &checked, &verdicts, &statuses, refused, now);
    if replica.is_none() {
        add_no_ledger(&mut judgement);
    }
    for card in short_lived {
        let detail = format!("{card} lives for a day at most: its list is not needed");
        judgement.checks.push(Check::new("status", true, detail));
    }
    judgement.checks.extend(staples);
    look_at_the_person(&mut judgement, answer.bound.binding());
    let mut told = Told::new(judgement);
    told.ages = ages;
    told
}

/// What nobody asked for with a fresh challenge never gets more than a caution.
fn look_at_the_person(judgement: &mut Judgement, binding: &Binding) {
    let text = match binding {
        Binding::Live { .. } => return,
        Binding::Window { .. } => {
            "Check identity: this code answers no question of this screen. Somebody else may have made it and handed it \
             on. Compare what it says with the person."
        }
        Binding::Pass { .. } => {
            "Check identity: this is a printed pass. Whoever has the paper, or a picture of it, could show it. Compare \
             what it says with the person."
        }
    };
    judgement
        .checks
        .push(Check::new("live", false, "no fresh challenge"));
    judgement.add(Outcome::Caution, "check_identity", text.to_owned());
}

/// That it is the counter that knows no issuer, whatever card it is shown.
const NO_LEDGER: &str = "This counter follows no ledger, so it cannot know who may issue cards. Nothing is wrong with \
                         the card as far as that goes: whoever runs the counter has to name the ledger.";

/// Says in the verdict why no issuer is known.
fn add_no_ledger(judgement: &mut Judgement) {
    judgement
        .checks
        .push(Check::new("ledger", false, "no ledger was named"));
    for reason in &mut judgement.reasons {
        if matches!(reason.kind, "issuer_key" | "ledger_unknown") {
            reason.text = NO_LEDGER.to_owned();
        }
    }
}

/// The refusal of cards, in the words of a desk that has no network.
fn failed(error: &CheckError, follows_a_ledger: bool) -> Judgement {
    let mut judgement = Judgement::failed(error);
    if !follows_a_ledger {
        add_no_ledger(&mut judgement);
    }
    for reason in &mut judgement.reasons {
        match reason.kind {
            "issuer_key" if follows_a_ledger => {
                reason.text = "No key that this counter knows signed the card: the ledger that is kept here does not \
                               list its issuer for such cards, or is too old to know it."
                    .to_owned();
            }
            "replayed" => {
                reason.kind = "other_code";
                reason.text =
                    "The card in this code was shown for another code. Ask for a new one."
                        .to_owned();
            }
            "malformed" => {
                reason.text = "What is in this code cannot be read as a card.".to_owned();
            }
            "holder" => {
                reason.text = "Whoever made this code did not prove that the card is theirs, or made the proof for \
                               another code."
                    .to_owned();
            }
            _ => {}
        }
    }
    judgement
}

fn status_of(
    answer: &Answer,
    one: &Checked,
    verdict: &ledger::Verdict,
    known: &Known<'_>,
    lists: &Lists,
    checks: &mut Vec<Check>,
    now: UnixTime,
) -> (Status, Origin) {
    let card = Card {
        references: &one.facts.status,
        source: &one.source,
        key: &one.issuer,
        type_id: &one.facts.type_id,
        verdict,
    };
    let body = verdict.body.as_ref().map(|body| body.id.as_str());
    let mut keys = vec![one.issuer.clone()];
    keys.extend(body.map(|body| known.keys_of(body)).unwrap_or_default());
    let mut stapled: Vec<CachedList> = Vec::new();
    for reference in card.references {
        for staple in &answer.staples.statuses {
            if staple.uri != reference.list() {
                continue;
            }
            match verify_stapled(&staple.list, reference, &keys, now) {
                Ok(list) => stapled.push(list),
                Err(error) => {
                    let detail = format!("a list that came with the code was left out: {error}");
                    checks.push(Check::new("staple", false, detail));
                }
            }
        }
    }
    let vouched = |key: &IssuerKey| {
        let presented = match key {
            IssuerKey::Jwk(key) => ledger::Presented::Key(key),
            IssuerKey::Chain(chain) => ledger::Presented::Chain(chain),
        };
        body.is_some_and(|body| known.vouches(presented, card.type_id, now, body, now))
    };
    let status = lists.look(card, &stapled, vouched, now);
    let from_staple = status
        .checked_at()
        .is_some_and(|at| stapled.iter().any(|list| list.fetched_at() == at));
    let origin = if from_staple {
        Origin::Stapled
    } else {
        Origin::Own
    };
    (status, origin)
}

fn is_short_lived(one: &Checked) -> bool {
    let facts = &one.facts;
    match (facts.issued_at.or(facts.valid_from), facts.valid_until) {
        (Some(from), Some(until)) => until.saturating_sub(from) <= SHORT_LIFE,
        _ => false,
    }
}

fn age_of(what: &str, id: &str, origin: Origin, at: UnixTime, now: UnixTime) -> Value {
    let seconds = now.saturating_sub(at).max(0);
    json!({
        "what": what,
        "credential": id,
        "source": origin.name(),
        "at": words::moment(at),
        "age": words::length(seconds),
        "seconds": seconds,
    })
}

/// A judgement with what is told beside it.
struct Told<'p> {
    judgement: Judgement,
    ages: Vec<Value>,
    binding: Option<&'static str>,
    purpose: Option<&'p Purpose>,
}

impl Told<'_> {
    fn new(judgement: Judgement) -> Self {
        Self {
            judgement,
            ages: Vec::new(),
            binding: None,
            purpose: None,
        }
    }

    fn take_result(&mut self, now: UnixTime) -> Map<String, Value> {
        let mut told = result(&self.judgement);
        let mut put = |name: &str, value: Value| told.insert(name.to_owned(), value);
        put("binding", self.binding.into());
        put(
            "purpose",
            self.purpose.map(|purpose| purpose.entry.id.as_str()).into(),
        );
        put("purpose_name", self.purpose.map(Purpose::name).into());
        put("ages", std::mem::take(&mut self.ages).into());
        put("read_at", words::moment(now).into());
        told
    }
}
