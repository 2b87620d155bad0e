//! What becomes of the bins: natural order, the order in which they are computed, or their power.

use super::lanes::{BLOCK, Complex};
use super::last::{Input, Output};
use crate::dsp::simd::{F32x4, LANES};

/// The four runs of a natural order in which a group lies: those of the bins `K` and `L + K`, which ascend, and of
/// `2L − K` and `L − K`, which descend. `SAMPLES` is how many samples a bin has.
pub struct Natural<const SAMPLES: usize> {
    ascending: [*mut f32; 2],
    descending: [*mut f32; 2],
    /// Where bins `L/2` and `3L/2` are.
    left_over: [*mut f32; 2],
}

/// Complex bins, real and imaginary part in turn.
pub type Bins = Natural<2>;

/// The squared magnitude of each bin.
pub type Power = Natural<1>;

/// Blocks in the order of the groups.
pub struct Unordered {
    next: *mut f32,
}

impl<const SAMPLES: usize> Natural<SAMPLES> {
    /// The order of the `size/2 + 1` bins at `first` of a transform of `size`. As an input it writes nothing there.
    pub fn new(first: *mut f32, size: usize) -> Self {
        let quarter = size / 4;
        let at = |bin: usize| first.wrapping_add(bin * SAMPLES);
        // Of the runs that descend, the lowest address that two groups touch.
        let down_from = |bin: usize| at(bin).wrapping_sub(7 * SAMPLES);
        Self {
            ascending: [at(0), at(quarter)],
            descending: [down_from(2 * quarter), down_from(quarter)],
            left_over: [at(quarter / 2), at(quarter / 2 + quarter)],
        }
    }

    #[inline(always)]
    fn step(&mut self) {
        self.ascending = self.ascending.map(|run| run.wrapping_add(8 * SAMPLES));
        self.descending = self.descending.map(|run| run.wrapping_sub(8 * SAMPLES));
    }
}

impl Unordered {
    /// The spectrum at `first`. As an input it writes nothing there.
    pub fn new(first: *mut f32) -> Self {
        Self { next: first }
    }
}

/// # Safety
/// `to` points to four bins that nobody else uses.
#[inline(always)]
unsafe fn store_ascending(Complex { re, im }: Complex, to: *mut f32) {
    // SAFETY: the caller's promise.
    unsafe {
        re.interleave_low(im).store(to);
        re.interleave_high(im).store(to.add(LANES));
    }
}

/// # Safety
/// As for [`store_ascending`]; `to` is the place of the last of them.
#[inline(always)]
unsafe fn store_descending(Complex { re, im }: Complex, to: *mut f32) {
    let swap_halves = |v: F32x4| v.shuffle::<2, 3, 0, 1>(v);
    // SAFETY: the caller's promise.
    unsafe {
        swap_halves(re.interleave_high(im)).store(to);
        swap_halves(re.interleave_low(im)).store(to.add(LANES));
    }
}

impl Output for Bins {
    #[inline(always)]
    unsafe fn even(&mut self, [s0, s1, s2, s3]: [Complex; 4]) {
        // SAFETY: the caller's promise; the runs stay among the bins.
        unsafe {
            store_ascending(s0, self.ascending[0]);
            store_ascending(s1, self.ascending[1]);
            store_descending(s2, self.descending[0].add(BLOCK));
            store_descending(s3, self.descending[1].add(BLOCK));
        }
    }

    #[inline(always)]
    unsafe fn odd(&mut self, [s0, s1, s2, s3]: [Complex; 4]) {
        // SAFETY: the caller's promise; the runs stay among the bins.
        unsafe {
            store_descending(s0, self.descending[1]);
            store_descending(s1, self.descending[0]);
            store_ascending(s2, self.ascending[1].add(BLOCK));
            store_ascending(s3, self.ascending[0].add(BLOCK));
        }
        self.step();
    }

    #[inline(always)]
    unsafe fn left_over(&mut self, bins: [[f32; 2]; 2]) {
        for (place, bin) in self.left_over.into_iter().zip(bins) {
            // SAFETY: the caller's promise.
            unsafe { place.cast::<[f32; 2]>().write_unaligned(bin) };
        }
    }
}

impl Output for Power {
    #[inline(always)]
    unsafe fn even(&mut self, bins: [Complex; 4]) {
        let [p0, p1, p2, p3] = bins.map(power);
        // SAFETY: the caller's promise; the runs stay among the bins.
        unsafe {
            p0.store(self.ascending[0]);
            p1.store(self.ascending[1]);
            p2.reverse().store(self.descending[0].add(LANES));
            p3.reverse().store(self.descending[1].add(LANES));
        }
    }

    #[inline(always)]
    unsafe fn odd(&mut self, bins: [Complex; 4]) {
        let [p0, p1, p2, p3] = bins.map(power);
        // SAFETY: the caller's promise; the runs stay among the bins.
        unsafe {
            p0.reverse().store(self.descending[1]);
            p1.reverse().store(self.descending[0]);
            p2.store(self.ascending[1].add(LANES));
            p3.store(self.ascending[0].add(LANES));
        }
        self.step();
    }

    #[inline(always)]
    unsafe fn left_over(&mut self, bins: [[f32; 2]; 2]) {
        for (place, [re, im]) in self.left_over.into_iter().zip(bins) {
            // SAFETY: the caller's promise.
            unsafe { place.write(re * re + im * im) };
        }
    }
}

#[inline(always)]
fn power(Complex { re, im }: Complex) -> F32x4 {
    re * re + im * im
}

impl Output for Unordered {
    #[inline(always)]
    unsafe fn even(&mut self, bins: [Complex; 4]) {
        for (index, bin) in bins.into_iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { bin.store(self.next.add(index * BLOCK)) };
        }
        self.next = self.next.wrapping_add(4 * BLOCK);
    }

    #[inline(always)]
    unsafe fn odd(&mut self, bins: [Complex; 4]) {
        // SAFETY: the caller's promise.
        unsafe { Output::even(self, bins) };
    }

    #[inline(always)]
    unsafe fn left_over(&mut self, bins: [[f32; 2]; 2]) {
        // SAFETY: the caller's promise.
        unsafe { self.next.cast::<[[f32; 2]; 2]>().write_unaligned(bins) };
    }
}

/// # Safety
/// `from` points to four bins that nobody writes.
#[inline(always)]
unsafe fn load_ascending(from: *const f32) -> Complex {
    // SAFETY: the caller's promise.
    let (low, high) = unsafe { (F32x4::load(from), F32x4::load(from.add(LANES))) };
    Complex::new(low.shuffle::<0, 2, 4, 6>(high), low.shuffle::<1, 3, 5, 7>(high))
}

/// # Safety
/// As for [`load_ascending`]; `from` is the place of the last of them.
#[inline(always)]
unsafe fn load_descending(from: *const f32) -> Complex {
    // SAFETY: the caller's promise.
    let (high, low) = unsafe { (F32x4::load(from), F32x4::load(from.add(LANES))) };
    Complex::new(low.shuffle::<2, 0, 6, 4>(high), low.shuffle::<3, 1, 7, 5>(high))
}

impl Input for Bins {
    #[inline(always)]
    unsafe fn even(&mut self) -> [Complex; 4] {
        // SAFETY: the caller's promise; the runs stay among the bins.
        unsafe {
            [
                load_ascending(self.ascending[0]),
                load_ascending(self.ascending[1]),
                load_descending(self.descending[0].add(BLOCK)),
                load_descending(self.descending[1].add(BLOCK)),
            ]
        }
    }

    #[inline(always)]
    unsafe fn odd(&mut self) -> [Complex; 4] {
        // SAFETY: the caller's promise; the runs stay among the bins.
        let bins = unsafe {
            [
                load_descending(self.descending[1]),
                load_descending(self.descending[0]),
                load_ascending(self.ascending[1].add(BLOCK)),
                load_ascending(self.ascending[0].add(BLOCK)),
            ]
        };
        self.step();
        bins
    }

    #[inline(always)]
    unsafe fn left_over(&mut self) -> [[f32; 2]; 2] {
        // SAFETY: the caller's promise.
        self.left_over.map(|place| unsafe { place.cast::<[f32; 2]>().read_unaligned() })
    }
}

impl Input for Unordered {
    #[inline(always)]
    unsafe fn even(&mut self) -> [Complex; 4] {
        // SAFETY: the caller's promise.
        let bins = core::array::from_fn(|index| unsafe { Complex::load(self.next.add(index * BLOCK)) });
        self.next = self.next.wrapping_add(4 * BLOCK);
        bins
    }

    #[inline(always)]
    unsafe fn odd(&mut self) -> [Complex; 4] {
        // SAFETY: the caller's promise.
        unsafe { Input::even(self) }
    }

    #[inline(always)]
    unsafe fn left_over(&mut self) -> [[f32; 2]; 2] {
        // SAFETY: the caller's promise.
        unsafe { self.next.cast::<[[f32; 2]; 2]>().read_unaligned() }
    }
}
