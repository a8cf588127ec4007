#!/usr/bin/env python3
"""Tries `play` on a real sound server, in real time: a PulseAudio of its own whose monitor is recorded.

    python3 benches/sound_server [BINARY] [--voices heart,fast] [--repeats N]

Prints a line a trial; the exit code is 1 when one went wrong. Needs PulseAudio, its tools, and ALSA's plugin for it."""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time

# No folder of compiled modules beside the sources.
sys.dont_write_bytecode = True

from quiet_server import QuietServer, Recording, missing  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# No pause between sentences is as long as this.
LONGEST_PAUSE = 1.3
VOICES = {"heart": (), "fast": ("--fast",)}
SHORT = "Harbour opens\n\nThe harbour opened again on Monday. Ships came in at noon.\n"
LONG = "Harbour opens\n\n" + "\n\n".join(
    f"The harbour of town number {number} opened again on Monday after a storm. Ships came in at noon, and the mayor thanked the crews."
    for number in range(1, 6)) + "\n"


class Play:
    """One run of `play` with a terminal of its own for keys."""

    def __init__(self, binary, server, article, *options):
        self.ours, theirs = os.openpty()
        environment = {**os.environ, "ALSA_CONFIG_PATH": str(server.alsa), "AUDIO_REPORT_LOG": "debug"}
        self.begun = time.monotonic()
        self.process = subprocess.Popen([binary, "play", "--plain", *options, article], env=environment, stdin=theirs,
                                        stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)
        self.log = b""
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        while True:
            try:
                read = os.read(self.ours, 65_536)
            except OSError:  # closed at the other end
                return
            if not read:
                return
            self.log += read

    def key(self, keys):
        os.write(self.ours, keys)

    def end(self):
        """Waits for its end; returns its exit code, what it printed, and its log."""
        printed = self.process.stdout.read().decode()
        code = self.process.wait()
        self.reader.join()
        os.close(self.ours)
        return code, printed, re.sub(r"\x1b\[[0-9;]*m", "", self.log.decode(errors="replace"))


def figure(log, name):
    found = re.search(rf"{name}=(?:Some\()?([0-9.]+)", log)
    return float(found[1]) if found else None


class Trials:
    """Counts what went wrong."""

    def __init__(self, binary, folder, options):
        self.binary, self.folder, self.options, self.faults = binary, folder, options, 0
        self.short, self.long = folder / "short.txt", folder / "long.txt"
        self.short.write_text(SHORT)
        self.long.write_text(LONG)

    def tell(self, name, is_right, text):
        self.faults += not is_right
        print(f"{'ok  ' if is_right else 'FAIL'} {name}: {text}", flush=True)

    def new_server(self, name):
        place = self.folder / name
        place.mkdir()
        return QuietServer(place)

    def first_plays(self, voice):
        """The first `play` after the server started, again and again, and the next one after it slept."""
        done, rows = [], []
        for turn in range(self.options.repeats):
            with self.new_server(f"first-{voice}-{turn}") as server:
                for _ in range(2):
                    play = Play(self.binary, server, self.short, *VOICES[voice])
                    code, _, log = play.end()
                    done.append(code)
                    rows.append(figure(log, "first_sound_after"))
                    if code:
                        print(log[-600:])
                    time.sleep(2.0)  # the sink falls asleep
        failed = sum(code != 0 for code in done)
        times = [row for row in rows if row is not None]
        text = f"{failed} of {len(done)} failed; first sample after {statistics.median(times):.3f} s (median), {max(times):.3f} s (longest)"
        self.tell(f"{voice}, first and second play after the server started", not failed, text)

    def whole(self, voice, *options):
        """A whole article: no gap, no underrun; when it was heard on the monitor."""
        with self.new_server(f"whole-{voice}{''.join(options)}") as server:
            recording = Recording(server)
            # A monitor begins with two seconds of delay.
            time.sleep(3.0)
            play = Play(self.binary, server, self.long, *VOICES[voice], *options)
            code, _, log = play.end()
            time.sleep(0.5)
            recording.stop()
        heard = (recording.first_sound() or 0.0) - play.begun
        gaps = recording.silences(LONGEST_PAUSE)
        underruns = log.count("the sound ran dry")
        text = (f"first sample after {figure(log, 'first_sound_after')} s, audible on the monitor after {heard:.2f} s, "
                f"{recording.seconds_of_sound():.1f} s of sound, {underruns} underruns, {len(gaps)} gaps")
        self.tell(" ".join((f"{voice}, whole article", *options)), code == 0 and not gaps and not underruns, text)
        return recording.seconds_of_sound()

    def pause(self, voice):
        with self.new_server(f"pause-{voice}") as server:
            recording = Recording(server)
            play = Play(self.binary, server, self.long, *VOICES[voice])
            time.sleep(4.0)
            play.key(b" ")
            time.sleep(3.0)
            play.key(b" ")
            code, _, _ = play.end()
            recording.stop()
        pauses = [length for _, length in recording.silences(2.0)]
        is_right = code == 0 and len(pauses) == 1 and 2.7 < pauses[0] < 4.4
        self.tell(f"{voice}, pause of 3 s", is_right, f"silences of {[round(length, 2) for length in pauses]} s")

    def seek(self, voice):
        with self.new_server(f"seek-{voice}") as server:
            play = Play(self.binary, server, self.long, *VOICES[voice])
            time.sleep(5.0)
            for key in (b"\x1b[C", b"\x1b[C", b"t", b"\x1b[D", b"\x1b[D", b"t", b"q"):
                play.key(key)
                time.sleep(0.4)
            code, _, log = play.end()
        places = [int(place) for place in re.findall(r"sentence (\d+) of", log)]
        is_right = code == 0 and len(places) == 2 and places[1] < places[0]
        self.tell(f"{voice}, two sentences on, two back", is_right, f"exit code {code}, sentences {places}")

    def faster(self, voice, normal):
        with self.new_server(f"faster-{voice}") as server:
            recording = Recording(server)
            play = Play(self.binary, server, self.long, *VOICES[voice])
            time.sleep(1.5)
            for _ in range(5):
                play.key(b"\x1b[A")
                time.sleep(0.05)
            code, _, _ = play.end()
            recording.stop()
        share = recording.seconds_of_sound() / normal
        self.tell(f"{voice}, half as fast again after 1.5 s", code == 0 and 0.6 < share < 0.82, f"{share:.2f} of the time")

    def death(self, voice):
        """The server dies in the middle and is back after two seconds."""
        with self.new_server(f"death-{voice}") as server:
            play = Play(self.binary, server, self.long, *VOICES[voice])
            time.sleep(5.0)
            server.die()
            time.sleep(2.0)
            server.start()
            recording = Recording(server)
            code, printed, log = play.end()
            recording.stop()
        is_right = code == 0 and recording.seconds_of_sound() > 5 and "it is opened again" in log
        text = f"exit code {code}, {recording.seconds_of_sound():.1f} s of sound afterwards, {len(printed.splitlines())} sentences shown"
        self.tell(f"{voice}, the server dies and comes back", is_right, text)
        if not is_right:
            print(log[-1500:])

    def death_for_good(self, voice):
        with self.new_server(f"gone-{voice}") as server:
            play = Play(self.binary, server, self.long, *VOICES[voice])
            time.sleep(4.0)
            server.die()
            died = time.monotonic()
            code, _, log = play.end()
        took = time.monotonic() - died
        is_right = code not in (0, None) and "stopped working" in log and took < 20
        self.tell(f"{voice}, the server dies for good", is_right, f"exit code {code} after {took:.1f} s")


def main():
    parser = argparse.ArgumentParser(prog="benches/sound_server", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", nargs="?", type=pathlib.Path, default=ROOT / "target/release/audio-report")
    parser.add_argument("--voices", default="heart,fast")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    if lacking := missing():
        sys.exit(f"{', '.join(lacking)} is missing; on Debian: apt-get install pulseaudio pulseaudio-utils libasound2-plugins")
    with tempfile.TemporaryDirectory() as name:
        trials = Trials(options.binary.resolve(), pathlib.Path(name), options)
        for voice in options.voices.split(","):
            trials.first_plays(voice)
            normal = trials.whole(voice)
            trials.whole(voice, "-j", "1")
            trials.pause(voice)
            trials.seek(voice)
            trials.faster(voice, normal)
            trials.death(voice)
            trials.death_for_good(voice)
    print(f"{trials.faults} faults")
    sys.exit(bool(trials.faults))


if __name__ == "__main__":
    main()
