//! The kernels of the decoder, in multiply-adds a second on one core: the shapes of the generator's convolutions, on every
//! set of instructions that this processor has. `cargo bench --bench kernels`.

#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use audio_report::synth::kokoro::kernels::number::{Number, f16};
use audio_report::synth::kokoro::kernels::pack::{PackedConvolution, Shape, offsets, pack, pack_windows};
use audio_report::synth::kokoro::kernels::{
    Activation, BLOCK, Isa, Merge, RowTransform, Rows8, Windows, convolve, merge, multiply_windows, quantize,
    rows_read,
};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Channels, taps and dilation of convolutions of both levels.
const CONVOLUTIONS: [(usize, usize, usize); 5] =
    [(128, 11, 1), (128, 7, 5), (128, 3, 1), (256, 11, 3), (256, 3, 1)];

fn packed(shape: Shape) -> PackedConvolution {
    let bytes = pack(shape, |o, c, k| ((o * 31 + c * 7 + k) % 200) as i8);
    let offsets = offsets(shape, &bytes);
    PackedConvolution::new(shape, bytes.into(), offsets.into(), 0.01, vec![0.0; shape.outputs]).unwrap()
}

fn kernels(criterion: &mut Criterion) {
    for isa in Isa::available() {
        let mut group = criterion.benchmark_group(format!("{isa}"));
        group.sample_size(20);
        for (channels, taps, dilation) in CONVOLUTIONS {
            let convolution = packed(Shape { inputs: channels, outputs: channels, taps });
            let mut input = Rows8::new(rows_read(BLOCK, taps, dilation), channels);
            let mut output = vec![0.0; BLOCK * channels];
            group.throughput(Throughput::Elements((BLOCK * channels * channels * taps) as u64));
            let name = format!("{channels} channels, width {taps}, dilation {dilation}");
            group.bench_function(BenchmarkId::new("convolve", name), |bencher| {
                bencher.iter(|| convolve(isa, &mut input, &convolution, dilation, &mut output));
            });
        }
        let (depth, width) = (512, 768);
        let windows =
            Windows::new(depth, pack_windows(depth, width, |_, _| 0.5).into(), vec![0.0; width]).unwrap();
        let input = vec![0.5; BLOCK * depth];
        let mut output = vec![0.0; BLOCK * width];
        group.throughput(Throughput::Elements((BLOCK * depth * width) as u64));
        group.bench_function("multiply windows (floats)", |bencher| {
            bencher.iter(|| multiply_windows(isa, &input, depth, &windows, &mut output));
        });

        let channels = 128;
        group.throughput(Throughput::Elements((BLOCK * channels) as u64));
        let input = vec![0.3; BLOCK * channels];
        element_wise(&mut group, isa, "floats", &input);
        element_wise(
            &mut group,
            isa,
            "halves",
            &input.iter().copied().map(f16::from_f32).collect::<Vec<_>>(),
        );
        group.finish();
    }
}

/// What is done with numbers on their way in and out.
fn element_wise<T: Number>(group: &mut BenchmarkGroup<WallTime>, isa: Isa, kind: &str, input: &[T]) {
    let channels = input.len() / BLOCK;
    let ones = vec![1.0; channels];
    let activation = Activation::Snake { frequency: &ones, amplitude: &ones };
    let transform = RowTransform { gain: &ones, shift: &ones, activation };
    let mut rows = Rows8::new(BLOCK, channels);
    group.bench_function(format!("normalise, snake, quantize ({kind})"), |bencher| {
        bencher.iter(|| quantize(isa, input, &transform, 1.0, &mut rows, 0));
    });
    let (mut output, mut sums) = (input.to_vec(), vec![0.0; 2 * channels]);
    let (mut fresh, way) = (vec![0.3; input.len()], Merge { residual: Some(input), accumulate: false });
    group.bench_function(format!("merge and measure ({kind})"), |bencher| {
        bencher.iter(|| merge(isa, &mut fresh, way, &mut output, &mut sums));
    });
}

criterion_group!(benches, kernels);
criterion_main!(benches);
