use super::*;
use crate::traces::{Browser, Random, Trace};

const RATES: [f64; 4] = [44_100.0, 48_000.0, 96_000.0, 192_000.0];

fn meter_of(trace: &Trace) -> GapMeter {
    let mut meter = GapMeter::new(trace.sample_rate);
    trace.stamps.iter().for_each(|&stamp| meter.stamp(stamp));
    meter
}

#[test]
fn ten_quiet_minutes_of_each_browser_have_no_gap() {
    for seed in 1..4 {
        for browser in Browser::ALL {
            for sample_rate in RATES {
                let trace = Trace::new(browser, sample_rate, 600_000.0, &[], seed);
                assert_eq!(meter_of(&trace).gaps(), Some(0), "{browser:?} {sample_rate} {seed}");
            }
        }
    }
}

#[test]
fn a_wall_clock_that_is_coarse_for_privacy_has_no_gap() {
    for browser in Browser::ALL {
        for resolution_ms in [16.0, 100.0] {
            let mut trace = Trace::new(browser, 48_000.0, 600_000.0, &[], 8);
            for stamp in &mut trace.stamps {
                stamp.wall_ms = (stamp.wall_ms / resolution_ms).floor() * resolution_ms;
            }
            trace.stamps.dedup_by_key(|stamp| stamp.wall_ms);
            assert_eq!(meter_of(&trace).gaps(), Some(0), "{browser:?} {resolution_ms}");
        }
    }
}

#[test]
fn what_is_above_the_threshold_by_a_callback_and_its_jitter_is_seen() {
    let mut random = Random(3);
    for seed in 1..100 {
        for browser in Browser::ALL {
            let at_ms = 2000.0 + 5000.0 * random.unit();
            let quiet = Trace::new(browser, 48_000.0, at_ms, &[], seed);
            let threshold_ms = meter_of(&quiet).gap_threshold_ms().expect("two seconds");
            let ms = threshold_ms + quiet.callback_ms + browser.usual_lateness_ms(quiet.callback_ms) + 1.0;
            let trace = Trace::new(browser, 48_000.0, 10_000.0, &[(at_ms, ms)], seed);
            assert_eq!(meter_of(&trace).gaps(), Some(1), "{browser:?} {seed} {at_ms} {ms}");
        }
    }
}

#[test]
fn ten_quiet_minutes_of_any_callback_have_no_gap_and_the_period_is_found() {
    let mut random = Random(5);
    for sample_rate in RATES {
        for callback_frames in [128.0, 256.0, 441.0, 512.0, 1024.0, 2048.0] {
            for load in [0.02, 0.5, 0.8] {
                let period_ms = callback_frames * 1000.0 / sample_rate;
                let browser = Browser::Regular { callback_frames, load, jitter: 0.3 * random.unit() };
                let trace = Trace::new(browser, sample_rate, 600_000.0, &[], u64::from(1 + random.below(1 << 30)));
                let meter = meter_of(&trace);
                assert_eq!(meter.gaps(), Some(0), "{browser:?} {sample_rate}");
                let callback_ms = meter.callback_ms().expect("ten minutes");
                let said = format!("{browser:?} {sample_rate}: {callback_ms}");
                assert!(callback_ms <= period_ms + 1.0, "{said}");
                // A pause after a callback must be longer than those within it for the clock to show where it ends.
                let within_ms = load * 128_000.0 / sample_rate;
                if (1.0 - load) * period_ms > 2.0 * (within_ms + 1.0) {
                    assert!(callback_ms >= period_ms - 1.0, "{said}");
                }
            }
        }
    }
}

/// Each stall is told once, and its amount within one callback and the lateness that the browser has anyway.
fn expect_stalls(browser: Browser, sample_rate: f64, stalls: &[(f64, f64)], seed: u64) {
    let trace = Trace::new(browser, sample_rate, 60_000.0, stalls, seed);
    let mut meter = meter_of(&trace);
    let tolerance_ms = trace.callback_ms + browser.usual_lateness_ms(trace.callback_ms) + 1.0;
    let gaps = meter.take_gaps();
    let told: Vec<f64> = gaps.iter().map(|gap| gap.ms).collect();
    let said = format!("{browser:?} {sample_rate} {seed}: {stalls:?} {gaps:?} from {:?}", meter.gap_threshold_ms());
    assert_eq!(gaps.len(), stalls.len(), "{said}");
    assert_eq!(meter.gaps(), Some(gaps.len() as u64));
    assert_eq!(meter.last_gap_ms(), told.last().copied());
    assert_eq!(meter.worst_gap_ms(), told.iter().copied().reduce(f64::max));
    for (gap, &(at_ms, ms)) in gaps.iter().zip(stalls) {
        assert!((gap.ms - ms).abs() <= tolerance_ms, "{said}");
        let late_ms = gap.wall_ms - (trace.began_ms + at_ms + ms);
        assert!(late_ms.abs() <= tolerance_ms, "{said} {late_ms}");
    }
}

#[test]
fn stalls_of_each_browser_are_told_once_whether_it_catches_up_or_not() {
    let mut random = Random(11);
    for seed in 1..12 {
        for browser in Browser::ALL {
            for sample_rate in RATES {
                let least = if matches!(browser, Browser::Chromium) { 50 } else { 100 };
                let mut at_ms = 1200.0 + 500.0 * random.unit();
                let mut stalls = Vec::new();
                while at_ms < 55_000.0 {
                    let ms = f64::from(least + random.below(300));
                    stalls.push((at_ms, ms));
                    at_ms += ms + 1000.0 + 9000.0 * random.unit();
                }
                expect_stalls(browser, sample_rate, &stalls, seed);
            }
        }
    }
}

#[test]
fn fifty_a_hundred_and_two_hundred_milliseconds_are_seen_in_chromium() {
    for (seed, ms) in (1..).zip([50.0, 100.0, 200.0]) {
        expect_stalls(Browser::Chromium, 48_000.0, &[(2000.0, ms), (10_000.0, ms)], seed);
    }
}

#[test]
fn an_overload_that_goes_on_is_one_gap() {
    // Two seconds of quanta that take half as long again as they last, or less.
    for excess in [0.5, 0.1, 0.05] {
        let mut meter = GapMeter::new(48_000.0);
        let mut lag_ms = 0.0;
        for quantum in 0..6000_u64 {
            if (1000..1750).contains(&quantum) {
                lag_ms += excess * 128.0 / 48.0;
            }
            let frame = 128 * quantum;
            meter.stamp(Stamp { frame, wall_ms: (frame as f64 / 48.0 + lag_ms).floor() });
        }
        assert_eq!(meter.gaps(), Some(1), "{excess}");
        let told = meter.take_gaps()[0].ms;
        assert!((told - 2000.0 * excess).abs() < 4.0, "{excess}: {told}");
    }
}

#[test]
fn a_stall_before_anything_is_learnt_is_not_told_and_not_taken_for_usual() {
    for browser in Browser::ALL {
        let trace = Trace::new(browser, 48_000.0, 20_000.0, &[(400.0, 1981.0)], 3);
        let meter = meter_of(&trace);
        assert_eq!(meter.gaps(), Some(0), "{browser:?}");
        assert!(meter.gap_threshold_ms().expect("20 s") < 80.0, "{browser:?} {:?}", meter.gap_threshold_ms());
    }
}

#[test]
fn nothing_is_known_before_a_second_has_passed() {
    let trace = Trace::new(Browser::Chromium, 48_000.0, 900.0, &[], 1);
    let meter = meter_of(&trace);
    assert_eq!((meter.gaps(), meter.callback_ms(), meter.gap_threshold_ms()), (None, None, None));
}

#[test]
fn no_gap_is_concluded_over_missing_stamps_and_interruptions() {
    for browser in Browser::ALL {
        for dropped in [true, false] {
            let trace = Trace::new(browser, 48_000.0, 60_000.0, &[(30_000.0, 500.0)], 1);
            let mut meter = GapMeter::new(48_000.0);
            for stamp in trace.stamps {
                let at_ms = stamp.wall_ms - trace.began_ms;
                if (29_900.0..30_600.0).contains(&at_ms) {
                    if dropped {
                        meter.dropped()
                    } else {
                        meter.interrupt()
                    }
                    continue;
                }
                meter.stamp(stamp);
            }
            assert_eq!((meter.gaps(), meter.last_gap_ms()), (Some(0), None), "{browser:?}");
            assert!(meter.callback_ms().is_some());
        }
    }
}

#[test]
fn a_wall_clock_that_is_set_is_a_gap_at_most() {
    for (step_ms, most) in [(3_600_000.0, 0), (9e15, 0), (5000.0, 1), (-30.0, 0), (-5000.0, 0), (-9e15, 0)] {
        for browser in Browser::ALL {
            let mut trace = Trace::new(browser, 44_100.0, 60_000.0, &[], 2);
            let half = trace.stamps.len() / 2;
            trace.stamps[half..].iter_mut().for_each(|stamp| stamp.wall_ms += step_ms);
            let mut meter = meter_of(&trace);
            assert_eq!(meter.gaps(), Some(most), "{browser:?} {step_ms}");
            assert!(meter.take_gaps().iter().all(|gap| gap.ms.is_finite()));
            assert!(meter.callback_ms().is_some_and(f64::is_finite));
            assert!(meter.gap_threshold_ms().is_some_and(f64::is_finite));
        }
    }
}

#[test]
fn stamps_that_are_no_times_are_passed_over() {
    let trace = Trace::new(Browser::Firefox, 48_000.0, 10_000.0, &[], 2);
    let mut meter = GapMeter::new(48_000.0);
    for stamp in trace.stamps {
        meter.stamp(stamp);
        meter.stamp(Stamp { wall_ms: f64::NAN, ..stamp });
        meter.stamp(Stamp { wall_ms: f64::INFINITY, ..stamp });
    }
    assert_eq!(meter.gaps(), Some(0));
}

#[test]
fn a_gap_that_goes_on_at_a_reset_is_of_the_time_before() {
    for browser in Browser::ALL {
        let trace = Trace::new(browser, 48_000.0, 20_000.0, &[(5000.0, 200.0), (9000.0, 300.0)], 2);
        let mut meter = GapMeter::new(48_000.0);
        let mut counted_before = 0;
        for stamp in &trace.stamps {
            meter.stamp(*stamp);
            if counted_before == 0 && meter.gaps() == Some(1) {
                counted_before = 1;
                meter.reset();
            }
        }
        assert_eq!((counted_before, meter.gaps(), meter.take_gaps().len()), (1, Some(1), 1), "{browser:?}");
    }
}

#[test]
fn a_reset_counts_from_0_and_forgets_nothing_that_was_learnt() {
    let trace = Trace::new(Browser::WebKit, 48_000.0, 20_000.0, &[(5000.0, 200.0)], 2);
    let mut meter = meter_of(&trace);
    assert_eq!(meter.gaps(), Some(1));
    let learnt = (meter.callback_ms(), meter.gap_threshold_ms());
    meter.reset();
    assert_eq!((meter.gaps(), meter.last_gap_ms(), meter.worst_gap_ms()), (Some(0), None, None));
    assert_eq!((meter.take_gaps(), (meter.callback_ms(), meter.gap_threshold_ms())), (Vec::new(), learnt));
}
