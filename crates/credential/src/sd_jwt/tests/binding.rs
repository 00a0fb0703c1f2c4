//! One named refusal for each check of the key binding (RFC 9901 §7.3).

use keys::jws;
use keys::{SigningKey, b64};
use serde_json::{Map, Value, json};

use super::{NOW, issue_card, object, path};
use crate::did;
use crate::sd_jwt::{
    Expected, HashAlgorithm, IssuerHeader, KEY_BINDING_MAX_AGE, KeyBindingError, LEEWAY,
    PresentError, Processed, Template, Unverified, VerifyError,
};

struct Scene {
    issuer: SigningKey,
    holder: SigningKey,
    /// A presentation up to its last tilde.
    shown: String,
}

impl Scene {
    fn new() -> Self {
        let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
        let card = Processed::from_store(&issue_card(&issuer, &holder)).unwrap();
        let selection = card.select(&[path(json!(["given_name"]))]).unwrap();
        let shown = selection.into_unbound();
        Self {
            issuer,
            holder,
            shown,
        }
    }

    fn claims(&self) -> Map<String, Value> {
        object(json!({
            "iat": NOW,
            "aud": "x509_san_dns:counter.example",
            "nonce": "n-1",
            "sd_hash": HashAlgorithm::Sha256.derive_digest(&self.shown),
        }))
    }

    /// Verifies with a key binding over these claims.
    fn with(
        &self,
        typ: &str,
        claims: Map<String, Value>,
        key: &SigningKey,
    ) -> Result<bool, VerifyError> {
        let binding = jws::sign_claims(typ, Map::new(), &claims.into(), key);
        self.verify(&format!("{}{binding}", self.shown), true)
    }

    fn verify(&self, text: &str, require_key_binding: bool) -> Result<bool, VerifyError> {
        let expected = Expected {
            audience: "x509_san_dns:counter.example",
            nonce: "n-1",
            require_key_binding,
        };
        Unverified::parse(text)
            .unwrap()
            .verify_presentation(&self.issuer.public(), &expected, NOW)
            .map(|verified| verified.is_key_bound())
    }

    fn changed(&self, claim: &str, value: Option<Value>) -> KeyBindingError {
        let mut claims = self.claims();
        match value {
            Some(value) => claims.insert(claim.to_owned(), value),
            None => claims.remove(claim),
        };
        match self.with("kb+jwt", claims, &self.holder) {
            Err(VerifyError::KeyBinding(error)) => error,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_right_one_is_accepted() {
    let scene = Scene::new();
    assert!(scene.with("kb+jwt", scene.claims(), &scene.holder).unwrap());
}

#[test]
fn another_audience() {
    for aud in [
        json!("https://other.example"),
        json!("X509_san_dns:counter.example"),
    ] {
        let error = Scene::new().changed("aud", Some(aud));
        assert!(matches!(error, KeyBindingError::Audience));
    }
    // RFC 9901 §4.3 asks for a single string.
    let list = Scene::new().changed("aud", Some(json!(["x509_san_dns:counter.example"])));
    assert!(matches!(list, KeyBindingError::Claim { claim: "aud" }));
}

#[test]
fn another_nonce() {
    let error = Scene::new().changed("nonce", Some(json!("n-2")));
    assert!(matches!(error, KeyBindingError::Nonce));
}

#[test]
fn another_sd_hash() {
    let error = Scene::new().changed("sd_hash", Some(json!("x")));
    assert!(matches!(error, KeyBindingError::SdHash));
}

#[test]
fn missing_claims() {
    for name in ["aud", "nonce", "sd_hash", "iat"] {
        let error = Scene::new().changed(name, None);
        assert!(matches!(error, KeyBindingError::Claim { claim } if claim == name));
    }
}

#[test]
fn a_payload_that_is_no_object() {
    let scene = Scene::new();
    let binding = jws::sign_claims("kb+jwt", Map::new(), &json!([]), &scene.holder);
    let found = scene.verify(&format!("{}{binding}", scene.shown), true);
    assert!(matches!(
        found,
        Err(VerifyError::KeyBinding(KeyBindingError::Claim {
            claim: "payload"
        }))
    ));
}

#[test]
fn too_old_and_from_the_future() {
    let scene = Scene::new();
    for (iat, fits) in [(NOW - KEY_BINDING_MAX_AGE, true), (NOW + LEEWAY, true)] {
        let mut claims = scene.claims();
        claims.insert("iat".into(), iat.into());
        assert_eq!(scene.with("kb+jwt", claims, &scene.holder).is_ok(), fits);
    }
    let old = scene.changed("iat", Some(json!(NOW - KEY_BINDING_MAX_AGE - 1)));
    assert!(matches!(old, KeyBindingError::TooOld));
    let early = scene.changed("iat", Some(json!(NOW + LEEWAY + 1)));
    assert!(matches!(early, KeyBindingError::InFuture));
}

#[test]
fn a_disclosure_added_or_taken_away_afterwards() {
    let scene = Scene::new();
    let card = Processed::from_store(&issue_card(&scene.issuer, &scene.holder)).unwrap();
    let bound = card
        .select(&[path(json!(["given_name"]))])
        .unwrap()
        .bind(&scene.holder, "x509_san_dns:counter.example", "n-1", NOW)
        .unwrap();
    assert!(scene.verify(&bound, true).unwrap());
    let more = card
        .select(&[path(json!(["given_name"])), path(json!(["family_name"]))])
        .unwrap()
        .into_unbound();
    let less = card.select(&[]).unwrap().into_unbound();
    let binding = bound.rsplit_once('~').unwrap().1;
    for other in [more, less] {
        let found = scene.verify(&format!("{other}{binding}"), true);
        assert!(matches!(
            found,
            Err(VerifyError::KeyBinding(KeyBindingError::SdHash))
        ));
    }
}

#[test]
fn another_key() {
    let scene = Scene::new();
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        let found = scene.with("kb+jwt", scene.claims(), &key);
        assert!(matches!(
            found,
            Err(VerifyError::KeyBinding(KeyBindingError::Signature(_)))
        ));
    }
}

#[test]
fn wrong_typ() {
    let scene = Scene::new();
    for typ in ["JWT", "dc+sd-jwt", ""] {
        let found = scene.with(typ, scene.claims(), &scene.holder);
        assert!(matches!(
            found,
            Err(VerifyError::KeyBinding(KeyBindingError::Type))
        ));
    }
}

#[test]
fn missing_although_required() {
    let scene = Scene::new();
    assert!(matches!(
        scene.verify(&scene.shown, true),
        Err(VerifyError::KeyBinding(KeyBindingError::Missing))
    ));
    assert!(!scene.verify(&scene.shown, false).unwrap());
}

#[test]
fn a_wrong_one_where_none_is_required() {
    let scene = Scene::new();
    let binding = jws::sign_claims(
        "kb+jwt",
        Map::new(),
        &scene.claims().into(),
        &SigningKey::make_p256(),
    );
    assert!(matches!(
        scene.verify(&format!("{}{binding}", scene.shown), false),
        Err(VerifyError::KeyBinding(KeyBindingError::Signature(_)))
    ));
}

#[test]
fn alg_none() {
    let scene = Scene::new();
    let header = b64::encode(r#"{"alg":"none","typ":"kb+jwt"}"#);
    let payload = b64::encode(Value::Object(scene.claims()).to_string());
    assert!(Unverified::parse(&format!("{}{header}.{payload}.", scene.shown)).is_err());
}

fn unbound_card(issuer: &SigningKey, cnf: Option<Value>) -> String {
    let mut claims = object(json!({"vct": "t"}));
    claims.extend(cnf.map(|cnf| ("cnf".to_owned(), cnf)));
    Template {
        claims: &claims,
        conceal: &[],
        holder: None,
        hash: HashAlgorithm::Sha512,
        decoys: 0,
    }
    .issue(IssuerHeader::Kid("k"), issuer)
    .unwrap()
}

#[test]
fn there_without_cnf() {
    let mut scene = Scene::new();
    scene.shown = unbound_card(&scene.issuer, None);
    let found = scene.with("kb+jwt", scene.claims(), &scene.holder);
    assert!(matches!(
        found,
        Err(VerifyError::KeyBinding(KeyBindingError::NoHolderKey))
    ));
    let selection = Processed::from_store(&scene.shown)
        .unwrap()
        .select(&[])
        .unwrap();
    assert_eq!(
        selection.bind(&scene.holder, "a", "n", NOW).err(),
        Some(PresentError::NoHolderKey)
    );
}

#[test]
fn a_holder_key_that_is_named_by_a_did() {
    let mut scene = Scene::new();
    for url in [
        did::derive_did_key_url(&scene.holder.public()).unwrap(),
        did::derive_did_jwk_url(&scene.holder.public()).unwrap(),
        did::derive_did_jwk(&scene.holder.public()).unwrap(),
    ] {
        scene.shown = unbound_card(&scene.issuer, Some(json!({"kid": url})));
        assert!(
            scene.with("kb+jwt", scene.claims(), &scene.holder).unwrap(),
            "{url}"
        );
        let other = scene.with("kb+jwt", scene.claims(), &SigningKey::make_p256());
        assert!(other.is_err());
    }
}
