//! A proof as text.

use std::fmt::{self, Display, Formatter};

use crate::proof::Proof;
use crate::walk::Walk;

impl Display for Proof {
    /// A line per export, then what is forbidden with the path to it.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let width = self.walks.iter().map(|walk| walk.export.len()).max().unwrap_or(0).max("export".len());
        writeln!(f, "{:width$}  {:>9}  {:>7}  {:>5}  {:>11}", "export", "functions", "bytes", "loops", "stack bytes")?;
        for Walk { export, functions, bytes, loops, stack_bytes, .. } in &self.walks {
            let stack = stack_bytes.map_or("no end".into(), |bytes| bytes.to_string());
            writeln!(f, "{export:width$}  {functions:>9}  {bytes:>7}  {loops:>5}  {stack:>11}")?;
        }
        for walk in &self.walks {
            for finding in &walk.findings {
                writeln!(f, "\n{} {}:", walk.export, finding.reason)?;
                for (depth, name) in finding.path.iter().enumerate() {
                    writeln!(f, "  {:indent$}{name}", "", indent = 2 * depth)?;
                }
            }
        }
        for difference in &self.differences {
            writeln!(f, "\n{difference}")?;
        }
        Ok(())
    }
}
