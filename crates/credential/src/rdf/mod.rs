//! RDF: terms and quads, N-Quads, and RDF Dataset Canonicalization (RDFC-1.0).
//!
//! - [`nquads`]: reads N-Quads 1.1 strictly, and writes their canonical form.
//! - [`canon`]: gives blank nodes their canonical labels, with a limit to the work.
//!
//! Values are personal: nothing here has a `Debug` that shows them.

pub mod canon;
pub mod nquads;
mod term;

pub use canon::{Labels, TooComplex};
pub use term::{LANG_STRING, Literal, Quad, Term, XSD_STRING};

#[cfg(test)]
mod tests;
