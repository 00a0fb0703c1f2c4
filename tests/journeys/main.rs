//! Journeys: the real wallet, issuer, counter and ledger together, over real sockets.

// `cfg(test)` always holds here; it tells the lints that these are tests, where a panic is an answer.
#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_input;
#[cfg(unix)]
#[cfg(test)]
mod browser;
#[cfg(test)]
mod built_once;
#[cfg(unix)]
#[cfg(test)]
mod camera;
#[cfg(test)]
mod certified;
#[cfg(test)]
mod choice;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod counter_code;
#[cfg(test)]
mod cut_off;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod directions;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod known_by;
#[cfg(test)]
mod ledger;
/// Pictures as a camera sees them, of the crate that reads them.
#[cfg(unix)]
#[cfg(test)]
#[path = "../../crates/code/tests/distortions/camera.rs"]
mod lens;
#[cfg(unix)]
#[cfg(test)]
mod pages;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod status;
#[cfg(test)]
mod status_formats;
#[cfg(test)]
mod trust;
#[cfg(test)]
mod types;
#[cfg(test)]
mod vc_api;
#[cfg(test)]
mod whole_path;
#[cfg(test)]
mod witnesses;
