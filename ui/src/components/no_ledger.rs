//! That no ledger could be asked, and what to do about it.

use ipc::LedgerKept;
use yew::prelude::*;

use super::{Note, Tone};
use crate::state::use_shell;

/// Says that nobody could be asked who the issuers are; nothing where a ledger is here.
#[component]
pub(crate) fn NoLedger() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let kept = shell.0.status.as_ref().and_then(|status| status.ledger);
    let (title, next) = match kept {
        Some(LedgerKept::NotAdded) => (text.say("no-ledger-title"), text.say("no-ledger-next")),
        Some(LedgerKept::NotFetched) => {
            (text.say("not-fetched-title"), text.say("not-fetched-next"))
        }
        Some(LedgerKept::Kept | LedgerKept::Reading) | None => return Html::default(),
    };
    html! {
        <div id="no-ledger">
            <Note tone={Tone::Warn} {title}>
                <p>{ text.say("no-ledger-text") }</p>
                <p>{ next }</p>
            </Note>
        </div>
    }
}
