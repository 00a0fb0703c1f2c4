//! The verifier's part (VC DI ECDSA §3.5.8, §3.6.7; VC DI BBS §3.3.7, §3.4.7), and the holder's
//! check of what an issuer sent.

use keys::PublicKey;
use serde_json::{Map, Value};

use super::config::Secured;
use super::group::{Whole, split};
use super::sign::{bbs_header, ecdsa_message};
use super::value::{Base, BaseBy, Derived, DerivedBy};
use super::{Pointer, SelectiveError, Suite};
use crate::json_ld::{Contexts, hash_lines, require_said, to_quads};
use crate::rdf::nquads::sorted_lines;
use crate::rdf::{Quad, canon};

/// A credential whose selective proof is the issuer's.
pub struct Verified {
    /// The credential without its proofs: what the issuer says.
    pub document: Map<String, Value>,
    /// The proof without its value.
    pub proof: Map<String, Value>,
    /// The suite.
    pub suite: Suite,
    /// What a `bbs-2023` proof is bound to. `ecdsa-sd-2023` binds a proof to nothing.
    pub presentation_header: Option<Vec<u8>>,
    /// How many optional statements are not shown, where the suite tells.
    pub hidden: Option<usize>,
    pub(super) statements: Vec<Statement>,
}

/// A statement and whether the issuer made it mandatory.
pub(super) struct Statement {
    pub(super) line: String,
    pub(super) is_mandatory: bool,
}

impl Statement {
    /// The subject as it is written: neither it nor the predicate has a space in it.
    pub(super) fn subject(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }

    /// The IRI of the predicate.
    pub(super) fn predicate(&self) -> &str {
        let written = self.line.split(' ').nth(1).unwrap_or_default();
        written.trim_matches(['<', '>'])
    }
}

/// Verifies a derived credential. `presentation_header` is what a `bbs-2023` proof must be bound
/// to; `None` accepts any, and then tells it.
///
/// The key is the issuer's, as the caller resolved it. Who the issuer is, the dates and the status
/// are the caller's to check, and so are the contexts: see
/// [`JsonLdError`](crate::json_ld::JsonLdError) for those that are never accepted.
pub fn verify_derived(
    credential: &Map<String, Value>,
    key: &PublicKey,
    presentation_header: Option<&[u8]>,
    contexts: &Contexts,
) -> Result<Verified, SelectiveError> {
    let secured = Secured::split(credential)?;
    let derived = Derived::decode(secured.suite, &secured.value)?;
    let config_hash = secured.config_hash(contexts)?;

    let quads = to_quads(&secured.document, contexts)?;
    require_said(&secured.document)?;
    let lines = signed_lines(&quads, &derived)?;
    if derived
        .mandatory
        .last()
        .is_some_and(|last| *last >= lines.len())
    {
        return Err(SelectiveError::Indexes);
    }
    let (mandatory, optional) = split(&lines, &derived.mandatory);
    let mandatory_hash = hash_lines(&mandatory);
    let (bound_to, hidden) = match &derived.secured {
        DerivedBy::Ecdsa {
            signature,
            proof_key,
            signatures,
        } => {
            let message = ecdsa_message(&config_hash, proof_key, &mandatory_hash);
            verify_ecdsa(key, &message, signature, proof_key, signatures, &optional)?;
            (None, None)
        }
        DerivedBy::Bbs {
            proof,
            selective,
            presentation_header: bound_to,
        } => {
            if presentation_header.is_some_and(|expected| expected != bound_to) {
                return Err(SelectiveError::PresentationHeader);
            }
            let PublicKey::Bls12381G2(key) = key else {
                return Err(SelectiveError::KeyKind);
            };
            let header = bbs_header(&config_hash, &mandatory_hash);
            let proof = bbs::Proof::from_bytes(proof).map_err(|_| SelectiveError::Signature)?;
            bbs::verify_proof(key, &proof, &header, bound_to, &optional, selective).map_err(
                |error| match error {
                    bbs::VerifyProofError::Indexes | bbs::VerifyProofError::Counts => {
                        SelectiveError::Indexes
                    }
                    bbs::VerifyProofError::TooManyMessages(_) => SelectiveError::TooManyStatements,
                    _ => SelectiveError::Signature,
                },
            )?;
            (Some(bound_to.clone()), Some(proof.hidden_messages()))
        }
    };
    Ok(Verified {
        suite: secured.suite,
        presentation_header: bound_to,
        hidden,
        statements: statements(lines, &derived.mandatory),
        document: secured.document,
        proof: secured.config,
    })
}

/// Verifies what an issuer sent: a credential with a base proof, all of whose parts must hold, so
/// that every choice of the holder's gives a proof that verifiers accept.
pub fn verify_base(
    credential: &Map<String, Value>,
    key: &PublicKey,
    contexts: &Contexts,
) -> Result<Verified, SelectiveError> {
    let secured = Secured::split(credential)?;
    let base = Base::decode(secured.suite, &secured.value)?;
    let config_hash = secured.config_hash(contexts)?;
    let whole = Whole::read(secured.suite, &secured.document, &base.hmac_key, contexts)?;
    let pointers: Vec<&Pointer> = base.mandatory.iter().collect();
    // A pointer must reach in the document, not only in its compact form.
    super::select::select(&secured.document, &pointers)?;
    let group = whole.group(&pointers)?;
    let (mandatory, optional) = whole.split(&group.indexes);
    let mandatory_hash = hash_lines(&mandatory);
    match &base.secured {
        BaseBy::Ecdsa {
            signature,
            proof_key,
            signatures,
        } => {
            let message = ecdsa_message(&config_hash, proof_key, &mandatory_hash);
            verify_ecdsa(key, &message, signature, proof_key, signatures, &optional)?;
        }
        BaseBy::Bbs {
            signature,
            header,
            public_key,
        } => {
            let PublicKey::Bls12381G2(key) = key else {
                return Err(SelectiveError::KeyKind);
            };
            if key.to_bytes() != *public_key {
                return Err(SelectiveError::OtherKey);
            }
            if bbs_header(&config_hash, &mandatory_hash) != *header {
                return Err(SelectiveError::Signature);
            }
            let signature =
                bbs::Signature::from_bytes(signature).map_err(|_| SelectiveError::Signature)?;
            bbs::verify(key, &signature, header, &optional)
                .map_err(|_| SelectiveError::Signature)?;
        }
    }
    Ok(Verified {
        suite: secured.suite,
        presentation_header: None,
        hidden: None,
        statements: statements(whole.lines, &group.indexes),
        document: secured.document,
        proof: secured.config,
    })
}

impl Verified {
    /// True where the issuer made a statement mandatory that has this predicate: every credential
    /// derived from the same one shows it.
    pub fn is_mandatory(&self, predicate: &str) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.is_mandatory && statement.predicate() == predicate)
    }
}

// The statements are personal.
impl std::fmt::Debug for Verified {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Verified({})", self.suite.name())
    }
}

/// The statements shown, under the labels that were signed, in canonical order.
fn signed_lines(quads: &[Quad], derived: &Derived) -> Result<Vec<String>, SelectiveError> {
    let canonical = canon::canonical_labels(quads)?;
    let labels = derived
        .relabel(&canonical)
        .ok_or(SelectiveError::LabelMap)?;
    Ok(sorted_lines(quads, |label| {
        labels.get(label).map_or(label, String::as_str)
    }))
}

fn statements(lines: Vec<String>, mandatory: &[usize]) -> Vec<Statement> {
    lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| Statement {
            line,
            is_mandatory: mandatory.binary_search(&index).is_ok(),
        })
        .collect()
}

/// The issuer's signature names the proof key, and that key's signatures the statements.
fn verify_ecdsa(
    key: &PublicKey,
    message: &[u8],
    signature: &[u8; 64],
    proof_key: &[u8; 33],
    signatures: &[[u8; 64]],
    optional: &[&str],
) -> Result<(), SelectiveError> {
    if !matches!(key, PublicKey::P256(_)) {
        return Err(SelectiveError::KeyKind);
    }
    if signatures.len() != optional.len() {
        return Err(SelectiveError::SignatureCount);
    }
    let refused = |_| SelectiveError::Signature;
    key.verify(message, signature).map_err(refused)?;
    let proof_key = PublicKey::from_sec1(proof_key).map_err(|_| SelectiveError::Signature)?;
    for (line, signature) in optional.iter().zip(signatures) {
        proof_key
            .verify(line.as_bytes(), signature)
            .map_err(refused)?;
    }
    Ok(())
}
