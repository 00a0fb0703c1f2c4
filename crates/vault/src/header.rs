//! The header: who the vault is, how its data key is wrapped, and the seal over all of it.

use chacha20poly1305::aead::{Aead, AeadInPlace, KeyInit, Payload};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::file::FileError;
use crate::id::Id;
use crate::kdf::{BOUNDS, Cost, KdfError, derive_from_passphrase};
use crate::keyring::{KeyringError, KeyringSecret};
use crate::recovery::RecoveryCode;
use crate::secret::{Bytes, Key, derive_key, make_bytes};

/// Longest header read, in bytes.
const LONGEST: usize = 8 * 1024;

/// What opens the vault beside the passphrase. Chosen when the vault is made, and for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The passphrase and a secret in the keyring of the operating system.
    Keyring,
    /// The passphrase alone, which must be stronger and costs more to try.
    PassphraseOnly,
}

impl Mode {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Keyring => b"keyring",
            Self::PassphraseOnly => b"passphrase-only",
        }
    }
}

/// Stored as JSON of one object with exactly these members.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub(crate) schema: u32,
    pub(crate) vault: Id,
    pub(crate) mode: Mode,
    pub(crate) demo: bool,
    pub(crate) passphrase: PassphraseWrap,
    pub(crate) recovery: RecoveryWrap,
    seal: Seal,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PassphraseWrap {
    pub(crate) cost: Cost,
    salt: Bytes<16>,
    /// Tells a keyring that holds another secret from a wrong passphrase. Derived one way from
    /// 256 random bits: it tells nothing of them.
    keyring_check: Option<Bytes<16>>,
    wrapped: Wrapped,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecoveryWrap {
    salt: Bytes<16>,
    wrapped: Wrapped,
}

/// The data key under XChaCha20-Poly1305.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    nonce: Bytes<24>,
    sealed: Bytes<48>,
}

/// An authentication tag over every other member, under a key derived from the data key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seal {
    nonce: Bytes<24>,
    tag: Bytes<16>,
}

/// Why the header did not give up the data key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnwrapError {
    #[error("wrong passphrase or code")]
    Wrong,
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Kdf(#[from] KdfError),
}

/// What does not change over the life of a vault, and is bound into each wrap.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub(crate) vault: Id,
    pub(crate) mode: Mode,
    pub(crate) demo: bool,
}

impl Header {
    /// A header for a new data key.
    pub(crate) fn make(
        schema: u32,
        identity: Identity,
        data_key: &Key,
        passphrase: &SecretString,
        keyring: Option<&KeyringSecret>,
        code: &RecoveryCode,
    ) -> Result<Self, KdfError> {
        let mut header = Self {
            schema,
            vault: identity.vault,
            mode: identity.mode,
            demo: identity.demo,
            passphrase: PassphraseWrap::make(identity, data_key, passphrase, keyring)?,
            recovery: RecoveryWrap::make(identity, data_key, code)?,
            seal: Seal {
                nonce: Bytes([0; 24]),
                tag: Bytes([0; 16]),
            },
        };
        header.seal_again(data_key)?;
        Ok(header)
    }

    /// Reads a stored header. The schema is looked at first: a newer header need not have our
    /// members.
    pub(crate) fn parse(bytes: &[u8], newest: u32) -> Result<Self, FileError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        const DAMAGED: FileError = FileError::Damaged { what: "header" };
        if bytes.len() > LONGEST {
            return Err(DAMAGED);
        }
        let version: Version = serde_json::from_slice(bytes).map_err(|_| DAMAGED)?;
        if version.schema > newest {
            return Err(FileError::Newer {
                found: version.schema,
                known: newest,
            });
        }
        let header: Self = serde_json::from_slice(bytes).map_err(|_| DAMAGED)?;
        BOUNDS
            .check(header.mode, header.passphrase.cost)
            .map_err(|_| DAMAGED)?;
        if header.passphrase.keyring_check.is_some() != (header.mode == Mode::Keyring) {
            return Err(DAMAGED);
        }
        Ok(header)
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        serde_json::to_vec(self).map_err(|_| FileError::Damaged { what: "header" })
    }

    pub(crate) fn identity(&self) -> Identity {
        Identity {
            vault: self.vault,
            mode: self.mode,
            demo: self.demo,
        }
    }

    /// Seals the header after a change.
    pub(crate) fn seal_again(&mut self, data_key: &Key) -> Result<(), KdfError> {
        let nonce = make_bytes::<24>();
        let tag = seal_cipher(data_key, self.vault)
            .encrypt_in_place_detached(XNonce::from_slice(&nonce.0), &self.transcript(), &mut [])
            .map_err(|_| KdfError::OutOfBounds)?;
        self.seal = Seal {
            nonce,
            tag: Bytes(tag.into()),
        };
        Ok(())
    }

    /// Whether nothing in the header was changed by someone without the data key.
    pub(crate) fn check_seal(&self, data_key: &Key) -> Result<(), FileError> {
        seal_cipher(data_key, self.vault)
            .decrypt_in_place_detached(
                XNonce::from_slice(&self.seal.nonce.0),
                &self.transcript(),
                &mut [],
                Tag::from_slice(&self.seal.tag.0),
            )
            .map_err(|_| FileError::Damaged { what: "header" })
    }

    fn transcript(&self) -> Vec<u8> {
        let mut bytes = b"cairn-vault-header-1\0".to_vec();
        bytes.extend_from_slice(&self.schema.to_be_bytes());
        self.identity().append(&mut bytes);
        self.passphrase.append_terms(&mut bytes);
        self.passphrase.wrapped.append(&mut bytes);
        bytes.extend_from_slice(&self.recovery.salt.0);
        self.recovery.wrapped.append(&mut bytes);
        bytes
    }
}

impl Identity {
    fn append(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(self.vault.as_bytes());
        bytes.extend_from_slice(self.mode.label());
        bytes.extend_from_slice(&[0, u8::from(self.demo)]);
    }
}

impl PassphraseWrap {
    /// Wraps the data key, at the cost that this computer was measured to need.
    pub(crate) fn make(
        identity: Identity,
        data_key: &Key,
        passphrase: &SecretString,
        keyring: Option<&KeyringSecret>,
    ) -> Result<Self, KdfError> {
        let mut wrap = Self {
            cost: BOUNDS.measure(identity.mode)?,
            salt: make_bytes(),
            keyring_check: keyring.map(|secret| derive_check(identity, secret)),
            wrapped: Wrapped {
                nonce: make_bytes(),
                sealed: Bytes([0; 48]),
            },
        };
        let key = wrap.derive_kek(identity, passphrase, keyring)?;
        wrap.wrapped = Wrapped::make(&key, &wrap.aad(identity), data_key)?;
        Ok(wrap)
    }

    /// The data key. Takes as long as the key derivation.
    pub(crate) fn open(
        &self,
        identity: Identity,
        passphrase: &SecretString,
        keyring: Option<&KeyringSecret>,
    ) -> Result<Key, UnwrapError> {
        BOUNDS.check(identity.mode, self.cost)?;
        let key = self.derive_kek(identity, passphrase, keyring)?;
        self.wrapped
            .open(&key, &self.aad(identity))
            .ok_or(UnwrapError::Wrong)
    }

    /// Whether this is the secret that the keyring was given.
    pub(crate) fn check_keyring(
        &self,
        identity: Identity,
        secret: &KeyringSecret,
    ) -> Result<(), KeyringError> {
        let found = derive_check(identity, secret);
        let same = self
            .keyring_check
            .is_some_and(|expected| bool::from(expected.0.ct_eq(&found.0)));
        if same {
            Ok(())
        } else {
            Err(KeyringError::OtherSecret)
        }
    }

    fn derive_kek(
        &self,
        identity: Identity,
        passphrase: &SecretString,
        keyring: Option<&KeyringSecret>,
    ) -> Result<Key, KdfError> {
        let stretched = derive_from_passphrase(passphrase, &self.salt.0, self.cost)?;
        let mut secret = Zeroizing::new(Vec::with_capacity(64));
        secret.extend_from_slice(stretched.expose());
        if let Some(keyring) = keyring {
            secret.extend_from_slice(keyring.expose());
        }
        let mut info = b"cairn-vault-passphrase-1\0".to_vec();
        info.extend_from_slice(identity.mode.label());
        Ok(derive_key(identity.vault.as_bytes(), &secret, &info))
    }

    fn aad(&self, identity: Identity) -> Vec<u8> {
        let mut bytes = b"cairn-vault-wrap-passphrase-1\0".to_vec();
        identity.append(&mut bytes);
        self.append_terms(&mut bytes);
        bytes
    }

    fn append_terms(&self, bytes: &mut Vec<u8>) {
        for number in [self.cost.memory, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.salt.0);
        match &self.keyring_check {
            None => bytes.push(0),
            Some(check) => {
                bytes.push(1);
                bytes.extend_from_slice(&check.0);
            }
        }
    }
}

impl RecoveryWrap {
    pub(crate) fn make(
        identity: Identity,
        data_key: &Key,
        code: &RecoveryCode,
    ) -> Result<Self, KdfError> {
        let salt = make_bytes();
        let key = derive_recovery_key(&salt, code);
        let wrapped = Wrapped::make(&key, &recovery_aad(identity), data_key)?;
        Ok(Self { salt, wrapped })
    }

    pub(crate) fn open(&self, identity: Identity, code: &RecoveryCode) -> Option<Key> {
        let key = derive_recovery_key(&self.salt, code);
        self.wrapped.open(&key, &recovery_aad(identity))
    }
}

/// 128 random bits need no slow derivation: nobody can try them all.
fn derive_recovery_key(salt: &Bytes<16>, code: &RecoveryCode) -> Key {
    derive_key(&salt.0, code.entropy(), b"cairn-vault-recovery-1")
}

fn recovery_aad(identity: Identity) -> Vec<u8> {
    let mut bytes = b"cairn-vault-wrap-recovery-1\0".to_vec();
    identity.append(&mut bytes);
    bytes
}

fn derive_check(identity: Identity, secret: &KeyringSecret) -> Bytes<16> {
    let key = derive_key(
        identity.vault.as_bytes(),
        secret.expose(),
        b"cairn-vault-keyring-check-1",
    );
    let mut check = [0; 16];
    for (to, from) in check.iter_mut().zip(key.expose()) {
        *to = *from;
    }
    Bytes(check)
}

fn seal_cipher(data_key: &Key, vault: Id) -> XChaCha20Poly1305 {
    let key = derive_key(
        vault.as_bytes(),
        data_key.expose(),
        b"cairn-vault-header-seal-1",
    );
    XChaCha20Poly1305::new(key.expose().into())
}

impl Wrapped {
    fn make(key: &Key, aad: &[u8], data_key: &Key) -> Result<Self, KdfError> {
        let nonce = make_bytes::<24>();
        let sealed = XChaCha20Poly1305::new(key.expose().into())
            .encrypt(
                XNonce::from_slice(&nonce.0),
                Payload {
                    msg: data_key.expose(),
                    aad,
                },
            )
            .ok()
            .and_then(|sealed| <[u8; 48]>::try_from(sealed).ok())
            .ok_or(KdfError::OutOfBounds)?;
        Ok(Self {
            nonce,
            sealed: Bytes(sealed),
        })
    }

    fn append(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&self.nonce.0);
        bytes.extend_from_slice(&self.sealed.0);
    }

    fn open(&self, key: &Key, aad: &[u8]) -> Option<Key> {
        let opened = XChaCha20Poly1305::new(key.expose().into())
            .decrypt(
                XNonce::from_slice(&self.nonce.0),
                Payload {
                    msg: &self.sealed.0,
                    aad,
                },
            )
            .ok()
            .map(Zeroizing::new)?;
        Key::from_slice(&opened)
    }
}
