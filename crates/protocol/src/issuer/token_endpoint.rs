//! `POST /token` (OpenID4VCI 1.0 §6).

use std::collections::HashMap;

use keys::UnixTime;
use serde_json::json;
use url::form_urlencoded;

use super::grant::{TOKEN_LIFETIME, Token, code_lookup, derive_hash, make_secret};
use super::reply::{Refusal, Reply};
use super::service::Issuer;
use super::store::Store;
use crate::issuance::PRE_AUTHORIZED;

pub(crate) const PATH: &str = "/token";
const MAX_FIELDS: usize = 32;

impl<S: Store> Issuer<S> {
    /// Trades a pre-authorized code for an access token. `proofs` are the `DPoP` headers of
    /// the request, `form` its body.
    pub fn token(&self, form: &[u8], proofs: &[&str], now: UnixTime) -> Reply {
        let reply = self
            .try_token(form, proofs, now)
            .unwrap_or_else(Refusal::reply);
        self.with_dpop_nonce(reply, now)
    }

    fn try_token(&self, form: &[u8], proofs: &[&str], now: UnixTime) -> Result<Reply, Refusal> {
        let fields = read_form(form)?;
        let field = |name: &str| fields.get(name).map(String::as_str);
        match field("grant_type") {
            Some(PRE_AUTHORIZED) => {}
            Some(_) => {
                return Err(Refusal::new(
                    "unsupported_grant_type",
                    "only pre-authorized codes are taken",
                ));
            }
            None => return Err(Refusal::new("invalid_request", "`grant_type` is missing")),
        }
        let code = field("pre-authorized_code")
            .ok_or(Refusal::new("invalid_request", "the code is missing"))?;
        // Before the code is touched: a proof that lacks a nonce must not cost the code.
        let key = self.prove(proofs, PATH, None, now)?;
        let token = make_secret();
        let mut outcome = Err(Refusal::new("invalid_grant", "the code is not valid"));
        let found = self
            .store
            .change(&code_lookup(&derive_hash(code)), &mut |grant| {
                outcome = grant.redeem(field("tx_code"), now);
                if outcome.is_ok() {
                    grant.token = Some(Token {
                        hash: derive_hash(&token),
                        expires: now.saturating_add(TOKEN_LIFETIME),
                        key: key.clone(),
                    });
                }
            });
        found.map_err(|_| Refusal::STORE)?;
        outcome?;
        Ok(Reply::json(
            200,
            &json!({
                "access_token": token,
                "token_type": if key.is_some() { "DPoP" } else { "Bearer" },
                "expires_in": TOKEN_LIFETIME,
            }),
        ))
    }
}

/// RFC 6749 §3.2: no parameter stands twice.
fn read_form(form: &[u8]) -> Result<HashMap<String, String>, Refusal> {
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(form) {
        let again = fields.insert(name.into_owned(), value.into_owned());
        if again.is_some() || fields.len() > MAX_FIELDS {
            return Err(Refusal::new("invalid_request", "a parameter stands twice"));
        }
    }
    Ok(fields)
}
