//! The citizen's use cases.
pub mod frames;
