"""The server asked by OpenAI's own packages, for Python and for Node, and by schemathesis, which makes requests of its description.

    python3 benches/serve_check/check.py BINARY [--voice NAME] [--examples N] [--seed N] [--node FOLDER] [--only PART,…]

Starts BINARY on free ports of this machine. Prints a line a fault and what was checked; the exit code is 1 when there is a fault. `make
serve-check` installs the packages and runs it. FOLDER is where npm has installed `openai`; without it, or without node, that part says
so and is left out, as is each part whose package is not there. Sounds are decoded by ffmpeg.
"""

import argparse
import base64
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from server import PATIENCE, STORY, Server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from counting import leave_out, sum_up, tell  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# One chunk, which sounds the same however fast the machine is; longer texts are cut as their listener needs it.
ONE = "Reopened."
FORMATS = {"mp3": "audio/mpeg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav", "pcm": "audio/pcm"}
RATE = 24_000


def samples(sound, name):
    """Samples of a decoded sound, which must decode without a complaint."""
    raw = ["-f", "s16le", "-ar", str(RATE), "-ac", "1"]
    command = ["ffmpeg", "-v", "error", *(raw if name == "pcm" else []), "-i", "pipe:0", *raw, "pipe:1"]
    decoded = subprocess.run(command, input=sound, capture_output=True, check=False)
    tell(f"{name} decodes without a complaint", (decoded.returncode, decoded.stderr), (0, b""))
    return len(decoded.stdout) // 2


def events(body):
    """The events of a body, and the sound in them."""
    told = [json.loads(line[6:]) for line in body.decode().split("\n\n") if line.startswith("data: ")]
    deltas = [event for event in told if event["type"] == "speech.audio.delta"]
    return told, b"".join(base64.b64decode(event["audio"]) for event in deltas)


def raised(ask):
    """The error that a call raises."""
    import openai

    try:
        ask()
    except openai.APIError as error:
        return error
    return None


def by_openai(binary, voice):
    """openai for Python."""
    import openai

    def client(server, **options):
        return openai.OpenAI(**{"base_url": server.url, "api_key": "none", "timeout": PATIENCE, "max_retries": 0, **options})

    with Server(binary, voice) as server:
        own = client(server)
        names = [model.id for model in own.models.list()]
        tell("models are listed", {"tts-1", "gpt-4o-mini-tts"} <= set(names))
        tell("each model is there", [own.models.retrieve(name).id for name in names], names)
        usual = {"model": "tts-1", "voice": "alloy", "input": ONE}
        length = len(own.audio.speech.create(**usual, response_format="pcm").read()) // 2
        tell("half a second at least", length > RATE // 2)
        for name, kind in FORMATS.items():
            whole = own.audio.speech.create(**usual, response_format=name)
            tell(f"{name}: its type", whole.response.headers["content-type"].split(";")[0], kind)
            tell(f"{name}: it says who reads", whole.response.headers["x-synthetic-speech"], "true")
            count = samples(whole.read(), name)
            # Coders of frames may add a part of one.
            tell(f"{name}: {count} samples of {length}", abs(count - length) < RATE // 10 if name in ("mp3", "opus") else count == length)
            with own.audio.speech.with_streaming_response.create(**usual, response_format=name) as answer:
                pieces = list(answer.iter_bytes(4_096))
            tell(f"{name}: streamed as whole", b"".join(pieces) == whole.content)
            answer = own.audio.speech.create(**usual, response_format=name, stream_format="sse")
            told, sound = events(answer.read())
            tell(f"{name}: the last event", told[-1]["type"], "speech.audio.done")
            tell(f"{name}: usage", set(told[-1]["usage"]), {"input_tokens", "output_tokens", "total_tokens"})
            tell(f"{name}: as events as whole", sound == whole.content)
            story = own.audio.speech.create(**{**usual, "input": STORY}, response_format=name).read()
            tell(f"{name}: a longer text", samples(story, name) > 2 * length)
        short = own.audio.speech.create(**{**usual, "input": "One."}, response_format="wav").read()
        tell("a short WAV has its true size", int.from_bytes(short[4:8], "little"), len(short) - 8)
        for speed in (0.25, 4.0):
            spoken = own.audio.speech.create(**usual, response_format="pcm", speed=speed).read()
            tell(f"speed {speed}", 0.7 < len(spoken) / 2 * speed / length < 1.4)
        said = own.audio.speech.create(**{**usual, "model": "gpt-4o-mini-tts", "voice": {"id": "nova"}}, instructions="Whisper.")
        tell("instructions are not heeded", said.response.headers["x-ignored-parameters"], "instructions")

        # Each fault is the class that the package has for it, with all that it tells.
        speak = own.audio.speech.create
        wrong = [
            (openai.BadRequestError, {"input": " "}, "input", "nothing_to_speak"),
            (openai.BadRequestError, {"response_format": "aac"}, "response_format", "unsupported_format"),
            (openai.BadRequestError, {"voice": "nobody"}, "voice", "voice_not_found"),
            (openai.BadRequestError, {"speed": 5}, "speed", None),
            (openai.NotFoundError, {"model": "whisper-1"}, "model", "model_not_found"),
        ]
        for kind, fields, param, code in wrong:
            error = raised(lambda: speak(**{**usual, **fields}))
            told = (type(error), error.param, bool(error.type), bool(error.request_id))
            tell(f"{fields}", told, (kind, param, True, True))
            if code:
                tell(f"{fields}: code", error.code, code)
        error = raised(lambda: own.models.retrieve("whisper-1"))
        tell("no such model", (type(error), error.code), (openai.NotFoundError, "model_not_found"))
        error = raised(lambda: speak(**usual, extra_headers={"Origin": "https://elsewhere.example"}))
        tell("a page of elsewhere", (type(error), error.code), (openai.PermissionDeniedError, "origin_not_allowed"))
        error = raised(lambda: speak(**{**usual, "input": "a" * (5 << 20)}))
        tell("a body that is too large", (type(error), error.status_code, error.code), (openai.APIStatusError, 413, "request_too_large"))

        told = own.post("/explain", body={"input": STORY}, cast_to=object)
        tell("an explanation", (told["object"], [part["kind"] for part in told["paragraphs"]]), ("explanation", ["paragraph"]))
        described = own.get(f"{server.root}/openapi.json", cast_to=object)
        tell("a description", described["openapi"].startswith("3.1"))

        # A server that dies in the middle is no end of the sound.
        long = {**usual, "input": f"{STORY} " * 200}
        with own.audio.speech.with_streaming_response.create(**long, response_format="pcm") as answer:
            blocks = answer.iter_bytes(4_096)
            next(blocks)
            server.process.kill()
            try:
                whole = sum(map(len, blocks))
                tell("a stream that broke off looks whole", whole, None)
            except Exception as error:  # The package passes on what its own client of HTTP says.
                tell("a stream that broke off", "incomplete" in str(error) or "closed" in str(error) or "reset" in str(error).lower(), True)
        server.process.wait(PATIENCE)
        server.process.returncode = 0

    tokens = tempfile.TemporaryDirectory(prefix="serve-check-")
    with tokens:
        file = pathlib.Path(tokens.name) / "tokens"
        made = subprocess.run([binary, "serve", "--new-token", "check", "--token-file", file], capture_output=True, text=True, check=True)
        with Server(binary, voice, "--token-file", file) as server:
            error = raised(lambda: client(server, api_key="wrong").models.list())
            tell("a wrong key", (type(error), error.type), (openai.AuthenticationError, "authentication_error"))
            tell("the right key", len(client(server, api_key=made.stdout.strip()).models.list().data) > 3)

    # One place, and it is taken: the package comes again when the server says so.
    with Server(binary, voice, "--speaking", "1", "--waiting", "0", "--no-cache") as server:
        own = client(server)
        with own.audio.speech.with_streaming_response.create(**{**usual, "input": f"{STORY} " * 200}, response_format="pcm") as holding:
            blocks = holding.iter_bytes(4_096)
            next(blocks)
            error = raised(lambda: own.audio.speech.create(**usual))
            tell("no place", (type(error), error.code), (openai.RateLimitError, "server_busy"))
            again = error.response.headers.get("retry-after", "")
            tell(f"a time to come again ({again})", again.isdigit() and 1 <= int(again) <= 120)
            threading.Timer(0.5, holding.close).start()
            begun = time.monotonic()
            answer = client(server, max_retries=3).audio.speech.with_raw_response.create(**usual, response_format="pcm")
            tell("it came again", answer.retries_taken >= 1)
            waited = time.monotonic() - begun
            tell(f"it waited as it was told ({waited:.1f} s of {again})", waited >= int(again or 0) * 0.9)
            tell("all of it", len(answer.content) // 2, length)


def by_node(binary, voice, folder):
    """openai for Node."""
    with Server(binary, voice) as server, Server(binary, voice, "--speaking", "1", "--waiting", "0", "--no-cache") as busy:
        command = ["node", str(folder / "check.mjs"), server.url, busy.url]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=10 * PATIENCE, check=False)
        print(ran.stdout + ran.stderr, end="")
        count = re.search(r"(\d+) checks, (\d+) faults", ran.stdout)
        tell("openai for Node: every check was made", bool(count) and ran.returncode == 0)


def by_description(binary, examples, seed):
    """schemathesis, with the stand-in voice: it asks a thousand times."""
    with tempfile.TemporaryDirectory(prefix="serve-check-") as folder, Server(
        binary, "tone", "--most-characters", "2000", "--save-words", f"{folder}/words.toml", "--podcast", folder
    ) as server:
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run", f"{server.root}/openapi.json",
            "--max-examples", str(examples), "--seed", str(seed), "--request-timeout", str(PATIENCE), "--no-color",
            # Its own store of examples would make a second run another one.
            "--generation-database", "none",
        ]
        ran = subprocess.run(command, check=False)
        tell("schemathesis is content", ran.returncode, 0)
        tell("the server goes on", server.process.poll(), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--voice", default="fast_heart")
    parser.add_argument("--examples", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--node", type=pathlib.Path)
    parser.add_argument("--only", default="openai,node,schemathesis")
    args = parser.parse_args()
    binary, only = str(args.binary.resolve()), args.only.split(",")
    version = ".".join(map(str, sys.version_info[:2]))
    if "openai" in only:
        if importlib.util.find_spec("openai"):
            by_openai(binary, args.voice)
        else:
            leave_out(f"openai for Python is not installed (this is Python {version})")
    if "node" in only:
        if args.node and shutil.which("node") and (args.node / "node_modules/openai").is_dir():
            by_node(binary, args.voice, args.node)
        else:
            leave_out("openai for Node is not installed, or there is no node")
    if "schemathesis" in only:
        if importlib.util.find_spec("schemathesis"):
            by_description(binary, args.examples, args.seed)
        else:
            leave_out(f"schemathesis is not installed (this is Python {version}, and it needs 3.10)")
    return sum_up()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    sys.exit(main())
