//! A generated album: which file is at which position of each order, without building the album.
//!
//! A file is a number in `0..files`. Each key shuffles these numbers into *slots*, and the slot
//! determines the file's time under that key. Four consecutive slots form a group. The times of two
//! groups never overlap, so only files of the same group are compared, by time and then by id.
//! Nothing here knows HTTP, cursors or JSON.

use std::cmp::Ordering;
use std::ops::Range;

use crate::albums::order::{Direction, Order, SortKey};
use crate::albums::shuffle::{self, Shuffle};
use crate::hash::fnv1a;

/// Slots whose files may share a time.
const GROUP: u64 = 4;
/// The time from the first file to the last under each key, in milliseconds: a year and a half.
const SPAN: u64 = 547 * 86_400_000;
const FIRST_SHOT: i64 = 1_609_459_200_000; // 2021-01-01
const FIRST_CREATED: i64 = 1_661_990_400_000; // 2022-09-01
const FIRST_EDITED: i64 = 1_711_929_600_000; // 2024-04-01

/// An album of generated files.
#[derive(Clone, Debug)]
pub(crate) struct Album {
    pub(crate) files: u64,
    /// Identifies the album.
    pub(crate) seed: u64,
    shooting: Shuffle,
    creation: Shuffle,
    update: Shuffle,
}

impl Album {
    /// The album with this id and number of files, at most [`shuffle::MAX`].
    pub(crate) fn new(id: &str, files: u64) -> Self {
        let files = files.min(shuffle::MAX);
        let seed = fnv1a(id.as_bytes());
        let shuffle = |salt| Shuffle::new(files, seed.wrapping_add(salt));
        Self { files, seed, shooting: shuffle(1), creation: shuffle(2), update: shuffle(3) }
    }

    /// Random numbers for one file, the same every time; each `purpose` has its own.
    pub(crate) fn rng(&self, file: u64, purpose: u64) -> fastrand::Rng {
        let spread = file.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        fastrand::Rng::with_seed(self.seed.wrapping_add(spread) ^ purpose.rotate_right(8))
    }

    /// The id of a file, such as `FsZe6OnbZbVM0XcvEK_FDXqnow9P02vxT`.
    pub(crate) fn id(&self, file: u64) -> String {
        let mut rng = self.rng(file, 1);
        let mut sign = || match rng.u8(0..64) {
            62 => '_',
            63 => '-',
            _ => rng.alphanumeric(),
        };
        std::iter::once('F').chain(std::iter::repeat_with(&mut sign).take(32)).collect()
    }

    /// When a file was taken, created or updated, in milliseconds since 1970.
    pub(crate) fn time(&self, file: u64, key: SortKey) -> i64 {
        let slot = self.shuffle(key).forward(file);
        let (group, place) = (slot / GROUP, slot % GROUP);
        let step = SPAN.checked_div(self.files.div_ceil(GROUP)).unwrap_or(SPAN);
        let jitter = fastrand::Rng::with_seed(self.seed ^ group).u64(0..=step / 4);
        // The files of one third of the groups share a millisecond, and of another third usually a second.
        let spacing = match group % 3 {
            0 => 0,
            1 => 7.min(step / 5),
            _ => step / 5,
        };
        let since_first =
            group.wrapping_mul(step).wrapping_add(place.wrapping_mul(spacing)).wrapping_add(jitter);
        first(key).saturating_add_unsigned(since_first)
    }

    /// Up to `size` files of this order, from `start` on.
    pub(crate) fn page(&self, order: Order, start: u64, size: u64) -> Vec<u64> {
        let start = start.min(self.files);
        let end = start.saturating_add(size).min(self.files);
        match order.direction {
            Direction::Ascending => self.ascending(order.key, start..end).collect(),
            Direction::Descending => {
                let from_below = |position| self.files.saturating_sub(position);
                let mut files: Vec<_> =
                    self.ascending(order.key, from_below(end)..from_below(start)).collect();
                files.reverse();
                files
            }
        }
    }

    /// The files at these positions of the ascending order.
    fn ascending(&self, key: SortKey, positions: Range<u64>) -> impl Iterator<Item = u64> {
        let groups = positions.start / GROUP..positions.end.div_ceil(GROUP);
        let before = (positions.start % GROUP) as usize;
        let count = positions.end.saturating_sub(positions.start) as usize;
        groups.flat_map(move |group| self.group(key, group)).skip(before).take(count)
    }

    /// The files of a group in ascending order.
    fn group(&self, key: SortKey, group: u64) -> Vec<u64> {
        let first = group.saturating_mul(GROUP);
        let slots = first..first.saturating_add(GROUP).min(self.files);
        let mut files: Vec<u64> = slots.map(|slot| self.shuffle(key).back(slot)).collect();
        files.sort_by(|a, b| self.compare(key, *a, *b));
        files
    }

    fn compare(&self, key: SortKey, a: u64, b: u64) -> Ordering {
        let by_time = self.time(a, key).cmp(&self.time(b, key));
        by_time.then_with(|| self.id(a).cmp(&self.id(b)))
    }

    fn shuffle(&self, key: SortKey) -> &Shuffle {
        match key {
            SortKey::Shooting => &self.shooting,
            SortKey::Creation => &self.creation,
            SortKey::Update => &self.update,
        }
    }
}

/// The spans do not overlap: a file is taken before it is created, and created before it is edited.
fn first(key: SortKey) -> i64 {
    match key {
        SortKey::Shooting => FIRST_SHOT,
        SortKey::Creation => FIRST_CREATED,
        SortKey::Update => FIRST_EDITED,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const KEYS: [SortKey; 3] = [SortKey::Shooting, SortKey::Creation, SortKey::Update];
    const SIZES: [u64; 8] = [0, 1, 2, 99, 100, 101, 250, 1000];

    fn order(key: SortKey, direction: Direction) -> Order {
        Order { key, direction }
    }

    fn whole(album: &Album, order: Order, size: u64) -> Vec<u64> {
        let starts = (0..album.files).step_by(size as usize);
        starts.flat_map(|start| album.page(order, start, size)).collect()
    }

    #[test]
    fn pages_of_any_size_list_each_file_once() {
        for files in SIZES {
            let album = Album::new("1795607640592646273", files);
            for key in KEYS {
                for size in [1, 2, 3, 7, 33, 99, 100] {
                    let listed = whole(&album, order(key, Direction::Ascending), size);
                    let distinct: HashSet<_> = listed.iter().collect();
                    assert_eq!(listed.len() as u64, files, "{files} {key:?} {size}");
                    assert_eq!(distinct.len() as u64, files, "{files} {key:?} {size}");
                }
            }
        }
    }

    #[test]
    fn every_order_is_by_time_and_then_by_id() {
        for files in SIZES {
            let album = Album::new("1795607640592646273", files);
            for key in KEYS {
                let listed = whole(&album, order(key, Direction::Ascending), 100);
                let keys: Vec<_> =
                    listed.iter().map(|&file| (album.time(file, key), album.id(file))).collect();
                assert!(keys.is_sorted_by(|a, b| a < b), "{files} {key:?}");
            }
        }
    }

    #[test]
    fn descending_is_exactly_ascending_reversed() {
        for files in SIZES {
            let album = Album::new("1795607640592646273", files);
            for key in KEYS {
                let mut listed = whole(&album, order(key, Direction::Descending), 7);
                listed.reverse();
                let ascending = whole(&album, order(key, Direction::Ascending), 100);
                assert_eq!(listed, ascending, "{files} {key:?}");
            }
        }
    }

    #[test]
    fn some_files_share_a_millisecond_and_others_a_second() {
        let album = Album::new("1795607640592646273", 250);
        for key in KEYS {
            let listed = whole(&album, order(key, Direction::Ascending), 100);
            let times: Vec<_> = listed.iter().map(|&file| album.time(file, key)).collect();
            let same = times.windows(2).filter(|pair| pair[0] == pair[1]).count();
            let near = times.windows(2).filter(|pair| (1..1000).contains(&(pair[1] - pair[0])));
            assert!(same >= 40, "{key:?}: {same}");
            assert!(near.count() >= 40, "{key:?}");
        }
    }

    #[test]
    fn the_three_keys_give_three_orders() {
        let album = Album::new("1795607640592646273", 250);
        let [a, b, c] = KEYS.map(|key| whole(&album, order(key, Direction::Ascending), 100));
        assert!(a != b && b != c && a != c);
    }

    #[test]
    fn a_file_is_taken_then_created_then_edited() {
        for files in [1, 250, 1_000_000_000] {
            let album = Album::new("1795607640592646273", files);
            for file in [0, files / 3, files - 1] {
                let [shot, created, edited] = KEYS.map(|key| album.time(file, key));
                assert!(shot < created && created < edited, "{files} {file}");
            }
        }
    }

    #[test]
    fn a_page_at_or_past_the_end_is_empty() {
        for files in SIZES {
            let album = Album::new("1", files);
            for direction in [Direction::Ascending, Direction::Descending] {
                let order = order(SortKey::Update, direction);
                assert!(album.page(order, files, 100).is_empty());
                assert!(album.page(order, u64::MAX, 100).is_empty());
            }
        }
    }

    #[test]
    fn the_last_page_of_a_huge_album_needs_no_page_before_it() {
        let album = Album::new("1", u64::MAX);
        let order = order(SortKey::Creation, Direction::Descending);
        assert_eq!(album.files, shuffle::MAX);
        assert_eq!(album.page(order, shuffle::MAX - 99, 100).len(), 99);
    }

    #[test]
    fn ids_have_the_documented_form_and_are_distinct() {
        let album = Album::new("1795607640592646273", 10_000);
        let ids: HashSet<String> = (0..10_000).map(|file| album.id(file)).collect();
        assert_eq!(ids.len(), 10_000);
        for id in ids {
            assert_eq!(id.len(), 33);
            assert!(id.starts_with('F'));
            assert!(
                id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'),
                "{id}"
            );
        }
    }
}
