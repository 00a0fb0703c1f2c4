//! SD-JWT VC type metadata (draft-ietf-oauth-sd-jwt-vc §6 to §9): what a type is called, how
//! it looks, and which claims must be there and may be hidden.
//!
//! Fetching is left to the caller: [`Chain`] says what it wants next and checks what comes.

mod integrity;
mod parse;
mod rendering;
mod rules;

use query::ClaimPath;

pub use integrity::{Integrity, IntegrityError};
pub use rendering::{ColourScheme, Contrast, Image, Orientation, Properties, Simple, SvgTemplate};
pub use rules::RuleError;

/// The longest document, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// A type may extend this many others, one after another.
pub const MAX_EXTENDS: usize = 4;
/// The most entries of a list in a document.
pub const MAX_ENTRIES: usize = 500;

/// Why type metadata was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TypeMetadataError {
    /// Longer than [`MAX_BYTES`] or not an object of acceptable JSON.
    #[error("the type metadata is not acceptable JSON")]
    Json,
    /// A member is missing, has the wrong type, or a list is too long.
    #[error("`{member}` of the type metadata is missing or malformed")]
    Member {
        /// The member.
        member: &'static str,
    },
    /// `vct` is not the type that was asked for.
    #[error("the type metadata describes another type")]
    OtherType,
    /// The document is not the one that was pinned.
    #[error(transparent)]
    Integrity(#[from] IntegrityError),
    /// A type extends itself.
    #[error("the type extends itself")]
    Circular,
    /// More than [`MAX_EXTENDS`].
    #[error("the type extends too many others")]
    TooManyExtends,
    /// The type loosens a rule of a type that it extends (§9.5).
    #[error("the type loosens a rule of the type that it extends")]
    Loosened,
}

/// One type metadata document, or several that extend one another in one.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeMetadata {
    /// The type.
    pub vct: String,
    /// A name for developers.
    pub name: Option<String>,
    /// A description for developers.
    pub description: Option<String>,
    /// The type that this one extends.
    pub extends: Option<Extends>,
    /// Names and looks, one for each locale.
    pub display: Vec<Display>,
    /// The claims that the type knows.
    pub claims: Vec<ClaimMetadata>,
}

/// A reference to the type that is extended.
#[derive(Clone, Debug, PartialEq)]
pub struct Extends {
    /// Its `vct`.
    pub vct: String,
    /// `extends#integrity`.
    pub integrity: Option<Integrity>,
}

/// How a type is shown in one locale (§8).
#[derive(Clone, Debug, PartialEq)]
pub struct Display {
    /// A language tag (RFC 5646).
    pub locale: String,
    /// The name for people.
    pub name: String,
    /// The description for people.
    pub description: Option<String>,
    /// The rendering method `simple`; its own members are all optional.
    pub simple: Simple,
    /// The rendering method `svg_templates`, in the order of the document.
    pub svg_templates: Vec<SvgTemplate>,
}

/// What a type says about claims (§9).
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimMetadata {
    /// The claims; `null` for every element of an array.
    pub path: ClaimPath,
    /// Labels, one for each locale.
    pub display: Vec<ClaimDisplay>,
    /// The issuer must include the claim.
    pub mandatory: bool,
    /// Whether the claim is selectively disclosable.
    pub sd: SelectiveDisclosure,
    /// The name by which SVG templates show the claim.
    pub svg_id: Option<String>,
}

/// The label of a claim in one locale (§9.2).
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimDisplay {
    /// A language tag.
    pub locale: String,
    /// The label for people.
    pub label: String,
    /// The description for people.
    pub description: Option<String>,
}

/// `sd` (§9.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SelectiveDisclosure {
    /// The issuer must make it selectively disclosable.
    Always,
    /// The issuer may.
    #[default]
    Allowed,
    /// The issuer must not.
    Never,
}

impl TypeMetadata {
    /// Reads one document that was fetched for `vct`, pinned by `integrity` where the
    /// reference has one.
    pub fn parse(
        bytes: &[u8],
        vct: &str,
        integrity: Option<&Integrity>,
    ) -> Result<Self, TypeMetadataError> {
        if let Some(integrity) = integrity {
            integrity.check(bytes)?;
        }
        let metadata = parse::document(bytes)?;
        if metadata.vct != vct {
            return Err(TypeMetadataError::OtherType);
        }
        Ok(metadata)
    }

    /// The display for a locale: exact, else of the same language, else the first.
    pub fn display_for(&self, locale: &str) -> Option<&Display> {
        best(&self.display, locale, |display| &display.locale)
    }

    /// The claim that SVG templates show by this name.
    pub fn claim_by_svg_id(&self, svg_id: &str) -> Option<&ClaimMetadata> {
        self.claims
            .iter()
            .find(|claim| claim.svg_id.as_deref() == Some(svg_id))
    }

    /// What the type says of the claims at this concrete path.
    pub fn claim(&self, path: &ClaimPath) -> Option<&ClaimMetadata> {
        let same_depth = |claim: &&ClaimMetadata| {
            claim.path.segments().len() == path.segments().len() && claim.path.covers(path)
        };
        self.claims.iter().find(same_depth)
    }

    /// The label of the claims at this concrete path, chosen as [`Self::display_for`] does.
    pub fn label(&self, path: &ClaimPath, locale: &str) -> Option<&str> {
        let claim = self.claim(path)?;
        best(&claim.display, locale, |display| &display.locale)
            .map(|display| display.label.as_str())
    }
}

fn best<'a, T>(list: &'a [T], wanted: &str, locale: impl Fn(&T) -> &str) -> Option<&'a T> {
    let language = |tag: &str| {
        tag.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    list.iter()
        .find(|item| locale(item).eq_ignore_ascii_case(wanted))
        .or_else(|| {
            list.iter()
                .find(|item| language(locale(item)) == language(wanted))
        })
        .or_else(|| list.first())
}

/// A type and those that it extends, while they are being fetched.
///
/// ```text
/// let mut chain = Chain::start(document)?;
/// while let Some(next) = chain.wanted() { chain.add(&fetch(&next.vct))?; }
/// let metadata = chain.finish()?;
/// ```
#[derive(Clone, Debug)]
pub struct Chain(Vec<TypeMetadata>);

impl Chain {
    /// Starts with the document of the credential's own type.
    pub fn start(document: TypeMetadata) -> Self {
        Self(vec![document])
    }

    /// The type whose document is needed next.
    pub fn wanted(&self) -> Option<&Extends> {
        self.0.last()?.extends.as_ref()
    }

    /// Takes the document that was fetched for [`Self::wanted`]. Circles and chains longer
    /// than [`MAX_EXTENDS`] are refused (§11.4).
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), TypeMetadataError> {
        let Some(wanted) = self.wanted().cloned() else {
            return Ok(());
        };
        if self.0.iter().any(|document| document.vct == wanted.vct) {
            return Err(TypeMetadataError::Circular);
        }
        if self.0.len() > MAX_EXTENDS {
            return Err(TypeMetadataError::TooManyExtends);
        }
        let document = TypeMetadata::parse(bytes, &wanted.vct, wanted.integrity.as_ref())?;
        self.0.push(document);
        Ok(())
    }

    /// The type with what it inherits. A claim of the type replaces the one of the same
    /// path; its rules may be stricter, never looser. `display` is inherited as a whole, if
    /// the type has none.
    pub fn finish(self) -> Result<TypeMetadata, TypeMetadataError> {
        let mut documents = self.0.into_iter().rev();
        let Some(mut merged) = documents.next() else {
            return Err(TypeMetadataError::Json);
        };
        if merged.extends.is_some() {
            return Err(TypeMetadataError::Member { member: "extends" });
        }
        for document in documents {
            merged = rules::extend(merged, document)?;
        }
        // An inherited claim may have taken a name that stands already.
        rendering::distinct_ids(&merged.claims)?;
        Ok(merged)
    }
}

#[cfg(test)]
mod tests;
