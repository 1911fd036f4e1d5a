//! What happens to a file: pure functions of what the album says, what the manifest says and what the disk has.

use crate::{
    disk::Found,
    manifest::{Entry, Local, Version},
    report::{MaxDelete, Refusal},
};

/// Disks keep modification times to two seconds at worst.
const COARSEST_MS: u64 = 2_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// There is nothing at its path.
    Fetch,
    /// At its path is another version, as it was left.
    Replace,
    /// At its path is this version, as it was left.
    Keep,
    /// At its path is a file of its name and size, which is not known otherwise.
    Adopt,
    /// At its path is a file of the size that was left, but of another time: its digest decides.
    Compare,
    /// At its path is a file that somebody changed.
    Leave,
    /// At its path is a stranger's file: it needs another path.
    Avoid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Removal {
    /// The file is as it was left.
    Discard,
    /// There is nothing of it left.
    Forget,
    /// Somebody changed the file.
    Leave,
}

/// What happens to a file that the album has, if it is to be at this path.
pub(crate) fn action(listed: &Version, entry: &Entry, found: Option<Found>) -> Action {
    let Some(found) = found else { return Action::Fetch };
    match &entry.local {
        None if entry.coming(found).is_some() => adopt_if(listed.is_like(entry)),
        None if found.is_like(listed) => Action::Adopt,
        None => Action::Avoid,
        Some(local) if found.is(local) && listed.is(local) => Action::Keep,
        Some(local) if found.is(local) => Action::Replace,
        Some(_) if entry.coming(found).is_some() => adopt_if(listed.is_like(entry)),
        Some(local) if found.size() == Some(local.size) => match local.sha256 {
            Some(_) => Action::Compare,
            None => adopt_if(listed.is(local)),
        },
        Some(_) => Action::Leave,
    }
}

fn adopt_if(is_listed: bool) -> Action {
    if is_listed { Action::Adopt } else { Action::Replace }
}

/// What happens to a file that the album no longer has.
pub(crate) fn removal(entry: &Entry, found: Option<Found>) -> Removal {
    match (found, &entry.local) {
        (None, _) => Removal::Forget,
        (Some(found), _) if entry.coming(found).is_some() => Removal::Discard,
        (Some(found), Some(local)) if found.is(local) => Removal::Discard,
        (Some(_), Some(_)) => Removal::Leave,
        (Some(_), None) => Removal::Forget,
    }
}

/// What is known about a listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listing {
    /// Files, each counted once.
    pub(crate) files: u64,
    pub(crate) unreadable: u64,
    /// Files that were listed once more.
    pub(crate) repeated: u64,
    /// The lowest and the highest total that the service returned.
    pub(crate) totals: Option<(u64, u64)>,
    pub(crate) has_filter: bool,
}

impl Listing {
    /// Counts a file. Returns whether it is the first time.
    pub(crate) fn add(&mut self, is_new: bool) -> bool {
        let count = if is_new { &mut self.files } else { &mut self.repeated };
        *count = count.saturating_add(1);
        is_new
    }

    pub(crate) fn add_page(&mut self, unreadable: usize, total: Option<u64>) {
        let unreadable = u64::try_from(unreadable).unwrap_or(u64::MAX);
        self.unreadable = self.unreadable.saturating_add(unreadable);
        if let Some(total) = total {
            let (low, high) = self.totals.unwrap_or((total, total));
            self.totals = Some((low.min(total), high.max(total)));
        }
    }

    /// Whether a file that it does not have is not in the album: only this is evidence.
    pub(crate) fn is_complete(&self) -> bool {
        let is_total = |(low, high)| low == self.files && high == self.files;
        // Without any file, it could as well be an answer that is no listing.
        self.files > 0
            && !self.has_filter
            && self.unreadable == 0
            && self.repeated == 0
            && self.totals.is_none_or(is_total)
    }
}

/// Why `removals` of `files` files must not be removed, if there is a reason.
pub(crate) fn refusal(
    listing: &Listing,
    removals: u64,
    files: u64,
    limit: MaxDelete,
) -> Option<Refusal> {
    let limit = match limit {
        MaxDelete::Files(files) => files,
        MaxDelete::Percent(percent) => {
            let share = u128::from(files).saturating_mul(percent.into()).div_ceil(100);
            u64::try_from(share).unwrap_or(u64::MAX)
        }
    };
    if removals == 0 {
        None
    } else if !listing.is_complete() {
        Some(Refusal::Incomplete { files: removals })
    } else {
        (removals > limit).then_some(Refusal::TooMany { files: removals, limit })
    }
}

impl Found {
    /// Whether it is as it was left.
    fn is(self, local: &Local) -> bool {
        matches!(self, Self::File { size, modified } if size == local.size && is_time(modified, local.modified))
    }

    /// Whether it may be this version: by its size, or by its time if the size is not known.
    fn is_like(self, version: &Version) -> bool {
        match (self, version) {
            (Self::File { size, .. }, Version { size: Some(listed), .. }) => size == *listed,
            (Self::File { modified, .. }, Version { time: Some(time), .. }) => {
                is_time(modified, *time)
            }
            _ => false,
        }
    }

    /// A file of this edited time, as it is now. `None` for what is no file.
    pub(crate) fn as_left(self, edited: Option<String>) -> Option<Local> {
        let Self::File { size, modified } = self else { return None };
        Some(Local { size, modified, edited, ..Local::default() })
    }

    pub(crate) fn size(self) -> Option<u64> {
        match self {
            Self::File { size, .. } => Some(size),
            Self::Other => None,
        }
    }
}

impl Version {
    /// Whether a file that was left like this is this version.
    fn is(&self, local: &Local) -> bool {
        let is_edited = self.edited.is_some() && self.edited != local.edited;
        self.size.is_none_or(|size| size == local.size) && !is_edited
    }

    /// Whether this is the version that is being fetched, if one is.
    fn is_like(&self, entry: &Entry) -> bool {
        let is_same = |next: &Version| self.size == next.size && self.edited == next.edited;
        entry.next.as_ref().is_none_or(is_same)
    }
}

impl Entry {
    /// The file as it was left, if it is the version that was being fetched, and not the one before: its line
    /// got lost.
    pub(crate) fn coming(&self, found: Found) -> Option<Local> {
        let next = self.next.as_ref()?;
        let left = found.as_left(next.edited.clone())?;
        let is_before = self.local.as_ref().is_some_and(|local| found.is(local));
        let is_in_time = next.time.is_none_or(|time| is_time(left.modified, time));
        (found.is_like(next) && is_in_time && !is_before).then_some(left)
    }
}

fn is_time(one: i64, other: i64) -> bool {
    one.abs_diff(other) < COARSEST_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(size: u64, edited: &str) -> Version {
        Version { size: Some(size), edited: Some(edited.to_owned()), time: Some(9_000) }
    }

    fn left(size: u64, edited: &str) -> Entry {
        let (edited, sha256) = (Some(edited.to_owned()), Some("ab".to_owned()));
        let local = Some(Local { size, modified: 9_000, edited, sha256, etag: None });
        Entry { local, ..Entry::new("1", "a") }
    }

    fn fetching(entry: Entry, next: Version) -> Entry {
        Entry { next: Some(next), ..entry }
    }

    fn unverified(mut entry: Entry) -> Entry {
        entry.local.as_mut().unwrap().sha256 = None;
        entry
    }

    fn found(size: u64, modified: i64) -> Option<Found> {
        Some(Found::File { size, modified })
    }

    #[test]
    fn a_new_file_is_fetched_to_where_nothing_is() {
        let new = Entry::new("1", "a");
        for (disk, expected) in [
            (None, Action::Fetch),
            (found(7, 0), Action::Adopt),
            (found(8, 9_000), Action::Avoid),
            (Some(Found::Other), Action::Avoid),
        ] {
            assert_eq!(action(&version(7, "x"), &new, disk), expected, "{disk:?}");
        }
        let without_size = Version { size: None, ..version(0, "x") };
        assert_eq!(action(&without_size, &new, found(7, 9_000)), Action::Adopt);
        assert_eq!(action(&without_size, &new, found(7, 0)), Action::Avoid);
        assert_eq!(action(&Version::default(), &new, found(7, 0)), Action::Avoid);
    }

    #[test]
    fn a_known_file_is_fetched_again_only_if_the_album_changed_it_and_nobody_else_did() {
        let new_size = version(8, "x");
        let (same, new_date) = (version(7, "x"), version(7, "y"));
        let unknown = Version::default();
        for (listed, disk, expected) in [
            (&same, None, Action::Fetch),
            (&same, found(7, 9_000), Action::Keep),
            (&same, found(7, 7_001), Action::Keep),
            (&unknown, found(7, 9_000), Action::Keep),
            (&new_size, found(7, 9_000), Action::Replace),
            (&new_date, found(7, 9_000), Action::Replace),
            (&same, found(7, 7_000), Action::Compare),
            (&new_date, found(7, 7_000), Action::Compare),
            (&same, found(6, 9_000), Action::Leave),
            (&new_size, found(8, 9_000), Action::Leave),
            (&same, Some(Found::Other), Action::Leave),
        ] {
            assert_eq!(action(listed, &left(7, "x"), disk), expected, "{listed:?} {disk:?}");
        }
    }

    #[test]
    fn a_file_that_was_never_hashed_is_recognised_by_its_size() {
        let entry = unverified(left(7, "x"));
        assert_eq!(action(&version(7, "x"), &entry, found(7, 0)), Action::Adopt);
        assert_eq!(action(&version(7, "y"), &entry, found(7, 0)), Action::Replace);
        assert_eq!(action(&version(7, "x"), &entry, found(6, 9_000)), Action::Leave);
    }

    #[test]
    fn a_file_that_came_before_its_line_is_recognised() {
        let new = fetching(Entry::new("1", "a"), version(7, "x"));
        let again = fetching(left(6, "w"), version(7, "x"));
        for entry in [new, again] {
            assert_eq!(action(&version(7, "x"), &entry, found(7, 9_000)), Action::Adopt);
            assert_eq!(action(&version(7, "y"), &entry, found(7, 9_000)), Action::Replace);
            assert_eq!(action(&version(8, "y"), &entry, found(7, 9_000)), Action::Replace);
        }
        let again = fetching(left(6, "w"), version(7, "x"));
        assert_eq!(action(&version(7, "x"), &again, found(6, 9_000)), Action::Replace);
        assert_eq!(action(&version(7, "x"), &again, found(7, 0)), Action::Leave);
    }

    #[test]
    fn a_file_that_came_before_its_line_is_left_as_it_was_found() {
        let entry = fetching(left(6, "w"), version(7, "x"));
        let edited = Some("x".to_owned());
        let expected = Local { size: 7, modified: 9_001, edited, ..Local::default() };
        assert_eq!(entry.coming(found(7, 9_001).unwrap()), Some(expected));
        for other in [found(6, 9_000), found(7, 0), Some(Found::Other)] {
            assert_eq!(entry.coming(other.unwrap()), None, "{other:?}");
        }
    }

    #[test]
    fn only_what_is_as_it_was_left_is_removed() {
        let next = fetching(left(7, "x"), version(8, "y"));
        let never = Entry::new("1", "a");
        for (entry, disk, expected) in [
            (&left(7, "x"), None, Removal::Forget),
            (&left(7, "x"), found(7, 9_000), Removal::Discard),
            (&left(7, "x"), found(7, 0), Removal::Leave),
            (&left(7, "x"), found(8, 9_000), Removal::Leave),
            (&left(7, "x"), Some(Found::Other), Removal::Leave),
            (&next, found(7, 9_000), Removal::Discard),
            (&next, found(8, 9_000), Removal::Discard),
            (&never, found(7, 9_000), Removal::Forget),
        ] {
            assert_eq!(removal(entry, disk), expected, "{entry:?} {disk:?}");
        }
    }

    #[test]
    fn a_listing_counts_its_files_once_and_keeps_the_lowest_and_the_highest_total() {
        let mut listing = Listing::default();
        assert!(listing.add(true) && listing.add(true) && !listing.add(false));
        for (unreadable, total) in [(0, None), (2, Some(5)), (1, Some(7)), (0, Some(6))] {
            listing.add_page(unreadable, total);
        }
        assert_eq!((listing.files, listing.repeated, listing.unreadable), (2, 1, 3));
        assert_eq!(listing.totals, Some((5, 7)));
    }

    #[test]
    fn nothing_is_removed_after_a_listing_that_may_be_short() {
        let complete = Listing { files: 100, totals: Some((100, 100)), ..Listing::default() };
        let limit = MaxDelete::Percent(10);
        assert_eq!(refusal(&complete, 10, 100, limit), None);
        assert_eq!(refusal(&Listing { totals: None, ..complete }, 10, 100, limit), None);
        for short in [
            Listing { has_filter: true, ..complete },
            Listing { unreadable: 1, ..complete },
            Listing { repeated: 1, ..complete },
            Listing { totals: Some((99, 100)), ..complete },
            Listing { totals: Some((100, 101)), ..complete },
            Listing { files: 99, ..complete },
            Listing { files: 0, totals: None, ..complete },
        ] {
            let refusal = refusal(&short, 1, 100, MaxDelete::Files(100));
            assert_eq!(refusal, Some(Refusal::Incomplete { files: 1 }), "{short:?}");
        }
    }

    #[test]
    fn more_than_the_limit_is_never_removed() {
        let listing = Listing { files: 100, ..Listing::default() };
        for (removals, files, limit, most) in [
            (11, 100, MaxDelete::Percent(10), Some(10)),
            (10, 100, MaxDelete::Percent(10), None),
            (11, 101, MaxDelete::Percent(10), None),
            (1, 1, MaxDelete::Percent(10), None),
            (2, 9, MaxDelete::Percent(10), Some(1)),
            (1, 9, MaxDelete::Percent(0), Some(0)),
            (u64::MAX, u64::MAX, MaxDelete::Percent(100), None),
            (3, 3, MaxDelete::Files(2), Some(2)),
            (3, 3, MaxDelete::Files(3), None),
            (0, 3, MaxDelete::Files(0), None),
        ] {
            let refused = most.map(|limit| Refusal::TooMany { files: removals, limit });
            assert_eq!(refusal(&listing, removals, files, limit), refused, "{removals} of {files}");
        }
    }
}
