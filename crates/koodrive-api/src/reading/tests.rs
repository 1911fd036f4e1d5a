//! Reading, comparing, printing and writing files, beside what `serde_json::Value` makes of the same JSON.

use std::fmt::Write as _;

use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};

use super::*;
use crate::AlbumContentList;

/// An id above 2^53.
const NUMBER: u64 = 1_765_263_620_687_613_825;

fn read(json: &str) -> Option<AlbumContent> {
    serde_json::from_str(json).ok()
}

fn written(file: &AlbumContent) -> Value {
    serde_json::to_value(file).unwrap()
}

fn of_kind(kind: Kind) -> impl Iterator<Item = Field> {
    Field::ALL.into_iter().filter(move |field| field.kind() == kind)
}

/// A value of the kind that the field has.
fn usual(field: Field) -> Value {
    let name = field.name();
    match field.kind() {
        Kind::Text => format!("a {name}").into(),
        Kind::Url => format!("https://obs.example/{name}?X-Amz-Signature=s3cr3t").into(),
        Kind::Ids => json!([format!("first {name}"), format!("second {name}")]),
        Kind::Number => json!(64_492),
        Kind::Flag => true.into(),
    }
}

fn whole() -> Map<String, Value> {
    Field::ALL.into_iter().map(|field| (field.name().to_owned(), usual(field))).collect()
}

fn text(object: &Map<String, Value>) -> String {
    serde_json::to_string(object).unwrap()
}

/// The rules once more, over a `Value`: what is written for a field with this value, or `None` for an error.
fn expected(field: Field, value: &Value) -> Option<Value> {
    let scalar = match value {
        Value::Null if field == Field::Id => return None,
        Value::Null => return Some(Value::Null),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().filter(|it| it.abs() < 2_f64.powi(53))?;
            if field == Field::Id { None } else { Some(number.to_string()) }?
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(_) if field == Field::Id => return None,
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) if field.kind() == Kind::Ids && items.len() <= 100 => {
            return items.iter().map(expected_id).collect();
        }
        Value::Array(_) | Value::Object(_) => return None,
    };
    match (field.kind(), scalar.as_str()) {
        (Kind::Ids, _) => None,
        (Kind::Text, "") if field == Field::Id => None,
        (Kind::Text | Kind::Url, _) => Some(scalar.into()),
        (Kind::Number | Kind::Flag, "") => Some(Value::Null),
        (Kind::Number, digits) => digits.parse::<u64>().ok().map(Value::from),
        (Kind::Flag, "true" | "1") => Some(true.into()),
        (Kind::Flag, "false" | "0") => Some(false.into()),
        (Kind::Flag, _) => None,
    }
}

fn expected_id(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) if !number.is_f64() => Some(number.to_string().into()),
        _ => None,
    }
}

fn expected_file(object: &Map<String, Value>) -> Option<Value> {
    object.get("id")?;
    let fields =
        Field::ALL.into_iter().filter_map(|field| Some((field, object.get(field.name())?)));
    let values =
        fields.map(|(field, value)| Some((field.name().to_owned(), expected(field, value)?)));
    let mut object = values.collect::<Option<Map<_, _>>>()?;
    object.retain(|_, value| !value.is_null());
    Some(object.into())
}

#[test]
fn every_field_is_read_compared_and_written_in_the_order_of_the_document() {
    let mut json = String::new();
    for field in Field::ALL {
        let _ = write!(
            json,
            "{}\"{}\":{}",
            if json.is_empty() { "{" } else { "," },
            field.name(),
            usual(field)
        );
    }
    json.push('}');
    let file = read(&json).unwrap();

    assert_eq!(serde_json::to_string(&file).unwrap(), json);
    for field in Field::ALL {
        assert_eq!(Field::from_name(field.name()), Some(field));
        let mut changed = whole();
        changed.insert(
            field.name().to_owned(),
            json!(if field.kind() == Kind::Ids { json!([]) } else { json!("0") }),
        );
        let changed = read(&text(&changed)).unwrap();
        assert!(changed != file && changed == changed.clone(), "{field:?}");
    }
}

#[test]
fn fields_are_equal_in_whatever_form_and_order_they_came() {
    let file = read(r#"{"id":"1","size":7,"recycled":true,"fileName":"a"}"#);
    let other = read(
        r#"{"fileName":"\u0061","recycled":"1","size":"07","new":[{}],"takeTime":null,"id":1}"#,
    );
    assert!(file.is_some());
    assert_eq!(file, other);
    assert_ne!(file, read(r#"{"id":"1","size":7,"recycled":true,"fileName":""}"#));
    assert_ne!(file, read(r#"{"id":"1","size":7,"recycled":true}"#));
}

#[test]
fn numbers_strings_and_booleans_are_read_in_each_others_place_where_the_meaning_is_plain() {
    let values = [
        json!(0),
        json!(1),
        json!(-1),
        json!(15),
        json!(NUMBER),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1.5),
        json!(64_492.0),
        json!(1e23),
        json!(true),
        json!(false),
        json!(null),
        json!(""),
        json!("0"),
        json!("1"),
        json!("-1"),
        json!("64492"),
        json!(" 1"),
        json!("true"),
        json!("yes"),
        json!("18446744073709551616"),
        json!("https://a.example/?b&c=照"),
        json!("https://a.example/\n"),
        json!([]),
        json!(["a", 1]),
        json!([null]),
        json!([true]),
        json!([["a"]]),
        json!([1.5]),
        json!(vec!["x"; 100]),
        json!(vec!["x"; 101]),
        json!({}),
        json!({ "a": 1 }),
    ];
    for field in Field::ALL {
        for value in &values {
            let mut object = Map::from_iter([("id".to_owned(), "1".into())]);
            object.insert(field.name().to_owned(), value.clone());
            let file = read(&text(&object));
            assert_eq!(file.as_ref().map(written), expected_file(&object), "{object:?}");
        }
    }
}

#[test]
fn a_file_without_an_id_or_a_list_in_its_place_is_an_error() {
    for json in [
        "{}",
        "null",
        "1",
        "\"a\"",
        r#"{"fileName":"a"}"#,
        r#"["1"]"#,
        "[]",
        r#"{"id":null}"#,
        r#"{"id":""}"#,
    ] {
        assert!(read(json).is_none(), "{json}");
    }
}

#[test]
fn of_a_repeated_field_the_last_value_counts() {
    for field in Field::ALL {
        for last in [usual(field), json!(null), json!("0"), json!(1)] {
            let json = format!(
                r#"{{"id":"1","{0}":{1},"fileName":"x","{0}":{last}}}"#,
                field.name(),
                usual(field)
            );
            let object: Map<String, Value> = serde_json::from_str(&json).unwrap();
            assert_eq!(read(&json).as_ref().map(written), expected_file(&object), "{json}");
        }
    }
    let all = text(&whole());
    let doubled = format!("{},{}", all.trim_end_matches('}'), all.trim_start_matches('{'));
    assert_eq!(read(&doubled), read(&all));
}

#[test]
fn escapes_and_long_characters_at_every_border_of_a_span_are_kept() {
    let edges =
        ["", "\0", "é", "照", "\u{10ffff}", "\"", "\\", "/", "\n", "\u{1f600}", "3:abc", ":", "a"];
    for first in edges {
        for second in edges {
            let both = format!("{first}{second}");
            let object = json!({ "id": format!("1{first}"), "ownerId": second, "fileName": both,
                "containers": [first, second, both], "contentUrl": second, "parentFolder": [second] });
            let plain = object.to_string();
            let escaped: String = plain
                .chars()
                .map(|it| if it.is_ascii() { it.into() } else { escape(it) })
                .collect();
            for json in [plain, escaped] {
                let file = read(&json).unwrap();
                assert_eq!(written(&file), object, "{json}");
                let ids: Vec<_> = file.ids(Field::Containers).collect();
                assert_eq!(ids, [first, second, &both]);
            }
        }
    }
}

fn escape(character: char) -> String {
    character
        .encode_utf16(&mut [0; 2])
        .iter()
        .fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}"))
}

#[test]
fn lone_surrogates_are_an_error_where_they_are_read() {
    for lone in [r"\ud800", r"\udc00", r"a\ud800b", r"\ud800\ud800", r"\udc00\ud800"] {
        for field in Field::ALL.into_iter().filter(|field| field.kind() == Kind::Text) {
            assert!(
                read(&format!(r#"{{"id":"1","{}":"{lone}"}}"#, field.name())).is_none(),
                "{lone}"
            );
        }
        assert!(read(&format!(r#"{{"id":"1","containers":["{lone}"]}}"#)).is_none());
        assert!(read(&format!(r#"{{"id":"1","new":"{lone}"}}"#)).is_some());
    }
}

#[test]
fn what_is_no_json_is_an_error_in_a_url_too() {
    let file = |url: &str| format!("{{\"id\":\"1\",\"contentUrl\":\"{url}\"}}");
    let good = read(&file(r"\u0026a\/")).unwrap();
    assert_eq!(good.text(Field::ContentUrl), Some("&a/"));
    for text in ["a\nb", r"\ud800", "\\u0026\n", r"\x", r"\u00", "\0"] {
        assert!(read(&file(text)).is_none(), "{text:?}");
        assert!(read_list(&file(text)).is_none(), "{text:?}");
    }
}

#[test]
fn an_odd_url_is_read_file_by_file_alone() {
    for url in ["17", "true", r#""https://a.example/\n""#] {
        let file = format!(r#"{{"id":"1","contentUrl":{url}}}"#);
        assert!(read(&file).is_some() && read_list(&file).is_none(), "{url}");
    }
}

fn read_list(file: &str) -> Option<AlbumContentList> {
    serde_json::from_str(&format!("[{file}]")).ok()
}

#[test]
fn a_name_of_a_mebibyte_is_kept() {
    let name = "照\n".repeat(1 << 18);
    let file = read(&json!({ "id": "1", "fileName": name, "ownerId": "2" }).to_string()).unwrap();
    assert_eq!((file.text(Field::FileName), file.text(Field::OwnerId)), (Some(&*name), Some("2")));
}

#[test]
fn a_list_of_ten_thousand_files_is_read() {
    let files: Vec<_> = (0..10_000).map(|id| json!({ "id": id, "size": id })).collect();
    let list: AlbumContentList = serde_json::from_value(files.into()).unwrap();
    for (id, file) in list.as_slice().iter().enumerate() {
        assert_eq!(file.text(Field::Id), Some(&*id.to_string()));
        assert_eq!(file.number(Field::Size), u64::try_from(id).ok());
    }
    assert!(
        serde_json::from_value::<AlbumContentList>(vec![json!({ "id": 1 }); 10_001].into())
            .is_err()
    );
}

#[test]
fn a_copy_without_fields_holds_nothing_of_them() {
    let file = read(&text(&whole())).unwrap();
    let urls: Vec<_> = of_kind(Kind::Url).collect();

    let copy = file.without(&urls);

    let mut rest = whole();
    rest.retain(|name, _| Field::from_name(name).unwrap().kind() != Kind::Url);
    assert_eq!(written(&copy), Value::from(rest));
    assert_eq!(file.without(&[]), file);
    assert_eq!(file.without(&[Field::Id]).text(Field::Id), None);
}

#[test]
fn debug_shows_every_field_but_only_the_hosts_of_urls() {
    let file = read(&text(&whole())).unwrap();
    let shown = format!("{file:?}");
    for field in of_kind(Kind::Url) {
        assert!(
            shown.contains(&format!(
                "{}: PresignedUrl(https://obs.example/[redacted])",
                field.name()
            ))
        );
    }
    for field in of_kind(Kind::Text) {
        assert!(shown.contains(&format!("{0}: \"a {0}\"", field.name())), "{shown}");
    }
    assert!(shown.contains(r#"containers: ["first containers", "second containers"]"#), "{shown}");
    assert!(shown.contains("size: 64") && shown.contains("recycled: true"), "{shown}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

/// JSON of any type, rather often one that fits somewhere.
fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "(true|false|[0-9]{0,21})".prop_map(Value::from),
    ];
    prop_oneof![
        9 => scalar.clone(),
        1 => vec(scalar.clone(), 0..4).prop_map(Value::from),
        1 => vec(any::<String>(), 0..102).prop_map(Value::from),
        1 => vec(("[a-z]*", scalar), 0..3).prop_map(|entries| Value::Object(entries.into_iter().collect())),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => (0..Field::ALL.len()).prop_map(|index| Field::ALL[index].name().to_owned()),
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn a_file_is_what_a_json_value_says(entries in vec((name(), value()), 0..12)) {
        let members: Vec<_> = entries.iter().map(|(name, value)| format!("{}:{value}", json!(name))).collect();
        let json = format!(r#"{{"id":"1",{}"id":"2"}}"#, members.iter().map(|it| format!("{it},")).collect::<String>());
        let object: Map<String, Value> = serde_json::from_str(&json).unwrap();

        let file = read(&json);

        // An earlier value of a repeated field may be an error, too.
        let every = entries.iter().all(|(name, value)| {
            Field::from_name(name).is_none_or(|field| field == Field::Id && value.is_null() || expected(field, value).is_some())
        });
        let expected = expected_file(&object).filter(|_| every);
        prop_assert_eq!(file.as_ref().map(written), expected);
        let from_value = serde_json::from_value::<AlbumContent>(object.into()).ok();
        prop_assert!(file.is_none() || from_value == file);
    }

    #[test]
    fn what_is_written_reads_back_equal(name in any::<String>(), ids in vec(any::<String>(), 0..5), size in any::<u64>()) {
        let object = json!({ "id": "1", "fileName": name, "containers": ids, "size": size });
        let file = read(&object.to_string()).unwrap();
        prop_assert_eq!(written(&file), object);
        prop_assert_eq!(read(&serde_json::to_string(&file).unwrap()), Some(file));
    }
}
