//! The body of a page → its files, or the service's error.
//!
//! The generated types decode a page in one pass. Only if that fails are the same bytes read again, file by
//! file, so that one unreadable file does not cost the others.

use std::collections::VecDeque;

use koodrive_api::{AlbumContentList, json_text, types};
use serde::Deserialize;
use serde_json::{error::Category, value::RawValue};

use super::{
    content::AlbumContent,
    entries::{Entries, Entry},
};
use crate::{
    cursor::Cursor,
    error::{
        Error, ErrorKind, Recovery, Result, json,
        service_error::{ServiceError, is_success},
    },
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
    // Converted in place, without a second allocation for the list.
    let files =
        |list: AlbumContentList| list.into_vec().into_iter().map(AlbumContent::new).collect();
    let parts = Parts {
        files: wire.content_list.map(|list| (files(list), VecDeque::new())),
        next: wire.next_page_cursor,
        total: wire.total.and_then(|total| u64::try_from(total).ok()),
        code: wire.code.map(|code| code.to_string()),
        message: wire.msg,
    };
    parts.check(listed)
}

/// Reads what the typed decode refused: a page's own numbers as text and text as numbers, and an error for
/// each file that cannot be read instead of one for all.
pub(crate) fn from_bytes(body: &[u8], listed: Option<u64>) -> Result<Answer<Batch<AlbumContent>>> {
    let text = json_text(body);
    let object = json::object(text.as_bytes()).ok_or_else(|| not_an_object(body))?;
    let page: RawPage =
        serde_json::from_slice(object).map_err(|error| not_a_page(&place(&error)))?;
    let files = page.content_list.map(|Entries(files)| files.ok_or_else(too_many)).transpose()?;
    let parts = Parts {
        files: files.map(sorted),
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

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPage<'a> {
    #[serde(default)]
    content_list: Option<Entries>,
    next_page_cursor: Option<types::NumberOrText>,
    #[serde(borrow, default)]
    total: Option<&'a RawValue>,
    code: Option<types::NumberOrText>,
    #[serde(borrow, default)]
    msg: Option<&'a RawValue>,
}

/// The parts of a page, the same for both ways of reading it.
struct Parts {
    files: Option<Files>,
    next: Option<String>,
    total: Option<u64>,
    code: Option<String>,
    message: Option<String>,
}

impl Parts {
    /// Every field of a page is optional, so `{}` fits, too. It must not pass for an empty page.
    fn is_no_page(&self) -> bool {
        self.files.is_none() && self.code.is_none()
    }

    fn check(self, listed: Option<u64>) -> Result<Answer<Batch<AlbumContent>>> {
        if self.code.as_deref().is_some_and(|code| !is_success(code)) {
            return Ok(Answer::Refusal(ServiceError::new(self.code, self.message)));
        }
        if self.is_no_page() {
            return Err(not_a_page("it has neither a `contentList` nor a `code`"));
        }
        let is_short = listed.is_some_and(|listed| self.total.is_some_and(|total| total > listed));
        if self.files.is_none() && is_short {
            return Err(not_a_page(
                "it has no `contentList`, although its `total` says that more files follow",
            ));
        }
        let (items, unreadable) = self.files.unwrap_or_default();
        let next = Cursor::new(self.next);
        Ok(Answer::Output(Batch { items, unreadable, next, total: self.total }))
    }
}

/// The files, and the errors of those that cannot be read by their index.
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
    .with(|facts| facts.recovery = Some(Recovery::Skip))
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

fn not_an_object(body: &[u8]) -> Error {
    not_a_page(match body.trim_ascii_start().first() {
        None => "it is empty",
        Some(b'<') => "it is HTML or XML, perhaps from a proxy or a login page",
        Some(_) => "it is not a JSON object",
    })
}

fn not_a_page(why: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the response is not a page of an album: {why}"))
}
