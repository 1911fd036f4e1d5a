//! Reads the OpenAPI document, says where it is wrong, and prepares it for the generator.
//!
//! The document is written for people and for other tools as well; what progenitor cannot take is
//! left out here, each with its reason, and never in the document itself.

use anyhow::{Context as _, Result, bail, ensure};
use openapiv3::{OpenAPI, Operation, Parameter, ReferenceOr, Response, Schema, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads `text`; an error names the place in the document.
pub(crate) fn read(text: &str) -> Result<OpenAPI> {
    let document: Value = serde_saphyr::from_str(text)?;
    check_nodes(&document, &document, "")?;
    check_parts(&document)?;
    Ok(serde_saphyr::from_str(text)?)
}

/// Leaves out what the generator cannot take.
pub(crate) fn prepare(mut document: OpenAPI) -> OpenAPI {
    for item in document.paths.paths.values_mut() {
        if let ReferenceOr::Item(item) = item {
            [&mut item.get, &mut item.post, &mut item.put, &mut item.delete, &mut item.patch]
                .into_iter()
                .flatten()
                .for_each(leave_out_error_responses);
        }
    }
    document
}

/// Two typed responses of different schemas panic the generator, and a typed error whose body is
/// not of its schema (an HTML 503, an empty 429) loses its status and headers. Undeclared, the same
/// reply arrives whole, as `Error::UnexpectedResponse`.
fn leave_out_error_responses(operation: &mut Operation) {
    let responses = &mut operation.responses;
    responses.default = None;
    responses.responses.retain(|status, _| matches!(status, StatusCode::Code(200..=299)));
}

/// Every `$ref` leads somewhere and every schema `type` exists: the generator panics on either.
fn check_nodes(document: &Value, node: &Value, place: &str) -> Result<()> {
    match node {
        Value::Object(map) => {
            if let Some(Value::String(target)) = map.get("$ref") {
                let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
                ensure!(found.is_some(), "at {place}: `$ref` to {target}, which is not there");
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
            ensure!(known.contains(&kind.as_str()), "at {place}: no such type: {kind}");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Examples are somebody else's data; a `$ref` or `type` in them means nothing here.
fn is_example(key: &str) -> bool {
    matches!(key, "example" | "examples")
}

/// A security scheme has a `type` too; a property may be called `type`, and is then an object.
fn is_schema(place: &str) -> bool {
    !place.starts_with("/components/securitySchemes/")
}

/// What else a path has is for all of them.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Tries the parts one by one, because an error in the whole names only the path they are under.
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
        bail!("at {place}: nothing there");
    };
    serde_json::from_value::<ReferenceOr<T>>(part.clone())
        .map(drop)
        .with_context(|| format!("at {place}"))
}

fn entries<'a>(node: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    node.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn list<'a>(node: &'a Value, key: &str) -> impl Iterator<Item = (usize, &'a Value)> {
    node.get(key).and_then(Value::as_array).into_iter().flatten().enumerate()
}

/// RFC 6901: a `/` within a JSON pointer's token.
fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = include_str!("../../openapi/koodrive.yaml");

    fn complaint(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "the document no longer has {from:?}");
        format!("{:#}", read(&GOOD.replacen(from, to, 1)).unwrap_err())
    }

    #[test]
    fn a_mistake_in_the_document_is_named_with_its_place() {
        for (from, to, place, what) in [
            (
                "name: X-User-Id\n      in: header",
                "name: X-User-Id",
                "/components/parameters/X-User-Id",
                "`in`",
            ),
            ("type: boolean", "type: bolean", "/recycled/type", "no such type: bolean"),
            (
                "/schemas/AlbumContent\"",
                "/schemas/Nothing\"",
                "/AlbumContentList/items",
                "not there",
            ),
            ("operationId: listAlbumFiles", "operationId: [a]", "~1list/get", "expected a string"),
            ("paths:", "paths: :", "line ", "<input>"),
        ] {
            let complaint = complaint(from, to);
            assert!(complaint.contains(place), "{complaint}");
            assert!(complaint.contains(what), "{complaint}");
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
    fn the_generator_is_handed_no_error_response() {
        let document = prepare(read(GOOD).unwrap());
        let operations: Vec<_> = document.operations().collect();
        assert_eq!(operations.len(), 2);
        for (path, method, operation) in operations {
            let responses = &operation.responses;
            assert!(responses.default.is_none(), "{method} {path}");
            assert_eq!(responses.responses.len(), 1, "{method} {path}");
        }
    }
}
