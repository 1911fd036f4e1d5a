//! Help, completions and manual pages.

use crate::support::{koodrive, run, stdout};

#[test]
fn help_says_what_can_be_asked_where_accounts_come_from_and_what_exit_codes_mean() {
    for (arguments, name) in [
        (&["--help"] as &[_], "help"),
        (&["list", "--help"], "help_list"),
        (&["summary", "--help"], "help_summary"),
        (&["demo", "--help"], "help_demo"),
    ] {
        insta::assert_snapshot!(name, stdout(arguments));
    }
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&["completions", shell]);
        assert!(script.contains("koodrive") && script.contains("columns"), "{shell}");
    }
}

#[test]
fn manual_pages_are_made_for_the_whole_and_for_each_subcommand() {
    assert!(stdout(&["man"]).contains(".TH koodrive 1"));
    let list = stdout(&["man", "list"]);
    assert!(list.contains("koodrive\\-list") && list.contains("\\-\\-resume"), "{list}");
    let missing = run(&mut koodrive(&["man", "lost"]));
    assert_eq!(missing.code, Some(2));
    insta::assert_snapshot!(missing.stderr, @"error: there is no subcommand `lost`");
}
