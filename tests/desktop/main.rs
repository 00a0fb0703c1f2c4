//! The desktop end to end: the real program in a real window, driven by WebDriver.

// `cfg(test)` always holds here; it tells the lints that these are tests, where a panic is an answer.
#[cfg(test)]
mod counter;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod links;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod start;
#[cfg(test)]
mod vault;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod window;
#[cfg(test)]
mod world;
