//! Credentials of VCDM 1.1 and DIDs with `didkit` 0.6, which is archived.

use anyhow::{Context as _, Result, ensure};
use credential::data_integrity::plain::{
    Expected, Options, ProofError, Purpose, Suite, sign, verify,
};
use credential::did::{self, Relationship};
use journeys::peer::Peer;
use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value, json};

use crate::cards::{CONTEXT_ID, contexts, documents};
use crate::exchange::{get, key_of_method, now, object, refused, text};
use crate::trial::Trial;

const PEER: &str = "didkit-peer";

/// A key of each kind, named by each method that carries its key in its name.
const NAMES: [(Kind, Method); 4] = [
    (Kind::Ed25519, Method::Key),
    (Kind::Ed25519, Method::Jwk),
    (Kind::P256, Method::Key),
    (Kind::P256, Method::Jwk),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ed25519,
    P256,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Key,
    Jwk,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::P256 => "P-256",
        }
    }

    fn make(self) -> SigningKey {
        match self {
            Self::Ed25519 => SigningKey::make_ed25519(),
            Self::P256 => SigningKey::make_p256(),
        }
    }
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Jwk => "jwk",
        }
    }

    /// The DID and the URL of its key.
    fn of(self, key: &PublicKey) -> Result<(String, String)> {
        Ok(match self {
            Self::Key => (did::derive_did_key(key)?, did::derive_did_key_url(key)?),
            Self::Jwk => (did::derive_did_jwk(key)?, did::derive_did_jwk_url(key)?),
        })
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (kind, method) in NAMES {
        let name = format!("did:{} of {}", method.name(), kind.name());
        trials.push(Trial::new(
            PEER,
            format!("{name}: Cairn names, peer resolves"),
            move |peer| cairn_names(peer, kind, method),
        ));
        trials.push(Trial::new(
            PEER,
            format!("{name}: peer names, Cairn resolves"),
            move |peer| peer_names(peer, kind, method),
        ));
        for suite in [Suite::Ed25519Signature2020, Suite::JsonWebSignature2020] {
            if suite == Suite::Ed25519Signature2020
                && (kind, method) != (Kind::Ed25519, Method::Key)
            {
                continue;
            }
            let name = format!("{} by {name}", suite.name());
            trials.push(Trial::new(
                PEER,
                format!("{name}: Cairn issues, peer verifies"),
                move |peer| {
                    let issued = cairn_issues(suite, kind, method)?;
                    both_verify(peer, &issued)
                },
            ));
            trials.push(Trial::new(
                PEER,
                format!("{name}: peer issues, Cairn verifies"),
                move |peer| {
                    let issued = peer_issues(peer, suite.name(), kind, method)?;
                    both_verify(peer, &issued)
                },
            ));
            trials.push(Trial::new(
                PEER,
                format!("{name}: a changed claim is refused by both"),
                move |peer| {
                    for issued in [
                        cairn_issues(suite, kind, method)?,
                        peer_issues(peer, suite.name(), kind, method)?,
                    ] {
                        let mut changed = issued;
                        changed["credentialSubject"]["given_name"] = "Eve".into();
                        ensure!(cairn_verifies(&changed).is_err(), "Cairn takes it");
                        refused(peer, &verification(&changed), "signature error")?;
                    }
                    Ok(())
                },
            ));
            trials.push(Trial::new(
                PEER,
                format!("{name}: Cairn presents, peer verifies"),
                move |peer| {
                    let shown = cairn_presents(suite, kind, method)?;
                    presentation_is_taken(peer, &shown)
                },
            ));
            trials.push(Trial::new(
                PEER,
                format!("{name}: peer presents, Cairn verifies"),
                move |peer| {
                    let shown = peer_presents(peer, suite, kind, method)?;
                    presentation_is_taken(peer, &shown)
                },
            ));
        }
    }
    for (kind, method) in NAMES {
        let name = format!("JWT by did:{} of {}", method.name(), kind.name());
        trials.push(Trial::new(
            PEER,
            format!("{name}: Cairn signs, peer verifies"),
            move |peer| {
                let jwt = cairn_signs(kind, method)?;
                get(peer, &verification(&jwt.into()))?;
                Ok(())
            },
        ));
        trials.push(Trial::new(
            PEER,
            format!("{name}: peer issues, Cairn verifies the signature"),
            move |peer| {
                let jwt = peer_issues(peer, "jwt", kind, method)?;
                ensure!(verify_jwt(text(&jwt)?)?["vc"]["credentialSubject"]["given_name"] == "Ada");
                Ok(())
            },
        ));
        trials.push(Trial::new(
            PEER,
            format!("{name}: a changed claim is refused by both"),
            move |peer| {
                let jwt = cairn_signs(kind, method)?;
                let [header, payload, signature] = jwt
                    .split('.')
                    .collect::<Vec<_>>()
                    .try_into()
                    .ok()
                    .context("no JWT")?;
                let claims = String::from_utf8(keys::b64::decode(payload)?)?;
                let payload = keys::b64::encode(claims.replace("Ada", "Eve"));
                let changed = format!("{header}.{payload}.{signature}");
                ensure!(verify_jwt(&changed).is_err(), "Cairn takes it");
                refused(
                    peer,
                    &verification(&changed.into()),
                    "Unable to verify signature",
                )
            },
        ));
    }
    trials.push(Trial::new(
        PEER,
        "Ed25519Signature2018: peer issues and verifies, Cairn says that it does not speak it",
        |peer| {
            let issued = peer_issues(peer, "Ed25519Signature2018", Kind::Ed25519, Method::Key)?;
            get(peer, &verification(&issued))?;
            let error = cairn_verifies(&issued).err().context("Cairn takes it")?;
            ensure!(
                matches!(error.downcast_ref(), Some(ProofError::Suite)),
                "Cairn refuses it for another reason: {error}"
            );
            Ok(())
        },
    ));
    trials
}

fn cairn_names(peer: &mut Peer, kind: Kind, method: Method) -> Result<()> {
    let key = kind.make().public();
    let (did, url) = method.of(&key)?;
    let document = get(peer, &json!({"do": "resolve", "did": did}))?;
    ensure!(
        document["id"] == did.as_str(),
        "the peer resolves another DID"
    );
    let ids: Vec<&Value> = document["verificationMethod"]
        .as_array()
        .context("no methods")?
        .iter()
        .map(|one| &one["id"])
        .collect();
    ensure!(
        ids == [&Value::from(url)],
        "the peer names its keys {ids:?}"
    );
    // The peer writes Ed25519 keys of did:key in base58; those are compared by what they sign.
    if let Some(jwk) = document["verificationMethod"][0].get("publicKeyJwk") {
        ensure!(
            PublicKey::from_jwk(jwk)? == key,
            "the peer reads another key"
        );
    }
    Ok(())
}

fn peer_names(peer: &mut Peer, kind: Kind, method: Method) -> Result<()> {
    let made = make_key(peer, kind, method)?;
    let document = did::resolve_self_contained(text(&made["did"])?)?;
    let mut public = object(made["jwk"].clone())?;
    public.remove("d");
    let key = PublicKey::from_jwk(&public.into())?;
    ensure!(
        document
            .keys(Relationship::Assertion)
            .map(|(_, key)| key)
            .eq([&key]),
        "Cairn reads another key"
    );
    Ok(())
}

fn make_key(peer: &mut Peer, kind: Kind, method: Method) -> Result<Value> {
    get(
        peer,
        &json!({"do": "make_key", "kind": kind.name(), "method": method.name()}),
    )
}

/// A card of VCDM 1.1.
fn document(issuer: &str, suite: &str) -> Result<Map<String, Value>> {
    let mut contexts = vec!["https://www.w3.org/2018/credentials/v1", CONTEXT_ID];
    match suite {
        "Ed25519Signature2020" => contexts.push("https://w3id.org/security/suites/ed25519-2020/v1"),
        "JsonWebSignature2020" => contexts.push("https://w3id.org/security/suites/jws-2020/v1"),
        _ => {}
    }
    object(json!({
        "@context": contexts,
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "type": ["VerifiableCredential", "Card"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:ada", "given_name": "Ada", "likes": ["tea", "rain"],
            "address": {"type": "Address", "town": "Leeds"}},
    }))
}

fn cairn_issues(suite: Suite, kind: Kind, method: Method) -> Result<Value> {
    let key = kind.make();
    let (did, url) = method.of(&key.public())?;
    let options = Options {
        suite,
        verification_method: &url,
        purpose: Purpose::Assertion,
        created: Some(now()?),
        challenge: None,
        domain: None,
    };
    let issued = sign(&document(&did, suite.name())?, &options, &key, &contexts()?)?;
    Ok(issued.into())
}

fn peer_issues(peer: &mut Peer, suite: &str, kind: Kind, method: Method) -> Result<Value> {
    let made = make_key(peer, kind, method)?;
    let issuer = text(&made["did"])?;
    let resolved = get(peer, &json!({"do": "resolve", "did": issuer}))?;
    let request = json!({"do": "issue", "suite": suite, "jwk": made["jwk"],
        "credential": document(issuer, suite)?,
        "verification_method": resolved["assertionMethod"][0], "documents": documents()});
    get(peer, &request)
}

fn cairn_verifies(issued: &Value) -> Result<()> {
    let expected = Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now: now()?,
    };
    verify(
        &object(issued.clone())?,
        0,
        &|method| key_of_method(method),
        &expected,
        &contexts()?,
    )?;
    Ok(())
}

fn verification(issued: &Value) -> Value {
    json!({"do": "verify", "credential": issued, "documents": documents()})
}

fn both_verify(peer: &mut Peer, issued: &Value) -> Result<()> {
    cairn_verifies(issued).with_context(|| format!("Cairn refuses {issued}"))?;
    get(peer, &verification(issued)).with_context(|| issued.to_string())?;
    Ok(())
}

const CHALLENGE: &str = "n-0S6_WzA2Mj";
const DOMAIN: &str = "x509_san_dns:counter.example";

/// A presentation by the holder of this DID, of a card by Cairn.
fn presentation(suite: Suite, holder: &str) -> Result<Value> {
    let card = cairn_issues(suite, Kind::Ed25519, Method::Key)?;
    let contexts = object(card.clone())?.remove("@context");
    Ok(
        json!({"@context": contexts, "type": ["VerifiablePresentation"], "holder": holder,
        "verifiableCredential": card}),
    )
}

fn cairn_presents(suite: Suite, kind: Kind, method: Method) -> Result<Value> {
    let key = kind.make();
    let (did, url) = method.of(&key.public())?;
    let options = Options {
        suite,
        verification_method: &url,
        purpose: Purpose::Authentication,
        created: Some(now()?),
        challenge: Some(CHALLENGE),
        domain: Some(DOMAIN),
    };
    let presentation = object(presentation(suite, &did)?)?;
    Ok(sign(&presentation, &options, &key, &contexts()?)?.into())
}

fn peer_presents(peer: &mut Peer, suite: Suite, kind: Kind, method: Method) -> Result<Value> {
    let made = make_key(peer, kind, method)?;
    let did = text(&made["did"])?;
    let resolved = get(peer, &json!({"do": "resolve", "did": did}))?;
    let request = json!({"do": "present", "suite": suite.name(), "jwk": made["jwk"],
        "presentation": presentation(suite, did)?, "challenge": CHALLENGE, "domain": DOMAIN,
        "verification_method": resolved["authentication"][0], "documents": documents()});
    get(peer, &request)
}

fn presentation_is_taken(peer: &mut Peer, shown: &Value) -> Result<()> {
    for (challenge, domain, is_taken) in [
        (CHALLENGE, DOMAIN, true),
        ("another", DOMAIN, false),
        (CHALLENGE, "another", false),
    ] {
        let expected = Expected {
            purpose: Purpose::Authentication,
            challenge: Some(challenge),
            domain: Some(domain),
            now: now()?,
        };
        let checked = verify(
            &object(shown.clone())?,
            0,
            &|method| key_of_method(method),
            &expected,
            &contexts()?,
        );
        ensure!(checked.is_ok() == is_taken, "Cairn: {:?}", checked.err());
        let request = json!({"do": "verify_presentation", "presentation": shown,
            "challenge": challenge, "domain": domain, "documents": documents()});
        if is_taken {
            get(peer, &request)?;
        } else {
            refused(peer, &request, "No applicable proof")?;
        }
    }
    Ok(())
}

/// A JWT with the claims of VCDM 1.1 §6.3.1.
fn cairn_signs(kind: Kind, method: Method) -> Result<String> {
    let key = kind.make();
    let (did, url) = method.of(&key.public())?;
    let mut card = document(&did, "jwt")?;
    let id = card.remove("id");
    card.remove("issuer");
    card.remove("issuanceDate");
    let claims =
        json!({"iss": did, "jti": id, "nbf": now()? - 10, "sub": "did:example:ada", "vc": card});
    let header = object(json!({"kid": url}))?;
    Ok(keys::jws::sign_claims("JWT", header, &claims, &key))
}

fn verify_jwt(jwt: &str) -> Result<Value> {
    let unverified = keys::jws::Unverified::parse(jwt)?;
    let method = unverified.header_str("kid").context("no kid")?;
    let key = key_of_method(method).context("no key")?;
    Ok(unverified.verify(&key)?.claims()?.into())
}
