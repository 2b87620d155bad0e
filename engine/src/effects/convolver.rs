//! Convolution with an impulse response, without latency.
//!
//! The first [`CONVOLVER_HEAD_TAPS`] taps are computed at once, in direct form. All later ones are jobs: when a block of
//! input is complete, the tail of the block that begins [`CONVOLVER_SLACK_FRAMES`] later is posted (the scheme of
//! Gardner 1995 with one partition size). Blocks lie on absolute frames since the node's start, so any split into quanta
//! gives the same bits.

use super::{Effect, Parameter, Parameters, Unit};
use crate::config::{
    CHANNELS, CONVOLVER_BLOCK_FRAMES, CONVOLVER_HEAD_TAPS, CONVOLVER_SLACK_FRAMES, ConfigError, RESPONSE_FRAMES,
};
use crate::dispatcher::Dispatcher;
use crate::dsp::fir::{LANES, accumulate};
use crate::job::{TAIL_INPUT_FRAMES, convolver_tail};
use crate::lockfree::board::Ticket;
use crate::memory::Arena;
use crate::quantum::Quantum;

/// Frames of the signal that are kept, a whole number of blocks.
const HISTORY_FRAMES: usize = RESPONSE_FRAMES;

/// Tails on their way at once, and one to spare.
const TAILS: usize = CONVOLVER_SLACK_FRAMES / CONVOLVER_BLOCK_FRAMES + 2;

/// Adds the convolved signal to the dry one.
pub struct Convolver<'a> {
    /// Place of the response on the engine's shelf.
    place: u32,
    /// Each frame lies at two places, [`HISTORY_FRAMES`] apart, so that any stretch of them is contiguous.
    history: [&'a mut [f32]; CHANNELS],
    /// The tail of the present block.
    tail: [&'a mut [f32]; CHANNELS],
    tails: [Option<Ticket>; TAILS],
    /// The block that the next frame belongs to, modulo [`TAILS`].
    block: usize,
    /// Where the next frame goes in the history.
    position: usize,
}

const WET: usize = 0;

impl<'a> Effect<'a> for Convolver<'a> {
    const NAME: &'static str = "convolver";
    const PARAMETERS: &'static [Parameter] =
        &[Parameter { name: "wet", unit: Unit::Linear, default: 0.0, minimum: 0.0, maximum: 8.0 }];

    fn new(arena: &mut Arena<'a>, _: f32, _: &[f32]) -> Result<Self, ConfigError> {
        let history_samples = 2 * HISTORY_FRAMES + LANES;
        Ok(Self {
            place: u32::MAX,
            history: [arena.slice(history_samples)?, arena.slice(history_samples)?],
            tail: [arena.slice(CONVOLVER_BLOCK_FRAMES)?, arena.slice(CONVOLVER_BLOCK_FRAMES)?],
            tails: [None; TAILS],
            block: 0,
            position: 0,
        })
    }

    fn process(&mut self, run: &mut Quantum<'_>, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>) {
        let mut start = 0;
        while start < run.frames() {
            if self.position.is_multiple_of(CONVOLVER_BLOCK_FRAMES) {
                self.begin_block(dispatcher);
            }
            let count = (LANES - self.position % LANES).min(run.frames() - start);
            let frame = run.frame().wrapping_add((start + count) as u64);
            self.convolve(run, start, count, parameters, dispatcher);
            self.position = (self.position + count) % HISTORY_FRAMES;
            start += count;
            if self.position.is_multiple_of(CONVOLVER_BLOCK_FRAMES) {
                self.block = (self.block + 1) % TAILS;
                self.post_tail(frame, parameters, dispatcher);
            }
        }
    }

    fn reset(&mut self) {
        for plane in self.history.iter_mut().chain(&mut self.tail) {
            plane.fill(0.0);
        }
        (self.tails, self.block, self.position) = ([None; TAILS], 0, 0);
    }

    fn tail_frames(&self) -> Option<u32> {
        u32::try_from(RESPONSE_FRAMES).ok()
    }

    /// The word is the place of the impulse response on the engine's shelf.
    fn receive(&mut self, word: u32, _: &mut Dispatcher<'_>) {
        self.place = word;
    }
}

impl Convolver<'_> {
    /// Collects the tail of the block that begins.
    fn begin_block(&mut self, dispatcher: &mut Dispatcher<'_>) {
        let collected = match self.tails.get_mut(self.block).and_then(Option::take) {
            Some(ticket) => dispatcher.collect(ticket, |output| {
                for (tail, plane) in self.tail.iter_mut().zip(output.chunks_exact(CONVOLVER_BLOCK_FRAMES)) {
                    for (tail, sample) in tail.iter_mut().zip(plane) {
                        *tail = *sample;
                    }
                }
            }),
            None => None,
        };
        if collected.is_none() {
            for tail in &mut self.tail {
                tail.fill(0.0);
            }
        }
    }

    fn convolve(
        &mut self,
        run: &mut Quantum<'_>,
        start: usize,
        count: usize,
        parameters: &Parameters<'_>,
        dispatcher: &Dispatcher<'_>,
    ) {
        let position = self.position;
        let planes = run.planes();
        for (plane, history) in planes.iter().zip(&mut self.history) {
            for place in [position, position + HISTORY_FRAMES] {
                for (kept, sample) in history.iter_mut().skip(place).zip(plane.iter().skip(start)).take(count) {
                    *kept = *sample;
                }
            }
        }
        if parameters.rests_at(WET, 0.0) {
            return;
        }
        let block_position = position % CONVOLVER_BLOCK_FRAMES;
        let (history, tail) = (&self.history, &self.tail);
        dispatcher.responses().read(self.place, |response| {
            let (left, right) = response.split_at(response.len() / 2);
            let channels = planes.iter_mut().zip([left, right]).zip(history.iter().zip(tail));
            for ((plane, response), (history, tail)) in channels {
                let head = response.get(..CONVOLVER_HEAD_TAPS).unwrap_or(response);
                let mut sums = [0.0; LANES];
                accumulate(&mut sums, history, position + HISTORY_FRAMES, head);
                let late = tail.iter().skip(block_position);
                let samples = plane.iter_mut().skip(start).take(count);
                for (n, ((sample, sum), late)) in samples.zip(sums).zip(late).enumerate() {
                    *sample += parameters.value(WET, start + n) * (sum + late);
                }
            }
        });
    }

    /// Posts the tail that the frames up to `frame` of the context's clock make possible.
    fn post_tail(&mut self, frame: u64, parameters: &Parameters<'_>, dispatcher: &mut Dispatcher<'_>) {
        let taps = dispatcher.responses().read(self.place, <[f32]>::len) / 2;
        if taps <= CONVOLVER_HEAD_TAPS || parameters.rests_at(WET, 0.0) {
            return;
        }
        let end = self.position + HISTORY_FRAMES;
        let history = &self.history;
        let ticket = dispatcher.post(convolver_tail(self.place), frame, CONVOLVER_SLACK_FRAMES, |input| {
            for (kept, plane) in history.iter().zip(input.chunks_exact_mut(TAIL_INPUT_FRAMES)) {
                for (input, sample) in plane.iter_mut().zip(kept.iter().skip(end - TAIL_INPUT_FRAMES)) {
                    *input = *sample;
                }
            }
        });
        let block = (self.block + CONVOLVER_SLACK_FRAMES / CONVOLVER_BLOCK_FRAMES) % TAILS;
        if let Some(place) = self.tails.get_mut(block) {
            *place = ticket;
        }
    }
}
