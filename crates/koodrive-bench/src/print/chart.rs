//! A bar chart as SVG.

use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 270.0;
const BAR: f64 = 22.0;

pub struct Bar {
    pub label: String,
    pub value: f64,
    pub is_ours: bool,
}

pub fn svg(title: &str, bars: &[Bar]) -> String {
    let height = 60.0 + BAR * 1.4 * bars.len() as f64;
    let most = bars.iter().map(|bar| bar.value).fold(1.0, f64::max);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" \
         font-family=\"sans-serif\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-weight=\"bold\">{title}</text>\n"
    );
    for (place, bar) in bars.iter().enumerate() {
        let top = 44.0 + BAR * 1.4 * place as f64;
        draw(&mut svg, top, bar, (WIDTH - LEFT - 70.0) / most);
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, top: f64, Bar { label, value, is_ours }: &Bar, scale: f64) {
    let colour = if *is_ours { "#c7000b" } else { "#8a8f99" };
    let (width, base) = (value * scale, top + 16.0);
    let _ = writeln!(
        svg,
        "<text x=\"{:.0}\" y=\"{base:.0}\" text-anchor=\"end\">{label}</text>\n\
         <rect x=\"{LEFT}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{colour}\"/>\n\
         <text x=\"{:.1}\" y=\"{base:.0}\">{value:.0}</text>",
        LEFT - 8.0,
        LEFT + width + 6.0,
    );
}
