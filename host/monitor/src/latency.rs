//! The way of a sample from its being rendered to the ear, as far as it is told.

/// Latency now, and its range.
#[derive(Clone, Debug, Default)]
pub struct Latency {
    total_ms: Option<f64>,
    output_ms: Option<f64>,
    range_ms: Option<(f64, f64)>,
}

impl Latency {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the parts are now: effects (0 without any), `AudioContext.baseLatency` and `outputLatency`. An output of 0 is one
    /// that the browser does not tell.
    pub fn read(&mut self, engine_ms: f64, base_ms: Option<f64>, output_ms: Option<f64>) {
        let output_ms = output_ms.filter(|&ms| ms.is_finite() && ms > 0.0);
        if output_ms.is_some() != self.output_ms.is_some() {
            // A sum with fewer parts is not a lower latency.
            self.range_ms = None;
        }
        self.output_ms = output_ms;
        self.total_ms =
            base_ms.map(|base_ms| engine_ms + base_ms + output_ms.unwrap_or(0.0)).filter(|ms| ms.is_finite());
        if let Some(total_ms) = self.total_ms {
            let (low_ms, high_ms) = self.range_ms.unwrap_or((total_ms, total_ms));
            self.range_ms = Some((low_ms.min(total_ms), high_ms.max(total_ms)));
        }
    }

    /// The sum of what is told; `None` without a base latency.
    #[must_use]
    pub fn total_ms(&self) -> Option<f64> {
        self.total_ms
    }

    /// The output's part; `None` if the browser does not tell it.
    #[must_use]
    pub fn output_ms(&self) -> Option<f64> {
        self.output_ms
    }

    /// The least sum, of the same parts as now.
    #[must_use]
    pub fn low_ms(&self) -> Option<f64> {
        self.range_ms.map(|(low_ms, _)| low_ms)
    }

    /// The greatest sum, of the same parts as now.
    #[must_use]
    pub fn high_ms(&self) -> Option<f64> {
        self.range_ms.map(|(_, high_ms)| high_ms)
    }

    /// The range begins anew.
    pub fn reset(&mut self) {
        self.range_ms = self.total_ms.map(|total_ms| (total_ms, total_ms));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(latency: &Latency) -> [Option<f64>; 4] {
        [latency.total_ms(), latency.low_ms(), latency.high_ms(), latency.output_ms()]
    }

    #[test]
    fn it_is_the_sum_of_its_parts_with_a_range() {
        let mut latency = Latency::new();
        assert_eq!(told(&latency), [None; 4]);
        for (engine_ms, output_ms) in [(5.0, 20.0), (0.0, 40.0), (5.0, 10.0), (5.0, 30.0)] {
            latency.read(engine_ms, Some(10.0), Some(output_ms));
        }
        assert_eq!(told(&latency), [Some(45.0), Some(25.0), Some(50.0), Some(30.0)]);
        latency.reset();
        assert_eq!(told(&latency), [Some(45.0), Some(45.0), Some(45.0), Some(30.0)]);
    }

    #[test]
    fn without_what_is_not_told_of_the_output_it_is_the_rest() {
        for unknown in [None, Some(0.0), Some(f64::NAN)] {
            let mut latency = Latency::new();
            latency.read(5.0, Some(10.0), unknown);
            assert_eq!(told(&latency), [Some(15.0), Some(15.0), Some(15.0), None]);
            // Once it is told, what was without it is not the least.
            latency.read(5.0, Some(10.0), Some(20.0));
            assert_eq!(told(&latency), [Some(35.0), Some(35.0), Some(35.0), Some(20.0)]);
        }
    }

    #[test]
    fn without_a_base_there_is_no_sum() {
        for unknown in [None, Some(f64::NAN)] {
            let mut latency = Latency::new();
            latency.read(5.0, unknown, Some(20.0));
            assert_eq!(told(&latency), [None, None, None, Some(20.0)]);
        }
    }
}
