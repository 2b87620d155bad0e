//! How long jobs took from their posting to their end, as the workers' recorders tell.

use std::collections::HashMap;

use rusty_audio_engine::events::Occurrence;
use rusty_audio_engine::lockfree::histogram::Histogram;

/// Width of the first class: 1/64 ms.
const FIRST_MS: f64 = 1.0 / 64.0;
/// The last class is from 2¹⁴ ms on.
const CLASSES: usize = 22;

/// A class of durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JobClass {
    /// Its least duration; it ends where the next one begins.
    pub from_ms: f64,
    /// Jobs that were in it.
    pub count: u64,
}

/// Latencies of the jobs that workers did.
#[derive(Debug, Default)]
pub struct JobLatency {
    /// How long each worker's job had waited when it was claimed.
    waited_us: HashMap<u32, Claim>,
    latencies: Histogram,
    classes: [u64; CLASSES],
}

#[derive(Clone, Copy, Debug)]
struct Claim {
    kind: u32,
    deadline: u32,
    seen_us: u32,
}

impl JobLatency {
    /// No job was seen yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An event of a worker's recorder, in their order. What is not about a job's course is passed over; so is the end of a job
    /// whose beginning the recorder has left out.
    pub fn event(&mut self, worker: u32, occurrence: &Occurrence) {
        match *occurrence {
            Occurrence::Claimed { kind, deadline, seen_us } => {
                self.waited_us.insert(worker, Claim { kind, deadline, seen_us });
            }
            Occurrence::Dropped { .. } => {
                self.waited_us.remove(&worker);
            }
            Occurrence::Done { kind, deadline, execution_us } => {
                if let Some(claim) = self.waited_us.remove(&worker)
                    && (claim.kind, claim.deadline) == (kind, deadline)
                {
                    self.count(claim.seen_us.saturating_add(execution_us));
                }
            }
            _ => {}
        }
    }

    /// Half of the jobs took no longer; `None` without any, as below. Never below the truth, and less than a quarter above it.
    #[must_use]
    pub fn p50_ms(&self) -> Option<f64> {
        self.quantile_ms(500)
    }

    /// 19 of 20 took no longer.
    #[must_use]
    pub fn p95_ms(&self) -> Option<f64> {
        self.quantile_ms(950)
    }

    /// 99 of 100 took no longer.
    #[must_use]
    pub fn p99_ms(&self) -> Option<f64> {
        self.quantile_ms(990)
    }

    /// The slowest, exactly.
    #[must_use]
    pub fn max_ms(&self) -> Option<f64> {
        self.quantile_ms(1000)
    }

    /// How many jobs took how long, in classes that double, up to the slowest job's. The first begins at 0 and ends at 1/64 ms.
    pub fn classes(&self) -> impl Iterator<Item = JobClass> {
        let used = self.classes.iter().rposition(|&count| count > 0).map_or(0, |last| last + 1);
        let ends = std::iter::successors(Some(FIRST_MS), |from_ms| Some(2.0 * from_ms));
        let froms = std::iter::once(0.0).chain(ends);
        froms.zip(self.classes).take(used).map(|(from_ms, count)| JobClass { from_ms, count })
    }

    /// Counts from now on; a job that a worker has at hand counts.
    pub fn reset(&mut self) {
        self.latencies = Histogram::new();
        self.classes = [0; CLASSES];
    }

    fn count(&mut self, us: u32) {
        self.latencies.record(us);
        let sixty_fourths = u64::from(us) * 64 / 1000;
        let class = (u64::BITS - sixty_fourths.leading_zeros()) as usize;
        self.classes[class.min(CLASSES - 1)] += 1;
    }

    fn quantile_ms(&self, per_mille: u32) -> Option<f64> {
        let latencies = self.latencies.read();
        (latencies.count() > 0).then(|| f64::from(latencies.quantile_us(per_mille)) / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Random;

    fn job(latency: &mut JobLatency, worker: u32, seen_us: u32, execution_us: u32) {
        latency.event(worker, &Occurrence::Claimed { kind: 2, deadline: 7, seen_us });
        latency.event(worker, &Occurrence::Done { kind: 2, deadline: 7, execution_us });
    }

    #[test]
    fn quantiles_are_never_below_the_truth_and_less_than_a_quarter_above() {
        let mut random = Random(21);
        for _ in 0..50 {
            let mut latency = JobLatency::new();
            let mut truth: Vec<u32> = (0..1 + random.below(3000))
                .map(|_| {
                    let bits = random.below(17);
                    let (seen_us, execution_us) = (random.below(1 << bits), random.below(3000));
                    job(&mut latency, random.below(8), seen_us, execution_us);
                    seen_us + execution_us
                })
                .collect();
            truth.sort_unstable();
            let told = [latency.p50_ms(), latency.p95_ms(), latency.p99_ms(), latency.max_ms()];
            for (told, per_mille) in told.into_iter().zip([500, 950, 990, 1000]) {
                let exact_us = f64::from(truth[(truth.len() * per_mille).div_ceil(1000) - 1]);
                let told_us = told.expect("jobs") * 1000.0;
                assert!(
                    told_us > exact_us - 0.5 && told_us < 1.25 * exact_us + 1.0,
                    "{per_mille}: {told_us} {exact_us}"
                );
            }
            assert_eq!(latency.max_ms(), truth.last().map(|&us| f64::from(us) / 1000.0));
            let classes: Vec<_> = latency.classes().collect();
            for (place, class) in classes.iter().enumerate() {
                let until_ms = classes.get(place + 1).map_or(f64::INFINITY, |next| next.from_ms);
                let within = |&&us: &&u32| (class.from_ms..until_ms).contains(&(f64::from(us) / 1000.0));
                assert_eq!(class.count, truth.iter().filter(within).count() as u64, "{class:?}");
            }
        }
    }

    #[test]
    fn classes_double_and_end_with_the_slowest_job() {
        let mut latency = JobLatency::new();
        assert_eq!(latency.classes().count(), 0);
        [0, 15, 16, 31, 32, 1000].into_iter().for_each(|us| job(&mut latency, 0, us, 0));
        let told: Vec<_> = latency.classes().map(|class| (class.from_ms * 64.0, class.count)).collect();
        assert_eq!(told, [(0.0, 2), (1.0, 2), (2.0, 1), (4.0, 0), (8.0, 0), (16.0, 0), (32.0, 0), (64.0, 1)]);
        job(&mut latency, 0, u32::MAX, u32::MAX);
        assert_eq!(latency.classes().last(), Some(JobClass { from_ms: 16_384.0, count: 1 }));
        assert_eq!(latency.classes().count(), CLASSES);
    }

    #[test]
    fn only_whole_courses_count() {
        let mut latency = JobLatency::new();
        let claimed = |deadline| Occurrence::Claimed { kind: 2, deadline, seen_us: 5 };
        let done = |deadline| Occurrence::Done { kind: 2, deadline, execution_us: 400 };
        latency.event(0, &done(1));
        latency.event(0, &claimed(2));
        latency.event(0, &done(3));
        latency.event(0, &claimed(4));
        latency.event(0, &Occurrence::Dropped { kind: 2, deadline: 4 });
        latency.event(0, &done(4));
        latency.event(1, &claimed(5));
        latency.event(0, &done(5));
        assert_eq!([latency.p50_ms(), latency.p95_ms(), latency.p99_ms(), latency.max_ms()], [None; 4]);
        latency.event(1, &Occurrence::Turns { beats: 1, jobs: 1, busy_us: 1 });
        latency.event(1, &done(5));
        assert_eq!([latency.p50_ms(), latency.max_ms()], [Some(0.405); 2]);
        latency.reset();
        assert_eq!((latency.max_ms(), latency.classes().count()), (None, 0));
    }
}
