//! `ssi` as an independent peer: what it signs is verified here, and the other way round.

use futures_util::FutureExt as _;
use ssi::claims::VerificationParameters;
use ssi::claims::data_integrity::{
    AnyDataIntegrity, AnySuite, CryptographicSuite as _, ProofOptions, from_json_str,
};
use ssi::claims::vc::{v1, v2};
use ssi::dids::{AnyDidMethod, DIDResolver as _};
use ssi::verification_methods::SingleSecretSigner;

use super::refusals::{OLDER, older};
use super::*;

fn accepts(signed: &Map<String, Value>) -> bool {
    let text = Value::Object(signed.clone()).to_string();
    let resolver = AnyDidMethod::default().into_vm_resolver();
    let parameters = VerificationParameters::from_resolver(resolver);
    if signed.contains_key("issuanceDate") {
        let found: AnyDataIntegrity<v1::SpecializedJsonCredential> = from_json_str(&text).unwrap();
        let verdict = found.verify(&parameters).now_or_never();
        verdict.unwrap().unwrap().is_ok()
    } else {
        let found: AnyDataIntegrity<v2::SpecializedJsonCredential> = from_json_str(&text).unwrap();
        let verdict = found.verify(&parameters).now_or_never();
        verdict.unwrap().unwrap().is_ok()
    }
}

/// A credential signed by `ssi` with the suite that it picks for such a key.
fn sign_by_ssi(
    suite: AnySuite,
    key: &SigningKey,
    document: Map<String, Value>,
) -> Map<String, Value> {
    let mut jwk = key.public().to_jwk();
    jwk["d"] = keys::b64::encode(key.to_secret_bytes().as_slice()).into();
    let jwk: ssi::JWK = serde_json::from_value(jwk).unwrap();
    let url = url(suite == AnySuite::JsonWebSignature2020, key);
    let resolver = AnyDidMethod::default().into_vm_resolver();
    let signer = SingleSecretSigner::new(jwk).into_local();
    let method = ssi::verification_methods::ReferenceOrOwned::Reference(url.parse().unwrap());
    let options = ProofOptions::from_method(method);
    let document = Value::Object(document);
    let signed = if document.get("issuanceDate").is_some() {
        let credential: v1::SpecializedJsonCredential = serde_json::from_value(document).unwrap();
        let signed = suite.sign(credential, resolver, &signer, options);
        serde_json::to_value(signed.now_or_never().unwrap().unwrap())
    } else {
        let credential: v2::SpecializedJsonCredential = serde_json::from_value(document).unwrap();
        let signed = suite.sign(credential, resolver, &signer, options);
        serde_json::to_value(signed.now_or_never().unwrap().unwrap())
    };
    object(signed.unwrap())
}

/// `ssi` signs at the time that it is.
fn later(signed: &Map<String, Value>) -> Result<Proof, ProofError> {
    let expected = Expected {
        now: 32_503_680_000,
        ..expected()
    };
    verify(signed, 0, &key_of, &expected, contexts())
}

/// `ssi` takes for a detached JWS keys that are written as JWK only.
fn url(is_jws: bool, key: &SigningKey) -> String {
    match is_jws {
        true => did::derive_did_jwk_url(&key.public()).unwrap(),
        false => did::derive_did_key_url(&key.public()).unwrap(),
    }
}

fn issued_by(key: &SigningKey) -> Map<String, Value> {
    let mut document = credential();
    document["issuer"] = did::derive_did_key(&key.public()).unwrap().into();
    document
}

#[test]
fn ssi_accepts_what_is_signed_here() {
    for suite in [Suite::EddsaRdfc2022, Suite::EcdsaRdfc2019] {
        let key = key_for(suite);
        let mut signed = signed_by(suite, &key, &issued_by(&key));
        assert!(accepts(&signed), "{suite:?}");
        signed["credentialSubject"]["alumniOf"] = json!("Another school");
        assert!(!accepts(&signed), "{suite:?}");
    }
    // Detached JWS are exchanged in the other direction only: `ssi` writes the header anew before
    // it checks the signature over it.
    let (suite, context) = OLDER[0];
    let key = key_for(suite);
    let issuer = did::derive_did_key(&key.public()).unwrap();
    let signed = signed_by(suite, &key, &older(context, &issuer));
    assert!(accepts(&signed));
}

#[test]
fn what_ssi_signs_is_accepted_here() {
    for (suite, peers) in [
        (Suite::EddsaRdfc2022, AnySuite::EdDsaRdfc2022),
        (Suite::EcdsaRdfc2019, AnySuite::EcdsaRdfc2019),
    ] {
        let key = key_for(suite);
        let mut signed = sign_by_ssi(peers, &key, issued_by(&key));
        assert_eq!(later(&signed).unwrap().suite, suite);
        signed["credentialSubject"]["alumniOf"] = json!("Another school");
        assert_eq!(later(&signed).err(), Some(ProofError::Signature));
    }
    for ((suite, context), peers) in OLDER.into_iter().zip([
        AnySuite::Ed25519Signature2020,
        AnySuite::JsonWebSignature2020,
    ]) {
        let key = key_for(suite);
        let url = url(suite == Suite::JsonWebSignature2020, &key);
        let document = older(context, did::split_url(&url).0);
        let signed = sign_by_ssi(peers, &key, document);
        assert_eq!(later(&signed).unwrap().suite, suite);
    }
}
