//! Stamps as browsers would give them, for tests.

use crate::gap_meter::Stamp;

/// Marsaglia's xorshift with a multiplier.
pub struct Random(pub u64);

impl Random {
    /// The next number from 0 to 1.
    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as f64 / 4_294_967_296.0
    }

    /// The next whole number below `bound`.
    pub fn below(&mut self, bound: u32) -> u32 {
        #[expect(clippy::cast_possible_truncation, reason = "below a number of 32 bits")]
        let below = (self.unit() * f64::from(bound)) as u32;
        below
    }
}

/// How callbacks come. The worst steps of the wall clock are those that were measured on idle machines.
#[derive(Clone, Copy, Debug)]
pub enum Browser {
    /// A fake clock of 10 ms, worst step 13 ms. Catches up.
    Chromium,
    /// 1024 frames at up to 48 kHz, worst step 54 ms, now and then two callbacks at once. What was lost stays lost.
    Firefox,
    /// 21 ms, worst step 39 ms. Catches up.
    WebKit,
    /// Any callback, late by up to a part of itself, that is rendered within another part of it.
    Regular {
        /// Its length, not always whole quanta.
        callback_frames: f64,
        /// Part of a callback's time that its rendering takes.
        load: f64,
        /// Part of a callback's time by which it may be late.
        jitter: f64,
    },
}

impl Browser {
    /// Those that were measured.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    fn callback_frames(self, sample_rate: f64) -> f64 {
        match self {
            Self::Chromium => sample_rate / 100.0,
            Self::Firefox | Self::WebKit => 1024.0 * (sample_rate / 48_000.0).ceil(),
            Self::Regular { callback_frames, .. } => callback_frames,
        }
    }

    fn lateness_ms(self, callback_ms: f64, random: &mut Random) -> f64 {
        let usual_ms = random.unit() * self.usual_lateness_ms(callback_ms);
        // The latest callbacks come once in half a minute or so.
        let rare = random.unit() < callback_ms / 30_000.0;
        match self {
            Self::Firefox if rare => 54.0 - callback_ms,
            Self::WebKit if rare => 39.0 - callback_ms,
            _ => usual_ms,
        }
    }

    /// By how much a callback may be late often.
    pub fn usual_lateness_ms(self, callback_ms: f64) -> f64 {
        match self {
            Self::Chromium => 3.0,
            Self::Firefox => 7.0,
            Self::WebKit => 6.0,
            Self::Regular { jitter, .. } => jitter * callback_ms,
        }
    }

    fn load(self) -> f64 {
        if let Self::Regular { load, .. } = self { load } else { 0.05 }
    }

    fn catches_up(self) -> bool {
        !matches!(self, Self::Firefox)
    }
}

/// A life of an audio thread.
pub struct Trace {
    /// In Hz.
    pub sample_rate: f64,
    /// What the device asks for at once.
    pub callback_ms: f64,
    /// The wall clock at its beginning.
    pub began_ms: f64,
    /// What the worklet noted down.
    pub stamps: Vec<Stamp>,
}

impl Trace {
    /// So long a life, in which nothing is rendered for each of `stalls`: when, and for how long, both in ms.
    pub fn new(browser: Browser, sample_rate: f64, length_ms: f64, stalls: &[(f64, f64)], seed: u64) -> Self {
        let mut random = Random(seed);
        let callback_frames = browser.callback_frames(sample_rate);
        let callback_ms = callback_frames * 1000.0 / sample_rate;
        let began_ms = 1.7e12 + (random.unit() * 1e9).floor();
        let quantum_ms = 128_000.0 / sample_rate;
        let (mut stamps, mut frame, mut last_ms) = (Vec::new(), 0_u64, 0.0);
        let mut stalls = stalls.iter().copied().peekable();
        // When the callback is due, when the audio thread is free, how many frames were asked for.
        let (mut due_ms, mut free_ms, mut asked) = (began_ms, began_ms, 0.0);
        while due_ms < began_ms + length_ms {
            let mut now_ms: f64 = free_ms.max(due_ms + browser.lateness_ms(callback_ms, &mut random));
            asked += callback_frames;
            // A clock that is not quite the wall's.
            due_ms += callback_ms * 1.00002;
            while (frame as f64) < asked {
                if let Some((at_ms, ms)) = stalls.next_if(|&(at_ms, _)| began_ms + at_ms <= now_ms) {
                    let ends_ms = began_ms + at_ms + ms;
                    if !browser.catches_up() {
                        due_ms += (ends_ms - now_ms).max(0.0);
                    }
                    now_ms = now_ms.max(ends_ms);
                }
                if now_ms.floor() > last_ms {
                    last_ms = now_ms.floor();
                    stamps.push(Stamp { frame, wall_ms: last_ms });
                }
                now_ms += browser.load() * quantum_ms;
                frame += 128;
            }
            free_ms = now_ms;
        }
        Self { sample_rate, callback_ms, began_ms, stamps }
    }
}
