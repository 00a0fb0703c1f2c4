use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use net::{Client, Policy};
use query::Query;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use url::Url;

use super::support::{Desk, NOW, claims};
use crate::link::{Link, RequestLink};
use crate::presentation::{FetchError, Prefix, SendError, decline, fetch, respond};
use crate::verifier::{Ask, Identity, Received, Session};

/// A service on loopback: one session, its request object, and the forms that came in.
struct Service {
    identity: Identity,
    session: Session,
    forms: Mutex<Vec<String>>,
}

async fn serve(identity: Identity, encrypted: bool) -> (Arc<Service>, Url) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base: Url = format!("http://{}/", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let query = Query::from_json(&claims("")["dcql_query"]).unwrap();
    let response_uri = base.join("answer").unwrap();
    let ask = Ask {
        query,
        purpose: Some("age".to_owned()),
        response_uri,
        encrypted,
    };
    let session = Session::make(&identity, ask);
    let service = Arc::new(Service {
        identity,
        session,
        forms: Mutex::default(),
    });
    let app = Router::new()
        .route("/request", get(|State(s): State<Arc<Service>>| async move {
            s.session.request_object(&s.identity, None, NOW, 300)
        }).post(|State(s): State<Arc<Service>>, Form(form): Form<HashMap<String, String>>| async move {
            s.session.request_object(&s.identity, form.get("wallet_nonce").map(String::as_str), NOW, 300)
        }))
        .route("/answer", post(|State(s): State<Arc<Service>>, body: String| async move {
            s.forms.lock().unwrap().push(body);
            Json(json!({"redirect_uri": "https://desk.example/thanks"}))
        }))
        .with_state(service.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (service, base)
}

fn demo() -> Client {
    Client::new(Policy { demo: true }).unwrap()
}

fn read(text: &str) -> RequestLink {
    match Link::parse(text).unwrap() {
        Link::Request(link) => link,
        Link::Offer(_) => panic!("an offer"),
    }
}

fn token() -> Map<String, Value> {
    Map::from_iter([("a".to_owned(), json!(["sd~jwt~kb"]))])
}

#[tokio::test]
async fn a_signed_request_is_fetched_and_answered_over_sockets() {
    for (encrypted, by_post) in [(false, false), (true, true)] {
        let desk = Desk::make();
        let identity = Identity::X509Hash {
            chain: vec![desk.certificate],
            key: desk.key,
        };
        let (service, base) = serve(identity, encrypted).await;
        let text =
            service
                .session
                .link_by_reference("openid4vp", &base.join("request").unwrap(), by_post);
        let link = read(&text);
        assert_eq!(
            link.host().unwrap(),
            format!("127.0.0.1:{}", base.port().unwrap())
        );
        let request = fetch(&demo(), &link, NOW).await.unwrap();
        assert_eq!(request.client.prefix, Prefix::X509Hash);
        assert_eq!(request.purpose.as_deref(), Some("age"));
        assert_eq!(request.reply.recipient.is_some(), encrypted);
        let answer = respond(&demo(), &request, &token()).await.unwrap();
        assert_eq!(
            answer.redirect_uri.as_deref(),
            Some("https://desk.example/thanks")
        );
        let body = service.forms.lock().unwrap().pop().unwrap();
        assert_eq!(body.contains("vp_token"), !encrypted);
        assert_eq!(
            service.session.open(body.as_bytes()).unwrap(),
            Received::Presentations(token())
        );
        decline(&demo(), &request, crate::presentation::Reason::Declined)
            .await
            .unwrap();
        let body = service.forms.lock().unwrap().pop().unwrap();
        let declined = Received::Declined {
            code: "access_denied".to_owned(),
        };
        assert_eq!(service.session.open(body.as_bytes()).unwrap(), declined);
    }
}

#[tokio::test]
async fn an_unsigned_request_travels_in_the_link() {
    let (service, _) = serve(Identity::RedirectUri, false).await;
    let request = fetch(
        &demo(),
        &read(&service.session.link_by_value("openid4vp")),
        NOW,
    )
    .await
    .unwrap();
    respond(&demo(), &request, &token()).await.unwrap();
    assert_eq!(service.forms.lock().unwrap().len(), 1);
}

/// Outside the demo no link makes the wallet speak to this machine.
#[tokio::test]
async fn loopback_is_refused_outside_the_demo() {
    let client = Client::new(Policy { demo: false }).unwrap();
    let (service, base) = serve(Identity::RedirectUri, false).await;
    let by_reference =
        service
            .session
            .link_by_reference("openid4vp", &base.join("request").unwrap(), false);
    assert!(matches!(
        fetch(&client, &read(&by_reference), NOW).await,
        Err(FetchError::Http(_))
    ));
    let by_value = service.session.link_by_value("openid4vp");
    assert!(matches!(
        fetch(&client, &read(&by_value), NOW).await,
        Err(FetchError::Refused { .. })
    ));
    let request = fetch(&demo(), &read(&by_value), NOW).await.unwrap();
    let outcome = respond(&client, &request, &token()).await;
    assert!(matches!(outcome, Err(SendError::NotSent(_))));
    assert!(service.forms.lock().unwrap().is_empty());
}
