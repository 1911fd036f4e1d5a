//! The one error type, and what a caller can ask of it.
//!
//! The wire is turned into errors in `reply` and `transport`, nowhere else. No text here holds a
//! secret: what the service said is escaped, cut and redacted in `text` before it gets in.

pub(crate) mod codes;
pub(crate) mod reply;
pub(crate) mod text;
pub(crate) mod transport;

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

use crate::checkpoint::Checkpoint;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a call or a listing did not go on.
///
/// Match on [`kind`](Self::kind) to decide what to do; print it (with its
/// [`source`](StdError::source)s) to tell a person. Neither `Display` nor `Debug` shows a token, a
/// cursor or a pre-signed URL.
///
/// ```
/// use koodrive::{Client, ErrorKind};
///
/// let error = Client::builder().endpoint("http://example.com").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert!(!error.is_retryable());
/// ```
pub struct Error(Box<Facts>);

struct Facts {
    kind: ErrorKind,
    message: Cow<'static, str>,
    status: Option<u16>,
    code: Option<String>,
    trace_id: Option<String>,
    attempts: u32,
    elapsed: Duration,
    retry_after: Option<Duration>,
    checkpoint: Option<Checkpoint>,
    /// Where neither the kind nor the status tells.
    is_retryable: bool,
    is_skippable: bool,
    source: Option<Source>,
}

/// What went wrong, by what a caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting is not acceptable; nothing was sent.
    InvalidInput,
    /// Credentials are missing, or (newer ones) could not be obtained.
    Credentials,
    /// The service refused the credentials (401, and codes that mean the same).
    Unauthorized,
    /// The service refused the date of the request: this machine's clock and the service's differ.
    ClockSkew,
    /// No connection: the name did not resolve, or nobody answered at the address.
    Connect,
    /// No secure connection: certificate, protocol version, or not TLS at all.
    Tls,
    /// A time limit ran out.
    Timeout,
    /// The connection was lost while the request or the answer was under way.
    Transport,
    /// The service answered with a redirect, which is never followed.
    Redirect,
    /// An error status whose body says nothing that is known.
    Status,
    /// Too many requests; see [`Error::retry_after`].
    Throttled,
    /// The service, or the gateway in front of it, gave an error code; see [`Error::code`].
    Api,
    /// The answer, or one file in it, is not what the service documents.
    Decode,
    /// The answer is larger than this client accepts.
    TooLarge,
    /// The service's cursors do not lead to an end, or not to where they should: a circle, a cursor that
    /// the service has forgotten, a list that a strict listing found too short.
    Paging,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Facts {
            kind,
            message: message.into(),
            status: None,
            code: None,
            trace_id: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            retry_after: None,
            checkpoint: None,
            is_retryable: false,
            is_skippable: false,
            source: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Source>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_code(mut self, code: Option<String>) -> Self {
        self.0.code = code;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    pub(crate) fn with_retryable(mut self, is_retryable: bool) -> Self {
        self.0.is_retryable = is_retryable;
        self
    }

    pub(crate) fn with_skippable(mut self) -> Self {
        self.0.is_skippable = true;
        self
    }

    pub(crate) fn with_elapsed(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.0.checkpoint = Some(checkpoint);
        self
    }

    pub(crate) fn with_trace_id(mut self, trace_id: &str) -> Self {
        self.0.trace_id = Some(trace_id.to_owned());
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// What went wrong, by what can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The error code of the service (`13000309`) or of its gateway (`APIG.0308`), as it was given.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The `X-Traceid` of the last attempt: what the service's support asks for.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace_id.as_deref()
    }

    /// How many requests were sent, or tried to be sent; 0 if the error came before.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long it took until this error was given up on, with all attempts and pauses.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Where the listing stood: [`resume`](crate::ListAlbumContent::resume) goes on there, with
    /// exactly the rest. `None` if the error is not of a listing, or came before one could start.
    ///
    /// Where the service's cursors lead round in a circle there is no rest, and what comes after such a
    /// checkpoint may have come before; that of an unordered listing is refused.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.0.checkpoint.as_ref()
    }

    /// How long the service asks to wait (`Retry-After`), counted from its answer; with kind
    /// [`Credentials`](ErrorKind::Credentials), how long until this client asks for a token again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same request may succeed later: lost connections, time limits, throttling, the
    /// statuses 408, 425, 429, 500, 502, 503 and 504, codes that the [`RetryPolicy`](crate::RetryPolicy)
    /// was told to be [transient](crate::CodeMeaning::Transient), and credentials that could not be
    /// obtained for such a reason, or from a [`TokenProvider`](crate::TokenProvider).
    ///
    /// A stream that yielded a retryable error has not ended: the next poll tries the same page.
    pub fn is_retryable(&self) -> bool {
        use ErrorKind::{Api, Connect, Status, Throttled, Timeout, Transport};
        match self.0.kind {
            Connect | Throttled | Timeout | Transport => true,
            Api | Status if matches!(self.0.status, Some(408 | 425 | 429 | 500 | 502..=504)) => {
                true
            }
            _ => self.0.is_retryable,
        }
    }

    /// Whether this is about one file that could not be read, in an answer that otherwise could: the
    /// next poll gives the files after it. Of kind [`Decode`](ErrorKind::Decode), as is an answer that
    /// is no page at all, after which a stream has ended.
    pub fn is_skippable(&self) -> bool {
        self.0.is_skippable
    }
}

impl Error {
    /// No token could be obtained, for a reason that passes by itself and that has used up nothing: a
    /// refresh whose answer was lost is not repeated blindly. A source of the caller's own tells its
    /// reasons to nobody.
    pub(crate) fn is_harmless_to_repeat(&self) -> bool {
        let source = self.0.source.as_ref().and_then(|source| source.downcast_ref::<Arc<Self>>());
        source.is_some_and(|cause| cause.is_retryable() && !cause.is_doubtful())
    }

    /// The request may have been carried out, and no answer tells. HTTP/2 throttles without one, too.
    pub(crate) fn is_doubtful(&self) -> bool {
        use ErrorKind::{Throttled, Timeout, Transport};
        matches!(self.kind(), Timeout | Transport | Throttled) && self.status().is_none()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let status = self.0.status.map(|status| format!("HTTP {status}"));
        let code = self.0.code.as_ref().map(|code| format!("code {code}"));
        let trace_id = self.0.trace_id.as_ref().map(|id| format!("trace id {id}"));
        let (attempts, elapsed) = (self.0.attempts, self.0.elapsed);
        let tried = (attempts > 1).then(|| format!("{attempts} attempts in {elapsed:.1?}"));
        let details: Vec<String> = [status, code, trace_id, tried].into_iter().flatten().collect();
        if !details.is_empty() {
            write!(f, " ({})", details.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let facts = &self.0;
        f.debug_struct("Error")
            .field("kind", &facts.kind)
            .field("message", &facts.message)
            .field("status", &facts.status)
            .field("code", &facts.code)
            .field("trace_id", &facts.trace_id)
            .field("attempts", &facts.attempts)
            .field("elapsed", &facts.elapsed)
            .field("retry_after", &facts.retry_after)
            .field("source", &facts.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
