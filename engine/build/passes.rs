//! The passes: loops around the steps.

use std::fmt::Write as _;

use crate::kernels::last::{self, GROUP_TWIDDLES};
use crate::kernels::order::{Natural, Power, Runs, Unordered};
use crate::kernels::split::{SPLIT_TWIDDLES, Step, split, stride, unsplit};
use crate::kernels::vector::{BLOCK, LANES};
use crate::kernels::{leaf, passes, products};
use crate::recorder::{Address, line, recorded};

const BYTES: usize = size_of::<f32>();

/// The longest first pass of a complex transform, in blocks from one sub-block to the next.
const LONGEST_PASS: usize = 2048;
/// The most points of a level.
const LONGEST_LEVEL: usize = 2048;

/// A function under construction. Its locals are parameters, then other addresses and numbers, then vectors.
struct Function {
    name: String,
    parameters: usize,
    scalars: usize,
    vectors: usize,
    body: String,
}

fn at(local: usize) -> Address {
    Address { local, samples: 0 }
}

impl Function {
    fn new(name: impl Into<String>, parameters: usize, scalars: usize) -> Self {
        Self { name: name.into(), parameters, scalars, vectors: 0, body: String::new() }
    }

    fn line(&mut self, instruction: &str) {
        line(&mut self.body, instruction);
    }

    /// The steps, and before `prologue`, which goes around them, what they need.
    fn steps(&mut self, steps: impl FnOnce()) -> String {
        let recording = recorded(self.parameters + self.scalars, steps);
        self.vectors = recording.vectors;
        self.body.push_str(&recording.before);
        recording.body
    }

    /// `local += bytes`.
    fn advance(&mut self, local: usize, bytes: i64) {
        self.sum(local, local, bytes);
    }

    /// `to = from + bytes`.
    fn sum(&mut self, to: usize, from: usize, bytes: i64) {
        self.line(&format!("local.get {from}"));
        self.line(&format!("i32.const {bytes}"));
        self.line("i32.add");
        self.line(&format!("local.set {to}"));
    }

    /// `to = a operation b`.
    fn two(&mut self, to: usize, a: usize, operation: &str, b: usize) {
        self.line(&format!("local.get {a}"));
        self.line(&format!("local.get {b}"));
        self.line(operation);
        self.line(&format!("local.set {to}"));
    }

    fn set(&mut self, local: usize, value: usize) {
        self.line(&format!("i32.const {value}"));
        self.line(&format!("local.set {local}"));
    }

    fn copy(&mut self, to: usize, from: usize) {
        self.line(&format!("local.get {from}"));
        self.line(&format!("local.set {to}"));
    }

    /// Repeats what `body` writes until `counter`, which it leaves alone, is 0.
    fn repeat(&mut self, counter: usize, body: impl FnOnce(&mut Self)) {
        self.line("loop");
        body(self);
        self.line(&format!("local.get {counter}"));
        self.line("i32.const 1");
        self.line("i32.sub");
        self.line(&format!("local.tee {counter}"));
        self.line("br_if 0");
        self.line("end_loop");
    }

    /// Appends the function to the assembly.
    fn write(self, assembly: &mut String) {
        let Self { name, parameters, scalars, vectors, body } = self;
        let types = vec!["i32"; parameters].join(", ");
        let locals = [vec!["i32"; scalars], vec!["v128"; vectors]].concat().join(", ");
        _ = write!(
            assembly,
            "\t.section .text.{name},\"\",@\n\t.hidden {name}\n\t.globl {name}\n\t.type {name},@function\n\
             {name}:\n\t.functype {name} ({types}) -> ()\n\t.local {locals}\n{body}\tend_function\n"
        );
    }
}

/// `(blocks, count)`: transforms without twiddles, one behind the other.
fn leaf_pass(name: &str, points: usize, step: unsafe fn(Address)) -> Function {
    let mut function = Function::new(name, 2, 0);
    // SAFETY: nothing is loaded or stored, here and below: it is recorded.
    let steps = function.steps(|| unsafe { step(at(0)) });
    function.repeat(1, |function| {
        function.body.push_str(&steps);
        function.advance(0, (points * BLOCK * BYTES) as i64);
    });
    function
}

/// `(blocks, twiddles, count)`: passes over so many times `radix` blocks, one behind the other.
fn twiddled_pass(name: &str, radix: usize, sub: usize, step: unsafe fn(Address, usize, Address)) -> Function {
    let mut function = Function::new(name, 3, 2);
    let (factors, left) = (3, 4);
    // SAFETY: as above.
    let steps = function.steps(|| unsafe { step(at(0), sub * BLOCK, at(factors)) });
    function.repeat(2, |function| {
        function.copy(factors, 1);
        function.set(left, sub);
        function.repeat(left, |function| {
            function.body.push_str(&steps);
            function.advance(0, (BLOCK * BYTES) as i64);
            function.advance(factors, (2 * (radix - 1) * BYTES) as i64);
        });
        function.advance(0, ((radix - 1) * sub * BLOCK * BYTES) as i64);
    });
    function
}

/// `(signal, work, twiddles)`, and with a window `(signal, window, work, twiddles)`.
fn split_pass(name: &str, points: usize, windowed: bool) -> Function {
    let parameters = if windowed { 4 } else { 3 };
    let mut function = Function::new(name, parameters, 2);
    let (work, factors) = (parameters - 2, parameters - 1);
    let (rest, left) = (parameters, parameters + 1);
    let step = level_step(points, at(work), rest, factors);
    // SAFETY: as above.
    let steps = function.steps(|| unsafe { split(step, windowed.then_some(at(1))) });
    function.sum(rest, work, (3 * stride(points) * BYTES) as i64);
    function.set(left, points);
    function.repeat(left, |function| {
        function.body.push_str(&steps);
        function.advance(0, (LANES * BYTES) as i64);
        if windowed {
            function.advance(1, (8 * LANES * BYTES) as i64);
        }
        function.advance(work, (BLOCK * BYTES) as i64);
        function.advance(rest, (LANES * BYTES) as i64);
        function.advance(factors, (SPLIT_TWIDDLES * BYTES) as i64);
    });
    function
}

/// `(signal, work, twiddles, positions)`.
fn unsplit_pass(name: &str, points: usize) -> Function {
    let mut function = Function::new(name, 4, 3);
    let (work, factors, positions) = (1, 2, 3);
    let (rest, left, place) = (4, 5, 6);
    // SAFETY: as above.
    let steps = function.steps(|| unsafe { unsplit(level_step(points, at(place), rest, factors)) });
    function.sum(rest, work, (3 * stride(points) * BYTES) as i64);
    function.set(left, points);
    function.repeat(left, |function| {
        function.line(&format!("local.get {work}"));
        function.line(&format!("local.get {positions}"));
        function.line("i32.load 0");
        function.line("i32.add");
        function.line(&format!("local.set {place}"));
        function.body.push_str(&steps);
        function.advance(0, (LANES * BYTES) as i64);
        function.advance(rest, (LANES * BYTES) as i64);
        function.advance(factors, (SPLIT_TWIDDLES * BYTES) as i64);
        function.advance(positions, size_of::<u32>() as i64);
    });
    function
}

fn level_step(points: usize, signals: Address, rest: usize, factors: usize) -> Step<Address> {
    Step {
        signal: at(0),
        eighth: points * LANES,
        signals,
        stride: stride(points),
        rest: at(rest),
        factors: at(factors),
    }
}

/// `(signal, spectrum)`: a short real transform.
fn short(name: &str, step: unsafe fn(Address, Address)) -> Function {
    let mut function = Function::new(name, 2, 0);
    // SAFETY: as above.
    let steps = function.steps(|| unsafe { step(at(0), at(1)) });
    function.body.push_str(&steps);
    function
}

/// How the last pass and the first of the inverse leave or find the bins.
#[derive(Clone, Copy, PartialEq)]
enum Order {
    Natural,
    Power,
    Unordered,
}

/// `(first, last, stride, rest, positions, twiddles, pairs, ascending, descending)`, the latter two each twice; unordered
/// with one place instead of those.
fn last_pass(name: &str, order: Order, inverse: bool) -> Function {
    let places = if order == Order::Unordered { 1 } else { 4 };
    let parameters = 7 + places;
    let mut function = Function::new(name, parameters, 7);
    let (first, last, stride, rest, positions, twiddles, pairs) = (0, 1, 2, 3, 4, 5, 6);
    let (low, high, offset) = (parameters, parameters + 3, parameters + 6);
    let step = last::Step {
        rest: at(rest),
        low: [low, low + 1, low + 2].map(at),
        high: [high, high + 1, high + 2].map(at),
        factors: at(twiddles),
    };
    let runs = Runs { ascending: [at(7), at(8)], descending: [at(9), at(10)] };
    // SAFETY: as above.
    let steps = function.steps(|| unsafe {
        match (order, inverse) {
            (Order::Natural, false) => last::forward(step, Natural(runs)),
            (Order::Natural, true) => last::inverse(step, Natural(runs)),
            (Order::Power, _) => last::forward(step, Power(runs)),
            (Order::Unordered, false) => last::forward(step, Unordered(at(7))),
            (Order::Unordered, true) => last::inverse(step, Unordered(at(7))),
        }
    });
    if inverse {
        function.set(offset, 0);
    }
    function.repeat(pairs, |function| {
        if !inverse {
            function.line(&format!("local.get {positions}"));
            function.line("i32.load 0");
            function.line(&format!("local.set {offset}"));
        }
        function.two(low, first, "i32.add", offset);
        function.two(high, last, "i32.sub", offset);
        for part in 0..2 {
            function.two(low + part + 1, low + part, "i32.add", stride);
            function.two(high + part + 1, high + part, "i32.add", stride);
        }
        function.body.push_str(&steps);
        if inverse {
            function.advance(offset, (BLOCK * BYTES) as i64);
        } else {
            function.advance(positions, size_of::<u32>() as i64);
        }
        function.advance(rest, (2 * BLOCK * BYTES) as i64);
        function.advance(twiddles, (2 * GROUP_TWIDDLES * BYTES) as i64);
        let sample = if order == Order::Power { BYTES } else { 2 * BYTES } as i64;
        match order {
            Order::Unordered => function.advance(7, (8 * BLOCK * BYTES) as i64),
            _ => [(7, 8), (8, 8), (9, -8), (10, -8)]
                .into_iter()
                .for_each(|(run, bins)| function.advance(run, bins * sample)),
        }
    });
    function
}

/// `(sum, pairs, blocks)`: the addresses of the pairs are loaded first.
fn products_pass(name: &str, count: usize, adds: bool) -> Function {
    let addresses = 3..3 + 2 * count;
    let mut function = Function::new(name, 3, addresses.len());
    let pairs = addresses.clone().step_by(2).map(|local| [at(local), at(local + 1)]);
    // SAFETY: as above.
    let steps = function.steps(|| unsafe { products::products(at(0), pairs, adds) });
    for local in addresses.clone() {
        function.line("local.get 1");
        function.line(&format!("i32.load {}", (local - 3) * size_of::<u32>()));
        function.line(&format!("local.set {local}"));
    }
    function.repeat(2, |function| {
        function.body.push_str(&steps);
        for local in addresses.clone().chain([0]) {
            function.advance(local, (BLOCK * BYTES) as i64);
        }
    });
    function
}

fn powers(from: usize, to: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(Some(from), |power| Some(2 * power)).take_while(move |power| *power <= to)
}

/// A family of passes whose lengths are constants.
struct Family {
    name: &'static str,
    arguments: &'static [(&'static str, &'static str)],
    lengths: Vec<usize>,
}

/// The assembly and, for Rust, its functions.
pub fn source() -> String {
    let mut assembly = String::new();
    let mut rust = String::new();
    let mut externs = String::new();
    let name = |name: &str| format!("rusty_audio_fft_{name}");

    type Alone = (&'static str, &'static [(&'static str, &'static str)]);
    const BLOCKS: &[(&str, &str)] = &[("blocks", "*mut f32"), ("count", "usize")];
    const SHORT: &[(&str, &str)] = &[("signal", "*mut f32"), ("spectrum", "*mut f32")];
    let mut alone: Vec<(Alone, Function)> = vec![
        (("leaf2", BLOCKS), leaf_pass(&name("leaf2"), 2, passes::leaf2)),
        (("leaf4", BLOCKS), leaf_pass(&name("leaf4"), 4, passes::leaf4)),
        (("leaf8", BLOCKS), leaf_pass(&name("leaf8"), 8, passes::leaf8)),
        (("forward16", SHORT), short(&name("forward16"), leaf::forward16)),
        (("forward32", SHORT), short(&name("forward32"), leaf::forward32)),
        (("inverse16", SHORT), short(&name("inverse16"), leaf::inverse16)),
        (("inverse32", SHORT), short(&name("inverse32"), leaf::inverse32)),
    ];
    const SPECTRA: &[(&str, &str)] = &[
        ("first", "*mut f32"),
        ("last", "*mut f32"),
        ("stride", "usize"),
        ("rest", "*mut f32"),
        ("positions", "*const u32"),
        ("twiddles", "*const f32"),
        ("pairs", "usize"),
        ("low", "*mut f32"),
        ("low2", "*mut f32"),
        ("high", "*mut f32"),
        ("high2", "*mut f32"),
    ];
    for (pass, order, inverse) in [
        ("to_natural", Order::Natural, false),
        ("to_power", Order::Power, false),
        ("to_unordered", Order::Unordered, false),
        ("from_natural", Order::Natural, true),
        ("from_unordered", Order::Unordered, true),
    ] {
        let arguments = if order == Order::Unordered { &SPECTRA[..8] } else { SPECTRA };
        alone.push(((pass, arguments), last_pass(&name(pass), order, inverse)));
    }
    for ((pass, arguments), function) in alone {
        function.write(&mut assembly);
        declare(&mut externs, &name(pass), pass, arguments);
    }

    const PASS: &[(&str, &str)] = &[("blocks", "*mut f32"), ("twiddles", "*const f32"), ("count", "usize")];
    const SPLIT: &[(&str, &str)] = &[("signal", "*const f32"), ("work", "*mut f32"), ("twiddles", "*const f32")];
    const WINDOWED: &[(&str, &str)] =
        &[("signal", "*const f32"), ("window", "*const f32"), ("work", "*mut f32"), ("twiddles", "*const f32")];
    const UNSPLIT: &[(&str, &str)] =
        &[("signal", "*mut f32"), ("work", "*const f32"), ("twiddles", "*const f32"), ("positions", "*const u32")];
    const PRODUCTS: &[(&str, &str)] = &[("sum", "*mut f32"), ("pairs", "*const [*const f32; 2]"), ("blocks", "usize")];
    for Family { name: family, arguments, lengths } in [
        Family { name: "pass4", arguments: PASS, lengths: vec![4, 8] },
        Family { name: "pass8", arguments: PASS, lengths: powers(8, LONGEST_PASS).collect() },
        Family { name: "split", arguments: SPLIT, lengths: powers(1, LONGEST_LEVEL).collect() },
        Family { name: "split_windowed", arguments: WINDOWED, lengths: powers(1, LONGEST_LEVEL).collect() },
        Family { name: "unsplit", arguments: UNSPLIT, lengths: powers(1, LONGEST_LEVEL).collect() },
        Family { name: "multiply", arguments: PRODUCTS, lengths: (1..=products::PAIRS).collect() },
        Family { name: "multiply_accumulate", arguments: PRODUCTS, lengths: (1..=products::PAIRS).collect() },
    ] {
        let mut arms = String::new();
        let values = arguments.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        for length in lengths {
            let short = format!("{family}_{length}");
            let name = name(&short);
            match family {
                "pass4" => twiddled_pass(&name, 4, length, passes::pass4),
                "pass8" => twiddled_pass(&name, 8, length, passes::pass8),
                "unsplit" => unsplit_pass(&name, length),
                "multiply" | "multiply_accumulate" => products_pass(&name, length, family == "multiply_accumulate"),
                _ => split_pass(&name, length, family == "split_windowed"),
            }
            .write(&mut assembly);
            declare(&mut externs, &name, &short, arguments);
            _ = writeln!(arms, "            {length} => raw::{short}({values}),");
        }
        let parameters = arguments.iter().map(|(name, kind)| format!("{name}: {kind}")).collect::<Vec<_>>().join(", ");
        _ = write!(
            rust,
            "/// # Safety\n/// As for the portable form.\n#[inline(always)]\npub unsafe fn {family}<const POINTS: usize>({parameters}) {{\n    \
             // SAFETY: the caller's promise.\n    unsafe {{\n        match POINTS {{\n{arms}            _ => {{}}\n        }}\n    }}\n}}\n\n"
        );
    }
    format!(
        "core::arch::global_asm!(r#\"\n{assembly}\"#);\n\n{rust}mod raw {{\n    unsafe extern \"C\" {{\n{externs}    }}\n}}\n"
    )
}

fn declare(externs: &mut String, name: &str, short: &str, arguments: &[(&str, &str)]) {
    let parameters = arguments.iter().map(|(name, kind)| format!("{name}: {kind}")).collect::<Vec<_>>().join(", ");
    _ = writeln!(externs, "        #[link_name = \"{name}\"]\n        pub fn {short}({parameters});");
}
