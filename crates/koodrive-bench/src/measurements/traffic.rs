//! What goes over the wire, counted by the server.

use anyhow::Result;

use crate::{
    consumer::Wishes,
    fixture::{FILES, Fixture},
    listers::Lister,
    listing::Listing,
    print::table::Table,
    runs::Runs,
};

pub async fn measure(runs: &Runs) -> Result<Table> {
    let wishes = Wishes { most: Some(10), ..Wishes::default() };
    let ten = Listing { wishes, ..runs.listing(Lister::Default, 1_000) };
    let ten = runs.counted(&ten).await?.1.requests;
    let thousand = runs.counted(&runs.listing(Lister::Lazy, 1_000)).await?.1.requests;
    let plain = runs.listing(Lister::Default, FILES as u64);
    let gzip = Listing { fixture: Fixture::Gzip, ..plain.clone() };
    let (plain, gzip) = (runs.counted(&plain).await?.1.bytes, runs.counted(&gzip).await?.1.bytes);
    let row = |name: &str, value| vec![name.to_owned(), value];
    Ok(Table {
        title: "Requests and bytes",
        name: String::new(),
        notes: "Of `koodrive`, counted by the server.",
        columns: &["", ""],
        rows: vec![
            row("requests for the first ten files of an album", ten.to_string()),
            row("requests for 1,000 files with `read_ahead(0)`", thousand.to_string()),
            row("bytes for 20,000 files", plain.to_string()),
            row(
                "the same if the server compresses",
                format!("{gzip} ({:.3})", gzip as f64 / plain as f64),
            ),
        ],
    })
}
