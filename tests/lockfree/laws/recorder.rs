//! A recorder keeps the last events; each replay sees those that are left, in order, and counts the others.

use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::recorder::recorder_from;

use crate::script::Script;

/// See the module.
pub fn recorder(words: &[u32]) {
    let mut script = Script::new(words);
    let capacity = 1 << script.below(5);
    let first = script.first_index();
    let mut memory = Memory::new(4096);
    let (mut recorder, replay) = recorder_from::<[u32; 4]>(&mut memory.arena(), capacity, first).unwrap();
    let mut replays = [(replay.clone(), 0u32, 0u32), (replay, 0, 0)];
    let mut recorded = 0u32;
    while !script.is_over() {
        match script.below(4) {
            0 => {
                for _ in 0..script.below(capacity + 2) {
                    recorder.record([recorded, !recorded, recorded, !recorded]);
                    recorded += 1;
                }
            }
            choice => {
                let (replay, position, lost) = &mut replays[choice as usize % 2];
                let oldest = recorded.saturating_sub(capacity);
                *lost += oldest.saturating_sub(*position);
                *position = oldest.max(*position);
                let expected = (*position < recorded).then_some([*position, !*position, *position, !*position]);
                assert_eq!(replay.next_event(), expected);
                *position += u32::from(expected.is_some());
                assert_eq!(replay.lost(), *lost);
            }
        }
    }
}
