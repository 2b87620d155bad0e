//! The underruns that were found, and when to look for more.

use rusty_audio_monitor::{Gap, Newest};
use rusty_audio_recorder::{Kind, Recording, Span, Underrun, underruns};

/// Underruns that are kept.
const KEPT: usize = 64;

/// After something went wrong the recording is looked at for so long: what proves a cause may come after it. A dead worker is
/// known by two seconds of silence.
const PATIENCE_MS: f64 = 4000.0;

/// Underruns of a kind that begin within so long are the same one, seen again.
const SAME_MS: f64 = 750.0;

/// The underruns.
#[derive(Default)]
pub(super) struct Troubles {
    found: Vec<Underrun>,
    /// What all counters together said the last time.
    counted: f64,
    until_ms: f64,
    since_ms: f64,
}

impl Troubles {
    /// Whether something has gone wrong lately; `counted` is a number that grows when it does.
    pub(super) fn are_due(&mut self, now_ms: f64, counted: f64) -> bool {
        if counted != self.counted {
            self.counted = counted;
            self.until_ms = now_ms + PATIENCE_MS;
        }
        now_ms <= self.until_ms
    }

    /// Finds what is in a recording; what had been found of the same time is replaced.
    pub(super) fn look(&mut self, recording: &Recording, now_ms: f64) {
        for underrun in underruns(recording) {
            // One that began before is still one of what is counted since.
            if underrun.span.to_ms >= self.since_ms && underrun.span.from_ms <= now_ms {
                self.take(underrun);
            }
        }
    }

    /// Gaps of an audio thread that nobody recorded: that of others, and ours in solo mode.
    pub(super) fn hear_gaps(&mut self, gaps: &[Gap], since_ms: f64) {
        for gap in gaps.iter().filter(|gap| gap.wall_ms >= since_ms) {
            let span = Span { from_ms: gap.wall_ms - gap.ms, to_ms: gap.wall_ms };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of ms")]
            let amount = gap.ms as u64;
            self.take(Underrun { kind: Kind::Gap, span, amount, cause: None, evidence: Vec::new() });
        }
    }

    fn take(&mut self, underrun: Underrun) {
        let same = |known: &&mut Underrun| {
            known.kind == underrun.kind && (known.span.from_ms - underrun.span.from_ms).abs() <= SAME_MS
        };
        match self.found.iter_mut().find(same) {
            Some(known) => *known = underrun,
            None => {
                if self.found.len() == KEPT {
                    self.found.remove(0);
                }
                self.found.push(underrun);
                self.found.sort_by(|a, b| a.span.from_ms.total_cmp(&b.span.from_ms));
            }
        }
    }

    /// The oldest first.
    pub(super) fn all(&self) -> &[Underrun] {
        &self.found
    }

    /// The last one of a kind.
    pub(super) fn newest(&self, now_ms: f64, of_kind: impl Fn(Kind) -> bool) -> Option<Newest> {
        let newest = self.found.iter().rev().find(|underrun| of_kind(underrun.kind))?;
        Some(Newest { cause: newest.cause, ago_ms: (now_ms - newest.span.to_ms).max(0.0) })
    }

    /// Forgets all of them.
    pub(super) fn reset(&mut self, now_ms: f64) {
        self.found.clear();
        self.counted = 0.0;
        self.since_ms = now_ms;
    }
}
