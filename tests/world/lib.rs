//! The real programs, started and stopped: for the journeys, the desktop tests and the demo.
//!
//! Programs are found beside the one that runs this, listen on loopback ports of the system's
//! choosing, say where on their first line, and end with the value that started them.

mod authority;
mod counters;
mod demo;
#[cfg(unix)]
mod links;
pub mod peer;
mod programs;
mod running;

pub use counters::{Asked, CounterDesk};
pub use demo::{Demo, IssuerDesk};
#[cfg(unix)]
pub use links::DeskLinks;
pub use programs::{Programs, finish, succeed};
pub use running::Running;
