//! `X-Traceid`. The English page says "58 bits", which mistranslates 58 characters.

use crate::{error::Result, input::ensure};

const LENGTH: usize = 58;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789__";

/// A new trace id: 58 characters of `[A-Za-z0-9_]`.
pub(crate) fn random() -> String {
    let character = || fastrand::choice(ALPHABET).copied().map_or('_', char::from);
    std::iter::repeat_with(character).take(LENGTH).collect()
}

/// Checks a trace id that the caller chose.
pub(crate) fn check(text: &str) -> Result<()> {
    let message = "the trace id is not valid: expected 58 characters of A-Z, a-z, 0-9 and _";
    ensure(is_valid(text), message)
}

pub(crate) fn is_valid(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_trace_id_has_the_documented_form_and_is_new_each_time() {
        let (one, two) = (super::random(), super::random());
        assert_eq!(one.len(), 58);
        assert!(super::is_valid(&one));
        assert_ne!(one, two);
    }

    #[test]
    fn other_forms_are_not_valid() {
        for text in ["", &"a".repeat(57), &"a".repeat(59), &"-".repeat(58), &"é".repeat(29)] {
            assert!(!super::is_valid(text), "{text}");
        }
    }
}
