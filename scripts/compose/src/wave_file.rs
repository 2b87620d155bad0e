//! A WAV file of 16-bit samples.

use crate::SAMPLE_RATE;
use crate::chance::Chance;
use crate::stereo::Stereo;

const HEADER_BYTES: u32 = 44;
const FRAME_BYTES: u32 = 4;

/// The file's bytes. Samples are rounded with triangular dither of two steps, but exact silence stays silent.
#[expect(clippy::cast_possible_truncation, reason = "samples are clamped to 16 bits, and the piece is a minute long")]
pub fn bytes(sound: &Stereo) -> Vec<u8> {
    let data_bytes = sound.left.len() as u32 * FRAME_BYTES;
    let mut file = Vec::with_capacity((HEADER_BYTES + data_bytes) as usize);
    file.extend(b"RIFF");
    file.extend((HEADER_BYTES - 8 + data_bytes).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    file.extend(1_u16.to_le_bytes());
    file.extend(2_u16.to_le_bytes());
    file.extend(SAMPLE_RATE.to_le_bytes());
    file.extend((SAMPLE_RATE * FRAME_BYTES).to_le_bytes());
    file.extend((FRAME_BYTES as u16).to_le_bytes());
    file.extend(16_u16.to_le_bytes());
    file.extend(b"data");
    file.extend(data_bytes.to_le_bytes());
    let mut chance = Chance::new(0x6469_7468_6572);
    for (left, right) in sound.left.iter().zip(&sound.right) {
        for sample in [left, right] {
            let dither = 0.5 * (chance.signed() + chance.signed());
            let value = if *sample == 0.0 { 0.0 } else { libm::floor(*sample * 32_768.0 + dither + 0.5) };
            file.extend((value.clamp(-32_768.0, 32_767.0) as i16).to_le_bytes());
        }
    }
    file
}
