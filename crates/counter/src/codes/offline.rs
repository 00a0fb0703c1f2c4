//! What stands about issuers, and their keys, without asking anybody: the replica that is kept
//! here, and evidence that came with the code.

use credential::did::{self, Relationship};
use credential::format::Claimed;
use credential::{KeySource, catalogue};
use keys::x509::Certificate;
use keys::{PublicKey, UnixTime, b64};
use ledger::event::KeyEntry;
use ledger::record::Record;
use ledger::{Evidence, Presented, Proven, Question, Replica, Standing, Verdict};
use protocol::verifier::Checked;

use crate::judge::Check;
use crate::trust::nothing_known;
use crate::words;

/// Where a word comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// It is kept here.
    Own,
    /// It came with the code.
    Stapled,
}

impl Origin {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Own => "kept here",
            Self::Stapled => "came with the code",
        }
    }
}

/// What is known of the ledger.
pub(super) struct Known<'a> {
    replica: Option<&'a Replica>,
    stapled: Vec<Proven>,
}

impl<'a> Known<'a> {
    /// Checks what came with the code against the pin. What does not hold is said, and left out.
    pub(super) fn new(
        replica: Option<&'a Replica>,
        stapled: &[Vec<u8>],
        now: UnixTime,
        checks: &mut Vec<Check>,
    ) -> Self {
        let mut proven = Vec::new();
        for bytes in stapled {
            match prove(bytes, replica, now) {
                Ok(one) => {
                    let when = words::moment(one.attested()).unwrap_or_default();
                    let detail = format!("evidence of the ledger as it stood at {when}");
                    checks.push(Check::new("staple", true, detail));
                    proven.push(one);
                }
                Err(problem) => checks.push(Check::new("staple", false, problem)),
            }
        }
        Self {
            replica,
            stapled: proven,
        }
    }

    fn records(&self) -> impl Iterator<Item = &Record> {
        let own = self.replica.filter(|replica| replica.size() > 0);
        let own = own
            .into_iter()
            .flat_map(|replica| replica.registry().records());
        own.chain(self.stapled.iter().flat_map(Proven::records))
    }

    /// The keys by which a card may have been signed, the likeliest first. What they are worth
    /// is for [`Self::decide`] to say.
    pub(super) fn keys(&self, claimed: &Claimed) -> Vec<PublicKey> {
        let (name, key_name) = match &claimed.key_source {
            KeySource::X5c(chain) => {
                return chain
                    .first()
                    .map(|leaf| leaf.public_key().clone())
                    .into_iter()
                    .collect();
            }
            KeySource::Did { url } => {
                let (did, fragment) = did::split_url(url);
                if let Ok(document) = did::resolve_self_contained(did) {
                    let key = document.key_for(url, Relationship::Assertion, claimed.algorithm);
                    return key.ok().into_iter().collect();
                }
                (did, fragment)
            }
            KeySource::Metadata { iss, kid } => (iss.as_str(), kid.as_deref()),
        };
        let type_id = catalogue::ledger_type(&claimed.type_id);
        let mut found: Vec<(u8, PublicKey)> = Vec::new();
        for record in self.records() {
            let Some(issuer) = &record.issuer else {
                continue;
            };
            let grants = |wanted: &str| issuer.grants.iter().any(|grant| grant.type_id == wanted);
            if !grants(type_id) && !grants(ledger::event::ANY_TYPE) {
                continue;
            }
            for key in &issuer.keys {
                let public = public_key(&key.entry);
                let Some(public) = public.filter(|key| key.algorithm() == claimed.algorithm) else {
                    continue;
                };
                let named = key_name.is_some_and(|name| name == key.thumbprint);
                let source = key.entry.source.as_deref();
                let from = source.is_some_and(|source| source.starts_with(name));
                let rank = match (named, from || record.id == name) {
                    (true, _) => 0,
                    (false, true) => 1,
                    _ => 2,
                };
                if !found.iter().any(|(_, known)| *known == public) {
                    found.push((rank, public));
                }
            }
        }
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, key)| key).collect()
    }

    /// What the ledger says about the issuer of a card, and where that comes from: the newer
    /// word counts. What was revoked stays revoked.
    pub(super) fn decide(&self, one: &Checked, now: UnixTime) -> (Verdict, Origin) {
        let question = Question::Issuer {
            key: match &one.source {
                KeySource::X5c(chain) => Presented::Chain(chain),
                _ => Presented::Key(&one.issuer),
            },
            type_id: catalogue::ledger_type(&one.facts.type_id),
            issued_at: one.facts.issued_at,
        };
        self.answer(&question, now)
    }

    pub(super) fn answer(&self, question: &Question<'_>, now: UnixTime) -> (Verdict, Origin) {
        let own = self.replica.map(|replica| replica.decide(question, now));
        let own = own.unwrap_or_else(nothing_known);
        let highest = self
            .replica
            .map_or(UnixTime::MIN, Replica::highest_attested);
        let attested = |verdict: &Verdict| verdict.age.map_or(UnixTime::MIN, |age| age.attested);
        let mut best = (own, Origin::Own);
        for proven in &self.stapled {
            // It holds other bodies: no evidence of anything.
            if proven.decide(question).standing == Standing::Unlisted {
                continue;
            }
            let verdict = proven.decide_at(question, highest, now);
            let newer = attested(&verdict) > attested(&best.0);
            let either_revoked = best.0.standing == Standing::Revoked;
            if verdict.standing == Standing::Revoked || (newer && !either_revoked) {
                best = (verdict, Origin::Stapled);
            }
        }
        best
    }

    /// Whether the ledger lists a key for the same body and type.
    pub(super) fn vouches(
        &self,
        key: Presented<'_>,
        type_id: &str,
        issued_at: UnixTime,
        body: &str,
        now: UnixTime,
    ) -> bool {
        let question = Question::Issuer {
            key,
            type_id: catalogue::ledger_type(type_id),
            issued_at: Some(issued_at),
        };
        let (verdict, _) = self.answer(&question, now);
        verdict.standing == Standing::Listed && verdict.body.is_some_and(|found| found.id == body)
    }

    /// The keys of a body, for what it signs beside cards.
    pub(super) fn keys_of(&self, body: &str) -> Vec<PublicKey> {
        let mut keys = Vec::new();
        for record in self.records().filter(|record| record.id == body) {
            let issuer = record.issuer.iter().flat_map(|issuer| &issuer.keys);
            for key in issuer.filter_map(|key| public_key(&key.entry)) {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        keys
    }
}

fn prove(bytes: &[u8], replica: Option<&Replica>, now: UnixTime) -> Result<Proven, String> {
    let replica = replica.ok_or("this counter trusts no ledger: give --ledger and --pin")?;
    let evidence = Evidence::parse(bytes).map_err(|error| error.to_string())?;
    let proven = evidence.check_beside(replica, now);
    proven.map_err(|error| format!("{}: {error}", error.name()))
}

fn public_key(entry: &KeyEntry) -> Option<PublicKey> {
    if let Some(jwk) = &entry.jwk {
        return PublicKey::from_jwk(jwk).ok();
    }
    // A certification authority signs no cards itself.
    let der = entry.x509.as_ref().filter(|_| !entry.ca)?;
    let certificate = Certificate::from_der(&b64::decode_standard(der).ok()?).ok()?;
    Some(certificate.public_key().clone())
}
