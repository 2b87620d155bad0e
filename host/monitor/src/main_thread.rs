//! How the page itself fares: its pictures and its tasks.

use std::collections::VecDeque;

/// How far back pictures are looked at, tasks, and pictures to learn the display's rate from.
const FRAMES_MS: f64 = 5000.0;
const TASKS_MS: f64 = 10_000.0;
const REFRESH_MS: f64 = 10_000.0;
/// Fewer intervals say nothing.
const FEWEST_INTERVALS: usize = 10;

#[derive(Clone, Copy, Debug)]
struct Timed {
    end_ms: f64,
    duration_ms: f64,
}

/// What animation frames and long tasks tell.
#[derive(Clone, Debug, Default)]
pub struct MainThread {
    previous_ms: Option<f64>,
    intervals: VecDeque<Timed>,
    tasks: VecDeque<Timed>,
    dropped: u64,
}

impl MainThread {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An animation frame, with the time that it was called with.
    pub fn frame(&mut self, now_ms: f64) {
        if !now_ms.is_finite() {
            return;
        }
        let Some(previous_ms) = self.previous_ms.replace(now_ms) else { return };
        let duration_ms = now_ms - previous_ms;
        // Two callbacks of one frame have the same time.
        if duration_ms <= 0.0 {
            return;
        }
        if let Some(refresh_ms) = self.refresh_ms() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            let periods = (duration_ms / refresh_ms).round() as u64;
            self.dropped = self.dropped.saturating_add(periods.saturating_sub(1));
        }
        self.intervals.push_back(Timed { end_ms: now_ms, duration_ms });
        forget(&mut self.intervals, now_ms - REFRESH_MS);
    }

    /// An entry of the Long Tasks or the Long Animation Frames API.
    pub fn task(&mut self, start_ms: f64, duration_ms: f64) {
        let end_ms = start_ms + duration_ms;
        if end_ms.is_finite() {
            self.tasks.push_back(Timed { end_ms, duration_ms });
            forget(&mut self.tasks, end_ms - TASKS_MS);
        }
    }

    /// The page is hidden, or nobody looks: the next frame is not late.
    pub fn pause(&mut self) {
        self.previous_ms = None;
    }

    /// The time between two frames that 19 of 20 did not exceed in the last five seconds; `None` with too few of them.
    #[must_use]
    pub fn frame_p95_ms(&self) -> Option<f64> {
        let newest_ms = self.intervals.back()?.end_ms;
        let mut durations = self.durations_since(newest_ms - FRAMES_MS);
        quantile(&mut durations, 0.95)
    }

    /// Frames that did not come in their time; `None` until the display's rate is known.
    #[must_use]
    pub fn dropped_frames(&self) -> Option<u64> {
        self.refresh_ms().map(|_| self.dropped)
    }

    /// The longest task of the ten seconds before `now_ms`: as the browser told, else by how much a frame came late. `None`
    /// without either.
    #[must_use]
    pub fn longest_task_ms(&self, now_ms: f64) -> Option<f64> {
        let since_ms = now_ms - TASKS_MS;
        let told = self.tasks.iter().filter(|task| task.end_ms >= since_ms).map(|task| task.duration_ms);
        told.reduce(f64::max).or_else(|| {
            let refresh_ms = self.refresh_ms()?;
            let longest_ms = self.durations_since(since_ms).into_iter().reduce(f64::max)?;
            Some((longest_ms - refresh_ms).max(0.0))
        })
    }

    /// Counts dropped frames from now on.
    pub fn reset(&mut self) {
        self.dropped = 0;
    }

    /// Time between two refreshes of the display: a tenth of the frames came within it, even if the page is slow.
    fn refresh_ms(&self) -> Option<f64> {
        quantile(&mut self.durations_since(f64::NEG_INFINITY), 0.1)
    }

    fn durations_since(&self, since_ms: f64) -> Vec<f64> {
        self.intervals
            .iter()
            .filter(|interval| interval.end_ms >= since_ms)
            .map(|interval| interval.duration_ms)
            .collect()
    }
}

fn forget(past: &mut VecDeque<Timed>, before_ms: f64) {
    while past.front().is_some_and(|first| first.end_ms < before_ms) {
        past.pop_front();
    }
}

fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    if values.len() < FEWEST_INTERVALS {
        return None;
    }
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a share of a length"
    )]
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traces::Random;

    const RATES_HZ: [f64; 4] = [30.0, 60.0, 120.0, 144.0];

    fn run(thread: &mut MainThread, now_ms: &mut f64, intervals: impl IntoIterator<Item = f64>) {
        for interval_ms in intervals {
            *now_ms += interval_ms;
            thread.frame(*now_ms);
        }
    }

    #[test]
    fn an_even_page_drops_nothing_at_any_rate() {
        let mut random = Random(4);
        for rate_hz in RATES_HZ {
            let (mut thread, mut now_ms) = (MainThread::new(), 0.0);
            let refresh_ms = 1000.0 / rate_hz;
            // Times of frames are rounded and tremble.
            let trembling: Vec<f64> = (0..5000).map(|_| refresh_ms * (0.9 + 0.2 * random.unit())).collect();
            run(&mut thread, &mut now_ms, trembling);
            assert_eq!(thread.dropped_frames(), Some(0), "{rate_hz}");
            let p95_ms = thread.frame_p95_ms().expect("frames");
            assert!((p95_ms / refresh_ms - 1.08).abs() < 0.03, "{rate_hz}: {p95_ms}");
            assert!(thread.longest_task_ms(now_ms).expect("frames") < 0.25 * refresh_ms);
        }
    }

    #[test]
    fn dropped_frames_are_counted_each() {
        for rate_hz in RATES_HZ {
            let (mut thread, mut now_ms, refresh_ms) = (MainThread::new(), 0.0, 1000.0 / rate_hz);
            run(&mut thread, &mut now_ms, [refresh_ms; 100]);
            run(&mut thread, &mut now_ms, [2.0 * refresh_ms, refresh_ms, 21.0 * refresh_ms, refresh_ms]);
            assert_eq!(thread.dropped_frames(), Some(21), "{rate_hz}");
            let longest_ms = thread.longest_task_ms(now_ms).expect("frames");
            assert!((longest_ms - 20.0 * refresh_ms).abs() < 1e-6, "{rate_hz}: {longest_ms}");
            thread.reset();
            assert_eq!(thread.dropped_frames(), Some(0));
        }
    }

    #[test]
    fn a_page_that_is_slow_half_of_the_time_does_not_change_the_displays_rate() {
        let (mut thread, mut now_ms) = (MainThread::new(), 0.0);
        run(&mut thread, &mut now_ms, [16.0; 60]);
        run(&mut thread, &mut now_ms, [16.0, 48.0].repeat(500));
        assert_eq!(thread.dropped_frames(), Some(1000));
        assert_eq!(thread.frame_p95_ms(), Some(48.0));
    }

    #[test]
    fn p95_is_of_the_last_five_seconds() {
        let (mut thread, mut now_ms) = (MainThread::new(), 0.0);
        run(&mut thread, &mut now_ms, [100.0; 60]);
        run(&mut thread, &mut now_ms, [10.0; 490]);
        assert_eq!(thread.frame_p95_ms(), Some(10.0), "one frame of a hundred is left");
    }

    #[test]
    fn hidden_time_is_not_late() {
        let (mut thread, mut now_ms) = (MainThread::new(), 0.0);
        run(&mut thread, &mut now_ms, [16.0; 100]);
        thread.pause();
        run(&mut thread, &mut now_ms, [60_000.0]);
        run(&mut thread, &mut now_ms, [16.0; 100]);
        assert_eq!((thread.dropped_frames(), thread.frame_p95_ms()), (Some(0), Some(16.0)));
        assert_eq!(thread.longest_task_ms(now_ms), Some(0.0));
    }

    #[test]
    fn tasks_that_the_browser_tells_come_first_and_are_forgotten_after_ten_seconds() {
        let (mut thread, mut now_ms) = (MainThread::new(), 0.0);
        run(&mut thread, &mut now_ms, [16.0; 100]);
        thread.task(now_ms - 340.0, 340.0);
        thread.task(now_ms - 100.0, 60.0);
        assert_eq!(thread.longest_task_ms(now_ms), Some(340.0));
        assert_eq!(thread.longest_task_ms(now_ms + 9_980.0), Some(340.0));
        run(&mut thread, &mut now_ms, [16.0; 700]);
        assert_eq!(thread.longest_task_ms(now_ms), Some(0.0));
    }

    #[test]
    fn nothing_is_known_without_frames() {
        let mut thread = MainThread::new();
        assert_eq!((thread.frame_p95_ms(), thread.dropped_frames(), thread.longest_task_ms(5.0)), (None, None, None));
        let mut now_ms = 0.0;
        run(&mut thread, &mut now_ms, [16.0; 8]);
        thread.frame(f64::NAN);
        assert_eq!(
            (thread.frame_p95_ms(), thread.dropped_frames(), thread.longest_task_ms(now_ms)),
            (None, None, None)
        );
        thread.task(0.0, 55.0);
        assert_eq!(thread.longest_task_ms(now_ms), Some(55.0));
        assert_eq!(thread.longest_task_ms(now_ms + 11_000.0), None);
    }
}
