#[unsafe(no_mangle)]
extern "C" fn rt_bad(frames: u32, count: core::num::NonZeroU32) -> u32 {
    frames / count
}
