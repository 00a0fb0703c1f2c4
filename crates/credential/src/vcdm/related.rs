use serde_json::{Map, Value};

use super::digest::Digest;
use super::{VcdmError, rules};

const MEMBER: &str = "relatedResource";

/// A resource that a credential gives digests of (VCDM 2.0 §5.3).
pub struct RelatedResource<'a> {
    id: &'a str,
    digests: Vec<Digest>,
}

impl RelatedResource<'_> {
    /// Its URL.
    pub fn id(&self) -> &str {
        self.id
    }

    /// True where the resource is compiled in, and so was held to every digest of it.
    pub fn is_known(&self) -> bool {
        self.digests
            .iter()
            .all(|digest| digest.is_of(self.id).is_some())
    }

    /// Whether these bytes are the resource by every digest of it.
    pub fn is(&self, bytes: &[u8]) -> bool {
        self.digests.iter().all(|digest| digest.matches(bytes))
    }
}

/// Reads `relatedResource`: each once, with digests that hold for those that are compiled in.
pub(super) fn read(document: &Map<String, Value>) -> Result<Vec<RelatedResource<'_>>, VcdmError> {
    let mut found: Vec<RelatedResource<'_>> = Vec::new();
    for resource in rules::objects(document, MEMBER)? {
        let id = rules::id(resource, MEMBER)?.ok_or(VcdmError::Id(MEMBER))?;
        if found.iter().any(|other| other.id == id) {
            return Err(VcdmError::RepeatedResource);
        }
        match resource.get("mediaType") {
            None => {}
            Some(Value::String(name)) if is_media_type(name) => {}
            Some(_) => return Err(VcdmError::MediaType),
        }
        let mut digests = Vec::new();
        if let Some(sri) = resource.get("digestSRI") {
            digests.push(Digest::from_sri(sri.as_str().ok_or(VcdmError::Digest)?)?);
        }
        if let Some(multibase) = resource.get("digestMultibase") {
            let multibase = multibase.as_str().ok_or(VcdmError::Digest)?;
            digests.push(Digest::from_multibase(multibase)?);
        }
        if digests.is_empty() {
            return Err(VcdmError::NoDigest);
        }
        if digests.iter().any(|digest| digest.is_of(id) == Some(false)) {
            return Err(VcdmError::OtherDigest);
        }
        found.push(RelatedResource { id, digests });
    }
    Ok(found)
}

/// A type and a subtype, with parameters or without.
fn is_media_type(text: &str) -> bool {
    let name = |name: &str| {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !name.is_empty() && name.bytes().all(token)
    };
    let essence = text.split(';').next().unwrap_or_default().trim_end();
    essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
}
