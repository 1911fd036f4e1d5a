//! The names of stored objects, such as `a0134878508b4ab2b1c96820dca2f31c086`.
//!
//! The name of a generated file's object holds the file's number, masked, so that the storage needs no
//! table of a billion objects.

const SUFFIX: &str = "086";

/// An object that holds `file` beside 64 of the `random` bits. `key` identifies the album.
pub(crate) fn seal(key: u64, file: u64, random: u128) -> u128 {
    let tag = random as u64;
    u128::from(tag) << 64 | u128::from(file ^ mask(key, tag))
}

/// The number in an object, which is meaningless if the object was not made with this `key`.
pub(crate) fn open(key: u64, object: u128) -> u64 {
    object as u64 ^ mask(key, (object >> 64) as u64)
}

pub(crate) fn name(object: u128) -> String {
    format!("{object:032x}{SUFFIX}")
}

/// The object with this name. No object has two names.
pub(crate) fn parse(text: &str) -> Option<u128> {
    let object = u128::from_str_radix(text.strip_suffix(SUFFIX)?, 16).ok()?;
    (name(object) == text).then_some(object)
}

fn mask(key: u64, tag: u64) -> u64 {
    fastrand::Rng::with_seed(key ^ tag).u64(..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_parsed_back_and_nothing_else_is() {
        for object in [0, 1, 0xa013_4878_508b_4ab2_b1c9_6820_dca2_f31c, u128::MAX] {
            assert_eq!(parse(&name(object)), Some(object));
        }
        assert_eq!(
            name(0xa013_4878_508b_4ab2_b1c9_6820_dca2_f31c),
            "a0134878508b4ab2b1c96820dca2f31c086"
        );
        let upper = name(u128::MAX).to_uppercase();
        for text in ["", "086", "0086", "a0134878508b4ab2b1c96820dca2f31c", &upper] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
