//! Prints `error_codes.ts`: the codes and their advice for the part of the package that runs before any module is
//! loaded. The build calls it, so that the table exists once.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

use rusty_audio_protocol::ErrorCode;

fn main() {
    println!("// Made by `cargo run -p rusty-audio-protocol --example error_codes`.");
    println!("import type {{ EngineError }} from './index.js';\n");
    println!("/** Every stable error code. */");
    println!("export type ErrorCode =");
    for (place, code) in ErrorCode::ALL.iter().enumerate() {
        println!("  | '{}'{}", code.as_str(), if place + 1 == ErrorCode::ALL.len() { ";\n" } else { "" });
    }
    println!("const advice: Readonly<Record<ErrorCode, string>> = {{");
    for code in ErrorCode::ALL {
        println!("  '{}': {:?},", code.as_str(), code.advice());
    }
    println!("}};\n");
    println!("/** An `EngineError`; `message` says what happened. */");
    println!("export function createError(code: ErrorCode, message: string): EngineError {{");
    println!(
        "  return Object.assign(new Error(message), {{ name: 'EngineError' as const, code, advice: advice[code] }});"
    );
    println!("}}");
}
