//! What the error codes mean, as far as the vendor's reference says. Unknown means: not retried.

use super::ErrorKind;

/// The kind of error behind a status and, if the body gave one, a code.
pub(super) fn kind(status: u16, code: Option<&str>) -> ErrorKind {
    let meaning = code.map(|code| gateway_digits(code).map_or(ErrorKind::Api, gateway_kind));
    match (status, meaning) {
        (_, Some(kind @ (ErrorKind::Throttled | ErrorKind::Unauthorized))) => kind,
        (401, _) => ErrorKind::Unauthorized,
        (429, _) => ErrorKind::Throttled,
        (300..=303 | 305..=399, _) => ErrorKind::Redirect,
        (_, Some(kind)) => kind,
        (_, None) => ErrorKind::Status,
    }
}

/// `APIG.0308` → `0308`: the gateway spells its prefix in three ways.
fn gateway_digits(code: &str) -> Option<&str> {
    let (prefix, digits) = code.split_once('.')?;
    matches!(prefix, "APIGW" | "APIG" | "APIC").then_some(digits)
}

fn gateway_kind(digits: &str) -> ErrorKind {
    match digits {
        "0303" | "1002" => ErrorKind::Unauthorized, // bad app authentication, bad token
        "0308" => ErrorKind::Throttled,
        _ => ErrorKind::Api,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_and_a_code_make_a_kind() {
        for (status, code, expected) in [
            (200, Some("13000309"), ErrorKind::Api),
            (400, Some("13000309"), ErrorKind::Api),
            (400, Some("APIG.0303"), ErrorKind::Unauthorized),
            (400, None, ErrorKind::Status),
            (401, None, ErrorKind::Unauthorized),
            (401, Some("13000102"), ErrorKind::Unauthorized),
            (302, None, ErrorKind::Redirect),
            (304, None, ErrorKind::Status),
            (404, Some("APIG.0101"), ErrorKind::Api),
            (429, None, ErrorKind::Throttled),
            (200, Some("APIGW.0308"), ErrorKind::Throttled),
            (503, Some("APIC.0308"), ErrorKind::Throttled),
            (503, Some("XYZ.0308"), ErrorKind::Api),
            (502, None, ErrorKind::Status),
            (204, None, ErrorKind::Status),
            (999, None, ErrorKind::Status),
        ] {
            assert_eq!(kind(status, code), expected, "{status} {code:?}");
        }
    }
}
