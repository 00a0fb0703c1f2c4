//! Proof values: multibase base64url of a header and a CBOR array (VC DI ECDSA §3.5.2, §3.5.7;
//! VC DI BBS §3.3.2, §3.3.6).

use std::collections::{BTreeMap, BTreeSet};

use ciborium::Value;
use keys::b64;
use serde_json::Map;
use zeroize::Zeroizing;

use super::config::Secured;
use super::pointer::MAX_POINTERS;
use super::{Pointer, SelectiveError, Suite, cbor};
use crate::rdf::Labels;
use crate::rdf::nquads::MAX_QUADS;

/// The longest proof value that is read, in characters.
const MAX_CHARACTERS: usize = 1 << 19;
/// A CBOR tag of the range that the suites share; the last byte of the tag tells the kind.
const HEADER: [u8; 2] = [0xd9, 0x5d];
/// How a P-256 public key begins as a multikey.
const P256_MULTIKEY: [u8; 2] = [0x80, 0x24];

/// What a proof value is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The issuer's, for the holder.
    Base,
    /// The holder's, for a verifier.
    Derived,
}

/// Why a proof value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofValueError {
    /// Longer than any that makes sense.
    #[error("the proof value is too long")]
    TooLong,
    /// Not `u` and base64url in its only form.
    #[error("the proof value is not multibase base64url")]
    Multibase,
    /// A base proof where a derived one is needed, or the other way round, or of another suite.
    #[error("the proof value is of another kind or suite")]
    Header,
    /// `bbs-2023` with anonymous holder binding.
    #[error("anonymous holder binding is not supported")]
    AnonymousHolderBinding,
    /// `bbs-2023` with pseudonyms.
    #[error("pseudonyms are not supported")]
    Pseudonym,
    /// Not one CBOR value in its shortest form.
    #[error("the proof value is not plain CBOR")]
    Cbor,
    /// A component is missing, too many, or of another type or length.
    #[error("a component of the proof value is missing or of another type")]
    Component,
    /// Indexes do not ascend.
    #[error("the indexes of the proof value do not ascend")]
    Order,
    /// A label is given twice, or labels do not count from 0.
    #[error("the labels of the proof value are not one for each node")]
    Labels,
}

/// Whether a credential carries the issuer's base proof or a holder's derived one, whose value is
/// well formed. Nothing is verified.
pub fn kind_of(credential: &Map<String, serde_json::Value>) -> Result<Kind, SelectiveError> {
    let secured = Secured::split(credential)?;
    match Base::decode(secured.suite, &secured.value) {
        Ok(_) => Ok(Kind::Base),
        Err(ProofValueError::Header) => {
            Derived::decode(secured.suite, &secured.value)?;
            Ok(Kind::Derived)
        }
        Err(error) => Err(error.into()),
    }
}

/// The components of a base proof.
pub(super) struct Base {
    /// The key of the HMAC that hides the order of the blank nodes.
    pub(super) hmac_key: Zeroizing<[u8; 32]>,
    /// What every derived credential shows.
    pub(super) mandatory: Vec<Pointer>,
    pub(super) secured: BaseBy,
}

pub(super) enum BaseBy {
    Ecdsa {
        signature: [u8; 64],
        /// The key of this one proof, in SEC 1 form.
        proof_key: [u8; 33],
        /// One for each optional statement.
        signatures: Vec<[u8; 64]>,
    },
    Bbs {
        signature: [u8; 80],
        header: [u8; 64],
        public_key: [u8; 96],
    },
}

/// The components of a derived proof.
pub(super) struct Derived {
    /// By the number of the canonical label, the label that was signed.
    pub(super) labels: Vec<String>,
    /// The places of the mandatory statements among those shown.
    pub(super) mandatory: Vec<usize>,
    pub(super) secured: DerivedBy,
}

pub(super) enum DerivedBy {
    Ecdsa {
        signature: [u8; 64],
        proof_key: [u8; 33],
        signatures: Vec<[u8; 64]>,
    },
    Bbs {
        proof: Vec<u8>,
        /// The places of the statements shown among the optional ones.
        selective: Vec<usize>,
        presentation_header: Vec<u8>,
    },
}

impl Base {
    pub(super) fn encode(&self) -> Result<String, ProofValueError> {
        let pointers = self
            .mandatory
            .iter()
            .map(|pointer| Value::from(pointer.to_string()));
        let pointers = Value::Array(pointers.collect());
        let hmac_key = Value::Bytes(self.hmac_key.to_vec());
        match &self.secured {
            BaseBy::Ecdsa {
                signature,
                proof_key,
                signatures,
            } => pack(
                0,
                vec![
                    Value::Bytes(signature.to_vec()),
                    Value::Bytes([&P256_MULTIKEY, proof_key.as_slice()].concat()),
                    hmac_key,
                    from_signatures(signatures),
                    pointers,
                ],
            ),
            BaseBy::Bbs {
                signature,
                header,
                public_key,
            } => pack(
                2,
                vec![
                    Value::Bytes(signature.to_vec()),
                    Value::Bytes(header.to_vec()),
                    Value::Bytes(public_key.to_vec()),
                    hmac_key,
                    pointers,
                ],
            ),
        }
    }

    pub(super) fn decode(suite: Suite, text: &str) -> Result<Self, ProofValueError> {
        let [first, second, third, fourth, fifth] = unpack(suite, Kind::Base, text)?;
        let (hmac_key, secured) = match suite {
            Suite::EcdsaSd2023 => (
                third,
                BaseBy::Ecdsa {
                    signature: cbor::exactly(first)?,
                    proof_key: proof_key(second)?,
                    signatures: signatures(fourth)?,
                },
            ),
            Suite::Bbs2023 => (
                fourth,
                BaseBy::Bbs {
                    signature: cbor::exactly(first)?,
                    header: cbor::exactly(second)?,
                    public_key: cbor::exactly(third)?,
                },
            ),
        };
        let pointers = cbor::array(fifth)?;
        if pointers.len() > MAX_POINTERS {
            return Err(ProofValueError::Component);
        }
        let mandatory = pointers
            .into_iter()
            .map(|pointer| {
                Pointer::parse(&cbor::text(pointer)?).map_err(|_| ProofValueError::Component)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            hmac_key: Zeroizing::new(cbor::exactly(hmac_key)?),
            mandatory,
            secured,
        })
    }
}

impl Derived {
    pub(super) fn encode(&self) -> Result<String, ProofValueError> {
        let labels = |encode: fn(&str) -> Option<Value>| {
            self.labels
                .iter()
                .enumerate()
                .map(|(number, label)| Some((cbor::from_number(number), encode(label)?)))
                .collect::<Option<_>>()
                .map(Value::Map)
                .ok_or(ProofValueError::Labels)
        };
        let mandatory = cbor::from_indexes(&self.mandatory);
        match &self.secured {
            DerivedBy::Ecdsa {
                signature,
                proof_key,
                signatures,
            } => {
                let hashed = |label: &str| {
                    let hash = b64::decode(label.strip_prefix('u')?).ok()?;
                    Some(Value::Bytes(hash))
                };
                pack(
                    1,
                    vec![
                        Value::Bytes(signature.to_vec()),
                        Value::Bytes([&P256_MULTIKEY, proof_key.as_slice()].concat()),
                        from_signatures(signatures),
                        labels(hashed)?,
                        mandatory,
                    ],
                )
            }
            DerivedBy::Bbs {
                proof,
                selective,
                presentation_header,
            } => {
                let ranked = |label: &str| {
                    let rank = label.strip_prefix('b')?.parse().ok()?;
                    Some(cbor::from_number(rank))
                };
                pack(
                    3,
                    vec![
                        Value::Bytes(proof.clone()),
                        labels(ranked)?,
                        mandatory,
                        cbor::from_indexes(selective),
                        Value::Bytes(presentation_header.clone()),
                    ],
                )
            }
        }
    }

    pub(super) fn decode(suite: Suite, text: &str) -> Result<Self, ProofValueError> {
        let [first, second, third, fourth, fifth] = unpack(suite, Kind::Derived, text)?;
        Ok(match suite {
            Suite::EcdsaSd2023 => Self {
                labels: labels(fourth, |label| {
                    let hash: [u8; 32] = cbor::exactly(label)?;
                    Ok(format!("u{}", b64::encode(hash)))
                })?,
                mandatory: cbor::indexes(fifth)?,
                secured: DerivedBy::Ecdsa {
                    signature: cbor::exactly(first)?,
                    proof_key: proof_key(second)?,
                    signatures: signatures(third)?,
                },
            },
            Suite::Bbs2023 => Self {
                labels: labels(second, |label| Ok(format!("b{}", cbor::number(&label)?)))?,
                mandatory: cbor::indexes(third)?,
                secured: DerivedBy::Bbs {
                    proof: cbor::bytes(first)?,
                    selective: cbor::indexes(fourth)?,
                    presentation_header: cbor::bytes(fifth)?,
                },
            },
        })
    }

    /// The label that was signed for each blank node of a document with these canonical labels:
    /// one for each, and none too many.
    pub(super) fn relabel(&self, canonical: &Labels) -> Option<Labels> {
        if canonical.len() != self.labels.len() {
            return None;
        }
        canonical
            .iter()
            .map(|(node, label)| {
                let number: usize = label.strip_prefix("c14n")?.parse().ok()?;
                Some((node.clone(), self.labels.get(number)?.clone()))
            })
            .collect()
    }
}

/// A map from the numbers of the canonical labels, which are 0, 1 …, to labels that differ.
fn labels(
    value: Value,
    decode: impl Fn(Value) -> Result<String, ProofValueError>,
) -> Result<Vec<String>, ProofValueError> {
    let entries = value.into_map().map_err(|_| ProofValueError::Component)?;
    let count = entries.len();
    let mut labels = BTreeMap::new();
    for (number, label) in entries {
        labels.insert(cbor::number(&number)?, decode(label)?);
    }
    let counts_up = labels.keys().copied().eq(0..count);
    let different: BTreeSet<&String> = labels.values().collect();
    if !counts_up || different.len() != count {
        return Err(ProofValueError::Labels);
    }
    Ok(labels.into_values().collect())
}

fn signatures(value: Value) -> Result<Vec<[u8; 64]>, ProofValueError> {
    let signatures = cbor::array(value)?;
    if signatures.len() > MAX_QUADS {
        return Err(ProofValueError::Component);
    }
    signatures.into_iter().map(cbor::exactly).collect()
}

fn from_signatures(signatures: &[[u8; 64]]) -> Value {
    let signatures = signatures
        .iter()
        .map(|signature| Value::Bytes(signature.to_vec()));
    Value::Array(signatures.collect())
}

/// A P-256 key as a multikey; what it is a multikey of must be a compressed point.
fn proof_key(value: Value) -> Result<[u8; 33], ProofValueError> {
    let multikey = cbor::bytes(value)?;
    multikey
        .strip_prefix(&P256_MULTIKEY)
        .and_then(|point| point.try_into().ok())
        .ok_or(ProofValueError::Component)
}

/// The proof key as it is signed.
pub(super) fn to_multikey(proof_key: &[u8; 33]) -> [u8; 35] {
    let mut multikey = [0; 35];
    for (byte, from) in multikey
        .iter_mut()
        .zip(P256_MULTIKEY.iter().chain(proof_key))
    {
        *byte = *from;
    }
    multikey
}

fn pack(kind: u8, components: Vec<Value>) -> Result<String, ProofValueError> {
    let mut bytes = HEADER.to_vec();
    bytes.push(kind);
    cbor::write(components, &mut bytes)?;
    Ok(format!("u{}", b64::encode(bytes)))
}

fn unpack(suite: Suite, kind: Kind, text: &str) -> Result<[Value; 5], ProofValueError> {
    if text.len() > MAX_CHARACTERS {
        return Err(ProofValueError::TooLong);
    }
    let bytes = text
        .strip_prefix('u')
        .and_then(|text| b64::decode(text).ok())
        .ok_or(ProofValueError::Multibase)?;
    let (tag, rest) = bytes
        .strip_prefix(&HEADER)
        .and_then(<[u8]>::split_first)
        .ok_or(ProofValueError::Header)?;
    match (suite, kind, *tag) {
        (Suite::EcdsaSd2023, Kind::Base, 0)
        | (Suite::EcdsaSd2023, Kind::Derived, 1)
        | (Suite::Bbs2023, Kind::Base, 2)
        | (Suite::Bbs2023, Kind::Derived, 3) => {}
        (Suite::Bbs2023, _, 4 | 5) => return Err(ProofValueError::AnonymousHolderBinding),
        (Suite::Bbs2023, _, 6..=9) => return Err(ProofValueError::Pseudonym),
        _ => return Err(ProofValueError::Header),
    }
    cbor::read(rest)?
        .try_into()
        .map_err(|_| ProofValueError::Component)
}
