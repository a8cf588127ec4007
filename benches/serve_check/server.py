"""What all checks of the server have in common: the program as a server."""

import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from counting import tell  # noqa: E402

STORY = "The port reopened on Monday. Ships came back at noon, and the first crane moved an hour later."
# Nothing takes longer, even on a slow machine that does other things.
PATIENCE = 120


class Server:
    """The program, which keeps its reports in a folder of its own; it ends with the block."""

    def __init__(self, binary, voice, *options):
        self.home = tempfile.TemporaryDirectory(prefix="serve-check-")
        command = [binary, "serve", "--voice", voice, "--listen", "127.0.0.1:0"]
        command += ["--reports", str(pathlib.Path(self.home.name) / "reports"), *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.line = self.process.stdout.readline()
        self.root = "http://" + self.said(r"http://([^/\s]+)/")
        self.url = f"{self.root}/v1"

    def said(self, pattern):
        """What it said at its start, by a pattern with a group."""
        found = re.search(pattern, self.line)
        if not found:
            raise SystemExit(f"the server says {self.line!r}")
        return found[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.home.cleanup()
        tell("the server ends in order", status, 0)
