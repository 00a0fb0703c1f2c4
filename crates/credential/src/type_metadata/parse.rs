use keys::json;
use query::ClaimPath;
use serde_json::{Map, Value};

use super::{
    ClaimDisplay, ClaimMetadata, Display, Extends, Integrity, MAX_BYTES, MAX_ENTRIES,
    SelectiveDisclosure, TypeMetadata, TypeMetadataError, rendering,
};
use crate::svg;

pub(super) type Object = Map<String, Value>;
pub(super) type Result<T> = std::result::Result<T, TypeMetadataError>;

pub(super) fn document(bytes: &[u8]) -> Result<TypeMetadata> {
    let Ok(Value::Object(object)) = json::parse_bounded(bytes, MAX_BYTES) else {
        return Err(TypeMetadataError::Json);
    };
    let extends = text(&object, "extends")?
        .map(|vct| {
            integrity(&object, "extends#integrity").map(|integrity| Extends { vct, integrity })
        })
        .transpose()?;
    let claims = each(&object, "claims", claim)?;
    for (place, claim) in claims.iter().enumerate() {
        if claims
            .iter()
            .take(place)
            .any(|other| other.path == claim.path)
        {
            return Err(TypeMetadataError::Member { member: "claims" });
        }
    }
    rendering::distinct_ids(&claims)?;
    Ok(TypeMetadata {
        vct: required(&object, "vct")?,
        name: text(&object, "name")?,
        description: text(&object, "description")?,
        extends,
        display: each(&object, "display", display)?,
        claims,
    })
}

fn display(object: &Object) -> Result<Display> {
    let (simple, svg_templates) = rendering::read(object.get("rendering"))?;
    Ok(Display {
        locale: locale(object)?,
        name: required(object, "name")?,
        description: text(object, "description")?,
        simple,
        svg_templates,
    })
}

fn claim(object: &Object) -> Result<ClaimMetadata> {
    let path = object
        .get("path")
        .and_then(|path| ClaimPath::from_json(path).ok())
        .ok_or(TypeMetadataError::Member { member: "path" })?;
    let mandatory = match object.get("mandatory") {
        None => false,
        Some(Value::Bool(mandatory)) => *mandatory,
        Some(_) => {
            return Err(TypeMetadataError::Member {
                member: "mandatory",
            });
        }
    };
    let sd = match text(object, "sd")?.as_deref() {
        None | Some("allowed") => SelectiveDisclosure::Allowed,
        Some("always") => SelectiveDisclosure::Always,
        Some("never") => SelectiveDisclosure::Never,
        Some(_) => return Err(TypeMetadataError::Member { member: "sd" }),
    };
    let svg_id = text(object, "svg_id")?;
    if svg_id.as_deref().is_some_and(|id| !svg::is_id(id)) {
        return Err(TypeMetadataError::Member { member: "svg_id" });
    }
    Ok(ClaimMetadata {
        svg_id,
        path,
        display: each(object, "display", claim_display)?,
        mandatory,
        sd,
    })
}

fn claim_display(object: &Object) -> Result<ClaimDisplay> {
    Ok(ClaimDisplay {
        locale: locale(object)?,
        label: required(object, "label")?,
        description: text(object, "description")?,
    })
}

/// `lang` is what drafts before September 2025 called it.
fn locale(object: &Object) -> Result<String> {
    match text(object, "locale")? {
        Some(locale) => Ok(locale),
        None => {
            required(object, "lang").map_err(|_| TypeMetadataError::Member { member: "locale" })
        }
    }
}

pub(super) fn integrity(object: &Object, member: &'static str) -> Result<Option<Integrity>> {
    Ok(text(object, member)?
        .map(|text| Integrity::parse(&text))
        .transpose()?)
}

pub(super) fn each<T>(
    object: &Object,
    member: &'static str,
    read: impl Fn(&Object) -> Result<T>,
) -> Result<Vec<T>> {
    let malformed = TypeMetadataError::Member { member };
    match object.get(member) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= MAX_ENTRIES => items
            .iter()
            .map(|item| read(item.as_object().ok_or(malformed)?))
            .collect(),
        Some(_) => Err(malformed),
    }
}

pub(super) fn text(object: &Object, member: &'static str) -> Result<Option<String>> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(TypeMetadataError::Member { member }),
    }
}

pub(super) fn required(object: &Object, member: &'static str) -> Result<String> {
    text(object, member)?.ok_or(TypeMetadataError::Member { member })
}
