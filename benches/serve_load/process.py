"""A server as a process, and what the system says of it."""

import dataclasses
import os
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "serve_check"))
import server  # noqa: E402

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


class Server(server.Server):
    """The program as a server, without kept sound and reports; it ends with the block."""

    def __init__(self, binary, voice, *options):
        super().__init__(binary, voice, "--no-cache", "--no-reports", *options)
        self.port, self.number, self.voice = int(self.root.rpartition(":")[2]), self.process.pid, voice


class Running:
    """A server that somebody else started."""

    def __init__(self, port, number, voice):
        self.port, self.number, self.voice = port, number, voice

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass
