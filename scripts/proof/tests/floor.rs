//! What the oldest browsers do not know is refused, and what they know is not.

use rusty_audio_proof::floor::refusal;

fn of(items: &str) -> Option<String> {
    refusal(&wat::parse_str(format!("(module {items})")).unwrap())
}

#[test]
fn what_all_of_them_know_is_taken() {
    let known = [
        "(func (param i32) (result i32) (i32.extend8_s (local.get 0)))",
        "(func (param f32) (result i32) (i32.trunc_sat_f32_s (local.get 0)))",
        "(func (result i32 i32) (i32.const 1) (i32.const 2))",
        "(memory 1 1 shared) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 8)))",
        "(memory 1 1 shared) (func (param i32) (result i32) (i32.atomic.rmw.add (local.get 0) (i32.const 1)))",
        "(global (export \"g\") (mut i32) (i32.const 0))",
        "(table 1 funcref) (type $t (func)) (func (call_indirect (type $t) (i32.const 0)))",
    ];
    for items in known {
        assert_eq!(of(items), None, "{items}");
    }
}

#[test]
fn what_came_later_is_refused() {
    let later = [
        ("(func (result v128) (v128.const i32x4 1 2 3 4))", "SIMD"),
        ("(func (param f32) (drop (f32x4.splat (local.get 0))))", "SIMD"),
        ("(table 1 externref)", "reference types"),
        ("(func (param externref))", "reference types"),
        ("(func $f (return_call $f))", "tail calls"),
        ("(memory i64 1)", "memory64"),
        ("(global i32 (i32.add (i32.const 1) (i32.const 2)))", "constant expression"),
    ];
    for (items, feature) in later {
        let refused = of(items).unwrap_or_else(|| panic!("{items} was taken"));
        assert!(refused.contains(feature), "{items}: {refused}");
    }
}

/// Compilers that may use reference types write the number of a table at its full length, which the older rule forbids.
#[test]
fn a_table_s_number_at_full_length_is_refused() {
    let short =
        wat::parse_str("(module (table 1 funcref) (type $t (func)) (func (call_indirect (type $t) (i32.const 0))))")
            .unwrap();
    let call = short.windows(3).rposition(|bytes| bytes == [0x11, 0, 0]).unwrap();
    let mut long = short.clone();
    long.splice(call + 2..call + 3, [0x80, 0x80, 0x80, 0x80, 0]);
    // The body and the section are four bytes longer.
    let section = short.windows(4).position(|bytes| bytes[0] == 10 && bytes[2] == 1).unwrap();
    long[section + 1] += 4;
    long[section + 3] += 4;
    assert_eq!(refusal(&short), None);
    assert!(refusal(&long).is_some());
}
