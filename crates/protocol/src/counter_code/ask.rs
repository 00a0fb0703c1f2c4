use coset::{Header, ProtectedHeader, SignatureContext, sig_structure_data};
use keys::x509::{Certificate, CertificateError, MAX_CHAIN};
use keys::{Algorithm, KeyError, PublicKey, SignatureError, SigningKey, UnixTime};

use super::binding::{Binding, CHALLENGE, make_random, time};
use super::cbor::{CborError, Head, Reader, Writer};
use super::{MAX_NAME, VERSION};

/// The longest ask that is read, in bytes: what fits into one code.
pub const MAX_ASK: usize = 4096;
/// The longest time that a challenge may be open, in seconds.
pub const MAX_OPEN: UnixTime = 600;
/// COSE_Sign1 (RFC 9052 §4.2).
const SIGN1: u64 = 18;

/// What a desk shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A code on a screen, for one answer.
    Live(Box<Live>),
    /// A code on paper, for any number of answers. Nobody has signed it.
    Poster {
        /// The service's client identifier, prefix included.
        service: String,
        /// The purpose's id.
        purpose: String,
        /// What should ride along.
        wants: Wants,
    },
}

/// What a desk would like to have stapled to the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// The ledger's evidence about the issuer.
    pub evidence: bool,
    /// The list of statuses.
    pub status: bool,
}

/// A code for one answer. Its signature fits the key that it carries; whether that key is the
/// service's is for the ledger to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The service's client identifier, prefix included.
    pub service: String,
    /// The purpose's id.
    pub purpose: String,
    /// The challenge.
    pub challenge: [u8; CHALLENGE],
    /// When it was made, by the desk's clock.
    pub made_at: UnixTime,
    /// The second from which it is no longer open, by the desk's clock.
    pub expires_at: UnixTime,
    /// What should ride along.
    pub wants: Wants,
    /// What signed it.
    pub signer: Signer,
}

/// What signed an ask.
#[derive(Clone, PartialEq)]
pub enum Signer {
    /// A bare key.
    Key(PublicKey),
    /// A chain of certificates, leaf first.
    Chain(Vec<Certificate>),
}

/// Why an ask cannot be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// A key that signs no COSE.
    #[error("this key cannot sign a code")]
    Key,
    /// A name is too long or empty.
    #[error("the service's or the purpose's name is too long, or empty")]
    Name,
    /// Open for no time, or for longer than [`MAX_OPEN`].
    #[error("a challenge is open for at most 10 minutes")]
    Lifetime,
    /// It does not fit into a code.
    #[error("the code would be longer than {MAX_ASK} bytes")]
    TooLong,
}

/// Why an ask is not read. [`AskError::name`] is what programs compare.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// Longer than [`MAX_ASK`].
    #[error("the code is longer than {MAX_ASK} bytes")]
    TooLong,
    /// Of another version.
    #[error("the code is of version {version}, which is not known here")]
    OtherVersion {
        /// Its version.
        version: u64,
    },
    /// The CBOR.
    #[error(transparent)]
    Cbor(#[from] CborError),
    /// A rule of the form is broken.
    #[error("the code breaks a rule: {0}")]
    Rule(&'static str),
    /// The key in it.
    #[error("the key in the code is not acceptable: {0}")]
    Key(#[from] KeyError),
    /// The certificates in it.
    #[error("the certificates in the code are not acceptable: {0}")]
    Chain(#[from] CertificateError),
    /// The signature is not by the key that it carries.
    #[error("the code was changed, or not signed by the key in it")]
    Signature(#[from] SignatureError),
}

impl AskError {
    /// As programs spell it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::TooLong => "ask_too_long",
            Self::OtherVersion { .. } => "ask_version",
            Self::Cbor(_) | Self::Rule(_) => "ask_malformed",
            Self::Key(_) | Self::Chain(_) => "ask_key",
            Self::Signature(_) => "ask_signature",
        }
    }
}

impl Ask {
    /// The service's client identifier, prefix included.
    pub fn service(&self) -> &str {
        match self {
            Self::Live(live) => &live.service,
            Self::Poster { service, .. } => service,
        }
    }

    /// The purpose's id.
    pub fn purpose(&self) -> &str {
        match self {
            Self::Live(live) => &live.purpose,
            Self::Poster { purpose, .. } => purpose,
        }
    }

    /// What should ride along.
    pub fn wants(&self) -> Wants {
        match self {
            Self::Live(live) => live.wants,
            Self::Poster { wants, .. } => *wants,
        }
    }

    /// What an answer is bound to: the challenge, else the window of `now`.
    pub fn make_binding(&self, now: UnixTime) -> Binding {
        match self {
            Self::Live(live) => live.binding(),
            Self::Poster { .. } => Binding::make_window(now),
        }
    }

    /// The bytes of a poster's code.
    ///
    /// # Errors
    /// [`SignError::Name`] or [`SignError::TooLong`].
    pub fn poster(service: &str, purpose: &str, wants: Wants) -> Result<Vec<u8>, SignError> {
        check_names(service, purpose)?;
        let mut writer = Writer::new();
        writer.array(4).unsigned(VERSION).text(service);
        writer.text(purpose).unsigned(wants.to_bits());
        finish(writer)
    }

    /// Reads a code. A live one must be signed by the key that it carries.
    ///
    /// # Errors
    /// As [`AskError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AskError> {
        if bytes.len() > MAX_ASK {
            return Err(AskError::TooLong);
        }
        let mut reader = Reader::new(bytes);
        if reader.peek()? == Head::Tag(SIGN1) {
            return Live::read(&mut reader).map(|live| Self::Live(Box::new(live)));
        }
        let fields = reader.array()?;
        check_version(reader.unsigned()?)?;
        if fields != 4 {
            return Err(CborError::Unexpected.into());
        }
        let service = bounded_name(reader.text()?)?;
        let purpose = bounded_name(reader.text()?)?;
        let wants = Wants::from_bits(reader.unsigned()?)?;
        reader.end()?;
        Ok(Self::Poster {
            service,
            purpose,
            wants,
        })
    }
}

impl Wants {
    fn to_bits(self) -> u64 {
        u64::from(self.evidence) | u64::from(self.status) << 1
    }

    fn from_bits(bits: u64) -> Result<Self, AskError> {
        if bits > 3 {
            return Err(AskError::Rule("what may ride along is 0 to 3"));
        }
        Ok(Self {
            evidence: bits & 1 == 1,
            status: bits & 2 == 2,
        })
    }
}

impl Live {
    /// With a fresh challenge, open for so many seconds.
    pub fn make(
        service: &str,
        purpose: &str,
        wants: Wants,
        signer: Signer,
        now: UnixTime,
        open_for: UnixTime,
    ) -> Self {
        Self {
            service: service.to_owned(),
            purpose: purpose.to_owned(),
            challenge: make_random(),
            made_at: now,
            expires_at: now.saturating_add(open_for),
            wants,
            signer,
        }
    }

    /// What an answer is bound to.
    pub fn binding(&self) -> Binding {
        Binding::Live {
            challenge: self.challenge,
            made_at: self.made_at,
        }
    }

    /// The bytes of the code, signed. The key must be the signer's.
    ///
    /// # Errors
    /// As [`SignError`].
    pub fn sign(&self, key: &SigningKey) -> Result<Vec<u8>, SignError> {
        check_names(&self.service, &self.purpose)?;
        let open = self.expires_at.saturating_sub(self.made_at);
        if !(1..=MAX_OPEN).contains(&open) || self.made_at < 0 {
            return Err(SignError::Lifetime);
        }
        if self.signer.key().ok_or(SignError::Key)? != &key.public() {
            return Err(SignError::Key);
        }
        let protected = protected(key.algorithm()).ok_or(SignError::Key)?;
        let payload = self.payload();
        let signature = key.sign(&to_be_signed(&protected, &payload));
        let mut writer = Writer::new();
        writer.head(Head::Tag(SIGN1)).array(4).bytes(&protected);
        writer.map(0).bytes(&payload).bytes(&signature);
        finish(writer)
    }

    fn payload(&self) -> Vec<u8> {
        let time = |time: i64| u64::try_from(time).unwrap_or(0);
        let mut writer = Writer::new();
        writer.map(8).unsigned(0).unsigned(VERSION);
        writer.unsigned(1).text(&self.service);
        writer.unsigned(2).text(&self.purpose);
        writer.unsigned(3).bytes(&self.challenge);
        writer.unsigned(4).unsigned(time(self.made_at));
        writer.unsigned(5).unsigned(time(self.expires_at));
        writer.unsigned(6).unsigned(self.wants.to_bits());
        writer.unsigned(7);
        match &self.signer {
            Signer::Key(key) => {
                writer.bytes(&key.to_point_bytes());
            }
            Signer::Chain(chain) => {
                writer.array(chain.len());
                for certificate in chain {
                    writer.bytes(certificate.der());
                }
            }
        }
        writer.into_bytes()
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, AskError> {
        reader.expect(Head::Tag(SIGN1))?;
        reader.expect(Head::Array(4))?;
        let protected = reader.bytes()?;
        let algorithm = [Algorithm::Es256, Algorithm::EdDsa]
            .into_iter()
            .find(|algorithm| self::protected(*algorithm).as_deref() == Some(protected))
            .ok_or(AskError::Rule(
                "the header names ES256 or EdDSA, and nothing else",
            ))?;
        reader.expect(Head::Map(0))?;
        let payload = reader.bytes()?;
        let signature = reader.bytes()?;
        reader.end()?;
        let live = Self::read_payload(payload)?;
        let key = live.signer.key().ok_or(CertificateError::ChainLength)?;
        if key.algorithm() != algorithm {
            return Err(SignatureError.into());
        }
        key.verify(&to_be_signed(protected, payload), signature)?;
        Ok(live)
    }

    fn read_payload(payload: &[u8]) -> Result<Self, AskError> {
        let mut reader = Reader::new(payload);
        let fields = reader.map()?;
        reader.expect(Head::Unsigned(0))?;
        check_version(reader.unsigned()?)?;
        if fields != 8 {
            return Err(CborError::Unexpected.into());
        }
        reader.expect(Head::Unsigned(1))?;
        let service = bounded_name(reader.text()?)?;
        reader.expect(Head::Unsigned(2))?;
        let purpose = bounded_name(reader.text()?)?;
        reader.expect(Head::Unsigned(3))?;
        let challenge = reader.bytes()?.try_into();
        let challenge = challenge.map_err(|_| AskError::Rule("a challenge is 16 bytes"))?;
        reader.expect(Head::Unsigned(4))?;
        let made_at = time(&mut reader)?;
        reader.expect(Head::Unsigned(5))?;
        let expires_at = time(&mut reader)?;
        if !(1..=MAX_OPEN).contains(&expires_at.saturating_sub(made_at)) {
            return Err(AskError::Rule("a challenge is open for at most 10 minutes"));
        }
        reader.expect(Head::Unsigned(6))?;
        let wants = Wants::from_bits(reader.unsigned()?)?;
        reader.expect(Head::Unsigned(7))?;
        let signer = Signer::read(&mut reader)?;
        reader.end()?;
        Ok(Self {
            service,
            purpose,
            challenge,
            made_at,
            expires_at,
            wants,
            signer,
        })
    }
}

impl Signer {
    /// The key, of a chain its leaf's.
    pub fn key(&self) -> Option<&PublicKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Chain(chain) => chain.first().map(Certificate::public_key),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, AskError> {
        if let Head::Bytes(_) = reader.peek()? {
            let point = reader.bytes()?;
            let key = match <&[u8; 32]>::try_from(point) {
                Ok(bytes) => PublicKey::from_ed25519(bytes)?,
                // Compressed, so that a key has one form.
                Err(_) if point.len() == 33 => PublicKey::from_sec1(point)?,
                Err(_) => return Err(KeyError::Malformed.into()),
            };
            return Ok(Self::Key(key));
        }
        let count = reader.array()?;
        if count == 0 || count > MAX_CHAIN as u64 {
            return Err(CertificateError::ChainLength.into());
        }
        let mut chain = Vec::new();
        for _ in 0..count {
            chain.push(Certificate::from_der(reader.bytes()?)?);
        }
        Ok(Self::Chain(chain))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Key(key) => key.fmt(formatter),
            Self::Chain(chain) => write!(formatter, "Chain({} certificates)", chain.len()),
        }
    }
}

/// The protected header: the algorithm alone.
fn protected(algorithm: Algorithm) -> Option<Vec<u8>> {
    let number = match algorithm {
        Algorithm::Es256 => Head::Negative(6),
        Algorithm::EdDsa => Head::Negative(7),
        Algorithm::Es384 | Algorithm::Bbs => return None,
    };
    let mut writer = Writer::new();
    writer.map(1).unsigned(1).head(number);
    Some(writer.into_bytes())
}

/// Sig_structure (RFC 9052 §4.4).
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    let header = ProtectedHeader {
        original_data: Some(protected.to_vec()),
        header: Header::default(),
    };
    sig_structure_data(SignatureContext::CoseSign1, header, None, &[], payload)
}

fn check_version(version: u64) -> Result<(), AskError> {
    if version == VERSION {
        Ok(())
    } else {
        Err(AskError::OtherVersion { version })
    }
}

fn check_names(service: &str, purpose: &str) -> Result<(), SignError> {
    let fits = |text: &str| !text.is_empty() && text.len() <= MAX_NAME;
    if fits(service) && fits(purpose) {
        Ok(())
    } else {
        Err(SignError::Name)
    }
}

fn bounded_name(text: &str) -> Result<String, AskError> {
    if text.is_empty() || text.len() > MAX_NAME {
        return Err(AskError::Rule("a name is too long, or empty"));
    }
    Ok(text.to_owned())
}

fn finish(writer: Writer) -> Result<Vec<u8>, SignError> {
    let bytes = writer.into_bytes();
    if bytes.len() > MAX_ASK {
        return Err(SignError::TooLong);
    }
    Ok(bytes)
}
