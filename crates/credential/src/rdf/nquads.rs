//! N-Quads 1.1: a strict reader, and the writer of the canonical form (RDFC-1.0 Appendix A).

use super::{LANG_STRING, Literal, Quad, Term, XSD_STRING};

/// The longest text that [`parse`] reads, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// The most statements that are read from a text or a document.
pub const MAX_QUADS: usize = 4096;

/// Why N-Quads were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NQuadsError {
    /// Longer than [`MAX_BYTES`].
    #[error("the N-Quads are longer than {MAX_BYTES} bytes")]
    TooLong,
    /// More than [`MAX_QUADS`].
    #[error("there are more than {MAX_QUADS} statements")]
    TooMany,
    /// Not a statement of N-Quads.
    #[error("line {line} is not a statement of N-Quads")]
    Syntax {
        /// The line, from 1.
        line: usize,
    },
}

/// Reads N-Quads (N-Quads 1.1 §4). Equal statements are read as often as they stand there.
pub fn parse(text: &str) -> Result<Vec<Quad>, NQuadsError> {
    if text.len() > MAX_BYTES {
        return Err(NQuadsError::TooLong);
    }
    let mut quads = Vec::new();
    for (index, line) in text.split(['\n', '\r']).enumerate() {
        let mut cursor = Cursor { rest: line };
        let quad = cursor
            .statement()
            .ok_or(NQuadsError::Syntax { line: index + 1 })?;
        if let Some(quad) = quad {
            if quads.len() == MAX_QUADS {
                return Err(NQuadsError::TooMany);
            }
            quads.push(quad);
        }
    }
    Ok(quads)
}

/// The statement as a line of canonical N-Quads, with its line feed. `label` gives the label of
/// each blank node.
pub fn line<'a>(quad: &'a Quad, label: impl Fn(&'a str) -> &'a str) -> String {
    let mut out = String::new();
    write_term(&quad.subject, &label, &mut out);
    out.push_str(" <");
    out.push_str(&quad.predicate);
    out.push_str("> ");
    write_term(&quad.object, &label, &mut out);
    if let Some(graph) = &quad.graph {
        out.push(' ');
        write_term(graph, &label, &mut out);
    }
    out.push_str(" .\n");
    out
}

/// The statements as lines, each once, in the order of their code points. That is not the order
/// of the terms: a derived order of terms gives other signatures.
pub fn sorted_lines<'a>(
    quads: &'a [Quad],
    label: impl Fn(&'a str) -> &'a str + Copy,
) -> Vec<String> {
    let mut lines: Vec<String> = quads.iter().map(|quad| line(quad, label)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

fn write_term<'a>(term: &'a Term, label: &impl Fn(&'a str) -> &'a str, out: &mut String) {
    match term {
        Term::Iri(iri) => {
            out.push('<');
            out.push_str(iri);
            out.push('>');
        }
        Term::Blank(blank) => {
            out.push_str("_:");
            out.push_str(label(blank));
        }
        Term::Literal(literal) => {
            out.push('"');
            escape(&literal.value, out);
            out.push('"');
            if let Some(language) = &literal.language {
                out.push('@');
                out.push_str(language);
            } else if literal.datatype != XSD_STRING {
                out.push_str("^^<");
                out.push_str(&literal.datatype);
                out.push('>');
            }
        }
    }
}

/// RDFC-1.0 Appendix A: seven characters by a letter, the other control characters by a number,
/// and everything else as it is.
fn escape(value: &str, out: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for character in value.chars() {
        match character {
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                out.push_str("\\u00");
                let code = u32::from(character);
                for digit in [code >> 4, code & 15] {
                    out.extend(DIGITS.get(digit as usize));
                }
            }
            _ => out.push(character),
        }
    }
}

/// What is left of a line.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// A statement; `Some(None)` for an empty line or a comment.
    fn statement(&mut self) -> Option<Option<Quad>> {
        self.space();
        if self.at_end() {
            return Some(None);
        }
        let subject = self.node()?;
        self.space();
        let predicate = self.iri()?;
        self.space();
        let object = match self.rest.bytes().next()? {
            b'"' => self.literal()?,
            _ => self.node()?,
        };
        self.space();
        let graph = match self.rest.bytes().next()? {
            b'.' => None,
            _ => Some(self.node()?),
        };
        self.space();
        self.take('.')?;
        self.space();
        self.at_end().then_some(Some(Quad {
            subject,
            predicate,
            object,
            graph,
        }))
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    fn take(&mut self, character: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(character)?;
        Some(())
    }

    fn node(&mut self) -> Option<Term> {
        if self.rest.starts_with('<') {
            self.iri().map(Term::Iri)
        } else {
            self.blank().map(Term::Blank)
        }
    }

    fn iri(&mut self) -> Option<String> {
        self.take('<')?;
        let (raw, rest) = self.rest.split_once('>')?;
        self.rest = rest;
        let iri = unescape(raw, false)?;
        let forbidden = |c: char| c <= ' ' || "<>\"{}|^`\\".contains(c);
        let scheme = iri.split_once(':')?.0;
        let absolute = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        (absolute && !iri.contains(forbidden)).then_some(iri)
    }

    fn blank(&mut self) -> Option<String> {
        let rest = self.rest.strip_prefix("_:")?;
        let inside = |c: char| c.is_alphanumeric() || "_-.:\u{b7}".contains(c);
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let label = rest.get(..end)?.trim_end_matches('.');
        let starts = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        if !label.starts_with(starts) {
            return None;
        }
        self.rest = rest.get(label.len()..)?;
        Some(label.to_owned())
    }

    fn literal(&mut self) -> Option<Term> {
        self.take('"')?;
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let closes = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        })?;
        let value = unescape(self.rest.get(..end)?, true)?;
        self.rest = self.rest.get(end + 1..)?;
        let mut literal = Literal {
            value,
            datatype: XSD_STRING.to_owned(),
            language: None,
        };
        if let Some(rest) = self.rest.strip_prefix("^^") {
            self.rest = rest;
            literal.datatype = self.iri()?;
            if literal.datatype == LANG_STRING {
                return None;
            }
        } else if let Some(rest) = self.rest.strip_prefix('@') {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
            let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
            let tag = rest.get(..end)?;
            let mut parts = tag.split('-');
            let well_formed = parts
                .next()
                .is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_alphabetic()))
                && tag.split('-').all(|part| !part.is_empty());
            if !well_formed {
                return None;
            }
            self.rest = rest.get(end..)?;
            literal.datatype = LANG_STRING.to_owned();
            literal.language = Some(tag.to_owned());
        }
        Some(Term::Literal(literal))
    }
}

/// Resolves `\uXXXX` and `\UXXXXXXXX`, and with `letters` the escapes of strings.
fn unescape(raw: &str, letters: bool) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        let digits = match characters.next()? {
            'u' => 4,
            'U' => 8,
            letter if letters => {
                out.push(match letter {
                    't' => '\t',
                    'b' => '\u{8}',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\u{c}',
                    '"' | '\'' | '\\' => letter,
                    _ => return None,
                });
                continue;
            }
            _ => return None,
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            code = code
                .checked_mul(16)?
                .checked_add(characters.next()?.to_digit(16)?)?;
        }
        out.push(char::from_u32(code)?);
    }
    Some(out)
}
