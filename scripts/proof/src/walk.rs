//! The call graph from one export: what it reaches, what of that is forbidden, how deep it goes.

use std::collections::{BTreeMap, VecDeque};

use crate::module::{Export, Function, Module};
use crate::role::Role;
use crate::rule::{Reason, is_allocator};

/// Something forbidden, and the shortest way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is forbidden.
    pub reason: Reason,
    /// Names of functions from the export to where it is.
    pub path: Vec<String>,
    /// Where it stands in the sources, as far as the module has debug information.
    pub places: Vec<String>,
}

/// What one export reaches.
#[derive(Clone, Debug)]
pub struct Walk {
    /// The export's name.
    pub export: String,
    /// The rules that it is held to.
    pub role: Role,
    /// Functions that can be reached, the export among them.
    pub functions: usize,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// Their loops.
    pub loops: u32,
    /// Stack that the deepest path takes; `None` when recursion has no end.
    pub stack_bytes: Option<u64>,
    /// What is forbidden, nearest first.
    pub findings: Vec<Finding>,
}

impl Walk {
    /// Walks from `export`. `stack_bytes` is what its thread is given.
    #[must_use]
    pub fn new(module: &Module, export: &Export, role: Role, stack_bytes: u64) -> Self {
        let mut walk = Self {
            export: export.name.clone(),
            role,
            functions: 0,
            bytes: 0,
            loops: 0,
            stack_bytes: Some(0),
            findings: Vec::new(),
        };
        let mut callers = BTreeMap::from([(export.index, None)]);
        let mut waiting = VecDeque::from([export.index]);
        while let Some(index) = waiting.pop_front() {
            for (reason, places) in walk.visit(module, index, role) {
                walk.findings.push(Finding { reason, path: path(module, &callers, index), places });
            }
            for &callee in calls(module, index) {
                callers.entry(callee).or_insert_with(|| {
                    waiting.push_back(callee);
                    Some(index)
                });
            }
        }
        let mut depths = BTreeMap::new();
        match depth(module, export.index, &mut depths, &mut Vec::new()) {
            Ok(needed_bytes) => {
                walk.stack_bytes = Some(needed_bytes);
                if needed_bytes > stack_bytes {
                    let reason = Reason::StackDepth { needed_bytes, given_bytes: stack_bytes };
                    let path = deepest(module, export.index, &depths);
                    walk.findings.push(Finding { reason, path, places: Vec::new() });
                }
            }
            Err(circle) => {
                walk.stack_bytes = None;
                let path = circle.into_iter().map(|index| module.name(index)).collect();
                walk.findings.push(Finding { reason: Reason::Recursion, path, places: Vec::new() });
            }
        }
        walk
    }

    fn visit(&mut self, module: &Module, index: u32, role: Role) -> Vec<(Reason, Vec<String>)> {
        let name = module.name(index);
        let call = |reason| vec![(reason, Vec::new())];
        let reasons = match module.function(index) {
            Some(Function::Import(module, name)) => call(Reason::Import(module.clone(), name.clone())),
            _ if is_allocator(&name) => call(Reason::Allocator),
            _ if name.contains("__wasm_init_tls") => call(Reason::ThreadLocal),
            Some(Function::Own(scan)) => {
                self.functions += 1;
                self.bytes += scan.bytes;
                self.loops += scan.loops;
                scan.hazards.iter().map(|(reason, places)| (reason.clone(), places.iter().cloned().collect())).collect()
            }
            None => Vec::new(),
        };
        reasons.into_iter().filter(|(reason, _)| role.forbids(reason)).collect()
    }
}

/// What a function calls; what an allocator does inside is no news.
fn calls(module: &Module, index: u32) -> &[u32] {
    match module.function(index) {
        Some(Function::Own(scan)) if !is_allocator(&module.name(index)) => &scan.calls,
        _ => &[],
    }
}

fn path(module: &Module, callers: &BTreeMap<u32, Option<u32>>, index: u32) -> Vec<String> {
    let mut indices = vec![index];
    while let Some(Some(caller)) = indices.last().and_then(|index| callers.get(index)) {
        indices.push(*caller);
    }
    indices.into_iter().rev().map(|index| module.name(index)).collect()
}

/// Stack that the deepest path from `index` takes, or the functions of a circle.
fn depth(module: &Module, index: u32, depths: &mut BTreeMap<u32, u64>, above: &mut Vec<u32>) -> Result<u64, Vec<u32>> {
    if let Some(&known) = depths.get(&index) {
        return Ok(known);
    }
    if above.contains(&index) {
        return Err(above.iter().copied().chain([index]).collect());
    }
    above.push(index);
    let mut below = 0;
    for &callee in calls(module, index) {
        below = depth(module, callee, depths, above)?.max(below);
    }
    above.pop();
    let total = below + frame_bytes(module, index);
    depths.insert(index, total);
    Ok(total)
}

fn frame_bytes(module: &Module, index: u32) -> u64 {
    match module.function(index) {
        Some(Function::Own(scan)) => scan.frame_bytes,
        _ => 0,
    }
}

fn deepest(module: &Module, from: u32, depths: &BTreeMap<u32, u64>) -> Vec<String> {
    let mut names = vec![module.name(from)];
    let mut index = from;
    while let Some(&next) = calls(module, index).iter().max_by_key(|callee| depths.get(callee).copied().unwrap_or(0)) {
        names.push(module.name(next));
        index = next;
    }
    names
}
