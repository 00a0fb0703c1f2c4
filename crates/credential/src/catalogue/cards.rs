//! The pictures of the cards in `schemas/`, held to what they are derived from: `schemas/card.svg`,
//! and a type's colours, names and labels.
//!
//! With `CAIRN_WRITE_CARDS` set the test writes the files instead of comparing them.

use std::fmt::Write as _;
use std::path::PathBuf;

use keys::b64;
use sha2::{Digest as _, Sha256};

use super::{TypeEntry, types};
use crate::svg::Template;
use crate::type_metadata::{Display, Integrity, TypeMetadata};

const CARD: &str = include_str!("../../../../schemas/card.svg");
/// The longest line of a name, in characters.
const LINE: usize = 22;

fn metadata(entry: &TypeEntry) -> TypeMetadata {
    // The bytes that a template carries are not looked at here.
    TypeMetadata::parse(entry.metadata.as_bytes(), entry.vct, None).unwrap()
}

/// A quiet pattern that differs from type to type, drawn by the digest of its id.
fn pattern(vct: &str) -> String {
    let digest = Sha256::digest(vct);
    let step = 14 + usize::from(digest[1] % 12);
    let mut path = String::new();
    match digest[0] % 3 {
        0 => {
            for radius in (step..=216).step_by(step) {
                let (x, y) = (342 - radius, 216 - radius);
                write!(path, "M{x} 216A{radius} {radius} 0 0 1 342 {y}").unwrap();
            }
        }
        1 => {
            for across in (0..216).step_by(step) {
                write!(path, "M{} 216L342 {across}", 126 + across).unwrap();
            }
        }
        _ => {
            for left in (180..342).step_by(2 * step) {
                for top in (90..216).step_by(2 * step) {
                    let half = step - 4;
                    let tip = top - half;
                    write!(
                        path,
                        "M{left} {tip}l{half} {half}l-{half} {half}l-{half} -{half}z"
                    )
                    .unwrap();
                }
            }
        }
    }
    path
}

/// A name in lines.
fn lines(name: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in name.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// The template of one type in one language.
fn derive_card(entry: &TypeEntry, metadata: &TypeMetadata, display: &Display) -> String {
    let mut name = String::new();
    for (place, line) in lines(&display.name).iter().enumerate() {
        let y = 40 + 24 * place;
        write!(name, "<tspan x=\"20\" y=\"{y}\">{}</tspan>", escaped(line)).unwrap();
    }
    let mut claims = String::new();
    let shown = metadata
        .claims
        .iter()
        .filter(|claim| claim.svg_id.is_some());
    for (place, claim) in shown.enumerate() {
        let label = escaped(metadata.label(&claim.path, &display.locale).unwrap());
        let id = claim.svg_id.as_deref().unwrap();
        let (upper, lower) = (128 + 44 * place, 146 + 44 * place);
        write!(
            claims,
            "<text x=\"20\" y=\"{upper}\" font-size=\"12\">{label}</text>\
             <text x=\"20\" y=\"{lower}\" font-size=\"16\">{{{{{id}}}}}</text>"
        )
        .unwrap();
    }
    CARD.trim_end()
        .replace(
            "@background@",
            display.simple.background_color.as_deref().unwrap(),
        )
        .replace("@text@", display.simple.text_color.as_deref().unwrap())
        .replace("@pattern@", &pattern(entry.vct))
        .replace("@name@", &name)
        .replace("@claims@", &claims)
}

#[test]
fn every_card_is_the_one_that_its_type_gives() {
    for entry in types() {
        let metadata = metadata(entry);
        let mut text = entry.metadata.to_owned();
        for display in &metadata.display {
            let [template] = display.svg_templates.as_slice() else {
                panic!("{}: one template a language", entry.name);
            };
            let card = derive_card(entry, &metadata, display);
            let uri = format!("data:image/svg+xml;base64,{}", b64::encode_standard(&card));
            text = text.replacen(
                &format!("\"uri\": \"{}\"", template.uri),
                &format!("\"uri\": \"{uri}\""),
                1,
            );
            let pin = Integrity::derive(card.as_bytes());
            let at = text.find(&uri).unwrap();
            let (before, after) = text.split_at(at + uri.len());
            let key = "\"uri#integrity\": \"";
            let start = after.find(key).unwrap() + key.len();
            let end = start + after[start..].find('"').unwrap();
            text = format!("{before}{}{pin}{}", &after[..start], &after[end..]);
        }
        if std::env::var_os("CAIRN_WRITE_CARDS").is_some() {
            let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
                .join("../../schemas")
                .join(entry.folder)
                .join("metadata.json");
            std::fs::write(file, text).unwrap();
        } else {
            assert!(text == entry.metadata, "{}", entry.name);
        }
    }
}

#[test]
fn every_card_can_be_drawn_and_shows_one_or_two_claims() {
    for entry in types() {
        let metadata = metadata(entry);
        for display in &metadata.display {
            let [template] = display.svg_templates.as_slice() else {
                panic!("{}", entry.name);
            };
            let bytes = template.carried().unwrap().unwrap();
            let drawn = Template::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", entry.name));
            let ids = drawn.placeholders();
            assert!((1..=2).contains(&ids.len()), "{}", entry.name);
            for id in ids {
                assert!(
                    metadata.claim_by_svg_id(id).is_some(),
                    "{}: {id}",
                    entry.name
                );
            }
            let picture = drawn.fill(|_| None);
            for line in lines(&display.name) {
                assert!(line.chars().count() <= LINE, "{}: {line}", entry.name);
                assert!(
                    picture.contains(&line.replace('\'', "&apos;")),
                    "{}: {line}",
                    entry.name
                );
            }
            assert!(lines(&display.name).len() <= 3, "{}", entry.name);
        }
    }
}
