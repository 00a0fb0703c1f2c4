//! The VC API of the issuer and the counter over HTTP, with Digital Bazaar's suites on the other
//! side: what W3C's own test suites do with an implementation.

use std::process::Command;
use std::sync::{Arc, Mutex};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::routing::get as at;
use journeys::peer::Peer;
use journeys::{Programs, Running};
use net::{Client, Http as _, Policy, Request};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::exchange::{get, refused, text};
use crate::trial::Trial;

const PEER: &str = "digitalbazaar";
const TOKEN: &str = "a-token-for-these-tests";
const SUITES: [&str; 6] = [
    "eddsa-rdfc-2022",
    "ecdsa-rdfc-2019",
    "eddsa-jcs-2022",
    "ecdsa-jcs-2019",
    "ecdsa-sd-2023",
    "bbs-2023",
];

type Run = fn(&mut Peer, &World, &str) -> Result<()>;

const EXCHANGES: &[(&str, Run)] = &[
    (
        "issued at ours, verified by the peer",
        |peer, world, suite| {
            let mut shown = world.issue(suite)?;
            get(peer, &json!({"do": "verify", "credential": shown}))?;
            ensure!(world.verify(&shown)?.0 == 200, "ours refuses it");
            shown["credentialSubject"]["degree"] = "Winds".into();
            ensure!(world.verify(&shown)?.0 == 400, "ours takes a change");
            refused(
                peer,
                &json!({"do": "verify", "credential": shown}),
                "not verified",
            )
        },
    ),
    (
        "issued by the peer, verified at ours",
        |peer, world, suite| {
            let key = get(peer, &json!({"do": "make_key", "suite": suite}))?;
            let credential = credential(text(&key["controller"])?);
            let mut shown = issued_by_peer(peer, suite, &key, &credential)?;
            let (status, body) = world.verify(&shown)?;
            ensure!((status, &body["verified"]) == (200, &json!(true)), "{body}");
            shown["credentialSubject"]["degree"] = "Winds".into();
            let (status, body) = world.verify(&shown)?;
            ensure!(
                (status, &body["verified"]) == (400, &json!(false)),
                "{body}"
            );
            let kind = text(&body["problemDetails"][0]["type"])?;
            ensure!(kind.ends_with("#PROOF_VERIFICATION_ERROR"), "{kind}");
            Ok(())
        },
    ),
];

/// With the suites over a whole document.
const PRESENTED: (&str, Run) = (
    "presented by the peer, verified at ours",
    |peer, world, suite| {
        let vc = world.issue(suite)?;
        let key = get(peer, &json!({"do": "make_key", "suite": suite}))?;
        let request = json!({"do": "present", "suite": suite, "credentials": [vc],
            "holder": key["controller"], "key": key, "challenge": "c", "domain": "d.example"});
        let vp = get(peer, &request)?;
        for (challenge, domain, kind) in [
            ("c", "d.example", None),
            ("b", "d.example", Some("INVALID_CHALLENGE_ERROR")),
            ("c", "e.example", Some("INVALID_DOMAIN_ERROR")),
        ] {
            let options = json!({"challenge": challenge, "domain": domain});
            let body = json!({"verifiablePresentation": vp, "options": options});
            let (status, body) = world.post(&world.counter, "/presentations/verify", &body)?;
            match kind {
                None => ensure!(status == 200, "{body}"),
                Some(kind) => {
                    let found = text(&body["problemDetails"][0]["type"])?;
                    ensure!(status == 400 && found.ends_with(kind), "{body}");
                }
            }
        }
        Ok(())
    },
);

pub(crate) fn trials() -> Vec<Trial> {
    let shared: Arc<Mutex<Option<World>>> = Arc::default();
    let mut trials = Vec::new();
    let mut add = |name: String, suite: &'static str, run: Run| {
        let shared = Arc::clone(&shared);
        trials.push(Trial::new(PEER, name, move |peer| {
            let mut world = shared.lock().ok().context("a trial died")?;
            let world = match &mut *world {
                Some(world) => world,
                none => none.insert(World::open()?),
            };
            run(peer, world, suite)
        }));
    };
    for suite in SUITES {
        for (what, run) in EXCHANGES {
            add(format!("VC API: {suite}: {what}"), suite, *run);
        }
        if !suite.ends_with("2023") {
            let (what, run) = PRESENTED;
            add(format!("VC API: {suite}: {what}"), suite, run);
        }
    }
    let name = "VC API: a list that the peer publishes, looked up at ours";
    add(name.to_owned(), "eddsa-rdfc-2022", looks_up);
    let name = "VC API: a list that ours publishes, read by the peer";
    add(name.to_owned(), "eddsa-rdfc-2022", is_looked_up);
    trials
}

/// The peer issues a credential and publishes its list; our counter fetches the list.
fn looks_up(peer: &mut Peer, world: &World, suite: &str) -> Result<()> {
    let key = get(peer, &json!({"do": "make_key", "suite": suite}))?;
    let issuer = text(&key["controller"])?.to_owned();
    for (place, stands) in [(5, true), (9, false)] {
        let mut list = get(
            peer,
            &json!({"do": "make_list", "id": world.list, "length": 131_072,
            "set": [9], "purpose": "revocation"}),
        )?;
        list["issuer"] = issuer.as_str().into();
        let list = get(
            peer,
            &json!({"do": "issue", "suite": suite, "credential": list, "key": key}),
        )?;
        world.publish(&list)?;
        let mut credential = credential(&issuer);
        credential["credentialStatus"] = json!({
            "type": "BitstringStatusListEntry", "statusPurpose": "revocation",
            "statusListIndex": place.to_string(), "statusListCredential": world.list,
        });
        let vc = issued_by_peer(peer, suite, &key, &credential)?;
        let body = json!({"verifiableCredential": vc});
        let (status, body) = world.post(&world.counter, "/credentials/verify", &body)?;
        if stands {
            ensure!(status == 200, "{body}");
            let found = &body["results"]["credentialStatus"][0]["status"];
            ensure!(found == "0x0", "{body}");
        } else {
            let kind = text(&body["problemDetails"][0]["type"])?;
            ensure!(
                status == 400 && kind == "urn:cairn:problem:revoked",
                "{body}"
            );
        }
    }
    Ok(())
}

/// We issue a credential with a place in our list, the peer reads the list; then we revoke it.
fn is_looked_up(peer: &mut Peer, world: &World, suite: &str) -> Result<()> {
    let (service, _) = &world.edwards;
    let host = service.url().trim_start_matches("http://").to_owned();
    let did = format!("did:web:{}", host.replace(':', "%3A"));
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation"});
    let options = json!({"cryptosuite": suite, "credentialId": "urn:one",
        "credentialStatus": entry});
    let body = json!({"credential": credential(&did), "options": options});
    let (status, body) = world.post(service, "/credentials/issue", &body)?;
    ensure!(status == 201, "{body}");
    let vc = body["verifiableCredential"].clone();

    let document = world.get(&format!("{}/.well-known/did.json", service.url()))?;
    let mut documents = json!({did: document});
    for method in document["verificationMethod"]
        .as_array()
        .context("no keys")?
    {
        let mut method = method.clone();
        method["@context"] = "https://w3id.org/security/multikey/v1".into();
        documents[text(&method["id"])?] = method.clone();
    }
    get(
        peer,
        &json!({"do": "verify", "credential": vc, "documents": documents}),
    )?;
    let url = text(&vc["credentialStatus"]["statusListCredential"])?;
    for revoked in [false, true] {
        if revoked {
            let body = json!({"credentialId": "urn:one", "credentialStatus": entry,
                "status": true});
            let (status, body) = world.post(service, "/credentials/status", &body)?;
            ensure!(status == 200, "{body}");
        }
        documents[url] = world.get(url)?;
        let question = json!({"do": "status", "credential": vc, "documents": documents});
        let found = get(peer, &question)?;
        ensure!(
            found == json!([{"purpose": "revocation", "status": revoked}]),
            "{found}"
        );
    }
    Ok(())
}

/// What W3C's suites send, with terms that nobody else defines.
fn credential(issuer: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://www.w3.org/ns/credentials/undefined-terms/v2",
        ],
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2025-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:one", "alumniOf": "Unst", "degree": "Tides"},
    })
}

fn issued_by_peer(peer: &mut Peer, suite: &str, key: &Value, credential: &Value) -> Result<Value> {
    let mandatory = ["/issuer", "/type", "/validFrom", "/credentialSubject"];
    let mut request = json!({"do": "issue", "suite": suite, "credential": credential, "key": key});
    if !suite.ends_with("2023") {
        return get(peer, &request);
    }
    request["mandatory"] = json!(mandatory);
    let base = get(peer, &request)?;
    get(
        peer,
        &json!({"do": "derive", "credential": base, "pointers": ["/credentialSubject/degree"]}),
    )
}

/// Issuers of every kind of key and a counter with their VC API open, and an address for a list.
struct World {
    edwards: (Running, Vec<String>),
    nist: (Running, Vec<String>),
    counter: Running,
    list: String,
    published: Arc<Mutex<String>>,
    runtime: Runtime,
    _folder: TempDir,
}

impl World {
    fn open() -> Result<Self> {
        let folder = TempDir::new()?;
        let token = folder.path().join("token");
        std::fs::write(&token, TOKEN)?;
        let programs = Programs::beside_this_one()?;
        let command = |program: &str, data: &str, more: &[&str]| -> Result<Command> {
            let mut command = programs.command(program)?;
            command.arg("serve").args(more);
            command
                .arg("--json")
                .arg("--data")
                .arg(folder.path().join(data));
            command
                .args(["--listen", "127.0.0.1:0", "--vc-api-token"])
                .arg(&token);
            Ok(command)
        };
        let issuer = |alg: &str| -> Result<(Running, Vec<String>)> {
            let service = Running::start(&mut command(
                "cairn-issuer",
                alg,
                &["--alg", alg, "--bbs", "--key-by", "did"],
            )?)?;
            let read = |name: &str| std::fs::read_to_string(folder.path().join(alg).join(name));
            let signing = keys::SigningKey::from_pem(&read("issuer.pem")?)?.public();
            let bbs = keys::bls::secret_from_jwk(&serde_json::from_str(&read("issuer-bbs.jwk")?)?)?;
            let bbs = keys::PublicKey::Bls12381G2(bbs.public());
            let dids = [signing, bbs];
            let dids = dids.iter().map(credential::did::derive_did_key);
            Ok((service, dids.collect::<Result<_, _>>()?))
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let published: Arc<Mutex<String>> = Arc::default();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let list = format!("http://{}/list", listener.local_addr()?);
        let router = Router::new()
            .route("/list", at(serve_list))
            .with_state(Arc::clone(&published));
        runtime.spawn(async { axum::serve(listener, router).await });
        Ok(Self {
            edwards: issuer("EdDSA")?,
            nist: issuer("ES256")?,
            counter: Running::start(&mut command("cairn-counter", "counter", &["--demo"])?)?,
            list,
            published,
            runtime,
            _folder: folder,
        })
    }

    fn publish(&self, list: &Value) -> Result<()> {
        *self.published.lock().ok().context("the list is lost")? = list.to_string();
        Ok(())
    }

    fn post(&self, service: &Running, path: &str, body: &Value) -> Result<(u16, Value)> {
        let url = format!("{}{path}", service.url()).parse()?;
        let token = format!("Bearer {TOKEN}");
        let request = Request::post_json(url, body).header("authorization", &token);
        let client = Client::new(Policy { demo: true })?;
        let response = self.runtime.block_on(client.send(request))?;
        Ok((response.status, serde_json::from_slice(&response.body)?))
    }

    /// As programs ask that want JSON.
    fn get(&self, url: &str) -> Result<Value> {
        let request = Request::get(url.parse()?).accept("application/ld+json, application/json");
        let client = Client::new(Policy { demo: true })?;
        let response = self.runtime.block_on(client.send(request))?;
        ensure!(response.status == 200, "{url}: {}", response.status);
        Ok(serde_json::from_slice(&response.body)?)
    }

    /// A credential by one of our issuers, with everything shown.
    fn issue(&self, suite: &str) -> Result<Value> {
        let ((service, dids), place) = match suite {
            "bbs-2023" => (&self.nist, 1),
            name if name.starts_with("ecdsa") => (&self.nist, 0),
            _ => (&self.edwards, 0),
        };
        let issuer = dids.get(place).context("no such issuer")?;
        let body = json!({"credential": credential(issuer), "options": {"cryptosuite": suite}});
        let (status, body) = self.post(service, "/credentials/issue", &body)?;
        ensure!(status == 201, "{body}");
        let vc = body["verifiableCredential"].clone();
        if !suite.ends_with("2023") {
            return Ok(vc);
        }
        let options = json!({"selectivePointers": ["/credentialSubject"]});
        let body = json!({"verifiableCredential": vc, "options": options});
        let (status, body) = self.post(service, "/credentials/derive", &body)?;
        ensure!(status == 201, "{body}");
        Ok(body["verifiableCredential"].clone())
    }

    fn verify(&self, credential: &Value) -> Result<(u16, Value)> {
        let options = json!({"checks": ["proof"]});
        let body = json!({"verifiableCredential": credential, "options": options});
        self.post(&self.counter, "/credentials/verify", &body)
    }
}

async fn serve_list(State(list): State<Arc<Mutex<String>>>) -> String {
    list.lock().map(|list| list.clone()).unwrap_or_default()
}
