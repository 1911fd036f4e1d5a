//! A server whose pages a test defines, for what an `AlbumServer` never does.

use koodrive::ListAlbumContent;
use serde_json::{Value, json};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::album_at;

/// Computes each page from the cursor that it receives.
pub(crate) struct PagedMock(MockServer);

impl PagedMock {
    /// `page` receives `""` if no cursor was sent.
    pub(crate) async fn start(page: impl Fn(&str) -> Value + Send + Sync + 'static) -> Self {
        let server = MockServer::start().await;
        let respond = move |request: &Request| {
            let cursor = cursor(request).unwrap_or_default();
            ResponseTemplate::new(200).set_body_json(page(&cursor))
        };
        Mock::given(any()).respond_with(respond).mount(&server).await;
        Self(server)
    }

    pub(crate) fn album(&self) -> ListAlbumContent {
        album_at(&self.0.uri())
    }

    /// The cursor of each request, decoded; `-` if there was none.
    pub(crate) async fn received_cursors(&self) -> Vec<String> {
        let cursor = |request| cursor(request).unwrap_or_else(|| "-".to_owned());
        self.requests().await.iter().map(cursor).collect()
    }

    /// The query of each request, as it came over the wire.
    pub(crate) async fn received_queries(&self) -> Vec<String> {
        let query = |request: &Request| request.url.query().unwrap_or_default().to_owned();
        self.requests().await.iter().map(query).collect()
    }

    async fn requests(&self) -> Vec<Request> {
        self.0.received_requests().await.unwrap()
    }
}

/// A page of files that have only an id. It has no total, and no next cursor if `next` is `None`.
pub(crate) fn page(ids: &[&str], next: Option<&str>) -> Value {
    let files: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
    let mut page = json!({"code": 0, "msg": "Success.", "contentList": files});
    if let Some(next) = next {
        page["nextPageCursor"] = next.into();
    }
    page
}

fn cursor(request: &Request) -> Option<String> {
    let mut parameters = request.url.query_pairs();
    parameters.find(|(name, _)| name == "pageCursor").map(|(_, cursor)| cursor.into_owned())
}
