//! What other tools call an option, so that the error about an unknown one names ours.

use std::{env, ffi::OsString};

use clap::{
    Command, CommandFactory as _, Error, Parser as _,
    error::{ContextKind, ContextValue},
};

use crate::args::Args;

const OURS: [(&str, &str); 24] = [
    ("--json", "--format json"),
    ("--jsonl", "--format ndjson"),
    ("--ndjson", "--format ndjson"),
    ("--csv", "--format csv"),
    ("--table", "--format table"),
    ("--max-items", "--limit"),
    ("--include", "--name"),
    ("--pattern", "--name"),
    ("--min-size", "--larger"),
    ("--max-size", "--smaller"),
    ("--max-age", "--since"),
    ("--newer-than", "--since"),
    ("--min-age", "--until"),
    ("--before", "--until"),
    ("--favourite", "--favorite"),
    ("--favorites", "--favorite"),
    ("--transfers", "--jobs"),
    ("--bwlimit", "--limit-rate"),
    ("--delete", "--mirror"),
    ("--dryrun", "--dry-run"),
    ("--retries", "--max-attempts"),
    ("--debug", "--verbose"),
    ("--log-file", "--log"),
    ("--force", "--overwrite"),
];

/// The arguments, or an exit with what is wrong with them.
pub(crate) fn parse() -> Args {
    Args::try_parse().unwrap_or_else(|error| with_tip(error, env::args_os()).exit())
}

/// The error, with our name for the option, if the command has it.
fn with_tip(mut error: Error, words: impl Iterator<Item = OsString>) -> Error {
    let Some(ContextValue::String(unknown)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let unknown = unknown.split('=').next().unwrap_or_default();
    let ours = OURS.iter().find(|(foreign, _)| *foreign == unknown).map(|(_, ours)| *ours);
    if let Some(ours) = ours.filter(|ours| has_option(&command(words), ours)) {
        error.remove(ContextKind::SuggestedArg);
        let tip = ContextValue::StyledStrs(vec![format!("here it is '{ours}'").into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// The subcommand that the words name, or the command itself.
fn command(mut words: impl Iterator<Item = OsString>) -> Command {
    let mut command = Args::command();
    command.build();
    let named = words.find_map(|word| command.find_subcommand(word).cloned());
    named.unwrap_or(command)
}

/// Whether the command has the option and, if one is named, its value.
fn has_option(command: &Command, option: &str) -> bool {
    let (name, value) = option.split_once(' ').unwrap_or((option, ""));
    let name = name.trim_start_matches('-');
    command.get_arguments().any(|argument| {
        let values = argument.get_possible_values();
        argument.get_long() == Some(name)
            && (value.is_empty() || values.iter().any(|own| own.get_name() == value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_named_in_a_tip_exists_and_no_foreign_one_does() {
        let mut command = Args::command();
        command.build();
        let commands: Vec<_> = command.get_subcommands().collect();
        for (foreign, ours) in OURS {
            assert!(commands.iter().any(|command| has_option(command, ours)), "{ours}");
            assert!(!commands.iter().any(|command| has_option(command, foreign)), "{foreign}");
        }
    }
}
