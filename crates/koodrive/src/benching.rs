//! Parts of an attempt that a benchmark measures one by one. Built with `--cfg koodrive_bench` only.

use http::HeaderValue;
use reqwest::Request;

use crate::{
    auth::Signer,
    auth::credentials::AppCredentials,
    error::{Error, Result},
    paging::page::{self, AlbumContentPage, Decoded},
    wire::clock::Clock,
    wire::trace_id,
};

/// The body of a usual page, as an attempt reads it.
pub fn page(body: &[u8]) -> Result<AlbumContentPage> {
    let wire = serde_json::from_slice(body).map_err(|_| Error::invalid("no usual page"))?;
    of(page::from_wire(wire, body)?)
}

/// The same as if it had a file that makes no sense.
pub fn page_file_by_file(body: &[u8]) -> Result<AlbumContentPage> {
    of(page::from_bytes(body)?)
}

fn of(decoded: Decoded) -> Result<AlbumContentPage> {
    match decoded {
        Decoded::Page(page) => Ok(page),
        Decoded::Refusal(_) => Err(Error::invalid("no page at all")),
    }
}

/// What is made anew for each attempt.
pub struct Stamps {
    clock: Clock,
    signer: Signer,
}

impl Stamps {
    pub fn new(app: &AppCredentials) -> Result<Self> {
        Ok(Self { clock: Clock::default(), signer: Signer::new(app)? })
    }

    /// `X-Date` and `X-Traceid`.
    pub fn date_and_trace_id(&self) -> (String, String) {
        (self.clock.stamp().text, trace_id::random())
    }

    /// `Authorization` of an app.
    pub fn authorization(&self, request: &Request) -> HeaderValue {
        self.signer.authorization(request)
    }
}
