//! The totals of an album. Memory grows only with the number of months and types.

use std::collections::BTreeMap;

use koodrive::AlbumContent;
use serde::Serialize;

use crate::{text::format_month, type_filter::type_name};

/// How many of the largest files are kept.
const LARGEST: usize = 10;

#[derive(Default, Serialize)]
pub(super) struct Tally {
    pub(super) album: String,
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// Files that could not be read. No other total includes them.
    pub(super) unreadable: u64,
    pub(super) types: BTreeMap<String, Sum>,
    /// By the month taken, in UTC.
    pub(super) months: BTreeMap<String, Sum>,
    /// Files without the time they were taken.
    pub(super) undated: Sum,
    /// The largest files, largest first.
    pub(super) largest: Vec<LargeFile>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Sum {
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// Ordered by size, then by id, so that the order of arrival has no effect.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LargeFile {
    pub(super) size: u64,
    pub(super) id: String,
    pub(super) file_name: Option<String>,
    #[serde(rename = "type")]
    pub(super) type_name: String,
}

impl Sum {
    fn add(&mut self, size: u64) {
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
    }
}

impl Tally {
    pub(super) fn new(album: &str) -> Self {
        Self { album: album.to_owned(), ..Self::default() }
    }

    pub(super) fn add(&mut self, file: &AlbumContent) {
        let size = file.size().unwrap_or(0);
        let type_name = file.file_type().as_ref().map_or_else(|| "none".to_owned(), type_name);
        self.files = self.files.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
        match file.take_time().and_then(format_month) {
            Some(month) => self.months.entry(month).or_default().add(size),
            None => self.undated.add(size),
        }
        self.track_largest(size, file, &type_name);
        self.types.entry(type_name).or_default().add(size);
    }

    fn track_largest(&mut self, size: u64, file: &AlbumContent, type_name: &str) {
        let is_full = self.largest.len() >= LARGEST;
        if is_full && self.largest.last().is_some_and(|least| size < least.size) {
            return;
        }
        let large = LargeFile {
            size,
            id: file.id().to_owned(),
            file_name: file.file_name().map(str::to_owned),
            type_name: type_name.to_owned(),
        };
        let at = self.largest.partition_point(|other| *other > large);
        self.largest.insert(at, large);
        self.largest.truncate(LARGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(number: u64, file_type: &str, taken: &str) -> AlbumContent {
        let size = number.saturating_mul(1000);
        let json = format!(
            r#"{{"id":"F{number}","size":{size},"fileType":"{file_type}","takeTime":"{taken}"}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn the_order_of_the_files_has_no_effect() {
        let mut files: Vec<_> =
            (0..50).map(|n| file(n % 40, "15", "2025-09-16T01:31:20Z")).collect();
        let sum = |files: &[AlbumContent]| {
            let mut tally = Tally::new("17");
            files.iter().for_each(|file| tally.add(file));
            serde_json::to_string(&tally).unwrap()
        };
        let forwards = sum(&files);
        files.reverse();
        assert_eq!(sum(&files), forwards);
    }

    #[test]
    fn types_months_and_the_largest_files_are_counted() {
        let mut tally = Tally::new("17");
        for (number, file_type, taken) in
            [(1, "15", "2025-09-16T01:31:20Z"), (2, "99", "2025-09-30T23:59:59Z"), (3, "45", "")]
        {
            tally.add(&file(number, file_type, taken));
        }
        let json = serde_json::to_value(&tally).unwrap();
        let types: Vec<_> = json["types"].as_object().unwrap().keys().collect();
        assert_eq!(types, ["image", "other", "other (99)"]);
        assert_eq!(json["months"]["2025-09"]["files"], 2);
        assert_eq!(json["undated"]["bytes"], 3000);
        assert_eq!(json["largest"][0]["id"], "F3");
        assert_eq!((tally.files, tally.bytes), (3, 6000));
    }

    #[test]
    fn only_the_ten_largest_files_are_kept() {
        let mut tally = Tally::new("17");
        (0..100).for_each(|number| tally.add(&file(number, "15", "")));
        let sizes: Vec<_> = tally.largest.iter().map(|large| large.size / 1000).collect();
        assert_eq!(sizes, (90..100).rev().collect::<Vec<_>>());
    }
}
