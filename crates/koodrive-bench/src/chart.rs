//! The bar chart: wall time per page.

use std::fmt::Write as _;

use crate::{figures::Results, mode::Mode};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 270.0;
const BAR: f64 = 22.0;

/// A short name without Markdown.
fn label(mode: Mode) -> &'static str {
    match mode {
        Mode::HandWritten => "hand-written loop",
        Mode::Bare => "koodrive-api, naive stream",
        Mode::Aws => "AWS paginator",
        Mode::Azure => "Azure paginator",
        Mode::Google => "Google paginator",
        Mode::Lazy => "koodrive, read_ahead(0)",
        Mode::Default => "koodrive",
        Mode::Eager => "koodrive, read_ahead(100)",
        Mode::Unordered => "koodrive, unordered()",
    }
}

pub fn svg(results: &Results) -> String {
    let rows = || results.rows.iter().filter(|(_, figures)| figures.even > 0.0);
    let height = 60.0 + BAR * 1.4 * rows().count() as f64;
    let most = rows().map(|(_, figures)| figures.even).fold(1.0, f64::max);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-weight=\"bold\">Milliseconds per page, with 50 ms latency and \
         50 ms work (lower is better)</text>\n"
    );
    for (place, (mode, figures)) in rows().enumerate() {
        let top = 44.0 + BAR * 1.4 * place as f64;
        bar(&mut svg, top, *mode, figures.even, (WIDTH - LEFT - 70.0) / most);
    }
    svg + "</svg>\n"
}

fn bar(svg: &mut String, top: f64, mode: Mode, value: f64, scale: f64) {
    let is_ours = matches!(mode, Mode::Lazy | Mode::Default | Mode::Eager | Mode::Unordered);
    let colour = if is_ours { "#c7000b" } else { "#8a8f99" };
    let (width, base) = (value * scale, top + 16.0);
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{base:.0}\" text-anchor=\"end\">{}</text>\n\
         <rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\n\
         <text x=\"{:.1}\" y=\"{base:.0}\">{value:.0}</text>",
        LEFT - 8.0,
        label(mode),
        LEFT + width + 6.0,
    );
}
