#!/usr/bin/env python3
"""Makes tests/data/kokoro/text_side.json with ONNX Runtime, once.

    kokoro_text_side_golden.py MODEL.onnx STYLE.bin REFERENCE_DIR [PHONEMES.txt]

What the text side of the float network makes of each sentence: durations before they are rounded, in frames; for some also
pitch and loudness, for the first the text features of the tokens. Beside them the frames of the int8 network as it is
exported, which the kernels must beat. Sentences are the lines of PHONEMES.txt (`audio-report explain --stage phonemes`), or
those of the file that is there. REFERENCE_DIR holds kokoro_reference.py, which spells out the float network.
Needs: pip install onnxruntime onnx numpy"""
import json
import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import utils

import kokoro_golden

PATH = kokoro_golden.FOLDER / "text_side.json"
DURATIONS = "/encoder/Div_output_0"
FRAMES = "/encoder/Clip_output_0"
# Sentences whose pitch and loudness are kept.
CURVES = 12


def text_side(model):
    """The graph up to what the decoder is given."""
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, f"{folder}/whole.onnx")
        outputs = [DURATIONS, FRAMES, *kokoro_golden.CUT]
        utils.extract_model(f"{folder}/whole.onnx", f"{folder}/part.onnx", ["tokens", "style", "speed"], outputs, check_model=False)
        return ort.InferenceSession(f"{folder}/part.onnx", providers=["CPUExecutionProvider"])


def rounded(numbers, digits):
    return [round(float(x), digits) for x in np.asarray(numbers).ravel()]


def main():
    model, style, reference, *phonemes = sys.argv[1:]
    sys.path.insert(0, reference)
    import kokoro_reference

    if phonemes:
        sentences = pathlib.Path(phonemes[0]).read_text().splitlines()
    else:
        sentences = [sentence["phonemes"] for sentence in json.loads(PATH.read_text())["sentences"]]
    symbols = kokoro_golden.vocabulary()
    exported, exact = text_side(onnx.load(model)), text_side(kokoro_reference.to_float(onnx.load(model)))
    made = []
    for index, sentence in enumerate(sentences):
        tokens = [symbols[symbol] for symbol in sentence]
        row = np.fromfile(style, dtype=np.float32).reshape(-1, 1, 256)[len(tokens) - 1]
        feed = {"tokens": np.array([[0, *tokens, 0]], np.int64), "style": row, "speed": np.array([1.0], np.float32)}
        durations, frames, text, pitch, loudness = exact.run(None, feed)
        entry = {"phonemes": sentence, "durations": rounded(durations, 3)}
        entry["export_frames"] = [int(x) for x in exported.run([FRAMES], feed)[0].ravel()]
        if index < CURVES:
            entry["pitch"], entry["loudness"] = rounded(pitch, 2), rounded(loudness, 4)
        if index == 0:
            first = np.concatenate([[0], np.cumsum(frames.ravel())[:-1]]).astype(int)
            entry["text"] = rounded(text[0].T[first], 4)
        made.append(entry)
    about = "Made by ONNX Runtime from kokoro-v1.0.int8.onnx with float activations, voice af_heart, speed 1; see scripts/kokoro_text_side_golden.py"
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) for entry in made)
    PATH.write_text(f'{{"about":{json.dumps(about)},"sentences":[\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
