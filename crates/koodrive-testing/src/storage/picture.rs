//! Pictures: a landscape for every seed, with a sky, a sun and three hills, as a JPEG or PNG.
//!
//! Only the basic operations of floating-point arithmetic are used, so that every machine draws the same.

use jpeg_encoder::Encoder as JpegEncoder;

/// How a picture is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Jpeg,
    Png,
}

impl Format {
    /// The format of a media type, if pictures of this type are drawn.
    pub(crate) fn of(media_type: &str) -> Option<Self> {
        match media_type {
            "image/jpeg" => Some(Self::Jpeg),
            "image/png" => Some(Self::Png),
            _ => None,
        }
    }

    /// The format of a thumbnail: a JPEG unless the original is a PNG.
    pub(crate) fn of_thumbnail(media_type: &str) -> Self {
        Self::of(media_type).unwrap_or(Self::Jpeg)
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// The picture of a seed. `longest` is the length of its longer side in pixels.
pub(crate) fn draw(seed: u64, longest: u16, format: Format) -> Vec<u8> {
    let scene = Scene::new(seed);
    let shorter = (longest / 4).saturating_mul(3);
    let (width, height) = if scene.is_upright { (shorter, longest) } else { (longest, shorter) };
    let pixels = scene.pixels(width, height);
    let mut encoded = Vec::new();
    // Encoding cannot fail: the sizes agree, and a vector takes everything.
    let _encoded = match format {
        Format::Jpeg => JpegEncoder::new(&mut encoded, 85)
            .encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb)
            .is_ok(),
        Format::Png => encode_png(&mut encoded, &pixels, width, height).is_ok(),
    };
    encoded
}

fn encode_png(
    encoded: &mut Vec<u8>,
    pixels: &[u8],
    width: u16,
    height: u16,
) -> Result<(), png::EncodingError> {
    let mut encoder = png::Encoder::new(encoded, width.into(), height.into());
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header()?.write_image_data(pixels)
}

type Colour = [f32; 3];

/// What is in a picture, in fractions of its width and height.
struct Scene {
    is_upright: bool,
    sky: [Colour; 2],
    sun: Colour,
    sun_at: [f32; 2],
    sun_radius: f32,
    /// From the farthest to the nearest.
    hills: [Hill; 3],
}

struct Hill {
    colour: Colour,
    top: f32,
    swing: f32,
    waves: f32,
    phase: f32,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut between = |low: f32, high: f32| low + (high - low) * rng.f32();
        let (sky, land) = (between(0.0, 1.0), between(0.0, 1.0));
        let hills = [0.0, 1.0, 2.0].map(|near: f32| Hill {
            colour: hue(land + 0.04 * near, 0.62 - 0.2 * near),
            top: between(0.5, 0.6) + 0.14 * near,
            swing: between(0.03, 0.09),
            waves: between(0.6, 2.0),
            phase: between(0.0, 1.0),
        });
        Self {
            is_upright: between(0.0, 1.0) < 0.25,
            sky: [hue(sky, 0.75), hue(sky + between(0.05, 0.2), 1.0)],
            sun: hue(between(0.08, 0.16), 1.1),
            sun_at: [between(0.15, 0.85), between(0.12, 0.45)],
            sun_radius: between(0.05, 0.12),
            hills,
        }
    }

    /// Whole numbers decide about each pixel, because pictures are also drawn in debug builds.
    fn pixels(&self, width: u16, height: u16) -> Vec<u8> {
        let columns: Vec<[u16; 3]> =
            (0..width).map(|x| self.hill_tops(f32::from(x) / f32::from(width), height)).collect();
        let [far, middle, near] = self.hills.each_ref().map(|hill| bytes(hill.colour));
        let sun = bytes(self.sun);
        let mut pixels =
            Vec::with_capacity(usize::from(width).saturating_mul(height.into()).saturating_mul(3));
        for y in 0..height {
            let sky = bytes(mixed(self.sky, f32::from(y) / f32::from(height)));
            let (sun_from, sun_to) = self.sun_in_row(y, width, height);
            for (x, [far_top, middle_top, near_top]) in (0..).zip(&columns) {
                let colour = if y >= *near_top {
                    &near
                } else if y >= *middle_top {
                    &middle
                } else if y >= *far_top {
                    &far
                } else if sun_from <= x && x < sun_to {
                    &sun
                } else {
                    &sky
                };
                pixels.extend_from_slice(colour);
            }
        }
        pixels
    }

    /// The first row of each hill.
    fn hill_tops(&self, x: f32, height: u16) -> [u16; 3] {
        self.hills.each_ref().map(|hill| {
            let top = hill.top + hill.swing * wave(x * hill.waves + hill.phase);
            (top * f32::from(height)) as u16
        })
    }

    /// The pixels of a row that the sun covers.
    fn sun_in_row(&self, y: u16, width: u16, height: u16) -> (u16, u16) {
        let [x, middle] = self.sun_at;
        let (wide, radius) = (f32::from(width), self.sun_radius * f32::from(width));
        let away = f32::from(y) - middle * f32::from(height);
        // Not a number above and below the sun, and then neither limit is above zero.
        let half = (radius * radius - away * away).sqrt();
        ((x * wide - half) as u16, (x * wide + half) as u16)
    }
}

/// A wave of length 1 between -1 and 1, made of parabolas.
fn wave(at: f32) -> f32 {
    let at = at - at.floor();
    if at < 0.5 { 16.0 * at * (0.5 - at) } else { 16.0 * (at - 0.5) * (at - 1.0) }
}

/// A soft colour of the colour wheel.
fn hue(turns: f32, brightness: f32) -> Colour {
    [0.0, 1.0 / 3.0, 2.0 / 3.0].map(|offset| brightness * (0.66 + 0.26 * wave(turns + offset)))
}

fn mixed([from, to]: [Colour; 2], share: f32) -> Colour {
    let [a, b, c] = from;
    let [x, y, z] = to;
    [a + (x - a) * share, b + (y - b) * share, c + (z - c) * share]
}

/// `as` saturates.
fn bytes(colour: Colour) -> [u8; 3] {
    colour.map(|part| (part * 255.0) as u8)
}
