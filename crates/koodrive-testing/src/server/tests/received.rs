//! The record of received requests.

use futures::StreamExt as _;

use super::{list, server};
use crate::AlbumServer;

#[tokio::test]
async fn requests_are_recorded_as_they_were_sent() {
    let server = server(1).await;
    let request = list(&server, &[("pageSize", "10"), ("pageCursor", "a+b/=")]);
    request.header("language", "en_us").send().await.unwrap();

    let [request] = &server.received_requests()[..] else { panic!("not one request") };
    assert_eq!(request.method(), "GET");
    assert_eq!(request.path(), "/koodrive/ose/v1/album/1795607640592646273/list");
    assert_eq!(request.query(), "pageSize=10&pageCursor=a%2Bb%2F%3D");
    let names: Vec<_> = request.headers().iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["authorization", "x-date", "x-user-id", "language", "accept", "accept-encoding", "host"]
    );
    assert_eq!(request.header("Language"), Some("en_us"));
    assert_eq!(server.received_cursors(), [Some("a+b/=".to_owned())]);
}

#[tokio::test]
async fn a_received_request_has_its_album_parameters_and_time() {
    let server = AlbumServer::builder().files(7).start().await;
    let list = server.client().list_album_content(server.album_id()).page_size(5);
    list.stream().count().await;

    let requests = server.received_requests();
    assert_eq!(requests[1].parameter("pageSize").as_deref(), Some("5"));
    assert_eq!((requests[0].cursor(), requests[1].parameter("sortType")), (None, None));
    assert_eq!(requests[1].cursor(), server.received_cursors()[1]);
    assert!(requests[0].received_at() <= requests[1].received_at());
}
