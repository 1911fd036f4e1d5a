//! Which of a user's albums is meant by an id or a name. Pure: the albums are a parameter.

use koodrive::Album;

use crate::{
    column::{Column as _, album::AlbumColumn},
    text::{composed, folded, sanitized},
};

/// How similar a name has to be to be suggested, from 0 to 1.
const SIMILAR: f64 = 0.8;
const MOST_SUGGESTIONS: usize = 3;

/// Whether this can only be an id. The service's ids have 19 digits.
pub(crate) fn is_certainly_id(words: &str) -> bool {
    (18..=20).contains(&words.len()) && words.bytes().all(|byte| byte.is_ascii_digit())
}

/// The album with this id, or else the only one with this name, or else the only one with this name in
/// other capitals.
///
/// # Errors
///
/// Why no album is meant. `command` lists them.
pub(crate) fn find<'a>(
    albums: &'a [Album],
    words: &str,
    command: &str,
) -> Result<&'a Album, String> {
    let named = |is_meant: &dyn Fn(&str) -> bool| -> Vec<&Album> {
        albums.iter().filter(|album| album.name().is_some_and(is_meant)).collect()
    };
    let (exact, loose) = (composed(words), folded(words));
    let tries = [
        albums.iter().filter(|album| album.id() == words).collect(),
        named(&|name| composed(name) == exact),
        named(&|name| folded(name) == loose),
    ];
    match tries.iter().map(Vec::as_slice).find(|found| !found.is_empty()) {
        Some([album]) => Ok(album),
        Some(several) => Err(ambiguous(words, several)),
        None => Err(unknown(words, &similar(albums, &loose), command)),
    }
}

fn ambiguous(name: &str, albums: &[&Album]) -> String {
    const COLUMNS: [AlbumColumn; 4] =
        [AlbumColumn::Id, AlbumColumn::Kind, AlbumColumn::Type, AlbumColumn::Name];
    let line = |album: &&Album| COLUMNS.map(|column| column.cell(album)).join("  ");
    let lines = albums.iter().map(line).collect::<Vec<_>>().join("\n  ");
    let (count, name) = (albums.len(), quoted(name));
    format!("{count} albums are named {name}; pass the id of one of them:\n  {lines}")
}

fn unknown(name: &str, similar: &[String], command: &str) -> String {
    let advice = match similar {
        [] => format!("`{command}` lists them"),
        similar => format!("similar: {}", similar.join(", ")),
    };
    format!("no album has the id or name {}; {advice}", quoted(name))
}

/// The names most like this one, the most similar first.
fn similar(albums: &[Album], loose: &str) -> Vec<String> {
    let mut names: Vec<_> = albums.iter().filter_map(Album::name).collect();
    names.sort_unstable();
    names.dedup();
    let scored = names.into_iter().map(|name| (strsim::jaro_winkler(&folded(name), loose), name));
    let mut similar: Vec<_> = scored.filter(|(score, _)| *score >= SIMILAR).collect();
    similar.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    similar.into_iter().take(MOST_SUGGESTIONS).map(|(_, name)| quoted(name)).collect()
}

/// A name in a message.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", sanitized(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn albums(named: &[(&str, &str)]) -> Vec<Album> {
        let json = |(id, name): &(&str, &str)| serde_json::json!({"id": id, "name": name, "albumKind": 2, "albumType": 1});
        named.iter().map(|named| serde_json::from_value(json(named)).unwrap()).collect()
    }

    #[test]
    fn an_id_wins_over_a_name_and_an_exact_name_over_other_capitals() {
        let albums = albums(&[("a1", "Sea"), ("a2", "SEA"), ("Sea", "Hills"), ("a4", "Été")]);
        for (words, id) in [
            ("a1", Some("a1")),
            ("Sea", Some("Sea")),
            ("SEA", Some("a2")),
            ("hills", Some("Sea")),
            ("E\u{301}te\u{301}", Some("a4")),
            ("e\u{301}TE\u{301}", Some("a4")),
            ("sea", None),
            ("Se", None),
            ("", None),
        ] {
            assert_eq!(find(&albums, words, "").ok().map(Album::id), id, "{words}");
        }
    }

    #[test]
    fn an_ambiguous_name_is_an_error_with_the_candidates() {
        let albums = albums(&[("a1", "Sea"), ("a2", "Sea"), ("a3", "sea")]);
        insta::assert_snapshot!(find(&albums, "Sea", "").unwrap_err(), @r"
        2 albums are named `Sea`; pass the id of one of them:
          a1  shared  collection  Sea
          a2  shared  collection  Sea
        ");
        let all = find(&albums, "SEA", "").unwrap_err();
        assert_eq!(all.lines().count(), 4);
    }

    #[test]
    fn an_unknown_name_is_an_error_with_similar_names() {
        let albums = albums(&[("a1", "Holidays"), ("a2", "Holiday \u{1b}[2J"), ("a3", "Work")]);
        insta::assert_snapshot!(find(&albums, "holidys", "").unwrap_err(), @"no album has the id or name `holidys`; similar: `Holidays`, `Holiday ␛[2J`");
        insta::assert_snapshot!(find(&albums, "x\u{1b}", "koodrive albums").unwrap_err(), @"no album has the id or name `x␛`; `koodrive albums` lists them");
    }

    #[test]
    fn only_a_number_as_long_as_an_id_is_certainly_one() {
        for (words, is_id) in [
            ("1795607640592646273", true),
            ("179560764059264627", true),
            ("2024", false),
            ("20240101", false),
            ("179560764059264627x", false),
            ("１７９５６０７６４０５９２６４６２７３", false),
            ("", false),
        ] {
            assert_eq!(is_certainly_id(words), is_id, "{words}");
        }
    }
}
