//! A ring is a queue that is never longer than its capacity.

use std::collections::VecDeque;

use rusty_audio_engine::Memory;
use rusty_audio_engine::lockfree::ring::{Consumer, Full, Producer, ring_from};

use crate::script::Script;

const MAX_PLANES: u32 = 3;

/// What frame `number` has in `plane`.
fn sample(number: u32, plane: usize) -> u32 {
    number.wrapping_mul(MAX_PLANES).wrapping_add(u32::try_from(plane).unwrap())
}

struct Ring<'a> {
    producer: Producer<'a, u32>,
    consumer: Consumer<'a, u32>,
    planes: usize,
    /// Numbers of the frames that are in it.
    queue: VecDeque<u32>,
    next: u32,
    overrun: u32,
    underrun: u32,
}

impl Ring<'_> {
    fn level(&self) -> u32 {
        u32::try_from(self.queue.len()).unwrap()
    }

    fn room(&self) -> u32 {
        self.producer.capacity() - self.level()
    }

    fn write(&mut self, frames: u32) {
        let (next, mut filled) = (self.next, 0);
        let written = self.producer.write(frames, |plane, offset, run| {
            for (number, place) in (u32::try_from(offset).unwrap()..).zip(run) {
                *place = sample(next.wrapping_add(number), plane);
                filled += 1;
            }
        });
        assert_eq!(written, frames.min(self.room()), "as many as there is room for");
        assert_eq!(filled, written as usize * self.planes, "every plane is filled");
        self.queue.extend((0..written).map(|number| next.wrapping_add(number)));
        self.next = next.wrapping_add(written);
        self.overrun += frames - written;
    }

    /// What a `take` closure checks: that it sees the frames from `offset` on.
    fn read(
        &mut self,
        offset: u32,
        frames: u32,
        how: impl FnOnce(&mut Consumer<'_, u32>, &mut dyn FnMut(usize, usize, &[u32])) -> u32,
    ) -> u32 {
        let mut seen = vec![Vec::new(); self.planes];
        let shown = how(&mut self.consumer, &mut |plane, position, run| {
            assert_eq!(position, seen[plane].len(), "runs follow each other");
            seen[plane].extend_from_slice(run);
        });
        assert_eq!(shown, frames.min(self.level().saturating_sub(offset)), "as many as there are");
        for (plane, seen) in seen.iter().enumerate() {
            let expected = self.queue.iter().skip(offset as usize).take(shown as usize);
            assert!(expected.map(|&number| sample(number, plane)).eq(seen.iter().copied()), "in order, each once");
        }
        shown
    }

    fn operate(&mut self, script: &mut Script<'_>) {
        let most = self.producer.capacity() + 2;
        match script.below(9) {
            0 | 1 => self.write(script.below(most)),
            2 => {
                let frames = script.below(most);
                let shown = self.read(0, frames, |consumer, take| consumer.read(frames, take));
                self.queue.drain(..shown as usize);
                self.underrun += frames - shown;
            }
            3 => {
                let (offset, frames) = (script.below(most), script.below(most));
                self.read(offset, frames, |consumer, take| consumer.peek(offset, frames, take));
            }
            4 => {
                let frames = script.below(most);
                let skipped = self.consumer.skip(frames);
                assert_eq!(skipped, frames.min(self.level()));
                self.queue.drain(..skipped as usize);
            }
            5 => assert_eq!(self.producer.space(), self.room()),
            6 => assert_eq!(self.consumer.available(), self.level()),
            7 if self.planes == 1 => {
                let item = sample(self.next, 0);
                if self.room() == 0 {
                    assert_eq!(self.producer.push(item), Err(Full(item)), "it comes back");
                    self.overrun += 1;
                } else {
                    assert_eq!(self.producer.push(item), Ok(()));
                    self.queue.push_back(self.next);
                    self.next = self.next.wrapping_add(1);
                }
            }
            _ if self.planes == 1 => {
                assert_eq!(self.consumer.pop(), self.queue.pop_front().map(|number| sample(number, 0)));
            }
            _ => {}
        }
    }
}

/// See the module.
pub fn ring(words: &[u32]) {
    let mut script = Script::new(words);
    let planes = 1 + script.below(MAX_PLANES) as usize;
    let capacity = 1 << script.below(5);
    let first = script.first_index();
    let mut memory = Memory::new(4096);
    let (producer, consumer) = ring_from(&mut memory.arena(), planes, capacity, first).unwrap();
    let gauge = producer.gauge();
    let mut ring = Ring { producer, consumer, planes, queue: VecDeque::new(), next: 0, overrun: 0, underrun: 0 };
    while !script.is_over() {
        ring.operate(&mut script);
        assert_eq!(ring.producer.write_index(), first.wrapping_add(ring.next));
        assert_eq!(ring.consumer.read_index(), first.wrapping_add(ring.next - ring.level()));
        assert_eq!(gauge.fill_level(), ring.level());
        assert_eq!((gauge.overrun_frames(), gauge.underrun_frames()), (ring.overrun, ring.underrun));
    }
}
