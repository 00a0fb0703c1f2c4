use std::collections::BTreeSet;

use credential::data_integrity::plain::{ProofError, Purpose};
use credential::did::Relationship;
use credential::vc_jose::Secured;
use credential::{KeySource, json_ld};
use keys::{PublicKey, UnixTime};
use net::Http;
use serde_json::{Value, json};

use super::asked::{Asked, Documents, Held, Shown};
use super::jose::without_registered;
use super::proofs::{Check, Signer};
use super::status::{self, MAX_ENTRIES, Pending};
use super::{Problem, contexts};
use crate::issuer::Reply;

/// What holds so far: proofs, dates and rules. Statuses may be left to be looked up.
pub struct Checked {
    checks: Vec<&'static str>,
    warnings: BTreeSet<String>,
    pending: Vec<Pending>,
}

impl Asked {
    /// Checks proofs and validity.
    pub fn check(&self, documents: &Documents, now: UnixTime) -> Result<Checked, Problem> {
        let check = Check {
            documents,
            challenge: self.wanted.challenge.as_deref(),
            domain: self.wanted.domain.as_deref(),
            purpose: self.wanted.purpose,
            header: self.wanted.header.as_deref(),
            now,
        };
        let mut warnings = BTreeSet::new();
        let mut checks = vec!["proof"];
        let presenters = match &self.presentation {
            None => None,
            Some(Shown::Unproven(_)) => {
                warnings.insert("nobody has signed the presentation".to_owned());
                Some(Vec::new())
            }
            Some(Shown::Embedded(shown)) => Some(check.presentation(shown, &mut warnings)?),
            Some(Shown::Jwt(jwt)) => {
                let key = match jwt.key_url()? {
                    Some(url) => check.key(&url)?,
                    // A wallet without a DID: the key that the credential is bound to, which is
                    // for showing it.
                    None if check.purpose != Purpose::Authentication => {
                        return Err(ProofError::Purpose.into());
                    }
                    None => self.bound_key()?.ok_or(Problem::JwtMember("kid"))?,
                };
                jwt.verify(&key, check.challenge, check.domain, now)?;
                check.warn_of_binding(jwt.has_nonce(), jwt.has_audience(), &mut warnings);
                Some(vec![key])
            }
        };
        // A challenge and a domain are for the presentation, where there is one.
        let inner = match presenters {
            None => check,
            Some(_) => Check {
                challenge: None,
                domain: None,
                purpose: Purpose::Assertion,
                ..check
            },
        };
        let mut pending = Vec::new();
        let mut is_bound = false;
        for (place, held) in self.credentials.iter().enumerate() {
            let signer = inner.held(place, held, &mut warnings)?;
            is_bound |= signer.as_ref().is_some_and(|signer| signer.is_bound);
            let credential = held.credential();
            credential.check_period(now)?;
            if let (Held::Jwt(secured), Some(presenters)) = (held, &presenters) {
                require_bearer(secured, presenters)?;
            }
            if credential.document().contains_key("credentialSchema") {
                warnings.insert("`credentialSchema` was not looked up".to_owned());
            }
            if credential
                .related_resources()?
                .iter()
                .any(|resource| !resource.is_known())
            {
                warnings.insert("a digest of a related resource was not checked".to_owned());
            }
            match (self.wanted.status, signer) {
                (true, Some(signer)) => {
                    if pending.len() + credential.statuses().len() > MAX_ENTRIES {
                        return Err(Problem::TooManyStatuses);
                    }
                    pending.extend(status::pending(credential, signer)?);
                }
                _ if credential.statuses().is_empty() => {}
                _ => {
                    warnings.insert("`credentialStatus` was not looked up".to_owned());
                }
            }
        }
        if self.wanted.header.is_some() && !is_bound {
            return Err(Problem::Unbound);
        }
        if self.wanted.status {
            checks.push("credentialStatus");
        }
        Ok(Checked {
            checks,
            warnings,
            pending,
        })
    }

    /// The key that the first credential in a JWT is bound to.
    fn bound_key(&self) -> Result<Option<PublicKey>, Problem> {
        let mut secured = self.credentials.iter().filter_map(|held| match held {
            Held::Jwt(secured) => Some(secured),
            _ => None,
        });
        match secured.next() {
            Some(secured) => Ok(secured.holder()?),
            None => Ok(None),
        }
    }
}

/// A credential that is bound to a key is shown by whoever has that key.
fn require_bearer(secured: &Secured, presenters: &[PublicKey]) -> Result<(), Problem> {
    if !secured.credential().document().contains_key("cnf") {
        return Ok(());
    }
    match secured.holder()? {
        Some(key) if presenters.contains(&key) => Ok(()),
        _ => Err(Problem::OtherParty("cnf")),
    }
}

impl Check<'_> {
    /// Checks one credential. Returns who signed it, where the issuer did.
    fn held(
        &self,
        place: usize,
        held: &Held,
        warnings: &mut BTreeSet<String>,
    ) -> Result<Option<Signer>, Problem> {
        match held {
            Held::Embedded(credential) => self.credential(credential, warnings).map(Some),
            Held::Jwt(secured) => {
                self.require_none_asked()?;
                let credential = secured.credential();
                let key = match secured.key_source()? {
                    KeySource::X5c(_) => return Err(Problem::Chain),
                    KeySource::Did { url } => {
                        let did = credential::did::split_url(&url).0;
                        let document = self.documents.documents.get(did);
                        let document = document.ok_or(Problem::NoKey)?;
                        document.key_for(&url, Relationship::Assertion, secured.algorithm())?
                    }
                    KeySource::Metadata { .. } => {
                        let key = self.documents.published.get(&place);
                        key.cloned().ok_or(Problem::NoKey)?
                    }
                };
                secured.verify(&key, self.now)?;
                json_ld::to_quads(&without_registered(credential.document()), contexts())?;
                Ok(Some(Signer {
                    key,
                    name: credential.issuer().to_owned(),
                    is_bound: false,
                }))
            }
            // The presentation's proof is its own: the holder says it of themselves.
            Held::SelfAsserted(_) => Ok(None),
        }
    }

    /// A credential in a JWT answers nothing, is for nobody, and is what its issuer asserts.
    fn require_none_asked(&self) -> Result<(), ProofError> {
        if self.challenge.is_some() {
            return Err(ProofError::Challenge);
        }
        if self.domain.is_some() {
            return Err(ProofError::Domain);
        }
        match self.purpose {
            Purpose::Assertion => Ok(()),
            Purpose::Authentication => Err(ProofError::Purpose),
        }
    }
}

impl Checked {
    /// True where lists are still to be fetched.
    pub fn needs_lists(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Fetches the lists of statuses, and says how all of it went: 200 `{"verified": true,
    /// "checks", "warnings", "results"}`, or 400 `{"verified": false, "errors",
    /// "problemDetails"}`.
    pub async fn look_up(self, http: &dyn Http, now: UnixTime) -> Reply {
        match status::look_up(http, &self.pending, now).await {
            Ok(found) => self.answer(&found),
            Err(problem) => problem.verdict(),
        }
    }

    fn answer(&self, statuses: &[status::Found]) -> Reply {
        let mut warnings = self.warnings.clone();
        warnings.extend(statuses.iter().filter_map(status::Found::warning));
        let warnings: Vec<Value> = warnings
            .iter()
            .map(|text| json!({"title": text, "detail": text}))
            .collect();
        let found = statuses.iter().map(status::Found::to_json);
        let found: Vec<Value> = found.collect();
        let verdict = json!({
            "verified": true,
            "checks": [{"check": self.checks}],
            "warnings": warnings,
            "errors": [],
            "problemDetails": [],
            "results": {"credentialStatus": found},
        });
        Reply::json(200, &verdict)
    }
}
