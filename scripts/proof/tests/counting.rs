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
fn straight_code_counts_what_it_computes() {
    let sum = "(i32.add (i32.mul (local.get $n) (i32.const 3)) (i32.const 1))";
    assert_eq!(run("straight", sum, 4), (13, 2));
    let moves = "(drop (i64.const 1)) (local.set $i (local.tee $n (i32.const 2))) (block (nop)) (local.get $i)";
    assert_eq!(run("moves", moves, 4), (2, 0));
}

#[test]
fn a_call_counts_with_what_it_does() {
    assert_eq!(run("call", "(call $twice (local.get $n))", 4), (8, 2));
}

#[test]
fn a_loop_counts_each_turn() {
    // Each turn: i32.add, i32.lt_s, br_if.
    assert_eq!(run("loop", TURNS, 1), (1, 3));
    assert_eq!(run("loop", TURNS, 100), (100, 300));
}

#[test]
fn only_the_branch_that_is_taken_counts() {
    let branches = "(if (result i32) (local.get $n)
        (then (i32.mul (i32.const 2) (i32.const 3)))
        (else (i32.add (i32.mul (i32.const 2) (i32.const 3)) (i32.const 1))))";
    assert_eq!(run("branch", branches, 1), (6, 2));
    assert_eq!(run("branch", branches, 0), (7, 3));
}

#[test]
fn what_is_left_by_a_branch_does_not_count() {
    let left = "(block (br_if 0 (local.get $n)) (local.set $i (i32.eqz (i32.const 0)))) (local.get $i)";
    assert_eq!(run("left", left, 1), (0, 1));
    assert_eq!(run("left", left, 0), (1, 2));
    // br_table; case 0: return; case 1: i32.eqz.
    let table = "(block (block (br_table 0 1 (local.get $n))) (return (i32.const 10))) (i32.eqz (i32.const 0))";
    assert_eq!(run("table", table, 0), (10, 2));
    assert_eq!(run("table", table, 1), (1, 2));
    // Three turns of i32.add, i32.lt_s and br_if, with br behind the first two.
    let inner = "(block (loop (br_if 1 (i32.lt_s (local.get $n) (local.tee $i (i32.add (local.get $i) (i32.const 1)))))
        (br 0))) (local.get $i)";
    assert_eq!(run("inner", inner, 2), (3, 3 * 3 + 2));
}

#[test]
fn copies_and_fills_count_by_their_length() {
    let copy = "(memory.copy (i32.const 0) (i32.const 512) (local.get $n)) (local.get $i)";
    assert_eq!(run("copy", copy, 0), (0, 1));
    assert_eq!(run("copy", copy, 512), (0, 1 + 32));
    let fill = "(memory.fill (i32.const 0) (i32.const 9) (local.get $n)) (i32.load8_u (i32.const 100))";
    assert_eq!(run("fill", fill, 1024), (9, 2 + 64));
}

#[test]
fn a_module_that_does_more_work_is_refused_by_the_budget_of_one_that_did_less() {
    let judge = concat!("file://", env!("CARGO_MANIFEST_DIR"), "/cost.mjs");
    let script = "const [path, ...counts] = process.argv.slice(1);
        import(path).then(({ budget, judge }) => {
            const [less, more] = counts.map(Number).map((count) => ({
                turns: { quanta: 1, instructions: count, median: count, worst: count, even: true },
            }));
            console.log(judge(less, budget(less)).length, judge(more, budget(less)).join());
        });";
    let verdict = |more: i32| {
        let counts = [1000, more].map(|turns| run("budget", TURNS, turns).1.to_string());
        let output = Command::new("node").args(["-e", script, judge]).args(counts).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(verdict(1020).trim(), "0");
    assert!(verdict(1021).starts_with("0 turns: 3063 instructions, +2.1 % against 3000: over budget"));
    assert!(verdict(899).contains("tighten the budget"));
}
