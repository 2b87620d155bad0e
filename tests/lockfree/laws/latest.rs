//! A triple buffer shows the newest value that was published.

use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::latest;

use crate::script::Script;

/// See the module.
pub fn latest(words: &[u32]) {
    let mut script = Script::new(words);
    let mut memory = Memory::new(4096);
    let (mut publisher, mut reader) = latest::latest::<[u32; 5]>(&mut memory.arena()).unwrap();
    let mut newest = 0;
    while !script.is_over() {
        if script.below(2) == 0 {
            newest += 1;
            publisher.publish([newest; 5]);
        } else {
            assert_eq!(reader.read(), [newest; 5]);
        }
    }
}
