use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use futures_util::FutureExt as _;
use iref::IriBuf;
use json_ld::context_processing::{Options, Process as _, ProcessedOwned};
use json_ld::syntax::TryFromJson as _;
use json_ld::syntax::context::Context as Syntax;
use json_ld::{Context, RemoteDocument};
use json_syntax::Parse as _;
use rdf_types::BlankIdBuf;
use serde_json::{Map, Value};
use ssi::json_ld as published;

use super::JsonLdError;
use super::bounds::is_readable;
use super::expand::to_syntax;

/// How many processed contexts are kept.
const MAX_KEPT: usize = 64;
/// The longest `@context` whose processed form is kept, in bytes of JSON.
const MAX_KEPT_BYTES: usize = 4096;

/// The identifier or the text of a context is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON-LD context with an absolute IRI")]
pub struct InvalidContext;

/// A context after processing, and what it was made from.
pub(super) type Processed = ProcessedOwned<IriBuf, BlankIdBuf>;

/// The contexts that a document may name: those compiled in, and what a caller adds to them.
///
/// Processed contexts are kept, up to a bound, since most documents name the same few.
pub struct Contexts {
    documents: HashMap<IriBuf, RemoteDocument>,
    processed: Mutex<HashMap<String, Arc<Processed>>>,
}

impl Contexts {
    /// The contexts compiled in: those that W3C and others publish for credentials, as `ssi`
    /// carries them, and those of the catalogue.
    pub fn pinned() -> &'static Self {
        static PINNED: OnceLock<Contexts> = OnceLock::new();
        PINNED.get_or_init(|| Self {
            documents: pinned(),
            processed: Mutex::default(),
        })
    }

    /// The contexts compiled in and one more.
    pub fn with(&self, id: &str, text: &str) -> Result<Self, InvalidContext> {
        let mut documents = self.documents.clone();
        let (id, document) = read(id, text)?;
        documents.insert(id, document);
        Ok(Self {
            documents,
            processed: Mutex::default(),
        })
    }

    /// True where a document may name this context.
    pub fn knows(&self, id: &str) -> bool {
        is_readable(id)
            && IriBuf::new(id.to_owned()).is_ok_and(|id| self.documents.contains_key(&id))
    }

    pub(super) fn documents(&self) -> &HashMap<IriBuf, RemoteDocument> {
        &self.documents
    }

    /// The document's own context, processed.
    pub(super) fn process(
        &self,
        document: &Map<String, Value>,
    ) -> Result<Arc<Processed>, JsonLdError> {
        let local = document.get("@context").unwrap_or(&Value::Null);
        let key = local.to_string();
        if let Some(processed) = self.kept().get(&key) {
            return Ok(processed.clone());
        }
        let syntax = match document.get("@context") {
            Some(local) => {
                Syntax::try_from_json(to_syntax(local)).map_err(|_| JsonLdError::Context)?
            }
            None => Syntax::Many(Vec::new()),
        };
        let empty = Context::default();
        let processed = syntax
            .process_full(
                &mut (),
                &empty,
                &self.documents,
                None,
                Options::default(),
                (),
            )
            .now_or_never()
            .ok_or(JsonLdError::Context)?
            .map_err(|error| super::expand::context_error(&error))?
            .into_owned();
        let processed = Arc::new(processed);
        if key.len() <= MAX_KEPT_BYTES {
            let mut kept = self.kept();
            if kept.len() >= MAX_KEPT {
                kept.clear();
            }
            kept.insert(key, processed.clone());
        }
        Ok(processed)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Processed>>> {
        self.processed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Contexts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Contexts({})", self.documents.len())
    }
}

fn read(id: &str, text: &str) -> Result<(IriBuf, RemoteDocument), InvalidContext> {
    let id = IriBuf::new(id.to_owned()).map_err(|_| InvalidContext)?;
    let (value, _) = json_syntax::Value::parse_str(text).map_err(|_| InvalidContext)?;
    let document = RemoteDocument::new(Some(id.clone()), None, value);
    Ok((id, document))
}

fn pinned() -> HashMap<IriBuf, RemoteDocument> {
    let documents: [&RemoteDocument; 19] = [
        &published::CREDENTIALS_V1_CONTEXT_DOCUMENT,
        &published::CREDENTIALS_V2_CONTEXT_DOCUMENT,
        &published::CREDENTIALS_EXAMPLES_V1_CONTEXT_DOCUMENT,
        &published::CREDENTIALS_EXAMPLES_V2_CONTEXT_DOCUMENT,
        &published::ODRL_CONTEXT_DOCUMENT,
        &published::SECURITY_V1_CONTEXT_DOCUMENT,
        &published::SECURITY_V2_CONTEXT_DOCUMENT,
        &published::DID_V1_CONTEXT_DOCUMENT,
        &published::W3ID_JWS2020_V1_CONTEXT_DOCUMENT,
        &published::W3ID_ED2020_V1_CONTEXT_DOCUMENT,
        &published::W3ID_MULTIKEY_V1_CONTEXT_DOCUMENT,
        &published::W3ID_DATA_INTEGRITY_V1_CONTEXT_DOCUMENT,
        &published::W3ID_DATA_INTEGRITY_V2_CONTEXT_DOCUMENT,
        &published::CITIZENSHIP_V1_CONTEXT_DOCUMENT,
        &published::VACCINATION_V1_CONTEXT_DOCUMENT,
        &published::STATUS_LIST_2021_V1_CONTEXT_DOCUMENT,
        &published::BBS_V1_CONTEXT_DOCUMENT,
        &published::VDL_V1_CONTEXT_DOCUMENT,
        &published::JFF_VC_EDU_PLUGFEST_2022_2_CONTEXT_DOCUMENT,
    ];
    let ours = crate::catalogue::types()
        .iter()
        .filter_map(|entry| read(entry.context_id, entry.context).ok());
    documents
        .into_iter()
        .filter_map(|document| Some((document.url()?.clone(), document.clone())))
        .chain(ours)
        .collect()
}
