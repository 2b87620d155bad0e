//! What the page may have a worker compute.

use js_sys::Float32Array;
use rusty_audio_engine::config::PAGE_JOB_SAMPLES;
use rusty_audio_engine::dsp::fft::{LONGEST, MIN_SIZE};
use rusty_audio_engine::job::{Fault, Kind};
use rusty_audio_engine::lockfree::board::Class;
use rusty_audio_protocol::{ErrorCode, Failure, TaskId, WorkerCommand};
use wasm_bindgen::{JsCast, JsValue};

use crate::error::Result;
use crate::pending::Pending;
use crate::script::{get, get_number, get_text, object};

/// What no fault has for a number.
const NO_FAULT: u32 = u32::MAX;

/// Slices of a test job, of about 0.1 ms.
const MOST_SLICES: u32 = 16_384;

/// Workers that may die over one task before it is given up.
const ATTEMPTS: u32 = 3;

/// One computation.
pub struct Work {
    /// Which.
    pub kind: Kind,
    /// The module's arguments for it.
    pub arguments: [u32; 3],
    /// Its input, part after part.
    input: Vec<Float32Array>,
    /// Samples of its output.
    output_samples: u32,
}

/// Work that somebody waits for.
pub struct Task {
    /// Its name.
    pub id: TaskId,
    /// What is to be computed.
    pub work: Work,
    /// How urgent it is.
    pub class: Class,
    /// Settled when it is done, or will not be.
    pub outcome: Pending,
    attempts: u32,
}

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(Failure::new(ErrorCode::InvalidArgument, message))
}

/// A number of the job as the 32 bits that it is rounded to.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
fn whole(job: &JsValue, name: &str) -> u32 {
    get_number(job, name) as u32
}

fn samples(job: &JsValue, name: &str) -> Result<Float32Array> {
    get(job, name).dyn_into().or_else(|_| invalid(format!("The job's {name} must be a Float32Array.")))
}

impl Work {
    /// Reads a `Job` of the package's types.
    pub fn parse(job: &JsValue) -> Result<Self> {
        match get_text(job, "kind").as_str() {
            "fft" => Self::fft(samples(job, "samples")?),
            "audioBlock" => Self::audio_block(job),
            "test" => Self::test(job),
            other => invalid(format!("There is no kind of job called \"{other}\".")),
        }
    }

    /// The spectrum of `samples`.
    pub fn fft(samples: Float32Array) -> Result<Self> {
        let size = samples.length();
        if !size.is_power_of_two() || !(MIN_SIZE..=LONGEST).contains(&(size as usize)) {
            return invalid(format!(
                "The FFT of {size} samples: it must be a power of two from {MIN_SIZE} to {LONGEST}."
            ));
        }
        Ok(Self { kind: Kind::Fft, arguments: [size, 0, 0], input: vec![samples], output_samples: size + 2 })
    }

    fn audio_block(job: &JsValue) -> Result<Self> {
        let (left, right) = (samples(job, "left")?, samples(job, "right")?);
        let frames = left.length();
        if right.length() != frames || frames == 0 || frames as usize > PAGE_JOB_SAMPLES / 2 {
            let most = PAGE_JOB_SAMPLES / 2;
            return invalid(format!("The planes of an audio block must have the same length, 1 to {most} frames."));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a gain")]
        let gains = ["from", "to"].map(|name| (get_number(job, name) as f32).to_bits());
        Ok(Self {
            kind: Kind::AudioBlock,
            arguments: [frames, gains[0], gains[1]],
            input: vec![left, right],
            output_samples: 2 * frames,
        })
    }

    fn test(job: &JsValue) -> Result<Self> {
        let name = get(job, "fault").as_string();
        let faults = ["hang", "unreachable", "outOfBounds", "stackOverflow", "divisionByZero", "delay"];
        let fault = match name {
            None => NO_FAULT,
            Some(name) => match faults.iter().zip(Fault::ALL).find(|(known, _)| **known == name) {
                Some((_, fault)) => fault as u32,
                None => return invalid(format!("There is no fault called \"{name}\".")),
            },
        };
        let arguments = [whole(job, "seed"), whole(job, "slices").clamp(1, MOST_SLICES), fault];
        Ok(Self { kind: Kind::Test, arguments, input: Vec::new(), output_samples: 1 })
    }

    /// Samples of the input.
    pub fn input_samples(&self) -> u32 {
        self.input.iter().map(Float32Array::length).sum()
    }

    /// Writes the input to where it is needed.
    pub fn write(&self, target: &Float32Array) {
        let mut at = 0;
        for part in &self.input {
            target.set(part, at);
            at += part.length();
        }
    }

    /// Takes a copy of the input, which its owner may write over.
    pub fn keep(&mut self) {
        let copy = Float32Array::new_with_length(self.input_samples());
        self.write(&copy);
        self.input = vec![copy];
    }

    /// Takes `input` for its own.
    pub fn restore(&mut self, input: Float32Array) {
        self.input = vec![input];
    }

    /// Samples of the output.
    pub fn output_samples(&self) -> u32 {
        self.output_samples
    }

    /// What the page gets, made of the module's output.
    pub fn result(&self, output: &Float32Array, execution_ms: f64) -> JsValue {
        let milliseconds = ("executionMilliseconds", execution_ms.into());
        match self.kind {
            Kind::Fft => {
                let [real, imaginary] = parts(&output.to_vec());
                object(&[("real", real.into()), ("imaginary", imaginary.into()), milliseconds])
            }
            Kind::AudioBlock => {
                let frames = output.length() / 2;
                let planes = [output.slice(0, frames), output.slice(frames, 2 * frames)];
                let [left, right] = planes;
                object(&[("left", left.into()), ("right", right.into()), milliseconds])
            }
            Kind::ConvolverTail | Kind::ResponseSpectra | Kind::SpectralBlock | Kind::Spectrum | Kind::Test => {
                object(&[("value", output.get_index(0).into()), milliseconds])
            }
        }
        .into()
    }

    /// The same as a message to a worker in solo mode.
    pub fn command(&self, task: TaskId) -> WorkerCommand {
        let [a, b, c] = self.arguments;
        let output_samples = self.output_samples;
        match self.kind {
            Kind::Fft => WorkerCommand::ComputeFft { task, output_samples },
            Kind::AudioBlock => {
                let (from, to) = (f32::from_bits(b), f32::from_bits(c));
                WorkerCommand::ProcessAudio { task, frames: a, from, to, output_samples }
            }
            Kind::ConvolverTail | Kind::ResponseSpectra | Kind::SpectralBlock | Kind::Spectrum | Kind::Test => {
                let fault = (c != NO_FAULT).then_some(c);
                WorkerCommand::RunTest { task, seed: a, slices: b, fault, output_samples }
            }
        }
    }
}

impl Task {
    /// Work to be done for the first time.
    pub fn new(id: TaskId, work: Work, class: Class) -> Self {
        Self { id, work, class, outcome: Pending::new(), attempts: 0 }
    }

    /// The worker that had it has died. Gives the task back if another may try it, without the fault that it brings.
    pub fn after_death(mut self) -> Option<Self> {
        self.attempts += 1;
        if self.attempts == ATTEMPTS {
            let message = format!("{ATTEMPTS} workers died over this task.");
            self.outcome.reject(&Failure::new(ErrorCode::WorkerFailed, message));
            return None;
        }
        if self.work.kind == Kind::Test {
            self.work.arguments[2] = NO_FAULT;
        }
        Some(self)
    }

    /// Nobody will do it any more.
    pub fn abandon(&self) {
        self.outcome.reject(&Failure::new(ErrorCode::Disposed, "The engine was disposed of."));
    }
}

/// Real and imaginary parts of bins that the module gives in turn.
fn parts(bins: &[f32]) -> [Float32Array; 2] {
    [0, 1].map(|part| {
        let samples: Vec<f32> = bins.iter().copied().skip(part).step_by(2).collect();
        Float32Array::from(samples.as_slice())
    })
}

/// The class of a `priority` of the package's types.
pub fn class(priority: &str) -> Result<Class> {
    match priority {
        "interactive" => Ok(Class::Interactive),
        "background" => Ok(Class::Background),
        other => invalid(format!("The priority is \"{other}\", not interactive or background.")),
    }
}
