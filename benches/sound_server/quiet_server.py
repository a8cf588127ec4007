"""A PulseAudio server of our own without a loudspeaker: it takes sound in real time, and its monitor is recorded."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

RATE = 48_000
BLOCK_SECONDS = 0.01
# Sample values above this are sound (16 bits).
AUDIBLE = 30
NEEDED = ("pulseaudio", "pactl", "parec")


def missing():
    """The programs that are not there."""
    return [program for program in NEEDED if not shutil.which(program)]


class QuietServer:
    """A server in a folder, with a sink that sleeps after a second of silence."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.socket = self.folder / "native"
        self.address = f"unix:{self.socket}"
        self.alsa = self.folder / "asound.conf"
        self.alsa.write_text(
            "</usr/share/alsa/alsa.conf>\n"
            'pcm_type.pulse { lib "libasound_module_pcm_pulse.so" }\n'
            f'pcm.!default {{ type pulse server "{self.address}" }}\n'
            f'ctl.!default {{ type pulse server "{self.address}" }}\n')
        (self.folder / "server.pa").write_text(
            f"load-module module-native-protocol-unix socket={self.socket} auth-anonymous=1\n"
            f"load-module module-null-sink sink_name=quiet rate={RATE} channels=2\n"
            "load-module module-suspend-on-idle timeout=1\n"
            "set-default-sink quiet\n")
        self.environment = {**os.environ, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        # hide_avx512.c needs the faults that the server handles itself.
        self.environment.pop("LD_PRELOAD", None)
        self.process = None

    def start(self):
        """Starts it, and returns when it answers."""
        log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "-F", self.folder / "server.pa", "--exit-idle-time=-1", "--daemonize=no", "--use-pid-file=no"],
            env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        for _ in range(100):
            if self.pactl("info").returncode == 0:
                return self
            time.sleep(0.05)
        sys.exit(f"the sound server does not answer; see {self.folder}/log")

    def pactl(self, *command):
        return subprocess.run(["pactl", "-s", self.address, *command], env=self.environment, capture_output=True, check=False)

    @contextlib.contextmanager
    def awake(self):
        """Keeps the sink awake: a sleeping one takes sound only after a second and a half, whoever plays."""
        command = ["parec", "-s", self.address, "-d", "quiet.monitor", "--raw", "--latency-msec=50"]
        listener = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # A monitor begins with two seconds of delay.
        time.sleep(3.0)
        try:
            yield
        finally:
            listener.terminate()
            listener.wait()

    def die(self):
        """Ends at once, as after a crash."""
        self.process.kill()
        self.process.wait()
        self.socket.unlink(missing_ok=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.die()


class Recording:
    """The monitor of a server's sink, in blocks with the time at which each came."""

    def __init__(self, server):
        self.blocks = []
        self.process = subprocess.Popen(
            ["parec", "-s", server.address, "-d", "quiet.monitor", "--raw", f"--rate={RATE}", "--channels=1", "--format=s16le",
             "--latency-msec=10"], env=server.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.thread = threading.Thread(target=self.listen, daemon=True)
        self.thread.start()

    def listen(self):
        size = int(RATE * BLOCK_SECONDS) * 2
        while block := self.process.stdout.read(size):
            peak = max((abs(value) for value in memoryview(block[: len(block) // 2 * 2]).cast("h")), default=0)
            self.blocks.append((time.monotonic(), peak > AUDIBLE))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.thread.join()
        return self

    def first_sound(self):
        """When sound came first, or nothing."""
        return next((when for when, audible in self.blocks if audible), None)

    def silences(self, longer):
        """Silences between sounds, in seconds, that are longer than that: (begin, length)."""
        found, quiet = [], None
        begun = False
        for index, (when, audible) in enumerate(self.blocks):
            if audible:
                if begun and quiet is not None and (index - quiet) * BLOCK_SECONDS > longer:
                    found.append((self.blocks[quiet][0], (index - quiet) * BLOCK_SECONDS))
                begun, quiet = True, None
            elif quiet is None:
                quiet = index
        return found

    def seconds_of_sound(self):
        """Seconds from the first sound to the last."""
        heard = [index for index, (_, audible) in enumerate(self.blocks) if audible]
        return (heard[-1] - heard[0]) * BLOCK_SECONDS if heard else 0.0
