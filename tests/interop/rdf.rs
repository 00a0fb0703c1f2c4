//! Canonical N-Quads (JSON-LD 1.1 and RDFC-1.0) beside `jsonld` for JavaScript: what every
//! signature over RDF rests on.

use anyhow::{Result, ensure};
use credential::json_ld;
use journeys::peer::Peer;
use serde_json::{Value, json};

use crate::cards::{Card, cards, contexts, documents, like_a_blank_node, of_the_catalogue};
use crate::exchange::{get, refused, text};
use crate::trial::Trial;

const PEER: &str = "digitalbazaar";

pub(crate) fn trials() -> Result<Vec<Trial>> {
    let mut trials = Vec::new();
    let all = cards().into_iter().chain([like_a_blank_node()]);
    for card in all.chain(of_the_catalogue()?) {
        let name = format!("rdf: {}: both make the same statements", card.name);
        trials.push(Trial::new(PEER, name, move |peer| {
            same_statements(peer, &card)
        }));
    }
    trials.push(Trial::new(
        PEER,
        "rdf: a term without a definition is refused by both",
        |peer| {
            let mut document = cards().remove(0).document("did:example:issuer")?;
            document.insert("undefined".to_owned(), "x".into());
            ensure!(
                json_ld::canonize(&document, &contexts()?).is_err(),
                "Cairn drops it"
            );
            refused(
                peer,
                &canonize(&document.into()),
                "Safe mode validation error",
            )
        },
    ));
    trials.push(Trial::new(
        PEER,
        "rdf: an unknown context is fetched by neither",
        |peer| {
            let mut document = cards().remove(0).document("did:example:issuer")?;
            document.insert(
                "@context".to_owned(),
                json!([
                    "https://www.w3.org/ns/credentials/v2",
                    "https://unknown.example/context"
                ]),
            );
            ensure!(
                json_ld::canonize(&document, &contexts()?).is_err(),
                "Cairn takes it"
            );
            refused(
                peer,
                &canonize(&document.into()),
                "Dereferencing a URL did not result in a valid JSON-LD",
            )
        },
    ));
    Ok(trials)
}

fn canonize(document: &Value) -> Value {
    json!({"do": "canonize", "document": document, "documents": documents()})
}

fn same_statements(peer: &mut Peer, card: &Card) -> Result<()> {
    let document = card.document("did:example:issuer")?;
    let ours = json_ld::canonize(&document, &contexts()?)?.concat();
    let theirs = get(peer, &canonize(&document.into()))?;
    let theirs = text(&theirs)?;
    ensure!(ours == theirs, "Cairn:\n{ours}\nthe peer:\n{theirs}");
    Ok(())
}
