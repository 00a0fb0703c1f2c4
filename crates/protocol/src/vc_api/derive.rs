use credential::data_integrity::plain;
use credential::data_integrity::selective::{self, Pointer, SelectiveError};
use credential::did;
use credential::vcdm::Credential;
use keys::b64;
use serde_json::{Map, Value};

use super::body::Body;
use super::issue::made;
use super::{IssuerKeys, Problem, contexts};
use crate::issuer::Reply;

/// `POST /credentials/derive`: 201 with the derived credential, or 400 with a problem detail.
///
/// The request is `{"verifiableCredential", "options"}`. Options: `selectivePointers`, a list of
/// JSON pointers (missing: what is mandatory only), and `presentationHeader` in base64url for
/// `bbs-2023`. The base proof must hold; its key is the issuer's own, or one of a DID that holds
/// its key.
pub fn derive(body: &[u8], keys: &IssuerKeys) -> Reply {
    let body = Body::read(body, "verifiableCredential");
    made(body.and_then(|body| derive_part(&body, keys)))
}

fn derive_part(body: &Body, keys: &IssuerKeys) -> Result<Map<String, Value>, Problem> {
    let chosen = body.texts("selectivePointers")?.unwrap_or_default();
    let chosen: Vec<Pointer> = chosen
        .into_iter()
        .map(Pointer::parse)
        .collect::<Result<_, _>>()?;
    let header = body.text("presentationHeader")?.unwrap_or_default();
    let header = b64::decode(header).map_err(|_| Problem::Option("presentationHeader"))?;
    let credential = Credential::check(body.subject.clone())?;
    let proofs = plain::proofs(credential.document())?;
    let [proof] = proofs.as_slice() else {
        return Err(SelectiveError::NoProof.into());
    };
    let url = proof.get("verificationMethod").and_then(Value::as_str);
    let url = url.ok_or(Problem::MethodUrl)?;
    if did::split_url(url).0 != credential.issuer() {
        return Err(Problem::OtherParty("issuer"));
    }
    let document = credential.document();
    selective::verify_base(document, &keys.key_of(url)?, contexts())?;
    Ok(selective::derive(document, &chosen, &header, contexts())?)
}
