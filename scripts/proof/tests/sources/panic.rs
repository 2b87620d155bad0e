#[unsafe(no_mangle)]
extern "C" fn rt_bad(value: f32) -> f32 {
    assert!(value < 2.0, "too loud");
    value
}
