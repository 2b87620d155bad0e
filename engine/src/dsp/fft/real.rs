//! The real transform: what the passes are called with, and what is checked before.

use super::kernels::leaf::LEAF_POINTS;
use super::kernels::vector::BLOCK;
use super::level::{Level, stride};
use super::spectra::{Order, Spectra, fill_twiddles, twiddle_samples};
use super::{check_size, middle, nested, parts};
use crate::config::ConfigError;
use crate::dsp::simd::LANES;
use crate::memory::Arena;

/// Levels of the longest transform below the first.
const MAX_DEPTH: usize = 4;

/// A real transform of one size: its tables. Copies share them, so every thread can have one; each call brings its own
/// work area.
///
/// Forward is `X[k] = Σ x[n] · e^(−2πi·k·n/N)`, inverse `x[n] = Σ X[k] · e^(2πi·k·n/N)` over all N bins, both not scaled:
/// one after the other multiplies by N.
///
/// Every method returns whether all slices had the length that it states, and does nothing if not.
#[derive(Clone, Copy)]
pub struct RealFft<'a> {
    plan: &'a Plan<'a>,
}

struct Plan<'a> {
    size: usize,
    work_samples: usize,
    first: Level<'a>,
    /// The first `depth` are in use.
    deeper: [Level<'a>; MAX_DEPTH],
    depth: usize,
    /// What is left for the leaf of the last level.
    leaf_points: usize,
    /// Of the last pass.
    twiddles: &'a [f32],
}

impl<'a> RealFft<'a> {
    /// Computes the tables for transforms of `size` real samples.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::NotPowerOfTwo`] or [`ConfigError::Count`] for a size that is none from [`MIN_SIZE`](super::MIN_SIZE) to [`MAX_SIZE`](super::MAX_SIZE),
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>, size: usize) -> Result<Self, ConfigError> {
        check_size(size)?;
        let first = Level::new(arena, size / (8 * LANES), None)?;
        let (mut outer, mut depth) = (first, 0);
        let mut deeper = [Level::default(); MAX_DEPTH];
        while 2 * outer.points > LEAF_POINTS {
            outer = Level::new(arena, outer.points / 4, Some(&outer))?;
            deeper[depth] = outer;
            depth += 1;
        }
        let twiddles = arena.slice(twiddle_samples(size))?;
        fill_twiddles(size, twiddles);
        let (work_samples, leaf_points) = (outer.end(), 2 * outer.points);
        let plan = Plan { size, work_samples, first, deeper, depth, leaf_points, twiddles };
        Ok(Self { plan: arena.place(plan)? })
    }

    /// Samples of a signal.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn size(&self) -> usize {
        self.plan.size
    }

    /// Samples of the work area that a call needs; what lies in it before and after is of no meaning.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn work_samples(&self) -> usize {
        self.plan.work_samples
    }

    /// Samples of a spectrum in natural order: real and imaginary part of bins 0 to N/2.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn bin_samples(&self) -> usize {
        self.plan.size + 2
    }

    /// Samples of an unordered spectrum, blocks, each of four real and four imaginary parts: see [`super::multiply_accumulate`].
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn spectrum_samples(&self) -> usize {
        self.plan.size + BLOCK
    }

    /// Transforms `input` (N samples) to `output` (N + 2 samples, natural order).
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn forward(&self, input: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        let fits = self.fits(input, work) && output.len() == self.bin_samples();
        if fits {
            // SAFETY: the lengths are those of the size, and the bins are as many as the output has.
            unsafe {
                self.run(input, None, Order::Natural(output.as_mut_ptr()), work);
            }
        }
        fits
    }

    /// Transforms `input` (N samples) to `spectrum` ([`Self::spectrum_samples`], unordered).
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn forward_unordered(&self, input: &[f32], spectrum: &mut [f32], work: &mut [f32]) -> bool {
        let fits = self.fits(input, work) && spectrum.len() == self.spectrum_samples();
        if fits {
            // SAFETY: the lengths are those of the size.
            unsafe { self.run(input, None, Order::Unordered(spectrum.as_mut_ptr()), work) };
        }
        fits
    }

    /// Writes the samples of `window` (N samples) to `arranged` (N samples) in the order in which
    /// [`Self::power_spectrum`] needs them.
    ///
    /// # Real-time
    /// Any thread.
    pub fn arrange_window(&self, window: &[f32], arranged: &mut [f32]) -> bool {
        let fits = window.len() == self.plan.size && arranged.len() == self.plan.size;
        if fits {
            let eighth = self.plan.size / 8;
            for (step, factors) in arranged.chunks_exact_mut(8 * LANES).enumerate() {
                for (j, factors) in factors.chunks_exact_mut(LANES).enumerate() {
                    let samples = window.iter().skip(j * eighth + step * LANES);
                    factors.iter_mut().zip(samples).for_each(|(factor, &sample)| *factor = sample);
                }
            }
        }
        fits
    }

    /// The power spectrum of `input` times a window that [`Self::arrange_window`] has arranged (N samples each): `|X[k]|²`
    /// of bins 0 to N/2 in `power` (N/2 + 1 samples).
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn power_spectrum(&self, input: &[f32], arranged: &[f32], power: &mut [f32], work: &mut [f32]) -> bool {
        let fits = self.fits(input, work) && arranged.len() == self.plan.size && power.len() == self.plan.size / 2 + 1;
        if fits {
            // SAFETY: the lengths are those of the size, and the bins are as many as the output has.
            unsafe {
                self.run(input, Some(arranged), Order::Power(power.as_mut_ptr()), work);
            }
        }
        fits
    }

    /// Transforms `spectrum` (N + 2 samples, natural order) back to `output` (N samples), N times as large. The imaginary
    /// parts of bins 0 and N/2 should be 0.
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn inverse(&self, spectrum: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        let fits = self.fits(output, work) && spectrum.len() == self.bin_samples();
        if fits {
            // SAFETY: the lengths are those of the size, and the bins are as many as the spectrum has.
            unsafe { self.run_inverse(Order::Natural(spectrum.as_ptr().cast_mut()), output, work) };
        }
        fits
    }

    /// Transforms `spectrum` ([`Self::spectrum_samples`], unordered) back to `output` (N samples), N times as large.
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn inverse_unordered(&self, spectrum: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        let fits = self.fits(output, work) && spectrum.len() == self.spectrum_samples();
        if fits {
            // SAFETY: the lengths are those of the size.
            unsafe { self.run_inverse(Order::Unordered(spectrum.as_ptr().cast_mut()), output, work) };
        }
        fits
    }

    fn fits(&self, signal: &[f32], work: &[f32]) -> bool {
        signal.len() == self.plan.size && work.len() >= self.plan.work_samples
    }

    fn deeper(&self) -> &'a [Level<'a>] {
        self.plan.deeper.get(..self.plan.depth).unwrap_or_default()
    }

    /// The passes of a level that come before those of its rest.
    ///
    /// # Safety
    /// `signal` and `window` are as long as the level's signal, `work` is its part of the work area.
    #[inline(always)]
    unsafe fn split(level: &Level<'_>, signal: *const f32, window: Option<*const f32>, work: *mut f32) {
        let Level { points, split: factors, twiddles, .. } = *level;
        // SAFETY: the tables are those of the level, and the three complex signals lie a stride apart.
        unsafe {
            match window {
                Some(window) => parts::split_windowed(points, signal, window, work, factors.as_ptr()),
                None => parts::split(points, signal, work, factors.as_ptr()),
            }
            Self::transform(points, work, twiddles);
        }
    }

    /// The complex transforms of a level.
    ///
    /// # Safety
    /// `work` is its part of the work area.
    #[inline(always)]
    unsafe fn transform(points: usize, work: *mut f32, twiddles: &[f32]) {
        let (twiddles, stride) = (twiddles.as_ptr(), stride(points));
        // SAFETY: the three complex signals lie a stride apart.
        unsafe {
            if stride == points * BLOCK {
                middle::transform(points, work, 3, twiddles);
            } else {
                for part in 0..3 {
                    middle::transform(points, work.add(part * stride), 1, twiddles);
                }
            }
        }
    }

    /// All passes of a forward transform.
    ///
    /// # Safety
    /// The lengths are checked, and `output` has all bins.
    #[inline(always)]
    unsafe fn run(&self, input: &[f32], window: Option<&[f32]>, output: Order, work: &mut [f32]) {
        let Plan { first, leaf_points, twiddles, .. } = self.plan;
        let work = work.as_mut_ptr();
        // SAFETY: the plan laid out the levels in the work area. The rest of a level is the signal of the next, that of the
        // last is as long as the leaf; a level's spectrum goes behind the rest that it is the spectrum of.
        unsafe {
            Self::split(first, input.as_ptr(), window.map(<[f32]>::as_ptr), work);
            let mut outer = first;
            for level in self.deeper() {
                Self::split(level, work.add(outer.rest()), None, work.add(level.start));
                outer = level;
            }
            parts::leaf(*leaf_points, work.add(outer.rest()), work.add(outer.rest_spectrum()));
            for level in self.deeper().iter().rev() {
                nested::gather(level, work.add(level.start), work.add(level.spectrum));
            }
            Spectra::new(first, work, twiddles).forward(output);
        }
    }

    /// All passes of an inverse transform.
    ///
    /// # Safety
    /// The lengths are checked, and `input` has all bins.
    #[inline(always)]
    unsafe fn run_inverse(&self, input: Order, output: &mut [f32], work: &mut [f32]) {
        let Plan { first, leaf_points, twiddles, .. } = self.plan;
        let work = work.as_mut_ptr();
        // SAFETY: as in `run`, the other way round.
        unsafe {
            Spectra::new(first, work, twiddles).inverse(input);
            let mut outer = first;
            for level in self.deeper() {
                nested::scatter(level, work.add(level.spectrum), work.add(level.start));
                outer = level;
            }
            parts::inverse_leaf(*leaf_points, work.add(outer.rest()), work.add(outer.rest_spectrum()));
            for level in self.deeper().iter().rev() {
                Self::unsplit(level, work.add(level.signal), work.add(level.start));
            }
            Self::unsplit(first, output.as_mut_ptr(), work);
        }
    }

    /// The passes of an inverse level that come after those of its rest.
    ///
    /// # Safety
    /// `signal` is as long as the level's signal, `work` is its part of the work area.
    #[inline(always)]
    unsafe fn unsplit(level: &Level<'_>, signal: *mut f32, work: *mut f32) {
        let Level { points, unsplit, twiddles, positions, .. } = *level;
        // SAFETY: the tables are those of the level.
        unsafe {
            Self::transform(points, work, twiddles);
            parts::unsplit(points, signal, work, unsplit.as_ptr(), positions.as_ptr());
        }
    }
}
