//! Sums of multiples of fixed points, by tables of small multiples.
//!
//! [`sum_hidden`] is for scalars that nobody may learn: which entries it reads and which
//! operations it makes depend on the number of terms only. [`sum_public`] is faster, and its time
//! and memory accesses tell the scalars: it may only see what the other side knows already.

use blst::blst_p1_affine;
use blstrs::{G1Affine, G1Projective, Scalar};
use ff::Field as _;
use group::Group as _;
use group::prime::PrimeCurveAffine as _;
use subtle::{Choice, ConditionallySelectable as _, ConstantTimeEq as _};
use zeroize::Zeroizing;

/// Bits of a window over hidden scalars. Every entry of a row is read for each window, so that
/// rows are short.
const HIDDEN_BITS: usize = 5;
/// Bits of a window over public scalars.
const PUBLIC_BITS: usize = 8;
/// Multiples kept of each point: digits are signed, so that half of a window is enough.
const KEPT: usize = 1 << (PUBLIC_BITS - 1);
/// Multiples that hidden digits can mean.
const HIDDEN_KEPT: usize = 1 << (HIDDEN_BITS - 1);
/// A scalar has 255 bits; the highest digit must have room for a sign that is always positive.
const SCALAR_BITS: usize = 256;

/// The multiples 1 to 128 of a point: 12 KiB.
pub(crate) struct Table(Box<[G1Affine]>);

impl Table {
    /// Computes the table of a point that is not the identity.
    pub(crate) fn new(point: &G1Projective) -> Self {
        let mut multiple = G1Projective::identity();
        let multiples: Vec<G1Projective> = (0..KEPT)
            .map(|_| {
                multiple += point;
                multiple
            })
            .collect();
        Self(normalize(&multiples))
    }

    /// The multiple that a hidden digit means. Reads all entries that it could be.
    fn select(&self, digit: Digit) -> G1Affine {
        let (mut x, mut y) = ([0; 6], [0; 6]);
        for (multiple, entry) in (1u8..).zip(self.0.iter().take(HIDDEN_KEPT)) {
            let mask = u64::from(multiple.ct_eq(&digit.magnitude).unwrap_u8()).wrapping_neg();
            let entry: &blst_p1_affine = entry.as_ref();
            let limbs = entry.x.l.iter().chain(&entry.y.l);
            for (into, limb) in x.iter_mut().chain(&mut y).zip(limbs) {
                *into |= limb & mask;
            }
        }
        // Where nothing matched, zeros remain: the point at infinity.
        let mut point = G1Affine::identity();
        let raw: &mut blst_p1_affine = point.as_mut();
        raw.x.l = x;
        raw.y.l = y;
        // Not `-point`: that branches on infinity, which is the digit zero.
        let negated = G1Affine::from_raw_unchecked(point.x(), -point.y(), false);
        G1Affine::conditional_select(&point, &negated, Choice::from(digit.negative))
    }
}

/// The sum of the multiples, in constant time.
pub(crate) fn sum_hidden<'a>(terms: impl Iterator<Item = (&'a Table, &'a Scalar)>) -> G1Projective {
    let (tables, scalars) = prepare(terms);
    let mut sum = G1Projective::identity();
    for window in (0..SCALAR_BITS.div_ceil(HIDDEN_BITS)).rev() {
        for _ in 0..HIDDEN_BITS {
            sum = sum.double();
        }
        for (table, scalar) in tables.iter().zip(scalars.iter()) {
            sum += table.select(Digit::of(scalar, window, HIDDEN_BITS));
        }
    }
    sum
}

/// The sum of the multiples, in a time that depends on the scalars.
pub(crate) fn sum_public<'a>(terms: impl Iterator<Item = (&'a Table, &'a Scalar)>) -> G1Projective {
    let (tables, scalars) = prepare(terms);
    let mut sum = G1Projective::identity();
    for window in (0..SCALAR_BITS.div_ceil(PUBLIC_BITS)).rev() {
        for _ in 0..PUBLIC_BITS {
            sum = sum.double();
        }
        for (table, scalar) in tables.iter().zip(scalars.iter()) {
            let digit = Digit::of(scalar, window, PUBLIC_BITS);
            let entry = usize::from(digit.magnitude).checked_sub(1);
            match entry.and_then(|entry| table.0.get(entry)) {
                Some(entry) if digit.negative == 1 => sum -= entry,
                Some(entry) => sum += entry,
                None => {}
            }
        }
    }
    sum
}

/// Twice the scalar, little-endian, with room above: so that the window at bit n also holds the
/// bit below it, which the signed digit depends on.
type Doubled = [u8; 34];

fn prepare<'a>(
    terms: impl Iterator<Item = (&'a Table, &'a Scalar)>,
) -> (Vec<&'a Table>, Zeroizing<Vec<Doubled>>) {
    let terms: Vec<_> = terms.collect();
    let mut scalars = Zeroizing::new(Vec::with_capacity(terms.len()));
    scalars.extend(terms.iter().map(|(_, scalar)| {
        let bytes = Zeroizing::new(scalar.to_bytes_le());
        let mut doubled = [0; 34];
        let mut carry = 0;
        for (into, byte) in doubled.iter_mut().zip(bytes.iter()) {
            *into = byte << 1 | carry;
            carry = byte >> 7;
        }
        doubled
    }));
    (terms.into_iter().map(|(table, _)| table).collect(), scalars)
}

/// A signed digit: its magnitude is at most half of its window.
#[derive(Clone, Copy)]
struct Digit {
    negative: u8,
    magnitude: u8,
}

impl Digit {
    /// The digit of a window, by arithmetic without branches.
    fn of(doubled: &Doubled, window: usize, bits: usize) -> Self {
        let (byte, shift) = (window * bits / 8, window * bits % 8);
        let at = |index: usize| u32::from(doubled.get(index).copied().unwrap_or(0));
        let value = (at(byte) | at(byte + 1) << 8) >> shift & ((2 << bits) - 1);
        let negative = value >> bits;
        let all = negative.wrapping_neg();
        let rounded = (value + 1) >> 1;
        let magnitude = (rounded ^ all)
            .wrapping_sub(all)
            .wrapping_add(all & (1 << bits));
        Self {
            negative: negative as u8,
            magnitude: magnitude as u8,
        }
    }
}

/// Affine forms with one inversion for all, of points none of which is the identity.
pub(crate) fn normalize(points: &[G1Projective]) -> Box<[G1Affine]> {
    let Some(first) = points.first() else {
        return Box::default();
    };
    // products[i] is the product of z of all points before i.
    let mut product = first.z();
    let products: Vec<_> = points
        .iter()
        .skip(1)
        .map(|point| {
            let before = product;
            product *= point.z();
            before
        })
        .collect();
    let mut inverse = product.invert().unwrap_or(product);
    let affine = |point: &G1Projective, inverse_z| {
        let mut square = inverse_z;
        square *= inverse_z;
        G1Affine::from_raw_unchecked(point.x() * square, point.y() * square * inverse_z, false)
    };
    let mut normalized: Vec<G1Affine> = points
        .iter()
        .skip(1)
        .zip(&products)
        .rev()
        .map(|(point, before)| {
            let inverse_z = inverse * before;
            inverse *= point.z();
            affine(point, inverse_z)
        })
        .collect();
    normalized.push(affine(first, inverse));
    normalized.reverse();
    normalized.into_boxed_slice()
}

#[cfg(test)]
mod tests {
    use super::*;
    use group::Curve as _;

    fn scalars() -> Vec<Scalar> {
        let edges = [0u64, 1, 2, 15, 16, 17, 31, 32, 127, 128, 129, 255, 256];
        let mut scalars: Vec<Scalar> = edges.iter().map(|edge| Scalar::from(*edge)).collect();
        scalars.extend(edges.iter().map(|edge| -Scalar::from(*edge)));
        scalars.extend((0..40).map(|_| Scalar::random(rand::rngs::OsRng)));
        scalars
    }

    #[test]
    fn both_ways_of_summing_agree_with_plain_multiplication() {
        let point = G1Projective::random(rand::rngs::OsRng);
        let table = Table::new(&point);
        for scalar in scalars() {
            let plain = point * scalar;
            assert_eq!(sum_hidden([(&table, &scalar)].into_iter()), plain);
            assert_eq!(sum_public([(&table, &scalar)].into_iter()), plain);
        }
    }

    #[test]
    fn sums_of_many_agree_even_where_points_are_equal_or_opposite() {
        let point = G1Projective::random(rand::rngs::OsRng);
        let tables = [Table::new(&point), Table::new(&point), Table::new(&-point)];
        for scalar in scalars() {
            let other = Scalar::random(rand::rngs::OsRng);
            let all = [scalar, other, scalar];
            let terms = || tables.iter().zip(&all);
            assert_eq!(sum_hidden(terms()), point * other);
            assert_eq!(sum_public(terms()), point * other);
        }
        assert_eq!(sum_hidden([].into_iter()), G1Projective::identity());
    }

    #[test]
    fn normalizing_many_agrees_with_one_by_one() {
        let points: Vec<G1Projective> = (0..5)
            .map(|_| G1Projective::random(rand::rngs::OsRng))
            .collect();
        for count in 0..=points.len() {
            let normalized = normalize(&points[..count]);
            let expected: Vec<G1Affine> = points[..count].iter().map(|p| p.to_affine()).collect();
            assert_eq!(normalized.as_ref(), expected.as_slice());
        }
    }
}
