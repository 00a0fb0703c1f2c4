//! JSON and JOSE texts as CBOR, without what base64 and repeated words cost, and back to the
//! very same texts: signatures are over them.
//!
//! What a text is packed as is tried, and kept only where unpacking gives the same text again.

use keys::b64;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::cbor::{CborError, Head, MAX_DEPTH, MAX_ITEMS, Reader, Writer};
use super::compact::Json;
use super::words::{FIRST, NONCE, SD_HASH, SERVICE, WORDS};

/// A word: by its place, or the digest of a disclosure as `-1 - n`.
const WORD: u64 = 6;
/// A JWS in its three parts.
const JWS: u64 = 7;
/// An SD-JWT: the issuer's JWS, the disclosures, the key binding or null.
const SD_JWT: u64 = 8;
/// A number that is no whole number of 64 bits, as its text.
const NUMBER: u64 = 9;
/// Bytes that stand as multibase base64url: `u` and base64url.
const MULTIBASE: u64 = 10;
/// Bytes that stand as base64url (RFC 8949 §3.4.5.2).
const BASE64URL: u64 = 21;
/// Bytes that stand as base64 with padding.
const BASE64: u64 = 22;

/// The most bytes of text that one message unpacks to.
pub(super) const MAX_UNPACKED: usize = 1 << 20;
/// The longest text that is looked at as a JWS inside another.
const MAX_NESTED_JWS: usize = 3;
/// Texts that are shorter are not tried as base64.
const LEAST_BASE64: usize = 16;
const MAX_NUMBER: u64 = 64;
const MAX_DISCLOSURES: u64 = 500;

/// What an answer is for: texts that both sides know.
#[derive(Clone, Default)]
pub(super) struct Known {
    pub(super) service: String,
    pub(super) nonce: String,
}

/// Texts that are known at one place.
#[derive(Clone, Copy)]
struct Scope<'a> {
    known: &'a Known,
    sd_hash: Option<&'a str>,
    digests: &'a [String],
    /// JWS around this one.
    nested: usize,
    depth: usize,
}

impl<'a> Scope<'a> {
    fn new(known: &'a Known) -> Self {
        Self {
            known,
            sd_hash: None,
            digests: &[],
            nested: 0,
            depth: 0,
        }
    }

    fn below(self) -> Self {
        Self {
            depth: self.depth.saturating_add(1),
            ..self
        }
    }

    fn place_of(self, text: &str) -> Option<Head> {
        if text.is_empty() {
            return None;
        }
        if text == self.known.service {
            return Some(Head::Unsigned(SERVICE));
        }
        if text == self.known.nonce {
            return Some(Head::Unsigned(NONCE));
        }
        if self.sd_hash == Some(text) {
            return Some(Head::Unsigned(SD_HASH));
        }
        let index = |at: Option<usize>| at.and_then(|at| u64::try_from(at).ok());
        if let Some(at) = index(self.digests.iter().position(|digest| digest == text)) {
            return Some(Head::Negative(at));
        }
        let at = index(WORDS.iter().position(|word| *word == text))?;
        Some(Head::Unsigned(at.saturating_add(FIRST)))
    }

    fn word_at(self, place: Head) -> Option<&'a str> {
        let at = |index: u64| usize::try_from(index).ok();
        match place {
            Head::Unsigned(SERVICE) => Some(&self.known.service),
            Head::Unsigned(NONCE) => Some(&self.known.nonce),
            Head::Unsigned(SD_HASH) => self.sd_hash,
            Head::Unsigned(index) => WORDS.get(at(index.checked_sub(FIRST)?)?).copied(),
            Head::Negative(index) => self.digests.get(at(index)?).map(String::as_str),
            _ => None,
        }
    }
}

/// A JSON value as CBOR.
pub(super) fn pack(value: &Value, known: &Known) -> Vec<u8> {
    pack_json(&Json::of_value(value), known)
}

/// A text of JSON as CBOR; the bytes themselves where it would not come back the same.
pub(super) fn pack_text(text: &[u8], known: &Known) -> Vec<u8> {
    match Json::of_bytes(text) {
        Some(json) => pack_json(&json, known),
        None => {
            let mut writer = Writer::new();
            writer.bytes(text);
            writer.into_bytes()
        }
    }
}

fn pack_json(json: &Json, known: &Known) -> Vec<u8> {
    let mut writer = Writer::new();
    write(&mut writer, json, Scope::new(known));
    let packed = writer.into_bytes();
    let mut reader = Reader::new(&packed);
    let back = read(&mut reader, Scope::new(known), &mut Budget::default());
    if back.is_ok_and(|back| back == *json) && reader.is_empty() {
        return packed;
    }
    // Nothing is lost this way.
    let mut writer = Writer::new();
    write_plain(&mut writer, json);
    writer.into_bytes()
}

fn write_plain(writer: &mut Writer, json: &Json) {
    match json {
        Json::Text(text) => {
            writer.text(text);
        }
        Json::Array(items) => {
            writer.array(items.len());
            for item in items {
                write_plain(writer, item);
            }
        }
        Json::Object(members) => {
            writer.map(members.len());
            for (name, value) in members {
                writer.text(name);
                write_plain(writer, value);
            }
        }
        Json::Null => {
            writer.head(Head::Null);
        }
        Json::Bool(value) => {
            writer.head(Head::Bool(*value));
        }
        Json::Number(text) => write_number(writer, text),
    }
}

fn write(writer: &mut Writer, json: &Json, scope: Scope<'_>) {
    match json {
        Json::Text(text) => write_text(writer, text, scope),
        Json::Array(items) => {
            writer.array(items.len());
            for item in items {
                write(writer, item, scope.below());
            }
        }
        Json::Object(members) => {
            writer.map(members.len());
            for (name, value) in members {
                write_word_or_text(writer, name, scope);
                write(writer, value, scope.below());
            }
        }
        other => write_plain(writer, other),
    }
}

fn write_number(writer: &mut Writer, text: &str) {
    let whole = text.parse::<i64>().ok();
    let whole = whole.filter(|number| number.to_string() == text);
    let positive = text.parse::<u64>().ok();
    let positive = positive.filter(|number| number.to_string() == text);
    if let Some(number) = positive {
        writer.unsigned(number);
        return;
    }
    match whole.and_then(|number| u64::try_from(-1 - number).ok()) {
        Some(number) => writer.head(Head::Negative(number)),
        None => writer.head(Head::Tag(NUMBER)).text(text),
    };
}

fn write_word_or_text(writer: &mut Writer, text: &str, scope: Scope<'_>) {
    match scope.place_of(text) {
        Some(place) => writer.head(Head::Tag(WORD)).head(place),
        None => writer.text(text),
    };
}

fn write_text(writer: &mut Writer, text: &str, scope: Scope<'_>) {
    if let Some(place) = scope.place_of(text) {
        writer.head(Head::Tag(WORD)).head(place);
        return;
    }
    if scope.depth == 0
        && let Some(packed) = pack_sd_jwt(text, scope)
    {
        writer.raw(&packed);
        return;
    }
    if let Some(packed) = pack_jws(text, scope) {
        writer.raw(&packed);
        return;
    }
    if text.len() >= LEAST_BASE64 {
        if let Ok(bytes) = b64::decode(text) {
            writer.head(Head::Tag(BASE64URL)).bytes(&bytes);
            return;
        }
        if let Some(Ok(bytes)) = text.strip_prefix('u').map(b64::decode) {
            writer.head(Head::Tag(MULTIBASE)).bytes(&bytes);
            return;
        }
        if let Ok(bytes) = b64::decode_standard(text) {
            writer.head(Head::Tag(BASE64)).bytes(&bytes);
            return;
        }
    }
    writer.text(text);
}

fn pack_sd_jwt(text: &str, scope: Scope<'_>) -> Option<Vec<u8>> {
    let (start, proof) = text.rsplit_once('~')?;
    let mut parts = start.split('~');
    let jws = parts.next()?;
    let disclosures: Vec<&str> = parts.collect();
    if disclosures.len() as u64 > MAX_DISCLOSURES {
        return None;
    }
    let digests: Vec<String> = disclosures.iter().map(|text| derive_digest(text)).collect();
    let inside = Scope {
        digests: &digests,
        ..scope
    };
    let mut writer = Writer::new();
    writer.head(Head::Tag(SD_JWT)).array(3);
    writer.array(disclosures.len());
    for disclosure in disclosures {
        write_part(&mut writer, &b64::decode(disclosure).ok()?, scope);
    }
    writer.raw(&pack_jws(jws, inside)?);
    if proof.is_empty() {
        writer.head(Head::Null);
    } else {
        let sd_hash = derive_digest(&format!("{start}~"));
        let of_proof = Scope {
            sd_hash: Some(&sd_hash),
            ..scope
        };
        writer.raw(&pack_jws(proof, of_proof)?);
    }
    Some(writer.into_bytes())
}

fn derive_digest(text: &str) -> String {
    b64::encode(Sha256::digest(text))
}

fn pack_jws(text: &str, scope: Scope<'_>) -> Option<Vec<u8>> {
    if scope.nested >= MAX_NESTED_JWS {
        return None;
    }
    let mut parts = text.split('.');
    let mut part = || b64::decode(parts.next()?).ok();
    let (header, payload, signature) = (part()?, part()?, part()?);
    if parts.next().is_some() || header.is_empty() {
        return None;
    }
    let inside = Scope {
        nested: scope.nested + 1,
        ..scope.below()
    };
    let mut writer = Writer::new();
    writer.head(Head::Tag(JWS)).array(3);
    write_part(&mut writer, &header, inside);
    write_part(&mut writer, &payload, inside);
    writer.bytes(&signature);
    Some(writer.into_bytes())
}

/// JSON where its text comes back as it was, else the bytes.
fn write_part(writer: &mut Writer, bytes: &[u8], scope: Scope<'_>) {
    match Json::of_bytes(bytes) {
        Some(json) => write(writer, &json, scope.below()),
        None => {
            writer.bytes(bytes);
        }
    }
}

/// How much one message may still unpack to.
pub(super) struct Budget {
    text: usize,
    items: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            text: MAX_UNPACKED,
            items: MAX_ITEMS,
        }
    }
}

impl Budget {
    fn text(&mut self, length: usize) -> Result<(), CborError> {
        self.text = self.text.checked_sub(length).ok_or(CborError::TooMuch)?;
        Ok(())
    }

    fn item(&mut self, depth: usize) -> Result<(), CborError> {
        self.items = self.items.checked_sub(1).ok_or(CborError::TooMuch)?;
        if depth > MAX_DEPTH {
            return Err(CborError::TooMuch);
        }
        Ok(())
    }
}

/// The JSON value that was packed.
pub(super) fn unpack(
    reader: &mut Reader<'_>,
    known: &Known,
    budget: &mut Budget,
) -> Result<Value, CborError> {
    let json = read(reader, Scope::new(known), budget)?;
    json.into_value().ok_or(CborError::Unexpected)
}

/// The text of JSON that was packed.
pub(super) fn unpack_text(
    reader: &mut Reader<'_>,
    known: &Known,
    budget: &mut Budget,
) -> Result<Vec<u8>, CborError> {
    read_part(reader, Scope::new(known), budget)
}

fn read(reader: &mut Reader<'_>, scope: Scope<'_>, budget: &mut Budget) -> Result<Json, CborError> {
    budget.item(scope.depth)?;
    let json = match reader.peek()? {
        Head::Array(length) => {
            reader.head()?;
            let mut items = Vec::new();
            for _ in 0..length {
                items.push(read(reader, scope.below(), budget)?);
            }
            return Ok(Json::Array(items));
        }
        Head::Map(length) => {
            reader.head()?;
            let mut members = Vec::new();
            for _ in 0..length {
                let name = read_name(reader, scope, budget)?;
                members.push((name, read(reader, scope.below(), budget)?));
            }
            return Ok(Json::Object(members));
        }
        Head::Null => Json::Null,
        Head::Bool(value) => Json::Bool(value),
        Head::Unsigned(number) => Json::Number(number.to_string()),
        Head::Negative(number) => {
            let number = i64::try_from(number).map_err(|_| CborError::Unexpected)?;
            Json::Number((-1 - number).to_string())
        }
        Head::Tag(NUMBER) => {
            reader.head()?;
            let Head::Text(length @ ..=MAX_NUMBER) = reader.head()? else {
                return Err(CborError::Unexpected);
            };
            let text = reader.text_of(length)?;
            let number = text.parse::<serde_json::Number>();
            number.map_err(|_| CborError::Unexpected)?;
            return Ok(Json::Number(text.to_owned()));
        }
        _ => return Ok(Json::Text(read_text(reader, scope, budget)?)),
    };
    reader.head()?;
    Ok(json)
}

fn read_name(
    reader: &mut Reader<'_>,
    scope: Scope<'_>,
    budget: &mut Budget,
) -> Result<String, CborError> {
    match reader.peek()? {
        Head::Text(_) | Head::Tag(WORD) => read_text(reader, scope, budget),
        _ => Err(CborError::Unexpected),
    }
}

fn read_text(
    reader: &mut Reader<'_>,
    scope: Scope<'_>,
    budget: &mut Budget,
) -> Result<String, CborError> {
    let text = match reader.head()? {
        Head::Text(length) => reader.text_of(length)?.to_owned(),
        Head::Tag(WORD) => {
            let word = scope.word_at(reader.head()?);
            word.ok_or(CborError::Unexpected)?.to_owned()
        }
        Head::Tag(BASE64URL) => b64::encode(reader.bytes()?),
        Head::Tag(BASE64) => b64::encode_standard(reader.bytes()?),
        Head::Tag(MULTIBASE) => format!("u{}", b64::encode(reader.bytes()?)),
        Head::Tag(JWS) => read_jws(reader, scope, budget)?,
        Head::Tag(SD_JWT) if scope.depth == 0 => read_sd_jwt(reader, scope, budget)?,
        _ => return Err(CborError::Unexpected),
    };
    budget.text(text.len())?;
    Ok(text)
}

fn read_sd_jwt(
    reader: &mut Reader<'_>,
    scope: Scope<'_>,
    budget: &mut Budget,
) -> Result<String, CborError> {
    reader.expect(Head::Array(3))?;
    let count = reader.array()?;
    if count > MAX_DISCLOSURES {
        return Err(CborError::TooMuch);
    }
    let mut disclosures = Vec::new();
    for _ in 0..count {
        disclosures.push(b64::encode(read_part(reader, scope, budget)?));
    }
    let digests: Vec<String> = disclosures.iter().map(|text| derive_digest(text)).collect();
    let inside = Scope {
        digests: &digests,
        ..scope
    };
    reader.expect(Head::Tag(JWS))?;
    let mut text = read_jws(reader, inside, budget)?;
    for disclosure in &disclosures {
        text.push('~');
        text.push_str(disclosure);
    }
    text.push('~');
    match reader.head()? {
        Head::Null => {}
        Head::Tag(JWS) => {
            let sd_hash = derive_digest(&text);
            let of_proof = Scope {
                sd_hash: Some(&sd_hash),
                ..scope
            };
            text.push_str(&read_jws(reader, of_proof, budget)?);
        }
        _ => return Err(CborError::Unexpected),
    }
    Ok(text)
}

fn read_jws(
    reader: &mut Reader<'_>,
    scope: Scope<'_>,
    budget: &mut Budget,
) -> Result<String, CborError> {
    if scope.nested >= MAX_NESTED_JWS {
        return Err(CborError::TooMuch);
    }
    let inside = Scope {
        nested: scope.nested + 1,
        ..scope.below()
    };
    reader.expect(Head::Array(3))?;
    let header = b64::encode(read_part(reader, inside, budget)?);
    let payload = b64::encode(read_part(reader, inside, budget)?);
    let signature = b64::encode(reader.bytes()?);
    Ok(format!("{header}.{payload}.{signature}"))
}

fn read_part(
    reader: &mut Reader<'_>,
    scope: Scope<'_>,
    budget: &mut Budget,
) -> Result<Vec<u8>, CborError> {
    let bytes = match reader.peek()? {
        Head::Bytes(_) => reader.bytes()?.to_vec(),
        _ => read(reader, scope.below(), budget)?.to_text().into_bytes(),
    };
    budget.text(bytes.len())?;
    Ok(bytes)
}
