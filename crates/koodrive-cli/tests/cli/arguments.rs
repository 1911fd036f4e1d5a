//! Wrong arguments: each is refused with what was expected, or what to pass in its place.

use crate::support::{koodrive, run};

/// What is said before the usage.
fn refused(line: &str) -> String {
    let words = shlex::split(line).unwrap();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let run = run(&mut koodrive(&words));
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{line}: {}", run.stderr);
    let said = run.stderr.split("\n\nUsage").next().unwrap();
    let said = said.split("\n\nFor more").next().unwrap();
    format!("{line}\n{}\n", said.trim_end())
}

fn all(lines: &[&str]) -> String {
    lines.iter().map(|line| refused(line)).collect::<Vec<_>>().join("\n")
}

#[test]
fn options_of_other_tools_are_answered_with_ours() {
    insta::assert_snapshot!(all(&[
        "list --json",
        "albums --csv",
        "list --min-size 1M",
        "sync photos --transfers 3",
        "sync photos --bwlimit=1M",
        "get 17 a.jpg --force",
        "list --retries 3",
        "get 17 a.jpg --json",
        "--json",
    ]));
}

#[test]
fn a_wrong_value_is_refused_with_what_was_expected() {
    insta::assert_snapshot!(all(&[
        "list -n -1",
        "list --limit many",
        "list --demo=abc",
        "list --demo=-1",
        "list --demo=2000000000",
        "list --columns name,colour",
        "list --sort size",
        "list --format xml",
        "list --timeout 0",
        "list --timeout -3",
        "list --max-attempts 0",
        "list --profile a/b",
        "summary --format csv",
        "albums --kind public",
        "albums --type pictures",
        "list ''",
        "list --name ''",
        "get 17",
        "get 17 ''",
        "login --agent ''",
        "man lost",
        "sync photos --jobs 0",
        "sync photos --jobs -2",
        "sync photos --jobs many",
        "sync photos --limit-rate fast",
        "sync photos --mirror --max-delete 200%",
        "sync photos --mirror --max-delete -1",
        "demo --port 70000",
        "demo --port some",
        "demo --files some",
        "completions tcsh",
    ]));
}

#[test]
fn options_that_exclude_each_other_are_both_named() {
    insta::assert_snapshot!(all(&[
        "list --asc --desc",
        "list --since 7d --sort taken",
        "list --resume t --state s",
        "get 17 a.jpg --overwrite --skip-existing",
        "login --token --account a",
        "login --user 17",
        "sync photos --max-delete 3",
    ]));
}
