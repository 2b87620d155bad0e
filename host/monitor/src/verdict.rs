//! What all figures come to, in one sentence.
//!
//! | level | when |
//! |---|---|
//! | bad | frames starved, the device ran dry, or the audio thread came late where no browser counts that |
//! | warning | the audio thread came late and the device is known not to have run dry; little is decoded ahead; the page is slow |
//! | good | none of that, and somebody could tell: the browser, or the gap meter |
//! | unknown | nothing has sounded, or nobody could tell |
//!
//! The three numbers overlap, so they are told each for itself, the surest first.

use rusty_audio_recorder::Cause;

/// Tasks from here on make a page feel slow.
const SLOW_MS: f64 = 100.0;
/// Less than this part of what is decoded ahead is little.
const LOW_SHARE: f64 = 0.125;

/// How good it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// All that could be wrong is known not to be.
    Good,
    /// Nothing is lost for certain, but something is not as it should be.
    Warning,
    /// Sound was lost.
    Bad,
    /// Nobody can tell.
    Unknown,
}

impl Level {
    /// What a script calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

/// The last time that something was missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Newest {
    /// Why; `None` if nobody knows.
    pub cause: Option<Cause>,
    /// How long ago.
    pub ago_ms: f64,
}

/// What the verdict is about. `None` is what has no source here.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Account {
    /// For how long something has sounded since the last reset.
    pub heard_ms: f64,
    /// Runs of frames that our players missed since then.
    pub starvations: Option<u64>,
    /// Underruns of the device since then, as the browser counts them.
    pub device_underruns: Option<u64>,
    /// Gaps between calls of the audio thread since then.
    pub gaps: Option<u64>,
    /// The last starvation.
    pub newest_starvation: Option<Newest>,
    /// The last underrun of the device.
    pub newest_device: Option<Newest>,
    /// The last gap.
    pub newest_gap: Option<Newest>,
    /// The page's longest task of the last seconds.
    pub longest_task_ms: Option<f64>,
    /// What is decoded ahead; `None` without players and where a queue ends.
    pub ring_ms: Option<f64>,
    /// What should be.
    pub ring_target_ms: Option<f64>,
}

/// The sentence, and its level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// How good it is.
    pub level: Level,
    /// What a musician reads.
    pub sentence: String,
}

/// What `account` comes to.
#[must_use]
pub fn verdict(account: &Account) -> Verdict {
    let Account { heard_ms, starvations, device_underruns, gaps, .. } = *account;
    let counted = |count: Option<u64>| count.filter(|&count| count > 0);
    let mut lost = Vec::new();
    if let Some(count) = counted(starvations) {
        lost.push(times(count, "dropout", "dropouts", heard_ms, account.newest_starvation));
    }
    if let Some(count) = counted(device_underruns) {
        let (one, many) = if lost.is_empty() {
            ("dropout of the sound device", "dropouts of the sound device")
        } else {
            ("underrun that the browser counted", "underruns that the browser counted")
        };
        lost.push(times(count, one, many, heard_ms, account.newest_device));
    }
    let late = counted(gaps).map(|count| {
        let words = if device_underruns.is_none() && lost.is_empty() {
            ("probable dropout", "probable dropouts")
        } else {
            ("late call of the audio thread", "late calls of the audio thread")
        };
        times(count, words.0, words.1, heard_ms, account.newest_gap)
    });
    let bad = !lost.is_empty() || device_underruns.is_none() && late.is_some();
    if bad {
        lost.extend(late);
        return said(Level::Bad, lost.join(" "));
    }
    if let Some(late) = late {
        return said(Level::Warning, format!("No dropouts, but {late}"));
    }
    if heard_ms.is_nan() || heard_ms <= 0.0 {
        return said(Level::Unknown, "Nothing has sounded yet.".to_owned());
    }
    if device_underruns.is_none() && gaps.is_none() {
        let sentence = match starvations {
            Some(_) => "Every frame was there in time, but whether the sound device got them cannot be told yet.",
            None => "Whether the sound drops out cannot be told yet.",
        };
        return said(Level::Unknown, sentence.to_owned());
    }
    if let Some((ring_ms, target_ms)) = account.ring_ms.zip(account.ring_target_ms)
        && ring_ms < LOW_SHARE * target_ms
    {
        return said(Level::Warning, format!("No dropouts, but only {ring_ms:.0} ms are decoded ahead."));
    }
    if let Some(task_ms) = account.longest_task_ms.filter(|&ms| ms >= SLOW_MS) {
        let sentence =
            format!("No dropouts, though the page itself is slow: the longest task took {}.", short_duration(task_ms));
        return said(Level::Warning, sentence);
    }
    said(Level::Good, format!("No dropouts in {}.", duration(heard_ms)))
}

fn said(level: Level, sentence: String) -> Verdict {
    Verdict { level, sentence }
}

fn times(count: u64, one: &str, many: &str, heard_ms: f64, newest: Option<Newest>) -> String {
    let what = if count == 1 { one } else { many };
    let mut sentence = format!("{count} {what} in {}", duration(heard_ms));
    if let Some(Newest { cause, ago_ms }) = newest {
        sentence += if count == 1 { ", " } else { ", the last one " };
        sentence += &if ago_ms < 1000.0 { "just now".to_owned() } else { format!("{} ago", duration(ago_ms)) };
        if let Some(cause) = cause {
            sentence += ": ";
            sentence += reason(cause);
        }
    }
    sentence + "."
}

fn reason(cause: Cause) -> &'static str {
    match cause {
        Cause::WorkerLate => "a worker was late",
        Cause::WorkerDead => "a worker had died",
        Cause::DecodeLate => "decoding came too late",
        Cause::AudioOverloaded => "the effects took more time than there was",
        Cause::DeviceStalled => "the sound device or the system stalled",
        Cause::PageFrozen => "the page was frozen",
    }
}

fn short_duration(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) }
}

/// In whole units that have passed, one second at least.
fn duration(ms: f64) -> String {
    let seconds = (ms / 1000.0).floor().max(1.0);
    let (minutes, hours) = ((seconds / 60.0).floor(), (seconds / 3600.0).floor());
    if minutes < 1.0 {
        format!("{seconds} s")
    } else if hours < 1.0 {
        format!("{minutes} min")
    } else {
        format!("{hours} h")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_MS: f64 = 60_000.0;

    fn well() -> Account {
        Account {
            heard_ms: 12.3 * MINUTE_MS,
            starvations: Some(0),
            device_underruns: Some(0),
            gaps: Some(0),
            longest_task_ms: Some(12.0),
            ring_ms: Some(9000.0),
            ring_target_ms: Some(10_000.0),
            ..Account::default()
        }
    }

    fn newest(cause: Option<Cause>, ago_ms: f64) -> Option<Newest> {
        Some(Newest { cause, ago_ms })
    }

    #[track_caller]
    fn expect(account: Account, level: Level, sentence: &str) {
        assert_eq!(verdict(&account), Verdict { level, sentence: sentence.to_owned() });
    }

    #[test]
    fn good() {
        expect(well(), Level::Good, "No dropouts in 12 min.");
        expect(Account { heard_ms: 400.0, ..well() }, Level::Good, "No dropouts in 1 s.");
        expect(Account { heard_ms: 59_999.0, ..well() }, Level::Good, "No dropouts in 59 s.");
        expect(Account { heard_ms: 185.0 * MINUTE_MS, ..well() }, Level::Good, "No dropouts in 3 h.");
        // One source that can tell is enough, with an engine or without.
        expect(Account { device_underruns: None, starvations: None, ..well() }, Level::Good, "No dropouts in 12 min.");
        expect(Account { gaps: None, ..well() }, Level::Good, "No dropouts in 12 min.");
    }

    #[test]
    fn unknown() {
        let nothing = "Nothing has sounded yet.";
        expect(Account::default(), Level::Unknown, nothing);
        expect(Account { heard_ms: 0.0, ..well() }, Level::Unknown, nothing);
        expect(Account { heard_ms: f64::NAN, ..well() }, Level::Unknown, nothing);
        let nobody = Account { device_underruns: None, gaps: None, ..well() };
        let ours = "Every frame was there in time, but whether the sound device got them cannot be told yet.";
        expect(nobody, Level::Unknown, ours);
        // Not even a page that is slow or a ring that is low makes more of it.
        expect(Account { longest_task_ms: Some(500.0), ring_ms: Some(0.0), ..nobody }, Level::Unknown, ours);
        let nobody = Account { starvations: None, ..nobody };
        expect(nobody, Level::Unknown, "Whether the sound drops out cannot be told yet.");
    }

    #[test]
    fn starved() {
        let starved =
            Account { starvations: Some(3), newest_starvation: newest(Some(Cause::DecodeLate), 14_800.0), ..well() };
        let sentence = "3 dropouts in 12 min, the last one 14 s ago: decoding came too late.";
        expect(starved, Level::Bad, sentence);
        expect(Account { longest_task_ms: Some(500.0), ring_ms: Some(0.0), ..starved }, Level::Bad, sentence);
        expect(Account { device_underruns: None, gaps: None, ..starved }, Level::Bad, sentence);
        let one = Account { starvations: Some(1), ..starved };
        expect(one, Level::Bad, "1 dropout in 12 min, 14 s ago: decoding came too late.");
        expect(Account { newest_starvation: None, ..one }, Level::Bad, "1 dropout in 12 min.");
        let unexplained = Account { newest_starvation: newest(None, 20.0), ..one };
        expect(unexplained, Level::Bad, "1 dropout in 12 min, just now.");
    }

    #[test]
    fn every_cause_has_words() {
        for (cause, words) in [
            (Cause::WorkerLate, "a worker was late"),
            (Cause::WorkerDead, "a worker had died"),
            (Cause::DecodeLate, "decoding came too late"),
            (Cause::AudioOverloaded, "the effects took more time than there was"),
            (Cause::DeviceStalled, "the sound device or the system stalled"),
            (Cause::PageFrozen, "the page was frozen"),
        ] {
            let account =
                Account { starvations: Some(2), newest_starvation: newest(Some(cause), 2.5 * MINUTE_MS), ..well() };
            expect(account, Level::Bad, &format!("2 dropouts in 12 min, the last one 2 min ago: {words}."));
        }
    }

    #[test]
    fn the_device_ran_dry() {
        let dry =
            Account { device_underruns: Some(2), newest_device: newest(Some(Cause::DeviceStalled), 3000.0), ..well() };
        let sentence =
            "2 dropouts of the sound device in 12 min, the last one 3 s ago: the sound device or the system stalled.";
        expect(dry, Level::Bad, sentence);
        expect(Account { starvations: None, gaps: None, ..dry }, Level::Bad, sentence);
        let one = Account { device_underruns: Some(1), newest_device: None, ..dry };
        expect(one, Level::Bad, "1 dropout of the sound device in 12 min.");
    }

    #[test]
    fn gaps_count_for_dropouts_only_where_the_browser_counts_none() {
        let late = Account { gaps: Some(4), newest_gap: newest(Some(Cause::AudioOverloaded), 90_000.0), ..well() };
        let why = "the effects took more time than there was";
        let sentence =
            format!("No dropouts, but 4 late calls of the audio thread in 12 min, the last one 1 min ago: {why}.");
        expect(late, Level::Warning, &sentence);
        let sentence = format!("4 probable dropouts in 12 min, the last one 1 min ago: {why}.");
        expect(Account { device_underruns: None, ..late }, Level::Bad, &sentence);
        let one = Account { gaps: Some(1), device_underruns: None, newest_gap: None, ..late };
        expect(one, Level::Bad, "1 probable dropout in 12 min.");
        let one = Account { gaps: Some(1), newest_gap: None, ..late };
        expect(one, Level::Warning, "No dropouts, but 1 late call of the audio thread in 12 min.");
    }

    #[test]
    fn the_three_numbers_are_never_one() {
        let all = Account {
            starvations: Some(3),
            newest_starvation: newest(Some(Cause::DecodeLate), 14_000.0),
            device_underruns: Some(1),
            newest_device: newest(None, 5000.0),
            gaps: Some(2),
            ..well()
        };
        let sentence = "3 dropouts in 12 min, the last one 14 s ago: decoding came too late. \
                        1 underrun that the browser counted in 12 min, 5 s ago. 2 late calls of the audio thread in 12 min.";
        expect(all, Level::Bad, sentence);
        let sentence = "3 dropouts in 12 min, the last one 14 s ago: decoding came too late. \
                        2 late calls of the audio thread in 12 min.";
        expect(Account { device_underruns: None, ..all }, Level::Bad, sentence);
    }

    #[test]
    fn hints() {
        let slow = Account { longest_task_ms: Some(340.0), ..well() };
        let sentence = "No dropouts, though the page itself is slow: the longest task took 340 ms.";
        expect(slow, Level::Warning, sentence);
        let sentence = "No dropouts, though the page itself is slow: the longest task took 2.5 s.";
        expect(Account { longest_task_ms: Some(2500.0), ..well() }, Level::Warning, sentence);
        expect(Account { longest_task_ms: Some(99.0), ..well() }, Level::Good, "No dropouts in 12 min.");
        expect(Account { longest_task_ms: None, ..well() }, Level::Good, "No dropouts in 12 min.");
        let low = Account { ring_ms: Some(300.0), ..slow };
        expect(low, Level::Warning, "No dropouts, but only 300 ms are decoded ahead.");
        expect(Account { ring_ms: None, ..well() }, Level::Good, "No dropouts in 12 min.");
        expect(Account { ring_target_ms: None, ring_ms: Some(1.0), ..well() }, Level::Good, "No dropouts in 12 min.");
    }
}
