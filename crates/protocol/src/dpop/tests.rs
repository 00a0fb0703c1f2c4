use super::*;

const NOW: UnixTime = 1_800_000_000;
const TOKEN: &str = "a-token";

fn url() -> Url {
    "https://issuer.example/credential?a=b".parse().unwrap()
}

fn any(_: &str) -> bool {
    true
}

fn check(proof: &str, url: &Url, token: Option<(&str, &str)>) -> Result<Proven, DpopError> {
    let expected = Expected {
        method: "POST",
        url,
        token,
        nonce: &any,
    };
    verify(proof, &expected, NOW)
}

fn prover() -> Prover {
    let mut prover = Prover::make();
    prover.remember_nonce(&url(), "n-1");
    prover
}

fn bound(prover: &Prover) -> String {
    prover.key.public().thumbprint()
}

/// A proof with one claim changed.
fn with(prover: &Prover, typ: &str, change: impl Fn(&mut Map<String, Value>)) -> String {
    let mut claims = json!({"jti": "j", "htm": "POST", "htu": "https://issuer.example/credential",
        "iat": NOW, "nonce": "n-1", "ath": derive_token_hash(TOKEN)});
    change(claims.as_object_mut().unwrap());
    let header = Map::from_iter([("jwk".to_owned(), prover.key.public().to_jwk())]);
    jws::sign_claims(typ, header, &claims, &prover.key)
}

#[test]
fn a_proof_is_good_for_its_request() {
    let prover = prover();
    let proof = prover.make_proof("POST", &url(), Some(TOKEN), NOW);
    let proven = check(&proof, &url(), Some((TOKEN, &bound(&prover)))).unwrap();
    assert_eq!(proven.key.thumbprint(), bound(&prover));
    assert_eq!(proven.jti.len(), 22);
    let untouched = with(&prover, TYPE, |_| ());
    check(&untouched, &url(), Some((TOKEN, &bound(&prover)))).unwrap();
}

#[test]
fn every_claim_is_checked() {
    let prover = prover();
    let bound = bound(&prover);
    let refused = |name: &str, value: Value| {
        let proof = with(&prover, TYPE, |claims| {
            claims.insert(name.to_owned(), value.clone());
        });
        check(&proof, &url(), Some((TOKEN, &bound))).unwrap_err()
    };
    assert!(matches!(refused("htm", "GET".into()), DpopError::Method));
    let other = "https://issuer.example/token";
    assert!(matches!(refused("htu", other.into()), DpopError::Target));
    assert!(matches!(
        refused("iat", (NOW - MAX_AGE - 1).into()),
        DpopError::Time
    ));
    assert!(matches!(
        refused("iat", (NOW + MAX_AGE + 1).into()),
        DpopError::Time
    ));
    let other = derive_token_hash("another");
    assert!(matches!(refused("ath", other.into()), DpopError::Token));
    assert!(matches!(refused("jti", "".into()), DpopError::Claim("jti")));
    let long = "j".repeat(4097);
    assert!(matches!(
        refused("jti", long.into()),
        DpopError::Claim("jti")
    ));
    assert!(matches!(
        refused("htu", "/credential".into()),
        DpopError::Claim("htu")
    ));
    assert!(matches!(refused("nonce", 1.into()), DpopError::Nonce));
    for name in ["jti", "htm", "htu", "iat", "ath", "nonce"] {
        let proof = with(&prover, TYPE, |claims| {
            claims.remove(name);
        });
        assert!(
            check(&proof, &url(), Some((TOKEN, &bound))).is_err(),
            "{name}"
        );
    }
}

#[test]
fn the_nonce_must_be_one_of_the_server() {
    let proof = prover().make_proof("POST", &url(), None, NOW);
    let ours = |nonce: &str| nonce == "n-2";
    let expected = Expected {
        method: "POST",
        url: &url(),
        token: None,
        nonce: &ours,
    };
    let refused = verify(&proof, &expected, NOW);
    assert!(matches!(refused, Err(DpopError::Nonce)));
}

#[test]
fn the_type_and_the_signature_are_checked() {
    let prover = prover();
    let other = with(&prover, "jwt", |_| ());
    assert!(matches!(
        check(&other, &url(), None),
        Err(DpopError::Jws(JwsError::Type { .. }))
    ));
    let keyless = jws::sign_claims(TYPE, Map::new(), &json!({}), &prover.key);
    assert!(matches!(
        check(&keyless, &url(), None),
        Err(DpopError::Key(_))
    ));
    let good = with(&prover, TYPE, |_| ());
    let header = Map::from_iter([
        ("typ".to_owned(), TYPE.into()),
        ("jwk".to_owned(), prover.key.public().to_jwk()),
    ]);
    let forged = jws::sign(header, b"{}", &SigningKey::make_p256());
    let (head, _) = good.rsplit_once('.').unwrap();
    let (_, signature) = forged.rsplit_once('.').unwrap();
    assert!(matches!(
        check(&format!("{head}.{signature}"), &url(), None),
        Err(DpopError::Jws(JwsError::Signature(_)))
    ));
}

/// The metadata announce no other algorithms than those of wallets.
#[test]
fn no_proof_by_a_p384_key() {
    let mut prover = prover();
    prover.key = SigningKey::make_p384();
    let refused = check(&with(&prover, TYPE, |_| ()), &url(), None);
    assert!(matches!(refused, Err(DpopError::Jws(JwsError::Algorithm))));
}

#[test]
fn a_token_is_bound_to_its_key() {
    let proof = prover().make_proof("POST", &url(), Some(TOKEN), NOW);
    let other = SigningKey::make_p256().public().thumbprint();
    let refused = check(&proof, &url(), Some((TOKEN, &other)));
    assert!(matches!(refused, Err(DpopError::OtherKey)));
}

#[test]
fn a_proof_never_carries_a_secret_key() {
    let prover = prover();
    let mut jwk = prover.key.public().to_jwk();
    jwk["d"] = b64::encode([1; 32]).into();
    let header = Map::from_iter([("jwk".to_owned(), jwk)]);
    let proof = jws::sign_claims(TYPE, header, &json!({}), &prover.key);
    assert!(matches!(
        check(&proof, &url(), None),
        Err(DpopError::Key(KeyError::SecretPresent))
    ));
}
