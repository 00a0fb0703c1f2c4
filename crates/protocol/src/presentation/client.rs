use credential::did::{self, DidError, Document, Relationship};
use keys::jws::Unverified;
use keys::x509::Certificate;
use keys::{PublicKey, UnixTime, b64};
use net::Http;
use url::Url;

use super::{Client, ClientKey, FetchError, Prefix, Refusal};

/// The longest client identifier, in bytes.
const MAX_CLIENT_ID: usize = 2048;

/// Splits a client identifier at its first colon (§5.9.1).
pub(super) fn split(id: &str) -> Result<(Prefix, &str), Refusal> {
    if id.len() > MAX_CLIENT_ID {
        return Err(Refusal::Malformed("client_id"));
    }
    let Some((prefix, name)) = id.split_once(':') else {
        return Err(Refusal::Prefix {
            prefix: "none, for a client registered beforehand",
        });
    };
    let prefix = match prefix {
        "redirect_uri" => Prefix::RedirectUri,
        "x509_san_dns" => Prefix::X509SanDns,
        "x509_hash" => Prefix::X509Hash,
        "decentralized_identifier" => Prefix::DecentralizedIdentifier,
        "openid_federation" => {
            return Err(Refusal::Prefix {
                prefix: "openid_federation",
            });
        }
        "verifier_attestation" => {
            return Err(Refusal::Prefix {
                prefix: "verifier_attestation",
            });
        }
        "origin" => return Err(Refusal::Prefix { prefix: "origin" }),
        _ => {
            return Err(Refusal::Prefix {
                prefix: "an unknown one",
            });
        }
    };
    if name.is_empty() {
        return Err(Refusal::ClientId { prefix });
    }
    Ok((prefix, name))
}

/// A client that signs nothing. Only `redirect_uri` may.
pub(super) fn unsigned(id: &str) -> Result<Client, Refusal> {
    match split(id)? {
        (prefix @ Prefix::RedirectUri, _) => Ok(Client {
            id: id.to_owned(),
            prefix,
            key: ClientKey::Unsigned,
        }),
        (prefix, _) => Err(Refusal::Unsigned { prefix }),
    }
}

/// Finds the key that the client identifier calls for (§5.9.3). The signature is still to be
/// checked with it.
pub(super) async fn find_key(
    http: &dyn Http,
    id: &str,
    object: &Unverified,
    now: UnixTime,
) -> Result<Client, FetchError> {
    let (prefix, name) = split(id)?;
    let key = match prefix {
        Prefix::RedirectUri => return Err(Refusal::Signed.into()),
        Prefix::X509SanDns => {
            let (leaf, chain) = chain(object, now)?;
            if !is_dns_name(name) {
                return Err(Refusal::ClientId { prefix }.into());
            }
            if !leaf.san_dns().contains(&name.to_ascii_lowercase()) {
                return Err(Refusal::CertificateName.into());
            }
            ClientKey::Chain(chain)
        }
        Prefix::X509Hash => {
            let (leaf, chain) = chain(object, now)?;
            if b64::encode(leaf.sha256()) != name {
                return Err(Refusal::CertificateHash.into());
            }
            ClientKey::Chain(chain)
        }
        Prefix::DecentralizedIdentifier => ClientKey::Did {
            did: name.to_owned(),
            key: did_key(http, name, object).await?,
        },
    };
    Ok(Client {
        id: id.to_owned(),
        prefix,
        key,
    })
}

fn chain(object: &Unverified, now: UnixTime) -> Result<(Certificate, Vec<Certificate>), Refusal> {
    let x5c = object.header.get("x5c").ok_or(Refusal::NoCertificate)?;
    let chain = Certificate::chain_from_x5c(x5c).map_err(Refusal::Certificate)?;
    if !chain.iter().all(|certificate| certificate.is_valid_at(now)) {
        return Err(Refusal::CertificateTime);
    }
    let leaf = chain.first().ok_or(Refusal::NoCertificate)?.clone();
    Ok((leaf, chain))
}

fn is_dns_name(name: &str) -> bool {
    name.len() <= 253
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// The key that `kid` names. Any key of the document will do (§5.9.3 speaks of its
/// `verificationMethod`), as long as it is there for signing.
async fn did_key(http: &dyn Http, did: &str, object: &Unverified) -> Result<PublicKey, FetchError> {
    let kid = object.header_str("kid").ok_or(Refusal::Kid)?;
    let url = if kid.starts_with('#') {
        format!("{did}{kid}")
    } else {
        kid.to_owned()
    };
    let (subject, fragment) = did::split_url(&url);
    if subject != did || fragment.is_none_or(str::is_empty) {
        return Err(Refusal::Kid.into());
    }
    let document = resolve(http, did).await?;
    let key = match document.key(&url, Relationship::Authentication) {
        Err(DidError::NotForThis) => document.key(&url, Relationship::Assertion),
        found => found,
    };
    Ok(key.map_err(Refusal::Did)?)
}

async fn resolve(http: &dyn Http, did: &str) -> Result<Document, FetchError> {
    if did::method(did) != Some("web") {
        return Ok(did::resolve_self_contained(did).map_err(Refusal::Did)?);
    }
    let url: Url = did::web_url(did).map_err(Refusal::Did)?;
    let request = net::Request::get(url)
        .accept("application/did+json, application/json")
        .limit(did::MAX_DOCUMENT);
    let response = http.send(request).await.map_err(FetchError::DidDocument)?;
    if !response.is_success() {
        return Err(Refusal::Did(DidError::Document).into());
    }
    Ok(Document::parse(&response.body, did).map_err(Refusal::Did)?)
}
