//! The parts of COSE (RFC 9052, RFC 9053, RFC 9360) that an mdoc uses. What is read keeps its
//! protected header byte for byte, since the signature is over those bytes.

use ciborium::value::Value as Cbor;
use coset::{
    AsCborValue as _, CoseKey, CoseKeyBuilder, CoseSign1Builder, Header, HeaderBuilder, Label,
    MacContext, ProtectedHeader, SignatureContext, iana, mac_structure_data, sig_structure_data,
};
use keys::x509::{Certificate, CertificateError, MAX_CHAIN};
use keys::{Algorithm, KeyError, PublicKey, SignatureError, SigningKey};

use super::ParseError;
use super::cbor::{Item, Kind, Writer, encode, parse};

const ALG: i64 = 1;
const CRIT: i64 = 2;
/// RFC 9360 §2.
const X5CHAIN: i64 = 33;
/// HMAC 256/256.
const HMAC_256: i64 = 5;

/// A COSE_Sign1, read and not verified.
#[derive(Clone)]
pub(super) struct Sign1 {
    protected: Vec<u8>,
    pub(super) algorithm: Algorithm,
    pub(super) chain: Option<Vec<Certificate>>,
    pub(super) payload: Option<Vec<u8>>,
    signature: Vec<u8>,
}

/// A COSE_Mac0, read and not verified.
#[derive(Clone)]
pub(super) struct Mac0 {
    protected: Vec<u8>,
    pub(super) tag: Vec<u8>,
}

/// The four parts that COSE_Sign1 and COSE_Mac0 share.
struct Parts<'i> {
    protected: &'i [u8],
    algorithm: i64,
    chain: Option<Vec<Certificate>>,
    payload: Option<&'i [u8]>,
    proof: &'i [u8],
}

fn parts<'i>(item: &'i Item<'_>, member: &'static str) -> Result<Parts<'i>, ParseError> {
    let wrong = || ParseError::Member { member };
    let [protected, unprotected, payload, proof] = item.as_array().ok_or_else(wrong)? else {
        return Err(wrong());
    };
    let protected = protected.as_bytes().ok_or_else(wrong)?;
    // An empty header may be a string of no bytes (RFC 9052 §3).
    if protected.is_empty() {
        return Err(ParseError::Algorithm);
    }
    let header = parse(protected)?;
    if header.as_map().is_none() || unprotected.as_map().is_none() {
        return Err(wrong());
    }
    if header.at(CRIT).is_some() || unprotected.at(CRIT).is_some() {
        return Err(ParseError::Critical);
    }
    // The algorithm counts only where it is signed over.
    let algorithm = header.at(ALG).and_then(Item::as_i64);
    let chain = match (header.at(X5CHAIN), unprotected.at(X5CHAIN)) {
        (Some(_), Some(_)) => return Err(ParseError::Chain(None)),
        (Some(chain), None) | (None, Some(chain)) => Some(certificates(chain)?),
        (None, None) => None,
    };
    Ok(Parts {
        protected,
        algorithm: algorithm.ok_or(ParseError::Algorithm)?,
        chain,
        payload: match &payload.kind {
            Kind::Null => None,
            Kind::Bytes(bytes) => Some(bytes),
            _ => return Err(wrong()),
        },
        proof: proof.as_bytes().ok_or_else(wrong)?,
    })
}

impl Sign1 {
    pub(super) fn read(item: &Item<'_>, member: &'static str) -> Result<Self, ParseError> {
        let parts = parts(item, member)?;
        Ok(Self {
            protected: parts.protected.to_vec(),
            // Ed25519, ESP256 and ESP384 are the fully specified names of RFC 9864.
            algorithm: match parts.algorithm {
                -7 | -9 => Algorithm::Es256,
                -35 | -51 => Algorithm::Es384,
                -8 | -19 => Algorithm::EdDsa,
                _ => return Err(ParseError::Algorithm),
            },
            chain: parts.chain,
            payload: parts.payload.map(<[u8]>::to_vec),
            signature: parts.proof.to_vec(),
        })
    }

    /// Checks the signature over `payload`, attached or not.
    pub(super) fn verify(&self, key: &PublicKey, payload: &[u8]) -> Result<(), SignatureError> {
        let message = sig_structure_data(
            SignatureContext::CoseSign1,
            as_signed(&self.protected),
            None,
            &[],
            payload,
        );
        key.verify(&message, &self.signature)
    }
}

impl Mac0 {
    pub(super) fn read(item: &Item<'_>, member: &'static str) -> Result<Self, ParseError> {
        let parts = parts(item, member)?;
        if parts.algorithm != HMAC_256 {
            return Err(ParseError::Algorithm);
        }
        // What is authenticated is known to both sides and never sent (§9.1.3.5).
        if parts.payload.is_some() {
            return Err(ParseError::Member { member });
        }
        Ok(Self {
            protected: parts.protected.to_vec(),
            tag: parts.proof.to_vec(),
        })
    }

    /// What the tag is over.
    pub(super) fn message(&self, payload: &[u8]) -> Vec<u8> {
        mac_structure_data(
            MacContext::CoseMac0,
            as_signed(&self.protected),
            &[],
            payload,
        )
    }

    /// A COSE_Mac0 without its payload; `tag` makes the tag of a message.
    pub(super) fn make(
        payload: &[u8],
        tag: impl FnOnce(&[u8]) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let protected = Writer::new().map(1).unsigned(ALG as usize);
        let protected = protected.unsigned(HMAC_256 as usize).into_bytes();
        let mac = Self {
            protected,
            tag: Vec::new(),
        };
        let tag = tag(&mac.message(payload))?;
        let writer = Writer::new().array(4).bytes(&mac.protected);
        Some(writer.map(0).null().bytes(&tag).into_bytes())
    }
}

/// Signs; the payload goes along where it is not `detached`.
pub(super) fn sign1(
    key: &SigningKey,
    payload: Vec<u8>,
    detached: bool,
    chain: &[Certificate],
) -> Option<Vec<u8>> {
    let algorithm = match key.algorithm() {
        Algorithm::Es256 => iana::Algorithm::ES256,
        Algorithm::Es384 => iana::Algorithm::ES384,
        Algorithm::EdDsa => iana::Algorithm::EdDSA,
        Algorithm::Bbs => return None,
    };
    let mut unprotected = HeaderBuilder::new();
    let der = |certificate: &Certificate| Cbor::Bytes(certificate.der().to_vec());
    match chain {
        [] => {}
        // A chain of one stands without an array (RFC 9360 §2).
        [one] => unprotected = unprotected.value(X5CHAIN, der(one)),
        many => {
            unprotected = unprotected.value(X5CHAIN, Cbor::Array(many.iter().map(der).collect()));
        }
    }
    let builder = CoseSign1Builder::new()
        .protected(HeaderBuilder::new().algorithm(algorithm).build())
        .unprotected(unprotected.build());
    let sign = |message: &[u8]| key.sign(message);
    let builder = if detached {
        builder.create_detached_signature(&payload, &[], sign)
    } else {
        builder.payload(payload).create_signature(&[], sign)
    };
    Some(encode(&builder.build().to_cbor_value().ok()?))
}

fn as_signed(protected: &[u8]) -> ProtectedHeader {
    ProtectedHeader {
        original_data: Some(protected.to_vec()),
        header: Header::default(),
    }
}

fn certificates(item: &Item<'_>) -> Result<Vec<Certificate>, ParseError> {
    let one = std::slice::from_ref(item);
    let certificates = match &item.kind {
        Kind::Bytes(_) => one,
        Kind::Array(many) if !many.is_empty() && many.len() <= MAX_CHAIN => many,
        _ => return Err(ParseError::Chain(Some(CertificateError::ChainLength))),
    };
    certificates
        .iter()
        .map(|certificate| {
            let der = certificate.as_bytes().ok_or(ParseError::Chain(None))?;
            Certificate::from_der(der).map_err(|error| ParseError::Chain(Some(error)))
        })
        .collect()
}

const KTY: i64 = 1;
const CRV: i64 = -1;
const X: i64 = -2;
const Y: i64 = -3;
/// The secret part.
const D: i64 = -4;

/// Reads a public COSE_Key (RFC 9053 §7): P-256, P-384 or Ed25519.
pub(super) fn public_key(item: &Item<'_>) -> Result<PublicKey, KeyError> {
    if item.as_map().is_none() {
        return Err(KeyError::Malformed);
    }
    if item.at(D).is_some() {
        return Err(KeyError::SecretPresent);
    }
    let number = |label| item.at(label).and_then(Item::as_i64);
    let coordinate = |label, width: usize| -> Result<&[u8], KeyError> {
        let bytes = item.at(label).and_then(Item::as_bytes);
        bytes
            .filter(|bytes| bytes.len() == width)
            .ok_or(KeyError::Malformed)
    };
    let point = |width| -> Result<Vec<u8>, KeyError> {
        let x = coordinate(X, width)?;
        Ok(match item.at(Y).map(|y| &y.kind) {
            Some(Kind::Bool(odd)) => [&[2 | u8::from(*odd)], x].concat(),
            _ => [&[4], x, coordinate(Y, width)?].concat(),
        })
    };
    match (number(KTY), number(CRV)) {
        (Some(2), Some(1)) => PublicKey::from_sec1(&point(32)?),
        (Some(2), Some(2)) => PublicKey::from_p384_sec1(&point(48)?),
        (Some(1), Some(6)) => {
            let x = coordinate(X, 32)?
                .try_into()
                .map_err(|_| KeyError::Malformed)?;
            PublicKey::from_ed25519(x)
        }
        (Some(_), _) => Err(KeyError::UnsupportedKey),
        _ => Err(KeyError::Malformed),
    }
}

/// A public COSE_Key; `None` for a key that COSE cannot name here.
pub(super) fn cose_key(key: &PublicKey) -> Option<Cbor> {
    let coordinate = |jwk: &serde_json::Value, name: &str| {
        jwk.get(name)
            .and_then(serde_json::Value::as_str)
            .and_then(|text| keys::b64::decode(text).ok())
    };
    let jwk = key.to_jwk();
    let key: CoseKey = match key {
        PublicKey::P256(_) | PublicKey::P384(_) => CoseKeyBuilder::new_ec2_pub_key(
            match key {
                PublicKey::P384(_) => iana::EllipticCurve::P_384,
                _ => iana::EllipticCurve::P_256,
            },
            coordinate(&jwk, "x")?,
            coordinate(&jwk, "y")?,
        )
        .build(),
        PublicKey::Ed25519(key) => CoseKey {
            kty: coset::KeyType::Assigned(iana::KeyType::OKP),
            params: vec![
                (
                    Label::Int(CRV),
                    Cbor::from(iana::EllipticCurve::Ed25519 as i64),
                ),
                (Label::Int(X), Cbor::Bytes(key.as_bytes().to_vec())),
            ],
            ..CoseKey::default()
        },
        PublicKey::Bls12381G2(_) => return None,
    };
    key.to_cbor_value().ok()
}
