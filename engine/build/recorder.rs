//! A vector that computes nothing but keeps what would be computed, as WebAssembly.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::mem;
use std::ops::{Add, Mul, Neg, Sub};

use crate::kernels::vector::{Place, Vector};

const SAMPLE_BYTES: usize = size_of::<f32>();

/// A vector, by its number.
#[derive(Clone, Copy)]
pub struct Value(usize);

/// An address: a local that holds one, and samples from there on.
#[derive(Clone, Copy)]
pub struct Address {
    pub local: usize,
    pub samples: usize,
}

enum Step {
    Constant(u32),
    Load { from: Address, splat: bool },
    Store { to: Address, vector: usize },
    Negate(usize),
    Two { operation: String, a: usize, b: usize },
}

thread_local! {
    static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
}

/// The number of a step's result is that of the step.
fn record(step: Step) -> Value {
    STEPS.with_borrow_mut(|steps| {
        steps.push(step);
        Value(steps.len() - 1)
    })
}

fn two(operation: &str, a: Value, b: Value) -> Value {
    record(Step::Two { operation: operation.into(), a: a.0, b: b.0 })
}

impl Add for Value {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        two("f32x4.add", self, other)
    }
}

impl Sub for Value {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        two("f32x4.sub", self, other)
    }
}

impl Mul for Value {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        two("f32x4.mul", self, other)
    }
}

impl Neg for Value {
    type Output = Self;
    fn neg(self) -> Self {
        record(Step::Negate(self.0))
    }
}

impl Vector for Value {
    fn splat(value: f32) -> Self {
        record(Step::Constant(value.to_bits()))
    }

    fn shuffle<const A: usize, const B: usize, const C: usize, const D: usize>(self, other: Self) -> Self {
        let bytes = [A, B, C, D].map(|lane| {
            let first = lane * SAMPLE_BYTES;
            format!("{}, {}, {}, {}", first, first + 1, first + 2, first + 3)
        });
        two(&format!("i8x16.shuffle {}", bytes.join(", ")), self, other)
    }
}

impl Place for Address {
    type Vector = Value;

    fn after(self, samples: usize) -> Self {
        Self { samples: self.samples + samples, ..self }
    }

    unsafe fn load(self) -> Value {
        record(Step::Load { from: self, splat: false })
    }

    unsafe fn load_splat(self) -> Value {
        record(Step::Load { from: self, splat: true })
    }

    unsafe fn store(self, vector: Value) {
        record(Step::Store { to: self, vector: vector.0 });
    }
}

/// What was recorded, as text.
pub struct Recording {
    /// Makes the constants.
    pub before: String,
    /// The steps themselves.
    pub body: String,
    /// Locals for vectors, from the first number that `vectors` said on.
    pub vectors: usize,
}

/// Records what `steps` does. The locals from `vectors` on may hold vectors.
pub fn recorded(vectors: usize, steps: impl FnOnce()) -> Recording {
    STEPS.take();
    steps();
    Writer::default().write(vectors, &STEPS.with_borrow_mut(mem::take))
}

#[derive(Default)]
struct Writer {
    /// Constants and their locals, which stay what they are.
    constants: Vec<(u32, usize)>,
    /// The local of each result that is still needed.
    locals: Vec<Option<usize>>,
    vacant: Vec<usize>,
    used: usize,
}

impl Step {
    fn operands(&self) -> Vec<usize> {
        match *self {
            Self::Constant(_) | Self::Load { .. } => vec![],
            Self::Store { vector, .. } | Self::Negate(vector) => vec![vector],
            Self::Two { a, b, .. } => vec![a, b],
        }
    }
}

impl Writer {
    fn write(mut self, first: usize, steps: &[Step]) -> Recording {
        // What nobody needs is not computed: a step counts if it stores or a later one that counts uses it.
        let mut last_use = vec![None; steps.len()];
        for (number, step) in steps.iter().enumerate().rev() {
            if matches!(step, Step::Store { .. }) || last_use[number].is_some() {
                for operand in step.operands() {
                    last_use[operand].get_or_insert(number);
                }
            }
        }
        self.locals = vec![None; steps.len()];
        let (mut before, mut body) = (String::new(), String::new());
        for (number, step) in steps.iter().enumerate() {
            if let Step::Constant(bits) = *step
                && last_use[number].is_some()
            {
                let known = self.constants.iter().find(|(known, _)| *known == bits).map(|&(_, local)| local);
                let local = known.unwrap_or_else(|| {
                    let local = first + self.take();
                    let lanes = vec![format!("{bits:#x}"); 4].join(", ");
                    line(&mut before, &format!("v128.const {lanes}"));
                    line(&mut before, &format!("local.set {local}"));
                    self.constants.push((bits, local));
                    local
                });
                self.locals[number] = Some(local);
            }
        }
        for (number, step) in steps.iter().enumerate() {
            if matches!(step, Step::Constant(_)) || !matches!(step, Step::Store { .. }) && last_use[number].is_none() {
                continue;
            }
            if let Step::Store { to, .. } = step {
                line(&mut body, &format!("local.get {}", to.local));
            }
            for operand in step.operands() {
                line(&mut body, &format!("local.get {}", self.locals[operand].unwrap_or_default()));
            }
            for operand in step.operands() {
                let ends = last_use[operand] == Some(number) && !matches!(steps[operand], Step::Constant(_));
                if ends && let Some(local) = self.locals[operand].take() {
                    self.vacant.push(local - first);
                }
            }
            match step {
                Step::Constant(_) => {}
                Step::Load { from, splat } => {
                    line(&mut body, &format!("local.get {}", from.local));
                    let operation = if *splat { "v128.load32_splat" } else { "v128.load" };
                    let align = if *splat { 2 } else { 0 };
                    line(&mut body, &format!("{operation} {}:p2align={align}", from.samples * SAMPLE_BYTES));
                }
                Step::Store { to, .. } => {
                    line(&mut body, &format!("v128.store {}:p2align=0", to.samples * SAMPLE_BYTES));
                    continue;
                }
                Step::Negate(_) => line(&mut body, "f32x4.neg"),
                Step::Two { operation, .. } => line(&mut body, operation),
            }
            let local = first + self.take();
            self.locals[number] = Some(local);
            line(&mut body, &format!("local.set {local}"));
        }
        Recording { before, body, vectors: self.used }
    }

    fn take(&mut self) -> usize {
        self.vacant.pop().unwrap_or_else(|| {
            self.used += 1;
            self.used - 1
        })
    }
}

pub fn line(text: &mut String, instruction: &str) {
    _ = writeln!(text, "\t{instruction}");
}
