use keys::{PublicKey, json};
use net::Http;
use query::{Format, Query};
use serde_json::{Map, Value};
use url::Url;

use super::{Client, FetchError, PURPOSE_FORMAT, Prefix, Refusal, Reply, Request};
use crate::jwe::{Encryption, Recipient};

/// The longest `nonce` and `state`, in bytes.
const MAX_TOKEN: usize = 1024;
/// The longest purpose id, in bytes.
const MAX_PURPOSE: usize = 256;
/// The most entries of `verifier_info`, keys of `jwks` and content encryptions.
const MAX_ENTRIES: usize = 32;
const ALG: &str = "ECDH-ES";
/// The parameters that are JSON when a request travels as parameters of a link.
const IN_JSON: [&str; 4] = [
    "dcql_query",
    "client_metadata",
    "verifier_info",
    "transaction_data",
];

/// Turns the parameters of a link into the form that they have in a request object (§5.1).
pub(super) fn from_parameters(given: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    let mut claims = given.clone();
    for parameter in IN_JSON {
        let Some(Value::String(text)) = given.get(parameter) else {
            continue;
        };
        let value =
            json::parse(text.as_bytes()).map_err(|source| Refusal::Json { parameter, source })?;
        claims.insert(parameter.to_owned(), value);
    }
    Ok(claims)
}

/// Reads the parameters of a request whose sender is known.
pub(super) fn request(
    http: &dyn Http,
    client: Client,
    claims: &Map<String, Value>,
) -> Result<Request, FetchError> {
    let (mut reply, must_be_listed) = reply(http, &client, claims)?;
    match rest(claims, &mut reply) {
        Ok((query, nonce, purpose, formats)) => Ok(Request {
            client,
            query,
            nonce,
            purpose,
            formats,
            reply,
            must_be_listed,
        }),
        // To a stranger's other address nothing is sent, not even an error.
        Err(refusal) => Err(FetchError::Refused {
            refusal,
            reply: (!must_be_listed).then(|| Box::new(reply)),
        }),
    }
}

/// Where the answer goes, and whether that is elsewhere than the client's own host.
fn reply(
    http: &dyn Http,
    client: &Client,
    claims: &Map<String, Value>,
) -> Result<(Reply, bool), Refusal> {
    let response_uri = match (text(claims, "response_uri")?, client.prefix) {
        (Some(uri), _) => uri,
        (None, Prefix::RedirectUri) => client.name(),
        (None, _) => return Err(Refusal::Missing("response_uri")),
    };
    if client.prefix == Prefix::RedirectUri && response_uri != client.name() {
        return Err(Refusal::OtherResponseUri);
    }
    let response_uri_as_written = response_uri.to_owned();
    let response_uri = Url::parse(response_uri).map_err(|_| Refusal::Malformed("response_uri"))?;
    http.allows(&response_uri).map_err(Refusal::ResponseUri)?;
    let host = response_uri.host_str().unwrap_or_default();
    let elsewhere =
        client.prefix == Prefix::X509SanDns && !host.eq_ignore_ascii_case(client.name());
    let reply = Reply {
        state: token(claims, "state")?,
        recipient: None,
        response_uri,
        response_uri_as_written,
    };
    Ok((reply, elsewhere))
}

type Rest = (Query, String, Option<String>, Option<Map<String, Value>>);

fn rest(claims: &Map<String, Value>, reply: &mut Reply) -> Result<Rest, Refusal> {
    let metadata = object(claims, "client_metadata")?;
    let encrypted = match text(claims, "response_mode")? {
        Some("direct_post") => false,
        Some("direct_post.jwt") => true,
        _ => return Err(Refusal::ResponseMode),
    };
    if encrypted {
        reply.recipient = Some(recipient(metadata)?);
    }
    if claims.contains_key("redirect_uri") {
        return Err(Refusal::RedirectUri);
    }
    match text(claims, "response_type")? {
        None => return Err(Refusal::Missing("response_type")),
        Some("vp_token") => {}
        Some(_) => return Err(Refusal::ResponseType),
    }
    if claims.contains_key("transaction_data") {
        return Err(Refusal::TransactionData);
    }
    let query = match (claims.get("dcql_query"), claims.contains_key("scope")) {
        (Some(_), true) => return Err(Refusal::QueryAndScope),
        (None, true) => return Err(Refusal::Scope),
        (None, false) => return Err(Refusal::Missing("dcql_query")),
        (Some(query), false) => Query::from_json(query).map_err(Refusal::Query)?,
    };
    let nonce = token(claims, "nonce")?.ok_or(Refusal::Missing("nonce"))?;
    // §5.3: without a proof that carries the nonce, the state ties answer and request.
    if reply.state.is_none() && query.credentials.iter().any(|c| !c.require_holder_binding) {
        return Err(Refusal::Missing("state"));
    }
    let formats = metadata
        .map(|metadata| object(metadata, "vp_formats_supported"))
        .transpose()?
        .flatten();
    check_formats(formats, &query)?;
    Ok((query, nonce, purpose(claims)?, formats.cloned()))
}

/// The key to encrypt to (§8.3): the first that is P-256 and for `ECDH-ES`, under the first
/// content encryption of the service's that is supported.
fn recipient(metadata: Option<&Map<String, Value>>) -> Result<Recipient, Refusal> {
    const NAMES: &str = "encrypted_response_enc_values_supported";
    let metadata = metadata.ok_or(Refusal::NoEncryptionKey)?;
    let encryption = match metadata.get(NAMES) {
        None => Encryption::A128Gcm,
        Some(Value::Array(names)) if names.len() <= MAX_ENTRIES => names
            .iter()
            .filter_map(Value::as_str)
            .find_map(Encryption::from_name)
            .ok_or(Refusal::NoEncryptionKey)?,
        Some(_) => return Err(Refusal::Malformed(NAMES)),
    };
    let keys = metadata
        .get("jwks")
        .and_then(|jwks| jwks.get("keys"))
        .and_then(Value::as_array)
        .filter(|keys| keys.len() <= MAX_ENTRIES)
        .ok_or(Refusal::NoEncryptionKey)?;
    keys.iter()
        .find_map(|jwk| {
            let text = |name: &str| jwk.get(name).and_then(Value::as_str);
            let fits = text("alg") == Some(ALG) && matches!(text("use"), None | Some("enc"));
            let key = PublicKey::from_jwk(jwk).ok().filter(|_| fits)?;
            Recipient::new(&key, text("kid").map(str::to_owned), encryption)
        })
        .ok_or(Refusal::NoEncryptionKey)
}

/// §B.3.4: where the service lists the algorithms of the holder's proof, the wallet's must be
/// among them.
fn check_formats(formats: Option<&Map<String, Value>>, query: &Query) -> Result<(), Refusal> {
    let Some(formats) = formats else {
        return Ok(());
    };
    let asks = |credential: &query::CredentialQuery| {
        credential.format == Format::SdJwt && credential.require_holder_binding
    };
    let algorithms = formats
        .get(Format::SdJwt.as_str())
        .and_then(|format| format.get("kb-jwt_alg_values"))
        .and_then(Value::as_array);
    match algorithms {
        Some(algorithms) if query.credentials.iter().any(asks) => {
            let ours = algorithms.iter().any(|name| name == "ES256");
            if ours { Ok(()) } else { Err(Refusal::Formats) }
        }
        _ => Ok(()),
    }
}

fn purpose(claims: &Map<String, Value>) -> Result<Option<String>, Refusal> {
    const NAME: &str = "verifier_info";
    let malformed = || Refusal::Malformed(NAME);
    let Some(entries) = claims.get(NAME) else {
        return Ok(None);
    };
    let entries = entries.as_array().ok_or_else(malformed)?;
    if entries.is_empty() || entries.len() > MAX_ENTRIES {
        return Err(malformed());
    }
    let mut purpose = None;
    for entry in entries {
        let format = entry
            .get("format")
            .and_then(Value::as_str)
            .ok_or_else(malformed)?;
        let data = entry.get("data").ok_or_else(malformed)?;
        if !data.is_string() && !data.is_object() {
            return Err(malformed());
        }
        if format != PURPOSE_FORMAT {
            continue;
        }
        let id = data.as_str().ok_or_else(malformed)?;
        // Two purposes would be a union: a request has one.
        if id.is_empty() || id.len() > MAX_PURPOSE || purpose.is_some() {
            return Err(malformed());
        }
        purpose = Some(id.to_owned());
    }
    Ok(purpose)
}

fn object<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a Map<String, Value>>, Refusal> {
    claims
        .get(name)
        .map(|value| value.as_object().ok_or(Refusal::Malformed(name)))
        .transpose()
}

fn text<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    claims
        .get(name)
        .map(|value| value.as_str().ok_or(Refusal::Malformed(name)))
        .transpose()
}

/// `nonce` and `state` are made of the unreserved characters of a URL (§5.2).
fn token(claims: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Refusal> {
    let Some(token) = text(claims, name)? else {
        return Ok(None);
    };
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(allowed) {
        return Err(Refusal::Malformed(name));
    }
    Ok(Some(token.to_owned()))
}
