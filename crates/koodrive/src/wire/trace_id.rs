//! `X-Traceid`: "58 bits" on the English page is a mistranslation of 58 places.

const LENGTH: usize = 58;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789__";

/// A new trace id: 58 characters of `[A-Za-z0-9_]`.
pub(crate) fn random() -> String {
    let character = || fastrand::choice(ALPHABET).copied().map_or('_', char::from);
    std::iter::repeat_with(character).take(LENGTH).collect()
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
    fn other_forms_are_none() {
        for text in ["", &"a".repeat(57), &"a".repeat(59), &"-".repeat(58), &"é".repeat(29)] {
            assert!(!super::is_valid(text), "{text}");
        }
    }
}
