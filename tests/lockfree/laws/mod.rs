//! One thread plays both ends of a structure after a script, beside a model. Each law panics when it is broken.

mod board;
mod histogram;
mod latest;
mod recorder;
mod regions;
mod ring;

pub use board::board;
pub use histogram::histogram;
pub use latest::latest;
pub use recorder::recorder;
pub use regions::regions;
pub use ring::ring;

/// A law: it takes a script.
pub type Law = fn(&[u32]);

/// Every law by its name.
pub const LAWS: [(&str, Law); 6] = [
    ("ring", ring),
    ("latest", latest),
    ("board", board),
    ("recorder", recorder),
    ("regions", regions),
    ("histogram", histogram),
];
