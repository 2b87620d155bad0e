#[unsafe(no_mangle)]
extern "C" fn rt_bad(which: usize) -> f32 {
    let mut block = [0.0f32; 20_000];
    core::hint::black_box(&mut block);
    block[which & 1023]
}
