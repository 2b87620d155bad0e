//! One instruction: its name, and what it does that a rule may forbid.

use wasmparser::Operator;

use crate::rule::Reason;

macro_rules! describe {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*))*) => {
        fn description(operator: &Operator<'_>) -> (&'static str, &'static str) {
            match operator {
                $( Operator::$op { .. } => (stringify!($proposal), stringify!($visit)), )*
                _ => ("unknown", "visit_unknown"),
            }
        }
    };
}
wasmparser::for_each_operator!(describe);

/// Proposals whose instructions cannot trap, or only by leaving the memory. What traps in other ways is told by name
/// in [`hazard`].
const HARMLESS: [&str; 6] = ["mvp", "sign_extension", "saturating_float_to_int", "bulk_memory", "simd", "threads"];

/// The name in the text format, nearly: `i32.div_u`.
#[must_use]
pub fn name(operator: &Operator<'_>) -> String {
    let (_, visit) = description(operator);
    visit.trim_start_matches("visit_").replacen('_', ".", 1)
}

/// What may not be done and needs no more than this instruction and the one before it to be seen. Branches, calls,
/// `unreachable` and globals are seen by [`crate::scan`].
#[must_use]
pub fn hazard(operator: &Operator<'_>, before: Option<&Operator<'_>>) -> Option<Reason> {
    use Operator as O;
    match operator {
        O::MemoryGrow { .. } => Some(Reason::MemoryGrow),
        O::MemoryAtomicWait32 { .. } | O::MemoryAtomicWait64 { .. } => Some(Reason::Wait),
        O::MemoryAtomicNotify { .. } => Some(Reason::Notify),
        O::I32DivU | O::I32RemU | O::I64DivU | O::I64RemU | O::I32RemS | O::I64RemS => {
            (!is_constant(before, &[0])).then(|| Reason::Division(name(operator)))
        }
        O::I32DivS | O::I64DivS => (!is_constant(before, &[0, -1])).then(|| Reason::Division(name(operator))),
        O::I32TruncF32S
        | O::I32TruncF32U
        | O::I32TruncF64S
        | O::I32TruncF64U
        | O::I64TruncF32S
        | O::I64TruncF32U
        | O::I64TruncF64S
        | O::I64TruncF64U => Some(Reason::Conversion(name(operator))),
        O::CallIndirect { .. } | O::CallRef { .. } | O::ReturnCallIndirect { .. } | O::ReturnCallRef { .. } => {
            Some(Reason::IndirectCall(name(operator)))
        }
        O::TypedSelect { .. } => None,
        _ => (!HARMLESS.contains(&description(operator).0)).then(|| Reason::Unproved(name(operator))),
    }
}

/// Whether `operator` is a constant, and none of `but`.
fn is_constant(operator: Option<&Operator<'_>>, but: &[i64]) -> bool {
    match operator {
        Some(Operator::I32Const { value }) => !but.contains(&i64::from(*value)),
        Some(Operator::I64Const { value }) => !but.contains(value),
        _ => false,
    }
}
