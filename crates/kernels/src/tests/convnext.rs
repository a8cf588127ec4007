//! The work of ConvNeXt blocks and of a vocoder. It is one piece of code without fused products, so that all sets of
//! instructions give the same bits.

use super::super::*;
use super::noise;

#[test]
fn a_depthwise_convolution_is_the_sum_it_is_defined_as() {
    let (channels, taps, dilation, rows) = (37, 7, 3, 20);
    let mut next = noise(5);
    let mut numbers = |count: usize| -> Vec<f32> { (0..count).map(|_| next()).collect() };
    let (weights, bias) = (numbers(taps * channels), numbers(channels));
    let input = numbers((rows + (taps - 1) * dilation) * channels);
    let convolution = DepthwiseConvolution::new(weights.clone(), bias.clone()).unwrap();
    assert_eq!((convolution.channels(), convolution.taps()), (channels, taps));
    for isa in Isa::available() {
        let mut made = vec![0.0; rows * channels];
        depthwise(isa, &input, &convolution, dilation, &mut made);
        for (index, made) in made.iter().enumerate() {
            let (row, channel) = (index / channels, index % channels);
            let products = (0..taps).map(|tap| {
                input[(row + tap * dilation) * channels + channel] * weights[tap * channels + channel]
            });
            let want = bias[channel] + products.sum::<f32>();
            assert!((made - want).abs() < 1e-5, "{isa} row {row} channel {channel}");
        }
    }
    assert!(DepthwiseConvolution::new(numbers(5), numbers(2)).is_none());
}

#[test]
#[should_panic(expected = "reads")]
fn a_depthwise_convolution_never_reads_beyond_its_input() {
    let convolution = DepthwiseConvolution::new(vec![0.0; 15], vec![0.0; 5]).unwrap();
    depthwise(Isa::PORTABLE, &[0.0; 20], &convolution, usize::MAX / 2, &mut [0.0; 10]);
}

#[test]
fn rows_are_normalised_bent_and_quantized_alike_by_all() {
    let (channels, rows) = (52, 9);
    let mut next = noise(6);
    let norm = Normalisation {
        gain: (0..channels).map(|_| 1.0 + next()).collect(),
        shift: (0..channels).map(|_| next()).collect(),
        epsilon: 1e-5,
    };
    let input: Vec<f32> = (0..rows * channels).map(|_| 4.0 * next()).collect();
    let made = |isa: Isa| {
        let (mut normalised, mut bent) = (input.clone(), input.clone());
        let (mut bytes, mut bent_bytes) = (Rows8::new(rows, channels), Rows8::new(rows, channels));
        normalise_and_quantize(isa, &mut normalised, &norm, &mut bytes);
        gelu_and_quantize(isa, &mut bent, channels, &mut bent_bytes);
        let mut exact = input.clone();
        gelu_exact(isa, &mut exact);
        assert!(exact == bent, "{isa}");
        for (floats, bytes) in [(&normalised, &bytes), (&bent, &bent_bytes)] {
            for (row, floats) in floats.chunks_exact(channels).enumerate() {
                for (x, byte) in floats.iter().zip(&bytes.bytes[row * channels..]) {
                    let error = (f32::from(*byte) - 128.0) * bytes.scales[row] - x;
                    assert!(error.abs() <= bytes.scales[row] * 0.5001, "{isa}: {x} is {error} away");
                }
            }
        }
        (normalised, bent, bytes.bytes, bent_bytes.bytes)
    };
    let want = made(Isa::PORTABLE);
    for isa in Isa::available() {
        assert!(made(isa) == want, "{isa}");
    }
    // x times the share of the normal distribution below it, for 1 and −1.
    let mut numbers = [1.0, -1.0, 0.0];
    gelu_exact(Isa::PORTABLE, &mut numbers);
    for (made, want) in numbers.iter().zip([0.841_344_8, -0.158_655_2, 0.0]) {
        assert!((made - want).abs() < 8e-6, "{made} for {want}");
    }
}

#[test]
fn all_sets_of_instructions_shape_the_same_spectrum() {
    let bins = 35;
    let mut next = noise(8);
    let mut numbers = |factor: f32| -> Vec<f32> { (0..bins).map(|_| factor * next()).collect() };
    let parts = [numbers(9.0), numbers(3.0), numbers(9.0), numbers(9.0), numbers(30.0)];
    let [harmonic, turn, noise_part, free, phase] = parts.each_ref().map(Vec::as_slice);
    let shaping = Shaping { harmonic, turn, noise: noise_part, free, phase };
    let pulse = Complex { real: numbers(1.0), imaginary: numbers(1.0) };
    let shaped = |isa: Isa, counter: u32, shaping: &Shaping| {
        let mut spectrum = pulse.clone();
        shape_spectrum(isa, shaping, counter, &mut spectrum);
        (spectrum.real, spectrum.imaginary)
    };
    let want = shaped(Isa::PORTABLE, 600, &shaping);
    for isa in Isa::available() {
        assert!(shaped(isa, 600, &shaping) == want, "{isa}");
    }
    // Without noise the numbers are those of the definition.
    let silent = vec![-200.0; bins];
    let (real, imaginary) = shaped(Isa::PORTABLE, 600, &Shaping { noise: &silent, ..shaping });
    for bin in 0..bins {
        let angle = f64::from(turn[bin]).tanh() * std::f64::consts::PI;
        let loud = f64::from(harmonic[bin].min(7.0)).exp();
        let (re, im) = (f64::from(pulse.real[bin]), f64::from(pulse.imaginary[bin]));
        let (sine, cosine) = (loud * angle.sin(), loud * angle.cos());
        let own = f64::from(free[bin].min(7.0)).exp();
        let want = [
            re * cosine - im * sine + own * f64::from(phase[bin]).cos(),
            re * sine + im * cosine + own * f64::from(phase[bin]).sin(),
        ];
        for (made, want) in [real[bin], imaginary[bin]].into_iter().zip(want) {
            assert!((f64::from(made) - want).abs() < 1e-5 * (loud + own) + 1e-6, "{bin}: {made} for {want}");
        }
    }
}
