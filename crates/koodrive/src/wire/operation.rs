//! What one kind of call is. Exchange, retries, token refresh, dates, redaction and tracing work for any
//! operation, and know nothing else about it.

use bytes::Bytes;
use koodrive_api::{Client, Error as ApiError, ResponseValue};

use crate::error::{
    Result,
    service_error::{ServiceError, is_success},
};

/// What a method of the generated client returns.
pub(crate) type Reply<T> = std::result::Result<ResponseValue<T>, ApiError>;

pub(crate) trait Operation: Send + Sync {
    /// What the generated client decodes.
    type Wire: Send;

    type Output: Send;

    /// Whether it asks for a page of a list, so that a 410 is about its cursor.
    const IS_PAGE: bool = false;

    /// Whether the request carries `X-Date`, so that a refusal can be about the date.
    const IS_DATED: bool = Self::IS_PAGE;

    /// Whether a lost request can be sent again. A token refresh cannot: it may have used up the refresh
    /// token.
    const IS_SAFE_TO_REPEAT: bool = Self::IS_PAGE;

    /// Calls a method of the generated client.
    fn send(
        &self,
        api: &Client,
        date: &str,
        trace_id: &str,
    ) -> impl Future<Output = Reply<Self::Wire>> + Send;

    /// Reads the body of a 200. `wire` is `None` if the generated client could not decode it.
    fn decode(&self, wire: Option<Self::Wire>, body: &Bytes) -> Result<Answer<Self::Output>>;

    /// The secrets of the request, besides its authorization.
    fn secrets(&self) -> Vec<&str>;
}

/// What a response with status 200 says: the service reports business errors with that status, too.
#[derive(Debug)]
pub(crate) enum Answer<T> {
    Output(T),
    Refusal(ServiceError),
}

impl<T> Answer<T> {
    /// A refusal if the envelope has a code that is not success, or else `output`.
    pub(crate) fn new(
        code: Option<impl ToString>,
        message: Option<String>,
        output: impl FnOnce() -> Result<T>,
    ) -> Result<Self> {
        let code = code.map(|code| code.to_string());
        match &code {
            Some(text) if !is_success(text) => Ok(Self::Refusal(ServiceError { code, message })),
            _ => output().map(Self::Output),
        }
    }
}
