//! Histogram of durations: four buckets per octave of microseconds, as in Gil Tene's HdrHistogram with two bits.
//!
//! Buckets 0 to 7 hold one microsecond each; from there on a bucket of the octave `[2ᵏ, 2ᵏ⁺¹)` is `2ᵏ⁻²` wide. So a
//! quantile, told as the upper end of its bucket, is never below the true one and less than a quarter above it.

use core::array;

use crate::lockfree::atomics::{AtomicU32, Ordering};

/// Buckets of a histogram; the last one holds 1.8 s and all above.
pub const BUCKETS: usize = 80;

/// Durations counted by one thread and read by any.
#[derive(Debug)]
pub struct Histogram {
    counts: [AtomicU32; BUCKETS],
    max_us: AtomicU32,
}

fn bucket(us: u32) -> usize {
    let octave = us.max(4).ilog2();
    let quarter = us >> (octave - 2);
    ((octave - 2) * 4 + quarter) as usize
}

/// The longest duration that bucket `bucket` is for.
fn upper_end_us(bucket: usize) -> u32 {
    match u32::try_from(bucket) {
        Ok(bucket @ 0..8) => bucket,
        Ok(bucket @ 8..79) => ((bucket % 4 + 5) << (bucket / 4 - 1)) - 1,
        _ => u32::MAX,
    }
}

impl Histogram {
    /// An empty one.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn new() -> Self {
        Self { counts: array::from_fn(|_| AtomicU32::new(0)), max_us: AtomicU32::new(0) }
    }

    /// Counts one duration.
    ///
    /// # Real-time
    /// The counting thread; wait-free.
    pub fn record(&self, us: u32) {
        if let Some(count) = self.counts.get(bucket(us).min(BUCKETS - 1)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        if self.max_us.load(Ordering::Relaxed) < us {
            self.max_us.store(us, Ordering::Relaxed);
        }
    }

    /// The counts as they are now. One that is raised meanwhile may be seen or not.
    ///
    /// # Real-time
    /// Any thread; wait-free.
    #[must_use]
    pub fn read(&self) -> Snapshot {
        Snapshot {
            counts: array::from_fn(|bucket| self.counts.get(bucket).map_or(0, |count| count.load(Ordering::Relaxed))),
            max_us: self.max_us.load(Ordering::Relaxed),
        }
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::new()
    }
}

/// What a histogram held at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    counts: [u32; BUCKETS],
    max_us: u32,
}

impl Snapshot {
    /// How many durations there were.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|&count| u64::from(count)).sum()
    }

    /// The longest one, exactly, of all that were ever counted.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn max_us(&self) -> u32 {
        self.max_us
    }

    /// What was counted since `earlier`; counts may have wrapped.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut counts = self.counts;
        for (count, earlier) in counts.iter_mut().zip(earlier.counts) {
            *count = count.wrapping_sub(earlier);
        }
        Self { counts, max_us: self.max_us }
    }

    /// A duration that a share of `per_mille` thousandths does not exceed: 500 is the median, 990 is p99. Never below
    /// the true one, at most a quarter above it, never above the maximum; 0 when nothing was counted.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn quantile_us(&self, per_mille: u32) -> u32 {
        let wanted = (self.count() * u64::from(per_mille.min(1000))).div_ceil(1000).max(1);
        let mut seen = 0;
        for (bucket, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen >= wanted {
                return upper_end_us(bucket).min(self.max_us);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        for bucket_number in 0..79 {
            let end = upper_end_us(bucket_number);
            assert_eq!(bucket(end), bucket_number);
            assert_eq!(bucket(end + 1), bucket_number + 1);
        }
        assert!(bucket(u32::MAX) >= BUCKETS);
        assert_eq!(upper_end_us(78) + 1, 7 << 18);
    }

    #[test]
    fn what_the_last_bucket_holds_is_told_by_the_maximum() {
        let histogram = Histogram::new();
        histogram.record(3_000_000);
        histogram.record(u32::MAX - 1);
        assert_eq!(histogram.read().quantile_us(500), u32::MAX - 1);
        assert_eq!(histogram.read().max_us(), u32::MAX - 1);
    }

    #[test]
    fn a_window_counts_what_came_since() {
        let histogram = Histogram::new();
        histogram.record(100);
        let earlier = histogram.read();
        assert_eq!(histogram.read().since(&earlier).quantile_us(500), 0, "nothing came");
        histogram.record(7);
        histogram.record(7);
        assert_eq!((histogram.read().since(&earlier).count(), histogram.read().count()), (2, 3));
        assert_eq!(histogram.read().since(&earlier).quantile_us(990), 7);
    }
}
