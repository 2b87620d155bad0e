//! One response that sounds.

use super::jobs::{block, run_all};
use super::layout::{LEVELS, Layout, LevelLayout, Order};
use crate::config::{CHANNELS, CONVOLVER_HEAD_TAPS, CONVOLVER_LEVELS};
use crate::dispatcher::Dispatcher;
use crate::dsp::fir::{LANES, accumulate};
use crate::lockfree::regions::{Region, Span};
use crate::pipeline::{Pipeline, Place, Sounding};

/// The frames that the head reads: those of the block before and of the present one, and what lies in its last lanes.
const RECENT_FRAMES: usize = 2 * CONVOLVER_HEAD_TAPS + LANES;

/// Frames that are processed at once, at most.
pub(crate) const STEP_FRAMES: usize = CONVOLVER_HEAD_TAPS;

/// A response with the past of its input.
pub(crate) struct Voice {
    /// Its region's place in the table.
    place: u32,
    layout: Layout,
    /// The first taps of each channel.
    head: [[f32; CONVOLVER_HEAD_TAPS]; 4],
    recent: [[f32; RECENT_FRAMES]; CHANNELS],
    /// Where the next frame goes in the history. Its length is a multiple of every block's.
    position: usize,
    pipelines: [Pipeline; LEVELS],
}

impl Voice {
    /// The response in the region at `place`, whose spectra are there or will be before it is processed.
    pub(crate) fn new(place: u32, layout: Layout) -> Self {
        Self {
            place,
            layout,
            head: [[0.0; CONVOLVER_HEAD_TAPS]; 4],
            recent: [[0.0; RECENT_FRAMES]; CHANNELS],
            position: 0,
            pipelines: layout.levels.map(|level| Pipeline::new(level.partitions)),
        }
    }

    /// Begins, or begins anew, without a past. The jobs at hand must have been cancelled.
    pub(crate) fn begin(&mut self, dispatcher: &Dispatcher<'_>) {
        let Some(region) = self.region(dispatcher) else { return };
        let layout = &self.layout;
        for (channel, head) in self.head.iter_mut().enumerate().take(layout.channels) {
            region.reach([], [layout.head(channel)], |[], [taps]| {
                for (place, tap) in head.iter_mut().zip(taps) {
                    *place = tap * layout.scale;
                }
            });
        }
        for channel in 0..CHANNELS {
            region.reach([layout.history(channel)], [], |[history], []| history.fill(0.0));
        }
        for recent in &mut self.recent {
            recent.fill(0.0);
        }
        self.position = 0;
        for (pipeline, level) in self.pipelines.iter_mut().zip(&layout.levels) {
            // A level that the response does not have has no place of its own.
            if level.partitions > 0 {
                pipeline.restart(&region, level.diary());
            }
        }
    }

    /// Where all of it lies; `None` if somebody has spoilt the table.
    pub(crate) fn region<'a>(&self, dispatcher: &Dispatcher<'a>) -> Option<Region<'a>> {
        dispatcher.commons().regions.taken(self.place)
    }

    /// Frames after the last input for which it sounds at most.
    pub(crate) fn tail_frames(&self) -> usize {
        self.layout.frames
    }

    /// Gives the jobs at hand up.
    pub(crate) fn cancel(&mut self, dispatcher: &mut Dispatcher<'_>) {
        for pipeline in &mut self.pipelines {
            pipeline.cancel(dispatcher);
        }
    }

    /// Whether nobody reaches the region any more.
    pub(crate) fn is_clear(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        self.pipelines.iter_mut().all(|pipeline| pipeline.is_clear(dispatcher))
    }

    /// Convolves at most [`STEP_FRAMES`] frames of `input`, the first of which is `frame` of the context's clock; adds to
    /// `output`.
    pub(crate) fn process(
        &mut self,
        input: [&[f32]; CHANNELS],
        output: &mut [[f32; STEP_FRAMES]; CHANNELS],
        frame: u64,
        dispatcher: &mut Dispatcher<'_>,
    ) {
        let Some(region) = self.region(dispatcher) else { return };
        let frames = input[0].len().min(STEP_FRAMES);
        let mut start = 0;
        while start < frames {
            let phase = self.position % CONVOLVER_HEAD_TAPS;
            let count = (CONVOLVER_HEAD_TAPS - phase).min(frames - start);
            self.take_in(&region, input, start, count, phase);
            self.put_out(&region, output, start, count, phase);
            start += count;
            self.position += count;
            if phase + count == CONVOLVER_HEAD_TAPS {
                self.end_block(&region, frame.wrapping_add(start as u64), dispatcher);
            }
            if self.position >= self.layout.history_frames {
                self.position = 0;
            }
        }
    }

    fn take_in(&mut self, region: &Region<'_>, input: [&[f32]; CHANNELS], start: usize, count: usize, phase: usize) {
        let Self { layout, recent, position, .. } = self;
        let place = |channel| Span::new(layout.history(channel).start + *position, count);
        region.reach([place(0), place(1)], [], |histories, []| {
            for ((input, recent), history) in input.iter().zip(recent).zip(histories) {
                let input = input.get(start..start + count).unwrap_or(&[]);
                let recent = recent.get_mut(CONVOLVER_HEAD_TAPS + phase..).unwrap_or_default();
                for ((sample, recent), kept) in input.iter().zip(recent).zip(history) {
                    (*recent, *kept) = (*sample, *sample);
                }
            }
        });
    }

    fn put_out(
        &self,
        region: &Region<'_>,
        output: &mut [[f32; STEP_FRAMES]; CHANNELS],
        start: usize,
        count: usize,
        phase: usize,
    ) {
        let mut sums = [[0.0; STEP_FRAMES]; CHANNELS];
        for (run, from) in (0..count).step_by(LANES).zip((CONVOLVER_HEAD_TAPS + phase..).step_by(LANES)) {
            for (channel, sums) in sums.iter_mut().enumerate() {
                let Some(sums) = sums.get_mut(run..).and_then(|sums| sums.first_chunk_mut::<LANES>()) else { continue };
                let [left, right] = &self.recent;
                let [a, b, c, d] = &self.head;
                match (self.layout.channels, channel) {
                    (1, 0) | (2, 0) => accumulate(sums, left, from, a),
                    (1, _) => accumulate(sums, right, from, a),
                    (2, _) => accumulate(sums, right, from, b),
                    (_, 0) => {
                        accumulate(sums, left, from, a);
                        accumulate(sums, right, from, c);
                    }
                    _ => {
                        accumulate(sums, left, from, b);
                        accumulate(sums, right, from, d);
                    }
                }
            }
        }
        for (pipeline, level) in self.pipelines.iter().zip(&self.layout.levels) {
            if let Some(sounding) = pipeline.sounding() {
                self.add_level(region, &mut sums, level, sounding, count);
            }
        }
        for (output, sums) in output.iter_mut().zip(&sums) {
            let output = output.get_mut(start..start + count).unwrap_or_default();
            for (sample, sum) in output.iter_mut().zip(sums) {
                *sample += sum;
            }
        }
    }

    fn add_level(
        &self,
        region: &Region<'_>,
        sums: &mut [[f32; STEP_FRAMES]; CHANNELS],
        level: &LevelLayout,
        sounding: Sounding,
        count: usize,
    ) {
        let from = self.position & (level.block - 1);
        let part = |channel| Span::new(level.result(sounding.bench, channel).start + from, count);
        region.reach([], [part(0), part(1)], |[], results| {
            for (sums, result) in sums.iter_mut().zip(results) {
                if sounding.is_whole() {
                    for (sum, sample) in sums.iter_mut().zip(result) {
                        *sum += sample;
                    }
                } else {
                    for (n, (sum, sample)) in sums.iter_mut().zip(result).enumerate() {
                        *sum += sample * sounding.gain(from + n, level.block);
                    }
                }
            }
        });
    }

    /// A block of the first level is full, at frame `now`, and with it perhaps of others.
    fn end_block(&mut self, region: &Region<'_>, now: u64, dispatcher: &mut Dispatcher<'_>) {
        let Self { layout, position, .. } = self;
        let levels = layout.levels.iter().zip(&CONVOLVER_LEVELS);
        for (index, (pipeline, (level, plan))) in self.pipelines.iter_mut().zip(levels).enumerate() {
            if level.partitions == 0 || *position & (level.block - 1) != 0 {
                continue;
            }
            let (place, position) = (region.place(), position.wrapping_sub(level.block));
            let order = |block: usize, to: Place| Order { region: place, level: index, position, block, place: to };
            if index == 0 {
                let commons = dispatcher.commons();
                pipeline.compute((region, level.diary()), |block, to| {
                    run_all(region, layout, &order(block, to), &commons);
                });
            } else {
                let describe = |number, to| block(&order(number, to), level);
                let time = (now, level.block);
                pipeline.advance((region, level.diary()), time, plan.on_pool, dispatcher, describe);
            }
        }
        // The present block is the one before from now on.
        for recent in &mut self.recent {
            let (before, present) = recent.split_at_mut(CONVOLVER_HEAD_TAPS);
            for (before, present) in before.iter_mut().zip(present) {
                *before = *present;
            }
        }
    }
}
