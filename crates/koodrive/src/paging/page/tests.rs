use super::*;
use crate::error::ErrorKind;

fn cursor(text: &str) -> Option<Cursor> {
    Cursor::new(Some(text.to_owned()))
}

/// A page of these entries: letters are items, and `?` could not be read. Its first `taken` entries were handed
/// out before, as item 5 and so on.
fn page(entries: &str, taken: usize, next: &str) -> Page<char> {
    let items = entries.chars().filter(|entry| *entry != '?').collect();
    let unreadable = entries.char_indices().filter(|(_, entry)| *entry == '?');
    let unreadable = unreadable.map(|(index, _)| (index, Error::new(ErrorKind::Decode, "")));
    let batch =
        Batch { items, unreadable: unreadable.collect(), next: cursor(next), total: Some(9) };
    let start = Checkpoint::start("key", cursor("here"));
    Page::new(batch, Checkpoint { taken, items: 5, pages: 3, ..start })
}

fn entry(entry: Result<char>) -> char {
    entry.unwrap_or('?')
}

fn entries(page: Page<char>) -> String {
    page.into_iter().map(entry).collect()
}

/// Its cursor, and how many entries of its page, items and pages came before.
fn place(checkpoint: &Checkpoint) -> (&str, usize, u64, u64) {
    let Checkpoint { cursor, taken, items, pages, .. } = checkpoint;
    (cursor.as_ref().map_or("", Cursor::as_str), *taken, *items, *pages)
}

#[test]
fn a_page_begins_behind_the_entries_that_were_handed_out_before() {
    for (taken, rest) in
        [(0, "ab?c?"), (1, "b?c?"), (2, "?c?"), (3, "c?"), (4, "?"), (5, ""), (9, "")]
    {
        assert_eq!(entries(page("ab?c?", taken, "next")), rest, "{taken}");
    }
}

#[test]
fn a_page_says_what_the_service_said() {
    let page = page("a?b", 0, "next");
    assert_eq!((page.contents(), page.broken().count()), (&['a', 'b'][..], 1));
    assert_eq!((page.next_page_cursor(), page.total()), (Some("next"), Some(9)));
    assert_eq!(page.into_contents(), ['a', 'b']);
}

#[test]
fn behind_a_page_is_the_next_one_and_behind_the_last_its_own_end() {
    assert_eq!(place(&page("a?b", 1, "next").end().checkpoint(true)), ("next", 0, 6, 4));
    assert_eq!(place(&page("a?b", 1, "").end().checkpoint(true)), ("here", 3, 6, 3));
}

#[test]
fn a_listing_continues_on_its_page_until_the_page_is_used_up() {
    let mut rest = page("a?b", 0, "next").into_iter();
    let mut places = vec![rest.checkpoint()];
    while rest.next().is_some() {
        places.push(rest.checkpoint());
    }
    let places: Vec<_> = places.iter().map(place).collect();
    assert_eq!(
        places,
        [("here", 0, 5, 3), ("here", 1, 6, 3), ("here", 2, 6, 3), ("next", 0, 7, 4)]
    );
}

#[test]
fn what_is_not_wanted_is_left_out_and_keeps_its_place() {
    let mut page = page("a?bcd?", 0, "next");
    page.retain(|item| !"bd".contains(*item));
    page.retain(|item| *item != 'x');
    assert_eq!((page.contents(), page.broken().count()), (&['a', 'c'][..], 2));

    let mut rest = page.into_iter();
    let mut places = Vec::new();
    while let Some(next) = rest.next() {
        places.push((entry(next), rest.position.start.taken, rest.len()));
    }

    assert_eq!(places, [('a', 1, 3), ('?', 2, 2), ('c', 4, 1), ('?', 6, 0)]);
}

#[test]
fn a_page_that_is_cut_keeps_the_unreadable_entries_before_its_last_item() {
    for (items, kept) in [(0, ""), (1, "?a"), (2, "?a?b"), (3, "?a?b??c"), (4, "?a?b??c?")] {
        let mut page = page("?a?b??c?", 0, "next");
        page.truncate(items);
        assert_eq!(entries(page), kept, "{items}");
    }
    let mut rest = page("?a?b", 2, "next");
    rest.truncate(1);
    assert_eq!(entries(rest), "?b");
}
