//! The page beside a copy: what is in it, what it may replace, and how other commands take it.

use std::{fs, path::Path};

use koodrive_testing::AlbumFile;
use serde_json::json;

use crate::support::{Run, Server, koodrive, read, run};

const ALBUM: &str = "1795607640592646401";

/// A copy of these files: path, type, time, and what else its manifest says about each.
fn copy(files: &[(&str, &str, Option<i64>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_manifest(folder.path(), files);
    folder
}

fn write_manifest(folder: &Path, files: &[(&str, &str, Option<i64>)]) {
    let mut lines = json!({"version": 1, "album": ALBUM}).to_string() + "\n";
    for (number, (path, kind, taken)) in files.iter().enumerate() {
        let line = json!({
            "id": format!("F{number}"),
            "path": path,
            "file": {"size": 2048, "modified": 0},
            "about": {"type": kind, "taken": taken, "favorite": number == 0},
        });
        lines += &(line.to_string() + "\n");
    }
    fs::create_dir_all(folder.join(".koodrive")).unwrap();
    fs::write(folder.join(".koodrive/manifest.ndjson"), lines).unwrap();
}

fn gallery(folder: &Path, arguments: &[&str]) -> Run {
    run(&mut koodrive(&[&["gallery", folder.to_str().unwrap()], arguments].concat()))
}

/// What is between these two texts, each time.
fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    let parts = text.split(start).skip(1);
    parts.map(|part| part.split_once(end).unwrap().0).collect()
}

#[test]
fn pictures_are_shown_by_month_with_escaped_names() {
    let folder = copy(&[
        (r#""><script>alert(1)</script>.jpg"#, "image", Some(1_746_057_600_000)),
        ("a#b?c%20' onerror='x.jpg", "image", Some(1_746_057_599_999)),
        ("gpj\u{202e}exe", "word", None),
        ("2025/a\nb 海 🌊.mp4", "video", Some(1_746_144_000_000)),
    ]);

    let run = gallery(folder.path(), &[]);

    let page = folder.path().join("index.html");
    assert_eq!((run.code, run.stdout), (Some(0), format!("{}\n", page.display())));
    assert_eq!(run.stderr, "wrote a page of 4 files\n");
    let html = read(&page);
    let main = between(&html, "<main>\n", "</main>")[0];
    insta::assert_snapshot!(main, @r#"
    <section><h2><time datetime="2025-05">May 2025</time></h2>
    <ul>
    <li class="video"><a href="2025/a%0Ab%20%E6%B5%B7%20%F0%9F%8C%8A.mp4" title="2025/a␊b 海 🌊.mp4" data-view="video" data-taken="2025-05-02 00:00"><span><bdi>2025/a␊b 海 🌊.mp4</bdi> <small>2.00 KiB</small></span></a></li>
    <li class="picture favorite"><a href="%22%3E%3Cscript%3Ealert%281%29%3C/script%3E.jpg" title="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;.jpg" data-view="picture" data-taken="2025-05-01 00:00"><img src="%22%3E%3Cscript%3Ealert%281%29%3C/script%3E.jpg" alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;.jpg" loading="lazy" decoding="async"><b role="img" aria-label="favourite">★</b></a></li>
    </ul></section>
    <section><h2><time datetime="2025-04">April 2025</time></h2>
    <ul>
    <li class="picture"><a href="a%23b%3Fc%2520%27%20onerror%3D%27x.jpg" title="a#b?c%20&#39; onerror=&#39;x.jpg" data-view="picture" data-taken="2025-04-30 23:59"><img src="a%23b%3Fc%2520%27%20onerror%3D%27x.jpg" alt="a#b?c%20&#39; onerror=&#39;x.jpg" loading="lazy" decoding="async"></a></li>
    </ul></section>
    <section><h2>Undated</h2>
    <ul>
    <li class="link"><a href="gpj%E2%80%AEexe" title="gpj�exe"><span><bdi>gpj�exe</bdi> <small>2.00 KiB</small></span></a></li>
    </ul></section>
    "#);
    assert!(html.contains("Favourites only"));
}

#[test]
fn a_synced_copy_shows_its_thumbnails_and_no_command_takes_the_page_for_a_stranger() {
    let file = |n| AlbumFile::new(format!("F{n}")).file_name(format!("{n}.jpg")).size(9_000);
    let server = Server::start(|builder| builder.album(ALBUM, (0..3).map(file)));
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_str().unwrap();
    let sync =
        || run(&mut server.koodrive(&["sync", ALBUM, directory, "--thumbnails", "--mirror"]));
    assert_eq!(sync().code, Some(0));

    assert_eq!(gallery(folder.path(), &[]).code, Some(0));
    assert_eq!(gallery(folder.path(), &["--output", "other.html"]).code, Some(0));

    let html = read(&folder.path().join("index.html"));
    let thumbnails = between(&html, "<img src=\"", "\" alt=\"");
    assert_eq!(thumbnails.len(), 3);
    for thumbnail in thumbnails {
        assert!(thumbnail.starts_with(".koodrive/thumbnails/"), "{thumbnail}");
        assert!(folder.path().join(thumbnail).exists(), "{thumbnail}");
    }
    assert_eq!(sync().stderr, "fetched 0 files, 0 B; 3 files kept\n");
    fs::write(folder.path().join("stranger.html"), "<html>").unwrap();
    let verified = run(&mut koodrive(&["verify", directory]));
    assert_eq!((verified.code, &*verified.stdout), (Some(0), "strange: stranger.html\n"));
}

#[test]
fn only_a_page_of_an_earlier_run_is_replaced() {
    let folder = copy(&[("sea.jpg", "image", None)]);
    let page = folder.path().join("index.html");
    assert_eq!(gallery(folder.path(), &[]).code, Some(0));
    write_manifest(folder.path(), &[("hills.jpg", "image", None)]);
    assert_eq!(gallery(folder.path(), &[]).code, Some(0));
    let html = read(&page);
    assert!(html.contains("hills.jpg") && !html.contains("sea.jpg"), "{html}");

    fs::write(&page, "mine").unwrap();
    let refused = gallery(folder.path(), &[]);
    assert_eq!((refused.code, read(&page)), (Some(1), "mine".to_owned()));
    assert!(
        refused.stderr.ends_with(
            "index.html is not a page of `koodrive gallery`, so it is left alone; move it, or name \
             another page: --output gallery.html\n"
        ),
        "{}",
        refused.stderr
    );
    assert_eq!(gallery(folder.path(), &["--output", "gallery.html"]).code, Some(0));

    fs::remove_file(&page).unwrap();
    fs::create_dir(&page).unwrap();
    assert_eq!(gallery(folder.path(), &[]).code, Some(1), "a folder");
}

/// Even if it looks like a page of ours, in whatever capitals.
#[test]
fn a_file_of_the_album_with_the_name_of_the_page_is_never_overwritten() {
    for name in ["index.html", "Index.HTML"] {
        let folder = copy(&[("sea.jpg", "image", None)]);
        gallery(folder.path(), &["--output", "page.html"]);
        let file = folder.path().join(name);
        fs::rename(folder.path().join("page.html"), &file).unwrap();
        let before = read(&file);
        write_manifest(folder.path(), &[(name, "other", None)]);

        let refused = gallery(folder.path(), &[]);

        assert_eq!((refused.code, read(&file)), (Some(1), before));
        assert_eq!(
            refused.stderr,
            "error: the album has a file named index.html; name the page otherwise, with --output \
             gallery.html\n"
        );
    }
}

/// The next sync gives the file another name.
#[test]
fn a_new_file_of_the_album_does_not_overwrite_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().to_str().unwrap();
    let file = |name: &str| {
        AlbumFile::new(name).file_name(name).media_type("text/html").content("the album's")
    };
    let sync = |names: &[&str]| {
        let files: Vec<_> = names.iter().map(|name| file(name)).collect();
        let server = Server::start(|builder| builder.album(ALBUM, files));
        run(&mut server.koodrive(&["sync", ALBUM, directory]))
    };
    sync(&["a.html"]);
    assert_eq!(gallery(folder.path(), &[]).code, Some(0));
    let before = read(&folder.path().join("index.html"));

    let second = sync(&["a.html", "index.html"]);

    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert_eq!(read(&folder.path().join("index.html")), before);
    assert_eq!(gallery(folder.path(), &[]).code, Some(0));
    let links = read(&folder.path().join("index.html"));
    assert!(between(&links, "href=\"", "\"").iter().any(|link| link.starts_with("index.")));
}

#[test]
fn a_page_that_cannot_be_written_leaves_the_old_one_and_nothing_else() {
    let folder = copy(&[("sea.jpg", "image", None)]);
    gallery(folder.path(), &[]);
    let names = || {
        let entries = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    };
    assert_eq!(names(), [".koodrive", "index.html"]);

    fs::write(folder.path().join(".koodrive/manifest.ndjson"), "{}\n").unwrap();
    let before = read(&folder.path().join("index.html"));
    assert_eq!(gallery(folder.path(), &[]).code, Some(1));
    assert_eq!((names().len(), read(&folder.path().join("index.html"))), (2, before));
}

#[test]
fn of_a_folder_of_copies_each_has_its_page_and_one_leads_to_them() {
    let folder = tempfile::tempdir().unwrap();
    for (name, album) in [("Sea & hills", "A1"), ("海", "A2")] {
        write_manifest(&folder.path().join(name), &[("a b.jpg", "image", None)]);
        let manifest = folder.path().join(name).join(".koodrive/manifest.ndjson");
        fs::write(&manifest, read(&manifest).replace(ALBUM, album)).unwrap();
    }

    let run = gallery(folder.path(), &[]);

    assert_eq!((run.code, &*run.stderr), (Some(0), "wrote a page of 2 albums, 2 files\n"));
    let html = read(&folder.path().join("index.html"));
    assert!(
        html.contains(
            r#"<li class="link"><a href="Sea%20%26%20hills/index.html" title="Sea &amp; hills"><img src="Sea%20%26%20hills/a%20b.jpg" alt="" loading="lazy" decoding="async"><span><bdi>Sea &amp; hills</bdi> <small>1 file</small></span></a></li>"#
        ),
        "{html}"
    );
    let album = read(&folder.path().join("海/index.html"));
    assert!(album.contains("<title>海</title>") && album.contains("a%20b.jpg"), "{album}");
}

#[test]
fn what_is_no_copy_has_no_page_and_a_wrong_name_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = gallery(folder.path(), &[]);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stderr.contains("holds no copy of an album; `koodrive sync ALBUM"),
        "{}",
        refused.stderr
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    for name in ["../page.html", "page", ".page.html", "a\\b.html", ""] {
        assert_eq!(gallery(folder.path(), &["--output", name]).code, Some(2), "{name}");
    }
}
