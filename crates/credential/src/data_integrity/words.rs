//! What the words of a credential may mean.
//!
//! Proofs over RDF sign statements, not the words in which a document puts them: those come from
//! the contexts, and whoever shows a credential chooses the contexts. With a context of their own a
//! holder could give one claim the name of another and the proof would stand. So the contexts are
//! named ones that this program knows, at the top of the document only, and a type of the catalogue
//! speaks in its own.

use serde_json::{Map, Value};

use super::refused::Unfit;
use crate::catalogue;

const CONTEXT: &str = "@context";

/// Refuses contexts that are written out, and contexts below the top.
pub(super) fn check(document: &Map<String, Value>) -> Result<(), Unfit> {
    let named = match document.get(CONTEXT) {
        Some(Value::Array(contexts)) => contexts.iter().all(Value::is_string),
        Some(context) => context.is_string(),
        None => false,
    };
    let below = document.iter().any(|(name, value)| {
        // A proof may say which contexts it was made with: it is held to the document's own.
        name != CONTEXT && name != "proof" && holds_context(value)
    });
    if named && !below {
        Ok(())
    } else {
        Err(Unfit::OwnContext)
    }
}

/// Refuses a type of the catalogue in other words than its own.
pub(super) fn check_type(document: &Map<String, Value>, type_id: &str) -> Result<(), Unfit> {
    let Some(entry) = catalogue::by_vct(type_id) else {
        return Ok(());
    };
    let contexts = document.get(CONTEXT).and_then(Value::as_array);
    let own = contexts
        .into_iter()
        .flatten()
        .any(|context| context == entry.context_id);
    if own { Ok(()) } else { Err(Unfit::OtherWords) }
}

fn holds_context(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.contains_key(CONTEXT) || members.values().any(holds_context)
        }
        Value::Array(items) => items.iter().any(holds_context),
        _ => false,
    }
}
