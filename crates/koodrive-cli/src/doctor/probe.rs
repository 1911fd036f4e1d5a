//! Requests without credentials: whether the endpoint is reached, and what its clock says.

use std::{
    error::Error as _,
    net::IpAddr,
    time::{Duration, SystemTime},
};

use reqwest::{Client, Url, header::DATE, redirect::Policy};
use tokio::net::lookup_host;

const TIMEOUT: Duration = Duration::from_secs(10);

/// # Errors
///
/// Why the endpoint's host has no address.
pub(super) async fn resolve(endpoint: &str) -> Result<(), String> {
    let url: Url = endpoint.parse().map_err(|_| "it is not a URL".to_owned())?;
    let host = url.host_str().ok_or("it has no host")?.trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    lookup_host((host, port)).await.map(drop).map_err(|error| error.to_string())
}

/// How many seconds this machine's clock is ahead of the service's; `None` if the response has no date.
///
/// # Errors
///
/// Why there was no response.
pub(super) async fn lead(endpoint: &str) -> Result<Option<i64>, String> {
    let client = Client::builder().redirect(Policy::none()).timeout(TIMEOUT);
    // As in a listing.
    let client = if is_this_machine(endpoint) { client.no_proxy() } else { client };
    let request = client.build().map_err(|error| last_cause(&error))?.get(endpoint);
    let sent = SystemTime::now();
    let response = request.send().await.map_err(|error| last_cause(&error.without_url()))?;
    let received = SystemTime::now();
    let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
    Ok(date.map(|date| certain_lead(sent, received, date)))
}

fn is_this_machine(endpoint: &str) -> bool {
    let url = endpoint.parse::<Url>().ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn last_cause(error: &reqwest::Error) -> String {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.last().map_or_else(|| error.to_string(), ToString::to_string)
}

/// The lead that is certain: the service wrote `date` at some moment in between, in whole seconds.
fn certain_lead(sent: SystemTime, received: SystemTime, date: SystemTime) -> i64 {
    let seconds = |from: SystemTime, to: SystemTime| {
        to.duration_since(from).map_or(0, |gap| i64::try_from(gap.as_secs()).unwrap_or(i64::MAX))
    };
    let next = date.checked_add(Duration::from_secs(1)).unwrap_or(date);
    seconds(next, sent).saturating_sub(seconds(received, date))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_lead_that_is_certain_counts() {
        let at = |millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis);
        for (sent, received, date, lead) in [
            (10_000, 10_500, 10_000, 0),
            (10_900, 10_950, 10_000, 0),
            (9_000, 12_000, 10_000, 0),
            (100_500, 101_000, 10_000, 89),
            (10_000, 10_500, 100_000, -89),
        ] {
            assert_eq!(certain_lead(at(sent), at(received), at(date)), lead, "{sent} {date}");
        }
    }
}
