mod issuing;
mod refusals;
mod unlinkable;
mod words;

use keys::{Algorithm, PublicKey, SigningKey, UnixTime};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::LdpVc;
use super::selective::{self, Suite};
use crate::catalogue::{self, TypeEntry};
use crate::format::{
    self, Draft, Facts, Fault, Format as _, IssuerSecret, KeyName, MadeFor, Refused, Request,
};
use crate::json_ld::Contexts;
use crate::status::StatusRef;
use crate::{KeySource, did};

const NOW: UnixTime = 1_790_000_000;

fn exemption() -> &'static TypeEntry {
    catalogue::by_name("NHSChargeExemption").unwrap()
}

fn example() -> Map<String, Value> {
    keys::json::parse_object(exemption().example.as_bytes()).unwrap()
}

fn path(names: &[&str]) -> ClaimPath {
    ClaimPath::from_names(names.iter().copied()).unwrap()
}

fn fault<T>(result: Result<T, Refused>) -> Fault {
    match result {
        Ok(_) => panic!("accepted"),
        Err(refused) => refused.fault,
    }
}

fn object(text: &str) -> Map<String, Value> {
    keys::json::parse_object(text.as_bytes()).unwrap()
}

fn changed(text: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut document = object(text);
    change(&mut document);
    Value::Object(document).to_string()
}

/// An issuer of one kind.
enum Issuer {
    Signing(SigningKey),
    Bbs(bbs::SecretKey),
}

impl Issuer {
    fn p256() -> Self {
        Self::Signing(SigningKey::make_p256())
    }

    fn ed25519() -> Self {
        Self::Signing(SigningKey::make_ed25519())
    }

    fn bbs() -> Self {
        Self::Bbs(bbs::SecretKey::make())
    }

    fn public(&self) -> PublicKey {
        match self {
            Self::Signing(key) => key.public(),
            Self::Bbs(key) => PublicKey::Bls12381G2(key.public()),
        }
    }

    fn url(&self) -> String {
        did::derive_did_key_url(&self.public()).unwrap()
    }

    fn secret(&self) -> IssuerSecret<'_> {
        match self {
            Self::Signing(key) => IssuerSecret::Signing(key),
            Self::Bbs(key) => IssuerSecret::Bbs(key),
        }
    }

    /// The NHS exemption of the catalogue. Of the claims everything but the type of the exemption
    /// can be hidden.
    fn issue(&self, holder: Option<&PublicKey>, status: &[StatusRef]) -> Result<String, Refused> {
        let claims = example();
        let conceal: Vec<ClaimPath> = claims
            .keys()
            .filter(|name| *name != "exemption_type")
            .map(|name| path(&[name]))
            .collect();
        self.issue_with(&claims, &conceal, holder, status)
    }

    fn issue_with(
        &self,
        claims: &Map<String, Value>,
        conceal: &[ClaimPath],
        holder: Option<&PublicKey>,
        status: &[StatusRef],
    ) -> Result<String, Refused> {
        let url = self.url();
        let draft = Draft {
            type_id: exemption().vct,
            claims,
            conceal,
            holder,
            issuer: Some(did::split_url(&url).0),
            key_name: KeyName::Id(&url),
            issued_at: NOW,
            valid_from: None,
            valid_until: Some(NOW + 1000),
            status,
        };
        LdpVc.issue(&draft, self.secret())
    }
}

fn request() -> Request<'static> {
    Request {
        client_id: "x509_san_dns:counter.example",
        nonce: "n-0S6_WzA2Mj",
        response_uri: None,
        encryption_key: None,
        now: NOW,
    }
}

fn list(index: u64) -> StatusRef {
    StatusRef::Bitstring {
        list: "https://issuer.example/status/1".to_owned(),
        index,
        purpose: "revocation".to_owned(),
        size: 1,
    }
}

#[test]
fn every_suite_goes_through_the_format() {
    for (issuer, suite, hides) in [
        (Issuer::ed25519(), "eddsa-rdfc-2022", false),
        (Issuer::p256(), "ecdsa-sd-2023", true),
        (Issuer::bbs(), "bbs-2023", true),
    ] {
        let holder = SigningKey::make_p256();
        let text = issuer.issue(Some(&holder.public()), &[list(7)]).unwrap();
        assert!(text.contains(suite), "{suite}");
        let (found, claimed) = format::recognise(&text).unwrap();
        assert_eq!(found.ids(), ["ldp_vc"]);
        assert!(matches!(claimed.key_source, KeySource::Did { url } if url == issuer.url()));
        assert_eq!(claimed.algorithm, issuer.public().algorithm());
        assert_eq!(claimed.type_id, exemption().vct);
        assert_eq!(claimed.made_for, None);

        let facts = LdpVc.verify(&text, &issuer.public(), NOW).unwrap();
        assert_eq!(facts.type_id, exemption().vct);
        let base = "https://www.w3.org/2018/credentials#VerifiableCredential";
        assert_eq!(facts.types.len(), 2);
        assert!(facts.types.iter().any(|iri| iri == base));
        assert_eq!(
            facts.issuer.as_deref(),
            Some(did::split_url(&issuer.url()).0)
        );
        assert!(facts.holder.as_ref() == Some(&holder.public()));
        assert_eq!(facts.status, [list(7)]);
        assert_eq!(facts.valid_from, Some(NOW));
        assert_eq!(facts.valid_until, Some(NOW + 1000));
        assert_eq!(facts.issued_at, (suite != "bbs-2023").then_some(NOW));
        assert!(!facts.unlinkable && !facts.holder_proven);
        assert!(!facts.claims.contains_key("proof"));
        let words = format::claims_in_words_of_type(&LdpVc, &facts.claims);
        assert_eq!(Value::Object(words), Value::Object(example()));
        let can_hide = |names: &[&str]| {
            let path = path(names);
            facts
                .paths
                .iter()
                .find(|(other, _)| *other == path)
                .unwrap()
                .1
        };
        for shown in [
            &["issuer"][..],
            &["type"],
            &["@context"],
            &["validUntil"],
            &["credentialStatus", "statusListIndex"],
            &["credentialSubject"],
            &["credentialSubject", "id"],
            &["credentialSubject", "exemption_type"],
        ] {
            assert!(!can_hide(shown), "{shown:?}");
        }
        assert_eq!(
            can_hide(&["credentialSubject", "certificate_number"]),
            hides
        );

        let number = path(&["credentialSubject", "certificate_number"]);
        let chosen = std::slice::from_ref(&number);
        let preview = LdpVc.preview(&text, chosen).unwrap();
        let shown = LdpVc
            .present(&text, chosen, &request(), Some(&holder))
            .unwrap();
        let claimed = LdpVc.peek_presented(&shown).unwrap();
        let made_for = MadeFor {
            client_id: request().client_id.to_owned(),
            nonce: request().nonce.to_owned(),
            at: NOW,
        };
        assert_eq!(claimed.made_for, Some(made_for));
        let seen = LdpVc
            .check(&shown, &issuer.public(), &request(), true)
            .unwrap();
        assert!(seen.holder_proven);
        let mut expected: Vec<&ClaimPath> = preview.iter().collect();
        let mut revealed: Vec<&ClaimPath> = seen.paths.iter().map(|(path, _)| path).collect();
        expected.sort();
        revealed.sort();
        assert_eq!(revealed, expected, "{suite}");
        assert!(revealed.contains(&&number));
        let born = path(&["credentialSubject", "date_of_birth"]);
        assert_eq!(revealed.contains(&&born), !hides);
    }
}

#[test]
fn a_p256_issuer_who_conceals_nothing_signs_the_whole() {
    signs_the_whole(&Issuer::p256());
}

/// There is no suite for P-384 that conceals.
#[test]
fn a_p384_issuer_signs_the_whole() {
    let issuer = Issuer::Signing(SigningKey::make_p384());
    signs_the_whole(&issuer);
    let text = issuer.issue(None, &[]).unwrap();
    assert!(text.contains("ecdsa-rdfc-2019"));
    let claimed = LdpVc.peek(&text).unwrap();
    assert_eq!(claimed.algorithm, keys::Algorithm::Es384);
    assert!(LdpVc.verify(&text, &Issuer::p256().public(), NOW).is_err());
    let other = SigningKey::make_p384().public();
    assert!(LdpVc.verify(&text, &other, NOW).is_err());
}

fn signs_the_whole(issuer: &Issuer) {
    let holder = SigningKey::make_ed25519();
    let text = issuer
        .issue_with(&example(), &[], Some(&holder.public()), &[])
        .unwrap();
    assert!(text.contains("ecdsa-rdfc-2019"));
    LdpVc.verify(&text, &issuer.public(), NOW).unwrap();
    let shown = LdpVc
        .present(&text, &[], &request(), Some(&holder))
        .unwrap();
    assert_eq!(shown["proof"]["cryptosuite"], "eddsa-rdfc-2022");
    let facts = LdpVc
        .check(&shown, &issuer.public(), &request(), true)
        .unwrap();
    assert!(facts.holder_proven);
}

#[test]
fn a_credential_without_a_holder_is_shown_by_itself() {
    for issuer in [Issuer::p256(), Issuer::bbs(), Issuer::ed25519()] {
        let text = issuer.issue(None, &[]).unwrap();
        let chosen = [path(&["credentialSubject", "date_of_birth"])];
        let shown = LdpVc.present(&text, &chosen, &request(), None).unwrap();
        assert_eq!(LdpVc.peek_presented(&shown).unwrap().made_for, None);
        let facts = LdpVc
            .check(&shown, &issuer.public(), &request(), false)
            .unwrap();
        assert!(!facts.holder_proven);
        assert_eq!(facts.unlinkable, matches!(issuer, Issuer::Bbs(_)));
        assert_eq!(
            facts.claims["credentialSubject"]["date_of_birth"],
            example()["date_of_birth"]
        );
        let fault = LdpVc.check(&shown, &issuer.public(), &request(), true);
        assert_eq!(fault.unwrap_err().fault, Fault::NotTheHolder);
    }
}

#[test]
fn nothing_chosen_shows_what_is_mandatory() {
    for issuer in [Issuer::p256(), Issuer::bbs()] {
        let text = issuer.issue(None, &[]).unwrap();
        let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
        let facts = LdpVc
            .check(&shown, &issuer.public(), &request(), false)
            .unwrap();
        let subject = facts.claims["credentialSubject"].as_object().unwrap();
        assert_eq!(subject.keys().collect::<Vec<_>>(), ["exemption_type"]);
        // Where everything can be hidden nothing is said of the subject.
        let all: Vec<ClaimPath> = example().keys().map(|name| path(&[name])).collect();
        let text = issuer.issue_with(&example(), &all, None, &[]).unwrap();
        let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
        let facts = LdpVc
            .check(&shown, &issuer.public(), &request(), false)
            .unwrap();
        assert!(!facts.claims.contains_key("credentialSubject"));
    }
}

/// Nested claims and items of arrays, for every type of the catalogue.
#[test]
fn every_type_of_the_catalogue_is_issued_and_shown_a_leaf_at_a_time() {
    for entry in catalogue::types() {
        let claims = keys::json::parse_object(entry.example.as_bytes()).unwrap();
        let is_flat = |value: &Value| match value {
            Value::Array(items) => !items.iter().any(Value::is_object),
            value => !value.is_object(),
        };
        let issuer = match claims.values().all(is_flat) {
            true => Issuer::bbs(),
            false => Issuer::p256(),
        };
        let conceal: Vec<ClaimPath> = claims.keys().map(|name| path(&[name])).collect();
        let url = issuer.url();
        let draft = Draft {
            type_id: entry.vct,
            claims: &claims,
            conceal: &conceal,
            holder: None,
            issuer: None,
            key_name: KeyName::Id(&url),
            issued_at: NOW,
            valid_from: None,
            valid_until: None,
            status: &[],
        };
        let text = LdpVc.issue(&draft, issuer.secret()).unwrap();
        let facts = LdpVc.verify(&text, &issuer.public(), NOW).unwrap();
        assert_eq!(facts.type_id, entry.vct);
        let words = format::claims_in_words_of_type(&LdpVc, &facts.claims);
        assert_eq!(
            Value::Object(words),
            Value::Object(claims),
            "{}",
            entry.name
        );
        let last = facts
            .paths
            .iter()
            .rev()
            .find(|(path, hides)| *hides && path.root() == Some("credentialSubject"));
        let (last, _) = last.unwrap();
        let chosen = std::slice::from_ref(last);
        let shown = LdpVc.present(&text, chosen, &request(), None).unwrap();
        let seen = LdpVc
            .check(&shown, &issuer.public(), &request(), false)
            .unwrap();
        assert!(seen.paths.len() < facts.paths.len(), "{}", entry.name);
        let before = last.values(&Value::Object(facts.claims)).unwrap().len();
        assert_eq!(before, 1);
    }
}

#[test]
fn credentials_of_the_older_data_model_are_kept_and_shown_as_they_are() {
    use super::plain::{self, Options, Purpose, Suite};
    for (suite, context, issuer) in [
        (
            Suite::Ed25519Signature2020,
            "https://w3id.org/security/suites/ed25519-2020/v1",
            SigningKey::make_ed25519(),
        ),
        (
            Suite::JsonWebSignature2020,
            "https://w3id.org/security/suites/jws-2020/v1",
            SigningKey::make_p256(),
        ),
    ] {
        let holder = SigningKey::make_ed25519();
        let url = did::derive_did_jwk_url(&issuer.public()).unwrap();
        let document = json!({
            "@context": ["https://www.w3.org/2018/credentials/v1", context],
            "type": ["VerifiableCredential"],
            "issuer": did::split_url(&url).0,
            "issuanceDate": "2020-01-01T00:00:00Z",
            "credentialSubject": {"id": did::derive_did_key(&holder.public()).unwrap()},
        });
        let options = Options {
            suite,
            verification_method: &url,
            purpose: Purpose::Assertion,
            created: Some(NOW - 10),
            challenge: None,
            domain: None,
        };
        let contexts = crate::json_ld::Contexts::pinned();
        let signed = plain::sign(document.as_object().unwrap(), &options, &issuer, contexts);
        let text = Value::Object(signed.unwrap()).to_string();
        let claimed = LdpVc.peek(&text).unwrap();
        assert_eq!(claimed.algorithm, issuer.algorithm());
        assert_eq!(claimed.issued_at, Some(NOW - 10));
        let facts = LdpVc.verify(&text, &issuer.public(), NOW).unwrap();
        assert!(facts.paths.iter().all(|(_, hides)| !hides));
        let shown = LdpVc
            .present(&text, &[], &request(), Some(&holder))
            .unwrap();
        assert_eq!(shown["verifiableCredential"][0].to_string(), text);
        let facts = LdpVc
            .check(&shown, &issuer.public(), &request(), true)
            .unwrap();
        assert!(facts.holder_proven);
    }
}
