//! Bytes that must not outlive their use, and bytes that stand in the header.

use rand::RngCore;
use rand::rngs::OsRng;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use zeroize::{Zeroize, Zeroizing};

/// A 256-bit secret on the heap, so that moving it leaves no copy behind. Wiped when dropped.
pub(crate) struct Key(Box<[u8; 32]>);

impl Key {
    pub(crate) fn make() -> Self {
        let mut key = Self::empty();
        OsRng.fill_bytes(key.0.as_mut_slice());
        key
    }

    pub(crate) fn empty() -> Self {
        Self(Box::new([0; 32]))
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut key = Self::empty();
        if bytes.len() != key.0.len() {
            return None;
        }
        key.0.copy_from_slice(bytes);
        Some(key)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; 32] {
        &mut self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// HKDF-SHA256 to 256 bits (RFC 5869).
pub(crate) fn derive_key(salt: &[u8], secret: &[u8], info: &[u8]) -> Key {
    let mut key = Key::empty();
    // Fails only for more than 255 blocks of output; this is one.
    let _ = hkdf::Hkdf::<sha2::Sha256>::new(Some(salt), secret).expand(info, key.expose_mut());
    key
}

/// Fresh random bytes.
pub(crate) fn make_bytes<const N: usize>() -> Bytes<N> {
    let mut bytes = [0; N];
    OsRng.fill_bytes(&mut bytes);
    Bytes(bytes)
}

/// Public bytes of a fixed length, hexadecimal where written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.0))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = [0; N];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| de::Error::custom("hexadecimal digits of another length expected"))?;
        Ok(Self(bytes))
    }
}

/// `value` as JSON in memory that is wiped. Counted first: a vector that grows would leave parts
/// of its contents behind in the memory that it gave back.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Zeroizing<Vec<u8>>, serde_json::Error> {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, value)?;
    let mut json = Zeroizing::new(Vec::with_capacity(count.0));
    serde_json::to_writer(&mut *json, value)?;
    Ok(json)
}
