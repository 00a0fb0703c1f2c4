//! The one place that writes to standard output and standard error.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::failure::Failure;

/// Prints one line.
pub(crate) fn line(text: impl std::fmt::Display) {
    // A closed pipe is the reader's wish.
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    let _ = std::io::stdout().flush();
}

/// Prints a remark that is not part of the result.
pub(crate) fn remark(text: impl std::fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints a result: the object with `--json`, else the text.
pub(crate) fn result(as_json: bool, object: &Value, text: impl std::fmt::Display) {
    if as_json {
        line(object);
    } else {
        line(text);
    }
}

/// Prints a failure where its reader looks for it.
pub(crate) fn failure(as_json: bool, failure: &Failure) {
    let mut message = failure.to_string();
    let mut source = std::error::Error::source(failure);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !message.contains(&cause_text) {
            message = format!("{message}: {cause_text}");
        }
        source = cause.source();
    }
    if as_json {
        line(json!({"error": {
            "kind": failure.kind(),
            "message": message,
            "advice": failure.advice(),
        }}));
    } else {
        remark(format_args!(
            "{} ({})\n{}",
            message,
            failure.kind(),
            failure.advice()
        ));
    }
}
