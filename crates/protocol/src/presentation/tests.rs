mod answering;
mod fetching;
mod loopback;
mod parameters;
pub(crate) mod support;
