//! `rusty-audio-bindgen TARGET MODULE.wasm FOLDER NAME`: makes the JavaScript glue of a module. TARGET is `web` (ES
//! module, with types) or `no-modules` (classic script).
//!
//! wasm-bindgen's own command does the same, but installing it resolves its many other dependencies anew on each
//! machine; this one is pinned by its lock file and builds in a third of the time.

use std::env::args;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

/// The module as one that uses no reference types, which it does not: only std, which comes compiled, could have. Chrome has them
/// since version 96, so the glue must do without.
fn without_reference_types(mut module: Vec<u8>) -> Vec<u8> {
    let used = b"+\x0freference-types";
    if let Some(place) = module.windows(used.len()).position(|bytes| bytes == used) {
        module[place] = b'-';
    }
    module
}

fn main() -> Result<()> {
    let usage = "usage: rusty-audio-bindgen web|no-modules MODULE.wasm FOLDER NAME";
    let arguments: Vec<String> = args().skip(1).collect();
    let [target, module, folder, name] = arguments.as_slice() else { bail!(usage) };
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes(name, without_reference_types(std::fs::read(module)?)).out_name(name).remove_name_section(true);
    match target.as_str() {
        "web" => bindgen.web(true)?.typescript(true),
        "no-modules" => bindgen.no_modules(true)?.typescript(false),
        _ => bail!(usage),
    };
    bindgen.generate(folder).with_context(|| format!("{module} could not be bound"))
}
