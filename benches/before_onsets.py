#!/usr/bin/env python3
"""How loud the quiet before loud sounds is: noise of a tile is spread over its rows, and could be heard before an onset.

    before_onsets.py [--binary PATH] [--kernels direct] [--onsets 200] [--float REFERENCE MODEL STYLE] [ARTICLE…]

Reads articles (ten of tests/data without any named) as the processor does by itself, and with each of --kernels (values of
AUDIO_REPORT_KERNEL). An onset is 10 ms at least 25 dB above each of the six 10 ms before it, which have to be below -45 dBFS. Prints the mean
level of these 60 ms at the onsets that both sounds have, and how far the two lie apart on average and at most. The network's durations are the
same; where chunks are joined a sound can be some milliseconds longer, so an onset's counterpart may lie 50 ms away.

With --float the other sound is that of the network in floats, in ONNX Runtime: sentence by sentence, from the same phonemes. REFERENCE holds
kokoro_reference.py, which spells that network out; MODEL and STYLE are the installed voice's. Needs: pip install onnxruntime onnx numpy"""
import argparse
import array
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import wave

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benches"))

from round_trip import DATA, TEN  # noqa: E402

STEPS_BEFORE = 6
AWAY = 5
RISE_DB, QUIET_DBFS, FLOOR_DBFS = 25.0, -45.0, -100.0


def levels(path):
    """The level of each 10 ms in dBFS."""
    with wave.open(str(path)) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
        step = sound.getframerate() // 100
    blocks = (samples[at:at + step] for at in range(0, len(samples) - step, step))
    powers = (sum(x * x for x in block) / step / 32768.0 ** 2 for block in blocks)
    return [max(FLOOR_DBFS, 10 * math.log10(power)) if power else FLOOR_DBFS for power in powers]


def onsets(level):
    for at in range(STEPS_BEFORE, len(level)):
        most = max(level[at - STEPS_BEFORE:at])
        if most < QUIET_DBFS and level[at] > most + RISE_DB:
            yield at


def before(level, at):
    """The mean power of the steps before `at`, in dBFS."""
    powers = [10 ** (step / 10) for step in level[at - STEPS_BEFORE:at]]
    return 10 * math.log10(sum(powers) / len(powers))


def read(binary, kernel, article, target):
    environment = {**os.environ, "AUDIO_REPORT_KERNEL": kernel, "AUDIO_REPORT_ANNOUNCE": "none"}
    subprocess.run([binary, "read", "--quiet", "--force", "--loudness", "none", "-o", target, article], check=True, env=environment)
    return levels(target)


def sentences_of(binary, article):
    """The sentences of an article, and their phonemes where they stand alone."""
    explained = lambda stage, text: subprocess.run([binary, "explain", "--stage", stage, text], check=True, capture_output=True,
                                                   text=True).stdout.splitlines()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        for sentence in explained("sentences", article):
            file.seek(0)
            file.truncate()
            file.write(sentence)
            file.flush()
            phonemes = explained("phonemes", file.name)
            # One that becomes two alone is left out.
            if len(phonemes) == 1:
                yield sentence, phonemes[0]


def float_network(model):
    import kokoro_reference
    import onnx
    import onnxruntime

    exact = kokoro_reference.to_float(onnx.load(model))
    return onnxruntime.InferenceSession(exact.SerializeToString(), providers=["CPUExecutionProvider"])


def against_floats(options):
    """The levels before the onsets of the program's sound and of the float network's, sentence by sentence."""
    reference, model, style = options.float
    sys.path[:0] = [reference, str(ROOT / "scripts")]
    import numpy
    from kokoro_golden import vocabulary, write

    network, symbols = float_network(model), vocabulary()
    styles = numpy.fromfile(style, dtype=numpy.float32).reshape(-1, 1, 256)
    with tempfile.TemporaryDirectory() as folder:
        text, target = pathlib.Path(folder, "sentence.txt"), pathlib.Path(folder, "float.wav")
        for article in options.articles:
            for sentence, phonemes in sentences_of(options.binary, article):
                text.write_text(sentence)
                own = read(options.binary, "", text, pathlib.Path(folder, "own.wav"))
                tokens = [symbols[symbol] for symbol in phonemes]
                feed = {"tokens": numpy.array([[0, *tokens, 0]], numpy.int64), "style": styles[len(tokens) - 1],
                        "speed": numpy.array([1.0], numpy.float32)}
                write(target, network.run(["audio"], feed)[0])
                theirs = levels(target)
                yield from counterparts(own, theirs, delay(own, theirs))


def delay(own, other):
    """By how many steps the other sound is late: the program trims the silence at the ends of a chunk."""
    def likeness(late):
        pairs = [(own[at], other[at + late]) for at in range(len(own)) if 0 <= at + late < len(other)]
        return statistics.fmean(-abs(mine - theirs) for mine, theirs in pairs) if len(pairs) > len(own) // 2 else -math.inf
    return max(range(-60, 61), key=likeness)


def counterparts(own, other, late=0):
    """The levels before the onsets that both sounds have."""
    places = list(onsets(other))
    for at in onsets(own):
        there = min(places, key=lambda place: abs(place - at - late), default=len(own) + AWAY + 1)
        if abs(there - at - late) <= AWAY:
            yield before(own, at), before(other, there)


def against_kernels(options):
    """The same for the program's sound with other kernels, article by article."""
    pairs = {kernel: [] for kernel in options.kernels.split(",")}
    with tempfile.TemporaryDirectory() as folder:
        for article in options.articles:
            own = read(options.binary, "", article, pathlib.Path(folder, "own.wav"))
            for kernel, found in pairs.items():
                found += counterparts(own, read(options.binary, kernel, article, pathlib.Path(folder, "other.wav")))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=str(ROOT / "target/release/audio-report"))
    parser.add_argument("--kernels", default="direct")
    parser.add_argument("--onsets", type=int, default=200)
    parser.add_argument("--float", nargs=3, metavar=("REFERENCE", "MODEL", "STYLE"))
    parser.add_argument("articles", nargs="*", type=pathlib.Path, default=[DATA / name for name in TEN])
    options = parser.parse_args()
    if options.float:
        pairs = {"floats": list(against_floats(options))}
    else:
        pairs = against_kernels(options)
    for kernel, found in pairs.items():
        apart = [mine - theirs for mine, theirs in found]
        print(f"{kernel}: {len(found)} onsets, {statistics.fmean(mine for mine, _ in found):.1f} dBFS before them, with {kernel} "
              f"{statistics.fmean(theirs for _, theirs in found):.1f}; {statistics.fmean(apart):+.2f} dB on average, "
              f"{max(apart):+.2f} at most, {sum(one > 1 for one in apart)} above +1")
        if len(found) < options.onsets:
            sys.exit(f"fewer than {options.onsets} onsets")


if __name__ == "__main__":
    main()
