//! A copy of a module that counts the instructions it executes: an exact cost, the same on every machine.
//!
//! Each straight run of instructions first adds its length to a global, which the copy exports as [`COUNTER`]. What is no
//! work for a machine with registers counts nothing: locals, constants, `drop`, and what only marks structure.
//! `memory.copy` and `memory.fill` count one more for every 16 bytes that they move.

use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, Instruction, ValType,
};
use wasmparser::{FunctionBody, Operator, Parser, Payload};

/// The name under which the copy exports its count, an `i64`.
pub const COUNTER: &str = "instruction_count";

/// Shift that makes 16-byte units of bytes.
const UNIT_SHIFT: i32 = 4;

/// Makes the copy of a module that has globals and exports.
///
/// # Errors
/// When the module is malformed.
pub fn instrument(bytes: &[u8]) -> Result<Vec<u8>> {
    let (parameters, counter) = signatures(bytes)?;
    let mut copy = wasm_encoder::Module::new();
    Counting { parameters: parameters.into_iter(), counter }
        .parse_core_module(&mut copy, Parser::new(0), bytes)
        .context("the module could not be copied")?;
    Ok(copy.finish())
}

/// How many parameters each of the module's own functions has, and the index of the first free global.
fn signatures(bytes: &[u8]) -> Result<(Vec<u32>, u32)> {
    let mut types = Vec::new();
    let mut parameters = Vec::new();
    let mut globals = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::TypeSection(section) => {
                for function in section.into_iter_err_on_gc_types() {
                    types.push(u32::try_from(function?.params().len())?);
                }
            }
            Payload::FunctionSection(section) => {
                for index in section {
                    parameters.push(*types.get(index? as usize).context("a function of no type")?);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    globals += u32::from(matches!(import?.ty, wasmparser::TypeRef::Global(_)));
                }
            }
            Payload::GlobalSection(section) => globals += section.count(),
            _ => {}
        }
    }
    Ok((parameters, globals))
}

struct Counting {
    parameters: std::vec::IntoIter<u32>,
    counter: u32,
}

type Outcome = Result<(), reencode::Error<Infallible>>;

impl Reencode for Counting {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Outcome {
        utils::parse_global_section(self, globals, section)?;
        globals.global(GlobalType { val_type: ValType::I64, mutable: true, shared: false }, &ConstExpr::i64_const(0));
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Outcome {
        utils::parse_export_section(self, exports, section)?;
        exports.export(COUNTER, ExportKind::Global, self.counter);
        Ok(())
    }

    fn parse_function_body(&mut self, code: &mut CodeSection, body: FunctionBody<'_>) -> Outcome {
        let mut locals = Vec::new();
        let mut length = self.parameters.next().unwrap_or(0);
        for group in body.get_locals_reader()? {
            let (count, kind) = group?;
            locals.push((count, self.val_type(kind)?));
            length += count;
        }
        locals.push((1, ValType::I32));
        let operators = body.get_operators_reader()?.into_iter().collect::<wasmparser::Result<Vec<_>>>()?;
        let mut function = Function::new(locals);
        for run in operators.split_inclusive(ends_run) {
            let count = run.iter().filter(|operator| counts(operator)).count();
            if count > 0 {
                self.add(&mut function, &[Instruction::I64Const(i64::try_from(count).unwrap_or(i64::MAX))]);
            }
            for operator in run {
                if matches!(operator, Operator::MemoryCopy { .. } | Operator::MemoryFill { .. }) {
                    function.instruction(&Instruction::LocalTee(length));
                    let units = [
                        Instruction::LocalGet(length),
                        Instruction::I32Const(UNIT_SHIFT),
                        Instruction::I32ShrU,
                        Instruction::I64ExtendI32U,
                    ];
                    self.add(&mut function, &units);
                }
                function.instruction(&self.instruction(operator.clone())?);
            }
        }
        code.function(&function);
        Ok(())
    }
}

impl Counting {
    /// Adds what `value` leaves on the stack to the counter.
    fn add(&self, function: &mut Function, value: &[Instruction<'_>]) {
        function.instruction(&Instruction::GlobalGet(self.counter));
        for instruction in value {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::I64Add).instruction(&Instruction::GlobalSet(self.counter));
    }
}

/// Whether control may leave behind this instruction, or arrive there from elsewhere.
fn ends_run(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::Loop { .. }
            | O::If { .. }
            | O::Else
            | O::End
            | O::Br { .. }
            | O::BrIf { .. }
            | O::BrTable { .. }
            | O::Return
            | O::Unreachable
    )
}

fn counts(operator: &Operator<'_>) -> bool {
    use Operator as O;
    !matches!(
        operator,
        O::Block { .. }
            | O::Loop { .. }
            | O::Else
            | O::End
            | O::Nop
            | O::Drop
            | O::LocalGet { .. }
            | O::LocalSet { .. }
            | O::LocalTee { .. }
            | O::I32Const { .. }
            | O::I64Const { .. }
            | O::F32Const { .. }
            | O::F64Const { .. }
            | O::V128Const { .. }
    )
}
