//! The wallet's side against the issuer's side, and a refusal for each check.

mod endpoints;
mod offers;
mod peer;
mod redeeming;
mod sockets;
mod status;
mod types;
