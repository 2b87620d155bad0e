//! The proof as a program: see the library.
//!
//! - `rusty-audio-proof prove MODULE LIST`: fails when the module does what it may not.
//! - `rusty-audio-proof floor MODULE…`: fails when the oldest browsers would refuse one of them.
//! - `rusty-audio-proof instrument MODULE COPY`: writes a copy that counts its instructions.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use rusty_audio_proof::floor::refusal;
use rusty_audio_proof::{ExportList, Proof, instrument::instrument};

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prove", module, list] => prove(module, list),
        ["floor", ref modules @ ..] => floor(modules),
        ["instrument", module, copy] => {
            std::fs::write(copy, instrument(&read(module)?)?).with_context(|| format!("cannot write {copy}"))?;
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("usage: rusty-audio-proof prove MODULE LIST | floor MODULE… | instrument MODULE COPY"),
    }
}

fn prove(module: &str, list: &str) -> Result<ExitCode> {
    let proof = Proof::new(&read(module)?, &ExportList::read(list)?)?;
    std::io::stdout().write_all(proof.to_string().as_bytes())?;
    Ok(if proof.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn floor(modules: &[&str]) -> Result<ExitCode> {
    let mut refused = false;
    for path in modules {
        if let Some(reason) = refusal(&read(path)?) {
            refused = true;
            writeln!(std::io::stderr(), "{path}: {reason}")?;
        }
    }
    if !refused {
        writeln!(std::io::stdout(), "Chrome 92, Firefox 79 and Safari 15.2 take {} modules.", modules.len())?;
    }
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {path}"))
}
