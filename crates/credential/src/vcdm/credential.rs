use keys::UnixTime;
use serde_json::{Map, Value};

use super::related::{self, RelatedResource};
use super::{Moment, VcdmError, Version, rules};

/// How far a clock may be ahead of a credential's beginning, in seconds.
pub const LEEWAY: i64 = 60;

/// The cryptosuites whose derived credentials may leave everything about the subject out.
const SELECTIVE: [&str; 2] = ["ecdsa-sd-2023", "bbs-2023"];

/// A credential that keeps the rules of the data model. Nobody has checked its proof.
#[derive(Clone, PartialEq)]
pub struct Credential {
    document: Map<String, Value>,
    version: Version,
    issuer: String,
    valid_from: Option<Moment>,
    valid_until: Option<Moment>,
}

impl Credential {
    /// Checks a document, its proofs and all. A `null` is no value: a member that is `null` is
    /// malformed.
    ///
    /// A credential that was derived by selective disclosure may say nothing of its subject; then
    /// it has no `credentialSubject`.
    pub fn check(document: Map<String, Value>) -> Result<Self, VcdmError> {
        let version = rules::contexts(&document)?;
        rules::id(&document, "credential")?;
        let types = rules::types(&document, "credential")?;
        if !types.contains(&"VerifiableCredential") {
            return Err(VcdmError::BaseType("VerifiableCredential"));
        }
        rules::texts(&document, ["name", "description"])?;
        let issuer = document.get("issuer").ok_or(VcdmError::Missing("issuer"))?;
        let issuer = rules::party(issuer, "issuer")?.to_owned();
        subjects(&document)?;
        let (from, until) = period(&document, version)?;
        if let (Some(from), Some(until)) = (from, until)
            && until < from
        {
            return Err(VcdmError::DateOrder);
        }
        let older = version == Version::V1;
        rules::typed(&document, "credentialStatus", older)?;
        rules::typed(&document, "credentialSchema", true)?;
        rules::typed(&document, "refreshService", older)?;
        rules::typed(&document, "termsOfUse", false)?;
        rules::typed(&document, "evidence", false)?;
        if version == Version::V2 {
            rules::typed(&document, "confidenceMethod", false)?;
            rules::typed(&document, "renderMethod", false)?;
            related::read(&document)?;
        }
        rules::typed(&document, "proof", false)?;
        Ok(Self {
            version,
            issuer,
            valid_from: from,
            valid_until: until,
            document,
        })
    }

    /// The document, as it was written.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// The document, as it was written.
    pub fn into_document(self) -> Map<String, Value> {
        self.document
    }

    /// The version of the data model.
    pub fn version(&self) -> Version {
        self.version
    }

    /// `id`.
    pub fn id(&self) -> Option<&str> {
        self.document.get("id").and_then(Value::as_str)
    }

    /// `type`, as terms.
    pub fn types(&self) -> Vec<&str> {
        rules::types(&self.document, "credential").unwrap_or_default()
    }

    /// The issuer's identifier, a URL.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The subjects: one in most credentials.
    pub fn subjects(&self) -> Vec<&Map<String, Value>> {
        rules::objects(&self.document, "credentialSubject").unwrap_or_default()
    }

    /// The objects of `credentialStatus`.
    pub fn statuses(&self) -> Vec<&Map<String, Value>> {
        rules::objects(&self.document, "credentialStatus").unwrap_or_default()
    }

    /// The objects of `proof`.
    pub fn proofs(&self) -> Vec<&Map<String, Value>> {
        rules::objects(&self.document, "proof").unwrap_or_default()
    }

    /// The objects of `relatedResource`, each held to its digests where it is compiled in. What
    /// [`check`](Self::check) accepted of the data model 2.0 is read without an error.
    pub fn related_resources(&self) -> Result<Vec<RelatedResource<'_>>, VcdmError> {
        related::read(&self.document)
    }

    /// `validFrom`, or `issuanceDate` of 1.1.
    pub fn valid_from(&self) -> Option<Moment> {
        self.valid_from
    }

    /// `validUntil`, or `expirationDate` of 1.1.
    pub fn valid_until(&self) -> Option<Moment> {
        self.valid_until
    }

    /// Refuses a credential whose validity has not begun or has ended. The beginning is checked
    /// with [`LEEWAY`], the end to the second.
    pub fn check_period(&self, now: UnixTime) -> Result<(), VcdmError> {
        if let Some(from) = self.valid_from
            && from.seconds > now.saturating_add(LEEWAY)
        {
            return Err(VcdmError::NotYetValid);
        }
        if let Some(until) = self.valid_until
            && until.seconds < now
        {
            return Err(VcdmError::Expired);
        }
        Ok(())
    }
}

// The claims are personal.
impl std::fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Credential({:?})", self.version)
    }
}

fn subjects(document: &Map<String, Value>) -> Result<(), VcdmError> {
    const MEMBER: &str = "credentialSubject";
    let subjects = rules::objects(document, MEMBER)?;
    if subjects.is_empty() && !is_selective(document) {
        return Err(VcdmError::Missing(MEMBER));
    }
    for subject in subjects {
        rules::id(subject, MEMBER)?;
        if subject.is_empty() {
            return Err(VcdmError::EmptySubject);
        }
        // §5.10: reserved for subjects too.
        rules::typed(subject, "confidenceMethod", false)?;
    }
    Ok(())
}

fn is_selective(document: &Map<String, Value>) -> bool {
    rules::objects(document, "proof")
        .unwrap_or_default()
        .iter()
        .filter_map(|proof| proof.get("cryptosuite")?.as_str())
        .any(|suite| SELECTIVE.contains(&suite))
}

fn period(
    document: &Map<String, Value>,
    version: Version,
) -> Result<(Option<Moment>, Option<Moment>), VcdmError> {
    let moment = |member: &'static str| match document.get(member) {
        None => Ok(None),
        Some(value) => value
            .as_str()
            .and_then(Moment::parse)
            .map(Some)
            .ok_or(VcdmError::Date(member)),
    };
    match version {
        Version::V2 => Ok((moment("validFrom")?, moment("validUntil")?)),
        Version::V1 => {
            let from = moment("issuanceDate")?.ok_or(VcdmError::Missing("issuanceDate"))?;
            Ok((Some(from), moment("expirationDate")?))
        }
    }
}
