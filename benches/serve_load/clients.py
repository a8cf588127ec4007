"""Clients of the speech call: who takes all as fast as it comes, and who hears it in real time."""

import dataclasses
import http.client
import json
import time

# 24,000 samples of 16 bits.
BYTES_PER_SECOND = 48_000
# A player takes no more ahead than this, and begins with so much, as small players do.
AHEAD = 2.0
FIRST = 0.1


@dataclasses.dataclass
class Taken:
    """Seconds from the request to the first byte and to the last, and seconds of sound."""

    first: float
    whole: float
    sound: float


@dataclasses.dataclass
class Heard:
    """Seconds to the first byte, seconds of sound that came, and how often and how long the player had none."""

    first: float
    sound: float
    dry: int
    silent: float


class Refused(RuntimeError):
    """The server answered with something else than sound."""


def body(server, text, form="pcm"):
    """A request as JSON. `stream` is asked for by servers that else begin to answer at the end; OpenAI's call does not know it. The form
    `sse` is PCM in events."""
    form = {"response_format": "pcm", "stream_format": "sse"} if form == "sse" else {"response_format": form}
    return json.dumps({"model": "kokoro", "input": text, "voice": server.voice, "stream": True, **form})


def asked(client, server, text, form="pcm"):
    """The answer to a request on a connection."""
    client.request("POST", "/v1/audio/speech", body(server, text, form), {"Content-Type": "application/json"})
    answer = client.getresponse()
    if answer.status != 200:
        raise Refused(answer.read().decode())
    return answer


def connection(server):
    """A new connection."""
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)


def take(server, text, form="pcm"):
    """Asks, and takes the sound as fast as it comes. Only of PCM it is known how long it is."""
    begun = time.monotonic()
    client = connection(server)
    answer = asked(client, server, text, form)
    size = len(answer.read(1))
    first = time.monotonic() - begun
    size += len(answer.read())
    whole = time.monotonic() - begun
    client.close()
    return Taken(first, whole, size / BYTES_PER_SECOND)


def hear(server, text, ended):
    """Asks, and plays what comes in real time, until it ends or `ended` is set."""
    begun = time.monotonic()
    client = connection(server)
    answer = asked(client, server, text)
    came = len(answer.read1(65_536))
    first = time.monotonic() - begun
    dry, silent = 0, 0.0
    starts = None
    while not ended.is_set():
        sound = came / BYTES_PER_SECOND
        if starts is None and sound >= FIRST:
            starts = time.monotonic()
        ahead = sound - (time.monotonic() - starts) if starts is not None else 0.0
        if ahead > AHEAD:
            ended.wait(ahead - AHEAD)
            continue
        piece = answer.read1(4_800)
        if not piece:
            break
        came += len(piece)
        if starts is not None:
            missing = time.monotonic() - starts - sound
            if missing > 0:
                dry += 1
                silent += missing
                starts += missing
    client.close()
    return Heard(first, came / BYTES_PER_SECOND, dry, silent)
