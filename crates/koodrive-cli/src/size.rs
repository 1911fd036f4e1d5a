//! Sizes on the command line: `500K`, `10MB`, `1.5GiB`.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A number of bytes, with the words it was given in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Size {
    pub(crate) bytes: u64,
    given: String,
}

impl FromStr for Size {
    type Err = &'static str;

    /// As rclone and aws-cli read it: every unit is a power of 1024, and a number without one is bytes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = bytes(text).ok_or("expected a size such as 500K, 10MB or 1.5GiB")?;
        Ok(Self { bytes, given: text.to_owned() })
    }
}

fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let unit = unit.trim_start().to_ascii_uppercase();
    let prefix = unit.strip_suffix("IB").or_else(|| unit.strip_suffix(['B', 'I'])).unwrap_or(&unit);
    let power = ["", "K", "M", "G", "T", "P"].iter().position(|known| *known == prefix)?;
    let factor = 1_u64.checked_shl(u32::try_from(power).ok()?.checked_mul(10)?)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let whole = whole.parse::<u64>().ok()?.checked_mul(factor)?;
    whole.checked_add(part(fraction, factor)?)
}

/// The digits after a decimal point, of a unit. More than nine make no difference.
fn part(digits: &str, factor: u64) -> Option<u64> {
    let digits = digits.get(..9).unwrap_or(digits);
    let scale = 10_u128.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let part = digits.parse::<u128>().ok()?.checked_mul(factor.into())?.checked_div(scale)?;
    u64::try_from(part).ok()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_powers_of_1024_and_a_plain_number_is_bytes() {
        const M: u64 = 1 << 20;
        for (text, bytes) in [
            ("0", Some(0)),
            ("512", Some(512)),
            ("512B", Some(512)),
            ("500k", Some(500 << 10)),
            ("10M", Some(10 * M)),
            ("10MB", Some(10 * M)),
            ("10 MiB", Some(10 * M)),
            ("10mi", Some(10 * M)),
            ("1.5G", Some(1536 * M)),
            ("0.0000000000001K", Some(0)),
            ("2T", Some(2 << 40)),
            ("16383P", Some(16383 << 50)),
            ("16384P", None),
            ("1E", None),
            ("", None),
            ("K", None),
            ("1.", None),
            (".5M", None),
            ("1.2.3", None),
            ("-1", None),
            ("1iKB", None),
            ("１M", None),
        ] {
            assert_eq!(text.parse::<Size>().ok().map(|size| size.bytes), bytes, "{text}");
        }
    }
}
