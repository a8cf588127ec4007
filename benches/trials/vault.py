"""Copies of the installed voice, and damage done to them. The voice of the user is read once and never written."""
import contextlib
import os
import pathlib
import shutil

from samples import Newsroom, TEXT
from wav import digest

STYLE = "af_heart"
MIB = 1 << 20


def voice_home():
    """Where the user's voices lie."""
    if home := os.environ.get("AUDIO_REPORT_HOME"):
        return pathlib.Path(home)
    data = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share"
    return pathlib.Path(data) / "audio-report"


class Voice:
    """A copy of the voice in a folder of its own, to which AUDIO_REPORT_HOME leads."""

    def __init__(self, home):
        self.home = home
        self.family = next(home.glob("voices/*/*.onnx")).parent
        self.model = next(self.family.glob("*.onnx"))
        self.style = self.family / f"{STYLE}.bin"
        self.prepared_folder = pathlib.Path(f"{self.model}.prepared")

    @property
    def env(self):
        return {"AUDIO_REPORT_HOME": self.home}

    @property
    def prepared(self):
        """The largest file of the prepared form: the weights."""
        return max(self.prepared_folder.iterdir(), key=lambda path: path.lstat().st_size)

    @property
    def stamp(self):
        """The smallest file of the prepared form."""
        return min(self.prepared_folder.iterdir(), key=lambda path: path.lstat().st_size)

    def forget_prepared(self):
        shutil.rmtree(self.prepared_folder, ignore_errors=True)

    def close_folders(self):
        """Takes the right to write from all folders."""
        for folder in (self.prepared_folder, self.family, self.family.parent, self.home):
            if folder.is_dir():
                folder.chmod(0o555)

    def listing(self):
        """Every file below, without locks."""
        paths = (path.relative_to(self.home) for path in self.home.rglob("*"))
        return {str(path) for path in paths if path.suffix != ".lock"}


class RealVoice:
    """The voice as it is installed: a clean copy of it, and what it makes of the two sentences."""

    def __init__(self, lab):
        self.lab = lab
        self.clean = self.copy_of(self.installed(lab), lab.folder("voice"))
        self.text = lab.folder("text") / "text.txt"
        self.text.write_bytes(TEXT)
        self.right = lab.folder("spoken") / "right.wav"
        run = self.speak(self.clean, self.right)
        if run.code != 0:
            raise RuntimeError(f"the voice does not speak: {run.brief()}")
        self.digest = digest(self.right)

    @staticmethod
    def installed(lab):
        """The user's model and style; None when they are not there."""
        models = list(lab.voice_home.glob("voices/*/*.onnx"))
        return models[0].parent if models and (models[0].parent / f"{STYLE}.bin").is_file() else None

    @staticmethod
    def copy_of(family, home):
        """Copies the files that were installed, not those that were made of them."""
        target = home / "voices" / family.name
        target.mkdir(parents=True)
        for path in (*family.glob("*.onnx"), family / f"{STYLE}.bin"):
            shutil.copy2(path, target)
        return Voice(home)

    @contextlib.contextmanager
    def copy(self, prepared=True):
        """A copy of model, style and (unless told otherwise) prepared form; times of change are kept."""
        with self.lab.scratch("voice") as folder:
            shutil.copytree(self.clean.home, folder, dirs_exist_ok=True)
            voice = Voice(folder)
            if not prepared:
                voice.forget_prepared()
            yield voice

    def speak(self, voice, output, *more, text=None, **options):
        """Reads the two sentences, without the network."""
        arguments = ("read", text or self.text, "-o", output, "--voice", STYLE, "--offline", *more)
        return self.lab.run(*arguments, env=voice.env | options.pop("env", {}), **{"limit": 120} | options)

    def listen(self, voice, **options):
        """Speaks with a copy and returns a word and the run: “same”, “refused” (with a message), “silent” (refused without
        one), “other” (another sound, a fault), or how it crashed."""
        with self.lab.scratch("heard") as folder:
            folder.chmod(0o777)
            output = folder / "x.wav"
            run = self.speak(voice, output, **options)
            if run.crash:
                return run.crash, run
            if run.code != 0:
                return ("refused" if run.err.strip() else "silent"), run
            return ("same" if output.is_file() and digest(output) == self.digest else "other"), run


def real_voice(lab, tally, case="all"):
    """The voice, or None after saying that its trials can't be made."""
    if RealVoice.installed(lab) is None:
        tally.skip(case, f"no voice in {lab.voice_home}; install it with: audio-report voices install")
        return None
    return lab.once("voice", lambda: RealVoice(lab))


def spoken_newsroom(lab, voice):
    """Three short articles, read by the real voice."""
    args = ("--voice", STYLE, "--offline")
    return lab.once("spoken newsroom", lambda: Newsroom(lab, 3, 100, args, voice.clean.env))


def overwrite(path, offset, data):
    """Writes into a file in place."""
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(data)


def flip(path, offset):
    """Turns seven bits of a byte around."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x7F]))


@contextlib.contextmanager
def same_times(path):
    """Puts the time of change back at the end of the block, as damage on a disk leaves it."""
    before = path.stat()
    yield
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
