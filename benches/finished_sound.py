#!/usr/bin/env python3
"""Finished files checked by others: loudness by ffmpeg and pyloudnorm, true peaks, joints of chunks, silences.

    finished_sound.py --shared DIR [--binary PATH] [--voices af_heart,bm_george,fast_heart] [--formats wav,flac,mp3,opus]
                      [--loudness podcast] [ARTICLE…]

Reads every article (ten of tests/data without any named) by every voice into every format, and decodes it by ffmpeg. Prints a line a voice
and format: how far the files are from the wanted loudness on two loudspeakers (MP3 and Opus: after coding), the highest true peak, jumps of
DIR/eval/sigcheck.py within 30 ms of a joint, and the shortest and longest silence between chunks, both in the WAV; within a sentence, where
the pause is planned shorter than 0.15 s, apart. Ends with 1 when a file is more than 0.3 LU off or over -1.0 dBTP, when a joint jumps, or
when a silence between sentences is shorter than 0.15 s or one anywhere longer than 1.2 s."""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from coded_sound import by_ffmpeg, decode
from round_trip import DATA, ROOT, TEN

# Presets of --loudness, in LUFS on two loudspeakers.
TARGETS = {"podcast": -16.0, "speech": -18.0, "broadcast": -23.0}
MOST_OFF, HIGHEST_PEAK, NEAR_JOINT_SECONDS, SILENCES = 0.3, -1.0, 0.03, (0.15, 1.2)
JOINED = re.compile(r"joined chunk=\d+ start=([\d.]+) end=([\d.]+) pause=([\d.]+)")
FRAMES_PER_SECOND = 200
# A frame this far below the speech's level, in decibels, is silent.
BELOW_SPEECH = 40.0


def read(options, voice, article, sound):
    """Makes the file; returns where its chunks begin and end, and the pause that is planned after each, in seconds."""
    command = [options.binary, "read", "--voice", voice, "--loudness", options.loudness, "-o", sound, article]
    environment = {**os.environ, "AUDIO_REPORT_LOG": "debug"}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stderr
    return [tuple(map(float, chunk)) for chunk in JOINED.findall(said)]


def silences_at(joints, samples, rate):
    """Seconds of silence between neighbouring chunks: within sentences, and between them."""
    import numpy

    frame = rate // FRAMES_PER_SECOND
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame)
    levels = 10 * numpy.log10((frames ** 2).mean(axis=1) + 1e-12)
    silent = levels < numpy.percentile(levels, 95) - BELOW_SPEECH
    within, between = [], []
    for (_, end, pause), (start, *_) in zip(joints, joints[1:]):
        middle = int((end + start) / 2 * FRAMES_PER_SECOND)
        before = after = middle
        while before > 0 and silent[before - 1]:
            before -= 1
        while after < len(silent) and silent[after]:
            after += 1
        (within if pause < SILENCES[0] else between).append((after - before) / FRAMES_PER_SECOND)
    return within, between


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=pathlib.Path, required=True)
    parser.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    parser.add_argument("--voices", default="af_heart,bm_george,fast_heart")
    parser.add_argument("--formats", default="wav,flac,mp3,opus")
    parser.add_argument("--loudness", default="podcast", choices=TARGETS)
    parser.add_argument("articles", nargs="*", type=pathlib.Path, default=[DATA / name for name in TEN])
    options = parser.parse_args()
    sys.path.insert(0, str(options.shared / "eval"))
    from common import boot

    boot()
    import numpy
    import pyloudnorm
    from common import load_wav
    from sigcheck import clicks

    target, faults = TARGETS[options.loudness], 0
    print("voice       format   LUFS by ffmpeg  by pyloudnorm   true peak   jumps at joints   silences between sentences; within, s")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for voice in options.voices.split(","):
            for form in options.formats.split(","):
                theirs, others, peaks, jumps, joined, pauses = [], [], [], 0, 0, ([], [])
                for article in options.articles:
                    sound = folder / f"{article.stem}.{form}"
                    joints = read(options, voice, article, sound)
                    lufs, peak = by_ffmpeg(sound)
                    decode(sound, folder / "decoded.wav")
                    samples, rate = load_wav(str(folder / "decoded.wav"))[:2]
                    sound.unlink()
                    theirs.append(lufs)
                    peaks.append(peak)
                    others.append(pyloudnorm.Meter(rate).integrated_loudness(numpy.repeat(samples, 2, axis=1)))
                    if form == "wav":
                        edges = numpy.array([edge for chunk in joints for edge in chunk[:2]])
                        at = numpy.array([click["time_s"] for click in clicks(samples[:, 0], rate)])
                        jumps += sum(numpy.abs(at - edge).min() < NEAR_JOINT_SECONDS for edge in edges) if len(at) else 0
                        joined += len(edges)
                        for all_of_kind, found in zip(pauses, silences_at(joints, samples[:, 0], rate)):
                            all_of_kind += found
                off = max(abs(lufs - target) for lufs in theirs + others)
                faults += off > MOST_OFF or max(peaks) > HIGHEST_PEAK or jumps > 0
                line = (f"{voice:11} {form:6} {min(theirs):7.1f} {max(theirs):7.1f} {min(others):7.2f} {max(others):7.2f} "
                        f"{max(peaks):10.1f}")
                if joined:
                    within, between = pauses
                    faults += min(between) < SILENCES[0] or max(within + between) > SILENCES[1]
                    line += f"   {jumps:7} of {joined}   {min(between):.2f} to {max(between):.2f}, {len(between)}"
                    line += f"; {min(within):.2f} to {max(within):.2f}, {len(within)}" if within else ""
                print(line, flush=True)
    sys.exit(faults > 0)


if __name__ == "__main__":
    main()
