//! How to use this crate: task by task, its features, and what each error means.
//!
#![doc = include_str!("guide/tasks.md")]
#![doc = include_str!("guide/features.md")]
#![doc = include_str!("guide/troubleshooting.md")]

// The examples are doctests. These tests check that the tables are complete.
#[cfg(test)]
mod tests {
    use crate::error::{ErrorKind, next_step::CODES};

    const TROUBLESHOOTING: &str = include_str!("guide/troubleshooting.md");
    const FEATURES: &str = include_str!("guide/features.md");
    const MANIFEST: &str = include_str!("../Cargo.toml");

    /// The kind after this one. A new kind does not compile before it has its place here.
    fn after(kind: ErrorKind) -> Option<ErrorKind> {
        use ErrorKind::*;
        Some(match kind {
            InvalidInput => Credentials,
            Credentials => Unauthorized,
            Unauthorized => ClockSkew,
            ClockSkew => Connect,
            Connect => Tls,
            Tls => Timeout,
            Timeout => Transport,
            Transport => Redirect,
            Redirect => Status,
            Status => Throttled,
            Throttled => Api,
            Api => Decode,
            Decode => TooLarge,
            TooLarge => Paging,
            Paging => Stale,
            Stale => Io,
            Io => return None,
        })
    }

    /// The cells of a table's rows, without its head.
    fn rows(marker: &str) -> Vec<Vec<&'static str>> {
        let rows = TROUBLESHOOTING.lines().filter(|line| line.starts_with(marker));
        rows.map(|row| row.split('|').map(str::trim).collect()).collect()
    }

    #[test]
    fn the_troubleshooting_table_has_each_kind_with_its_next_step() {
        let kinds = std::iter::successors(Some(ErrorKind::InvalidInput), |kind| after(*kind));
        let rows = rows("| [");
        for (row, kind) in rows.iter().zip(kinds.clone()) {
            assert_eq!(row[1], format!("[`{kind:?}`](crate::ErrorKind::{kind:?})"));
            assert_eq!(row[3], kind.next_step(), "{kind:?}");
        }
        assert_eq!(rows.len(), kinds.count());
    }

    #[test]
    fn the_troubleshooting_table_has_each_code_with_its_next_step() {
        let rows = rows("| `");
        for (row, (code, next_step)) in rows.iter().zip(&CODES) {
            assert_eq!((row[1], row[3]), (format!("`{code}`").as_str(), *next_step));
        }
        assert_eq!(rows.len(), CODES.len());
    }

    #[test]
    fn the_features_table_has_a_row_for_each_feature() {
        let features = MANIFEST.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
        let names =
            features.lines().filter_map(|line| line.split_once(" = ").map(|(name, _)| name));
        let names: Vec<&str> = names.filter(|name| *name != "default").collect();
        assert!(names.len() >= 3, "{names:?}");
        for name in names {
            assert!(FEATURES.contains(&format!("| `{name}`")), "{name}");
        }
    }
}
