//! A transform of each size that jobs need.

use super::RealFft;
use crate::config::ConfigError;
use crate::memory::Arena;

/// The least size, 2 to this.
const LEAST_BITS: usize = 5;
const SIZES: usize = 11;

/// The longest transform of a job.
pub const LONGEST: usize = 1 << (LEAST_BITS + SIZES - 1);

/// Real transforms of the sizes 32 to [`LONGEST`], whose tables exist once.
pub struct RealFfts<'a>([RealFft<'a>; SIZES]);

impl<'a> RealFfts<'a> {
    /// Computes the tables: 360 KiB.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::OutOfMemory`] when the arena has no room.
    pub fn new(arena: &mut Arena<'a>) -> Result<Self, ConfigError> {
        let mut ffts = [RealFft::new(arena, 1 << LEAST_BITS)?; SIZES];
        for (bits, fft) in (LEAST_BITS..).zip(&mut ffts).skip(1) {
            *fft = RealFft::new(arena, 1 << bits)?;
        }
        Ok(Self(ffts))
    }

    /// The transform of `size` samples; `None` if that is no power of two from 32 to [`LONGEST`].
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn of(&self, size: usize) -> Option<&RealFft<'a>> {
        let place = (size.trailing_zeros() as usize).checked_sub(LEAST_BITS)?;
        self.0.get(place).filter(|fft| fft.size() == size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn each_size_is_there_and_no_other() {
        let mut memory = Memory::new(1 << 19);
        let ffts = RealFfts::new(&mut memory.arena()).unwrap();
        for bits in 0..20 {
            let found = ffts.of(1 << bits).map(RealFft::size);
            assert_eq!(found, (5..=15).contains(&bits).then_some(1 << bits));
        }
        assert!(ffts.of(0).is_none() && ffts.of(96).is_none());
    }
}
