//! All requests to the storage since the start, and how much each was sent.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::albums::presign;
use crate::requests::received::ReceivedRequest;

/// A request to the storage. It has every method of [`ReceivedRequest`].
#[derive(Clone, Debug)]
pub struct ReceivedDownload {
    request: Arc<ReceivedRequest>,
    file_id: Option<String>,
    pub(crate) sent: Arc<AtomicU64>,
}

impl ReceivedDownload {
    /// The id of the requested file; `None` if the storage has no such object.
    pub fn file_id(&self) -> Option<&str> {
        self.file_id.as_deref()
    }

    /// Whether the file's thumbnail was requested instead of its content.
    pub fn is_thumbnail(&self) -> bool {
        presign::is_thumbnail(self.request.query())
    }

    /// The length of the body sent so far, in bytes: what the server gave to the connection, whether or
    /// not it arrived. A client that stops reading leaves some hundred kilobytes in between.
    pub fn bytes_sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Deref for ReceivedDownload {
    type Target = ReceivedRequest;

    fn deref(&self) -> &ReceivedRequest {
        &self.request
    }
}

/// All requests since the start.
#[derive(Default)]
pub(crate) struct DownloadLog(Mutex<Vec<ReceivedDownload>>);

impl DownloadLog {
    /// Returns also the request's index.
    pub(crate) fn record(
        &self,
        request: ReceivedRequest,
        file_id: Option<String>,
    ) -> (usize, ReceivedDownload) {
        let request =
            ReceivedDownload { request: Arc::new(request), file_id, sent: Arc::default() };
        let mut received = self.lock();
        received.push(request.clone());
        (received.len().saturating_sub(1), request)
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedDownload> {
        self.lock().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ReceivedDownload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
