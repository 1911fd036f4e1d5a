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
    /// A token, with the number of its generation if newer ones may follow.
    Token { value: HeaderValue, generation: Option<u64> },
    /// A signature of the request.
    Signature(Sign),
}

impl Authorization {
    /// A token that is never replaced.
    pub(crate) fn fixed(value: HeaderValue) -> Self {
        Self::Token { value, generation: None }
    }

    pub(crate) fn header(&self, request: &Request) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Token { value, .. } => Some(value.clone()),
            Self::Signature(sign) => Some(sign(request)),
        }
    }

    pub(crate) fn generation(&self) -> Option<u64> {
        match self {
            Self::Token { generation, .. } => *generation,
            Self::None | Self::Signature(_) => None,
        }
    }
}
