//! What the program says: lines for people, or one JSON object for scripts.

use std::io::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::Warning;

/// A failure with all that a person or a script needs.
#[derive(Debug)]
pub(crate) struct Failure {
    /// A stable name.
    pub(crate) kind: String,
    /// What happened.
    pub(crate) message: String,
    /// What to do, and whether anything was shared or stored.
    pub(crate) advice: String,
    /// Where it was found.
    pub(crate) stage: Stage,
    /// A check refused before anything was stored or sent: exit status 2.
    pub(crate) refused: bool,
    /// What the review warned of.
    pub(crate) warnings: Vec<&'static str>,
    /// What else scripts are told, by name.
    pub(crate) about: Option<Box<(&'static str, Value)>>,
}

/// Before the citizen was asked, or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Review,
    Effect,
}

impl Failure {
    pub(crate) fn new(kind: &str, message: impl ToString, advice: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.to_string(),
            advice: advice.into(),
            stage: Stage::Review,
            refused: false,
            warnings: Vec::new(),
            about: None,
        }
    }

    pub(crate) fn about(mut self, name: &'static str, value: Value) -> Self {
        self.about = Some(Box::new((name, value)));
        self
    }

    pub(crate) fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    pub(crate) fn at_effect(mut self) -> Self {
        self.stage = Stage::Effect;
        self
    }

    pub(crate) fn with_warnings(mut self, warnings: &[Warning]) -> Self {
        self.warnings = names(warnings);
        self
    }
}

/// The names of warnings, each once.
pub(crate) fn names(warnings: &[Warning]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for warning in warnings {
        let name = warning.kind.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Where answers go.
#[derive(Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
}

impl Output {
    /// A line for people; nothing in JSON.
    pub(crate) fn line(self, text: impl AsRef<str>) {
        if !self.json {
            write_line(text.as_ref());
        }
    }

    /// The answer for scripts; nothing for people.
    pub(crate) fn object(self, value: &Value) {
        if self.json {
            write_line(&value.to_string());
        }
    }

    /// Says what failed, and the exit status for it.
    pub(crate) fn failure(self, failure: &Failure) -> ExitCode {
        if self.json {
            let stage = match failure.stage {
                Stage::Review => "review",
                Stage::Effect => "effect",
            };
            let mut error = json!({
                "kind": failure.kind,
                "message": failure.message,
                "advice": failure.advice,
                "stage": stage,
            });
            let about = failure.about.as_deref();
            if let (Some((name, value)), Some(members)) = (about, error.as_object_mut()) {
                members.insert((*name).to_owned(), value.clone());
            }
            write_line(&json!({"error": error, "warnings": failure.warnings}).to_string());
        } else {
            let mut stderr = std::io::stderr().lock();
            let _ = writeln!(stderr, "cairn: {}", failure.message);
            if !failure.advice.is_empty() {
                let _ = writeln!(stderr, "{}", failure.advice);
            }
        }
        ExitCode::from(if failure.refused { 2 } else { 1 })
    }
}

/// A closed pipe is the reader's choice, not an error.
fn write_line(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{text}");
    let _ = stdout.flush();
}
/// `1 card`, `2 cards`.
pub(crate) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {what}{ending}")
}
