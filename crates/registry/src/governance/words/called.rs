//! How bodies, types, keys and files are called before those who are asked to sign.

use credential::catalogue;
use keys::x509::Certificate;
use keys::{PublicKey, b64};
use ledger::event::{ATTESTED, ControlKey, GOVERNANCE, KeyEntry, Names, TypeFile};
use serde_json::Value;

use crate::called::visible;

pub(super) fn whom(signer: &str) -> String {
    if signer == GOVERNANCE {
        "Governance".to_owned()
    } else {
        quoted(signer)
    }
}

pub(super) fn named(names: &Names) -> String {
    let all = names.iter().map(|(tag, name)| match tag.as_str() {
        "en" => quoted(name),
        tag => format!("{} ({tag})", quoted(name)),
    });
    all.collect::<Vec<_>>().join(", ")
}

pub(super) fn types(types: &[String]) -> String {
    let all = types.iter().map(|id| match catalogue::by_vct(id) {
        _ if id == ledger::event::ANY_TYPE => "ANY type".to_owned(),
        Some(entry) => format!("{} ({})", entry.title, quoted(id)),
        None => quoted(id),
    });
    all.collect::<Vec<_>>().join(", ")
}

/// The thumbprint that a signature names. Whoever made the file may have written anything there.
pub(super) fn key(thumbprint: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if thumbprint.len() == 43 && thumbprint.bytes().all(plain) {
        thumbprint.to_owned()
    } else {
        quoted(&thumbprint.chars().take(64).collect::<String>())
    }
}

pub(super) fn jwks<'k>(keys: impl Iterator<Item = &'k Value>) -> String {
    let all: Vec<String> = keys
        .map(|jwk| match PublicKey::from_jwk(jwk) {
            Ok(key) => format!("key {}", key.thumbprint()),
            Err(_) => "a key that cannot be read".to_owned(),
        })
        .collect();
    all.join(", ")
}

pub(super) fn control(keys: &[ControlKey]) -> String {
    let all = keys
        .iter()
        .map(|key| jwks([&key.jwk].into_iter()) + proof(&key.possession));
    all.collect::<Vec<_>>().join(", ")
}

pub(super) fn entries(keys: &[KeyEntry]) -> String {
    if keys.is_empty() {
        return "no key".to_owned();
    }
    let all = keys.iter().map(|entry| {
        let mut text = match (&entry.jwk, &entry.x509) {
            (Some(jwk), None) => jwks(std::iter::once(jwk)),
            (None, Some(x509)) => {
                let certificate = certificate(x509);
                match (entry.ca, &entry.san) {
                    (false, _) => format!("the certificate {certificate}"),
                    (true, Some(san)) => {
                        format!("certificates for {} below {certificate}", quoted(san))
                    }
                    (true, None) => format!("ANY certificate below {certificate}"),
                }
            }
            _ => "a key that cannot be read".to_owned(),
        };
        if let Some(source) = &entry.source {
            text.push_str(&format!(" (read at {})", quoted(source)));
        }
        text + proof(&entry.possession)
    });
    all.collect::<Vec<_>>().join(", ")
}

fn proof(possession: &str) -> &'static str {
    match possession {
        ATTESTED => " (NOT proven to be its own: the registrar vouches for it)",
        _ => "",
    }
}

/// Who a certificate is for, and the digest by which it can be compared.
fn certificate(x509: &str) -> String {
    let read = b64::decode_standard(x509).ok();
    match read.and_then(|der| Certificate::from_der(&der).ok()) {
        Some(read) => format!(
            "{} with SHA-256 {}",
            quoted(&read.subject()),
            hex::encode(read.sha256())
        ),
        None => "that cannot be read".to_owned(),
    }
}

pub(super) fn file(file: &TypeFile) -> String {
    let uri = file.uri.as_deref().map(quoted);
    let place = uri.map(|uri| format!(" (at {uri})")).unwrap_or_default();
    quoted(&file.integrity) + &place
}

pub(super) fn list(texts: &[String]) -> String {
    let all = texts.iter().map(|text| quoted(text));
    all.collect::<Vec<_>>().join(", ")
}

/// What others wrote, in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", visible(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_plays_no_tricks() {
        assert_eq!(quoted("a\u{1b}[2Jb\u{202e}c"), "“a\u{fffd}[2Jb\u{fffd}c”");
    }

    #[test]
    fn what_stands_for_a_key_is_one_or_is_quoted() {
        let thumbprint = keys::SigningKey::make_ed25519().public().thumbprint();
        assert_eq!(key(&thumbprint), thumbprint);
        assert_eq!(key("a\u{1b}[2J"), "“a\u{fffd}[2J”");
        assert_eq!(key(&"a".repeat(500)).chars().count(), 66);
    }

    #[test]
    fn what_is_not_seen_is_made_visible() {
        for hidden in [
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{2028}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
        ] {
            let text = format!("a{hidden}b");
            assert_eq!(quoted(&text), "“a\u{fffd}b”", "{hidden:?}");
        }
        assert_eq!(
            quoted("Cymorth Gwlân é 健康 صحة"),
            "“Cymorth Gwlân é 健康 صحة”"
        );
    }
}
