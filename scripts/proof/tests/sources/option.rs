static TABLE: [f32; 100] = [0.5; 100];

#[unsafe(no_mangle)]
extern "C" fn rt_bad(index: usize) -> f32 {
    *core::hint::black_box(&TABLE).get(index).unwrap()
}
