#!/usr/bin/env python3
"""What mastering and coding do to the sound, by the ear of DistillMOS and of a recogniser.

    coded_sound.py --shared DIR [--binary PATH] [--voice NAME] [--forms own,podcast,mp3,lame,opus,opusenc] [ARTICLE…]

Reads every article (four of tests/data without any named) at the voice's own loudness, and at -16 LUFS as WAV, MP3 and Opus; LAME and
opusenc, which have to be installed, code the same WAV at the same rates. All are decoded by ffmpeg. Prints DistillMOS as the mean over all
windows, words wrong, how much more is wrong than at the voice's own loudness (with its 95 % interval by a bootstrap over articles), and the
integrated loudness of the first article by ffmpeg and by pyloudnorm."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTICLES = [ROOT / "tests/data" / name
            for name in ("articles/summit.txt", "articles/wire.txt", "articles/release.txt", "pages/liveblog.html")]
OURS = {"own": ("wav", "none"), "podcast": ("wav", "podcast"), "mp3": ("mp3", "podcast"), "opus": ("opus", "podcast")}
HOP_SECONDS = 3.0
# LAME turns the sound down by 5 % by itself.
LAME = ("lame", "--quiet", "-m", "m", "-b", "96", "--resample", "48", "--scale", "1.0526")
OPUSENC = ("opusenc", "--quiet", "--bitrate", "32", "--speech", "--comp", "5")
THEIRS = {"lame": (LAME, "mp3"), "opusenc": (OPUSENC, "opus")}


def run(command):
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   env={**os.environ, "AUDIO_REPORT_ANNOUNCE": "none"})


def decode(source, target):
    run(["ffmpeg", "-y", "-v", "error", "-i", source, "-ar", "24000", "-ac", "1", target])


def make(options, article, folder):
    """The sound in all forms, as WAV."""
    made = {}
    for name, (ending, loudness) in OURS.items():
        if name not in options.forms and name != "podcast":
            continue
        sound = folder / f"{article.stem}-{name}.{ending}"
        run([options.binary, "read", "--quiet", "--force", "--voice", options.voice, "--loudness", loudness, "-o", sound, article])
        made[name] = sound
    for name, (command, ending) in THEIRS.items():
        if name in options.forms:
            made[name] = folder / f"{article.stem}-{name}.{ending}"
            run([*command, made["podcast"], made[name]])
    made = {name: made[name] for name in options.forms}
    for name, sound in made.items():
        made[name] = folder / f"{article.stem}-{name}.decoded.wav"
        decode(sound, made[name])
    return made


def by_ffmpeg(sound):
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", sound, "-af", "ebur128=peak=true:dualmono=true", "-f", "null", "-"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr.rsplit("Summary:", 1)[1]
    return [float(re.search(label + r":\s+(-?[\d.]+)", said)[1]) for label in ("I", "Peak")]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=pathlib.Path, required=True)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--voice", default="af_heart")
    options.add_argument("--forms", default="own,podcast,mp3,lame,opus,opusenc", type=lambda names: names.split(","))
    options.add_argument("articles", nargs="*", type=pathlib.Path, default=ARTICLES)
    options = options.parse_args()
    sys.path.insert(0, str(options.shared / "eval"))
    from common import boot

    boot()
    import mos
    import numpy
    import pyloudnorm
    from common import load_16k, load_wav
    from round_trip import LETTERS
    from voices_compared import heard, interval

    references = []
    for article in options.articles:
        spoken = subprocess.run([options.binary, "explain", "--stage", "spoken", article], check=True, capture_output=True, text=True).stdout
        references.append(LETTERS.sub(lambda letters: letters[0].replace(" ", ""), spoken))
    print("form".ljust(9), "DistillMOS   words wrong, sound-alikes forgiven, more than `own`   LUFS by ffmpeg, pyloudnorm   true peak")
    with tempfile.TemporaryDirectory() as folder:
        made = [make(options, article, pathlib.Path(folder)) for article in options.articles]
        rows = [{} for _ in made]
        for name in options.forms:
            scores = [mos.distillmos(load_16k(str(forms[name])), HOP_SECONDS) for forms in made]
            mean = numpy.average([score["mos"] for score in scores], weights=[score["windows"] for score in scores])
            for row, reference, forms in zip(rows, references, made):
                row[name] = heard(reference, forms[name])
            words = sum(row[name]["words"] for row in rows)
            wrong, forgiven = (sum(row[name][key] * row[name]["words"] for row in rows) / words for key in ("wer", "sound"))
            more = ""
            if "own" in rows[0]:
                more = "{:+.2f} points, {:+.2f} to {:+.2f}".format(*interval(rows, "wer", "own", name))
            samples, rate = load_wav(str(made[0][name]))[:2]
            other = pyloudnorm.Meter(rate).integrated_loudness(numpy.repeat(samples, 2, axis=1))
            lufs, peak = by_ffmpeg(made[0][name])
            print(name.ljust(9), f"{mean:.3f}   {wrong:.2%} {forgiven:.2%} of {words} {more}   {lufs:.1f} {other:.2f}   {peak:.1f}", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    main()
