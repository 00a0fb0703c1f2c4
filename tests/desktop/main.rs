//! The desktop end to end: the real program in a real window, driven by WebDriver.

mod start;
mod window;
