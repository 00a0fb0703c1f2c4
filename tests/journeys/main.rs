//! Journeys: the real wallet, issuer, counter and ledger together, over real sockets.

mod directions;
