"""Wyoming as its own clients speak it: the `wyoming` package, `wyoming-bench`, and `wyoming-openai` as a bridge to the HTTP side.

    python3 benches/serve_check/wyoming_check.py BINARY [--voice NAME] [--rounds N] [--most-first MS] [--bridge COMMAND]

Starts BINARY on free ports of this machine. Prints a line a fault, then the time to the first sound, the time for all and the real-time
factor, as `wyoming-bench` measures them; the exit code is 1 when there is a fault. `make serve-check` installs the packages and runs it
with a release build and the fast voice. The bridge needs Python 3.12 or later: `--bridge COMMAND` starts another Python, which may lie in
another root. Where it can't be had, that part says so and is left out.
"""

import argparse
import asyncio
import contextlib
import io
import pathlib
import re
import shlex
import shutil
import socket
import subprocess
import sys
import wave

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import read_event, write_event
from wyoming.info import Describe, Info, SelectProgram
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped, SynthesizeVoice
from wyoming_bench.const import MODE_NON_STREAMING, MODE_STREAMING
from wyoming_bench.tts.bench import bench_server
from wyoming_bench.tts.reporting import print_server_report, summarize_mode
from wyoming_bench.tts.texts import DEFAULT_TEXTS

from server import PATIENCE, STORY, Server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from counting import leave_out, sum_up, tell  # noqa: E402


def address(server):
    """Host and port of Wyoming."""
    host, port = server.said(r"tcp://([^;]+);").rsplit(":", 1)
    return host, int(port)


class Heard:
    """What came for one request."""

    def __init__(self):
        self.starts, self.stops, self.sound, self.format = 0, 0, b"", None
        self.is_stopped, self.error = False, None

    def wav(self):
        with io.BytesIO() as file:
            with wave.open(file, "wb") as out:
                rate, width, channels = self.format
                out.setframerate(rate)
                out.setsampwidth(width)
                out.setnchannels(channels)
                out.writeframes(self.sound)
            return file.getvalue()


async def hear(client, last):
    """Reads until `last`, the end of the connection, or an error."""
    heard = Heard()
    while True:
        event = await client.read_event()
        if event is None:
            return heard
        if AudioStart.is_type(event.type):
            start = AudioStart.from_event(event)
            heard.starts += 1
            heard.format = (start.rate, start.width, start.channels)
        elif AudioChunk.is_type(event.type):
            chunk = AudioChunk.from_event(event)
            tell("format of a chunk", (chunk.rate, chunk.width, chunk.channels), heard.format)
            heard.sound += chunk.audio
        elif AudioStop.is_type(event.type):
            heard.stops += 1
        elif SynthesizeStopped.is_type(event.type):
            heard.is_stopped = True
        elif Error.is_type(event.type):
            heard.error = Error.from_event(event)
        if last.is_type(event.type):
            return heard


def client_of(server):
    return AsyncTcpClient(*address(server), connect_timeout=PATIENCE, read_timeout=PATIENCE)


async def speak(client, text, voice=None):
    await client.write_event(Synthesize(text, voice).event())
    return await hear(client, AudioStop)


async def stream(client, pieces, voice=None, whole=None):
    """Sends a text in pieces, and as Home Assistant does the whole of it before the end."""
    hearing = asyncio.create_task(hear(client, SynthesizeStopped))
    await client.write_event(SynthesizeStart(voice).event())
    for piece in pieces:
        await client.write_event(SynthesizeChunk(piece).event())
        await asyncio.sleep(0.01)
    await client.write_event(Synthesize(whole or "".join(pieces), voice).event())
    await client.write_event(SynthesizeStop().event())
    return await hearing


async def by_package(server, voice):
    """The package's own client."""
    async with client_of(server) as client:
        await client.write_event(Describe().event())
        info = Info.from_event(await client.read_event())
        program = info.tts[0]
        tell("streaming is offered", program.supports_synthesize_streaming)
        tell("the voice is listed first", program.voices[0].name, voice)
        tell("languages of Home Assistant", {tag for entry in program.voices for tag in entry.languages} <= {"en-US", "en-GB"})
        await client.write_event(SelectProgram(program.name).event())
        await client.write_event(Ping("there?").event())
        tell("pong", Pong.from_event(await client.read_event()).text, "there?")
        # Many requests on one connection, of both kinds.
        first = await speak(client, STORY, SynthesizeVoice(name=voice))
        tell("one sound", (first.starts, first.stops, first.error), (1, 1, None))
        tell("two seconds at least", len(first.sound) > 2 * 48_000)
        streamed = await stream(client, re.findall(r"\S+\s*", STORY))
        tell("one sound of a stream", (streamed.starts, streamed.stops, streamed.is_stopped), (1, 1, True))
        ratio = len(streamed.sound) / len(first.sound)
        tell(f"a stream is not spoken twice ({ratio:.2f} of the whole text's sound)", 0.8 < ratio < 1.25)
        again = await speak(client, STORY, SynthesizeVoice(language="en"))
        tell("a text after a stream", (again.starts, again.stops, bool(again.sound)), (1, 1, True))
        with wave.open(io.BytesIO(again.wav())) as file:
            tell("a file as Home Assistant writes it", file.getnframes() * 2, len(again.sound))
        empty = await speak(client, "")
        tell("no text", (empty.starts, empty.stops, empty.sound), (1, 1, b""))
    async with client_of(server) as client:
        wrong = await speak(client, STORY, SynthesizeVoice(name="nobody"))
        tell("a voice that is not there", wrong.error and wrong.error.code, "voice_not_found")
        tell("the end after an error", await client.read_event(), None)
    # Several at once, and one that leaves.
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(client_of(server)) for _ in range(4)]
        heard = await asyncio.gather(*(speak(client, f"{STORY} Number {n}.") for n, client in enumerate(clients)))
        tell("four at once", [(one.starts, one.stops, one.error) for one in heard], [(1, 1, None)] * 4)
    client = client_of(server)
    await client.connect()
    await client.write_event(Synthesize(STORY * 200).event())
    await client.read_event()
    await client.disconnect()
    async with client_of(server) as client:
        tell("after one that left", (await speak(client, STORY)).stops, 1)


def by_stdio(binary, voice):
    """Over standard input and output, by the package's own reader."""
    command = [binary, "serve", "--voice", voice, "--wyoming", "stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        write_event(Synthesize(STORY).event(), process.stdin)
        kinds = []
        while not kinds or kinds[-1] != "audio-stop":
            event = read_event(process.stdout)
            kinds.append(event.type if event else None)
            if event is None:
                break
        tell("events by standard output", list(dict.fromkeys(kinds)), ["audio-start", "audio-chunk", "audio-stop"])
        process.stdin.close()
        tell("nothing after them", process.stdout.read(), b"")
        tell("exit code", process.wait(), 0)


async def by_bench(server, voice, rounds, most_first):
    """wyoming-bench, which is also the comparison with other servers."""
    modes = [MODE_NON_STREAMING, MODE_STREAMING]
    measured = await bench_server(
        *address(server), list(DEFAULT_TEXTS), modes, SynthesizeVoice(name=voice), None, rounds, 1, False, 0.0,
        PATIENCE, PATIENCE, unique=True, probe_timeout=PATIENCE,
    )
    for one in measured:
        tell(f"{one.mode} {one.text[:30]!r}", (one.ok, one.error, one.n_audio_cycles), (True, "", 1))
    print_server_report(f"{':'.join(map(str, address(server)))} ({voice})", measured)
    for mode in modes:
        told = summarize_mode(measured, mode)
        tell(f"measurements of {mode}", told["ok"], rounds * len(DEFAULT_TEXTS))
        if most_first:
            first = told["ttft"]["p95"] * 1_000
            tell(f"{mode}: first sound after {first:.0f} ms at most {most_first} (p95)", first <= most_first)


async def by_bridge(server, voice, python):
    """wyoming-openai asks the HTTP side, and is asked by Wyoming."""
    is_there = shutil.which(python[0]) and not subprocess.run([*python, "-c", "import wyoming_openai"], stderr=subprocess.DEVNULL).returncode
    if not is_there:
        leave_out("wyoming-openai is not installed: it needs Python 3.12 or later")
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *python, "-m", "wyoming_openai", "--uri", f"tcp://127.0.0.1:{port}", "--tts-openai-url", f"{server.url}",
        "--tts-openai-key", "none", "--tts-models", "tts-1", "--tts-streaming-models", "gpt-4o-mini-tts",
        "--tts-backend", "KOKORO_FASTAPI", "--log-level", "WARNING",
    ]
    bridge = subprocess.Popen(command)
    try:
        for _ in range(PATIENCE * 10):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            tell("the bridge runs", bridge.poll(), None)
            await asyncio.sleep(0.1)
        async with AsyncTcpClient("127.0.0.1", port, read_timeout=PATIENCE) as client:
            await client.write_event(Describe().event())
            info = Info.from_event(await client.read_event())
            names = [entry.name for program in info.tts for entry in program.voices]
            tell("the bridge lists our voice", any(name.split(" ")[0] == voice for name in names))
            name = next((name for name in names if name.split(" ")[0] == voice), voice)
            through = await speak(client, STORY, SynthesizeVoice(name=name))
            tell("through the bridge", (through.starts, through.stops, through.error), (1, 1, None))
            streamed = await stream(client, re.findall(r"\S+\s*", STORY), SynthesizeVoice(name=name))
            tell("a stream through the bridge", (streamed.stops > 0, streamed.is_stopped, streamed.error), (True, True, None))
        async with client_of(server) as client:
            own = await speak(client, STORY)
        ratio = len(through.sound) / max(1, len(own.sound))
        tell(f"the bridge's sound is as long as ours ({ratio:.2f})", 0.8 < ratio < 1.25)
    finally:
        bridge.terminate()
        bridge.wait()


async def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--voice", default="fast_heart")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most-first", type=float, default=0, metavar="MS")
    parser.add_argument("--bridge", type=shlex.split, default=[sys.executable], metavar="COMMAND")
    args = parser.parse_args()
    binary = str(args.binary.resolve())
    with Server(binary, args.voice, "--wyoming", "127.0.0.1:0") as server:
        await by_package(server, args.voice)
        await by_bench(server, args.voice, args.rounds, args.most_first)
        await by_bridge(server, args.voice, args.bridge)
    by_stdio(binary, args.voice)
    return sum_up()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
