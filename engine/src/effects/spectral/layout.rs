//! Where in its region everything of a spectral effect lies, and what a job of it is told.

use crate::config::{CHANNELS, SPECTRAL_HOP, SPECTRAL_HOPS, SPECTRAL_SIZE};
use crate::dsp::freeze::state_samples;
use crate::lockfree::regions::{Shape, Span};
use crate::pipeline::{BENCHES, DIARY_WORDS, Place, areas};

/// Frames of a block: what a job takes in and gives.
pub(crate) const BLOCK: usize = SPECTRAL_HOPS * SPECTRAL_HOP;

/// Frames that a spectrum's frame shares with the next one.
pub(crate) const OVERLAP: usize = SPECTRAL_SIZE - SPECTRAL_HOP;

/// Blocks that a job knows: its own and the one before.
pub(crate) const DEPTH: usize = 2;

/// Blocks of the history: one is being filled, one is computed, and that reads the end of the one before.
pub(crate) const SLOTS: usize = 3;

/// Bins of a spectrum.
const BINS: usize = SPECTRAL_SIZE / 2 + 1;

/// Samples of a spectrum in natural order.
const SPECTRUM: usize = 2 * BINS;

/// Samples of the transform's work area, or more.
pub(crate) const WORK: usize = 2 * SPECTRAL_SIZE;

/// Numbers that a hop is told: see [`Hop`](super::jobs::Hop).
pub(crate) const HOP_SETTINGS: usize = 4;

/// Tells it from regions of other kinds.
#[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
pub(crate) const SHAPE: Shape = [SPECTRAL_SIZE as u32, SPECTRAL_HOP as u32, SPECTRAL_HOPS as u32];

// A frame begins in the block before at the earliest.
const _: () = assert!(OVERLAP <= BLOCK);

/// Runs begin on cache lines.
const fn lines(samples: usize) -> usize {
    (samples + 15) & !15
}

const HISTORY: usize = 0;
const SETTINGS: usize = HISTORY + CHANNELS * SLOTS * BLOCK;
const DIARY: usize = SETTINGS + SLOTS * lines(SPECTRAL_HOPS * HOP_SETTINGS);
const AREAS: usize = DIARY + DIARY_WORDS;
const AREA: usize = lines(OVERLAP) + lines(state_samples(BINS)) + lines(BINS);
const BENCH: usize = AREAS + areas(DEPTH) * CHANNELS * AREA;
const SUMS: usize = lines(BLOCK + OVERLAP);
const BENCH_SAMPLES: usize = CHANNELS * SUMS + lines(SPECTRAL_SIZE) + lines(SPECTRUM) + lines(WORK);

/// Samples of a region.
pub(crate) const SAMPLES: usize = BENCH + BENCHES * BENCH_SAMPLES;

/// What came in on all channels.
pub(crate) fn history() -> Span {
    Span::new(HISTORY, SETTINGS - HISTORY)
}

/// What came in on a channel, block `slot` of the ring.
pub(crate) fn block(channel: usize, slot: usize) -> Span {
    Span::new(HISTORY + (channel * SLOTS + slot) * BLOCK, BLOCK)
}

/// What hop `hop` of block `slot` is told.
pub(crate) fn settings(slot: usize, hop: usize) -> Span {
    Span::new(SETTINGS + slot * lines(SPECTRAL_HOPS * HOP_SETTINGS) + hop * HOP_SETTINGS, HOP_SETTINGS)
}

/// The areas of the blocks, by their number.
pub(crate) fn diary() -> Span {
    Span::new(DIARY, DIARY_WORDS)
}

/// What a channel of a block leaves to the next one.
#[derive(Clone, Copy)]
pub(crate) struct Area {
    /// What later frames are added to.
    pub overlap: Span,
    /// The state of the freeze.
    pub frozen: Span,
    /// The gains of the gate.
    pub gains: Span,
}

/// That of a channel in an area.
pub(crate) fn area(area: usize, channel: usize) -> Area {
    let start = AREAS + (area * CHANNELS + channel) * AREA;
    let frozen = start + lines(OVERLAP);
    Area {
        overlap: Span::new(start, OVERLAP),
        frozen: Span::new(frozen, state_samples(BINS)),
        gains: Span::new(frozen + lines(state_samples(BINS)), BINS),
    }
}

/// The sum of a channel's frames: the block that is final, then what later frames are added to.
pub(crate) fn sums(bench: usize, channel: usize) -> Span {
    Span::new(BENCH + bench * BENCH_SAMPLES + channel * SUMS, BLOCK + OVERLAP)
}

/// What a hop works on.
#[derive(Clone, Copy)]
pub(crate) struct Scratch {
    /// Samples of a frame.
    pub frame: Span,
    /// Their spectrum.
    pub spectrum: Span,
    /// What the transform needs.
    pub work: Span,
}

/// That of a bench.
pub(crate) fn scratch(bench: usize) -> Scratch {
    let frame = sums(bench, CHANNELS).start;
    let spectrum = frame + lines(SPECTRAL_SIZE);
    Scratch {
        frame: Span::new(frame, SPECTRAL_SIZE),
        spectrum: Span::new(spectrum, SPECTRUM),
        work: Span::new(spectrum + lines(SPECTRUM), WORK),
    }
}

/// What a job is told.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// The region's place in the table.
    pub region: u32,
    /// Where in the history the block lies.
    pub slot: usize,
    /// Its number in the diary.
    pub block: usize,
    pub place: Place,
}

impl Order {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
    pub fn arguments(&self) -> [u32; 6] {
        let Place { area, bench } = self.place;
        [self.region, self.slot as u32, self.block as u32, u32::from(area), u32::from(bench), 0]
    }

    /// What another thread has changed leads to a wrong place of the region at worst.
    pub fn from_arguments([region, slot, block, area, bench, _]: [u32; 6]) -> Self {
        let byte = |word: u32| u8::try_from(word).unwrap_or(u8::MAX);
        let place = Place { area: byte(area), bench: byte(bench) };
        Self { region, slot: slot as usize % SLOTS, block: block as usize, place }
    }
}
