//! The issuer's part: base proofs (VC DI ECDSA §3.5.1–3.5.6, VC DI BBS §3.4.1–3.4.5).

use keys::{Algorithm, PublicKey, SigningKey};
use rand::RngCore as _;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::config::{self, Secured};
use super::group::Whole;
use super::value::{Base, BaseBy, to_multikey};
use super::{Pointer, SelectiveError, Suite};
use crate::format::IssuerSecret;
use crate::json_ld::{Contexts, hash_lines};

/// Signs a document without proof. The configuration is that of
/// [`proof_options`](super::proof_options); its suite must be the key's. The pointers name what
/// every derived credential shows, see [`guarded_pointers`](super::guarded_pointers).
pub fn sign_base(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    mandatory: &[Pointer],
    secret: IssuerSecret<'_>,
    contexts: &Contexts,
) -> Result<Map<String, Value>, SelectiveError> {
    let mut fresh = Fresh::make();
    if config::check(config)? == Suite::Bbs2023 {
        for _ in 0..MAX_SHUFFLES {
            let whole = Whole::read(Suite::Bbs2023, document, &fresh.hmac_key, contexts)?;
            if is_usual_order(&whole) {
                break;
            }
            fresh = Fresh::make();
        }
    }
    sign_with(document, config, mandatory, secret, &fresh, contexts)
}

/// How often another order is tried. All fail once in 2^64 credentials.
const MAX_SHUFFLES: usize = 64;

/// Derived proofs show the order of the nodes, the same one each time. Of a flat credential, whose
/// nodes are itself and its subject, there are two; so that it does not tell cards apart, the
/// credential comes first in all. Of more nodes the order stays the one that the key gives: there
/// are too many to try.
fn is_usual_order(whole: &Whole<'_>) -> bool {
    const ISSUER: &str = "<https://www.w3.org/2018/credentials#issuer> ";
    let is_credential = |label: &str| {
        let start = format!("_:{label} {ISSUER}");
        whole.lines.iter().any(|line| line.starts_with(&start))
    };
    whole.labels.len() != 2 || is_credential("b0") || !is_credential("b1")
}

/// What is made anew for each base proof.
pub(super) struct Fresh {
    pub(super) hmac_key: Zeroizing<[u8; 32]>,
    /// Signs the optional statements of this one credential, and is forgotten.
    pub(super) proof_key: SigningKey,
}

impl Fresh {
    fn make() -> Self {
        let mut hmac_key = Zeroizing::new([0; 32]);
        rand::rngs::OsRng.fill_bytes(hmac_key.as_mut_slice());
        Self {
            hmac_key,
            proof_key: SigningKey::make_p256(),
        }
    }
}

pub(super) fn sign_with(
    document: &Map<String, Value>,
    config: &Map<String, Value>,
    mandatory: &[Pointer],
    secret: IssuerSecret<'_>,
    fresh: &Fresh,
    contexts: &Contexts,
) -> Result<Map<String, Value>, SelectiveError> {
    if document.contains_key("proof") {
        return Err(SelectiveError::NoProof);
    }
    let suite = config::check(config)?;
    let pointers: Vec<&Pointer> = mandatory.iter().collect();
    // The shape of the document itself decides, not that of its compact form.
    super::select::select(document, &pointers)?;
    let config_hash = config::config_hash(document, config, contexts)?;
    let whole = Whole::read(suite, document, &fresh.hmac_key, contexts)?;
    let group = whole.group(&pointers)?;
    let (shown, optional) = whole.split(&group.indexes);
    let mandatory_hash = hash_lines(&shown);
    let secured = match (suite, secret) {
        (Suite::EcdsaSd2023, IssuerSecret::Signing(key)) if key.algorithm() == Algorithm::Es256 => {
            let proof_key = sec1(&fresh.proof_key.public())?;
            let message = ecdsa_message(&config_hash, &proof_key, &mandatory_hash);
            let sign = |key: &SigningKey, message: &[u8]| {
                let signature = key.sign(message).try_into();
                signature.map_err(|_| SelectiveError::Signing)
            };
            BaseBy::Ecdsa {
                signature: sign(key, &message)?,
                proof_key,
                signatures: optional
                    .iter()
                    .map(|line| sign(&fresh.proof_key, line.as_bytes()))
                    .collect::<Result<_, _>>()?,
            }
        }
        (Suite::Bbs2023, IssuerSecret::Bbs(key)) => {
            let header = bbs_header(&config_hash, &mandatory_hash);
            let signature = bbs::sign(key, &header, &optional).map_err(|error| match error {
                bbs::SignError::TooManyMessages(_) => SelectiveError::TooManyStatements,
                _ => SelectiveError::Signing,
            })?;
            BaseBy::Bbs {
                signature: signature.to_bytes(),
                header,
                public_key: key.public().to_bytes(),
            }
        }
        _ => return Err(SelectiveError::KeyKind),
    };
    let base = Base {
        hmac_key: fresh.hmac_key.clone(),
        mandatory: mandatory.to_vec(),
        secured,
    };
    Ok(Secured::join(
        document.clone(),
        config.clone(),
        base.encode()?,
    ))
}

/// What the issuer of an `ecdsa-sd-2023` proof signs (VC DI ECDSA §3.5.6).
pub(super) fn ecdsa_message(
    config_hash: &[u8; 32],
    proof_key: &[u8; 33],
    mandatory_hash: &[u8; 32],
) -> Vec<u8> {
    [
        config_hash.as_slice(),
        &to_multikey(proof_key),
        mandatory_hash,
    ]
    .concat()
}

/// The header of a BBS signature (VC DI BBS §3.4.5).
pub(super) fn bbs_header(config_hash: &[u8; 32], mandatory_hash: &[u8; 32]) -> [u8; 64] {
    let mut header = [0; 64];
    let parts = config_hash.iter().chain(mandatory_hash);
    for (byte, part) in header.iter_mut().zip(parts) {
        *byte = *part;
    }
    header
}

/// A P-256 key as a compressed point.
fn sec1(key: &PublicKey) -> Result<[u8; 33], SelectiveError> {
    key.to_point_bytes()
        .try_into()
        .map_err(|_| SelectiveError::KeyKind)
}
