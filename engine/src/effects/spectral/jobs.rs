//! The job of the spectral effect: one block, two slices for each hop of each channel.

use super::layout::{self, BLOCK, HOP_SETTINGS, OVERLAP, Order, SHAPE, SLOTS};
use crate::config::{CHANNELS, ConfigError, SPECTRAL_HOP, SPECTRAL_HOPS, SPECTRAL_SIZE};
use crate::dsp::fft::{LONGEST, MIN_SIZE, RealFft, RealFfts};
use crate::dsp::freeze::freeze;
use crate::dsp::spectral_gate::{SpectralGate, gate};
use crate::dsp::stft::{multiply, root_hann};
use crate::job::{Commons, Kind};
use crate::lockfree::board::Descriptor;
use crate::lockfree::regions::{Region, Span};
use crate::memory::Arena;
use crate::pipeline::area_of;

/// Transform and windows, for all spectral effects.
pub struct Tables<'a> {
    fft: RealFft<'a>,
    analysis: &'a [f32],
    /// Divided by the size, by which forward and back multiply.
    synthesis: &'a [f32],
}

impl<'a> Tables<'a> {
    /// Computes them.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, ffts: &RealFfts<'a>) -> Result<Self, ConfigError> {
        let fft = *ffts.of(SPECTRAL_SIZE).ok_or(ConfigError::count(SPECTRAL_SIZE, MIN_SIZE, LONGEST))?;
        let (analysis, synthesis) = (arena.slice(SPECTRAL_SIZE)?, arena.slice(SPECTRAL_SIZE)?);
        root_hann(analysis, synthesis, SPECTRAL_HOP);
        // A power of two.
        let scale = 1.0 / SPECTRAL_SIZE as f32;
        synthesis.iter_mut().for_each(|weight| *weight *= scale);
        Ok(Self { fft, analysis, synthesis })
    }
}

/// What a hop is told.
#[derive(Clone, Copy)]
pub(crate) struct Hop {
    /// How much of the sound is frozen.
    pub freeze: f32,
    /// Magnitude at which a bin is half open.
    pub threshold: f32,
    /// Gain of a bin that is shut.
    pub floor: f32,
    /// Share of the way to a lower gain that is gone each hop.
    pub shutting: f32,
}

impl Hop {
    /// As numbers in a region.
    pub fn to_samples(self) -> [f32; HOP_SETTINGS] {
        [self.freeze, self.threshold, self.floor, self.shutting]
    }

    fn from_samples(samples: &[f32]) -> Option<Self> {
        let &[freeze, threshold, floor, shutting] = samples.first_chunk::<HOP_SETTINGS>()?;
        Some(Self { freeze, threshold, floor, shutting })
    }
}

/// Slices of a hop: one up to the gate, one from the freeze on.
const HOP_SLICES: usize = 2;

/// One block: each hop's frame is transformed and gated; then it is frozen, transformed back, and added to those before.
/// What is frozen is what was heard.
pub(crate) fn block(order: &Order) -> Descriptor {
    #[expect(clippy::cast_possible_truncation, reason = "less than a hundred")]
    let slices = (CHANNELS * SPECTRAL_HOPS * HOP_SLICES) as u32;
    Descriptor { kind: Kind::SpectralBlock as u32, slices, arguments: order.arguments() }
}

/// Runs a slice of [`block`].
#[inline(never)]
pub(crate) fn run_block(descriptor: &Descriptor, slice: u32, commons: &Commons<'_>) {
    let order = Order::from_arguments(descriptor.arguments);
    let (step, is_second) = (slice as usize / HOP_SLICES, !(slice as usize).is_multiple_of(HOP_SLICES));
    let (channel, hop) = (step / SPECTRAL_HOPS, step % SPECTRAL_HOPS);
    let Some(region) = commons.regions.taken(order.region) else { return };
    if region.shape() != SHAPE || channel >= CHANNELS {
        return;
    }
    let settings = layout::settings(order.slot, hop);
    let Some(Some(told)) = region.reach([], [settings], |[], [told]| Hop::from_samples(told)) else { return };
    if is_second {
        hold(&region, &order, channel, told);
        synthesise(&region, &order, channel, hop, commons.spectral);
        if hop == SPECTRAL_HOPS - 1 {
            leave(&region, &order, channel);
        }
    } else {
        if hop == 0 {
            take_over(&region, &order, channel);
        }
        analyse(&region, &order, channel, hop, commons.spectral);
        reduce(&region, &order, channel, told);
    }
}

/// Goes on from what the block before has left, or from nothing if that could not be computed.
fn take_over(region: &Region<'_>, order: &Order, channel: usize) {
    let sums = layout::sums(usize::from(order.place.bench), channel);
    let own = layout::area(usize::from(order.place.area), channel);
    let before = region.reach([], [layout::diary()], |[], [diary]| area_of(diary, order.block, 1)).flatten();
    let Some(before) = before.map(|before| layout::area(before, channel)) else {
        region.reach([sums, own.frozen, own.gains], [], |all, []| {
            for samples in all {
                samples.fill(0.0);
            }
        });
        return;
    };
    let (overlap, rest) = (Span::new(sums.start, OVERLAP), Span::new(sums.start + OVERLAP, BLOCK));
    let reads = [before.overlap, before.frozen, before.gains];
    region.reach([overlap, own.frozen, own.gains, rest], reads, |[overlap, frozen, gains, rest], before| {
        for (own, before) in [overlap, frozen, gains].into_iter().zip(before) {
            copy(own, before);
        }
        rest.fill(0.0);
    });
}

/// The spectrum of the frame that ends with the hop.
fn analyse(region: &Region<'_>, order: &Order, channel: usize, hop: usize, tables: &Tables<'_>) {
    let scratch = layout::scratch(usize::from(order.place.bench));
    let present = layout::block(channel, order.slot);
    let before = layout::block(channel, if order.slot == 0 { SLOTS - 1 } else { order.slot - 1 });
    let frames = (hop + 1) * SPECTRAL_HOP;
    let present = Span::new(present.start, frames);
    let before = Span::new(before.start + BLOCK + frames - SPECTRAL_SIZE, SPECTRAL_SIZE - frames);
    let writes = [scratch.frame, scratch.spectrum, scratch.work];
    region.reach(writes, [before, present], |[frame, spectrum, work], [before, present]| {
        if let (Some((older, newer)), Some((first, second))) =
            (frame.split_at_mut_checked(before.len()), tables.analysis.split_at_checked(before.len()))
        {
            multiply(older, before, first);
            multiply(newer, present, second);
        }
        tables.fft.forward(frame, spectrum, work);
    });
}

/// The gate.
fn reduce(region: &Region<'_>, order: &Order, channel: usize, Hop { threshold, floor, shutting, .. }: Hop) {
    let spectrum = layout::scratch(usize::from(order.place.bench)).spectrum;
    let gains = layout::area(usize::from(order.place.area), channel).gains;
    region.reach([spectrum, gains], [], |[spectrum, gains], []| {
        gate(spectrum, gains, SpectralGate { threshold, floor, opening: 1.0, shutting });
    });
}

/// The freeze.
fn hold(region: &Region<'_>, order: &Order, channel: usize, told: Hop) {
    let spectrum = layout::scratch(usize::from(order.place.bench)).spectrum;
    let frozen = layout::area(usize::from(order.place.area), channel).frozen;
    region.reach([spectrum, frozen], [], |[spectrum, frozen], []| freeze(spectrum, frozen, told.freeze));
}

/// Adds the frame of the changed spectrum to those before.
fn synthesise(region: &Region<'_>, order: &Order, channel: usize, hop: usize, tables: &Tables<'_>) {
    let bench = usize::from(order.place.bench);
    let scratch = layout::scratch(bench);
    let sums = Span::new(layout::sums(bench, channel).start + hop * SPECTRAL_HOP, SPECTRAL_SIZE);
    let writes = [scratch.frame, scratch.work, sums];
    region.reach(writes, [scratch.spectrum], |[frame, work, sums], [spectrum]| {
        tables.fft.inverse(spectrum, frame, work);
        for ((sum, sample), weight) in sums.iter_mut().zip(frame).zip(tables.synthesis) {
            *sum += *sample * weight;
        }
    });
}

/// What is not final is for the next block.
fn leave(region: &Region<'_>, order: &Order, channel: usize) {
    let sums = layout::sums(usize::from(order.place.bench), channel);
    let overlap = layout::area(usize::from(order.place.area), channel).overlap;
    region.reach([overlap], [Span::new(sums.start + BLOCK, OVERLAP)], |[overlap], [sums]| copy(overlap, sums));
}

fn copy(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn the_transform_has_room_to_work() {
        let mut memory = Memory::new(1 << 20);
        let mut arena = memory.arena();
        let ffts = RealFfts::new(&mut arena).unwrap();
        let tables = Tables::new(&mut arena, &ffts).unwrap();
        assert!(tables.fft.work_samples() <= layout::WORK);
        assert_eq!(tables.fft.bin_samples(), layout::scratch(0).spectrum.samples);
    }

    #[test]
    fn orders_travel_as_words() {
        let order = Order { region: 7, slot: 2, block: 127, place: crate::pipeline::Place { area: 1, bench: 2 } };
        assert_eq!(Order::from_arguments(order.arguments()).arguments(), order.arguments());
    }
}
