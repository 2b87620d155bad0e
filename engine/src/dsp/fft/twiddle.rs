//! The roots of unity `W(n)^k = e^(−2πi·k/n)`, computed in double precision.

use core::f64::consts::TAU;

/// Real and imaginary part of `scale · W(n)^k`.
pub fn twiddle(n: usize, k: usize, scale: f64) -> [f32; 2] {
    #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^53")]
    let angle = TAU * (k % n) as f64 / n as f64;
    let (sin, cos) = libm::sincos(angle);
    #[expect(clippy::cast_possible_truncation, reason = "this is where they are rounded")]
    [(scale * cos) as f32, (-scale * sin) as f32]
}
