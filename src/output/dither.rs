//! Float samples to integers with triangular dither (TPDF): the rounding error becomes a constant noise floor of ±1
//! step that is independent of the signal (Lipshitz, Wannamaker and Vanderkooy 1992).

/// Turns samples into integers; the same input gives the same output.
#[derive(Clone, Debug)]
pub(crate) struct Ditherer {
    state: u64,
    scale: f32,
}

impl Ditherer {
    /// A ditherer for integers of `bits` bits, 2 to 24.
    pub(crate) fn new(bits: u16) -> Self {
        // Any odd seed does; the sequence is the same in every file on purpose.
        Self { state: 0x9E37_79B9_7F4A_7C15, scale: (1_i32 << (bits - 1)) as f32 - 1.0 }
    }

    /// One sample within ±1 to an integer; larger values are clipped to full scale.
    pub(crate) fn quantize(&mut self, sample: f32) -> i32 {
        let noise = self.uniform() - self.uniform();
        let exact = f64::from((sample * self.scale + noise).clamp(-self.scale, self.scale));
        // Halves away from zero, as `round` does, which is a slow call where the processor may be of any age.
        (exact + 0.5_f64.copysign(exact)) as i32
    }

    /// Uniform in 0..1 (xorshift64*, Vigna 2016).
    fn uniform(&mut self) -> f32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        (self.state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40) as f32 / (1_u32 << 24) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table_test::each;

    #[test]
    fn the_error_is_small_unbiased_and_triangular() {
        let mut ditherer = Ditherer::new(16);
        let n = 200_000;
        let errors: Vec<f32> = (0..n)
            .map(|i| {
                let sample = (i as f32 * 0.001).sin() * 0.5;
                ditherer.quantize(sample) as f32 - sample * 32_767.0
            })
            .collect();
        let mean = errors.iter().sum::<f32>() / n as f32;
        let variance = errors.iter().map(|e| e * e).sum::<f32>() / n as f32;
        assert!(errors.iter().all(|e| e.abs() <= 1.6));
        assert!(mean.abs() < 0.01, "{mean}");
        // 1/6 of the triangular noise and 1/12 of the rounding.
        assert!((variance - 0.25).abs() < 0.01, "{variance}");
    }

    #[test]
    fn full_scale_never_wraps() {
        each([16, 24], |bits| {
            let mut ditherer = Ditherer::new(bits);
            let full = (1 << (bits - 1)) - 1;
            for _ in 0..1000 {
                assert!(ditherer.quantize(1.5) <= full && ditherer.quantize(-1.5) >= -full);
            }
        });
    }
}
