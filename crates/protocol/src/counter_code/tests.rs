mod asking;
mod checking;
mod document;
mod forms;
mod reading;
mod sizes;
mod support;
