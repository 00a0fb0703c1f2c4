use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use keys::{PublicKey, SigningKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::cbor::{Item, Writer, parse};
use super::cose::{Mac0, Sign1, sign1};
use super::mso::{SecurityObject, short};
use super::{DeviceError, MAX_ELEMENTS, ParseError, PresentError, SessionTranscript};

/// `DeviceSigned` (ISO/IEC 18013-5 §8.3.2.1.2.2): the device's proof, and what the device says
/// itself.
pub struct DeviceSigned {
    /// `DeviceNameSpacesBytes` as it came.
    namespaces: Vec<u8>,
    /// What the device says itself: namespace and element.
    elements: Vec<(String, String)>,
    proof: Proof,
}

enum Proof {
    Signature(Sign1),
    Mac(Mac0),
}

fn wrong(member: &'static str) -> ParseError {
    ParseError::Member { member }
}

impl DeviceSigned {
    pub(super) fn read(item: &Item<'_>) -> Result<Self, ParseError> {
        let namespaces = item.get("nameSpaces").ok_or(wrong("deviceSigned"))?;
        let content = parse(
            namespaces
                .embedded()
                .ok_or(wrong("DeviceNameSpacesBytes"))?,
        )?;
        let mut elements = Vec::new();
        for (namespace, items) in content.as_map().ok_or(wrong("DeviceNameSpaces"))? {
            let namespace = short(namespace.as_text().ok_or(wrong("DeviceNameSpaces"))?)?;
            for (name, _) in items.as_map().ok_or(wrong("DeviceNameSpaces"))? {
                let name = short(name.as_text().ok_or(wrong("DeviceNameSpaces"))?)?;
                elements.push((namespace.clone(), name));
            }
        }
        if elements.len() > MAX_ELEMENTS {
            return Err(ParseError::TooManyElements {
                limit: MAX_ELEMENTS,
            });
        }
        let auth = item.get("deviceAuth").ok_or(wrong("deviceAuth"))?;
        let proof = match (auth.get("deviceSignature"), auth.get("deviceMac")) {
            (Some(signature), None) => {
                let signature = Sign1::read(signature, "deviceSignature")?;
                // What is signed is known to both sides and never sent (§9.1.3.6).
                if signature.payload.is_some() {
                    return Err(wrong("deviceSignature"));
                }
                Proof::Signature(signature)
            }
            (None, Some(mac)) => Proof::Mac(Mac0::read(mac, "deviceMac")?),
            _ => return Err(wrong("deviceAuth")),
        };
        Ok(Self {
            namespaces: namespaces.raw.to_vec(),
            elements,
            proof,
        })
    }

    /// Checks that the device of the security object made this, for this session and document
    /// type. A MAC needs `reader`, the reader's ephemeral secret key (§9.1.3.5).
    pub fn verify(
        &self,
        mso: &SecurityObject,
        transcript: &SessionTranscript,
        reader: Option<&SigningKey>,
    ) -> Result<(), DeviceError> {
        let payload = authentication(transcript, &mso.doc_type, &self.namespaces);
        match &self.proof {
            Proof::Signature(signature) => {
                if signature.algorithm != mso.device_key.algorithm() {
                    return Err(DeviceError::Algorithm);
                }
                signature
                    .verify(&mso.device_key, &payload)
                    .map_err(|_| DeviceError::Signature)?;
            }
            Proof::Mac(mac) => {
                let reader = reader.ok_or(DeviceError::NoReaderKey)?;
                let key = derive_mac_key(reader, &mso.device_key, transcript);
                let key = key.ok_or(DeviceError::Algorithm)?;
                hmac(&key, &mac.message(&payload))
                    .and_then(|hmac| hmac.verify_slice(&mac.tag).ok())
                    .ok_or(DeviceError::Mac)?;
            }
        }
        let allowed =
            |(namespace, element): &(String, String)| mso.authorizations.allow(namespace, element);
        if !self.elements.iter().all(allowed) {
            return Err(DeviceError::NotAuthorised);
        }
        Ok(())
    }
}

/// `DeviceSigned` by signature, with no elements of the device's own.
pub(super) fn sign(
    doc_type: &str,
    transcript: &SessionTranscript,
    key: &SigningKey,
) -> Result<Vec<u8>, PresentError> {
    let payload = authentication(transcript, doc_type, &no_namespaces());
    let signature = sign1(key, payload, true, &[]).ok_or(PresentError::WrongKey)?;
    Ok(device_signed("deviceSignature", &signature))
}

/// `DeviceSigned` by MAC, for a session in which the reader has an ephemeral key.
pub(super) fn mac(
    doc_type: &str,
    transcript: &SessionTranscript,
    key: &SigningKey,
    reader: &PublicKey,
) -> Result<Vec<u8>, PresentError> {
    let payload = authentication(transcript, doc_type, &no_namespaces());
    let key = derive_mac_key(key, reader, transcript).ok_or(PresentError::WrongKey)?;
    let tag = |message: &[u8]| Some(hmac(&key, message)?.finalize().into_bytes().to_vec());
    let proof = Mac0::make(&payload, tag).ok_or(PresentError::WrongKey)?;
    Ok(device_signed("deviceMac", &proof))
}

fn device_signed(kind: &str, proof: &[u8]) -> Vec<u8> {
    Writer::new()
        .map(2)
        .text("nameSpaces")
        .raw(&no_namespaces())
        .text("deviceAuth")
        .map(1)
        .text(kind)
        .raw(proof)
        .into_bytes()
}

fn no_namespaces() -> Vec<u8> {
    let empty = Writer::new().map(0).into_bytes();
    Writer::new().embed(&empty).into_bytes()
}

/// `DeviceAuthenticationBytes` (§9.1.3.4).
fn authentication(transcript: &SessionTranscript, doc_type: &str, namespaces: &[u8]) -> Vec<u8> {
    let content = Writer::new()
        .array(4)
        .text("DeviceAuthentication")
        .raw(transcript.as_bytes())
        .text(doc_type)
        .raw(namespaces)
        .into_bytes();
    Writer::new().embed(&content).into_bytes()
}

/// `EMacKey` (§9.1.3.5): ECDH on P-256, then HKDF with SHA-256. `None` for keys of another
/// kind.
fn derive_mac_key(
    secret: &SigningKey,
    public: &PublicKey,
    transcript: &SessionTranscript,
) -> Option<Zeroizing<[u8; 32]>> {
    let PublicKey::P256(public) = public else {
        return None;
    };
    let PublicKey::P256(_) = secret.public() else {
        return None;
    };
    let secret = p256::SecretKey::from_slice(secret.to_secret_bytes().as_ref()).ok()?;
    let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), public.as_affine());
    let bytes = Writer::new().embed(transcript.as_bytes()).into_bytes();
    let salt = Sha256::digest(bytes);
    let mut key = Zeroizing::new([0_u8; 32]);
    Hkdf::<Sha256>::new(Some(&salt), shared.raw_secret_bytes())
        .expand(b"EMacKey", key.as_mut())
        .ok()?;
    Some(key)
}

/// `None` never comes: HMAC takes a key of any length.
fn hmac(key: &[u8; 32], message: &[u8]) -> Option<Hmac<Sha256>> {
    Hmac::new_from_slice(key)
        .ok()
        .map(|hmac: Hmac<Sha256>| hmac.chain_update(message))
}
