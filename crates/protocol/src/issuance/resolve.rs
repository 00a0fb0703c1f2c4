use std::fmt;

use net::Http;

use super::error::{OfferError, ResolveError, Unsupported};
use super::metadata::{Configuration, Display, IssuerMetadata};
use super::offer::{OfferDocument, TxCode};
use super::server::{self, ServerMetadata};
use crate::fetch::{self, Document};
use crate::link::OfferLink;
use crate::well_known;

const OFFER_LIMIT: usize = 64 * 1024;
const METADATA_LIMIT: usize = 1024 * 1024;

/// An offer with all that a citizen needs to decide, and all that is needed to redeem it.
#[derive(Clone)]
pub struct Offer {
    /// The issuer's identifier.
    pub issuer: String,
    /// How the issuer shows itself. Its own words: the ledger says who it is.
    pub issuer_display: Vec<Display>,
    /// The cards that can be taken, in the order of the offer; at least one.
    pub configurations: Vec<Configuration>,
    /// The cards that cannot be taken, and why.
    pub left: Vec<Left>,
    /// The code that has to be typed in.
    pub tx_code: Option<TxCode>,
    /// The most copies of one request; 1 where the issuer does not say.
    pub batch_size: usize,
    pub(crate) document: OfferDocument,
    pub(crate) metadata: IssuerMetadata,
    pub(crate) server: ServerMetadata,
}

/// A card of an offer that this wallet cannot take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The issuer's name for it.
    pub configuration_id: String,
    /// Why.
    pub reason: Unsupported,
}

impl fmt::Debug for Offer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Offer")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

/// Reads an offer and asks for the public documents that explain it: the offer itself where
/// the link only points to it, the issuer's metadata, the authorization server's metadata.
pub async fn resolve(http: &dyn Http, link: &OfferLink) -> Result<Offer, ResolveError> {
    let document = match link {
        OfferLink::Value { offer, .. } => OfferDocument::read(offer)?,
        OfferLink::Reference(url) => {
            let url = url.clone();
            OfferDocument::parse(&fetch::bytes(http, url, Document::Offer, OFFER_LIMIT).await?)?
        }
    };
    http.allows(&document.issuer_url)
        .map_err(|source| ResolveError::Forbidden {
            document: Document::Offer,
            member: "credential_issuer",
            source,
        })?;
    let url = well_known::derive(&document.issuer_url, "openid-credential-issuer");
    let object = fetch::object(http, url, Document::IssuerMetadata, METADATA_LIMIT).await?;
    let metadata = IssuerMetadata::read(&object, &document.issuer, http)?;
    let (configurations, left) = sort(&document, &metadata)?;
    let server = server::choose(http, &document, &metadata).await?;
    Ok(Offer {
        issuer: document.issuer.clone(),
        issuer_display: metadata.display.clone(),
        configurations,
        left,
        tx_code: document.tx_code.clone(),
        batch_size: metadata.batch_size,
        document,
        metadata,
        server,
    })
}

fn sort(
    document: &OfferDocument,
    metadata: &IssuerMetadata,
) -> Result<(Vec<Configuration>, Vec<Left>), ResolveError> {
    let (mut taken, mut left) = (Vec::new(), Vec::new());
    for id in &document.configuration_ids {
        match metadata.configuration(id)? {
            Ok(configuration) => taken.push(configuration),
            Err(reason) => left.push(Left {
                configuration_id: id.clone(),
                reason,
            }),
        }
    }
    match left.first() {
        Some(first) if taken.is_empty() => Err(ResolveError::Unsupported(first.reason.clone())),
        None if taken.is_empty() => Err(OfferError::Member("credential_configuration_ids").into()),
        _ => Ok((taken, left)),
    }
}
