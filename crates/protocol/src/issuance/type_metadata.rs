//! Type metadata of a `vct` that is a URL (draft-ietf-oauth-sd-jwt-vc §6).

use credential::catalogue;
use credential::type_metadata::{Chain, Integrity, MAX_BYTES, TypeMetadata};
use net::Http;
use url::Url;

use crate::fetch::{self, Document, FetchError};

/// Why type metadata was not used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TypeMetadataError {
    /// The type is no https URL and is not compiled in: there is nowhere to ask.
    #[error("the type has no address")]
    NoAddress,
    /// Could not be had.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// Came, and is not what was vouched for.
    #[error(transparent)]
    Refused(#[from] credential::type_metadata::TypeMetadataError),
}

/// The metadata of a type, and the documents it was made of.
#[derive(Clone, Debug)]
pub struct FetchedType {
    /// With all that the type inherits.
    pub metadata: TypeMetadata,
    /// The type's own document first, then those it extends, as they came: to be kept beside
    /// the card, so that nobody has to be asked again.
    pub documents: Vec<Vec<u8>>,
}

/// Gets the metadata of `vct` and of the types that it extends. Types of the catalogue are
/// compiled in and need no network.
///
/// To be called when a card is added, never when it is looked at or shown: the host would
/// learn of it. `integrity` is `vct#integrity` of the credential; where it is there, the
/// bytes must fit.
pub async fn fetch_type_metadata(
    http: &dyn Http,
    vct: &str,
    integrity: Option<&str>,
) -> Result<FetchedType, TypeMetadataError> {
    let integrity = integrity
        .map(Integrity::parse)
        .transpose()
        .map_err(credential::type_metadata::TypeMetadataError::from)?;
    let bytes = document(http, vct).await?;
    let mut chain = Chain::start(TypeMetadata::parse(&bytes, vct, integrity.as_ref())?);
    let mut documents = vec![bytes];
    while let Some(next) = chain.wanted() {
        let bytes = document(http, &next.vct.clone()).await?;
        // Bounds how many may follow, and refuses circles.
        chain.add(&bytes)?;
        documents.push(bytes);
    }
    Ok(FetchedType {
        metadata: chain.finish()?,
        documents,
    })
}

async fn document(http: &dyn Http, vct: &str) -> Result<Vec<u8>, TypeMetadataError> {
    if let Some(entry) = catalogue::by_vct(vct) {
        return Ok(entry.metadata.as_bytes().to_vec());
    }
    let url: Url = vct.parse().map_err(|_| TypeMetadataError::NoAddress)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(TypeMetadataError::NoAddress);
    }
    Ok(fetch::bytes(http, url, Document::TypeMetadata, MAX_BYTES).await?)
}
