"""How long a client waits for its first byte, and for all of two sentences, with nothing beside it."""

import statistics

import clients
import process
import texts

WORDS = 25


def run(binary, voice, count):
    """Prints a line a format: medians, and what 95 of 100 requests do not exceed. A WAV of up to 200 characters is made whole first."""
    for form in ("pcm", "mp3", "opus", "flac", "sse", "wav"):
        with process.Server(binary, voice) as server:
            for _ in range(3):
                clients.take(server, texts.story(WORDS), form)
            taken = [clients.take(server, texts.story(WORDS), form) for _ in range(count)]
        firsts = sorted(1000 * one.first for one in taken)
        whole = statistics.median(1000 * one.whole for one in taken)
        print(f"{voice:12} {form:6} first byte {statistics.median(firsts):4.0f} ms, 95 % {firsts[int(0.95 * (count - 1))]:4.0f} ms; "
              f"whole {whole:5.0f} ms", flush=True)
