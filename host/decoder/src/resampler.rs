//! Conversion of a track's sample rate, block by block on an absolute grid.
//!
//! Rubato's synchronous FFT resampler turns one block of `block_in` source frames into `block_out` frames, and the
//! sound of a block depends on that block and the one before it alone. So the blocks are laid from the
//! track's first frame on, a seek restarts early enough, and what it gives is bit for bit what playing
//! up to there would have given.
//!
//! Output frame `m` belongs to source time `m·rate_in/rate_out`; the filter's delay is trimmed, and `n` source
//! frames give exactly `ceil(n·rate_out/rate_in)`.
//!
//! What lies before the first and after the last frame is not silence but the track itself, reflected at its
//! end point (`2·x[0] - x[j]`). So the edges keep their value and slope, and where a loop or the next track
//! continues the sound there is no click, although each track is converted on its own.

use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};
use rusty_audio_protocol::{ErrorCode, Failure};

use crate::StereoFrames;

/// Blocks are at least this long, in source and in output frames: long enough for a steep filter, short enough to start quickly.
const SHORTEST_BLOCK: usize = 256;

/// Blocks before the wanted one with which a seek starts: the sound of a block needs the one before it, and the
/// reflection at the end of the track needs a whole block before the last, partial one.
const PREROLL_BLOCKS: u64 = 2;

/// The lowest and highest sample rate of a file, in Hz.
pub const SAMPLE_RATES: core::ops::RangeInclusive<u32> = 1_000..=768_000;

/// `ceil(frames·rate_out/rate_in)`, in integers.
#[must_use]
pub fn converted_frames(frames: u64, rate_in: u32, rate_out: u32) -> u64 {
    let converted = (u128::from(frames) * u128::from(rate_out)).div_ceil(u128::from(rate_in.max(1)));
    u64::try_from(converted).unwrap_or(u64::MAX)
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

/// Converts one stereo track.
pub struct Resampler {
    fft: Fft<f32>,
    rate_in: u32,
    rate_out: u32,
    block_in: usize,
    block_out: usize,
    /// Delay of the filter in output frames, a whole number since `block_out` is even.
    delay: usize,
    /// Source frames of the block that is being filled.
    block: StereoFrames,
    /// The whole block before it, to reflect at the end of the track.
    former: StereoFrames,
    /// The next block is the first of the track, so what lies before it is its reflection.
    at_edge: bool,
    /// Source frames since the grid's origin that have been taken, whole blocks skipped by a seek included.
    taken: u64,
    /// Output frames since the grid's origin, delay included, that blocks have given so far.
    given: u64,
    /// The first of them, delay included, that is wanted.
    wanted: u64,
    converted: [Vec<f32>; 2],
}

impl Resampler {
    /// A resampler from `rate_in` to `rate_out`, in Hz, at the start of a track.
    ///
    /// # Errors
    /// [`ErrorCode::UnsupportedFormat`] for a rate outside [`SAMPLE_RATES`].
    pub fn new(rate_in: u32, rate_out: u32) -> Result<Self, Failure> {
        let refuse = || {
            Failure::new(
                ErrorCode::UnsupportedFormat,
                format!(
                    "The sample rate {rate_in} Hz cannot be converted to {rate_out} Hz; both must be {} to {} Hz.",
                    SAMPLE_RATES.start(),
                    SAMPLE_RATES.end()
                ),
            )
        };
        if !SAMPLE_RATES.contains(&rate_in) || !SAMPLE_RATES.contains(&rate_out) {
            return Err(refuse());
        }
        let (rate_in_frames, rate_out_frames) = (rate_in as usize, rate_out as usize);
        let divisor = greatest_common_divisor(rate_in_frames, rate_out_frames);
        let (unit_in, unit_out) = (rate_in_frames / divisor, rate_out_frames / divisor);
        // Both block lengths must be even: the filter is centred on half a block, and half a frame of
        // delay could not be trimmed.
        let mut units = SHORTEST_BLOCK.div_ceil(unit_in.min(unit_out));
        if !(units * unit_in).is_multiple_of(2) || !(units * unit_out).is_multiple_of(2) {
            units += 1;
        }
        let (block_in, block_out) = (units * unit_in, units * unit_out);
        let fft = Fft::new_custom(
            rate_in_frames,
            rate_out_frames,
            block_in,
            1,
            2,
            WindowFunction::BlackmanHarris2,
            FixedSync::Both,
        )
        .map_err(|_| refuse())?;
        debug_assert_eq!((fft.fft_size_in(), fft.fft_size_out()), (block_in, block_out));
        let delay = fft.output_delay();
        let mut resampler = Self {
            fft,
            rate_in,
            rate_out,
            block_in,
            block_out,
            delay,
            block: StereoFrames::default(),
            former: StereoFrames::default(),
            at_edge: true,
            taken: 0,
            given: 0,
            wanted: 0,
            converted: [vec![0.0; block_out], vec![0.0; block_out]],
        };
        resampler.restart(0);
        Ok(resampler)
    }

    /// Starts over so that the next frame given is output frame `frame` after the grid's origin. Returns the
    /// source frame after the origin from which frames must be pushed now.
    pub fn restart(&mut self, frame: u64) -> u64 {
        self.fft.reset();
        self.block.clear();
        self.former.clear();
        self.wanted = frame + self.delay as u64;
        let first_block = (self.wanted / self.block_out as u64).saturating_sub(PREROLL_BLOCKS);
        self.at_edge = first_block == 0;
        self.taken = first_block * self.block_in as u64;
        self.given = first_block * self.block_out as u64;
        self.taken
    }

    /// Takes source frames and appends what can be converted to `output`.
    pub fn push(&mut self, source: &StereoFrames, output: &mut StereoFrames) {
        let mut from = 0;
        while from < source.len() {
            let frames = (self.block_in - self.block.len()).min(source.len() - from);
            self.block.extend(&source.left[from..from + frames], &source.right[from..from + frames]);
            from += frames;
            self.taken += frames as u64;
            if self.block.len() == self.block_in {
                self.convert_block(output);
            }
        }
    }

    /// The track has ended: appends its last frames. Nothing can be pushed until the next restart.
    pub fn finish(&mut self, output: &mut StereoFrames) {
        let end = self.delay as u64 + converted_frames(self.taken, self.rate_in, self.rate_out);
        let mut track_end = self.former.clone();
        track_end.extend(&self.block.left, &self.block.right);
        let mut beyond = 1;
        while self.given < end && !track_end.is_empty() {
            while self.block.len() < self.block_in {
                let (left, right) =
                    (reflected_after(&track_end.left, beyond), reflected_after(&track_end.right, beyond));
                self.block.push(left, right);
                beyond += 1;
            }
            let length = output.len();
            self.convert_block(output);
            let surplus = usize::try_from(self.given.saturating_sub(end)).unwrap_or(0);
            let kept = output.len().saturating_sub(surplus).max(length);
            output.left.truncate(kept);
            output.right.truncate(kept);
        }
    }

    fn convert_block(&mut self, output: &mut StereoFrames) {
        if self.at_edge {
            self.at_edge = false;
            let reflect =
                |plane: &[f32]| (1..=self.block_in).rev().map(|j| reflected_before(plane, j)).collect::<Vec<f32>>();
            let before = StereoFrames { left: reflect(&self.block.left), right: reflect(&self.block.right) };
            self.run_fft(before);
        }
        let block = core::mem::take(&mut self.block);
        self.former = self.run_fft(block);
        let skipped =
            usize::try_from(self.wanted.saturating_sub(self.given)).map_or(self.block_out, |s| s.min(self.block_out));
        output.extend(&self.converted[0][skipped..], &self.converted[1][skipped..]);
        self.given += self.block_out as u64;
    }

    fn run_fft(&mut self, block: StereoFrames) -> StereoFrames {
        let planes = [block.left, block.right];
        let input = SequentialSliceOfVecs::new(&planes, 2, self.block_in).expect("two planes of one block");
        let mut output =
            SequentialSliceOfVecs::new_mut(&mut self.converted, 2, self.block_out).expect("two planes of one block");
        self.fft.process_into_buffer(&input, &mut output, None).expect("whole blocks");
        let [left, right] = planes;
        StereoFrames { left, right }
    }
}

/// `2·x[0] - x[j]`: the sample `j` frames before the first.
fn reflected_before(plane: &[f32], j: usize) -> f32 {
    2.0 * plane[0] - plane[j.min(plane.len() - 1)]
}

/// `2·x[last] - x[last - j]`: the sample `j` frames after the last.
fn reflected_after(plane: &[f32], j: usize) -> f32 {
    let last = plane.len() - 1;
    2.0 * plane[last] - plane[last.saturating_sub(j)]
}
