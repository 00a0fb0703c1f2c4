mod cbor;
mod device;
mod format;
mod properties;
mod refusals;
mod round_trip;
mod shapes;
mod vectors;

use ciborium::value::Value as Cbor;
use keys::x509::Certificate;
use keys::{SigningKey, UnixTime, b64};
use rcgen::{CertificateParams, KeyPair};
use time::OffsetDateTime;

use super::cbor::encode;
use super::cose::sign1;
use super::{DigestAlgorithm, SessionTranscript, Template, Validity};

pub(super) const NOW: UnixTime = 1_790_000_000;
pub(super) const YEAR: UnixTime = 31_536_000;
pub(super) const ISO: &str = "org.iso.18013.5.1";
pub(super) const MDL: &str = "org.iso.18013.5.1.mDL";

/// An issuer with its certificate, and a device.
pub(super) struct World {
    pub(super) issuer: SigningKey,
    pub(super) chain: Vec<Certificate>,
    pub(super) device: SigningKey,
}

pub(super) fn certificate(key: &SigningKey) -> Certificate {
    let pair = KeyPair::from_pem(&key.to_pem().unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CountryName, "GB");
    params.not_before = OffsetDateTime::from_unix_timestamp(NOW - YEAR).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(NOW + YEAR).unwrap();
    Certificate::from_der(params.self_signed(&pair).unwrap().der()).unwrap()
}

impl World {
    pub(super) fn make() -> Self {
        Self::with(SigningKey::make_p256(), SigningKey::make_p256())
    }

    pub(super) fn with(issuer: SigningKey, device: SigningKey) -> Self {
        Self {
            chain: vec![certificate(&issuer)],
            issuer,
            device,
        }
    }

    pub(super) fn issue(&self, change: impl FnOnce(&mut Template<'_>)) -> String {
        let namespaces = namespaces();
        let device_key = self.device.public();
        let mut template = Template {
            doc_type: MDL,
            namespaces: &namespaces,
            device_key: &device_key,
            digest_algorithm: DigestAlgorithm::Sha256,
            validity: Validity {
                signed: NOW - 1000,
                from: NOW - 1000,
                until: NOW + 1000,
                expected_update: None,
            },
            status: None,
        };
        change(&mut template);
        b64::encode(template.issue(&self.chain, &self.issuer).unwrap())
    }

    pub(super) fn card(&self) -> String {
        self.issue(|_| {})
    }

    /// The same mdoc with another security object, signed again.
    pub(super) fn resign(&self, text: &str, edit: impl FnOnce(&mut Cbor)) -> String {
        change(text, |content| {
            let auth = entry(content, "issuerAuth");
            let payload = match &auth.as_array().unwrap()[2] {
                Cbor::Bytes(payload) => decode(payload),
                _ => panic!("no payload"),
            };
            let mut mso = embedded(&payload);
            edit(&mut mso);
            let payload = encode(&embed(&mso));
            let signed = sign1(&self.issuer, payload, false, &self.chain).unwrap();
            *auth = decode(&signed);
        })
    }
}

pub(super) fn namespaces() -> Vec<(String, Vec<(String, Cbor)>)> {
    let text = |text: &str| Cbor::Text(text.to_owned());
    let date = |date: &str| Cbor::Tag(1004, Box::new(text(date)));
    let privilege = Cbor::Map(vec![
        (text("vehicle_category_code"), text("B")),
        (text("issue_date"), date("2010-05-01")),
    ]);
    let iso = vec![
        ("family_name".to_owned(), text("Person")),
        ("birth_date".to_owned(), date("1990-01-01")),
        ("age_over_18".to_owned(), Cbor::Bool(true)),
        (
            "portrait".to_owned(),
            Cbor::Bytes(vec![0xff, 0xd8, 0xff, 0xe0]),
        ),
        (
            "driving_privileges".to_owned(),
            Cbor::Array(vec![privilege]),
        ),
    ];
    let gb = vec![("title".to_owned(), text("Mx"))];
    vec![(ISO.to_owned(), iso), (format!("{ISO}.GB"), gb)]
}

pub(super) fn decode(bytes: &[u8]) -> Cbor {
    ciborium::from_reader(bytes).unwrap()
}

pub(super) fn embed(value: &Cbor) -> Cbor {
    Cbor::Tag(24, Box::new(Cbor::Bytes(encode(value))))
}

pub(super) fn embedded(value: &Cbor) -> Cbor {
    match value {
        Cbor::Tag(24, content) => decode(content.as_bytes().unwrap()),
        _ => panic!("nothing embedded"),
    }
}

/// The text of changed CBOR.
pub(super) fn change(text: &str, edit: impl FnOnce(&mut Cbor)) -> String {
    let mut value = decode(&b64::decode(text).unwrap());
    edit(&mut value);
    b64::encode(encode(&value))
}

pub(super) fn entry<'v>(value: &'v mut Cbor, name: &str) -> &'v mut Cbor {
    let entries = value.as_map_mut().unwrap();
    let found = entries
        .iter_mut()
        .find(|(key, _)| key.as_text() == Some(name));
    &mut found.unwrap().1
}

pub(super) fn remove(value: &mut Cbor, name: &str) {
    let entries = value.as_map_mut().unwrap();
    let before = entries.len();
    entries.retain(|(key, _)| key.as_text() != Some(name));
    assert_eq!(entries.len(), before - 1);
}

/// The place of an element in `nameSpaces`.
pub(super) fn item<'v>(content: &'v mut Cbor, namespace: &str, name: &str) -> &'v mut Cbor {
    let items = entry(entry(content, "nameSpaces"), namespace);
    let items = items.as_array_mut().unwrap();
    let is = |item: &Cbor| {
        let mut content = embedded(item);
        entry(&mut content, "elementIdentifier").as_text() == Some(name)
    };
    items.iter_mut().find(|item| is(item)).unwrap()
}

pub(super) fn edit_item(
    content: &mut Cbor,
    namespace: &str,
    name: &str,
    edit: impl FnOnce(&mut Cbor),
) {
    let place = item(content, namespace, name);
    let mut inner = embedded(place);
    edit(&mut inner);
    *place = embed(&inner);
}

pub(super) fn transcript() -> SessionTranscript {
    SessionTranscript::derive_openid4vp(
        "x509_san_dns:verifier.example",
        "nonce-1",
        None,
        "https://verifier.example/answer",
    )
}
