//! Four lanes of `f32`: the one vector type of every kernel.
//!
//! In WebAssembly with SIMD a vector is a `v128`; elsewhere, also in the scalar build, it is four numbers and the compiler
//! does with them what the processor can. Each operation is the same IEEE 754 operation in each lane, in the same order,
//! so both forms give the same bits. There is no fused multiply-add and no relaxed instruction, for the same reason.

use core::ops::{Add, AddAssign, Div, Mul, MulAssign, Neg, Sub, SubAssign};

/// Lanes of a vector.
pub const LANES: usize = 4;

/// Bits of a mantissa, without the one that is not stored.
const MANTISSA_WIDTH: u32 = 23;
const MANTISSA_BITS: u32 = (1 << MANTISSA_WIDTH) - 1;
const EXPONENT_BIAS: u8 = 127;
/// Where neighbouring numbers lie 1 apart: the last bits of the mantissa are a whole number.
const ULP_1: f32 = (1u32 << MANTISSA_WIDTH) as f32;
/// The same, with room for negative numbers: adding it rounds.
const ROUNDER: f32 = 1.5 * ULP_1;

/// Four lanes of `f32`.
///
/// # Real-time
/// Any thread: every method is a few instructions and cannot panic.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct F32x4(form::Vector);

/// What a comparison gives: all bits of a lane, or none.
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Mask(form::Choice);

impl F32x4 {
    /// Zero in each lane.
    pub const ZERO: Self = Self(form::ZERO);

    /// `value` in each lane.
    #[inline(always)]
    #[must_use]
    pub fn splat(value: f32) -> Self {
        Self(form::splat(value))
    }

    /// The numbers of `lanes`, in order.
    #[inline(always)]
    #[must_use]
    pub fn new(lanes: [f32; LANES]) -> Self {
        Self(form::from_array(lanes))
    }

    /// The lanes, in order.
    #[inline(always)]
    #[must_use]
    pub fn to_array(self) -> [f32; LANES] {
        form::to_array(self.0)
    }

    /// The four samples at `from`, at any alignment.
    ///
    /// # Safety
    /// `from` points to four samples that nobody writes meanwhile.
    #[inline(always)]
    #[must_use]
    pub unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller says that the four samples are there; they need no alignment.
        Self(unsafe { form::load(from) })
    }

    /// The sample at `from`, in each lane.
    ///
    /// # Safety
    /// `from` points to a sample that nobody writes meanwhile.
    #[inline(always)]
    #[must_use]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller says that the sample is there; it needs no alignment.
        Self(unsafe { form::load_splat(from) })
    }

    /// Writes the lanes to `to`, at any alignment.
    ///
    /// # Safety
    /// `to` points to four samples that nobody else uses meanwhile.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller says that the four samples are there; they need no alignment.
        unsafe { form::store(to, self.0) };
    }

    /// The four samples of `samples`.
    #[inline(always)]
    #[must_use]
    pub fn read(samples: &[f32; LANES]) -> Self {
        // SAFETY: a reference to four samples.
        unsafe { Self::load(samples.as_ptr()) }
    }

    /// Writes the lanes into `samples`.
    #[inline(always)]
    pub fn write(self, samples: &mut [f32; LANES]) {
        // SAFETY: an exclusive reference to four samples.
        unsafe { self.store(samples.as_mut_ptr()) };
    }

    /// The lesser of each two lanes: `other` where it is less, else `self`, also where either is not a number.
    #[inline(always)]
    #[must_use]
    pub fn min(self, other: Self) -> Self {
        Self(form::min(self.0, other.0))
    }

    /// The greater of each two lanes: `other` where it is greater, else `self`, also where either is not a number.
    #[inline(always)]
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self(form::max(self.0, other.0))
    }

    /// The magnitude of each lane.
    #[inline(always)]
    #[must_use]
    pub fn abs(self) -> Self {
        Self(form::abs(self.0))
    }

    /// Where lanes are less than those of `other`.
    #[inline(always)]
    #[must_use]
    pub fn less_than(self, other: Self) -> Mask {
        Mask(form::less_than(self.0, other.0))
    }

    /// Where lanes are at most those of `other`.
    #[inline(always)]
    #[must_use]
    pub fn less_than_or_equal(self, other: Self) -> Mask {
        Mask(form::less_than_or_equal(self.0, other.0))
    }

    /// `[a0, b0, a1, b1]`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_low(self, other: Self) -> Self {
        Self(form::shuffle::<0, 4, 1, 5>(self.0, other.0))
    }

    /// `[a2, b2, a3, b3]`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_high(self, other: Self) -> Self {
        Self(form::shuffle::<2, 6, 3, 7>(self.0, other.0))
    }

    /// `[a0, a1, b0, b1]`.
    #[inline(always)]
    #[must_use]
    pub fn low_halves(self, other: Self) -> Self {
        Self(form::shuffle::<0, 1, 4, 5>(self.0, other.0))
    }

    /// `[a2, a3, b2, b3]`.
    #[inline(always)]
    #[must_use]
    pub fn high_halves(self, other: Self) -> Self {
        Self(form::shuffle::<2, 3, 6, 7>(self.0, other.0))
    }

    /// Any four of the eight lanes: 0 to 3 are `self`'s, 4 to 7 `other`'s.
    #[inline(always)]
    #[must_use]
    pub fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self {
        Self(form::shuffle::<A, B, C, D>(self.0, other.0))
    }

    /// The lanes from last to first.
    #[inline(always)]
    #[must_use]
    pub fn reverse(self) -> Self {
        self.shuffle::<3, 2, 1, 0>(self)
    }

    /// The lanes moved up by one; `first` comes in below.
    #[inline(always)]
    #[must_use]
    pub fn shift_in(self, first: f32) -> Self {
        Self::splat(first).shuffle::<0, 4, 5, 6>(self)
    }

    /// The sum of the lanes, `(0 + 1) + (2 + 3)`.
    #[inline(always)]
    #[must_use]
    pub fn sum(self) -> f32 {
        let [a, b, c, d] = self.to_array();
        (a + b) + (c + d)
    }

    /// The mantissa of each lane, in [1, 2), of lanes that are normal and positive.
    #[inline(always)]
    #[must_use]
    pub fn mantissa(self) -> Self {
        Self(form::mantissa(self.0))
    }

    /// The exponent of each lane: `lane = mantissa · 2^exponent`, of lanes that are normal and positive.
    #[inline(always)]
    #[must_use]
    pub fn exponent(self) -> Self {
        Self(form::exponent(self.0))
    }

    /// The whole number nearest to each lane, of two the even one, of lanes within ±2²¹.
    #[inline(always)]
    #[must_use]
    pub fn nearest(self) -> Self {
        (self + Self::splat(ROUNDER)) - Self::splat(ROUNDER)
    }

    /// Two to the power of each lane, of lanes that are whole and from −126 to 127.
    #[inline(always)]
    #[must_use]
    pub fn power_of_two(self) -> Self {
        Self(form::power_of_two(self.0))
    }
}

impl Mask {
    /// Lanes of `yes` where the comparison holds, of `no` elsewhere.
    #[inline(always)]
    #[must_use]
    pub fn select(self, yes: F32x4, no: F32x4) -> F32x4 {
        F32x4(form::select(self.0, yes.0, no.0))
    }

    /// Where both comparisons hold.
    #[inline(always)]
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(form::and(self.0, other.0))
    }

    /// Where either comparison holds.
    #[inline(always)]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(form::or(self.0, other.0))
    }

    /// Whether the comparison holds in all lanes.
    #[inline(always)]
    #[must_use]
    pub fn all(self) -> bool {
        form::all(self.0)
    }
}

impl Default for F32x4 {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<[f32; LANES]> for F32x4 {
    #[inline(always)]
    fn from(lanes: [f32; LANES]) -> Self {
        Self::new(lanes)
    }
}

impl Add for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(form::add(self.0, other.0))
    }
}

impl Sub for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(form::sub(self.0, other.0))
    }
}

impl Mul for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(form::mul(self.0, other.0))
    }
}

impl Mul<f32> for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn mul(self, factor: f32) -> Self {
        self * Self::splat(factor)
    }
}

impl Div for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(form::div(self.0, other.0))
    }
}

impl Neg for F32x4 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(form::neg(self.0))
    }
}

impl AddAssign for F32x4 {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for F32x4 {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for F32x4 {
    #[inline(always)]
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod form {
    use core::arch::wasm32::{
        f32x4, f32x4_extract_lane, i32x4_add, i32x4_all_true, i32x4_shl, i32x4_splat, u32x4_shr, v128, v128_and,
        v128_bitselect, v128_load, v128_load32_splat, v128_or, v128_store,
    };

    pub type Vector = v128;
    pub type Choice = v128;
    pub const ZERO: Vector = f32x4(0.0, 0.0, 0.0, 0.0);

    pub use core::arch::wasm32::{
        f32x4_abs as abs, f32x4_add as add, f32x4_div as div, f32x4_le as less_than_or_equal, f32x4_lt as less_than,
        f32x4_mul as mul, f32x4_neg as neg, f32x4_pmax as max, f32x4_pmin as min, f32x4_splat as splat,
        f32x4_sub as sub, i32x4_shuffle as shuffle, v128_and as and, v128_or as or,
    };

    #[inline(always)]
    pub fn from_array([a, b, c, d]: [f32; 4]) -> Vector {
        f32x4(a, b, c, d)
    }

    #[inline(always)]
    pub fn to_array(v: Vector) -> [f32; 4] {
        [f32x4_extract_lane::<0>(v), f32x4_extract_lane::<1>(v), f32x4_extract_lane::<2>(v), f32x4_extract_lane::<3>(v)]
    }

    #[inline(always)]
    pub fn all(choice: Choice) -> bool {
        i32x4_all_true(choice)
    }

    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Vector {
        // SAFETY: the caller's promise.
        unsafe { v128_load(from.cast()) }
    }

    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Vector {
        // SAFETY: the caller's promise.
        unsafe { v128_load32_splat(from.cast()) }
    }

    #[inline(always)]
    pub unsafe fn store(to: *mut f32, v: Vector) {
        // SAFETY: the caller's promise.
        unsafe { v128_store(to.cast(), v) };
    }

    #[inline(always)]
    pub fn select(choice: Choice, yes: Vector, no: Vector) -> Vector {
        v128_bitselect(yes, no, choice)
    }

    #[inline(always)]
    pub fn mantissa(v: Vector) -> Vector {
        v128_or(v128_and(v, i32x4_splat(super::MANTISSA_BITS.cast_signed())), splat(1.0))
    }

    #[inline(always)]
    pub fn exponent(v: Vector) -> Vector {
        let biased = v128_or(u32x4_shr(v, super::MANTISSA_WIDTH), splat(super::ULP_1));
        sub(biased, splat(super::ULP_1 + f32::from(super::EXPONENT_BIAS)))
    }

    #[inline(always)]
    pub fn power_of_two(v: Vector) -> Vector {
        let shifted = add(v, splat(super::ROUNDER));
        i32x4_shl(i32x4_add(shifted, i32x4_splat(i32::from(super::EXPONENT_BIAS))), super::MANTISSA_WIDTH)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod form {
    #[derive(Clone, Copy, Debug)]
    #[repr(align(16))]
    pub struct Vector([f32; 4]);
    pub type Choice = [bool; 4];
    pub const ZERO: Vector = Vector([0.0; 4]);

    #[inline(always)]
    fn each(a: Vector, b: Vector, operation: impl Fn(f32, f32) -> f32) -> Vector {
        let (Vector([a0, a1, a2, a3]), Vector([b0, b1, b2, b3])) = (a, b);
        Vector([operation(a0, b0), operation(a1, b1), operation(a2, b2), operation(a3, b3)])
    }

    #[inline(always)]
    pub fn splat(value: f32) -> Vector {
        Vector([value; 4])
    }

    #[inline(always)]
    pub fn from_array(lanes: [f32; 4]) -> Vector {
        Vector(lanes)
    }

    #[inline(always)]
    pub fn to_array(v: Vector) -> [f32; 4] {
        v.0
    }

    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Vector {
        // SAFETY: the caller's promise.
        Vector(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Vector {
        // SAFETY: the caller's promise.
        Vector([unsafe { from.read_unaligned() }; 4])
    }

    #[inline(always)]
    pub unsafe fn store(to: *mut f32, v: Vector) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(v.0) };
    }

    #[inline(always)]
    pub fn add(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a + b)
    }

    #[inline(always)]
    pub fn sub(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a - b)
    }

    #[inline(always)]
    pub fn mul(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a * b)
    }

    #[inline(always)]
    pub fn div(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| a / b)
    }

    #[inline(always)]
    pub fn neg(v: Vector) -> Vector {
        Vector(v.0.map(|lane| -lane))
    }

    #[inline(always)]
    pub fn abs(v: Vector) -> Vector {
        Vector(v.0.map(f32::abs))
    }

    #[inline(always)]
    pub fn min(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| if b < a { b } else { a })
    }

    #[inline(always)]
    pub fn max(a: Vector, b: Vector) -> Vector {
        each(a, b, |a, b| if a < b { b } else { a })
    }

    #[inline(always)]
    pub fn less_than(a: Vector, b: Vector) -> Choice {
        let (Vector([a0, a1, a2, a3]), Vector([b0, b1, b2, b3])) = (a, b);
        [a0 < b0, a1 < b1, a2 < b2, a3 < b3]
    }

    #[inline(always)]
    pub fn less_than_or_equal(a: Vector, b: Vector) -> Choice {
        let (Vector([a0, a1, a2, a3]), Vector([b0, b1, b2, b3])) = (a, b);
        [a0 <= b0, a1 <= b1, a2 <= b2, a3 <= b3]
    }

    #[inline(always)]
    pub fn and([a, b, c, d]: Choice, [e, f, g, h]: Choice) -> Choice {
        [a & e, b & f, c & g, d & h]
    }

    #[inline(always)]
    pub fn or([a, b, c, d]: Choice, [e, f, g, h]: Choice) -> Choice {
        [a | e, b | f, c | g, d | h]
    }

    #[inline(always)]
    pub fn all(choice: Choice) -> bool {
        choice == [true; 4]
    }

    #[inline(always)]
    pub fn select([a, b, c, d]: Choice, yes: Vector, no: Vector) -> Vector {
        let (Vector([y0, y1, y2, y3]), Vector([n0, n1, n2, n3])) = (yes, no);
        Vector([if a { y0 } else { n0 }, if b { y1 } else { n1 }, if c { y2 } else { n2 }, if d { y3 } else { n3 }])
    }

    #[inline(always)]
    pub fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(a: Vector, b: Vector) -> Vector {
        let pick = |lane: usize| if lane < 4 { a.0[lane % 4] } else { b.0[lane % 4] };
        Vector([pick(A), pick(B), pick(C), pick(D)])
    }

    #[inline(always)]
    pub fn mantissa(v: Vector) -> Vector {
        Vector(v.0.map(|lane| f32::from_bits((lane.to_bits() & super::MANTISSA_BITS) | 1f32.to_bits())))
    }

    #[inline(always)]
    pub fn exponent(v: Vector) -> Vector {
        let biased = |lane: f32| f32::from_bits((lane.to_bits() >> super::MANTISSA_WIDTH) | super::ULP_1.to_bits());
        Vector(v.0.map(|lane| biased(lane) - (super::ULP_1 + f32::from(super::EXPONENT_BIAS))))
    }

    #[inline(always)]
    pub fn power_of_two(v: Vector) -> Vector {
        let shifted = |lane: f32| (lane + super::ROUNDER).to_bits().wrapping_add(u32::from(super::EXPONENT_BIAS));
        Vector(v.0.map(|lane| f32::from_bits(shifted(lane) << super::MANTISSA_WIDTH)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f32; 4] = [1.0, -2.0, 3.0, -4.0];
    const B: [f32; 4] = [0.5, 4.0, -3.0, 8.0];

    #[test]
    fn lanes_keep_their_order() {
        let (a, b) = (F32x4::new(A), F32x4::new(B));
        assert_eq!(a.to_array(), A);
        assert_eq!((a + b).to_array(), [1.5, 2.0, 0.0, 4.0]);
        assert_eq!((a - b).to_array(), [0.5, -6.0, 6.0, -12.0]);
        assert_eq!((a * b).to_array(), [0.5, -8.0, -9.0, -32.0]);
        assert_eq!((a / b).to_array(), [2.0, -0.5, -1.0, -0.5]);
        assert_eq!((-a).to_array(), [-1.0, 2.0, -3.0, 4.0]);
        assert_eq!(a.abs().to_array(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(a.min(b).to_array(), [0.5, -2.0, -3.0, -4.0]);
        assert_eq!(a.max(b).to_array(), [1.0, 4.0, 3.0, 8.0]);
        assert_eq!(a.less_than(b).select(a, F32x4::ZERO).to_array(), [0.0, -2.0, 0.0, -4.0]);
        assert_eq!(a.sum(), -2.0);
        assert!(a.less_than_or_equal(a).all());
        assert!(!a.less_than(b).all());
        assert!(a.less_than(b).or(b.less_than(a)).all());
        assert!(!a.less_than(b).and(b.less_than(a)).all());
    }

    #[test]
    fn shuffles_are_what_their_names_say() {
        let (a, b) = (F32x4::new([0.0, 1.0, 2.0, 3.0]), F32x4::new([4.0, 5.0, 6.0, 7.0]));
        assert_eq!(a.interleave_low(b).to_array(), [0.0, 4.0, 1.0, 5.0]);
        assert_eq!(a.interleave_high(b).to_array(), [2.0, 6.0, 3.0, 7.0]);
        assert_eq!(a.low_halves(b).to_array(), [0.0, 1.0, 4.0, 5.0]);
        assert_eq!(a.high_halves(b).to_array(), [2.0, 3.0, 6.0, 7.0]);
        assert_eq!(a.reverse().to_array(), [3.0, 2.0, 1.0, 0.0]);
        assert_eq!(a.shift_in(9.0).to_array(), [9.0, 0.0, 1.0, 2.0]);
    }

    #[test]
    fn numbers_come_apart_and_together() {
        for n in -126i16..=127 {
            for mantissa in [1.0f32, 1.25, 1.999_999_9] {
                let power = f32::from_bits(u32::try_from(i32::from(n) + 127).unwrap() << 23);
                let lane = F32x4::splat(power * mantissa);
                assert_eq!(lane.mantissa().to_array(), [mantissa; 4]);
                assert_eq!(lane.exponent().to_array(), [f32::from(n); 4]);
                assert_eq!(F32x4::splat(f32::from(n)).power_of_two().to_array(), [power; 4]);
            }
        }
        assert_eq!(F32x4::new([0.5, 1.5, -0.7, 126.4]).nearest().to_array(), [0.0, 2.0, -1.0, 126.0]);
    }

    #[test]
    fn what_is_not_a_number_stays_in_its_place() {
        let (bad, good) = (F32x4::splat(f32::NAN), F32x4::splat(1.0));
        assert!(bad.min(good).to_array()[0].is_nan());
        assert_eq!(good.min(bad).to_array(), [1.0; 4]);
    }
}
