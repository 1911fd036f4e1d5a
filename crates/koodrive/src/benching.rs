//! Parts of an attempt that a benchmark measures one by one. Built with `--cfg koodrive_bench` only.

use http::HeaderValue;
use reqwest::Request;

use crate::{
    albums::{content::AlbumContent, decode},
    auth::app::{AppCredentials, Signer},
    error::{Error, Result},
    wire::{clock::Clock, operation::Answer, trace_id},
};

/// The files of a usual page's body, as an attempt reads them.
pub fn page(body: &[u8]) -> Result<Vec<AlbumContent>> {
    let text = koodrive_api::json_text(body);
    let wire = serde_json::from_str(&text).map_err(|_| Error::invalid("not a usual page"))?;
    match decode::from_wire(wire, body, None)? {
        Answer::Output(batch) => Ok(batch.items),
        Answer::Refusal(_) => Err(Error::invalid("not a page at all")),
    }
}

/// The same as if one of the files were unreadable.
pub fn page_file_by_file(body: &[u8]) -> Result<Vec<AlbumContent>> {
    match decode::from_bytes(body, None)? {
        Answer::Output(batch) => Ok(batch.items),
        Answer::Refusal(_) => Err(Error::invalid("not a page at all")),
    }
}

/// What is new for each attempt.
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
