//! What an effect is tried with: sound, and values of its parameters at each control point.

use rusty_audio_engine::config::MAX_SETTINGS;
use rusty_audio_engine::dsp::ramp::CONTROL_FRAMES;
use rusty_audio_engine::effects::{Effects, Parameter, StandardEffects, Unit};
use rusty_audio_engine::protocol::MAX_READINGS;
use rusty_audio_engine::{Arena, Chain, Entry, Memory, Quantum};

use super::list;
use crate::{Pool, Random, put_response, response};

/// A table of effects, whatever lifetime its memory has.
pub trait Table: 'static {
    /// Made by `effects!`.
    type Effects<'a>: Effects<'a>;

    /// Gives an effect what it needs besides settings and parameters.
    fn prepare<'a>(
        number: usize,
        arena: &mut Arena<'a>,
        pool: &mut Pool<'a>,
        chain: &mut Chain<'a, Self::Effects<'a>>,
    ) {
        let _ = (number, arena, pool, chain);
    }
}

/// The engine's own table.
pub struct Standard;

impl Table for Standard {
    type Effects<'a> = StandardEffects<'a>;

    fn prepare<'a>(
        number: usize,
        arena: &mut Arena<'a>,
        pool: &mut Pool<'a>,
        chain: &mut Chain<'a, StandardEffects<'a>>,
    ) {
        if list::<Self>()[number].name == "convolver" {
            let place = put_response(arena, pool, &response().each_ref().map(|channel| &channel[..]), true);
            chain.receive(0, place, &mut pool.dispatcher);
        }
    }
}

/// An effect that is built, and what it is given.
#[derive(Clone)]
pub struct Scene {
    /// Sample rate in Hz.
    pub rate: f32,
    /// The effect.
    pub entry: Entry,
    /// What comes in, left and right.
    pub input: [Vec<f32>; 2],
    /// A row of values, with that of the bypass, for each control point; the last one stays.
    pub rows: Vec<Vec<f32>>,
}

impl Scene {
    /// An effect with settings and parameters that rest, at `rate`.
    pub fn resting<T: Table>(number: usize, random: &mut Random, rate: f32) -> Self {
        let description = &list::<T>()[number];
        let mut entry = Entry::new(number);
        for (place, setting) in entry.settings.iter_mut().zip(description.settings) {
            *place = value(random, setting);
        }
        let parameters = parameters::<T>(&entry);
        let row = parameters.iter().map(|parameter| value(random, parameter)).chain([0.0]).collect();
        Self { rate, entry, input: [const { Vec::new() }; 2], rows: vec![row] }
    }

    /// An effect with all at its defaults.
    #[must_use]
    pub fn at_defaults<T: Table>(number: usize, rate: f32) -> Self {
        let entry = Entry::new(number);
        let row = parameters::<T>(&entry).iter().map(|parameter| parameter.default).chain([0.0]).collect();
        Self { rate, entry, input: [const { Vec::new() }; 2], rows: vec![row] }
    }

    /// The effect of that name with all at its defaults.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn of<T: Table>(name: &str, rate: f32) -> Self {
        let number = list::<T>().iter().position(|effect| effect.name == name).expect("a known effect");
        Self::at_defaults::<T>(number, rate)
    }

    /// A setting has a value; to be called before [`Scene::with`].
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn set<T: Table>(mut self, name: &str, value: f32) -> Self {
        let settings = list::<T>()[self.entry.number].settings;
        self.entry.settings[settings.iter().position(|known| known.name == name).expect("a known setting")] = value;
        let row = parameters::<T>(&self.entry).iter().map(|parameter| parameter.default).chain([0.0]).collect();
        Self { rows: vec![row], ..self }
    }

    /// A parameter has a value from the control point at or after `frame` on.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn at<T: Table>(mut self, frame: usize, name: &str, value: f32) -> Self {
        let mut parameters = parameters::<T>(&self.entry);
        parameters.push(Parameter::BYPASS);
        let column = parameters.iter().position(|known| known.name == name).expect("a known parameter");
        let point = frame.div_ceil(CONTROL_FRAMES);
        let last = self.rows.last().cloned().unwrap_or_default();
        self.rows.resize(self.rows.len().max(point + 1), last);
        self.rows[point..].iter_mut().for_each(|row| row[column] = value);
        self
    }

    /// A parameter has a value from the start on.
    ///
    /// # Panics
    /// When there is none of that name.
    #[must_use]
    pub fn with<T: Table>(self, name: &str, value: f32) -> Self {
        self.at::<T>(0, name, value)
    }

    /// What comes in, on both channels the same.
    #[must_use]
    pub fn with_sound(mut self, sound: impl Iterator<Item = f32>) -> Self {
        let plane: Vec<f32> = sound.collect();
        self.input = [plane.clone(), plane];
        self
    }

    /// Lets its parameters move for as long as it has input: some rest, some jump now and then, some at every control point.
    #[must_use]
    pub fn moving<T: Table>(mut self, random: &mut Random) -> Self {
        let mut parameters = parameters::<T>(&self.entry);
        parameters.push(Parameter::BYPASS);
        let pace: Vec<u64> = parameters.iter().map(|_| random.pick(&[u64::MAX, u64::MAX, 40, 7, 1])).collect();
        for _ in 0..self.input[0].len() / CONTROL_FRAMES {
            let mut row = self.rows.last().cloned().unwrap_or_default();
            for ((place, parameter), &pace) in row.iter_mut().zip(&parameters).zip(&pace) {
                if pace < u64::MAX && random.below(pace) == 0 {
                    *place = value(random, parameter);
                }
            }
            self.rows.push(row);
        }
        self
    }

    /// Noise of some level comes in, with pauses.
    #[must_use]
    pub fn with_noise(mut self, random: &mut Random, frames: usize) -> Self {
        let level = random.pick(&[0.01, 0.25, 1.0]);
        let pause = 64 + random.index(2000);
        let mut noise =
            || (0..frames).map(|frame| if frame / pause % 3 == 2 { 0.0 } else { level * random.sample() }).collect();
        self.input = [noise(), noise()];
        self
    }

    /// Silence follows.
    #[must_use]
    pub fn with_silence(mut self, frames: usize) -> Self {
        for plane in &mut self.input {
            plane.resize(plane.len() + frames, 0.0);
        }
        self
    }

    /// Builds the effect and lets `play` have it.
    ///
    /// # Panics
    /// When there is no room for it.
    pub fn on_stage<T: Table, R>(&self, play: impl FnOnce(&mut Stage<'_, T>) -> R) -> R {
        let mut memory = Memory::new(96 << 20);
        let mut arena = memory.arena();
        let mut pool = Pool::new(&mut arena, self.rate);
        let mut chain = Chain::new(&mut arena, self.rate, &[self.entry]).expect("room for the effect");
        T::prepare(self.entry.number, &mut arena, &mut pool, &mut chain);
        play(&mut Stage { pool, chain, frame: 0, clock: 0 })
    }

    /// Builds the effect and plays all of the scene.
    #[must_use]
    pub fn play<T: Table>(&self, quanta: &[usize]) -> Played {
        self.on_stage::<T, _>(|stage| stage.play(self, quanta))
    }
}

/// What was heard.
pub struct Played {
    /// Left and right.
    pub planes: [Vec<f32>; 2],
    /// What the effect measured last.
    pub readings: [f32; MAX_READINGS],
    /// Samples that were not finite, of the input and of what the effect made.
    pub not_finite: u32,
}

/// An effect that is built.
pub struct Stage<'a, T: Table> {
    pool: Pool<'a>,
    /// With the effect as its only one.
    pub chain: Chain<'a, T::Effects<'a>>,
    /// Frames since it was built or reset.
    frame: usize,
    /// Frames of the context.
    clock: u64,
}

impl<T: Table> Stage<'_, T> {
    /// Plays a scene that follows the one before, in quanta of the given lengths, in turn.
    pub fn play(&mut self, scene: &Scene, quanta: &[usize]) -> Played {
        let mut planes = scene.input.clone();
        let frames = planes[0].len();
        let not_finite = self.chain.cleaned().not_finite;
        let width = self.chain.parameter_count();
        let (mut start, mut quanta) = (0, quanta.iter().cycle());
        while start < frames {
            let end = (start + quanta.next().copied().unwrap_or(frames)).min(frames);
            let point = (self.frame + start).div_ceil(CONTROL_FRAMES) - self.frame / CONTROL_FRAMES;
            let points = (end - start).div_ceil(CONTROL_FRAMES);
            for (n, place) in self.chain.values().chunks_exact_mut(width).take(points).enumerate() {
                place.copy_from_slice(scene.rows.get(point + n).or(scene.rows.last()).expect("a row of values"));
            }
            let [left, right] = &mut planes;
            let quantum = [&mut left[start..end], &mut right[start..end]];
            self.pool.dispatcher.begin_quantum(self.clock, end - start);
            self.chain.process(&mut Quantum::new(quantum, self.clock), &mut self.pool.dispatcher);
            self.clock += (end - start) as u64;
            start = end;
        }
        self.frame += frames;
        let mut readings = [0.0; MAX_READINGS];
        self.chain.read(&mut readings);
        Played { planes, readings, not_finite: self.chain.cleaned().not_finite.wrapping_sub(not_finite) }
    }

    /// Resets the effect.
    pub fn reset(&mut self) {
        self.chain.reset();
        self.frame = 0;
    }
}

/// The parameters of an effect with its settings, without the bypass.
#[must_use]
pub fn parameters<T: Table>(entry: &Entry) -> Vec<Parameter> {
    let description = &list::<T>()[entry.number];
    let settings: [f32; MAX_SETTINGS] = description.chosen(&entry.settings);
    let count = <T::Effects<'static> as Effects<'static>>::parameter_count(entry.number, &settings);
    description.parameters[..count].to_vec()
}

/// Any value of a parameter, often one that matters.
pub fn value(random: &mut Random, parameter: &Parameter) -> f32 {
    let Parameter { unit, default, minimum, maximum, .. } = *parameter;
    let share = (random.sample() + 1.0) / 2.0;
    match random.below(6) {
        0 => default,
        1 => minimum,
        2 => maximum,
        _ if unit == Unit::Count => (minimum + (maximum - minimum) * share).round(),
        _ if unit == Unit::Hertz && minimum > 0.0 => minimum * (maximum / minimum).powf(share),
        _ => minimum + (maximum - minimum) * share,
    }
}

/// Sample rates that matter: the lowest and common ones.
pub fn rate(random: &mut Random) -> f32 {
    random.pick(&[3_000.0, 8_000.0, 44_100.0, 48_000.0, 96_000.0])
}
