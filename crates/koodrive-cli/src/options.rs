//! The options of a listing, which must stay the same when the listing is resumed.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::{
    choices::{Format, Sort, word},
    column::file::FileColumn,
    filter::Filter,
    text::shell_quoted,
};

/// What the user chose. An option not given is `None`, so that a later run can leave it out.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ListOptions {
    #[arg(skip)]
    pub(crate) profile: Option<String>,

    #[arg(skip)]
    pub(crate) album: Option<String>,

    #[arg(skip)]
    pub(crate) demo: Option<u64>,

    /// Output format [default: table on a terminal, otherwise ndjson]
    #[arg(short, long)]
    pub(crate) format: Option<Format>,

    /// Columns to print, in this order; in JSON, the keys
    #[arg(short, long, value_delimiter = ',', value_name = "COLUMN,...")]
    pub(crate) columns: Option<Vec<FileColumn>>,

    /// Time to sort by [default: created; in a collection album, taken]; --since sorts by edited
    #[arg(short, long, value_name = "TIME", conflicts_with = "since")]
    pub(crate) sort: Option<Sort>,

    /// Oldest first
    #[arg(long, conflicts_with_all = ["desc", "since"])]
    pub(crate) asc: bool,

    /// Newest first (the default)
    #[arg(long)]
    pub(crate) desc: bool,

    /// Stop after N files, counting those of earlier runs
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = whole_number)]
    pub(crate) limit: Option<u64>,

    /// Write to this file instead of standard output; overwrites it unless the listing is resumed
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[arg(skip)]
    pub(crate) filter: Filter,
}

/// An option, with its values as a user writes them; none if it was not given.
type Written = (&'static str, Vec<String>);

impl ListOptions {
    /// The options of the earlier run. The album is compared elsewhere, wherever its id came from.
    ///
    /// # Errors
    ///
    /// An option that is given now and differs from the earlier run.
    pub(crate) fn resumed_from(&self, earlier: Self) -> Result<Self, Difference> {
        for ((what, now), (_, then)) in self.written().into_iter().zip(earlier.written()) {
            unchanged(what, &now, &then)?;
        }
        Ok(earlier)
    }

    /// Every option but the album, with a span in the words of the user.
    fn written(&self) -> [Written; 15] {
        let Filter { types, name, since, until, larger, smaller, favorite } = &self.filter;
        let direction = self.asc.then_some("--asc").or(self.desc.then_some("--desc"));
        [
            ("--profile", one(self.profile.as_ref())),
            ("--demo", one(self.demo)),
            ("--asc or --desc", one(direction)),
            ("--format", one(self.format.as_ref().map(word))),
            ("--columns", one(self.columns.as_deref().map(comma_separated))),
            ("--type", one(types.as_deref().map(comma_separated))),
            ("--name", name.iter().flatten().cloned().map(String::from).collect()),
            ("--since", one(since.as_ref())),
            ("--until", one(until.as_ref())),
            ("--larger", one(larger.as_ref())),
            ("--smaller", one(smaller.as_ref())),
            ("--favorite", one(favorite.then_some(true))),
            ("--sort", one(self.sort.as_ref().map(word))),
            ("--limit", one(self.limit)),
            ("--output", one(self.output.as_deref().map(Path::display))),
        ]
    }

    /// The shell command for this listing, without `--resume` or `--state`.
    fn command(&self) -> String {
        let mut words = vec!["koodrive list".to_owned()];
        words.extend(self.album.as_deref().map(shell_quoted));
        let written = self.written().into_iter();
        let written =
            written.flat_map(|(name, values)| values.into_iter().map(move |it| (name, it)));
        for (name, value) in written {
            words.push(match name {
                "--demo" if value == "1000" => name.to_owned(),
                "--demo" => format!("{name}={value}"),
                "--asc or --desc" => value,
                "--favorite" => name.to_owned(),
                // Commas need no quotes.
                "--columns" | "--type" => format!("{name} {value}"),
                _ => option(name, &value),
            });
        }
        words.join(" ")
    }

    /// The command that resumes from a token. A span would mean another instant then.
    pub(crate) fn resume_command(&self, token: &str) -> String {
        let mut options = self.clone();
        options.filter = options.filter.with_instants();
        format!("{} --resume {}", options.command(), shell_quoted(token))
    }

    /// The command that resumes from a state file. It omits times: the file has the words that the user
    /// gave, and an instant would not match them.
    pub(crate) fn state_command(&self, state: &Path) -> String {
        let mut options = self.clone();
        (options.filter.since, options.filter.until) = (None, None);
        format!("{} {}", options.command(), option("--state", &state.to_string_lossy()))
    }
}

fn option(name: &str, value: &str) -> String {
    // After a space, it would be taken for another option.
    let between = if value.starts_with('-') { '=' } else { ' ' };
    format!("{name}{between}{}", shell_quoted(value))
}

fn one(value: Option<impl ToString>) -> Vec<String> {
    value.map(|value| value.to_string()).into_iter().collect()
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

/// # Errors
///
/// If there are values now, and they are not the earlier ones.
pub(crate) fn unchanged(
    what: &'static str,
    now: &[String],
    earlier: &[String],
) -> Result<(), Difference> {
    if now.is_empty() || now == earlier {
        return Ok(());
    }
    let earlier = Some(earlier.join(" ")).filter(|earlier| !earlier.is_empty());
    Err(Difference { what, earlier, now: now.join(" ") })
}

fn whole_number(text: &str) -> Result<u64, &'static str> {
    text.parse().map_err(|_| "expected a whole number")
}

fn comma_separated(values: &[impl ValueEnum]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn parse(words: &str) -> ListOptions {
        let words = shlex::split(words).unwrap();
        let Command::List(args) = Args::try_parse_from(words).unwrap().command else { panic!() };
        args.options("2025-10-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    #[test]
    fn the_command_line_repeats_every_option_that_was_given() {
        for words in [
            "koodrive list",
            "koodrive list 17 --asc --format csv --columns name,size --type image,video --name '*.jpg' \
             --name '*.heic' --larger 1.5M --smaller 2G --favorite --sort taken --limit 7 --output 'a b.csv'",
            "koodrive list --demo --desc",
            "koodrive list --until 2025-09-01T00:00:00Z",
            "koodrive list --demo=5 --since 2025-09-01T00:00:00Z",
        ] {
            let options = parse(words);
            let line = options.resume_command("1@1:17:100:::0:1:0:");
            assert_eq!(line, format!("{words} --resume 1@1:17:100:::0:1:0:"));
        }
    }

    #[test]
    fn the_command_line_is_understood_whatever_a_value_begins_with() {
        let options = parse("koodrive list 17 --name=-a* --name b --output=-o");
        let repeats = |line: &str| options.clone().resumed_from(parse(line));
        assert_eq!(repeats(&options.resume_command("1@1:17:100:::0:1:0:")), Ok(options.clone()));
        assert_eq!(repeats(&options.state_command(Path::new("-s"))), Ok(options.clone()));
    }

    #[test]
    fn two_patterns_are_not_one_with_a_space() {
        let resume = |now: &str, then: &str| parse(now).resumed_from(parse(then)).map(drop);
        let (two, one) = ("koodrive list --name a --name b", "koodrive list --name 'a b'");
        assert_eq!(resume(two, one).map_err(|difference| difference.what), Err("--name"));
        assert_eq!(resume(two, two), Ok(()));
    }

    #[test]
    fn omitted_options_are_kept_and_a_changed_option_is_named() {
        let earlier = parse("koodrive list --demo --format csv --since 7d --name '*.jpg'");
        for (words, outcome) in [
            ("koodrive list", Ok(())),
            ("koodrive list --demo --since 7d", Ok(())),
            ("koodrive list --since 8d", Err("--since")),
            ("koodrive list --name '*.png'", Err("--name")),
            ("koodrive list --until 2d", Err("--until")),
            ("koodrive list --favorite", Err("--favorite")),
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
