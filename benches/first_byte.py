#!/usr/bin/env python3
"""How long a client of `serve` waits for its first byte, and for all of a short story, over loopback.

    python3 benches/first_byte.py BINARY [--voice NAME …] [--count N]

Each request has words of its own, and nothing is kept between requests. The voice is loaded, and three requests come before those that
count.
"""
import argparse
import http.client
import json
import re
import statistics
import subprocess
import time

STORY = ("The port of Rotterdam reopened on Monday after a strike of three weeks. Ships came back at noon, and pilots said that "
         "the queue would be gone by Friday.")


def ask(port, text, form):
    """Seconds to the first byte and to the last."""
    client = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"model": "tts-1", "input": text, "response_format": form})
    begun = time.monotonic()
    client.request("POST", "/v1/audio/speech", body, {"Content-Type": "application/json"})
    answer = client.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read().decode())
    answer.read(1)
    first = time.monotonic() - begun
    answer.read()
    whole = time.monotonic() - begun
    client.close()
    return first, whole


def measure(binary, voice, form, count):
    """Medians and the 95th percentile of `count` requests, in milliseconds."""
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--voice", voice, "--no-cache"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        port = int(re.search(r":(\d+)/", server.stdout.readline()).group(1))
        try:
            for number in range(3):
                ask(port, f"Warm-up {number}. {STORY}", form)
            times = [ask(port, f"Report number {number}. {STORY}", form) for number in range(count)]
        finally:
            server.terminate()
    firsts = sorted(1000 * first for first, _ in times)
    whole = statistics.median(1000 * whole for _, whole in times)
    return statistics.median(firsts), firsts[int(0.95 * (count - 1))], whole


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--voice", nargs="+", default=["fast_heart", "af_heart"])
    parser.add_argument("--count", type=int, default=50)
    asked = parser.parse_args()
    print(f"{'voice':12} {'format':6} {'first byte':>12} {'95 %':>8} {'whole':>9}")
    for voice in asked.voice:
        for form in ("pcm", "mp3", "opus"):
            first, most, whole = measure(asked.binary, voice, form, asked.count)
            print(f"{voice:12} {form:6} {first:9.0f} ms {most:5.0f} ms {whole:6.0f} ms", flush=True)


if __name__ == "__main__":
    main()
