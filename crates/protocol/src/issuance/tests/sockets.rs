//! The same over real sockets and with the real client.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method as HttpMethod, Response as HttpResponse, Uri};
use credential::KeySource;
use keys::Algorithm;
use net::{Client, Method, Policy, Request};

use super::peer::{NOW, issuer, offer_link, route, terms};
use crate::issuance::{Event, notify, redeem, resolve};
use crate::issuer::{Dpop, InMemory, Issuer, derive_did_web};
use crate::issuer_keys::{self, IssuerKey};

async fn answer(
    State(issuer): State<Arc<Issuer<InMemory>>>,
    method: HttpMethod,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> HttpResponse<Body> {
    let url = format!("http://localhost{}", uri.path()).parse().unwrap();
    let mut request = match method {
        HttpMethod::POST => Request::post(url, "", body.to_vec()),
        _ => Request::get(url),
    };
    assert_eq!(request.method == Method::Post, method == HttpMethod::POST);
    for (name, value) in &headers {
        request = request.header(name.as_str(), value.to_str().unwrap());
    }
    let reply = route(&issuer, &request, NOW);
    let mut response = HttpResponse::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(reply.body)).unwrap()
}

async fn serve() -> Arc<Issuer<InMemory>> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let issuer = Arc::new(issuer(&url, Dpop::Required));
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::clone(&issuer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}

#[tokio::test]
async fn from_the_link_to_the_notification() {
    let issuer = serve().await;
    let http = Client::new(Policy { demo: true }).unwrap();
    let mut terms = terms();
    terms.by_reference = true;
    let made = issuer.make_offer(terms, NOW).unwrap();
    let offer = resolve(&http, &offer_link(&made)).await.unwrap();
    let selected = vec![offer.configurations[0].id.clone()];
    let redeemed = redeem(&http, &offer, &selected, Some("123456"), 3, NOW)
        .await
        .unwrap();
    let copies = &redeemed.credentials[0].copies;
    assert_eq!(copies.len(), 3);
    for copy in copies {
        let card = credential::sd_jwt::Unverified::parse(&copy.credential).unwrap();
        let source = card.key_source().unwrap();
        assert!(matches!(&source, KeySource::Metadata { .. }));
        let key = issuer_keys::resolve(&http, &source, Algorithm::Es256).await;
        let Ok(IssuerKey::Jwk(key)) = key else {
            panic!("the issuer's key");
        };
        card.verify(&key, NOW).unwrap();
    }
    notify(&http, redeemed.notification.unwrap(), Event::Accepted, NOW)
        .await
        .unwrap();
}

#[tokio::test]
async fn outside_the_demo_a_loopback_issuer_is_not_asked() {
    let issuer = serve().await;
    let made = issuer.make_offer(terms(), NOW).unwrap();
    let http = Client::new(Policy { demo: false }).unwrap();
    let refused = resolve(&http, &offer_link(&made)).await;
    assert!(matches!(
        refused,
        Err(crate::issuance::ResolveError::Forbidden { .. })
    ));
}

#[tokio::test]
async fn did_web_is_resolved() {
    let issuer = serve().await;
    let http = Client::new(Policy { demo: true }).unwrap();
    let did = derive_did_web(&issuer.identity().url).unwrap();
    assert!(did.starts_with("did:web:127.0.0.1%3A"));
    let source = KeySource::Did { url: did.clone() };
    let key = issuer_keys::resolve(&http, &source, Algorithm::Es256).await;
    assert!(matches!(key, Ok(IssuerKey::Jwk(_))));
    let key = issuer_keys::resolve(&http, &source, Algorithm::EdDsa).await;
    assert!(matches!(key, Err(issuer_keys::IssuerKeyError::Did(_))));
    let strict = Client::new(Policy { demo: false }).unwrap();
    let refused = issuer_keys::resolve(&strict, &source, Algorithm::Es256).await;
    assert!(matches!(
        refused,
        Err(issuer_keys::IssuerKeyError::Fetch(_))
    ));
    let other = KeySource::Did {
        url: format!("{did}#other"),
    };
    let refused = issuer_keys::resolve(&http, &other, Algorithm::Es256).await;
    assert!(matches!(refused, Err(issuer_keys::IssuerKeyError::Did(_))));
}
