use keys::{PublicKey, SigningKey, UnixTime, json};
use query::ClaimPath;
use serde_json::Value;

use super::choose::{Chosen, Suite, choose};
use super::presentation::{Shown, bind, derive_presentation_header};
use super::refused::Unfit;
use super::reveal::{always, is_shown, pointers};
use super::selective;
use super::words;
use super::{issue, selective::Suite as Selective};
use crate::KeySource;
use crate::format::{Claimed, Draft, Facts, Format, IssuerSecret, Refused, Request};
use crate::json_ld::Contexts;
use crate::vcdm::{Credential, facts};

/// W3C credentials with Data Integrity proofs, as one of the [`FORMATS`](crate::format::FORMATS):
/// VCDM 2.0, and 1.1 to be kept and shown.
///
/// A proof must be by a DID that is the credential's issuer. A credential is bound to a key where
/// its only subject is the `did:key` or `did:jwk` of that key; a presentation by its holder is a
/// Verifiable Presentation whose proof answers the nonce (`challenge`) for the client identifier
/// (`domain`). By plain suites nothing can be hidden; by selective ones everything that the issuer
/// did not make mandatory.
pub struct LdpVc;

impl Format for LdpVc {
    fn ids(&self) -> &'static [&'static str] {
        &["ldp_vc"]
    }

    fn peek(&self, credential: &str) -> Result<Claimed, Refused> {
        peek(&open(credential)?)
    }

    fn verify(
        &self,
        credential: &str,
        issuer: &PublicKey,
        now: UnixTime,
    ) -> Result<Facts, Refused> {
        let credential = open(credential)?;
        credential.check_period(now)?;
        let chosen = choose(&credential)?;
        let contexts = Contexts::pinned();
        match chosen.suite {
            Suite::Plain(_) => chosen.verify_plain(&credential, issuer, now, contexts)?,
            Suite::Selective(_) => {
                chosen.check_said(now)?;
                selective::verify_base(credential.document(), issuer, contexts)?;
            }
        }
        kept(&credential, &chosen)
    }

    fn describe(&self, stored: &str) -> Result<Facts, Refused> {
        let credential = open(stored)?;
        kept(&credential, &choose(&credential)?)
    }

    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused> {
        let credential = open(stored)?;
        let chosen = choose(&credential)?;
        let facts = facts::facts(&credential, Contexts::pinned())?;
        let mut wanted = pointers(&facts.claims, paths)?;
        let all = facts.paths.into_iter().map(|(path, _)| path);
        match always(chosen.suite, credential.document())? {
            None => Ok(all.collect()),
            Some(shown) => {
                wanted.extend(shown);
                Ok(all.filter(|path| is_shown(path, &wanted)).collect())
            }
        }
    }

    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        request: &Request<'_>,
        holder: Option<&SigningKey>,
    ) -> Result<Value, Refused> {
        let credential = open(stored)?;
        let chosen = choose(&credential)?;
        let contexts = Contexts::pinned();
        let mut wanted = pointers(credential.document(), paths)?;
        let document = match always(chosen.suite, credential.document())? {
            None => credential.into_document(),
            Some(shown) => {
                wanted.extend(shown);
                let header = derive_presentation_header(request.client_id, request.nonce);
                selective::present(credential.document(), &wanted, &header, contexts)?
            }
        };
        match holder {
            None => Ok(Value::Object(document)),
            Some(key) => bind(document, key, request, contexts),
        }
    }

    fn peek_presented(&self, presentation: &Value) -> Result<Claimed, Refused> {
        let shown = Shown::read(presentation)?;
        Ok(Claimed {
            made_for: shown.made_for(),
            ..peek(&shown.credential)?
        })
    }

    fn check(
        &self,
        presentation: &Value,
        issuer: &PublicKey,
        request: &Request<'_>,
        needs_holder: bool,
    ) -> Result<Facts, Refused> {
        let shown = Shown::read(presentation)?;
        let contexts = Contexts::pinned();
        let credential = &shown.credential;
        credential.check_period(request.now)?;
        let chosen = choose(credential)?;
        match chosen.suite {
            Suite::Plain(_) => {
                chosen.verify_plain(credential, issuer, request.now, contexts)?;
            }
            Suite::Selective(_) => {
                chosen.check_said(request.now)?;
                let header = derive_presentation_header(request.client_id, request.nonce);
                let document = credential.document();
                selective::verify_derived(document, issuer, Some(&header), contexts)?
                    .require_guarded(&[])?;
            }
        }
        let mut facts = said(credential, &chosen)?;
        facts.holder_proven = shown.check_holder(facts.holder.as_ref(), request, contexts)?;
        if needs_holder && !facts.holder_proven {
            return Err(Unfit::NoHolderProof.refuse());
        }
        Ok(facts)
    }

    fn issue(&self, draft: &Draft<'_>, key: IssuerSecret<'_>) -> Result<String, Refused> {
        issue::issue(draft, key, Contexts::pinned())
    }

    fn in_words_of_type(&self, path: &ClaimPath) -> Option<ClaimPath> {
        facts::in_words_of_type(path)
    }
}

/// Reads a credential. Nobody has checked its proof.
fn open(text: &str) -> Result<Credential, Refused> {
    let document = json::parse_object(text.as_bytes()).map_err(|_| Unfit::NotJson.refuse())?;
    Ok(Credential::check(document)?)
}

fn peek(credential: &Credential) -> Result<Claimed, Refused> {
    let chosen = choose(credential)?;
    Ok(Claimed {
        key_source: KeySource::Did {
            url: chosen.url.to_owned(),
        },
        algorithm: chosen.algorithm()?,
        type_id: facts::type_id(credential, Contexts::pinned())?,
        issuer: Some(credential.issuer().to_owned()),
        issued_at: chosen.created,
        type_integrity: None,
        made_for: None,
    })
}

/// What a credential says that was presented.
fn said(credential: &Credential, chosen: &Chosen<'_>) -> Result<Facts, Refused> {
    let mut facts = facts::facts(credential, Contexts::pinned())?;
    words::check_type(credential.document(), &facts.type_id).map_err(Unfit::refuse)?;
    facts.issued_at = chosen.created;
    // A subject that is somebody's key is the same whoever sees it.
    facts.unlinkable =
        chosen.suite == Suite::Selective(Selective::Bbs2023) && facts.holder.is_none();
    Ok(facts)
}

/// What a credential says that its holder keeps, and what can be hidden of it.
fn kept(credential: &Credential, chosen: &Chosen<'_>) -> Result<Facts, Refused> {
    let mut facts = said(credential, chosen)?;
    if let Some(shown) = always(chosen.suite, credential.document())? {
        for (path, can_hide) in &mut facts.paths {
            *can_hide = !is_shown(path, &shown);
        }
    }
    Ok(facts)
}
