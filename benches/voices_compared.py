#!/usr/bin/env python3
"""Both voices on the same articles: words wrong by pairs with an interval, words a minute, pitch; and words wrong when played fast.

    voices_compared.py --shared DIR [--binary PATH] [--keep FOLDER] [--speeds 2,3,4] [ARTICLE…]

Reads every article (without any named: ten of tests/data and all of tests/data/copied) by `af_heart` and by `--fast`, and has the
recogniser of DIR/eval write down what it hears, twice with different cuts; an article's rate is the mean of both, since one pass
loses whole segments now and then. The difference comes with its 95 % interval by a bootstrap over articles. --speeds plays the first
article by --fast on a sound server of its own, faster and faster, and has the recogniser hear the recording."""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.dont_write_bytecode = True
VOICES = {"af_heart": (), "fast": ("--fast",)}
RESAMPLES = 10_000


def pitch(path):
    """The 10th, 50th and 90th percentile of pitch in Hz, by the autocorrelation of frames of 40 ms that are clearly voiced."""
    import numpy

    from common import load_16k

    sound, rate, size = load_16k(str(path)), 16_000, 640
    found = []
    lags = numpy.arange(rate // 400, rate // 75)
    for start in range(0, len(sound) - 2 * size, 320):
        frame = sound[start:start + 2 * size]
        head = frame[:size]
        energy = float(head @ head)
        if energy < size * 1e-4:
            continue
        likeness = numpy.array([head @ frame[lag:lag + size] / (energy * (frame[lag:lag + size] @ frame[lag:lag + size]) + 1e-12) ** 0.5
                                for lag in lags])
        best = int(likeness.argmax())
        # The shortest lag that is nearly as good: a double period is as alike.
        near = numpy.flatnonzero((likeness > 0.9 * likeness[best]) & (likeness >= numpy.roll(likeness, 1)) &
                                 (likeness >= numpy.roll(likeness, -1)))
        if likeness[best] > 0.75 and len(near):
            found.append(rate / lags[near[0]])
    return [float(value) for value in numpy.percentile(found, (10, 50, 90))]


def heard(reference, sound):
    from wer import evaluate

    result = evaluate(" ".join(reference.split()), str(sound), passes=2)
    return {"words": result["ref_words"], "wer": (result["wer"] + result["wer_pass2"]) / 2,
            "sound": (result["wer_sound"] + result["wer_sound_pass2"]) / 2, "seconds": result["duration_s"]}


def interval(rows, key, base, other):
    """How much more is wrong in `other` than in `base`, in percentage points, weighted by words, and its 95 % interval."""
    import numpy

    words = numpy.array([row[base]["words"] for row in rows], float)
    differences = numpy.array([row[other][key] - row[base][key] for row in rows])
    chosen = numpy.random.default_rng(1).integers(0, len(rows), (RESAMPLES, len(rows)))
    means = (differences[chosen] * words[chosen]).sum(axis=1) / words[chosen].sum(axis=1)
    return [100 * float(value) for value in ((differences * words).sum() / words.sum(), *numpy.percentile(means, (2.5, 97.5)))]


def played(binary, article, speed, folder):
    """A WAV of what `play --fast` gives at a speed, recorded from the monitor of a sound server."""
    import wave

    from quiet_server import RATE, QuietServer

    place = pathlib.Path(tempfile.mkdtemp(dir=folder))
    target = folder / f"speed-{speed}.wav"
    with QuietServer(place) as server, wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        recorder = subprocess.Popen(["parec", "-s", server.address, "-d", "quiet.monitor", "--raw", f"--rate={RATE}", "--channels=1",
                                     "--format=s16le"], env=server.environment, stdout=(place / "raw").open("wb"))
        time.sleep(3.0)
        subprocess.run([binary, "play", "--quiet", "--fast", "--speed", str(speed), article], check=True,
                       env={**os.environ, "ALSA_CONFIG_PATH": str(server.alsa)}, stdin=subprocess.DEVNULL)
        time.sleep(1.0)
        recorder.terminate()
        recorder.wait()
        out.writeframes((place / "raw").read_bytes())
    return target


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=pathlib.Path, required=True)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--keep", type=pathlib.Path, help="the folder for texts, sound and figures")
    options.add_argument("--speeds", default="")
    options.add_argument("articles", nargs="*", type=pathlib.Path)
    options = options.parse_args()
    sys.path[:0] = [str(options.shared.resolve() / "eval"), str(ROOT / "benches"), str(ROOT / "benches/sound_server")]
    from common import boot

    boot()
    from round_trip import DATA, LETTERS, TEN

    articles = options.articles or [*(DATA / name for name in TEN), *sorted((DATA / "copied").glob("*.txt"))]
    with tempfile.TemporaryDirectory() as name:
        folder = options.keep or pathlib.Path(name)
        folder.mkdir(exist_ok=True)
        rows, references = [], {}
        for article in articles:
            spoken = subprocess.run([options.binary, "explain", "--stage", "spoken", article], check=True, capture_output=True, text=True)
            references[article] = LETTERS.sub(lambda letters: letters[0].replace(" ", ""), spoken.stdout)
            row = {"article": article.stem}
            for voice, chosen in VOICES.items():
                sound = folder / f"{article.stem}.{voice}.wav"
                subprocess.run([options.binary, "read", "--quiet", "--force", "--announce", "none", *chosen, "-o", sound, article], check=True)
                row[voice] = {**heard(references[article], sound), "pitch": pitch(sound)}
            rows.append(row)
            (folder / "rows.json").write_text(json.dumps(rows, indent=1))
            print(article.stem.ljust(24), row["af_heart"]["words"], *(f"{row[voice]['wer']:7.2%}" for voice in VOICES), flush=True)
        for voice in VOICES:
            words = sum(row[voice]["words"] for row in rows)
            seconds = sum(row[voice]["seconds"] for row in rows)
            rates = [sum(row[voice][key] * row[voice]["words"] for row in rows) / words for key in ("wer", "sound")]
            low, middle, high = (sum(row[voice]["pitch"][index] for row in rows) / len(rows) for index in range(3))
            print(f"{voice}: {words} words, {rates[0]:.2%} wrong, sound-alikes forgiven {rates[1]:.2%}, {60 * words / seconds:.0f} words a "
                  f"minute, pitch {low:.0f} / {middle:.0f} / {high:.0f} Hz (10 / 50 / 90 %)")
        for key in ("wer", "sound"):
            mean, low, high = interval(rows, key, "af_heart", "fast")
            print(f"fast less af_heart, {key}: {mean:+.2f} points, 95 % interval {low:+.2f} to {high:+.2f}")
        for speed in filter(None, options.speeds.split(",")):
            result = heard(references[articles[0]], played(options.binary, articles[0], speed, folder))
            print(f"fast, played at speed {speed}: {result['words']} words, {result['wer']:.2%} wrong, sound-alikes forgiven {result['sound']:.2%}")


if __name__ == "__main__":
    main()
