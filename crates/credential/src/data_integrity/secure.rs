//! Proofs of documents as somebody else wrote them, whatever their type: what the interfaces of
//! issuers and verifiers for programs need (VC API), beside the formats.

use keys::{Algorithm, PublicKey, UnixTime};
use serde_json::{Map, Value};

use super::choose::{Suite, choose};
use super::plain::{self, Expected, Options, Proof, Purpose, proofs};
use super::refused::{Unfit, holders, issuers};
use super::selective::{self, Pointer, ProofValueError, SelectiveError};
use crate::did;
use crate::format::{IssuerSecret, Refused};
use crate::json_ld::Contexts;
use crate::vcdm::facts::require_json_ld;
use crate::vcdm::{Contained, Credential, Presentation, written};

/// Adds the proof of an issuer to a credential that has none, by the suite of this name. Its
/// issuer must be the `did:key` of the key.
///
/// `mandatory` is for selective suites; what limits the credential is mandatory anyway. A
/// `bbs-2023` proof does not say when it was made.
pub fn secure(
    document: Map<String, Value>,
    suite: &str,
    mandatory: &[Pointer],
    key: IssuerSecret<'_>,
    now: UnixTime,
) -> Result<Map<String, Value>, Refused> {
    let credential = Credential::check(document)?;
    if credential.document().contains_key("proof") {
        return Err(Unfit::HasProof.refuse());
    }
    let public = match key {
        IssuerSecret::Signing(key) => key.public(),
        IssuerSecret::Bbs(key) => PublicKey::Bls12381G2(key.public()),
    };
    let url = did::derive_did_key_url(&public).map_err(|_| Unfit::NoDid.refuse())?;
    if did::split_url(&url).0 != credential.issuer() {
        return Err(Unfit::OtherKey.refuse());
    }
    let (document, contexts) = (credential.document(), Contexts::pinned());
    require_json_ld(&credential, contexts)?;
    if let Some(suite) = selective::Suite::from_name(suite) {
        let created = match suite {
            selective::Suite::Bbs2023 => None,
            selective::Suite::EcdsaSd2023 => written(now),
        };
        let config = selective::proof_options(suite, &url, created.as_deref());
        let mut pointers = selective::guarded_pointers(document);
        pointers.extend_from_slice(mandatory);
        return Ok(selective::sign_base(
            document, &config, &pointers, key, contexts,
        )?);
    }
    let suite = plain::Suite::from_name(suite).filter(|suite| !suite.is_older());
    let (Some(suite), IssuerSecret::Signing(key)) = (suite, key) else {
        return Err(Unfit::NoProof.refuse());
    };
    let options = Options {
        suite,
        verification_method: &url,
        purpose: Purpose::Assertion,
        created: Some(now),
        challenge: None,
        domain: None,
    };
    plain::sign(document, &options, key, contexts).map_err(issuers)
}

/// The DID URL of the key that the issuer's proof names, and what it signs with.
pub fn named_key(document: &Map<String, Value>) -> Result<(String, Algorithm), Refused> {
    let credential = Credential::check(document.clone())?;
    let chosen = choose(&credential)?;
    Ok((chosen.url.to_owned(), chosen.algorithm()?))
}

/// Verifies a credential: the rules of the data model, the dates, and the issuer's proof, which may
/// be a base proof or a derived one, bound to any occasion.
pub fn verify_credential(
    document: &Map<String, Value>,
    issuer: &PublicKey,
    now: UnixTime,
) -> Result<(), Refused> {
    let credential = Credential::check(document.clone())?;
    credential.check_period(now)?;
    let (chosen, contexts) = (choose(&credential)?, Contexts::pinned());
    match chosen.suite {
        Suite::Plain(_) => chosen.verify_plain(&credential, issuer, now, contexts),
        Suite::Selective(_) => {
            let whole = selective::verify_base(document, issuer, contexts);
            let is_derived = SelectiveError::ProofValue(ProofValueError::Header);
            match whole {
                Err(error) if error == is_derived => {
                    selective::verify_derived(document, issuer, None, contexts)?;
                }
                whole => drop(whole?),
            }
            Ok(())
        }
    }
}

/// A presentation whose holder's proof was verified.
pub struct VerifiedPresentation {
    /// What it holds. Nobody has checked a proof of those.
    pub credentials: Vec<Contained>,
    /// The proofs of it.
    pub proofs: Vec<Proof>,
}

/// Verifies the proofs of a presentation: the rules of the data model, and that each proof answers
/// the challenge for the domain, where they are given, by a key of the holder.
///
/// `key` gives the key of a DID URL, for authentication.
pub fn verify_presentation(
    document: Map<String, Value>,
    challenge: Option<&str>,
    domain: Option<&str>,
    key: &dyn Fn(&str) -> Option<PublicKey>,
    now: UnixTime,
) -> Result<VerifiedPresentation, Refused> {
    let presentation = Presentation::check(document)?;
    let expected = Expected {
        purpose: Purpose::Authentication,
        challenge,
        domain,
        now,
    };
    let document = presentation.document();
    let count = proofs(document).map_err(holders)?.len();
    let mut found = Vec::with_capacity(count);
    for place in 0..count {
        let proof = plain::verify(document, place, key, &expected, Contexts::pinned());
        let proof = proof.map_err(holders)?;
        let (did, _) = did::split_url(&proof.verification_method);
        if presentation.holder().is_some_and(|holder| holder != did) {
            return Err(Unfit::NotTheHolder.refuse());
        }
        found.push(proof);
    }
    Ok(VerifiedPresentation {
        credentials: presentation.credentials().to_vec(),
        proofs: found,
    })
}
