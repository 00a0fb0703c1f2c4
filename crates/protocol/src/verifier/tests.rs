mod checking;
mod opening;
mod requesting;
mod support;
