//! A place in the issuer's lists of statuses, for who asks for one.

use credential::status::StatusRef;
use credential::status::bitstring::to_entry;
use keys::{UnixTime, json};
use serde_json::{Map, Value};

use super::body::Body;
use super::{MAX_BODY, Problem};
use crate::issuer::{
    Form, Issuer, Place, RecordFailure, Reply, StatusAction, StatusFailure, Store, derive_record_id,
};

const OPTION: &str = "credentialStatus";
const ENTRY: &str = "BitstringStatusListEntry";
const PURPOSES: [&str; 2] = ["revocation", "suspension"];

/// What `options.credentialStatus` asks for: an entry for each of these purposes.
pub(super) struct Wanted {
    purposes: Vec<&'static str>,
    /// The caller's name for the credential.
    name: Option<String>,
}

impl Wanted {
    /// Reads `{"type": "BitstringStatusListEntry", "statusPurpose"}`, or a list of such. Without
    /// a purpose it is for both that there are.
    pub(super) fn read(body: &Body) -> Result<Option<Self>, Problem> {
        let malformed = Problem::Option(OPTION);
        let asked = match body.options.get(OPTION) {
            None => return Ok(None),
            Some(Value::Array(many)) if !many.is_empty() => many.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            Some(_) => return Err(malformed),
        };
        let mut purposes = Vec::new();
        for one in asked {
            let text = |name: &str| {
                one.get(name)
                    .map(|value| value.as_str().unwrap_or_default())
            };
            if text("type") != Some(ENTRY) {
                return Err(malformed);
            }
            match text("statusPurpose") {
                None => purposes.extend(PURPOSES),
                Some(name) => {
                    let known = PURPOSES.into_iter().find(|purpose| *purpose == name);
                    purposes.push(known.ok_or(Problem::Option(OPTION))?);
                }
            }
        }
        if body.subject.contains_key(OPTION) {
            return Err(malformed);
        }
        let id = body.subject.get("id").and_then(Value::as_str);
        let name = body.text("credentialId")?.or(id);
        Ok(Some(Self {
            purposes,
            name: name.map(str::to_owned),
        }))
    }

    /// What [`allot`](Self::allot) gives, with a place that nobody gets.
    pub(super) fn derive_example<S: Store>(&self, issuer: &Issuer<S>) -> Value {
        let place = Place {
            list: u32::MAX,
            index: u32::MAX,
        };
        self.entries(&issuer.status_refs(Form::DataIntegrity, place))
    }

    /// Takes a place and names it as a credential does.
    pub(super) fn allot<S: Store>(
        &self,
        issuer: &Issuer<S>,
        now: UnixTime,
    ) -> Result<Value, Problem> {
        let refs = issuer.record(self.name.as_deref(), now);
        let refs = refs.map_err(|error| match error {
            RecordFailure::Taken => Problem::Recorded,
            RecordFailure::Store(_) => Problem::Records,
        })?;
        Ok(self.entries(&refs))
    }

    fn entries(&self, refs: &[StatusRef]) -> Value {
        let wanted = |reference: &&StatusRef| match reference {
            StatusRef::Bitstring { purpose, .. } => self.purposes.contains(&purpose.as_str()),
            StatusRef::TokenList { .. } => false,
        };
        let entries = refs.iter().filter(wanted).filter_map(to_entry);
        let entries: Vec<Value> = entries.map(Value::Object).collect();
        match <[Value; 1]>::try_from(entries) {
            Ok([one]) => one,
            Err(many) => many.into(),
        }
    }
}

/// `POST /credentials/status`: 200, 404 where no such credential was recorded, or 400 with a
/// problem detail.
///
/// The request is `{"credentialId", "credentialStatus", "status"}`: the name under which the
/// credential was issued (`options.credentialId`, else its `id`), an entry with `statusPurpose`,
/// and whether it shall be set. Without the name the entry must say `statusListCredential` and
/// `statusListIndex`. Who is revoked stays so.
pub fn set_status<S: Store>(body: &[u8], issuer: &Issuer<S>) -> Reply {
    match change(body, issuer) {
        Ok(Some(())) => Reply::json(200, &Value::Object(Map::new())),
        Ok(None) => Reply::empty(404),
        Err(problem) => problem.reply(),
    }
}

fn change<S: Store>(body: &[u8], issuer: &Issuer<S>) -> Result<Option<()>, Problem> {
    let value = json::parse_bounded(body, MAX_BODY).map_err(|_| Problem::Json)?;
    let request = value.as_object().ok_or(Problem::Json)?;
    let entry = request.get(OPTION).and_then(Value::as_object);
    let entry = entry.ok_or(Problem::Member(OPTION))?;
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    if text("type").is_some_and(|kind| kind != ENTRY) {
        return Err(Problem::Member(OPTION));
    }
    let set = request.get("status").and_then(Value::as_bool);
    let set = set.ok_or(Problem::Member("status"))?;
    let action = match (text("statusPurpose"), set) {
        (Some("revocation"), true) => StatusAction::Revoke,
        (Some("revocation"), false) => return Err(Problem::Member("status")),
        (Some("suspension"), true) => StatusAction::Suspend,
        (Some("suspension"), false) => StatusAction::Reinstate,
        _ => return Err(Problem::Member(OPTION)),
    };
    let id = match request.get("credentialId") {
        Some(Value::String(name)) => derive_record_id(name),
        Some(_) => return Err(Problem::Member("credentialId")),
        None => {
            let index = text("statusListIndex").and_then(|index| index.parse().ok());
            let (Some(list), Some(index)) = (text("statusListCredential"), index) else {
                return Err(Problem::Member("credentialId"));
            };
            let found = issuer.holder_of_place(list, index);
            match found.map_err(|_| Problem::Records)? {
                Some(id) => id,
                None => return Ok(None),
            }
        }
    };
    match issuer.set_status(&id, action) {
        // What is valid already need not be reinstated.
        Ok(_) | Err(StatusFailure::NotSuspended) => Ok(Some(())),
        Err(StatusFailure::Unknown) => Ok(None),
        Err(StatusFailure::Revoked) => Err(Problem::RevokedForGood),
        Err(StatusFailure::Store(_)) => Err(Problem::Records),
    }
}
