//! The effects of a node, one after the other.

use crate::config::{CHANNELS, ConfigError, Entry, MAX_EFFECTS, MAX_QUANTUM_FRAMES};
use crate::dispatcher::Dispatcher;
use crate::dsp::cleaner::{Cleaned, clean};
use crate::dsp::ramp::{CONTROL_FRAMES, Ramp};
use crate::effects::{Description, Effects, Parameter, Parameters};
use crate::memory::Arena;
use crate::protocol::MAX_READINGS;
use crate::quantum::Quantum;

/// The longest run that an effect is given at once.
const RUN_FRAMES: usize = 128;

/// What came in, as late as the effect is, to be put out where it is bypassed.
struct Dry<'a> {
    /// The last `latency_frames` frames of each channel, as a ring.
    past: [&'a mut [f32]; CHANNELS],
    position: usize,
    /// What the present run is to be replaced by.
    run: [[f32; RUN_FRAMES]; CHANNELS],
}

impl Dry<'_> {
    /// Takes a run in and leaves the delayed one in `run`.
    fn keep(&mut self, run: &mut Quantum<'_>) {
        let frames = run.frames();
        let latency = self.past[0].len();
        for ((plane, past), delayed) in run.planes().iter().zip(&mut self.past).zip(&mut self.run) {
            if latency == 0 {
                for (delayed, sample) in delayed.iter_mut().zip(plane.iter()) {
                    *delayed = *sample;
                }
                continue;
            }
            let mut position = self.position;
            for (delayed, sample) in delayed.iter_mut().zip(plane.iter()) {
                if let Some(place) = past.get_mut(position) {
                    *delayed = core::mem::replace(place, *sample);
                }
                position += 1;
                if position >= latency {
                    position = 0;
                }
            }
        }
        self.position += frames;
        while latency > 0 && self.position >= latency {
            self.position -= latency;
        }
    }
}

struct Link<'a, E> {
    effect: E,
    /// Place of its first parameter in a row of values.
    first: usize,
    /// One for each parameter, the last for the bypass.
    ramps: &'a mut [Ramp],
    /// The values of the newest control point, as they came.
    newest: &'a mut [f32],
    steady: bool,
    dry: Dry<'a>,
    readings: core::ops::Range<usize>,
}

impl<'a, E: Effects<'a>> Link<'a, E> {
    fn row<'r>(&self, values: &'r [f32], width: usize, point: usize) -> &'r [f32] {
        let start = (point * width).saturating_add(self.first);
        values.get(start..).and_then(|rest| rest.get(..self.ramps.len())).unwrap_or(&[])
    }

    fn is_newest(&self, row: &[f32]) -> bool {
        row.iter().zip(self.newest.iter()).all(|(value, newest)| value.to_bits() == newest.to_bits())
    }

    /// A control point is reached.
    fn control(&mut self, row: &[f32]) {
        if self.is_newest(row) {
            if !self.steady {
                self.ramps.iter_mut().for_each(Ramp::settle);
                self.steady = true;
            }
            return;
        }
        self.steady = true;
        for ((ramp, newest), &value) in self.ramps.iter_mut().zip(self.newest.iter_mut()).zip(row) {
            ramp.control(value);
            *newest = value;
            self.steady &= ramp.rests();
        }
    }

    fn run(&mut self, run: &mut Quantum<'_>, phase: usize, dispatcher: &mut Dispatcher<'_>) {
        let bypass = self.ramps.last().copied().unwrap_or_else(|| Ramp::new(0.0, 0.0, 1.0));
        let heard = bypass.rests_at(0.0);
        if !heard || !self.dry.past[0].is_empty() {
            self.dry.keep(run);
        }
        self.effect.process(run, &Parameters::new(self.ramps, phase, self.steady), dispatcher);
        if heard {
            return;
        }
        let only_dry = bypass.rests_at(1.0);
        for (plane, dry) in run.planes().iter_mut().zip(&self.dry.run) {
            for (n, (sample, dry)) in plane.iter_mut().zip(dry).enumerate() {
                *sample = if only_dry { *dry } else { *sample + (dry - *sample) * bypass.value(phase + n) };
            }
        }
    }
}

/// The effects of a node with their parameters. Each AudioParam is read at absolute multiples of [`CONTROL_FRAMES`] since the
/// chain was built, and goes in a straight line from one such control point to the next.
pub struct Chain<'a, E> {
    links: [Option<&'a mut Link<'a, E>>; MAX_EFFECTS],
    /// The quantum's values: a row for each control point, a column for each parameter.
    values: &'a mut [f32],
    width: usize,
    /// Frames since the last control point.
    phase: usize,
    cleaned: Cleaned,
    readings: usize,
}

impl<'a, E: Effects<'a>> Chain<'a, E> {
    /// Builds the effects of `entries`, in their order.
    ///
    /// # Real-time
    /// Main thread only, while building.
    ///
    /// # Errors
    /// [`ConfigError::Count`] for too many effects or a number that no effect has; [`ConfigError::OutOfMemory`].
    pub fn new(arena: &mut Arena<'a>, sample_rate: f32, entries: &[Entry]) -> Result<Self, ConfigError> {
        let mut chain = Self {
            links: [const { None }; MAX_EFFECTS],
            values: &mut [],
            width: 0,
            phase: 0,
            cleaned: Cleaned::default(),
            readings: 0,
        };
        if entries.len() > MAX_EFFECTS {
            return Err(ConfigError::count(entries.len(), 0, MAX_EFFECTS));
        }
        for (place, entry) in chain.links.iter_mut().zip(entries) {
            let link = link(arena, sample_rate, entry, chain.width, chain.readings)?;
            chain.width += link.ramps.len();
            chain.readings = link.readings.end;
            *place = Some(arena.place(link)?);
        }
        let rows = MAX_QUANTUM_FRAMES / CONTROL_FRAMES + 1;
        chain.values = arena.slice(rows * chain.width)?;
        for link in chain.links.iter().flatten() {
            for (column, ramp) in (link.first..).zip(link.ramps.iter()) {
                chain.values.iter_mut().skip(column).step_by(chain.width).for_each(|value| *value = ramp.target());
            }
        }
        Ok(chain)
    }

    /// How many AudioParams it has.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.width
    }

    /// Where the caller puts the AudioParams' values before each quantum: a row of [`Chain::parameter_count`] for each
    /// control point in it, in order. The first quantum begins with a control point.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn values(&mut self) -> &mut [f32] {
        self.values
    }

    /// Sets a parameter for the quanta to come, at every control point: for callers whose parameters rest.
    ///
    /// # Real-time
    /// Any thread.
    pub fn set(&mut self, parameter: usize, value: f32) {
        if parameter < self.width {
            for place in self.values.iter_mut().skip(parameter).step_by(self.width) {
                *place = value;
            }
        }
    }

    /// Processes a quantum of at most [`MAX_QUANTUM_FRAMES`], which follows the one before.
    ///
    /// # Real-time
    /// Audio thread: no allocation, no wait, no wake-up, no panic.
    pub fn process(&mut self, quantum: &mut Quantum<'_>, dispatcher: &mut Dispatcher<'_>) {
        let frames = quantum.frames();
        for plane in quantum.planes() {
            let Cleaned { not_finite, denormal } = clean(plane);
            self.cleaned.not_finite = self.cleaned.not_finite.wrapping_add(not_finite);
            self.cleaned.denormal = self.cleaned.denormal.wrapping_add(denormal);
        }
        for link in self.links.iter_mut().flatten() {
            let (mut start, mut phase, mut point) = (0, self.phase, 0);
            while start < frames {
                if phase == 0 {
                    link.control(link.row(self.values, self.width, point));
                    point += 1;
                }
                let mut count = (CONTROL_FRAMES - phase).min(frames - start);
                // Control points at which nothing changes do not end a run.
                while link.steady && start + count < frames && count + CONTROL_FRAMES <= RUN_FRAMES {
                    if !link.is_newest(link.row(self.values, self.width, point)) {
                        break;
                    }
                    point += 1;
                    count = (count + CONTROL_FRAMES).min(frames - start);
                }
                link.run(&mut quantum.part(start, count), phase, dispatcher);
                phase = (phase + count) % CONTROL_FRAMES;
                start += count;
            }
            // What an effect lets decay must not become denormal, and the next one may rely on clean input.
            for plane in quantum.planes() {
                self.cleaned.not_finite = self.cleaned.not_finite.wrapping_add(clean(plane).not_finite);
            }
        }
        self.phase = (self.phase + frames) % CONTROL_FRAMES;
    }

    /// Ends the effects' jobs; see [`Effects::close`].
    ///
    /// # Real-time
    /// Audio thread.
    pub fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        let mut clear = true;
        for link in self.links.iter_mut().flatten() {
            clear &= link.effect.close(dispatcher);
        }
        clear
    }

    /// Forgets all sound and begins anew, with a control point.
    ///
    /// # Real-time
    /// As for [`Effects::reset`].
    pub fn reset(&mut self) {
        self.phase = 0;
        for link in self.links.iter_mut().flatten() {
            link.effect.reset();
            link.newest.fill(f32::NAN);
            link.ramps.iter_mut().for_each(Ramp::reset);
            link.dry.past.iter_mut().for_each(|past| past.fill(0.0));
            link.dry.position = 0;
        }
    }

    /// Frames by which the output is late.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn latency_frames(&self) -> u32 {
        self.links.iter().flatten().map(|link| link.effect.latency_frames()).fold(0, u32::saturating_add)
    }

    /// Frames that it goes on to sound after its input has fallen silent; `None` if it may sound for ever.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn tail_frames(&self) -> Option<u32> {
        let mut tails = self.links.iter().flatten().map(|link| link.effect.tail_frames());
        tails.try_fold(0u32, |sum, tail| Some(sum.saturating_add(tail?)))
    }

    /// What was taken out of the sound since the chain was built; counts wrap at 2³².
    ///
    /// # Real-time
    /// Audio thread.
    #[must_use]
    pub fn cleaned(&self) -> Cleaned {
        self.cleaned
    }

    /// Writes what the effects measure, in their order.
    ///
    /// # Real-time
    /// Audio thread.
    pub fn read(&mut self, readings: &mut [f32; MAX_READINGS]) {
        for link in self.links.iter_mut().flatten() {
            if let Some(readings) = readings.get_mut(link.readings.clone()) {
                link.effect.read(readings);
            }
        }
    }

    /// The region of the effect at `place`, if it has one that jobs of the page read.
    ///
    /// # Real-time
    /// Any thread.
    #[must_use]
    pub fn region(&self, place: usize) -> Option<u32> {
        self.links.get(place)?.as_ref()?.effect.region()
    }

    /// Gives the effect at `place` a word from the main thread.
    ///
    /// # Real-time
    /// Audio thread, between two quanta.
    pub fn receive(&mut self, place: usize, word: u32, dispatcher: &mut Dispatcher<'_>) {
        if let Some(Some(link)) = self.links.get_mut(place) {
            link.effect.receive(word, dispatcher);
        }
    }
}

fn link<'a, E: Effects<'a>>(
    arena: &mut Arena<'a>,
    sample_rate: f32,
    entry: &Entry,
    first: usize,
    first_reading: usize,
) -> Result<Link<'a, E>, ConfigError> {
    let unknown = ConfigError::count(entry.number, 0, E::LIST.len().saturating_sub(1));
    let description = E::LIST.get(entry.number).ok_or(unknown)?;
    let Description { parameters, readings, .. } = description;
    let chosen = description.chosen(&entry.settings);
    let count = E::parameter_count(entry.number, &chosen).min(parameters.len());
    let ramps = arena.slice::<Ramp>(count + 1)?;
    let parameters = parameters.iter().take(count).chain([&Parameter::BYPASS]);
    for (ramp, parameter) in ramps.iter_mut().zip(parameters) {
        *ramp = Ramp::new(parameter.default, parameter.minimum, parameter.maximum);
    }
    let newest = arena.slice(count + 1)?;
    newest.fill(f32::NAN);
    let effect = E::build(entry.number, arena, sample_rate, &chosen)?.ok_or(unknown)?;
    let latency = effect.latency_frames() as usize;
    let last_reading = first_reading + readings.len();
    if last_reading > MAX_READINGS {
        return Err(ConfigError::count(last_reading, 0, MAX_READINGS));
    }
    Ok(Link {
        effect,
        first,
        ramps,
        newest,
        steady: false,
        dry: Dry {
            past: [arena.slice(latency)?, arena.slice(latency)?],
            position: 0,
            run: [[0.0; RUN_FRAMES]; CHANNELS],
        },
        readings: first_reading..last_reading,
    })
}
