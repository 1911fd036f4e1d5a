//! The one place that writes or compares a generated file.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use similar::TextDiff;

/// What to do with a file that differs from the generated text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Write,
    Check,
}

impl From<bool> for Mode {
    fn from(check: bool) -> Self {
        if check { Self::Check } else { Self::Write }
    }
}

/// Ensures that the file `name` in `root` has these `contents`: writes them, or fails with a diff.
pub(crate) fn ensure_file_contents(
    root: &Path,
    name: &str,
    contents: &str,
    mode: Mode,
) -> Result<()> {
    let path = root.join(name);
    let found = fs::read_to_string(&path).unwrap_or_default();
    if found == contents {
        return Ok(());
    }
    match mode {
        Mode::Write => fs::write(&path, contents).with_context(|| format!("cannot write {name}")),
        Mode::Check => bail!(
            "{name} is stale\n\n{}\nrun `cargo xtask codegen` and commit the result",
            unified_diff(name, &found, contents),
        ),
    }
}

fn unified_diff(name: &str, found: &str, wanted: &str) -> String {
    TextDiff::from_lines(found, wanted)
        .unified_diff()
        .header(&format!("a/{name}"), &format!("b/{name}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> std::path::PathBuf {
        let root = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
        fs::create_dir_all(&root).unwrap();
        root
    }

    #[test]
    fn a_stale_file_fails_the_check_with_a_diff_and_is_not_changed() {
        let root = scratch("stale");
        fs::write(root.join("a.rs"), "one\ntwo\n").unwrap();

        let error = ensure_file_contents(&root, "a.rs", "one\n2\n", Mode::Check).unwrap_err();

        let text = error.to_string();
        assert!(text.contains("-two\n+2\n"), "{text}");
        assert!(text.contains("run `cargo xtask codegen`"), "{text}");
        assert_eq!(fs::read_to_string(root.join("a.rs")).unwrap(), "one\ntwo\n");
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn a_written_file_passes_the_check() {
        let root = scratch("write");

        ensure_file_contents(&root, "a.rs", "new\n", Mode::Write).unwrap();

        ensure_file_contents(&root, "a.rs", "new\n", Mode::Check).unwrap();
        fs::remove_dir_all(root).unwrap();
    }
}
