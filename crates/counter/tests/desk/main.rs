//! The real counter over loopback sockets, against the wallet's side of the protocol.

#[cfg(test)]
mod codes;
#[cfg(test)]
mod guards;
#[cfg(test)]
mod ledger_word;
#[cfg(test)]
mod vc_api;
#[cfg(test)]
mod verbs;
#[cfg(test)]
mod verdicts;
#[cfg(test)]
mod world;
