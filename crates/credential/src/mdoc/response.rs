use keys::{PublicKey, SigningKey, UnixTime, b64};

use super::cbor::{Item, Writer, parse};
use super::device::{self, DeviceSigned};
use super::issuer_signed::decode;
use super::mso::VERSION;
use super::{
    DeviceError, IssuerSigned, ParseError, PresentError, SessionTranscript, Unverified, Verified,
    VerifyError,
};

/// The one document of a `DeviceResponse` (ISO/IEC 18013-5 §8.3.2.1.2.2). Nothing of it has
/// been verified.
pub struct Document {
    doc_type: String,
    issuer_signed: IssuerSigned,
    device_signed: Option<DeviceSigned>,
}

/// Why a shown mdoc was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The issuer's part.
    #[error(transparent)]
    Issuer(#[from] VerifyError),
    /// The device's part.
    #[error(transparent)]
    Device(#[from] DeviceError),
}

impl Document {
    /// Reads the answer of OpenID4VP 1.0 §B.2.5: base64url of a `DeviceResponse` with exactly
    /// one document.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::from_bytes(&decode(text)?)
    }

    /// Reads a `DeviceResponse` with exactly one document.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        let response = parse(bytes)?;
        let wrong = |member| ParseError::Member { member };
        if response.get("version").and_then(Item::as_text) != Some(VERSION) {
            return Err(ParseError::Version {
                of: "DeviceResponse",
            });
        }
        let status = response.get("status").and_then(Item::as_u64);
        match status.ok_or(wrong("status"))? {
            0 => {}
            status => return Err(ParseError::Status(status)),
        }
        let documents = response.get("documents").map(Item::as_array);
        let Some(Some([document])) = documents else {
            return Err(ParseError::Documents);
        };
        let doc_type = document.get("docType").and_then(Item::as_text);
        let issuer_signed = document.get("issuerSigned").ok_or(wrong("issuerSigned"))?;
        Ok(Self {
            doc_type: doc_type.ok_or(wrong("docType"))?.to_owned(),
            issuer_signed: IssuerSigned::read(issuer_signed)?,
            device_signed: document
                .get("deviceSigned")
                .map(DeviceSigned::read)
                .transpose()?,
        })
    }

    /// What it says of the issuer's part. Nothing has been verified.
    pub fn issuer_signed(&self) -> &IssuerSigned {
        &self.issuer_signed
    }

    /// Checks the issuer's part as [`Unverified::verify`] does, that the document type is the
    /// one that was signed, and the device's proof, without which an mdoc is never accepted.
    pub fn verify(
        self,
        issuer: &PublicKey,
        transcript: &SessionTranscript,
        reader: Option<&SigningKey>,
        now: UnixTime,
    ) -> Result<Verified, CheckError> {
        let verified = Unverified::new(self.issuer_signed).verify(issuer, now)?;
        let mso = verified.security_object();
        if mso.doc_type() != self.doc_type {
            return Err(VerifyError::DocType.into());
        }
        let device = self.device_signed.ok_or(DeviceError::Missing)?;
        device.verify(mso, transcript, reader)?;
        Ok(verified)
    }
}

/// How the device proves itself.
#[derive(Clone, Copy)]
pub enum DeviceProof<'a> {
    /// `deviceSignature`.
    Signature,
    /// `deviceMac`, with the reader's ephemeral key (§9.1.3.5).
    Mac(&'a PublicKey),
}

impl IssuerSigned {
    /// A `DeviceResponse` with all of this, for one session. [`Self::select`] comes before it.
    /// `key` must be the one that the issuer signed.
    pub fn respond(
        &self,
        transcript: &SessionTranscript,
        key: &SigningKey,
        proof: DeviceProof<'_>,
    ) -> Result<Vec<u8>, PresentError> {
        if *self.mso.device_key() != key.public() {
            return Err(PresentError::WrongKey);
        }
        let doc_type = self.mso.doc_type();
        let device_signed = match proof {
            DeviceProof::Signature => device::sign(doc_type, transcript, key)?,
            DeviceProof::Mac(reader) => device::mac(doc_type, transcript, key, reader)?,
        };
        Ok(Writer::new()
            .map(3)
            .text("version")
            .text(VERSION)
            .text("documents")
            .array(1)
            .map(3)
            .text("docType")
            .text(doc_type)
            .text("issuerSigned")
            .raw(&self.to_bytes())
            .text("deviceSigned")
            .raw(&device_signed)
            .text("status")
            .unsigned(0)
            .into_bytes())
    }

    /// The same as text for a `vp_token`.
    pub fn respond_text(
        &self,
        transcript: &SessionTranscript,
        key: &SigningKey,
    ) -> Result<String, PresentError> {
        self.respond(transcript, key, DeviceProof::Signature)
            .map(b64::encode)
    }
}
