//! Reads the OpenAPI document, reports where it is wrong, and prepares it for the generator.
//!
//! The document is written for people and other tools as well. What progenitor cannot handle stays
//! in the document and is removed here, each with its reason.

use anyhow::{Context as _, Result, bail, ensure};
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr, Response, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads and checks `text`; an error names the place in the document.
pub(crate) fn read(text: &str) -> Result<Value> {
    let document: Value = serde_saphyr::from_str(text)?;
    check_nodes(&document, &document, "")?;
    check_parts(&document)?;
    serde_saphyr::from_str::<OpenAPI>(text)?;
    Ok(document)
}

/// Removes what the generator cannot handle.
pub(crate) fn prepare(mut document: Value) -> Result<OpenAPI> {
    remove_error_responses(&mut document);
    remove_required_of_errors(&mut document);
    remove_keywords(&mut document);
    Ok(serde_json::from_value(document)?)
}

/// The generator panics on two typed responses of different schemas. Its client also loses the status
/// and headers of a typed error whose body does not match its schema (an HTML 503, an empty 429).
/// An undeclared response arrives whole, as `Error::UnexpectedResponse`.
fn remove_error_responses(document: &mut Value) {
    for (_, item) in entries_mut(document, "/paths") {
        for (_, operation) in entries_mut(item, "") {
            if let Some(Value::Object(responses)) = operation.get_mut("responses") {
                responses.retain(|status, _| status.starts_with('2'));
            }
        }
    }
}

/// The client reads an error body in whichever form fits, even one without a code. A `required`
/// property would make that a decoding error.
fn remove_required_of_errors(document: &mut Value) {
    let errors =
        document.pointer("/components/responses").map(Value::to_string).unwrap_or_default();
    for (name, schema) in entries_mut(document, "/components/schemas") {
        if let Value::Object(schema) = schema
            && errors.contains(&format!("/schemas/{name}\""))
        {
            schema.remove("required");
        }
    }
}

/// Keywords that would change the generated types:
///
/// - `pattern`, `minLength` and `maxLength` turn each string into a type of its own, and `pattern`
///   adds a regular expression engine to the client.
/// - `nullable` on a named object wraps the type in another one. Every property of a response is
///   optional, so its Rust type is an `Option` anyway, and that accepts null.
const KEYWORDS: [&str; 4] = ["maxLength", "minLength", "nullable", "pattern"];

fn remove_keywords(node: &mut Value) {
    match node {
        Value::Object(map) => {
            // A property may have the name of a keyword, and is then an object.
            map.retain(|key, value| value.is_object() || !KEYWORDS.contains(&key.as_str()));
            map.values_mut().for_each(remove_keywords);
        }
        Value::Array(list) => list.iter_mut().for_each(remove_keywords),
        _ => {}
    }
}

/// Every `$ref` has a target and every schema `type` exists: otherwise the generator panics.
fn check_nodes(document: &Value, node: &Value, place: &str) -> Result<()> {
    match node {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                ensure!(found.is_some(), "at {place}: `$ref` to {target}, which does not exist");
            }
            for (key, child) in map.iter().filter(|(key, _)| !is_example(key)) {
                check_nodes(document, child, &format!("{place}/{}", escape(key)))?;
            }
            Ok(())
        }
        Value::Array(list) => list.iter().enumerate().try_for_each(|(index, child)| {
            check_nodes(document, child, &format!("{place}/{index}"))
        }),
        Value::String(kind) if place.ends_with("/type") && is_schema(place) => {
            let known = ["array", "boolean", "integer", "number", "object", "string"];
            ensure!(known.contains(&kind.as_str()), "at {place}: unknown type: {kind}");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Examples are data: a `$ref` or `type` in them has no meaning here.
fn is_example(key: &str) -> bool {
    matches!(key, "example" | "examples")
}

/// A security scheme also has a `type`. A property may be called `type`, and is then an object.
fn is_schema(place: &str) -> bool {
    !place.starts_with("/components/securitySchemes/")
}

/// The other keys of a path apply to all its operations.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Parses the parts one by one, because an error in the whole document names only their path.
fn check_parts(document: &Value) -> Result<()> {
    for (path, item) in entries(document, "/paths") {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let place = format!("/paths/{}/{method}", escape(path));
            for (index, _) in list(operation, "parameters") {
                check_part::<Parameter>(document, &format!("{place}/parameters/{index}"))?;
            }
            for (status, _) in entries(operation, "/responses") {
                check_part::<Response>(document, &format!("{place}/responses/{status}"))?;
            }
            if METHODS.contains(&method.as_str()) {
                serde_json::from_value::<Operation>(operation.clone())
                    .with_context(|| format!("at {place}"))?;
            }
        }
    }
    check_components::<Parameter>(document, "parameters")?;
    check_components::<Response>(document, "responses")?;
    check_components::<Schema>(document, "schemas")?;
    Ok(())
}

fn check_components<T: DeserializeOwned>(document: &Value, kind: &str) -> Result<()> {
    let place = format!("/components/{kind}");
    entries(document, &place)
        .try_for_each(|(name, _)| check_part::<T>(document, &format!("{place}/{}", escape(name))))
}

fn check_part<T: DeserializeOwned>(document: &Value, place: &str) -> Result<()> {
    let Some(part) = document.pointer(place) else {
        bail!("at {place}: not found");
    };
    serde_json::from_value::<ReferenceOr<T>>(part.clone())
        .map(drop)
        .with_context(|| format!("at {place}"))
}

fn entries<'a>(node: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    node.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn entries_mut<'a>(
    node: &'a mut Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    node.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flatten()
}

fn list<'a>(node: &'a Value, key: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    node.get(key).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// RFC 6901: a `/` inside a token of a JSON pointer.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const GOOD: &str = include_str!("../../openapi/koodrive.yaml");

    fn error_after(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "the document no longer has {from:?}");
        format!("{:#}", read(&GOOD.replacen(from, to, 1)).unwrap_err())
    }

    #[test]
    fn an_error_in_the_document_is_reported_with_its_place() {
        for (from, to, place, what) in [
            (
                "name: X-User-Id\n      in: header",
                "name: X-User-Id",
                "/components/parameters/X-User-Id",
                "`in`",
            ),
            ("type: boolean", "type: bolean", "/recycled/type", "unknown type: bolean"),
            (
                "/schemas/AlbumContent\"",
                "/schemas/Nothing\"",
                "/AlbumContentList/items",
                "does not exist",
            ),
            ("operationId: listAlbumFiles", "operationId: [a]", "~1list/get", "expected a string"),
            ("paths:", "paths: :", "line ", "<input>"),
        ] {
            let error = error_after(from, to);
            assert!(error.contains(place), "{error}");
            assert!(error.contains(what), "{error}");
        }
    }

    #[test]
    fn a_path_may_have_a_summary() {
        let path = "/list:\n";
        let with_summary = GOOD.replacen(path, &format!("{path}    summary: Files\n"), 1);
        assert_ne!(with_summary, GOOD);
        read(&with_summary).unwrap();
    }

    #[test]
    fn the_generator_gets_no_error_response() {
        let document = prepare(read(GOOD).unwrap()).unwrap();
        let operations: Vec<_> = document.operations().collect();
        assert_eq!(operations.len(), 5);
        for (path, method, operation) in operations {
            let responses = &operation.responses;
            assert!(responses.default.is_none(), "{method} {path}");
            assert_eq!(responses.responses.len(), 1, "{method} {path}");
        }
    }

    #[test]
    fn the_generator_gets_no_keyword_that_it_cannot_handle() {
        let prepared = serde_json::to_string(&prepare(read(GOOD).unwrap()).unwrap()).unwrap();
        for keyword in KEYWORDS {
            assert!(
                GOOD.contains(&format!(" {keyword}: ")),
                "the document no longer has {keyword}"
            );
            assert!(!prepared.contains(&format!("\"{keyword}\":")), "{keyword}");
        }
    }

    #[test]
    fn a_property_may_have_the_name_of_a_keyword() {
        let mut schema = json!({ "properties": { "pattern": { "pattern": "^a$" } } });
        remove_keywords(&mut schema);
        assert_eq!(schema, json!({ "properties": { "pattern": {} } }));
    }

    #[test]
    fn only_error_schemas_lose_what_they_require() {
        let mut document = read(GOOD).unwrap();
        remove_required_of_errors(&mut document);
        let schemas = &document["components"]["schemas"];
        for error in ["ErrorEnvelope", "GatewayError", "NestedError"] {
            assert!(schemas[error].get("required").is_none(), "{error}");
        }
        assert_eq!(schemas["RefreshTokenRequest"]["required"], json!(["refreshToken"]));
    }
}
