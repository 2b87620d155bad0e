//! The list of everything that the module may import and export.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};

use crate::module::Module;
use crate::role::Role;

/// What holds for an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The rules of a thread.
    Role(Role),
    /// A misfortune made to order, which is held to nothing.
    Misfortune,
    /// No function.
    Global,
}

/// The list, as `exports.txt` has it: imports, exports, and what runs when the module is instantiated.
#[derive(Clone, Debug)]
pub struct ExportList {
    imports: Vec<String>,
    start: Option<String>,
    rules: BTreeMap<String, Rule>,
}

impl ExportList {
    /// Reads the list: a rule and a name on each line, `#` before a remark.
    ///
    /// # Errors
    /// When a line is neither, or gives an export another rule than its prefix promises.
    pub fn parse(text: &str) -> Result<Self> {
        let mut list = Self { imports: Vec::new(), start: None, rules: BTreeMap::new() };
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (rule, name) = match words[..] {
                ["import", kind, name] => {
                    list.imports.push(format!("{kind} {name}"));
                    continue;
                }
                ["start", name] => {
                    list.start = Some(name.to_owned());
                    continue;
                }
                ["audio", name] => (Rule::Role(Role::Audio), name),
                ["worker", name] => (Rule::Role(Role::Worker), name),
                ["building", name] => (Rule::Role(Role::Building), name),
                ["misfortune", name] => (Rule::Misfortune, name),
                ["global", name] => (Rule::Global, name),
                _ => bail!("no rule and name: {line}"),
            };
            if let Some(role) = Role::of(name) {
                ensure!(rule == Rule::Role(role), "{name} must be held to the rules of its prefix");
            }
            ensure!(list.rules.insert(name.to_owned(), rule).is_none(), "{name} is listed twice");
        }
        Ok(list)
    }

    /// Reads the list from a file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), or when the file cannot be read.
    pub fn read(path: &str) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        Self::parse(&text).with_context(|| format!("in {path}"))
    }

    /// The rules of a thread that an export is held to, if it is.
    #[must_use]
    pub fn role(&self, export: &str) -> Option<Role> {
        match self.rules.get(export) {
            Some(Rule::Role(role)) => Some(*role),
            _ => None,
        }
    }

    /// A sentence for each import or export that differs from the list.
    #[must_use]
    pub fn differences(&self, module: &Module) -> Vec<String> {
        let mut differences = Vec::new();
        let imports: Vec<String> =
            module.imports.iter().map(|(module, name, kind)| format!("{kind} {module}.{name}")).collect();
        for import in imports.iter().filter(|import| !self.imports.contains(import)) {
            differences.push(format!("The module imports what is not listed: {import}."));
        }
        for import in self.imports.iter().filter(|import| !imports.contains(import)) {
            differences.push(format!("The module does not import what is listed: {import}."));
        }
        if module.start != self.start {
            let name = |start: &Option<String>| start.clone().unwrap_or_else(|| "nothing".into());
            let (runs, listed) = (name(&module.start), name(&self.start));
            differences.push(format!("When it is instantiated the module runs {runs}; listed is {listed}."));
        }
        for export in &module.exports {
            let kind = match self.rules.get(&export.name) {
                Some(Rule::Global) => "global",
                Some(_) => "function",
                None => {
                    differences.push(format!("The module exports what is not listed: {}.", export.name));
                    continue;
                }
            };
            if export.kind != kind {
                differences.push(format!("The export {} is listed as a {kind} and is a {}.", export.name, export.kind));
            }
        }
        for name in self.rules.keys().filter(|name| module.exports.iter().all(|export| export.name != **name)) {
            differences.push(format!("The module does not export what is listed: {name}."));
        }
        differences
    }
}
