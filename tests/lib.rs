//! Native suites that join several crates; see the manifest for the list.
