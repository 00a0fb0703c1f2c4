use keys::Algorithm;
use serde_json::{Map, Value};

/// A header and the digits that 64 bytes have in base58 at most; 96 bytes have as many digits at
/// least.
const LONGEST_OF_64_BYTES: usize = 1 + 88;

/// A cryptosuite over a whole document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// `eddsa-rdfc-2022`.
    EddsaRdfc2022,
    /// `eddsa-jcs-2022`.
    EddsaJcs2022,
    /// `ecdsa-rdfc-2019`.
    EcdsaRdfc2019,
    /// `ecdsa-jcs-2019`.
    EcdsaJcs2019,
    /// The type `Ed25519Signature2020`, from before cryptosuites had names of their own.
    Ed25519Signature2020,
    /// The type `JsonWebSignature2020`: a detached JWS.
    JsonWebSignature2020,
}

impl Suite {
    const ALL: [Self; 6] = [
        Self::EddsaRdfc2022,
        Self::EddsaJcs2022,
        Self::EcdsaRdfc2019,
        Self::EcdsaJcs2019,
        Self::Ed25519Signature2020,
        Self::JsonWebSignature2020,
    ];

    /// The `cryptosuite` of a `DataIntegrityProof`, or the type of an older proof.
    pub fn name(self) -> &'static str {
        match self {
            Self::EddsaRdfc2022 => "eddsa-rdfc-2022",
            Self::EddsaJcs2022 => "eddsa-jcs-2022",
            Self::EcdsaRdfc2019 => "ecdsa-rdfc-2019",
            Self::EcdsaJcs2019 => "ecdsa-jcs-2019",
            Self::Ed25519Signature2020 => "Ed25519Signature2020",
            Self::JsonWebSignature2020 => "JsonWebSignature2020",
        }
    }

    /// The suite of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|suite| suite.name() == name)
    }

    /// True for the two that are a proof's type.
    pub fn is_older(self) -> bool {
        matches!(
            self,
            Self::Ed25519Signature2020 | Self::JsonWebSignature2020
        )
    }

    /// True where the document is canonicalized as JSON (RFC 8785), not as RDF.
    pub(crate) fn is_jcs(self) -> bool {
        matches!(self, Self::EddsaJcs2022 | Self::EcdsaJcs2019)
    }

    /// The member that holds the signature.
    pub(super) fn value_member(self) -> &'static str {
        match self {
            Self::JsonWebSignature2020 => "jws",
            _ => "proofValue",
        }
    }

    /// The suite of a proof; `None` for any other.
    pub fn of(proof: &Map<String, Value>) -> Option<Self> {
        let kind = proof.get("type")?.as_str()?;
        let (name, is_older) = match kind {
            "DataIntegrityProof" => (proof.get("cryptosuite")?.as_str()?, false),
            older => (older, true),
        };
        Self::ALL
            .into_iter()
            .find(|suite| suite.name() == name && suite.is_older() == is_older)
    }

    /// True where the suite uses keys of this algorithm.
    pub fn takes(self, algorithm: Algorithm) -> bool {
        match self {
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 | Self::Ed25519Signature2020 => {
                algorithm == Algorithm::EdDsa
            }
            Self::EcdsaRdfc2019 | Self::EcdsaJcs2019 => {
                matches!(algorithm, Algorithm::Es256 | Algorithm::Es384)
            }
            Self::JsonWebSignature2020 => {
                matches!(algorithm, Algorithm::Es256 | Algorithm::EdDsa)
            }
        }
    }

    /// What a signature of this suite was made with: of the two curves of ECDSA, its length tells.
    /// A `JsonWebSignature2020` says it in its header, not here.
    pub(crate) fn algorithm(self, proof_value: &str) -> Algorithm {
        match self {
            Self::EddsaRdfc2022 | Self::EddsaJcs2022 | Self::Ed25519Signature2020 => {
                Algorithm::EdDsa
            }
            _ if proof_value.len() > LONGEST_OF_64_BYTES => Algorithm::Es384,
            _ => Algorithm::Es256,
        }
    }

    /// The suite over RDF for keys of this algorithm.
    pub fn for_algorithm(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Es256 | Algorithm::Es384 => Some(Self::EcdsaRdfc2019),
            Algorithm::EdDsa => Some(Self::EddsaRdfc2022),
            Algorithm::Bbs => None,
        }
    }
}
