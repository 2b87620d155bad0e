//! Where an axis has its labels: at round values that are never nearer to each other than asked for.

use crate::scale::{Axis, Scale};

/// A place of an axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tick {
    /// From 0 at the beginning of the axis to 1 at its end.
    pub share: f64,
    /// What it stands for, in Hz or dB.
    pub value: f64,
}

/// Ticks of an axis of frequencies, from low to high. `spacing` is the least share of the axis between two.
///
/// Over a decade or more they are 1, 2 and 5 of every power of ten, or 1 only; on a linear axis and on shorter ones equal steps
/// of 1, 2 or 5.
#[must_use]
pub fn frequency_ticks(axis: &Axis, spacing: f64) -> Vec<Tick> {
    let [low, high] = axis.range_hz();
    if axis.scale() == Scale::Linear || high < 10.0 * low { equal_steps(axis, spacing) } else { decades(axis, spacing) }
}

/// Powers of ten first, then their twofold and fivefold, wherever there is room: on a logarithmic axis everywhere or nowhere.
fn decades(axis: &Axis, spacing: f64) -> Vec<Tick> {
    let [low, high] = axis.range_hz();
    // Below 1 Hz nothing has a label; an axis may begin at 0.
    let [first, last] = [low, high].map(|frequency_hz| whole(frequency_hz.max(1.0).log10().floor()));
    let has_halves = axis.scale() != Scale::Logarithmic || axis.position(2.0) - axis.position(1.0) >= spacing;
    let mut ticks: Vec<Tick> = Vec::new();
    for factors in [&[1.0] as &[f64], if has_halves { &[2.0, 5.0] } else { &[] }] {
        for value in (first..=last).flat_map(|exponent| factors.iter().map(move |factor| scaled(*factor, exponent))) {
            let tick = Tick { share: axis.position(value), value };
            let has_room = ticks.iter().all(|other| (other.share - tick.share).abs() >= spacing);
            if (low..=high).contains(&value) && has_room {
                ticks.insert(ticks.partition_point(|other| other.value < value), tick);
            }
        }
    }
    ticks
}

/// Multiples of the smallest step that leaves enough room everywhere.
fn equal_steps(axis: &Axis, spacing: f64) -> Vec<Tick> {
    let [low, high] = axis.range_hz();
    // On average as far from each other as they must be everywhere.
    let smallest = whole(((high - low) * spacing).log10().floor());
    let steps = (smallest..).flat_map(|exponent| [1.0, 2.0, 5.0].map(move |factor| (factor, exponent)));
    let multiples = |(factor, exponent): (f64, i32)| -> Vec<Tick> {
        let step = scaled(factor, exponent);
        let values = (whole((low / step).ceil())..=whole((high / step).floor()))
            .map(|count| scaled(f64::from(count) * factor, exponent));
        values.map(|value| Tick { share: axis.position(value), value }).collect()
    };
    let has_room = |ticks: &Vec<Tick>| ticks.windows(2).all(|pair| pair[1].share - pair[0].share >= spacing);
    steps.map(multiples).find(has_room).unwrap_or_default()
}

/// Exact where a power of ten is.
fn scaled(value: f64, exponent: i32) -> f64 {
    if exponent < 0 { value / 10f64.powi(-exponent) } else { value * 10f64.powi(exponent) }
}

/// Ticks of an axis of levels, from low to high: multiples of 1, 2, 3, 6, 10, 12, 20, 30, 60, 120 … dB.
#[must_use]
pub fn level_ticks(minimum_db: f64, maximum_db: f64, spacing: f64) -> Vec<Tick> {
    let range = maximum_db - minimum_db;
    let steps = [1.0, 2.0, 3.0, 6.0, 10.0, 12.0, 20.0].into_iter().chain((0..).map(|n| 30.0 * 2f64.powi(n)));
    let step = steps.into_iter().find(|step| step / range >= spacing).unwrap_or(f64::INFINITY);
    let values = (whole((minimum_db / step).ceil())..=whole((maximum_db / step).floor())).map(|n| f64::from(n) * step);
    values.map(|value| Tick { share: (value - minimum_db) / range, value }).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "exponents and numbers of steps, as many as an axis has pixels")]
fn whole(value: f64) -> i32 {
    value as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lengths of axes and least distances of ticks in pixels.
    fn spacings() -> impl Iterator<Item = f64> {
        [1.0, 37.0, 120.0, 320.0, 641.0, 1280.0, 3840.0]
            .into_iter()
            .flat_map(|length| [1.0, 8.0, 24.0, 40.0, 90.0].map(|pixels| pixels / length))
    }

    fn axes() -> impl Iterator<Item = Axis> {
        let ranges = [
            (20.0, 20_000.0),
            (1.0, 96_000.0),
            (27.5, 4186.0),
            (400.0, 500.0),
            (999.0, 1001.5),
            (0.5, 24_000.0),
            (20.0, 200.0),
            (20.0, 199.0),
            (15_000.0, 24_000.0),
        ];
        [Scale::Logarithmic, Scale::Linear, Scale::Mel, Scale::Bark]
            .into_iter()
            .flat_map(move |scale| ranges.map(|(low, high)| Axis::new(scale, low, high)))
    }

    fn mantissa(value: f64) -> f64 {
        let mantissa = value / 10f64.powf(value.log10().floor());
        (mantissa * 1e9).round() / 1e9
    }

    fn assert_apart(ticks: &[Tick], spacing: f64, what: &str) {
        for pair in ticks.windows(2) {
            assert!(pair[1].value > pair[0].value, "{what}: {ticks:?}");
            assert!(pair[1].share - pair[0].share >= spacing * (1.0 - 1e-12), "{what}: {ticks:?}");
        }
        assert!(ticks.iter().all(|tick| (-1e-12..=1.0 + 1e-12).contains(&tick.share)), "{what}: {ticks:?}");
    }

    #[test]
    fn frequencies_lie_where_the_axis_has_them_and_far_enough_apart() {
        for (axis, spacing) in axes().flat_map(|axis| spacings().map(move |spacing| (axis, spacing))) {
            let ticks = frequency_ticks(&axis, spacing);
            assert_apart(&ticks, spacing, &format!("{axis:?}, {spacing}"));
            assert!(ticks.iter().all(|tick| tick.share == axis.position(tick.value)), "{axis:?}");
        }
    }

    #[test]
    fn wide_axes_have_1_2_and_5_of_each_decade_and_others_equal_steps() {
        for (axis, spacing) in axes().flat_map(|axis| spacings().map(move |spacing| (axis, spacing))) {
            let values: Vec<f64> = frequency_ticks(&axis, spacing).into_iter().map(|tick| tick.value).collect();
            let [low, high] = axis.range_hz();
            if axis.scale() != Scale::Linear && high >= 10.0 * low {
                assert!(values.iter().all(|&value| [1.0, 2.0, 5.0].contains(&mantissa(value))), "{axis:?}: {values:?}");
            } else if let [first, second, ..] = values[..] {
                let step = ((second - first) * 1e9).round() / 1e9;
                assert!([1.0, 2.0, 5.0].contains(&mantissa(step)), "{axis:?}: {values:?}");
                let is_multiple = |value: f64| (value / step - (value / step).round()).abs() < 1e-6;
                assert!(values.iter().all(|&value| is_multiple(value)), "{axis:?}: {values:?}");
                assert!(values.windows(2).all(|pair| (pair[1] - pair[0] - step).abs() < 1e-6), "{axis:?}: {values:?}");
            }
        }
    }

    #[test]
    fn there_are_as_many_as_a_reader_expects() {
        let values = |scale, low, high, spacing| -> Vec<f64> {
            frequency_ticks(&Axis::new(scale, low, high), spacing).into_iter().map(|tick| tick.value).collect()
        };
        let decades = [20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0];
        assert_eq!(values(Scale::Logarithmic, 20.0, 20_000.0, 40.0 / 1280.0), decades);
        assert_eq!(values(Scale::Logarithmic, 20.0, 20_000.0, 40.0 / 300.0), [100.0, 1000.0, 10_000.0]);
        assert_eq!(values(Scale::Logarithmic, 400.0, 500.0, 0.2), [400.0, 450.0, 500.0]);
        assert_eq!(values(Scale::Linear, 20.0, 20_000.0, 0.2), [5000.0, 10_000.0, 15_000.0, 20_000.0]);
        assert_eq!(
            values(Scale::Mel, 20.0, 20_000.0, 40.0 / 1000.0),
            [100.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0, 20_000.0]
        );
        assert_eq!(values(Scale::Bark, 20.0, 20_000.0, 0.9), [100.0, 20_000.0]);
    }

    #[test]
    fn levels_are_multiples_of_the_smallest_step_that_has_room() {
        const STEPS: [f64; 12] = [1.0, 2.0, 3.0, 6.0, 10.0, 12.0, 20.0, 30.0, 60.0, 120.0, 240.0, 480.0];
        for (low, high) in [(-90.0, 0.0), (-120.0, 12.0), (-60.5, -20.25), (-300.0, 100.0), (-1.0, 0.0), (-0.9, -0.1)] {
            for spacing in spacings().filter(|spacing| *spacing < 1.0) {
                let ticks = level_ticks(low, high, spacing);
                assert_apart(&ticks, spacing, &format!("{low} to {high} dB, {spacing}"));
                let step = STEPS.into_iter().find(|step| step / (high - low) >= spacing).unwrap();
                let first = (low / step).ceil() * step;
                let expected: Vec<f64> =
                    (0u16..500).map(|n| first + f64::from(n) * step).take_while(|value| *value <= high).collect();
                assert!(ticks.iter().map(|tick| tick.value).eq(expected), "{low} to {high} dB, {spacing}: {ticks:?}");
                assert!(ticks.iter().all(|tick| (low + tick.share * (high - low) - tick.value).abs() < 1e-9));
            }
        }
    }
}
