//! What becomes of the bins of a step: natural order, their power, or blocks in the order of the steps.

use super::complex::{Complex, interleave_high, interleave_low};
use super::last::{Bins, Source};
use super::vector::{BLOCK, LANES, Place, Vector};

/// Where the eight bins of a step are in each of the four runs of a natural order: the first of the bins `K` and `L + K`,
/// which ascend, and the last of `2L − K` and `L − K`, which descend.
#[derive(Clone, Copy)]
pub struct Runs<P> {
    pub ascending: [P; 2],
    pub descending: [P; 2],
}

/// Complex bins, real and imaginary part in turn.
#[derive(Clone, Copy)]
pub struct Natural<P>(pub Runs<P>);

/// The squared magnitude of each bin.
#[derive(Clone, Copy)]
pub struct Power<P>(pub Runs<P>);

/// The blocks of a step, one behind the other.
#[derive(Clone, Copy)]
pub struct Unordered<P>(pub P);

/// # Safety
/// `to` points to four bins that nobody else uses.
#[inline(always)]
unsafe fn store_ascending<P: Place>(Complex { re, im }: Complex<P::Vector>, to: P) {
    // SAFETY: the caller's promise.
    unsafe {
        to.store(interleave_low(re, im));
        to.after(LANES).store(interleave_high(re, im));
    }
}

/// # Safety
/// As for [`store_ascending`]; `to` is the place of the last of them.
#[inline(always)]
unsafe fn store_descending<P: Place>(Complex { re, im }: Complex<P::Vector>, to: P) {
    let (low, high) = (interleave_low(re, im), interleave_high(re, im));
    // SAFETY: the caller's promise.
    unsafe {
        to.store(high.shuffle::<2, 3, 0, 1>(high));
        to.after(LANES).store(low.shuffle::<2, 3, 0, 1>(low));
    }
}

impl<P: Place> Bins<P> for Natural<P> {
    #[inline(always)]
    unsafe fn take_even(self, [s0, s1, s2, s3]: [Complex<P::Vector>; 4]) {
        let Runs { ascending, descending } = self.0;
        // SAFETY: the caller's promise.
        unsafe {
            store_ascending(s0, ascending[0]);
            store_ascending(s1, ascending[1]);
            store_descending(s2, descending[0].after(BLOCK));
            store_descending(s3, descending[1].after(BLOCK));
        }
    }

    #[inline(always)]
    unsafe fn take_odd(self, [s0, s1, s2, s3]: [Complex<P::Vector>; 4]) {
        let Runs { ascending, descending } = self.0;
        // SAFETY: the caller's promise.
        unsafe {
            store_descending(s0, descending[1]);
            store_descending(s1, descending[0]);
            store_ascending(s2, ascending[1].after(BLOCK));
            store_ascending(s3, ascending[0].after(BLOCK));
        }
    }
}

impl<P: Place> Bins<P> for Power<P> {
    #[inline(always)]
    unsafe fn take_even(self, bins: [Complex<P::Vector>; 4]) {
        let Runs { ascending, descending } = self.0;
        let [p0, p1, p2, p3] = bins.map(power);
        // SAFETY: the caller's promise.
        unsafe {
            ascending[0].store(p0);
            ascending[1].store(p1);
            descending[0].after(LANES).store(reverse(p2));
            descending[1].after(LANES).store(reverse(p3));
        }
    }

    #[inline(always)]
    unsafe fn take_odd(self, bins: [Complex<P::Vector>; 4]) {
        let Runs { ascending, descending } = self.0;
        let [p0, p1, p2, p3] = bins.map(power);
        // SAFETY: the caller's promise.
        unsafe {
            descending[1].store(reverse(p0));
            descending[0].store(reverse(p1));
            ascending[1].after(LANES).store(p2);
            ascending[0].after(LANES).store(p3);
        }
    }
}

#[inline(always)]
fn power<V: Vector>(Complex { re, im }: Complex<V>) -> V {
    re * re + im * im
}

#[inline(always)]
fn reverse<V: Vector>(vector: V) -> V {
    vector.shuffle::<3, 2, 1, 0>(vector)
}

impl<P: Place> Bins<P> for Unordered<P> {
    #[inline(always)]
    unsafe fn take_even(self, bins: [Complex<P::Vector>; 4]) {
        for (index, bin) in bins.into_iter().enumerate() {
            // SAFETY: the caller's promise.
            unsafe { bin.store(self.0.after(index * BLOCK)) };
        }
    }

    #[inline(always)]
    unsafe fn take_odd(self, bins: [Complex<P::Vector>; 4]) {
        // SAFETY: the caller's promise.
        unsafe { Self(self.0.after(4 * BLOCK)).take_even(bins) };
    }
}

/// # Safety
/// `from` points to four bins that nobody writes.
#[inline(always)]
unsafe fn load_ascending<P: Place>(from: P) -> Complex<P::Vector> {
    // SAFETY: the caller's promise.
    let (low, high) = unsafe { (from.load(), from.after(LANES).load()) };
    Complex::new(low.shuffle::<0, 2, 4, 6>(high), low.shuffle::<1, 3, 5, 7>(high))
}

/// # Safety
/// As for [`load_ascending`]; `from` is the place of the last of them.
#[inline(always)]
unsafe fn load_descending<P: Place>(from: P) -> Complex<P::Vector> {
    // SAFETY: the caller's promise.
    let (high, low) = unsafe { (from.load(), from.after(LANES).load()) };
    Complex::new(low.shuffle::<2, 0, 6, 4>(high), low.shuffle::<3, 1, 7, 5>(high))
}

impl<P: Place> Source<P> for Natural<P> {
    #[inline(always)]
    unsafe fn give_even(self) -> [Complex<P::Vector>; 4] {
        let Runs { ascending, descending } = self.0;
        // SAFETY: the caller's promise.
        unsafe {
            let (s0, s2) = (load_ascending(ascending[0]), load_descending(descending[0].after(BLOCK)));
            let (s1, s3) = (load_ascending(ascending[1]), load_descending(descending[1].after(BLOCK)));
            [s0, s1, s2, s3]
        }
    }

    #[inline(always)]
    unsafe fn give_odd(self) -> [Complex<P::Vector>; 4] {
        let Runs { ascending, descending } = self.0;
        // SAFETY: the caller's promise.
        unsafe {
            let (s0, s2) = (load_descending(descending[1]), load_ascending(ascending[1].after(BLOCK)));
            let (s1, s3) = (load_descending(descending[0]), load_ascending(ascending[0].after(BLOCK)));
            [s0, s1, s2, s3]
        }
    }
}

impl<P: Place> Source<P> for Unordered<P> {
    #[inline(always)]
    unsafe fn give_even(self) -> [Complex<P::Vector>; 4] {
        // SAFETY: the caller's promise.
        core::array::from_fn(|index| unsafe { Complex::load(self.0.after(index * BLOCK)) })
    }

    #[inline(always)]
    unsafe fn give_odd(self) -> [Complex<P::Vector>; 4] {
        // SAFETY: the caller's promise.
        unsafe { Self(self.0.after(4 * BLOCK)).give_even() }
    }
}
