//! Summaries of albums.

use serde_json::Value;

use crate::support::stdout;

#[test]
fn a_summary_is_a_page_with_bars() {
    insta::assert_snapshot!(stdout(&["summary", "--demo"]));
}

#[test]
fn a_summary_in_json_matches_the_listing() {
    let summary: Value =
        serde_json::from_str(&stdout(&["summary", "--demo", "--format", "json"])).unwrap();
    let lines = stdout(&["list", "--demo", "--format", "ndjson"]);
    let files: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let size = |file: &Value| file["size"].as_u64().unwrap();

    assert_eq!(summary["files"], files.len());
    assert_eq!(summary["bytes"], files.iter().map(size).sum::<u64>());
    let images = files.iter().filter(|file| file["fileType"] == "15").count();
    assert_eq!(summary["types"]["image"]["files"], images);
    let in_march = |file: &&Value| file["takeTime"].as_str().unwrap_or("").starts_with("2021-03");
    assert_eq!(summary["months"]["2021-03"]["files"], files.iter().filter(in_march).count());
    let mut sizes: Vec<u64> = files.iter().map(size).collect();
    sizes.sort_unstable_by(|one, other| other.cmp(one));
    let largest: Vec<u64> = summary["largest"].as_array().unwrap().iter().map(size).collect();
    assert_eq!(largest, sizes[..10]);
}

#[test]
fn an_empty_album_has_a_summary_too() {
    insta::assert_snapshot!(stdout(&["summary", "--demo=0"]), @r"
    Album 1795607640592646273
      0 files, 0 B
    ");
}
