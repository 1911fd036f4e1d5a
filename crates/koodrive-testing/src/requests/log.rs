//! All requests since the start, counted by call.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::requests::received::ReceivedRequest;
use crate::requests::route::{self, Call};

/// All requests since the start.
#[derive(Default)]
pub(crate) struct Log(Mutex<Received>);

#[derive(Default)]
struct Received {
    all: Vec<Arc<ReceivedRequest>>,
    counts: BTreeMap<Call, usize>,
}

/// A request, and where it stands in the log.
pub(crate) struct Entry {
    pub(crate) request: Arc<ReceivedRequest>,
    /// Its index among all requests.
    pub(crate) number: usize,
    /// The call, if there is one, and the request's index among requests with the same call.
    pub(crate) call: Option<(Call, usize)>,
}

impl Log {
    pub(crate) fn record(&self, request: ReceivedRequest) -> Entry {
        let request = Arc::new(request);
        let call = route::route(request.method(), request.path());
        let mut received = self.lock();
        let number = received.all.len();
        received.all.push(Arc::clone(&request));
        let call = call.map(|call| {
            let count = received.counts.entry(call).or_default();
            let index = *count;
            *count = index.saturating_add(1);
            (call, index)
        });
        Entry { request, number, call }
    }

    pub(crate) fn requests(&self) -> Vec<ReceivedRequest> {
        self.lock().all.iter().map(|request| ReceivedRequest::clone(request)).collect()
    }

    /// The cursor of each list request.
    pub(crate) fn cursors(&self) -> Vec<Option<String>> {
        let received = self.lock();
        let lists = received.all.iter().filter(|request| request.album_id().is_some());
        lists.map(|request| request.cursor()).collect()
    }

    /// The number of requests with this call.
    pub(crate) fn count(&self, call: Call) -> usize {
        self.lock().counts.get(&call).copied().unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Received> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::received::tests::received;

    const LIST: &str = "/koodrive/ose/v1/album/1/list";

    const REFRESH: &str = "/koodrive/ose/v1/auth/refreshToken";

    #[test]
    fn requests_are_counted_by_call() {
        let log = Log::default();
        let record = |method, path, query| {
            let entry = log.record(received(method, path, query, &[]));
            (entry.number, entry.call.map(|(_, index)| index))
        };
        assert_eq!(record("GET", LIST, ""), (0, Some(0)));
        assert_eq!(record("GET", "/favicon.ico", "pageCursor=1"), (1, None));
        assert_eq!(record("POST", LIST, "pageCursor=2"), (2, None));
        assert_eq!(record("GET", LIST, "pageCursor=a%2B%2F"), (3, Some(1)));
        assert_eq!(record("POST", REFRESH, "pageCursor=3"), (4, Some(0)));
        assert_eq!(record("GET", LIST, "pageCursor="), (5, Some(2)));
        assert_eq!(record("GET", REFRESH, ""), (6, None));
        assert_eq!(record("POST", REFRESH, ""), (7, Some(1)));
        assert_eq!((log.count(Call::Refresh), log.count(Call::Login)), (2, 0));
        assert_eq!(log.cursors(), [None, Some("a+/".to_owned()), Some(String::new())]);
        assert_eq!(log.requests().len(), 8);
    }
}
