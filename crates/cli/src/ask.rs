//! Passphrases, codes and questions: from files, the environment or the terminal.

use std::io::{BufRead as _, IsTerminal as _, Read as _, Write as _};
use std::path::Path;

use secrecy::SecretString;

use crate::output::Failure;

const MAX_SECRET: u64 = 4096;

/// The passphrase: the file's first line, else `CAIRN_PASSPHRASE`, else the terminal.
pub(crate) fn passphrase(file: Option<&Path>) -> Result<SecretString, Failure> {
    from(file, "CAIRN_PASSPHRASE", "Passphrase: ", false)
}

/// A passphrase that is new: typed twice at a terminal.
pub(crate) fn new_passphrase(file: Option<&Path>) -> Result<SecretString, Failure> {
    from(file, "CAIRN_PASSPHRASE", "New passphrase: ", true)
}

/// The passphrase that takes the place of the present one.
pub(crate) fn next_passphrase(file: Option<&Path>) -> Result<SecretString, Failure> {
    from(file, "CAIRN_NEW_PASSPHRASE", "New passphrase: ", true)
}

/// The recovery code.
pub(crate) fn recovery_code(file: Option<&Path>) -> Result<SecretString, Failure> {
    from(file, "CAIRN_RECOVERY_CODE", "Recovery code: ", false)
}

fn from(
    file: Option<&Path>,
    variable: &str,
    prompt: &str,
    twice: bool,
) -> Result<SecretString, Failure> {
    if let Some(file) = file {
        return first_line(file);
    }
    if let Ok(value) = std::env::var(variable) {
        return Ok(SecretString::from(value));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "usage",
            "there is no terminal to ask on",
            format!("Give --passphrase-file, or set {variable}."),
        ));
    }
    let typed = rpassword::prompt_password(prompt).map_err(no_terminal)?;
    if twice {
        let again = rpassword::prompt_password("The same again: ").map_err(no_terminal)?;
        if typed != again {
            return Err(Failure::new(
                "usage",
                "the two are not the same",
                "Nothing was changed. Try again.",
            ));
        }
    }
    Ok(SecretString::from(typed))
}

fn no_terminal(_: std::io::Error) -> Failure {
    Failure::new(
        "usage",
        "the terminal cannot be read",
        "Give --passphrase-file.",
    )
}

fn first_line(file: &Path) -> Result<SecretString, Failure> {
    let unreadable = |_| {
        Failure::new(
            "usage",
            "the file with the secret cannot be read",
            "Check its name and that you may read it.",
        )
    };
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_SECRET).read_to_string(&mut text))
        .map_err(unreadable)?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    Ok(SecretString::from(line))
}

/// A plain answer from the terminal, `None` where there is none.
pub(crate) fn line(prompt: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() {
        return None;
    }
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "{prompt}");
    let _ = stderr.flush();
    let mut answer = String::new();
    let mut input = std::io::stdin().lock().take(MAX_SECRET);
    input.read_line(&mut answer).ok()?;
    Some(answer.trim().to_owned())
}

/// A yes; anything else is a no. `None` where there is no terminal to ask on.
pub(crate) fn yes(question: &str) -> Option<bool> {
    line(&format!("{question} [y/N] "))
        .map(|answer| matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes"))
}
