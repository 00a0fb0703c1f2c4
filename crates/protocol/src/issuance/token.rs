//! The token request and its answer (OpenID4VCI 1.0 §6).

use serde_json::Value;
use zeroize::Zeroizing;

use super::error::{InDocument as _, RedeemError};
use crate::fetch::Document;
use crate::members::{self, BadMember, Object};

const DOCUMENT: Document = Document::Token;
const MAX_TOKEN: usize = 16 * 1024;
const MAX_DETAILS: usize = 64;
const MAX_IDENTIFIERS: usize = 32;
const MAX_NAME: usize = 1024;

/// What the authorization server answered. Its token is not shown by anything.
pub struct TokenResponse {
    pub(crate) access_token: Zeroizing<String>,
    /// The token may be used only with proofs of the same key.
    pub dpop: bool,
    /// The credential identifiers of each configuration, where the server names any.
    pub identifiers: Vec<(String, Vec<String>)>,
}

impl TokenResponse {
    /// Reads an answer of status 200. `dpop` says whether a proof was sent.
    pub fn read(object: &Object, dpop: bool) -> Result<Self, RedeemError> {
        let token = members::needed(object, "access_token", MAX_TOKEN).in_answer(DOCUMENT)?;
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadMember("access_token")).in_answer(DOCUMENT);
        }
        let kind = members::needed(object, "token_type", 64).in_answer(DOCUMENT)?;
        let dpop = if kind.eq_ignore_ascii_case("DPoP") && dpop {
            true
        } else if kind.eq_ignore_ascii_case("Bearer") {
            false
        } else {
            return Err(RedeemError::TokenType);
        };
        Ok(Self {
            access_token: Zeroizing::new(token.to_owned()),
            dpop,
            identifiers: identifiers(object).in_answer(DOCUMENT)?,
        })
    }

    /// The identifiers to ask for by name, where the server gave any.
    pub(crate) fn identifiers_of(&self, configuration_id: &str) -> Vec<String> {
        self.identifiers
            .iter()
            .filter(|(id, _)| id == configuration_id)
            .flat_map(|(_, identifiers)| identifiers.iter().cloned())
            .collect()
    }
}

fn identifiers(object: &Object) -> Result<Vec<(String, Vec<String>)>, BadMember> {
    let mut found = Vec::new();
    let details = members::array(object, "authorization_details", MAX_DETAILS)?;
    for detail in details.unwrap_or_default() {
        let detail = detail
            .as_object()
            .ok_or(BadMember("authorization_details"))?;
        if detail.get("type").and_then(Value::as_str) != Some("openid_credential") {
            continue;
        }
        let id = members::needed(detail, "credential_configuration_id", MAX_NAME)?;
        let identifiers =
            members::texts(detail, "credential_identifiers", MAX_IDENTIFIERS, MAX_NAME)?
                .filter(|identifiers| !identifiers.is_empty())
                .ok_or(BadMember("credential_identifiers"))?;
        found.push((id.to_owned(), identifiers));
    }
    Ok(found)
}
