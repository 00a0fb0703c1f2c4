//! How the window looks and when it locks. Nothing here is secret: it is read before unlocking.

use serde::{Deserialize, Serialize};

/// Reads the preferences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadPreferences;

/// Keeps new preferences; answers what is kept now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPreferences {
    /// The new preferences.
    pub preferences: Preferences,
}

/// How the window looks and when it locks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preferences {
    /// A BCP 47 language tag; the page falls back to English where it has no such language.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// How large the text is.
    pub text_size: TextSize,
    /// Minutes without a touch until the wallet locks: 1 to 60.
    pub auto_lock_minutes: u32,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: "en".into(),
            theme: Theme::System,
            text_size: TextSize::Normal,
            auto_lock_minutes: 5,
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the computer says.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// How large the text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TextSize {
    /// 16 px.
    Normal,
    /// 20 px.
    Large,
    /// 25 px.
    Larger,
}
