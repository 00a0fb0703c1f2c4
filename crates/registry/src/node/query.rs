//! What a replica asks a node for, through its RPC (`abci_query`): whole tiles, and size and root
//! of the log after a block. Nothing can be asked about one body.
//!
//! Nothing here is believed: a header binds all of it by the application hash.

use ledger::comet::Chain;
use ledger::tile::WIDTH;
use tendermint_proto::v0_38::abci::{RequestQuery, ResponseQuery};

const UNKNOWN: u32 = 1;

/// `/log/HEIGHT`: size and root after that block. `/entries/POSITION/WIDTH`: a bundle. `/pin`:
/// what this node trusts, for those who trust it.
enum Question {
    Log(u64),
    Entries(u64, u64),
    Pin,
}

impl Question {
    fn parse(path: &str) -> Option<Self> {
        let mut parts = path.strip_prefix('/')?.split('/');
        let kind = parts.next()?;
        let mut number = || {
            let part = parts.next()?;
            let digits = part.len() <= 15 && part.bytes().all(|byte| byte.is_ascii_digit());
            part.parse::<u64>().ok().filter(|_| digits)
        };
        let question = match kind {
            "log" => Self::Log(number()?),
            "pin" => Self::Pin,
            "entries" => Self::Entries(number()?, number().filter(|width| *width <= WIDTH)?),
            _ => return None,
        };
        parts.next().is_none().then_some(question)
    }
}

pub(super) fn answer(chain: &Chain, request: &RequestQuery) -> ResponseQuery {
    let found = match Question::parse(&request.path) {
        Some(Question::Log(height)) => chain
            .log_at(height)
            .map(|(size, root)| format!("{size} {}", keys::b64::encode(root)).into_bytes()),
        Some(Question::Pin) => chain.pin().map(|pin| pin.to_bytes()),
        Some(Question::Entries(position, width)) => chain.bundle(position, width).ok().flatten(),
        None => None,
    };
    match found {
        Some(value) => ResponseQuery {
            value: value.into(),
            height: chain.height().try_into().unwrap_or(i64::MAX),
            ..ResponseQuery::default()
        },
        None => ResponseQuery {
            code: UNKNOWN,
            log: "not here".to_owned(),
            ..ResponseQuery::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tiles_and_sizes_can_be_asked_for() {
        for path in [
            "/log/0",
            "/log/12",
            "/pin",
            "/entries/0/256",
            "/entries/3/1",
        ] {
            assert!(Question::parse(path).is_some(), "{path}");
        }
        for path in [
            "",
            "/",
            "/log",
            "/log/",
            "/log/x",
            "/log/+1",
            "/log/1/2",
            "/pin/1",
            "/log/99999999999999999",
            "/entries/1",
            "/entries/1/257",
            "/entries/1/2/3",
            "/body/https://issuer.example",
            "entries/0/1",
        ] {
            assert!(Question::parse(path).is_none(), "{path}");
        }
    }
}
