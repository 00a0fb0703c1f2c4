//! Text that must not be printed.

use serde::{Deserialize, Serialize};

/// A passphrase, a recovery code or a transaction code on its way through the boundary.
///
/// It has no `Debug` that shows it. The receiver turns it into a zeroizing type at once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps what the citizen typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The text, by value: the caller takes over the duty to forget it.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// The text, to show it where the citizen has to see it (the recovery code, once).
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_it() {
        let shown = format!("{:?}", Secret::new("correct horse".into()));
        assert!(!shown.contains("horse"));
    }
}
