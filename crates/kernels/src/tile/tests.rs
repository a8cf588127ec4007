//! Tiles against the convolution as it is defined, in 64-bit floats.

#![forbid(unsafe_code)]

use proptest::prelude::*;

use super::filters::{are_there_for, pack};
use super::rows::transform_rows;
use super::*;
use crate::{Activation, RowTransform};

/// A convolution and what goes into it.
struct Case {
    shape: Shape,
    dilation: usize,
    rows: usize,
    input: Vec<f32>,
    weights: Vec<f32>,
}

/// Pseudo-random numbers from −1 to 1.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

impl Case {
    fn random(channels: usize, taps: usize, dilation: usize, groups: usize) -> Self {
        let shape = Shape { inputs: channels, outputs: 32, taps };
        let rows = groups * kind_for(taps).unwrap().rows * dilation;
        let read = crate::rows_read(rows, taps, dilation);
        let (input, weights) = (noise(read * channels, 7), noise(shape.outputs * channels * taps, 11));
        Self { shape, dilation, rows, input, weights }
    }

    fn weight(&self, output: usize, input: usize, tap: usize) -> f32 {
        self.weights[(output * self.shape.inputs + input) * self.shape.taps + tap]
    }

    /// The sum of `share(x, weight)` for every output of every row.
    fn sums(&self, share: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let Shape { inputs, outputs, taps } = self.shape;
        let at = |row: usize, output: usize| {
            let terms = (0..taps).flat_map(|tap| (0..inputs).map(move |input| (tap, input)));
            let products = terms.map(|(tap, input)| {
                let x = self.input[(row + tap * self.dilation) * inputs + input];
                share(f64::from(x), f64::from(self.weight(output, input, tap)))
            });
            products.sum::<f64>()
        };
        (0..self.rows * outputs).map(|index| at(index / outputs, index % outputs)).collect()
    }

    fn directly(&self) -> Vec<f64> {
        let sums = self.sums(|x, weight| x * weight).into_iter().enumerate();
        sums.map(|(index, sum)| sum + f64::from(bias(index % self.shape.outputs))).collect()
    }

    fn by_tiles(&self, isa: Isa) -> Vec<f32> {
        let Shape { inputs, outputs, .. } = self.shape;
        let (packed, gains) = pack(self.shape, |o, c, k| self.weight(o, c, k));
        let biases = (0..outputs).map(bias).collect();
        let convolution = TiledConvolution::new(self.shape, packed.into(), gains, biases).unwrap();
        let mut rows = FloatRows::new(self.input.len() / inputs, inputs);
        let (gain, shift) = (vec![1.0; inputs], vec![0.0; inputs]);
        let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(1.0) };
        transform_rows(isa, &self.input, &transform, &mut rows, 0);
        let mut output = vec![f32::NAN; self.rows * outputs];
        convolve(isa, &rows, &convolution, self.dilation, &mut Scratch::default(), &mut output);
        output
    }
}

fn bias(output: usize) -> f32 {
    output as f32 * 0.25
}

/// The power of `want` over that of the difference, in decibels.
fn distance(want: &[f64], made: &[f32]) -> f64 {
    let power: f64 = want.iter().map(|x| x * x).sum();
    let error: f64 = want.iter().zip(made).map(|(x, y)| (x - f64::from(*y)).powi(2)).sum();
    10.0 * (power / error).log10()
}

/// Decibels that the products of 16 bits reach. With 256 channels noise of rounding is 76 dB below; the transforms of seven taps amplify
/// it by 21 dB, those of three by 13, those of eleven by 3. More channels share the same norm.
fn wanted(taps: usize, channels: usize) -> f64 {
    let with_256 = match taps {
        2 => 69.0,
        3 => 60.0,
        7 => 53.0,
        _ => 71.0,
    };
    with_256 - 10.0 * (channels as f64 / 256.0).log10().max(0.0)
}

#[test]
fn tiles_are_the_convolution_itself() {
    let cases = [
        (16, 2, 1, 1),
        (256, 2, 1, 25),
        (16, 3, 1, 1),
        (64, 3, 2, 13),
        (128, 3, 1, 25),
        (16, 7, 1, 1),
        (128, 7, 5, 1),
        (256, 7, 3, 9),
        (16, 11, 1, 1),
        (48, 11, 3, 2),
        (128, 11, 1, 13),
        (256, 11, 5, 2),
        (20, 3, 1, 1),
        (1090, 3, 1, 2),
        (1152, 7, 1, 1),
    ];
    let mut wrong = String::new();
    for (channels, taps, dilation, groups) in cases {
        let case = Case::random(channels, taps, dilation, groups);
        let want = case.directly();
        for isa in Isa::available() {
            let decibels = distance(&want, &case.by_tiles(isa));
            if decibels < wanted(taps, channels) || decibels.is_nan() {
                wrong += &format!(
                    "{isa}: {channels} channels, {taps} taps, dilation {dilation}: {decibels:.1} dB\n"
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn silence_gives_the_bias_alone() {
    for taps in [2, 3, 7, 11] {
        let mut case = Case::random(32, taps, 2, 1);
        case.input.fill(0.0);
        for isa in Isa::available() {
            let made = case.by_tiles(isa);
            assert!(
                (0..made.len()).all(|at| made[at].to_bits() == bias(at % 32).to_bits()),
                "{isa}, {taps} taps"
            );
        }
    }
}

#[test]
fn there_are_tiles_for_some_shapes_only() {
    let table = [
        ((128, 128, 11), true),
        ((256, 32, 7), true),
        ((16, 64, 3), true),
        ((128, 128, 5), false),
        ((128, 16, 11), false),
        ((24, 32, 11), true),
        ((1090, 512, 3), true),
        ((1153, 32, 11), false),
    ];
    for ((inputs, outputs, taps), want) in table {
        let shape = Shape { inputs, outputs, taps };
        assert_eq!(are_there_for(shape), want, "{shape:?}");
        assert!(
            want || TiledConvolution::new(shape, vec![0; 64].into(), vec![1.0; outputs], vec![]).is_none()
        );
        assert!(!pay(Isa::fastest().directly(), shape), "{shape:?}");
    }
}

/// Numbers that try to make sums overflow.
fn adversarial(kind: usize, case: &Case) -> Vec<f32> {
    let (count, inputs) = (case.input.len(), case.shape.inputs);
    match kind {
        0 => vec![1.0; count],
        1 => (0..count).map(|at| if at % 7919 == 0 { 1e9 } else { 1e-9 }).collect(),
        2 => (0..count).map(|at| if at / inputs % 2 == 0 { 3e4 } else { -3e4 }).collect(),
        // One channel alone.
        3 => (0..count).map(|at| if at % inputs == 3 { 5.0 } else { 0.0 }).collect(),
        // The filters themselves.
        4 => (0..count).map(|at| case.weights[at % case.weights.len()]).collect(),
        5 => (0..count).map(|at| if at / inputs == 40 { 1e6 } else { 0.0 }).collect(),
        _ => case.input.iter().map(|x| x.powi(9) * 1e12).collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The error of a row is bounded by the norms of its tile and of the filter: a sum that wrapped around would be as large as these.
    #[test]
    fn no_sum_overflows_whatever_goes_in(
        kind in 0_usize..7,
        taps in prop::sample::select(vec![2_usize, 3, 7, 11]),
        lines in 1_usize..17,
        dilation in 1_usize..4,
        is_flat in any::<bool>(),
    ) {
        let mut case = Case::random(lines * 16, taps, dilation, 2);
        if is_flat {
            case.weights.fill(0.37);
        }
        case.input = adversarial(kind, &case);
        let want = case.directly();
        let norm = |numbers: &[f32]| numbers.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt();
        let filters = case.weights.chunks_exact(case.shape.inputs * taps).map(norm).fold(0.0, f64::max);
        let bound = 0.02 * norm(&case.input) * filters + 1e-5 * want.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        for isa in Isa::available() {
            let made = case.by_tiles(isa);
            let most = want.iter().zip(&made).fold(0.0_f64, |most, (x, y)| most.max((x - f64::from(*y)).abs()));
            prop_assert!(most <= bound, "{isa}: {most:e} of {bound:e}");
        }
    }

    #[test]
    fn packed_filters_stay_within_their_norm(seed in any::<u32>(), taps in prop::sample::select(vec![2_usize, 3, 7, 11])) {
        let shape = Shape { inputs: 32, outputs: 32, taps };
        let weights = noise(32 * 32 * taps, seed);
        let (packed, _) = pack(shape, |o, c, k| weights[(o * 32 + c) * taps + k].powi(5));
        for panel in packed.chunks_exact(32 * LANES) {
            for output in 0..LANES {
                let squares = panel.as_chunks::<{ 2 * LANES }>().0.iter().map(|pairs| {
                    pairs[2 * output..][..2].iter().map(|x| f64::from(*x).powi(2)).sum::<f64>()
                });
                prop_assert!(squares.sum::<f64>().sqrt() <= 65_000.0 + 3.0);
            }
        }
    }
}
