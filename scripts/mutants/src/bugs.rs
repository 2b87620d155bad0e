//! The bugs: what the field has shipped at some time, in the words of these sources.

/// A suite that must notice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// The laws, after scripts.
    Laws,
    /// Random words in shared memory.
    Hostile,
    /// All orders, by loom.
    Orders,
}

/// One bug.
pub struct Bug {
    /// What it is called.
    pub name: &'static str,
    /// Path of the file from the engine's `src/lockfree`.
    pub file: &'static str,
    /// Pieces of the file, each of which occurs once, and what stands there instead.
    pub edits: &'static [(&'static str, &'static str)],
    /// Who notices.
    pub noticed_by: Suite,
}

use Suite::{Hostile, Laws, Orders};

/// All of them.
pub const BUGS: &[Bug] = &[
    Bug {
        name: "the producer's fill level does not wrap at 2³²",
        file: "ring.rs",
        edits: &[("self.write.wrapping_sub(self.cached_read)", "self.write.saturating_sub(self.cached_read)")],
        noticed_by: Laws,
    },
    Bug {
        name: "the consumer's fill level does not wrap at 2³²",
        file: "ring.rs",
        edits: &[("self.cached_write.wrapping_sub(self.read)", "self.cached_write.saturating_sub(self.read)")],
        noticed_by: Laws,
    },
    Bug {
        name: "the fill level is signed and does not wrap at 2³¹",
        file: "ring.rs",
        edits: &[(
            "self.cached_write.wrapping_sub(self.read).min",
            "self.cached_write.cast_signed().saturating_sub(self.read.cast_signed()).max(0).cast_unsigned().min",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "a torn frame: the first plane is published before the second is written",
        file: "ring.rs",
        edits: &[(
            "for plane in 0..self.slots.planes {\n            let mut offset = 0;",
            "for plane in 0..self.slots.planes {\n            if plane > 0 {\n                self.slots.indices.write.index.store(self.write.wrapping_add(frames), Ordering::Release);\n            }\n            let mut offset = 0;",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "a producer that moves the read index to make room",
        file: "ring.rs",
        edits: &[(
            "        let frames = asked.min(self.room());\n",
            "        if self.room() < asked && asked <= self.slots.capacity {\n            self.cached_read = self.write.wrapping_add(asked).wrapping_sub(self.slots.capacity);\n            self.slots.indices.read.index.store(self.cached_read, Ordering::Release);\n        }\n        let frames = asked.min(self.room());\n",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "the same, when both ends run",
        file: "ring.rs",
        edits: &[(
            "        let frames = asked.min(self.room());\n",
            "        if self.room() < asked && asked <= self.slots.capacity {\n            self.cached_read = self.write.wrapping_add(asked).wrapping_sub(self.slots.capacity);\n            self.slots.indices.read.index.store(self.cached_read, Ordering::Release);\n        }\n        let frames = asked.min(self.room());\n",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "no look whether the ring is full",
        file: "ring.rs",
        edits: &[("let frames = asked.min(self.room());", "let frames = asked.min(self.slots.capacity);")],
        noticed_by: Laws,
    },
    Bug {
        name: "no look whether the ring is empty",
        file: "ring.rs",
        edits: &[(
            "let frames = frames.min(self.fill_level().saturating_sub(offset));",
            "let frames = frames.min(self.slots.capacity.saturating_sub(offset));",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "frames are published before they are written",
        file: "ring.rs",
        edits: &[(
            "        let runs = self.slots.runs(self.write, frames);\n",
            "        self.slots.indices.write.index.store(self.write.wrapping_add(frames), Ordering::Release);\n        let runs = self.slots.runs(self.write, frames);\n",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "frames are freed before they are read",
        file: "ring.rs",
        edits: &[(
            "        let runs = self.slots.runs(self.read.wrapping_add(offset), frames);\n",
            "        self.slots.indices.read.index.store(self.read.wrapping_add(offset).wrapping_add(frames), Ordering::Release);\n        let runs = self.slots.runs(self.read.wrapping_add(offset), frames);\n",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "a mask that is one short",
        file: "ring.rs",
        edits: &[("index & (self.capacity - 1)", "index & (self.capacity - 1) & !1")],
        noticed_by: Laws,
    },
    Bug {
        name: "the remote index is never looked at again",
        file: "ring.rs",
        edits: &[("if self.room() < asked {", "if self.room() > asked {")],
        noticed_by: Laws,
    },
    Bug {
        name: "a fill level beyond the capacity is believed",
        file: "ring.rs",
        edits: &[(
            "self.cached_write.wrapping_sub(self.read).min(self.slots.capacity)",
            "self.cached_write.wrapping_sub(self.read)",
        )],
        noticed_by: Hostile,
    },
    Bug {
        name: "room beyond the capacity is believed",
        file: "ring.rs",
        edits: &[("self.slots.capacity.saturating_sub(self.write", "self.slots.capacity.wrapping_sub(self.write")],
        noticed_by: Hostile,
    },
    Bug {
        name: "the reader gives its buffer back for an older one",
        file: "latest.rs",
        edits: &[("load(Ordering::Relaxed) & FRESH != 0", "load(Ordering::Relaxed) & FRESH < 8")],
        noticed_by: Laws,
    },
    Bug {
        name: "a value is published before it is written",
        file: "latest.rs",
        edits: &[(
            "self.buffers.place(self.own), 1, |buffer| buffer.fill(value)) };\n        self.own = self.buffers.middle.swap(self.own | FRESH, Ordering::AcqRel) & 3;",
            "self.buffers.place({\n            let own = self.own;\n            self.own = self.buffers.middle.swap(self.own | FRESH, Ordering::AcqRel) & 3;\n            own\n        }), 1, |buffer| buffer.fill(value)) };",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "a torn event: the reader does not look whether it was being overwritten",
        file: "recorder.rs",
        edits: &[("(begun.wrapping_sub(number) <= self.tape.capacity)", "(begun.wrapping_sub(number) <= u32::MAX)")],
        noticed_by: Orders,
    },
    Bug {
        name: "an event that is just begun is taken for whole",
        file: "recorder.rs",
        edits: &[("<= self.tape.capacity).then", "<= self.tape.capacity + 1).then")],
        noticed_by: Orders,
    },
    Bug {
        name: "events are compared without wrapping",
        file: "recorder.rs",
        edits: &[(
            "let unread = finished.wrapping_sub(self.next);",
            "let unread = finished.saturating_sub(self.next);",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "an event is finished before it is written",
        file: "recorder.rs",
        edits: &[(
            "        self.tape.numbers.begun.store(self.next, Ordering::Relaxed);\n",
            "        self.tape.numbers.begun.store(self.next, Ordering::Relaxed);\n        self.tape.numbers.finished.store(self.next, Ordering::Release);\n",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "a job is claimed without a look who was faster",
        file: "board/claimer.rs",
        edits: &[(
            "slot.state.compare_exchange(offer.state, claimed, Ordering::AcqRel, Ordering::Relaxed).ok()?;",
            "slot.state.store(claimed, Ordering::Release);",
        )],
        noticed_by: Orders,
    },
    Bug {
        name: "a late owner ends the job of another",
        file: "board/claimer.rs",
        edits: &[(
            "slot.state.compare_exchange(claim.state, ended, Ordering::Release, Ordering::Relaxed).is_ok()",
            "slot.state.swap(ended, Ordering::Release) != ended",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "deadlines are compared without wrapping",
        file: "board/claimer.rs",
        edits: &[("self.deadline.wrapping_sub(other.deadline).cast_signed() < 0", "self.deadline < other.deadline")],
        noticed_by: Laws,
    },
    Bug {
        name: "a slot is given away while its owner still writes",
        file: "board/poster.rs",
        edits: &[(
            "Held::Posted | Held::Abandoned | Held::OutOfUse => Held::OutOfUse",
            "Held::Posted | Held::Abandoned | Held::OutOfUse => Held::Free",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "a job has the generation of the one before",
        file: "board/poster.rs",
        edits: &[("(hold.generation + 1) & GENERATION_MASK", "hold.generation & GENERATION_MASK")],
        noticed_by: Laws,
    },
    Bug {
        name: "a dead owner's jobs are buried together with a living one's",
        file: "board/mod.rs",
        edits: &[(
            "if state & PHASE_MASK == CLAIMED && (state >> OWNER_SHIFT) % MAX_OWNERS == owner % MAX_OWNERS {",
            "if state & PHASE_MASK == CLAIMED && owner < MAX_OWNERS {",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "a region can be taken before it is filled",
        file: "regions.rs",
        edits: &[("words.state.store(FILLING, Ordering::Relaxed);", "words.state.store(LENT, Ordering::Release);")],
        noticed_by: Orders,
    },
    Bug {
        name: "a region is lent again while it is out",
        file: "regions.rs",
        edits: &[("words.state.load(Ordering::Acquire) == HOME", "words.state.load(Ordering::Acquire) >= TAKEN")],
        noticed_by: Orders,
    },
    Bug {
        name: "a region can be taken twice",
        file: "regions.rs",
        edits: &[("        region.words.state.store(TAKEN, Ordering::Relaxed);\n", "")],
        noticed_by: Laws,
    },
    Bug {
        name: "a region is discarded while it is out",
        file: "regions.rs",
        edits: &[("self.pass(place, LENT, HOME);", "self.pass(place, TAKEN, HOME);")],
        noticed_by: Laws,
    },
    Bug {
        name: "the journal of the region before",
        file: "regions.rs",
        edits: &[("        self.journal.store(0, Ordering::Relaxed);\n", "")],
        noticed_by: Laws,
    },
    Bug {
        name: "the samples of the region before",
        file: "../memory.rs",
        edits: &[(
            "// SAFETY: the bytes were free.\n            unsafe { first.write_bytes(0, samples) };",
            "// SAFETY: the bytes were free.\n            unsafe { first.write_bytes(0, 0) };",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "memory that comes home does not join what is free before it",
        file: "../memory.rs",
        edits: &[("Some(before) => self.gaps[before].end = end,", "Some(before) => self.gaps[before].end = start,")],
        noticed_by: Laws,
    },
    Bug {
        name: "a shape without its seal",
        file: "regions.rs",
        edits: &[(
            "        words.seal.store(seal(number(plot.start()), number(plot.samples()), shape), Ordering::Relaxed);\n",
            "",
        )],
        noticed_by: Laws,
    },
    Bug {
        name: "a tract is entered each time",
        file: "regions.rs",
        edits: &[("words.state.load(Ordering::Relaxed) == VACANT", "words.state.load(Ordering::Relaxed) != LENT")],
        noticed_by: Laws,
    },
    Bug {
        name: "two parts of a region that share a sample",
        file: "regions.rs",
        edits: &[("self.end() <= other.start ||", "self.end() <= other.start + 1 ||")],
        noticed_by: Laws,
    },
    Bug {
        name: "a part that ends behind its region",
        file: "regions.rs",
        edits: &[("span.end() <= self.samples)", "span.end() <= self.samples + 1)")],
        noticed_by: Laws,
    },
    Bug {
        name: "the seal is not looked at",
        file: "regions.rs",
        edits: &[(
            "words.seal.load(Ordering::Relaxed) != seal(start, samples, shape)",
            "words.seal.load(Ordering::Relaxed) == 0",
        )],
        noticed_by: Hostile,
    },
    Bug {
        name: "the seal does not cover the length",
        file: "regions.rs",
        edits: &[("mix(mix(0x5EA1, start), samples)", "mix(mix(0x5EA1, start), 0)")],
        noticed_by: Hostile,
    },
    Bug {
        name: "a quantile is rounded down",
        file: "histogram.rs",
        edits: &[(".div_ceil(1000)", ".div_euclid(1000)")],
        noticed_by: Laws,
    },
    Bug {
        name: "a quantile is the lower end of its bucket",
        file: "histogram.rs",
        edits: &[("upper_end_us(bucket).min(self.max_us)", "upper_end_us(bucket.wrapping_sub(1)).min(self.max_us)")],
        noticed_by: Laws,
    },
];
