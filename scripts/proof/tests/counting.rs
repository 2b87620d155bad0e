//! The copy of a module that counts: it is valid, gives the same results, and counts what was executed exactly.

use std::path::PathBuf;
use std::process::Command;

use rusty_audio_proof::instrument::instrument;
use wasmparser::{Validator, WasmFeatures};

/// Runs the exported `run(argument)` of the instrumented copy in Node. Returns its result and the count.
fn run(name: &str, body: &str, argument: i32) -> (i64, i64) {
    let text = format!(
        "(module (memory 1)
            (global $zero (mut i32) (i32.const 0))
            (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
            (func $run (export \"run\") (param $n i32) (result i32) (local $i i32) {body}))"
    );
    let copy = instrument(&wat::parse_str(text).unwrap()).unwrap();
    Validator::new_with_features(WasmFeatures::all()).validate_all(&copy).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{argument}.wasm"));
    std::fs::write(&path, copy).unwrap();
    let script = "const { readFileSync } = require('node:fs');
        const [path, argument] = process.argv.slice(1);
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)));
        console.log(exports.run(Number(argument)), exports.instruction_count.value.toString());";
    let output = Command::new("node").args(["-e", script]).arg(&path).arg(argument.to_string()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let numbers: Vec<i64> = text.split_whitespace().map(|number| number.parse().unwrap()).collect();
    (numbers[0], numbers[1])
}

/// As many turns as the argument says.
const TURNS: &str = "
    (loop (br_if 0 (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (local.get $i)";

#[test]
fn straight_code_counts_each_instruction() {
    assert_eq!(run("straight", "(i32.add (local.get $n) (i32.const 1))", 4), (5, 3));
}

#[test]
fn a_call_counts_what_it_does() {
    // local.get, call; inside local.get, i32.const, i32.mul.
    assert_eq!(run("call", "(call $twice (local.get $n))", 4), (8, 5));
}

#[test]
fn a_loop_counts_each_turn() {
    // Each turn: local.get, i32.const, i32.add, local.tee, local.get, i32.lt_s, br_if; then local.get.
    assert_eq!(run("loop", TURNS, 1), (1, 8));
    assert_eq!(run("loop", TURNS, 100), (100, 701));
}

#[test]
fn only_the_branch_that_is_taken_counts() {
    // local.get, if; then two more, or four more.
    let branches = "(if (result i32) (local.get $n)
        (then (i32.mul (i32.const 2) (i32.const 3)))
        (else (i32.add (i32.mul (i32.const 2) (i32.const 3)) (i32.const 1))))";
    assert_eq!(run("branch", branches, 1), (6, 5));
    assert_eq!(run("branch", branches, 0), (7, 7));
}

#[test]
fn what_is_left_by_a_branch_does_not_count() {
    // local.get, br_if; if it is not taken i32.const, local.set; then local.get.
    let left = "(block (br_if 0 (local.get $n)) (local.set $i (i32.const 7))) (local.get $i)";
    assert_eq!(run("left", left, 1), (0, 3));
    assert_eq!(run("left", left, 0), (7, 5));
    // local.get, br_table; case 0: i32.const, return; case 1: i32.const.
    let table = "(block (block (br_table 0 1 (local.get $n))) (return (i32.const 10))) (i32.const 11)";
    assert_eq!(run("table", table, 0), (10, 4));
    assert_eq!(run("table", table, 1), (11, 3));
}

#[test]
fn copies_and_fills_count_by_their_length() {
    // Three operands, the instruction, one for each 16 bytes, and the result.
    let copy = "(memory.copy (i32.const 0) (i32.const 512) (local.get $n)) (local.get $i)";
    assert_eq!(run("copy", copy, 0), (0, 5));
    assert_eq!(run("copy", copy, 512), (0, 5 + 32));
    let fill = "(memory.fill (i32.const 0) (i32.const 9) (local.get $n)) (i32.load8_u (i32.const 100))";
    assert_eq!(run("fill", fill, 1024), (9, 6 + 64));
}

#[test]
fn more_work_counts_more() {
    let (_, less) = run("more", TURNS, 1000);
    let (_, more) = run("more", TURNS, 1021);
    assert!(more * 100 > less * 102, "a budget of 2 % more than {less} must refuse {more}");
}
