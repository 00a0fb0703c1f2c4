//! RDF Dataset Canonicalization (RDFC-1.0 §4), with a limit to the work.
//!
//! Blank nodes that look alike are told apart by trying the orders of their neighbours, of which
//! a few dozen well-chosen statements have more than anybody can try. Every call and every order
//! tried costs from one budget, and what exceeds it is [`TooComplex`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::nquads::{line, sorted_lines};
use super::{Quad, Term};

/// How many calls and orders a dataset may cost. The hardest dataset of W3C's test suite that
/// must be canonicalized costs less; its clique of ten nodes exceeds it.
pub const MAX_WORK: usize = 4096;
/// How deep blank nodes that look alike may be linked to one another.
const MAX_DEPTH: usize = 128;

/// The blank nodes of a dataset look too much alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the blank nodes look too much alike to be told apart within the limit")]
pub struct TooComplex;

/// Labels of blank nodes: from the label in the dataset to the canonical one (`c14n0` …).
pub type Labels = HashMap<String, String>;

/// The canonical form of the dataset: its lines, each once, in the order of their code points.
pub fn canonical_lines(quads: &[Quad]) -> Result<Vec<String>, TooComplex> {
    canonical_lines_with::<Sha256>(quads)
}

/// The same by another hash (RDFC-1.0 §4.2), which only tells blank nodes apart.
pub fn canonical_lines_with<H: Digest>(quads: &[Quad]) -> Result<Vec<String>, TooComplex> {
    let labels = canonical_labels_with::<H>(quads)?;
    Ok(sorted_lines(quads, |label| {
        labels.get(label).map_or(label, String::as_str)
    }))
}

/// The canonical labels of the dataset's blank nodes, by SHA-256.
pub fn canonical_labels(quads: &[Quad]) -> Result<Labels, TooComplex> {
    canonical_labels_with::<Sha256>(quads)
}

/// The canonical labels of the dataset's blank nodes, by another hash (RDFC-1.0 §4.2).
pub fn canonical_labels_with<H: Digest>(quads: &[Quad]) -> Result<Labels, TooComplex> {
    let mut seen = HashSet::new();
    let mut dataset = Dataset {
        quads_of: BTreeMap::new(),
        first_degree: HashMap::new(),
        canonical: Issuer::new("c14n"),
        work: MAX_WORK,
    };
    for quad in quads {
        // A dataset is a set: a repeated statement would count twice as a neighbour.
        if !seen.insert(quad) {
            continue;
        }
        let nodes: HashSet<&str> = quad.blank_nodes().collect();
        for node in nodes {
            dataset.quads_of.entry(node).or_default().push(quad);
        }
    }
    let mut groups: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (node, quads) in &dataset.quads_of {
        let hash = first_degree::<H>(node, quads);
        groups.entry(hash.clone()).or_default().push(node);
        dataset.first_degree.insert(node, hash);
    }
    groups.retain(|_, nodes| match nodes.as_slice() {
        [node] => {
            dataset.canonical.issue(node);
            false
        }
        _ => true,
    });
    for nodes in groups.into_values() {
        let mut paths = Vec::new();
        for node in nodes {
            if dataset.canonical.get(node).is_some() {
                continue;
            }
            let mut issuer = Issuer::new("b");
            issuer.issue(node);
            paths.push(dataset.n_degree::<H>(node, issuer, 0)?);
        }
        paths.sort_by(|left, right| left.0.cmp(&right.0));
        for (_, issuer) in paths {
            for node in issuer.order {
                dataset.canonical.issue(node);
            }
        }
    }
    let issued = dataset.canonical.issued;
    Ok(issued
        .into_iter()
        .map(|(node, label)| (node.to_owned(), label))
        .collect())
}

struct Dataset<'a> {
    quads_of: BTreeMap<&'a str, Vec<&'a Quad>>,
    first_degree: HashMap<&'a str, String>,
    canonical: Issuer<'a>,
    work: usize,
}

/// Issues labels in order (RDFC-1.0 §4.5).
#[derive(Clone)]
struct Issuer<'a> {
    prefix: &'static str,
    issued: HashMap<&'a str, String>,
    order: Vec<&'a str>,
}

impl<'a> Issuer<'a> {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            issued: HashMap::new(),
            order: Vec::new(),
        }
    }

    fn get(&self, node: &str) -> Option<&str> {
        self.issued.get(node).map(String::as_str)
    }

    fn issue(&mut self, node: &'a str) -> &str {
        let (prefix, order) = (self.prefix, &mut self.order);
        self.issued.entry(node).or_insert_with(|| {
            let label = format!("{prefix}{}", order.len());
            order.push(node);
            label
        })
    }
}

/// Hash First Degree Quads (RDFC-1.0 §4.6).
fn first_degree<H: Digest>(node: &str, quads: &[&Quad]) -> String {
    let mut lines: Vec<String> = quads
        .iter()
        .map(|quad| line(quad, |label| if label == node { "a" } else { "z" }))
        .collect();
    lines.sort_unstable();
    hash::<H>(&lines.concat())
}

fn hash<H: Digest>(text: &str) -> String {
    let digest = H::digest(text);
    let mut hex = String::with_capacity(2 * digest.len());
    for byte in digest {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl<'a> Dataset<'a> {
    fn spend(&mut self) -> Result<(), TooComplex> {
        self.work = self.work.checked_sub(1).ok_or(TooComplex)?;
        Ok(())
    }

    /// Hash Related Blank Node (RDFC-1.0 §4.7).
    fn related<H: Digest>(
        &self,
        related: &str,
        quad: &Quad,
        issuer: &Issuer<'a>,
        position: char,
    ) -> String {
        let mut input = String::from(position);
        if position != 'g' {
            input.push('<');
            input.push_str(&quad.predicate);
            input.push('>');
        }
        match self.canonical.get(related).or_else(|| issuer.get(related)) {
            Some(label) => {
                input.push_str("_:");
                input.push_str(label);
            }
            None => input.extend(self.first_degree.get(related).map(String::as_str)),
        }
        hash::<H>(&input)
    }

    /// Hash N-Degree Quads (RDFC-1.0 §4.8).
    fn n_degree<H: Digest>(
        &mut self,
        node: &str,
        mut issuer: Issuer<'a>,
        depth: usize,
    ) -> Result<(String, Issuer<'a>), TooComplex> {
        self.spend()?;
        if depth > MAX_DEPTH {
            return Err(TooComplex);
        }
        let mut data = String::new();
        for (hash, neighbours) in self.neighbours::<H>(node, &issuer) {
            data.push_str(&hash);
            let mut best: Option<(String, Issuer<'a>)> = None;
            let mut order: Vec<usize> = (0..neighbours.len()).collect();
            loop {
                self.spend()?;
                let tried: Vec<&'a str> = order
                    .iter()
                    .filter_map(|index| neighbours.get(*index).copied())
                    .collect();
                let bound = best.as_ref().map(|(path, _)| path.as_str());
                if let Some(path) = self.path::<H>(&tried, &issuer, bound, depth)? {
                    best = Some(path);
                }
                if !next_order(&mut order) {
                    break;
                }
            }
            if let Some((path, chosen)) = best {
                data.push_str(&path);
                issuer = chosen;
            }
        }
        Ok((self::hash::<H>(&data), issuer))
    }

    /// The blank nodes beside this one, by the hash of how they are related to it.
    fn neighbours<H: Digest>(
        &self,
        node: &str,
        issuer: &Issuer<'a>,
    ) -> BTreeMap<String, Vec<&'a str>> {
        let mut neighbours: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for quad in self.quads_of.get(node).into_iter().flatten().copied() {
            let places = [
                (Some(&quad.subject), 's'),
                (Some(&quad.object), 'o'),
                (quad.graph.as_ref(), 'g'),
            ];
            for (term, position) in places {
                if let Some(Term::Blank(related)) = term
                    && related != node
                {
                    let hash = self.related::<H>(related, quad, issuer, position);
                    neighbours.entry(hash).or_default().push(related);
                }
            }
        }
        neighbours
    }

    /// The path through the neighbours in this order; `None` when it comes after `best`.
    fn path<H: Digest>(
        &mut self,
        neighbours: &[&'a str],
        issuer: &Issuer<'a>,
        best: Option<&str>,
        depth: usize,
    ) -> Result<Option<(String, Issuer<'a>)>, TooComplex> {
        let comes_after =
            |path: &str| best.is_some_and(|best| path.len() >= best.len() && path > best);
        let mut issuer = issuer.clone();
        let mut path = String::new();
        let mut unlabelled = Vec::new();
        for node in neighbours {
            path.push_str("_:");
            if let Some(label) = self.canonical.get(node) {
                path.push_str(label);
            } else {
                if issuer.get(node).is_none() {
                    unlabelled.push(*node);
                }
                path.push_str(issuer.issue(node));
            }
            if comes_after(&path) {
                return Ok(None);
            }
        }
        for node in unlabelled {
            let (hash, extended) = self.n_degree::<H>(node, issuer.clone(), depth + 1)?;
            path.push_str("_:");
            path.push_str(issuer.issue(node));
            path.push('<');
            path.push_str(&hash);
            path.push('>');
            issuer = extended;
            if comes_after(&path) {
                return Ok(None);
            }
        }
        let chosen = best.is_none_or(|best| path.as_str() < best);
        Ok(chosen.then_some((path, issuer)))
    }
}

/// Steps to the next order of the indexes; false after the last one.
fn next_order(order: &mut [usize]) -> bool {
    let descent = order
        .windows(2)
        .rposition(|pair| matches!(pair, [left, right] if left < right));
    let Some(pivot) = descent else { return false };
    let Some((head, tail)) = order.split_at_mut_checked(pivot + 1) else {
        return false;
    };
    let Some(last) = head.last_mut() else {
        return false;
    };
    if let Some(greater) = tail.iter_mut().rev().find(|index| **index > *last) {
        std::mem::swap(last, greater);
    }
    tail.reverse();
    true
}
