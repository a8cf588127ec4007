"""A server as a process, and what the system says of it."""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time

# A server that has nothing to do for so long has put away what its last requests needed.
REST = 3.0
# Threads that wait for work of the blocking kind leave after ten seconds.
LONG_REST = 12.0


@dataclasses.dataclass
class Use:
    """What a process holds and has used: MiB, descriptors, seconds of its processors."""

    memory: float
    peak: float
    threads: int
    descriptors: int
    processor: float


def use(process):
    """What the process holds now."""
    status = pathlib.Path(f"/proc/{process}/status").read_text()

    def said(name):
        return int(re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE)[1])

    # Behind the name, which may have spaces: fields 14 and 15 of proc(5) are the times of user and system.
    times = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return Use(said("VmRSS") / 1024, said("VmHWM") / 1024, said("Threads"), len(os.listdir(f"/proc/{process}/fd")),
               sum(map(int, times)) / os.sysconf("SC_CLK_TCK"))


def rested(process, rest=REST):
    """What the process holds when it has had nothing to do for so many seconds."""
    time.sleep(rest)
    return use(process)


class Server:
    """The program as a server on a free port, without kept sound; it ends with the block."""

    def __init__(self, binary, voice, *options):
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--voice", voice, "--no-cache", "--no-reports", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r"127\.0\.0\.1:(\d+)/", line)
        if not found:
            raise SystemExit(f"the server says {line!r}")
        self.port = int(found[1])
        self.voice = voice

    @property
    def number(self):
        return self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.process.stdout.close()


class Running:
    """A server that somebody else started."""

    def __init__(self, port, number, voice):
        self.port, self.number, self.voice = port, number, voice

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
