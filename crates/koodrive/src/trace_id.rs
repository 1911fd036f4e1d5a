//! `X-Traceid`: "58 bits" on the English page is a mistranslation of 58 places.

const LENGTH: usize = 58;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789__";

/// A new trace id: 58 characters of `[A-Za-z0-9_]`.
pub(crate) fn new() -> String {
    let character = || fastrand::choice(ALPHABET).copied().map_or('_', char::from);
    std::iter::repeat_with(character).take(LENGTH).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_trace_id_has_the_documented_form_and_is_new_each_time() {
        let (one, two) = (super::new(), super::new());
        assert_eq!(one.len(), 58);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        assert_ne!(one, two);
    }
}
