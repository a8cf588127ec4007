//! The kernels, in multiply-adds a second on one core: the shapes of the generator's convolutions and of the text side's layers, on
//! every set of instructions that this processor has. `cargo bench --bench kernels`.

#![forbid(unsafe_code)]
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use audio_report_kernels::element::{Element, f16};
use audio_report_kernels::pack::{PackedConvolution, Shape, offsets, pack, pack_windows};
use audio_report_kernels::tile::filters::{self, TiledConvolution};
use audio_report_kernels::tile::rows::{FloatRows, transform_rows};
use audio_report_kernels::tile::{self, Scratch};
use audio_report_kernels::{
    Activation, BLOCK, Isa, Merge, Normalisation, Recurrence, RowTransform, Rows8, WindowWeights,
    add_and_normalise, convolve, gelu, lstm_gates, merge, multiply_windows, quantize, quantize_fine, recur,
    rows_read, softmax,
};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Inputs, outputs, taps and dilation: of convolutions of both levels, of decode blocks, and of the upsamplings.
const CONVOLUTIONS: [(usize, usize, usize, usize); 11] = [
    (128, 128, 11, 1),
    (128, 128, 11, 5),
    (128, 128, 7, 5),
    (128, 128, 3, 1),
    (256, 256, 11, 3),
    (256, 256, 7, 1),
    (256, 256, 3, 1),
    (514, 1024, 3, 1),
    (1090, 512, 3, 1),
    (512, 2560, 2, 1),
    (256, 768, 2, 1),
];
/// Rows of a level of the generator in some seconds of sound.
const LEVEL_ROWS: usize = 24_000;

/// Weights as small as those of the export, which AVX2 can exploit. Those of upsamplings have a scale an output, and are larger.
fn packed(shape: Shape) -> PackedConvolution {
    let largest = if shape.taps == 2 { 127 } else { 30 };
    let bytes = pack(shape, |o, c, k| ((o * 31 + c * 7 + k) % (2 * largest)) as i8 - largest as i8);
    let offsets = offsets(shape, &bytes);
    PackedConvolution::new(
        shape,
        bytes.into(),
        offsets.into(),
        vec![0.01; shape.outputs],
        vec![0.0; shape.outputs],
    )
    .unwrap()
}

fn kernels(criterion: &mut Criterion) {
    for isa in Isa::available() {
        let mut group = criterion.benchmark_group(format!("{isa}"));
        group.sample_size(20);
        for (inputs, outputs, taps, dilation) in CONVOLUTIONS {
            let shape = Shape { inputs, outputs, taps };
            let name = format!("{inputs} to {outputs} channels, width {taps}, dilation {dilation}");
            tiles(&mut group, isa, shape, dilation, &name);
            let convolution = packed(shape);
            let mut input = Rows8::new(rows_read(BLOCK, taps, dilation), inputs);
            let mut output = vec![0.0; BLOCK * outputs];
            group.throughput(Throughput::Elements((BLOCK * inputs * outputs * taps) as u64));
            group.bench_function(BenchmarkId::new("convolve", name), |bencher| {
                bencher.iter(|| convolve(isa, &mut input, &convolution, dilation, &mut output));
            });
        }
        let (depth, width) = (512, 768);
        let windows =
            WindowWeights::new(depth, pack_windows(depth, width, |_, _| 0.5).into(), vec![0.0; width])
                .unwrap();
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
        text_side(criterion, isa);
    }
}

/// A convolution by tiles: transforms, quantizing and products, in multiply-adds of the convolution itself.
fn tiles(group: &mut BenchmarkGroup<WallTime>, isa: Isa, shape: Shape, dilation: usize, name: &str) {
    let (packed, gains) = filters::pack(shape, |o, c, k| ((o * 31 + c * 7 + k) % 60) as f32 - 30.0);
    let convolution = TiledConvolution::new(shape, packed.into(), gains, vec![0.0; shape.outputs]).unwrap();
    let block = convolution.block_rows(dilation, LEVEL_ROWS);
    let mut rows = FloatRows::new(rows_read(block, shape.taps, dilation), shape.inputs);
    let (gain, shift) = (vec![1.0; shape.inputs], vec![0.1; shape.inputs]);
    let transform = RowTransform { gain: &gain, shift: &shift, activation: Activation::Leaky(0.5) };
    let input: Vec<f32> = (0..block * shape.inputs).map(|at| (at * 37 % 101) as f32 - 50.0).collect();
    transform_rows(isa, &input, &transform, &mut rows, 0);
    let (mut scratch, mut output) = (Scratch::default(), vec![0.0; block * shape.outputs]);
    group.throughput(Throughput::Elements((block * shape.inputs * shape.outputs * shape.taps) as u64));
    group.bench_function(BenchmarkId::new("convolve by tiles", name), |bencher| {
        bencher.iter(|| tile::convolve(isa, &rows, &convolution, dilation, &mut scratch, &mut output));
    });
}

/// The shapes of ALBERT and of the LSTMs.
fn text_side(criterion: &mut Criterion, isa: Isa) {
    let mut group = criterion.benchmark_group(format!("{isa}, text side"));
    group.sample_size(20);
    let (width, inner, units) = (768, 2048, 256);
    for (inputs, outputs) in [(width, 3 * width), (inner, width)] {
        let layer = packed(Shape { inputs, outputs, taps: 1 });
        let mut input = Rows8::new(BLOCK / 2, inputs);
        let mut output = vec![0.0; BLOCK / 2 * outputs];
        group.throughput(Throughput::Elements((BLOCK / 2 * inputs * outputs) as u64));
        group.bench_function(BenchmarkId::new("linear", format!("{inputs} to {outputs}")), |bencher| {
            bencher.iter(|| convolve(isa, &mut input, &layer, 1, &mut output));
        });
    }
    let shape = Recurrence::shape(units);
    let weights = pack(shape, |o, c, _| ((o * 31 + c * 7) % 200) as i8);
    let starts = offsets(shape, &weights);
    let recurrence = Recurrence::new(units, weights.into(), starts.into(), 0.01).unwrap();
    let (mut state, mut sums) = (vec![12_345; units], vec![0; 4 * units]);
    group.throughput(Throughput::Elements((4 * units * units) as u64));
    group.bench_function("recurrent part of a step", |bencher| {
        bencher.iter(|| recur(isa, &recurrence, &state, &mut sums));
    });
    let projected = vec![0.3; 4 * units];
    let (mut cell, mut hidden) = (vec![0.1; units], vec![0.0; units]);
    group.throughput(Throughput::Elements(units as u64));
    group.bench_function("gates of a step", |bencher| {
        bencher.iter(|| lstm_gates(isa, &projected, &sums, 1e-6, &mut cell, &mut state, &mut hidden));
    });
    let rows = BLOCK / 2;
    let (mut coarse, fine) = (vec![0.3; rows * inner], vec![0.001; rows * inner]);
    let (ones, mut rows8, mut finer) = (vec![1.0; inner], Rows8::new(rows, inner), Rows8::new(rows, inner));
    group.throughput(Throughput::Elements((rows * inner) as u64));
    group.bench_function("GELU", |bencher| {
        bencher.iter(|| gelu(isa, &mut coarse, &fine, &ones, &ones));
    });
    group.bench_function("quantize to 16 bits", |bencher| {
        bencher.iter(|| quantize_fine(isa, &fine, inner, &mut rows8, &mut finer));
    });
    group.bench_function("softmax", |bencher| {
        bencher.iter(|| softmax(isa, &mut coarse, 128, 120));
    });
    let norm = Normalisation { gain: vec![1.0; width], shift: vec![0.0; width], epsilon: 1e-12 };
    let (mut output, sums) = (vec![0.5; rows * width], vec![0.25; rows * width]);
    group.throughput(Throughput::Elements((rows * width) as u64));
    group.bench_function("add and normalise", |bencher| {
        let columns = &ones[..width];
        bencher.iter(|| add_and_normalise(isa, &sums, &sums, columns, columns, &norm, &mut output));
    });
    group.finish();
}

/// Work on numbers on their way in and out.
fn element_wise<T: Element>(group: &mut BenchmarkGroup<WallTime>, isa: Isa, kind: &str, input: &[T]) {
    let channels = input.len() / BLOCK;
    let ones = vec![1.0; channels];
    let activation = Activation::Snake { frequency: &ones, amplitude: &ones };
    let transform = RowTransform { gain: &ones, shift: &ones, activation };
    let mut rows = Rows8::new(BLOCK, channels);
    group.bench_function(format!("normalise, snake, quantize ({kind})"), |bencher| {
        bencher.iter(|| quantize(isa, input, &transform, &mut rows, 0));
    });
    let (mut output, mut sums) = (input.to_vec(), vec![0.0; 2 * channels]);
    let (mut fresh, way) = (vec![0.3; input.len()], Merge { residual: Some(input), accumulate: false });
    group.bench_function(format!("merge and measure ({kind})"), |bencher| {
        bencher.iter(|| merge(isa, &mut fresh, way, &mut output, &mut sums));
    });
}

criterion_group!(benches, kernels);
criterion_main!(benches);
