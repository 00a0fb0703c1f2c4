//! The one equation of pairings that both verifications end in.

use std::sync::LazyLock;

use ::pairing::{MillerLoopResult as _, MultiMillerLoop as _};
use blstrs::{Bls12, G1Affine, G2Affine, G2Prepared, Gt};
use group::Group as _;
use group::prime::PrimeCurveAffine as _;

/// BP2, the generator of G2, made ready once.
static BASE: LazyLock<G2Prepared> = LazyLock::new(|| G2Prepared::from(G2Affine::generator()));

/// Whether e(a, key) = e(b, BP2).
///
/// Not in constant time, which it need not be: `a`, `b` and the outcome are known to whoever made
/// the signature or the proof.
pub(crate) fn agree(a: &G1Affine, key: &G2Affine, b: &G1Affine) -> bool {
    let key = G2Prepared::from(*key);
    Bls12::multi_miller_loop(&[(a, &key), (&-b, &BASE)]).final_exponentiation() == Gt::identity()
}
