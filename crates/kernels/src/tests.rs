//! Every kernel against the portable one, and that against sums written down as they are defined.

#![forbid(unsafe_code)]

use proptest::prelude::*;

use super::element::f16;
use super::pack::{LANES, PackedConvolution, Shape, offsets, pack, pack_windows};
use super::*;

mod convnext;
mod text_side;

/// Pseudo-random numbers between −1 and 1 from a seed.
fn noise(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    }
}

/// Weights between −`largest` and `largest`.
fn weight_of(seed: u64, shape: Shape, largest: f32) -> Vec<i8> {
    let mut next = noise(seed);
    (0..shape.inputs * shape.outputs * shape.taps).map(|_| (next() * largest) as i8).collect()
}

fn packed(shape: Shape, weights: &[i8], bias: Vec<f32>) -> PackedConvolution {
    let bytes = pack(shape, |o, c, k| weights[(o * shape.inputs + c) * shape.taps + k]);
    let offsets = offsets(shape, &bytes);
    let gains = (0..shape.outputs).map(|output| 0.01 + 1e-5 * output as f32).collect();
    PackedConvolution::new(shape, bytes.into(), offsets.into(), gains, bias).unwrap()
}

fn quantized(isa: Isa, rows: usize, input: &[f32], shape: Shape, activation: Activation) -> Rows8 {
    let mut next = noise(7);
    let gain: Vec<f32> = (0..shape.inputs).map(|_| 1.0 + next()).collect();
    let shift: Vec<f32> = (0..shape.inputs).map(|_| next()).collect();
    let mut output = Rows8::new(rows, shape.inputs);
    quantize(isa, input, &RowTransform { gain: &gain, shift: &shift, activation }, &mut output, 0);
    output
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_kernel_convolves_like_the_portable_one(
        seed in any::<u64>(),
        inputs in 1_usize..40,
        groups in 1_usize..4,
        taps in 1_usize..12,
        dilation in 1_usize..6,
        tiles in 1_usize..3,
        largest in prop::sample::select(vec![127.0_f32, 64.0, 32.0]),
        peaks in 0_usize..6,
    ) {
        let shape = Shape { inputs, outputs: groups * LANES, taps };
        let rows = tiles * 12;
        let needed = rows_read(rows, taps, dilation);
        let mut next = noise(seed);
        let input: Vec<f32> = (0..needed * inputs).map(|_| next() * 3.0).collect();
        let bias: Vec<f32> = (0..shape.outputs).map(|_| next()).collect();
        let mut weights = weight_of(seed ^ 1, shape, largest);
        for _ in 0..peaks {
            let at = ((next() + 1.0) * 0.5 * weights.len() as f32) as usize % weights.len();
            weights[at] = if next() < 0.0 { -128 } else { 127 };
        }
        let convolution = packed(shape, &weights, bias);
        let mut want = vec![0.0; rows * shape.outputs];
        let mut reference = quantized(Isa::PORTABLE, needed, &input, shape, Activation::Leaky(0.2));
        convolve(Isa::PORTABLE, &mut reference, &convolution, dilation, &mut want);
        for isa in Isa::available() {
            let rows8 = quantized(isa, needed, &input, shape, Activation::Leaky(0.2));
            // A product that is not rounded before a sum may fall on the other side of half a step.
            for (byte, wanted) in rows8.bytes.iter().zip(&reference.bytes) {
                prop_assert!(byte.abs_diff(*wanted) <= 1, "{} quantizes to {} for {}", isa, byte, wanted);
            }
            prop_assert!(largest_difference(&rows8.scales, &reference.scales) < 1e-6);
            let mut got = vec![0.0; rows * shape.outputs];
            convolve(isa, &mut reference, &convolution, dilation, &mut got);
            // The integer sums are equal; only the order of the float additions may differ.
            let largest = want.iter().fold(1.0_f32, |most, x| most.max(x.abs()));
            let difference = largest_difference(&got, &want);
            prop_assert!(difference < 1e-5 * largest, "{} is {} away", isa, difference);
        }
    }

    #[test]
    fn every_kernel_handles_halves_like_the_portable_one(
        seed in any::<u64>(),
        channels in 1_usize..150,
        size in prop::sample::select(vec![1e-6_f32, 1e-3, 1.0, 1e3, 7e4, 1e9]),
        accumulate in any::<bool>(),
        has_residual in any::<bool>(),
    ) {
        let mut next = noise(seed);
        let mut numbers = |size: f32| -> Vec<f32> { (0..3 * channels).map(|_| next() * size).collect() };
        let (fresh, there, residual) = (numbers(size), numbers(1e4), numbers(1e4));
        let halves = |floats: &[f32]| -> Vec<f16> { floats.iter().copied().map(f16::from_f32).collect() };
        let (there, residual) = (halves(&there), halves(&residual));
        let way = Merge { residual: has_residual.then_some(residual.as_slice()), accumulate };
        let merged = |isa: Isa| {
            let (mut output, mut sums) = (there.clone(), vec![0.0; 2 * channels]);
            merge(isa, &mut fresh.clone(), way, &mut output, &mut sums);
            (output, sums)
        };
        let (want, want_sums) = merged(Isa::PORTABLE);
        for (at, half) in want.iter().enumerate() {
            let mut exact = fresh[at];
            if has_residual {
                exact += residual[at].to_f32();
            }
            if accumulate {
                exact += there[at].to_f32();
            }
            let nearest = f16::from_f32(exact.clamp(-65_504.0, 65_504.0));
            prop_assert!(half.is_finite());
            prop_assert_eq!(half.to_bits(), nearest.to_bits());
        }
        let leak = Leak { positive: 0.5, negative: -2.0 };
        let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
        let transform = RowTransform { gain: &ones, shift: &zeros, activation: Activation::Leaky(1.0) };
        let mut want_rows = Rows8::new(3, channels);
        quantize(Isa::PORTABLE, &want, &transform, &mut want_rows, 0);
        for isa in Isa::available() {
            let (got, sums) = merged(isa);
            prop_assert!(got.iter().zip(&want).all(|(got, want)| got.to_bits() == want.to_bits()), "{}", isa);
            for (sum, want) in sums.iter().zip(&want_sums) {
                prop_assert!((sum - want).abs() <= want.abs() * 1e-5 + 1e-5 * size.max(1e4), "{} {} {}", isa, sum, want);
            }
            let mut floats = vec![0.0; got.len()];
            widen(isa, &got, leak, &mut floats);
            for (float, half) in floats.iter().zip(&got) {
                let factor = if half.to_f32() < 0.0 { -2.0 } else { 0.5 };
                prop_assert_eq!(float.to_bits(), (half.to_f32() * factor).to_bits());
            }
            let mut rows = Rows8::new(3, channels);
            quantize(isa, &got, &transform, &mut rows, 0);
            prop_assert_eq!(&rows.scales, &want_rows.scales);
            for (byte, wanted) in rows.bytes.iter().zip(&want_rows.bytes) {
                prop_assert!(byte.abs_diff(*wanted) <= 1, "{} quantizes to {} for {}", isa, byte, wanted);
            }
        }
    }

    #[test]
    fn every_kernel_multiplies_windows_and_merges_like_the_portable_one(
        seed in any::<u64>(),
        depth in 1_usize..70,
        width in 1_usize..50,
        stride in 1_usize..30,
        accumulate in any::<bool>(),
        has_residual in any::<bool>(),
    ) {
        let rows = 12;
        let mut next = noise(seed);
        let input: Vec<f32> = (0..(rows - 1) * stride + depth).map(|_| next()).collect();
        let bias: Vec<f32> = (0..width).map(|_| next()).collect();
        let weights: Vec<f32> = (0..depth * width).map(|_| next()).collect();
        let packed = pack_windows(depth, width, |d, o| weights[d * width + o]);
        let windows = WindowWeights::new(depth, packed.into(), bias.clone()).unwrap();
        let residual: Vec<f32> = (0..rows * windows.width()).map(|_| next()).collect();
        let way = Merge { residual: has_residual.then_some(residual.as_slice()), accumulate };
        for isa in Isa::available() {
            let mut got = vec![0.0; rows * windows.width()];
            multiply_windows(isa, &input, stride, &windows, &mut got);
            let mut merged = vec![0.5; got.len()];
            let mut sums = vec![0.0; 2 * windows.width()];
            merge(isa, &mut got.clone(), way, &mut merged, &mut sums);
            for row in 0..rows {
                for o in 0..width {
                    let products = (0..depth).map(|d| f64::from(input[row * stride + d]) * f64::from(weights[d * width + o]));
                    let want = f64::from(bias[o]) + products.sum::<f64>();
                    let at = row * windows.width() + o;
                    prop_assert!((f64::from(got[at]) - want).abs() < 1e-4, "{} row {} output {}", isa, row, o);
                    let want = got[at]
                        + if has_residual { residual[at] } else { 0.0 }
                        + if accumulate { 0.5 } else { 0.0 };
                    prop_assert!((merged[at] - want).abs() < 1e-5);
                }
            }
            for o in 0..width {
                let column = (0..rows).map(|row| f64::from(merged[row * windows.width() + o]));
                let squares: f64 = column.clone().map(|x| x * x).sum();
                prop_assert!((f64::from(sums[o]) - column.sum::<f64>()).abs() < 1e-3);
                prop_assert!((f64::from(sums[windows.width() + o]) - squares).abs() < 1e-2);
            }
        }
    }
}

#[test]
fn a_convolution_is_the_sum_it_is_defined_as() {
    let shape = Shape { inputs: 7, outputs: 16, taps: 3 };
    let (rows, dilation) = (12, 2);
    let needed = rows_read(rows, shape.taps, dilation);
    let mut next = noise(3);
    let input: Vec<f32> = (0..needed * shape.inputs).map(|_| next()).collect();
    let weights = weight_of(4, shape, 127.0);
    let convolution = packed(shape, &weights, vec![0.25; 16]);
    let mut rows8 = quantized(Isa::PORTABLE, needed, &input, shape, Activation::Leaky(1.0));
    let value = |row: usize, c: usize| (f32::from(rows8.bytes[row * 8 + c]) - 128.0) * rows8.scales[row];
    let want: Vec<f32> = (0..rows * 16)
        .map(|at| {
            let (row, o) = (at / 16, at % 16);
            let mut sum = 0.25;
            for k in 0..3 {
                for c in 0..7 {
                    let weight = f32::from(weights[(o * 7 + c) * 3 + k]) * convolution.gains()[o];
                    sum += value(row + k * dilation, c) * weight;
                }
            }
            sum
        })
        .collect();
    let mut got = vec![0.0; rows * 16];
    convolve(Isa::PORTABLE, &mut rows8, &convolution, dilation, &mut got);
    assert!(largest_difference(&got, &want) < 1e-4);
}

#[cfg(target_arch = "x86_64")]
#[test]
fn as_many_quads_fit_16_bits_as_the_weights_allow() {
    let shape = Shape { inputs: 16, outputs: 16, taps: 1 };
    for (largest, quads) in [(127, 0), (-128, 0), (64, 1), (-64, 1), (32, 2), (-32, 2)] {
        let convolution = packed(shape, &vec![largest; 16 * 16], vec![0.0; 16]);
        assert_eq!(convolution.fit_16().quads, quads, "{largest}");
    }
}

#[test]
fn the_largest_sums_do_not_saturate() {
    let shape = Shape { inputs: 16, outputs: 16, taps: 1 };
    for largest in [127, -128, 64, -64, 32, -32] {
        let convolution = packed(shape, &vec![largest; 16 * 16], vec![0.0; 16]);
        for isa in Isa::available() {
            for byte in [0, 255] {
                let mut rows = Rows8::new(12, shape.inputs);
                rows.bytes.fill(byte);
                rows.scales.fill(1.0);
                let mut got = vec![0.0; 12 * 16];
                convolve(isa, &mut rows, &convolution, 1, &mut got);
                let want = 16.0 * f32::from(largest) * (f32::from(byte) - 128.0);
                let sums = got.iter().zip(convolution.gains()).map(|(sum, gain)| sum / gain);
                assert!(
                    sums.clone().all(|sum| (sum - want).abs() < 0.5),
                    "{isa}, {largest} × {byte}: {}, not {want}",
                    got[0]
                );
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[test]
fn pairs_that_would_saturate_are_exceptions_and_exact() {
    let shape = Shape { inputs: 64, outputs: 32, taps: 2 };
    let mut weights = vec![1_i8; 64 * 32 * 2];
    // Pairs of neighbours: the inputs 6 and 7 of output 20, tap 1; 60 and 61 of output 3, tap 0; -128 alone.
    let at = |o: usize, c: usize, k: usize| (o * shape.inputs + c) * shape.taps + k;
    for (place, weight) in
        [(at(20, 6, 1), 127), (at(20, 7, 1), 127), (at(3, 60, 0), -128), (at(3, 61, 0), -1)]
    {
        weights[place] = weight;
    }
    let convolution = packed(shape, &weights, vec![0.0; 32]);
    let fit = convolution.fit_16();
    let exception = |step, is_wide| vec![pack::Exception { step, is_wide }];
    let want = [exception(7, [false, true]), vec![], vec![], exception(0, [false, true])];
    assert_eq!((fit.quads, &fit.exceptions[..]), (2, &want[..]));
    for byte in [0, 255] {
        let mut rows = Rows8::new(rows_read(12, 2, 1), shape.inputs);
        rows.bytes.fill(byte);
        rows.scales.fill(1.0);
        for isa in Isa::available() {
            let mut got = vec![0.0; 12 * 32];
            convolve(isa, &mut rows, &convolution, 1, &mut got);
            for (index, (got, gain)) in got.iter().zip(convolution.gains().iter().cycle()).enumerate() {
                let sum: i32 = (0..64)
                    .flat_map(|c| [at(index % 32, c, 0), at(index % 32, c, 1)])
                    .map(|at| i32::from(weights[at]))
                    .sum();
                let want = sum as f32 * (f32::from(byte) - 128.0);
                assert!((got / gain - want).abs() < 0.5, "{isa}, output {}: {}", index % 32, got / gain);
            }
        }
    }
}

#[test]
fn rows_are_quantized_within_half_a_step_and_snakes_bend_them() {
    let channels = 37;
    let mut next = noise(11);
    let frequency: Vec<f32> = (0..channels).map(|_| 1.5 + next()).collect();
    let amplitude: Vec<f32> = frequency.iter().map(|f| 1.0 / (f * std::f32::consts::PI)).collect();
    let (gain, shift) = (vec![2.0; channels], vec![-0.5; channels]);
    let input: Vec<f32> = (0..3 * channels).map(|_| next() * 20.0).collect();
    for isa in Isa::available() {
        let mut rows = Rows8::new(4, channels);
        let activation = Activation::Snake { frequency: &frequency, amplitude: &amplitude };
        let transform = RowTransform { gain: &gain, shift: &shift, activation };
        quantize(isa, &input, &transform, &mut rows, 1);
        assert!(rows.bytes[..40].iter().all(|byte| *byte == ZERO), "the row before is untouched");
        for (row, input) in input.chunks_exact(channels).enumerate() {
            let scale = rows.scales[row + 1];
            for (c, x) in input.iter().enumerate() {
                let x = f64::from(*x) * 2.0 - 0.5;
                let sine = (x * f64::from(frequency[c]) * std::f64::consts::PI).sin();
                let want = x + f64::from(amplitude[c]) * sine * sine;
                let got = (f32::from(rows.bytes[(row + 1) * 40 + c]) - 128.0) * scale;
                let error = (f64::from(got) - want).abs();
                assert!(
                    error <= f64::from(scale) * 0.501 + 2e-4,
                    "{isa} row {row} channel {c}: {got} for {want}"
                );
            }
        }
    }
}

#[test]
fn a_silent_row_stays_silent() {
    let (gain, shift) = ([1.0; 8], [0.0; 8]);
    let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(0.1) };
    for isa in Isa::available() {
        let mut rows = Rows8::new(1, 8);
        quantize(isa, &[0.0; 8], &transform, &mut rows, 0);
        assert_eq!((rows.bytes.as_slice(), rows.scales[0]), (&[ZERO; 8][..], 0.0), "{isa}");
    }
}

/// Release builds wrap where debug builds panic: a wrapped bound would let a kernel read anywhere.
#[test]
fn bounds_that_no_memory_reaches_are_refused() {
    let shape = Shape { inputs: 4, outputs: LANES, taps: 3 };
    let weights = weight_of(1, shape, 10.0);
    let convolution = packed(shape, &weights, vec![0.0; LANES]);
    let windows = WindowWeights::new(1, vec![1.0; LANES].into(), vec![0.0; LANES]).unwrap();
    let two_rows = || vec![0.0; 2 * LANES];
    let mut failed = Vec::new();
    let mut refuses = |name: &str, call: &dyn Fn()| {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_ok() {
            failed.push(name.to_string());
        }
    };
    let half = usize::MAX / 2 + 1;
    refuses("dilation", &|| {
        convolve(Isa::PORTABLE, &mut Rows8::new(2, 4), &convolution, half, &mut two_rows());
    });
    refuses("stride", &|| {
        multiply_windows(Isa::PORTABLE, &[0.0], usize::MAX, &windows, &mut two_rows());
    });
    refuses("rows", &|| drop(Rows8::new(half, 4)));
    refuses("rows that are resized", &|| Rows8::default().resize(half, 4));
    for taps in [0, half] {
        let shape = Shape { inputs: 4, outputs: LANES, taps };
        let numbers = Vec::<u8>::new();
        let made = PackedConvolution::new(
            shape,
            numbers.into(),
            Vec::new().into(),
            vec![1.0; LANES],
            vec![0.0; LANES],
        );
        if made.is_some() {
            failed.push(format!("{taps} taps"));
        }
    }
    assert!(failed.is_empty(), "not refused: {failed:?}");
}
