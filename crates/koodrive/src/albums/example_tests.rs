use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::StreamExt as _;
use koodrive_api::Sending;
use tracing::Span;

use super::example::ListNumbers;
use crate::{
    ErrorKind, ItemStream, RetryPolicy, Session, Timeouts,
    auth::credentials::{Authorizer, Credentials},
    calls::context::{Client, Context},
    checkpoint::Checkpoint,
    paging::{bounds::Bounds, items::ReadAhead, listing::ListQuery},
    wire::{
        clock::Clock,
        endpoint::{self, Endpoint},
        recent::Recent,
        storage::Storage,
        sync::lock,
        transport::{HttpService, Transport},
    },
};

const USER: &str = "1765263620687613825";

/// A response, or none ever.
type Reply = Option<http::Response<String>>;

/// Answers with each reply in turn, and records what it receives.
#[derive(Default)]
struct Script {
    replies: Mutex<VecDeque<Reply>>,
    received: Mutex<Vec<String>>,
}

impl HttpService for Script {
    fn send(&self, request: reqwest::Request) -> Sending<'_> {
        let url = request.url();
        let authorization = request.headers().get("authorization").map(|value| value.to_str());
        let target = url.query().unwrap_or(url.path()).to_owned();
        lock(&self.received).push(format!("{} {target}", authorization.unwrap().unwrap()));
        let reply = lock(&self.replies).pop_front().expect("a reply for every request");
        Box::pin(async {
            match reply {
                Some(reply) => Ok(reply.into()),
                None => std::future::pending().await,
            }
        })
    }
}

fn reply(status: u16, body: &str) -> Reply {
    http::Response::builder().status(status).body(body.to_owned()).ok()
}

fn dated(mut reply: Reply, date: &'static str) -> Reply {
    let headers = reply.as_mut().unwrap().headers_mut();
    headers.insert("date", http::HeaderValue::from_static(date));
    reply
}

fn client(script: &Arc<Script>, retry: RetryPolicy) -> Client {
    let transport = Transport {
        endpoint: Arc::new(Endpoint::parse(endpoint::INTERNATIONAL, false).unwrap()),
        http: reqwest::Client::new(),
        service: Arc::clone(script) as _,
        clock: Clock::default(),
        codes: Arc::new(retry.codes.clone()),
        recent: Recent::default(),
    };
    let session = Session::new("AT first-token", "refresh-token");
    let authorizer = Authorizer::new(Credentials::from(session), &transport).unwrap();
    let (budget, timeouts) = (retry.new_budget(), Timeouts::default());
    let (user_id, language) = (USER.to_owned(), None);
    let storage = Storage::new(None, &transport.endpoint, timeouts.connect, timeouts.read);
    let context =
        Context { transport, storage, authorizer, retry, budget, timeouts, user_id, language };
    Client(Arc::new(context))
}

fn numbers(client: &Client, start: Checkpoint) -> ItemStream<u64> {
    let (client, span) = (client.clone(), Span::none());
    let query = ListQuery { client, listing: ListNumbers, start, trace_id: None, span, end: None };
    let pages = query.pages(Bounds::new(None, None), false);
    let read_ahead = ReadAhead { first_page: 0, later_pages: 0 };
    ItemStream::new(pages, read_ahead, None)
}

#[tokio::test(start_paused = true)]
async fn an_operation_gets_retries_refresh_dates_redaction_and_checkpoints() {
    let script = Arc::new(Script::default());
    let refreshed =
        r#"{"code":0,"data":{"accessToken":"AT second-token","refreshToken":"next-refresh"}}"#;
    let refused = format!(r#"{{"code":"7","msg":"no {USER} with second-token"}}"#);
    lock(&script.replies).extend([
        reply(503, ""),
        reply(200, r#"{"numbers":[1,2]}"#),
        reply(401, ""),
        reply(200, refreshed),
        dated(reply(400, ""), "Mon, 03 Nov 2025 07:01:40 GMT"),
        reply(200, r#"{"numbers":[3]}"#),
        reply(200, &refused),
        reply(200, r#"{"numbers":[4]}"#),
        reply(200, r#"{"numbers":[]}"#),
    ]);
    let client = client(&script, RetryPolicy::default());

    let mut files = numbers(&client, Checkpoint::start("numbers", None));
    for expected in 1..=3 {
        assert_eq!(files.next().await.unwrap().unwrap(), expected);
    }
    let error = files.next().await.unwrap().unwrap_err();
    assert!(files.next().await.is_none());

    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("7")));
    assert!(error.to_string().contains("no [redacted] with [redacted]"), "{error}");
    let checkpoint = error.checkpoint().unwrap().clone();
    let rest: Vec<u64> = numbers(&client, checkpoint).map(Result::unwrap).collect().await;
    assert_eq!(rest, [4]);
    assert_eq!(
        *lock(&script.received),
        [
            "AT first-token pageNum=1",
            "AT first-token pageNum=1",
            "AT first-token pageNum=2",
            "AT first-token /koodrive/ose/v1/auth/refreshToken",
            "AT second-token pageNum=2",
            "AT second-token pageNum=2",
            "AT second-token pageNum=3",
            "AT second-token pageNum=3",
            "AT second-token pageNum=4",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_operation_can_be_polled_past_an_error() {
    let script = Arc::new(Script::default());
    lock(&script.replies).extend([
        reply(200, r#"{"numbers":[1]}"#),
        reply(503, ""),
        reply(200, r#"{"numbers":[2]}"#),
        reply(200, r#"{"numbers":[]}"#),
    ]);
    let client = client(&script, RetryPolicy::none().base_delay(Duration::ZERO));

    let files = numbers(&client, Checkpoint::start("numbers", None));
    let came: Vec<_> = files.map(|item| item.map_err(|error| error.status())).collect().await;

    assert_eq!(came, [Ok(1), Err(Some(503)), Ok(2)]);
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_sleeps_during_a_request_costs_one_attempt() {
    let script = Arc::new(Script::default());
    lock(&script.replies).extend([None, reply(200, r#"{"numbers":[]}"#)]);
    let client = client(&script, RetryPolicy::default());

    let listing = numbers(&client, Checkpoint::start("numbers", None)).collect::<Vec<_>>();
    let sleep = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        tokio::time::advance(Duration::from_secs(65)).await;
    };
    let (came, ()) = tokio::join!(listing, sleep);

    assert_eq!((came.len(), lock(&script.received).len()), (0, 2));
}
