//! `cairn-issuer` as a program: one binary for all its tests.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod key;
