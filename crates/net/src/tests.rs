//! Loopback servers and a fake name server: one refusal each.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use url::Url;

use crate::client::{Lookup, Options};
use crate::{AddressKind, Client, ForbiddenUrl, Http, HttpError, Policy, Request, check};

const DEMO: Policy = Policy { demo: true };
const STRICT: Policy = Policy { demo: false };

fn url(text: &str) -> Url {
    text.parse().unwrap()
}

/// Answers every connection by what `reply` makes of the request, and keeps the requests.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, reply) = (Arc::clone(&seen), Arc::new(reply));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (kept, reply) = (Arc::clone(&kept), Arc::clone(&reply));
                tokio::spawn(async move {
                    let mut bytes = vec![0; 16 * 1024];
                    let count = stream.read(&mut bytes).await.unwrap_or(0);
                    let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    kept.lock().unwrap().push(text.clone());
                    let _ = stream.write_all(&reply(&text)).await;
                });
            }
        });
        Self { address, seen }
    }

    fn url(&self, path: &str) -> Url {
        url(&format!("http://{}{path}", self.address))
    }

    fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} X\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn demo() -> Client {
    Client::new(DEMO).unwrap()
}

struct Fake(&'static [&'static str]);

#[async_trait]
impl Lookup for Fake {
    async fn addresses(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.iter().map(|ip| ip.parse().unwrap()).collect())
    }
}

fn resolving(policy: Policy, answer: &'static [&'static str]) -> Client {
    Client::with(
        policy,
        Options {
            lookup: Arc::new(Fake(answer)),
            ..Options::default()
        },
    )
    .unwrap()
}

#[test]
fn only_https_is_asked() {
    for text in [
        "file:///etc/passwd",
        "data:text/plain,x",
        "ftp://example.com/",
        "javascript:alert(1)",
        "ws://example.com/",
    ] {
        for policy in [STRICT, DEMO] {
            let refused = check(policy, &url(text));
            assert_eq!(refused, Err(ForbiddenUrl::Scheme), "{text}");
        }
    }
    assert_eq!(check(STRICT, &url("https://example.com/a?b")), Ok(()));
}

#[test]
fn plain_http_goes_to_loopback_in_the_demo_only() {
    let plain = Err(ForbiddenUrl::PlainHttp);
    assert_eq!(check(STRICT, &url("http://example.com/")), plain);
    assert_eq!(check(DEMO, &url("http://example.com/")), plain);
    assert_eq!(check(DEMO, &url("http://127.0.0.1.example.com/")), plain);
    assert_eq!(check(DEMO, &url("http://localhost.example.com/")), plain);
    for text in [
        "http://127.0.0.1:8080/",
        "http://[::1]:1/",
        "http://localhost:80/",
        "http://issuer.localhost:80/",
        "https://127.0.0.1/",
    ] {
        assert_eq!(check(DEMO, &url(text)), Ok(()), "{text}");
        let loopback = Err(ForbiddenUrl::Address(AddressKind::Loopback));
        assert_eq!(check(STRICT, &url(text)), loopback, "{text}");
    }
}

#[test]
fn credentials_and_length_are_refused() {
    for text in ["https://user@example.com/", "https://:secret@example.com/"] {
        let refused = check(STRICT, &url(text));
        assert_eq!(refused, Err(ForbiddenUrl::Credentials), "{text}");
    }
    let long = format!("https://example.com/{}", "a".repeat(crate::MAX_URL));
    assert_eq!(check(STRICT, &url(&long)), Err(ForbiddenUrl::TooLong));
}

#[test]
fn special_addresses_are_refused_in_every_spelling() {
    use AddressKind::*;
    for (host, kind) in [
        ("127.0.0.1", Loopback),
        ("2130706433", Loopback),
        ("0x7f.1", Loopback),
        ("0177.0.0.1", Loopback),
        ("127.1", Loopback),
        ("127.0.0.1.", Loopback),
        ("localhost.", Loopback),
        ("LOCALHOST", Loopback),
        ("[::1]", Loopback),
        ("[::ffff:127.0.0.1]", Loopback),
        ("[::ffff:7f00:1]", Loopback),
        ("10.0.0.1", Private),
        ("172.16.0.1", Private),
        ("172.31.255.255", Private),
        ("192.168.1.1", Private),
        ("3232235777", Private),
        ("[fc00::1]", Private),
        ("[fdff::1]", Private),
        ("[fec0::1]", Private),
        ("[::ffff:10.0.0.1]", Private),
        ("169.254.169.254", LinkLocal),
        ("0xa9fea9fe", LinkLocal),
        ("[fe80::1]", LinkLocal),
        ("[::ffff:169.254.169.254]", LinkLocal),
        ("100.64.0.1", Shared),
        ("100.100.100.200", Shared),
        ("100.127.255.255", Shared),
        ("224.0.0.1", Multicast),
        ("239.255.255.250", Multicast),
        ("[ff02::1]", Multicast),
        ("0.0.0.0", Unspecified),
        ("0", Unspecified),
        ("[::]", Unspecified),
        ("168.63.129.16", Metadata),
        ("192.0.0.192", Reserved),
        ("192.0.2.1", Reserved),
        ("192.88.99.1", Reserved),
        ("198.18.0.1", Reserved),
        ("198.51.100.1", Reserved),
        ("203.0.113.1", Reserved),
        ("240.0.0.1", Reserved),
        ("255.255.255.255", Reserved),
        ("[::7f00:1]", Reserved),
        ("[2002:7f00:1::]", Reserved),
        ("[2002:a00:1::1]", Reserved),
        ("[64:ff9b::a9fe:a9fe]", Reserved),
        ("[64:ff9b::7f00:1]", Reserved),
        ("[64:ff9b:1::1]", Reserved),
        ("[2001::1]", Reserved),
        ("[2001:db8::1]", Reserved),
        ("[3fff::1]", Reserved),
        ("[100::1]", Reserved),
        ("[4000::1]", Reserved),
    ] {
        let link = url(&format!("https://{host}/"));
        assert_eq!(
            check(STRICT, &link),
            Err(ForbiddenUrl::Address(kind)),
            "{host}"
        );
        if kind != Loopback {
            assert!(check(DEMO, &link).is_err(), "{host} in the demo");
        }
    }
    for host in [
        "1.1.1.1",
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "[2606:4700::1111]",
        "[64:ff9b::101:101]",
        "[2002:101:101::1]",
    ] {
        assert_eq!(
            check(STRICT, &url(&format!("https://{host}/"))),
            Ok(()),
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_name_that_points_to_a_private_address_is_refused() {
    for (answer, kind) in [
        (&["10.1.2.3"][..], AddressKind::Private),
        (&["1.1.1.1", "192.168.0.1"][..], AddressKind::Private),
        (&["169.254.169.254"][..], AddressKind::LinkLocal),
        (&["::ffff:10.0.0.1"][..], AddressKind::Private),
        (&["127.0.0.1"][..], AddressKind::Loopback),
    ] {
        let error = resolving(STRICT, answer)
            .send(Request::get(url("https://example.com/")))
            .await
            .unwrap_err();
        assert_eq!(error.forbidden(), Some(ForbiddenUrl::Address(kind)));
        assert!(!error.sent());
    }
    let error = resolving(DEMO, &["10.0.0.1"])
        .send(Request::get(url("https://example.com/")))
        .await
        .unwrap_err();
    let private = ForbiddenUrl::Address(AddressKind::Private);
    assert_eq!(error.forbidden(), Some(private));
}

#[tokio::test]
async fn localhost_never_asks_the_name_server() {
    let server = Server::start(|_| ok("here")).await;
    let link = url(&format!("http://localhost:{}/", server.address.port()));
    let client = resolving(DEMO, &["10.0.0.1"]);
    let answer = client.send(Request::get(link)).await.unwrap();
    assert_eq!(answer.body, b"here");
}

#[tokio::test]
async fn the_answer_comes_back_whole() {
    let server = Server::start(|_| {
        b"HTTP/1.1 418 X\r\nX-Thing: Value\r\nContent-Type: Application/JSON; charset=utf-8\r\n\
          Content-Length: 2\r\n\r\n{}"
            .to_vec()
    })
    .await;
    let request =
        Request::post_form(server.url("/a?b=c#d"), &[("x", "1 &"), ("y", "é")]).header("dpop", "p");
    let answer = demo().send(request).await.unwrap();
    assert_eq!((answer.status, answer.is_success()), (418, false));
    assert_eq!(answer.header("x-thing"), Some("Value"));
    assert_eq!(answer.media_type().as_deref(), Some("application/json"));
    assert_eq!(answer.body, b"{}");
    let seen = server.requests().concat();
    assert!(seen.starts_with("POST /a?b=c HTTP/1.1\r\n"));
    assert!(seen.contains("dpop: p\r\n"));
    assert!(seen.contains("user-agent: cairn\r\n"));
    assert!(seen.ends_with("x=1+%26&y=%C3%A9"));
}

#[tokio::test]
async fn no_cookie_and_no_referer_is_sent() {
    let server = Server::start(|request| {
        if request.starts_with("GET /second") {
            ok("done")
        } else {
            b"HTTP/1.1 302 X\r\nSet-Cookie: id=1\r\nLocation: /second\r\nContent-Length: 0\r\n\
              Connection: close\r\n\r\n"
                .to_vec()
        }
    })
    .await;
    let client = demo();
    for _ in 0..2 {
        client.send(Request::get(server.url("/"))).await.unwrap();
    }
    let seen = server.requests().concat().to_lowercase();
    assert!(seen.contains("get /second"));
    assert!(!seen.contains("cookie:") && !seen.contains("referer:"));
}

#[tokio::test]
async fn no_proxy_of_the_environment_is_used() {
    // reqwest is built without its `system-proxy` feature and told `no_proxy`; were either
    // undone, this child would ask the dead proxy instead of the server.
    if std::env::var_os("NET_TEST_CHILD").is_some() {
        let server = Server::start(|_| ok("direct")).await;
        let answer = demo().send(Request::get(server.url("/"))).await.unwrap();
        assert_eq!(answer.body, b"direct");
        return;
    }
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "tests::no_proxy_of_the_environment_is_used"])
        .env("NET_TEST_CHILD", "1")
        .env("http_proxy", "http://127.0.0.1:9")
        .env("HTTP_PROXY", "http://127.0.0.1:9")
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .env("NO_PROXY", "")
        .output()
        .unwrap();
    assert!(status.status.success());
}

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_read() {
    let server =
        Server::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx".to_vec())
            .await;
    let error = demo()
        .send(Request::get(server.url("/")).limit(100))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { limit: 100 }) && error.sent());
}

#[tokio::test]
async fn an_answer_is_cut_while_it_streams() {
    let server = Server::start(|_| {
        let mut bytes = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        bytes.extend(vec![b'x'; 101]);
        bytes
    })
    .await;
    let get = || Request::get(server.url("/"));
    let error = demo().send(get().limit(100)).await.unwrap_err();
    assert!(matches!(error, HttpError::TooLarge { limit: 100 }));
    let answer = demo().send(get().limit(101)).await.unwrap();
    assert_eq!(answer.body.len(), 101);
}

#[tokio::test]
async fn redirects_are_counted() {
    let server = Server::start(|request| {
        let count: usize = request[5..6].parse().unwrap();
        if count == 0 {
            ok("end")
        } else {
            redirect(302, &format!("/{}", count - 1))
        }
    })
    .await;
    let answer = demo().send(Request::get(server.url("/3"))).await.unwrap();
    assert_eq!(answer.body, b"end");
    assert_eq!(answer.url.path(), "/0");
    let error = demo()
        .send(Request::get(server.url("/4")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::TooManyRedirects) && error.sent());
}

#[tokio::test]
async fn a_redirect_is_checked_like_the_first_url() {
    for (to, why) in [
        ("file:///etc/passwd", ForbiddenUrl::Scheme),
        ("data:,x", ForbiddenUrl::Scheme),
        ("http://example.com/", ForbiddenUrl::PlainHttp),
        (
            "https://169.254.169.254/latest/",
            ForbiddenUrl::Address(AddressKind::LinkLocal),
        ),
        (
            "https://private.example/",
            ForbiddenUrl::Address(AddressKind::Private),
        ),
        ("https://u:p@example.com/", ForbiddenUrl::Credentials),
    ] {
        let server = Server::start(move |_| redirect(307, to)).await;
        let error = resolving(DEMO, &["192.168.0.1"])
            .send(Request::get(server.url("/")))
            .await
            .unwrap_err();
        assert_eq!(error.forbidden(), Some(why), "{to}");
        assert!(error.sent(), "the first host saw the request");
    }
}

#[tokio::test]
async fn headers_stay_with_their_origin() {
    let second = Server::start(|_| ok("end")).await;
    let target = second.url("/").to_string();
    let first = Server::start(move |_| redirect(302, &target)).await;
    let request = Request::get(first.url("/"))
        .accept("application/json")
        .header("authorization", "Bearer secret");
    demo().send(request).await.unwrap();
    assert!(first.requests().concat().contains("Bearer secret"));
    let seen = second.requests().concat();
    assert!(!seen.contains("secret") && seen.contains("accept: application/json"));
}

#[tokio::test]
async fn a_post_is_not_redirected() {
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    let server = Server::start(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        redirect(307, "/again")
    })
    .await;
    let request = Request::post_form(server.url("/"), &[("code", "secret")]);
    let answer = demo().send(request).await.unwrap();
    assert_eq!((answer.status, hits.load(Ordering::SeqCst)), (307, 1));
}

#[tokio::test]
async fn time_is_bounded_in_all() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // One byte now and then: no single wait is long, the whole is.
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let client = Client::with(
        DEMO,
        Options {
            // Long enough for a busy machine to connect and ask.
            total_time: Duration::from_secs(2),
            ..Options::default()
        },
    )
    .unwrap();
    let started = Instant::now();
    let error = client
        .send(Request::get(url(&format!("http://{address}/"))))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::TimedOut { sent: true }));
    assert!(started.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_closed_port_means_nothing_was_sent() {
    // A port that the system hands to nobody: one that was free a moment ago may be taken by now.
    let error = demo()
        .send(Request::get(url("http://127.0.0.1:1/")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Unreachable) && !error.sent());
}

#[tokio::test]
async fn a_cut_line_means_it_may_have_been_sent() {
    let server = Server::start(|_| Vec::new()).await;
    let request = Request::post_form(server.url("/"), &[("a", "b")]);
    let error = demo().send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::Interrupted) && error.sent());
    let server = Server::start(|_| b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec()).await;
    let error = demo()
        .send(Request::get(server.url("/")))
        .await
        .unwrap_err();
    assert!(matches!(error, HttpError::Interrupted));
}

#[tokio::test]
async fn a_header_that_breaks_the_line_is_refused() {
    let server = Server::start(|_| ok("")).await;
    let request = Request::get(server.url("/")).header("x", "a\r\nb: c");
    let error = demo().send(request).await.unwrap_err();
    assert!(matches!(error, HttpError::Malformed) && !error.sent());
    assert!(server.requests().is_empty());
}

/// An HTTPS server for `localhost` with a certificate of its own, one connection.
fn https_server() -> (SocketAddr, reqwest::Certificate) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let der = made.cert.der().clone();
    let key = rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der.clone()], key)
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let session = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = rustls::StreamOwned::new(session, stream);
        let mut bytes = [0; 4096];
        if stream.read(&mut bytes).is_ok() {
            let _ = stream.write_all(&ok("over TLS"));
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
    });
    (address, reqwest::Certificate::from_der(&der).unwrap())
}

#[tokio::test]
async fn a_certificate_nobody_vouches_for_is_refused() {
    let (address, _) = https_server();
    let link = url(&format!("https://localhost:{}/", address.port()));
    let error = demo().send(Request::get(link)).await.unwrap_err();
    assert!(matches!(error, HttpError::Tls) && !error.sent());
}

#[tokio::test]
async fn a_trusted_certificate_is_accepted_for_its_name_only() {
    let trusting = |root| {
        let options = Options {
            roots: Some(vec![root]),
            ..Options::default()
        };
        Client::with(DEMO, options).unwrap()
    };
    let (address, root) = https_server();
    let link = url(&format!("https://localhost:{}/", address.port()));
    let answer = trusting(root).send(Request::get(link)).await.unwrap();
    assert_eq!(answer.body, b"over TLS");
    let (address, root) = https_server();
    let link = url(&format!("https://other.localhost:{}/", address.port()));
    let error = trusting(root).send(Request::get(link)).await.unwrap_err();
    assert!(matches!(error, HttpError::Tls));
}

#[test]
fn debug_shows_neither_headers_nor_body() {
    let request = Request::post_form(url("https://example.com/?code=s3cret"), &[("c", "s3cret")])
        .header("authorization", "s3cret");
    assert!(!format!("{request:?}").contains("s3cret"));
}
