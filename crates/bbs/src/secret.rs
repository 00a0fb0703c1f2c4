use std::sync::OnceLock;

use blstrs::{G2Projective, Scalar};
use ff::Field as _;
use group::{Curve as _, Group as _};
use zeroize::{Zeroize as _, Zeroizing};

use crate::hash::{KEYGEN, hash_to_scalar};
use crate::hidden::{Secret, secret};
use crate::octets::read_scalar;
use crate::{InvalidKey, PublicKey};

/// The key material does not make a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMaterialError {
    /// Less than 32 bytes.
    #[error("key material has at least 32 bytes")]
    TooShort,
    /// The information beside it is longer than 65,535 bytes.
    #[error("key information has at most 65,535 bytes")]
    InfoTooLong,
    /// It gives zero. By chance this does not happen.
    #[error("the key material gives no key")]
    Degenerate,
}

/// A signer's secret key: a scalar that is not zero. It has no `Debug`, is not cloned by accident
/// and is zeroized when dropped.
pub struct SecretKey {
    bytes: [u8; Self::LENGTH],
    public: OnceLock<PublicKey>,
}

impl SecretKey {
    /// The length of a key in bytes: a scalar, big-endian.
    pub const LENGTH: usize = 32;

    /// A fresh key.
    pub fn make() -> Self {
        loop {
            let scalar = secret(Scalar::random(rand::rngs::OsRng));
            if let Ok(key) = Self::from_scalar(&scalar) {
                return key;
            }
        }
    }

    /// The key that follows from secret material of at least 32 bytes and public information of at
    /// most 65,535 (`KeyGen`).
    pub fn derive(material: &[u8], info: &[u8]) -> Result<Self, KeyMaterialError> {
        if material.len() < 32 {
            return Err(KeyMaterialError::TooShort);
        }
        let length = u16::try_from(info.len()).map_err(|_| KeyMaterialError::InfoTooLong)?;
        let parts = [material, &length.to_be_bytes(), info];
        let scalar = secret(hash_to_scalar(&parts, KEYGEN));
        Self::from_scalar(&scalar).map_err(|_| KeyMaterialError::Degenerate)
    }

    /// Reads a scalar, big-endian: below the order of the group, and not zero.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self, InvalidKey> {
        read_scalar(bytes).ok_or(InvalidKey)?;
        Ok(Self {
            bytes: *bytes,
            public: OnceLock::new(),
        })
    }

    /// The scalar, big-endian.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; Self::LENGTH]> {
        Zeroizing::new(self.bytes)
    }

    /// The public half (`SkToPk`), computed when it is first asked for.
    pub fn public(&self) -> PublicKey {
        *self.public.get_or_init(|| {
            let point = G2Projective::generator() * self.scalar().value;
            PublicKey::from_point(point.to_affine())
        })
    }

    pub(crate) fn scalar(&self) -> Secret<Scalar> {
        // `from_bytes` has read these very bytes.
        secret(read_scalar(&self.bytes).unwrap_or(Scalar::ONE))
    }

    fn from_scalar(scalar: &Secret<Scalar>) -> Result<Self, InvalidKey> {
        Self::from_bytes(&Zeroizing::new(scalar.value.to_bytes_be()))
    }
}

impl Drop for SecretKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
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

    #[test]
    fn key_material_has_a_least_length_and_its_information_a_greatest() {
        let derive = |material: usize, info: usize| {
            SecretKey::derive(&vec![7; material], &vec![0; info]).map(|key| key.public())
        };
        assert_eq!(derive(31, 0), Err(KeyMaterialError::TooShort));
        assert_eq!(derive(32, 65_536), Err(KeyMaterialError::InfoTooLong));
        assert!(derive(32, 65_535).is_ok());
        assert_ne!(derive(32, 0), derive(33, 0));
        assert_ne!(derive(32, 0), derive(32, 1));
    }
}
