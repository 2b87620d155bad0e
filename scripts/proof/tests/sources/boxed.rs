#[unsafe(no_mangle)]
extern "C" fn rt_bad(value: f32) -> usize {
    Box::into_raw(Box::new(value)) as usize
}
