//! A module as the rules see it.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use rustc_demangle::demangle;
use wasmparser::{
    ConstExpr, ExternalKind, FunctionBody, KnownCustom, Name, NameSectionReader, Operator, Parser, Payload, TypeRef,
    Validator, WasmFeatures,
};

use crate::scan::{Globals, Scan, scan};
use crate::sources::Sources;

/// A function of the module.
#[derive(Clone, Debug)]
pub enum Function {
    /// It comes from outside: module and name.
    Import(String, String),
    /// It is the module's own.
    Own(Scan),
}

/// What was read of a module.
#[derive(Debug)]
pub struct Module {
    functions: Vec<Function>,
    names: BTreeMap<u32, String>,
    /// Every export: name and kind, in the order of the module.
    pub exports: Vec<Export>,
    /// Every import: module, name and kind.
    pub imports: Vec<(String, String, &'static str)>,
    /// The function that runs when the module is instantiated.
    pub start: Option<String>,
    /// Bytes of the stack that the linker made: where `__stack_pointer` starts, since data lie above it.
    pub linked_stack_bytes: Option<u64>,
}

/// An export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Its name.
    pub name: String,
    /// `function`, `global`, `memory`, `table` or `tag`.
    pub kind: &'static str,
    /// Its index among those of its kind.
    pub index: u32,
}

impl Module {
    /// Reads and validates a module.
    ///
    /// # Errors
    /// When it is malformed, or has no names to report with.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Validator::new_with_features(WasmFeatures::all()).validate_all(bytes).context("the module is not valid")?;
        let mut functions = Vec::new();
        let mut imports = Vec::new();
        let mut exports = Vec::new();
        let mut bodies: Vec<FunctionBody<'_>> = Vec::new();
        let mut globals = Vec::new();
        let mut names = BTreeMap::new();
        let mut global_names = BTreeMap::new();
        let mut start = None;
        let mut code_start = 0;
        let mut debug_sections = BTreeMap::new();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let (module, name) = (import.module.to_owned(), import.name.to_owned());
                        let kind = match import.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                                functions.push(Function::Import(module.clone(), name.clone()));
                                "function"
                            }
                            TypeRef::Global(_) => {
                                globals.push(None);
                                "global"
                            }
                            TypeRef::Memory(_) => "memory",
                            TypeRef::Table(_) => "table",
                            TypeRef::Tag(_) => "tag",
                        };
                        imports.push((module, name, kind));
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        globals.push(initial_value(&global?.init_expr));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let kind = match export.kind {
                            ExternalKind::Func | ExternalKind::FuncExact => "function",
                            ExternalKind::Global => "global",
                            ExternalKind::Memory => "memory",
                            ExternalKind::Table => "table",
                            ExternalKind::Tag => "tag",
                        };
                        exports.push(Export { name: export.name.to_owned(), kind, index: export.index });
                    }
                }
                Payload::StartSection { func, .. } => start = Some(func),
                Payload::CodeSectionStart { unchecked_range, .. } => code_start = unchecked_range.start,
                Payload::CodeSectionEntry(body) => bodies.push(body),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(reader) = section.as_known() {
                        read_names(reader, &mut names, &mut global_names)?;
                    } else {
                        debug_sections.insert(section.name(), section.data());
                    }
                }
                _ => {}
            }
        }
        ensure!(!names.is_empty(), "the module has no name section, so nothing could be reported by name");
        let find = |name: &str| {
            let exported = exports.iter().find(|export| export.kind == "global" && export.name == name);
            let named = global_names.iter().find(|(_, other)| *other == name).map(|(&index, _)| index);
            exported.map(|export| export.index).or(named)
        };
        let known = Globals { stack_pointer: find("__stack_pointer"), tls_base: find("__tls_base") };
        let sources = Sources::new(&debug_sections)?;
        for body in &bodies {
            functions.push(Function::Own(scan(body, known, |position| sources.place(position - code_start))?));
        }
        let linked_stack_bytes = match known.stack_pointer {
            Some(index) => globals.get(index as usize).copied().flatten(),
            None => None,
        };
        if known.stack_pointer.is_some() && linked_stack_bytes.is_none() {
            bail!("__stack_pointer has no constant to start from");
        }
        let mut module = Self { functions, names, exports, imports, start: None, linked_stack_bytes };
        module.start = start.map(|index| module.name(index));
        Ok(module)
    }

    /// A function by index.
    #[must_use]
    pub fn function(&self, index: u32) -> Option<&Function> {
        self.functions.get(index as usize)
    }

    /// A function's name as its source says it, or its number.
    #[must_use]
    pub fn name(&self, index: u32) -> String {
        match (self.names.get(&index), self.function(index)) {
            (Some(name), _) => name.clone(),
            (None, Some(Function::Import(module, name))) => format!("{module}.{name}"),
            _ => format!("function {index}"),
        }
    }
}

fn initial_value(expression: &ConstExpr<'_>) -> Option<u64> {
    match expression.get_operators_reader().read().ok()? {
        Operator::I32Const { value } => Some(u64::from(value.cast_unsigned())),
        _ => None,
    }
}

fn read_names(
    reader: NameSectionReader<'_>,
    functions: &mut BTreeMap<u32, String>,
    globals: &mut BTreeMap<u32, String>,
) -> Result<()> {
    for section in reader {
        match section? {
            Name::Function(map) => {
                for naming in map {
                    let naming = naming?;
                    functions.insert(naming.index, format!("{:#}", demangle(naming.name)));
                }
            }
            Name::Global(map) => {
                for naming in map {
                    let naming = naming?;
                    globals.insert(naming.index, naming.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(())
}
