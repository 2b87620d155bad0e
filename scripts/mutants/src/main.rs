//! Plants known bugs in the lock-free structures, one at a time, in a copy of the sources, and shows that the suite
//! that should notice does. Run it from the root of the repository; `scripts/concurrency.sh mutants` does.
//!
//! A bug whose place is not found any more, or that does not compile, is a failure like one that nobody notices.
#![expect(clippy::print_stdout, reason = "a program of the command line")]

mod bugs;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use bugs::{BUGS, Bug, Suite};

/// The workspace optimises the engine for its other tests, and it is compiled anew for each bug: so that takes a sixth of the time.
const UNOPTIMISED: &str = "profile.dev.package.rusty-audio-engine.opt-level=0";

struct Tree {
    root: PathBuf,
    target: PathBuf,
}

fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            copy(&from.join(&name), &to.join(&name))?;
        }
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

impl Tree {
    /// A workspace of the engine and its tests alone.
    fn new(target: &Path) -> Result<Self, Box<dyn Error>> {
        let root = target.join("tree");
        if root.exists() {
            fs::remove_dir_all(&root)?;
        }
        fs::create_dir_all(root.join("tests"))?;
        for part in ["engine", "tests/lockfree", "Cargo.lock"] {
            copy(Path::new(part), &root.join(part))?;
        }
        let manifest = fs::read_to_string("Cargo.toml")?;
        let (before, rest) = manifest.split_once("members = [").ok_or("the workspace has no members")?;
        let (_, after) = rest.split_once(']').ok_or("the list of members has no end")?;
        let members = "members = [\"engine\", \"tests/lockfree\"]";
        fs::write(root.join("Cargo.toml"), format!("{before}{members}{after}"))?;
        Ok(Self { root, target: target.to_owned() })
    }

    /// Runs a suite of the tree. Returns whether it passed; that it compiles is required.
    fn passes(&self, suite: Suite) -> Result<bool, Box<dyn Error>> {
        let (name, flags, profile) = match suite {
            Suite::Laws => ("laws", "", None),
            Suite::Hostile => ("hostile", "", None),
            // What loom needs is slow without optimisation.
            Suite::Orders => ("orders", "--cfg loom", Some("--release")),
        };
        let cargo = |last: &[&str]| {
            let mut command = Command::new("timeout");
            command.args([
                "300",
                "cargo",
                "--config",
                UNOPTIMISED,
                "test",
                "--quiet",
                "-j2",
                "-p",
                "rusty-audio-lockfree-tests",
                "--test",
                name,
            ]);
            command.args(profile).args(last).current_dir(&self.root).env("RUSTFLAGS", flags);
            command
                .env("CARGO_TARGET_DIR", self.target.join(name))
                .env("RUST_BACKTRACE", "0")
                .env("CARGO_INCREMENTAL", "1");
            command.output()
        };
        let built = cargo(&["--no-run"])?;
        if !built.status.success() {
            return Err(String::from_utf8_lossy(&built.stderr).into());
        }
        let filter: &[&str] = if suite == Suite::Orders { &["no_order_breaks_a_law"] } else { &[] };
        Ok(cargo(filter)?.status.success())
    }

    /// Whether the suite notices the bug.
    fn notices(&self, bug: &Bug) -> Result<bool, Box<dyn Error>> {
        let path = self.root.join("engine/src/lockfree").join(bug.file);
        let sound = fs::read_to_string(&path)?;
        let mut text = sound.clone();
        for (piece, instead) in bug.edits {
            match text.matches(piece).count() {
                1 => text = text.replace(piece, instead),
                count => return Err(format!("{} occurs {count} times in {}: {piece}", bug.name, bug.file).into()),
            }
        }
        fs::write(&path, text)?;
        let passed = self.passes(bug.noticed_by);
        fs::write(&path, sound)?;
        Ok(!passed?)
    }
}

fn run() -> Result<usize, Box<dyn Error>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let tree = Tree::new(&std::path::absolute(target)?.join("mutants"))?;
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for (suite, name) in [(Suite::Laws, "laws"), (Suite::Hostile, "hostile"), (Suite::Orders, "orders")] {
        if !tree.passes(suite)? {
            return Err(format!("the suite {name} fails without any bug").into());
        }
    }
    let mut unnoticed = 0;
    for bug in BUGS.iter().filter(|bug| bug.name.contains(&wanted)) {
        match tree.notices(bug) {
            Ok(true) => println!("ok noticed: {}: {}", bug.file, bug.name),
            Ok(false) => {
                unnoticed += 1;
                println!("not ok unnoticed: {}: {}", bug.file, bug.name);
            }
            Err(error) => {
                unnoticed += 1;
                println!("not ok not planted: {}: {}: {error}", bug.file, bug.name);
            }
        }
    }
    Ok(unnoticed)
}

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(unnoticed) => {
            println!("{unnoticed} bugs would not be noticed");
            ExitCode::FAILURE
        }
        Err(error) => {
            println!("not ok {error}");
            ExitCode::FAILURE
        }
    }
}
