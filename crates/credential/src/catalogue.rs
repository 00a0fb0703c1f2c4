//! The credential types of `schemas/`, compiled in.
//!
//! Each type is a folder of `schemas/` with the JSON Schema (2020-12) of its claims, its SD-JWT VC
//! type metadata and an example. A program reads them from here, so that it carries its types with
//! it and never looks for a folder at run time.
//!
//! The JSON-LD context of a type is derived from its schema and its short name, and a test holds
//! the file to it.
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
    /// The id of the JSON-LD context, as a credential names it in `@context`.
    pub context_id: &'static str,
    /// The JSON-LD 1.1 context: the short name for the type's term, and a term for each claim.
    pub context: &'static str,
    /// The document type of ISO/IEC 18013-5, where the type is issued as an mdoc.
    pub doctype: Option<&'static str>,
    /// The namespaces of the document type, each with its elements. Every claim of the schema
    /// is an element of exactly one of them; empty where there is no document type.
    pub namespaces: &'static [(&'static str, &'static [&'static str])],
    /// Claims of a made-up person that satisfy the schema.
    pub example: &'static str,
    /// The body that issues the type in the demo world.
    pub demo_body: DemoBody,
}

impl TypeEntry {
    /// The namespace of an element, where the type is issued as an mdoc and has the element.
    #[must_use]
    pub fn namespace_of(&self, element: &str) -> Option<&'static str> {
        self.namespaces
            .iter()
            .find(|(_, elements)| elements.contains(&element))
            .map(|(namespace, _)| *namespace)
    }
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

/// The type with this id: its `vct`, or the document type of its mdoc, compared exactly.
#[must_use]
pub fn by_type_id(id: &str) -> Option<&'static TypeEntry> {
    by_vct(id).or_else(|| TYPES.iter().find(|entry| entry.doctype == Some(id)))
}

/// The type whose JSON-LD context has this id, compared exactly.
#[must_use]
pub fn by_context(id: &str) -> Option<&'static TypeEntry> {
    TYPES.iter().find(|entry| entry.context_id == id)
}

/// The type that the ledger is asked about for credentials with this type id: the catalogue's
/// `vct`, and for a type that is not of the catalogue the id itself.
#[must_use]
pub fn ledger_type(id: &str) -> &str {
    by_type_id(id).map_or(id, |entry| entry.vct)
}

/// The `vct` that a person means who writes a type: the short name of the catalogue stands for its
/// `vct`, and anything else for itself.
#[must_use]
pub fn type_id(written: &str) -> &str {
    by_name(written).map_or(written, |entry| entry.vct)
}

macro_rules! entry {
    ($name:literal, $folder:literal, $title:literal, $body_id:literal, $body_name:literal) => {
        entry!($name, $folder, $title, $body_id, $body_name, None, &[])
    };
    ($name:literal, $folder:literal, $title:literal, $body_id:literal, $body_name:literal,
     $doctype:expr, $namespaces:expr) => {
        TypeEntry {
            name: $name,
            folder: $folder,
            vct: concat!("urn:cairn:demo:", $folder, ":1"),
            title: $title,
            schema: include_str!(concat!("../../../schemas/", $folder, "/schema.json")),
            metadata: include_str!(concat!("../../../schemas/", $folder, "/metadata.json")),
            context_id: concat!("urn:cairn:demo:", $folder, ":1:context"),
            context: include_str!(concat!("../../../schemas/", $folder, "/context.json")),
            doctype: $doctype,
            namespaces: $namespaces,
            example: include_str!(concat!("../../../schemas/", $folder, "/example.json")),
            demo_body: DemoBody {
                id: $body_id,
                name: $body_name,
            },
        }
    };
}

/// ISO/IEC 18013-5 §7.2.1, and the United Kingdom's domestic namespace for what is not there.
const DRIVING_LICENCE: &[(&str, &[&str])] = &[
    (
        "org.iso.18013.5.1",
        &[
            "family_name",
            "given_name",
            "birth_date",
            "birth_place",
            "document_number",
            "issue_date",
            "expiry_date",
            "issuing_country",
            "issuing_authority",
            "un_distinguishing_sign",
            "portrait",
            "resident_address",
            "resident_city",
            "resident_postal_code",
            "driving_privileges",
            "age_over_18",
            "age_over_21",
            "age_over_25",
        ],
    ),
    (
        "org.iso.18013.5.1.GB",
        &["title", "provisional_driving_privileges", "welsh_licence"],
    ),
];

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
        "Driver and Vehicle Licensing Agency (demo)",
        Some("org.iso.18013.5.1.mDL"),
        DRIVING_LICENCE
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
mod cards;
#[cfg(test)]
mod contexts;
#[cfg(test)]
mod tests;
