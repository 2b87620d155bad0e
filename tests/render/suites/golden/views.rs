//! What is drawn: `views.json`, which the browsers read too.

use std::path::{Path, PathBuf};

use rusty_audio_render::ballistics::Ballistics;
use rusty_audio_render::scale::Scale;
use rusty_audio_render::settings::{Channels, Colors, Kind, Settings};
use rusty_audio_render::weighting::Weighting;
use serde_json::Value;

use crate::picture::Difference;
use crate::sound::Sound;

/// The folder of the golden images.
pub const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");

/// The file of the sound.
pub fn sound_path() -> PathBuf {
    Path::new(GOLDEN).join("sound.f32le")
}

/// What the file of the sound should have.
pub fn computed_sound() -> Sound {
    let json = json();
    Sound::computed(whole(&json["fftSize"]), number(&json["sampleRate"]))
}

/// A draw: when, and which of the two spectra is the newest one then.
pub struct Draw {
    /// On the page's clock.
    pub milliseconds: f64,
    /// Its number.
    pub spectrum: usize,
}

/// All views, and what they are drawn from.
pub struct Views {
    json: Value,
    /// From its file.
    pub sound: Sound,
}

impl Views {
    /// Reads them.
    pub fn read() -> Self {
        let json = json();
        let sound = Sound::read(&sound_path(), whole(&json["fftSize"]));
        Self { json, sound }
    }

    /// The names of all views.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.json["views"].as_object().unwrap().keys().map(String::as_str)
    }

    /// How much pictures may differ that are drawn alike.
    pub fn limit(&self) -> Difference {
        let limit = &self.json["limits"]["alike"];
        Difference { greatest: whole(&limit["greatest"]).try_into().unwrap(), mean: number(&limit["mean"]) }
    }

    /// The draws, the last of which is looked at.
    pub fn draws(&self) -> Vec<Draw> {
        let draw =
            |draw: &Value| Draw { milliseconds: number(&draw["milliseconds"]), spectrum: whole(&draw["spectrum"]) };
        self.json["draws"].as_array().unwrap().iter().map(draw).collect()
    }

    /// Red, green and blue of what a view lies on.
    pub fn background(&self, name: &str) -> [u8; 3] {
        let parts = &self.theme(name)["background"];
        [0, 1, 2].map(|part| whole(&parts[part]).try_into().unwrap())
    }

    /// The settings of a view.
    pub fn settings(&self, name: &str) -> Settings {
        let setting =
            |setting: &str| [&self.json["views"][name], &self.json["common"], &self.json].map(|of| &of[setting]);
        let setting = |name: &str| setting(name).into_iter().find(|value| !value.is_null()).expect(name);
        let color = |color: &str| [0, 1, 2, 3].map(|part| narrow(number(&self.theme(name)[color][part])));
        Settings {
            kind: match name {
                "bars" => Kind::Bars,
                "line" => Kind::Line,
                "area" => Kind::Area,
                "spectrogram" => Kind::Spectrogram,
                "oscilloscope" => Kind::Oscilloscope,
                "goniometer" => Kind::Goniometer,
                _ => panic!("{name} is no view"),
            },
            channels: match setting("channels").as_str() {
                Some("mono") => Channels::Mono,
                Some("left-right") => Channels::LeftRight,
                Some("mid-side") => Channels::MidSide,
                other => panic!("{other:?} are no channels"),
            },
            fft_size: whole(setting("fftSize")).try_into().unwrap(),
            sample_rate: number(setting("sampleRate")),
            window: setting("windowShape").as_array().unwrap().iter().map(|sample| narrow(number(sample))).collect(),
            scale: match setting("scale").as_str() {
                Some("logarithmic") => Scale::Logarithmic,
                Some("linear") => Scale::Linear,
                Some("mel") => Scale::Mel,
                Some("bark") => Scale::Bark,
                other => panic!("{other:?} is no scale"),
            },
            minimum_hz: number(setting("minimumFrequency")),
            maximum_hz: number(setting("maximumFrequency")),
            bands_per_octave: whole(setting("bandsPerOctave")).try_into().unwrap(),
            weighting: match setting("weighting").as_str() {
                Some("none") => Weighting::None,
                Some("A") => Weighting::A,
                Some("C") => Weighting::C,
                other => panic!("{other:?} is no weighting"),
            },
            minimum_db: number(setting("minimumDecibels")),
            maximum_db: number(setting("maximumDecibels")),
            ballistics: Ballistics {
                attack_s: number(setting("attackSeconds")),
                release_s: number(setting("releaseSeconds")),
                hold_s: number(setting("holdSeconds")),
                fall_db_per_s: number(setting("fallDecibelsPerSecond")),
            },
            peaks: setting("peaks").as_bool().unwrap(),
            columns_per_s: number(setting("columnsPerSecond")),
            shown_s: number(setting("shownSeconds")),
            size_px: ["width", "height"].map(|side| whole(setting(side)).try_into().unwrap()),
            pixel_ratio: number(setting("pixelRatio")),
            colors: Colors { low: color("low"), high: color("high"), peak: color("peak"), line: color("line") },
        }
    }

    fn theme(&self, name: &str) -> &Value {
        &self.json["themes"][self.json["views"][name]["theme"].as_str().unwrap()]
    }
}

fn json() -> Value {
    serde_json::from_slice(&std::fs::read(Path::new(GOLDEN).join("views.json")).unwrap()).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap().try_into().unwrap()
}

#[expect(clippy::cast_possible_truncation, reason = "a picture takes single precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}
