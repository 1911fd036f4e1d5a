//! The body of a page → its files or albums, or the service's error.
//!
//! The generated types decode a page of files in one pass. Only if that fails are the same bytes read again,
//! entry by entry, so that one unreadable entry does not cost the others.

use std::collections::VecDeque;

use koodrive_api::{AlbumContentList, json_text, types};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{error::Category, value::RawValue};

use super::{
    album::Album,
    content::AlbumContent,
    entries::{Entries, Sorted},
};
use crate::{
    cursor::Cursor,
    error::{Error, ErrorKind, Recovery, Result, json, service_error::ServiceError},
    paging::page::Batch,
    wire::operation::Answer,
};

/// Checks the typed page. `body` is what it was decoded from: the types accept other objects, and even
/// lists. `listed` is how many entries came before, if that is known.
pub(crate) fn from_wire(
    wire: types::AlbumContentPage,
    body: &[u8],
    listed: Option<u64>,
) -> Result<Answer<Batch<AlbumContent>>> {
    if json::object(body).is_none() || (wire.content_list.is_none() && wire.code.is_none()) {
        return from_bytes(body, listed);
    }
    let files =
        |list: AlbumContentList| list.into_vec().into_iter().map(AlbumContent::new).collect();
    let parts = Parts {
        entries: wire.content_list.map(|list| (files(list), VecDeque::new())),
        next: wire.next_page_cursor,
        total: wire.total.and_then(|total| u64::try_from(total).ok()),
        code: wire.code.map(|code| code.to_string()),
        message: wire.msg,
    };
    parts.check(listed)
}

/// Reads a page leniently: its own numbers as text and text as numbers, and an error for each entry that cannot
/// be read instead of one for all.
pub(crate) fn from_bytes<T: PageEntry>(
    body: &[u8],
    listed: Option<u64>,
) -> Result<Answer<Batch<T>>> {
    let text = json_text(body);
    let object = json::object(text.as_bytes()).ok_or_else(|| not_an_object::<T>(body))?;
    let mut page: RawPage<T> =
        serde_json::from_slice(object).map_err(|error| not_a_page::<T>(&place(&error)))?;
    let entries =
        T::list(&mut page).map(|Entries(entries)| entries.ok_or_else(too_many)).transpose()?;
    let parts = Parts {
        entries: entries.map(|(items, unreadable)| {
            (items, unreadable.into_iter().map(unreadable_entry::<T>).collect())
        }),
        next: page.next_page_cursor.map(|cursor| cursor.to_string()),
        total: page.total.and_then(|total| total.get().trim_matches('"').parse().ok()),
        code: page.code.map(|code| code.to_string()),
        message: page.msg.and_then(|message| serde_json::from_str(message.get()).ok()),
    };
    if parts.is_no_page() {
        let error = ServiceError::read(object);
        if error.code.is_some() {
            return Ok(Answer::Refusal(error));
        }
    }
    parts.check(listed)
}

/// What a page lists.
pub(crate) trait PageEntry: DeserializeOwned {
    /// What it is called in messages, and what a page of them is.
    const NAME: &str;
    const PAGE: &str;
    /// The property that lists them.
    const LIST: &str;

    fn list(page: &mut RawPage<'_, Self>) -> Option<Entries<Self>>;
}

impl PageEntry for AlbumContent {
    const NAME: &str = "a file of the album";
    const PAGE: &str = "a page of an album";
    const LIST: &str = "contentList";

    fn list(page: &mut RawPage<'_, Self>) -> Option<Entries<Self>> {
        page.content_list.take()
    }
}

impl PageEntry for Album {
    const NAME: &str = "an album";
    const PAGE: &str = "a page of albums";
    const LIST: &str = "albumList";

    fn list(page: &mut RawPage<'_, Self>) -> Option<Entries<Self>> {
        page.album_list.take()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", bound = "T: PageEntry")]
pub(crate) struct RawPage<'a, T> {
    #[serde(default)]
    content_list: Option<Entries<T>>,
    #[serde(default)]
    album_list: Option<Entries<T>>,
    next_page_cursor: Option<types::NumberOrText>,
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    code: Option<types::NumberOrText>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

/// The parts of a page, the same for both ways of reading it.
struct Parts<T> {
    entries: Option<Sorted<T, Error>>,
    next: Option<String>,
    total: Option<u64>,
    code: Option<String>,
    message: Option<String>,
}

impl<T: PageEntry> Parts<T> {
    /// Every property of a page is optional, so `{}` fits, too. It must not pass for an empty page.
    fn is_no_page(&self) -> bool {
        self.entries.is_none() && self.code.is_none()
    }

    fn check(self, listed: Option<u64>) -> Result<Answer<Batch<T>>> {
        let is_no_page = self.is_no_page();
        let Self { entries, next, total, code, message } = self;
        Answer::new(code, message, || {
            let list = T::LIST;
            if is_no_page {
                return Err(not_a_page::<T>(&format!("it has neither a `{list}` nor a `code`")));
            }
            let is_short = listed.is_some_and(|listed| total.is_some_and(|total| total > listed));
            if entries.is_none() && is_short {
                return Err(not_a_page::<T>(&format!(
                    "it has no `{list}`, although its `total` says that more files follow"
                )));
            }
            let (items, unreadable) = entries.unwrap_or_default();
            Ok(Batch { items, unreadable, next: Cursor::new(next), total })
        })
    }
}

fn unreadable_entry<T: PageEntry>((index, why): (usize, String)) -> (usize, Error) {
    let message = format!("{} could not be read: entry {index} of the page: {why}", T::NAME);
    let error = Error::new(ErrorKind::Decode, message);
    (index, error.with(|facts| facts.recovery = Some(Recovery::Skip)))
}

/// serde_json's own text shows the unexpected value, so only the position is passed on.
fn place(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Eof => "the JSON ends early",
        Category::Data => "a field is missing or has the wrong type",
        Category::Syntax | Category::Io => "the JSON is malformed",
    };
    format!("{what} at line {}, column {}", error.line(), error.column())
}

fn too_many() -> Error {
    let message =
        format!("the page has more than {} files; pages have 100", AlbumContentList::MOST);
    Error::new(ErrorKind::TooLarge, message)
}

fn not_an_object<T: PageEntry>(body: &[u8]) -> Error {
    not_a_page::<T>(match body.trim_ascii_start().first() {
        None => "it is empty",
        Some(b'<') => "it is HTML or XML, perhaps from a proxy or a login page",
        Some(_) => "it is not a JSON object",
    })
}

fn not_a_page<T: PageEntry>(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the response is not {}: {why}", T::PAGE))
}
