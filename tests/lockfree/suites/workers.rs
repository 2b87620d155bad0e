//! The laws and the roles in a browser, on a `SharedArrayBuffer`. Each end is in a worker of its own, which has a bare
//! instance of this module over the same memory, as the engine's workers have: no start function, a stack that the main
//! thread made, and raw exports.
#![cfg(target_arch = "wasm32")]
#![allow(unsafe_code, reason = "an end travels to its worker as an address")]

use core::hint::spin_loop;
use core::sync::atomic::AtomicU32;

use js_sys::{BigInt, Promise, WebAssembly};
use rusty_audio_engine::lockfree::board::{Claimer, Poster, board};
use rusty_audio_engine::lockfree::latest::{Publisher, Reader, latest};
use rusty_audio_engine::lockfree::recorder::{Recorder, Replay, recorder_from};
use rusty_audio_engine::lockfree::regions::{Regions, Registrar, regions};
use rusty_audio_engine::lockfree::ring::{Consumer, Producer, ring_from};
use rusty_audio_engine::{Arena, Memory};
use rusty_audio_lockfree_tests::hostile;
use rusty_audio_lockfree_tests::laws::LAWS;
use rusty_audio_lockfree_tests::roles::{self, SLOTS, Verdict};
use rusty_audio_lockfree_tests::script::words;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const BEFORE_WRAP: u32 = 0u32.wrapping_sub(100);
const COUNT: u32 = 100_000;
const STACK_BYTES: usize = 64 * 1024;

#[wasm_bindgen(inline_js = r#"
const script = `
onmessage = ({ data: { module, memory, stack, role, end, count } }) => {
    const imports = {};
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
        const stub = () => { throw new Error('called ' + name); };
        (imports[from] ??= {})[name] = kind === 'memory' ? memory : stub;
    }
    const { exports } = new WebAssembly.Instance(module, imports);
    exports.__stack_pointer.value = stack;
    postMessage(exports[role](end, count));
};`;
export function play(module, memory, stack, role, end, count) {
    return new Promise((resolve, reject) => {
        const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
        const worker = new Worker(url);
        worker.onmessage = ({ data }) => {
            if (typeof data !== 'bigint') return;
            worker.terminate();
            resolve(data);
        };
        worker.onerror = (event) => reject(new Error(role + ': ' + event.message));
        worker.postMessage({ module, memory, stack, role, end, count });
    });
}
export function isShared(memory) {
    return memory.buffer instanceof SharedArrayBuffer;
}
"#)]
extern "C" {
    fn play(
        module: &WebAssembly::Module,
        memory: &WebAssembly::Memory,
        stack: usize,
        role: &str,
        end: usize,
        count: u32,
    ) -> Promise;

    #[wasm_bindgen(js_name = isShared)]
    fn is_shared(memory: &WebAssembly::Memory) -> bool;
}

/// An arena whose memory outlives every worker.
fn arena() -> Arena<'static> {
    Box::leak(Box::new(Memory::new(1 << 14))).arena()
}

/// Starts a worker that plays a role with an end that it may keep.
fn start<T: Send>(role: &str, end: T, count: u32) -> JsFuture {
    let stack: &'static mut [u128] = Box::leak(vec![0u128; STACK_BYTES / 16].into_boxed_slice());
    let module = wasm_bindgen::module().unchecked_into();
    let memory = wasm_bindgen::memory().unchecked_into();
    let end: *mut T = Box::leak(Box::new(end));
    JsFuture::from(play(&module, &memory, stack.as_ptr_range().end.addr(), role, end.addr(), count))
}

/// Waits for a worker and its verdict.
async fn verdict(worker: JsFuture) {
    let packed = worker.await.expect("the worker lives").unchecked_into::<BigInt>();
    let packed = u64::try_from(packed).unwrap();
    if packed != 0 {
        // SAFETY: `pack` made it from a string that lives in this module's data.
        let text = unsafe { core::slice::from_raw_parts((packed >> 32) as usize as *const u8, packed as u32 as usize) };
        panic!("{}", core::str::from_utf8(text).unwrap());
    }
}

fn pack(verdict: Verdict) -> u64 {
    verdict.map_or_else(|text| (text.as_ptr().addr() as u64) << 32 | text.len() as u64, |()| 0)
}

/// Takes the end that lies at an address.
fn take<T>(end: usize) -> T {
    // SAFETY: `start` has put it there for this worker alone, and nobody drops it.
    unsafe { core::ptr::read(core::ptr::with_exposed_provenance::<T>(end)) }
}

type Stop = &'static AtomicU32;

#[unsafe(no_mangle)]
extern "C" fn produce(end: usize, count: u32) -> u64 {
    pack(roles::produce(take::<Producer<'static, u32>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn consume(end: usize, count: u32) -> u64 {
    pack(roles::consume(take::<Consumer<'static, u32>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn publish(end: usize, count: u32) -> u64 {
    pack(roles::publish(take::<Publisher<'static, [u32; 24]>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn read(end: usize, count: u32) -> u64 {
    pack(roles::read(take::<Reader<'static, [u32; 24]>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn record(end: usize, count: u32) -> u64 {
    pack(roles::record(take::<Recorder<'static, [u32; 8]>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn replay(end: usize, count: u32) -> u64 {
    pack(roles::replay(take::<Replay<'static, [u32; 8]>>(end), count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn post(end: usize, count: u32) -> u64 {
    let (poster, stop) = take::<(Poster<'static, SLOTS>, Stop)>(end);
    pack(roles::post(poster, count, stop, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn work(end: usize, _count: u32) -> u64 {
    let (claimer, stop) = take::<(Claimer<'static>, Stop)>(end);
    pack(roles::work(claimer, stop, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn lend(end: usize, count: u32) -> u64 {
    let (registrar, arena) = take::<(Registrar<'static>, Arena<'static>)>(end);
    pack(roles::regions::lend(registrar, arena, count, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn borrow(end: usize, count: u32) -> u64 {
    let (poster, regions, stop) = take::<(Poster<'static, SLOTS>, Regions<'static>, Stop)>(end);
    pack(roles::regions::borrow(poster, regions, count, stop, spin_loop))
}

#[unsafe(no_mangle)]
extern "C" fn work_in_region(end: usize, _count: u32) -> u64 {
    let (claimer, regions, stop) = take::<(Claimer<'static>, Regions<'static>, Stop)>(end);
    pack(roles::regions::work(claimer, regions, stop, spin_loop))
}

/// A role that finds something wrong, so that it is known how that ends.
#[unsafe(no_mangle)]
extern "C" fn object(end: usize, _count: u32) -> u64 {
    pack(Err(take::<&'static str>(end)))
}

#[wasm_bindgen_test]
fn the_memory_is_shared() {
    assert!(is_shared(&wasm_bindgen::memory().unchecked_into()));
}

#[wasm_bindgen_test]
fn the_laws_hold() {
    for (_, law) in LAWS {
        (0..300).for_each(|seed| law(&words(seed, 200)));
    }
}

#[wasm_bindgen_test]
fn nothing_hangs_and_nothing_leaves_its_memory() {
    hostile::play(0..2_000);
}

#[wasm_bindgen_test]
#[should_panic(expected = "it is wrong")]
async fn a_verdict_arrives() {
    verdict(start("object", "it is wrong", 0)).await;
}

#[wasm_bindgen_test]
async fn ring() {
    for (planes, capacity) in [(2, 64), (1, 128)] {
        let (producer, consumer) = ring_from::<u32>(&mut arena(), planes, capacity, BEFORE_WRAP).unwrap();
        let ends = [start("produce", producer, COUNT), start("consume", consumer, COUNT)];
        for end in ends {
            verdict(end).await;
        }
    }
}

#[wasm_bindgen_test]
async fn triple_buffer() {
    let (publisher, reader) = latest::<[u32; 24]>(&mut arena()).unwrap();
    for end in [start("publish", publisher, COUNT), start("read", reader, COUNT)] {
        verdict(end).await;
    }
}

#[wasm_bindgen_test]
async fn flight_recorder() {
    let (recorder, replay) = recorder_from::<[u32; 8]>(&mut arena(), 8, BEFORE_WRAP).unwrap();
    let other = replay.clone();
    for end in [start("record", recorder, COUNT), start("replay", replay, COUNT), start("replay", other, COUNT)] {
        verdict(end).await;
    }
}

#[wasm_bindgen_test]
async fn job_board() {
    let (poster, notices) = board::<SLOTS>(&mut arena(), roles::SAMPLES, roles::SAMPLES).unwrap();
    let stop: Stop = Box::leak(Box::new(AtomicU32::new(0)));
    let mut ends: Vec<JsFuture> = (0..3).map(|owner| start("work", (notices.claimer(owner), stop), 0)).collect();
    ends.push(start("post", (poster, stop), COUNT / 5));
    for end in ends {
        verdict(end).await;
    }
}

#[wasm_bindgen_test]
async fn lent_regions() {
    let mut arena = arena();
    let (poster, notices) = board::<SLOTS>(&mut arena, 0, 0).unwrap();
    let (registrar, regions) = regions(&mut arena).unwrap();
    let stop: Stop = Box::leak(Box::new(AtomicU32::new(0)));
    let work = |owner| start("work_in_region", (notices.claimer(owner), regions, stop), 0);
    let mut ends: Vec<JsFuture> = (0..2).map(work).collect();
    ends.push(start("borrow", (poster, regions, stop), COUNT / 5));
    ends.push(start("lend", (registrar, arena), COUNT / 5));
    for end in ends {
        verdict(end).await;
    }
}
