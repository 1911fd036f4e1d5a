//! A reply of the model, and how it is sent with a fault.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{
    StatusCode,
    header::{AGE, DATE, RETRY_AFTER},
};
use reqwest::{Body, Response};

use super::{
    account::Tokens,
    failures,
    faults::{Fault, RetryAfter},
    seconds,
};

pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) date: Option<SystemTime>,
    pub(super) age: Option<u64>,
    /// It is what was asked for, unless its body breaks.
    pub(super) is_page: bool,
    retry_after: Option<RetryAfter>,
}

impl Reply {
    pub(super) fn success(body: String) -> Self {
        Self { status: 200, body, date: None, age: None, is_page: false, retry_after: None }
    }

    pub(super) fn page(body: String) -> Self {
        Self { is_page: true, ..Self::success(body) }
    }

    pub(super) fn session(tokens: &Tokens, is_flat: bool) -> Self {
        let Tokens { access, refresh, life, .. } = tokens;
        let life = life.as_secs();
        let session = format!(
            r#"{{"accessToken":"{access}","refreshToken":"{refresh}","expiresIn":{life}}}"#
        );
        let data = if is_flat { session } else { format!(r#"{{"sessionInfo":{session}}}"#) };
        Self::success(format!(r#"{{"code":0,"data":{data}}}"#))
    }

    pub(super) fn refusal(status: u16, code: &str, message: &str) -> Self {
        let body = format!(r#"{{"code":"{code}","msg":"{message}"}}"#);
        Self { status, ..Self::success(body) }
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::refusal(401, "401", message)
    }

    /// The reply that `fault` sends instead, if it does.
    pub(super) fn replacement(fault: Fault) -> Option<Self> {
        let gateway = |code: &str| format!(r#"{{"error_code":"{code}","error_msg":"no"}}"#);
        let (status, body) = match fault {
            Fault::Status(status, _) => (status, r#"{"code":"13000001","msg":"no"}"#.to_owned()),
            Fault::ThrottledUnder200 => (200, r#"{"code":"APIG.0308","msg":"slow"}"#.to_owned()),
            Fault::Gateway => (502, gateway("APIG.0201")),
            Fault::Html => (200, "<html><body>Sign in".to_owned()),
            Fault::Nothing => (200, "{}".to_owned()),
            Fault::Empty => (200, String::new()),
            _ => return None,
        };
        let retry_after = match fault {
            Fault::Status(_, retry_after) => retry_after,
            _ => None,
        };
        Some(Self { status, retry_after, ..Self::success(body) })
    }

    /// `at`, from 0 to 1, is where a body breaks if the fault is in the body.
    pub(super) fn send(self, fault: Option<Fault>, at: f64, pause: Duration) -> Response {
        let length = self.body.len();
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at most length"
        )]
        let at = ((length as f64) * at) as usize;
        let mut head = http::Response::builder().status(StatusCode::from_u16(self.status).unwrap());
        if let Some(date) = self.date {
            head = head.header(DATE, httpdate::fmt_http_date(date));
        }
        if let Some(age) = self.age {
            head = head.header(AGE, age);
        }
        match (self.retry_after, self.date) {
            (Some(RetryAfter::Date(after)), Some(date)) => {
                head = head.header(RETRY_AFTER, httpdate::fmt_http_date(date + seconds(after)));
            }
            (Some(RetryAfter::Seconds(after)), _) => head = head.header(RETRY_AFTER, after),
            _ => {}
        }
        let body = Bytes::from(self.body);
        let body = match fault {
            Some(Fault::LostInBody) => failures::breaking(body.slice(..at)),
            Some(Fault::Cut) => Body::from(body.slice(..at)),
            Some(Fault::StalledInBody) => failures::halting(&body, at, None),
            _ if pause.is_zero() => Body::from(body),
            _ => failures::halting(&body, at, Some(pause)),
        };
        head.body(body).unwrap().into()
    }
}
