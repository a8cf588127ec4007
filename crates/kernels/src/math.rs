//! Elementary functions as polynomials, without branches: a loop over them becomes a loop over vectors for each processor that
//! it is compiled for. The bounds of their errors are tested.

#![forbid(unsafe_code)]
#![allow(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of the caller"
)]

use std::f32::consts::{FRAC_PI_2, LN_2, LOG2_E};

/// 1.5 × 2²³: adding it rounds a float to an integer.
pub(super) const ROUND: f32 = 12_582_912.0;

/// Exponents are limited to this, so that a power of e stays within the range of a float.
const MOST: f32 = 87.0;

/// Taylor coefficients of 2ˣ: powers of ln 2 over factorials. Off by 1.2 × 10⁻⁷ at ±0.5.
const POWER: [f32; 6] = [LN_2, 0.240_226_5, 0.055_504_11, 0.009_618_129, 0.001_333_355_8, 0.000_154_035_3];

/// eˣ, to 2 × 10⁻⁷ of itself and one step of `x`.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    let x = if x > MOST { MOST } else { x };
    let x = if x < -MOST { -MOST } else { x };
    let turns = x * LOG2_E;
    let rounded = turns + ROUND;
    let f = turns - (rounded - ROUND);
    let [first, second, third, fourth, fifth, sixth] = POWER;
    let power = (((((sixth * f + fifth) * f + fourth) * f + third) * f + second) * f + first) * f + 1.0;
    // The low bits of `rounded` are the whole number, which belongs into the exponent.
    f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 23))
}

/// The logistic function, to 3 × 10⁻⁷.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent, to 5 × 10⁻⁷.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// Coefficients of t, t² … t⁵ for Mills' ratio of the normal distribution over √(2π): its share below −x over exp(−x² / 2), where t
/// is 1 / (1 + [`MILLS_SLOPE`] x). Least squares, weighted again and again until the largest relative error was least.
const MILLS: [f32; 5] = [0.146_919_73, 0.157_375_9, 0.076_140_404, 0.209_930_54, -0.090_350_98];
const MILLS_SLOPE: f32 = 0.37;

/// Coefficients of 1, f, f² … f⁴ for 2 to the power of f on ±0.5, made in the same way. Off by 2.6 × 10⁻⁶.
const SHORT_POWER: [f32; 5] = [0.999_999_3, 0.693_121_8, 0.240_247_46, 0.055_917_863, 0.009_570_051];

/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016): `x` times the share of the normal distribution below `x`. To
/// 4 × 10⁻⁵ of itself where `x` is negative, and of its distance from `x` elsewhere: rows in which all numbers are small
/// are quantized as well as others.
#[inline(always)]
pub(super) fn gelu(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + MILLS_SLOPE * size);
    let [first, second, third, fourth, fifth] = MILLS;
    let ratio = ((((fifth * t + fourth) * t + third) * t + second) * t + first) * t;
    let exponent = size * size * (-0.5 * LOG2_E);
    let exponent = if exponent < -126.0 { -126.0 } else { exponent };
    let rounded = exponent + ROUND;
    let f = exponent - (rounded - ROUND);
    let [zeroth, first, second, third, fourth] = SHORT_POWER;
    let power = (((fourth * f + third) * f + second) * f + first) * f + zeroth;
    let power = f32::from_bits(power.to_bits().wrapping_add(rounded.to_bits() << 23));
    (if x > 0.0 { x } else { 0.0 }) - size * (ratio * power)
}

/// Taylor coefficients of sin and cos of a quarter turn times f: powers of π/2 over factorials. Off by 3.2 × 10⁻⁷ at ±0.5.
const SINE: [f32; 4] = [FRAC_PI_2, -0.645_964_1, 0.079_692_63, -0.004_681_754];
const COSINE: [f32; 5] = [1.0, -1.233_700_5, 0.253_669_5, -0.020_863_48, 0.000_919_260_26];

/// Sine and cosine of an angle in turns, to 5 × 10⁻⁷ and one step of `turns` (below 10⁶).
#[inline(always)]
pub(super) fn sine_and_cosine(turns: f32) -> (f32, f32) {
    let quarters = turns * 4.0;
    let rounded = quarters + ROUND;
    let f = quarters - (rounded - ROUND);
    let square = f * f;
    let [first, second, third, fourth] = SINE;
    let sine = (((fourth * square + third) * square + second) * square + first) * f;
    let [zeroth, first, second, third, fourth] = COSINE;
    let cosine = (((fourth * square + third) * square + second) * square + first) * square + zeroth;
    // The low bits of `rounded` count the quarters; an odd one swaps the two.
    let quarter = rounded.to_bits();
    let swap = (quarter & 1).wrapping_neg();
    let (sine, cosine) = (sine.to_bits(), cosine.to_bits());
    let (a, b) = ((sine & !swap) | (cosine & swap), (cosine & !swap) | (sine & swap));
    let (sine_sign, cosine_sign) = ((quarter & 2) << 30, (quarter.wrapping_add(1) & 2) << 30);
    (f32::from_bits(a ^ sine_sign), f32::from_bits(b ^ cosine_sign))
}

/// The bits of 1.
const ONE: u32 = 0x3f80_0000;

/// The natural logarithm of a positive normal number, to 2 × 10⁻⁷ of itself and 10⁻⁷.
#[inline(always)]
pub(super) fn ln(x: f32) -> f32 {
    // The mantissa lies between √½ and √2.
    let shifted = x.to_bits().wrapping_add(ONE - std::f32::consts::FRAC_1_SQRT_2.to_bits());
    let exponent = (shifted >> 23).cast_signed() - 127;
    let mantissa = f32::from_bits(x.to_bits().wrapping_sub((exponent.cast_unsigned()) << 23));
    // 2 artanh s.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let series = ((square / 7.0 + 0.2) * square + 1.0 / 3.0) * square + 1.0;
    exponent as f32 * LN_2 + 2.0 * s * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_and_functions_made_of_them_are_right() {
        for step in -4000..=4000 {
            let x = step as f32 / 50.0;
            let want = f64::from(x).exp();
            assert!((f64::from(exp(x)) / want - 1.0).abs() < 6e-6, "exp({x}) = {}", exp(x));
            let want = 1.0 / (1.0 + f64::from(-x).exp());
            assert!((f64::from(sigmoid(x)) - want).abs() < 3e-7, "sigmoid({x})");
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 5e-7, "tanh({x})");
        }
        assert!(exp(-1e9) > 0.0 && exp(1e9).is_finite());
    }

    #[test]
    fn the_unit_is_exact_in_its_tail_too() {
        // x × the share of the normal distribution below x, by the tables of Abramowitz and Stegun, 26.1 and 26.2.
        let known = [
            (-8.0, -4.976_77e-15),
            (-5.0, -1.433_26e-6),
            (-4.0, -1.266_85e-4),
            (-3.0, -4.049_694e-3),
            (-2.0, -4.550_026e-2),
            (-1.0, -0.158_655_25),
            (-0.5, -0.154_268_77),
            (-0.1, -0.046_017_216),
            (0.0, 0.0),
        ];
        for (x, want) in known {
            assert!((gelu(x) - want).abs() <= 4.1e-5 * want.abs(), "{x}: {} for {want}", gelu(x));
            assert!(
                (gelu(-x) - (want - x)).abs() <= 4.1e-5 * want.abs() + 2e-7 * x.abs(),
                "{}: {}",
                -x,
                gelu(-x)
            );
        }
        assert!(gelu(-1e9).abs() < 1e-25 && (gelu(1e9) / 1e9 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn sines_and_cosines_are_right_in_all_quarters() {
        for step in -40_000..=40_000 {
            let turns = step as f32 / 1000.0;
            let angle = f64::from(turns) * std::f64::consts::TAU;
            let (sine, cosine) = sine_and_cosine(turns);
            assert!((f64::from(sine) - angle.sin()).abs() < 6e-7, "sine of {turns} turns is {sine}");
            assert!((f64::from(cosine) - angle.cos()).abs() < 6e-7, "cosine of {turns} turns is {cosine}");
        }
    }

    #[test]
    fn logarithms_are_right() {
        for step in 1..200_000 {
            let x = step as f32 / 1000.0;
            for x in [x, x * 1e-6, x * 1e6, 1.0 / x] {
                let want = f64::from(x).ln();
                assert!((f64::from(ln(x)) - want).abs() < 2e-7 * want.abs() + 1e-7, "ln({x}) = {}", ln(x));
            }
        }
        assert!((ln(std::f32::consts::SQRT_2) - LN_2 / 2.0).abs() < 1e-7);
    }
}
