mod asking;
mod checking;
mod document;
mod reading;
mod sizes;
mod support;
