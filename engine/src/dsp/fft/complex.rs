//! The complex transform: the four interleaved signals side by side, then the last pass.

use super::kernels::butterfly::radix4;
use super::kernels::complex::{Complex, interleave_high, interleave_low, transpose};
use super::kernels::vector::{BLOCK, LANES, Place};
use super::level::positions;
use super::portable::deinterleave;
use super::twiddle::twiddle;
use super::{check_size, middle};
use crate::config::ConfigError;
use crate::memory::Arena;

/// Samples of the twiddles of four bins of the last pass.
const GROUP_TWIDDLES: usize = 3 * BLOCK;

/// A complex transform of one size: its tables. Copies share them, so every thread can have one; each call brings its own
/// work area.
///
/// Signals and spectra are N complex numbers in natural order, real and imaginary part in turn. Forward is
/// `X[k] = Σ x[n] · e^(−2πi·k·n/N)`, inverse `x[n] = Σ X[k] · e^(2πi·k·n/N)`, both not scaled.
///
/// Both return whether all slices had the length that they state, and do nothing if not.
#[derive(Clone, Copy)]
pub struct ComplexFft<'a> {
    size: usize,
    twiddles: &'a [f32],
    positions: &'a [u32],
    /// Of the last pass.
    last: &'a [f32],
}

impl<'a> ComplexFft<'a> {
    /// Computes the tables for transforms of `size` complex numbers.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::NotPowerOfTwo`] or [`ConfigError::Count`] for a size that is none from
    /// [`MIN_SIZE`](super::MIN_SIZE) to [`MAX_SIZE`](super::MAX_SIZE), [`ConfigError::OutOfMemory`] when the arena has no
    /// room.
    pub fn new(arena: &mut Arena<'a>, size: usize) -> Result<Self, ConfigError> {
        check_size(size)?;
        let points = size / LANES;
        let twiddles = arena.slice(middle::twiddle_samples(points))?;
        middle::fill_twiddles(points, twiddles);
        let last = arena.slice(points / LANES * GROUP_TWIDDLES)?;
        for (group, blocks) in last.as_chunks_mut::<GROUP_TWIDDLES>().0.iter_mut().enumerate() {
            for (power, block) in (1..).zip(blocks.as_chunks_mut::<BLOCK>().0) {
                for lane in 0..LANES {
                    [block[lane], block[LANES + lane]] = twiddle(size, power * (LANES * group + lane), 1.0);
                }
            }
        }
        Ok(Self { size, twiddles, positions: positions(arena, points)?, last })
    }

    /// Complex numbers of a signal or a spectrum.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Samples of the work area that a call needs; what lies in it before and after is of no meaning.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn work_samples(&self) -> usize {
        2 * self.size
    }

    /// Transforms `input` to `output` (2N samples each).
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn forward(&self, input: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        self.run::<false>(input, output, work)
    }

    /// Transforms `spectrum` back to `output` (2N samples each), N times as large.
    ///
    /// # Real-time
    /// Audio thread or worker.
    pub fn inverse(&self, spectrum: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        self.run::<true>(spectrum, output, work)
    }

    #[inline(always)]
    fn run<const INVERSE: bool>(&self, input: &[f32], output: &mut [f32], work: &mut [f32]) -> bool {
        let fits = input.len() == 2 * self.size && output.len() == 2 * self.size && work.len() >= self.work_samples();
        if fits {
            // SAFETY: the lengths are those of the size, and the tables are made for it.
            unsafe {
                deinterleave::<INVERSE>(input.as_ptr(), work.as_mut_ptr(), self.size / LANES);
                middle::transform(self.size / LANES, work.as_mut_ptr(), 1, self.twiddles.as_ptr());
                self.join::<INVERSE>(work.as_ptr(), output.as_mut_ptr());
            }
        }
        fits
    }

    /// The last pass: four bins of each signal at a time become bins of the whole.
    ///
    /// # Safety
    /// `work` points to the transforms of the four signals, `output` to N complex numbers that nobody else uses.
    #[inline(always)]
    unsafe fn join<const INVERSE: bool>(&self, work: *const f32, output: *mut f32) {
        let (work, mut factors, mut to) = (work.cast_mut(), self.last.as_ptr().cast_mut(), output);
        for places in self.positions.as_chunks::<LANES>().0 {
            // SAFETY: positions are those of blocks of the work area; there are as many groups as there are twiddles and
            // bins in each quarter of the output.
            unsafe {
                let rows = places.map(|bytes| Complex::load(work.byte_add(bytes as usize)));
                let (re, im) = (transpose(rows.map(|row| row.re)), transpose(rows.map(|row| row.im)));
                let numbers: [_; LANES] = core::array::from_fn(|index| {
                    let number = Complex::new(re[index], im[index]);
                    if index == 0 { number } else { number.times(Complex::load(factors.add((index - 1) * BLOCK))) }
                });
                radix4(
                    |index| numbers[index],
                    |quarter, bin| {
                        let Complex { re, im } = if INVERSE { bin.swap() } else { bin };
                        let place = to.add(quarter * self.size / 2);
                        Place::store(place, interleave_low(re, im));
                        Place::store(place.add(LANES), interleave_high(re, im));
                    },
                );
                factors = factors.add(GROUP_TWIDDLES);
                to = to.add(BLOCK);
            }
        }
    }
}
