use ciborium::value::Value as Cbor;
use coset::{
    CoseSign1, CoseSign1Builder, Header, HeaderBuilder, Label, RegisteredLabelWithPrivate,
    TaggedCborSerializable, iana,
};
use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, SigningKey, UnixTime};

use super::{
    Bits, Claims, Draft, MAX_TOKEN, MEDIA_TYPE_CWT, Signer, TokenError, VerifiedToken, aggregation,
};
use crate::format::KeyName;

/// Header `typ` (RFC 9596).
const TYPE: i64 = 16;
/// Header `x5chain` (RFC 9360).
const X5CHAIN: i64 = 33;
/// Claims (RFC 8392 §4, and the draft's §5.2).
const ISS: i64 = 1;
const SUB: i64 = 2;
const EXP: i64 = 4;
const IAT: i64 = 6;
const STATUS_LIST: i64 = 65533;
const TTL: i64 = 65534;
/// How deep the claims may be nested.
const MAX_DEPTH: usize = 8;

/// A Status List Token in CWT form that nobody has checked yet.
#[derive(Clone)]
pub struct UnverifiedCwt {
    sign1: CoseSign1,
    algorithm: Algorithm,
}

impl UnverifiedCwt {
    /// Reads a tagged COSE_Sign1 (RFC 9052 §4.2) of the type `application/statuslist+cwt`.
    pub fn parse(bytes: &[u8]) -> Result<Self, TokenError> {
        if bytes.len() > MAX_TOKEN {
            return Err(TokenError::Cwt);
        }
        let sign1 = CoseSign1::from_tagged_slice(bytes).map_err(|_| TokenError::Cwt)?;
        let protected = &sign1.protected.header;
        if !protected.crit.is_empty() || !sign1.unprotected.crit.is_empty() {
            return Err(TokenError::Critical);
        }
        match entry(protected, TYPE) {
            Some(Cbor::Text(typ)) if typ.eq_ignore_ascii_case(MEDIA_TYPE_CWT) => {}
            _ => return Err(TokenError::Type),
        }
        // The algorithm counts only where it is signed over.
        let algorithm = match protected.alg {
            Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES256)) => Algorithm::Es256,
            Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::ES384)) => Algorithm::Es384,
            Some(RegisteredLabelWithPrivate::Assigned(iana::Algorithm::EdDSA)) => Algorithm::EdDsa,
            _ => return Err(TokenError::Algorithm),
        };
        Ok(Self { sign1, algorithm })
    }

    /// The algorithm of the header.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whose key is said to have signed.
    pub fn signer(&self) -> Result<Signer, TokenError> {
        let headers = [&self.sign1.protected.header, &self.sign1.unprotected];
        let chain = headers
            .iter()
            .find_map(|header| entry(header, X5CHAIN))
            .map(chain)
            .transpose()?;
        let kid = headers
            .iter()
            .map(|header| &header.key_id)
            .find(|kid| !kid.is_empty())
            .map(|kid| String::from_utf8(kid.clone()).map_err(|_| TokenError::KeySource))
            .transpose()?;
        let iss = match claim(&self.claims()?, ISS) {
            None => None,
            Some(Cbor::Text(iss)) => Some(iss.clone()),
            Some(_) => return Err(TokenError::KeySource),
        };
        Ok(Signer { chain, kid, iss })
    }

    /// Checks signature, address and dates, then inflates the list.
    pub fn verify(
        &self,
        key: &PublicKey,
        uri: &str,
        now: UnixTime,
    ) -> Result<VerifiedToken, TokenError> {
        if key.algorithm() != self.algorithm {
            return Err(TokenError::Algorithm);
        }
        self.sign1
            .verify_signature(&[], |signature, message| key.verify(message, signature))
            .map_err(|_| TokenError::Signature)?;
        read_claims(&self.claims()?)?.check(uri, now)
    }

    /// Everything but the signature, for an example whose key nobody published.
    #[cfg(any(test, fuzzing))]
    pub fn unverified(&self, uri: &str, now: UnixTime) -> Result<VerifiedToken, TokenError> {
        read_claims(&self.claims()?)?.check(uri, now)
    }

    /// The claims set: one map, no key twice, nothing behind it.
    fn claims(&self) -> Result<Vec<(Cbor, Cbor)>, TokenError> {
        let mut payload = self.sign1.payload.as_deref().ok_or(TokenError::Cwt)?;
        let value: Cbor = ciborium::de::from_reader_with_recursion_limit(&mut payload, MAX_DEPTH)
            .map_err(|_| TokenError::Cwt)?;
        if !payload.is_empty() {
            return Err(TokenError::Cwt);
        }
        map(value).ok_or(TokenError::Cwt)
    }
}

impl Draft<'_> {
    /// Signs the list as a CWT.
    pub fn to_cwt(&self, key: &SigningKey) -> Result<Vec<u8>, TokenError> {
        let list = vec![
            (
                Cbor::Text("bits".to_owned()),
                Cbor::from(self.list.bits() as u8),
            ),
            (
                Cbor::Text("lst".to_owned()),
                Cbor::Bytes(self.list.to_compressed()),
            ),
        ];
        let mut claims = Vec::new();
        let mut add = |name: i64, value: Cbor| claims.push((Cbor::from(name), value));
        if let Some(issuer) = self.issuer {
            add(ISS, Cbor::Text(issuer.to_owned()));
        }
        add(SUB, Cbor::Text(self.uri.to_owned()));
        if let Some(expires) = self.expires {
            add(EXP, Cbor::from(expires));
        }
        add(IAT, Cbor::from(self.issued_at));
        add(STATUS_LIST, Cbor::Map(list));
        if let Some(ttl) = self.ttl {
            add(TTL, Cbor::from(ttl));
        }
        let mut payload = Vec::new();
        ciborium::into_writer(&Cbor::Map(claims), &mut payload).map_err(|_| TokenError::Cwt)?;

        let header = HeaderBuilder::new()
            .algorithm(match key.algorithm() {
                Algorithm::Es256 => iana::Algorithm::ES256,
                Algorithm::Es384 => iana::Algorithm::ES384,
                Algorithm::EdDsa => iana::Algorithm::EdDSA,
                _ => return Err(TokenError::Algorithm),
            })
            .value(TYPE, Cbor::Text(MEDIA_TYPE_CWT.to_owned()));
        let (protected, unprotected) = match self.key_name {
            KeyName::Id(id) => (header.key_id(id.as_bytes().to_vec()), HeaderBuilder::new()),
            KeyName::Chain(chain) => {
                let mut chain: Vec<_> = chain
                    .iter()
                    .map(|certificate| Cbor::Bytes(certificate.der().to_vec()))
                    .collect();
                // A chain of one stands without an array (RFC 9360 §2).
                let value = if chain.len() == 1 {
                    chain.remove(0)
                } else {
                    Cbor::Array(chain)
                };
                (header.value(X5CHAIN, value), HeaderBuilder::new())
            }
        };
        CoseSign1Builder::new()
            .protected(protected.build())
            .unprotected(unprotected.build())
            .payload(payload)
            .create_signature(&[], |message| key.sign(message))
            .build()
            .to_tagged_vec()
            .map_err(|_| TokenError::Cwt)
    }
}

fn entry(header: &Header, name: i64) -> Option<&Cbor> {
    header
        .rest
        .iter()
        .find_map(|(label, value)| (*label == Label::Int(name)).then_some(value))
}

fn chain(value: &Cbor) -> Result<Vec<Certificate>, TokenError> {
    let one = std::slice::from_ref(value);
    let certificates = match value {
        Cbor::Bytes(_) => one,
        Cbor::Array(many) if !many.is_empty() && many.len() <= keys::x509::MAX_CHAIN => many,
        _ => return Err(TokenError::KeySource),
    };
    certificates
        .iter()
        .map(|certificate| match certificate {
            Cbor::Bytes(der) => Certificate::from_der(der).map_err(|_| TokenError::KeySource),
            _ => Err(TokenError::KeySource),
        })
        .collect()
}

/// The entries of a map that names nothing twice.
fn map(value: Cbor) -> Option<Vec<(Cbor, Cbor)>> {
    let Cbor::Map(entries) = value else {
        return None;
    };
    let twice = entries
        .iter()
        .enumerate()
        .any(|(place, (key, _))| entries.iter().take(place).any(|(other, _)| other == key));
    (entries.len() <= MAX_CLAIMS && !twice).then_some(entries)
}

/// The most claims of one token, and members of one list.
const MAX_CLAIMS: usize = 64;

fn claim(claims: &[(Cbor, Cbor)], name: i64) -> Option<&Cbor> {
    let name = Cbor::from(name);
    claims
        .iter()
        .find_map(|(key, value)| (*key == name).then_some(value))
}

fn read_claims(claims: &[(Cbor, Cbor)]) -> Result<Claims, TokenError> {
    let malformed = |claim| TokenError::Claim { claim };
    let time = |name, claim| match self::claim(claims, name) {
        None => Ok(None),
        Some(value) => seconds(value).map(Some).ok_or(malformed(claim)),
    };
    let list = claim(claims, STATUS_LIST)
        .cloned()
        .and_then(map)
        .ok_or(malformed("status_list"))?;
    let member = |name: &str| {
        list.iter()
            .find_map(|(key, value)| (key.as_text() == Some(name)).then_some(value))
    };
    if let Some(uri) = member("aggregation_uri") {
        aggregation(uri.as_text().ok_or(malformed("aggregation_uri"))?)?;
    }
    Ok(Claims {
        uri: claim(claims, SUB)
            .and_then(Cbor::as_text)
            .ok_or(malformed("sub"))?
            .to_owned(),
        issued_at: time(IAT, "iat")?.ok_or(malformed("iat"))?,
        expires: time(EXP, "exp")?,
        ttl: match claim(claims, TTL) {
            None => None,
            Some(value) => Some(unsigned(value).ok_or(malformed("ttl"))?),
        },
        bits: member("bits")
            .and_then(unsigned)
            .and_then(Bits::from_number)
            .ok_or(malformed("bits"))?,
        lst: member("lst")
            .and_then(Cbor::as_bytes)
            .ok_or(malformed("lst"))?
            .clone(),
    })
}

fn unsigned(value: &Cbor) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
}

/// `NumericDate` (RFC 8392 §2): an integer, or a float whose fraction is cut off.
fn seconds(value: &Cbor) -> Option<UnixTime> {
    match value {
        Cbor::Integer(number) => i64::try_from(*number).ok(),
        Cbor::Float(number) if number.abs() < 9_007_199_254_740_992.0 => {
            Some(number.floor() as i64)
        }
        _ => None,
    }
}
