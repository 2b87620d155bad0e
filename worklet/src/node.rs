//! What builds and runs nodes. The effects that a module has are a table that [`engine_module!`](crate::engine_module!) names,
//! so these functions take it as a type; the macro makes the exports.

use rusty_audio_engine::config::{MAX_EFFECTS, MAX_SETTINGS};
use rusty_audio_engine::effects::{Effects, Parameter, Unit};
use rusty_audio_engine::{
    Arena, Controller, Dispatcher, Entry, Feeder, NodeConfig, Parcel, Processor, node, player, warming,
};

use crate::answer::{INVALID, address, failure};
use crate::handle::{Handle, give, revoke, take, take_back};

/// One effect of a plan: its number, and the bits of its settings; NaN is a setting's default.
pub type PlanRow = [u32; 1 + MAX_SETTINGS];

/// The effects of the next node to be built, filled in by the caller.
pub struct Plan {
    rows: [PlanRow; MAX_EFFECTS],
}

impl Plan {
    /// All effects are the first of the table, with their settings at their defaults.
    pub fn new() -> Self {
        let mut row = [f32::NAN.to_bits(); 1 + MAX_SETTINGS];
        row[0] = 0;
        Self { rows: [row; MAX_EFFECTS] }
    }

    /// Where the rows lie.
    pub fn address(&self) -> usize {
        self.rows.as_ptr().addr()
    }

    fn entry(&self, place: usize) -> Entry {
        let [number, settings @ ..] = self.rows.get(place).copied().unwrap_or_default();
        Entry { number: number as usize, settings: settings.map(f32::from_bits) }
    }

    fn entries(&self) -> [Entry; MAX_EFFECTS] {
        core::array::from_fn(|place| self.entry(place))
    }
}

impl Handle for Plan {
    const TAG: u32 = u32::from_be_bytes(*b"plan");
}

/// What a node's memory is given back by.
pub struct Lease {
    parcel: Option<Parcel>,
    /// Addresses of its handles: the controller, the processor, and a player's feeder or 0.
    handles: [usize; 3],
}

impl Handle for Lease {
    const TAG: u32 = u32::from_be_bytes(*b"leas");
}

/// Builds a node from the first `count` rows of `plan`. With `ring_frames` above 0 it is a player with such a source ring.
/// Returns the address of four words: its controller, its processor, a player's feeder, and its lease.
pub fn build<E: Effects<'static> + 'static>(
    arena: usize,
    plan: usize,
    count: u32,
    sample_rate: f32,
    ring_frames: u32,
) -> i32 {
    let (Some(arena), Some(plan)) = (take::<Arena<'static>>(arena), take::<Plan>(plan)) else { return INVALID };
    let entries = plan.entries();
    let Some(effects) = entries.get(..count as usize) else { return INVALID };
    let built = arena.parcel(|arena| {
        let config = NodeConfig { sample_rate, effects };
        let handles = if ring_frames == 0 {
            let (controller, processor) = node::<E>(arena, config)?;
            [give(arena, controller)?, give(arena, processor)?, 0]
        } else {
            let (controller, feeder, processor) = player::<E>(arena, config, ring_frames)?;
            [give(arena, controller)?, give(arena, processor)?, give(arena, feeder)?]
        };
        let lease = give(arena, Lease { parcel: None, handles })?;
        let [controller, processor, feeder] = handles;
        let words = arena.place([controller, processor, feeder, lease].map(address))?;
        Ok((lease, words.as_ptr().addr()))
    });
    match built {
        Ok(((lease, words), parcel)) => {
            if let Some(lease) = take::<Lease>(lease) {
                lease.parcel = Some(parcel);
            }
            address(words)
        }
        Err(error) => failure(error),
    }
}

/// Takes the memory of a node back that `close` has said nobody reaches any more, and of whose handles nobody makes use. Returns 1.
pub fn release<E: Effects<'static> + 'static>(arena: usize, lease: usize) -> i32 {
    let (Some(arena), Some(lease)) = (take::<Arena<'static>>(arena), take::<Lease>(lease)) else { return INVALID };
    let Some(parcel) = lease.parcel.take() else { return INVALID };
    let [controller, processor, feeder] = lease.handles;
    revoke::<Controller<'static>>(controller);
    revoke::<Processor<'static, E>>(processor);
    revoke::<Feeder<'static>>(feeder);
    revoke::<Lease>(core::ptr::from_mut(lease).addr());
    take_back(arena, parcel);
    1
}

/// Ends what is on its way in a node that is given up, between two quanta with `frames` 0, else as the quantum that begins at `frame`.
/// Returns 1 when nobody reaches its memory any more, 0 when a worker still may, -2 when an address is no handle.
pub fn close<E: Effects<'static> + 'static>(processor: usize, dispatcher: usize, frame: f64, frames: u32) -> i32 {
    let (Some(processor), Some(dispatcher)) =
        (take::<Processor<'static, E>>(processor), take::<Dispatcher<'static>>(dispatcher))
    else {
        return INVALID;
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    i32::from(processor.close(dispatcher, frame as u64, frames as usize))
}

/// How many AudioParams the effect in row `place` of `plan` has, its bypass included.
pub fn parameter_count<E: Effects<'static>>(plan: usize, place: u32) -> i32 {
    let Some(plan) = take::<Plan>(plan) else { return INVALID };
    let entry = plan.entry(place as usize);
    let Some(description) = E::LIST.get(entry.number) else { return INVALID };
    address(E::parameter_count(entry.number, &description.chosen(&entry.settings)) + 1)
}

/// Writes the table of effects as words: how many there are; of each the name, and how many AudioParams, settings and
/// readings it has; then of each of those the name, the unit, and the bits of default, least and greatest value. A name is
/// an address and a length. Returns the address of the words.
pub fn table<E: Effects<'static>>(arena: usize) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    let items =
        |d: &rusty_audio_engine::effects::Description| d.parameters.len() + 1 + d.settings.len() + d.readings.len();
    let length = 1 + E::LIST.iter().map(|description| 5 + 6 * items(description)).sum::<usize>();
    let words = match arena.slice::<u32>(length) {
        Ok(words) => words,
        Err(error) => return failure(error),
    };
    let mut places = words.iter_mut();
    let mut put = |word: u32| {
        if let Some(place) = places.next() {
            *place = word;
        }
    };
    let word = |number: usize| address(number).cast_unsigned();
    put(word(E::LIST.len()));
    for description in E::LIST {
        put(word(description.name.as_ptr().addr()));
        put(word(description.name.len()));
        put(word(description.parameters.len() + 1));
        put(word(description.settings.len()));
        put(word(description.readings.len()));
        let mut item = |name: &str, unit: Unit, [default, minimum, maximum]: [f32; 3]| {
            for word in [word(name.as_ptr().addr()), word(name.len()), unit as u32] {
                put(word);
            }
            for value in [default, minimum, maximum] {
                put(value.to_bits());
            }
        };
        let parameters = description.parameters.iter().chain([&Parameter::BYPASS]).chain(description.settings);
        for &Parameter { name, unit, default, minimum, maximum } in parameters {
            item(name, unit, [default, minimum, maximum]);
        }
        for reading in description.readings {
            item(reading.name, reading.unit, [0.0; 3]);
        }
    }
    address(words.as_ptr().addr())
}

/// Renders `frames` frames that begin at `frame` of the context's clock. Returns 1, or 0 when an address is no handle.
pub fn process<E: Effects<'static> + 'static>(processor: usize, dispatcher: usize, frame: f64, frames: u32) -> i32 {
    let (Some(processor), Some(dispatcher)) =
        (take::<Processor<'static, E>>(processor), take::<Dispatcher<'static>>(dispatcher))
    else {
        return 0;
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    processor.process(dispatcher, frame as u64, frames as usize);
    1
}

/// Address of a channel's frames; fixed for the life of the processor.
pub fn plane<E: Effects<'static> + 'static>(processor: usize, channel: u32) -> usize {
    take::<Processor<'static, E>>(processor).map_or(0, |processor| processor.plane(channel as usize).as_ptr().addr())
}

/// Address of the AudioParams' values; fixed for the life of the processor.
pub fn values<E: Effects<'static> + 'static>(processor: usize) -> usize {
    take::<Processor<'static, E>>(processor).map_or(0, |processor| processor.chain().values().as_ptr().addr())
}

/// Frames by which a node's output is late.
pub fn latency_frames<E: Effects<'static> + 'static>(processor: usize) -> i32 {
    take::<Processor<'static, E>>(processor)
        .map_or(INVALID, |processor| i32::try_from(processor.chain().latency_frames()).unwrap_or(i32::MAX))
}

/// Frames that a node goes on to sound after its input has fallen silent, -1 if it may sound for ever.
pub fn tail_frames<E: Effects<'static> + 'static>(processor: usize) -> i32 {
    take::<Processor<'static, E>>(processor).map_or(INVALID, |processor| {
        processor.chain().tail_frames().map_or(-1, |frames| i32::try_from(frames).unwrap_or(i32::MAX))
    })
}

/// Warms the module; see [`warming`]. Returns how many quanta were rendered, or a failure's number.
pub fn warm<E: Effects<'static> + 'static>(arena: usize, sample_rate: f32) -> i32 {
    let Some(arena) = take::<Arena<'static>>(arena) else { return INVALID };
    warming::warm::<E>(arena, sample_rate).map_or_else(failure, u32::cast_signed)
}

/// The region of the effect at `place` of a node, if jobs of the page read that, or -2.
pub fn region<E: Effects<'static> + 'static>(processor: usize, place: u32) -> i32 {
    let region =
        take::<Processor<'static, E>>(processor).and_then(|processor| processor.chain().region(place as usize));
    region.map_or(INVALID, |region| i32::try_from(region).unwrap_or(INVALID))
}

/// Makes the exports that depend on the table of effects: name it once, in the crate that becomes the module.
///
/// ```ignore
/// rusty_audio_worklet::engine_module!(MyEffects<'static>);
/// ```
#[macro_export]
macro_rules! engine_module {
    ($effects:ty) => {
        /// The table of effects; see `node::table`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_effects(arena: usize) -> i32 {
            $crate::node::table::<$effects>(arena)
        }

        /// Builds a node; see `node::build`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_node(
            arena: usize,
            plan: usize,
            count: u32,
            sample_rate: f32,
            ring_frames: u32,
        ) -> i32 {
            $crate::node::build::<$effects>(arena, plan, count, sample_rate, ring_frames)
        }

        /// Takes a node's memory back; see `node::release`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_release(arena: usize, lease: usize) -> i32 {
            $crate::node::release::<$effects>(arena, lease)
        }

        /// Ends what is on its way in a node; see `node::close`.
        #[unsafe(no_mangle)]
        extern "C" fn rt_close(processor: usize, dispatcher: usize, frame: f64, frames: u32) -> i32 {
            $crate::node::close::<$effects>(processor, dispatcher, frame, frames)
        }

        /// AudioParams of one effect of a plan; see `node::parameter_count`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_parameter_count(plan: usize, place: u32) -> i32 {
            $crate::node::parameter_count::<$effects>(plan, place)
        }

        /// Latency of a node; see `node::latency_frames`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_latency_frames(processor: usize) -> i32 {
            $crate::node::latency_frames::<$effects>(processor)
        }

        /// Tail of a node; see `node::tail_frames`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_tail_frames(processor: usize) -> i32 {
            $crate::node::tail_frames::<$effects>(processor)
        }

        /// Warms the module; see `node::warm`.
        #[unsafe(no_mangle)]
        extern "C" fn warm(arena: usize, sample_rate: f32) -> i32 {
            $crate::node::warm::<$effects>(arena, sample_rate)
        }

        /// Region of an effect; see `node::region`.
        #[unsafe(no_mangle)]
        extern "C" fn controller_region(processor: usize, place: u32) -> i32 {
            $crate::node::region::<$effects>(processor, place)
        }

        /// Renders a quantum; see `node::process`.
        #[unsafe(no_mangle)]
        extern "C" fn rt_process(processor: usize, dispatcher: usize, frame: f64, frames: u32) -> i32 {
            $crate::node::process::<$effects>(processor, dispatcher, frame, frames)
        }

        /// Where a channel's frames lie; see `node::plane`.
        #[unsafe(no_mangle)]
        extern "C" fn rt_plane(processor: usize, channel: u32) -> usize {
            $crate::node::plane::<$effects>(processor, channel)
        }

        /// Where the AudioParams' values lie; see `node::values`.
        #[unsafe(no_mangle)]
        extern "C" fn rt_values(processor: usize) -> usize {
            $crate::node::values::<$effects>(processor)
        }
    };
}
