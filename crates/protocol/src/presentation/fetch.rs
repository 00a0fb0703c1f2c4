use keys::{UnixTime, b64};
use net::Http;
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde_json::json;
use url::Url;

use super::{FetchError, Prefix, Refusal, Request, client, object, read};
use crate::link::{RequestLink, RequestSource};

/// The longest request object, in bytes.
const MAX_OBJECT: usize = 256 * 1024;
const MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";

/// Gets the request that a link points to and checks it (OpenID4VP 1.0 §5, RFC 9101).
///
/// Speaks to the host of the link and, for a `did:web` client, to the host of its DID. A
/// request that travels in the link needs neither.
pub async fn fetch(
    http: &dyn Http,
    link: &RequestLink,
    now: UnixTime,
) -> Result<Request, FetchError> {
    let id = link.client_id.as_str();
    // Refused before anything leaves.
    let (prefix, _) = client::split(id)?;
    let (client, claims) = match &link.source {
        RequestSource::Parameters(given) => (client::unsigned(id)?, read::from_parameters(given)?),
        RequestSource::Object(text) => object::open(http, id, text, None, now).await?,
        RequestSource::Reference { url, post } => {
            let nonce = post.then(make_nonce);
            let text = ask(http, url, prefix, nonce.as_deref()).await?;
            object::open(http, id, text.trim(), nonce.as_deref(), now).await?
        }
    };
    read::request(http, client, &claims)
}

async fn ask(
    http: &dyn Http,
    url: &Url,
    prefix: Prefix,
    nonce: Option<&str>,
) -> Result<String, FetchError> {
    let request = match nonce {
        None => net::Request::get(url.clone()),
        Some(nonce) => {
            let metadata = wallet_metadata(prefix);
            let fields = [
                ("wallet_metadata", metadata.as_str()),
                ("wallet_nonce", nonce),
            ];
            net::Request::post_form(url.clone(), &fields)
        }
    };
    let request = request.accept(MEDIA_TYPE).limit(MAX_OBJECT);
    let response = http.send(request).await.map_err(FetchError::Http)?;
    if response.status != 200 {
        return Err(FetchError::Status {
            status: response.status,
        });
    }
    Ok(String::from_utf8(response.body).map_err(|_| Refusal::NotText)?)
}

/// What the wallet can do (§5.10, §10.1); nothing that tells one wallet from another.
fn wallet_metadata(prefix: Prefix) -> String {
    let mut metadata = json!({
        "vp_formats_supported": {
            "dc+sd-jwt": {
                "sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
                "kb-jwt_alg_values": ["ES256"],
            },
        },
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
        "client_id_prefixes_supported": [
            "redirect_uri", "x509_san_dns", "x509_hash", "decentralized_identifier",
        ],
        "authorization_encryption_alg_values_supported": ["ECDH-ES"],
        "authorization_encryption_enc_values_supported": ["A128GCM", "A256GCM"],
    });
    // §5.10 forbids the list where the prefix rules signatures out.
    if prefix != Prefix::RedirectUri
        && let Some(members) = metadata.as_object_mut()
    {
        members.insert(
            "request_object_signing_alg_values_supported".to_owned(),
            json!(["ES256", "ES384", "EdDSA"]),
        );
    }
    metadata.to_string()
}

fn make_nonce() -> String {
    let mut bytes = [0_u8; 24];
    OsRng.fill_bytes(&mut bytes);
    b64::encode(bytes)
}
