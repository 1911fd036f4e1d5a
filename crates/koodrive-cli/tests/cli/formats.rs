//! The demo album in each format.

use serde_json::Value;

use crate::support::stdout;

#[test]
fn a_table_has_aligned_columns() {
    insta::assert_snapshot!(stdout(&["list", "--demo", "--format", "table", "--limit", "12"]));
    let columns = ["list", "--demo", "-f", "table", "-n", "4", "-c", "name,size,favorite,edited"];
    insta::assert_snapshot!("table_of_other_columns", stdout(&columns));
}

#[test]
fn csv_has_a_header_and_unchanged_values() {
    let csv = stdout(&["list", "--demo", "--format", "csv", "--limit", "8"]);
    insta::assert_snapshot!(csv);
    let ids = stdout(&["list", "--demo", "--format", "csv", "--limit", "8", "--columns", "id"]);
    assert_eq!(ids.lines().count(), 9);
    assert!(ids.starts_with("id\n"), "{ids}");
}

#[test]
fn ndjson_is_the_services_own_objects_one_per_line() {
    let lines = stdout(&["list", "--demo=250", "--format", "ndjson"]);
    assert_eq!(lines.lines().count(), 250);
    let first: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    insta::assert_json_snapshot!(first);
}

#[test]
fn json_is_one_array_of_the_same_objects() {
    let lines = stdout(&["list", "--demo=250", "--format", "ndjson"]);
    let array = stdout(&["list", "--demo=250", "--format", "json"]);
    let items: Vec<Value> = serde_json::from_str(&array).unwrap();
    let objects = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert_eq!(items, objects.collect::<Vec<_>>());
    assert_eq!(array, format!("[\n{}\n]\n", lines.trim_end().replace('\n', "\n,")));
}

#[test]
fn columns_select_and_order_keys_in_json() {
    let json = stdout(&["list", "--demo", "-f", "json", "-n", "3", "-c", "size,name,taken"]);
    insta::assert_snapshot!(json);
}

#[test]
fn an_empty_album_is_a_complete_document_in_each_format() {
    for (format, document) in [
        ("json", "[\n]\n"),
        ("ndjson", ""),
        ("csv", "id,name\n"),
        ("table", "ID                                    NAME\n"),
    ] {
        let columns = ["list", "--demo=0", "--format", format, "--columns", "id,name"];
        assert_eq!(stdout(&columns), document, "{format}");
        let limited = ["list", "--demo", "-n", "0", "--format", format, "--columns", "id,name"];
        assert_eq!(stdout(&limited), document, "{format}");
    }
}

#[test]
fn tables_and_csv_contain_urls_only_on_request() {
    for format in ["table", "csv"] {
        assert!(!stdout(&["list", "--demo", "--format", format]).contains("https://"), "{format}");
        let with_url = ["list", "--demo", "--format", format, "--columns", "url", "--limit", "1"];
        assert!(stdout(&with_url).contains("https://"), "{format}");
    }
}
