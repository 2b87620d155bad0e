//! One object of JavaScript becomes the picture's settings.

use js_sys::{Float32Array, Object, Reflect};
use rusty_audio_render::ballistics::Ballistics;
use rusty_audio_render::scale::Scale;
use rusty_audio_render::settings::{Channels, Colors, Kind, Settings};
use rusty_audio_render::weighting::Weighting;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r"
/** All that a picture is told. Colours are red, green, blue and alpha from 0 to 1, sRGB, not premultiplied. */
export interface RenderSettings {
  view: 'bars' | 'line' | 'area' | 'spectrogram' | 'oscilloscope' | 'goniometer';
  /** Two channels stand one above the other; a goniometer always takes both. */
  channels: 'mono' | 'left-right' | 'mid-side';
  fftSize: number;
  sampleRate: number;
  /** Samples of the transform's window; 256 will do. */
  windowShape: Float32Array;
  scale: 'logarithmic' | 'linear' | 'mel' | 'bark';
  minimumFrequency: number;
  maximumFrequency: number;
  bandsPerOctave: number;
  weighting: 'none' | 'A' | 'C';
  minimumDecibels: number;
  maximumDecibels: number;
  attackSeconds: number;
  releaseSeconds: number;
  peaks: boolean;
  holdSeconds: number;
  fallDecibelsPerSecond: number;
  /** Of the spectrogram, each as wide as a CSS pixel. */
  columnsPerSecond: number;
  /** Width of the oscilloscope. */
  shownSeconds: number;
  /** Pixels of the device. */
  width: number;
  height: number;
  /** Pixels of the device for each CSS pixel. */
  pixelRatio: number;
  colors: { low: number[]; high: number[]; peak: number[]; line: number[] };
}
";

#[wasm_bindgen]
extern "C" {
    /// The object as the page gives it.
    #[wasm_bindgen(typescript_type = "RenderSettings")]
    pub type RenderSettings;
}

/// Reads and checks.
///
/// # Errors
/// A sentence on the first setting that is missing or out of its range.
pub fn read(object: &JsValue) -> Result<Settings, String> {
    let colors = member(object, "colors");
    let settings = Settings {
        kind: one_of(
            object,
            "view",
            &[
                ("bars", Kind::Bars),
                ("line", Kind::Line),
                ("area", Kind::Area),
                ("spectrogram", Kind::Spectrogram),
                ("oscilloscope", Kind::Oscilloscope),
                ("goniometer", Kind::Goniometer),
            ],
        )?,
        channels: one_of(
            object,
            "channels",
            &[("mono", Channels::Mono), ("left-right", Channels::LeftRight), ("mid-side", Channels::MidSide)],
        )?,
        fft_size: whole(object, "fftSize"),
        sample_rate: number(object, "sampleRate"),
        window: floats(&member(object, "windowShape")).map(|samples| samples.to_vec()).unwrap_or_default(),
        scale: one_of(
            object,
            "scale",
            &[
                ("logarithmic", Scale::Logarithmic),
                ("linear", Scale::Linear),
                ("mel", Scale::Mel),
                ("bark", Scale::Bark),
            ],
        )?,
        minimum_hz: number(object, "minimumFrequency"),
        maximum_hz: number(object, "maximumFrequency"),
        bands_per_octave: whole(object, "bandsPerOctave").try_into().unwrap_or_default(),
        weighting: one_of(object, "weighting", &[("none", Weighting::None), ("A", Weighting::A), ("C", Weighting::C)])?,
        minimum_db: number(object, "minimumDecibels"),
        maximum_db: number(object, "maximumDecibels"),
        ballistics: Ballistics {
            attack_s: number(object, "attackSeconds"),
            release_s: number(object, "releaseSeconds"),
            hold_s: number(object, "holdSeconds"),
            fall_db_per_s: number(object, "fallDecibelsPerSecond"),
        },
        peaks: member(object, "peaks").is_truthy(),
        columns_per_s: number(object, "columnsPerSecond"),
        shown_s: number(object, "shownSeconds"),
        size_px: [whole(object, "width"), whole(object, "height")],
        pixel_ratio: number(object, "pixelRatio"),
        colors: Colors {
            low: color(&colors, "low"),
            high: color(&colors, "high"),
            peak: color(&colors, "peak"),
            line: color(&colors, "line"),
        },
    };
    settings.check().map_err(String::from)?;
    Ok(settings)
}

/// A property; undefined if there is none, or no object.
fn member(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).unwrap_or_default()
}

/// Not a number if it is none, which is in nobody's range.
fn number(object: &JsValue, name: &str) -> f64 {
    member(object, name).as_f64().unwrap_or(f64::NAN)
}

/// The greatest number if it is none, or not whole, which is in nobody's range.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared with what it came from")]
fn whole(object: &JsValue, name: &str) -> u32 {
    let value = number(object, name);
    if f64::from(value as u32) == value { value as u32 } else { u32::MAX }
}

/// Not numbers if it does not have four parts.
fn color(colors: &JsValue, name: &str) -> [f32; 4] {
    let mut color = [f32::NAN; 4];
    if let Some(parts) = floats(&member(colors, name)).filter(|parts| parts.length() == 4) {
        parts.copy_to(&mut color);
    }
    color
}

/// Numbers of an array.
fn floats(array: &JsValue) -> Option<Float32Array> {
    array.is_instance_of::<Object>().then(|| Float32Array::new(array))
}

fn one_of<T: Copy>(object: &JsValue, name: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let chosen = member(object, name).as_string().unwrap_or_default();
    choices.iter().find(|(choice, _)| *choice == chosen).map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
        ["The ", name, " must be one of: ", &names.join(", "), "."].concat()
    })
}
