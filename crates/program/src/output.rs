//! The one place that writes to the terminal, and what a command says when it fails.

use std::fmt::Display;
use std::io::{self, Write as _};

use serde_json::{Value, json};

/// Writes a line to standard output. A reader that went away is no reason to stop.
pub fn line(text: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Writes one JSON object on one line, at once, for those who read line by line.
pub fn json(value: &Value) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{value}");
    let _ = out.flush();
}

/// Writes a line to standard error.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Why the command ends without having done its work.
#[derive(Debug)]
pub struct Failure {
    /// For scripts.
    pub kind: String,
    /// What happened.
    pub message: String,
    /// What to do.
    pub advice: String,
    /// 2 where a check refused before anything was kept, else 1.
    pub exit: u8,
    /// Each single fault, for scripts: where it is and which rule it breaks.
    pub faults: Option<Value>,
}

impl Failure {
    /// Something went wrong that no check refused.
    #[must_use]
    pub fn failed(kind: &str, message: impl Display, advice: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.to_string(),
            advice: advice.to_owned(),
            exit: 1,
            faults: None,
        }
    }

    /// A check refused; nothing was kept.
    #[must_use]
    pub fn refused(kind: &str, message: impl Display, advice: &str) -> Self {
        Self {
            exit: 2,
            ..Self::failed(kind, message, advice)
        }
    }

    /// The command line is not usable: the first paragraph of what the parser said, on one line.
    #[must_use]
    pub fn of_usage(said: &str, program: &str) -> Self {
        let lines = said.lines().map(str::trim);
        let first: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        let message = first.join(" ");
        let message = message.strip_prefix("error: ").unwrap_or(&message);
        Self::failed("usage", message, &format!("see `{program} --help`"))
    }

    /// With each single fault for scripts.
    #[must_use]
    pub fn with_faults(mut self, faults: Value) -> Self {
        self.faults = Some(faults);
        self
    }

    /// `{"error": {"kind", "message", "advice"}}`, with `"faults"` where there are any.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut error = json!({"kind": self.kind, "message": self.message, "advice": self.advice});
        if let (Some(faults), Some(members)) = (&self.faults, error.as_object_mut()) {
            members.insert("faults".to_owned(), faults.clone());
        }
        json!({"error": error})
    }

    /// Says it where its reader looks for it.
    pub fn show(&self, as_json: bool) {
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
        Self::failed("failed", format_args!("{error:#}"), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_words_is_told_on_one_line() {
        let said = "error: the following required arguments were not provided:\n  --purpose <P>\n  \
                    <FILE>\n\nUsage: a --purpose <P> <FILE>\n\nFor more information, try '--help'.\n";
        let told = Failure::of_usage(said, "a");
        assert_eq!(
            told.to_json(),
            json!({"error": {
                "kind": "usage",
                "message": "the following required arguments were not provided: --purpose <P> <FILE>",
                "advice": "see `a --help`",
            }})
        );
        assert_eq!(told.exit, 1);
    }
}
