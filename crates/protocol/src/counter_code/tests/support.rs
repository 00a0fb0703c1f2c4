use credential::format::{self, Claimed, Draft, Format, IssuerSecret, KeyName};
use credential::{catalogue, did};
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey, UnixTime};
use query::{ClaimPath, Query};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::counter_code::{Answer, Binding, Bound};

pub(super) const NOW: UnixTime = 1_790_000_025;
const DAY: UnixTime = 24 * 3600;
pub(super) const SERVICE: &str = "x509_san_dns:desk.example";
pub(super) const PURPOSE: &str = "p";
/// Twelve claims.
const CARD: &str = "HealthInsuranceCard";
const LICENCE: &str = "DrivingLicence";

/// A card of one format with its holder, and a query for three of its claims.
pub(super) struct Card {
    pub(super) format: &'static dyn Format,
    pub(super) text: String,
    pub(super) holder: Option<SigningKey>,
    pub(super) issuer: PublicKey,
    pub(super) query: Value,
    pub(super) paths: Vec<ClaimPath>,
}

/// Of what kind a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    SdJwt,
    Mdoc,
    Bbs,
    EcdsaSd,
    Jose,
}

pub(super) const KINDS: [Kind; 5] = [
    Kind::SdJwt,
    Kind::Mdoc,
    Kind::Bbs,
    Kind::EcdsaSd,
    Kind::Jose,
];

fn certificate(key: &SigningKey) -> Certificate {
    let pair = KeyPair::from_pem(&key.to_pem().unwrap()).unwrap();
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(rcgen::DnType::CountryName, "GB");
    params.not_before = OffsetDateTime::from_unix_timestamp(NOW - 400 * DAY).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(NOW + 400 * DAY).unwrap();
    Certificate::from_der(params.self_signed(&pair).unwrap().der()).unwrap()
}

impl Card {
    pub(super) fn make(kind: Kind) -> Self {
        Self::until(kind, NOW + 100 * DAY)
    }

    pub(super) fn until(kind: Kind, valid_until: UnixTime) -> Self {
        let name = if kind == Kind::Mdoc { LICENCE } else { CARD };
        let entry = catalogue::by_name(name).unwrap();
        let mut claims: Map<String, Value> = serde_json::from_str(entry.example).unwrap();
        // A picture would be most of the card, and nobody asks for it here.
        claims.remove("portrait");
        if kind == Kind::Bbs {
            // An unlinkable card has no claims within claims.
            claims.retain(|_, value| !value.is_object());
        }
        let signing = SigningKey::make_p256();
        let bbs = keys::bls::SecretKey::make();
        let (issuer, secret) = match kind {
            Kind::Bbs => (PublicKey::Bls12381G2(bbs.public()), IssuerSecret::Bbs(&bbs)),
            _ => (signing.public(), IssuerSecret::Signing(&signing)),
        };
        let holder = (kind != Kind::Bbs).then(SigningKey::make_p256);
        let url = did::derive_did_key_url(&issuer).unwrap();
        let chain = [certificate(&signing)];
        let paths = |names: Vec<&str>| -> Vec<ClaimPath> {
            let path = |name| match kind {
                Kind::Bbs | Kind::EcdsaSd | Kind::Jose => {
                    ClaimPath::from_names(["credentialSubject", name])
                }
                Kind::Mdoc => ClaimPath::from_names(["org.iso.18013.5.1", name]),
                Kind::SdJwt => ClaimPath::from_names([name]),
            };
            names.into_iter().map(|name| path(name).unwrap()).collect()
        };
        let names: Vec<&str> = claims.keys().map(String::as_str).collect();
        let words: Vec<ClaimPath> = names
            .iter()
            .map(|name| ClaimPath::from_names([*name]).unwrap())
            .collect();
        let public = holder.as_ref().map(SigningKey::public);
        let draft = Draft {
            type_id: entry.vct,
            claims: &claims,
            conceal: if kind == Kind::Jose { &[] } else { &words },
            holder: public.as_ref(),
            issuer: (kind == Kind::SdJwt).then_some("https://issuer.example"),
            key_name: match kind {
                Kind::SdJwt => KeyName::Id("key-1"),
                Kind::Mdoc => KeyName::Chain(&chain),
                _ => KeyName::Id(&url),
            },
            issued_at: NOW - DAY,
            valid_from: None,
            valid_until: Some(valid_until),
            status: &[],
        };
        let id = match kind {
            Kind::SdJwt => "dc+sd-jwt",
            Kind::Mdoc => "mso_mdoc",
            Kind::Jose => "jwt_vc_json",
            Kind::Bbs | Kind::EcdsaSd => "ldp_vc",
        };
        let format = format::by_id(id).unwrap();
        let text = format.issue(&draft, secret).unwrap();
        let facts = format.verify(&text, &issuer, NOW).unwrap();
        let meta = match kind {
            Kind::SdJwt => json!({"vct_values": [entry.vct]}),
            Kind::Mdoc => json!({"doctype_value": entry.doctype}),
            _ => json!({"type_values": [[facts.type_id]]}),
        };
        let wanted: Vec<&str> = match kind {
            Kind::Mdoc => vec!["family_name", "document_number", "age_over_18"],
            _ => names.into_iter().take(3).collect(),
        };
        let paths = paths(wanted);
        let query = json!({
            "id": "card",
            "format": id,
            "meta": meta,
            "claims": paths.iter().map(|path| json!({"path": path.to_json()})).collect::<Vec<_>>(),
            "require_cryptographic_holder_binding": holder.is_some(),
        });
        Self {
            format,
            text,
            holder,
            issuer,
            query,
            paths,
        }
    }

    pub(super) fn query(&self) -> Query {
        Query::from_json(&json!({"credentials": [self.query]})).unwrap()
    }

    pub(super) fn present(&self, bound: &Bound) -> Value {
        let request = bound.request();
        let holder = self.holder.as_ref();
        self.format
            .present(&self.text, &self.paths, &request, holder)
            .unwrap()
    }

    pub(super) fn answer(&self, binding: Binding) -> Answer {
        let bound = Bound::new(SERVICE, PURPOSE, binding);
        let shown = self.present(&bound);
        answer_of(bound, shown)
    }

    pub(super) fn keys(&self) -> impl Fn(&Claimed) -> Vec<PublicKey> {
        // The one that signed is not the first that is tried.
        let keys = vec![SigningKey::make_p256().public(), self.issuer.clone()];
        move |_: &Claimed| keys.clone()
    }
}

pub(super) fn answer_of(bound: Bound, shown: Value) -> Answer {
    let presentations = Map::from_iter([("card".to_owned(), json!([shown]))]);
    Answer::new(bound, presentations)
}

pub(super) fn live() -> Binding {
    Binding::Live {
        challenge: [7; 16],
        made_at: NOW,
    }
}
