//! Downloads by pre-signed link.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::server_time;
use crate::{AlbumFile, AlbumServer};

const FAMILY: &str = "family";

#[tokio::test]
async fn content_is_downloaded_by_its_link_alone_and_for_an_hour() {
    let late = Arc::new(AtomicU64::new(0));
    let clock = {
        let late = Arc::clone(&late);
        move || server_time() + Duration::from_secs(late.load(Ordering::Relaxed))
    };
    let file = AlbumFile::new("F1").file_name("Été & 🌊 = x.jpg").content("the sea");
    let server = AlbumServer::builder().album(FAMILY, [file]).clock(clock).start().await;
    let page = server.client().list_album_content(FAMILY).send().await.unwrap();
    let url = page.contents()[0].content_url().unwrap().as_str();
    assert_eq!(page.contents()[0].size(), Some(7));

    let http = reqwest::Client::new();
    let get = |url: &str| http.get(url);
    let answer = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(answer(get(url)).await, (200, "the sea".to_owned()));
    late.store(3600, Ordering::Relaxed);
    assert_eq!(answer(get(url)).await, (200, "the sea".to_owned()));
    for (request, status, code) in [
        (get(url).bearer_auth(server.access_token()), 400, "InvalidArgument"),
        (get(&url.replace("%2520", "+")), 403, "SignatureDoesNotMatch"),
        (get(&url.replace("/media/", "/media/0")), 404, "NoSuchKey"),
    ] {
        let (found, body) = answer(request).await;
        assert_eq!(found, status, "{body}");
        assert!(body.contains(code), "{body}");
    }
    late.store(3601, Ordering::Relaxed);
    let (status, body) = answer(get(url)).await;
    assert_eq!((status, body.contains("AccessDenied")), (403, true), "{body}");
    assert_eq!(server.received_cursors().len(), 1);
}
