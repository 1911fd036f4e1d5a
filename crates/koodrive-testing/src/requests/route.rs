//! Routing: which call a request makes, by its method and path alone.

use percent_encoding::percent_decode_str;

const REFRESH: &str = "/koodrive/ose/v1/auth/refreshToken";

/// The calls of the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    /// Lists an album, whether or not it exists.
    List {
        album_id: String,
    },
    Refresh,
}

/// The call that a request makes; `None` if there is no such API.
pub(crate) fn route(method: &str, path: &str) -> Option<Call> {
    match (method, path) {
        ("POST", REFRESH) => Some(Call::Refresh),
        ("GET", path) => album_id(path).map(|album_id| Call::List { album_id }),
        _ => None,
    }
}

fn album_id(path: &str) -> Option<String> {
    let segment = path.strip_prefix("/koodrive/ose/v1/album/")?.strip_suffix("/list")?;
    let is_one_segment = !segment.is_empty() && !segment.contains('/');
    is_one_segment.then(|| percent_decode_str(segment).decode_utf8_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/koodrive/ose/v1/album/1795607640592646273/list";

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
            let found = route(method, path);
            let expected = album.map(|album| Call::List { album_id: album.to_owned() });
            assert_eq!(found, expected, "{method} {path}");
        }
    }

    #[test]
    fn only_a_post_of_the_documented_path_is_a_refresh() {
        for (method, path, is) in [
            ("POST", REFRESH, true),
            ("GET", REFRESH, false),
            ("PUT", REFRESH, false),
            ("POST", "/koodrive/ose/v1/auth/refreshToken/", false),
            ("POST", "/koodrive/ose/v1/auth/refreshtoken", false),
            ("POST", "/koodrive/ose/v1/auth", false),
        ] {
            let found = route(method, path);
            assert_eq!(found, is.then_some(Call::Refresh), "{method} {path}");
        }
    }
}
