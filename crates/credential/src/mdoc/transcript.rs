use sha2::{Digest as _, Sha256};

use super::ParseError;
use super::cbor::{Writer, parse};

/// What a presentation is bound to (ISO/IEC 18013-5 §9.1.5.1): the encoded SessionTranscript.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionTranscript(Vec<u8>);

impl SessionTranscript {
    /// The transcript of OpenID4VP by redirects (OpenID4VP 1.0 §B.2.6.1). `encryption_key` is
    /// the SHA-256 JWK thumbprint of the key that the answer is encrypted to; `None` where it
    /// is not.
    pub fn derive_openid4vp(
        client_id: &str,
        nonce: &str,
        encryption_key: Option<&[u8; 32]>,
        response_uri: &str,
    ) -> Self {
        let info = Writer::new().array(4).text(client_id).text(nonce);
        let info = match encryption_key {
            Some(thumbprint) => info.bytes(thumbprint),
            None => info.null(),
        };
        let info = info.text(response_uri).into_bytes();
        let transcript = Writer::new().array(3).null().null();
        let handover = transcript.array(2).text("OpenID4VPHandover");
        Self(handover.bytes(&Sha256::digest(info)).into_bytes())
    }

    /// A transcript of another kind of session, as both sides have it: an array of three.
    pub fn from_bytes(encoded: &[u8]) -> Result<Self, ParseError> {
        let item = parse(encoded)?;
        if item.as_array().map(<[_]>::len) != Some(3) {
            return Err(ParseError::Member {
                member: "SessionTranscript",
            });
        }
        Ok(Self(encoded.to_vec()))
    }

    /// The encoded transcript.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
