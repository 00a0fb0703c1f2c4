use credential::data_integrity::plain::{self, Purpose};
use credential::data_integrity::selective::{self, Pointer};
use credential::format::{IssuerSecret, KeyName};
use credential::json_ld;
use credential::status::bitstring::{BitstringError, Entry};
use credential::vc_jose;
use credential::vcdm::{Credential, Enveloped, Moment, Version, written};
use keys::{Algorithm, UnixTime};
use net::Http;
use serde_json::{Map, Value, json};

use super::allot::Wanted;
use super::body::Body;
use super::{IssuerKeys, Problem, contexts, related};
use crate::issuer::{Issuer, Reply, Store};

/// How a credential is secured.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Plain(plain::Suite),
    Selective(selective::Suite),
    Jwt,
}

/// `POST /credentials/issue`: what is to be signed. It keeps the rules of the data model.
pub struct ToIssue {
    credential: Credential,
    body: Body,
    status: Option<Wanted>,
}

/// The answer to a request for something to be made: 201 with it.
pub(super) fn made(result: Result<Map<String, Value>, Problem>) -> Reply {
    match result {
        Ok(credential) => Reply::json(201, &json!({"verifiableCredential": credential})),
        Err(problem) => problem.reply(),
    }
}

impl ToIssue {
    /// Reads `{"credential", "options"}`.
    ///
    /// Options: `cryptosuite` by its name, `type` for the proofs that are older than cryptosuites,
    /// or `mediaType` `application/vc+jwt`; without them what the issuer's key is for, which is
    /// `ecdsa-sd-2023` where a P-256 key is asked for `mandatoryPointers`. Those add to what our
    /// issuers always make mandatory. `created`, `challenge`, `domain`, `verificationMethod` and
    /// `proofPurpose` are read too. With `credentialStatus`, `{"type": "BitstringStatusListEntry",
    /// "statusPurpose"}`, the credential gets a place in the issuer's lists, which is kept under
    /// `credentialId`, else under the credential's `id`; of others nothing is kept.
    pub fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let body = Body::read(bytes, "credential")?;
        if body.subject.contains_key("proof") {
            return Err(Problem::HasProof);
        }
        let status = Wanted::read(&body)?;
        body.text("credentialId")?;
        let credential = Credential::check(body.subject.clone())?;
        for status in credential.statuses() {
            match Entry::parse(status) {
                Ok(_) | Err(BitstringError::Type) => {}
                Err(error) => return Err(Problem::StatusEntry(error)),
            }
        }
        Ok(Self {
            credential,
            body,
            status,
        })
    }

    /// Fetches the related resources that are not compiled in, and refuses one that is another
    /// than its digest says or that cannot be had.
    pub async fn check_related(&self, http: &dyn Http) -> Result<(), Problem> {
        related::check(http, &self.credential).await
    }

    /// Takes a place in the issuer's lists where one is asked for. A `bbs-2023` credential gets
    /// none, since the place would be the same wherever it is shown.
    pub fn allot<S: Store>(
        &mut self,
        keys: &IssuerKeys,
        issuer: &Issuer<S>,
        now: UnixTime,
    ) -> Result<(), Problem> {
        let Some(wanted) = &self.status else {
            return Ok(());
        };
        if self.way(keys)? == Way::Selective(selective::Suite::Bbs2023) {
            return Err(Problem::Option("credentialStatus"));
        }
        // Whatever would be refused later is refused before a place is taken, and before the
        // caller's name for the credential is used up: all of it is done once for a place that
        // nobody gets, and thrown away.
        let example = self.with_status(wanted.derive_example(issuer))?;
        self.secure(example, keys, now)?;
        let entries = wanted.allot(issuer, now)?;
        self.credential = self.with_status(entries)?;
        self.status = None;
        Ok(())
    }

    fn with_status(&self, entries: Value) -> Result<Credential, Problem> {
        let mut document = self.credential.document().clone();
        document.insert("credentialStatus".to_owned(), entries);
        Ok(Credential::check(document)?)
    }

    fn way(&self, keys: &IssuerKeys) -> Result<Way, Problem> {
        let mandatory = self.body.texts("mandatoryPointers")?.unwrap_or_default();
        way(
            &self.body,
            keys,
            self.credential.issuer(),
            !mandatory.is_empty(),
        )
    }

    /// Signs: 201 with the credential, or 400 with a problem detail.
    pub fn sign(self, keys: &IssuerKeys, now: UnixTime) -> Reply {
        if self.status.is_some() {
            return Problem::Option("credentialStatus").reply();
        }
        made(self.secure(self.credential.clone(), keys, now))
    }

    fn secure(
        &self,
        mut credential: Credential,
        keys: &IssuerKeys,
        now: UnixTime,
    ) -> Result<Map<String, Value>, Problem> {
        let way = self.way(keys)?;
        let body = &self.body;
        let mandatory = body.texts("mandatoryPointers")?.unwrap_or_default();
        if let Some(context) = needed_context(way, credential.version()) {
            let mut document = credential.into_document();
            add_context(&mut document, context);
            credential = Credential::check(document)?;
        }
        // What is signed as JSON is held to the rules of JSON-LD too.
        json_ld::to_quads(credential.document(), contexts())?;
        let url = keys.url(way, credential.issuer())?;
        let asked = body.text("verificationMethod")?;
        if asked.is_some_and(|asked| asked != url) {
            return Err(Problem::Option("verificationMethod"));
        }
        let created = match body.text("created")? {
            None => None,
            Some(text) => {
                let moment = Moment::parse(text).ok_or(Problem::Option("created"))?;
                Some(moment.seconds)
            }
        };
        let (challenge, domain) = (body.text("challenge")?, body.text("domain")?);
        if !matches!(way, Way::Plain(_)) && (challenge.is_some() || domain.is_some()) {
            return Err(Problem::Option("challenge"));
        }
        if !matches!(way, Way::Selective(_)) && !mandatory.is_empty() {
            return Err(Problem::Option("mandatoryPointers"));
        }
        let document = credential.document();
        match way {
            Way::Plain(suite) => {
                let options = plain::Options {
                    suite,
                    verification_method: &url,
                    purpose: Purpose::Assertion,
                    created: Some(created.unwrap_or(now)),
                    challenge,
                    domain,
                };
                Ok(plain::sign(document, &options, &keys.signing, contexts())?)
            }
            Way::Selective(suite) => {
                let mut pointers = selective::guarded_pointers(document);
                for text in mandatory {
                    let pointer = Pointer::parse(text)?;
                    if !pointers.contains(&pointer) {
                        pointers.push(pointer);
                    }
                }
                let (secret, created) = match (suite, &keys.bbs) {
                    // The second in which it was made would tell one credential from all others.
                    (selective::Suite::Bbs2023, Some(key)) => (IssuerSecret::Bbs(key), created),
                    (selective::Suite::Bbs2023, None) => return Err(Problem::NotOurs),
                    _ => {
                        let created = Some(created.unwrap_or(now));
                        (IssuerSecret::Signing(&keys.signing), created)
                    }
                };
                let created = created.and_then(written);
                let config = selective::proof_options(suite, &url, created.as_deref());
                let signed =
                    selective::sign_base(document, &config, &pointers, secret, contexts())?;
                Ok(signed)
            }
            Way::Jwt if credential.version() == Version::V2 => {
                let issued_at = created.unwrap_or(now);
                let name = KeyName::Id(&url);
                let jwt = vc_jose::sign(&credential, name, None, issued_at, &keys.signing);
                // What does not read again would be of no use to anybody.
                vc_jose::Secured::parse(&jwt)?;
                Ok(Enveloped::derive_credential(vc_jose::CREDENTIAL, &jwt))
            }
            Way::Jwt => Err(Problem::JwtMember("@context")),
        }
    }
}

/// What the options ask for.
fn way(body: &Body, keys: &IssuerKeys, issuer: &str, has_pointers: bool) -> Result<Way, Problem> {
    let purpose = body.text("proofPurpose")?;
    if purpose.is_some_and(|purpose| purpose != Purpose::Assertion.name()) {
        return Err(Problem::Option("proofPurpose"));
    }
    let (kind, name) = (body.text("type")?, body.text("cryptosuite")?);
    if let Some(media_type) = body.text("mediaType")? {
        return match (media_type, kind, name) {
            (vc_jose::CREDENTIAL, None, None) => Ok(Way::Jwt),
            _ => Err(Problem::Option("mediaType")),
        };
    }
    match (kind, name) {
        (None | Some("DataIntegrityProof"), Some(name)) => plain::Suite::from_name(name)
            .filter(|suite| !suite.is_older())
            .map(Way::Plain)
            .or_else(|| selective::Suite::from_name(name).map(Way::Selective))
            .ok_or(Problem::Option("cryptosuite")),
        (None | Some("DataIntegrityProof"), None) if keys.is_bbs(issuer) => {
            Ok(Way::Selective(selective::Suite::Bbs2023))
        }
        (None | Some("DataIntegrityProof"), None) => match keys.signing.algorithm() {
            Algorithm::Es256 if has_pointers => Ok(Way::Selective(selective::Suite::EcdsaSd2023)),
            algorithm => plain::Suite::for_algorithm(algorithm)
                .map(Way::Plain)
                .ok_or(Problem::NotOurs),
        },
        (Some(kind), None) => plain::Suite::from_name(kind)
            .filter(|suite| suite.is_older())
            .map(Way::Plain)
            .ok_or(Problem::Option("type")),
        (Some(_), Some(_)) => Err(Problem::Option("type")),
    }
}

/// The context that defines a proof's members, where the first one does not.
fn needed_context(way: Way, version: Version) -> Option<&'static str> {
    match way {
        Way::Plain(plain::Suite::Ed25519Signature2020) => {
            Some("https://w3id.org/security/suites/ed25519-2020/v1")
        }
        Way::Plain(plain::Suite::JsonWebSignature2020) => {
            Some("https://w3id.org/security/suites/jws-2020/v1")
        }
        Way::Plain(_) | Way::Selective(_) if version == Version::V1 => {
            Some("https://w3id.org/security/data-integrity/v2")
        }
        _ => None,
    }
}

fn add_context(document: &mut Map<String, Value>, context: &str) {
    let mut all = match document.remove("@context") {
        Some(Value::Array(all)) => all,
        other => other.into_iter().collect(),
    };
    if !all.iter().any(|known| known == context) {
        all.push(context.into());
    }
    document.insert("@context".to_owned(), Value::Array(all));
}
