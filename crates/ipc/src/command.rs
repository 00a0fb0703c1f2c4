//! One typed function a citizen verb.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// One thing that the page may ask of the shell.
///
/// The struct that implements it is the command's input; a struct without members is sent as no
/// input at all.
pub trait Command: Serialize {
    /// The name under which the shell registers the function.
    const NAME: &'static str;
    /// Whether the call carries `{ input }`. False for structs without members.
    const HAS_INPUT: bool = true;
    /// What the shell answers when it succeeds; otherwise a [`crate::Failure`].
    type Answer: DeserializeOwned;
}

/// The answer of a command that has nothing to say. Serialises as `null`, like `()`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing;

macro_rules! commands {
    ($($input:ty => $name:literal, $has_input:literal, $answer:ty;)*) => {
        $(impl Command for $input {
            const NAME: &'static str = $name;
            const HAS_INPUT: bool = $has_input;
            type Answer = $answer;
        })*
        /// The name of every command, for the shell's manifest and capability and their test.
        pub const COMMANDS: &[&str] = &[$($name),*];
    };
}

commands! {
    crate::Status => "status", false, crate::StatusView;
    crate::CreateVault => "create", true, crate::OpenedView;
    crate::Unlock => "unlock", true, crate::StatusView;
    crate::Recover => "recover", true, crate::OpenedView;
    crate::LockNow => "lock", false, Nothing;
    crate::Touch => "touch", false, Nothing;
    crate::ChangePassphrase => "change_passphrase", true, Nothing;
    crate::Cards => "cards", false, Vec<crate::CardRow>;
    crate::Card => "card", true, crate::CardView;
    crate::CardDetails => "card_details", true, crate::RevealedView;
    crate::DeleteCard => "delete_card", true, Nothing;
    crate::SaveEvidence => "save_evidence", true, Option<crate::SavedEvidence>;
    crate::OpenLink => "open_link", true, crate::LinkView;
    crate::ReadImage => "read_image", true, crate::LinkView;
    crate::ReplaceLink => "replace_link", true, Option<crate::LinkView>;
    crate::ContinueLink => "continue_link", true, crate::NextStep;
    crate::Stop => "stop", true, Nothing;
    crate::AcceptOffer => "accept_offer", true, crate::AddedView;
    crate::Choose => "choose", true, crate::ShareReview;
    crate::Share => "share", true, crate::SharedView;
    crate::Services => "services", false, Vec<crate::ServiceRow>;
    crate::BeginAtCounter => "begin_at_counter", true, crate::NextStep;
    crate::ShowCode => "show_code", true, crate::CodeView;
    crate::CodeFrames => "code_frames", true, crate::FramesView;
    crate::AskAgain => "ask_again", false, crate::NextStep;
    crate::EndCode => "end_code", false, crate::SharedView;
    crate::MakePass => "make_pass", true, crate::PassView;
    crate::SavePass => "save_pass", false, Option<crate::SavedView>;
    crate::EndPass => "end_pass", false, Nothing;
    crate::FollowRedirect => "follow_redirect", true, Nothing;
    crate::History => "history", false, Vec<crate::EventRow>;
    crate::ReadEvent => "event", true, crate::EventView;
    crate::ForgetEvent => "forget_event", true, Nothing;
    crate::Ledger => "ledger", false, crate::LedgerView;
    crate::CheckLedger => "check_ledger", false, crate::LedgerView;
    crate::LedgerTrail => "ledger_trail", true, crate::BodyView;
    crate::SaveTrail => "save_trail", true, Option<crate::SavedView>;
    crate::BackUp => "back_up", true, Option<crate::BackedUpView>;
    crate::Restore => "restore", true, crate::OpenedView;
    crate::LoadPreferences => "preferences", false, crate::Preferences;
    crate::SetPreferences => "set_preferences", true, crate::Preferences;
    crate::DemoDesks => "demo_desks", false, Vec<crate::DeskView>;
    crate::VisitDesk => "visit_desk", true, crate::LinkView;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_names_are_unique_and_callable() {
        let mut names = COMMANDS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), COMMANDS.len());
        assert!(
            COMMANDS
                .iter()
                .all(|n| n.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
        );
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(serde_json::to_string(&Nothing).unwrap(), "null");
        assert_eq!(serde_json::to_string(&()).unwrap(), "null");
        let _: Nothing = serde_json::from_str("null").unwrap();
    }
}
