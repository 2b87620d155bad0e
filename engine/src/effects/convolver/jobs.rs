//! The two jobs of a convolver: one block of one level, and the spectra of a response.

use super::layout::{Layout, LevelLayout, Order};
use crate::config::CHANNELS;
use crate::dsp::fft::{Products, RealFft};
use crate::job::{Commons, Kind};
use crate::lockfree::board::Descriptor;
use crate::lockfree::regions::{Region, Span};
use crate::pipeline::area_of;

/// One block of a level: transforms the last two blocks of each channel, sums the products with the partitions of the
/// response, and transforms back (overlap-save). Slices: a transform for each channel; then for each channel the tiles of the
/// sum, and the transform back.
pub(crate) fn block(order: &Order, layout: &LevelLayout) -> Descriptor {
    #[expect(clippy::cast_possible_truncation, reason = "less than a hundred")]
    let slices = layout.slices() as u32;
    Descriptor { kind: Kind::ConvolverTail as u32, slices, arguments: order.arguments() }
}

/// The spectra of the response in the region at `region`, one a slice.
pub(crate) fn preparation(region: u32, layout: &Layout) -> Descriptor {
    let slices = u32::try_from(layout.spectra_count()).unwrap_or(0);
    Descriptor { kind: Kind::ResponseSpectra as u32, slices, arguments: [region, 0, 0, 0, 0, 0] }
}

/// Runs a slice of [`block`].
#[inline(never)]
pub(crate) fn run_block(descriptor: &Descriptor, slice: u32, commons: &Commons<'_>) {
    let order = Order::from_arguments(descriptor.arguments);
    let Some(region) = commons.regions.taken(order.region) else { return };
    let layout = Layout::new(region.shape(), commons.transforms);
    run_part(&region, &layout, &order, slice as usize, commons);
}

/// Runs all slices of a [`block`].
#[inline(never)]
pub(crate) fn run_all(region: &Region<'_>, layout: &Layout, order: &Order, commons: &Commons<'_>) {
    let slices = layout.levels.get(order.level).map_or(0, LevelLayout::slices);
    for slice in 0..slices {
        run_part(region, layout, order, slice, commons);
    }
}

fn run_part(region: &Region<'_>, layout: &Layout, order: &Order, slice: usize, commons: &Commons<'_>) {
    let Some(level) = layout.levels.get(order.level).filter(|level| level.partitions > 0) else { return };
    let Some(fft) = commons.transforms.get(order.level) else { return };
    let mut rest = slice;
    for channel in 0..CHANNELS {
        if rest == 0 {
            transform(region, layout, level, order, channel, fft);
        }
        if rest < level.transform_slices() {
            return;
        }
        rest -= level.transform_slices();
    }
    let tiles = 1 << level.tile_bits;
    for output in 0..CHANNELS {
        if rest < tiles {
            sum(region, layout, level, order, output, rest);
            return;
        }
        rest -= tiles;
        if rest == 0 {
            transform_back(region, level, order, output, fft);
        }
        if rest < level.transform_slices() {
            return;
        }
        rest -= level.transform_slices();
    }
}

fn transform(
    region: &Region<'_>,
    layout: &Layout,
    level: &LevelLayout,
    order: &Order,
    channel: usize,
    fft: &RealFft<'_>,
) {
    let Order { position, place, .. } = *order;
    let (area, bench) = (usize::from(place.area), usize::from(place.bench));
    let history = layout.history(channel);
    let [work, spectrum] = [level.transform_work(bench), level.area(area, channel)];
    let frames = |position: usize, count: usize| Span::new(history.start.wrapping_add(position), count);
    if let Some(before) = position.checked_sub(level.block) {
        region.reach([work, spectrum], [frames(before, 2 * level.block)], |[work, spectrum], [input]| {
            fft.forward_unordered(input, spectrum, work);
        });
        return;
    }
    // The block before lies at the other end.
    let blocks = [history.samples.wrapping_sub(level.block), position].map(|position| frames(position, level.block));
    region.reach([level.frames(bench, 0), work, spectrum], blocks, |[input, work, spectrum], blocks| {
        for (half, block) in input.chunks_mut(level.block.max(1)).zip(blocks) {
            for (frame, sample) in half.iter_mut().zip(block) {
                *frame = *sample;
            }
        }
        fft.forward_unordered(input, spectrum, work);
    });
}

fn sum(region: &Region<'_>, layout: &Layout, level: &LevelLayout, order: &Order, output: usize, tile: usize) {
    let tile = level.tile(tile);
    let whole = level.sum(usize::from(order.place.bench));
    let sum = Span::new(whole.start + tile.start, tile.samples);
    // Which channel of the response takes which input to this output: as for a ConvolverNode.
    let [first, second] = match (layout.channels, output) {
        (1, output) => [Some((output, 0)), None],
        (2, output) => [Some((output, output)), None],
        (_, output) => [Some((0, output)), Some((1, 2 + output))],
    };
    region.reach([sum], [level.diary(), level.areas(), level.spectra()], |[sum], [diary, areas, spectra]| {
        let mut products = Products::new(sum);
        for partition in 0..level.partitions {
            let area = if partition == 0 {
                Some(usize::from(order.place.area))
            } else {
                area_of(diary, order.block, partition)
            };
            let Some(area) = area else { continue };
            for (input, channel) in [first, second].into_iter().flatten() {
                let a = cut(areas, tile, level.area_start(area, input));
                let b = cut(spectra, tile, level.spectrum_start(channel, partition));
                if let (Some(a), Some(b)) = (a, b) {
                    products.add(a, b);
                }
            }
        }
        products.finish();
    });
}

/// A tile of the spectrum that starts at `start`.
fn cut(spectra: &[f32], tile: Span, start: usize) -> Option<&[f32]> {
    let from = start.wrapping_add(tile.start);
    spectra.get(from..from.wrapping_add(tile.samples))
}

fn transform_back(region: &Region<'_>, level: &LevelLayout, order: &Order, output: usize, fft: &RealFft<'_>) {
    let bench = usize::from(order.place.bench);
    let writes = [level.frames(bench, output), level.transform_work(bench)];
    region.reach(writes, [level.sum(bench)], |[frames, work], [sum]| fft.inverse_unordered(sum, frames, work));
}

/// Runs a slice of [`preparation`]: the taps of a partition, which lie at the start of its spectrum's place, become that
/// spectrum. Whoever goes on with a preparation that another has left finds in the journal how far it came: twice the
/// number of spectra, and one more while the next one, finished on the bench, is copied to its place.
#[inline(never)]
pub(crate) fn run_preparation(descriptor: &Descriptor, slice: u32, commons: &Commons<'_>) {
    let [region, ..] = descriptor.arguments;
    if let Some(region) = commons.regions.taken(region) {
        prepare(&region, &Layout::new(region.shape(), commons.transforms), slice, commons);
    }
}

/// Prepares the spectrum with that number.
pub(crate) fn prepare(region: &Region<'_>, layout: &Layout, number: u32, commons: &Commons<'_>) {
    let Some((index, channel, partition)) = layout.spectrum(number as usize) else { return };
    let (Some(level), Some(fft)) = (layout.levels.get(index), commons.transforms.get(index)) else { return };
    let copying = number.wrapping_mul(2).wrapping_add(1);
    let journal = region.journal();
    if journal > copying {
        return;
    }
    let (place, bench) = (level.spectrum(channel, partition), level.sum(0));
    if journal != copying {
        // Forward and back multiply by the size, a power of two.
        let scale = layout.scale / (2 * level.block) as f32;
        let taps = Span::new(place.start, level.block);
        let writes = [level.frames(0, 0), level.transform_work(0), bench];
        region.reach(writes, [taps], |[frames, work, spectrum], [taps]| {
            frames.fill(0.0);
            for (frame, tap) in frames.iter_mut().zip(taps) {
                *frame = tap * scale;
            }
            fft.forward_unordered(frames, spectrum, work);
        });
        region.note(copying);
    }
    region.reach([place], [bench], |[place], [spectrum]| {
        for (place, sample) in place.iter_mut().zip(spectrum) {
            *place = *sample;
        }
    });
    region.note(copying.wrapping_add(1));
}

/// Whether all spectra of a response are there.
#[must_use]
pub(crate) fn is_prepared(region: &Region<'_>, layout: &Layout) -> bool {
    region.journal() as usize >= 2 * layout.spectra_count()
}
