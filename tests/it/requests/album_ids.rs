//! Album ids by the million: one that is accepted stands in the path byte for byte, and one that is
//! not sends nothing.
//!
//! | ids | accepted or refused | the path |
//! |---|---|---|
//! | 10,000 crafted | each | as received at a socket, for each that is accepted |
//! | 1,000,000 random | each | as the generated client makes its URL, for each that is accepted; at a socket for 200 |

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use futures::FutureExt as _;
use koodrive::{AccessToken, Client, Credentials, Error, ErrorKind, TokenProvider};
use reqwest::Url;
use tokio::io::{self, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;

use crate::support::client_of;

/// Two of these make a crafted id, any number of them a random one.
#[rustfmt::skip]
const PIECES: [&str; 100] = [
    // Of no meaning in a URL, but for dots that stand alone.
    "", ".", "..", "...", "-", "_", "~", "~~", "-.", "._", "0", "1", "7", "17", "42", "000",
    "1795607640592646273", "a", "b", "Z", "xyz", "list", "album", "koodrive", "ose", "v1", "a.b",
    "a..b", ".a", "a.", "..a", "a..", "a_b", "a-b", "a~b", "2e", "2F", "5c", "00", "null", "NaN",
    "nextPageCursor", "FsZe6OnbZbVM0XcvEK_FDXqnow9P02vxT", LONG,
    // Separators, and what is taken for them.
    "/", "//", "\\", "../", "/..", "..\\", "\\..", "/.", "./", "/list", "?", "?a=b", "#", "#c",
    ";", ";v=1", ":", ":80", "@", "//host", "http://host", "file:", "&", "=", "+", "$", ",", "!",
    // Encoded once or twice, or not quite.
    "%", "%%", "%2", "%zz", "%2e", "%2E%2e", "%2f", "%5C", "%00", "%0d%0a", "%252e", "%u002e",
    // What URL parsers strip, fold or give up on.
    "\t", "\n", "\r\n", "\0", " ", "\u{7f}", "\u{85}", "\u{a0}", "\u{200b}", "\u{202e}",
    "\u{feff}", "．．", "／", "é", "图片🙂", "\"<>^`{|}",
];
const HARMLESS: usize = 44;
/// Two are just short enough.
const LONG: &str = "9999999999999999999999999999999999999999999999999999999999999999\
                    9999999999999999999999999999999999999999999999999999999999999999";

fn crafted() -> impl Iterator<Item = String> {
    PIECES.iter().flat_map(|start| PIECES.iter().map(move |end| format!("{start}{end}")))
}

/// Of a few pieces, or of so many that they are too long; one in sixteen holds none that means
/// something in a URL.
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

/// Whether the generated client's URL leads there.
fn stands_as_it_is(id: &str) -> bool {
    let encoded = progenitor_client::encode_path(id);
    let url = Url::parse(&format!("http://host{BEFORE}{encoded}{AFTER}")).unwrap();
    url.path().strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(AFTER)) == Some(id)
}

/// Never comes: whoever waits for its token sends nothing.
struct Never;

impl TokenProvider for Never {
    async fn token(&self) -> Result<AccessToken, Box<dyn std::error::Error + Send + Sync>> {
        std::future::pending().await
    }
}

/// By one poll of `client`, which can send nothing.
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

/// The accepted ones of so many random ids; each stands in its URL as it is.
fn accepted_of(ids: u64, seed: u64) -> Vec<String> {
    let runtime = Runtime::new().unwrap();
    let _inside = runtime.enter();
    let client =
        client_of("https://koodrive.example.com").credentials(Credentials::provider(Never));
    let client = client.build().unwrap();
    let mut rng = Rng::with_seed(seed);
    let ids = (0..ids).map(|_| random(&mut rng));
    let accepted = ids.filter(|id| is_accepted(&client, id));
    accepted.inspect(|id| assert!(stands_as_it_is(id), "{id:?} leads elsewhere")).collect()
}

/// The target of each request, as it came over the wire.
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

/// Lists an album of each id, and says which ids were refused and what a server received.
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

/// Sends all of them, and returns how many were accepted: those, and no others, were received, each
/// in its place of the path.
async fn assert_sent_as_they_are(ids: &[String]) -> usize {
    let (accepted, received) = sent(ids).await;
    let accepted = ids.iter().zip(accepted).filter(|(_, is_accepted)| *is_accepted);
    let expected: Vec<_> =
        accepted.map(|(id, _)| format!("{BEFORE}{id}{AFTER}?pageSize=100")).collect();
    assert!(received == expected, "{:?}", received.iter().zip(&expected).find(|(a, b)| a != b));
    expected.len()
}

#[tokio::test]
async fn of_10_000_crafted_ids_each_is_sent_byte_for_byte_or_not_at_all() {
    let ids: Vec<_> = crafted().collect();

    let accepted = assert_sent_as_they_are(&ids).await;

    assert_eq!((ids.len(), accepted), (10_000, 1_930));
}

#[test]
fn of_10_000_crafted_ids_thousands_would_go_elsewhere_if_they_were_not_refused() {
    let elsewhere = crafted().filter(|id| !stands_as_it_is(id)).count();

    assert!(elsewhere > 5_000, "{elsewhere}");
}

#[test]
fn of_1_000_000_random_ids_each_stands_byte_for_byte_in_the_url_or_is_not_sent() {
    let halves = std::thread::scope(|scope| {
        [1, 2].map(|seed| scope.spawn(move || accepted_of(500_000, seed))).map(|half| half.join())
    });
    let accepted: Vec<_> = halves.into_iter().flat_map(Result::unwrap).collect();

    assert!((50_000..300_000).contains(&accepted.len()), "{} were accepted", accepted.len());
    let every = accepted.len() / 200;
    let sample: Vec<_> = accepted.into_iter().step_by(every).collect();
    let runtime = Runtime::new().unwrap();
    assert_eq!(runtime.block_on(assert_sent_as_they_are(&sample)), sample.len());
}
