//! Reading points and scalars from outside, strictly.

use blstrs::{G1Affine, Scalar};
use ff::Field as _;
use group::prime::PrimeCurveAffine as _;

pub(crate) const POINT: usize = 48;
pub(crate) const SCALAR: usize = 32;

/// A compressed point in its one encoding, on the curve, in the prime-order subgroup and not its
/// identity.
pub(crate) fn read_point(bytes: &[u8; POINT]) -> Option<G1Affine> {
    let point: Option<G1Affine> = G1Affine::from_compressed(bytes).into();
    point.filter(|point| !bool::from(point.is_identity()))
}

/// A big-endian number below the order, and not zero.
pub(crate) fn read_scalar(bytes: &[u8; SCALAR]) -> Option<Scalar> {
    let scalar: Option<Scalar> = Scalar::from_bytes_be(bytes).into();
    scalar.filter(|scalar| !bool::from(scalar.is_zero()))
}
