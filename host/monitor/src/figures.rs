//! The one table of what is shown: the layout of [`Figures`], the types of the package and the rows of `<latency-hud>` all come
//! from it.

use bytemuck::{Pod, Zeroable};
use core::mem::offset_of;

/// A row of the display, in its order. Its number is that of the display's first row plus its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// What a script calls it.
    pub name: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// What it tells, in a sentence.
    pub about: &'static str,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A whole number.
    Count,
    /// Frames.
    Frames,
    /// Milliseconds.
    Milliseconds,
    /// Parts of a whole, 0 to 1.
    Share,
    /// Parts in a million.
    PartsPerMillion,
    /// Bytes.
    Bytes,
}

impl Unit {
    /// What a script calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Frames => "frames",
            Self::Milliseconds => "milliseconds",
            Self::Share => "share",
            Self::PartsPerMillion => "partsPerMillion",
            Self::Bytes => "bytes",
        }
    }
}

/// How a figure is known where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Counted, or told by the browser.
    Measured,
    /// Concluded from clocks that are coarse or seen from aside.
    Estimated,
}

impl Quality {
    /// What a script calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Estimated => "estimated",
        }
    }
}

/// One number of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Name of its [`Row`].
    pub row: &'static str,
    /// Its field in [`Figures`].
    pub field: &'static str,
    /// What a person reads before it; short, as the row has a label too.
    pub label: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// How it is known.
    pub quality: Quality,
    /// Its place in [`Figures`], in bytes.
    pub offset: usize,
}

macro_rules! figures {
    ($($row:ident: $row_label:literal, $about:literal {
        $($(#[doc = $doc:literal])+ $field:ident: $label:literal, $unit:ident, $quality:ident;)*
    })*) => {
        /// Every figure at one moment. What is unknown here is NaN, never 0.
        #[repr(C)]
        #[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
        pub struct Figures {
            $($($(#[doc = $doc])+ pub $field: f64,)*)*
        }

        /// The table of [`Figures`], in the order of its fields.
        pub const FIGURES: &[Figure] = &[$($(Figure {
            row: stringify!($row),
            field: stringify!($field),
            label: $label,
            unit: Unit::$unit,
            quality: Quality::$quality,
            offset: offset_of!(Figures, $field),
        },)*)*];

        impl Row {
            /// All rows, in the order of the display.
            pub const ALL: &'static [Self] = &[$(Self { name: stringify!($row), label: $row_label, about: $about },)*];
        }

        impl Figures {
            /// Nothing is known.
            pub const UNKNOWN: Self = Self { $($($field: f64::NAN,)*)* };
        }
    };
}

figures! {
    verdict: "Verdict", "What all of it comes to." {}
    device_underruns: "Device underruns", "Time in which the browser had nothing to give to the device, as it counts itself." {
        /// Time that was lost.
        device_lost_ms: "lost", Milliseconds, Measured;
        /// That, of all the time that was played.
        device_lost_share: "of the time", Share, Measured;
        /// How often.
        device_underruns: "times", Count, Measured;
    }
    callback_gaps: "Callback gaps", "Times when the audio thread was called later than it usually is, seen by clocks of whole milliseconds." {
        /// How often.
        gaps: "times", Count, Estimated;
        /// The last one, beyond the usual.
        last_gap_ms: "last", Milliseconds, Estimated;
        /// The longest one, beyond the usual.
        worst_gap_ms: "worst", Milliseconds, Estimated;
        /// Usual time from one call of the browser's device callback to the next.
        callback_ms: "usual period", Milliseconds, Estimated;
        /// What is longer is a gap. It is learnt.
        gap_threshold_ms: "from", Milliseconds, Estimated;
    }
    starvation: "Ring starvation", "Frames that should have sounded and were not there, which is ours alone, and must be 0." {
        /// Frames that were missing, and were concealed.
        starved_frames: "concealed", Frames, Measured;
        /// Runs of such frames.
        starvations: "times", Count, Measured;
    }
    ring_fill: "Ring fill", "What is decoded ahead, of the player that has the least." {
        /// Now.
        ring_ms: "now", Milliseconds, Measured;
        /// The least while it played.
        ring_low_ms: "low", Milliseconds, Measured;
        /// The most.
        ring_high_ms: "high", Milliseconds, Measured;
        /// What the decode worker fills it to.
        ring_target_ms: "target", Milliseconds, Measured;
        /// What it holds.
        ring_capacity_ms: "holds", Milliseconds, Measured;
    }
    job_latency: "Job latency", "From a job's posting to its end, of a sample of the jobs that workers did." {
        /// Half of them were faster.
        job_p50_ms: "p50", Milliseconds, Measured;
        /// 19 of 20 were faster.
        job_p95_ms: "p95", Milliseconds, Measured;
        /// 99 of 100 were faster.
        job_p99_ms: "p99", Milliseconds, Measured;
        /// The slowest.
        job_max_ms: "max", Milliseconds, Measured;
        /// Jobs that workers had and the audio thread took back to do them itself. Nothing of that is heard.
        jobs_late: "late", Count, Measured;
        /// Jobs for which there was no room. That is heard.
        jobs_refused: "dropped", Count, Measured;
    }
    audio_load: "Audio-thread load", "Share of the time that our processors took; it reads 3 to 5 points low." {
        /// Over the last seconds.
        load: "average", Share, Estimated;
        /// The highest of those.
        load_peak: "peak", Share, Estimated;
    }
    workers: "Workers", "What each worker of the pool does." {
        /// Those that work.
        workers_working: "at work", Count, Measured;
        /// Those that were replaced.
        worker_restarts: "restarts", Count, Measured;
        /// Share of the last second in which the busiest one computed.
        busiest_worker: "busiest", Share, Measured;
    }
    main_thread: "Main thread", "How the page itself fares. That it is slow is not heard." {
        /// The longest task of the last seconds.
        longest_task_ms: "longest task", Milliseconds, Measured;
        /// Time between two pictures: 19 of 20 were shorter.
        frame_p95_ms: "frames p95", Milliseconds, Measured;
        /// Pictures that did not come in their time.
        dropped_frames: "dropped", Count, Estimated;
    }
    latency: "Latency", "From a sample's being rendered to its being heard." {
        /// All of it.
        latency_ms: "in all", Milliseconds, Estimated;
        /// The effects of the node that is latest.
        engine_latency_ms: "engine", Milliseconds, Measured;
        /// `AudioContext.baseLatency`.
        base_latency_ms: "base", Milliseconds, Measured;
        /// `AudioContext.outputLatency`; unknown where the browser says 0, and in Firefox on Linux, which may stand still when asked.
        output_latency_ms: "output", Milliseconds, Measured;
        /// The least that all of it was.
        latency_low_ms: "low", Milliseconds, Estimated;
        /// The most.
        latency_high_ms: "high", Milliseconds, Estimated;
    }
    round_trip: "Round trip", "From the page through loudspeaker and microphone back to the page, if it was measured." {
        /// When it was measured last, on this device.
        round_trip_ms: "measured", Milliseconds, Measured;
    }
    clock_drift: "Clock drift", "How much faster the audio clock runs than the page's, and its steps." {
        /// Over the last minute.
        drift_ppm: "drift", PartsPerMillion, Estimated;
        /// Times when one of the two clocks jumped.
        clock_steps: "steps", Count, Estimated;
        /// How far the audio clock fell behind the last time; negative if it went ahead.
        last_clock_step_ms: "last", Milliseconds, Estimated;
    }
    format: "Format", "What the context and the engine run with." {}
    context_state: "Context", "The state of the audio context, and when it changed." {}
    memory: "Memory", "The engine's memory, which never grows, and the page's heap where the browser tells." {
        /// Taken, which is the high water too: nothing is given back.
        memory_used_bytes: "used", Bytes, Measured;
        /// The whole.
        memory_total_bytes: "of", Bytes, Measured;
        /// JavaScript's heap.
        heap_bytes: "heap", Bytes, Measured;
    }
    gpu: "Picture", "What draws the spectrum, and how long it takes." {
        /// A picture on the main thread, of the view that takes longest.
        picture_cpu_ms: "processor", Milliseconds, Measured;
        /// The same on the GPU, where it has timestamps.
        picture_gpu_ms: "graphics", Milliseconds, Measured;
    }
    numeric_health: "Numeric health", "Samples that were no sound, and were mended, and those too loud to be played as they are." {
        /// NaN, infinite, or above +200 dBFS.
        not_finite_samples: "not finite", Count, Measured;
        /// Too small for a normal number.
        denormal_samples: "denormal", Count, Measured;
        /// Above 0 dBFS where they left a node of ours. They are heard so unless something behind it turns them down.
        clipped_samples: "over 0 dBFS", Count, Measured;
    }
    faults: "Faults survived", "What failed, and how long it took to mend." {
        /// Of the audio thread.
        faults: "times", Count, Measured;
        /// The longest time until there was sound again.
        worst_recovery_ms: "longest", Milliseconds, Measured;
    }
    report: "Report", "All of it as JSON, without a sample of audio." {}
}

impl Figure {
    /// What the figure is in a moment; NaN if it is unknown.
    #[must_use]
    pub fn of(&self, figures: &Figures) -> f64 {
        bytemuck::cast_slice::<Figures, f64>(core::slice::from_ref(figures))[self.offset / size_of::<f64>()]
    }

    /// What a script calls it.
    #[must_use]
    pub fn name(&self) -> String {
        camel_case(self.field)
    }
}

impl Row {
    /// What a script calls it.
    #[must_use]
    pub fn script_name(&self) -> String {
        camel_case(self.name)
    }
}

fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.map(|part| if part == "ms" { "milliseconds" } else { part }).fold(first, |whole, part| {
        let (head, tail) = part.split_at(1);
        whole + &head.to_uppercase() + tail
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_table_and_the_layout_agree() {
        assert_eq!(size_of::<Figures>(), FIGURES.len() * size_of::<f64>());
        let mut values: Vec<f64> = (0..FIGURES.len()).map(|place| place as f64).collect();
        let figures: Figures = bytemuck::cast_slice::<f64, Figures>(&values)[0];
        for (place, figure) in FIGURES.iter().enumerate() {
            assert_eq!(figure.offset, place * size_of::<f64>(), "{}", figure.field);
            assert_eq!(figure.of(&figures), place as f64, "{}", figure.field);
        }
        values.clear();
        assert_eq!((figures.device_lost_ms, figures.device_lost_share), (0.0, 1.0));
        assert_eq!(figures.worst_recovery_ms, (FIGURES.len() - 1) as f64);
    }

    #[test]
    fn there_are_nineteen_rows_and_no_name_twice() {
        assert_eq!(Row::ALL.len(), 19);
        let rows: HashSet<_> = Row::ALL.iter().map(|row| row.name).collect();
        let names: HashSet<_> = FIGURES.iter().map(Figure::name).collect();
        assert_eq!((rows.len(), names.len()), (19, FIGURES.len()));
        assert!(FIGURES.iter().all(|figure| rows.contains(figure.row)));
    }

    #[test]
    fn what_is_unknown_is_no_number() {
        assert!(FIGURES.iter().all(|figure| figure.of(&Figures::UNKNOWN).is_nan()));
    }
}
