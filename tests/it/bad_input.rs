//! Bad input from the caller or the service: each is an error of its own kind, sends nothing that it
//! should not, and shows no secret.

mod arguments;
mod pages;
mod refusals;
