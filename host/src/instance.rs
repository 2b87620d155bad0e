//! The engine module on the main thread: an instance over the engine's shared memory.

use js_sys::{Uint8Array, WebAssembly};
use rusty_audio_engine::config::SEATS;
use rusty_audio_engine::protocol::SeatTelemetry;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{Result, because};
use crate::script::object;

#[wasm_bindgen]
extern "C" {
    /// The module's exports that the main thread calls; `worklet/src/controller.rs` documents them.
    type EngineExports;

    #[wasm_bindgen(method)]
    fn controller_open(this: &EngineExports) -> i32;
    #[wasm_bindgen(method)]
    fn controller_used_bytes(this: &EngineExports, arena: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_stack(this: &EngineExports, arena: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_player(this: &EngineExports, arena: u32, sample_rate: f32, ring_frames: u32, response: i32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_pool(this: &EngineExports, arena: u32, sample_rate: f32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_play(this: &EngineExports, controller: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_pause(this: &EngineExports, controller: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_discard(this: &EngineExports, controller: u32, epoch: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_telemetry(this: &EngineExports, controller: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_telemetry_bytes(this: &EngineExports) -> i32;
    #[wasm_bindgen(method)]
    fn controller_seat_figure(this: &EngineExports, pool: u32, seat: u32, index: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_take_seat(this: &EngineExports, pool: u32, seat: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_retire_seat(this: &EngineExports, pool: u32, seat: u32) -> i32;
}

/// A page of WebAssembly memory.
const PAGE_BYTES: u32 = 65_536;

/// Addresses of a player's three handles.
#[derive(Clone, Copy)]
pub struct PlayerHandles {
    /// For the main thread.
    pub controller: u32,
    /// For the decode worker.
    pub feeder: u32,
    /// For the audio thread.
    pub processor: u32,
}

/// The main thread's instance and the memory it shares with all others.
pub struct Instance {
    exports: EngineExports,
    memory: WebAssembly::Memory,
    arena: u32,
    /// Address of the pool's controller.
    pub pool: u32,
    /// Address of the audio thread's end of the pool.
    pub dispatcher: u32,
    /// Addresses of the workers' handles, by seat.
    pub seats: [u32; SEATS],
}

impl Instance {
    /// Makes the memory at its full size, takes possession of it and builds the pool for a context of that rate.
    pub fn new(module: &WebAssembly::Module, memory_mebibytes: u32, sample_rate: f32) -> Result<Self> {
        let pages = pages(memory_mebibytes);
        let descriptor = object(&[("initial", pages.into()), ("maximum", pages.into()), ("shared", true.into())]);
        let memory = WebAssembly::Memory::new(&descriptor).map_err(|reason| {
            because(ErrorCode::MemoryFull, &format!("The browser refused {memory_mebibytes} MiB"), &reason)
        })?;
        let imports = object(&[("env", object(&[("memory", memory.clone().into())]).into())]);
        let instance = WebAssembly::Instance::new(module, &imports)
            .map_err(|reason| because(ErrorCode::AssetFailed, "The engine module did not start", &reason))?;
        let exports: EngineExports = instance.exports().unchecked_into();
        let arena = address(exports.controller_open(), "the engine")?;
        let list = address(exports.controller_pool(arena, sample_rate), "the pool")?;
        let mut instance = Self { exports, memory, arena, pool: 0, dispatcher: 0, seats: [0; SEATS] };
        let [pool, dispatcher, seats @ ..] = instance.words::<{ 2 + SEATS }>(list);
        (instance.pool, instance.dispatcher, instance.seats) = (pool, dispatcher, seats);
        Ok(instance)
    }

    /// The shared memory.
    pub fn memory(&self) -> &WebAssembly::Memory {
        &self.memory
    }

    /// Address of the arena.
    pub fn arena(&self) -> u32 {
        self.arena
    }

    /// Bytes handed out so far.
    pub fn used_bytes(&self) -> i32 {
        self.exports.controller_used_bytes(self.arena)
    }

    /// Top of a new stack.
    pub fn stack(&self) -> Result<u32> {
        address(self.exports.controller_stack(self.arena), "a thread's stack")
    }

    /// Builds a player.
    pub fn player(&self, sample_rate: f32, ring_frames: u32) -> Result<PlayerHandles> {
        let list = address(self.exports.controller_player(self.arena, sample_rate, ring_frames, -1), "another player")?;
        let [controller, feeder, processor] = self.words(list);
        Ok(PlayerHandles { controller, feeder, processor })
    }

    /// Lets a player's source sound.
    pub fn play(&self, controller: u32) {
        self.exports.controller_play(controller);
    }

    /// Pauses a player.
    pub fn pause(&self, controller: u32) {
        self.exports.controller_pause(controller);
    }

    /// Drops every frame of a player that is older than `epoch`.
    pub fn discard(&self, controller: u32, epoch: u32) {
        self.exports.controller_discard(controller, epoch);
    }

    /// The newest telemetry, as bytes.
    pub fn telemetry(&self, controller: u32) -> Vec<u8> {
        let address = self.exports.controller_telemetry(controller).max(0).cast_unsigned();
        let bytes = self.exports.controller_telemetry_bytes().max(0).cast_unsigned();
        Uint8Array::new_with_byte_offset_and_length(&self.memory.buffer(), address, bytes).to_vec()
    }

    /// What is known of the worker on a seat.
    pub fn seat_telemetry(&self, seat: u32) -> SeatTelemetry {
        let mut words = [0; size_of::<SeatTelemetry>() / 4];
        for (index, word) in (0..).zip(&mut words) {
            *word = self.exports.controller_seat_figure(self.pool, seat, index).cast_unsigned();
        }
        bytemuck::must_cast(words)
    }

    /// A worker takes a seat.
    pub fn take_seat(&self, seat: u32) {
        self.exports.controller_take_seat(self.pool, seat);
    }

    /// Lets the worker on a seat end after the job at hand.
    pub fn retire_seat(&self, seat: u32) {
        self.exports.controller_retire_seat(self.pool, seat);
    }

    fn words<const N: usize>(&self, address: u32) -> [u32; N] {
        let mut words = [0; N];
        let view = js_sys::Uint32Array::new(&self.memory.buffer());
        for (index, word) in (address / 4..).zip(&mut words) {
            *word = view.get_index(index);
        }
        words
    }
}

/// Pages of a memory of that size.
pub fn pages(memory_mebibytes: u32) -> u32 {
    memory_mebibytes * ((1 << 20) / PAGE_BYTES)
}

fn address(result: i32, what: &str) -> Result<u32> {
    match result {
        1.. => Ok(result.cast_unsigned()),
        -1 | 0 => Err(Failure::new(ErrorCode::MemoryFull, format!("The engine's memory has no room for {what}."))),
        _ => Err(Failure::new(ErrorCode::InvalidArgument, format!("The engine refused to build {what}."))),
    }
}
