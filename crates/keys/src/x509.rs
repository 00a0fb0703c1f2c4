//! X.509 certificates as `x5c` carries them (RFC 7515 §4.1.6), and their paths (RFC 5280 §6).
//!
//! Path, signatures, CA flags, path lengths, name constraints and critical extensions are
//! checked by `rustls-webpki`. It leaves to the caller, and this module checks: the validity,
//! the CA flag and the path length of the root itself, and `keyUsage` (a CA must be allowed
//! to sign certificates, the leaf to make signatures).

use rustls_pki_types::{CertificateDer, UnixTime as PkiTime};
use sha2::{Digest as _, Sha256};
use webpki::{
    EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter, anchor_from_trusted_cert,
};
use x509_cert::Certificate as Parsed;
use x509_cert::der::{Decode as _, Encode as _, EncodePem as _};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectAltName};

use crate::{KeyError, PublicKey, UnixTime, b64};

/// The longest chain that is looked at, the leaf included.
pub const MAX_CHAIN: usize = 6;
/// The longest certificate, in bytes of DER.
pub const MAX_BYTES: usize = 16 * 1024;

const COUNTRY_NAME: &str = "2.5.4.6";
const ID_EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
const PRIME256V1: &str = "1.2.840.10045.3.1.7";
const SECP384R1: &str = "1.3.132.0.34";
const ID_ED25519: &str = "1.3.101.112";

/// Why a certificate or a chain was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not a certificate, or too long.
    #[error("not an X.509 certificate")]
    Malformed,
    /// No certificate at all, or more than [`MAX_CHAIN`].
    #[error("a chain must hold 1 to {MAX_CHAIN} certificates")]
    ChainLength,
    /// The key is none of P-256, P-384 and Ed25519.
    #[error("the certificate's key is not supported")]
    Key(#[from] KeyError),
    /// Not valid at the time asked about.
    #[error("a certificate of the chain is not valid at this time")]
    NotValidNow,
    /// No path to one of the roots.
    #[error("the chain does not lead to a trusted root: {0}")]
    NoPath(String),
    /// A `keyUsage` forbids what the certificate was used for.
    #[error("a certificate of the chain may not be used for this")]
    KeyUsage,
}

/// A parsed certificate. Parsing vouches for nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: Box<Parsed>,
    key: PublicKey,
}

impl Certificate {
    /// Reads DER. The subject key must be P-256, P-384 or Ed25519.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_BYTES {
            return Err(CertificateError::Malformed);
        }
        let parsed = Parsed::from_der(der).map_err(|_| CertificateError::Malformed)?;
        let key = subject_key(&parsed)?;
        Ok(Self {
            der: der.to_vec(),
            parsed: Box::new(parsed),
            key,
        })
    }

    /// Reads one PEM certificate.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        Self::chain_from_pem(pem)?
            .into_iter()
            .next()
            .ok_or(CertificateError::ChainLength)
    }

    /// Reads a file of 1 to [`MAX_CHAIN`] PEM certificates, in its order.
    pub fn chain_from_pem(pem: &str) -> Result<Vec<Self>, CertificateError> {
        // Its reader counts back from the last byte, and panics where there is none.
        if pem.trim().is_empty() {
            return Err(CertificateError::ChainLength);
        }
        let parsed =
            Parsed::load_pem_chain(pem.as_bytes()).map_err(|_| CertificateError::Malformed)?;
        if parsed.is_empty() || parsed.len() > MAX_CHAIN {
            return Err(CertificateError::ChainLength);
        }
        parsed
            .iter()
            .map(|certificate| {
                let der = certificate
                    .to_der()
                    .map_err(|_| CertificateError::Malformed)?;
                Self::from_der(&der)
            })
            .collect()
    }

    /// Reads the value of an `x5c` header: standard base64 of DER, leaf first.
    pub fn chain_from_x5c(x5c: &serde_json::Value) -> Result<Vec<Self>, CertificateError> {
        let items = x5c.as_array().ok_or(CertificateError::Malformed)?;
        if items.is_empty() || items.len() > MAX_CHAIN {
            return Err(CertificateError::ChainLength);
        }
        items
            .iter()
            .map(|item| {
                let text = item.as_str().ok_or(CertificateError::Malformed)?;
                let der = b64::decode_standard(text).map_err(|_| CertificateError::Malformed)?;
                Self::from_der(&der)
            })
            .collect()
    }

    /// DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// PEM with a final line feed.
    pub fn to_pem(&self) -> Result<String, CertificateError> {
        self.parsed
            .to_pem(x509_cert::der::pem::LineEnding::LF)
            .map_err(|_| CertificateError::Malformed)
    }

    /// An element of `x5c`.
    pub fn to_x5c(&self) -> String {
        b64::encode_standard(&self.der)
    }

    /// SHA-256 over the DER.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The subject's key.
    pub fn public_key(&self) -> &PublicKey {
        &self.key
    }

    /// The subject as one line, for people.
    pub fn subject(&self) -> String {
        self.parsed.tbs_certificate.subject.to_string()
    }

    /// The issuer as one line; equal to [`Self::subject`] of the certificate above it.
    pub fn issuer(&self) -> String {
        self.parsed.tbs_certificate.issuer.to_string()
    }

    /// The country in the subject (`countryName`), where it has one.
    pub fn subject_country(&self) -> Option<String> {
        let names = &self.parsed.tbs_certificate.subject.0;
        let mut attributes = names.iter().flat_map(|name| name.0.iter());
        let country = attributes.find(|attribute| attribute.oid.to_string() == COUNTRY_NAME)?;
        let text = std::str::from_utf8(country.value.value()).ok()?;
        Some(text.to_owned())
    }

    /// The validity in seconds since 1970, both ends included.
    pub fn validity(&self) -> (UnixTime, UnixTime) {
        let validity = &self.parsed.tbs_certificate.validity;
        let seconds = |time: &x509_cert::time::Time| {
            UnixTime::try_from(time.to_unix_duration().as_secs()).unwrap_or(UnixTime::MAX)
        };
        (seconds(&validity.not_before), seconds(&validity.not_after))
    }

    /// The `dNSName` entries of the subject alternative name, in lower case.
    pub fn san_dns(&self) -> Vec<String> {
        self.alternative_names(|name| match name {
            GeneralName::DnsName(dns) => Some(dns.as_str().to_ascii_lowercase()),
            _ => None,
        })
    }

    /// The `uniformResourceIdentifier` entries of the subject alternative name.
    pub fn san_uri(&self) -> Vec<String> {
        self.alternative_names(|name| match name {
            GeneralName::UniformResourceIdentifier(uri) => Some(uri.as_str().to_owned()),
            _ => None,
        })
    }

    /// The `iPAddress` entries of the subject alternative name.
    pub fn san_ip(&self) -> Vec<std::net::IpAddr> {
        self.alternative_names(|name| match name {
            GeneralName::IpAddress(octets) => {
                let octets = octets.as_bytes();
                let v4 = <[u8; 4]>::try_from(octets).map(std::net::IpAddr::from);
                let v6 = <[u8; 16]>::try_from(octets).map(std::net::IpAddr::from);
                v4.or(v6).ok()
            }
            _ => None,
        })
    }

    /// The extended key usages as dotted object identifiers; empty when none is set.
    pub fn extended_key_usages(&self) -> Vec<String> {
        self.extension::<ExtendedKeyUsage>()
            .map(|usages| usages.0.iter().map(ToString::to_string).collect())
            .unwrap_or_default()
    }

    /// The authority key identifier, as DCQL's `aki` names it.
    pub fn authority_key_id(&self) -> Option<Vec<u8>> {
        self.extension::<x509_cert::ext::pkix::AuthorityKeyIdentifier>()?
            .key_identifier
            .map(|id| id.as_bytes().to_vec())
    }

    /// True when the certificate says of itself that it is a CA.
    pub fn is_ca(&self) -> bool {
        self.extension::<x509_cert::ext::pkix::BasicConstraints>()
            .is_some_and(|constraints| constraints.ca)
    }

    /// True inside the validity, both ends included.
    pub fn is_valid_at(&self, time: UnixTime) -> bool {
        let (from, until) = self.validity();
        from <= time && time <= until
    }

    fn alternative_names<T>(&self, pick: impl Fn(&GeneralName) -> Option<T>) -> Vec<T> {
        self.extension::<SubjectAltName>()
            .map(|names| names.0.iter().filter_map(pick).collect())
            .unwrap_or_default()
    }

    fn extension<'a, T>(&'a self) -> Option<T>
    where
        T: x509_cert::der::Decode<'a> + x509_cert::der::oid::AssociatedOid,
    {
        self.parsed
            .tbs_certificate
            .get::<T>()
            .ok()
            .flatten()
            .map(|(_, extension)| extension)
    }

    /// How many authorities may stand between this one and a leaf (RFC 5280 §4.2.1.9).
    fn path_length(&self) -> Option<usize> {
        self.extension::<x509_cert::ext::pkix::BasicConstraints>()?
            .path_len_constraint
            .map(usize::from)
    }

    fn allows(&self, wanted: KeyUsages) -> bool {
        self.extension::<KeyUsage>()
            .is_none_or(|usage| usage.0.contains(wanted))
    }
}

/// Checks that `chain` (leaf first) leads to one of `roots` at `time`, and returns the root.
///
/// A chain may repeat the root. A leaf that is itself one of the roots is not a path: a
/// registered leaf is matched by its key, without this function.
pub fn verify_chain<'r>(
    chain: &[Certificate],
    roots: &'r [Certificate],
    time: UnixTime,
) -> Result<&'r Certificate, CertificateError> {
    if chain.is_empty() || chain.len() > MAX_CHAIN {
        return Err(CertificateError::ChainLength);
    }
    let mut last = CertificateError::NoPath("no root is trusted".to_owned());
    for root in roots {
        match verify_to_root(chain, root, time) {
            Ok(()) => return Ok(root),
            // What is wrong with a path says more than that another root has none.
            Err(CertificateError::NoPath(_)) if !matches!(last, CertificateError::NoPath(_)) => {}
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn verify_to_root(
    chain: &[Certificate],
    root: &Certificate,
    time: UnixTime,
) -> Result<(), CertificateError> {
    let (leaf, rest) = chain.split_first().ok_or(CertificateError::ChainLength)?;
    let no_path = |error: webpki::Error| match error {
        webpki::Error::CertExpired { .. } | webpki::Error::CertNotValidYet { .. } => {
            CertificateError::NotValidNow
        }
        other => CertificateError::NoPath(other.to_string()),
    };
    let root_der = CertificateDer::from(root.der.as_slice());
    let anchors = [anchor_from_trusted_cert(&root_der).map_err(no_path)?];
    let leaf_der = CertificateDer::from(leaf.der.as_slice());
    let end_entity = EndEntityCert::try_from(&leaf_der).map_err(no_path)?;
    let between: Vec<&Certificate> = rest.iter().filter(|link| link.der != root.der).collect();
    let intermediates: Vec<CertificateDer<'_>> = between
        .iter()
        .map(|link| CertificateDer::from(link.der.as_slice()))
        .collect();
    let seconds = u64::try_from(time).map_err(|_| CertificateError::NotValidNow)?;
    let path = end_entity
        .verify_for_usage(
            webpki::ALL_VERIFICATION_ALGS,
            &anchors,
            &intermediates,
            PkiTime::since_unix_epoch(std::time::Duration::from_secs(seconds)),
            AnyPurpose,
            None,
            None,
        )
        .map_err(no_path)?;
    // Only now: a root that has nothing to do with this chain says nothing about it.
    if !root.is_valid_at(time) {
        return Err(CertificateError::NotValidNow);
    }
    let signs_certificates = |link: &Certificate| link.allows(KeyUsages::KeyCertSign);
    if !root.is_ca()
        || !signs_certificates(root)
        || !between.iter().all(|link| signs_certificates(link))
        || !leaf.allows(KeyUsages::DigitalSignature)
    {
        return Err(CertificateError::KeyUsage);
    }
    // An anchor of `rustls-webpki` carries no path length.
    let below_root = path.intermediate_certificates().count();
    if root.path_length().is_some_and(|limit| below_root > limit) {
        return Err(CertificateError::NoPath(
            "the root allows fewer certificates below it".to_owned(),
        ));
    }
    Ok(())
}

/// Signing credentials and requests has no purpose of its own that all bodies set; the
/// callers that know one look at [`Certificate::extended_key_usages`].
struct AnyPurpose;

impl ExtendedKeyUsageValidator for AnyPurpose {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

fn subject_key(parsed: &Parsed) -> Result<PublicKey, CertificateError> {
    let info = &parsed.tbs_certificate.subject_public_key_info;
    let bits = info
        .subject_public_key
        .as_bytes()
        .ok_or(CertificateError::Malformed)?;
    match info.algorithm.oid.to_string().as_str() {
        ID_EC_PUBLIC_KEY => {
            let curve = info
                .algorithm
                .parameters
                .as_ref()
                .and_then(|parameters| {
                    parameters
                        .decode_as::<x509_cert::der::asn1::ObjectIdentifier>()
                        .ok()
                })
                .ok_or(KeyError::UnsupportedKey)?;
            match curve.to_string().as_str() {
                PRIME256V1 => Ok(PublicKey::from_sec1(bits)?),
                SECP384R1 => Ok(PublicKey::from_p384_sec1(bits)?),
                _ => Err(KeyError::UnsupportedKey.into()),
            }
        }
        ID_ED25519 => {
            let bytes = bits.try_into().map_err(|_| KeyError::Malformed)?;
            Ok(PublicKey::from_ed25519(bytes)?)
        }
        _ => Err(KeyError::UnsupportedKey.into()),
    }
}
