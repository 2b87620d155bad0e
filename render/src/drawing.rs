//! What the draw passes share, for who draws without a GPU: the functions of `picture.wgsl` by the same names.

use crate::layout::{COLORS, FLOOR, View};

impl View {
    /// Pixels from the lower edge of the pane to the level of a power; below 0 or above the pane if it is out of the range.
    #[must_use]
    pub fn height(&self, power: f32) -> f32 {
        self.share_of_range(10.0 * power.max(FLOOR).log10()) * self.size_px[1]
    }

    /// From 0 at the lower edge's level to 1 at the upper one's.
    #[must_use]
    pub fn share_of_range(&self, level: f32) -> f32 {
        (level - self.minimum_db) / (self.maximum_db - self.minimum_db)
    }

    /// A waterfall's colour of a level: red, green, blue and alpha from 0 to 1.
    #[must_use]
    pub fn color(&self, level: f32) -> [f32; 4] {
        let place = self.share_of_range(level).clamp(0.0, 1.0) * (COLORS - 1) as f32;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to COLORS − 1")]
        let below = (place as usize).min(COLORS - 2);
        let [low, high] = [self.colors[below], self.colors[below + 1]];
        core::array::from_fn(|part| low[part] + (place - below as f32) * (high[part] - low[part]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color_map::colors;

    fn view() -> View {
        View { size_px: [100.0, 90.0], minimum_db: -90.0, maximum_db: -30.0, colors: colors(), ..View::default() }
    }

    #[test]
    fn heights_go_with_the_level() {
        for (power, height) in [(1e-9, 0.0), (1e-6, 45.0), (1e-3, 90.0), (1.0, 135.0), (0.0, -315.0)] {
            assert!((view().height(power) - height).abs() < 1e-3, "{power}: {}", view().height(power));
        }
    }

    #[test]
    fn colours_go_from_the_first_to_the_last_one_in_straight_lines() {
        let map = colors();
        assert_eq!([-200.0, -90.0, -30.0, 20.0].map(|level| view().color(level)), [map[0], map[0], map[8], map[8]]);
        let middle = view().color(-90.0 + 60.0 * 2.5 / 8.0);
        for part in 0..4 {
            assert!((middle[part] - 0.5 * (map[2][part] + map[3][part])).abs() < 1e-5, "{middle:?}");
        }
    }
}
