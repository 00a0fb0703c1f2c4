use blstrs::{G1Affine, G1Projective, Scalar};
use ff::Field as _;
use group::Curve as _;
use zeroize::Zeroizing;

use crate::generators::Generators;
use crate::hash::{SCALAR, hash_to_scalar, messages_to_scalars};
use crate::hidden::secret as hide;
use crate::octets::{self, read_point, read_scalar};
use crate::pairing::agree;
use crate::{PublicKey, SecretKey, TooManyMessages};

/// The bytes are no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureFormatError {
    /// Not 80 bytes.
    #[error("a signature has 80 bytes")]
    Length,
    /// A is no point of the prime-order subgroup of G1, or its identity.
    #[error("not a point of the signature's group")]
    Point,
    /// e is zero or not below the order.
    #[error("not a scalar of the signature's field")]
    Scalar,
}

/// Signing failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// More messages than there are generators.
    #[error(transparent)]
    TooManyMessages(#[from] TooManyMessages),
    /// These very messages cannot be signed by this key. By chance this does not happen.
    #[error("the key cannot sign these messages")]
    Degenerate,
}

/// The signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// More messages than there are generators.
    #[error(transparent)]
    TooManyMessages(#[from] TooManyMessages),
    /// It is by another key, over other messages, in another order or under another header.
    #[error("the signature does not match")]
    Mismatch,
}

/// A signature over a header and a list of messages. Holders keep it to themselves: unlike a
/// [`Proof`](crate::Proof) it is the same wherever it is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    pub(crate) a: G1Affine,
    pub(crate) e: Scalar,
}

impl Signature {
    /// The length of a signature in bytes: a compressed point of G1 and a scalar.
    pub const LENGTH: usize = octets::POINT + octets::SCALAR;

    /// Reads a signature (`octets_to_signature`).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignatureFormatError> {
        let (point, scalar) = bytes
            .split_first_chunk()
            .ok_or(SignatureFormatError::Length)?;
        let scalar = scalar
            .try_into()
            .map_err(|_| SignatureFormatError::Length)?;
        Ok(Self {
            a: read_point(point).ok_or(SignatureFormatError::Point)?,
            e: read_scalar(scalar).ok_or(SignatureFormatError::Scalar)?,
        })
    }

    /// A and e, 80 bytes.
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let parts = self
            .a
            .to_compressed()
            .into_iter()
            .chain(self.e.to_bytes_be());
        for (byte, part) in bytes.iter_mut().zip(parts) {
            *byte = part;
        }
        bytes
    }
}

impl std::fmt::Debug for Signature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Signature(BBS)")
    }
}

/// Signs messages under a header (`Sign`). The same input gives the same signature.
pub fn sign<M: AsRef<[u8]>>(
    secret: &SecretKey,
    header: &[u8],
    messages: &[M],
) -> Result<Signature, SignError> {
    let generators = Generators::of(messages.len())?;
    let messages = messages_to_scalars(messages);
    let domain = generators.domain(&secret.public(), header);

    let key = secret.to_secret_bytes();
    let mut seed = Zeroizing::new(Vec::with_capacity((messages.len() + 2) * octets::SCALAR));
    seed.extend_from_slice(key.as_slice());
    for message in messages.iter() {
        seed.extend_from_slice(Zeroizing::new(message.value.to_bytes_be()).as_slice());
    }
    seed.extend_from_slice(&domain.to_bytes_be());
    let e = hash_to_scalar(&[&seed], SCALAR);

    let sum = hide(secret.scalar().value + e);
    let inverse: Option<Scalar> = sum.value.invert().into();
    let inverse = hide(inverse.ok_or(SignError::Degenerate)?);
    // One plain multiplication, which is in constant time: the inverse tells the key.
    let a = generators.sum(&domain, &messages) * inverse.value;
    if bool::from(e.is_zero() | group::Group::is_identity(&a)) {
        return Err(SignError::Degenerate);
    }
    let a = a.to_affine();
    Ok(Signature { a, e })
}

/// Verifies a signature over a header and all its messages, in their order (`Verify`).
pub fn verify<M: AsRef<[u8]>>(
    public: &PublicKey,
    signature: &Signature,
    header: &[u8],
    messages: &[M],
) -> Result<(), VerifyError> {
    let generators = Generators::of(messages.len())?;
    let domain = generators.domain(public, header);
    let b = generators.sum(&domain, &messages_to_scalars(messages));
    // e(A, W + BP2·e) = e(B, BP2), with the multiplication moved to the cheaper group.
    let right = b - G1Projective::from(signature.a) * signature.e;
    if agree(&signature.a, public.point(), &right.to_affine()) {
        Ok(())
    } else {
        Err(VerifyError::Mismatch)
    }
}
