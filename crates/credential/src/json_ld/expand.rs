use futures_util::FutureExt as _;
use iref::IriBuf;
use json_ld::expansion::{Action, Options, Policy, Warning};
use json_ld::rdf::{RdfDirection, RdfQuads as _};
use json_ld::syntax::Value as Syntax;
use json_ld::{Compact as _, Expand as _, ExpandedDocument, expansion};
use rdf_types::{Id, LiteralType, generator};
use serde_json::{Map, Value};

use super::stack::with_room;
use super::{Contexts, JsonLdError, bounds};
use crate::rdf::nquads::MAX_QUADS;
use crate::rdf::{LANG_STRING, Literal, Quad, Term};

/// How the labels of blank nodes begin that the document did not name.
const PREFIX_OF_FRESH: &str = "x";

/// The datatypes of texts with a direction (JSON-LD 1.1 §10.2): the language stands in the IRI.
const I18N: &str = "https://www.w3.org/ns/i18n#";

/// A document in expanded form, whose identifiers are all IRIs or blank nodes.
pub(crate) struct Expanded(ExpandedDocument);

/// Expands a document, strictly.
pub(crate) fn expand(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Expanded, JsonLdError> {
    bounds::check(document)?;
    with_room(document, || expand_bounded(document, contexts))
}

fn expand_bounded(
    document: &Map<String, Value>,
    contexts: &Contexts,
) -> Result<Expanded, JsonLdError> {
    let processed = contexts.process(document)?;
    let mut object = json_syntax::Object::new();
    for (name, value) in document {
        if name != "@context" {
            object.push(name.as_str().into(), to_syntax(value));
        }
    }
    let options = Options {
        policy: Policy {
            invalid: Action::Reject,
            vocab: Action::Keep,
            allow_undefined: false,
        },
        ..Options::default()
    };
    let mut dropped = Dropped(false);
    let expanded = Syntax::Object(object)
        .expand_full(
            &mut (),
            processed.processed().clone(),
            None,
            contexts.documents(),
            options,
            &mut dropped,
        )
        .now_or_never()
        .ok_or(JsonLdError::NotJsonLd)?
        .map_err(|error| expansion_error(&error))?;
    if dropped.0 {
        return Err(JsonLdError::Dropped);
    }
    let mut valid = true;
    let expanded = expanded.map_ids(
        |iri| iri,
        |id| {
            valid &= id.is_valid();
            id
        },
    );
    if !valid {
        return Err(JsonLdError::Identifier);
    }
    Ok(Expanded(expanded))
}

impl Expanded {
    /// The same document, in which every node has an IRI that begins with the prefix.
    pub(crate) fn with_names(self, prefix: &str) -> Self {
        let named = |name: &str| IriBuf::new(format!("{prefix}{name}"));
        let mut expanded = self.0.map_ids(
            |iri| iri,
            |id| match &id {
                json_ld::Id::Valid(Id::Blank(blank)) => {
                    named(&format!("b-{}", blank.suffix())).map_or(id, json_ld::Id::iri)
                }
                _ => id,
            },
        );
        expanded.identify_all(&mut Fresh { prefix, issued: 0 });
        Self(expanded)
    }

    /// The document in compact form, under the context of `document`.
    pub(crate) fn compact(
        &self,
        document: &Map<String, Value>,
        contexts: &Contexts,
    ) -> Result<Map<String, Value>, JsonLdError> {
        let compact = with_room(document, || {
            let processed = contexts.process(document)?;
            self.0
                .compact(processed.as_ref().as_ref(), contexts.documents())
                .now_or_never()
                .ok_or(JsonLdError::NotJsonLd)?
                .map_err(|_| JsonLdError::NotJsonLd)
        })?;
        let Value::Object(mut compact) = from_syntax(compact) else {
            return Err(JsonLdError::NotJsonLd);
        };
        match document.get("@context") {
            Some(context) => compact.insert("@context".to_owned(), context.clone()),
            None => compact.remove("@context"),
        };
        Ok(compact)
    }

    /// The document's statements (JSON-LD 1.1 API §8). Blank nodes get labels that begin with
    /// [`PREFIX_OF_FRESH`].
    pub(crate) fn into_quads(mut self) -> Result<Vec<Quad>, JsonLdError> {
        let mut fresh = generator::Blank::new_with_prefix(PREFIX_OF_FRESH.to_owned());
        self.0.relabel_and_canonicalize_with(&mut (), &mut fresh);
        let direction = Some(RdfDirection::I18nDatatype);
        let mut quads = Vec::new();
        for quad in self
            .0
            .rdf_quads_full(&mut (), &mut fresh, direction, true)
            .cloned()
        {
            if quads.len() == MAX_QUADS {
                return Err(JsonLdError::TooLarge("4096 statements"));
            }
            let rdf_types::Quad(subject, predicate, object, graph) = quad;
            let Id::Iri(predicate) = predicate else {
                return Err(JsonLdError::Dropped);
            };
            quads.push(Quad {
                subject: node(subject),
                predicate: predicate.into_string(),
                object: match object {
                    rdf_types::Term::Id(id) => node(id),
                    rdf_types::Term::Literal(value) => Term::Literal(literal(value)),
                },
                graph: graph.map(node),
            });
        }
        Ok(quads)
    }
}

/// Names nodes that the document did not name.
struct Fresh<'a> {
    prefix: &'a str,
    issued: usize,
}

impl rdf_types::Generator for Fresh<'_> {
    fn next(&mut self, _: &mut ()) -> Id {
        self.issued += 1;
        let name = format!("{}{}", self.prefix, self.issued);
        match IriBuf::new(name) {
            Ok(iri) => Id::Iri(iri),
            // The prefix is an IRI of ours; a blank node would only fail to be selected.
            Err(_) => Id::Blank(rdf_types::BlankIdBuf::from_u64(self.issued as u64)),
        }
    }
}

fn node(id: Id) -> Term {
    match id {
        Id::Iri(iri) => Term::Iri(iri.into_string()),
        Id::Blank(blank) => Term::Blank(blank.suffix().to_owned()),
    }
}

fn literal(literal: rdf_types::Literal) -> Literal {
    let (datatype, language) = match literal.type_ {
        LiteralType::Any(datatype) => {
            let mut datatype = datatype.into_string();
            if datatype.starts_with(I18N) {
                datatype.make_ascii_lowercase();
            }
            (datatype, None)
        }
        LiteralType::LangString(tag) => {
            let tag = tag.as_str().to_ascii_lowercase();
            (LANG_STRING.to_owned(), Some(tag))
        }
    };
    Literal {
        value: literal.value,
        datatype,
        language,
    }
}

/// Remembers that something was dropped.
struct Dropped(bool);

impl<N, B> json_ld::warning::Handler<N, Warning<B>> for Dropped {
    fn handle(&mut self, _: &N, warning: Warning<B>) {
        // A malformed IRI shows in the outcome; the algorithm also warns about names that a
        // narrower context defines later.
        if !matches!(warning, Warning::MalformedIri(_)) {
            self.0 = true;
        }
    }
}

fn expansion_error(error: &expansion::Error) -> JsonLdError {
    match error {
        expansion::Error::ContextProcessing(error) => context_error(error),
        expansion::Error::ContextSyntax(_) => JsonLdError::Context,
        expansion::Error::KeyExpansionFailed(_) => JsonLdError::UndefinedTerm,
        expansion::Error::InvalidTypeValue | expansion::Error::InvalidIdValue => {
            JsonLdError::Identifier
        }
        _ => JsonLdError::NotJsonLd,
    }
}

pub(super) fn context_error(error: &json_ld::context_processing::Error) -> JsonLdError {
    use json_ld::context_processing::Error;
    match error {
        Error::ContextLoadingFailed(_)
        | Error::LoadingDocumentFailed
        | Error::ContextExtractionFailed(_) => JsonLdError::UnknownContext,
        _ => JsonLdError::Context,
    }
}

/// The same JSON in the types of the JSON-LD library.
pub(super) fn to_syntax(value: &Value) -> Syntax {
    match value {
        Value::Null => Syntax::Null,
        Value::Bool(value) => Syntax::Boolean(*value),
        Value::Number(number) => {
            json_syntax::NumberBuf::new(number.to_string().into_bytes().into())
                .map_or(Syntax::Null, Syntax::Number)
        }
        Value::String(text) => Syntax::String(text.as_str().into()),
        Value::Array(items) => Syntax::Array(items.iter().map(to_syntax).collect()),
        Value::Object(members) => {
            let mut object = json_syntax::Object::new();
            for (name, value) in members {
                object.push(name.as_str().into(), to_syntax(value));
            }
            Syntax::Object(object)
        }
    }
}

/// The same JSON back again.
fn from_syntax(value: Syntax) -> Value {
    match value {
        Syntax::Null => Value::Null,
        Syntax::Boolean(value) => Value::Bool(value),
        Syntax::Number(number) => number.as_str().parse().map_or(Value::Null, Value::Number),
        Syntax::String(text) => Value::String(text.into_string()),
        Syntax::Array(items) => items.into_iter().map(from_syntax).collect(),
        Syntax::Object(object) => object
            .into_iter()
            .map(|entry| (entry.key.into_string(), from_syntax(entry.value)))
            .collect::<Map<_, _>>()
            .into(),
    }
}
