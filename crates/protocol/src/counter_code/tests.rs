mod asking;
mod checking;
mod reading;
mod sizes;
mod support;
