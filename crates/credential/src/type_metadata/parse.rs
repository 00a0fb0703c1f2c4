use keys::json;
use query::ClaimPath;
use serde_json::{Map, Value};

use super::{
    ClaimDisplay, ClaimMetadata, Display, Extends, Image, Integrity, MAX_BYTES, MAX_ENTRIES,
    SelectiveDisclosure, Simple, TypeMetadata, TypeMetadataError,
};

type Object = Map<String, Value>;
type Result<T> = std::result::Result<T, TypeMetadataError>;

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
    let simple = match object.get("rendering") {
        None => None,
        Some(Value::Object(rendering)) => rendering.get("simple"),
        Some(_) => {
            return Err(TypeMetadataError::Member {
                member: "rendering",
            });
        }
    };
    let simple = match simple {
        None => Simple::default(),
        Some(Value::Object(simple)) => Simple {
            background_color: colour(simple, "background_color"),
            text_color: colour(simple, "text_color"),
            logo: image(simple, "logo")?,
            background_image: image(simple, "background_image")?,
        },
        Some(_) => return Err(TypeMetadataError::Member { member: "simple" }),
    };
    Ok(Display {
        locale: locale(object)?,
        name: required(object, "name")?,
        description: text(object, "description")?,
        simple,
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
    Ok(ClaimMetadata {
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

fn image(object: &Object, member: &'static str) -> Result<Option<Image>> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::Object(image)) => Ok(Some(Image {
            uri: required(image, "uri")?,
            integrity: integrity(image, "uri#integrity")?,
            alt_text: text(image, "alt_text")?,
        })),
        Some(_) => Err(TypeMetadataError::Member { member }),
    }
}

/// Colours go into a style sheet: nothing but hexadecimal digits passes.
fn colour(object: &Object, member: &str) -> Option<String> {
    let text = object.get(member)?.as_str()?;
    let digits = text.strip_prefix('#')?;
    let fits = matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then(|| text.to_owned())
}

fn integrity(object: &Object, member: &'static str) -> Result<Option<Integrity>> {
    Ok(text(object, member)?
        .map(|text| Integrity::parse(&text))
        .transpose()?)
}

fn each<T>(
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

fn text(object: &Object, member: &'static str) -> Result<Option<String>> {
    match object.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(TypeMetadataError::Member { member }),
    }
}

fn required(object: &Object, member: &'static str) -> Result<String> {
    text(object, member)?.ok_or(TypeMetadataError::Member { member })
}
