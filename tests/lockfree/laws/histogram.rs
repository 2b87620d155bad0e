//! A histogram's quantiles are never below the true ones and at most a quarter above; a counter is a wrapping sum.

use rusty_audio_engine::lockfree::counter::Counter;
use rusty_audio_engine::lockfree::histogram::Histogram;

use crate::script::Script;

/// See the module.
pub fn histogram(words: &[u32]) {
    let mut script = Script::new(words);
    let (histogram, counter) = (Histogram::new(), Counter::new());
    let (mut durations, mut sum) = (Vec::new(), 0u32);
    while !script.is_over() {
        let bits = script.below(21);
        let us = script.word() & ((1 << bits) - 1);
        histogram.record(us);
        durations.push(us);
        let amount = script.word();
        counter.add(amount);
        sum = sum.wrapping_add(amount);
        assert_eq!(counter.read(), sum);
    }
    durations.sort_unstable();
    let snapshot = histogram.read();
    assert_eq!(snapshot.count(), durations.len() as u64);
    assert_eq!(snapshot.max_us(), durations.last().copied().unwrap_or(0));
    for per_mille in [0, 1, 500, 950, 990, 1000] {
        // The smallest duration that at least this share does not exceed.
        let rank = (durations.len() * per_mille as usize).div_ceil(1000).max(1) - 1;
        let exact = durations.get(rank).copied().unwrap_or(0);
        let told = snapshot.quantile_us(per_mille);
        assert!(exact <= told && told <= exact + exact / 4, "{exact} is told as {told}");
    }
}
