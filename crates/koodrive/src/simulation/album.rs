//! What there is to list: entries on pages, and the cursors that lead from page to page.

use std::{collections::BTreeMap, fmt::Write as _};

use fastrand::Rng;

use crate::albums::order::{SortDirection, SortType};

/// An entry of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    File(String),
    /// JSON that is not a file.
    Broken(&'static str),
}

/// Where an entry stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) page: u64,
    pub(super) index: usize,
    pub(super) entry: Entry,
}

impl Place {
    pub(super) fn is_file(&self) -> bool {
        matches!(self.entry, Entry::File(_))
    }
}

#[derive(Debug)]
pub(super) struct Album {
    pub(super) id: String,
    pub(super) page_size: u32,
    pub(super) sort_type: Option<SortType>,
    pub(super) sort_direction: Option<SortDirection>,
    pages: Vec<Vec<Entry>>,
    /// The cursor of each page except the first.
    cursors: Vec<String>,
    by_cursor: BTreeMap<String, usize>,
    /// How the last page shows that it is the last.
    end: &'static str,
    total: String,
}

const ENDS: [&str; 3] = ["", r#","nextPageCursor":null"#, r#","nextPageCursor":"""#];
const BROKEN: [&str; 4] = ["null", "17", "{}", r#"{"id":{}}"#];
const CURSOR_CHARS: [char; 26] = [
    ' ', '+', '/', '=', '&', '#', '%', '~', '*', 'é', '\0', '|', '\'', '"', '\\', ':', '<', '>',
    '日', '\u{202e}', '\n', '?', ';', '0', 'a', 'Z',
];

/// The properties of an album, except the lengths of its pages.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) page_size: u32,
    /// The indexes of broken entries.
    pub(super) broken: Vec<usize>,
    pub(super) has_total: bool,
}

impl Album {
    /// With short and empty pages anywhere.
    pub(super) fn random(rng: &mut Rng, pages: usize) -> Self {
        let page_size = if rng.u8(..10) == 0 { rng.u32(1..=100) } else { rng.u32(1..=8) };
        let most = page_size as usize;
        let length = |rng: &mut Rng| if rng.u8(..4) == 0 { rng.usize(..=most) } else { most };
        let lengths: Vec<usize> = (0..pages).map(|_| length(rng)).collect();
        let has_broken = rng.u8(..20) == 0;
        let broken = (0..pages).filter(|_| has_broken && rng.u8(..10) == 0).collect();
        let shape = Shape { page_size, broken, has_total: rng.bool() };
        let sorts = [None, Some(SortType::ShootingTime), Some(SortType::UpdateTime)];
        let ways = [None, Some(SortDirection::Ascending), Some(SortDirection::Descending)];
        let (sort_type, sort_direction) = (sorts[rng.usize(..3)], ways[rng.usize(..3)]);
        Self { sort_type, sort_direction, ..Self::new(rng, &lengths, &shape) }
    }

    pub(super) fn new(rng: &mut Rng, lengths: &[usize], shape: &Shape) -> Self {
        let mut indexes = 0..;
        let mut entry = |_| {
            let index = indexes.next().unwrap();
            match shape.broken.contains(&index) {
                true => Entry::Broken(BROKEN[index % BROKEN.len()]),
                false => Entry::File(format!("{index}-{:x}", rng.u32(..))),
            }
        };
        let pages: Vec<Vec<Entry>> =
            lengths.iter().map(|length| (0..*length).map(&mut entry).collect()).collect();
        let cursors: Vec<String> = (1..pages.len()).map(|number| cursor(rng, number)).collect();
        let by_cursor = cursors.iter().cloned().zip(1..).collect();
        let total: usize = lengths.iter().sum();
        let total = if shape.has_total { format!(r#","total":{total}"#) } else { String::new() };
        Self {
            id: rng.u64(1..).to_string(),
            page_size: shape.page_size,
            sort_type: None,
            sort_direction: None,
            pages,
            cursors,
            by_cursor,
            end: ENDS[rng.usize(..3)],
            total,
        }
    }

    pub(super) fn pages(&self) -> usize {
        self.pages.len()
    }

    /// What a listing hands out, in order.
    pub(super) fn expected(&self) -> Vec<Place> {
        let place = |page, index, entry: &Entry| Place { page, index, entry: entry.clone() };
        let numbered = self.pages.iter().zip(0..);
        let places = numbered.flat_map(|(page, number)| {
            page.iter().enumerate().map(move |(index, entry)| place(number, index, entry))
        });
        places.collect()
    }

    /// The page that a cursor leads to; without a cursor, the first.
    pub(super) fn page_at(&self, cursor: Option<&str>) -> Option<usize> {
        cursor.map_or(Some(0), |cursor| self.by_cursor.get(cursor).copied())
    }

    pub(super) fn body(&self, page: usize) -> String {
        let mut body = r#"{"code":0,"contentList":["#.to_owned();
        for (index, entry) in self.pages[page].iter().enumerate() {
            body.push_str(if index == 0 { "" } else { "," });
            match entry {
                Entry::File(id) => write!(body, r#"{{"id":"{id}","size":"12"}}"#).unwrap(),
                Entry::Broken(json) => body.push_str(json),
            }
        }
        let next = self.cursors.get(page).map_or_else(
            || self.end.to_owned(),
            |next| format!(r#","nextPageCursor":{}"#, serde_json::to_string(next).unwrap()),
        );
        write!(body, "]{next}{}}}", self.total).unwrap();
        body
    }
}

/// Unique by its number, which follows a fixed count of letters.
fn cursor(rng: &mut Rng, number: usize) -> String {
    let char = |_| CURSOR_CHARS[rng.usize(..CURSOR_CHARS.len())];
    let text: String = (0..12).map(char).collect();
    format!("{text}{number}")
}
