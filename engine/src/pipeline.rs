//! Blocks on their way: fill, compute, sound.
//!
//! Frames are gathered into blocks of a fixed length. When block k is full it is computed, by a job that has until block
//! k + 1 is full; then its result sounds, while block k + 2 is being filled:
//!
//! ```text
//!   frames    | block 0 | block 1 | block 2 | block 3 |
//!   computed            |    0    |    1    |    2    |
//!   heard                         |    0    |    1    |
//! ```
//!
//! So one job is on its way at a time, and it may read what earlier ones left. Each writes a *place*: an area that later jobs
//! read (here the spectrum of its block), and a bench, for scratch and the result. A job is given to a worker only while
//! there is a second place, in which the audio thread can compute it if the worker does not bring it. The worker's place is
//! then out of use until it has ended the job or is buried, and meanwhile the audio thread computes all itself.

use crate::dispatcher::{Collected, Dispatcher, Otherwise, Task};
use crate::lockfree::board::{Descriptor, Ticket};
use crate::lockfree::regions::{Region, Span};

/// Earlier blocks that a job can know, its own among them: a power of two, and one can be seen to be past.
pub(crate) const DIARY_WORDS: usize = 128;

/// The longest memory of a pipeline.
pub(crate) const MAX_DEPTH: usize = DIARY_WORDS - 1;

/// Areas beside those in use: one for the second place.
const SPARE_PLACES: usize = 1;

/// Benches: one sounds, one is worked at, one is spare.
pub(crate) const BENCHES: usize = 2 + SPARE_PLACES;

/// Frames over which a result that is followed by none fades out, and one that follows none fades in: 1.3 ms at 48 kHz.
const SEAM_FRAMES: usize = 64;

/// No area.
const NONE: u8 = u8::MAX;

/// Areas of a pipeline whose jobs read those of `depth` blocks, their own among them.
#[must_use]
pub(crate) const fn areas(depth: usize) -> usize {
    depth + SPARE_PLACES
}

/// Where a job writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub area: u8,
    pub bench: u8,
}

/// What was put back last is taken first.
#[derive(Clone, Copy)]
struct Stack<const SIZE: usize> {
    items: [u8; SIZE],
    count: usize,
}

impl<const SIZE: usize> Stack<SIZE> {
    #[expect(clippy::cast_possible_truncation, reason = "at most 256 items")]
    fn up_to(count: usize) -> Self {
        Self { items: core::array::from_fn(|item| item as u8), count: count.min(SIZE) }
    }

    fn pop(&mut self) -> Option<u8> {
        let top = self.count.checked_sub(1)?;
        self.count = top;
        self.items.get(top).copied()
    }

    fn push(&mut self, item: u8) {
        if let Some(place) = self.items.get_mut(self.count) {
            *place = item;
            self.count += 1;
        }
    }

    fn remove(&mut self, item: u8) {
        let kept = self.items;
        let count = self.count;
        self.count = 0;
        for kept in kept.into_iter().take(count).filter(|&kept| kept != item) {
            self.push(kept);
        }
    }
}

#[derive(Clone, Copy)]
struct Running {
    task: Task,
    place: Place,
    spare: Option<Place>,
}

/// The audio thread's side of one pipeline.
pub(crate) struct Pipeline {
    depth: usize,
    /// The block that is posted next, modulo [`DIARY_WORDS`].
    block: usize,
    /// The areas of the last blocks, by their number.
    diary: [u8; DIARY_WORDS],
    areas: Stack<{ DIARY_WORDS + SPARE_PLACES }>,
    benches: Stack<BENCHES>,
    running: Option<Running>,
    abandoned: Option<(Ticket, Place)>,
    /// The bench whose result sounds.
    sounding: Option<u8>,
    /// Whether the block before, the present and the next one could not be computed.
    missing: [bool; 3],
}

/// What of a result is heard.
#[derive(Clone, Copy)]
pub(crate) struct Sounding {
    pub bench: usize,
    fades_in: bool,
    fades_out: bool,
}

impl Sounding {
    /// The factor for frame `n` of a block of `block`.
    #[must_use]
    pub(crate) fn gain(self, n: usize, block: usize) -> f32 {
        let ramp = |n: usize| if n < SEAM_FRAMES { n as f32 / SEAM_FRAMES as f32 } else { 1.0 };
        let entry = if self.fades_in { ramp(n) } else { 1.0 };
        let exit = if self.fades_out { ramp(block.saturating_sub(n + 1)) } else { 1.0 };
        entry * exit
    }

    /// Whether that is 1 throughout.
    #[must_use]
    pub(crate) fn is_whole(self) -> bool {
        !self.fades_in && !self.fades_out
    }
}

impl Pipeline {
    /// A pipeline whose jobs know `depth` blocks, at most [`MAX_DEPTH`].
    pub(crate) fn new(depth: usize) -> Self {
        let depth = depth.min(MAX_DEPTH);
        Self {
            depth,
            block: 0,
            diary: [NONE; DIARY_WORDS],
            areas: Stack::up_to(areas(depth)),
            benches: Stack::up_to(BENCHES),
            running: None,
            abandoned: None,
            sounding: None,
            missing: [false; 3],
        }
    }

    /// Begins anew: no block is known, nothing sounds. Its job must have been cancelled.
    pub(crate) fn restart(&mut self, region: &Region<'_>, diary: Span) {
        let abandoned = self.abandoned;
        *self = Self::new(self.depth);
        if let Some((_, place)) = abandoned {
            self.areas.remove(place.area);
            self.benches.remove(place.bench);
        }
        self.abandoned = abandoned;
        region.reach([diary], [], |[words], []| words.fill(entry(NONE)));
    }

    /// The present block is full, at frame `now`: ends the last block's job, whose result sounds from now on, and posts the
    /// present one's. `describe` makes it for the number of the block and a place.
    pub(crate) fn advance(
        &mut self,
        (region, diary): (&Region<'_>, Span),
        (now, slack): (u64, usize),
        on_pool: bool,
        dispatcher: &mut Dispatcher<'_>,
        describe: impl Fn(usize, Place) -> Descriptor,
    ) {
        self.collect(region, diary, dispatcher);
        self.settle(dispatcher);
        if let Some(place) = self.take_place(region, diary) {
            let spare = if on_pool && self.abandoned.is_none() { self.pop_place() } else { None };
            let otherwise = spare.map_or(Otherwise::Own, |spare| Otherwise::Instead(describe(self.block, spare)));
            let task = dispatcher.post(describe(self.block, place), otherwise, now, slack);
            self.running = task.map(|task| Running { task, place, spare });
            if task.is_none() {
                self.put_back(Some(place));
                self.put_back(spare);
            }
        }
        let [_, _, next] = &mut self.missing;
        *next = self.running.is_none();
        self.block = (self.block + 1) % DIARY_WORDS;
    }

    /// The present block is full: `run` computes it here and now, for its number and a place, and its result sounds from now
    /// on.
    pub(crate) fn compute(&mut self, (region, diary): (&Region<'_>, Span), run: impl FnOnce(usize, Place)) {
        self.silence();
        if let Some(place) = self.take_place(region, diary) {
            run(self.block, place);
            self.remember(self.block, place, region, diary);
        }
        self.block = (self.block + 1) % DIARY_WORDS;
    }

    /// What sounds now.
    #[must_use]
    pub(crate) fn sounding(&self) -> Option<Sounding> {
        let [before, _, next] = self.missing;
        self.sounding.map(|bench| Sounding { bench: usize::from(bench), fades_in: before, fades_out: next })
    }

    /// Gives the job at hand up.
    pub(crate) fn cancel(&mut self, dispatcher: &mut Dispatcher<'_>) {
        let Some(Running { task, place, spare }) = self.running.take() else { return };
        let collected = dispatcher.cancel(task);
        self.put_back(spare);
        self.part_with(place, collected.and_then(|collected| collected.abandoned));
    }

    /// Ends for good. Returns whether nobody writes in the region any more.
    pub(crate) fn close(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        self.cancel(dispatcher);
        self.is_clear(dispatcher)
    }

    /// Whether nobody writes in the region any more.
    pub(crate) fn is_clear(&mut self, dispatcher: &mut Dispatcher<'_>) -> bool {
        self.settle(dispatcher);
        self.running.is_none() && self.abandoned.is_none()
    }

    fn collect(&mut self, region: &Region<'_>, diary: Span, dispatcher: &mut Dispatcher<'_>) {
        self.silence();
        let [before, present, next] = &mut self.missing;
        (*before, *present) = (*present, *next);
        let Some(Running { task, place, spare }) = self.running.take() else { return };
        let block = self.block.wrapping_sub(1) % DIARY_WORDS;
        match (dispatcher.collect(task), spare) {
            (Some(Collected { instead: true, abandoned }), Some(spare)) => {
                self.part_with(place, abandoned);
                self.remember(block, spare, region, diary);
            }
            (Some(_), spare) => {
                self.put_back(spare);
                self.remember(block, place, region, diary);
            }
            (None, spare) => {
                self.put_back(spare);
                self.put_back(Some(place));
            }
        }
    }

    /// A place is out of use while a worker has it.
    fn part_with(&mut self, place: Place, abandoned: Option<Ticket>) {
        match abandoned {
            Some(ticket) => self.abandoned = Some((ticket, place)),
            None => self.put_back(Some(place)),
        }
    }

    fn settle(&mut self, dispatcher: &mut Dispatcher<'_>) {
        if let Some((ticket, place)) = self.abandoned
            && dispatcher.has_ended(ticket)
        {
            self.abandoned = None;
            self.put_back(Some(place));
        }
    }

    fn silence(&mut self) {
        if let Some(bench) = self.sounding.take() {
            self.benches.push(bench);
        }
    }

    /// A place for the present block; the block that is too old now gives its area up.
    fn take_place(&mut self, region: &Region<'_>, diary: Span) -> Option<Place> {
        let oldest = self.block.wrapping_sub(self.depth) % DIARY_WORDS;
        let area = self.diary.get_mut(oldest).map_or(NONE, |area| core::mem::replace(area, NONE));
        if area != NONE {
            self.areas.push(area);
            write(region, diary, oldest, NONE);
        }
        self.pop_place()
    }

    fn pop_place(&mut self) -> Option<Place> {
        let area = self.areas.pop()?;
        let Some(bench) = self.benches.pop() else {
            self.areas.push(area);
            return None;
        };
        Some(Place { area, bench })
    }

    fn put_back(&mut self, place: Option<Place>) {
        if let Some(Place { area, bench }) = place {
            self.areas.push(area);
            self.benches.push(bench);
        }
    }

    /// Block `block` is computed, in `place`: it sounds, and later ones find it.
    fn remember(&mut self, block: usize, Place { area, bench }: Place, region: &Region<'_>, diary: Span) {
        if let Some(entry) = self.diary.get_mut(block) {
            *entry = area;
        }
        write(region, diary, block, area);
        self.sounding = Some(bench);
    }
}

/// An entry of the diary that jobs read, as the bits of a sample.
fn entry(area: u8) -> f32 {
    f32::from_bits(u32::from(area))
}

fn write(region: &Region<'_>, diary: Span, block: usize, area: u8) {
    let word = Span::new(diary.start + block, 1);
    region.reach([word], [], |[words], []| words.fill(entry(area)));
}

/// The area of the block `back` blocks before `block`; `None` when that was not computed.
#[must_use]
pub(crate) fn area_of(diary: &[f32], block: usize, back: usize) -> Option<usize> {
    let area = diary.get(block.wrapping_sub(back) % DIARY_WORDS)?.to_bits() & u32::from(u8::MAX);
    (area != u32::from(NONE)).then_some(area as usize)
}
