//! What a request asks for, and whether the service would accept it.
//!
//! Pure functions of the request, the account and the server's time, in the order in which a gateway
//! and the service behind it look: path, credentials, then parameters. Nothing here knows the album.

use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::album::{Direction, Order, SortKey};
use crate::dates::{self, BadDate};
use crate::query;
use crate::record::ReceivedRequest;
use crate::reply::Refusal;

const LARGEST_PAGE: u8 = 100;
/// The vendor's English page says "58 bits"; a sibling says letters, digits and underscores, 58 bytes.
const TRACE_ID: usize = 58;

/// Who may list, and with what.
pub(crate) struct Account {
    pub(crate) user_id: String,
    pub(crate) access_token: String,
}

/// The parameters of a list request that passed every check but the cursor's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListRequest {
    pub(crate) page_size: u8,
    pub(crate) order: Order,
    /// Absent for the first page.
    pub(crate) cursor: Option<String>,
}

/// The album id in the path of a list request; nothing for any other request.
pub(crate) fn route(request: &ReceivedRequest) -> Option<String> {
    let below = request.path().strip_prefix("/koodrive/ose/v1/album/")?;
    let segment = below.strip_suffix("/list")?;
    let is_one_segment = !segment.is_empty() && !segment.contains('/');
    let is_list = request.method() == "GET" && is_one_segment;
    is_list.then(|| percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

/// Checks token, date, user and trace id.
pub(crate) fn check_headers(
    request: &ReceivedRequest,
    account: &Account,
    now: Timestamp,
) -> Result<(), Refusal> {
    check_token(only(request, "authorization"), &account.access_token)?;
    check_date(only(request, "x-date"), now)?;
    if only(request, "x-user-id") != Some(&account.user_id) {
        return Err(Refusal::Unauthorized("X-User-Id is not the user of the token"));
    }
    match request.header("x-traceid") {
        Some(id) if !is_trace_id(id) => Err(Refusal::BadParameter("X-Traceid")),
        _ => Ok(()),
    }
}

/// The value of a header that stands there exactly once.
fn only<'a>(request: &'a ReceivedRequest, name: &str) -> Option<&'a str> {
    let mut values = request.headers().iter().filter(|(found, _)| found == name);
    values.next().filter(|_| values.next().is_none()).map(|(_, value)| value.as_str())
}

fn check_token(authorization: Option<&str>, token: &str) -> Result<(), Refusal> {
    match authorization {
        Some(value) if bare(value) == bare(token) => Ok(()),
        Some(_) => Err(Refusal::Unauthorized("the access token is not valid")),
        None => Err(Refusal::Unauthorized("Authorization is missing")),
    }
}

/// A token without its scheme: the vendor writes `Bearer+…`, `Bearer …`, `AT …` and nothing.
fn bare(value: &str) -> &str {
    let schemes = ["Bearer ", "Bearer+", "AT "];
    schemes.iter().find_map(|scheme| value.strip_prefix(scheme)).unwrap_or(value)
}

fn check_date(date: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
    let date = date.ok_or(Refusal::Unauthorized("X-Date is missing"))?;
    dates::check_x_date(date, now).map_err(|bad| {
        Refusal::Unauthorized(match bad {
            BadDate::Malformed => "X-Date is not of the form yyyyMMdd'T'HHmmss'Z'",
            BadDate::InTheFuture => "X-Date is later than the server's time",
            BadDate::TooOld => "X-Date is older than 15 minutes",
        })
    })
}

fn is_trace_id(id: &str) -> bool {
    id.len() == TRACE_ID && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl ListRequest {
    /// Reads the query. Parameters that the service does not know are ignored.
    pub(crate) fn parse(query: &str) -> Result<Self, Refusal> {
        let cursor = single(query, "pageCursor")?;
        Ok(Self {
            page_size: choice(query, "pageSize", LARGEST_PAGE, page_size)?,
            order: Order {
                key: choice(query, "sortType", SortKey::Creation, SortKey::from_code)?,
                direction: choice(
                    query,
                    "sortDirection",
                    Direction::Descending,
                    Direction::from_code,
                )?,
            },
            // The vendor's example sends 0 for the first page, sibling pages send nothing.
            cursor: cursor.filter(|cursor| !cursor.is_empty() && cursor != "0"),
        })
    }
}

fn page_size(size: u8) -> Option<u8> {
    (1..=LARGEST_PAGE).contains(&size).then_some(size)
}

/// The value of a numeric parameter, or its default.
fn choice<T>(
    query: &str,
    name: &'static str,
    default: T,
    known: impl Fn(u8) -> Option<T>,
) -> Result<T, Refusal> {
    let Some(text) = single(query, name)? else {
        return Ok(default);
    };
    // `parse` alone would also take `+1` and `01`.
    let number = text.parse().ok().filter(|number: &u8| number.to_string() == text);
    number.and_then(known).ok_or(Refusal::BadParameter(name))
}

/// The value of a parameter that may be given once.
fn single(query: &str, name: &'static str) -> Result<Option<String>, Refusal> {
    let mut values = query::parameters(query).filter(|(found, _)| found == name);
    let first = values.next().map(|(_, value)| value);
    if values.next().is_some() {
        return Err(Refusal::BadParameter(name));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::tests::received;

    const PATH: &str = "/koodrive/ose/v1/album/1795607640592646273/list";
    const TOKEN: &str = "3b911d723003f70a";
    const USER: &str = "1765263620687613825";
    const DATE: &str = "20251103T070140Z";

    fn account() -> Account {
        Account { user_id: USER.to_owned(), access_token: TOKEN.to_owned() }
    }

    fn check(headers: &[(&str, &str)]) -> Result<(), Refusal> {
        let now = "2025-11-03T07:01:40Z".parse().unwrap();
        check_headers(&received("GET", PATH, "", headers), &account(), now)
    }

    #[test]
    fn only_a_get_of_the_documented_path_is_a_list_request() {
        for (method, path, album) in [
            ("GET", PATH, Some("1795607640592646273")),
            ("GET", "/koodrive/ose/v1/album/a%2Fb%20%C3%A9/list", Some("a/b é")),
            ("POST", PATH, None),
            ("HEAD", PATH, None),
            ("GET", "/koodrive/ose/v1/album/list", None),
            ("GET", "/koodrive/ose/v1/album//list", None),
            ("GET", "/koodrive/ose/v1/album/1/2/list", None),
            ("GET", "/koodrive/ose/v1/album/1/list/", None),
            ("GET", "/koodrive/ose/v1/album/1", None),
            ("GET", "/", None),
        ] {
            let found = route(&received(method, path, "", &[]));
            assert_eq!(found.as_deref(), album, "{method} {path}");
        }
    }

    #[test]
    fn every_written_form_of_the_token_is_accepted_and_no_other() {
        let (form, yes) = (|scheme: &str| format!("{scheme}{TOKEN}"), true);
        for (value, accepted) in [
            (form(""), yes),
            (form("Bearer "), yes),
            (form("Bearer+"), yes),
            (form("AT "), yes),
            (form("bearer "), false),
            (form("Bearer Bearer "), false),
            (form("Bearer  "), false),
            (form("Basic "), false),
            (format!("Bearer {TOKEN}0"), false),
            ("Bearer other".to_owned(), false),
            (String::new(), false),
        ] {
            let headers =
                [("authorization", value.as_str()), ("x-date", DATE), ("x-user-id", USER)];
            assert_eq!(check(&headers).is_ok(), accepted, "{value}");
        }
    }

    #[test]
    fn a_token_that_holds_its_scheme_is_accepted_as_it_was_handed_out() {
        assert_eq!(check_token(Some("AT 3b91"), "AT 3b91"), Ok(()));
        assert_eq!(check_token(Some("Bearer 3b91"), "AT 3b91"), Ok(()));
    }

    #[test]
    fn each_header_that_is_missing_wrong_or_doubled_is_refused() {
        let good = [("authorization", TOKEN), ("x-date", DATE), ("x-user-id", USER)];
        assert_eq!(check(&good), Ok(()));
        for at in 0..good.len() {
            let mut without = good.to_vec();
            without.remove(at);
            assert!(matches!(check(&without), Err(Refusal::Unauthorized(_))), "{at} missing");

            let mut doubled = good.to_vec();
            doubled.push(good[at]);
            assert!(matches!(check(&doubled), Err(Refusal::Unauthorized(_))), "{at} doubled");

            let mut wrong = good.to_vec();
            wrong[at].1 = "1505084218764547200";
            assert!(matches!(check(&wrong), Err(Refusal::Unauthorized(_))), "{at} wrong");
        }
    }

    #[test]
    fn each_bad_date_is_refused_in_its_own_words() {
        for (date, word) in [
            ("20251103T070141Z", "later"),
            ("20251103T064639Z", "older"),
            ("2025307T0070140Z", "form"),
        ] {
            let refusal = check(&[("authorization", TOKEN), ("x-date", date), ("x-user-id", USER)]);
            let Err(Refusal::Unauthorized(why)) = refusal else { panic!("{date} was accepted") };
            assert!(why.contains(word), "{date}: {why}");
        }
    }

    #[test]
    fn a_trace_id_may_be_left_out_but_not_be_wrong() {
        let good = "aZ0_".repeat(14) + "9A";
        for (id, accepted) in [
            (good.clone(), true),
            (format!("{good}a"), false),
            (good.replace("9A", "9"), false),
            (good.replace('_', "-"), false),
            ("é".repeat(29), false),
            (String::new(), false),
        ] {
            let headers = [
                ("authorization", TOKEN),
                ("x-date", DATE),
                ("x-user-id", USER),
                ("x-traceid", &id),
            ];
            let expected = if accepted { Ok(()) } else { Err(Refusal::BadParameter("X-Traceid")) };
            assert_eq!(check(&headers), expected, "{id}");
        }
    }

    #[test]
    fn without_parameters_the_documented_defaults_hold() {
        let order = Order { key: SortKey::Creation, direction: Direction::Descending };
        let defaults = ListRequest { page_size: 100, order, cursor: None };
        for query in ["", "pageCursor=", "pageCursor=0", "pageSize=100&sortType=2&sortDirection=2"]
        {
            assert_eq!(ListRequest::parse(query), Ok(defaults.clone()), "{query}");
        }
        let unknown = "x=1&x=2&PageSize=0&language=en_us";
        assert_eq!(ListRequest::parse(unknown), Ok(defaults));
    }

    #[test]
    fn each_parameter_is_read() {
        let query = "pageSize=7&pageCursor=a%2B%2F%3D&sortType=1&sortDirection=1";
        let order = Order { key: SortKey::Shooting, direction: Direction::Ascending };
        let cursor = Some("a+/=".to_owned());
        assert_eq!(ListRequest::parse(query), Ok(ListRequest { page_size: 7, order, cursor }));
    }

    #[test]
    fn each_bad_parameter_is_named() {
        for (query, name) in [
            ("pageSize=0", "pageSize"),
            ("pageSize=101", "pageSize"),
            ("pageSize=-1", "pageSize"),
            ("pageSize=%2B1", "pageSize"),
            ("pageSize=01", "pageSize"),
            ("pageSize=1.0", "pageSize"),
            ("pageSize=999999999999999999999", "pageSize"),
            ("pageSize=", "pageSize"),
            ("pageSize=ten", "pageSize"),
            ("pageSize=1&pageSize=1", "pageSize"),
            ("sortType=0", "sortType"),
            ("sortType=4", "sortType"),
            ("sortType=1&sortType=2", "sortType"),
            ("sortDirection=0", "sortDirection"),
            ("sortDirection=3", "sortDirection"),
            ("sortDirection=asc", "sortDirection"),
            ("pageCursor=0&pageCursor=0", "pageCursor"),
        ] {
            assert_eq!(ListRequest::parse(query), Err(Refusal::BadParameter(name)), "{query}");
        }
    }
}
