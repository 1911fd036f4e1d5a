//! The one error type, and what a caller can ask of it.
//!
//! Only `response` and `transport` turn what came over the wire into errors. No text here holds a secret:
//! what the service said is escaped, shortened and redacted in `text` first.

pub(crate) mod codes;
pub(crate) mod json;
pub(crate) mod next_step;
pub(crate) mod response;
pub(crate) mod service_error;
pub(crate) mod text;
pub(crate) mod transport;

use std::{borrow::Cow, error::Error as StdError, fmt, iter, time::Duration};

use crate::checkpoint::Checkpoint;

/// Shorthand for results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn StdError + Send + Sync>;

/// Why a call or a listing failed.
///
/// Match on [`kind`](Self::kind) to decide what to do. To inform a person, print it with `{:?}`, as `main`
/// does with an error that it returns: that shows the message, its [`source`](StdError::source)s and the
/// [next step](Self::next_step). `{:#?}` shows every field. Neither `Display` nor `Debug` shows a token, a
/// cursor or a pre-signed URL.
///
/// ```
/// use koodrive::{Client, ErrorKind};
///
/// let error = Client::builder().endpoint("http://example.com").build().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidInput);
/// assert!(!error.is_retryable());
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    facts: Facts,
}

/// What else is known about an error.
#[derive(Default)]
pub(crate) struct Facts {
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) checkpoint: Option<Checkpoint>,
    /// Set where kind and status do not decide.
    pub(crate) recovery: Option<Recovery>,
    pub(crate) source: Option<Source>,
}

/// The kind of failure, grouped by what a caller can do about it. [`next_step`](Self::next_step) says what; the
/// [guide](crate::guide#troubleshooting) has all of them in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An argument or a setting is not acceptable, or there is no Tokio runtime. Nothing was sent.
    InvalidInput,
    /// Credentials are missing, or a newer access token could not be obtained.
    Credentials,
    /// The service refused the credentials: status 401, or a code with that meaning.
    Unauthorized,
    /// The service refused the date of the request: this machine's clock differs from the service's.
    ClockSkew,
    /// No connection: the name did not resolve, or nothing answered at the address.
    Connect,
    /// No secure connection: bad certificate, unsupported protocol version, or no TLS at all.
    Tls,
    /// A time limit passed.
    Timeout,
    /// The connection was lost during the request or the response.
    Transport,
    /// The service answered with a redirect. Redirects are never followed.
    Redirect,
    /// An error status whose body holds no known explanation.
    Status,
    /// Too many requests; see [`Error::retry_after`].
    Throttled,
    /// The service, or its gateway, returned an error code; see [`Error::code`].
    Api,
    /// The response, or one file in it, is not what the service documents.
    Decode,
    /// The response is larger than this client accepts.
    TooLarge,
    /// The service's cursors do not lead to an end: they form a circle, or the service no longer knows
    /// the cursor.
    Paging,
    /// A file is no longer as it was listed: its link has expired, and no new one can be had, or the file was
    /// changed or removed. Listing the album again helps.
    Stale,
    /// A local file could not be read or written: it exists, it is in use, its folder does not exist, the
    /// disk is full, …; the [`source`](StdError::source) is the [`std::io::Error`].
    Io,
}

/// What can help after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recovery {
    /// Nothing. A stream that yields such an error has ended.
    None,
    /// The next poll continues after that item.
    Skip,
    /// The next poll may succeed, but the client does not repeat the request by itself.
    Poll,
    /// The next attempt may succeed, so the client makes one.
    Retry,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, message: message.into(), facts: Facts::default() }))
    }

    pub(crate) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    pub(crate) fn undocumented() -> Self {
        Self::new(ErrorKind::Decode, "the response is not what the service documents")
    }

    /// The same error with more facts.
    pub(crate) fn with(mut self, add: impl FnOnce(&mut Facts)) -> Self {
        add(&mut self.0.facts);
        self
    }

    /// What went wrong, by what a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status of the response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.facts.status
    }

    /// The error code of the service (`13000309`) or of its gateway (`APIG.0308`), as received.
    pub fn code(&self) -> Option<&str> {
        self.0.facts.code.as_deref()
    }

    /// The `X-Traceid` of the last attempt. The service's support asks for it.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.facts.trace_id.as_deref()
    }

    /// How many requests were attempted; 0 if the error came before the first.
    pub fn attempts(&self) -> u32 {
        self.0.facts.attempts
    }

    /// The time from the first attempt until the client gave up, pauses included.
    pub fn elapsed(&self) -> Duration {
        self.0.facts.elapsed
    }

    /// Where the listing stood: [`resume`](crate::ListAlbumContent::resume) continues from it with
    /// exactly the rest. `None` if the error does not belong to a listing, or if the listing could not
    /// start.
    ///
    /// If the service's cursors form a circle, there is no rest: what follows such a checkpoint may have
    /// been listed before. The checkpoint of an unordered listing cannot be resumed.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.0.facts.checkpoint.as_ref()
    }

    /// How long the service asks to wait (`Retry-After`), counted from its response. For kind
    /// [`Credentials`](ErrorKind::Credentials), how long until this client asks for a token again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.facts.retry_after
    }

    /// Whether the same request may succeed later.
    ///
    /// True for lost connections, time limits, throttling, the statuses 408, 425, 429, 500, 502, 503 and
    /// 504, and codes that the [`RetryPolicy`](crate::RetryPolicy) calls
    /// [transient](crate::CodeMeaning::Transient). Also true if an access token could not be obtained
    /// for one of these reasons, or from a [`TokenProvider`](crate::TokenProvider).
    ///
    /// A stream that yielded a retryable error has not ended: the next poll tries the same page.
    pub fn is_retryable(&self) -> bool {
        matches!(self.recovery(), Recovery::Retry | Recovery::Poll)
    }

    /// Whether the error concerns a single file that could not be read, in a page that otherwise could:
    /// the next poll yields the files after it.
    ///
    /// Its kind is [`Decode`](ErrorKind::Decode). So is that of a response that is not a page at all,
    /// after which a stream has ended.
    pub fn is_skippable(&self) -> bool {
        self.recovery() == Recovery::Skip
    }

    pub(crate) fn recovery(&self) -> Recovery {
        use ErrorKind::{Api, Connect, Status, Throttled, Timeout, Transport};
        self.0.facts.recovery.unwrap_or(match (self.kind(), self.status()) {
            (Connect | Throttled | Timeout | Transport, _)
            | (Api | Status, Some(408 | 425 | 429 | 500 | 502..=504)) => Recovery::Retry,
            _ => Recovery::None,
        })
    }

    /// Whether the request may have been carried out, without a response that says so. HTTP/2 throttles
    /// without a response, too.
    pub(crate) fn is_unanswered(&self) -> bool {
        use ErrorKind::{Throttled, Timeout, Transport};
        matches!(self.kind(), Timeout | Transport | Throttled) && self.status().is_none()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        let Facts { attempts, elapsed, .. } = self.0.facts;
        let details = [
            self.status().map(|status| format!("HTTP {status}")),
            self.code().map(|code| format!("code {code}")),
            self.retry_after().map(|wait| format!("retry after {wait:.0?}")),
            self.trace_id().map(|id| format!("trace id {id}")),
            (attempts > 1).then(|| format!("{attempts} attempts in {elapsed:.1?}")),
        ];
        let details: Vec<String> = details.into_iter().flatten().collect();
        if details.is_empty() { Ok(()) } else { write!(f, " ({})", details.join(", ")) }
    }
}

/// As a person reads it; `{:#?}` is the dump.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            return self.0.dump(f);
        }
        write!(f, "{self}")?;
        for cause in iter::successors(self.source(), |&cause| cause.source()) {
            write!(f, "\n  because: {cause}")?;
        }
        write!(f, "\n  next step: {}", self.next_step())
    }
}

impl Inner {
    fn dump(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, message, facts } = self;
        f.debug_struct("Error")
            .field("kind", kind)
            .field("message", message)
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
        self.0.facts.source.as_deref().map(|source| source as _)
    }
}
