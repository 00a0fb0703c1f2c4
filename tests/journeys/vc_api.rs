//! The VC API of the issuer and the counter, as W3C's test suites drive it.

use credential::data_integrity::plain::{self, Options, Purpose, Suite};
use credential::did;
use credential::json_ld::Contexts;
use journeys::Running;
use keys::{PublicKey, SigningKey, bls};
use net::{Client, Http as _, Policy, Request};
use serde_json::{Value, json};

use crate::stage::Stage;

const TOKEN: &str = "a-token-for-these-tests";

/// An issuer of every kind of key, and a counter, with their VC API open.
struct World {
    _stage: Stage,
    edwards: Desk,
    nist: Desk,
    counter: Running,
    runtime: tokio::runtime::Runtime,
}

struct Desk {
    service: Running,
    signing: SigningKey,
    bbs: PublicKey,
}

impl Desk {
    fn open(stage: &Stage, token: &str, alg: &str) -> Self {
        let data = stage.text_path(alg);
        let mut all = vec!["serve", "--json", "--data", &data, "--alg", alg, "--bbs"];
        all.extend(["--listen", "127.0.0.1:0", "--vc-api-token", token]);
        let service = stage.serve("cairn-issuer", &all);
        let read = |name: &str| std::fs::read_to_string(stage.path(alg).join(name)).unwrap();
        let bbs = serde_json::from_str(&read("issuer-bbs.jwk")).unwrap();
        Self {
            service,
            signing: SigningKey::from_pem(&read("issuer.pem")).unwrap(),
            bbs: PublicKey::Bls12381G2(bls::secret_from_jwk(&bbs).unwrap().public()),
        }
    }

    fn credential(&self, is_bbs: bool) -> Value {
        let key = match is_bbs {
            true => self.bbs.clone(),
            false => self.signing.public(),
        };
        json!({
            "@context": [
                "https://www.w3.org/ns/credentials/v2",
                "https://www.w3.org/ns/credentials/examples/v2",
            ],
            "type": ["VerifiableCredential", "ExampleAlumniCredential"],
            "issuer": did::derive_did_key(&key).unwrap(),
            "validFrom": "2025-01-01T00:00:00Z",
            "credentialSubject": {"id": "did:example:one", "alumniOf": "Unst", "degree": "Tides"},
        })
    }
}

impl World {
    fn open() -> Self {
        let stage = Stage::new();
        let token = stage.write("token", format!("{TOKEN}\n"));
        let data = stage.text_path("counter");
        let mut all = vec!["serve", "--demo", "--json", "--data", &data];
        all.extend(["--listen", "127.0.0.1:0", "--vc-api-token", &token]);
        let runtime = tokio::runtime::Builder::new_current_thread();
        Self {
            edwards: Desk::open(&stage, &token, "EdDSA"),
            nist: Desk::open(&stage, &token, "ES256"),
            counter: stage.serve("cairn-counter", &all),
            runtime: { runtime }.enable_all().build().unwrap(),
            _stage: stage,
        }
    }

    fn send(&self, request: Request) -> (u16, Value) {
        let client = Client::new(Policy { demo: true }).unwrap();
        let response = self.runtime.block_on(client.send(request)).unwrap();
        let body = serde_json::from_slice(&response.body).unwrap_or_default();
        (response.status, body)
    }

    fn post(&self, service: &Running, path: &str, body: &Value) -> (u16, Value) {
        let url = format!("{}{path}", service.url()).parse().unwrap();
        let token = format!("Bearer {TOKEN}");
        self.send(Request::post_json(url, body).header("authorization", &token))
    }

    fn issue(&self, desk: &Desk, credential: &Value, options: Value) -> (u16, Value) {
        let body = json!({"credential": credential, "options": options});
        self.post(&desk.service, "/credentials/issue", &body)
    }

    #[track_caller]
    fn issued(&self, desk: &Desk, credential: &Value, options: Value) -> Value {
        let (status, body) = self.issue(desk, credential, options);
        assert_eq!(status, 201, "{body}");
        body["verifiableCredential"].clone()
    }

    fn verify(&self, credential: &Value) -> (u16, Value) {
        let body = json!({"verifiableCredential": credential, "options": {"checks": ["proof"]}});
        self.post(&self.counter, "/credentials/verify", &body)
    }

    #[track_caller]
    fn holds(&self, credential: &Value) {
        let (status, body) = self.verify(credential);
        assert_eq!((status, &body["verified"]), (200, &json!(true)), "{body}");
    }

    #[track_caller]
    fn fails(&self, (status, body): (u16, Value)) {
        assert_eq!((status, &body["verified"]), (400, &json!(false)), "{body}");
        let detail = body["problemDetails"][0]["detail"].as_str();
        assert!(detail.is_some_and(|text| !text.is_empty()), "{body}");
    }
}

#[test]
fn issue_verify_and_change_for_every_suite() {
    let world = World::open();
    for (desk, option, value) in [
        (&world.edwards, "cryptosuite", "eddsa-rdfc-2022"),
        (&world.edwards, "cryptosuite", "eddsa-jcs-2022"),
        (&world.edwards, "mediaType", "application/vc+jwt"),
        (&world.edwards, "type", "Ed25519Signature2020"),
        (&world.edwards, "type", "JsonWebSignature2020"),
        (&world.nist, "type", "JsonWebSignature2020"),
        (&world.nist, "cryptosuite", "ecdsa-rdfc-2019"),
        (&world.nist, "cryptosuite", "ecdsa-jcs-2019"),
        (&world.nist, "mediaType", "application/vc+jwt"),
    ] {
        let mut vc = world.issued(desk, &desk.credential(false), json!({option: value}));
        world.holds(&vc);
        match vc["id"].as_str() {
            Some(jwt) => vc["id"] = json!(jwt.replace(",eyJ", ",eyK")),
            None => vc["credentialSubject"]["degree"] = json!("Winds"),
        }
        world.fails(world.verify(&vc));
    }
    for (is_bbs, suite) in [(false, "ecdsa-sd-2023"), (true, "bbs-2023")] {
        let desk = &world.nist;
        let options = json!({"cryptosuite": suite, "mandatoryPointers": ["/issuer"]});
        let base = world.issued(desk, &desk.credential(is_bbs), options);
        world.fails(world.verify(&base));
        let options = json!({"selectivePointers": ["/credentialSubject/alumniOf"]});
        let body = json!({"verifiableCredential": base, "options": options});
        let mut bent = body.clone();
        bent["verifiableCredential"]["credentialSubject"]["alumniOf"] = json!("Foula");
        let (status, _) = world.post(&desk.service, "/credentials/derive", &bent);
        assert_eq!(status, 400, "nothing is derived from what nobody signed");
        let (status, body) = world.post(&desk.service, "/credentials/derive", &body);
        assert_eq!(status, 201, "{body}");
        let mut derived = body["verifiableCredential"].clone();
        assert_eq!(derived["credentialSubject"].get("degree"), None, "hidden");
        world.holds(&derived);
        derived["credentialSubject"]["alumniOf"] = json!("Foula");
        world.fails(world.verify(&derived));
    }
}

#[test]
fn a_presentation_is_for_its_challenge_and_domain() {
    let world = World::open();
    let desk = &world.edwards;
    let vc = world.issued(desk, &desk.credential(false), json!({}));
    let key = SigningKey::make_ed25519();
    let vp = json!({
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did::derive_did_key(&key.public()).unwrap(),
        "verifiableCredential": [vc],
    });
    let options = Options {
        suite: Suite::EddsaRdfc2022,
        verification_method: &did::derive_did_key_url(&key.public()).unwrap(),
        purpose: Purpose::Authentication,
        created: Some(1_763_000_000),
        challenge: Some("n"),
        domain: Some("desk.example"),
    };
    let vp = vp.as_object().unwrap();
    let vp = plain::sign(vp, &options, &key, Contexts::pinned()).unwrap();
    let verify = |challenge: &str, domain: &str| {
        let options = json!({"challenge": challenge, "domain": domain});
        let body = json!({"verifiablePresentation": vp, "options": options});
        world.post(&world.counter, "/presentations/verify", &body)
    };
    let (status, body) = verify("n", "desk.example");
    assert_eq!((status, &body["verified"]), (200, &json!(true)), "{body}");
    world.fails(verify("m", "desk.example"));
    world.fails(verify("n", "other.example"));
}

#[test]
fn what_the_data_model_refuses_is_400_on_both_sides() {
    let world = World::open();
    let desk = &world.edwards;
    let good = desk.credential(false);
    let signed = world.issued(desk, &good, json!({}));
    for (member, value) in [
        (
            "@context",
            json!(["https://www.w3.org/ns/credentials/examples/v2"]),
        ),
        (
            "@context",
            json!([
                "https://www.w3.org/ns/credentials/v2",
                "https://unknown.example"
            ]),
        ),
        ("type", json!("ExampleAlumniCredential")),
        ("id", json!("not a url")),
        ("issuer", json!({"name": "n"})),
        ("credentialSubject", json!({})),
        ("validFrom", json!("yesterday")),
        ("validUntil", json!("2024-01-01T00:00:00Z")),
        ("credentialStatus", json!({"id": "urn:s:1"})),
        ("credentialSchema", json!({"type": "JsonSchema"})),
        ("refreshService", json!({"id": "urn:r:1"})),
        ("termsOfUse", json!({"id": "urn:t:1"})),
        ("evidence", json!("e")),
        ("name", json!({"@value": 7})),
        ("relatedResource", json!({"id": "https://x.example/r"})),
        ("@context", json!(["https://www.w3.org/ns/credentials/v2"])),
    ] {
        let mut broken = good.clone();
        broken[member] = value.clone();
        let (status, body) = world.issue(desk, &broken, json!({}));
        assert_eq!(status, 400, "{member}: {body}");
        assert!(body["detail"].is_string(), "{body}");
        let mut broken = signed.clone();
        broken[member] = value;
        world.fails(world.verify(&broken));
    }
    let (status, body) = world.post(&world.counter, "/credentials/verify", &json!([]));
    world.fails((status, body));
    let (status, body) = world.post(&desk.service, "/credentials/derive", &json!({}));
    assert_eq!(status, 400, "{body}");
    let long = json!({"credential": "a".repeat(600 * 1024)});
    let (status, _) = world.post(&desk.service, "/credentials/issue", &long);
    assert_eq!(status, 413);
}

#[test]
fn only_the_token_opens_it_and_without_one_it_is_not_there() {
    let world = World::open();
    let paths = [
        (&world.edwards.service, "/credentials/issue"),
        (&world.edwards.service, "/credentials/derive"),
        (&world.edwards.service, "/credentials/status"),
        (&world.counter, "/credentials/verify"),
        (&world.counter, "/presentations/verify"),
    ];
    for (service, path) in paths {
        for header in [None, Some("Bearer another-token-altogether"), Some(TOKEN)] {
            let url = format!("{}{path}", service.url()).parse().unwrap();
            let mut request = Request::post_json(url, &json!({}));
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            assert_eq!(world.send(request).0, 401, "{path} {header:?}");
        }
        assert_eq!(world.post(service, path, &json!({})).0, 400, "{path}");
    }
    let stage = Stage::new();
    let listen = ["--listen", "127.0.0.1:0", "--json"];
    let (one, two) = (stage.text_path("issuer"), stage.text_path("counter"));
    let serve = ["serve", "--data", &one];
    let issuer = stage.serve("cairn-issuer", &[serve.as_slice(), &listen].concat());
    let serve = ["serve", "--demo", "--data", &two];
    let counter = stage.serve("cairn-counter", &[serve.as_slice(), &listen].concat());
    for (service, path) in [
        (&issuer, "/credentials/issue"),
        (&issuer, "/credentials/derive"),
        (&issuer, "/credentials/status"),
        (&counter, "/credentials/verify"),
        (&counter, "/presentations/verify"),
    ] {
        let (status, _) = world.post(service, path, &json!({}));
        assert!(matches!(status, 404 | 405), "{path}: {status}");
    }
}

#[test]
fn terms_that_nobody_defines_are_refused_where_json_is_signed_too() {
    let world = World::open();
    let desk = &world.nist;
    let mut given = desk.credential(false);
    given["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
    let url = did::derive_did_key_url(&desk.signing.public()).unwrap();
    let options = Options {
        suite: Suite::EcdsaJcs2019,
        verification_method: &url,
        purpose: Purpose::Assertion,
        created: None,
        challenge: None,
        domain: None,
    };
    let given = given.as_object().unwrap();
    let signed = plain::sign(given, &options, &desk.signing, Contexts::pinned()).unwrap();
    world.fails(world.verify(&Value::Object(signed)));
    let header = [("kid".to_owned(), json!(url))].into_iter().collect();
    let claims = Value::Object(given.clone());
    let jwt = keys::jws::sign_claims("vc+jwt", header, &claims, &desk.signing);
    let envelope = json!({
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": format!("data:application/vc+jwt,{jwt}"),
        "type": "EnvelopedVerifiableCredential",
    });
    world.fails(world.verify(&envelope));
}
