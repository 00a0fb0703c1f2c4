//! A service's answer to a presentation, to a refusal and to an error: `STATUS BODY`. Where the
//! citizen would be sent on is an address that may be shown.
#![no_main]

use futures_util::FutureExt as _;
use net::{Http, HttpError, Policy, Request, Response};
use protocol::link::{Link, LinkError};
use protocol::presentation::{self, Answer, Reason, SendError, fetch};
use serde_json::{Map, json};
use url::Url;

struct Service<'a>(u16, &'a str);

#[async_trait::async_trait]
impl Http for Service<'_> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        Ok(Response {
            status: self.0,
            headers: Vec::new(),
            body: self.1.as_bytes().to_owned(),
            url: request.url,
        })
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

fn link() -> Result<Link, LinkError> {
    let to = "https://desk.example/answer";
    let query = json!({"credentials": [
        {"id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["t"]}},
    ]});
    let mut link: Url = "openid4vp://authorize".parse().expect("an address");
    link.query_pairs_mut()
        .append_pair("client_id", &format!("redirect_uri:{to}"))
        .append_pair("response_type", "vp_token")
        .append_pair("response_mode", "direct_post")
        .append_pair("response_uri", to)
        .append_pair("nonce", "n-0123456789abcdef")
        .append_pair("dcql_query", &query.to_string());
    Link::parse(link.as_str())
}

fn judge(status: u16, sent: Result<Answer, SendError>) {
    match sent {
        Ok(answer) => {
            assert!((200..300).contains(&status));
            if let Some(url) = answer.redirect_uri {
                let url: Url = url.parse().expect("it was read as one");
                assert!(url.scheme() == "https" && url.has_host());
            }
        }
        Err(SendError::Refused { status }) => assert!((400..500).contains(&status)),
        Err(error) => assert!(matches!(error, SendError::Unknown { .. })),
    }
}

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (status, body) = text.split_once(' ').unwrap_or(("", text));
    let status = status.parse().unwrap_or(200);
    let service = Service(status, body);
    let Ok(Link::Request(link)) = link() else {
        panic!("the link is a request");
    };
    let whole = async {
        let request = fetch(&service, &link, 1_800_000_000).await.expect("good");
        let token = Map::from_iter([("a".to_owned(), json!(["x~"]))]);
        judge(
            status,
            presentation::respond(&service, &request, &token).await,
        );
        judge(
            status,
            presentation::decline(&service, &request, Reason::Declined).await,
        );
    };
    assert!(whole.now_or_never().is_some());
});
