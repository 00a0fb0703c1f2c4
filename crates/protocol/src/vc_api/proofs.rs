//! Proofs within a document.

use std::collections::BTreeSet;

use credential::data_integrity::plain::{self, Expected, ProofError, Purpose, Said};
use credential::data_integrity::selective::{self, Kind};
use credential::did::{self, Relationship};
use credential::json_ld;
use credential::vcdm::{Credential, Presentation};
use keys::{PublicKey, UnixTime};
use serde_json::{Map, Value};

use super::asked::Documents;
use super::{Problem, contexts};

/// What everything is checked against.
#[derive(Clone, Copy)]
pub(super) struct Check<'a> {
    pub(super) documents: &'a Documents,
    pub(super) challenge: Option<&'a str>,
    pub(super) domain: Option<&'a str>,
    pub(super) purpose: Purpose,
    pub(super) header: Option<&'a [u8]>,
    pub(super) now: UnixTime,
}

/// Who signed a credential.
pub(super) struct Signer {
    /// The issuer's key.
    pub(super) key: PublicKey,
    /// The issuer.
    pub(super) name: String,
    /// Whether a proof of the issuer's is bound to the presentation header.
    pub(super) is_bound: bool,
}

/// A suite of either kind.
enum Suite {
    Plain,
    Selective,
}

impl Check<'_> {
    /// The key of a DID URL, for what is checked.
    pub(super) fn key(&self, url: &str) -> Result<PublicKey, Problem> {
        let document = self.documents.documents.get(did::split_url(url).0);
        let relationship = match self.purpose {
            Purpose::Assertion => Relationship::Assertion,
            Purpose::Authentication => Relationship::Authentication,
        };
        Ok(document.ok_or(Problem::NoKey)?.key(url, relationship)?)
    }

    /// Every proof must hold, and one be by the issuer, whose key is returned. Proofs of a kind
    /// that nobody here knows are told in the warnings.
    pub(super) fn credential(
        &self,
        credential: &Credential,
        warnings: &mut BTreeSet<String>,
    ) -> Result<Signer, Problem> {
        let document = credential.document();
        require_json_ld(document)?;
        if brings_context(document) {
            let text = "the credential writes a context out: its words mean what that context says";
            warnings.insert(text.to_owned());
        }
        let mut issuers: Option<Signer> = None;
        let mut refusal = Problem::OtherParty("issuer");
        for (place, proof) in plain::proofs(document)?.into_iter().enumerate() {
            let Some(suite) = suite(proof) else {
                refusal = ProofError::Suite.into();
                warnings.insert("a proof of an unknown kind was not checked".to_owned());
                continue;
            };
            let url = method(proof)?;
            let key = self.key(url)?;
            let is_bound = match suite {
                Suite::Plain => {
                    self.plain(document, place)?;
                    false
                }
                Suite::Selective => self.selective(document, proof, &key, warnings)?,
            };
            if did::split_url(url).0 == credential.issuer() {
                let name = credential.issuer().to_owned();
                let signer = issuers.get_or_insert(Signer {
                    key,
                    name,
                    is_bound,
                });
                signer.is_bound |= is_bound;
            } else {
                warnings.insert("a proof is by another than the issuer".to_owned());
            }
        }
        issuers.ok_or(refusal)
    }

    /// The proof may be one of several, each over the document without all others. True where it
    /// is bound to the presentation header that is asked for.
    fn selective(
        &self,
        document: &Map<String, Value>,
        proof: &Map<String, Value>,
        key: &PublicKey,
        warnings: &mut BTreeSet<String>,
    ) -> Result<bool, Problem> {
        let mut document = document.clone();
        document.insert("proof".to_owned(), Value::Object(proof.clone()));
        // Selective suites sign these members and do not read them.
        Said::parse(proof)?.check(&self.expected())?;
        if selective::kind_of(&document) == Ok(Kind::Base) {
            return Err(Problem::BaseProof);
        }
        let verified = selective::verify_derived(&document, key, self.header, contexts())?;
        if let Err(unguarded) = verified.require_guarded(&[]) {
            warnings.insert(unguarded.to_string());
        }
        Ok(self.header.is_some() && verified.presentation_header.as_deref() == self.header)
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            purpose: self.purpose,
            challenge: self.challenge,
            domain: self.domain,
            now: self.now,
        }
    }

    /// A proof over the whole document, with those that it vouches for.
    fn plain(&self, document: &Map<String, Value>, place: usize) -> Result<(), Problem> {
        let key = |url: &str| self.key(url).ok();
        plain::verify(document, place, &key, &self.expected(), contexts())?;
        Ok(())
    }

    /// Every proof must hold and be by the holder, where one is named. Returns the keys.
    pub(super) fn presentation(
        &self,
        presentation: &Presentation,
        warnings: &mut BTreeSet<String>,
    ) -> Result<Vec<PublicKey>, Problem> {
        let document = presentation.document();
        require_json_ld(document)?;
        let mut found = Vec::new();
        for (place, proof) in plain::proofs(document)?.into_iter().enumerate() {
            let url = method(proof)?;
            let holder = presentation.holder();
            if holder.is_some_and(|holder| did::split_url(url).0 != holder) {
                return Err(Problem::OtherParty("holder"));
            }
            found.push(self.key(url)?);
            self.plain(document, place)?;
            self.warn_of_binding(
                proof.contains_key("challenge"),
                proof.contains_key("domain"),
                warnings,
            );
        }
        Ok(found)
    }

    /// A presentation may be bound to an occasion, or to a verifier, that the caller did not name.
    pub(super) fn warn_of_binding(
        &self,
        to_challenge: bool,
        to_domain: bool,
        warnings: &mut BTreeSet<String>,
    ) {
        if to_challenge && self.challenge.is_none() {
            warnings.insert(NO_CHALLENGE.to_owned());
        }
        if to_domain && self.domain.is_none() {
            warnings.insert(NO_DOMAIN.to_owned());
        }
    }
}

const NO_CHALLENGE: &str =
    "no challenge was named, so whether the presentation is a fresh one was not checked";
const NO_DOMAIN: &str =
    "no domain was named, so whether the presentation was made for this verifier was not checked";

/// What is signed as JSON is held to the rules of JSON-LD too: terms that nobody defines, and
/// contexts that are not known.
fn require_json_ld(document: &Map<String, Value>) -> Result<(), Problem> {
    let mut document = document.clone();
    document.remove("proof");
    json_ld::to_quads(&document, contexts())?;
    Ok(())
}

fn brings_context(document: &Map<String, Value>) -> bool {
    let contexts = document.get("@context").and_then(Value::as_array);
    contexts
        .into_iter()
        .flatten()
        .any(|context| !context.is_string())
}

fn suite(proof: &Map<String, Value>) -> Option<Suite> {
    if plain::Suite::of(proof).is_some() {
        return Some(Suite::Plain);
    }
    let text = |name: &str| proof.get(name).and_then(Value::as_str);
    let known = text("cryptosuite").and_then(selective::Suite::from_name);
    (known.is_some() && text("type") == Some("DataIntegrityProof")).then_some(Suite::Selective)
}

/// The DID URL of the key of a proof.
pub(super) fn method(proof: &Map<String, Value>) -> Result<&str, Problem> {
    let url = proof.get("verificationMethod").and_then(Value::as_str);
    let url = url.filter(|url| did::method(did::split_url(url).0).is_some());
    url.ok_or(Problem::MethodUrl)
}
