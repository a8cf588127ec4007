//! The time axis.

/// Steps between labels in seconds: those that clocks have.
const STEPS: [f64; 18] = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0,
    3_600.0,
];
/// More labels stand too close together.
const MOST_TICKS: f64 = 14.0;

/// Where times lie in the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeAxis {
    /// Pixel of the beginning.
    pub left: i32,
    /// Pixel of the end.
    pub right: i32,
    /// Length of the sound.
    pub seconds: f64,
}

impl TimeAxis {
    /// Pixels from the beginning to the end.
    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }

    /// The pixel of a time.
    pub(super) fn x(self, seconds: f64) -> i32 {
        self.left + (seconds / self.seconds * f64::from(self.width())).round() as i32
    }

    /// The time in the middle of a pixel that lies so far from the beginning.
    pub(super) fn seconds_at(self, offset: i32) -> f64 {
        (f64::from(offset) + 0.5) / f64::from(self.width()) * self.seconds
    }

    /// Whether a time lies within the sound.
    pub(super) fn holds(self, seconds: f64) -> bool {
        (0.0..=self.seconds).contains(&seconds)
    }

    /// The times that are written, and how.
    pub(super) fn ticks(self) -> Vec<(f64, String)> {
        let hours = || (self.seconds / MOST_TICKS / 7_200.0).ceil() * 7_200.0;
        let step = STEPS.into_iter().find(|step| self.seconds / step <= MOST_TICKS).unwrap_or_else(hours);
        let count = (self.seconds / step + 1e-9) as u32;
        let decimals = if step < 0.1 { 2 } else { u8::from(step < 1.0) };
        (0..=count).map(|number| f64::from(number) * step).map(|time| (time, label(time, decimals))).collect()
    }
}

/// `1:02:03`, `0:07.5`
fn label(time: f64, decimals: u8) -> String {
    let scale = 10_f64.powi(i32::from(decimals));
    let units = (time * scale).round();
    let whole = (units / scale).floor();
    let (hours, minutes) = ((whole / 3_600.0).floor(), (whole / 60.0).floor() % 60.0);
    let seconds = units / scale - (whole / 60.0).floor() * 60.0;
    let decimals = usize::from(decimals);
    let width = if decimals == 0 { 2 } else { 3 + decimals };
    if hours > 0.0 {
        format!("{hours}:{minutes:02}:{seconds:0width$.decimals$}")
    } else {
        format!("{minutes}:{seconds:0width$.decimals$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn ticks_are_few_and_read_like_a_clock() {
        let rows = [
            (0.05, "0:00.00", "0:00.05"),
            (5.0, "0:00.0", "0:05.0"),
            (73.2, "0:00", "1:10"),
            (59.99, "0:00", "0:55"),
            (3_600.0, "0:00", "1:00:00"),
            (86_400.0, "0:00", "24:00:00"),
            (1e6, "0:00", "260:00:00"),
        ];
        each(rows, |(seconds, first, last)| {
            let ticks = TimeAxis { left: 10, right: 110, seconds }.ticks();
            assert!((5..=15).contains(&ticks.len()), "{seconds}: {ticks:?}");
            assert_eq!(ticks[0].1, first, "{seconds}");
            assert_eq!(ticks[ticks.len() - 1].1, last, "{seconds}: {ticks:?}");
        });
    }

    #[test]
    fn times_lie_between_the_edges() {
        let axis = TimeAxis { left: 10, right: 110, seconds: 50.0 };
        each([(0.0, 10), (25.0, 60), (50.0, 110)], |(seconds, x)| assert_eq!(axis.x(seconds), x));
        assert!((axis.seconds_at(0) - 0.25).abs() < 1e-9 && (axis.seconds_at(99) - 49.75).abs() < 1e-9);
        assert!(axis.holds(50.0) && !axis.holds(50.1) && !axis.holds(-1.0) && !axis.holds(f64::NAN));
    }
}
