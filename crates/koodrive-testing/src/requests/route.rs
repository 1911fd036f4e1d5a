//! Routing: which call a request makes, by its method and path alone.

use std::fmt;

use percent_encoding::percent_decode_str;

const ALBUMS: &str = "/koodrive/ose/v1/album/list";
const LOGIN: &str = "/koodrive/ose/v1/auth/login";
const LOGOUT: &str = "/koodrive/ose/v1/auth/logout";
const REFRESH: &str = "/koodrive/ose/v1/auth/refreshToken";

/// The calls of the service. Faults are numbered by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    /// Lists an album, whether or not it exists.
    List,
    /// Lists the albums.
    Albums,
    Refresh,
    Login,
    Logout,
    /// A request to the storage, which is not among the service's calls.
    Download,
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "list request",
            Self::Albums => "album-list request",
            Self::Refresh => "refresh request",
            Self::Login => "login request",
            Self::Logout => "logout request",
            Self::Download => "download request",
        })
    }
}

/// The call that a request makes; `None` if there is no such API.
pub(crate) fn route(method: &str, path: &str) -> Option<Call> {
    match (method, path) {
        ("POST", REFRESH) => Some(Call::Refresh),
        ("POST", LOGIN) => Some(Call::Login),
        ("POST", LOGOUT) => Some(Call::Logout),
        ("GET", ALBUMS) => Some(Call::Albums),
        ("GET", path) => album_id(path).map(|_| Call::List),
        _ => None,
    }
}

/// The decoded id in the path of a list request.
pub(crate) fn album_id(path: &str) -> Option<String> {
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
            ("GET", "/koodrive/ose/v1/album//list", None),
            ("GET", "/koodrive/ose/v1/album/1/2/list", None),
            ("GET", "/koodrive/ose/v1/album/1/list/", None),
            ("GET", "/koodrive/ose/v1/album/1", None),
            ("GET", "/", None),
        ] {
            let found = route(method, path).and_then(|_| album_id(path));
            assert_eq!(found.as_deref(), album, "{method} {path}");
        }
    }

    #[test]
    fn each_other_call_has_one_method_and_one_path() {
        for (method, other, path, call) in [
            ("GET", "POST", ALBUMS, Call::Albums),
            ("POST", "GET", REFRESH, Call::Refresh),
            ("POST", "GET", LOGIN, Call::Login),
            ("POST", "GET", LOGOUT, Call::Logout),
        ] {
            assert_eq!(route(method, path), Some(call), "{path}");
            for (method, path) in [
                (other, path.to_owned()),
                ("PUT", path.to_owned()),
                (method, format!("{path}/")),
                (method, path.to_uppercase()),
            ] {
                assert_eq!(route(method, &path), None, "{method} {path}");
            }
        }
    }
}
