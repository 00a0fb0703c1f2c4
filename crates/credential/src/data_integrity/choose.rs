use keys::{Algorithm, PublicKey, UnixTime, b64, json};
use serde_json::{Map, Value};

use super::plain::{self, Expected, ProofError, Purpose, Said, proofs};
use super::refused::{Unfit, issuers};
use super::selective;
use super::words;
use crate::did::{self, Relationship};
use crate::format::Refused;
use crate::json_ld::Contexts;
use crate::vcdm::facts::require_json_ld;
use crate::vcdm::{Credential, Moment};

/// The proof of a credential that its issuer made and this program can check.
pub(super) struct Chosen<'a> {
    pub(super) suite: Suite,
    /// The DID URL of the issuer's key.
    pub(super) url: &'a str,
    /// When the proof was made, where it says so.
    pub(super) created: Option<UnixTime>,
    proof: &'a Map<String, Value>,
    /// Which of the credential's proofs it is.
    place: usize,
}

/// A suite of either kind.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Suite {
    Plain(plain::Suite),
    Selective(selective::Suite),
}

impl Suite {
    fn of(proof: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        match text("cryptosuite").and_then(selective::Suite::from_name) {
            Some(suite) if text("type") == Some("DataIntegrityProof") => {
                Some(Self::Selective(suite))
            }
            _ => plain::Suite::of(proof).map(Self::Plain),
        }
    }
}

/// The issuer's proof: one that the holder can derive from, else the first.
///
/// Proofs by others are left alone, since nobody here knows whom to believe; but those that the
/// issuer's proof vouches for are checked with it.
pub(super) fn choose(credential: &Credential) -> Result<Chosen<'_>, Refused> {
    words::check(credential.document()).map_err(Unfit::refuse)?;
    let all = proofs(credential.document()).map_err(issuers)?;
    let mut refusal = Unfit::NoProof;
    let mut chosen: Option<Chosen<'_>> = None;
    for (place, proof) in all.into_iter().enumerate() {
        let text = |name: &str| proof.get(name).and_then(Value::as_str);
        let Some(suite) = Suite::of(proof) else {
            continue;
        };
        if text("proofPurpose") != Some(Purpose::Assertion.name()) {
            continue;
        }
        let url = text("verificationMethod").unwrap_or_default();
        if did::split_url(url).0 != credential.issuer() {
            refusal = Unfit::OtherIssuer;
            continue;
        }
        let better = match &chosen {
            None => true,
            Some(other) => {
                matches!((suite, other.suite), (Suite::Selective(_), Suite::Plain(_)))
            }
        };
        if better {
            let created = text("created").and_then(Moment::parse);
            chosen = Some(Chosen {
                suite,
                url,
                created: created.map(|moment| moment.seconds),
                proof,
                place,
            });
        }
    }
    let chosen = chosen.ok_or_else(|| refusal.refuse())?;
    if did::method(credential.issuer()).is_none() {
        return Err(Unfit::NoDid.refuse());
    }
    Ok(chosen)
}

impl Chosen<'_> {
    /// What the issuer signed with.
    pub(super) fn algorithm(&self) -> Result<Algorithm, Refused> {
        match self.suite {
            Suite::Selective(selective::Suite::Bbs2023) => Ok(Algorithm::Bbs),
            Suite::Selective(selective::Suite::EcdsaSd2023) => Ok(Algorithm::Es256),
            Suite::Plain(plain::Suite::JsonWebSignature2020) => self.algorithm_of_jws(),
            Suite::Plain(suite) => {
                let value = self.proof.get("proofValue").and_then(Value::as_str);
                Ok(suite.algorithm(value.unwrap_or_default()))
            }
        }
    }

    fn algorithm_of_jws(&self) -> Result<Algorithm, Refused> {
        let jws = self.proof.get("jws").and_then(Value::as_str);
        let header = jws.and_then(|jws| jws.split_once(".."));
        let header = header.and_then(|(header, _)| b64::decode(header).ok());
        let header = header.and_then(|header| json::parse_object(&header).ok());
        let header = header.ok_or_else(|| issuers(ProofError::Member("jws")))?;
        let name = header.get("alg").and_then(Value::as_str);
        name.and_then(|name| Algorithm::from_name(name).ok())
            .ok_or_else(|| issuers(ProofError::Suite))
    }

    /// Holds a proof that hides claims against its dates, which its suite signs and does not read.
    pub(super) fn check_said(&self, now: UnixTime) -> Result<(), Refused> {
        let said = Said::parse(self.proof).map_err(issuers)?;
        said.check(&by_issuer(now)).map_err(issuers)
    }

    /// Verifies a proof over the whole document.
    pub(super) fn verify_plain(
        &self,
        credential: &Credential,
        issuer: &PublicKey,
        now: UnixTime,
        contexts: &Contexts,
    ) -> Result<(), Refused> {
        let expected = by_issuer(now);
        if matches!(self.suite, Suite::Plain(suite) if suite.is_jcs()) {
            require_json_ld(credential, contexts)?;
        }
        // Those who signed before the issuer are named by keys that need no look-up.
        let key = |url: &str| match url == self.url {
            true => Some(issuer.clone()),
            false => {
                let document = did::resolve_self_contained(did::split_url(url).0).ok()?;
                document.key(url, Relationship::Assertion).ok()
            }
        };
        plain::verify(credential.document(), self.place, &key, &expected, contexts)
            .map(drop)
            .map_err(issuers)
    }
}

/// What an issuer's proof must say.
fn by_issuer(now: UnixTime) -> Expected<'static> {
    Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now,
    }
}
