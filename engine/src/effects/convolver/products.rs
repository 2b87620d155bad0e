//! Sums of products of spectra.

use core::iter::zip;

use crate::dsp::simd::{F32x4, LANES};

/// Samples of a block of an unordered spectrum: four real parts, then four imaginary ones.
const BLOCK: usize = 8;

/// Pairs of spectra that are summed in one go.
const PAIRS: usize = 4;

type Pair<'s> = (&'s [f32], &'s [f32]);

/// Gathers pairs of unordered spectra, or of the same part of each, and adds their products to a sum, in their order.
pub(crate) struct Products<'s> {
    sum: &'s mut [f32],
    waiting: [Pair<'s>; PAIRS],
    count: usize,
}

impl<'s> Products<'s> {
    /// A sum that is zero.
    pub fn new(sum: &'s mut [f32]) -> Self {
        sum.fill(0.0);
        Self { sum, waiting: [(&[], &[]); PAIRS], count: 0 }
    }

    /// Adds the products of the bins of `a` and `b`.
    pub fn add(&mut self, a: &'s [f32], b: &'s [f32]) {
        if let Some(place) = self.waiting.get_mut(self.count) {
            *place = (a, b);
            self.count += 1;
        }
        if self.count == PAIRS {
            let [p, q, r, s] = self.waiting;
            add_four(self.sum, p, q, r, s);
            self.count = 0;
        }
    }

    /// Adds what still waits.
    pub fn finish(self) {
        for pair in self.waiting.into_iter().take(self.count) {
            add_one(self.sum, pair);
        }
    }
}

#[inline(always)]
fn parts(block: &[f32; BLOCK]) -> [F32x4; 2] {
    match block.as_chunks::<LANES>() {
        ([re, im], _) => [F32x4::read(re), F32x4::read(im)],
        _ => [F32x4::ZERO; 2],
    }
}

#[inline(always)]
fn product((a, b): (&[f32; BLOCK], &[f32; BLOCK])) -> [F32x4; 2] {
    let ([a_re, a_im], [b_re, b_im]) = (parts(a), parts(b));
    [a_re * b_re - a_im * b_im, a_re * b_im + a_im * b_re]
}

#[inline(always)]
fn add([a_re, a_im]: [F32x4; 2], [b_re, b_im]: [F32x4; 2]) -> [F32x4; 2] {
    [a_re + b_re, a_im + b_im]
}

#[inline(always)]
fn store(block: &mut [f32; BLOCK], [re, im]: [F32x4; 2]) {
    if let ([re_place, im_place], _) = block.as_chunks_mut::<LANES>() {
        re.write(re_place);
        im.write(im_place);
    }
}

fn add_one(sum: &mut [f32], (a, b): Pair<'_>) {
    let (sums, rest) = sum.as_chunks_mut::<BLOCK>();
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<BLOCK>(), b.as_chunks::<BLOCK>());
    for (sum, pair) in zip(sums, zip(a, b)) {
        store(sum, add(parts(sum), product(pair)));
    }
    add_rest(rest, (a_rest, b_rest));
}

fn blocks<'s>((a, b): Pair<'s>) -> impl Iterator<Item = (&'s [f32; BLOCK], &'s [f32; BLOCK])> {
    zip(a.as_chunks::<BLOCK>().0, b.as_chunks::<BLOCK>().0)
}

fn add_four(sum: &mut [f32], p: Pair<'_>, q: Pair<'_>, r: Pair<'_>, s: Pair<'_>) {
    let (sums, rest) = sum.as_chunks_mut::<BLOCK>();
    let pairs = zip(zip(blocks(p), blocks(q)), zip(blocks(r), blocks(s)));
    for (sum, ((p, q), (r, s))) in zip(sums, pairs) {
        // As a tree, so that no addition waits for more than three others.
        let four = add(add(product(p), product(q)), add(product(r), product(s)));
        store(sum, add(parts(sum), four));
    }
    for (a, b) in [p, q, r, s] {
        add_rest(rest, (a.as_chunks::<BLOCK>().1, b.as_chunks::<BLOCK>().1));
    }
}

/// What lies behind the blocks: complex numbers, real and imaginary part in turn.
fn add_rest(sum: &mut [f32], (a, b): Pair<'_>) {
    let (sums, _) = sum.as_chunks_mut::<2>();
    for ([re, im], ([a_re, a_im], [b_re, b_im])) in zip(sums, zip(a.as_chunks::<2>().0, b.as_chunks::<2>().0)) {
        (*re, *im) = (*re + a_re * b_re - a_im * b_im, *im + a_re * b_im + a_im * b_re);
    }
}
