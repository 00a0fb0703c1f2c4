//! Naming every node of a document (VC DI ECDSA §3.4.5–3.4.8), so that a part of it has the same
//! nodes as the whole.

use std::fmt::Write as _;

use rand::RngCore as _;
use serde_json::{Map, Value};

use super::SelectiveError;
use crate::json_ld::{Contexts, expand, require_said};
use crate::rdf::{Quad, Term};

/// What stands for a blank node among labels that were once [`Names`]: no other label of ours
/// begins with it.
const PREFIX_OF_NAMED: char = 'n';

/// The IRIs that stand for blank nodes during one call. The prefix is random, so that no IRI of a
/// document passes for one of them.
pub(super) struct Names {
    prefix: String,
}

/// A document whose nodes all have names.
pub(super) struct Named {
    /// Its statements, with the blank nodes back in place of their names.
    pub(super) quads: Vec<Quad>,
    /// The document in compact form, in the shape of the original, with the names in it.
    pub(super) compact: Map<String, Value>,
}

impl Names {
    pub(super) fn make() -> Self {
        let mut bytes = [0_u8; 16];
        rand::rngs::OsRng.fill_bytes(&mut bytes);
        let mut prefix = "urn:bnid:".to_owned();
        for byte in bytes {
            // Writing to a string does not fail.
            let _ = write!(prefix, "{byte:02x}");
        }
        prefix.push(':');
        Self { prefix }
    }

    /// Names the nodes of a document.
    pub(super) fn name(
        &self,
        document: &Map<String, Value>,
        contexts: &Contexts,
    ) -> Result<Named, SelectiveError> {
        let expanded = expand(document, contexts)?;
        require_said(document)?;
        let named = expanded.with_names(&self.prefix);
        let mut compact = named.compact(document, contexts)?;
        restore_shape(document, &mut compact)?;
        Ok(Named {
            quads: self.without_names(named.into_quads()?),
            compact,
        })
    }

    /// The statements of a part of a named document.
    pub(super) fn quads_of(
        &self,
        part: &Map<String, Value>,
        contexts: &Contexts,
    ) -> Result<Vec<Quad>, SelectiveError> {
        let quads = expand(part, contexts)?.into_quads()?;
        Ok(self.without_names(quads))
    }

    fn without_names(&self, quads: Vec<Quad>) -> Vec<Quad> {
        let blank = |term: Term| match term {
            Term::Iri(iri) => match iri.strip_prefix(&self.prefix) {
                Some(rest) => Term::Blank(format!("{PREFIX_OF_NAMED}{rest}")),
                None => Term::Iri(iri),
            },
            other => other,
        };
        quads
            .into_iter()
            .map(|quad| Quad {
                subject: blank(quad.subject),
                predicate: quad.predicate,
                object: blank(quad.object),
                graph: quad.graph.map(blank),
            })
            .collect()
    }
}

/// Compaction writes an array of one item as the item, and an object of nothing but an id as the
/// id. A pointer means the document as it was: this puts them back, and refuses a document whose
/// arrays came out with other lengths, in which an index would mean another item.
fn restore_shape(
    original: &Map<String, Value>,
    compact: &mut Map<String, Value>,
) -> Result<(), SelectiveError> {
    for (name, value) in original {
        if name == "@context" {
            continue;
        }
        if let Some(compacted) = compact.get_mut(name) {
            restore_value(value, compacted)?;
        }
    }
    Ok(())
}

fn restore_value(original: &Value, compact: &mut Value) -> Result<(), SelectiveError> {
    match (original, &mut *compact) {
        (Value::Array(items), Value::Array(compacted)) => {
            if items.len() != compacted.len() {
                return Err(SelectiveError::NotSelectable);
            }
            items
                .iter()
                .zip(compacted)
                .try_for_each(|(item, compacted)| restore_value(item, compacted))
        }
        (Value::Array(items), _) => {
            let [item] = items.as_slice() else {
                return Err(SelectiveError::NotSelectable);
            };
            restore_value(item, compact)?;
            *compact = Value::Array(vec![compact.take()]);
            Ok(())
        }
        (Value::Object(members), Value::Object(compacted)) => restore_shape(members, compacted),
        (Value::Object(members), Value::String(id)) => {
            let is_reference = members.len() == 1
                && ["id", "@id"]
                    .iter()
                    .any(|name| members.get(*name).and_then(Value::as_str) == Some(id));
            if is_reference {
                *compact = original.clone();
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
