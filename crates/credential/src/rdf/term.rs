use std::fmt;

/// The datatype of a literal without one.
pub const XSD_STRING: &str = "http://www.w3.org/2001/XMLSchema#string";
/// The datatype of a literal with a language.
pub const LANG_STRING: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

/// A subject, an object or the name of a graph (RDF 1.1 §3).
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Term {
    /// An absolute IRI.
    Iri(String),
    /// A blank node by its label, without `_:`.
    Blank(String),
    /// A literal. Only an object is one.
    Literal(Literal),
}

/// A literal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Literal {
    /// The lexical form.
    pub value: String,
    /// The IRI of the datatype; [`LANG_STRING`] where there is a language.
    pub datatype: String,
    /// The language tag, in lower case.
    pub language: Option<String>,
}

/// A statement, in a named graph or in the default one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Quad {
    /// An IRI or a blank node.
    pub subject: Term,
    /// An IRI.
    pub predicate: String,
    /// Any term.
    pub object: Term,
    /// An IRI or a blank node; `None` for the default graph.
    pub graph: Option<Term>,
}

impl Term {
    /// The label of a blank node.
    pub fn as_blank(&self) -> Option<&str> {
        match self {
            Self::Blank(label) => Some(label),
            Self::Iri(_) | Self::Literal(_) => None,
        }
    }
}

impl Quad {
    /// The labels of the blank nodes: subject, object, graph.
    pub fn blank_nodes(&self) -> impl Iterator<Item = &str> {
        [Some(&self.subject), Some(&self.object), self.graph.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(Term::as_blank)
    }
}

// A term may be a claim's value.
impl fmt::Debug for Term {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Iri(_) => "Iri",
            Self::Blank(_) => "Blank",
            Self::Literal(_) => "Literal",
        })
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Literal")
    }
}

impl fmt::Debug for Quad {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Quad({})", self.predicate)
    }
}
