//! All requests since the start, counted by what they ask for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::requests::received::ReceivedRequest;
use crate::requests::route::{self, Call};

/// All requests since the start.
#[derive(Default)]
pub(crate) struct Log(Mutex<Received>);

#[derive(Default)]
struct Received {
    all: Vec<Arc<ReceivedRequest>>,
    lists: usize,
    refreshes: usize,
    downloads: usize,
}

/// A request with its places in the log, each counted from 0.
pub(crate) struct Entry {
    pub(crate) request: Arc<ReceivedRequest>,
    pub(crate) number: usize,
    /// What it asks for, if that is known, and its place among the requests that ask for the same.
    pub(crate) call: Option<(Call, usize)>,
}

impl Log {
    pub(crate) fn admit(&self, request: ReceivedRequest) -> Entry {
        let request = Arc::new(request);
        let call = route::route(request.method(), request.path());
        let mut received = self.lock();
        let number = received.all.len();
        received.all.push(Arc::clone(&request));
        let call = call.map(|call| {
            let count = match call {
                Call::List { .. } => &mut received.lists,
                Call::Refresh => &mut received.refreshes,
                Call::Download => &mut received.downloads,
            };
            let place = *count;
            *count = place.saturating_add(1);
            (call, place)
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

    /// The number of list requests.
    pub(crate) fn lists(&self) -> usize {
        self.lock().lists
    }

    /// The number of refresh requests.
    pub(crate) fn refreshes(&self) -> usize {
        self.lock().refreshes
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
    fn requests_are_counted_by_what_they_ask_for() {
        let log = Log::default();
        let admit = |method, path, query| {
            let entry = log.admit(received(method, path, query, &[]));
            (entry.number, entry.call.map(|(_, place)| place))
        };
        assert_eq!(admit("GET", LIST, ""), (0, Some(0)));
        assert_eq!(admit("GET", "/favicon.ico", "pageCursor=1"), (1, None));
        assert_eq!(admit("POST", LIST, "pageCursor=2"), (2, None));
        assert_eq!(admit("GET", LIST, "pageCursor=a%2B%2F"), (3, Some(1)));
        assert_eq!(admit("POST", REFRESH, "pageCursor=3"), (4, Some(0)));
        assert_eq!(admit("GET", LIST, "pageCursor="), (5, Some(2)));
        assert_eq!(admit("GET", REFRESH, ""), (6, None));
        assert_eq!(admit("POST", REFRESH, ""), (7, Some(1)));
        assert_eq!(log.refreshes(), 2);
        assert_eq!(log.cursors(), [None, Some("a+/".to_owned()), Some(String::new())]);
        assert_eq!(log.requests().len(), 8);
    }
}
