//! Effects: what a processor does to the sound, and the parameters it shows as AudioParams.

mod convolver;
mod gain;

pub use convolver::Convolver;
pub use gain::Gain;

/// What a node says of one of its AudioParams; the node's `parameters` are made from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameter {
    /// Name in the node's `parameters`.
    pub name: &'static str,
    /// Value before anybody sets one.
    pub default: f32,
    /// Least value; smaller ones are clamped by the browser.
    pub minimum: f32,
    /// Greatest value.
    pub maximum: f32,
}
