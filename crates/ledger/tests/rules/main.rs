//! A named negative for each rule, beside the deed that it allows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod bounds;
mod entitlement;
mod governance;
mod held_keys;
mod order;
mod rights;
mod services;
#[path = "../world/mod.rs"]
mod world;

use keys::SigningKey;
use ledger::Rejection;
use ledger::event::Action;
use world::World;

fn refused(world: &mut World, signer: &str, action: Action, key: &SigningKey) -> Rejection {
    world.submit_with(signer, action, &[key]).unwrap_err()
}
