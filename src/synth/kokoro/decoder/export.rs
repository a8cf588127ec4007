//! Takes the decoder's weights out of the ONNX export.

use super::TEXT;
use super::generator::LEVELS;
use super::waveform::{BINS, Waveform};
use super::weights::{DECODE_BLOCKS, FEW, residual_blocks};
use crate::synth::kokoro::export::{Export, check_length, tiles_pay};
use kernels::pack::{Shape, pack_windows};

/// The prefix of all names of the decoder's nodes, and of its parameters.
const NODES: &str = "/decoder/decoder/";
const PARAMETERS: &str = "decoder.decoder.";
/// The prefix of the generator's names.
const GENERATOR_NODES: &str = "/decoder/decoder/generator/";
const GENERATOR_PARAMETERS: &str = "decoder.decoder.generator.";

/// The weights of the upsamplings and of the last convolution, which are products of the export's folding and have no names of
/// their own.
const UPSAMPLINGS: [&str; 2] = ["Mul_output_0", "Mul_1_output_0"];
const LAST: &str = "Mul_2_output_0";

impl Export<'_> {
    /// Adds the decoder's weights; the error names the missing part of the graph.
    pub(crate) fn decoder(&mut self) -> Result<(), String> {
        for name in ["F0_conv", "N_conv"] {
            let weights = self.dequantized(&format!("{NODES}{name}"))?;
            self.add_floats(format!("{name}.weight"), &weights);
            self.copy(format!("{name}.bias"), &format!("{PARAMETERS}{name}.bias"))?;
        }
        self.pointwise("asr_res.0", &format!("{NODES}asr_res/asr_res.0"), TEXT, FEW)?;
        self.copy("asr_res.0.bias".to_string(), &format!("{PARAMETERS}asr_res.0.bias"))?;
        for block in &DECODE_BLOCKS {
            self.decode_block(block, (NODES, PARAMETERS))?;
        }
        for (index, level) in LEVELS.iter().enumerate() {
            for block in residual_blocks(index) {
                let shape = Shape { inputs: level.channels, outputs: level.channels, taps: block.taps };
                self.residual_block(&block.name, shape)?;
            }
            self.upsampling(index)?;
            self.source_convolution(index)?;
        }
        self.waveform()
    }

    fn residual_block(&mut self, block: &str, shape: Shape) -> Result<(), String> {
        let (nodes, parameters) =
            (format!("{GENERATOR_NODES}{block}"), format!("{GENERATOR_PARAMETERS}{block}"));
        for (pair, half) in (0..3).flat_map(|pair| [(pair, 0), (pair, 1)]) {
            let (order, name) = (half + 1, format!("{block}.{pair}.{half}"));
            let node = format!("{nodes}/convs{order}.{pair}");
            self.convolution(&name, &node, shape)?;
            self.tiled(&name, &node, shape)?;
            self.copy(format!("{name}.bias"), &format!("{parameters}.convs{order}.{pair}.bias"))?;
            self.copy(format!("{name}.alpha"), &format!("{parameters}.alpha{order}.{pair}"))?;
            let layer = format!("adain{order}.{pair}");
            self.style_layer(&name, &format!("{nodes}/{layer}"), &format!("{parameters}.{layer}"))?;
        }
        Ok(())
    }

    /// The export has [input, output, tap], in floats; tap `k` puts step `i` at `i × factor + k`. Here the first tap is the step
    /// before (whose late taps reach here), the second the step itself.
    fn upsampling(&mut self, index: usize) -> Result<(), String> {
        let level = &LEVELS[index];
        let (inputs, channels, factor) = (level.inputs, level.channels, level.factor);
        let (weights, name) = (UPSAMPLINGS[index], format!("ups.{index}"));
        let weights = self.graph.floats(&format!("{GENERATOR_NODES}{weights}"))?;
        check_length(&name, &weights, inputs * channels * 2 * factor)?;
        let shape = level.upsampling();
        let windows: Vec<f32> = (0..shape.outputs * 2 * inputs)
            .map(|at| {
                let (o, is_before, input) = (at / (2 * inputs), at / inputs % 2 == 0, at % inputs);
                let (phase, output) = (o / channels, o % channels);
                let tap = phase + if is_before { factor } else { 0 };
                weights[(input * channels + output) * 2 * factor + tap]
            })
            .collect();
        let (numbers, gains) = quantized(&windows, 2 * inputs);
        let at = |o: usize, c: usize, k: usize| (2 * o + k) * inputs + c;
        self.file.add_packed(&name, shape, &numbers, at)?;
        self.add_floats(format!("{name}.gains"), &gains);
        if tiles_pay(shape) {
            self.file.add_tiled(&name, shape, |o, c, k| windows[at(o, c, k)]);
        }
        self.copy(format!("ups.{index}.bias"), &format!("{GENERATOR_PARAMETERS}ups.{index}.bias"))
    }

    /// The convolution of the harmonic source.
    fn source_convolution(&mut self, index: usize) -> Result<(), String> {
        let level = &LEVELS[index];
        let (name, inputs, taps) = (format!("noise_convs.{index}"), 2 * BINS, level.source_taps);
        let weights = self.dequantized(&format!("{GENERATOR_NODES}{name}"))?;
        check_length(&name, &weights, level.channels * inputs * taps)?;
        let packed = pack_windows(inputs * taps, level.channels, |d, o| {
            let (tap, input) = (d / inputs, d % inputs);
            weights[(o * inputs + input) * taps + tap]
        });
        self.add_floats(format!("{name}.weight"), &packed);
        self.copy(format!("{name}.bias"), &format!("{GENERATOR_PARAMETERS}{name}.bias"))
    }

    /// The last convolution, the inverse transform, and the harmonic source.
    fn waveform(&mut self) -> Result<(), String> {
        let (channels, taps) = (LEVELS[1].channels, Waveform::TAPS);
        let weights = self.graph.floats(&format!("{GENERATOR_NODES}{LAST}"))?;
        check_length("conv_post", &weights, 2 * BINS * channels * taps)?;
        let packed = pack_windows(taps * channels, 2 * BINS, |d, o| {
            let (tap, input) = (d / channels, d % channels);
            weights[(o * channels + input) * taps + tap]
        });
        self.add_floats("conv_post.weight".to_string(), &packed);
        self.copy("conv_post.bias".to_string(), &format!("{GENERATOR_PARAMETERS}conv_post.bias"))?;
        for name in ["inverse_basis", "window_sum"] {
            self.copy(name.to_string(), &format!("{GENERATOR_PARAMETERS}stft.istft.stft.{name}"))?;
        }
        self.copy("l_linear.bias".to_string(), &format!("{GENERATOR_PARAMETERS}m_source.l_linear.bias"))?;
        let weights = self.graph.input(&format!("{GENERATOR_NODES}m_source/l_linear/MatMul_output_0"), 1)?;
        self.copy("l_linear.weight".to_string(), weights)?;
        let window = self.graph.input(&format!("{GENERATOR_NODES}STFT_output_0"), 2)?;
        self.copy("window".to_string(), window)
    }
}

/// Rows of `length` numbers as integers of 8 bits, and the value of one unit in each row.
fn quantized(rows: &[f32], length: usize) -> (Vec<i16>, Vec<f32>) {
    let mut numbers = Vec::with_capacity(rows.len());
    let gains = rows.chunks_exact(length).map(|row| {
        let peak = row.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        let gain = peak.max(f32::MIN_POSITIVE) / 127.0;
        numbers.extend(row.iter().map(|x| (x / gain).round() as i16));
        gain
    });
    let gains = gains.collect();
    (numbers, gains)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_of_a_row_takes_all_eight_bits() {
        let (numbers, gains) = quantized(&[1.0, -2.0, 0.0, 0.0, 0.004, 0.001], 2);
        assert_eq!(numbers, [64, -127, 0, 0, 127, 32]);
        assert!((gains[0] * 127.0 - 2.0).abs() < 1e-6 && (gains[2] * 127.0 - 0.004).abs() < 1e-8);
        assert!(gains.iter().all(|gain| gain.is_finite()));
    }
}
