//! The holder's part: derived proofs (VC DI ECDSA §3.5.3–3.5.7, VC DI BBS §3.3.5–3.3.6).

use serde_json::{Map, Value};

use super::config::Secured;
use super::group::{Group, Whole};
use super::select::select;
use super::value::{Base, BaseBy, Derived, DerivedBy};
use super::{Pointer, SelectiveError, guarded_pointers};
use crate::json_ld::Contexts;
use crate::rdf::canon;

/// Derives a credential that shows what is mandatory and what the pointers choose, and no more.
///
/// `presentation_header` binds a `bbs-2023` proof to its occasion; `ecdsa-sd-2023` has none. Which
/// optional statements a holder should not hide, [`present`] knows.
pub fn derive(
    credential: &Map<String, Value>,
    chosen: &[Pointer],
    presentation_header: &[u8],
    contexts: &Contexts,
) -> Result<Map<String, Value>, SelectiveError> {
    let secured = Secured::split(credential)?;
    let base = Base::decode(secured.suite, &secured.value)?;
    let disclosure = Disclosure::of(&secured, &base, chosen, contexts)?;
    let derived = disclosure.prove(base, presentation_header)?;
    let value = derived.encode()?;
    Ok(Secured::join(disclosure.document, secured.config, value))
}

/// Derives a credential like [`derive`](fn@derive) for a verifier to accept: with its issuer,
/// types, validity, status and schema, whether they are mandatory or not.
pub fn present(
    credential: &Map<String, Value>,
    chosen: &[Pointer],
    presentation_header: &[u8],
    contexts: &Contexts,
) -> Result<Map<String, Value>, SelectiveError> {
    let mut pointers = guarded_pointers(credential);
    pointers.extend_from_slice(chosen);
    derive(credential, &pointers, presentation_header, contexts)
}

/// What every credential derived from this one shows, by its base proof. Nobody has checked it.
pub fn mandatory_pointers(credential: &Map<String, Value>) -> Result<Vec<Pointer>, SelectiveError> {
    let secured = Secured::split(credential)?;
    Ok(Base::decode(secured.suite, &secured.value)?.mandatory)
}

/// What a derived proof says, before it is proven.
pub(super) struct Disclosure {
    /// The part of the credential that is shown.
    pub(super) document: Map<String, Value>,
    /// All optional statements: what the base proof signs one by one.
    optional: Vec<String>,
    /// The places of the statements shown among the optional ones.
    pub(super) selective: Vec<usize>,
    /// The places of the mandatory statements among those shown.
    pub(super) mandatory: Vec<usize>,
    /// The label that was signed of each blank node shown, by its new canonical label's number.
    pub(super) labels: Vec<String>,
}

impl Disclosure {
    pub(super) fn of(
        secured: &Secured,
        base: &Base,
        chosen: &[Pointer],
        contexts: &Contexts,
    ) -> Result<Self, SelectiveError> {
        let mandatory: Vec<&Pointer> = base.mandatory.iter().collect();
        let combined: Vec<&Pointer> = base.mandatory.iter().chain(chosen).collect();
        let document =
            select(&secured.document, &combined)?.ok_or(SelectiveError::NothingChosen)?;
        let whole = Whole::read(secured.suite, &secured.document, &base.hmac_key, contexts)?;
        let mandatory = whole.group(&mandatory)?;
        let combined = whole.group(&combined)?;

        let (_, optional) = whole.split(&mandatory.indexes);
        let optional = optional.into_iter().map(str::to_owned).collect();
        Ok(Self {
            document,
            optional,
            selective: places_among_others(
                &combined.indexes,
                &mandatory.indexes,
                whole.lines.len(),
            ),
            mandatory: places_in(&mandatory.indexes, &combined.indexes),
            labels: signed_labels(&whole, &combined)?,
        })
    }

    fn prove(&self, base: Base, presentation_header: &[u8]) -> Result<Derived, SelectiveError> {
        let secured = match base.secured {
            BaseBy::Ecdsa {
                signature,
                proof_key,
                signatures,
            } => {
                if signatures.len() != self.optional.len() {
                    return Err(SelectiveError::SignatureCount);
                }
                let shown = self
                    .selective
                    .iter()
                    .filter_map(|index| signatures.get(*index));
                DerivedBy::Ecdsa {
                    signature,
                    proof_key,
                    signatures: shown.copied().collect(),
                }
            }
            BaseBy::Bbs {
                signature,
                header,
                public_key,
            } => {
                let public = bbs::PublicKey::from_bytes(&public_key)
                    .map_err(|_| SelectiveError::OtherKey)?;
                let signature = bbs::Signature::from_bytes(&signature)
                    .map_err(|_| SelectiveError::Signature)?;
                let proof = bbs::prove(
                    &public,
                    &signature,
                    &header,
                    presentation_header,
                    &self.optional,
                    &self.selective,
                )
                .map_err(|error| match error {
                    bbs::ProveError::TooManyMessages(_) => SelectiveError::TooManyStatements,
                    _ => SelectiveError::Signing,
                })?;
                DerivedBy::Bbs {
                    proof: proof.to_bytes(),
                    selective: self.selective.clone(),
                    presentation_header: presentation_header.to_vec(),
                }
            }
        };
        Ok(Derived {
            labels: self.labels.clone(),
            mandatory: self.mandatory.clone(),
            secured,
        })
    }
}

/// The places, among all statements that are not in `without`, of those in `indexes`.
fn places_among_others(indexes: &[usize], without: &[usize], count: usize) -> Vec<usize> {
    let others: Vec<usize> = (0..count)
        .filter(|index| without.binary_search(index).is_err())
        .collect();
    places_in(indexes, &others)
}

/// The places in `among`, which ascends, of those of `indexes` that are there.
fn places_in(indexes: &[usize], among: &[usize]) -> Vec<usize> {
    among
        .iter()
        .enumerate()
        .filter(|(_, index)| indexes.binary_search(index).is_ok())
        .map(|(place, _)| place)
        .collect()
}

/// The verifier labels the blank nodes that it sees anew, and gets from this list the labels that
/// were signed.
fn signed_labels(whole: &Whole<'_>, shown: &Group) -> Result<Vec<String>, SelectiveError> {
    let mut numbered: Vec<(usize, String)> = canon::canonical_labels(&shown.quads)?
        .into_iter()
        .map(|(node, label)| {
            let number = label.strip_prefix("c14n")?.parse().ok()?;
            Some((number, whole.labels.get(&node)?.clone()))
        })
        .collect::<Option<_>>()
        .ok_or(SelectiveError::LabelMap)?;
    numbered.sort_unstable();
    Ok(numbered.into_iter().map(|(_, label)| label).collect())
}
