#!/usr/bin/env python3
"""When words are said, against the times that the captions give them.

    word_times.py --shared DIR [--binary PATH] [--voices af_heart,fast_heart] [--formats wav,mp3,opus,flac] [--flow] [--heard]
                  [--worst N] [ARTICLE…]

Reads every article (ten of tests/data without any named) and compares `start` of FILE.words.json with the sound, decoded by ffmpeg:
a word after a pause of 150 ms or more with the moment at which the sound begins again, to 2 ms. Minus is a caption that comes early.
--flow looks within the flow of speech, where sibilants begin and end words: there the sound above 4 kHz has clear edges.
With --heard the other words are compared with the word times of the recogniser of DIR/eval, whose own error is tens of milliseconds.
Frames of 10 ms, 2 ms apart, are silent below a level between the quietest tenth and the loudest tenth of the file."""
import argparse
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RATE = 16_000
STEP = RATE // 500
FRAME = RATE // 100
PAUSE_SECONDS = 0.15
# A pause belongs to the word that begins nearest to its end, no further away than this.
NEAR_SECONDS = 0.3
# Between sibilants: words closer than this, edges no further away than that, in frames of 6 ms that are loud for 40 ms.
FLOW_SECONDS, NEAR_EDGE_SECONDS = 0.1, 0.13
SIBILANT_HERTZ, SIBILANT_FRAME, SIBILANT_FRAMES = (4000, 7600), RATE * 6 // 1000, 20
BEGINS_WITH_SIBILANT, ENDS_WITH_SIBILANT = re.compile("s[aeiouktpmnlw](?!re$)|sh|c[ei]"), re.compile("[^s]s$|ce$")
BEGINS_WITH_VOICE, ENDS_WITH_VOICE = re.compile("[aeiomnlrw]"), re.compile("[aoyunmlrw]$|ing$|[^aeioucsgzh]e$")
# Decibels above the quietest tenth of the frames, and below the loudest tenth, where sound begins.
ABOVE_FLOOR, BELOW_SPEECH = 12.0, 38.0


def decoded(path):
    import numpy

    command = ["ffmpeg", "-v", "error", "-i", path, "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    return numpy.frombuffer(subprocess.run(command, check=True, capture_output=True).stdout, dtype="<f4")


def levels(sound, frame):
    """Where frames begin, and their level in decibels of full scale."""
    import numpy

    squares = numpy.concatenate([[0.0], numpy.cumsum(sound.astype(float) ** 2)])
    starts = numpy.arange(0, len(sound) - frame, STEP)
    return starts, 10 * numpy.log10((squares[starts + frame] - squares[starts]) / frame + 1e-9)


def onsets(sound):
    """Seconds at which sound begins after a pause."""
    import numpy

    _, level = levels(sound, FRAME)
    quiet, loud = numpy.percentile(level, (10, 90))
    silent = level < max(min(quiet + ABOVE_FLOOR, loud - BELOW_SPEECH), loud - 50.0)
    found, since = [], 0
    for index, is_silent in enumerate(silent):
        if not is_silent:
            if (index - since) * STEP >= PAUSE_SECONDS * RATE:
                # The frame in which the level is passed: sound fills its last part.
                found.append((index * STEP + FRAME - STEP) / RATE)
            since = index + 1
    return found


def sibilants(words, sound):
    """Differences in milliseconds where a sibilant begins a word, and where it ends one; the neighbour's sound is none."""
    import numpy
    from scipy.signal import butter, sosfiltfilt

    high = sosfiltfilt(butter(6, SIBILANT_HERTZ, "band", fs=RATE, output="sos"), sound)
    starts, level = levels(high, SIBILANT_FRAME)
    is_loud = level > numpy.percentile(level, 97) - 15
    total = numpy.concatenate([[0], numpy.cumsum(is_loud)])
    times = (starts + SIBILANT_FRAME / 2) / RATE
    share = (total[SIBILANT_FRAMES:] - total[:-SIBILANT_FRAMES]) / SIBILANT_FRAMES
    # The share of loud frames before each frame, and from it on.
    before, after = share[:-SIBILANT_FRAMES], share[SIBILANT_FRAMES:]
    times = times[SIBILANT_FRAMES:][:len(after)]
    rises = times[numpy.flatnonzero((before < 0.1) & (after > 0.9) & is_loud[SIBILANT_FRAMES:][:len(after)])]
    falls = times[numpy.flatnonzero((before > 0.9) & (after < 0.1) & ~is_loud[SIBILANT_FRAMES:][:len(after)])]
    begin, end = [], []
    for first, second in zip(words, words[1:]):
        if second["start"] - first["end"] > FLOW_SECONDS:
            continue
        if BEGINS_WITH_SIBILANT.match(second["text"].lower()) and ENDS_WITH_VOICE.search(first["text"].lower()):
            begin += [(second["start"] - rise) * 1000 for rise in rises if abs(rise - second["start"]) < NEAR_EDGE_SECONDS]
        if ENDS_WITH_SIBILANT.search(first["text"].lower()) and BEGINS_WITH_VOICE.match(second["text"].lower()):
            end += [(first["end"] - fall) * 1000 for fall in falls if abs(fall - first["end"]) < NEAR_EDGE_SECONDS]
    return begin, end


def plain(word):
    return re.sub(r"[^a-z0-9]", "", word.lower())


def after_pauses(words, sound):
    """Differences in milliseconds, and the words that they belong to."""
    rows = []
    for onset in onsets(sound):
        nearest = min(words, key=lambda word: abs(word["start"] - onset))
        if abs(nearest["start"] - onset) <= NEAR_SECONDS:
            rows.append(((nearest["start"] - onset) * 1000, nearest))
    return rows


def heard(words, path):
    from asr import transcribe

    found = [word for chunk in transcribe(str(path), words=True)["chunks"] for word in chunk.get("words", ())]
    matcher = difflib.SequenceMatcher(None, [plain(w["text"]) for w in words], [plain(w["w"]) for w in found], autojunk=False)
    return [(words[a + k]["start"] - found[b + k]["start"]) * 1000
            for a, b, size in matcher.get_matching_blocks() for k in range(size)]


def figures(errors):
    import numpy

    size = numpy.abs(errors)
    return (f"{len(errors):6} {numpy.median(errors):+8.1f} {numpy.median(size):8.1f} {numpy.percentile(size, 95):8.1f}"
            f" {size.max():8.1f}")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=pathlib.Path, required=True)
    options.add_argument("--binary", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    options.add_argument("--voices", default="af_heart,fast_heart")
    options.add_argument("--formats", default="wav,mp3,opus,flac")
    options.add_argument("--flow", action="store_true")
    options.add_argument("--heard", action="store_true")
    options.add_argument("--worst", type=int, default=0, help="list so many of the largest errors")
    options.add_argument("articles", nargs="*", type=pathlib.Path)
    options = options.parse_args()
    sys.path.insert(0, str(options.shared / "eval"))
    from common import boot

    boot()
    from round_trip import TEN

    articles = options.articles or [ROOT / "tests/data" / name for name in TEN]
    print("words after pauses of 150 ms: caption minus sound, ms")
    print("voice".ljust(12), "format".ljust(8), " words   median   median of size, 95 %, largest")
    environment = {**os.environ, "AUDIO_REPORT_ANNOUNCE": "none"}
    with tempfile.TemporaryDirectory() as folder:
        for voice in options.voices.split(","):
            by_recogniser, begin, end = [], [], []
            for format in options.formats.split(","):
                errors = []
                for article in articles:
                    sound = pathlib.Path(folder, f"{voice}-{article.stem}.{format}")
                    subprocess.run([options.binary, "read", "--quiet", "--force", "--voice", voice, "--captions", "json", "-o", sound, article],
                                   check=True, env=environment, stdout=subprocess.DEVNULL)
                    told = json.loads(sound.with_suffix(".words.json").read_text())
                    words = [word for sentence in told["sentences"] for word in sentence["words"]]
                    errors += after_pauses(words, decoded(sound))
                    if format == options.formats.split(",")[0]:
                        by_recogniser += heard(words, sound) if options.heard else []
                        edges = sibilants(words, decoded(sound)) if options.flow else ([], [])
                        begin, end = begin + edges[0], end + edges[1]
                    sound.unlink()
                print(voice.ljust(12), format.ljust(8), figures([error for error, _ in errors]), flush=True)
                for error, word in sorted(errors, key=lambda row: -abs(row[0]))[:options.worst]:
                    print(f"    {error:+7.1f} {word['text']} at {word['start']:.2f} s")
            if options.flow:
                print(voice.ljust(12), "sibilants that begin words", figures(begin), flush=True)
                print(voice.ljust(12), "sibilants that end words", figures(end), flush=True)
            if options.heard:
                print(voice.ljust(12), "all words against the recogniser", figures(by_recogniser), flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
    main()
