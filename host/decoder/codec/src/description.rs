//! What a file says of itself, and its JSON form.

use std::fmt::Write;

/// How a stream can be sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeekKind {
    /// To every frame.
    Exact,
    /// Exactly where the frame index reaches, near the target elsewhere.
    Index,
    /// Not at all.
    None,
}

/// What is known of an opened stream.
///
/// As JSON: `{"container":"MP3","codec":"MP3","channels":2,"sampleRate":44100,"frames":2645963,
/// "framesExact":true,"gapless":true,"seek":"index","notes":[],"channelPositions":["FL","FR"]}`;
/// `frames` may be `null`, `seek` is `exact`, `index` or `none`.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// Container in the words of its standard: `WAV`, `RF64`, `AIFF`, `FLAC`, `MP3`, `Ogg`, `MP4`, `ADTS`.
    pub container: &'static str,
    /// Codec: `PCM 24-bit`, `FLAC`, `MP3`, `Vorbis`, `Opus`, `AAC-LC`, `ALAC`.
    pub codec: String,
    /// Channels in the file.
    pub channels: usize,
    /// Sample rate in Hz.
    pub sample_rate: u32,
    /// Length in frames, encoder delay and padding not counted.
    pub frames: Option<u64>,
    /// Whether `frames` is exact or an estimate that may still change.
    pub frames_exact: bool,
    /// Whether encoder delay and padding are known and trimmed.
    pub gapless: bool,
    /// How it can be sought.
    pub seek: SeekKind,
    /// Sentences for a person: what this file cannot give.
    pub notes: Vec<String>,
    /// Loudspeaker of each channel in the order of the planes: `FL`, `FR`, `FC`, `LFE`, `BL`, `BR`, `FLC`,
    /// `FRC`, `BC`, `SL`, `SR`; `?` where the file says nothing.
    pub channel_positions: Vec<&'static str>,
}

impl Description {
    /// The JSON form.
    #[must_use]
    pub fn to_json(&self) -> String {
        let seek = match self.seek {
            SeekKind::Exact => "exact",
            SeekKind::Index => "index",
            SeekKind::None => "none",
        };
        let frames = self.frames.map_or_else(|| "null".to_owned(), |frames| frames.to_string());
        let notes: Vec<String> = self.notes.iter().map(|note| json_string(note)).collect();
        let positions: Vec<String> = self.channel_positions.iter().map(|name| json_string(name)).collect();
        format!(
            "{{\"container\":{},\"codec\":{},\"channels\":{},\"sampleRate\":{},\"frames\":{frames},\
             \"framesExact\":{},\"gapless\":{},\"seek\":\"{seek}\",\"notes\":[{}],\"channelPositions\":[{}]}}",
            json_string(self.container),
            json_string(&self.codec),
            self.channels,
            self.sample_rate,
            self.frames_exact,
            self.gapless,
            notes.join(","),
            positions.join(","),
        )
    }
}

/// RFC 8259, section 7.
fn json_string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            control if control < ' ' => {
                // Writing to a String cannot fail.
                let _ = write!(json, "\\u{:04x}", u32::from(control));
            }
            other => json.push(other),
        }
    }
    json.push('"');
    json
}

/// Loudspeakers in the order of the bits of a WAVE channel mask.
const MASK_POSITIONS: [&str; 11] = ["FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR"];

/// Names of `channels` loudspeakers given by a WAVE channel mask; the usual ones without a mask.
pub(crate) fn positions_of_mask(mask: u32, channels: usize) -> Vec<&'static str> {
    let mut positions: Vec<&'static str> = (0..32)
        .filter(|bit| mask >> bit & 1 == 1)
        .map(|bit| MASK_POSITIONS.get(bit).copied().unwrap_or("?"))
        .take(channels)
        .collect();
    if positions.is_empty() {
        positions = usual_positions(channels).to_vec();
    }
    positions.resize(channels, "?");
    positions
}

/// What WAV and FLAC mean by a number of channels without a mask (RFC 9639, section 9.1.3).
pub(crate) fn usual_positions(channels: usize) -> &'static [&'static str] {
    match channels {
        1 => &["FC"],
        2 => &["FL", "FR"],
        3 => &["FL", "FR", "FC"],
        4 => &["FL", "FR", "BL", "BR"],
        5 => &["FL", "FR", "FC", "BL", "BR"],
        6 => &["FL", "FR", "FC", "LFE", "BL", "BR"],
        7 => &["FL", "FR", "FC", "LFE", "BC", "SL", "SR"],
        8 => &["FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes_what_it_must() {
        assert_eq!(json_string("a \"b\" \\ \n"), r#""a \"b\" \\ \u000a""#);
    }

    #[test]
    fn positions_follow_the_mask_or_the_count() {
        assert_eq!(positions_of_mask(0x60f, 6), ["FL", "FR", "FC", "LFE", "SL", "SR"]);
        assert_eq!(positions_of_mask(0, 2), ["FL", "FR"]);
        assert_eq!(positions_of_mask(0x3, 3), ["FL", "FR", "?"]);
        assert_eq!(positions_of_mask(0, 9), ["?"; 9]);
    }
}
