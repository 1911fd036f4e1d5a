//! The page as HTML: the only place that writes any. What it shows is decided elsewhere.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

use super::escaping::{Escaped, url};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

pub(super) struct Page {
    pub(super) title: String,
    /// How much it shows.
    pub(super) summary: String,
    pub(super) sections: Vec<Section>,
}

pub(super) struct Section {
    pub(super) heading: String,
    /// `2025-05`
    pub(super) month: Option<String>,
    pub(super) tiles: Vec<Tile>,
}

#[derive(Default)]
pub(super) struct Tile {
    pub(super) name: String,
    /// What else is said about it where its name is shown.
    pub(super) detail: String,
    /// Where it leads. Paths are relative to the page, with `/` between their parts.
    pub(super) target: String,
    pub(super) thumbnail: Option<String>,
    /// How it opens in the page. `None` for a link that leads away from it.
    pub(super) view: Option<View>,
    pub(super) taken: Option<String>,
    pub(super) is_favorite: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    Picture,
    Video,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            include_str!("page.html"),
            version = env!("CARGO_PKG_VERSION"),
            policy = policy(),
            style = STYLE,
            script = SCRIPT,
            title = Escaped(&self.title),
            summary = Escaped(&self.summary),
            filter = if self.has_favorites() { FILTER } else { "" },
            sections = Each(&self.sections),
        )
    }
}

impl Page {
    fn has_favorites(&self) -> bool {
        self.sections.iter().flat_map(|section| &section.tiles).any(|tile| tile.is_favorite)
    }
}

const FILTER: &str = r#"<label><input type="checkbox" id="favorites"> Favourites only</label>"#;

/// Nothing runs but our script, and nothing is loaded but pictures and videos beside the page. Browsers do not
/// agree on whether `'self'` means anything in a page that is a file itself: hence `file:`.
fn policy() -> String {
    format!(
        "default-src 'none'; img-src 'self' file:; media-src 'self' file:; style-src {}; script-src {}; \
         base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// One after another, a line each.
struct Each<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for Each<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|item| writeln!(f, "{item}"))
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = Escaped(&self.heading);
        let heading = match &self.month {
            Some(month) => format!(r#"<time datetime="{}">{heading}</time>"#, Escaped(month)),
            None => heading.to_string(),
        };
        write!(f, "<section><h2>{heading}</h2>\n<ul>\n{}</ul></section>", Each(&self.tiles))
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (class, view) = match self.view {
            Some(View::Picture) => ("picture", r#" data-view="picture""#),
            Some(View::Video) => ("video", r#" data-view="video""#),
            None => ("link", ""),
        };
        let favorite = if self.is_favorite { " favorite" } else { "" };
        let (target, name) = (url(&self.target), Escaped(&self.name));
        write!(f, r#"<li class="{class}{favorite}"><a href="{target}" title="{name}"{view}"#)?;
        if let Some(taken) = &self.taken {
            write!(f, r#" data-taken="{}""#, Escaped(taken))?;
        }
        f.write_str(">")?;
        self.fmt_content(f)?;
        f.write_str("</a></li>")
    }
}

impl Tile {
    /// A picture speaks for itself; all else has its name below.
    fn fmt_content(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, is_picture) = (Escaped(&self.name), self.view == Some(View::Picture));
        if let Some(thumbnail) = &self.thumbnail {
            let thumbnail = url(thumbnail);
            let alt: &dyn fmt::Display = if is_picture { &name } else { &"" };
            write!(f, r#"<img src="{thumbnail}" alt="{alt}" loading="lazy" decoding="async">"#)?;
        }
        if !is_picture {
            write!(f, "<span><bdi>{name}</bdi> <small>{}</small></span>", Escaped(&self.detail))?;
        }
        if self.is_favorite {
            f.write_str(r#"<b role="img" aria-label="favourite">★</b>"#)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 5] = [
        r#""><script>alert(1)</script>.jpg"#,
        "' onerror='alert(1)",
        "</title><svg/onload=alert(1)>",
        "evil\u{202e}gpj.exe",
        "a\nb{script}",
    ];

    fn page(view: Option<View>) -> Page {
        let tile = |name: &str| Tile {
            name: name.to_owned(),
            detail: name.to_owned(),
            target: name.to_owned(),
            thumbnail: Some(name.to_owned()),
            view,
            taken: Some(name.to_owned()),
            is_favorite: true,
        };
        let section = |name: &&str| Section {
            heading: (*name).to_owned(),
            month: None,
            tiles: vec![tile(name), Tile { thumbnail: None, ..tile(name) }],
        };
        let text = HOSTILE.concat();
        let sections = HOSTILE.iter().map(section).collect();
        Page { title: text.clone(), summary: text, sections }
    }

    /// The tags of the page, without what is in quotes.
    fn tags(html: &str) -> Vec<String> {
        let html = html.replacen(STYLE, "", 1).replacen(SCRIPT, "", 1);
        let (mut tags, mut tag, mut is_quoted) = (Vec::new(), None::<String>, false);
        for char in html.chars() {
            match (&mut tag, char) {
                (None, '<') => tag = Some(String::new()),
                (Some(_), '"') => is_quoted = !is_quoted,
                (Some(_), '>') if !is_quoted => tags.extend(tag.take()),
                (Some(tag), char) if !is_quoted => tag.push(char),
                _ => {}
            }
        }
        tags
    }

    #[test]
    fn no_text_becomes_a_tag_or_an_attribute() {
        for view in [None, Some(View::Picture), Some(View::Video)] {
            let (hostile, mut harmless) = (page(view), page(view));
            harmless.title = "sea".to_owned();
            harmless.summary = "sea".to_owned();
            for section in &mut harmless.sections {
                section.heading = "sea".to_owned();
                for tile in &mut section.tiles {
                    let thumbnail = tile.thumbnail.as_ref().map(|_| "sea".to_owned());
                    let sea = || "sea".to_owned();
                    *tile = Tile {
                        name: sea(),
                        detail: sea(),
                        target: sea(),
                        thumbnail,
                        view,
                        taken: Some(sea()),
                        is_favorite: true,
                    };
                }
            }
            let html = hostile.to_string();
            assert_eq!(tags(&html), tags(&harmless.to_string()));
            assert!(!html.contains('\u{202e}'));
        }
    }

    #[test]
    fn the_policy_allows_the_style_and_the_script_and_nothing_else_from_elsewhere() {
        let html = page(None).to_string();
        assert!(html.contains(&format!("<style>{STYLE}</style>")));
        assert!(html.contains(&format!("<script>{SCRIPT}</script>")));
        assert!(html.contains(&format!("content=\"{}\"", policy())));
        assert!(!html.contains("http:") && !html.contains("https:"), "{html}");
        // Line ends are part of what is hashed, and browsers read all of them as \n.
        assert!(!STYLE.contains('\r') && !SCRIPT.contains('\r'));
    }
}
