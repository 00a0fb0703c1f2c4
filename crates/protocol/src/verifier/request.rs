use keys::x509::Certificate;
use keys::{SigningKey, UnixTime, b64, jws};
use query::{Format, Query};
use rand::RngCore as _;
use rand::rngs::OsRng;
use serde_json::{Map, Value, json};
use url::Url;

use crate::jwe::DecryptionKey;
use crate::presentation::{AUDIENCE, PURPOSE_FORMAT, Prefix, REQUEST_TYPE};

/// Who asks, and what proves it (OpenID4VP 1.0 §5.9.3).
pub enum Identity {
    /// By the address of the answers only; requests are not signed.
    RedirectUri,
    /// By a DNS name in a certificate.
    X509SanDns {
        /// The name, one of the leaf's.
        name: String,
        /// The chain, leaf first.
        chain: Vec<Certificate>,
        /// The leaf's key.
        key: SigningKey,
    },
    /// By the hash of a certificate.
    X509Hash {
        /// The chain, leaf first.
        chain: Vec<Certificate>,
        /// The leaf's key.
        key: SigningKey,
    },
    /// By a DID.
    Did {
        /// The DID URL of the key in the DID's document.
        kid: String,
        /// The key.
        key: SigningKey,
    },
}

/// What is asked for in one request.
pub struct Ask {
    /// The query.
    pub query: Query,
    /// The id of the registered purpose.
    pub purpose: Option<String>,
    /// Where the answer goes.
    pub response_uri: Url,
    /// True to have the answer encrypted (`direct_post.jwt`).
    pub encrypted: bool,
}

/// One request and all that is needed to open its answer.
pub struct Session {
    pub(super) client_id: String,
    pub(super) nonce: String,
    pub(super) state: String,
    pub(super) query: Query,
    pub(super) key: Option<DecryptionKey>,
    key_thumbprint: Option<[u8; 32]>,
    purpose: Option<String>,
    response_uri: Url,
}

impl Identity {
    /// The prefix.
    pub fn prefix(&self) -> Prefix {
        match self {
            Self::RedirectUri => Prefix::RedirectUri,
            Self::X509SanDns { .. } => Prefix::X509SanDns,
            Self::X509Hash { .. } => Prefix::X509Hash,
            Self::Did { .. } => Prefix::DecentralizedIdentifier,
        }
    }

    /// The client identifier, prefix included. Only `redirect_uri` depends on the address.
    pub fn client_id(&self, response_uri: &Url) -> String {
        let name = match self {
            Self::RedirectUri => response_uri.to_string(),
            Self::X509SanDns { name, .. } => name.clone(),
            Self::X509Hash { chain, .. } => chain
                .first()
                .map(|leaf| b64::encode(leaf.sha256()))
                .unwrap_or_default(),
            Self::Did { kid, .. } => credential::did::split_url(kid).0.to_owned(),
        };
        format!("{}:{name}", self.prefix().name())
    }

    /// The header of a request object and the key that signs it.
    fn signer(&self) -> Option<(Map<String, Value>, &SigningKey)> {
        let with = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
        match self {
            Self::RedirectUri => None,
            Self::X509SanDns { chain, key, .. } | Self::X509Hash { chain, key } => {
                let x5c = chain.iter().map(|c| Value::from(c.to_x5c())).collect();
                Some((with("x5c", x5c), key))
            }
            Self::Did { kid, key } => Some((with("kid", kid.as_str().into()), key)),
        }
    }
}

impl Session {
    /// A new session with a fresh nonce, a fresh state and, for an encrypted answer, a fresh
    /// key.
    pub fn make(identity: &Identity, ask: Ask) -> Self {
        let key = ask.encrypted.then(DecryptionKey::make);
        Self {
            client_id: identity.client_id(&ask.response_uri),
            nonce: make_token(),
            state: make_token(),
            key_thumbprint: key.as_ref().map(DecryptionKey::thumbprint),
            key,
            query: ask.query,
            purpose: ask.purpose,
            response_uri: ask.response_uri,
        }
    }

    /// The client identifier: `aud` of the holder's proof.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The nonce of the holder's proof.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The state that the answer must bring back.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// What was asked for.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// What the holder's proof of an answer must be bound to.
    pub fn expects(&self, now: UnixTime) -> credential::format::Request<'_> {
        credential::format::Request {
            client_id: &self.client_id,
            nonce: &self.nonce,
            response_uri: Some(self.response_uri.as_str()),
            encryption_key: self.key_thumbprint.as_ref(),
            now,
        }
    }

    /// The parameters of the request (§5.1).
    pub fn parameters(&self) -> Map<String, Value> {
        let mut metadata = json!({"vp_formats_supported": formats(&self.query)});
        if let (Some(key), Some(members)) = (&self.key, metadata.as_object_mut()) {
            members.insert("jwks".to_owned(), json!({"keys": [key.public_jwk()]}));
            members.insert(
                "encrypted_response_enc_values_supported".to_owned(),
                json!(["A256GCM", "A128GCM"]),
            );
        }
        let mode = if self.key.is_some() {
            "direct_post.jwt"
        } else {
            "direct_post"
        };
        let mut parameters = Map::new();
        let mut put = |name: &str, value: Value| parameters.insert(name.to_owned(), value);
        put("client_id", self.client_id.as_str().into());
        put("response_type", "vp_token".into());
        put("response_mode", mode.into());
        put("response_uri", self.response_uri.as_str().into());
        put("nonce", self.nonce.as_str().into());
        put("state", self.state.as_str().into());
        put("dcql_query", self.query.to_json());
        put("client_metadata", metadata);
        if let Some(purpose) = &self.purpose {
            put(
                "verifier_info",
                json!([{"format": PURPOSE_FORMAT, "data": purpose}]),
            );
        }
        parameters
    }

    /// The request object, valid for `lifetime` seconds: the body of `request_uri`, or the
    /// value of `request`. With `redirect_uri` it is unsigned (`alg` `none`).
    ///
    /// `wallet_nonce` is the one that the wallet posted, if it posted one (§5.10).
    pub fn request_object(
        &self,
        identity: &Identity,
        wallet_nonce: Option<&str>,
        now: UnixTime,
        lifetime: UnixTime,
    ) -> String {
        let mut claims = self.parameters();
        let mut put = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        put("iss", self.client_id.as_str().into());
        put("aud", AUDIENCE.into());
        put("iat", now.into());
        put("exp", now.saturating_add(lifetime).into());
        if let Some(nonce) = wallet_nonce {
            put("wallet_nonce", nonce.into());
        }
        let claims = Value::Object(claims);
        match identity.signer() {
            Some((header, key)) => jws::sign_claims(REQUEST_TYPE, header, &claims, key),
            None => {
                let header = json!({"alg": "none", "typ": REQUEST_TYPE});
                let part = |value: &Value| b64::encode(value.to_string());
                format!("{}.{}.", part(&header), part(&claims))
            }
        }
    }

    /// A link that carries the parameters themselves. Only for `redirect_uri`: wallets
    /// refuse any other without a signature.
    pub fn link_by_value(&self, scheme: &str) -> String {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let parameters = self.parameters();
        let pairs = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), text(value)));
        link(scheme, pairs)
    }

    /// A link that carries a request object.
    pub fn link_with_object(&self, scheme: &str, object: &str) -> String {
        let pairs = [("client_id", self.client_id.as_str()), ("request", object)];
        link(
            scheme,
            pairs
                .into_iter()
                .map(|(name, value)| (name, value.to_owned())),
        )
    }

    /// A link to a request object; `post` asks the wallet for a nonce of its own.
    pub fn link_by_reference(&self, scheme: &str, request_uri: &Url, post: bool) -> String {
        let mut pairs = vec![
            ("client_id", self.client_id.clone()),
            ("request_uri", request_uri.to_string()),
        ];
        if post {
            pairs.push(("request_uri_method", "post".to_owned()));
        }
        link(scheme, pairs.into_iter())
    }
}

fn link<'a>(scheme: &str, pairs: impl Iterator<Item = (&'a str, String)>) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{scheme}://?{query}")
}

/// `vp_formats_supported` for the formats that the query names.
fn formats(query: &Query) -> Value {
    let format = |format: &Format| match format {
        Format::SdJwt | Format::DraftSdJwt => json!({
            "sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"],
            "kb-jwt_alg_values": ["ES256", "EdDSA"],
        }),
        Format::Mdoc => json!({"issuerauth_alg_values": [-7, -35], "deviceauth_alg_values": [-7]}),
        Format::LdpVc => json!({"proof_type_values": ["DataIntegrityProof"]}),
        Format::JwtVcJson => json!({"alg_values": ["ES256", "ES384", "EdDSA"]}),
        _ => json!({}),
    };
    query
        .credentials
        .iter()
        .map(|credential| {
            (
                credential.format.as_str().to_owned(),
                format(&credential.format),
            )
        })
        .collect::<Map<_, _>>()
        .into()
}

fn make_token() -> String {
    let mut bytes = [0_u8; 24];
    OsRng.fill_bytes(&mut bytes);
    b64::encode(bytes)
}
