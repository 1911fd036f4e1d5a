//! The same as the code that Azure generates for a paginated call: it decodes each page twice, for the
//! cursor and for the items.

use anyhow::Result;
use azure_core::{
    Error,
    error::ErrorKind,
    http::{
        Pager, RawResponse, Response, StatusCode,
        headers::Headers,
        pager::{self, PagerContinuation, PagerResult, PagerState},
    },
    json,
};
use futures::StreamExt as _;

use super::hand_written::{Album, File, Page};
use crate::consumer::Consumer;

#[async_trait::async_trait]
impl pager::Page for Page {
    type Item = File;
    type IntoIter = std::vec::IntoIter<File>;

    async fn into_items(self) -> azure_core::Result<Self::IntoIter> {
        Ok(self.content_list.into_iter())
    }
}

pub async fn list(album: &Album, consumer: &mut Consumer) -> Result<()> {
    let album = album.clone();
    let fetch = move |state, _options: pager::PagerOptions<'static>| {
        Box::pin(page(album.clone(), state)) as _
    };
    let mut files: Pager<Page> = Pager::new(fetch, None);
    while let Some(file) = files.next().await {
        if consumer.take(file?).await.is_break() {
            break;
        }
    }
    Ok(())
}

async fn page(album: Album, state: PagerState) -> azure_core::Result<PagerResult<Response<Page>>> {
    let cursor = match &state {
        PagerState::Initial => "",
        PagerState::More(cursor) => cursor.as_ref(),
    };
    let body = album.body(cursor).await.map_err(|error| Error::new(ErrorKind::Io, error))?;
    let page: Page = json::from_json(&body)?;
    let response = RawResponse::from_bytes(StatusCode::Ok, Headers::new(), body).into();
    Ok(match page.next_page_cursor {
        end if end.is_empty() => PagerResult::Done { response },
        next => PagerResult::More { response, continuation: PagerContinuation::Token(next) },
    })
}
