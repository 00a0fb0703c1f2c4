//! A request in a link, by value: parameters or a request object. Nobody is asked.
#![no_main]

use futures_util::FutureExt as _;
use net::{Http, HttpError, Policy, Request, Response};
use protocol::link::{RequestLink, RequestSource};
use protocol::presentation::fetch;
use url::Url;

struct Nobody;

#[async_trait::async_trait]
impl Http for Nobody {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::Unreachable)
    }

    fn allows(&self, url: &Url) -> Result<(), HttpError> {
        net::check(Policy::default(), url).map_err(HttpError::Forbidden)
    }
}

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (client_id, text) = input;
    let parameters = keys::json::parse_object(text.as_bytes()).ok();
    let sources = [
        Some(RequestSource::Object(text.to_owned())),
        parameters.map(RequestSource::Parameters),
    ];
    for source in sources.into_iter().flatten() {
        let link = RequestLink {
            client_id: client_id.to_owned(),
            source,
        };
        // Without a network there is nothing to wait for.
        let outcome = fetch(&Nobody, &link, 1_790_000_000).now_or_never();
        let _ = outcome.map(|outcome| outcome.map_err(|error| error.to_string()));
    }
});
