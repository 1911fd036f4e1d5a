//! Which files of an album a command works on. One module for all commands: the options, the condition, and
//! how it bounds a listing.

use std::{str::FromStr, time::SystemTime};

use glob::Pattern;
use jiff::Timestamp;
use koodrive::AlbumContent;
use serde::{Deserialize, Serialize};

use crate::{
    report::{UsageError, usage},
    since::Cutoff,
    size::Size,
    text::composed,
    type_filter::TypeFilter,
};

/// Conditions that all have to hold.
#[derive(clap::Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Filters")]
pub(crate) struct Filter {
    /// Only files of these types
    #[arg(short, long = "type", value_delimiter = ',', value_name = "TYPE,...")]
    pub(crate) types: Option<Vec<TypeFilter>>,

    /// Only files whose whole name matches a pattern with * ? [abc]; repeat it for several patterns
    #[arg(long, value_name = "GLOB")]
    pub(crate) name: Option<Vec<NamePattern>>,

    /// Only files edited then or later: a date, an instant, or a span before now (7d, "2 weeks")
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) since: Option<Cutoff>,

    /// Only files edited before then
    #[arg(long, value_name = "WHEN", allow_hyphen_values = true)]
    pub(crate) until: Option<Cutoff>,

    /// Only files larger than this: bytes, or a number with K, M or G (powers of 1024)
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub(crate) larger: Option<Size>,

    /// Only files smaller than this
    #[arg(long, value_name = "SIZE", allow_negative_numbers = true)]
    pub(crate) smaller: Option<Size>,

    /// Only favourites
    #[arg(long)]
    pub(crate) favorite: bool,
}

/// A pattern of names, with composed letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct NamePattern(Pattern);

impl Filter {
    /// The filter with its spans before `now`.
    ///
    /// # Errors
    ///
    /// If a time is outside the calendar's range, or if no file can meet the conditions.
    pub(crate) fn at(mut self, now: Timestamp) -> Result<Self, UsageError> {
        for (name, cutoff) in [("--since", &mut self.since), ("--until", &mut self.until)] {
            let too_early = || usage(format!("{name} is too far back: the earliest year is -9999"));
            let moved = cutoff.take().map(|given| given.at(now).ok_or_else(too_early));
            *cutoff = moved.transpose()?;
        }
        self.check()?;
        Ok(self)
    }

    /// Two bounds that exclude every file are a mistake, not an empty album.
    fn check(&self) -> Result<(), UsageError> {
        let times = self.since.as_ref().zip(self.until.as_ref());
        if times.is_some_and(|(since, until)| since.instant >= until.instant) {
            return Err(usage("--since is not before --until, so no file matches"));
        }
        let sizes = self.larger.as_ref().zip(self.smaller.as_ref());
        if sizes.is_some_and(|(larger, smaller)| larger.bytes >= smaller.bytes) {
            return Err(usage("--larger is not below --smaller, so no file matches"));
        }
        Ok(())
    }

    pub(crate) fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// Whether anything is asked besides the bound, so that a listing yields more files than are wanted.
    pub(crate) fn is_beyond_bound(&self) -> bool {
        Self { since: None, ..self.clone() }.is_set()
    }

    /// The same filter, with its times as instants in place of the user's words.
    pub(crate) fn with_instants(mut self) -> Self {
        for cutoff in [&mut self.since, &mut self.until].into_iter().flatten() {
            cutoff.given = cutoff.instant.to_string();
        }
        self
    }

    /// The most files that a listing can have, as far as that is known before its end.
    pub(crate) fn most(&self, limit: Option<u64>) -> Option<u64> {
        let most = limit.filter(|_| !self.is_set()).unwrap_or(u64::MAX);
        self.since.is_none().then_some(most)
    }

    /// The time of the oldest edit, for a listing that ends there.
    pub(crate) fn bound(&self) -> Option<SystemTime> {
        self.since.as_ref().map(Cutoff::system_time)
    }

    /// A file whose edited time is not known meets every condition on it; one whose size is not known, none.
    pub(crate) fn includes(&self, file: &AlbumContent) -> bool {
        let edited = || Timestamp::try_from(file.edited_time()?.to_system_time()?).ok();
        let is_dated = |cutoff: &Option<Cutoff>, holds: fn(Timestamp, Timestamp) -> bool| {
            let cutoff = cutoff.as_ref().map(|cutoff| cutoff.instant);
            cutoff.zip(edited()).is_none_or(|(cutoff, edited)| holds(edited, cutoff))
        };
        let is_sized = |limit: &Option<Size>, holds: fn(u64, u64) -> bool| {
            let holds = |limit: &Size| file.size().is_some_and(|size| holds(size, limit.bytes));
            limit.as_ref().is_none_or(holds)
        };
        self.has_type(file)
            && self.has_name(file)
            && is_dated(&self.since, |edited, since| edited >= since)
            && is_dated(&self.until, |edited, until| edited < until)
            && is_sized(&self.larger, |size, limit| size > limit)
            && is_sized(&self.smaller, |size, limit| size < limit)
            && (!self.favorite || file.favorite() == Some(true))
    }

    fn has_type(&self, file: &AlbumContent) -> bool {
        let file_type = file.file_type();
        let includes = |wanted: &TypeFilter| wanted.includes(file_type.as_ref());
        self.types.as_ref().is_none_or(|types| types.iter().any(includes))
    }

    fn has_name(&self, file: &AlbumContent) -> bool {
        let Some(patterns) = &self.name else { return true };
        let matches = |name: &str| patterns.iter().any(|pattern| pattern.0.matches(name));
        file.file_name().is_some_and(|name| matches(&composed(name)))
    }
}

impl FromStr for NamePattern {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut text = composed(text).into_owned();
        // Two are for paths, and a name is none.
        while text.contains("**") {
            text = text.replace("**", "*");
        }
        let pattern = Pattern::new(&text).ok().filter(|_| !text.is_empty()).map(Self);
        pattern.ok_or("expected a pattern with * ? [abc], and [[] for a bracket")
    }
}

impl TryFrom<String> for NamePattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> Self {
        pattern.0.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::{Value, json};

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        filter: Filter,
    }

    fn filter(options: &str) -> Filter {
        let words = shlex::split(&format!("koodrive {options}")).unwrap();
        let filter = Line::try_parse_from(words).unwrap().filter;
        filter.at("2025-10-01T00:00:00Z".parse().unwrap()).unwrap()
    }

    fn includes(filter: &Filter, file: Value) -> bool {
        filter.includes(&serde_json::from_value(file).unwrap())
    }

    #[test]
    fn a_file_has_to_meet_every_condition() {
        let filter = filter(
            "--type image --name '*.jpg' --name '*.heic' --since 2025-06-01 --until 2025-07-01 \
             --larger 1K --smaller 2K --favorite",
        );
        let good = json!({
            "id": "1", "fileType": "15", "fileName": "a.jpg", "favorite": true, "size": 1025,
            "editedTime": "2025-06-01T00:00:00.000Z",
        });
        for (field, value, is_included) in [
            ("id", json!("1"), true),
            ("fileType", json!("20"), false),
            ("fileType", json!(null), false),
            ("fileName", json!("b.heic"), true),
            ("fileName", json!("a.png"), false),
            ("fileName", json!(null), false),
            ("favorite", json!(false), false),
            ("favorite", json!(null), false),
            ("editedTime", json!("2025-05-31T23:59:59.999Z"), false),
            ("editedTime", json!("2025-06-30T23:59:59.999Z"), true),
            ("editedTime", json!("2025-07-01T00:00:00.000Z"), false),
            ("editedTime", json!(null), true),
            ("size", json!(1024), false),
            ("size", json!(2047), true),
            ("size", json!(2048), false),
            ("size", json!(null), false),
        ] {
            let mut file = good.clone();
            file[field] = value;
            assert_eq!(includes(&filter, file.clone()), is_included, "{file}");
        }
    }

    #[test]
    fn without_conditions_every_file_is_included() {
        let filter = filter("");
        assert!(!filter.is_set() && filter.bound().is_none());
        assert!(includes(&filter, json!({"id": "1", "fileType": "10"})));
    }

    #[test]
    fn a_name_matches_in_either_way_to_compose_its_letters() {
        assert!(includes(&filter("--name 'E\u{301}t?'"), json!({"id": "1", "fileName": "Été"})));
    }

    #[test]
    fn only_the_time_of_the_oldest_edit_bounds_a_listing() {
        let (since, both) = (filter("--since 7d"), filter("--since 7d --larger 1M"));
        assert!(since.bound().is_some() && since.is_set() && !since.is_beyond_bound());
        assert!(both.bound().is_some() && both.is_beyond_bound());
        assert!(filter("--until 7d").bound().is_none());
    }

    #[test]
    fn conditions_that_no_file_can_meet_are_refused() {
        for options in ["--since 7d --until 8d", "--larger 1M --smaller 1024K"] {
            let words = format!("koodrive {options}");
            let filter = Line::try_parse_from(words.split(' ')).unwrap().filter;
            let refused = filter.at(Timestamp::UNIX_EPOCH).unwrap_err();
            assert!(refused.to_string().ends_with("so no file matches"), "{refused}");
        }
    }

    #[test]
    fn a_filter_survives_being_saved() {
        let filter = filter("--name '*.jpg' --since 7d --larger 1.5M --favorite");
        let saved = serde_json::to_string(&filter).unwrap();
        assert_eq!(serde_json::from_str::<Filter>(&saved).unwrap(), filter);
    }
}
