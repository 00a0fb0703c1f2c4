//! Credential types that an issuer can issue, and the claims that go into them.

use credential::catalogue::{ENVELOPE_CLAIMS, TypeEntry, by_vct};
use credential::format::Refused;
use credential::schema::{Schema, SchemaError, Violation};
use credential::type_metadata::{SelectiveDisclosure, TypeMetadata, TypeMetadataError};
use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

/// Why a type cannot be issued.
#[derive(Debug, thiserror::Error)]
pub enum TypeError {
    /// Its schema is not usable.
    #[error("the schema of the type is not usable: {0}")]
    Schema(#[from] SchemaError),
    /// Its metadata is not usable.
    #[error("the metadata of the type is not usable: {0}")]
    Metadata(#[from] TypeMetadataError),
}

/// Why claims do not make a credential of the type.
#[derive(Debug, thiserror::Error)]
pub enum ClaimsError {
    /// A claim that the issuer sets itself.
    #[error("`{0}` is set by the issuer and may not be among the claims")]
    Envelope(&'static str),
    /// The claims break the schema. Where and which rule, never the values.
    #[error("the claims do not fit the schema of the type")]
    Schema(Vec<Violation>),
    /// The credential could not be made.
    #[error(transparent)]
    Issue(#[from] Refused),
}

/// A credential type, ready to issue.
pub struct IssuedType {
    /// The name in offers and metadata: the short name of the catalogue.
    pub id: String,
    /// The type.
    pub vct: String,
    /// Its metadata.
    pub metadata: TypeMetadata,
    /// The metadata as bytes, to be served where the `vct` is a URL of this issuer.
    pub metadata_bytes: Vec<u8>,
    /// The document type, where it can be issued as an mdoc.
    pub doctype: Option<&'static str>,
    /// The id of its JSON-LD context, where it has one.
    pub context_id: Option<&'static str>,
    /// Claims of a made-up person.
    pub example: String,
    schema: Schema,
}

impl IssuedType {
    /// A type of the catalogue.
    pub fn from_catalogue(entry: &TypeEntry) -> Result<Self, TypeError> {
        let known = Self::from_documents(
            entry.name,
            entry.vct,
            entry.schema.as_bytes(),
            entry.metadata.as_bytes(),
            entry.example,
        )?;
        Ok(Self {
            doctype: entry.doctype,
            context_id: Some(entry.context_id),
            ..known
        })
    }

    /// A type from its documents.
    pub fn from_documents(
        id: &str,
        vct: &str,
        schema: &[u8],
        metadata: &[u8],
        example: &str,
    ) -> Result<Self, TypeError> {
        Ok(Self {
            id: id.to_owned(),
            vct: vct.to_owned(),
            metadata: TypeMetadata::parse(metadata, vct, None)?,
            metadata_bytes: metadata.to_vec(),
            doctype: None,
            context_id: None,
            example: example.to_owned(),
            schema: Schema::parse(schema)?,
        })
    }

    /// Whether no claim of the type stands within another one.
    pub fn is_flat(&self) -> bool {
        let names = |path: &ClaimPath| {
            let mut names = path.segments().iter();
            names.by_ref().next();
            names.any(|segment| matches!(segment, Segment::Name(_)))
        };
        !self.metadata.claims.iter().any(|claim| names(&claim.path))
    }

    /// Checks claims about a subject: none that the issuer sets, and all as the schema says.
    pub fn check(&self, claims: &Map<String, Value>) -> Result<(), ClaimsError> {
        if let Some(name) = ENVELOPE_CLAIMS
            .iter()
            .find(|name| claims.contains_key(**name))
        {
            return Err(ClaimsError::Envelope(name));
        }
        self.schema
            .check(&Value::Object(claims.clone()))
            .map_err(ClaimsError::Schema)
    }

    /// The namespace of an element, where the type is issued as an mdoc.
    pub(crate) fn namespace_of(&self, element: &str) -> Option<&'static str> {
        by_vct(&self.vct)?.namespace_of(element)
    }

    /// The paths to conceal: those of the metadata that are there and may be concealed, and
    /// claims that the metadata does not know.
    pub(crate) fn conceal(&self, subject: &Map<String, Value>) -> Vec<ClaimPath> {
        let document = Value::Object(subject.clone());
        let mut paths: Vec<ClaimPath> = self
            .metadata
            .claims
            .iter()
            .filter(|claim| claim.sd != SelectiveDisclosure::Never)
            .map(|claim| claim.path.clone())
            .filter(|path| path.select(&document).is_ok_and(|found| !found.is_empty()))
            .collect();
        for name in subject.keys() {
            let root = [Segment::Name(name.clone())];
            let known = |claim: &ClaimPath| claim.segments().first() == root.first();
            if !self.metadata.claims.iter().any(|claim| known(&claim.path))
                && let Ok(path) = ClaimPath::new(root.to_vec())
            {
                paths.push(path);
            }
        }
        paths
    }
}
