//! What was asked for of what was shown. The desk keeps nothing else.

use credential::format::{self, Format};
use protocol::verifier::Checked;
use query::{ClaimPath, Query, Segment};
use serde_json::{Map, Value};

use crate::words::visible;

/// The claims that were asked for, in the words of their type, and the names of what came
/// beside them.
pub(crate) fn asked_for(query: &Query, one: &Checked) -> (Map<String, Value>, Vec<String>) {
    // A query without claims wants what the issuer lets nobody hold back.
    let wanted = query
        .credential(&one.id)
        .and_then(|(_, credential)| credential.claims.as_ref());
    let Some(wanted) = wanted else {
        let kept = format::claims_in_words_of_type(one.format, &one.facts.claims);
        return (kept, Vec::new());
    };
    let mut sieve = Sieve {
        format: one.format,
        wanted: wanted.iter().map(|claim| &claim.path).collect(),
        unasked: Vec::new(),
    };
    let kept = sieve.members(&mut Vec::new(), &one.facts.claims);
    let kept = format::claims_in_words_of_type(one.format, &kept);
    (kept, sieve.unasked)
}

struct Sieve<'a> {
    format: &'static dyn Format,
    wanted: Vec<&'a ClaimPath>,
    unasked: Vec<String>,
}

impl Sieve<'_> {
    fn members(
        &mut self,
        at: &mut Vec<Segment>,
        members: &Map<String, Value>,
    ) -> Map<String, Value> {
        let mut kept = Map::new();
        for (name, value) in members {
            at.push(Segment::Name(name.clone()));
            if let Some(value) = self.value(at, value) {
                kept.insert(name.clone(), value);
            }
            at.pop();
        }
        kept
    }

    fn value(&mut self, at: &mut Vec<Segment>, value: &Value) -> Option<Value> {
        let here = |path: &&ClaimPath| begins(at, path.segments());
        if self.wanted.iter().any(here) {
            return Some(value.clone());
        }
        let below = |path: &&ClaimPath| begins(path.segments(), at);
        let goes_on = self.wanted.iter().any(below);
        let words = ClaimPath::new(at.clone())
            .ok()
            .and_then(|path| self.format.in_words_of_type(&path));
        match (value, words) {
            (_, Some(words)) if !goes_on => {
                self.unasked.push(name(&words));
                None
            }
            (Value::Object(members), _) => {
                let kept = self.members(at, members);
                (!kept.is_empty()).then_some(Value::Object(kept))
            }
            (Value::Array(items), _) => {
                let mut kept = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    at.push(Segment::Index(index));
                    kept.extend(self.value(at, item));
                    at.pop();
                }
                (!kept.is_empty()).then_some(Value::Array(kept))
            }
            _ => None,
        }
    }
}

/// True when `path` begins with `start`. Elements of an array that were held back have left it,
/// so that an index stands for any.
fn begins(path: &[Segment], start: &[Segment]) -> bool {
    path.len() >= start.len()
        && path
            .iter()
            .zip(start)
            .all(|(one, other)| match (one, other) {
                (Segment::Name(one), Segment::Name(other)) => one == other,
                (Segment::Name(_), _) | (_, Segment::Name(_)) => false,
                _ => true,
            })
}

fn name(path: &ClaimPath) -> String {
    let steps = path.segments().iter().map(|segment| match segment {
        Segment::Name(name) => visible(name),
        Segment::Index(index) => index.to_string(),
        Segment::All => "*".to_owned(),
    });
    steps.collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use keys::SigningKey;
    use serde_json::json;

    use super::*;

    fn sift(asked: Value, shown: Value) -> (Value, Vec<String>) {
        let query = json!({"credentials": [{
            "id": "a", "format": "dc+sd-jwt", "meta": {"vct_values": ["t"]}, "claims": asked,
        }]});
        let query = Query::from_json(&query).unwrap();
        let key = SigningKey::make_p256();
        let format = format::by_id("dc+sd-jwt").unwrap();
        let draft = format::Draft {
            type_id: "t",
            claims: shown.as_object().unwrap(),
            conceal: &[],
            holder: None,
            issuer: Some("https://issuer.example"),
            key_name: format::KeyName::Id("k"),
            issued_at: 1,
            valid_from: None,
            valid_until: None,
            status: &[],
        };
        let text = format
            .issue(&draft, format::IssuerSecret::Signing(&key))
            .unwrap();
        let one = Checked {
            id: "a".to_owned(),
            format,
            facts: format.describe(&text).unwrap(),
            source: format.peek(&text).unwrap().key_source,
            issuer: key.public(),
        };
        let (kept, unasked) = asked_for(&query, &one);
        (Value::Object(kept), unasked)
    }

    #[test]
    fn what_was_not_asked_for_is_named_and_dropped() {
        let shown =
            json!({"name": "Ada", "address": {"city": "x", "street": "y"}, "tags": ["a", "b"]});
        let (kept, mut unasked) = sift(json!([{"path": ["address", "city"]}]), shown.clone());
        unasked.sort();
        assert_eq!(kept, json!({"address": {"city": "x"}}));
        assert_eq!(unasked, ["address.street", "name", "tags"]);
        let whole = json!([{"path": ["address"]}, {"path": ["name"]}, {"path": ["tags", 7]}]);
        let (kept, unasked) = sift(whole, shown);
        assert_eq!(kept["address"]["street"], "y");
        assert_eq!(kept["tags"], json!(["a", "b"]));
        assert!(unasked.is_empty() && kept.get("iss").is_none());
    }
}
