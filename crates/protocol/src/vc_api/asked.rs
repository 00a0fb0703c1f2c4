use std::collections::{BTreeMap, BTreeSet};

use credential::KeySource;
use credential::data_integrity::plain::{self, ProofError, Purpose};
use credential::did;
use credential::vc_jose::{self, Secured};
use credential::vcdm::{Contained, Credential, Enveloped, Presentation};
use keys::{PublicKey, b64};
use net::Http;
use serde_json::{Map, Value};

use super::Problem;
use super::body::Body;
use super::jose::JwtPresentation;
use super::proofs::method;
use crate::issuer_keys::{self, IssuerKey};

/// The most credentials of one presentation.
const MAX_CREDENTIALS: usize = 16;
/// The most parties whose keys are looked up for one request.
const MAX_PARTIES: usize = 8;

/// What is to be verified. It keeps the rules of the data model; nobody has checked a proof.
pub struct Asked {
    pub(super) presentation: Option<Shown>,
    pub(super) credentials: Vec<Held>,
    pub(super) wanted: Wanted,
}

/// What the options ask for.
pub(super) struct Wanted {
    pub(super) challenge: Option<String>,
    pub(super) domain: Option<String>,
    /// What the proof must have been made for.
    pub(super) purpose: Purpose,
    /// What a `bbs-2023` proof must be bound to.
    pub(super) header: Option<Vec<u8>>,
    /// Whether lists of statuses are looked up.
    pub(super) status: bool,
}

pub(super) enum Shown {
    Embedded(Presentation),
    Jwt(Box<JwtPresentation>),
    /// Without a proof, so that nobody presents it.
    Unproven(Presentation),
}

pub(super) enum Held {
    Embedded(Credential),
    /// Without a proof of its own, in a presentation of its holder's.
    SelfAsserted(Credential),
    Jwt(Box<Secured>),
}

/// The documents of the DIDs of a request and the keys that issuers publish otherwise, as far as
/// they could be had.
#[derive(Default)]
pub struct Documents {
    pub(super) documents: BTreeMap<String, did::Document>,
    /// By the place of the credential.
    pub(super) published: BTreeMap<usize, PublicKey>,
}

impl Asked {
    /// Reads `POST /credentials/verify`: `{"verifiableCredential", "options"}`.
    ///
    /// Options: `challenge` and `domain` that the proof must answer, `expectedProofPurpose`,
    /// `presentationHeader` in base64url for `bbs-2023`, and `checks`: a list without
    /// `credentialStatus` in it keeps the status from being looked up. What is named and bound by
    /// no proof refuses the credential: one in a JWT answers no challenge, and is an assertion.
    pub fn credential(body: &[u8]) -> Result<Self, Problem> {
        let body = Body::read(body, "verifiableCredential")?;
        let wanted = Wanted::read(&body, Purpose::Assertion)?;
        let held = match Enveloped::is_meant(&body.subject) {
            true => Held::enveloped(&Enveloped::credential(&body.subject)?)?,
            false => Held::Embedded(Credential::check(body.subject)?),
        };
        Ok(Self {
            presentation: None,
            credentials: vec![held],
            wanted,
        })
    }

    /// Reads `POST /presentations/verify`: `{"verifiablePresentation", "options"}`, or
    /// `{"presentation", "options"}` for one that nobody has signed. The options are those of a
    /// credential; `challenge`, `domain` and `expectedProofPurpose` are for the presentation, and
    /// refuse one that nobody has signed.
    pub fn presentation(body: &[u8]) -> Result<Self, Problem> {
        let (body, is_secured) = match Body::read(body, "verifiablePresentation") {
            Err(Problem::Member(missing)) => match Body::read(body, "presentation") {
                Ok(body) => (body, false),
                Err(_) => return Err(Problem::Member(missing)),
            },
            read => (read?, true),
        };
        let wanted = Wanted::read(&body, Purpose::Authentication)?;
        let needs_proof = ["challenge", "domain", "expectedProofPurpose"]
            .into_iter()
            .any(|name| body.options.contains_key(name));
        let shown = if Enveloped::is_meant(&body.subject) {
            let envelope = Enveloped::presentation(&body.subject)?;
            Shown::Jwt(Box::new(JwtPresentation::parse(&envelope)?))
        } else {
            let has_proof = body.subject.contains_key("proof");
            let presentation = Presentation::check(body.subject)?;
            match (is_secured, has_proof) {
                (_, true) => Shown::Embedded(presentation),
                (true, false) => return Err(ProofError::NoProof.into()),
                // Nothing would say whom it is for, or that it is a fresh one.
                (false, false) if needs_proof => return Err(ProofError::NoProof.into()),
                (false, false) => Shown::Unproven(presentation),
            }
        };
        let contained = shown.presentation().credentials();
        if contained.len() > MAX_CREDENTIALS {
            return Err(Problem::TooManyCredentials);
        }
        let credentials = contained.iter().map(Held::read);
        let credentials: Vec<Held> = credentials.collect::<Result<_, _>>()?;
        let own = |held: &Held| matches!(held, Held::SelfAsserted(_));
        // A presentation in a JWT holds credentials that are secured (VC-JOSE-COSE §3.1.2).
        if !matches!(shown, Shown::Embedded(_)) && credentials.iter().any(own) {
            return Err(ProofError::NoProof.into());
        }
        Ok(Self {
            presentation: Some(shown),
            credentials,
            wanted,
        })
    }

    /// Fetches the documents of all DIDs by which something was signed, and what other issuers
    /// publish. `did:web` costs a request each; who is asked learns that somebody verifies
    /// something.
    pub async fn resolve(&self, http: &dyn Http) -> Result<Documents, Problem> {
        let mut dids = BTreeSet::new();
        for url in self.key_urls()? {
            dids.insert(did::split_url(&url).0.to_owned());
        }
        let mut published = Vec::new();
        for (place, held) in self.credentials.iter().enumerate() {
            let Held::Jwt(secured) = held else { continue };
            match secured.key_source()? {
                KeySource::X5c(_) => return Err(Problem::Chain),
                KeySource::Did { .. } => {}
                source @ KeySource::Metadata { .. } => published.push((place, secured, source)),
            }
        }
        if dids.len() + published.len() > MAX_PARTIES {
            return Err(Problem::TooManyKeys);
        }
        let mut found = Documents::default();
        for did in dids {
            if let Ok(document) = issuer_keys::resolve_did(http, &did).await {
                found.documents.insert(did, document);
            }
        }
        for (place, secured, source) in published {
            let key = issuer_keys::resolve(http, &source, secured.algorithm()).await;
            if let Ok(IssuerKey::Jwk(key)) = key {
                found.published.insert(place, key);
            }
        }
        Ok(found)
    }

    /// The DID URLs of all keys that are named.
    pub(super) fn key_urls(&self) -> Result<Vec<String>, Problem> {
        let mut urls = Vec::new();
        for held in &self.credentials {
            match held {
                Held::Embedded(credential) => urls.extend(proof_keys(credential.document())?),
                Held::Jwt(secured) => match secured.key_source()? {
                    KeySource::Did { url } => urls.push(url),
                    KeySource::X5c(_) | KeySource::Metadata { .. } => {}
                },
                Held::SelfAsserted(_) => {}
            }
        }
        match &self.presentation {
            Some(Shown::Embedded(shown)) => urls.extend(proof_keys(shown.document())?),
            Some(Shown::Jwt(jwt)) => urls.extend(jwt.key_url()?),
            Some(Shown::Unproven(_)) | None => {}
        }
        Ok(urls)
    }
}

impl Wanted {
    fn read(body: &Body, usual: Purpose) -> Result<Self, Problem> {
        let purpose = match body.text("expectedProofPurpose")? {
            None => usual,
            Some(name) => [Purpose::Assertion, Purpose::Authentication]
                .into_iter()
                .find(|purpose| purpose.name() == name)
                .ok_or(Problem::Option("expectedProofPurpose"))?,
        };
        let header = body.text("presentationHeader")?.map(b64::decode);
        let header = header
            .transpose()
            .map_err(|_| Problem::Option("presentationHeader"))?;
        let checks = body.texts("checks")?;
        Ok(Self {
            challenge: body.text("challenge")?.map(str::to_owned),
            domain: body.text("domain")?.map(str::to_owned),
            purpose,
            header,
            // Proofs, dates and the data model are checked whatever the caller asks for.
            status: checks.is_none_or(|checks| checks.contains(&"credentialStatus")),
        })
    }
}

impl Shown {
    pub(super) fn presentation(&self) -> &Presentation {
        match self {
            Self::Embedded(presentation) | Self::Unproven(presentation) => presentation,
            Self::Jwt(jwt) => &jwt.presentation,
        }
    }
}

impl Held {
    fn read(contained: &Contained) -> Result<Self, Problem> {
        match contained {
            Contained::Enveloped(envelope) => Self::enveloped(envelope),
            Contained::Embedded(credential) => {
                let credential = credential.clone();
                Ok(match credential.document().contains_key("proof") {
                    true => Self::Embedded(credential),
                    false => Self::SelfAsserted(credential),
                })
            }
        }
    }

    fn enveloped(envelope: &Enveloped) -> Result<Self, Problem> {
        if envelope.media_type != vc_jose::CREDENTIAL {
            return Err(Problem::MediaType);
        }
        let text = std::str::from_utf8(&envelope.data).map_err(|_| Problem::MediaType)?;
        Ok(Self::Jwt(Box::new(Secured::parse(text)?)))
    }

    pub(super) fn credential(&self) -> &Credential {
        match self {
            Self::Embedded(credential) | Self::SelfAsserted(credential) => credential,
            Self::Jwt(secured) => secured.credential(),
        }
    }
}

fn proof_keys(document: &Map<String, Value>) -> Result<Vec<String>, Problem> {
    let proofs = plain::proofs(document)?;
    proofs
        .into_iter()
        .map(|proof| method(proof).map(str::to_owned))
        .collect()
}
