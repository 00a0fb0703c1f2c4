use keys::b64;
use serde_json::{Map, Value};

use super::{Credential, VcdmError, Version, rules};

/// A presentation that keeps the rules of the data model. Nobody has checked a proof.
#[derive(Clone, PartialEq)]
pub struct Presentation {
    document: Map<String, Value>,
    version: Version,
    holder: Option<String>,
    credentials: Vec<Contained>,
}

/// What a presentation holds.
#[derive(Clone, PartialEq)]
pub enum Contained {
    /// A credential with proofs of its own.
    Embedded(Credential),
    /// A credential within something else that secures it.
    Enveloped(Enveloped),
}

/// A credential or a presentation in a `data:` URL.
#[derive(Clone, PartialEq, Eq)]
pub struct Enveloped {
    /// The media type, such as `application/vc+jwt`, without parameters.
    pub media_type: String,
    /// What stands in the URL.
    pub data: Vec<u8>,
}

impl Enveloped {
    const CREDENTIAL: &str = "EnvelopedVerifiableCredential";
    const PRESENTATION: &str = "EnvelopedVerifiablePresentation";

    /// True where an object says that it is an enveloped credential, whether it is one or not.
    pub fn is_meant(object: &Map<String, Value>) -> bool {
        rules::types(object, "").is_ok_and(|types| {
            types
                .iter()
                .any(|name| [Self::CREDENTIAL, Self::PRESENTATION].contains(name))
        })
    }

    /// Reads an enveloped credential (§4.13.1).
    pub fn credential(object: &Map<String, Value>) -> Result<Self, VcdmError> {
        Self::read(object, Self::CREDENTIAL)
    }

    /// Reads an enveloped presentation (§4.13.2).
    pub fn presentation(object: &Map<String, Value>) -> Result<Self, VcdmError> {
        Self::read(object, Self::PRESENTATION)
    }

    fn read(object: &Map<String, Value>, kind: &'static str) -> Result<Self, VcdmError> {
        if rules::contexts(object)? != Version::V2 {
            return Err(VcdmError::BaseContext);
        }
        if rules::types(object, kind)? != [kind] {
            return Err(VcdmError::BaseType(kind));
        }
        let url = object.get("id").and_then(Value::as_str);
        url.and_then(Self::from_url).ok_or(VcdmError::Envelope)
    }

    /// Reads a `data:` URL (RFC 2397): plain text, or base64.
    fn from_url(url: &str) -> Option<Self> {
        let (head, data) = url.strip_prefix("data:")?.split_once(',')?;
        let (head, is_base64) = match head.strip_suffix(";base64") {
            Some(head) => (head, true),
            None => (head, false),
        };
        let media_type = head.split(';').next()?;
        let (kind, name) = media_type.split_once('/')?;
        if kind.is_empty() || name.is_empty() || data.is_empty() {
            return None;
        }
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%';
        let data = match is_base64 {
            true => b64::decode_standard(data).ok()?,
            // What is enveloped needs no escapes; two spellings of one thing are one too many.
            false => data.bytes().all(plain).then(|| data.as_bytes().to_vec())?,
        };
        Some(Self {
            media_type: media_type.to_ascii_lowercase(),
            data,
        })
    }

    /// The object around this media type and text.
    pub fn derive_credential(media_type: &str, text: &str) -> Map<String, Value> {
        let mut object = Map::new();
        object.insert("@context".to_owned(), Version::V2.context().into());
        object.insert("id".to_owned(), format!("data:{media_type},{text}").into());
        object.insert("type".to_owned(), Self::CREDENTIAL.into());
        object
    }
}

impl Presentation {
    /// Checks a document, and each credential in it.
    ///
    /// A credential without a proof of its own is secured by the presentation alone: then it must
    /// be the holder's own (§4.13.4).
    pub fn check(document: Map<String, Value>) -> Result<Self, VcdmError> {
        let version = rules::contexts(&document)?;
        rules::id(&document, "presentation")?;
        let types = rules::types(&document, "presentation")?;
        if !types.contains(&"VerifiablePresentation") {
            return Err(VcdmError::BaseType("VerifiablePresentation"));
        }
        rules::typed(&document, "termsOfUse", false)?;
        rules::typed(&document, "proof", false)?;
        let holder = document
            .get("holder")
            .map(|holder| rules::party(holder, "holder").map(str::to_owned))
            .transpose()?;
        let mut credentials = Vec::new();
        // Nothing is presented where the list is empty, as where there is none.
        let contained = match document.get("verifiableCredential") {
            Some(Value::Array(none)) if none.is_empty() => Vec::new(),
            _ => rules::objects(&document, "verifiableCredential")?,
        };
        for object in contained {
            if Enveloped::is_meant(object) {
                credentials.push(Contained::Enveloped(Enveloped::credential(object)?));
                continue;
            }
            let credential = Credential::check(object.clone())?;
            if !object.contains_key("proof") && holder.as_deref() != Some(credential.issuer()) {
                return Err(VcdmError::NotSelfAsserted);
            }
            credentials.push(Contained::Embedded(credential));
        }
        Ok(Self {
            version,
            holder,
            credentials,
            document,
        })
    }

    /// The document, as it was written.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// The version of the data model.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The identifier of who presents.
    pub fn holder(&self) -> Option<&str> {
        self.holder.as_deref()
    }

    /// What it holds.
    pub fn credentials(&self) -> &[Contained] {
        &self.credentials
    }

    /// The objects of `proof`.
    pub fn proofs(&self) -> Vec<&Map<String, Value>> {
        rules::objects(&self.document, "proof").unwrap_or_default()
    }
}

// The claims are personal.
impl std::fmt::Debug for Presentation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Presentation({})", self.credentials.len())
    }
}
