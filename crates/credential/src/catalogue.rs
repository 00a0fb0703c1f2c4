//! The credential types of `schemas/`, compiled in.
//!
//! Each type is a folder of `schemas/` with the JSON Schema (2020-12) of its claims, its SD-JWT VC
//! type metadata and an example. A program reads them from here, so that it carries its types with
//! it and never looks for a folder at run time.
//!
//! A schema speaks of the claims about the subject only. The claims that carry the credential
//! ([`ENVELOPE_CLAIMS`]) are added by the issuer and taken away before a schema is asked.

/// One credential type: what it is called, and its files as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeEntry {
    /// The short name that the tools take, such as `NHSChargeExemption`.
    pub name: &'static str,
    /// The folder in `schemas/`.
    pub folder: &'static str,
    /// The type id: the `vct` of the credential and the type on the ledger.
    pub vct: &'static str,
    /// The name of the type in English, for people.
    pub title: &'static str,
    /// JSON Schema 2020-12 of the claims about the subject.
    pub schema: &'static str,
    /// SD-JWT VC type metadata, display in `en-GB`, `cy` and `gd`.
    pub metadata: &'static str,
    /// Claims of a made-up person that satisfy the schema.
    pub example: &'static str,
    /// The body that issues the type in the demo world.
    pub demo_body: DemoBody,
}

/// A body of the demo world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DemoBody {
    /// Its id, an absolute URI.
    pub id: &'static str,
    /// Its name, which says that it is a demo.
    pub name: &'static str,
}

/// The top-level claims that belong to the credential and not to its subject: RFC 7519, RFC 9901
/// and SD-JWT VC. No schema of the catalogue defines a claim of one of these names.
pub const ENVELOPE_CLAIMS: &[&str] = &[
    "_sd",
    "_sd_alg",
    "aud",
    "cnf",
    "exp",
    "iat",
    "iss",
    "jti",
    "nbf",
    "status",
    "sub",
    "vct",
    "vct#integrity",
];

/// Every type, in the order of `schemas/index.json`.
#[must_use]
pub fn types() -> &'static [TypeEntry] {
    TYPES
}

/// The type with this short name, compared exactly.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static TypeEntry> {
    TYPES.iter().find(|entry| entry.name == name)
}

/// The type with this `vct`, compared exactly.
#[must_use]
pub fn by_vct(vct: &str) -> Option<&'static TypeEntry> {
    TYPES.iter().find(|entry| entry.vct == vct)
}

/// The `vct` that a person means who writes a type: the short name of the catalogue stands for its
/// `vct`, and anything else for itself.
#[must_use]
pub fn type_id(written: &str) -> &str {
    by_name(written).map_or(written, |entry| entry.vct)
}

macro_rules! entry {
    ($name:literal, $folder:literal, $title:literal, $body_id:literal, $body_name:literal) => {
        TypeEntry {
            name: $name,
            folder: $folder,
            vct: concat!("urn:cairn:demo:", $folder, ":1"),
            title: $title,
            schema: include_str!(concat!("../../../schemas/", $folder, "/schema.json")),
            metadata: include_str!(concat!("../../../schemas/", $folder, "/metadata.json")),
            example: include_str!(concat!("../../../schemas/", $folder, "/example.json")),
            demo_body: DemoBody {
                id: $body_id,
                name: $body_name,
            },
        }
    };
}

static TYPES: &[TypeEntry] = &[
    entry!(
        "NHSChargeExemption",
        "nhs-charge-exemption",
        "NHS charge exemption",
        "urn:cairn:demo:body:nhsbsa",
        "NHS Business Services Authority (demo)"
    ),
    entry!(
        "AdultDisabilityPayment",
        "adult-disability-payment",
        "Adult Disability Payment",
        "urn:cairn:demo:body:social-security-scotland",
        "Social Security Scotland (demo)"
    ),
    entry!(
        "FreeSchoolMealsEligibility",
        "free-school-meals-eligibility",
        "Free school meals eligibility",
        "urn:cairn:demo:body:dfe",
        "Department for Education (demo)"
    ),
    entry!(
        "SocialSecurityNumber",
        "social-security-number",
        "National Insurance number",
        "urn:cairn:demo:body:dwp",
        "Department for Work and Pensions (demo)"
    ),
    entry!(
        "BlueBadge",
        "blue-badge",
        "Blue Badge",
        "urn:cairn:demo:body:northgate-council",
        "Northgate Council (demo)"
    ),
    entry!(
        "SelfAssessmentIncome",
        "self-assessment-income",
        "Self Assessment income",
        "urn:cairn:demo:body:hmrc",
        "HM Revenue and Customs (demo)"
    ),
    entry!(
        "TraderStatus",
        "trader-status",
        "Trader status",
        "urn:cairn:demo:body:hmrc",
        "HM Revenue and Customs (demo)"
    ),
    entry!(
        "LandTitle",
        "land-title",
        "Land title",
        "urn:cairn:demo:body:registers-of-scotland",
        "Registers of Scotland (demo)"
    ),
    entry!(
        "EmergencyCareSummary",
        "emergency-care-summary",
        "Emergency care summary",
        "urn:cairn:demo:body:nhs-scotland",
        "NHS Scotland (demo)"
    ),
    entry!(
        "HealthInsuranceCard",
        "health-insurance-card",
        "Global Health Insurance Card",
        "urn:cairn:demo:body:nhsbsa",
        "NHS Business Services Authority (demo)"
    ),
    entry!(
        "DrivingLicence",
        "driving-licence",
        "Driving licence",
        "urn:cairn:demo:body:dvla",
        "Driver and Vehicle Licensing Agency (demo)"
    ),
    entry!(
        "VeteranCard",
        "veteran-card",
        "Veteran card",
        "urn:cairn:demo:body:mod",
        "Ministry of Defence (demo)"
    ),
    entry!(
        "BasicDisclosure",
        "basic-disclosure",
        "Basic criminal record check",
        "urn:cairn:demo:body:disclosure-scotland",
        "Disclosure Scotland (demo)"
    ),
    entry!(
        "RightToWork",
        "right-to-work",
        "Right to work",
        "urn:cairn:demo:body:home-office",
        "Home Office (demo)"
    ),
    entry!(
        "CarerAuthority",
        "carer-authority",
        "Authority to act for someone",
        "urn:cairn:demo:body:northgate-council",
        "Northgate Council (demo)"
    ),
];

#[cfg(test)]
mod tests;
