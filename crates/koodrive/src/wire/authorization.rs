//! The value of a request's `Authorization` header.

use std::sync::Arc;

use http::HeaderValue;
use reqwest::Request;

/// Signs a request that is otherwise complete.
pub(crate) type Sign = Arc<dyn Fn(&Request) -> HeaderValue + Send + Sync>;

#[derive(Clone)]
pub(crate) enum Authorization {
    /// No header: a login has nothing to show yet.
    None,
    Token(HeaderValue),
    /// A signature of the request.
    Signature(Sign),
}

impl Authorization {
    pub(crate) fn header(&self, request: &Request) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Token(value) => Some(value.clone()),
            Self::Signature(sign) => Some(sign(request)),
        }
    }
}
