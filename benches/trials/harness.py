"""Runs the real program: in temporary folders, with a time limit, and with nothing of the user's in its environment."""
import contextlib
import dataclasses
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time

# The user and group that own nothing: nobody and nogroup.
NOBODY = 65534
# How often a condition that will come is looked at.
POLL = 0.004
# More output than this is read by no check.
MOST_OUTPUT = 4 << 20
# What a child takes from the environment of the trials; AUDIO_REPORT_KERNEL forces an instruction set.
INHERITED = ("PATH", "AUDIO_REPORT_KERNEL", "LD_LIBRARY_PATH")


@dataclasses.dataclass
class Run:
    """A command that has ended."""

    shown: str
    # The exit code; minus the signal's number when a signal ended it.
    code: int
    out: bytes
    err: bytes
    seconds: float
    # CPU seconds, and those of the program's own code.
    cpu: float
    user: float
    peak_mib: float
    is_late: bool

    @property
    def said(self):
        """Both streams as text."""
        return (self.out + self.err).decode(errors="replace")

    @property
    def crash(self):
        """How it ended when it must not end so: “hung”, “panicked” or “crashed”; else None."""
        if self.is_late or self.code == -signal.SIGXCPU:
            return "hung"
        if self.code == 101 or b"panicked at" in self.err:
            return "panicked"
        # A shell reports a signal as 128 and its number; 130 is the program's own code for an interrupt.
        if self.code < 0 or self.code in (132, 133, 134, 135, 136, 137, 139, 153):
            return "crashed"
        return None

    def brief(self):
        """The exit code and the first lines of standard error."""
        words = " ".join(re.sub(r"/\S*/audio-report-trials-\w+/", "", self.err[-900:].decode(errors="replace")).split())
        return f"rc {self.code}, {self.cpu:.1f} s CPU, {self.peak_mib:.0f} MiB: {words[-260:]}"


class Child:
    """A command that runs. Only it and what it started is ever killed, by its own process group."""

    def __init__(self, process, shown, streams):
        self.process, self.shown, self.streams = process, shown, streams
        self.begun = time.monotonic()
        self.status = None
        # Seconds from the start to the last signal that was sent.
        self.sent_after = 0.0

    @property
    def pid(self):
        return self.process.pid

    def send(self, number):
        """Sends a signal unless the command has ended; returns whether it was sent."""
        if self.has_ended():
            return False
        self.sent_after = time.monotonic() - self.begun
        os.kill(self.pid, number)
        return True

    def has_ended(self):
        if self.status is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid == 0:
                return False
            self.status, self.usage, self.ended = status, usage, time.monotonic()
            # So that Popen does not wait for it again.
            self.process.returncode = os.waitstatus_to_exitcode(status)
        return True

    def wait(self, limit=60.0):
        """Waits until the command ends; kills it when it takes longer than `limit` seconds."""
        deadline = time.monotonic() + limit
        is_late = False
        while not self.has_ended():
            if time.monotonic() > deadline:
                is_late = True
                self.kill()
                break
            time.sleep(POLL)
        out, err = (self.read(stream) for stream in self.streams)
        usage = self.usage
        return Run(self.shown, self.process.returncode, out, err, self.ended - self.begun,
                   usage.ru_utime + usage.ru_stime, usage.ru_utime, usage.ru_maxrss / 1024, is_late)

    def kill(self):
        """Kills the command and what it started, and waits for its end."""
        if not self.has_ended():
            # The group was made for this child, which is not yet waited for: the number can't be anybody else's.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            while not self.has_ended():
                time.sleep(POLL)

    @staticmethod
    def read(stream):
        if stream is None:
            return b""
        stream.seek(0)
        with stream:
            return stream.read(MOST_OUTPUT)


class Lab:
    """A temporary folder with a copy of the program, and what the trials share."""

    def __init__(self, binary, is_quick, seed, voice_home):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="audio-report-trials-"))
        # Another user must be able to come in.
        self.root.chmod(0o755)
        self.is_quick = is_quick
        self.random = random.Random(seed)
        self.is_root = os.geteuid() == 0
        self.home = self.folder("home")
        self.home.chmod(0o777)
        # A copy: nobody may be unable to read where it was built, and a build may go on.
        self.binary = self.root / "audio-report"
        shutil.copy2(binary, self.binary)
        self.binary.chmod(0o755)
        # The user's voices; only read, see vault.py.
        self.voice_home = voice_home
        self.children = []
        self.kept = {}

    def close(self):
        for child in self.children:
            child.kill()
        for folder, _, _ in os.walk(self.root):
            with contextlib.suppress(OSError):
                os.chmod(folder, 0o755)
        shutil.rmtree(self.root, ignore_errors=True)

    def repeats(self, full, quick):
        """The number of repeats."""
        return quick if self.is_quick else full

    def folder(self, name):
        """A new empty folder; the name gets a number."""
        path = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.root))
        path.chmod(0o755)
        return path

    @contextlib.contextmanager
    def scratch(self, name="work"):
        """A new empty folder that goes at the end of the block."""
        path = self.folder(name)
        try:
            yield path
        finally:
            for folder, _, _ in os.walk(path):
                with contextlib.suppress(OSError):
                    os.chmod(folder, 0o755)
            shutil.rmtree(path, ignore_errors=True)

    def once(self, key, make):
        """What `make` returned the first time that this key was asked for."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]

    def environment(self, changes):
        variables = {name: os.environ[name] for name in INHERITED if name in os.environ}
        variables |= {"HOME": self.home, "AUDIO_REPORT_HOME": self.home, "LANG": "C.UTF-8", "TERM": "xterm",
                      "AUDIO_REPORT_ANNOUNCE": "none"}
        variables |= changes
        return {name: os.fspath(value) for name, value in variables.items() if value is not None}

    def start(self, *args, cwd=None, env=None, stdin=None, stdout=None, stderr=None, limits=None, closed=(),
              cpu=None, nobody=False, program=None):
        """Starts the program. `limits` are (soft and hard) resource limits, `cpu` is one in seconds, `closed` are descriptors
        to close, `nobody` runs it as a user without rights. Streams that are not given are kept for `Run`."""
        limits = {resource.RLIMIT_CORE: 0} | (limits or {})

        def prepare():
            for what, most in limits.items():
                resource.setrlimit(what, (most, most))
            if cpu is not None:
                # SIGXCPU at the soft limit says why it ended.
                resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
            for descriptor in closed:
                os.close(descriptor)

        command = [program or self.binary, *args]
        shown = " ".join(os.fsdecode(part) for part in command[1:])
        streams = [None if given is not None else tempfile.TemporaryFile() for given in (stdout, stderr)]
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if nobody and self.is_root else {}
        process = subprocess.Popen(
            command, cwd=cwd or self.home, env=self.environment(env or {}), preexec_fn=prepare, start_new_session=True,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=streams[0] if stdout is None else stdout, stderr=streams[1] if stderr is None else stderr, **who)
        child = Child(process, shown, streams)
        self.children = [other for other in self.children if other.status is None]
        self.children.append(child)
        return child

    def run(self, *args, limit=60.0, **options):
        """Starts the program and waits for its end."""
        return self.start(*args, **options).wait(limit)

    def run_on(self, text, *args, **options):
        """The same with `text` on standard input."""
        with tempfile.TemporaryFile() as file:
            file.write(text)
            file.seek(0)
            return self.run(*args, stdin=file, **options)


def small_disk(script, size):
    """The program and first arguments that run a shell script in which `disk` is a new file system of that size; None
    where that is not possible. The script's own arguments follow."""
    mount = f'mount -t tmpfs -o size={size} none disk 2>&- || exit 77\n'
    kind = "-m" if os.geteuid() == 0 else "-rm"
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "disk"))
        probe = subprocess.run([unshare, kind, "sh", "-c", mount], cwd=folder, capture_output=True, check=False)
    return (unshare, [kind, "sh", "-c", mount + script, "sh"]) if probe.returncode == 0 else None


def wait_until(condition, limit=20.0):
    """Whether the condition came within `limit` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
