//! The engine module on the main thread: an instance over the engine's shared memory.

use std::cell::{Cell, RefCell};

use js_sys::{Uint8Array, WebAssembly};
use rusty_audio_engine::config::{MAX_SETTINGS, SEATS};
use rusty_audio_engine::events::Event;
use rusty_audio_protocol::{ErrorCode, Failure};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::chain::Chain;
use crate::depth::Depth;
use crate::effect_table::write_row;
use crate::error::{Result, because};
use crate::script::{get_number, object};

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
    fn controller_plan(this: &EngineExports, arena: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_plan_rows(this: &EngineExports, plan: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_node(
        this: &EngineExports,
        arena: u32,
        plan: u32,
        count: u32,
        sample_rate: f32,
        ring_frames: u32,
    ) -> i32;
    #[wasm_bindgen(method)]
    fn controller_release(this: &EngineExports, arena: u32, lease: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_region(this: &EngineExports, processor: u32, place: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_tell(this: &EngineExports, controller: u32, place: u32, word: u32) -> i32;
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
    fn feeder_limit(this: &EngineExports, feeder: u32, least: u32, most: u32, first: u32, fixed: u32, needed: u32);
    #[wasm_bindgen(method)]
    fn controller_telemetry_bytes(this: &EngineExports) -> i32;
    #[wasm_bindgen(method)]
    fn controller_next_event(this: &EngineExports, pool: u32, tape: u32) -> i32;
    #[wasm_bindgen(method)]
    fn controller_next_player_event(this: &EngineExports, controller: u32, tape: u32) -> i32;
}

/// Bytes of a row of a plan: the number of an effect, and its settings.
const PLAN_ROW_BYTES: usize = 4 * (1 + MAX_SETTINGS);

#[expect(clippy::cast_possible_truncation, reason = "eight words")]
const EVENT_BYTES: u32 = size_of::<Event>() as u32;

/// A page of WebAssembly memory.
const PAGE_BYTES: u32 = 65_536;

/// Addresses of a node's handles.
#[derive(Clone, Copy)]
pub struct NodeHandles {
    /// For the main thread.
    pub controller: u32,
    /// For the audio thread.
    pub processor: u32,
    /// For a player's decode worker; 0 for other nodes.
    pub feeder: u32,
    /// For the end.
    lease: u32,
}

/// What the engine's memory is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The pool: jobs, seats, impulse responses.
    Pool,
    /// Effects, rings and handles of nodes, players among them.
    Nodes,
    /// Stacks of the other threads.
    Stacks,
}

impl Purpose {
    /// All of them, with the word that the page sees.
    pub const ALL: [(Self, &'static str); 3] = [(Self::Pool, "pool"), (Self::Nodes, "nodes"), (Self::Stacks, "stacks")];
}

/// The main thread's instance and the memory it shares with all others.
pub struct Instance {
    exports: EngineExports,
    memory: WebAssembly::Memory,
    arena: u32,
    /// Where the effects of a node are written before it is built.
    plan: u32,
    /// Bytes by [`Purpose`].
    used: [Cell<i32>; Purpose::ALL.len()],
    /// Tops of stacks whose threads have ended.
    idle_stacks: RefCell<Vec<u32>>,
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
            because(ErrorCode::OutOfMemory, &format!("The browser refused {memory_mebibytes} MiB"), &reason)
        })?;
        let imports = object(&[("env", object(&[("memory", memory.clone().into())]).into())]);
        let instance = WebAssembly::Instance::new(module, &imports)
            .map_err(|reason| because(ErrorCode::AssetFailed, "The engine module did not start", &reason))?;
        let exports: EngineExports = instance.exports().unchecked_into();
        let arena = address(exports.controller_open(), "the engine")?;
        let plan = address(exports.controller_plan(arena), "the engine")?;
        let mut instance = Self {
            exports,
            memory,
            arena,
            plan,
            used: Default::default(),
            idle_stacks: RefCell::default(),
            pool: 0,
            dispatcher: 0,
            seats: [0; SEATS],
        };
        let list = instance.take(Purpose::Pool, |exports| exports.controller_pool(arena, sample_rate), "the pool")?;
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

    /// Bytes of the memory.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 2³²")]
    pub fn memory_bytes(&self) -> u32 {
        get_number(&self.memory.buffer(), "byteLength") as u32
    }

    /// Bytes handed out so far.
    pub fn used_bytes(&self) -> i32 {
        self.exports.controller_used_bytes(self.arena)
    }

    /// Bytes used for `purpose`.
    pub fn used_for(&self, purpose: Purpose) -> i32 {
        self.used.get(purpose as usize).map_or(0, Cell::get)
    }

    /// Has the module build something for `purpose`, and gives its address; `what` says what it is.
    fn take(&self, purpose: Purpose, build: impl FnOnce(&EngineExports) -> i32, what: &str) -> Result<u32> {
        let before = self.used_bytes();
        let built = build(&self.exports);
        if let Some(used) = self.used.get(purpose as usize) {
            used.set(used.get() + self.used_bytes() - before);
        }
        address(built, what)
    }

    /// Takes the memory of a node back whose processor has left it, and a player's decode worker too.
    pub fn release(&self, handles: &NodeHandles) {
        // A lease is never refused, and ends with this.
        let _ = self.take(Purpose::Nodes, |exports| exports.controller_release(self.arena, handles.lease), "");
    }

    /// Top of a stack for one more thread.
    pub fn stack(&self) -> Result<u32> {
        if let Some(top) = self.idle_stacks.borrow_mut().pop() {
            return Ok(top);
        }
        self.take(Purpose::Stacks, |exports| exports.controller_stack(self.arena), "a thread's stack")
    }

    /// Builds a node of these effects; with `ring_frames` above 0 it is a player with such a source ring.
    pub fn node(&self, sample_rate: f32, ring_frames: u32, chain: &Chain) -> Result<NodeHandles> {
        let rows = address(self.exports.controller_plan_rows(self.plan), "another node")?;
        for (row, link) in (rows..).step_by(PLAN_ROW_BYTES).zip(&chain.links) {
            write_row(&self.memory, row, link.number, &link.settings);
        }
        #[expect(clippy::cast_possible_truncation, reason = "at most MAX_EFFECTS")]
        let count = chain.links.len() as u32;
        let build =
            |exports: &EngineExports| exports.controller_node(self.arena, self.plan, count, sample_rate, ring_frames);
        let list = self.take(Purpose::Nodes, build, "another node")?;
        let [controller, processor, feeder, lease] = self.words(list);
        Ok(NodeHandles { controller, processor, feeder, lease })
    }

    /// Takes back a stack whose thread has ended.
    pub fn return_stack(&self, top: u32) {
        self.idle_stacks.borrow_mut().push(top);
    }

    /// Sets the limits of a player's depth, before its decode worker has the feeder.
    pub fn limit(&self, feeder: u32, depth: Depth) {
        let Depth { least, most, first, fixed, needed } = depth;
        self.exports.feeder_limit(feeder, least, most, first, fixed, needed);
    }

    /// Gives the effect at `place` of a node's list a word.
    pub fn tell(&self, controller: u32, place: usize, word: u32) {
        self.exports.controller_tell(controller, u32::try_from(place).unwrap_or(u32::MAX), word);
    }

    /// The region of the effect at `place` of a node's list, if the page may read what it keeps there.
    pub fn region(&self, processor: u32, place: u32) -> Option<u32> {
        u32::try_from(self.exports.controller_region(processor, place)).ok()
    }

    /// The module's exports, for another of its surfaces.
    pub fn exports<T: JsCast>(&self) -> T {
        JsValue::from(&self.exports).unchecked_into()
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

    /// What one of the pool's threads has noted down since the last call: 0 is the audio thread, 1 are the seats, then the workers
    /// follow by seat.
    pub fn events(&self, tape: u32) -> Vec<Event> {
        self.replay(|exports| exports.controller_next_event(self.pool, tape))
    }

    /// The same of a player: 0 is its source on the audio thread, 1 its decode worker.
    pub fn player_events(&self, controller: u32, tape: u32) -> Vec<Event> {
        self.replay(|exports| exports.controller_next_player_event(controller, tape))
    }

    fn replay(&self, next: impl Fn(&EngineExports) -> i32) -> Vec<Event> {
        let bytes = Uint8Array::new(&self.memory.buffer());
        let addresses = core::iter::from_fn(|| u32::try_from(next(&self.exports)).ok().filter(|&address| address > 0));
        addresses
            .map(|address| {
                let mut event = [0; size_of::<Event>()];
                bytes.subarray(address, address + EVENT_BYTES).copy_to(&mut event);
                bytemuck::must_cast(event)
            })
            .collect()
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
