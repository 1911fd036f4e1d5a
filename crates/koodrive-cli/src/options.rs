//! The options of a listing, which must stay the same when the listing is resumed.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    args::{Direction, Format, ListArgs, Sort},
    column::file::FileColumn,
    report::UsageError,
    since::Cutoff,
    text::shell_quoted,
    type_filter::TypeFilter,
};

/// What the user chose. An option not given is `None`, so that a later run can leave it out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListOptions {
    pub(crate) album: Option<String>,
    pub(crate) demo: Option<u64>,
    pub(crate) format: Option<Format>,
    pub(crate) columns: Option<Vec<FileColumn>>,
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
    /// If `--since` is outside the calendar's range.
    pub(crate) fn new(args: &ListArgs, now: Timestamp) -> Result<Self, UsageError> {
        let too_early =
            || UsageError("--since is too far back: the earliest year is -9999".to_owned());
        let since = args.since.as_ref().map(|since| since.cutoff(now).ok_or_else(too_early));
        let asc = args.asc.then_some(Direction::Asc);
        Ok(Self {
            album: args.album.album.clone(),
            demo: args.album.service.demo,
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

    /// These options, with those of the earlier run filled in.
    ///
    /// # Errors
    ///
    /// An option that differs from the earlier run.
    pub(crate) fn resumed_from(self, earlier: Self) -> Result<Self, Difference> {
        let words = |since: &Option<Cutoff>| since.as_ref().map(|since| since.given.clone());
        unchanged("--since", words(&self.since), words(&earlier.since), Clone::clone)?;
        let name_of = |direction: &Direction| format!("{direction:?}").to_lowercase();
        Ok(Self {
            // The album that is listed is compared, wherever its id came from.
            album: earlier.album,
            demo: unchanged("--demo", self.demo, earlier.demo, u64::to_string)?,
            format: unchanged("--format", self.format, earlier.format, |it| value_name(*it))?,
            columns: unchanged("--columns", self.columns, earlier.columns, |it| {
                comma_separated(it)
            })?,
            types: unchanged("--type", self.types, earlier.types, |it| comma_separated(it))?,
            sort: unchanged("--sort", self.sort, earlier.sort, |it| value_name(*it))?,
            direction: unchanged("--asc or --desc", self.direction, earlier.direction, name_of)?,
            since: earlier.since,
            limit: unchanged("--limit", self.limit, earlier.limit, u64::to_string)?,
            output: unchanged("--output", self.output, earlier.output, |it| quoted(it))?,
        })
    }

    /// The shell command for this listing, without `--resume` or `--state`.
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

    /// The command that resumes from a token.
    pub(crate) fn resume_command(&self, token: &str) -> String {
        format!("{} --resume {}", self.command().join(" "), shell_quoted(token))
    }

    /// The command that resumes from a state file. It omits `--since`: the file has the words that the user
    /// gave, and the instant would not match them.
    pub(crate) fn state_command(&self, state: &Path) -> String {
        let options = Self { since: None, ..self.clone() };
        format!("{} --state {}", options.command().join(" "), quoted(state))
    }
}

/// Something that was not what it is now when a listing began.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// What differs, for messages.
    pub(crate) what: &'static str,
    earlier: Option<String>,
    now: String,
}

impl Difference {
    /// Both values, for messages.
    pub(crate) fn values(&self) -> String {
        let earlier = self.earlier.as_deref().unwrap_or("not set");
        format!("{earlier} there, {} now", self.now)
    }
}

/// The earlier value.
///
/// # Errors
///
/// If another one is given now.
pub(crate) fn unchanged<T: PartialEq>(
    what: &'static str,
    given: Option<T>,
    earlier: Option<T>,
    show: impl Fn(&T) -> String,
) -> Result<Option<T>, Difference> {
    match given {
        Some(given) if earlier.as_ref() != Some(&given) => {
            Err(Difference { what, earlier: earlier.as_ref().map(&show), now: show(&given) })
        }
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
    fn the_command_line_repeats_every_option_that_was_given() {
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
    fn omitted_options_are_kept_and_a_changed_option_is_named() {
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
            let resumed = parse(words).resumed_from(earlier.clone());
            assert_eq!(resumed.map_err(|difference| difference.what), outcome, "{words}");
        }
    }
}
