//! The main-thread half of Rusty Audio: it orchestrates, and never touches a sample.
//!
//! The classes that a page sees are in `host/web`; they carry their calls to [`EngineHost`] and [`PlayerHost`] here.
//!
//! | file | is about |
//! |---|---|
//! | `support` | what this browser and page can do |
//! | `assets` | loading modules and scripts, and saying why one did not load |
//! | `engine` | one engine: its start, and what its players share |
//! | `engine_core` | what an engine can lose and have built anew: memory, instances, pool |
//! | `registrar` | the node that speaks for the worklet's scope |
//! | `recovery` | a fresh core after a fault of the audio thread |
//! | `instance` | the engine module on the main thread |
//! | `owned_worker` | a worker's script, first message and end |
//! | `pool` | the pool's workers, their replacement, and the jobs of the page |
//! | `warming` | a worker that runs the kernels before they sound |
//! | `compute` | work of the page that workers do |
//! | `decode_worker` | the decode worker and its messages |
//! | `effect_table`, `chain` | the effects that the module has, and those of a node |
//! | `place`, `adoption` | where a node lives in an engine, and its way into another one |
//! | `node` | a node that processes its input |
//! | `spectrum_reader` | a page's way to what an analyser of a node keeps |
//! | `player` | the player: queue, jumps, transport, position, events |
//! | `monitor` | what can be known of an audio context, the underruns and their causes |
//! | `engine_host`, `node_host`, `player_host`, `spectrum_reader_host`, `monitor_host` | the classes that the scripts see |
//! | `depth` | how far ahead of the sound a player is written |
//! | `link` | how a player's commands and telemetry travel in shared and in solo mode |
//! | `round_trip`, `round_trip_host` | how late the microphone hears what is played, measured and remembered |
//! | `track` | what a page sees of one entry of the queue |
//! | `error`, `pending`, `script` | errors, promises, small things of the page |
#![forbid(unsafe_code)]

mod adoption;
mod assets;
mod chain;
mod compute;
mod decode_worker;
mod depth;
mod effect_table;
mod engine;
mod engine_core;
mod engine_host;
mod error;
mod instance;
mod leaving;
mod link;
mod monitor;
mod monitor_host;
mod node;
mod node_host;
mod owned_worker;
mod pending;
mod place;
mod player;
mod player_host;
mod pool;
mod recovery;
mod registrar;
mod round_trip;
mod round_trip_host;
mod script;
mod spectrum_reader;
mod spectrum_reader_host;
mod support;
mod track;
mod warming;

pub use engine_host::EngineHost;
pub use monitor_host::MonitorHost;
pub use node_host::NodeHost;
pub use player_host::PlayerHost;
pub use round_trip_host::{measure_round_trip, remembered_round_trip};
pub use spectrum_reader_host::SpectrumReaderHost;
