//! The query string: parsed as servers parse it, and printed without its secrets.

use percent_encoding::percent_decode;

/// The decoded parameters in the order received. A `+` is a space, as in an HTML form.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (String, String)> + '_ {
    pieces(query).map(|(name, value)| (decode(name), decode(value.unwrap_or_default())))
}

/// The same as bytes, which stay distinct even where they are not UTF-8.
pub(crate) fn raw_parameters(query: &str) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + '_ {
    pieces(query).map(|(name, value)| (bytes(name), bytes(value.unwrap_or_default())))
}

/// The first decoded value of a parameter.
pub(crate) fn first(query: &str, name: &str) -> Option<String> {
    parameters(query).find(|(found, _)| found == name).map(|(_, value)| value)
}

/// The parameters that give access to a listing or a file.
const SECRETS: [&str; 2] = ["pageCursor", "X-Amz-Signature"];

/// The query as received, with secret values redacted.
pub(crate) fn redacted(query: &str) -> String {
    let shown = pieces(query).map(|(name, value)| match value {
        Some(value) if !SECRETS.contains(&&*decode(name)) => format!("{name}={value}"),
        Some(_) => format!("{name}=[redacted]"),
        None => name.to_owned(),
    });
    shown.collect::<Vec<_>>().join("&")
}

fn pieces(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    query.split('&').filter(|piece| !piece.is_empty()).map(|piece| match piece.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (piece, None),
    })
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&bytes(text)).into_owned()
}

fn bytes(text: &str) -> Vec<u8> {
    percent_decode(text.replace('+', " ").as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_in_order() {
        for (query, expected) in [
            ("", vec![]),
            ("&&", vec![]),
            ("a=1&b=2&a=3", vec![("a", "1"), ("b", "2"), ("a", "3")]),
            ("a", vec![("a", "")]),
            ("a=", vec![("a", "")]),
            ("a=b=c", vec![("a", "b=c")]),
            ("a=x%20y+z%2B%2F%3D", vec![("a", "x y z+/=")]),
            ("%61=%C3%A9", vec![("a", "é")]),
            ("a=%zz%", vec![("a", "%zz%")]),
            ("a=%FF", vec![("a", "\u{fffd}")]),
        ] {
            let found: Vec<_> = parameters(query).collect();
            let found: Vec<_> = found.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            assert_eq!(found, expected, "{query}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_are_kept() {
        let found: Vec<_> = raw_parameters("a=%FF+%2B&b").collect();
        assert_eq!(found, [(b"a".to_vec(), b"\xff +".to_vec()), (b"b".to_vec(), Vec::new())]);
    }

    #[test]
    fn the_first_of_several_values_is_found() {
        assert_eq!(first("a=1&b=2&a=3", "a").as_deref(), Some("1"));
        assert_eq!(first("a=1", "b"), None);
    }

    #[test]
    fn a_redacted_query_shows_everything_except_its_secrets() {
        for (query, expected) in [
            ("", ""),
            (
                "pageSize=100&pageCursor=s3cret%2B&sortType=1",
                "pageSize=100&pageCursor=[redacted]&sortType=1",
            ),
            ("a=b&X-Amz-Signature=s3cret", "a=b&X-Amz-Signature=[redacted]"),
            ("page%43ursor=s3cret", "page%43ursor=[redacted]"),
            ("pageCursor&x", "pageCursor&x"),
        ] {
            assert_eq!(redacted(query), expected);
        }
    }
}
