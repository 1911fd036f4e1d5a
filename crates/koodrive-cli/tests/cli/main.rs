//! The `koodrive` command, run as people run it: arguments and variables in, output, messages and an exit
//! code out.

mod account;
mod demo;
mod documents;
mod failures;
mod formats;
mod interrupted;
mod killed;
mod list;
mod states;
mod summary;
mod support;
#[cfg(unix)]
mod terminal;
