//! The states of an audio context, and for how long it ran.

use std::collections::VecDeque;

use rusty_audio_engine::events::ContextState;

/// States that are remembered.
const MOST: usize = 32;

/// The context went into a state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateChange {
    /// Into which.
    pub state: ContextState,
    /// When, in ms.
    pub at_ms: f64,
}

/// The newest states of a context.
#[derive(Clone, Debug, Default)]
pub struct States {
    changes: VecDeque<StateChange>,
    ran_ms: f64,
    runs_since_ms: Option<f64>,
}

impl States {
    /// None is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The context is in `state` since `at_ms`. The state that it is in already is no change.
    pub fn change(&mut self, state: ContextState, at_ms: f64) {
        if self.state() == Some(state) {
            return;
        }
        self.ran_ms = self.running_ms(at_ms);
        self.runs_since_ms = (state == ContextState::Running).then_some(at_ms);
        if self.changes.len() == MOST {
            self.changes.pop_front();
        }
        self.changes.push_back(StateChange { state, at_ms });
    }

    /// The state now; `None` before any was told.
    #[must_use]
    pub fn state(&self) -> Option<ContextState> {
        self.changes.back().map(|change| change.state)
    }

    /// The states with their times, the newest last, at most 32.
    pub fn changes(&self) -> impl Iterator<Item = &StateChange> {
        self.changes.iter()
    }

    /// For how long the context ran since the last reset, at `now_ms`.
    #[must_use]
    pub fn running_ms(&self, now_ms: f64) -> f64 {
        self.ran_ms + self.runs_since_ms.map_or(0.0, |since_ms| (now_ms - since_ms).max(0.0))
    }

    /// Counts the time from `now_ms` on. The states stay.
    pub fn reset(&mut self, now_ms: f64) {
        self.ran_ms = 0.0;
        self.runs_since_ms = self.runs_since_ms.map(|_| now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ContextState::{Closed, Interrupted, Running, Suspended};

    #[test]
    fn the_time_counts_while_it_runs() {
        let mut states = States::new();
        assert_eq!((states.state(), states.running_ms(50.0)), (None, 0.0));
        for (state, at_ms) in
            [(Suspended, 0.0), (Running, 100.0), (Running, 150.0), (Interrupted, 300.0), (Running, 900.0)]
        {
            states.change(state, at_ms);
        }
        assert_eq!((states.state(), states.running_ms(1000.0)), (Some(Running), 300.0));
        assert_eq!(states.changes().map(|change| change.at_ms).collect::<Vec<_>>(), [0.0, 100.0, 300.0, 900.0]);
        states.reset(1000.0);
        assert_eq!(states.running_ms(1400.0), 400.0);
        states.change(Closed, 1500.0);
        assert_eq!(states.running_ms(9000.0), 500.0);
        states.reset(9000.0);
        assert_eq!((states.running_ms(9500.0), states.changes().count()), (0.0, 5));
        assert_eq!(states.running_ms(-1.0), 0.0, "a clock that was set");
    }

    #[test]
    fn the_newest_32_are_kept_and_no_time_is_lost() {
        let mut states = States::new();
        for pair in 0..100 {
            let at_ms = f64::from(pair) * 10.0;
            states.change(Running, at_ms);
            states.change(Suspended, at_ms + 4.0);
        }
        assert_eq!((states.changes().count(), states.running_ms(5000.0)), (32, 400.0));
        assert_eq!(states.changes().last(), Some(&StateChange { state: Suspended, at_ms: 994.0 }));
        assert!(states.changes().zip(states.changes().skip(1)).all(|(a, b)| a.at_ms < b.at_ms));
    }
}
