use blstrs::Scalar;
use ff::Field as _;
use group::Curve as _;
use zeroize::Zeroize as _;

use crate::{InvalidKey, PublicKey};

/// A signer's secret key: a scalar that is not zero. It has no `Debug`, is not cloned by accident
/// and is zeroized when dropped.
pub struct SecretKey {
    bytes: [u8; Self::LENGTH],
}

impl SecretKey {
    /// The length of a key in bytes: a scalar, big-endian.
    pub const LENGTH: usize = 32;

    /// A fresh key.
    pub fn make() -> Self {
        loop {
            let scalar = Scalar::random(rand::rngs::OsRng);
            if let Ok(key) = Self::from_bytes(&scalar.to_bytes_be()) {
                return key;
            }
        }
    }

    /// Reads a scalar, big-endian: below the order of the group, and not zero.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self, InvalidKey> {
        let scalar: Option<Scalar> = Scalar::from_bytes_be(bytes).into();
        match scalar {
            Some(scalar) if !bool::from(scalar.is_zero()) => Ok(Self { bytes: *bytes }),
            _ => Err(InvalidKey),
        }
    }

    /// The scalar, big-endian.
    pub fn to_secret_bytes(&self) -> zeroize::Zeroizing<[u8; Self::LENGTH]> {
        zeroize::Zeroizing::new(self.bytes)
    }

    /// The public half (draft §3.4.2, `SkToPk`).
    pub fn public(&self) -> PublicKey {
        PublicKey::of(&self.scalar())
    }

    fn scalar(&self) -> Scalar {
        // `from_bytes` has read these very bytes.
        Option::from(Scalar::from_bytes_be(&self.bytes)).unwrap_or(Scalar::ONE)
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl PublicKey {
    fn of(secret: &Scalar) -> Self {
        Self::from_point((blstrs::G2Projective::from(generator()) * secret).to_affine())
    }
}

fn generator() -> blstrs::G2Affine {
    <blstrs::G2Affine as group::prime::PrimeCurveAffine>::generator()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_neither_zero_nor_beyond_the_order() {
        assert!(SecretKey::from_bytes(&[0; 32]).is_err());
        assert!(SecretKey::from_bytes(&[0xff; 32]).is_err());
        let key = SecretKey::make();
        let again = SecretKey::from_bytes(&key.to_secret_bytes()).unwrap();
        assert_eq!(again.public(), key.public());
    }
}
