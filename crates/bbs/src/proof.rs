//! What a proof consists of, its encoding, and the challenge that both sides compute.

use blstrs::{G1Affine, G1Projective, Scalar};

use crate::MAX_MESSAGES;
use crate::hash::{SCALAR, hash_to_scalar};
use crate::octets::{self, read_point, read_scalar};

/// The bytes are no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFormatError {
    /// Shorter than the shortest proof, or something is left over after the last scalar.
    #[error("the length is not that of a proof")]
    Length,
    /// It hides more than [`MAX_MESSAGES`] messages.
    #[error("the proof hides more than {MAX_MESSAGES} messages")]
    TooManyMessages,
    /// One of the points is not of the prime-order subgroup of G1, or is its identity.
    #[error("not a point of the proof's group")]
    Point,
    /// One of the scalars is zero or not below the order.
    #[error("not a scalar of the proof's field")]
    Scalar,
}

/// A proof that a signature exists over the messages that are shown and as many others as are
/// hidden.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    pub(crate) a_bar: G1Affine,
    pub(crate) b_bar: G1Affine,
    pub(crate) d: G1Affine,
    pub(crate) e: Scalar,
    pub(crate) r1: Scalar,
    pub(crate) r3: Scalar,
    /// One for each hidden message, in their order.
    pub(crate) hidden: Vec<Scalar>,
    pub(crate) challenge: Scalar,
}

/// Three points and four scalars: a proof that hides nothing.
const SHORTEST: usize = 3 * octets::POINT + 4 * octets::SCALAR;

impl Proof {
    /// Reads a proof (`octets_to_proof`).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofFormatError> {
        let beyond = bytes
            .len()
            .checked_sub(SHORTEST)
            .ok_or(ProofFormatError::Length)?;
        if !beyond.is_multiple_of(octets::SCALAR) {
            return Err(ProofFormatError::Length);
        }
        if beyond / octets::SCALAR > MAX_MESSAGES {
            return Err(ProofFormatError::TooManyMessages);
        }
        let mut rest = bytes;
        let proof = Self {
            a_bar: next_point(&mut rest)?,
            b_bar: next_point(&mut rest)?,
            d: next_point(&mut rest)?,
            e: next_scalar(&mut rest)?,
            r1: next_scalar(&mut rest)?,
            r3: next_scalar(&mut rest)?,
            hidden: (0..beyond / octets::SCALAR)
                .map(|_| next_scalar(&mut rest))
                .collect::<Result<_, _>>()?,
            challenge: next_scalar(&mut rest)?,
        };
        Ok(proof)
    }

    /// The points and scalars: 272 bytes, and 32 for each hidden message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SHORTEST + self.hidden.len() * octets::SCALAR);
        for point in [&self.a_bar, &self.b_bar, &self.d] {
            bytes.extend(point.to_compressed());
        }
        for scalar in [&self.e, &self.r1, &self.r3]
            .into_iter()
            .chain(&self.hidden)
            .chain([&self.challenge])
        {
            bytes.extend(scalar.to_bytes_be());
        }
        bytes
    }

    /// How many messages it hides.
    pub fn hidden_messages(&self) -> usize {
        self.hidden.len()
    }
}

impl std::fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Proof(BBS, {} hidden)", self.hidden.len())
    }
}

fn next_point(rest: &mut &[u8]) -> Result<G1Affine, ProofFormatError> {
    let (bytes, after) = rest.split_first_chunk().ok_or(ProofFormatError::Length)?;
    *rest = after;
    read_point(bytes).ok_or(ProofFormatError::Point)
}

fn next_scalar(rest: &mut &[u8]) -> Result<Scalar, ProofFormatError> {
    let (bytes, after) = rest.split_first_chunk().ok_or(ProofFormatError::Length)?;
    *rest = after;
    read_scalar(bytes).ok_or(ProofFormatError::Scalar)
}

/// What the challenge binds (`ProofChallengeCalculate`).
pub(crate) struct Transcript<'a> {
    pub(crate) indexes: &'a [usize],
    /// Of the messages shown, in the order of the indexes.
    pub(crate) messages: &'a [Scalar],
    pub(crate) a_bar: &'a G1Affine,
    pub(crate) b_bar: &'a G1Affine,
    pub(crate) d: &'a G1Affine,
    pub(crate) t1: &'a G1Projective,
    pub(crate) t2: &'a G1Projective,
    pub(crate) domain: &'a Scalar,
    pub(crate) presentation_header: &'a [u8],
}

impl Transcript<'_> {
    pub(crate) fn challenge(&self) -> Scalar {
        let mut bytes = Vec::new();
        bytes.extend((self.indexes.len() as u64).to_be_bytes());
        for (index, message) in self.indexes.iter().zip(self.messages) {
            bytes.extend((*index as u64).to_be_bytes());
            bytes.extend(message.to_bytes_be());
        }
        for point in [self.a_bar, self.b_bar, self.d] {
            bytes.extend(point.to_compressed());
        }
        for point in [self.t1, self.t2] {
            bytes.extend(G1Affine::from(point).to_compressed());
        }
        bytes.extend(self.domain.to_bytes_be());
        bytes.extend((self.presentation_header.len() as u64).to_be_bytes());
        bytes.extend(self.presentation_header);
        hash_to_scalar(&[&bytes], SCALAR)
    }
}

/// Which of `count` messages are shown, if the indexes ascend and are in range.
pub(crate) fn shown(count: usize, indexes: &[usize]) -> Option<Vec<bool>> {
    let mut shown = vec![false; count];
    let mut least = 0;
    for index in indexes {
        if *index < least {
            return None;
        }
        *shown.get_mut(*index)? = true;
        least = index.checked_add(1)?;
    }
    Some(shown)
}
