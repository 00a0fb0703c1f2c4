use keys::{Algorithm, PublicKey, UnixTime, b64, json};
use serde_json::{Map, Value};

use super::{Proof, ProofError, Purpose, Suite, hash_data, proofs};
use crate::json_ld::Contexts;

/// What a proof must say.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    /// What it was made for.
    pub purpose: Purpose,
    /// What it answers; `None` accepts any challenge and none.
    pub challenge: Option<&'a str>,
    /// Whom it is for, and nobody else; `None` accepts any domain and none.
    pub domain: Option<&'a str>,
    /// The time of the check.
    pub now: UnixTime,
}

/// Verifies the proof at this place among the document's, and those that it vouches for.
///
/// `key` gives the key of a `verificationMethod`, for the purpose that is expected. Whose key that
/// is, is the caller's to check.
pub fn verify(
    document: &Map<String, Value>,
    place: usize,
    key: &dyn Fn(&str) -> Option<PublicKey>,
    expected: &Expected<'_>,
    contexts: &Contexts,
) -> Result<Proof, ProofError> {
    let all = proofs(document)?;
    let proof = Proof::parse(all.get(place).ok_or(ProofError::NoProof)?)?;
    let mut bare = document.clone();
    bare.remove("proof");
    let chain = Chain {
        all,
        document: &bare,
        key,
        contexts,
    };
    proof.said.check(expected)?;
    chain.verify(&proof, &mut vec![place], expected)?;
    Ok(proof)
}

struct Chain<'a> {
    all: Vec<&'a Map<String, Value>>,
    /// The document without its proofs.
    document: &'a Map<String, Value>,
    key: &'a dyn Fn(&str) -> Option<PublicKey>,
    contexts: &'a Contexts,
}

impl Chain<'_> {
    /// `path` leads from the proof that was asked about to this one. Every proof of a chain is
    /// verified as often as it is named: at most as many times as there are paths, which
    /// [`MAX_PROOFS`](super::MAX_PROOFS) bounds; so each is verified before what names it.
    fn verify(
        &self,
        proof: &Proof,
        path: &mut Vec<usize>,
        expected: &Expected<'_>,
    ) -> Result<(), ProofError> {
        let mut document = self.document.clone();
        let mut previous = Vec::new();
        for id in &proof.said.previous {
            let place = self.place(id)?;
            if path.contains(&place) {
                return Err(ProofError::PreviousProof);
            }
            let written = self.all.get(place).ok_or(ProofError::PreviousProof)?;
            let earlier = Proof::parse(written)?;
            earlier.said.check_dates(expected)?;
            path.push(place);
            self.verify(&earlier, path, expected)?;
            path.pop();
            previous.push(Value::Object((*written).clone()));
        }
        if !previous.is_empty() {
            document.insert("proof".to_owned(), Value::Array(previous));
        }
        let key = (self.key)(&proof.verification_method).ok_or(ProofError::Key)?;
        if !proof.suite.takes(key.algorithm()) {
            return Err(ProofError::Key);
        }
        let (suite, algorithm) = (proof.suite, key.algorithm());
        let hash = hash_data(suite, algorithm, &document, &proof.config, self.contexts)?;
        check_signature(proof, &hash, &key)
    }

    /// The place of the only proof with this identifier.
    fn place(&self, id: &str) -> Result<usize, ProofError> {
        let mut found = self
            .all
            .iter()
            .enumerate()
            .filter(|(_, proof)| proof.get("id").and_then(Value::as_str) == Some(id));
        match (found.next(), found.next()) {
            (Some((place, _)), None) => Ok(place),
            _ => Err(ProofError::PreviousProof),
        }
    }
}

fn check_signature(proof: &Proof, hash: &[u8], key: &PublicKey) -> Result<(), ProofError> {
    let refused = |_| ProofError::Signature;
    if proof.suite == Suite::JsonWebSignature2020 {
        let (header, signature) = detached(&proof.value, key.algorithm())?;
        let input = [header.as_bytes(), b".", hash].concat();
        return key.verify(&input, &signature).map_err(refused);
    }
    let digits = proof.value.strip_prefix('z');
    let digits = digits.filter(|digits| digits.len() <= LONGEST_VALUE);
    let signature = digits.and_then(|digits| bs58::decode(digits).into_vec().ok());
    let signature = signature
        .filter(|signature| signature.len() == length(key.algorithm()))
        .ok_or(ProofError::Member("proofValue"))?;
    key.verify(hash, &signature).map_err(refused)
}

/// How many digits 96 bytes have in base58.
const LONGEST_VALUE: usize = 132;

/// How many bytes a signature has (VC DI ECDSA §3.2.7: its length tells the curve).
fn length(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Es384 => 96,
        _ => 64,
    }
}

/// The header, as it is signed, and the signature of a detached JWS (RFC 7797).
fn detached(jws: &str, algorithm: Algorithm) -> Result<(&str, Vec<u8>), ProofError> {
    const MALFORMED: ProofError = ProofError::Member("jws");
    let (header, signature) = jws.split_once("..").ok_or(MALFORMED)?;
    let members = b64::decode(header).map_err(|_| MALFORMED)?;
    let members = json::parse_object(&members).map_err(|_| MALFORMED)?;
    let name = members.get("alg").and_then(Value::as_str);
    let named = name.and_then(|name| Algorithm::from_name(name).ok());
    if named != Some(algorithm)
        || members.get("b64") != Some(&Value::Bool(false))
        || members.get("crit") != Some(&serde_json::json!(["b64"]))
    {
        return Err(MALFORMED);
    }
    Ok((header, b64::decode(signature).map_err(|_| MALFORMED)?))
}
