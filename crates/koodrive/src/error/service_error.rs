//! What a response body says about an error, in any of its three forms.

use koodrive_api::types;
use serde::de::DeserializeOwned;
use serde_json::Deserializer;

use super::json;

/// The code and message of an error.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ServiceError {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

/// The fields that hold a secret, in the responses of any operation.
const SECRET_FIELDS: [&str; 5] = [
    "\"accessToken\"",
    "\"refreshToken\"",
    "\"nextPageCursor\"",
    "\"contentUrl\"",
    "\"thumbnailUrl\"",
];

impl ServiceError {
    /// Reads the service's envelope, the gateway's, or an envelope within `error`.
    pub(crate) fn read(body: &[u8]) -> Self {
        let Some(object) = json::object(body) else {
            return Self::default();
        };
        parsed(object)
            .and_then(Self::of_envelope)
            .or_else(|| parsed(object).and_then(Self::of_gateway))
            .or_else(|| Self::of_envelope(parsed::<types::NestedError>(object)?.error?))
            .unwrap_or_default()
    }

    fn of_envelope(envelope: types::ErrorEnvelope) -> Option<Self> {
        let code = envelope.code.map(|code| code.to_string());
        Self { code, message: envelope.msg }.known()
    }

    fn of_gateway(error: types::GatewayError) -> Option<Self> {
        Self { code: error.error_code, message: error.error_msg }.known()
    }

    /// An empty code, or that of success, says nothing about an error.
    fn known(mut self) -> Option<Self> {
        self.code = self.code.filter(|code| !code.is_empty() && !is_success(code));
        (self.code.is_some() || self.message.is_some()).then_some(self)
    }
}

fn parsed<T: DeserializeOwned>(object: &[u8]) -> Option<T> {
    serde_json::from_slice(object).ok()
}

/// The secrets in a body, which its message may repeat. They are searched for as text, because the body may
/// be cut, or of a form that is not documented.
pub(crate) fn secrets_in(body: &str) -> impl Iterator<Item = String> {
    SECRET_FIELDS.iter().flat_map(|field| body.split(field).skip(1)).filter_map(leading_string)
}

/// The JSON string after a field's name and colon.
fn leading_string(text: &str) -> Option<String> {
    let value = text.trim_start().strip_prefix(':')?;
    Deserializer::from_str(value).into_iter().next()?.ok()
}

/// Success is code 0, as a number or as text. Some of the vendor's tables pad it with zeros.
pub(crate) fn is_success(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_error_body_is_read() {
        for (body, code, message) in [
            (r#"{"code":13000309,"msg":"gone"}"#, Some("13000309"), Some("gone")),
            (r#"{"code":"13000309","msg":null}"#, Some("13000309"), None),
            (
                r#"{"error_code":"APIG.0308","error_msg":"slow","request_id":"r"}"#,
                Some("APIG.0308"),
                Some("slow"),
            ),
            (r#"{"error":{"code":7,"msg":"m"}}"#, Some("7"), Some("m")),
            (r#"{"error":"why"}"#, None, None),
            (r#"{"code":0}"#, None, None),
            ("\u{feff}{\"code\":7}", Some("7"), None),
            (r#"[7, "m"]"#, None, None),
            ("<html>", None, None),
            ("", None, None),
        ] {
            let [code, message] = [code, message].map(|text| text.map(str::to_owned));
            let expected = ServiceError { code, message };
            assert_eq!(ServiceError::read(body.as_bytes()), expected, "{body}");
        }
    }

    #[test]
    fn secrets_are_found_in_any_body() {
        for body in [
            r#"{"code":7,"data":{"accessToken":"AT 1\/2","refreshToken" : "r3","expiresIn":1}}"#,
            r#"{"accessToken":"AT 1/2","refreshToken":"r3","nextPageCursor":7,"contentUrl":"cut"#,
        ] {
            let secrets: Vec<String> = secrets_in(body).collect();
            assert_eq!(secrets, ["AT 1/2", "r3"], "{body}");
        }
    }
}
