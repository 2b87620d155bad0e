//! Underruns of the device, as the browser counts them in `AudioContext.playbackStats`.

use crate::since::Since;

/// One reading: sums since the context was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceReading {
    /// `underrunEvents`.
    pub events: f64,
    /// `underrunDuration` in ms.
    pub duration_ms: f64,
    /// `totalDuration` in ms, played or not; not every browser that counts tells it.
    pub total_ms: Option<f64>,
}

/// What the browser counted since the first reading or the last reset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Device {
    events: Option<Since>,
    duration_ms: Option<Since>,
    total_ms: Option<Since>,
}

impl Device {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a reading.
    pub fn read(&mut self, reading: DeviceReading) {
        let grow = |since: &mut Option<Since>, value: f64| {
            since.get_or_insert_with(|| Since::from_now(value)).read(value);
        };
        grow(&mut self.events, reading.events);
        grow(&mut self.duration_ms, reading.duration_ms);
        if let Some(total_ms) = reading.total_ms {
            grow(&mut self.total_ms, total_ms);
        }
    }

    /// How often the device had nothing to play.
    #[must_use]
    pub fn underruns(&self) -> Option<f64> {
        self.events?.since()
    }

    /// For how long.
    #[must_use]
    pub fn lost_ms(&self) -> Option<f64> {
        self.duration_ms?.since()
    }

    /// That, of all the time; `None` before any has passed.
    #[must_use]
    pub fn lost_share(&self) -> Option<f64> {
        let total_ms = self.total_ms?.since().filter(|&ms| ms > 0.0)?;
        Some((self.lost_ms()? / total_ms).min(1.0))
    }

    /// Counts from the last reading on.
    pub fn reset(&mut self) {
        [&mut self.events, &mut self.duration_ms, &mut self.total_ms].into_iter().flatten().for_each(Since::reset);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(events: f64, duration_ms: f64, total_ms: f64) -> DeviceReading {
        DeviceReading { events, duration_ms, total_ms: Some(total_ms) }
    }

    fn told(device: &Device) -> [Option<f64>; 3] {
        [device.underruns(), device.lost_ms(), device.lost_share()]
    }

    #[test]
    fn sums_are_shown_since_the_first_reading_and_the_reset() {
        let mut device = Device::new();
        assert_eq!(told(&device), [None; 3]);
        device.read(reading(1.0, 10.0, 500.0));
        assert_eq!(told(&device), [Some(0.0), Some(0.0), None], "it was so before");
        device.read(reading(2.0, 40.0, 1500.0));
        assert_eq!(told(&device), [Some(1.0), Some(30.0), Some(0.03)]);
        device.reset();
        assert_eq!(told(&device), [Some(0.0), Some(0.0), None]);
        device.read(reading(2.0, 40.0, 2000.0));
        assert_eq!(told(&device), [Some(0.0), Some(0.0), Some(0.0)]);
        // One that goes on grows in length alone.
        device.read(reading(2.0, 90.0, 2000.0));
        assert_eq!(told(&device), [Some(0.0), Some(50.0), Some(0.1)]);
        device.read(reading(3.0, 140.0, 3500.0));
        assert_eq!(told(&device), [Some(1.0), Some(100.0), Some(0.05)]);
    }

    #[test]
    fn a_share_of_what_the_browser_does_not_tell_stays_unknown() {
        let mut device = Device::new();
        for ms in [5.0, 8.0] {
            device.read(DeviceReading { events: 0.0, duration_ms: ms, total_ms: None });
        }
        assert_eq!(told(&device), [Some(0.0), Some(3.0), None]);
    }
}
