//! Counters that only grow, shown since a moment.

/// What one counter has grown by. It may begin at 0 again, as those of a fresh engine do; what it had counted before is kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Since {
    last: Option<f64>,
    grown: f64,
}

impl Since {
    /// One that began with whoever watches: all of its first reading counts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that had counted to `value` before anybody watched.
    #[must_use]
    pub fn from_now(value: f64) -> Self {
        Self { last: Some(value).filter(|value| value.is_finite()), grown: 0.0 }
    }

    /// The counter reads `value`. Returns by how much it has grown; a `value` that is no number is passed over.
    pub fn read(&mut self, value: f64) -> f64 {
        if !value.is_finite() || value < 0.0 {
            return 0.0;
        }
        let last = self.last.replace(value).unwrap_or(0.0);
        let by = if value < last { value } else { value - last };
        self.grown += by;
        by
    }

    /// What it has grown by since the last reset; `None` until it was read.
    #[must_use]
    pub fn since(&self) -> Option<f64> {
        self.last.map(|_| self.grown)
    }

    /// Counts from the last reading on.
    pub fn reset(&mut self) {
        self.grown = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Random;

    #[test]
    fn fresh_counters_and_resets_lose_nothing() {
        let mut random = Random(9);
        for _ in 0..200 {
            let (mut since, mut counter, mut expected) = (Since::new(), 0.0, 0.0);
            for _ in 0..500 {
                match random.below(20) {
                    0 => {
                        since.reset();
                        expected = 0.0;
                    }
                    // A fresh engine. It is seen once it has counted less than the old one, or nothing.
                    1 => counter = 0.0,
                    _ => {
                        let by = f64::from(random.below(4));
                        counter += by;
                        expected += by;
                    }
                }
                since.read(counter);
                assert_eq!(since.since(), Some(expected));
            }
        }
    }

    #[test]
    fn what_is_not_read_is_unknown() {
        let mut since = Since::new();
        assert_eq!((since.since(), since.read(f64::NAN), since.read(-1.0), since.since()), (None, 0.0, 0.0, None));
        assert_eq!((since.read(3.0), since.since()), (3.0, Some(3.0)));
        assert_eq!((since.read(f64::INFINITY), since.since()), (0.0, Some(3.0)));
    }

    #[test]
    fn what_was_counted_before_anybody_watched_does_not_count() {
        let mut since = Since::from_now(7.0);
        assert_eq!((since.since(), since.read(9.0), since.since()), (Some(0.0), 2.0, Some(2.0)));
        assert_eq!((since.read(1.0), since.since()), (1.0, Some(3.0)), "a fresh one");
        assert_eq!(Since::from_now(f64::NAN).since(), None);
    }
}
