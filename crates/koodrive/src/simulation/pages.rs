//! The pages of one order of an album, and the cursors that lead from page to page.

use std::{collections::BTreeMap, ops::RangeInclusive};

use fastrand::Rng;

use super::entries::Entry;
use crate::albums::order::{SortDirection, SortType};

#[derive(Debug)]
pub(super) struct Pages {
    pub(super) sort_type: Option<SortType>,
    pub(super) direction: Option<SortDirection>,
    pages: Vec<Vec<Entry>>,
    /// The cursor of each page except the first.
    cursors: Vec<String>,
    by_cursor: BTreeMap<String, usize>,
    /// How the last page shows that it is the last.
    end: &'static str,
    total: Option<usize>,
    /// An empty page has no `contentList`, unless that would announce more files.
    omits_empty_lists: bool,
}

const ENDS: [&str; 3] = ["", r#","nextPageCursor":null"#, r#","nextPageCursor":"""#];
const CURSOR_CHARS: [char; 26] = [
    ' ', '+', '/', '=', '&', '#', '%', '~', '*', 'é', '\0', '|', '\'', '"', '\\', ':', '<', '>',
    '日', '\u{202e}', '\n', '?', ';', '0', 'a', 'Z',
];

impl Pages {
    pub(super) fn new(rng: &mut Rng, pages: Vec<Vec<Entry>>, total: Option<usize>) -> Self {
        let cursors: Vec<String> = (1..pages.len()).map(|number| cursor(rng, number)).collect();
        Self {
            sort_type: None,
            direction: None,
            pages,
            by_cursor: cursors.iter().cloned().zip(1..).collect(),
            cursors,
            end: ENDS[rng.usize(..3)],
            total,
            omits_empty_lists: rng.bool(),
        }
    }

    pub(super) fn sorted_by(
        self,
        sort_type: Option<SortType>,
        direction: Option<SortDirection>,
    ) -> Self {
        Self { sort_type, direction, ..self }
    }

    pub(super) fn len(&self) -> usize {
        self.pages.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[Entry]> {
        self.pages.iter().map(Vec::as_slice)
    }

    /// The page that a cursor leads to; without a cursor, the first.
    pub(super) fn at(&self, cursor: Option<&str>) -> Option<usize> {
        cursor.map_or(Some(0), |cursor| self.by_cursor.get(cursor).copied())
    }

    pub(super) fn body(&self, page: usize) -> String {
        let is_omitted = self.omits_empty_lists && self.pages[page].is_empty();
        if is_omitted && !self.announces_more(0..=page) {
            return self.body_without_list(page, true);
        }
        let mut body = r#"{"code":0,"contentList":["#.to_owned();
        for (index, entry) in self.pages[page].iter().enumerate() {
            body.push_str(if index == 0 { "" } else { "," });
            entry.write(&mut body);
        }
        format!("{body}]{}{}}}", self.next(page), self.total())
    }

    /// A page whose list was lost, if the total shows that.
    pub(super) fn damaged_body(&self, page: usize, has_next: bool) -> Option<String> {
        let before = page.checked_sub(1).map(|last| 0..=last);
        let is_shown = match before {
            Some(pages) => self.announces_more(pages),
            None => self.total > Some(0),
        };
        is_shown.then(|| self.body_without_list(page, has_next))
    }

    fn body_without_list(&self, page: usize, has_next: bool) -> String {
        let next = if has_next { self.next(page) } else { String::new() };
        format!(r#"{{"code":0{next}{}}}"#, self.total())
    }

    fn announces_more(&self, pages: RangeInclusive<usize>) -> bool {
        self.total > Some(self.pages[pages].iter().map(Vec::len).sum())
    }

    fn next(&self, page: usize) -> String {
        match self.cursors.get(page) {
            Some(next) => {
                format!(r#","nextPageCursor":{}"#, serde_json::to_string(next).unwrap())
            }
            None => self.end.to_owned(),
        }
    }

    fn total(&self) -> String {
        self.total.map_or_else(String::new, |total| format!(r#","total":{total}"#))
    }
}

/// Divides entries into pages, some of them short or empty.
pub(super) fn divide(rng: &mut Rng, mut entries: Vec<Entry>, page_size: usize) -> Vec<Vec<Entry>> {
    let mut pages = Vec::new();
    while !entries.is_empty() || pages.is_empty() {
        let length = if rng.u8(..4) == 0 { rng.usize(..=page_size) } else { page_size };
        let rest = entries.split_off(length.min(entries.len()));
        pages.push(std::mem::replace(&mut entries, rest));
    }
    if rng.u8(..4) == 0 {
        pages.push(Vec::new());
    }
    pages
}

/// Unique by its number, which follows a fixed count of letters.
fn cursor(rng: &mut Rng, number: usize) -> String {
    let char = |_| CURSOR_CHARS[rng.usize(..CURSOR_CHARS.len())];
    let text: String = (0..12).map(char).collect();
    format!("{text}{number}")
}
