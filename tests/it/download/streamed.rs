//! Files as streams of bytes.

use futures::{StreamExt as _, TryStreamExt as _};
use koodrive::{DownloadStream, ErrorKind};
use koodrive_testing::Fault;

use super::{ALBUM, SIZE, content, eager, listed, picture, ranges, serving};
use crate::support::client_without_retries;

async fn bytes(stream: DownloadStream) -> Result<Vec<u8>, koodrive::Error> {
    stream.try_fold(Vec::new(), async |all, chunk| Ok([&all, &chunk[..]].concat())).await
}

#[tokio::test]
async fn a_stream_yields_the_file_whatever_happens_on_the_way() {
    let server = serving(picture(SIZE))
        .download_fault(0, Fault::status(403))
        .download_fault(1, Fault::own_reply().cut_after(300_000))
        .download_fault(2, Fault::status(403))
        .start()
        .await;
    let client = eager(&server);

    let stream = client.download(&listed(&client).await).stream();

    assert!(server.received_downloads().is_empty());
    assert!(bytes(stream).await.unwrap() == content(SIZE));
    assert_eq!(ranges(&server).len(), 4);
}

#[tokio::test]
async fn after_a_transient_error_the_next_poll_continues() {
    let cut = Fault::own_reply().cut_after(300_000);
    let server = serving(picture(SIZE)).download_fault(0, cut).start().await;
    let client = client_without_retries(&server);
    let mut stream = client.download(&listed(&client).await).stream();

    let (mut all, mut errors) = (Vec::new(), Vec::new());
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => all.extend_from_slice(&chunk),
            Err(error) => errors.push(error.kind()),
        }
    }

    assert!(all == content(SIZE));
    assert_eq!(errors, [ErrorKind::Transport]);
}

#[tokio::test]
async fn a_file_that_changes_in_the_middle_ends_the_stream_with_an_error() {
    let cut = Fault::own_reply().cut_after(300_000);
    let server = serving(picture(SIZE)).download_fault(0, cut).start().await;
    let client = eager(&server);
    let file = listed(&client).await;
    let mut stream = client.download(&file).stream();
    stream.next().await.unwrap().unwrap();
    server.put_file(ALBUM, picture(SIZE).content(vec![0xff; SIZE]));

    let error = loop {
        if let Err(error) = stream.next().await.unwrap() {
            break error;
        }
    };

    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Stale, false), "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_shorter_file_ends_the_stream_with_an_error() {
    let short = Fault::status(200).body(content(SIZE - 1)).without_header("content-length");
    let server = serving(picture(SIZE)).download_faults(0..9, short).start().await;
    let client = client_without_retries(&server);

    let stream = client.download(&listed(&client).await).stream();

    bytes(stream).await.unwrap_err();
}

#[test]
fn outside_a_runtime_a_download_is_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (client, file) = runtime.block_on(async {
        let server = serving(picture(SIZE)).start().await;
        let client = server.client();
        let file = listed(&client).await;
        (client, file)
    });
    let mut stream = client.download(&file).stream();

    let error = futures::executor::block_on(stream.next()).unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(futures::executor::block_on(stream.next()).is_none());
    let save = client.download(&file).to_path("nowhere");
    let error = futures::executor::block_on(save).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
