//! The entries of an album, and the orders into which the service sorts them.

use std::{
    fmt::Write as _,
    time::{Duration, SystemTime},
};

use fastrand::Rng;

use super::seconds;
use crate::albums::order::SortDirection;

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    File(File),
    /// JSON that is not a file.
    Broken(&'static str),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) id: String,
    /// When it was created and edited, in seconds after [`EPOCH`].
    pub(super) time: Option<u64>,
}

const EPOCH: Duration = seconds(1_757_980_000);

const BROKEN: [&str; 4] = ["null", "17", "{}", r#"{"id":{}}"#];

impl Entry {
    /// `index` makes its id unique.
    pub(super) fn file(rng: &mut Rng, index: usize, time: Option<u64>) -> Self {
        Self::File(File { id: format!("{index}-{:x}", rng.u32(..)), time })
    }

    pub(super) fn broken(index: usize) -> Self {
        Self::Broken(BROKEN[index % BROKEN.len()])
    }

    pub(super) fn is_file(&self) -> bool {
        self.id().is_some()
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::File(file) => Some(&file.id),
            Self::Broken(_) => None,
        }
    }

    pub(super) fn time(&self) -> Option<u64> {
        match self {
            Self::File(file) => file.time,
            Self::Broken(_) => None,
        }
    }

    pub(super) fn write(&self, json: &mut String) {
        match self {
            Self::File(File { id, time: None }) => {
                write!(json, r#"{{"id":"{id}","size":"12"}}"#).unwrap();
            }
            Self::File(File { id, time: Some(time) }) => {
                let time = jiff::Timestamp::try_from(instant(*time)).unwrap();
                write!(json, r#"{{"id":"{id}","createdTime":"{time}","editedTime":"{time}"}}"#)
                    .unwrap();
            }
            Self::Broken(text) => json.push_str(text),
        }
    }
}

/// The instant of a time of an entry.
pub(super) fn instant(time: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + EPOCH + seconds(time)
}

/// How the service sorts.
#[derive(Clone, Debug)]
pub(super) struct Sorting {
    untimed: Untimed,
    ignores_direction: bool,
    /// In both directions, files with equal times are in the same order, or in any, or in reverse.
    ties: Ties,
    /// Sorts by nothing, anew for each order.
    is_random: bool,
}

/// Where files without times are.
#[derive(Clone, Copy, Debug)]
enum Untimed {
    First,
    Last,
    /// As if they were the oldest.
    Oldest,
    Anywhere,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ties {
    Same,
    Reversed,
    Any,
}

impl Sorting {
    pub(super) fn random(rng: &mut Rng) -> Self {
        Self {
            untimed: [Untimed::First, Untimed::Last, Untimed::Oldest, Untimed::Anywhere]
                [rng.usize(..4)],
            ignores_direction: rng.u8(..8) == 0,
            ties: [Ties::Same, Ties::Reversed, Ties::Any][rng.usize(..3)],
            is_random: rng.u8(..8) == 0,
        }
    }

    pub(super) fn sort(
        &self,
        rng: &mut Rng,
        entries: &[Entry],
        direction: SortDirection,
    ) -> Vec<Entry> {
        let mut entries = entries.to_vec();
        let is_ascending = direction == SortDirection::Ascending && !self.ignores_direction;
        match self.ties {
            Ties::Any => rng.shuffle(&mut entries),
            Ties::Reversed if is_ascending => entries.reverse(),
            Ties::Reversed | Ties::Same => {}
        }
        let (mut timed, untimed): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| entry.time().is_some());
        timed.sort_by_key(Entry::time);
        if !is_ascending {
            timed.reverse();
        }
        let mut sorted = self.place_untimed(rng, timed, untimed, is_ascending);
        if self.is_random {
            rng.shuffle(&mut sorted);
        }
        sorted
    }

    fn place_untimed(
        &self,
        rng: &mut Rng,
        mut timed: Vec<Entry>,
        untimed: Vec<Entry>,
        is_ascending: bool,
    ) -> Vec<Entry> {
        match self.untimed {
            Untimed::Anywhere => {
                for entry in untimed {
                    timed.insert(rng.usize(..=timed.len()), entry);
                }
                timed
            }
            Untimed::First => [untimed, timed].concat(),
            Untimed::Oldest if is_ascending => [untimed, timed].concat(),
            Untimed::Last | Untimed::Oldest => [timed, untimed].concat(),
        }
    }
}
