//! Modules that the pinned compiler makes of Rust sources: each is rejected for the right reason, the good one is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusty_audio_proof::{Module, Reason, Role, Walk};

/// The compiler that builds what is shipped; the build scripts name and install it.
fn nightly() -> String {
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../toolchain.sh")).unwrap();
    script.lines().find_map(|line| line.strip_prefix("nightly=")).unwrap().to_owned()
}

fn compile(name: &str, debug: &[&str]) -> Vec<u8> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sources").join(name).with_extension("rs");
    let output = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}{}.wasm", debug.concat()));
    let compiled = Command::new("rustup")
        .args(["run", &nightly(), "rustc", "--edition=2024", "--crate-type=cdylib", "--target=wasm32-unknown-unknown"])
        .args(["-Copt-level=3", "-Clto=fat", "-Cpanic=abort", "-Ctarget-feature=+simd128"])
        .args(debug)
        .args(["-Clink-arg=-zstack-size=65536", "-Awarnings", "-o"])
        .arg(&output)
        .arg(&source)
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    std::fs::read(output).unwrap()
}

fn walk(source: &str, export: &str) -> Walk {
    walk_module(&compile(source, &["-Cstrip=debuginfo"]), export)
}

fn walk_module(bytes: &[u8], export: &str) -> Walk {
    let module = Module::parse(bytes).unwrap();
    let export = module.exports.iter().find(|other| other.name == export).unwrap();
    Walk::new(&module, export, Role::Audio, 65_536)
}

/// That `rt_bad` of a source is rejected for a reason, on a path from the export.
fn rejects(source: &str, is_expected: impl Fn(&Reason) -> bool) {
    let walk = walk(source, "rt_bad");
    let Some(finding) = walk.findings.iter().find(|finding| is_expected(&finding.reason)) else {
        panic!("{source}: {:?}", walk.findings)
    };
    assert_eq!(finding.path[0], "rt_bad", "{source}");
}

#[test]
fn a_panic_is_rejected() {
    rejects("panic", |reason| *reason == Reason::Unreachable);
}

#[test]
fn an_index_without_a_bound_is_rejected() {
    rejects("index", |reason| *reason == Reason::Unreachable);
}

#[test]
fn an_unwrapped_option_is_rejected() {
    rejects("option", |reason| *reason == Reason::Unreachable);
}

#[test]
fn an_allocation_is_rejected() {
    rejects("boxed", |reason| *reason == Reason::Allocator);
}

#[test]
fn a_division_by_a_variable_is_rejected_even_if_it_is_never_zero() {
    rejects("division", |reason| matches!(reason, Reason::Division(_)));
}

#[test]
fn recursion_is_rejected() {
    rejects("recursion", |reason| *reason == Reason::Recursion);
}

#[test]
fn a_call_through_a_trait_object_is_rejected() {
    rejects("dyn_call", |reason| matches!(reason, Reason::IndirectCall(_)));
}

#[test]
fn a_block_on_the_stack_that_is_too_large_is_rejected() {
    rejects("stack", |reason| matches!(reason, Reason::StackDepth { needed_bytes, .. } if *needed_bytes >= 80_000));
}

#[test]
fn an_import_is_rejected() {
    rejects("import", |reason| matches!(reason, Reason::Import(_, name) if name == "now"));
}

#[test]
fn filters_casts_and_bounded_slices_pass() {
    let walk = walk("good", "rt_good");
    assert_eq!(walk.findings, []);
    assert!(walk.loops > 0 && walk.bytes > 100);
}

#[test]
fn with_a_line_table_the_line_is_told() {
    let module = compile("division", &["-Cdebuginfo=line-tables-only"]);
    let findings = walk_module(&module, "rt_bad").findings;
    assert_eq!(findings.len(), 1);
    let [place] = &findings[0].places[..] else { panic!("{findings:?}") };
    assert!(place.ends_with("division.rs:3"), "{place}");
    assert!(walk("division", "rt_bad").findings[0].places.is_empty(), "without one there is none");
}
