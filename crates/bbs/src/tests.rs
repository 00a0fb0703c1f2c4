//! The published vectors, another implementation, and what must be refused.

mod draft;
mod w3c;
mod zkryptium;
