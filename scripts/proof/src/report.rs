//! A proof as text.

use std::fmt::{self, Display, Formatter};

use crate::proof::Proof;
use crate::role::Role;
use crate::walk::Walk;

impl Display for Proof {
    /// A line per export of the audio thread and of workers, one for all others, then what is forbidden with the path to it.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (threads, others): (Vec<&Walk>, Vec<&Walk>) =
            self.walks.iter().partition(|walk| walk.role != Role::Building);
        let width = threads.iter().map(|walk| walk.export.len()).max().unwrap_or(0).max("export".len());
        writeln!(f, "{:width$}  {:>9}  {:>7}  {:>5}  {:>11}", "export", "functions", "bytes", "loops", "stack bytes")?;
        for Walk { export, functions, bytes, loops, stack_bytes, .. } in threads {
            writeln!(f, "{export:width$}  {functions:>9}  {bytes:>7}  {loops:>5}  {:>11}", depth(*stack_bytes))?;
        }
        // Recursion, which has no depth, is the deepest.
        if let Some(deepest) = others.iter().max_by_key(|walk| walk.stack_bytes.unwrap_or(u64::MAX)) {
            let stack = depth(deepest.stack_bytes);
            writeln!(f, "{} more, the deepest with {stack} bytes of stack: {}", others.len(), deepest.export)?;
        }
        for walk in &self.walks {
            for finding in &walk.findings {
                writeln!(f, "\n{} {}:", walk.export, finding.reason)?;
                for (depth, name) in finding.path.iter().enumerate() {
                    writeln!(f, "  {:indent$}{name}", "", indent = 2 * depth)?;
                }
                for place in &finding.places {
                    writeln!(f, "  at {place}")?;
                }
            }
        }
        for difference in &self.differences {
            writeln!(f, "\n{difference}")?;
        }
        Ok(())
    }
}

fn depth(stack_bytes: Option<u64>) -> String {
    stack_bytes.map_or("no end".into(), |bytes| bytes.to_string())
}
