use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

use super::choose::Suite;
use super::refused::Unfit;
use super::selective::{self, Pointer, guarded_pointers};
use crate::format::Refused;
use crate::vcdm::facts::SUBJECT;

/// What a presentation must show of a credential by this suite, whatever is chosen; `None` where
/// that is everything.
pub(super) fn always(
    suite: Suite,
    document: &Map<String, Value>,
) -> Result<Option<Vec<Pointer>>, Refused> {
    if let Suite::Plain(_) = suite {
        return Ok(None);
    }
    let mut pointers = selective::mandatory_pointers(document)?;
    pointers.extend(guarded_pointers(document));
    pointers.extend(binding(document));
    Ok(Some(pointers))
}

/// The pointer to the identifier of the subject: without it nobody knows whose the credential is.
pub(super) fn binding(document: &Map<String, Value>) -> Option<Pointer> {
    let subject = document.get(SUBJECT)?.as_object()?;
    subject.get("id")?;
    Pointer::parse(&format!("/{SUBJECT}/id")).ok()
}

/// The concrete pointers of what was chosen. Every path must be there.
pub(super) fn pointers(
    document: &Map<String, Value>,
    paths: &[ClaimPath],
) -> Result<Vec<Pointer>, Refused> {
    let whole = Value::Object(document.clone());
    let mut pointers = Vec::new();
    for path in paths {
        let found = path
            .select(&whole)
            .map_err(|_| Unfit::NoSuchClaim.refuse())?;
        pointers.extend(found.iter().map(|(path, _)| Pointer::from_claim_path(path)));
    }
    Ok(pointers)
}

/// True where a derived credential that shows what these pointers point at shows this path: it
/// lies below one, or leads to one, or says what a node is that leads to one.
pub(super) fn is_shown(path: &ClaimPath, pointers: &[Pointer]) -> bool {
    let path: Vec<String> = path.segments().iter().map(token).collect();
    let leads_to = |place: &[String]| {
        pointers
            .iter()
            .any(|pointer| pointer.tokens().starts_with(place))
    };
    let lies_below = pointers
        .iter()
        .any(|pointer| path.starts_with(pointer.tokens()));
    let of_its_node = match path.split_last() {
        Some((last, [])) => last == "@context" || last == "id" || last == "type",
        Some((last, node)) => (last == "id" || last == "type") && leads_to(node),
        None => false,
    };
    // The items of a node's types are shown with it.
    let item_of_type = match path.as_slice() {
        [node @ .., name, _] => (name == "type" || name == "@context") && leads_to(node),
        _ => false,
    };
    lies_below || leads_to(&path) || of_its_node || item_of_type
}

fn token(segment: &Segment) -> String {
    match segment {
        Segment::Name(name) => name.clone(),
        Segment::Index(index) => index.to_string(),
        Segment::All => String::new(),
    }
}
