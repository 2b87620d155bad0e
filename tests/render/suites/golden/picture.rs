//! Pictures as one sees them, opaque on their background, and how much two of them differ.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;

use rusty_audio_render_tests::Image;

/// Red, green and blue from the upper left.
#[derive(Clone, PartialEq)]
pub struct Picture {
    /// In pixels.
    pub width: usize,
    /// Row by row.
    pub pixels: Vec<[u8; 3]>,
}

/// How much two pictures differ, in steps of 255.
#[derive(Clone, Copy, Debug)]
pub struct Difference {
    /// The greatest of all parts' differences.
    pub greatest: u8,
    /// Their mean.
    pub mean: f64,
}

impl Picture {
    /// What was drawn, on its background.
    pub fn on(background: [u8; 3], image: &Image) -> Self {
        let over = |pixel: &[u8; 4]| {
            let through = 255 - u32::from(pixel[3]);
            [0, 1, 2].map(|part| {
                let below = (u32::from(background[part]) * through + 127) / 255;
                u8::try_from(u32::from(pixel[part]) + below).unwrap_or(u8::MAX)
            })
        };
        Self { width: image.width.into(), pixels: image.pixels.iter().map(over).collect() }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Self {
        let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = png::Decoder::new(BufReader::new(file)).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(
            (info.color_type, info.bit_depth),
            (png::ColorType::Rgb, png::BitDepth::Eight),
            "{}",
            path.display()
        );
        Self { width: info.width as usize, pixels: bytes.as_chunks().0.to_vec() }
    }

    /// Writes a file.
    pub fn write(&self, path: &Path) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let [width, height] = [self.width, self.height()].map(|side| u32::try_from(side).unwrap());
        let mut encoder = png::Encoder::new(BufWriter::new(File::create(path).unwrap()), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::High);
        encoder.write_header().unwrap().write_image_data(self.pixels.as_flattened()).unwrap();
    }

    /// In pixels.
    pub fn height(&self) -> usize {
        self.pixels.len() / self.width
    }

    /// Each part's difference from another picture's.
    ///
    /// # Panics
    /// Unless both have the same size.
    pub fn minus(&self, other: &Self) -> Self {
        assert_eq!((self.width, self.height()), (other.width, other.height()), "pictures of the same size");
        let pixels = self.pixels.iter().zip(&other.pixels);
        let minus = |(pixel, other): (&[u8; 3], &[u8; 3])| [0, 1, 2].map(|part| pixel[part].abs_diff(other[part]));
        Self { width: self.width, pixels: pixels.map(minus).collect() }
    }

    /// How much it differs from another one of the same size.
    pub fn difference(&self, other: &Self) -> Difference {
        let difference = self.minus(other).pixels;
        let parts = difference.as_flattened();
        Difference {
            greatest: parts.iter().copied().max().unwrap_or_default(),
            mean: parts.iter().map(|part| f64::from(*part)).sum::<f64>() / parts.len() as f64,
        }
    }

    /// The same so many pixels further right and down; what comes in from the edges is as the edges are.
    pub fn moved(&self, right: isize, down: isize) -> Self {
        let from = |place: usize, by: isize, length: usize| place.saturating_add_signed(-by).min(length - 1);
        let (width, height) = (self.width, self.height());
        let pixel =
            |place: usize| self.pixels[from(place / width, down, height) * width + from(place % width, right, width)];
        Self { width, pixels: (0..self.pixels.len()).map(pixel).collect() }
    }
}

impl Difference {
    /// Whether it is no more than a limit in either respect.
    pub fn is_within(self, limit: Self) -> bool {
        self.greatest <= limit.greatest && self.mean <= limit.mean
    }
}
