//! What builds and runs nodes. The effects that a module has are a table that [`engine_module!`](crate::engine_module!) names,
//! so these functions take it as a type; the macro makes the exports.

use rusty_audio_engine::chain::MAX_SETTINGS;
use rusty_audio_engine::config::MAX_EFFECTS;
use rusty_audio_engine::effects::{Effects, Parameter, Unit};
use rusty_audio_engine::{Arena, Dispatcher, Entry, NodeConfig, Processor, node, player, warming};

use crate::controller::{INVALID, OUT_OF_MEMORY, address, failure};
use crate::handle::{give, take};

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

/// Builds a node from the first `count` rows of `plan`. With `ring_frames` above 0 it is a player with such a source ring.
/// Returns the address of three words: its controller, its processor, and a player's feeder.
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
    let config = NodeConfig { sample_rate, effects };
    let built = if ring_frames == 0 {
        node::<E>(arena, config).map(|(controller, processor)| (controller, processor, None))
    } else {
        player::<E>(arena, config, ring_frames)
            .map(|(controller, feeder, processor)| (controller, processor, Some(feeder)))
    };
    match built {
        Ok((controller, processor, feeder)) => {
            let has_feeder = feeder.is_some();
            let handles =
                [give(arena, controller), give(arena, processor), feeder.map_or(0, |feeder| give(arena, feeder))];
            let complete = handles[0] > 0 && handles[1] > 0 && (handles[2] > 0 || !has_feeder);
            match arena.place(handles.map(address)) {
                Ok(list) if complete => address(list.as_ptr().addr()),
                _ => OUT_OF_MEMORY,
            }
        }
        Err(error) => failure(error),
    }
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
