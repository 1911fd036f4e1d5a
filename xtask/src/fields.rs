//! The schema that the document marks with `x-packed` → the table of its fields.
//!
//! The low-level client holds such an object as packed text, with one set of rules for all its fields. The
//! table is what those rules need to know: each field's name and kind, in the document's order.

use std::borrow::Borrow;

use anyhow::{Context as _, Result, bail};
use openapiv3::{OpenAPI, ReferenceOr, Schema, SchemaKind, Type};

use quote::{format_ident, quote};
use syn::Ident;

/// The schema's name, which is also that of the type that replaces it.
pub(crate) fn packed_schema(document: &OpenAPI) -> Result<(&str, &Schema)> {
    let schemas = document.components.iter().flat_map(|components| &components.schemas);
    let mut packed = schemas.filter_map(|(name, schema)| {
        let schema = schema.as_item()?;
        is_marked(schema, "x-packed").then_some((name.as_str(), schema))
    });
    match (packed.next(), packed.next()) {
        (Some(schema), None) => Ok(schema),
        _ => bail!("exactly one schema can be marked `x-packed: true`"),
    }
}

pub(crate) fn table(document: &OpenAPI) -> Result<syn::File> {
    let (schema, SchemaKind::Type(Type::Object(object))) =
        packed_schema(document).map(|(name, schema)| (name, &schema.schema_kind))?
    else {
        bail!("a schema marked `x-packed` is not an object");
    };
    let mut columns = Columns::default();
    for (name, property) in &object.properties {
        let place = || format!("at /components/schemas/{schema}/properties/{name}");
        columns.add(document, name, property).with_context(place)?;
    }
    columns.code(schema)
}

/// One entry a property.
#[derive(Default)]
struct Columns {
    variants: Vec<Ident>,
    names: Vec<String>,
    kinds: Vec<Ident>,
    docs: Vec<String>,
}

impl Columns {
    fn add<S: Borrow<Schema>>(
        &mut self,
        document: &OpenAPI,
        name: &str,
        property: &ReferenceOr<S>,
    ) -> Result<()> {
        let property = resolve(document, property)?;
        let doc = property.schema_data.description.as_deref().unwrap_or(name);
        self.variants.push(format_ident!("{}", pascal_case(name)));
        self.names.push(name.to_owned());
        self.kinds.push(format_ident!("{}", kind(document, property)?));
        self.docs.push(doc.to_owned());
        Ok(())
    }

    fn code(self, schema: &str) -> Result<syn::File> {
        let Self { variants, names, kinds, docs } = self;
        let count = variants.len();
        let doc = format!("A property of the schema `{schema}`, in the document's order.");
        Ok(syn::parse2(quote! {
            /// How the value of a property is read, kept and written.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub(crate) enum Kind { Text, Url, Ids, Number, Flag }

            #[doc = #doc]
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum Field { #(#[doc = #docs] #variants,)* }

            impl Field {
                /// All properties.
                pub const ALL: [Self; #count] = [#(Self::#variants),*];

                /// The property's name in JSON.
                pub const fn name(self) -> &'static str {
                    match self { #(Self::#variants => #names,)* }
                }

                pub(crate) fn from_name(name: &str) -> Option<Self> {
                    match name { #(#names => Some(Self::#variants),)* _ => None }
                }

                pub(crate) const fn kind(self) -> Kind {
                    match self { #(Self::#variants => Kind::#kinds,)* }
                }
            }
        })?)
    }
}

/// A variant of the generated `Kind`.
fn kind(document: &OpenAPI, property: &Schema) -> Result<&'static str> {
    match &property.schema_kind {
        SchemaKind::Type(Type::String(_)) if is_marked(property, "x-presigned") => Ok("Url"),
        SchemaKind::Type(Type::String(_)) => Ok("Text"),
        SchemaKind::Type(Type::Integer(_)) => Ok("Number"),
        SchemaKind::Type(Type::Boolean(_)) => Ok("Flag"),
        SchemaKind::Type(Type::Array(array)) => match &array.items {
            Some(item) if kind(document, resolve(document, item)?)? == "Text" => Ok("Ids"),
            _ => bail!("only a list of strings can be packed"),
        },
        // The way of OpenAPI 3.0 to describe a reference.
        SchemaKind::AllOf { all_of } if all_of.len() == 1 => match all_of.first() {
            Some(only) => kind(document, resolve(document, only)?),
            None => bail!("an empty `allOf`"),
        },
        _ => bail!("only a string, an integer, a boolean or a list of strings can be packed"),
    }
}

fn resolve<'a, S: Borrow<Schema>>(
    document: &'a OpenAPI,
    schema: &'a ReferenceOr<S>,
) -> Result<&'a Schema> {
    match schema {
        ReferenceOr::Item(schema) => Ok(schema.borrow()),
        ReferenceOr::Reference { reference } => {
            let name = reference.strip_prefix("#/components/schemas/");
            let components = document.components.as_ref();
            let found = name.and_then(|name| components?.schemas.get(name)?.as_item());
            found.with_context(|| format!("{reference} is not a schema"))
        }
    }
}

fn is_marked(schema: &Schema, marker: &str) -> bool {
    schema.schema_data.extensions.get(marker).is_some_and(|value| value == true)
}

fn pascal_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../openapi/koodrive.yaml");

    fn table_after(from: &str, to: &str) -> Result<String> {
        assert!(DOCUMENT.contains(from), "the document no longer has {from:?}");
        let document = serde_saphyr::from_str(&DOCUMENT.replacen(from, to, 1))?;
        Ok(prettyplease::unparse(&table(&document)?))
    }

    #[test]
    fn the_table_covers_every_property_of_the_schema() {
        let document: OpenAPI = serde_saphyr::from_str(DOCUMENT).unwrap();
        let (name, schema) = packed_schema(&document).unwrap();
        let SchemaKind::Type(Type::Object(object)) = &schema.schema_kind else { panic!("{name}") };
        let table = table_after("", "").unwrap();
        assert_eq!(name, "AlbumContent");
        assert!(!object.properties.is_empty());
        for property in object.properties.keys() {
            let variant = pascal_case(property);
            for line in [
                format!("Self::{variant} => \"{property}\""),
                format!("\"{property}\" => Some(Self::{variant})"),
                format!("Self::{variant} => Kind::"),
            ] {
                assert!(table.contains(&line), "no {line}");
            }
        }
    }

    #[test]
    fn a_new_property_of_each_kind_is_in_the_table() {
        for (schema, kind) in [
            ("{ type: string }", "Text"),
            ("{ type: string, x-presigned: true }", "Url"),
            ("{ type: integer }", "Number"),
            ("{ type: boolean }", "Flag"),
            ("{ type: array, items: { type: string } }", "Ids"),
            ("{ $ref: \"#/components/schemas/IdList\" }", "Ids"),
        ] {
            let to = format!("        coverOf: {schema}\n        takeTime:");
            let table = table_after("        takeTime:", &to).unwrap();
            assert!(table.contains(&format!("Self::CoverOf => Kind::{kind}")), "{table}");
        }
    }

    #[test]
    fn a_schema_that_cannot_be_packed_is_reported_with_its_place() {
        let property = |schema: &str| {
            table_after("        takeTime:", &format!("        new: {schema}\n        takeTime:"))
        };
        for (table, what) in [
            (property("{ type: number }"), "properties/new: only a string"),
            (property("{ type: object }"), "properties/new: only a string"),
            (property("{ type: array, items: { type: integer } }"), "only a list of strings"),
            (property("{ type: array }"), "only a list of strings"),
            (property("{ $ref: \"#/paths\" }"), "#/paths is not a schema"),
            (table_after("x-packed: true", "x-packed: false"), "exactly one schema"),
        ] {
            let error = format!("{:#}", table.unwrap_err());
            assert!(error.contains(what), "{error}");
        }
    }
}
