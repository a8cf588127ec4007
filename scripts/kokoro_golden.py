#!/usr/bin/env python3
"""Makes the golden sounds of tests/data/kokoro with ONNX Runtime, once.

    kokoro_golden.py MODEL.onnx STYLE.bin REFERENCE_DIR

For each sentence of golden.json: NAME.wav is the int8 network as it is exported. For the first one also NAME.float.wav, the same
text side with the decoder's activations in floats, the sound that quantization takes away from; NAME.features.f32, what that
decoder was given: text features (512 rows), pitch and loudness as raw floats; and NAME.exact.wav, what it makes of them with
the harmonic source counted in 64 bits (the export counts its phase in 32). For each of the float sentences NAME.network.wav is
all of the network in floats; the frames of its tokens are written into golden.json. REFERENCE_DIR holds kokoro_reference.py,
which spells out the float network. Needs: pip install onnxruntime onnx numpy"""
import json
import pathlib
import re
import sys
import tempfile
import wave

import numpy as np
import onnx
import onnxruntime as ort
from onnx import numpy_helper, utils

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/data/kokoro"
GENERATOR = "/decoder/decoder/generator/"
SOURCE = GENERATOR + "Concat_3_output_0"
FRAMES = "/encoder/Clip_output_0"
CUT = ["/encoder/MatMul_1_output_0", "/decoder/decoder/Unsqueeze_output_0", "/decoder/decoder/Unsqueeze_1_output_0"]


def vocabulary():
    source = (ROOT / "src/synth/symbols.rs").read_text()
    pairs = re.findall(r"\('(\\u\{[0-9a-f]+\}|.)', (\d+)\)", source)
    return {chr(int(s[3:-1], 16)) if s.startswith("\\u") else s: int(token) for s, token in pairs}


def harmonic_source(model, pitch):
    """Magnitudes and phases of the source's spectra, as the generator's first convolution gets them."""
    nodes = {output: node for node in model.graph.node for output in node.output}
    tensors = {tensor.name: tensor for tensor in model.graph.initializer}
    value = lambda output, index: numpy_helper.to_array(tensors[nodes[GENERATOR + output].input[index]])
    gains = value("m_source/l_linear/MatMul_output_0", 1)[:, 0]
    bias = numpy_helper.to_array(tensors["decoder.decoder.generator.m_source.l_linear.bias"])[0]
    window = value("STFT_output_0", 2)
    pitch = pitch.reshape(-1).astype(np.float64)
    position = np.clip((np.arange(len(pitch) * 300) + 0.5) / 300 - 0.5, 0, len(pitch) - 1)
    phase = 300 * np.interp(position, np.arange(len(pitch)), np.cumsum(pitch / 24000))
    sines = sum(gain * np.sin(2 * np.pi * (h + 1) * phase) for h, gain in enumerate(gains))
    sound = np.tanh(0.1 * sines * (np.repeat(pitch, 300) > 10) + bias)
    padded = np.concatenate([sound[10:0:-1], sound, sound[-2:-12:-1]])
    spectra = np.fft.rfft(np.lib.stride_tricks.sliding_window_view(padded, 20)[::5] * window)
    spectra[:, [0, -1]] = spectra[:, [0, -1]].real
    magnitude = np.abs(spectra)
    phases = np.where(magnitude < 1e-7, 0, np.angle(spectra))
    return np.concatenate([magnitude.T, phases.T])[None].astype(np.float32)


def write(path, samples):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24000)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def main():
    model, style, reference = sys.argv[1:]
    sys.path.insert(0, reference)
    import kokoro_reference

    symbols = vocabulary()
    exported = onnx.load(model)
    exported.graph.output.extend(onnx.ValueInfoProto(name=name) for name in CUT)
    text_side = ort.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    with tempfile.TemporaryDirectory() as folder:
        exact = kokoro_reference.to_float(onnx.load(model))
        onnx.save(exact, f"{folder}/float.onnx")
        exact.graph.output.append(onnx.ValueInfoProto(name=FRAMES))
        network = ort.InferenceSession(exact.SerializeToString(), providers=["CPUExecutionProvider"])
        utils.extract_model(f"{folder}/float.onnx", f"{folder}/decoder.onnx", ["style", *CUT], ["audio"], check_model=False)
        decoder = ort.InferenceSession(f"{folder}/decoder.onnx", providers=["CPUExecutionProvider"])
        taken = ["style", *CUT, SOURCE]
        utils.extract_model(f"{folder}/float.onnx", f"{folder}/exact.onnx", taken, ["audio"], check_model=False)
        exact = ort.InferenceSession(f"{folder}/exact.onnx", providers=["CPUExecutionProvider"])
        needed = {value.name for value in exact.get_inputs()}

    def inputs(sentence):
        tokens = [symbols[symbol] for symbol in sentence["phonemes"]]
        row = np.fromfile(style, dtype=np.float32).reshape(-1, 1, 256)[len(tokens) - 1]
        return {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": row, "speed": np.array([1.0], np.float32)}

    golden = json.loads((FOLDER / "golden.json").read_text())
    for sentence in golden["float_sentences"]:
        audio, frames = network.run(["audio", FRAMES], inputs(sentence))
        write(FOLDER / f"{sentence['name']}.network.wav", audio)
        sentence["frames"] = [int(x) for x in frames.ravel()]
    (FOLDER / "golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
    for index, sentence in enumerate(golden["sentences"]):
        feed = inputs(sentence)
        row = feed["style"]
        audio, *features = text_side.run(["audio", *CUT], feed)
        write(FOLDER / f"{sentence['name']}.wav", audio)
        if index == 0:
            path = FOLDER / f"{sentence['name']}.features.f32"
            feed = {"style": row, **dict(zip(CUT, features)), SOURCE: harmonic_source(exported, features[1])}
            feed = {name: value for name, value in feed.items() if name in needed}
            write(FOLDER / f"{sentence['name']}.exact.wav", exact.run(None, feed)[0])
            path.write_bytes(b"".join(np.ascontiguousarray(part, "<f4").tobytes() for part in features))
            write(FOLDER / f"{sentence['name']}.float.wav", decoder.run(None, {"style": row, **dict(zip(CUT, features))})[0])


if __name__ == "__main__":
    main()
