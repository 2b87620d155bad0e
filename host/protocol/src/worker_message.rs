//! What the main thread and a pool worker say to each other.
//!
//! A worker in shared memory hears one message, `Initialize`; from then on shared words carry requests. A worker in solo mode
//! has a memory of its own, and each task is a message. One that warms the module hears one message and ends.

use serde::{Deserialize, Serialize};

/// Names a task for the life of an engine.
pub type TaskId = u32;

/// Main thread to pool worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkerCommand {
    /// First message, for a worker in shared memory. Beside it: `module` (the engine's `WebAssembly.Module`) and `memory`.
    Initialize {
        /// Address of the worker's handle.
        worker: u32,
        /// Top of this thread's stack.
        stack_top: u32,
    },
    /// First message, for a worker in solo mode. Beside it: `module`.
    InitializeSolo {
        /// Size of the memory that it makes, in pages of 64 KiB.
        pages: u32,
        /// Sample rate of the audio context, in Hz.
        sample_rate: f32,
    },
    /// First and only message, for a worker that warms the module and ends. Beside it: `module`.
    Warm {
        /// Size of the memory that it makes, in pages of 64 KiB.
        pages: u32,
        /// Sample rate of the audio context, in Hz.
        sample_rate: f32,
    },
    /// Spectrum of a block. Beside it: `samples`, a `Float32Array` of a power of two.
    ComputeFft {
        /// Name of the task.
        task: TaskId,
        /// Samples of the output that are wanted.
        output_samples: u32,
    },
    /// A stereo block through the gain effect. Beside it: `samples`, left plane then right plane.
    ProcessAudio {
        /// Name of the task.
        task: TaskId,
        /// Frames of each plane.
        frames: u32,
        /// Linear gain at the start of the block.
        from: f32,
        /// Linear gain at its end.
        to: f32,
        /// Samples of the output that are wanted.
        output_samples: u32,
    },
    /// Integer mixing, for measurements and faults.
    RunTest {
        /// Name of the task.
        task: TaskId,
        /// What is mixed.
        seed: u32,
        /// How long, in slices of about 0.1 ms.
        slices: u32,
        /// Number of the fault that befalls the worker in the middle.
        fault: Option<u32>,
        /// Samples of the output that are wanted.
        output_samples: u32,
    },
    /// Power spectra of both planes, for a worker in solo mode that has no other work. Beside it: `samples`, the frames plane after
    /// plane, and `spectra`, where the bins of both go. Both come back with the answer.
    ComputeSpectra {
        /// Frames of each plane: a power of two.
        size: u32,
        /// Number of the window.
        window: u32,
    },
    /// Ends the worker.
    ShutDown,
}

/// Pool worker to main thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum WorkerEvent {
    /// Answer to either first message.
    Ready {
        /// [`crate::ABI`] of its script.
        abi: u32,
    },
    /// Answer to `Warm`.
    Warmed {
        /// How many quanta were rendered.
        quanta: u32,
        /// How long that took.
        milliseconds: f64,
    },
    /// A task is done. Beside it: `output`, a `Float32Array`.
    TaskComplete {
        /// Which task.
        task: TaskId,
        /// How long it took.
        execution_milliseconds: f64,
    },
    /// Answer to `ComputeSpectra`, with its arrays.
    Spectra,
    /// A task has failed, and the worker with it: its memory cannot be trusted any more.
    TaskFailed {
        /// Which task.
        task: TaskId,
        /// What was thrown.
        message: String,
    },
    /// The last message.
    ShuttingDown,
}
