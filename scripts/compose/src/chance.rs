//! Pseudo-random numbers: Marsaglia's xorshift with 64 bits of state.

/// A seeded generator.
pub struct Chance(u64);

impl Chance {
    /// `seed` must not be 0, from which xorshift never departs.
    pub fn new(seed: u64) -> Self {
        assert!(seed != 0, "xorshift stays at 0 when its seed is 0");
        Self(seed)
    }

    /// Evenly distributed from -1 to 1.
    pub fn signed(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // 53 bits are what an f64 holds exactly.
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}
