//! `tests/vectors/mdoc`: see SOURCE.md there.

use keys::{PublicKey, SigningKey, UnixTime, b64};
use serde_json::Value;

use super::super::cbor::parse;
use super::super::{
    CheckError, DeviceError, DigestAlgorithm, Document, ParseError, SessionTranscript, VerifyError,
};

const RESPONSE: &str =
    include_str!("../../../../../tests/vectors/mdoc/annex-d-device-response.hex");
const TRANSCRIPT: &str =
    include_str!("../../../../../tests/vectors/mdoc/annex-d-session-transcript.hex");
const READER_KEY: &str = include_str!("../../../../../tests/vectors/mdoc/annex-d-reader-key.hex");
const OPENID4VP: &str = include_str!("../../../../../tests/vectors/mdoc/openid4vp-b-2-6-1.json");

/// 2021-01-01, within the example's validity.
const THEN: UnixTime = 1_609_459_200;

fn bytes(hex: &str) -> Vec<u8> {
    let hex: Vec<char> = hex.split_whitespace().flat_map(str::chars).collect();
    hex.chunks(2)
        .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap())
        .collect()
}

fn session() -> SessionTranscript {
    let tagged = bytes(TRANSCRIPT);
    let item = parse(&tagged).unwrap();
    SessionTranscript::from_bytes(item.embedded().unwrap()).unwrap()
}

fn reader() -> SigningKey {
    SigningKey::p256_from_scalar(&bytes(READER_KEY).try_into().unwrap()).unwrap()
}

fn response() -> Document {
    Document::from_bytes(&bytes(RESPONSE)).unwrap()
}

fn issuer() -> PublicKey {
    response().issuer_signed().chain()[0].public_key().clone()
}

/// ISO/IEC 18013-5 Annex D: issuer's signature, digests, dates and the device's MAC.
#[test]
fn iso_18013_5_annex_d() {
    let document = response();
    let leaf = &document.issuer_signed().chain()[0];
    assert_eq!(leaf.subject(), "C=US,CN=utopia ds");
    assert_eq!(leaf.subject_country().as_deref(), Some("US"));
    let verified = document
        .verify(&issuer(), &session(), Some(&reader()), THEN)
        .unwrap();
    let mso = verified.security_object();
    assert_eq!(mso.doc_type(), "org.iso.18013.5.1.mDL");
    assert_eq!(mso.digest_algorithm(), DigestAlgorithm::Sha256);
    assert_eq!(mso.digest_count("org.iso.18013.5.1"), 13);
    assert_eq!(mso.digest_count("org.iso.18013.5.1.US"), 4);
    // 2020-10-01T13:30:02Z and a year later.
    assert_eq!(mso.validity().signed, 1_601_559_002);
    assert_eq!(mso.validity().from, 1_601_559_002);
    assert_eq!(mso.validity().until, 1_633_095_002);
    let claims = Value::Object(verified.claims());
    let iso = &claims["org.iso.18013.5.1"];
    assert_eq!(iso["family_name"], "Doe");
    assert_eq!(iso["issue_date"], "2019-10-20");
    assert_eq!(iso["expiry_date"], "2024-10-20");
    assert_eq!(iso["document_number"], "123456789");
    assert_eq!(iso["driving_privileges"][1]["vehicle_category_code"], "B");
    assert_eq!(iso["driving_privileges"][0]["issue_date"], "2018-08-09");
    let portrait = iso["portrait"].as_str().unwrap();
    assert!(portrait.starts_with("data:image/jpeg;base64,/9j/"));
    assert_eq!(iso.as_object().unwrap().len(), 6);
}

#[test]
fn annex_d_without_the_reader_or_in_another_session() {
    let check = |session: &SessionTranscript, reader: Option<&SigningKey>| {
        let result = response().verify(&issuer(), session, reader, THEN);
        result.err()
    };
    let device = |error| Some(CheckError::Device(error));
    assert_eq!(check(&session(), None), device(DeviceError::NoReaderKey));
    let other = SigningKey::make_p256();
    assert_eq!(check(&session(), Some(&other)), device(DeviceError::Mac));
    let other = SessionTranscript::derive_openid4vp("c", "n", None, "u");
    assert_eq!(check(&other, Some(&reader())), device(DeviceError::Mac));
    let ed25519 = SigningKey::make_ed25519();
    assert_eq!(
        check(&session(), Some(&ed25519)),
        device(DeviceError::Algorithm)
    );
}

#[test]
fn annex_d_has_expired() {
    let result = response().verify(&issuer(), &session(), Some(&reader()), THEN + 31_536_000);
    assert_eq!(result.err(), Some(CheckError::Issuer(VerifyError::Expired)));
}

/// Whatever byte of the example is changed, nothing is accepted that the issuer did not sign. A
/// member that lost its name is as good as left out, which every holder may do. The certificate
/// is not touched: its own signature is checked with the path to a root.
#[test]
fn annex_d_with_any_byte_changed() {
    let (original, session, reader, issuer) = (bytes(RESPONSE), session(), reader(), issuer());
    let certificate = response().issuer_signed().chain()[0].der().to_vec();
    let mut windows = original.windows(certificate.len());
    let start = windows.position(|window| window == certificate).unwrap();
    let certificate = start..start + certificate.len();
    let mut read = 0;
    for place in (0..original.len()).step_by(3) {
        let mut changed = original.clone();
        changed[place] ^= 1;
        if certificate.contains(&place) {
            continue;
        }
        if let Ok(document) = Document::from_bytes(&changed) {
            read += 1;
            let result = document.verify(&issuer, &session, Some(&reader), THEN);
            let claims = result.map(|seen| seen.claims()).unwrap_or_default();
            assert!(claims.is_empty(), "accepted with byte {place} changed");
        }
    }
    // Most changes are found by a digest or a signature, not by the parser.
    assert!(read > 500, "{read}");
}

/// OpenID4VP 1.0 Appendix B.2.6.1.
#[test]
fn openid4vp_session_transcript() {
    let vector: Value = serde_json::from_str(OPENID4VP).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let thumbprint = PublicKey::from_jwk(&vector["jwk"])
        .unwrap()
        .thumbprint_bytes();
    let transcript = SessionTranscript::derive_openid4vp(
        text("client_id"),
        text("nonce"),
        Some(&thumbprint),
        text("response_uri"),
    );
    assert_eq!(transcript.as_bytes(), bytes(text("session_transcript")));
    // An answer that is not encrypted has another one.
    let plain = SessionTranscript::derive_openid4vp(
        text("client_id"),
        text("nonce"),
        None,
        text("response_uri"),
    );
    assert!(plain != transcript);
}

/// The answer goes through text without a change.
#[test]
fn base64url_with_and_without_padding() {
    let mut text = b64::encode(bytes(RESPONSE));
    assert!(Document::parse(&text).is_ok());
    text.push('=');
    assert!(Document::parse(&text).is_ok());
    text.push('!');
    assert_eq!(Document::parse(&text).err(), Some(ParseError::Base64));
}
