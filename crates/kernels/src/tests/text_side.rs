//! The kernels of the text side.

use proptest::prelude::*;

use super::super::dense::STATE_STEPS;
use super::super::*;
use super::{largest_difference, noise, weight_of};
use crate::pack::{offsets, pack};

fn recurrence(units: usize, weights: &[i8]) -> Recurrence {
    let shape = Recurrence::shape(units);
    let packed = pack(shape, |o, c, _| weights[o * units + c]);
    let offsets = offsets(shape, &packed);
    Recurrence::new(units, packed.into(), offsets.into(), 0.02).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_kernel_multiplies_states_exactly(seed in any::<u64>(), groups in 1_usize..17) {
        let units = groups * 16;
        let weights = weight_of(seed, Recurrence::shape(units), 127.0);
        let recurrence = recurrence(units, &weights);
        let mut next = noise(seed ^ 1);
        let mut state: Vec<i16> = (0..units).map(|_| (next() * STATE_STEPS) as i16).collect();
        // The ends of the range, where a sum could overflow.
        (state[0], state[1]) = (i16::MAX, -i16::MAX);
        for isa in Isa::available() {
            let mut sums = vec![7; 4 * units];
            recur(isa, &recurrence, &state, &mut sums);
            for (sum, weights) in sums.iter().zip(weights.chunks_exact(units)) {
                let products = weights.iter().zip(&state).map(|(weight, x)| i32::from(*weight) * i32::from(*x));
                prop_assert_eq!(*sum, products.sum::<i32>(), "{}", isa);
            }
        }
    }

    #[test]
    fn every_kernel_quantizes_finely_to_the_same_bytes(seed in any::<u64>(), quads in 1_usize..40, size in -3_i32..4) {
        let channels = quads * QUAD;
        let mut next = noise(seed);
        let mut input: Vec<f32> = (0..5 * channels).map(|_| next() * 10_f32.powi(size)).collect();
        input[..channels].fill(0.0);
        let quantized = |isa| {
            let (mut coarse, mut fine) = (Rows8::new(6, channels), Rows8::new(6, channels));
            quantize_fine(isa, &input, channels, &mut coarse, &mut fine);
            (coarse, fine)
        };
        let (coarse, fine) = quantized(Isa::PORTABLE);
        let number = |rows: &Rows8, at: usize| (f32::from(rows.bytes[at]) - 128.0) * rows.scales[at / channels];
        for (at, x) in input.iter().enumerate() {
            let error = (number(&coarse, at) + number(&fine, at) - x).abs();
            prop_assert!(error <= 2e-5 * 10_f32.powi(size), "{} for {}", error, x);
        }
        for isa in Isa::available() {
            let (other, finer) = quantized(isa);
            prop_assert_eq!((&other.bytes, &finer.bytes), (&coarse.bytes, &fine.bytes), "{}", isa);
            prop_assert_eq!((&other.scales, &finer.scales), (&coarse.scales, &fine.scales), "{}", isa);
        }
    }

    #[test]
    fn every_kernel_does_the_work_between_layers_alike(
        seed in any::<u64>(),
        channels in 1_usize..70,
        count in 1_usize..70,
    ) {
        let mut next = noise(seed);
        let mut numbers = |count: usize| -> Vec<f32> { (0..count).map(|_| 4.0 * next()).collect() };
        let rows = 3;
        let (coarse, fine) = (numbers(rows * channels), numbers(rows * channels));
        let (scale, bias) = (numbers(channels), numbers(channels));
        let norm = Normalisation { gain: numbers(channels), shift: numbers(channels), epsilon: 1e-5 };
        let before = numbers(rows * channels);
        let shares = numbers(rows * (count + 3));
        let made = |isa| {
            let mut added = before.clone();
            add_and_normalise(isa, &coarse, &fine, &scale, &bias, &norm, &mut added);
            let mut normal = before.clone();
            normalise(isa, &mut normal, &norm);
            let mut columns = before.clone();
            affine(isa, &coarse, &fine, &scale, &bias, &mut columns);
            let mut bent = coarse.clone();
            gelu(isa, &mut bent, &fine, &scale, &bias);
            let mut peaks = vec![0.0; channels];
            column_peaks(isa, &before, &mut peaks);
            let mut shares = shares.clone();
            softmax(isa, &mut shares, count + 3, count);
            [added, normal, columns, bent, peaks, shares]
        };
        let want = made(Isa::PORTABLE);
        for isa in Isa::available() {
            // Every processor must add in the same order and must not fuse a multiplication with an addition.
            prop_assert_eq!(&made(isa), &want, "{}", isa);
        }
        let columns = coarse.iter().zip(&fine).enumerate().map(|(at, (coarse, fine))| {
            (coarse + fine) * scale[at % channels] + bias[at % channels]
        });
        let columns: Vec<f32> = columns.collect();
        prop_assert!(largest_difference(&want[2], &columns) < 1e-4);
        for (got, x) in want[3].iter().zip(&columns) {
            let x = f64::from(*x);
            let slope = (2.0 / std::f64::consts::PI).sqrt();
            let exact = 0.5 * x * (1.0 + (slope * (x + 0.044_715 * x.powi(3))).tanh());
            prop_assert!((f64::from(*got) - exact).abs() < 2e-5, "GELU of {} is {}", x, got);
        }
    }
}

#[test]
fn a_step_of_an_lstm_is_what_it_is_defined_as() {
    let units = 48;
    let weights = weight_of(5, Recurrence::shape(units), 127.0);
    let recurrence = recurrence(units, &weights);
    let mut next = noise(6);
    let projected: Vec<f32> = (0..4 * units).map(|_| 3.0 * next()).collect();
    let before: Vec<f32> = (0..units).map(|_| next()).collect();
    let old: Vec<f32> = (0..units).map(|_| next()).collect();
    for isa in Isa::available() {
        let mut cell = old.clone();
        let mut state: Vec<i16> = before.iter().map(|x| (x * STATE_STEPS).round() as i16).collect();
        let (mut sums, mut hidden) = (vec![0; 4 * units], vec![0.0; units]);
        recur(isa, &recurrence, &state, &mut sums);
        lstm_gates(isa, &projected, &sums, recurrence.factor(), &mut cell, &mut state, &mut hidden);
        for unit in 0..units {
            let gate = |gate: usize| {
                let row = gate * units + unit;
                let weights = &weights[row * units..(row + 1) * units];
                let products = weights.iter().zip(&before).map(|(w, x)| f64::from(*w) * 0.02 * f64::from(*x));
                f64::from(projected[row]) + products.sum::<f64>()
            };
            let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
            let want_cell = sigmoid(gate(2)) * f64::from(old[unit]) + sigmoid(gate(0)) * gate(3).tanh();
            let want = sigmoid(gate(1)) * want_cell.tanh();
            assert!((f64::from(cell[unit]) - want_cell).abs() < 2e-4, "{isa} cell {unit}");
            assert!((f64::from(hidden[unit]) - want).abs() < 2e-4, "{isa} unit {unit}");
            assert!((f32::from(state[unit]) / STATE_STEPS - hidden[unit]).abs() < 2e-5, "{isa} state {unit}");
        }
    }
}

#[test]
fn a_recurrence_of_another_shape_is_refused() {
    let made = |units: usize, weights: usize, offsets: usize| {
        Recurrence::new(units, vec![0_u8; weights].into(), vec![0_i32; offsets].into(), 1.0).is_some()
    };
    assert!(made(16, 16 * 64, 64));
    for (units, weights, offsets) in
        [(16, 16 * 64, 63), (16, 16 * 63, 64), (20, 20 * 80, 80), (1024, 1024 * 4096, 4096)]
    {
        assert!(!made(units, weights, offsets), "{units} {weights} {offsets}");
    }
}
