//! The first arrival in impulse responses.

use super::{NoRoundTrip, PARTS};

/// The highest peak must be so far above the noise, as an amplitude: 20 dB. Of 2²⁰ samples of Gaussian noise the highest is above
/// this in one of 10¹⁶ cases.
const LEAST_QUALITY: f32 = 10.0;

/// What arrives first may be so much weaker than the highest peak, as an amplitude: 12 dB. A direct path that is shadowed is found
/// before a stronger echo; what precedes the peak of an interpolator's response is weaker.
const WEAKEST_ARRIVAL: f32 = 0.25;

/// And it must be so far above the noise, as an amplitude: of Gaussian noise one of 4 · 10¹¹ samples is.
const LEAST_ARRIVAL: f32 = 7.0;

/// Peaks so close together are one arrival, in seconds: the response of a loudspeaker, whose peak is not at its beginning.
const ARRIVAL_S: f64 = 1e-3;

/// Median of the magnitude of Gaussian noise, over its standard deviation.
const GAUSSIAN_MEDIAN: f32 = 0.674_49;

/// No sum of single precision tells noise from rounding below this share of the peak.
const RESOLUTION: f32 = 1e-6;

/// What arrived first.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// How late it is, in frames.
    pub delay_frames: usize,
    /// The highest peak of the response over its noise, in dB: 20 to 120.
    pub quality_db: f64,
}

/// What testifies to the way, of the correlations of all parts of all periods: each part, each period, and all of them. All have
/// the least of a steady noise, 9 dB less than a part. But where buffers run empty or a clock is corrected, a part in which
/// nothing happens is the better witness.
///
/// # Panics
///
/// If they are not of one length.
pub fn witnesses(parts: &[Vec<f32>]) -> impl Iterator<Item = Vec<f32>> {
    let runs = [1, PARTS, parts.len().max(1)];
    runs.into_iter().flat_map(|run| parts.chunks(run)).map(|run| {
        let mut sum = vec![0.0; run[0].len()];
        for part in run {
            assert_eq!(part.len(), sum.len(), "correlations with one sequence are of one length");
            sum.iter_mut().zip(part).for_each(|(sum, sample)| *sum += sample);
        }
        sum
    })
}

/// What the clearer one of two witnesses says.
pub fn clearer(one: Result<Arrival, NoRoundTrip>, other: Result<Arrival, NoRoundTrip>) -> Result<Arrival, NoRoundTrip> {
    let quality_db = |said| match said {
        Ok(Arrival { quality_db, .. }) | Err(NoRoundTrip::NoArrival { quality_db }) => quality_db,
        Err(_) => f64::NEG_INFINITY,
    };
    if quality_db(other) > quality_db(one) { other } else { one }
}

/// Finds the first arrival: the highest sample within a millisecond of the first one that is 12 dB below the highest of all, or
/// less, and clear of the noise. So the delay is that of a direct path also where an echo is up to 12 dB stronger, and that of
/// the peak of a loudspeaker's own response. The noise is taken from the median of all samples, since few of them are response.
///
/// # Errors
///
/// [`NoRoundTrip::NoArrival`] when nothing is 20 dB above the noise.
pub fn first_arrival(response: &[f32], sample_rate: f64) -> Result<Arrival, NoRoundTrip> {
    let mut magnitudes: Vec<f32> = response.iter().map(|sample| sample.abs()).collect();
    let peak = magnitudes.iter().copied().fold(0.0, f32::max);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred frames")]
    let arrival_frames = (ARRIVAL_S * sample_rate).ceil() as usize;
    let middle = magnitudes.len() / 2;
    let mut sorted = magnitudes.clone();
    let median = if sorted.is_empty() { 0.0 } else { *sorted.select_nth_unstable_by(middle, f32::total_cmp).1 };
    let noise = (median / GAUSSIAN_MEDIAN).max(RESOLUTION * peak);
    let quality_db = 20.0 * f64::from(peak / noise).log10();
    let clear = peak >= LEAST_QUALITY * noise && peak > 0.0;
    let threshold = (WEAKEST_ARRIVAL * peak).max(LEAST_ARRIVAL * noise);
    let Some(begin) = magnitudes.iter().position(|&magnitude| clear && magnitude >= threshold) else {
        return Err(NoRoundTrip::NoArrival { quality_db: if peak > 0.0 { quality_db } else { 0.0 } });
    };
    magnitudes.truncate(begin + arrival_frames);
    let (offset, _) =
        magnitudes[begin..].iter().enumerate().fold((0, 0.0), |highest: (usize, f32), (place, &magnitude)| {
            if magnitude > highest.1 { (place, magnitude) } else { highest }
        });
    Ok(Arrival { delay_frames: begin + offset, quality_db })
}
