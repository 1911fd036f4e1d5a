//! The canonical request: the text that both sides of an app signature hash.
//!
//! It is built from the received request, by the server's own reading of the rules; no code is shared
//! with the client. This module knows neither keys nor the `Authorization` header.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use crate::hash::sha256_hex;
use crate::requests::query;
use crate::requests::received::ReceivedRequest;

/// Everything but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The canonical request. `signed_headers` holds names in lower case, joined by `;`. Returns `None`
/// unless each of these headers occurs exactly once.
pub(crate) fn request(request: &ReceivedRequest, signed_headers: &str) -> Option<String> {
    let mut headers = String::new();
    for name in signed_headers.split(';') {
        let value = request.single_header(name)?.trim();
        headers.extend([name, ":", value, "\n"]);
    }
    let (uri, query) = (uri(request.path()), query(request.query()));
    let body = sha256_hex(request.body());
    Some([request.method(), &uri, &query, &headers, signed_headers, &body].join("\n"))
}

/// The path, with each segment in its canonical encoding and a trailing `/`.
fn uri(path: &str) -> String {
    let canonical = |segment| encode(&percent_decode_str(segment).collect::<Vec<_>>());
    let mut uri = path.split('/').map(canonical).collect::<Vec<_>>().join("/");
    if !uri.ends_with('/') {
        uri.push('/');
    }
    uri
}

/// The parameters in their canonical encoding, sorted by name, then value.
fn query(query: &str) -> String {
    let mut parameters: Vec<_> = query::raw_parameters(query).collect();
    parameters.sort();
    let canonical = |(name, value): &(Vec<u8>, Vec<u8>)| [encode(name), encode(value)].join("=");
    parameters.iter().map(canonical).collect::<Vec<_>>().join("&")
}

fn encode(bytes: &[u8]) -> String {
    percent_encode(bytes, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::received::tests::{received, received_with_body};

    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn huawei_clouds_example_has_the_published_hash() {
        let query = "limit=2&marker=13551d6b-755d-4757-b956-536f674975c0";
        let headers = [
            ("content-type", "application/json"),
            ("host", "service.region.example.com"),
            ("x-sdk-date", "20191115T033655Z"),
        ];
        // The URL itself may lack the trailing slash.
        for path in [
            "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs/",
            "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
        ] {
            let example = received("GET", path, query, &headers);
            let canonical = request(&example, "content-type;host;x-sdk-date").unwrap();
            assert_eq!(
                sha256_hex(canonical.as_bytes()),
                "b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a",
                "{canonical}"
            );
        }
    }

    #[test]
    fn every_part_has_a_line_and_the_headers_end_in_an_empty_one() {
        let headers = [("b", "  two words\t"), ("a", ""), ("c", "unsigned")];
        let canonical = request(&received("GET", "/p", "", &headers), "a;b").unwrap();
        assert_eq!(canonical, format!("GET\n/p/\n\na:\nb:two words\n\na;b\n{NOTHING}"));
    }

    #[test]
    fn the_body_is_part_of_it() {
        let request_of =
            |body| request(&received_with_body("POST", "/p", &[("a", "1")], body), "a").unwrap();
        assert!(request_of("").ends_with(NOTHING));
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(request_of("abc").ends_with(abc));
    }

    #[test]
    fn a_signed_header_must_occur_exactly_once() {
        let doubled = received("GET", "/p", "", &[("a", "1"), ("a", "1"), ("b", "2")]);
        for (names, built) in [("b", true), ("a", false), ("a;b", false), ("c", false), ("", false)]
        {
            assert_eq!(request(&doubled, names).is_some(), built, "{names}");
        }
    }

    #[test]
    fn a_path_has_one_encoding_and_a_trailing_slash() {
        for (path, expected) in [
            ("", "/"),
            ("/", "/"),
            ("/a/b", "/a/b/"),
            ("/a/b/", "/a/b/"),
            ("/a-._~Z9", "/a-._~Z9/"),
            ("/a%20b*c/%c3%a9", "/a%20b%2Ac/%C3%A9/"),
            ("/a%2Fb+c", "/a%2Fb%2Bc/"),
            ("/%7e%FF%25", "/~%FF%25/"),
        ] {
            assert_eq!(uri(path), expected, "{path}");
        }
    }

    #[test]
    fn a_query_has_one_encoding_and_one_order() {
        for (text, expected) in [
            ("", ""),
            ("a", "a="),
            ("b=2&a=1", "a=1&b=2"),
            ("a=2&a=10&a=1", "a=1&a=10&a=2"),
            ("B=1&a=2&A=3", "A=3&B=1&a=2"),
            ("%C3%A9=1&~=2", "~=2&%C3%A9=1"),
            ("c=a+b&d=a%20b", "c=a%20b&d=a%20b"),
            ("c=%21%22%23%24%25%26'()*%2b%2c", "c=%21%22%23%24%25%26%27%28%29%2A%2B%2C"),
            ("c=/:;%3d?@[%5c]^`{|}", "c=%2F%3A%3B%3D%3F%40%5B%5C%5D%5E%60%7B%7C%7D"),
            ("c=a=b%3D", "c=a%3Db%3D"),
            ("c=%7e-._~%FF%c3%a9é", "c=~-._~%FF%C3%A9%C3%A9"),
        ] {
            assert_eq!(query(text), expected, "{text}");
        }
    }
}
