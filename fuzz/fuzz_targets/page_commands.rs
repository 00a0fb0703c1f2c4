//! What the page asks of the shell, each command's input: what is read is written back with the
//! same meaning.
#![no_main]

use ipc::Command;
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::Value;

fn read<T: Command + DeserializeOwned>(value: &Value) {
    if let Ok(input) = T::deserialize(value) {
        let written = serde_json::to_value(&input).expect("an input is written");
        let again = T::deserialize(&written).expect("what was written is read");
        assert_eq!(serde_json::to_value(&again).ok(), Some(written));
    }
}

macro_rules! read_all {
    ($value:expr, $($input:ident)*) => {
        $(read::<ipc::$input>($value);)*
    };
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice(bytes) else {
        return;
    };
    read_all!(&value,
        Status CreateVault Unlock Recover LockNow Touch ChangePassphrase Cards Card CardDetails
        DeleteCard SaveEvidence OpenLink ReadImage ReplaceLink ContinueLink Stop AcceptOffer Choose
        Share Services BeginAtCounter ShowCode CodeFrames AskAgain EndCode MakePass SavePass EndPass
        FollowRedirect History ReadEvent ForgetEvent Ledger CheckLedger LedgerTrail SaveTrail BackUp
        Restore LoadPreferences SetPreferences DemoDesks VisitDesk
    );
});
