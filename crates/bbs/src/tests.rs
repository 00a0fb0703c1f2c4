//! The published vectors, another implementation, and what must be refused.

mod draft;
mod properties;
mod refusals;
mod w3c;
mod zkryptium;
