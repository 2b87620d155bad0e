//! Reads WAV files of 32-bit floats.

/// `WAVE_FORMAT_IEEE_FLOAT`.
const FLOAT: u16 = 3;

/// `WAVE_FORMAT_EXTENSIBLE`, which has the format further behind, and which ffmpeg writes.
const EXTENSIBLE: u16 = 0xfffe;

/// The frames of a file, left and right.
pub fn stereo(file: &[u8], sample_rate: f64) -> Result<Vec<[f32; 2]>, String> {
    let refused = || {
        format!(
            "The file is no WAV of 32-bit floats, stereo, at {sample_rate} Hz. Make one of a file that is at this rate: ffmpeg -i FILE \
             -c:a pcm_f32le FILE.wav"
        )
    };
    let chunks = match file.split_at_checked(12) {
        Some((header, chunks)) if header.starts_with(b"RIFF") && header.ends_with(b"WAVE") => chunks,
        _ => return Err(refused()),
    };
    let format = chunk(chunks, b"fmt ").ok_or_else(refused)?;
    let word = |at: usize| format.get(at..at + 2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
    let rate = word(4).zip(word(6)).map(|(low, high)| f64::from(u32::from(low) | u32::from(high) << 16));
    let tag = if word(0) == Some(EXTENSIBLE) { word(24) } else { word(0) };
    if (tag, word(2), word(14), rate) != (Some(FLOAT), Some(2), Some(32), Some(sample_rate)) {
        return Err(refused());
    }
    let (samples, _) = chunk(chunks, b"data").ok_or_else(refused)?.as_chunks::<4>();
    let (frames, _) = samples.as_chunks::<2>();
    Ok(frames.iter().map(|frame| frame.map(f32::from_le_bytes)).collect())
}

fn chunk<'a>(mut chunks: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    loop {
        let (header, rest) = chunks.split_at_checked(8)?;
        let (its_name, length) = header.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        if its_name == name {
            return Some(&rest[..length.min(rest.len())]);
        }
        chunks = rest.get(length + length % 2..)?;
    }
}
