//! Help, completions, manual pages, and the page on metadata.

use std::fs;

use serde_json::Value;

use crate::support::{koodrive, run, stdout};

#[test]
fn help_documents_arguments_accounts_and_exit_codes() {
    for (arguments, name) in [
        (&["--help"] as &[_], "help"),
        (&["list", "--help"], "help_list"),
        (&["albums", "--help"], "help_albums"),
        (&["get", "--help"], "help_get"),
        (&["sync", "--help"], "help_sync"),
        (&["verify", "--help"], "help_verify"),
        (&["gallery", "--help"], "help_gallery"),
        (&["login", "--help"], "help_login"),
        (&["logout", "--help"], "help_logout"),
        (&["doctor", "--help"], "help_doctor"),
        (&["summary", "--help"], "help_summary"),
        (&["demo", "--help"], "help_demo"),
        (&["completions", "--help"], "help_completions"),
        (&["man", "--help"], "help_man"),
    ] {
        insta::assert_snapshot!(name, stdout(arguments));
    }
}

#[test]
fn completions_are_generated_for_each_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(&["completions", shell]);
        assert!(script.contains("koodrive") && script.contains("columns"), "{shell}");
    }
}

#[test]
fn manual_pages_are_generated_for_the_command_and_its_subcommands() {
    assert!(stdout(&["man"]).contains(".TH koodrive 1"));
    let list = stdout(&["man", "list"]);
    assert!(list.contains("koodrive\\-list") && list.contains("\\-\\-resume"), "{list}");
    let unfilled = list.split_once(".SH EXTRA\n.nf\n.in 0\nExamples:\n").unwrap().1;
    let (text, after) = unfilled.split_once("\n.fi\n.in\n.SH VERSION\n").unwrap();
    assert!(text.contains("Stopping and resuming:\n") && after.starts_with('v'), "{list}");
    let missing = run(&mut koodrive(&["man", "lost"]));
    assert_eq!(missing.code, Some(2));
    insta::assert_snapshot!(missing.stderr, @"error: unrecognized subcommand `lost`; `koodrive help` lists them");
}

#[test]
fn the_page_on_metadata_names_each_field_of_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().to_str().unwrap();
    let sync = ["sync", "--demo=2", "Demo album", copy, "--thumbnails", "--sidecars"];
    assert_eq!(run(&mut koodrive(&sync)).code, Some(0));

    let manifest = fs::read_to_string(folder.path().join(".koodrive/manifest.ndjson")).unwrap();
    let line: Value = serde_json::from_str(manifest.lines().last().unwrap()).unwrap();
    let page = include_str!("../../METADATA.md");
    let names = line.as_object().unwrap().iter().flat_map(|(name, value)| match value {
        Value::Object(parts) if name != "thumbnail" => {
            parts.keys().map(|part| format!("{name}.{part}")).collect()
        }
        _ => vec![name.clone()],
    });
    let names: Vec<String> = names.collect();
    assert!(names.len() >= 10, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
