#[link(wasm_import_module = "env")]
unsafe extern "C" {
    safe fn now() -> f64;
}

#[unsafe(no_mangle)]
extern "C" fn rt_bad() -> f64 {
    now()
}
