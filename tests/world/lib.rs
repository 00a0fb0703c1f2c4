//! The real programs, started and stopped: for the journeys, the desktop tests and the demo.
//!
//! Programs are found beside the one that runs this, listen on loopback ports of the system's
//! choosing, say where on their first line, and end with the value that started them.

mod demo;
mod programs;
mod running;

pub use demo::{Demo, IssuerDesk};
pub use programs::{Programs, finish, succeed};
pub use running::Running;
