//! Keeps peaks below full scale without a gain that moves. Peaks between the samples are not looked at.

/// Where bending begins: −1 dBFS. Speech of the voices stays below it but for rare peaks.
const KNEE: f32 = 0.891;
/// The ceiling of all samples: −0.1 dBFS, so that rounding and dither can't clip.
const CEILING: f32 = 0.989;

/// The limiter as a stage: takes blocks, in order.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    block: Vec<f32>,
}

impl Limiter {
    /// A block with its peaks below the ceiling.
    pub(crate) fn apply(&mut self, block: &[f32]) -> &[f32] {
        self.block.clear();
        self.block.extend(block.iter().copied().map(limit));
        &self.block
    }
}

/// Bends what is above the knee towards the ceiling (hyperbolic tangent, continuous in value and slope); leaves the
/// rest untouched. A sample that is no number becomes silence.
fn limit(sample: f32) -> f32 {
    let level = sample.abs();
    if level <= KNEE {
        return sample;
    }
    if level.is_nan() {
        return 0.0;
    }
    let room = CEILING - KNEE;
    (KNEE + room * ((level - KNEE) / room).tanh()).copysign(sample)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_samples_pass_and_loud_ones_stay_below_the_ceiling_in_order() {
        let mut last = -2.0;
        for i in -4000..=4000 {
            let x = i as f32 / 1000.0;
            let y = limit(x);
            assert!(y.abs() <= CEILING, "{x} gives {y}");
            assert!(y >= last, "not monotonic at {x}");
            assert!(x.abs() > KNEE || y.to_bits() == x.to_bits(), "{x} was changed to {y}");
            last = y;
        }
        assert!(limit(f32::NAN).abs() < f32::EPSILON);
        assert!(limit(f32::INFINITY) <= CEILING);
    }
}
