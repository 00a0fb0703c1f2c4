use std::ops::Deref;

use keys::{PublicKey, UnixTime};
use subtle::ConstantTimeEq as _;

use super::issuer_signed::Namespace;
use super::{IssuerSigned, ParseError, VerifyError};

/// The namespace whose `issuing_country` is held to the certificate (ISO/IEC 18013-5 §9.3.1).
const ISO_NAMESPACE: &str = "org.iso.18013.5.1";

/// An mdoc that nobody has checked yet.
pub struct Unverified(IssuerSigned);

/// An mdoc whose issuer signed every element in it, within its dates.
pub struct Verified(IssuerSigned);

impl Unverified {
    /// Reads the credential of OpenID4VCI 1.0 §A.2: base64url of `IssuerSigned`.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        IssuerSigned::from_text(text).map(Self)
    }

    pub(super) fn new(content: IssuerSigned) -> Self {
        Self(content)
    }

    /// What it says. Nothing has been verified.
    pub fn content(&self) -> &IssuerSigned {
        &self.0
    }

    /// Checks the issuer's signature with the issuer's key, every element against its digest,
    /// and the dates (ISO/IEC 18013-5 §9.3.1). Whether the certificates lead to somebody who
    /// may issue is for the caller to decide.
    pub fn verify(self, issuer: &PublicKey, now: UnixTime) -> Result<Verified, VerifyError> {
        let content = self.0;
        if content.auth.algorithm != issuer.algorithm() {
            return Err(VerifyError::Algorithm);
        }
        let leaf = content.chain.first().ok_or(VerifyError::OtherKey)?;
        if leaf.public_key() != issuer {
            return Err(VerifyError::OtherKey);
        }
        content
            .auth
            .verify(issuer, &content.payload)
            .map_err(|_| VerifyError::Signature)?;
        for namespace in &content.namespaces {
            digests(&content, namespace)?;
        }
        let validity = content.mso.validity;
        if validity.from < validity.signed || validity.until <= validity.from {
            return Err(VerifyError::Dates);
        }
        if !leaf.is_valid_at(validity.signed) {
            return Err(VerifyError::SignedOutsideCertificate);
        }
        let country = content.value(ISO_NAMESPACE, "issuing_country");
        if let (Some(shown), Some(certified)) = (country, leaf.subject_country())
            && shown.as_str() != Some(&certified)
        {
            return Err(VerifyError::Country);
        }
        if now < validity.from {
            return Err(VerifyError::NotYetValid);
        }
        if now > validity.until {
            return Err(VerifyError::Expired);
        }
        Ok(Verified(content))
    }
}

fn digests(content: &IssuerSigned, namespace: &Namespace) -> Result<(), VerifyError> {
    let mso = &content.mso;
    let signed = mso
        .digests
        .get(&namespace.name)
        .ok_or(VerifyError::NoDigest)?;
    for element in &namespace.elements {
        let digest = signed
            .get(&element.digest_id)
            .ok_or(VerifyError::NoDigest)?;
        let derived = mso.digest_algorithm.derive_digest(&element.raw);
        if !bool::from(derived.ct_eq(digest)) {
            return Err(VerifyError::Digest);
        }
    }
    Ok(())
}

impl Deref for Verified {
    type Target = IssuerSigned;

    fn deref(&self) -> &IssuerSigned {
        &self.0
    }
}
