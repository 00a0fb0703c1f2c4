use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use credential::data_integrity::plain;
use credential::did;
use credential::format::KeyName;
use credential::json_ld::Contexts;
use credential::status::token::{Bits, Draft, TokenList};
use credential::status::{BitstringList, Standing, derive_list_credential};
use keys::x509::Certificate;
use keys::{SigningKey, jws};
use net::{Policy, Response};
use serde_json::{Map, Value, json};

use super::*;

const NOW: UnixTime = 1_790_000_000;
const URI: &str = "https://issuer.example/status/1";
const ISSUER: &str = "https://issuer.example";

/// A network in which addresses answer with what the test put there.
#[derive(Default)]
struct Network {
    answers: HashMap<String, (u16, Vec<u8>)>,
    sent: Mutex<Vec<Request>>,
}

impl Network {
    fn with(body: impl Into<Vec<u8>>) -> Self {
        Self::default().and(URI, body)
    }

    fn and(mut self, url: &str, body: impl Into<Vec<u8>>) -> Self {
        self.answers.insert(url.to_owned(), (200, body.into()));
        self
    }

    fn status(status: u16) -> Self {
        let mut network = Self::default();
        network
            .answers
            .insert(URI.to_owned(), (status, b"gone".to_vec()));
        network
    }

    fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

#[async_trait]
impl Http for Network {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let answer = self.answers.get(request.url.as_str()).cloned();
        let url = request.url.clone();
        self.sent.lock().unwrap().push(request);
        let (status, body) = answer.ok_or(HttpError::Unreachable)?;
        Ok(Response {
            status,
            headers: Vec::new(),
            body,
            url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

fn list() -> TokenList {
    let mut list = TokenList::new(Bits::Two, 131_072).unwrap();
    list.set(7, 1).unwrap();
    list.set(8, 2).unwrap();
    list
}

fn draft<'a>(list: &'a TokenList, kid: &'a str) -> Draft<'a> {
    Draft {
        uri: URI,
        issuer: Some(ISSUER),
        key_name: KeyName::Id(kid),
        issued_at: NOW,
        expires: Some(NOW + 3600),
        ttl: Some(600),
        list,
    }
}

fn place(index: u64) -> StatusRef {
    StatusRef::TokenList {
        uri: URI.to_owned(),
        index,
    }
}

fn bit(index: u64) -> StatusRef {
    StatusRef::Bitstring {
        list: URI.to_owned(),
        index,
        purpose: "revocation".to_owned(),
        size: 1,
    }
}

fn card(key: &PublicKey) -> CardIssuer<'_> {
    CardIssuer {
        key,
        name: Some(ISSUER),
    }
}

/// What is known of the card at a place, nobody vouching for other keys.
fn known(
    list: &CachedList,
    reference: &StatusRef,
    key: &PublicKey,
    now: UnixTime,
) -> Option<Result<Known, Unknown>> {
    let references = [reference.clone()];
    look_up(&references, card(key), |_| Some(list), |_| false, now)
}

async fn get(
    network: &Network,
    reference: &StatusRef,
    key: &PublicKey,
) -> Result<CachedList, StatusError> {
    fetch(network, reference, card(key), NOW).await
}

#[tokio::test]
async fn a_list_in_either_form_by_the_cards_key() {
    for key in [SigningKey::make_p256(), SigningKey::make_ed25519()] {
        let (public, list) = (key.public(), list());
        let draft = draft(&list, "k");
        for body in [draft.to_jwt(&key).into_bytes(), draft.to_cwt(&key).unwrap()] {
            let network = Network::with(body.clone());
            let list = get(&network, &place(7), &public).await.unwrap();
            assert_eq!(network.count(), 1, "the key was known already");
            assert!(body.len() <= MAX_PUBLISHED);
            assert_eq!(list.published(), Some(body.as_slice()));
            for (index, standing) in [
                (6, Standing::Valid),
                (7, Standing::Revoked),
                (8, Standing::Suspended),
            ] {
                let known = known(&list, &place(index), &public, NOW + 5)
                    .unwrap()
                    .unwrap();
                assert_eq!(known.standing, standing);
                assert_eq!((known.checked_at, known.fresh), (NOW, true));
            }
        }
    }
}

#[tokio::test]
async fn a_long_list_is_not_kept_as_it_came() {
    let key = SigningKey::make_p256();
    let mut list = TokenList::new(Bits::One, 131_072).unwrap();
    // Scattered, so that it does not compress.
    for step in 0..20_000_u64 {
        list.set(step * step * 31 % 131_072, 1).unwrap();
    }
    let body = draft(&list, "k").to_jwt(&key).into_bytes();
    assert!(body.len() > MAX_PUBLISHED);
    let list = get(&Network::with(body), &place(7), &key.public()).await;
    assert_eq!(list.unwrap().published(), None);
}

#[tokio::test]
async fn nothing_but_the_address_is_sent() {
    let key = SigningKey::make_p256();
    let list = list();
    let network = Network::with(draft(&list, "k").to_jwt(&key));
    let reference = StatusRef::TokenList {
        uri: URI.to_owned(),
        index: 7,
    };
    get(&network, &reference, &key.public()).await.unwrap();
    let sent = network.sent.lock().unwrap();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, net::Method::Get);
    assert_eq!(sent[0].url.as_str(), URI);
    assert!(sent[0].body.is_none());
    let names: Vec<_> = sent[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, ["accept"]);
    assert_eq!(sent[0].limit, MAX_TOKEN);
}

#[tokio::test]
async fn another_key_under_the_issuers_name() {
    let (of_card, of_list) = (SigningKey::make_p256(), SigningKey::make_ed25519());
    let mut jwk = of_list.public().to_jwk();
    jwk["kid"] = json!("list");
    let metadata = json!({"issuer": ISSUER, "jwks": {"keys": [jwk]}}).to_string();
    let list = list();
    let network = Network::with(draft(&list, "list").to_jwt(&of_list))
        .and(&format!("{ISSUER}/.well-known/jwt-vc-issuer"), metadata);
    let found = get(&network, &place(7), &of_card.public()).await.unwrap();
    assert_eq!(network.count(), 2);
    let known = known(&found, &place(7), &of_card.public(), NOW).unwrap();
    assert_eq!(known.unwrap().standing, Standing::Revoked);
    // It says nothing of a card of somebody else.
    let other = SigningKey::make_p256().public();
    let stranger = CardIssuer {
        key: &other,
        name: Some("https://other.example"),
    };
    let references = [place(7)];
    let asked =
        |vouched: bool| look_up(&references, stranger, |_| Some(&found), |_| vouched, NOW).unwrap();
    assert_eq!(asked(false), Err(Unknown::OtherIssuer));
    assert_eq!(asked(true).unwrap().standing, Standing::Revoked);
}

#[tokio::test]
async fn a_list_signed_by_another_issuer() {
    let (ours, theirs) = (SigningKey::make_p256(), SigningKey::make_p256());
    let list = list();
    // By a certificate of its own, which anybody can make.
    let made = rcgen::CertificateParams::default()
        .self_signed(&rcgen::KeyPair::from_pem(&theirs.to_pem().unwrap()).unwrap())
        .unwrap();
    let chain = [Certificate::from_der(made.der()).unwrap()];
    let draft = Draft {
        key_name: KeyName::Chain(&chain),
        ..draft(&list, "")
    };
    let network = Network::with(draft.to_jwt(&theirs));
    let found = get(&network, &place(6), &ours.public()).await.unwrap();
    let known = known(&found, &place(6), &ours.public(), NOW).unwrap();
    assert_eq!(known, Err(Unknown::OtherIssuer));
    // Under a DID of its own.
    let did = credential::did::derive_did_jwk(&theirs.public()).unwrap();
    let draft = Draft {
        issuer: Some(&did),
        key_name: KeyName::Id("#0"),
        ..draft
    };
    let network = Network::with(draft.to_jwt(&theirs));
    let found = get(&network, &place(6), &ours.public()).await.unwrap();
    let known = super::tests::known(&found, &place(6), &ours.public(), NOW).unwrap();
    assert_eq!(known, Err(Unknown::OtherIssuer));
}

#[tokio::test]
async fn a_key_that_signed_something_else() {
    let (ours, theirs) = (SigningKey::make_p256(), SigningKey::make_p256());
    let mut jwk = ours.public().to_jwk();
    jwk["kid"] = json!("k");
    let metadata = json!({"issuer": ISSUER, "jwks": {"keys": [jwk]}}).to_string();
    let list = list();
    let network = Network::with(draft(&list, "k").to_jwt(&theirs))
        .and(&format!("{ISSUER}/.well-known/jwt-vc-issuer"), metadata);
    let error = get(&network, &place(6), &ours.public()).await.unwrap_err();
    assert!(matches!(error, StatusError::Token(TokenError::Signature)));
    assert!(!error.is_unreachable());
}

#[tokio::test]
async fn lists_that_are_not_there() {
    let key = SigningKey::make_p256().public();
    for (status, later) in [(404, false), (410, false), (503, true)] {
        let error = get(&Network::status(status), &place(1), &key)
            .await
            .unwrap_err();
        assert!(matches!(error, StatusError::Refused { status: found } if found == status));
        assert_eq!(error.is_unreachable(), later);
    }
    let error = get(&Network::default(), &place(1), &key).await.unwrap_err();
    assert!(matches!(&error, StatusError::Http(HttpError::Unreachable)));
    assert!(error.is_unreachable());
    for uri in ["status", "urn:a:b", ""] {
        let reference = StatusRef::TokenList {
            uri: uri.to_owned(),
            index: 0,
        };
        let network = Network::default();
        let error = get(&network, &reference, &key).await.unwrap_err();
        assert!(matches!(error, StatusError::Address));
        assert_eq!(network.count(), 0);
    }
    for body in [&b"{}"[..], b"", b"\xff", b"\xd2\x00"] {
        assert!(get(&Network::with(body), &place(1), &key).await.is_err());
        assert!(get(&Network::with(body), &bit(1), &key).await.is_err());
    }
}

#[tokio::test]
async fn a_list_of_another_address() {
    let key = SigningKey::make_p256();
    let list = list();
    let draft = Draft {
        uri: "https://issuer.example/status/2",
        key_name: KeyName::Id("k"),
        ..draft(&list, "k")
    };
    let mut jwk = key.public().to_jwk();
    jwk["kid"] = json!("k");
    let metadata = json!({"issuer": ISSUER, "jwks": {"keys": [jwk]}}).to_string();
    let network = Network::with(draft.to_jwt(&key))
        .and(&format!("{ISSUER}/.well-known/jwt-vc-issuer"), metadata);
    let error = get(&network, &place(1), &key.public()).await.unwrap_err();
    assert!(matches!(error, StatusError::Token(TokenError::OtherList)));
}

#[tokio::test]
async fn a_bitstring_list_enveloped_as_a_jwt() {
    let key = SigningKey::make_p256();
    let mut list = BitstringList::new("revocation", 0, 1).unwrap();
    list.set(9, 1, 1).unwrap();
    let credential = derive_list_credential(&list, URI, ISSUER, (NOW, NOW + 3600), None).unwrap();
    let claims = Value::Object(credential);
    let token = jws::sign_claims("vc+jwt", Map::new(), &claims, &key);
    let found = get(&Network::with(token), &bit(9), &key.public())
        .await
        .unwrap();
    let at = |index, now| known(&found, &bit(index), &key.public(), now).unwrap();
    assert_eq!(at(9, NOW).unwrap().standing, Standing::Revoked);
    assert_eq!(at(10, NOW).unwrap().standing, Standing::Valid);
    assert_eq!(at(131_072, NOW), Err(Unknown::NoPlace));
    // Without a `ttl` five minutes are the rule.
    assert!(at(9, NOW + 299).unwrap().fresh);
    assert!(!at(9, NOW + 300).unwrap().fresh);
    assert_eq!(at(10, NOW + 3600), Err(Unknown::NotFetched));
    assert!(!at(9, NOW + 3600).unwrap().fresh);
    // A token's place is not looked up in it.
    let token = known(&found, &place(9), &key.public(), NOW).unwrap();
    assert_eq!(token, Err(Unknown::NoPlace));
}

/// A list in a credential with a Data Integrity proof by this key, as another issuer may publish it.
fn with_a_proof(issuer: &SigningKey, signer: &SigningKey, uri: &str) -> String {
    let mut list = BitstringList::new("suspension", 0, 1).unwrap();
    list.set(9, 1, 1).unwrap();
    let did = did::derive_did_key(&issuer.public()).unwrap();
    let dates = (NOW, NOW + 3600);
    let credential = derive_list_credential(&list, uri, &did, dates, Some(60)).unwrap();
    let options = plain::Options {
        suite: plain::Suite::from_name("eddsa-rdfc-2022").unwrap(),
        verification_method: &did::derive_did_key_url(&issuer.public()).unwrap(),
        purpose: plain::Purpose::Assertion,
        created: Some(NOW),
        challenge: None,
        domain: None,
    };
    let signed = plain::sign(&credential, &options, signer, Contexts::pinned());
    Value::Object(signed.unwrap()).to_string()
}

#[tokio::test]
async fn a_bitstring_list_with_a_proof() {
    let key = SigningKey::make_ed25519();
    let did = did::derive_did_key(&key.public()).unwrap();
    let place = |index| StatusRef::Bitstring {
        list: URI.to_owned(),
        index,
        purpose: "suspension".to_owned(),
        size: 1,
    };
    let card_key = SigningKey::make_p256().public();
    // Of an issuer that is known by its DID, whichever of its keys signed the card.
    let card = CardIssuer {
        key: &card_key,
        name: Some(&did),
    };
    let network = Network::with(with_a_proof(&key, &key, URI));
    let found = fetch(&network, &place(9), card, NOW).await.unwrap();
    let at = |index| {
        let places = [place(index)];
        look_up(&places, card, |_| Some(&found), |_| false, NOW).unwrap()
    };
    assert_eq!(at(9).unwrap().standing, Standing::Suspended);
    assert_eq!(at(10).unwrap().standing, Standing::Valid);
    assert_eq!(found.fresh_until(), NOW + 60);
    // For another purpose there is no place in it.
    let other = look_up(&[bit(9)], card, |_| Some(&found), |_| false, NOW).unwrap();
    assert_eq!(other, Err(Unknown::NoPlace));

    // Signed by another than it names, changed, or of another address.
    let stranger = SigningKey::make_ed25519();
    let forged = with_a_proof(&key, &stranger, URI);
    let changed = with_a_proof(&key, &key, URI).replace("suspension", "revocation");
    for body in [forged, changed] {
        let error = fetch(&Network::with(body), &place(9), card, NOW).await;
        let Err(StatusError::Proof(refused)) = error else {
            panic!("believed")
        };
        assert_eq!(refused.fault, format::Fault::Changed);
    }
    let elsewhere = Network::with(with_a_proof(&key, &key, "https://other.example/1"));
    let error = fetch(&elsewhere, &place(9), card, NOW).await.unwrap_err();
    assert!(matches!(
        error,
        StatusError::Credential(ListCredentialError::OtherList)
    ));
}

fn cached(ttl: Option<u64>, expires: Option<UnixTime>) -> CachedList {
    CachedList {
        uri: URI.to_owned(),
        key: IssuerKey::Jwk(SigningKey::ed25519_from_seed(&[1; 32]).public()),
        name: Some(ISSUER.to_owned()),
        fetched_at: NOW,
        issued_at: Some(NOW),
        expires,
        ttl,
        statuses: Statuses::Token(list()),
        published: None,
    }
}

#[test]
fn how_long_a_list_is_fresh() {
    for (ttl, expires, until) in [
        (Some(60), None, 60),
        (Some(60), Some(NOW + 30), 30),
        (Some(60), Some(NOW + 90), 60),
        (None, Some(NOW + 90), 90),
        (None, None, 3600),
        (Some(u64::MAX), Some(NOW + 90), 90),
    ] {
        let list = cached(ttl, expires);
        assert_eq!(list.fresh_until(), NOW + until);
        assert!(list.is_fresh(NOW) && list.is_fresh(NOW + until - 1));
        assert!(!list.is_fresh(NOW + until));
        assert!(!list.is_fresh(NOW - 1), "a clock that was set back");
    }
    assert!(!cached(None, Some(NOW + 90)).is_expired(NOW + 89));
    assert!(cached(None, Some(NOW + 90)).is_expired(NOW + 90));
}

#[test]
fn a_stored_list_is_the_same_list() {
    let mut bits = BitstringList::new("suspension", 0, 1).unwrap();
    bits.set(3, 1, 1).unwrap();
    let made = rcgen::generate_simple_self_signed(vec!["issuer.example".to_owned()]).unwrap();
    let chain = vec![Certificate::from_der(made.cert.der()).unwrap()];
    let bitstring = CachedList {
        statuses: Statuses::Bitstring(bits),
        key: IssuerKey::Chain(chain),
        name: None,
        issued_at: None,
        published: Some(b"as it came".to_vec()),
        ..cached(None, None)
    };
    for list in [cached(Some(5), Some(NOW + 9)), bitstring] {
        let stored = list.to_json();
        let again = CachedList::from_json(&stored).unwrap();
        assert!(again.statuses == list.statuses);
        assert_eq!(again.published(), list.published());
        assert_eq!(again.to_json(), stored);
        for name in ["uri", "key", "list", "fetched_at", "expires"] {
            let mut damaged = stored.clone();
            damaged.as_object_mut().unwrap().remove(name);
            assert_eq!(CachedList::from_json(&damaged).err(), Some(StoredError));
        }
        // As a list was stored before it was kept as it came.
        let mut older = stored.clone();
        older.as_object_mut().unwrap().remove("published");
        assert_eq!(CachedList::from_json(&older).unwrap().published(), None);
        let mut longer = stored;
        longer["published"] = json!(keys::b64::encode(vec![0; MAX_PUBLISHED + 1]));
        assert_eq!(CachedList::from_json(&longer).err(), Some(StoredError));
    }
}

#[test]
fn several_lists_of_one_card() {
    let key = SigningKey::ed25519_from_seed(&[1; 32]).public();
    let list = cached(Some(60), None);
    let asked = |references: &[StatusRef]| {
        let at = |uri: &str| (uri == URI).then_some(&list);
        look_up(references, card(&key), at, |_| false, NOW)
    };
    let elsewhere = StatusRef::TokenList {
        uri: "https://issuer.example/status/2".to_owned(),
        index: 1,
    };
    assert_eq!(asked(&[]), None);
    let standing = |references: &[StatusRef]| asked(references).unwrap().unwrap().standing;
    assert_eq!(standing(&[place(6), place(8)]), Standing::Suspended);
    assert_eq!(standing(&[place(8), place(7)]), Standing::Revoked);
    // A list that is missing does not hide what another says against the card.
    for both in [[place(6), elsewhere.clone()], [elsewhere.clone(), place(6)]] {
        assert_eq!(asked(&both), Some(Err(Unknown::NotFetched)));
    }
    for (index, stopped) in [(7, Standing::Revoked), (8, Standing::Suspended)] {
        assert_eq!(standing(&[place(index), elsewhere.clone()]), stopped);
        assert_eq!(standing(&[elsewhere.clone(), place(index)]), stopped);
    }
}

#[test]
fn a_list_that_expired_still_stops_a_card() {
    let key = SigningKey::ed25519_from_seed(&[1; 32]).public();
    let list = cached(Some(60), Some(NOW + 90));
    let at = |index| known(&list, &place(index), &key, NOW + 90).unwrap();
    assert_eq!(at(6), Err(Unknown::NotFetched));
    for (index, stopped) in [(7, Standing::Revoked), (8, Standing::Suspended)] {
        let known = at(index).unwrap();
        assert_eq!((known.standing, known.fresh), (stopped, false));
    }
    // Somebody else's list stops nothing.
    let other = SigningKey::make_p256().public();
    let stranger = CardIssuer {
        key: &other,
        name: Some("https://other.example"),
    };
    let references = [place(7)];
    let found = look_up(&references, stranger, |_| Some(&list), |_| false, NOW + 90);
    assert_eq!(found, Some(Err(Unknown::NotFetched)));
}
