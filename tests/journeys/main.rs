//! Journeys: the real wallet, issuer, counter and ledger together, over real sockets.

// `cfg(test)` always holds here; it tells the lints that these are tests, where a panic is an answer.
#[cfg(test)]
mod directions;
