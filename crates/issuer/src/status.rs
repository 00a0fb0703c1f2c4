//! `status`: withdraw, stop and reinstate cards, and list what is published.

use program::output::{self, Failure};
use protocol::issuer::{CardStatus, HERD, StatusAction, StatusFailure};
use serde_json::{Map, Value, json};

use crate::admin::Desk;
use crate::args::StatusVerb;
use crate::files::Data;
use crate::open::Service;

pub(crate) async fn run(data: &Data, verb: &StatusVerb, as_json: bool) -> Result<(), Failure> {
    let desk = Desk::open(data)?;
    let (id, action) = match verb {
        StatusVerb::Revoke { id } => (id, StatusAction::Revoke),
        StatusVerb::Suspend { id } => (id, StatusAction::Suspend),
        StatusVerb::Reinstate { id } => (id, StatusAction::Reinstate),
        StatusVerb::List => {
            show_lists(&desk.status_lists().await?, as_json);
            return Ok(());
        }
    };
    let changed = desk.set_status(id, action).await?;
    if as_json {
        output::json(&changed);
        return Ok(());
    }
    let copies = changed.get("copies").and_then(Value::as_u64);
    let copies = match copies.unwrap_or_default() {
        1 => "one copy".to_owned(),
        many => format!("{many} copies"),
    };
    let status = changed.get("status").and_then(Value::as_str);
    output::line(format_args!(
        "{id}: {}, with {copies} handed out. Services learn it when they next fetch the list.",
        status.unwrap_or_default(),
    ));
    Ok(())
}

fn show_lists(listed: &Value, as_json: bool) {
    if as_json {
        return output::json(listed);
    }
    let lists = listed.get("lists").and_then(Value::as_array);
    let lists = lists.map(Vec::as_slice).unwrap_or_default();
    if lists.is_empty() {
        output::line("No lists yet: the first card begins one.");
    }
    for list in lists {
        let number = |name| list.get(name).and_then(Value::as_u64).unwrap_or_default();
        let url = list.get("url").and_then(Value::as_str).unwrap_or_default();
        output::line(format_args!(
            "{url}  {} places, {} taken, {} revoked, {} suspended",
            number("places"),
            number("taken"),
            number("revoked"),
            number("suspended")
        ));
    }
}

/// Changes a status; a refusal says why.
pub(crate) fn set(service: &Service, id: &str, action: StatusAction) -> Result<Value, Failure> {
    match service.set_status(id, action) {
        Ok(change) => Ok(json!({
            "id": id,
            "status": change.status,
            "copies": change.copies,
        })),
        Err(error @ StatusFailure::Unknown) => Err(Failure::refused(
            "unknown_offer",
            error,
            "see the ids with `cairn-issuer list`; nothing was changed",
        )),
        Err(error @ StatusFailure::Revoked) => Err(Failure::refused(
            "revoked",
            error,
            "offer a new card; nothing was changed",
        )),
        Err(error @ StatusFailure::NotSuspended) => Err(Failure::refused(
            "not_suspended",
            error,
            "nothing was changed",
        )),
        Err(error) => Err(anyhow::Error::from(error).into()),
    }
}

/// What is published.
pub(crate) fn lists(service: &Service) -> Result<Value, Failure> {
    let lists = service.lists().map_err(anyhow::Error::from)?;
    let lists: Vec<Value> = lists
        .iter()
        .map(|list| {
            json!({
                "number": list.number,
                "url": list.uri,
                "places": HERD,
                "taken": list.taken,
                "revoked": list.revoked,
                "suspended": list.suspended,
            })
        })
        .collect();
    Ok(json!({"lists": lists}))
}

/// What goes to a running service.
pub(crate) fn to_json(id: &str, action: StatusAction) -> Value {
    json!({"id": id, "status": match action {
        StatusAction::Revoke => CardStatus::Revoked,
        StatusAction::Suspend => CardStatus::Suspended,
        StatusAction::Reinstate => CardStatus::Valid,
    }})
}

/// What the route reads.
pub(crate) fn from_json(object: &Map<String, Value>) -> Option<(String, StatusAction)> {
    let action = match object.get("status")?.as_str()? {
        "revoked" => StatusAction::Revoke,
        "suspended" => StatusAction::Suspend,
        "valid" => StatusAction::Reinstate,
        _ => return None,
    };
    Some((object.get("id")?.as_str()?.to_owned(), action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_what_is_read() {
        for action in [
            StatusAction::Revoke,
            StatusAction::Suspend,
            StatusAction::Reinstate,
        ] {
            let Value::Object(sent) = to_json("a", action) else {
                panic!("not an object")
            };
            assert_eq!(from_json(&sent), Some(("a".to_owned(), action)));
        }
        for wrong in [
            json!({"id": "a"}),
            json!({"id": "a", "status": "x"}),
            json!({"status": "valid"}),
        ] {
            assert_eq!(from_json(wrong.as_object().unwrap()), None);
        }
    }
}
