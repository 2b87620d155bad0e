//! The last pass over all groups, and the first of the inverse: what its steps run over, and the bins that no step has.

use core::f32::consts::FRAC_1_SQRT_2;

use super::form;
use super::kernels::last::GROUP_TWIDDLES;
use super::kernels::order::{Natural, Power, Runs, Unordered};
use super::kernels::vector::{BLOCK, LANES};
use super::level::{Level, stride};
use super::portable::{inverse_single, single};
use super::twiddle::twiddle;

/// The spectra of the parts of the four interleaved signals, in the work area.
pub struct Spectra {
    /// The three complex spectra, and how many samples they are apart.
    pub first: *mut f32,
    pub stride: usize,
    /// Of the first of them the last block.
    pub last: *mut f32,
    /// The spectrum of the rest.
    pub rest: *mut f32,
    /// Where the bins of a complex spectrum are, in bytes.
    pub positions: *const u32,
    /// Steps, each of two groups.
    pub pairs: usize,
    pub twiddles: *const f32,
}

/// Samples of the twiddles of all groups of a transform of `size`.
pub const fn twiddle_samples(size: usize) -> usize {
    size / 32 * GROUP_TWIDDLES
}

/// Computes the twiddles in the order of the groups: for each the three powers of `W(size)^K` for its four bins `K`.
pub fn fill_twiddles(size: usize, twiddles: &mut [f32]) {
    for (group, blocks) in twiddles.as_chunks_mut::<GROUP_TWIDDLES>().0.iter_mut().enumerate() {
        for (power, block) in (1..).zip(blocks.as_chunks_mut::<BLOCK>().0) {
            for lane in 0..LANES {
                let bin = LANES * group + lane;
                let bin = if group % 2 == 0 { bin } else { size / 4 - bin };
                [block[lane], block[LANES + lane]] = twiddle(size, power * bin, 1.0);
            }
        }
    }
}

/// Where the bins of the whole go, or come from.
pub enum Order {
    /// Bins in natural order, real and imaginary part in turn.
    Natural(*mut f32),
    /// Powers in natural order.
    Power(*mut f32),
    /// Blocks, the last of the two bins that no group has, and of zeros.
    Unordered(*mut f32),
}

impl Spectra {
    /// Those of the first level.
    pub fn new(level: &Level<'_>, work: *mut f32, twiddles: &[f32]) -> Self {
        Self {
            first: work,
            stride: stride(level.points),
            last: work.wrapping_add((level.points - 1) * BLOCK),
            rest: work.wrapping_add(level.rest_spectrum()),
            positions: level.positions.as_ptr(),
            pairs: level.points / 2,
            twiddles: twiddles.as_ptr(),
        }
    }

    fn quarter(&self) -> usize {
        if self.pairs == 0 { 8 } else { 16 * self.pairs }
    }

    /// The only group of the shortest transform, which has no pairs.
    fn only_group(&self) -> [*mut f32; 4] {
        [self.rest, self.first, self.first.wrapping_add(self.stride), self.first.wrapping_add(2 * self.stride)]
    }

    /// The runs of bins of `SAMPLES` samples each.
    fn runs<const SAMPLES: usize>(&self, first: *mut f32) -> Runs<*mut f32> {
        let bin = |bin: usize| first.wrapping_add(bin * SAMPLES);
        let down_from = |last: usize| bin(last).wrapping_sub(7 * SAMPLES);
        let quarter = self.quarter();
        Runs { ascending: [bin(0), bin(quarter)], descending: [down_from(2 * quarter), down_from(quarter)] }
    }

    /// Where the bins `L/2` and `3L/2` are, of `SAMPLES` samples each.
    fn left_over<const SAMPLES: usize>(&self, first: *mut f32) -> [*mut f32; 2] {
        let quarter = self.quarter();
        [quarter / 2, quarter / 2 + quarter].map(|bin| first.wrapping_add(bin * SAMPLES))
    }

    /// Where the last block of an unordered spectrum lies.
    fn end(&self, first: *mut f32) -> *mut f32 {
        first.wrapping_add(self.quarter() / 8 * 4 * BLOCK)
    }

    /// Bin `L/2` of the rest, which is bin `L/2` of the four signals.
    fn middle(&self) -> *mut [f32; LANES] {
        self.rest.wrapping_add(self.quarter() / 8 * BLOCK).cast()
    }

    /// The last pass.
    ///
    /// # Safety
    /// The spectra are there, and `order` points to all bins of a transform of their size, which nobody else uses meanwhile.
    #[inline(always)]
    pub unsafe fn forward(&self, order: Order) {
        // SAFETY: the caller's promise; what is left over lies behind the groups or in the middle of the natural order.
        unsafe {
            let bins = left_over(self.middle().read_unaligned());
            match order {
                Order::Natural(first) => {
                    let runs = self.runs::<2>(first);
                    if self.pairs == 0 {
                        single(self.only_group(), self.twiddles, Natural(runs));
                    }
                    form::to_natural(self, runs);
                    for (place, bin) in self.left_over::<2>(first).into_iter().zip(bins) {
                        place.cast::<[f32; 2]>().write_unaligned(bin);
                    }
                }
                Order::Power(first) => {
                    let runs = self.runs::<1>(first);
                    if self.pairs == 0 {
                        single(self.only_group(), self.twiddles, Power(runs));
                    }
                    form::to_power(self, runs);
                    for (place, [re, im]) in self.left_over::<1>(first).into_iter().zip(bins) {
                        place.write(re * re + im * im);
                    }
                }
                Order::Unordered(first) => {
                    if self.pairs == 0 {
                        single(self.only_group(), self.twiddles, Unordered(first));
                    }
                    form::to_unordered(self, first);
                    let [[a_re, a_im], [b_re, b_im]] = bins;
                    let block = [a_re, b_re, 0.0, 0.0, a_im, b_im, 0.0, 0.0];
                    self.end(first).cast::<[f32; BLOCK]>().write_unaligned(block);
                }
            }
        }
    }

    /// The first pass of the inverse, from natural order or unordered, four times as large.
    ///
    /// # Safety
    /// As for [`Self::forward`]; the bins are only read.
    #[inline(always)]
    pub unsafe fn inverse(&self, order: Order) {
        // SAFETY: as in `forward`.
        unsafe {
            let bins = match order {
                Order::Natural(first) => {
                    let runs = self.runs::<2>(first);
                    if self.pairs == 0 {
                        inverse_single(self.only_group(), self.twiddles, Natural(runs));
                    }
                    form::from_natural(self, runs);
                    self.left_over::<2>(first).map(|place| place.cast::<[f32; 2]>().read_unaligned())
                }
                Order::Unordered(first) => {
                    if self.pairs == 0 {
                        inverse_single(self.only_group(), self.twiddles, Unordered(first));
                    }
                    form::from_unordered(self, first);
                    let [a_re, b_re, _, _, a_im, b_im, _, _] = self.end(first).cast::<[f32; BLOCK]>().read_unaligned();
                    [[a_re, a_im], [b_re, b_im]]
                }
                // Powers have no inverse.
                Order::Power(_) => return,
            };
            self.middle().write_unaligned(inverse_left_over(bins));
        }
    }
}

/// Bin `L/2` of the four signals is real; of the whole it gives the bins `L/2` and `3L/2`.
fn left_over([f0, f1, f2, f3]: [f32; 4]) -> [[f32; 2]; 2] {
    let (f, g) = (FRAC_1_SQRT_2 * (f1 - f3), FRAC_1_SQRT_2 * (f1 + f3));
    [[f0 + f, -f2 - g], [f0 - f, f2 - g]]
}

fn inverse_left_over([[p, q], [r, t]]: [[f32; 2]; 2]) -> [f32; 4] {
    let root = core::f32::consts::SQRT_2;
    [2.0 * (p + r), root * (p - r - q - t), 2.0 * (t - q), root * (r - p - q - t)]
}
