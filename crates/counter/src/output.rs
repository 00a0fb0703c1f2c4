//! The one place that writes to the terminal.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde_json::{Value, json};

/// Writes a line to standard output. A reader that went away is no reason to stop.
pub(crate) fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes one JSON object on one line, at once, for those who read line by line.
pub(crate) fn json(value: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{value}");
    let _ = out.flush();
}

/// Writes a line to standard error.
pub(crate) fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Why the command ends without having done its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// For scripts.
    pub(crate) kind: String,
    /// What happened.
    pub(crate) message: String,
    /// What to do.
    pub(crate) advice: String,
    /// 2 where a check refused before anything was kept, else 1.
    pub(crate) exit: u8,
}

impl Failure {
    /// A check refused; nothing was kept.
    pub(crate) fn refused(kind: &str, message: impl Display, advice: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.to_string(),
            advice: advice.to_owned(),
            exit: 2,
        }
    }

    /// The command line, or what it leads to, is not usable.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self {
            kind: "usage".to_owned(),
            message: message.to_string(),
            advice: "see `cairn-counter --help`".to_owned(),
            exit: 1,
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({"error": {"kind": self.kind, "message": self.message, "advice": self.advice}})
    }

    pub(crate) fn show(&self, as_json: bool) {
        if as_json {
            json(&self.to_json());
        } else {
            note(format_args!("error: {}", self.message));
            if !self.advice.is_empty() {
                note(&self.advice);
            }
        }
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self {
            kind: "failed".to_owned(),
            message: format!("{error:#}"),
            advice: String::new(),
            exit: 1,
        }
    }
}
