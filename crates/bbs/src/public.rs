use blstrs::G2Affine;
use group::prime::PrimeCurveAffine as _;

/// The bytes are no public key: not a point of the curve, outside the prime-order subgroup, or
/// the point at infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a BLS12-381 public key")]
pub struct InvalidKey;

/// A signer's public key: a point of the prime-order subgroup of G2, and not its identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(G2Affine);

impl PublicKey {
    /// The length of a key in bytes: a compressed point of G2.
    pub const LENGTH: usize = 96;

    /// Reads a compressed point and checks it (`octets_to_pubkey`).
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self, InvalidKey> {
        let point: Option<G2Affine> = G2Affine::from_compressed(bytes).into();
        point
            .filter(|point| !bool::from(point.is_identity()))
            .map(Self)
            .ok_or(InvalidKey)
    }

    pub(crate) fn from_point(point: G2Affine) -> Self {
        Self(point)
    }

    pub(crate) fn point(&self) -> &G2Affine {
        &self.0
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; Self::LENGTH] {
        self.0.to_compressed()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PublicKey(BLS12-381 G2)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_a_point_and_the_identity_is_no_key() {
        let generator = G2Affine::generator().to_compressed();
        let key = PublicKey::from_bytes(&generator).unwrap();
        assert_eq!(key.to_bytes(), generator);
        let identity = G2Affine::identity().to_compressed();
        assert_eq!(PublicKey::from_bytes(&identity), Err(InvalidKey));
        assert_eq!(PublicKey::from_bytes(&[0; 96]), Err(InvalidKey));
    }
}
