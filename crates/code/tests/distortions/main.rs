//! Codes as a camera sees them. Each case is one that must be read, with the same pictures in each
//! run.

#[cfg(test)]
mod camera;
#[cfg(test)]
mod cases;
