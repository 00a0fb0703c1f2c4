//! What an issuer's endpoints are sent, one request a line: `t` and a form, `c`, `n` or `s` and the
//! JSON of a request for a card, a notification or a change of a status. `CODE` and `PROOF` stand
//! for ones that hold.
#![no_main]

use std::sync::OnceLock;

use credential::catalogue;
use keys::{SigningKey, jws};
use protocol::issuance::{PRE_AUTHORIZED, PROOF_TYPE};
use protocol::issuer::{
    Dpop, Identity, InMemory, IssuedType, Issuer, Nonces, OfferTerms, Signer, TxCodeTerms,
};
use protocol::link::{Link, OfferLink};
use protocol::vc_api::set_status;
use serde_json::{Map, Value, json};

const NOW: i64 = 1_800_000_000;
const NAME: &str = "DrivingLicence";

struct Service {
    issuer: Issuer<InMemory>,
    code: String,
    authorization: String,
    proof: String,
}

fn make_code(issuer: &Issuer<InMemory>) -> String {
    let entry = catalogue::by_name(NAME).expect("a type");
    let terms = OfferTerms {
        type_name: NAME.to_owned(),
        form: None,
        claims: keys::json::parse_object(entry.example.as_bytes()).expect("an example"),
        tx_code: TxCodeTerms::Absent,
        by_reference: false,
        copies: 20,
        offer_lifetime: 600,
        valid_for: None,
    };
    let made = issuer.make_offer(terms, NOW).expect("an offer");
    let Ok(Link::Offer(OfferLink::Value { offer, .. })) = Link::parse(&made.link) else {
        panic!("an offer by value");
    };
    text(&offer["grants"][PRE_AUTHORIZED], "pre-authorized_code")
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().expect("a text").to_owned()
}

fn service() -> &'static Service {
    static SERVICE: OnceLock<Service> = OnceLock::new();
    SERVICE.get_or_init(|| {
        let url = "https://issuer.example";
        let entry = catalogue::by_name(NAME).expect("a type");
        let issuer = Issuer::new(
            Identity {
                url: url.parse().expect("an address"),
                name: "Test".to_owned(),
            },
            SigningKey::ed25519_from_seed(&[1; 32]),
            Signer::Metadata,
            vec![IssuedType::from_catalogue(entry).expect("a type")],
            Nonces::with_key([1; 64]),
            InMemory::default(),
        )
        .dpop(Dpop::Off);
        let code = make_code(&issuer);
        let form = format!("grant_type={PRE_AUTHORIZED}&pre-authorized_code={code}");
        let body = |bytes: &[u8]| keys::json::parse(bytes).expect("JSON");
        let token = text(
            &body(&issuer.token(form.as_bytes(), &[], NOW).body),
            "access_token",
        );
        let nonce = text(&body(&issuer.nonce(NOW).body), "c_nonce");
        let key = SigningKey::ed25519_from_seed(&[2; 32]);
        let header = Map::from_iter([("jwk".to_owned(), key.public().to_jwk())]);
        let claims = json!({"aud": url, "iat": NOW, "nonce": nonce});
        Service {
            code: make_code(&issuer),
            issuer,
            authorization: format!("Bearer {token}"),
            proof: jws::sign_claims(PROOF_TYPE, header, &claims, &key),
        }
    })
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let service = service();
    for line in text.lines().take(4) {
        let line = line
            .replace("CODE", &service.code)
            .replace("PROOF", &service.proof);
        let Some((kind, rest)) = line.split_at_checked(1) else {
            return;
        };
        let (body, token) = (rest.trim_start().as_bytes(), Some(&*service.authorization));
        let reply = match kind {
            "t" => service.issuer.token(body, &[], NOW),
            "c" => service.issuer.credential(token, &[], body, NOW),
            "n" => service.issuer.notification(token, &[], body, NOW),
            "s" => set_status(body, &service.issuer),
            _ => return,
        };
        assert!((200..500).contains(&reply.status), "an issuer's own fault");
    }
});
