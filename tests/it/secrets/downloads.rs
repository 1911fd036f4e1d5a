//! Downloads: a link, which gives access to the file, and the cursor of its page.

use futures::StreamExt as _;
use koodrive::{AlbumContent, Client, RetryPolicy};
use koodrive_testing::{AlbumFile, AlbumServer, Fault};

use super::printed::Printed;

/// The second of two files, from a page that a cursor led to.
async fn listed(client: &Client) -> AlbumContent {
    let list = client.list_album_content("holidays").page_size(1);
    let first = list.clone().send().await.unwrap();
    let second = list.page_cursor(first.next_page_cursor().unwrap()).send().await.unwrap();
    second.contents()[0].clone()
}

/// The parts of a link that identify it.
fn secrets(file: &AlbumContent) -> impl Iterator<Item = &str> {
    let link = file.content_url().unwrap().as_str();
    let (path, query) = link.split_once('?').unwrap();
    let signature = query.rsplit_once("Signature=").unwrap().1;
    [path.rsplit_once('/').unwrap().1, signature].into_iter()
}

#[tokio::test]
async fn downloads_print_no_secret_whatever_the_storage_answers() {
    let html = Fault::status(200).body("<html>Canary?X-Amz-Signature=canary</html>");
    let away = Fault::status(302).header("location", "http://127.0.0.1/Canary?X-Amz-Signature=1");
    for (what, fault) in [
        ("success", Fault::own_reply()),
        ("a loss", Fault::lost_connection()),
        ("a cut", Fault::own_reply().cut_after(10)),
        ("a refusal", Fault::status(403).body("<Error><Key>Canary</Key></Error>")),
        ("no such file", Fault::status(404).body("<Error><Key>Canary</Key></Error>")),
        ("an overload", Fault::status(503)),
        ("a redirect", away),
        ("HTML", html),
        ("gzip", Fault::own_reply().header("content-encoding", "gzip")),
    ] {
        let file = |id| AlbumFile::new(id).content(vec![0xff; 1_000]);
        let album = AlbumServer::builder().album("holidays", [file("F1"), file("F2")]);
        let server = album.download_faults(0..9, fault).start().await;
        let client = server.client_builder().retry(RetryPolicy::none()).build().unwrap();
        let file = listed(&client).await;
        let folder = tempfile::tempdir().unwrap();
        let mut printed = Printed::new();
        secrets(&file).for_each(|secret| printed.must_not_show(secret));
        let cursors = server.received_cursors();
        printed.must_not_show(cursors.into_iter().flatten().next().unwrap());
        printed.debug(&file);

        let download = client.download(&file);
        printed.debug(&download);
        let mut stream = download.clone().stream();
        printed.debug(&stream);
        if let Some(Err(error)) = stream.next().await {
            printed.error(&error);
        }
        match download.to_path(folder.path().join("a")).await {
            Ok(downloaded) => printed.debug(&downloaded),
            Err(error) => printed.error(&error),
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            printed.text(format!("{path:?}"));
            printed.text(String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }

        printed.assert_clean(what);
    }
}
