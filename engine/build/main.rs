//! Emits the passes of the transforms as WebAssembly, whose instructions a browser keeps in the order in which they come.

#[allow(dead_code, reason = "the engine uses the rest")]
#[path = "../src/dsp/fft/kernels/mod.rs"]
mod kernels;
mod passes;
mod recorder;

use std::path::Path;
use std::{env, fs, io};

#[expect(clippy::print_stdout, reason = "cargo reads it")]
fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/dsp/fft/kernels");
    let folder = env::var_os("OUT_DIR").unwrap_or_default();
    fs::write(Path::new(&folder).join("fft.rs"), passes::source())
}
