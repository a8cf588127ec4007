#!/usr/bin/env python3
"""hibari_golden.py: makes tests/data/hibari, with which the hibari engine is compared.

  pip install hibari-tts==0.2.1 onnx soundfile
  scripts/hibari_golden.py tests/data/hibari

golden.json holds, for each sentence, what ONNX Runtime computes with the network's activations as floats (weights
dequantized): exact durations, pitch, loudness, and all numbers of some frames. `export` says how far the exported network,
whose activations are rounded to 8 bits, lies from that: root mean squares with the durations of the float
network, those of the numbers over the frames whose numbers are kept. The kernels must not be further away. port.wav is a sentence as the
package's signal processing makes it of the float network."""
import json
import sys
from pathlib import Path

import hibari
import hibari.dsp
import numpy as np
import onnx
import onnxruntime as ort
import soundfile
from onnx import helper, numpy_helper

SENTENCES = {
    "port": "ðə pˈɔɹt ɹiˈOpənd ˌɔn mˈʌndˌA.",
    "ships": "ʃˈɪps kˈAm bˈæk æt nˈun, ænd ðə mˈAəɹ pˈAd θɹˈi pˈYnt fˈIv mˈɪljᵊn dˈɑləɹz.",
    "vote": "wˈɪl ðə pˈɑɹləmənt vˈOt ˌɔn ðə bˈʌʤət bəfˈɔɹ ˈɔɡəst?",
}
FRAMES = [20, 47, 90]  # whose numbers are kept
NUMBERS = ["lh", "theta", "ln", "lr", "phi"]
EXACT = "/Div_40_output_0"  # durations before they are rounded
STEPS = "/Clip_output_0"
LOUDNESS = "/Div_42_output_0"


def with_float_activations(model):
    """Every dynamic quantization is taken out; what follows multiplies by a scale of one."""
    graph = model.graph
    tensors = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    nodes, renamed = [], {}
    graph.initializer.append(numpy_helper.from_array(np.float32(1), "one"))
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)
        if node.op_type == "DynamicQuantizeLinear":
            renamed[node.output[0]], renamed[node.output[1]] = node.input[0], "one"
        elif node.op_type == "MatMulInteger":
            weights = tensors[node.input[1]].astype(np.float32) - tensors[node.input[3]].astype(np.float32)
            graph.initializer.append(numpy_helper.from_array(weights, node.input[1] + "_float"))
            nodes.append(helper.make_node("MatMul", [node.input[0], node.input[1] + "_float"], node.output))
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def session(model, steps=None):
    """A session with the inner tensors as outputs, and with other durations if `steps` are given."""
    for name in (EXACT, STEPS, LOUDNESS):
        model.graph.output.append(helper.make_tensor_value_info(name, 1, None))
    if steps is not None:
        model.graph.initializer.append(numpy_helper.from_array(np.float32(steps), "forced"))
        for node in model.graph.node:
            if STEPS in node.input:
                node.input[list(node.input).index(STEPS)] = "forced"
    options = ort.SessionOptions()
    options.log_severity_level = 3
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(model_session, ids):
    names = [output.name for output in model_session.get_outputs()]
    values = model_session.run(names, {"ids": np.array([ids]), "speed": np.ones(1, np.float32)})
    return dict(zip(names, values))


def rounded(values, digits=4):
    return [round(float(value), digits) for value in values]


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(hibari.__file__).parent / "assets" / "hibari.onnx"
    package = hibari.Hibari(g2p=lambda text: text)
    golden, all_squares = [], {}
    for name, phonemes in SENTENCES.items():
        ids = package.ids(phonemes)
        exact = run(session(with_float_activations(onnx.load(path))), ids)
        export = run(session(onnx.load(path), exact[STEPS]), ids)
        voiced = exact["f0"][0] > 40
        differences = {"pitch": (export["f0"] - exact["f0"])[0][voiced], "loudness": export[LOUDNESS] - exact[LOUDNESS]}
        differences["duration"] = export[EXACT] - exact[EXACT]
        for part in NUMBERS:
            differences[part] = (export[part] - exact[part])[0][:, FRAMES]
        for part, difference in differences.items():
            all_squares.setdefault(part, []).append(np.square(difference).ravel())
        golden.append(
            {
                "name": name,
                "phonemes": phonemes,
                "durations": rounded(exact[EXACT].ravel()),
                "pitch": rounded(exact["f0"][0], 2),
                "loudness": rounded(exact[LOUDNESS].ravel()),
                "frames": [
                    {"frame": frame, "numbers": [rounded(exact[part][0, :, frame], 3) for part in NUMBERS]}
                    for frame in FRAMES
                ],
            }
        )
        print(name, "steps differ:", int((run(session(onnx.load(path)), ids)[STEPS] != exact[STEPS]).sum()))
    export = {part: float(np.sqrt(np.mean(np.concatenate(squares)))) for part, squares in all_squares.items()}
    print(export)
    text = json.dumps({"sentences": golden, "export": export}, ensure_ascii=False)
    (folder / "golden.json").write_text(text + "\n", encoding="utf-8")
    exact = run(session(with_float_activations(onnx.load(path))), package.ids(SENTENCES["port"]))
    sound = hibari.dsp.synth(*[exact[part][0] for part in [*NUMBERS, "f0"]], np.random.default_rng(1))
    soundfile.write(folder / "port.wav", sound, 24000, subtype="PCM_16")


if __name__ == "__main__":
    main()
