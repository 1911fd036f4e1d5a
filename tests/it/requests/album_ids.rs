//! Album ids by the million: an accepted id is in the path byte for byte, and a rejected one sends
//! nothing.
//!
//! | ids | accepted or rejected | the path is checked |
//! |---|---|---|
//! | 10,000 crafted | each | at a socket, for each accepted id |
//! | 1,000,000 random | each | in the generated client's URL, for each accepted id; at a socket for 200 |

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures::FutureExt as _;
use koodrive::{AccessToken, Client, Credentials, Error, ErrorKind, TokenProvider};
use reqwest::Url;
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::support::{Frozen, client_of};

/// A crafted id consists of two of these, a random id of any number of them.
#[rustfmt::skip]
const PIECES: [&str; 100] = [
    // Without a meaning in a URL, except dots that stand alone.
    "", ".", "..", "...", "-", "_", "~", "~~", "-.", "._", "0", "1", "7", "17", "42", "000",
    "1795607640592646273", "a", "b", "Z", "xyz", "list", "album", "koodrive", "ose", "v1", "a.b",
    "a..b", ".a", "a.", "..a", "a..", "a_b", "a-b", "a~b", "2e", "2F", "5c", "00", "null", "NaN",
    "nextPageCursor", "FsZe6OnbZbVM0XcvEK_FDXqnow9P02vxT", LONG,
    // Separators, and what may be taken for them.
    "/", "//", "\\", "../", "/..", "..\\", "\\..", "/.", "./", "/list", "?", "?a=b", "#", "#c",
    ";", ";v=1", ":", ":80", "@", "//host", "http://host", "file:", "&", "=", "+", "$", ",", "!",
    // Encoded once, twice or incompletely.
    "%", "%%", "%2", "%zz", "%2e", "%2E%2e", "%2f", "%5C", "%00", "%0d%0a", "%252e", "%u002e",
    // What URL parsers strip, fold or reject.
    "\t", "\n", "\r\n", "\0", " ", "\u{7f}", "\u{85}", "\u{a0}", "\u{200b}", "\u{202e}",
    "\u{feff}", "．．", "／", "é", "图片🙂", "\"<>^`{|}",
];
const HARMLESS: usize = 44;
/// Two of these are just short enough for an id.
const LONG: &str = "9999999999999999999999999999999999999999999999999999999999999999\
                    9999999999999999999999999999999999999999999999999999999999999999";

fn crafted() -> impl Iterator<Item = String> {
    PIECES.iter().flat_map(|start| PIECES.iter().map(move |end| format!("{start}{end}")))
}

/// A few pieces, or so many that the id is too long. One id in sixteen consists only of harmless
/// pieces.
fn random(rng: &mut Rng) -> String {
    let pieces = if rng.u8(..) < 16 { &PIECES[..HARMLESS] } else { &PIECES[..] };
    let count = if rng.u8(..) < 4 { rng.usize(..60) } else { rng.usize(..6) };
    let mut id: String = (0..count).map(|_| pieces[rng.usize(..pieces.len())]).collect();
    if pieces.len() > HARMLESS && rng.u8(..) < 64 {
        id.push(rng.char(..));
    }
    id
}

const BEFORE: &str = "/koodrive/ose/v1/album/";
const AFTER: &str = "/list";

/// Returns true if the id is unchanged in the generated client's URL.
fn is_unchanged(id: &str) -> bool {
    let encoded = progenitor_client::encode_path(id);
    let url = Url::parse(&format!("http://host{BEFORE}{encoded}{AFTER}")).unwrap();
    url.path().strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(AFTER)) == Some(id)
}

/// Never returns a token, so that nothing is sent.
struct Never;

impl TokenProvider for Never {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        std::future::pending().await
    }
}

/// Decided by one poll of `client`, which cannot send anything.
fn is_accepted(client: &Client, id: &str) -> bool {
    match client.list_album_content(id).send().now_or_never() {
        None => true,
        Some(Ok(_)) => panic!("{id:?} was listed"),
        Some(Err(error)) => {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{id:?}");
            false
        }
    }
}

/// The accepted ids of this many random ones. Each is unchanged in its URL.
fn accepted_of(ids: u64, seed: u64) -> Vec<String> {
    // Nothing drives this runtime and the clock stands still, so the wait for a token does not end.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let client = client_of("https://koodrive.example.com").time_source(Frozen::now());
    let client = client.credentials(Credentials::provider(Never)).build().unwrap();
    let mut rng = Rng::with_seed(seed);
    let ids = (0..ids).map(|_| random(&mut rng));
    let accepted = ids.filter(|id| is_accepted(&client, id));
    accepted.inspect(|id| assert!(is_unchanged(id), "{id:?} leads elsewhere")).collect()
}

/// The target of each request, as received.
type Received = Arc<Mutex<Vec<String>>>;

/// Answers every request of every connection with an empty page.
async fn serve(listener: TcpListener, received: Received) {
    while let Ok((connection, _)) = listener.accept().await {
        tokio::spawn(answer_all(connection, Arc::clone(&received)));
    }
}

async fn answer_all(mut connection: TcpStream, received: Received) -> io::Result<()> {
    const PAGE: &[u8] =
        b"HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{\"contentList\":[],\"code\":0}";
    let mut head = Vec::new();
    while connection.read_buf(&mut head).await? != 0 {
        if head.ends_with(b"\r\n\r\n") {
            let text = String::from_utf8(std::mem::take(&mut head)).unwrap();
            received.lock().unwrap().push(text.split(' ').nth(1).unwrap().to_owned());
            connection.write_all(PAGE).await?;
        }
    }
    Ok(())
}

/// Lists an album of each id. Returns which ids were accepted, and what the server received.
async fn sent(ids: &[String]) -> (Vec<bool>, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}", listener.local_addr().unwrap());
    let received = Received::default();
    tokio::spawn(serve(listener, Arc::clone(&received)));
    let client = client_of(&uri).build().unwrap();

    let mut accepted = Vec::new();
    for id in ids {
        let outcome = client.list_album_content(id).send().await;
        let kind = outcome.as_ref().err().map(Error::kind);
        assert!(matches!(kind, None | Some(ErrorKind::InvalidInput)), "{id:?}: {kind:?}");
        accepted.push(outcome.is_ok());
    }
    let received = std::mem::take(&mut *received.lock().unwrap());
    (accepted, received)
}

/// Sends all ids, checks that the server received exactly the accepted ones, each in its place in
/// the path, and returns their number.
async fn assert_sent_unchanged(ids: &[String]) -> usize {
    let (accepted, received) = sent(ids).await;
    let accepted = ids.iter().zip(accepted).filter(|(_, is_accepted)| *is_accepted);
    let expected: Vec<_> =
        accepted.map(|(id, _)| format!("{BEFORE}{id}{AFTER}?pageSize=100")).collect();
    assert!(received == expected, "{:?}", received.iter().zip(&expected).find(|(a, b)| a != b));
    expected.len()
}

#[tokio::test]
async fn each_of_10_000_crafted_ids_is_sent_byte_for_byte_or_not_at_all() {
    let ids: Vec<_> = crafted().collect();

    let accepted = assert_sent_unchanged(&ids).await;

    assert_eq!((ids.len(), accepted), (10_000, 1_930));
}

#[test]
fn thousands_of_the_crafted_ids_would_lead_elsewhere_if_accepted() {
    let elsewhere = crafted().filter(|id| !is_unchanged(id)).count();

    assert!(elsewhere > 5_000, "{elsewhere}");
}

#[test]
fn each_of_1_000_000_random_ids_is_in_the_url_byte_for_byte_or_not_sent() {
    let halves = std::thread::scope(|scope| {
        [1, 2].map(|seed| scope.spawn(move || accepted_of(500_000, seed))).map(|half| half.join())
    });
    let accepted: Vec<_> = halves.into_iter().flat_map(Result::unwrap).collect();

    assert!((50_000..300_000).contains(&accepted.len()), "{} were accepted", accepted.len());
    let every = accepted.len() / 200;
    let sample: Vec<_> = accepted.into_iter().step_by(every).collect();
    let runtime = Runtime::new().unwrap();
    assert_eq!(runtime.block_on(assert_sent_unchanged(&sample)), sample.len());
}
