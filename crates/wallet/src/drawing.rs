//! The picture of a card, drawn from the template of its type. Nothing is fetched: a template
//! counts where it came with the type's metadata, and only through [`credential::svg`].

use credential::catalogue;
use credential::svg::Template;
use credential::type_metadata::{Display, SvgTemplate, TypeMetadata};
use keys::b64;
use query::ClaimPath;
use serde_json::{Map, Value};

use crate::words::{Shown, Wording};

/// What stands for a value that is hidden.
const HIDDEN: &str = "\u{2022}\u{2022}\u{2022}\u{2022}\u{2022}";
/// What stands for a claim that the card does not have, or that has no place in a line.
const NOTHING: &str = "\u{2013}";

/// The template of a type in one language.
pub(crate) struct Drawing {
    metadata: TypeMetadata,
    template: Template,
}

impl Drawing {
    /// From the metadata that is kept with a card, or that of the catalogue. `None` where the
    /// type has no picture, or one that is refused: the card is then shown by its colours.
    pub(crate) fn new(metadata: &Value, locale: &str) -> Option<Self> {
        let vct = metadata.get("vct")?.as_str()?;
        let text = metadata.to_string();
        Self::read(
            TypeMetadata::parse(text.as_bytes(), vct, None).ok()?,
            locale,
        )
    }

    /// From the catalogue.
    pub(crate) fn of_type(type_id: &str, locale: &str) -> Option<Self> {
        let entry = catalogue::by_type_id(type_id)?;
        let metadata = TypeMetadata::parse(entry.metadata.as_bytes(), entry.vct, None).ok()?;
        Self::read(metadata, locale)
    }

    fn read(metadata: TypeMetadata, locale: &str) -> Option<Self> {
        let template = choose(metadata.display_for(locale)?)?.carried()?.ok()?;
        let template = Template::parse(&template).ok()?;
        Some(Self { metadata, template })
    }

    /// The face of every card of the type: no value of any card is in it.
    pub(crate) fn face(&self) -> String {
        to_url(&self.template.fill(|_| Some(HIDDEN.to_owned())))
    }

    /// With the values of these claims, which are in the words of the type.
    pub(crate) fn revealed(&self, claims: &Map<String, Value>) -> String {
        let claims = Value::Object(claims.clone());
        to_url(&self.template.fill(|id| {
            let path = &self.metadata.claim_by_svg_id(id)?.path;
            Some(line(path, &claims).unwrap_or_else(|| NOTHING.to_owned()))
        }))
    }
}

/// The first template that is not made for another screen than a light one of usual contrast;
/// else the first.
fn choose(display: &Display) -> Option<&SvgTemplate> {
    use credential::type_metadata::{ColourScheme, Contrast, Orientation};
    let fits = |template: &&SvgTemplate| {
        let made_for = template.properties;
        made_for.orientation != Some(Orientation::Portrait)
            && made_for.color_scheme != Some(ColourScheme::Dark)
            && made_for.contrast != Some(Contrast::High)
    };
    let carried = || {
        display
            .svg_templates
            .iter()
            .filter(|one| one.carried().is_some())
    };
    carried().find(fits).or_else(|| carried().next())
}

/// A value in one line; `None` where there is none.
fn line(path: &ClaimPath, claims: &Value) -> Option<String> {
    let found = path.select(claims).ok()?;
    let (_, value) = found.first()?;
    match Wording::new(None, "en").detail(path, value).value {
        Shown::Text(text) => Some(text),
        Shown::Date(date) => Some(date),
        Shown::YesNo(_) | Shown::Photo(_) | Shown::List(_) | Shown::Group(_) => None,
    }
}

/// A `data:` URL: as an image it runs no script and fetches nothing, whatever is in it.
fn to_url(picture: &str) -> String {
    format!(
        "data:image/svg+xml;base64,{}",
        b64::encode_standard(picture)
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata(picture: &str) -> Value {
        json!({
            "vct": "urn:example:type",
            "display": [{"locale": "en", "name": "Card", "rendering": {"svg_templates": [
                {"uri": format!("data:image/svg+xml;base64,{}", b64::encode_standard(picture))}
            ]}}],
            "claims": [
                {"path": ["name"], "svg_id": "name"},
                {"path": ["address", "town"], "svg_id": "town"},
                {"path": ["ok"], "svg_id": "ok"}
            ]
        })
    }

    fn picture(inner: &str) -> String {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">{inner}</svg>")
    }

    fn text(url: &str) -> String {
        let data = url.strip_prefix("data:image/svg+xml;base64,").unwrap();
        String::from_utf8(b64::decode_standard(data).unwrap()).unwrap()
    }

    #[test]
    fn values_are_in_the_picture_only_once_it_is_revealed() {
        let metadata = metadata(&picture(
            "<text>{{name}}, {{town}}, {{ok}}, {{unknown}}</text>",
        ));
        let drawing = Drawing::new(&metadata, "en").unwrap();
        let face = text(&drawing.face());
        assert!(face.contains(&format!("{HIDDEN}, {HIDDEN}")), "{face}");
        let claims = json!({"name": "Ada <b>", "address": {"town": "Ware"}, "ok": true});
        let shown = text(&drawing.revealed(claims.as_object().unwrap()));
        assert!(
            shown.contains("Ada &lt;b&gt;, Ware, \u{2013}, </text>"),
            "{shown}"
        );
        let shown = text(&drawing.revealed(&Map::new()));
        assert!(shown.contains("\u{2013}, \u{2013}, "), "{shown}");
    }

    #[test]
    fn a_picture_that_is_refused_or_elsewhere_is_not_drawn() {
        assert!(Drawing::new(&metadata(&picture("<script/>")), "en").is_none());
        let mut elsewhere = metadata(&picture(""));
        let template = &mut elsewhere["display"][0]["rendering"]["svg_templates"][0];
        template["uri"] = "https://types.example/card.svg".into();
        assert!(Drawing::new(&elsewhere, "en").is_none());
        let mut pinned = metadata(&picture(""));
        let template = &mut pinned["display"][0]["rendering"]["svg_templates"][0];
        template["uri#integrity"] = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".into();
        assert!(Drawing::new(&pinned, "en").is_none());
    }

    #[test]
    fn every_type_of_ours_is_drawn_in_each_language_without_a_value() {
        for entry in catalogue::types() {
            let claims: Value = serde_json::from_str(entry.example).unwrap();
            for locale in ["en", "cy", "gd"] {
                let drawing = Drawing::of_type(entry.vct, locale).unwrap();
                let (face, revealed) = (text(&drawing.face()), {
                    text(&drawing.revealed(claims.as_object().unwrap()))
                });
                let mut shown = 0;
                for claim in drawing
                    .metadata
                    .claims
                    .iter()
                    .filter(|one| one.svg_id.is_some())
                {
                    let Some(value) = line(&claim.path, &claims) else {
                        continue;
                    };
                    shown += 1;
                    assert!(!face.contains(&value), "{}", entry.name);
                    assert!(revealed.contains(&value), "{}", entry.name);
                }
                assert!(shown > 0, "{}", entry.name);
            }
        }
        assert!(Drawing::of_type("urn:example:unknown", "en").is_none());
        assert!(Drawing::of_type("org.iso.18013.5.1.mDL", "en").is_some());
    }
}
