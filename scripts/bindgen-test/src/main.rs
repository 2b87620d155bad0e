//! Runs the wasm tests that `cargo test` has built: `wasm-bindgen-test-runner`, built from our own lock file.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
