//! The test suite of RDFC-1.0 (W3C), one named case each, and what the reader refuses.

use std::collections::HashSet;

use sha2::Sha384;

use super::canon::{TooComplex, canonical_labels, canonical_labels_with, canonical_lines};
use super::nquads::{MAX_BYTES, MAX_QUADS, NQuadsError, parse, sorted_lines};
use super::{Literal, Quad, Term};

macro_rules! cases {
    ($($name:ident)*) => { $(
        #[test]
        fn $name() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/rdf-canon/");
            let read = |suffix| {
                std::fs::read_to_string(format!("{folder}{}{suffix}", stringify!($name))).unwrap()
            };
            let quads = parse(&read("-in.nq")).unwrap();
            assert_eq!(canonical_lines(&quads).unwrap().concat(), read("-rdfc10.nq"));
        }
    )* };
}

cases! {
    test001
    test002
    test003
    test004
    test005
    test006
    test008
    test009
    test010
    test011
    test013
    test014
    test016
    test017
    test018
    test019
    test020
    test021
    test022
    test023
    test024
    test025
    test026
    test027
    test028
    test029
    test030
    test033
    test034
    test035
    test036
    test038
    test039
    test040
    test043
    test044
    test045
    test046
    test047
    test048
    test053
    test054
    test055
    test056
    test057
    test058
    test059
    test060
    test061
    test062
    test063
    test064
    test065
    test066
    test067
    test068
    test069
    test070
    test071
    test072
    test073
    test076
    test077
}

#[test]
fn the_manifest_has_no_other_cases_with_files() {
    let manifest = include_str!("../../../../tests/vectors/rdf-canon/manifest.csv");
    let names: HashSet<&str> = manifest
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next())
        .collect();
    // 074 is the clique and 075 the hash, below; the source has no files for them.
    assert_eq!(names.len(), 65);
    assert!(names.contains("test074") && names.contains("test075"));
}

fn triple(subject: String, object: String) -> Quad {
    Quad {
        subject: Term::Blank(subject),
        predicate: "urn:p".to_owned(),
        object: Term::Blank(object),
        graph: None,
    }
}

/// Every node is linked to every other one.
fn clique(size: usize) -> Vec<Quad> {
    (0..size)
        .flat_map(|from| (0..size).map(move |to| (from, to)))
        .filter(|(from, to)| from != to)
        .map(|(from, to)| triple(format!("e{from}"), format!("e{to}")))
        .collect()
}

/// Each node is linked to the next one, the last to the first.
fn circle(size: usize) -> Vec<Quad> {
    (0..size)
        .map(|node| triple(format!("e{node}"), format!("e{}", (node + 1) % size)))
        .collect()
}

/// The suite's negative case.
#[test]
fn test074_a_clique_of_ten_nodes_is_too_complex() {
    let started = std::time::Instant::now();
    assert_eq!(canonical_lines(&clique(10)), Err(TooComplex));
    assert!(started.elapsed().as_secs() < 120);
    assert!(canonical_lines(&clique(3)).is_ok());
}

#[test]
fn test075_a_diamond_by_sha_384() {
    let quads = parse(include_str!(
        "../../../../tests/vectors/rdf-canon/test020-in.nq"
    ))
    .unwrap();
    let labels = canonical_labels_with::<Sha384>(&quads).unwrap();
    // The hash decides only the order of the labels: the graph is the same.
    let relabelled = sorted_lines(&quads, |label| labels.get(label).map_or(label, |x| x));
    let again = parse(&relabelled.concat()).unwrap();
    assert_eq!(
        canonical_lines(&again).unwrap(),
        canonical_lines(&quads).unwrap()
    );
    let again = canonical_labels_with::<Sha384>(&again).unwrap();
    assert!(again.iter().all(|(from, to)| from == to));
}

#[test]
fn a_long_circle_of_like_nodes_is_too_complex_and_ends() {
    assert!(canonical_lines(&circle(20)).is_ok());
    assert_eq!(canonical_lines(&circle(2000)), Err(TooComplex));
    assert_eq!(canonical_lines(&circle(130)), Err(TooComplex));
}

#[test]
fn many_like_nodes_apart_from_one_another_are_no_poison() {
    let quads: Vec<Quad> = (0..500)
        .map(|node| triple(format!("a{node}"), format!("b{node}")))
        .collect();
    assert_eq!(canonical_labels(&quads).unwrap().len(), 1000);
}

#[test]
fn labels_do_not_depend_on_names_or_order() {
    let text = "_:a <urn:p> _:b .\n_:b <urn:p> _:c .\n_:c <urn:q> \"x\" .\n";
    let other = "_:z <urn:q> \"x\" .\n_:m <urn:p> _:n .\n_:n <urn:p> _:z .\n";
    assert_eq!(
        canonical_lines(&parse(text).unwrap()),
        canonical_lines(&parse(other).unwrap())
    );
}

#[test]
fn lines_are_in_the_order_of_their_code_points() {
    // An order of terms would put the blank node before the IRI, and the literal after it.
    let text = "_:a <urn:p> <urn:o> .\n<urn:s> <urn:p> \"o\" .\n<urn:s> <urn:p> <urn:o> .\n";
    assert_eq!(
        canonical_lines(&parse(text).unwrap()).unwrap(),
        [
            "<urn:s> <urn:p> \"o\" .\n",
            "<urn:s> <urn:p> <urn:o> .\n",
            "_:c14n0 <urn:p> <urn:o> .\n",
        ]
    );
}

#[test]
fn control_characters_are_escaped_as_the_canonical_form_says() {
    let quad = Quad {
        subject: Term::Iri("urn:s".to_owned()),
        predicate: "urn:p".to_owned(),
        object: Term::Literal(Literal {
            value: "\u{0}\u{8}\u{b}\u{1f}\u{7f}\u{80}\t\n\u{c}\r\"\\é".to_owned(),
            datatype: super::XSD_STRING.to_owned(),
            language: None,
        }),
        graph: None,
    };
    let line = super::nquads::line(&quad, |label| label);
    assert_eq!(
        line,
        "<urn:s> <urn:p> \"\\u0000\\b\\u000B\\u001F\\u007F\u{80}\\t\\n\\f\\r\\\"\\\\é\" .\n"
    );
    assert!(parse(&line).unwrap() == [quad]);
}

#[test]
fn what_is_no_statement_is_refused() {
    for text in [
        "x",
        "<urn:s> <urn:p> <urn:o>",
        "<urn:s> <urn:p> .",
        "<s> <urn:p> <urn:o> .",
        "<urn:s> _:p <urn:o> .",
        "\"s\" <urn:p> <urn:o> .",
        "<urn:s> <urn:p> \"o .",
        "<urn:s> <urn:p> \"o\\\" .",
        "<urn:s> <urn:p> \"\\x\" .",
        "<urn:s> <urn:p> \"\\uD800\" .",
        "<urn:s> <urn:p> \"\\UFFFFFFFF\" .",
        "<urn:s> <urn:p> \"\\u12\" .",
        "<urn:s> <urn:p> \"o\"@ .",
        "<urn:s> <urn:p> \"o\"@1 .",
        "<urn:s> <urn:p> \"o\"@en- .",
        "<urn:s> <urn:p> \"o\"^^\"x\" .",
        "<urn:s> <urn:p> \"o\"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> .",
        "<urn:s> <urn:p> <urn:\\u0020> .",
        "<urn:s> <urn:p> <urn:o> \"g\" .",
        "<urn:s> <urn:p> <urn:o> . more",
        "_:-a <urn:p> <urn:o> .",
        "_: <urn:p> <urn:o> .",
    ] {
        assert_eq!(parse(text), Err(NQuadsError::Syntax { line: 1 }), "{text}");
    }
    let text =
        "# a comment\n\n<urn:s> <urn:p> \"o\"@en-GB <urn:g> . # the end\n_:a.b <urn:p> _:b. .";
    assert_eq!(parse(text), Err(NQuadsError::Syntax { line: 4 }));
    let text = "# a comment\r\n\n <urn:s>\t<urn:p>\"o\"@en-GB<urn:g>.# the end\n_:a.b <urn:p> _:b.";
    assert_eq!(parse(text).unwrap().len(), 2);
}

#[test]
fn sizes_are_bounded() {
    let line = "<urn:s> <urn:p> <urn:o> .\n";
    assert_eq!(parse(&line.repeat(MAX_QUADS)).unwrap().len(), MAX_QUADS);
    assert_eq!(
        parse(&line.repeat(MAX_QUADS + 1)),
        Err(NQuadsError::TooMany)
    );
    assert_eq!(parse(&" ".repeat(MAX_BYTES + 1)), Err(NQuadsError::TooLong));
}

#[test]
fn no_value_shows_in_debug() {
    let quads = parse("<urn:secret> <urn:p> \"secret\" .").unwrap();
    assert!(!format!("{quads:?} {:?}", quads[0].object).contains("secret"));
}
