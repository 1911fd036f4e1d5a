//! The architecture as a test: which module of a crate may import which other one.
//!
//! No two modules of a crate import each other, directly or through others; a folder's own module and
//! the modules in the folder count like any two. In `koodrive`, a module imports only from its own
//! floor and from the floors below it. `lib.rs`, `main.rs`, tests and [`BESIDE`] are exempt.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, mem,
    path::Path,
};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The floors of `koodrive`, from top to bottom.
const FLOORS: &str = "blocking client download albums paging calls auth wire telemetry input error checkpoint cursor";
/// Modules that see the whole crate.
const BESIDE: [&str; 4] = ["simulation", "fuzzing", "benching", "guide"];

/// Each module of a crate, with the modules that it imports from.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn read(source: &Path) -> Imports {
    let mut texts = BTreeMap::new();
    read_folder(source, "", &mut texts);
    resolved(&texts)
}

fn read_folder(folder: &Path, prefix: &str, texts: &mut BTreeMap<String, String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let module = format!("{prefix}{}", path.file_stem().unwrap().display());
        if BESIDE.contains(&module.as_str()) || module.ends_with("tests") {
            continue;
        } else if path.is_dir() {
            read_folder(&path, &format!("{module}::"), texts);
        } else if module != "lib" && module != "main" && path.extension() == Some("rs".as_ref()) {
            texts.insert(module, fs::read_to_string(path).unwrap());
        }
    }
}

fn resolved(texts: &BTreeMap<String, String>) -> Imports {
    let imports = |(module, text): (&String, &String)| {
        let mut paths = Vec::new();
        collect(text.parse().unwrap(), &[], &mut paths);
        let paths = paths.iter().filter(|path| path.len() > 1);
        let targets = paths.filter_map(|path| resolve(module, path, texts));
        (module.clone(), targets.filter(|target| target != module).collect())
    };
    texts.iter().map(imports).collect()
}

/// Collects the paths in `tokens`, except those of test items. In the braces of a `use`, each begins
/// with `prefix`.
fn collect(tokens: TokenStream, prefix: &[String], paths: &mut Vec<Vec<String>>) {
    let (mut path, mut colons) = (Vec::new(), String::new());
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ':') {
            colons.push(':');
            continue;
        }
        if mem::take(&mut colons) != "::" {
            paths.push(mem::take(&mut path));
        }
        match token {
            TokenTree::Group(group) if is_test(&group) => drop(tokens.find(ends_item)),
            TokenTree::Group(group) => collect(group.stream(), &mem::take(&mut path), paths),
            TokenTree::Ident(name) if name == "as" => drop(tokens.next()),
            TokenTree::Ident(name) if path.is_empty() => {
                path = [prefix, &[name.to_string()]].concat();
            }
            TokenTree::Ident(name) => path.push(name.to_string()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
    paths.push(path);
}

fn is_test(attribute: &Group) -> bool {
    let text = attribute.to_string().replace(' ', "");
    text.starts_with("[cfg(test)") || text.starts_with("[cfg(all(test")
}

fn ends_item(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        token => token.to_string() == ";",
    }
}

/// The module that `path` leads to from `module`: its longest part that is one, as the rest is an item.
fn resolve(module: &str, path: &[String], texts: &BTreeMap<String, String>) -> Option<String> {
    let mut place: Vec<&str> = module.split("::").collect();
    for segment in path {
        match segment.as_str() {
            "crate" => place.clear(),
            "super" => drop(place.pop()),
            "self" => {}
            name => place.push(name),
        }
    }
    let prefixes = (1..=place.len()).rev().map(|length| place[..length].join("::"));
    prefixes.into_iter().find(|name| texts.contains_key(name))
}

fn edges(imports: &Imports) -> impl Iterator<Item = (&str, &str)> {
    imports.iter().flat_map(|(from, targets)| targets.iter().map(move |to| (&**from, &**to)))
}

/// The imports that are part of a circle: what they import leads back to them.
fn circles(imports: &Imports) -> Vec<String> {
    let leads_back = |(from, to): &(&str, &str)| reached(to, imports).contains(from);
    edges(imports).filter(leads_back).map(|(from, to)| format!("{from} -> {to}")).collect()
}

fn reached<'a>(from: &'a str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        if seen.insert(module) {
            next.extend(imports[module].iter().map(String::as_str));
        }
    }
    seen
}

/// The imports that lead upwards, or to or from a module without a floor.
fn upwards(imports: &Imports) -> Vec<String> {
    let floor =
        |module: &str| FLOORS.split(' ').position(|name| module.split(':').next() == Some(name));
    let leads_down =
        |from: &str, to: &str| floor(from).zip(floor(to)).is_some_and(|(from, to)| from <= to);
    let wrong = edges(imports).filter(|(from, to)| !leads_down(from, to));
    wrong.map(|(from, to)| format!("{from} -> {to}")).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn no_two_modules_import_each_other() {
    let folders = [root().join("crates"), root().to_owned()];
    let crates = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    let sources =
        crates.map(|entry| entry.unwrap().path().join("src")).filter(|path| path.is_dir());
    let circles: Vec<_> = sources.flat_map(|source| circles(&read(&source))).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn modules_of_koodrive_import_only_from_their_own_floor_and_below() {
    let upwards = upwards(&read(&root().join("crates/koodrive/src")));
    assert!(upwards.is_empty(), "{upwards:#?}");
}

fn example(modules: &[(&str, &str)]) -> Imports {
    resolved(&modules.iter().map(|(name, text)| (name.to_string(), text.to_string())).collect())
}

#[test]
fn an_import_is_found_in_every_form() {
    let others = ["b", "b::c", "b::d", "a::e", "a::f"].map(|name| (name, ""));
    for (text, found) in [
        ("use crate::b::Item;", "b"),
        ("pub(crate) use super::b::c::{Item, Other as b};", "b::c"),
        ("use crate::{b::{c::Item, d}, Root};", "b::c b::d"),
        ("use e::Item; mod f;", "a::e"),
        ("fn f(b: B) -> crate::b::Item { self::f::run::<e::Item>(b) }", "a::e a::f b"),
        ("stream! { super::b::c::run().await }", "b::c"),
        ("// use crate::b;\n/// [`crate::b`]\nfn f() { \"crate::b\"; }", ""),
        (
            "#[cfg(test)] use crate::b::c::{d}; use crate::b::d; #[cfg(test)] mod t { use crate::b; }",
            "b::d",
        ),
    ] {
        let imports = example(&[&[("a", text)], &others[..]].concat());
        assert_eq!(Vec::from_iter(imports["a"].clone()).join(" "), found, "{text}");
    }
}

#[test]
fn a_circle_is_found_however_long() {
    let line = [("a", "use crate::b::B;"), ("b", "use crate::c::C;"), ("c", "")];
    assert_eq!(circles(&example(&line)), [""; 0]);
    let circle = [&line[..2], &[("c", "use crate::{a::A, d::D};"), ("d", "")]].concat();
    assert_eq!(circles(&example(&circle)), ["a -> b", "b -> c", "c -> a"]);
    let family = [("a", "mod b; use b::B;"), ("a::b", "use super::super::a::A;")];
    assert_eq!(circles(&example(&family)), ["a -> a::b", "a::b -> a"]);
}

#[test]
fn an_import_from_a_floor_above_is_found() {
    let imports = example(&[
        ("wire", "use crate::{error::Error, auth::token::Token, extra::Extra};"),
        ("auth::token", "use crate::wire::Wire;"),
        ("error", ""),
        ("extra", ""),
    ]);
    assert_eq!(upwards(&imports), ["wire -> auth::token", "wire -> extra"]);
}
