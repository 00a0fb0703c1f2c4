//! W3C credentials of every shape that selective disclosure has to hold for.

use anyhow::{Result, ensure};
use credential::catalogue;
use credential::json_ld::Contexts;
use serde_json::{Map, Value, json};

use crate::exchange::object;

/// The id of the context of these cards, which both sides are handed.
pub(crate) const CONTEXT_ID: &str = "urn:example:card:context";
const VCDM: &str = "https://www.w3.org/ns/credentials/v2";

/// A credential, and what of it is shown.
pub(crate) struct Card {
    pub(crate) name: String,
    contexts: Vec<&'static str>,
    types: Vec<&'static str>,
    /// Members beside `credentialSubject`.
    beside: Value,
    subject: Value,
    /// JSON pointers of what is always shown.
    pub(crate) mandatory: Vec<String>,
    /// JSON pointers of what the holder shows.
    pub(crate) selective: Vec<String>,
    /// Texts that a derived credential shows.
    pub(crate) shown: Vec<&'static str>,
    /// Texts that it hides.
    pub(crate) hidden: Vec<&'static str>,
    /// A shown value, by its pointer in the derived credential, to be changed.
    pub(crate) change: &'static str,
}

impl Card {
    /// The credential of this issuer, without a proof. `issuer` of the card is an object where it
    /// has more to say than its id.
    pub(crate) fn document(&self, issuer: &str) -> Result<Map<String, Value>> {
        let mut types = vec!["VerifiableCredential"];
        types.extend(&self.types);
        let mut contexts = vec![VCDM];
        contexts.extend(&self.contexts);
        let mut document = object(json!({"@context": contexts, "type": types, "issuer": issuer}))?;
        for (name, value) in object(self.beside.clone())? {
            document.insert(name, value);
        }
        if let Some(more) = document.get_mut("issuer").and_then(Value::as_object_mut) {
            more.insert("id".to_owned(), issuer.into());
        }
        document.insert("credentialSubject".to_owned(), self.subject.clone());
        Ok(document)
    }

    /// A derived credential shows what it should and hides what it should.
    pub(crate) fn shows_what_it_should(&self, derived: &Value) -> Result<()> {
        let mut derived = derived.clone();
        // What is written in a signature is nobody's claim.
        derived
            .as_object_mut()
            .map(|members| members.remove("proof"));
        let text = derived.to_string();
        for shown in &self.shown {
            ensure!(text.contains(shown), "{shown} is not shown in {text}");
        }
        for hidden in &self.hidden {
            ensure!(!text.contains(hidden), "{hidden} is shown in {text}");
        }
        Ok(())
    }

    /// The derived credential with one shown value changed.
    pub(crate) fn changed(&self, derived: &Value) -> Result<Value> {
        let mut derived = derived.clone();
        let place = derived.pointer_mut(self.change);
        ensure!(
            place.is_some(),
            "there is nothing to change at {}",
            self.change
        );
        if let Some(place) = place {
            *place = match place {
                Value::Bool(value) => Value::Bool(!*value),
                Value::String(time) if time.ends_with('Z') => "2035-01-01T00:00:00Z".into(),
                _ => "2001-01-01".into(),
            };
        }
        Ok(derived)
    }
}

fn context() -> Value {
    let mut terms = object(json!({
        "@version": 1.1,
        "@protected": true,
        "Card": "urn:example:card#Card",
        "Address": "urn:example:card#Address",
        "Category": "urn:example:card#Category",
        "motto": {"@id": "urn:example:card#motto", "@language": "cy"},
        "page": {"@id": "urn:example:card#page", "@type": "@id"},
        "since": {"@id": "urn:example:card#since", "@type": "http://www.w3.org/2001/XMLSchema#date"},
    }))
    .unwrap_or_default();
    for term in [
        "given_name",
        "family_name",
        "born",
        "likes",
        "address",
        "street",
        "town",
        "country",
        "categories",
        "code",
        "member",
        "count",
        "ratio",
        "text",
        "school",
        "course",
        "teacher",
    ] {
        terms.insert(term.to_owned(), format!("urn:example:card#{term}").into());
    }
    json!({"@context": terms})
}

/// What a peer is handed with each request: the contexts by their ids.
pub(crate) fn documents() -> Value {
    let mut documents = Map::new();
    documents.insert(CONTEXT_ID.to_owned(), context());
    for entry in catalogue::types() {
        if let Ok(context) = serde_json::from_str(entry.context) {
            documents.insert(entry.context_id.to_owned(), context);
        }
    }
    Value::Object(documents)
}

/// What Cairn is handed: those compiled in, and that of these cards.
pub(crate) fn contexts() -> Result<Contexts> {
    Ok(Contexts::pinned().with(CONTEXT_ID, &context().to_string())?)
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|&one| one.to_owned()).collect()
}

fn card(name: &str, subject: Value) -> Card {
    Card {
        name: name.to_owned(),
        contexts: vec![CONTEXT_ID],
        types: vec!["Card"],
        beside: json!({"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2036-01-01T00:00:00Z"}),
        subject,
        mandatory: strings(&["/issuer", "/validFrom", "/validUntil"]),
        selective: strings(&["/credentialSubject/given_name"]),
        shown: vec!["Ada", "2036-01-01T00:00:00Z"],
        hidden: vec!["Lovelace"],
        change: "/credentialSubject/given_name",
    }
}

/// The cards of every shape.
pub(crate) fn cards() -> Vec<Card> {
    let flat = json!({"given_name": "Ada", "family_name": "Lovelace", "born": 1815});
    let mut with_id = flat.clone();
    with_id["id"] = "did:example:ada".into();
    let mut described = card("an issuer with a name, and a status", with_id.clone());
    described.beside = json!({
        "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
        "name": "A card",
        "issuer": {"name": "The Card Office", "description": "which nobody has to know"},
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2036-01-01T00:00:00Z",
        "credentialStatus": {
            "id": "https://issuer.example/status/1#7", "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": "7",
            "statusListCredential": "https://issuer.example/status/1"},
    });
    described.mandatory = strings(&["/issuer/id", "/validUntil", "/credentialStatus"]);
    described.selective = strings(&["/issuer/name", "/credentialSubject/given_name"]);
    described.shown = vec!["Ada", "The Card Office", "statusListIndex"];
    described.hidden = vec!["Lovelace", "nobody"];
    vec![
        card("flat with a subject id", with_id.clone()),
        card("flat without a subject id", flat.clone()),
        Card {
            mandatory: strings(&["/issuer", "/validUntil", "/credentialSubject/family_name"]),
            shown: vec!["Ada", "Lovelace"],
            hidden: vec!["1815", "2026-01-01"],
            ..card("a mandatory claim of the subject", flat.clone())
        },
        Card {
            mandatory: Vec::new(),
            selective: strings(&["/credentialSubject/given_name", "/validUntil", "/issuer"]),
            hidden: vec!["Lovelace", "2026-01-01"],
            ..card("nothing mandatory", with_id.clone())
        },
        Card {
            mandatory: strings(&["/issuer", "/validUntil", "/credentialSubject"]),
            selective: strings(&["/validFrom"]),
            shown: vec!["Ada", "Lovelace", "1815", "2026-01-01"],
            hidden: vec![],
            ..card("the whole subject mandatory", flat.clone())
        },
        Card {
            mandatory: strings(&["/issuer", "/validUntil", "/credentialSubject/born"]),
            selective: Vec::new(),
            shown: vec!["2036-01-01", "1815"],
            hidden: vec!["Ada", "Lovelace"],
            change: "/validUntil",
            ..card("only what is mandatory", flat.clone())
        },
        described,
        Card {
            selective: strings(&["/credentialSubject/likes/1"]),
            shown: vec!["rain"],
            hidden: vec!["Ada", "tea", "cake"],
            change: "/credentialSubject/likes/0",
            ..card(
                "an array of texts",
                json!({"given_name": "Ada", "likes": ["tea", "rain", "cake"]}),
            )
        },
        Card {
            selective: strings(&["/credentialSubject/address/town"]),
            shown: vec!["Leeds", "urn:example:place:1"],
            hidden: vec!["Ada", "Mill Lane"],
            change: "/credentialSubject/address/town",
            ..card(
                "a nested node with an id",
                json!({"id": "did:example:ada", "given_name": "Ada", "address": {
                    "id": "urn:example:place:1", "type": "Address",
                    "street": "1 Mill Lane", "town": "Leeds"}}),
            )
        },
        Card {
            selective: strings(&["/credentialSubject/address/town"]),
            shown: vec!["Leeds"],
            hidden: vec!["Ada", "Mill Lane"],
            change: "/credentialSubject/address/town",
            ..card(
                "a nested blank node",
                json!({"given_name": "Ada", "address": {
                    "type": "Address", "street": "1 Mill Lane", "town": "Leeds"}}),
            )
        },
        Card {
            selective: strings(&["/credentialSubject/course/school/teacher/family_name"]),
            shown: vec!["Babbage"],
            hidden: vec!["Ada", "Charles", "Leeds"],
            change: "/credentialSubject/course/school/teacher/family_name",
            ..card(
                "blank nodes four deep",
                json!({"given_name": "Ada", "course": {"code": "M1", "school": {
                    "town": "Leeds",
                    "teacher": {"given_name": "Charles", "family_name": "Babbage"}}}}),
            )
        },
        Card {
            selective: strings(&[
                "/credentialSubject/categories/1/code",
                "/credentialSubject/categories/2",
            ]),
            shown: vec!["\"A\"", "\"C1\"", "2009-08-07"],
            hidden: vec!["\"B\"", "2004-05-06", "2001-02-03"],
            change: "/credentialSubject/categories/0/code",
            ..card(
                "an array of blank nodes",
                json!({"id": "did:example:ada", "categories": [
                    {"type": "Category", "code": "B", "since": "2001-02-03"},
                    {"type": "Category", "code": "A", "since": "2004-05-06"},
                    {"type": "Category", "code": "C1", "since": "2009-08-07"}]}),
            )
        },
        Card {
            selective: strings(&[
                "/credentialSubject/categories/0/code",
                "/credentialSubject/given_name",
            ]),
            change: "/credentialSubject/categories/0/code",
            hidden: vec!["2001-02-03"],
            ..card(
                "blank nodes that are alike",
                json!({"given_name": "Ada", "categories": [
                    {"type": "Category", "code": "B", "address": {"country": "GB"}},
                    {"type": "Category", "code": "B", "address": {"country": "GB"}},
                    {"type": "Category", "code": "B", "since": "2001-02-03"}]}),
            )
        },
        Card {
            selective: strings(&["/credentialSubject/1/given_name"]),
            hidden: vec!["Lovelace", "Byron"],
            change: "/credentialSubject/0/given_name",
            ..card(
                "two subjects",
                json!([
                    {"id": "did:example:byron", "family_name": "Byron"},
                    {"given_name": "Ada", "family_name": "Lovelace"}
                ]),
            )
        },
        Card {
            selective: strings(&["/credentialSubject"]),
            shown: vec!["Heddwch", "-0.125", "urn:example:page", "Siân"],
            hidden: vec![],
            change: "/credentialSubject/member",
            ..card(
                "values of every kind",
                json!({"member": true, "count": 42, "ratio": -0.125, "motto": "Heddwch",
                    "since": "2001-02-03", "page": "urn:example:page",
                    "given_name": {"@value": "Siân", "@language": "cy"},
                    "text": "quote \" backslash \\ tab \t line \n return \r bell \u{7} \
                             delete \u{7f} flag \u{1F3F4} bom \u{feff}",
                    "likes": ["", " ", "<urn:x>", "^^<urn:y> ."]}),
            )
        },
    ]
}

/// A text that is written as a blank node is. The peer takes it for one when it relabels, so it
/// is for canonicalization alone.
pub(crate) fn like_a_blank_node() -> Card {
    card(
        "a text like a blank node",
        json!({"given_name": "_:c14n0", "likes": ["_:b0 ", "_:c14n1"], "course": {"code": "_:"}}),
    )
}

/// The types of the catalogue, each with its own context and example; the first claim is shown.
pub(crate) fn of_the_catalogue() -> Result<Vec<Card>> {
    catalogue::types()
        .iter()
        .map(|entry| {
            let mut subject = object(serde_json::from_str(entry.example)?)?;
            let first = subject.keys().next().cloned().unwrap_or_default();
            let mut one = card(entry.name, Value::Null);
            // A claim called id or type is the type's own, and no name of a node.
            subject.retain(|name, _| name != "id" && name != "type");
            one.subject = subject.into();
            one.contexts = vec![entry.context_id];
            one.types = vec![entry.name];
            one.selective = vec![format!("/credentialSubject/{first}")];
            one.shown = Vec::new();
            one.hidden = Vec::new();
            one.change = "/validUntil";
            Ok(one)
        })
        .collect()
}
