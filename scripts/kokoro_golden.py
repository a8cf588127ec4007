#!/usr/bin/env python3
"""Makes the golden sounds of tests/data/kokoro with ONNX Runtime, once.

    kokoro_golden.py MODEL.onnx STYLE.bin REFERENCE_DIR

For each sentence of golden.json: NAME.wav is the int8 network as it is exported; NAME.float.wav is the same text side with
the decoder's activations in floats, the sound that quantization takes away from. REFERENCE_DIR holds kokoro_reference.py,
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
from onnx import utils

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests/data/kokoro"
CUT = ["/encoder/MatMul_1_output_0", "/decoder/decoder/Unsqueeze_output_0", "/decoder/decoder/Unsqueeze_1_output_0"]


def vocabulary():
    source = (ROOT / "src/synth/kokoro/vocabulary.rs").read_text()
    pairs = re.findall(r"\('(\\u\{[0-9a-f]+\}|.)', (\d+)\)", source)
    return {chr(int(s[3:-1], 16)) if s.startswith("\\u") else s: int(token) for s, token in pairs}


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
        onnx.save(kokoro_reference.to_float(onnx.load(model)), f"{folder}/float.onnx")
        utils.extract_model(f"{folder}/float.onnx", f"{folder}/decoder.onnx", ["style", *CUT], ["audio"], check_model=False)
        decoder = ort.InferenceSession(f"{folder}/decoder.onnx", providers=["CPUExecutionProvider"])
    for sentence in json.loads((FOLDER / "golden.json").read_text())["sentences"]:
        tokens = [symbols[symbol] for symbol in sentence["phonemes"]]
        row = np.fromfile(style, dtype=np.float32).reshape(-1, 1, 256)[len(tokens) - 1]
        feed = {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": row, "speed": np.array([1.0], np.float32)}
        audio, *features = text_side.run(["audio", *CUT], feed)
        write(FOLDER / f"{sentence['name']}.wav", audio)
        write(FOLDER / f"{sentence['name']}.float.wav", decoder.run(None, {"style": row, **dict(zip(CUT, features))})[0])


if __name__ == "__main__":
    main()
