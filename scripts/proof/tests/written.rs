//! Modules written by hand: each forbidden thing is found, with its reason and the shortest path, and what only looks
//! forbidden is not.

use rusty_audio_proof::{ExportList, Finding, Module, Proof, Reason, Role, Walk};

const STACK_BYTES: u64 = 65_536;

/// A module of `items`, with what every engine module has.
fn module(items: &str) -> Vec<u8> {
    let text = format!(
        "(module
            (import \"env\" \"memory\" (memory 1 16 shared))
            (import \"env\" \"log\" (func $log))
            (table 1 funcref)
            (type $plain (func))
            (global $__stack_pointer (mut i32) (i32.const 65536))
            (global $__tls_base (mut i32) (i32.const 0))
            {items})"
    );
    wat::parse_str(text).unwrap()
}

fn walk(items: &str, export: &str, role: Role) -> Walk {
    let module = Module::parse(&module(items)).unwrap();
    let export = module.exports.iter().find(|other| other.name == export).unwrap();
    Walk::new(&module, export, role, STACK_BYTES)
}

/// What is found in a function that is exported as `rt_bad`.
fn findings(body: &str) -> Vec<Reason> {
    let walk = walk(&format!("(func $rt_bad (export \"rt_bad\") {body})"), "rt_bad", Role::Audio);
    walk.findings.into_iter().map(|finding| finding.reason).collect()
}

fn on_path(reason: Reason, path: &[&str]) -> Vec<Finding> {
    vec![Finding { reason, path: path.iter().map(|&name| name.to_owned()).collect(), places: vec![] }]
}

#[test]
fn growing_waiting_and_notifying_are_found() {
    assert_eq!(findings("(drop (memory.grow (i32.const 1)))"), [Reason::MemoryGrow]);
    for wait in [
        "(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1))",
        "(memory.atomic.wait64 (i32.const 0) (i64.const 0) (i64.const -1))",
    ] {
        assert_eq!(findings(&format!("(drop {wait})")), [Reason::Wait]);
    }
    assert_eq!(findings("(drop (memory.atomic.notify (i32.const 0) (i32.const 1)))"), [Reason::Notify]);
}

#[test]
fn a_worker_may_wait_and_notify_but_nothing_else() {
    let worker = "(func (export \"worker_turn\")
        (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1)))
        (drop (memory.grow (i32.const 1))))";
    let found: Vec<_> = walk(worker, "worker_turn", Role::Worker).findings.into_iter().map(|f| f.reason).collect();
    assert_eq!(found, [Reason::MemoryGrow]);
}

#[test]
fn imports_are_found() {
    assert_eq!(findings("(call $log)"), [Reason::Import("env".into(), "log".into())]);
}

#[test]
fn indirect_calls_are_found() {
    assert_eq!(findings("(call_indirect (type $plain) (i32.const 0))"), [Reason::IndirectCall("call.indirect".into())]);
}

#[test]
fn thread_local_storage_is_found() {
    assert_eq!(findings("(drop (global.get $__tls_base))"), [Reason::ThreadLocal]);
    assert_eq!(findings("(global.set $__tls_base (i32.const 8))"), [Reason::ThreadLocal]);
    let items = "(func $__wasm_init_tls) (func (export \"rt_bad\") (call $__wasm_init_tls))";
    assert_eq!(walk(items, "rt_bad", Role::Audio).findings[0].reason, Reason::ThreadLocal);
}

#[test]
fn divisions_need_a_harmless_constant() {
    for (kind, minus_one_traps) in [("div_u", false), ("rem_u", false), ("div_s", true), ("rem_s", false)] {
        for (integer, name) in [("i32", "i32"), ("i64", "i64")] {
            let by = |divisor: &str| {
                findings(&format!("(local $x {integer}) (drop ({integer}.{kind} (local.get $x) ({divisor})))"))
            };
            let found = [Reason::Division(format!("{name}.{kind}"))];
            assert_eq!(by("local.get $x"), found);
            assert_eq!(by(&format!("{integer}.const 0")), found);
            assert_eq!(by(&format!("{integer}.const 3")), []);
            assert_eq!(by(&format!("{integer}.const -1")), if minus_one_traps { &found[..] } else { &[] });
        }
    }
    assert_eq!(findings("(drop (f32.div (f32.const 1) (f32.const 0)))"), []);
}

#[test]
fn conversions_must_saturate() {
    for integer in ["i32", "i64"] {
        for (float, sign) in [("f32", "s"), ("f32", "u"), ("f64", "s"), ("f64", "u")] {
            let convert = |how: &str| findings(&format!("(drop ({integer}.{how}_{float}_{sign} ({float}.const 1)))"));
            assert_eq!(convert("trunc"), [Reason::Conversion(format!("{integer}.trunc_{float}_{sign}"))]);
            assert_eq!(convert("trunc_sat"), []);
        }
    }
}

#[test]
fn instructions_that_nobody_vouches_for_are_found() {
    let relaxed = "(drop (f32x4.relaxed_madd (v128.const i64x2 0 0) (v128.const i64x2 0 0) (v128.const i64x2 0 0)))";
    assert!(matches!(findings(relaxed)[..], [Reason::Unproved(_)]));
    assert!(matches!(findings("(drop (table.get 0 (i32.const 0)))")[..], [Reason::Unproved(_)]));
    let simd = "(drop (f32x4.add (v128.const i64x2 0 0) (v128.load (i32.const 0))))";
    assert_eq!(findings(simd), []);
    assert_eq!(findings("(memory.copy (i32.const 0) (i32.const 8) (i32.const 8))"), []);
    assert_eq!(findings("(i32.atomic.store (i32.const 0) (i32.atomic.rmw.add (i32.const 4) (i32.const 1)))"), []);
}

#[test]
fn a_panic_is_found_wherever_it_can_be_reached() {
    for body in [
        "unreachable",
        "(param i32) (if (local.get 0) (then unreachable))",
        "(param i32) (if (local.get 0) (then) (else unreachable))",
        "(param i32) (block (br_if 0 (local.get 0)) unreachable)",
        // Something leaves the block, so what is behind it runs.
        "(param i32) (block (loop (br_if 1 (local.get 0)) (br 0))) unreachable",
        "(param i32) (block (block (br_table 0 1 (local.get 0))) unreachable)",
        "(param i32) (block (br_if 0 (local.get 0)) return) unreachable",
        // Without an else the condition may be false.
        "(param i32) (if (local.get 0) (then return)) unreachable",
        // What follows a call that does not return.
        "(call $never) unreachable",
    ] {
        let items = format!("(func $rt_bad (export \"rt_bad\") {body}) (func $never (loop (br 0)))");
        assert_eq!(walk(&items, "rt_bad", Role::Audio).findings, on_path(Reason::Unreachable, &["rt_bad"]), "{body}");
    }
}

#[test]
fn a_panic_that_cannot_be_reached_is_none() {
    for body in [
        "return unreachable",
        "(block (br 0) unreachable)",
        "(loop (br 0)) unreachable",
        "(loop (br 0) unreachable)",
        "(block (loop (br 0))) unreachable",
        "(param i32) (loop (br_if 0 (local.get 0)) (br 0)) unreachable",
        "(param i32) (block (block (br_table 0 1 (local.get 0)) unreachable))",
        "(param i32) (if (local.get 0) (then return) (else return)) unreachable",
        "return (block unreachable) unreachable",
        "return (if (i32.const 1) (then unreachable) (else unreachable)) unreachable",
        // The branch that leaves this block is itself dead.
        "(block return (br 0)) unreachable",
    ] {
        assert_eq!(findings(body), [], "{body}");
    }
}

#[test]
fn a_handler_of_exceptions_in_dead_code_does_not_hide_what_follows() {
    let found = findings("(param i32) (block (br_if 0 (local.get 0)) return (try_table nop)) unreachable");
    assert_eq!(found, [Reason::Unreachable]);
    assert!(matches!(findings("(try_table nop)")[..], [Reason::Unproved(_)]));
}

#[test]
fn other_things_in_dead_code_are_none() {
    assert_eq!(findings("return (drop (memory.grow (i32.const 1))) (call $log)"), []);
}

#[test]
fn the_path_is_the_shortest_and_by_name() {
    let items = "
        (func (export \"rt_bad\") (call $far) (call $near))
        (func $far (call $farther))
        (func $farther (call $deep))
        (func $near (call $deep))
        (func $deep unreachable)
        (export \"rt_other\" (func $near))";
    assert_eq!(walk(items, "rt_other", Role::Audio).findings, on_path(Reason::Unreachable, &["near", "deep"]));
    let found = walk(items, "rt_bad", Role::Audio);
    assert_eq!(found.findings[0].path[1..], ["near", "deep"]);
    assert_eq!(found.functions, 5);
}

#[test]
fn allocators_are_found_by_name() {
    for name in ["malloc", "_RNvCsgOqWNZHFCAc_7___rustc12___rust_alloc", "dlmalloc", "__rdl_realloc", "__rust_dealloc"]
    {
        let items = format!("(func $rt_bad (export \"rt_bad\") (call ${name})) (func ${name} (call $log))");
        let found = walk(&items, "rt_bad", Role::Audio).findings;
        assert_eq!(found.len(), 1, "what an allocator does inside is no news: {found:?}");
        assert_eq!(found[0].reason, Reason::Allocator);
    }
}

#[test]
fn recursion_is_found_and_has_no_depth() {
    let itself = walk("(func $rt_bad (export \"rt_bad\") (call $rt_bad))", "rt_bad", Role::Audio);
    assert_eq!(itself.findings, on_path(Reason::Recursion, &["rt_bad", "rt_bad"]));
    assert_eq!(itself.stack_bytes, None);
    let others = "(func $rt_bad (export \"rt_bad\") (call $a)) (func $a (call $b)) (func $b (call $a))";
    let found = walk(others, "rt_bad", Role::Audio).findings;
    assert_eq!(found, on_path(Reason::Recursion, &["rt_bad", "a", "b", "a"]));
    // Two ways to the same function are no circle.
    let twice = "(func $rt_bad (export \"rt_bad\") (call $a) (call $b)) (func $a (call $b)) (func $b)";
    assert_eq!(walk(twice, "rt_bad", Role::Audio).findings, []);
}

/// A function of a frame of `bytes` as LLVM writes it.
fn framed(name: &str, bytes: u32, body: &str) -> String {
    format!(
        "(func ${name} (export \"{name}\") (local $frame i32)
            (global.set $__stack_pointer
                (local.tee $frame (i32.sub (global.get $__stack_pointer) (i32.const {bytes}))))
            {body}
            (global.set $__stack_pointer (i32.add (local.get $frame) (i32.const {bytes}))))"
    )
}

#[test]
fn the_deepest_stack_is_the_sum_along_the_deepest_path() {
    let items = [
        framed("rt_bad", 100, "(call $shallow) (call $middle)"),
        framed("shallow", 300, ""),
        framed("middle", 16, "(call $deep) (call $shallow)"),
        framed("deep", 400, ""),
    ]
    .concat();
    let walk = walk(&items, "rt_bad", Role::Audio);
    assert_eq!(walk.findings, []);
    assert_eq!(walk.stack_bytes, Some(516));
}

#[test]
fn a_stack_that_is_too_deep_is_found() {
    let items = [framed("rt_bad", 32_768, "(call $deep)"), framed("deep", 32_784, "")].concat();
    let reason = Reason::StackDepth { needed_bytes: 65_552, given_bytes: STACK_BYTES };
    assert_eq!(walk(&items, "rt_bad", Role::Audio).findings, on_path(reason, &["rt_bad", "deep"]));
    let items = [framed("rt_good", 32_768, "(call $deep)"), framed("deep", 32_768, "")].concat();
    assert_eq!(walk(&items, "rt_good", Role::Audio).findings, []);
}

#[test]
fn the_stack_of_what_builds_is_bounded_and_nothing_else() {
    let items = format!("{} (func $rest unreachable)", framed("controller_open", 65_552, "(call $rest)"));
    let found = walk(&items, "controller_open", Role::Building).findings;
    let reasons: Vec<_> = found.iter().map(|finding| &finding.reason).collect();
    assert!(matches!(reasons[..], [Reason::StackDepth { needed_bytes: 65_552, .. }]), "{reasons:?}");
    let endless = walk("(func $f (export \"f\") (call $f))", "f", Role::Building).findings;
    assert_eq!(endless, on_path(Reason::Recursion, &["f", "f"]));
}

#[test]
fn a_stack_pointer_in_two_locals_is_followed_until_they_are_used_otherwise() {
    // What LLVM writes for objects of greater alignment.
    let twice = |between: &str| {
        format!(
            "(func (export \"rt_twice\") (local $a i32) (local $b i32) (local $frame i32)
                (local.set $b (local.tee $a (global.get $__stack_pointer)))
                {between}
                (global.set $__stack_pointer
                    (local.tee $frame (i32.and (i32.sub (local.get $a) (i32.const 256)) (i32.const -32))))
                (local.set $a (i32.const 7))
                (global.set $__stack_pointer (local.get $b)))"
        )
    };
    let found = walk(&twice(""), "rt_twice", Role::Audio);
    assert_eq!((found.stack_bytes, found.findings), (Some(287), vec![]));
    let lost = walk(&twice("(local.set $a (i32.const 100000))"), "rt_twice", Role::Audio).findings;
    assert_eq!(lost[0].reason, Reason::StackFrame);
}

#[test]
fn frames_of_leaves_and_of_aligned_objects_count() {
    let leaf = "(func (export \"rt_leaf\") (local $frame i32)
        (local.set $frame (i32.sub (global.get $__stack_pointer) (i32.const 48))))";
    assert_eq!(walk(leaf, "rt_leaf", Role::Audio).stack_bytes, Some(48));
    let aligned = "(func (export \"rt_aligned\") (local $before i32)
        (global.set $__stack_pointer (i32.and
            (i32.sub (local.tee $before (global.get $__stack_pointer)) (i32.const 128)) (i32.const -64)))
        (global.set $__stack_pointer (local.get $before)))";
    let aligned = walk(aligned, "rt_aligned", Role::Audio);
    assert_eq!((aligned.stack_bytes, aligned.findings), (Some(191), vec![]));
}

#[test]
fn a_frame_of_unknown_size_is_found() {
    for body in [
        "(global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (local.get 0)))",
        "(global.set $__stack_pointer (local.get 0))",
        "(global.set $__stack_pointer (i32.add (global.get $__stack_pointer) (i32.const -16)))",
        "(local.set 0 (global.get $__stack_pointer))
         (global.set $__stack_pointer (i32.sub (local.get 0) (local.get 0)))",
    ] {
        assert_eq!(findings(&format!("(param i32) {body}")), [Reason::StackFrame], "{body}");
    }
}

#[test]
fn the_list_must_name_every_import_and_export() {
    let bytes = wat::parse_str(
        "(module
            (import \"env\" \"memory\" (memory 1 16 shared))
            (func $rt_process (export \"rt_process\"))
            (func $controller_open (export \"controller_open\")))",
    )
    .unwrap();
    let differences = |list: &str| Proof::new(&bytes, &ExportList::parse(list).unwrap()).unwrap().differences;
    let list = "# Everything\n\nimport memory env.memory\naudio rt_process\nbuilding controller_open\n";
    assert_eq!(differences(list), [""; 0]);
    assert_eq!(differences(&list.replace("import memory env.memory", "")).len(), 1);
    assert_eq!(differences(&list.replace("building controller_open", "")).len(), 1);
    assert_eq!(differences(&format!("{list}audio rt_more\n")).len(), 1);
    assert_eq!(differences(&format!("{list}import function env.log\n")).len(), 1);
    assert_eq!(differences(&list.replace("building controller_open", "global controller_open")).len(), 1);
    for wrong in ["building rt_process", "audio worker_turn", "audio x\naudio x", "audio", "nonsense x"] {
        assert!(ExportList::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_runs_when_the_module_is_instantiated_must_be_listed() {
    let bytes = wat::parse_str("(module (func $begin) (start $begin))").unwrap();
    let holds = |list: &str| Proof::new(&bytes, &ExportList::parse(list).unwrap()).unwrap().holds();
    assert!(holds("start begin"));
    assert!(!holds(""));
    assert!(!holds("start end"));
}

#[test]
fn what_is_listed_as_audio_is_held_to_its_rules_whatever_its_name() {
    let bytes = wat::parse_str("(module (func $feeder_read (export \"feeder_read\") unreachable))").unwrap();
    let proof = |list: &str| Proof::new(&bytes, &ExportList::parse(list).unwrap()).unwrap();
    assert!(!proof("audio feeder_read").holds());
    assert!(proof("building feeder_read").holds());
    assert!(proof("misfortune feeder_read").holds());
}

#[test]
fn the_linkers_stack_must_be_as_large_as_the_others() {
    let stack = |bytes: u32| {
        let bytes = wat::parse_str(format!(
            "(module (global $__stack_pointer (export \"__stack_pointer\") (mut i32) (i32.const {bytes})) (func $f))"
        ));
        Proof::new(&bytes.unwrap(), &ExportList::parse("global __stack_pointer").unwrap()).unwrap().holds()
    };
    assert!(stack(65_536));
    assert!(!stack(32_768));
}

#[test]
fn a_module_without_names_is_refused() {
    let Err(error) = Module::parse(&wat::parse_str("(module (func (export \"rt_process\")))").unwrap()) else {
        panic!("no names")
    };
    assert!(error.to_string().contains("name section"));
}
