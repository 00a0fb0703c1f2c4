//! Canonical statements under labels that only the issuer's secret decides, and the groups that
//! pointers choose among them (VC DI ECDSA §3.4.4 `labelReplacementCanonicalizeNQuads`,
//! §3.4.14–3.4.16; VC DI BBS §3.3.1 `createShuffledIdLabelMapFunction`).

use hmac::{Hmac, Mac as _};
use keys::b64;
use serde_json::{Map, Value};
use sha2::Sha256;

use super::select::select;
use super::skolem::{Named, Names};
use super::{Pointer, SelectiveError, Suite};
use crate::json_ld::Contexts;
use crate::rdf::nquads::{line, sorted_lines};
use crate::rdf::{Labels, Quad, canon};

/// A document's statements in canonical order, and its nodes.
pub(super) struct Whole<'a> {
    names: Names,
    named: Named,
    /// The label of each blank node, by the label that it has among the quads.
    pub(super) labels: Labels,
    /// The statements as lines, in canonical order.
    pub(super) lines: Vec<String>,
    contexts: &'a Contexts,
}

/// The statements that pointers choose.
pub(super) struct Group {
    /// Their places among the lines of the whole, ascending.
    pub(super) indexes: Vec<usize>,
    /// Their blank nodes have the same labels as in the whole.
    pub(super) quads: Vec<Quad>,
}

impl<'a> Whole<'a> {
    pub(super) fn read(
        suite: Suite,
        document: &Map<String, Value>,
        hmac_key: &[u8; 32],
        contexts: &'a Contexts,
    ) -> Result<Self, SelectiveError> {
        let names = Names::make();
        let named = names.name(document, contexts)?;
        let canonical = canon::canonical_labels(&named.quads)?;
        let labels = derive_labels(suite, canonical, hmac_key)?;
        let lines = sorted_lines(&named.quads, labelled(&labels));
        Ok(Self {
            names,
            named,
            labels,
            lines,
            contexts,
        })
    }

    /// The statements that the pointers choose.
    pub(super) fn group(&self, pointers: &[&Pointer]) -> Result<Group, SelectiveError> {
        let Some(part) = select(&self.named.compact, pointers)? else {
            return Ok(Group {
                indexes: Vec::new(),
                quads: Vec::new(),
            });
        };
        let quads = self.names.quads_of(&part, self.contexts)?;
        let mut indexes = Vec::new();
        for quad in &quads {
            let line = line(quad, labelled(&self.labels));
            let index = self.lines.binary_search(&line);
            indexes.push(index.map_err(|_| SelectiveError::NotSelectable)?);
        }
        indexes.sort_unstable();
        indexes.dedup();
        Ok(Group { indexes, quads })
    }

    /// The lines at these places, and the others.
    pub(super) fn split(&self, indexes: &[usize]) -> (Vec<&str>, Vec<&str>) {
        split(&self.lines, indexes)
    }
}

/// The lines at the ascending indexes, and the others.
pub(super) fn split<'l>(lines: &'l [String], indexes: &[usize]) -> (Vec<&'l str>, Vec<&'l str>) {
    let (mut at, mut others) = (Vec::new(), Vec::new());
    for (index, line) in lines.iter().enumerate() {
        if indexes.binary_search(&index).is_ok() {
            at.push(line.as_str());
        } else {
            others.push(line.as_str());
        }
    }
    (at, others)
}

fn labelled<'q>(labels: &'q Labels) -> impl Fn(&'q str) -> &'q str + Copy {
    |label| labels.get(label).map_or(label, String::as_str)
}

/// Replaces canonical labels, whose order tells something of what is hidden, by labels that do
/// not: their HMAC, or for BBS its rank among all.
pub(super) fn derive_labels(
    suite: Suite,
    canonical: Labels,
    hmac_key: &[u8; 32],
) -> Result<Labels, SelectiveError> {
    // HMAC takes keys of any length.
    let keyed = Hmac::<Sha256>::new_from_slice(hmac_key).map_err(|_| SelectiveError::Signing)?;
    let hashed: Labels = canonical
        .into_iter()
        .map(|(node, label)| {
            let digest = keyed.clone().chain_update(label).finalize();
            (node, format!("u{}", b64::encode(digest.into_bytes())))
        })
        .collect();
    Ok(match suite {
        Suite::EcdsaSd2023 => hashed,
        Suite::Bbs2023 => {
            let mut order: Vec<(String, String)> = hashed
                .into_iter()
                .map(|(node, label)| (label, node))
                .collect();
            order.sort_unstable();
            order
                .into_iter()
                .enumerate()
                .map(|(rank, (_, node))| (node, format!("b{rank}")))
                .collect()
        }
    })
}
