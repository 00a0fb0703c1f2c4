//! `POST /nonce`, `POST /credential` and `POST /notification` (OpenID4VCI 1.0 §7, §8, §11).

use std::collections::HashSet;

use keys::{PublicKey, UnixTime, json};
use serde_json::{Value, json};

use super::grant::{CardStatus, Grant, Stage, derive_hash, make_secret, token_lookup};
use super::proof::{ProofError, verify_proof};
use super::reply::{Refusal, Reply};
use super::service::{Issuer, MAX_BATCH};
use super::store::Store;

const CREDENTIAL: &str = "/credential";
const NOTIFICATION: &str = "/notification";
const PROOF: &str = "proof";
const MAX_NOTIFICATIONS: usize = 32;

impl<S: Store> Issuer<S> {
    /// Hands out a nonce for key proofs.
    pub fn nonce(&self, now: UnixTime) -> Reply {
        let nonce = self.nonces.make_nonce(PROOF, now);
        let reply = Reply::json(200, &json!({"c_nonce": nonce}));
        self.with_dpop_nonce(reply, now)
    }

    /// Hands out the promised card: a copy for each key that is proven, as far as the offer's
    /// copies go.
    pub fn credential(
        &self,
        authorization: Option<&str>,
        proofs: &[&str],
        body: &[u8],
        now: UnixTime,
    ) -> Reply {
        let reply = self
            .try_credential(authorization, proofs, body, now)
            .unwrap_or_else(Refusal::reply);
        self.with_dpop_nonce(reply, now)
    }

    /// Takes note of what the wallet says became of the card.
    pub fn notification(
        &self,
        authorization: Option<&str>,
        proofs: &[&str],
        body: &[u8],
        now: UnixTime,
    ) -> Reply {
        let reply = self
            .try_notification(authorization, proofs, body, now)
            .unwrap_or_else(Refusal::reply);
        self.with_dpop_nonce(reply, now)
    }

    /// The grant that the access token belongs to, as it is now.
    fn authorize(
        &self,
        authorization: Option<&str>,
        proofs: &[&str],
        path: &str,
        now: UnixTime,
    ) -> Result<(String, Grant), Refusal> {
        const INVALID: Refusal =
            Refusal::unauthorized("invalid_token", "the access token is not valid");
        let (scheme, token) = authorization
            .and_then(|header| header.split_once(' '))
            .ok_or(INVALID)?;
        let lookup = token_lookup(&derive_hash(token));
        let mut found = None;
        self.store
            .change(&lookup, &mut |grant| found = Some(grant.clone()))
            .map_err(|_| Refusal::STORE)?;
        let grant = found.ok_or(INVALID)?;
        let state = grant.token.as_ref().ok_or(INVALID)?;
        let scheme_fits = match state.key {
            Some(_) => scheme.eq_ignore_ascii_case("DPoP"),
            None => scheme.eq_ignore_ascii_case("Bearer"),
        };
        if !scheme_fits || state.expires < now {
            return Err(INVALID);
        }
        self.prove(proofs, path, Some((token, state.key.as_deref())), now)?;
        Ok((lookup, grant))
    }

    fn try_credential(
        &self,
        authorization: Option<&str>,
        proofs: &[&str],
        body: &[u8],
        now: UnixTime,
    ) -> Result<Reply, Refusal> {
        let (lookup, grant) = self.authorize(authorization, proofs, CREDENTIAL, now)?;
        let request = read_request(body)?;
        if request.configuration_id != grant.promised.configuration_id {
            return Err(if self.configured(&request.configuration_id).is_some() {
                Refusal::new(
                    "invalid_credential_request",
                    "the access token is for another card",
                )
            } else {
                Refusal::new("unknown_credential_configuration", "there is no such card")
            });
        }
        let (known, form) = self.configured(&request.configuration_id).ok_or(CANNOT)?;
        let mut keys: Vec<Option<PublicKey>> = match (form.is_bound(), &request.proofs) {
            (true, Some(proofs)) => {
                let keys = self.proven_keys(proofs, now)?;
                keys.into_iter().map(Some).collect()
            }
            (true, None) => {
                return Err(Refusal::new("invalid_proof", "a `jwt` key proof is needed"));
            }
            // Bound to no key: one copy, whatever was proven.
            (false, _) => vec![None],
        };
        let notification_id = make_secret();
        let denied = Refusal::new("credential_request_denied", "the offer has no more copies");
        let mut promised = None;
        self.store
            .change(&lookup, &mut |grant| {
                let open = matches!(grant.stage, Stage::Redeemed | Stage::Issued)
                    && grant.status == CardStatus::Valid;
                let left = grant.copies.saturating_sub(grant.issued);
                if open && left > 0 && !grant.promised.claims.is_empty() {
                    // A wallet knows the batch size and not the offer's: fewer copies than
                    // proofs are the issuer's right (§8.3).
                    keys.truncate(left);
                    grant.issued = grant.issued.saturating_add(keys.len());
                    grant.stage = Stage::Issued;
                    if grant.notifications.len() < MAX_NOTIFICATIONS {
                        grant.notifications.push(derive_hash(&notification_id));
                    }
                    promised = Some(grant.promised.clone());
                }
            })
            .map_err(|_| Refusal::STORE)?;
        let promised = promised.ok_or(denied)?;
        let dates = (now, now.saturating_add(promised.valid_for));
        // A place of its own for each copy: a shared one would tell two services that they
        // saw the same card.
        let count = if form.has_status() { keys.len() } else { 0 };
        let places = self
            .store
            .take_places(&grant.id, count)
            .map_err(|_| Refusal::STORE)?;
        let mut places = places.into_iter();
        let credentials = keys
            .iter()
            .map(|key| {
                let claims = &promised.claims;
                let status = match places.next() {
                    Some(place) => self.status_refs(form, place),
                    None if form.has_status() => return Err(CANNOT),
                    None => Vec::new(),
                };
                let text = self.sign(known, form, claims, key.as_ref(), dates, &status);
                Ok(json!({"credential": value(text.map_err(|_| CANNOT)?)}))
            })
            .collect::<Result<Vec<Value>, Refusal>>()?;
        Ok(Reply::json(
            200,
            &json!({"credentials": credentials, "notification_id": notification_id}),
        ))
    }

    /// The keys of the proofs: each once, all for this issuer and for one fresh nonce.
    fn proven_keys(&self, proofs: &[String], now: UnixTime) -> Result<Vec<PublicKey>, Refusal> {
        const INVALID: Refusal = Refusal::new("invalid_proof", "a key proof does not verify");
        const NONCE: Refusal = Refusal::new("invalid_nonce", "the nonce of a proof is not valid");
        if proofs.len() > MAX_BATCH {
            return Err(Refusal::new("invalid_proof", "too many key proofs"));
        }
        let (mut keys, mut seen, mut nonces) = (Vec::new(), HashSet::new(), HashSet::new());
        for proof in proofs {
            let proven =
                verify_proof(proof, self.identity.id(), now).map_err(|error| match error {
                    ProofError::NoNonce => NONCE,
                    _ => INVALID,
                })?;
            if !seen.insert(proven.key.thumbprint()) {
                return Err(Refusal::new("invalid_proof", "two proofs are by one key"));
            }
            keys.push(proven.key);
            nonces.insert(proven.nonce);
        }
        let mut nonces = nonces.into_iter();
        let (Some(nonce), None) = (nonces.next(), nonces.next()) else {
            return Err(NONCE);
        };
        let until = self.nonces.expiry(PROOF, &nonce, now).ok_or(NONCE)?;
        let id = format!("nonce:{}", derive_hash(&nonce));
        match self.store.use_once(&id, until, now) {
            Ok(true) => Ok(keys),
            Ok(false) => Err(NONCE),
            Err(_) => Err(Refusal::STORE),
        }
    }

    fn try_notification(
        &self,
        authorization: Option<&str>,
        proofs: &[&str],
        body: &[u8],
        now: UnixTime,
    ) -> Result<Reply, Refusal> {
        const INVALID: Refusal =
            Refusal::new("invalid_notification_request", "the request is malformed");
        let (lookup, _) = self.authorize(authorization, proofs, NOTIFICATION, now)?;
        let request = json::parse_object(body).map_err(|_| INVALID)?;
        let text = |name: &str| request.get(name).and_then(Value::as_str);
        let id = derive_hash(text("notification_id").ok_or(INVALID)?);
        let stage = match text("event") {
            Some("credential_accepted") => Stage::Accepted,
            Some("credential_failure") => Stage::Failed,
            // The holder may say so; it is not for the issuer to keep.
            Some("credential_deleted") => return Ok(Reply::empty(204)),
            _ => return Err(INVALID),
        };
        let mut known = false;
        self.store
            .change(&lookup, &mut |grant| {
                known = grant.notifications.contains(&id);
                if known {
                    grant.stage = stage;
                    grant.forget();
                }
            })
            .map_err(|_| Refusal::STORE)?;
        if known {
            Ok(Reply::empty(204))
        } else {
            Err(Refusal::new(
                "invalid_notification_id",
                "there is no such notification",
            ))
        }
    }
}

struct Request {
    configuration_id: String,
    proofs: Option<Vec<String>>,
}

const CANNOT: Refusal = Refusal {
    status: 500,
    error: "server_error",
    description: "the card cannot be made",
};

/// A credential that is a JSON object travels as one.
fn value(credential: String) -> Value {
    if credential.starts_with('{')
        && let Ok(object) = json::parse_object(credential.as_bytes())
    {
        return Value::Object(object);
    }
    Value::String(credential)
}

fn read_request(body: &[u8]) -> Result<Request, Refusal> {
    const INVALID: Refusal = Refusal::new("invalid_credential_request", "the request is malformed");
    let request = json::parse_object(body).map_err(|_| INVALID)?;
    if request.contains_key("credential_response_encryption") {
        return Err(Refusal::new(
            "invalid_encryption_parameters",
            "encrypted answers are not supported",
        ));
    }
    if request.contains_key("credential_identifier") {
        return Err(Refusal::new(
            "unknown_credential_identifier",
            "no credential identifier was handed out",
        ));
    }
    let configuration_id = request
        .get("credential_configuration_id")
        .and_then(Value::as_str)
        .ok_or(INVALID)?;
    let missing = Refusal::new("invalid_proof", "a `jwt` key proof is needed");
    let proofs = match request.get("proofs") {
        None => None,
        Some(Value::Object(proofs)) if proofs.len() == 1 => {
            let proofs = proofs.get("jwt").ok_or(missing)?.as_array();
            let proofs = proofs.filter(|proofs| !proofs.is_empty()).ok_or(INVALID)?;
            let texts = proofs
                .iter()
                .map(|proof| proof.as_str().map(str::to_owned).ok_or(INVALID));
            Some(texts.collect::<Result<Vec<_>, _>>()?)
        }
        Some(_) => return Err(INVALID),
    };
    Ok(Request {
        configuration_id: configuration_id.to_owned(),
        proofs,
    })
}
