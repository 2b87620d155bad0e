//! Where in a region everything of one response lies.

use crate::config::{CHANNELS, CONVOLVER_HEAD_TAPS, CONVOLVER_LEVELS, RESPONSE_FRAMES};
use crate::dsp::fft::{RealFft, RealFfts};
use crate::lockfree::regions::{Shape, Span};
use crate::pipeline::{BENCHES, DIARY_WORDS, MAX_DEPTH, Place, areas};

/// Partition sizes.
pub(crate) const LEVELS: usize = CONVOLVER_LEVELS.len();

/// The transforms of all levels: each of twice its block; none where a block has no transform.
pub struct Transforms<'a>([Option<RealFft<'a>>; LEVELS]);

impl<'a> Transforms<'a> {
    pub(crate) fn new(ffts: &RealFfts<'a>) -> Self {
        Self(CONVOLVER_LEVELS.map(|level| ffts.of(2 << level.block_bits).copied()))
    }

    pub(crate) fn get(&self, level: usize) -> Option<&RealFft<'a>> {
        self.0.get(level)?.as_ref()
    }
}

/// Frames of the shortest block that is cut into tiles: 2 to this; tiles have as many samples at least.
const LEAST_TILE_BITS: u32 = 9;

/// Runs begin on cache lines.
const fn lines(samples: usize) -> usize {
    (samples + 15) & !15
}

/// One level of a response.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LevelLayout {
    /// 0 where the response does not reach.
    pub partitions: usize,
    pub block: usize,
    pub first_tap: usize,
    /// Where its part begins: spectra of the response, diary, areas, benches.
    start: usize,
    channels: usize,
    /// From one spectrum to the next.
    stride: usize,
    spectrum: usize,
    transform_work: usize,
    /// The tiles that the bins are cut into: 2 to this.
    pub tile_bits: u32,
}

impl LevelLayout {
    /// All spectra of the response: by channel, then by partition.
    #[must_use]
    pub fn spectra(&self) -> Span {
        Span::new(self.start, self.channels * self.partitions * self.stride)
    }

    /// Where the spectrum of a partition lies among them.
    #[must_use]
    pub fn spectrum_start(&self, channel: usize, partition: usize) -> usize {
        (channel * self.partitions + partition) * self.stride
    }

    /// The spectrum of a partition.
    #[must_use]
    pub fn spectrum(&self, channel: usize, partition: usize) -> Span {
        Span::new(self.start + self.spectrum_start(channel, partition), self.spectrum)
    }

    /// The areas of the blocks, by their number.
    #[must_use]
    pub fn diary(&self) -> Span {
        Span::new(self.spectra().end(), DIARY_WORDS)
    }

    /// All areas: the spectra of blocks of the signal.
    #[must_use]
    pub fn areas(&self) -> Span {
        Span::new(self.diary().end(), areas(self.partitions) * CHANNELS * self.stride)
    }

    /// Where the spectrum of a channel lies among them.
    #[must_use]
    pub fn area_start(&self, area: usize, channel: usize) -> usize {
        (area * CHANNELS + channel) * self.stride
    }

    /// The spectrum of a channel of a block.
    #[must_use]
    pub fn area(&self, area: usize, channel: usize) -> Span {
        Span::new(self.areas().start + self.area_start(area, channel), self.spectrum)
    }

    /// Twice a block of frames: scratch, then the result, in its second half.
    #[must_use]
    pub fn frames(&self, bench: usize, channel: usize) -> Span {
        Span::new(self.bench(bench) + channel * 2 * self.block, 2 * self.block)
    }

    /// A channel's result.
    #[must_use]
    pub fn result(&self, bench: usize, channel: usize) -> Span {
        Span::new(self.frames(bench, channel).start + self.block, self.block)
    }

    /// The sum of products.
    #[must_use]
    pub fn sum(&self, bench: usize) -> Span {
        Span::new(self.bench(bench) + CHANNELS * 2 * self.block, self.spectrum)
    }

    /// What the transform needs.
    #[must_use]
    pub fn transform_work(&self, bench: usize) -> Span {
        Span::new(self.bench(bench) + CHANNELS * 2 * self.block + self.stride, self.transform_work)
    }

    /// The part of a spectrum that is tile `tile`. The last one has what lies behind the blocks of the transform.
    #[must_use]
    pub fn tile(&self, tile: usize) -> Span {
        // Blocks of four real and four imaginary parts.
        let blocks = self.block / 4;
        let (from, to) = ((blocks * tile) >> self.tile_bits, (blocks * (tile + 1)) >> self.tile_bits);
        let behind = if to == blocks { self.spectrum - 8 * blocks } else { 0 };
        Span::new(8 * from, 8 * (to - from) + behind)
    }

    /// Slices of a block's job.
    #[must_use]
    pub fn slices(&self) -> usize {
        CHANNELS * self.transform_slices() + CHANNELS * ((1 << self.tile_bits) + self.transform_slices())
    }

    /// Slices of a transform, of which the second is empty: where there are many products, a transform costs more than one of
    /// their slices, and the audio thread spreads slices evenly.
    #[must_use]
    pub fn transform_slices(&self) -> usize {
        if self.tile_bits > 0 { 2 } else { 1 }
    }

    fn bench(&self, bench: usize) -> usize {
        self.areas().end() + bench * self.bench_samples()
    }

    fn bench_samples(&self) -> usize {
        lines(CHANNELS * 2 * self.block + self.stride + self.transform_work)
    }

    fn end(&self) -> usize {
        self.areas().end() + BENCHES * self.bench_samples()
    }
}

/// One response: head, history of the signal, levels.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Layout {
    pub frames: usize,
    pub channels: usize,
    /// What the response is multiplied by.
    pub scale: f32,
    /// Frames of the history of each channel: three of the longest blocks.
    pub history_frames: usize,
    pub levels: [LevelLayout; LEVELS],
    pub samples: usize,
}

impl Layout {
    /// The layout for a shape: frames, channels, bits of the scale.
    #[must_use]
    pub fn new(shape: Shape, transforms: &Transforms<'_>) -> Self {
        let [frames, channels, scale] = shape;
        let (frames, channels) = (frames as usize, channels as usize);
        let mut layout = Self { frames, channels, scale: f32::from_bits(scale), ..Self::default() };
        if frames > RESPONSE_FRAMES || !matches!(channels, 1 | 2 | 4) {
            return Self::default();
        }
        // From the last level on, each ends where the next one begins.
        let mut end = frames;
        layout.history_frames = 3 * CONVOLVER_HEAD_TAPS;
        for (level, (plan, fft)) in layout.levels.iter_mut().zip(CONVOLVER_LEVELS.iter().zip(&transforms.0)).rev() {
            let Some(fft) = fft.as_ref().filter(|_| plan.is_for(frames)) else { continue };
            let block = 1 << plan.block_bits;
            layout.history_frames = layout.history_frames.max(3 * block);
            let partitions = ((end.saturating_sub(plan.first_tap) + block - 1) >> plan.block_bits).min(MAX_DEPTH);
            end = plan.first_tap;
            // A slice of products costs about as much as a transform; short blocks are not worth a cut.
            let products = partitions * if channels == 4 { 2 } else { 1 };
            let most = plan.block_bits.saturating_sub(LEAST_TILE_BITS);
            let tile_bits = (products.next_power_of_two() >> 2).max(1).trailing_zeros().min(most);
            *level = LevelLayout {
                partitions,
                block,
                first_tap: plan.first_tap,
                start: 0,
                channels,
                stride: lines(fft.spectrum_samples()),
                spectrum: fft.spectrum_samples(),
                transform_work: fft.work_samples(),
                tile_bits,
            };
        }
        layout.samples = channels * CONVOLVER_HEAD_TAPS + CHANNELS * layout.history_frames;
        for level in layout.levels.iter_mut().filter(|level| level.partitions > 0) {
            level.start = layout.samples;
            layout.samples = level.end();
        }
        layout
    }

    /// The first taps of a channel.
    #[must_use]
    pub fn head(&self, channel: usize) -> Span {
        Span::new(channel * CONVOLVER_HEAD_TAPS, CONVOLVER_HEAD_TAPS)
    }

    /// Frames of a channel of the signal, as a ring.
    #[must_use]
    pub fn history(&self, channel: usize) -> Span {
        Span::new(self.channels * CONVOLVER_HEAD_TAPS + channel * self.history_frames, self.history_frames)
    }

    /// All spectra of the response.
    #[must_use]
    pub fn spectra_count(&self) -> usize {
        self.levels.iter().map(|level| level.partitions * self.channels).sum()
    }

    /// Which level, channel and partition the spectrum with that number is.
    #[must_use]
    pub fn spectrum(&self, number: usize) -> Option<(usize, usize, usize)> {
        let mut rest = number;
        for (index, level) in self.levels.iter().enumerate() {
            for channel in 0..self.channels {
                if rest < level.partitions {
                    return Some((index, channel, rest));
                }
                rest -= level.partitions;
            }
        }
        None
    }
}

/// What a job of a block is told.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// The region's place in the table.
    pub region: u32,
    pub level: usize,
    /// Where the block begins in the history.
    pub position: usize,
    /// Its number in the diary.
    pub block: usize,
    pub place: Place,
}

impl Order {
    #[expect(clippy::cast_possible_truncation, reason = "lengths within a region, and small numbers")]
    pub fn arguments(&self) -> [u32; 6] {
        let Place { area, bench } = self.place;
        let position = self.position as u32;
        [self.region, self.level as u32, position, self.block as u32, u32::from(area), u32::from(bench)]
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "what another thread has changed leads to a wrong place at worst"
    )]
    pub fn from_arguments([region, level, position, block, area, bench]: [u32; 6]) -> Self {
        let place = Place { area: area as u8, bench: bench as u8 };
        Self { region, level: level as usize, position: position as usize, block: block as usize, place }
    }
}
