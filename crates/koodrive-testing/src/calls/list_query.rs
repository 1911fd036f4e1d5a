//! The parameters of a list request.

use std::str::FromStr;

use crate::albums::order::{Direction, Order, SortKey};
use crate::replies::refusal::Refusal;
use crate::requests::query;

const LARGEST_PAGE: u8 = 100;

/// Valid parameters, except that the cursor is still unchecked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListQuery {
    pub(crate) page_size: u8,
    pub(crate) order: Order,
    /// Absent for the first page.
    pub(crate) cursor: Option<String>,
}

impl ListQuery {
    /// Parses the query for an album with this default order. Unknown parameters are ignored.
    pub(crate) fn parse(query: &str, default: Order) -> Result<Self, Refusal> {
        let cursor = single_parameter(query, "pageCursor")?;
        Ok(Self {
            page_size: numeric(query, "pageSize", page_size)?.unwrap_or(LARGEST_PAGE),
            order: Order {
                key: numeric(query, "sortType", SortKey::from_code)?.unwrap_or(default.key),
                direction: numeric(query, "sortDirection", Direction::from_code)?
                    .unwrap_or(default.direction),
            },
            // For the first page the vendor's example sends 0; the examples of other calls send none.
            cursor: cursor.filter(|cursor| !cursor.is_empty() && cursor != "0"),
        })
    }
}

pub(crate) fn page_size(size: u8) -> Option<u8> {
    (1..=LARGEST_PAGE).contains(&size).then_some(size)
}

/// The value of a numeric parameter; `None` if there is none.
pub(crate) fn numeric<N: FromStr + ToString, T>(
    query: &str,
    name: &'static str,
    known: impl Fn(N) -> Option<T>,
) -> Result<Option<T>, Refusal> {
    let Some(text) = single_parameter(query, name)? else {
        return Ok(None);
    };
    // `parse` alone would also accept `+1` and `01`.
    let number = text.parse().ok().filter(|number: &N| number.to_string() == text);
    number.and_then(known).ok_or(Refusal::BadParameter(name)).map(Some)
}

/// The value of a parameter that must not be repeated.
pub(crate) fn single_parameter(query: &str, name: &'static str) -> Result<Option<String>, Refusal> {
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

    const NEWEST: Order = Order { key: SortKey::Creation, direction: Direction::Descending };

    fn parse(query: &str) -> Result<ListQuery, Refusal> {
        ListQuery::parse(query, NEWEST)
    }

    #[test]
    fn the_default_order_is_the_albums() {
        let order = Order { key: SortKey::Shooting, direction: Direction::Descending };
        assert_eq!(ListQuery::parse("", order).map(|query| query.order), Ok(order));
        let explicit = ListQuery::parse("sortType=2", order).map(|query| query.order);
        assert_eq!(explicit, Ok(NEWEST));
    }

    #[test]
    fn the_defaults_are_the_documented_ones() {
        let order = NEWEST;
        let defaults = ListQuery { page_size: 100, order, cursor: None };
        for query in ["", "pageCursor=", "pageCursor=0", "pageSize=100&sortType=2&sortDirection=2"]
        {
            assert_eq!(parse(query), Ok(defaults.clone()), "{query}");
        }
        let unknown = "x=1&x=2&PageSize=0&language=en_us";
        assert_eq!(parse(unknown), Ok(defaults));
    }

    #[test]
    fn each_parameter_is_parsed() {
        let query = "pageSize=7&pageCursor=a%2B%2F%3D&sortType=1&sortDirection=1";
        let order = Order { key: SortKey::Shooting, direction: Direction::Ascending };
        let cursor = Some("a+/=".to_owned());
        assert_eq!(parse(query), Ok(ListQuery { page_size: 7, order, cursor }));
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
            assert_eq!(parse(query), Err(Refusal::BadParameter(name)), "{query}");
        }
    }
}
