//! The program as clerks, scripts and wallets meet it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use keys::json::parse_object;
use net::{Client, Http as _, Policy, Request, Response};
use protocol::issuance::{Event, Redeemed, notify, redeem, resolve};
use protocol::link::Link;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cairn-issuer"));
    command.args(arguments).arg("--data").arg(data);
    command
}

pub(crate) fn run(data: &Path, arguments: &[&str]) -> (i32, Value) {
    let Output { status, stdout, .. } = command(data, arguments).arg("--json").output().unwrap();
    let value = serde_json::from_slice(&stdout).unwrap_or(Value::Null);
    (status.code().unwrap(), value)
}

/// A running service, ended when it goes out of scope.
pub(crate) struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Running {
    pub(crate) fn start(data: &Path, listen: &str, more: &[&str]) -> Self {
        let mut child = command(data, &["--json", "serve", "--listen", listen])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        assert_eq!(first.as_object().unwrap().len(), 1);
        let url = first["listening"].as_str().unwrap().to_owned();
        assert!(url.starts_with("http://127.0.0.1:"));
        Self { child, lines, url }
    }

    pub(crate) fn desk(&mut self) -> String {
        let mut second = String::new();
        self.lines.read_line(&mut second).unwrap();
        let second: Value = serde_json::from_str(&second).unwrap();
        second["desk"].as_str().unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that stays, while the service behind it is started again at another.
struct Door {
    url: String,
    behind: Arc<Mutex<String>>,
}

impl Door {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let behind = Arc::new(Mutex::new(String::new()));
        let leads_to = Arc::clone(&behind);
        tokio::spawn(async move {
            while let Ok((mut from, _)) = listener.accept().await {
                let address = leads_to.lock().unwrap().clone();
                tokio::spawn(async move {
                    let mut to = TcpStream::connect(address).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
                });
            }
        });
        Self { url, behind }
    }

    fn lead_to(&self, service: &Running) {
        let address = service.url.strip_prefix("http://").unwrap();
        address.clone_into(&mut self.behind.lock().unwrap());
    }
}

pub(crate) fn client() -> Client {
    Client::new(Policy { demo: true }).unwrap()
}

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

async fn take(made: &Value, copies: usize) -> Redeemed {
    let Link::Offer(link) = Link::parse(made["link"].as_str().unwrap()).unwrap() else {
        panic!("an offer");
    };
    let http = client();
    let offer = resolve(&http, &link).await.unwrap();
    let selected = vec![offer.configurations[0].id.clone()];
    let code = made["tx_code"].as_str();
    redeem(&http, &offer, &selected, code, copies, now())
        .await
        .unwrap()
}

pub(crate) async fn get(url: &str, host: Option<&str>) -> Response {
    let mut request = Request::get(url.parse().unwrap());
    if let Some(host) = host {
        request = request.header("host", host);
    }
    client().send(request).await.unwrap()
}

fn stage_of(data: &Path, id: &Value) -> Value {
    let (code, listed) = run(data, &["list"]);
    assert_eq!(code, 0);
    let offers = listed["offers"].as_array().unwrap();
    let offer = offers.iter().find(|offer| offer["id"] == *id).unwrap();
    offer["stage"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_goes_from_the_desk_to_a_wallet() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("issuer");
    let _service = Running::start(&data, "127.0.0.1:0", &["--dpop", "required"]);
    let svg = folder.path().join("offer.svg");
    let (code, made) = run(
        &data,
        &[
            "offer",
            "--type",
            "DrivingLicence",
            "--example",
            "--copies",
            "3",
            "--by-reference",
            "--svg",
            svg.to_str().unwrap(),
        ],
    );
    assert_eq!(code, 0);
    assert_eq!(made["tx_code"].as_str().unwrap().len(), 6);
    assert!(std::fs::read_to_string(&svg).unwrap().contains("<svg"));
    assert_eq!(stage_of(&data, &made["id"]), "offered");
    let redeemed = take(&made, 3).await;
    assert_eq!(redeemed.credentials[0].copies.len(), 3);
    assert_eq!(stage_of(&data, &made["id"]), "issued");
    notify(
        &client(),
        redeemed.notification.unwrap(),
        Event::Accepted,
        now(),
    )
    .await
    .unwrap();
    assert_eq!(stage_of(&data, &made["id"]), "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_outlive_a_restart_and_can_be_made_between() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let door = Door::open().await;
    let did = ["--key-by", "did", "--public-url", &door.url];
    let service = Running::start(
        data,
        "127.0.0.1:0",
        &[&did[..], &["--alg", "EdDSA"]].concat(),
    );
    let (_, before) = run(
        data,
        &["offer", "--type", "NHSChargeExemption", "--example"],
    );
    drop(service);
    let (code, between) = run(
        data,
        &[
            "offer",
            "--type",
            "NHSChargeExemption",
            "--example",
            "--no-tx-code",
        ],
    );
    assert_eq!((code, &between["tx_code"]), (0, &Value::Null));
    let service = Running::start(data, "127.0.0.1:0", &did);
    door.lead_to(&service);
    for made in [before, between] {
        let redeemed = take(&made, 1).await;
        let text = &redeemed.credentials[0].copies[0].credential;
        let card = credential::sd_jwt::Unverified::parse(text).unwrap();
        let source = card.key_source().unwrap();
        let http = client();
        let key = protocol::issuer_keys::resolve(&http, &source, keys::Algorithm::EdDsa).await;
        let Ok(protocol::issuer_keys::IssuerKey::Jwk(key)) = key else {
            panic!("the key by did:web");
        };
        card.verify(&key, now()).unwrap();
    }
}

#[test]
fn refusals_end_with_two_and_the_rest_with_one() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let (code, answer) = run(data, &["list"]);
    assert_eq!(code, 1, "never served");
    assert!(answer["error"]["message"].is_string());
    let service = Running::start(data, "127.0.0.1:0", &[]);
    let bad = folder.path().join("bad.json");
    for claims in ["[]", "{", r#"{"iss": "me"}"#, r#"{"given_name": 4711}"#] {
        std::fs::write(&bad, claims).unwrap();
        let arguments = [
            "offer",
            "--type",
            "DrivingLicence",
            "--claims",
            bad.to_str().unwrap(),
        ];
        let (code, answer) = run(data, &arguments);
        assert_eq!((code, &answer["error"]["kind"]), (2, &"claims".into()));
        assert!(!answer.to_string().contains("4711"), "a value in an error");
    }
    for (arguments, expected) in [
        (&["offer", "--type", "Nothing", "--example"][..], 2),
        (
            &[
                "offer",
                "--type",
                "DrivingLicence",
                "--example",
                "--copies",
                "99",
            ],
            2,
        ),
        (
            &[
                "offer",
                "--type",
                "DrivingLicence",
                "--example",
                "--tx-code",
                "1",
            ],
            2,
        ),
        (&["offer", "--type", "DrivingLicence"], 1),
        (
            &["offer", "--type", "DrivingLicence", "--claims", "/nowhere"],
            1,
        ),
        (&["fly"], 1),
        (&["serve", "--listen", "127.0.0.1:0"], 1),
    ] {
        let (code, answer) = run(data, arguments);
        assert_eq!(code, expected, "{arguments:?}");
        assert!(answer["error"]["kind"].is_string(), "{arguments:?}");
    }
    let (_, listed) = run(data, &["list"]);
    assert_eq!(listed["offers"], Value::Array(Vec::new()), "nothing kept");
    drop(service);
    let (code, answer) = run(data, &["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!((code, &answer["error"]["kind"]), (2, &"public_url".into()));
    for url in ["http://issuer.example", "https://issuer.example/path"] {
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--public-url", url];
        assert_eq!(run(data, &arguments).0, 2, "{url}");
    }
}

/// The BBS key stays the same, and is published beside the signing key in both documents.
#[tokio::test(flavor = "multi_thread")]
async fn a_bbs_key_is_kept_and_published() {
    let folder = TempDir::new().unwrap();
    let data = folder.path();
    let secret = |data: &Path| {
        let text = std::fs::read(data.join("issuer-bbs.jwk")).unwrap();
        keys::bls::secret_from_jwk(&keys::json::parse(&text).unwrap()).unwrap()
    };
    let service = Running::start(data, "127.0.0.1:0", &["--bbs"]);
    let key = keys::PublicKey::Bls12381G2(secret(data).public());
    drop(service);
    let service = Running::start(data, "127.0.0.1:0", &["--bbs"]);
    assert!(key == keys::PublicKey::Bls12381G2(secret(data).public()));

    let address = service.url.strip_prefix("http://").unwrap();
    let did = format!("did:web:{}", address.replace(':', "%3A"));
    let answer = get(&format!("{}/.well-known/did.json", service.url), None).await;
    let document = credential::did::Document::parse(&answer.body, &did).unwrap();
    let found: Vec<_> = document
        .keys(credential::did::Relationship::Assertion)
        .map(|(id, key)| (id.to_owned(), key.clone()))
        .collect();
    // The signing key twice: as a JWK and as a Multikey.
    assert_eq!(found.len(), 3);
    assert!(found[0].1 == found[2].1);
    assert!(found[1] == (format!("{did}#{}", key.thumbprint()), key.clone()));
    let text: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(text["verificationMethod"][1]["type"], "Multikey");

    let answer = get(&format!("{}/.well-known/jwt-vc-issuer", service.url), None).await;
    let text: Value = serde_json::from_slice(&answer.body).unwrap();
    let jwk = &text["jwks"]["keys"][1];
    assert_eq!(jwk["kid"], key.thumbprint());
    assert!(keys::PublicKey::from_jwk(jwk).unwrap() == key);

    let offer = |name: &str| {
        let offer = ["offer", "--type", name, "--format", "bbs-2023", "--example"];
        run(data, &offer)
    };
    assert_eq!(offer("NHSChargeExemption").0, 0);
    // Claims within claims could tell one card from another.
    let (code, told) = offer("BasicDisclosure");
    assert_eq!((code, &told["error"]["kind"]), (2, &"format".into()));
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("claims within claims"), "{message}");

    drop(service);
    std::fs::write(data.join("issuer-bbs.jwk"), "{}").unwrap();
    assert_eq!(
        run(data, &["serve", "--listen", "127.0.0.1:0", "--bbs"]).0,
        1
    );
}

#[cfg(unix)]
#[test]
fn keys_and_records_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("issuer");
    let _service = Running::start(&data, "127.0.0.1:0", &["--bbs"]);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in [
        "issuer.pem",
        "issuer-bbs.jwk",
        "nonce.key",
        "issuer.redb",
        "admin.json",
        "issuer.json",
    ] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_and_the_desk_make_offers() {
    let folder = TempDir::new().unwrap();
    let mut service = Running::start(folder.path(), "127.0.0.1:0", &[]);
    let url = service.url.clone();
    let http = client();
    let anyone = Request::get(format!("{url}/admin/offers").parse().unwrap());
    assert_eq!(http.send(anyone.clone()).await.unwrap().status, 403);
    let guess = anyone.header("authorization", "Bearer AAAA");
    assert_eq!(http.send(guess).await.unwrap().status, 403);
    let post = |token: &str| {
        let example = credential::catalogue::by_name("DrivingLicence").unwrap();
        let fields = [
            ("token", token),
            ("type", "DrivingLicence"),
            ("claims", example.example),
            ("copies", "2"),
            ("tx_code", "yes"),
        ];
        Request::post_form(format!("{url}/desk/offers").parse().unwrap(), &fields)
    };
    assert_eq!(http.send(post("")).await.unwrap().status, 403);
    assert_eq!(http.send(post("guess")).await.unwrap().status, 403);
    let desk = service.desk();
    let token = desk.rsplit_once("token=").unwrap().1.to_owned();
    let made = http.send(post(&token)).await.unwrap();
    assert_eq!(made.status, 200);
    let page = String::from_utf8(made.body.clone()).unwrap();
    assert!(page.contains("<svg") && page.contains("openid-credential-offer://"));
    let policy = made.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    let page = get(&desk, Some("issuer.example")).await;
    assert_eq!(page.status, 200, "by its token");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_opens_beside_the_service_and_not_by_a_strangers_name() {
    let folder = TempDir::new().unwrap();
    let service = Running::start(folder.path(), "127.0.0.1:0", &[]);
    let desk = format!("{}/desk?type=AdultDisabilityPayment", service.url);
    let page = get(&desk, None).await;
    assert_eq!(page.status, 200);
    let text = String::from_utf8(page.body).unwrap();
    assert!(text.contains("made-up person") && !text.contains("<script"));
    assert!(
        text.contains("<strong>Demo.</strong>"),
        "plain HTTP is for the demo"
    );
    let rebound = get(&desk, Some("evil.example")).await;
    assert_eq!(rebound.status, 403);
    assert!(!String::from_utf8(rebound.body).unwrap().contains("token"));
    drop(service);
    let public = ["--public-url", "https://issuer.example"];
    let mut behind = Running::start(folder.path(), "127.0.0.1:0", &public);
    let page = get(&format!("{}/desk", behind.url), None).await;
    assert_eq!(page.status, 403, "behind a proxy everyone is on loopback");
    let page = get(&behind.desk(), None).await;
    assert_eq!(page.status, 200);
    assert!(!String::from_utf8(page.body).unwrap().contains("Demo."));
    drop(behind);
    let told = ["--public-url", "https://issuer.example", "--demo"];
    let mut behind = Running::start(folder.path(), "127.0.0.1:0", &told);
    let page = get(&behind.desk(), None).await;
    assert!(
        String::from_utf8(page.body)
            .unwrap()
            .contains("<strong>Demo.</strong>")
    );
    let metadata = format!("{}/.well-known/openid-credential-issuer", behind.url);
    let metadata = parse_object(&get(&metadata, None).await.body).unwrap();
    assert_eq!(metadata["credential_issuer"], "https://issuer.example");
}

#[test]
fn help_and_completions_are_there() {
    let folder = TempDir::new().unwrap();
    let help = command(folder.path(), &["--help"]).output().unwrap();
    assert!(help.status.success());
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(help.contains("Examples:") && help.contains("serve"));
    let completions = command(folder.path(), &["completions", "bash"]);
    let completions = { completions }.output().unwrap();
    assert!(completions.status.success());
    let completions = String::from_utf8(completions.stdout).unwrap();
    assert!(completions.contains("cairn-issuer"));
}

#[test]
fn claims_are_checked_against_their_type_and_nothing_is_kept() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("claims.json");
    let path = file.to_str().unwrap();
    for entry in credential::catalogue::types() {
        std::fs::write(&file, entry.example).unwrap();
        let (code, told) = run(&data, &["check", entry.name, path]);
        assert_eq!((code, &told["valid"]), (0, &true.into()), "{}", entry.name);
        assert_eq!(told["id"], entry.vct);
    }
    let licence = credential::catalogue::by_name("DrivingLicence").unwrap();
    std::fs::write(&file, licence.example).unwrap();
    for id in [licence.vct, "org.iso.18013.5.1.mDL"] {
        assert_eq!(run(&data, &["check", id, path]).0, 0, "{id}");
    }
    assert!(!data.exists(), "a check makes no data folder");
}

#[test]
fn what_a_check_refuses_names_place_and_rule_and_no_value() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("claims.json");
    let path = file.to_str().unwrap();
    let entry = credential::catalogue::by_name("DrivingLicence").unwrap();
    let mut claims: Value = serde_json::from_str(entry.example).unwrap();
    claims["birth_date"] = "SECRET".into();
    claims["driving_privileges"][0]["codes"][0]["code"] = "SECRET in vain".into();
    claims["SECRET claim"] = 1.into();
    claims.as_object_mut().unwrap().remove("given_name");
    std::fs::write(&file, claims.to_string()).unwrap();
    let checked = command(folder.path(), &["check", "DrivingLicence", path, "--json"]);
    let Output { status, stdout, .. } = { checked }.output().unwrap();
    assert_eq!(status.code(), Some(2));
    let text = String::from_utf8(stdout).unwrap();
    assert!(!text.contains("SECRET"), "{text}");
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["error"]["kind"], "claims");
    let faults = told["error"]["faults"].as_array().unwrap();
    for (path, rule) in [
        ("/birth_date", "format"),
        ("/driving_privileges/0/codes/0/code", "pattern"),
        ("/given_name", "required"),
        ("", "additionalProperties"),
    ] {
        let fault = serde_json::json!({"path": path, "rule": rule});
        assert!(faults.contains(&fault), "{path}: {faults:?}");
    }

    std::fs::write(&file, r#"{"iss": "SECRET"}"#).unwrap();
    let (code, told) = run(folder.path(), &["check", "BlueBadge", path]);
    let fault = serde_json::json!({"path": "/iss", "rule": "belongs to the credential"});
    assert_eq!((code, &told["error"]["faults"][0]), (2, &fault));

    std::fs::write(&file, "[]").unwrap();
    let (code, told) = run(folder.path(), &["check", "BlueBadge", path]);
    assert_eq!((code, &told["error"]["kind"]), (2, &"claims".into()));
    let (code, told) = run(folder.path(), &["check", "NoSuchType", path]);
    assert_eq!((code, &told["error"]["kind"]), (2, &"unknown_type".into()));
    let (code, told) = run(folder.path(), &["check", "BlueBadge", "no-such-file"]);
    assert_eq!((code, &told["error"]["kind"]), (1, &"failed".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_credentials_signed_with_a_token() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("issuer");
    let token = folder.path().join("token");
    let short = folder.path().join("short");
    std::fs::write(&token, "0123456789abcdef\n").unwrap();
    std::fs::write(&short, "0123").unwrap();
    let refused = command(
        &data,
        &["serve", "--listen", "127.0.0.1:0", "--vc-api-token"],
    )
    .arg(&short)
    .output()
    .unwrap();
    assert!(!refused.status.success());

    let mut service = Running::start(
        &data,
        "127.0.0.1:0",
        &["--bbs", "--vc-api-token", token.to_str().unwrap()],
    );
    service.desk();
    let mut third = String::new();
    service.lines.read_line(&mut third).unwrap();
    let third: Value = serde_json::from_str(&third).unwrap();
    let body = serde_json::json!({
        "credential": {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": third["vc_api"][0],
            "credentialSubject": {"id": "did:example:a"},
        },
        "options": {},
    });
    let ask = async |path: &str, token: &str, body: &Value| {
        let url = format!("{}{path}", service.url).parse().unwrap();
        let request = Request::post_json(url, body);
        let request = request.header("authorization", &format!("Bearer {token}"));
        client().send(request).await.unwrap()
    };
    let answer = ask("/credentials/issue", "0123456789abcdef", &body).await;
    assert_eq!(answer.status, 201);
    let answer = parse_object(&answer.body).unwrap();
    let proof = &answer["verifiableCredential"]["proof"];
    assert_eq!(proof["cryptosuite"], "ecdsa-rdfc-2019");
    let answer = ask("/credentials/issue", "0123456789abcdee", &body).await;
    assert_eq!(answer.status, 401);
    let empty = serde_json::json!({});
    let answer = ask("/credentials/issue", "0123456789abcdef", &empty).await;
    assert_eq!(answer.status, 400);
    let answer = ask("/credentials/derive", "0123456789abcdef", &body).await;
    assert_eq!(answer.status, 400);

    // With a place in the list, which the command line knows by its id.
    let mut with_place = body.clone();
    let entry = serde_json::json!({
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
    });
    with_place["options"] =
        serde_json::json!({"credentialId": "urn:one", "credentialStatus": entry});
    let answer = ask("/credentials/issue", "0123456789abcdef", &with_place).await;
    assert_eq!(answer.status, 201);
    let answer = ask("/credentials/issue", "0123456789abcdef", &with_place).await;
    assert_eq!(answer.status, 400, "the id is taken");
    let (code, listed) = run(&data, &["list"]);
    assert_eq!((code, listed["offers"].as_array().unwrap().len()), (0, 1));
    assert_eq!(listed["offers"][0]["type"], "signed for a program");
    let change = serde_json::json!({
        "credentialId": "urn:one",
        "credentialStatus": entry,
        "status": true,
    });
    let answer = ask("/credentials/status", "0123456789abcdee", &change).await;
    assert_eq!(answer.status, 401);
    let answer = ask("/credentials/status", "0123456789abcdef", &change).await;
    assert_eq!(answer.status, 200);
    let (_, listed) = run(&data, &["list"]);
    assert_eq!(listed["offers"][0]["status"], "revoked");

    let closed = folder.path().join("closed");
    let service = Running::start(&closed, "127.0.0.1:0", &[]);
    let url = format!("{}/credentials/issue", service.url);
    let request = Request::post_json(url.parse().unwrap(), &body);
    assert_eq!(client().send(request).await.unwrap().status, 404);
}
