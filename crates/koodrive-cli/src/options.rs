//! What a listing prints and how: all that must stay the same from its first part to its last.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::{Direction, Format, ListArgs, Sort},
    column::Column,
    report::UsageError,
    since::Cutoff,
    text::shell_quoted,
    type_filter::TypeFilter,
};

/// What was chosen. What was not is `None`, so that a later run need not repeat it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListOptions {
    pub(crate) album: Option<String>,
    pub(crate) demo: Option<u64>,
    pub(crate) format: Option<Format>,
    pub(crate) columns: Option<Vec<Column>>,
    pub(crate) types: Option<Vec<TypeFilter>>,
    pub(crate) sort: Option<Sort>,
    pub(crate) direction: Option<Direction>,
    pub(crate) since: Option<Cutoff>,
    pub(crate) limit: Option<u64>,
    pub(crate) output: Option<PathBuf>,
}

impl ListOptions {
    /// # Errors
    ///
    /// For a `--since` beyond the calendar.
    pub(crate) fn new(args: &ListArgs, now: Timestamp) -> Result<Self, UsageError> {
        let beyond = || UsageError("--since leads back to before there were calendars".to_owned());
        let since = args.since.as_ref().map(|since| since.cutoff(now).ok_or_else(beyond));
        let asc = args.asc.then_some(Direction::Asc);
        Ok(Self {
            album: args.album.album.clone(),
            demo: args.album.demo,
            format: args.format,
            columns: args.columns.clone(),
            types: args.types.clone(),
            sort: args.sort,
            direction: asc.or(args.desc.then_some(Direction::Desc)),
            since: since.transpose()?,
            limit: args.limit,
            output: args.output.clone(),
        })
    }

    /// These options, completed by those that an earlier part was made with.
    ///
    /// # Errors
    ///
    /// The option that is not the same.
    pub(crate) fn resumed_from(self, earlier: Self) -> Result<Self, &'static str> {
        let words = |since: &Option<Cutoff>| since.as_ref().map(|since| since.given.clone());
        unchanged("--since", words(&self.since), words(&earlier.since))?;
        Ok(Self {
            album: unchanged("the album", self.album, earlier.album)?,
            demo: unchanged("--demo", self.demo, earlier.demo)?,
            format: unchanged("--format", self.format, earlier.format)?,
            columns: unchanged("--columns", self.columns, earlier.columns)?,
            types: unchanged("--type", self.types, earlier.types)?,
            sort: unchanged("--sort", self.sort, earlier.sort)?,
            direction: unchanged("--asc or --desc", self.direction, earlier.direction)?,
            since: earlier.since,
            limit: unchanged("--limit", self.limit, earlier.limit)?,
            output: unchanged("--output", self.output, earlier.output)?,
        })
    }

    /// The command that lists this, for a shell, up to how it is to go on.
    fn command(&self) -> Vec<String> {
        let demo = self.demo.map(|files| match files {
            1000 => "--demo".to_owned(),
            files => format!("--demo={files}"),
        });
        let direction = self.direction.map(|direction| match direction {
            Direction::Asc => "--asc".to_owned(),
            Direction::Desc => "--desc".to_owned(),
        });
        let options = [
            ("--format", self.format.map(value_name)),
            ("--columns", self.columns.as_deref().map(comma_separated)),
            ("--type", self.types.as_deref().map(comma_separated)),
            ("--sort", self.sort.map(value_name)),
            ("--since", self.since.as_ref().map(|since| since.instant.to_string())),
            ("--limit", self.limit.map(|limit| limit.to_string())),
            ("--output", self.output.as_deref().map(quoted)),
        ];
        let options =
            options.into_iter().filter_map(|(name, value)| Some([name.to_owned(), value?]));
        let start = ["koodrive", "list"].map(str::to_owned).into_iter();
        let album = self.album.as_deref().map(shell_quoted);
        start.chain(album).chain(demo).chain(direction).chain(options.flatten()).collect()
    }

    /// The command that goes on from a token.
    pub(crate) fn resume_command(&self, token: &str) -> String {
        format!("{} --resume {}", self.command().join(" "), shell_quoted(token))
    }

    /// The command that goes on from a state file. That knows the words of `--since`, which are not those
    /// that the instant is written in.
    pub(crate) fn state_command(&self, state: &Path) -> String {
        let options = Self { since: None, ..self.clone() };
        format!("{} --state {}", options.command().join(" "), quoted(state))
    }
}

fn unchanged<T: PartialEq>(
    option: &'static str,
    given: Option<T>,
    earlier: Option<T>,
) -> Result<Option<T>, &'static str> {
    match given {
        Some(given) if earlier.as_ref() != Some(&given) => Err(option),
        _ => Ok(earlier),
    }
}

fn value_name<T: ValueEnum>(value: T) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn comma_separated<T: ValueEnum + Copy>(values: &[T]) -> String {
    values.iter().copied().map(value_name).collect::<Vec<_>>().join(",")
}

fn quoted(path: &Path) -> String {
    shell_quoted(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(words: &str) -> ListOptions {
        let words = shlex::split(words).unwrap();
        let Command::List(args) = Args::try_parse_from(words).unwrap().command else { panic!() };
        ListOptions::new(&args, "2025-10-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_command_line_says_all_that_was_chosen_and_is_read_as_the_same() {
        for words in [
            "koodrive list",
            "koodrive list 17 --asc --format csv --columns name,size --type image,video --sort taken \
             --limit 7 --output 'a b.csv'",
            "koodrive list --demo --desc",
            "koodrive list --demo=5 --since 2025-09-01T00:00:00Z",
        ] {
            let options = parse(words);
            let line = options.resume_command("1@1:17:100:::0:1:0:");
            assert_eq!(line, format!("{words} --resume 1@1:17:100:::0:1:0:"));
        }
    }

    #[test]
    fn what_was_not_repeated_stays_and_what_was_changed_is_named() {
        let earlier = parse("koodrive list --demo --format csv --since 7d");
        for (words, outcome) in [
            ("koodrive list", Ok(())),
            ("koodrive list --demo --since 7d", Ok(())),
            ("koodrive list --since 8d", Err("--since")),
            ("koodrive list --format json", Err("--format")),
            ("koodrive list --demo=5", Err("--demo")),
            ("koodrive list --limit 5", Err("--limit")),
            ("koodrive list --desc", Err("--asc or --desc")),
        ] {
            let outcome = outcome.map(|()| earlier.clone());
            assert_eq!(parse(words).resumed_from(earlier.clone()), outcome, "{words}");
        }
    }
}
