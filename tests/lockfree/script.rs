//! Random decisions, drawn from a list of words that a property test can shorten.

/// Splitmix64 (Steele, Lea, Flood 2014): `count` words that `seed` decides.
#[must_use]
pub fn words(seed: u64, count: usize) -> Vec<u32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits >> 32) as u32
    };
    (0..count).map(|_| next()).collect()
}

/// Reads decisions off a list of words.
pub struct Script<'a> {
    rest: &'a [u32],
}

impl<'a> Script<'a> {
    /// Decisions from the first word on.
    #[must_use]
    pub fn new(rest: &'a [u32]) -> Self {
        Self { rest }
    }

    /// The next word; 0 after the last.
    pub fn word(&mut self) -> u32 {
        let Some((&first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        first
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        self.word() % bound
    }

    /// A place in a list of `length` elements, which is not empty.
    pub fn place(&mut self, length: usize) -> usize {
        self.word() as usize % length
    }

    /// Whether all words are read.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.rest.is_empty()
    }

    /// A free-running index to begin with: 0, any, or up to seven before 2³¹ or 2³².
    pub fn first_index(&mut self) -> u32 {
        let (choice, word) = (self.below(4), self.word());
        match choice {
            0 => 0,
            1 => (1 << 31) - word % 8,
            2 => 0u32.wrapping_sub(word % 8),
            _ => word,
        }
    }
}
