use blstrs::{G1Projective, Scalar};

use crate::generators::Generators;
use crate::hash::messages_to_scalars;
use crate::multiply::sum_public;
use crate::pairing::agree;
use crate::proof::{Proof, Transcript, shown};
use crate::{PublicKey, TooManyMessages};

/// The proof does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyProofError {
    /// Hidden and shown messages together are more than there are generators.
    #[error(transparent)]
    TooManyMessages(#[from] TooManyMessages),
    /// Not as many indexes as messages.
    #[error("there are not as many indexes as messages")]
    Counts,
    /// The indexes do not ascend, or one of them is beyond the messages that were signed.
    #[error("the indexes of the shown messages do not ascend or are out of range")]
    Indexes,
    /// It is by another key, over other messages, or under other headers.
    #[error("the proof does not match")]
    Mismatch,
}

/// Verifies a proof over the messages that it shows: `indexes` are their places in the list that
/// was signed, counted from 0 and ascending (`ProofVerify`).
pub fn verify_proof<M: AsRef<[u8]>>(
    public: &PublicKey,
    proof: &Proof,
    header: &[u8],
    presentation_header: &[u8],
    messages: &[M],
    indexes: &[usize],
) -> Result<(), VerifyProofError> {
    if messages.len() != indexes.len() {
        return Err(VerifyProofError::Counts);
    }
    // The proof decides how many generators there must be; there are never more than the bound.
    let count = proof.hidden.len() + messages.len();
    let shown = shown(count, indexes).ok_or(VerifyProofError::Indexes)?;
    let generators = Generators::of(count)?;
    let domain = generators.domain(public, header);
    let messages: Vec<Scalar> = messages_to_scalars(messages)
        .iter()
        .map(|message| message.value)
        .collect();
    let [a_bar, b_bar, d] = [&proof.a_bar, &proof.b_bar, &proof.d].map(G1Projective::from);

    let t1 = b_bar * proof.challenge + a_bar * proof.e + d * proof.r1;
    // T2 = (P1 + Q1·domain + H_i·m_i …)·c + D·r3^ + H_j·m^_j …: multiplied out, so that all fixed
    // points are in one sum. Everything in it came with the proof: the time may tell it.
    let mut of_shown = messages.iter();
    let mut of_hidden = proof.hidden.iter();
    let factors: Vec<Scalar> = [proof.challenge, domain * proof.challenge]
        .into_iter()
        .chain(shown.iter().map_while(|shown| {
            if *shown {
                of_shown.next().map(|message| message * proof.challenge)
            } else {
                of_hidden.next().copied()
            }
        }))
        .collect();
    let tables = [generators.p1(), generators.q1()]
        .into_iter()
        .chain(generators.of_messages());
    let t2 = sum_public(tables.zip(&factors)) + d * proof.r3;

    let challenge = Transcript {
        indexes,
        messages: &messages,
        a_bar: &proof.a_bar,
        b_bar: &proof.b_bar,
        d: &proof.d,
        t1: &t1,
        t2: &t2,
        domain: &domain,
        presentation_header,
    }
    .challenge();
    if challenge == proof.challenge && agree(&proof.a_bar, public.point(), &proof.b_bar) {
        Ok(())
    } else {
        Err(VerifyProofError::Mismatch)
    }
}
