//! The bytes of a file from an offset on, whatever happens to links and connections on the way.

use bytes::Bytes;
use reqwest::Response;
use tokio::time::sleep;
use tracing::Span;

use super::{
    decision::{Decision, Head, Received, Version, decide, is_document},
    link::Link,
};
use crate::{
    calls::{attempts::Attempts, context::Client, retry_state::Remedy},
    error::{Error, ErrorKind, Result, response::retry_after, transport},
    telemetry::{self, Asked},
    wire::endpoint::host,
};

/// This much more of the file, and failures before it no longer count.
const PROGRESS: u64 = 256 * 1024;

pub(super) struct Source {
    client: Client,
    link: Link,
    /// How much of the file there is, and what the storage said about it.
    pub(super) received: Received,
    /// The response in hand.
    body: Option<Response>,
    attempts: Attempts,
    /// How much there must be for the next progress.
    next_progress: u64,
    /// Whether the first bytes have yet to show that this is no document.
    is_suspect: bool,
}

/// What a source yields.
pub(super) enum Piece {
    /// The file begins, perhaps again: earlier bytes are void.
    Start(Version),
    Bytes(Bytes),
}

enum Step {
    Yield(Piece),
    Continue,
    Renew,
    End,
}

impl Source {
    /// `received` is what there is already.
    pub(super) fn new(client: Client, link: Link, received: Received) -> Self {
        Self {
            client,
            link,
            next_progress: received.len.saturating_add(PROGRESS),
            received,
            body: None,
            attempts: Attempts::start(),
            is_suspect: false,
        }
    }

    /// The next piece, or `None` at the end of the file. After a retryable error, it can be called again.
    pub(super) async fn next(&mut self) -> Result<Option<Piece>> {
        loop {
            let step = match self.body.take() {
                Some(body) => self.read(body).await,
                None => {
                    self.link.keep_fresh(&self.client).await?;
                    self.ask().await
                }
            };
            match step {
                Ok(Step::Yield(piece)) => return Ok(Some(piece)),
                Ok(Step::Continue) => {}
                Ok(Step::Renew) => self.link.renew(&self.client).await?,
                Ok(Step::End) => return Ok(None),
                Err(error) => self.recover(error).await?,
            }
        }
    }

    /// Sends a request for what is missing.
    async fn ask(&mut self) -> Result<Step> {
        let context = &self.client.0;
        let request = self.link.request(&context.transport.endpoint, &self.received)?;
        let host = host(request.url());
        let service = context.storage.service(request.url())?;
        self.attempts.made = self.attempts.made.saturating_add(1);
        let response = self.attempts.stopwatch.during(service.send(request)).await;
        let response = response.map_err(|error| transport::error(error, &host))?;
        let decision = decide(&Head::of(&response), &self.received, self.link.size());
        self.follow(decision, response)
    }

    fn follow(&mut self, decision: Decision, response: Response) -> Result<Step> {
        let step = match decision {
            Decision::Append(version) => {
                self.received.version = version;
                Step::Continue
            }
            Decision::Whole(version) => {
                if self.received.len > 0 {
                    self.start_over(&response, "it does not continue the file where it was cut")?;
                }
                self.received.version = version.clone();
                self.is_suspect = self.link.is_media();
                Step::Yield(Piece::Start(version))
            }
            Decision::StartOver(why) => {
                self.start_over(&response, why)?;
                return Ok(Step::Continue);
            }
            Decision::Renew if self.link.is_new => {
                return Err(refusal(&response, ErrorKind::Status, "it refused a new link"));
            }
            Decision::Renew => return Ok(Step::Renew),
            Decision::Fail(kind, why) => return Err(refusal(&response, kind, why)),
        };
        self.link.is_new = false;
        self.body = Some(response);
        Ok(step)
    }

    /// Drops what there is, but not twice in a row.
    fn start_over(&mut self, response: &Response, why: &str) -> Result<()> {
        if !self.attempts.state.take(Remedy::Response) {
            return Err(refusal(response, ErrorKind::Decode, why));
        }
        self.received = Received::default();
        Ok(())
    }

    async fn read(&mut self, mut body: Response) -> Result<Step> {
        let bytes = body.chunk().await;
        let bytes = bytes.map_err(|error| transport::error(error, &host(body.url())))?;
        let Some(bytes) = bytes else { return self.end(&host(body.url())) };
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let len = self.received.len.saturating_add(len);
        if self.received.version.size.is_some_and(|size| len > size) {
            self.received = Received::default();
            let message = format!("{} sent more bytes than the file has", host(body.url()));
            return Err(Error::new(ErrorKind::Decode, message));
        }
        self.check_for_document(&bytes, &body)?;
        self.received.len = len;
        if len >= self.next_progress {
            self.next_progress = len.saturating_add(PROGRESS);
            self.attempts.progress(&self.client.0);
        }
        self.body = Some(body);
        Ok(Step::Yield(Piece::Bytes(bytes)))
    }

    fn check_for_document(&mut self, bytes: &[u8], body: &Response) -> Result<()> {
        let is_document = if self.is_suspect { is_document(bytes) } else { Some(false) };
        self.is_suspect = is_document.is_none();
        if is_document == Some(true) {
            self.received = Received::default();
            let host = host(body.url());
            let message = format!("{host} sent HTML, XML or JSON in place of a picture or video");
            return Err(Error::new(ErrorKind::Decode, message));
        }
        Ok(())
    }

    fn end(&self, host: &str) -> Result<Step> {
        if self.received.version.size.is_some_and(|size| self.received.len < size) {
            let message = format!("{host} sent fewer bytes than the file has; try again");
            return Err(Error::new(ErrorKind::Transport, message));
        }
        self.attempts.succeed(&self.client.0);
        Ok(Step::End)
    }

    /// Returns when it is time for the next attempt.
    ///
    /// # Errors
    ///
    /// `error`, if there is to be none.
    async fn recover(&mut self, error: Error) -> Result<()> {
        let Some(pause) = self.attempts.pause(&self.client.0, &error) else {
            let error = self.attempts.describe(error);
            self.attempts.restart();
            return Err(error);
        };
        let asked = Asked::default();
        telemetry::retrying(&Span::none(), asked, self.attempts.made, pause, &error);
        self.attempts.stopwatch.during(sleep(pause)).await;
        Ok(())
    }
}

/// The error behind a response that does not bring the file.
fn refusal(response: &Response, kind: ErrorKind, why: &str) -> Error {
    let host = host(response.url());
    Error::new(kind, format!("{host} did not send the file: {why}")).with(|facts| {
        facts.status = Some(response.status().as_u16());
        facts.retry_after = retry_after(response.headers());
    })
}
