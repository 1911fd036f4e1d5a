//! Bytes or generated types → a page, or what the service complains of.

use std::collections::VecDeque;

use koodrive_api::{AlbumContentList, types};
use serde::Deserialize;
use serde_json::{error::Category, value::RawValue};

use super::entries::{Entries, Entry};
use crate::{
    albums::{content::AlbumContent, lenient},
    cursor::Cursor,
    error::{
        Error, ErrorKind, Result,
        reply::{Complaint, is_success},
    },
    paging::page::AlbumContentPage,
};

/// What an answer under status 200 is.
#[derive(Debug)]
pub(crate) enum Decoded {
    Page(AlbumContentPage),
    /// The code is not 0: the service reports business errors under 200 too.
    Refusal(Complaint),
}

/// The typed page, checked; `body` is what it was decoded from. The types fit other objects too, and
/// even lists.
pub(crate) fn from_wire(wire: types::AlbumContentPage, body: &[u8]) -> Result<Decoded> {
    if json_object(body).is_none() || (wire.content_list.is_none() && wire.code.is_none()) {
        return from_bytes(body);
    }
    let files = wire.content_list.as_ref().map_or(&[][..], AlbumContentList::as_slice);
    if !files.iter().all(AlbumContent::is_sound) {
        return from_bytes(body);
    }
    // In place: a page of the one type becomes a page of the other where it is.
    let files =
        |list: AlbumContentList| list.into_vec().into_iter().map(AlbumContent::from_wire).collect();
    let parts = Parts {
        files: wire.content_list.map(|list| (files(list), VecDeque::new())),
        next: wire.next_page_cursor,
        total: wire.total.and_then(|total| u64::try_from(total).ok()),
        code: wire.code.map(|code| code.to_string()),
        message: wire.msg,
    };
    parts.check()
}

/// The same from the bytes that the typed decode refused: numbers as text and text as numbers, and an
/// error for each file that makes no sense instead of one for all.
pub(crate) fn from_bytes(body: &[u8]) -> Result<Decoded> {
    let object = json_object(body).ok_or_else(|| not_an_object(body))?;
    let page: RawPage =
        serde_json::from_slice(object).map_err(|error| not_a_page(&place(&error)))?;
    let files = page.content_list.map(|Entries(files)| files.ok_or_else(too_many)).transpose()?;
    let parts = Parts {
        files: files.map(sorted),
        next: page.next_page_cursor,
        total: page.total.and_then(|total| total.get().trim_matches('"').parse().ok()),
        code: page.code,
        message: page.msg.and_then(|message| serde_json::from_str(message.get()).ok()),
    };
    let complaint = Complaint::read(object);
    if parts.is_no_page() && complaint.code.is_some() {
        return Ok(Decoded::Refusal(complaint));
    }
    parts.check()
}

/// `text` without a byte order mark, if it looks like an object; serde takes a list for a struct, too.
pub(crate) fn json_object(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
    text.trim_ascii_start().starts_with(b"{").then_some(text)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage<'a> {
    #[serde(default)]
    content_list: Option<Entries>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    next_page_cursor: Option<String>,
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    #[serde(default, deserialize_with = "lenient::optional_text")]
    code: Option<String>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

/// A page taken apart, the same for both ways of reading it.
struct Parts {
    files: Option<Files>,
    next: Option<String>,
    total: Option<u64>,
    code: Option<String>,
    message: Option<String>,
}

impl Parts {
    /// An object of which every field is optional fits `{}` too, and what is not a page must not pass
    /// for an empty one.
    fn is_no_page(&self) -> bool {
        self.files.is_none() && self.code.is_none()
    }

    fn check(self) -> Result<Decoded> {
        if self.code.as_deref().is_some_and(|code| !is_success(code)) {
            return Ok(Decoded::Refusal(Complaint { code: self.code, message: self.message }));
        }
        if self.is_no_page() {
            return Err(not_a_page("it has neither a `contentList` nor a `code`"));
        }
        let (contents, broken) = self.files.unwrap_or_default();
        Ok(Decoded::Page(AlbumContentPage {
            contents,
            broken,
            cursor: None,
            skipped: 0,
            is_cut: false,
            next: Cursor::new(self.next),
            total: self.total,
            trace_id: String::new(),
            attempts: 0,
        }))
    }
}

/// Files, and those that could not be read by their place.
type Files = (Vec<AlbumContent>, VecDeque<(usize, Error)>);

fn sorted(entries: Vec<Entry>) -> Files {
    let mut files = Files::default();
    for (index, entry) in entries.into_iter().enumerate() {
        match entry {
            Ok(file) => files.0.push(file),
            Err(why) => files.1.push_back((index, broken_file(index, &why))),
        }
    }
    files
}

fn broken_file(index: usize, why: &str) -> Error {
    Error::new(
        ErrorKind::Decode,
        format!("a file of the album could not be read: entry {index} of the page: {why}"),
    )
    .with_skippable()
}

/// serde_json's own text shows the value that it did not expect, so only the place is told.
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

fn not_an_object(body: &[u8]) -> Error {
    not_a_page(match body.trim_ascii_start().first() {
        None => "it is empty",
        Some(b'<') => "it is HTML or XML; is there a proxy or a login page in between?",
        Some(_) => "it is not a JSON object",
    })
}

fn not_a_page(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the answer is not a page of an album: {why}"))
}
