"""The first byte of a short request: alone, beside a very long one, and beside as many listeners as the processor can serve."""

import statistics
import threading
import time

import clients
import process
import texts

SHORT = 25
LONG = 50_000
# More clients than workers, so that no worker ever waits for the next request.
CROWD = 6
# Of the sound that the processor can make; the rest is for the short requests.
SHARE = 0.75


def firsts(server, count):
    """Milliseconds to the first byte of short requests one after the other: median and 95 of 100."""
    times = []
    for _ in range(count):
        times.append(1000 * clients.take(server, texts.story(SHORT)).first)
        time.sleep(0.05)
    times.sort()
    return statistics.median(times), times[int(0.95 * (count - 1))]


def listeners(server, count, words):
    """Lets so many listeners begin one after the other. Returns what ends them and says what they heard."""
    ended = threading.Event()
    heard = []
    threads = []
    for _ in range(count):
        text = texts.story(words)
        thread = threading.Thread(target=lambda text=text: heard.append(clients.hear(server, text, ended)))
        thread.start()
        threads.append(thread)
        # They come within some seconds, as people do.
        time.sleep(min(0.5, 20 / count))

    def end():
        ended.set()
        for thread in threads:
            thread.join()
        if len(heard) != count:
            raise SystemExit(f"{count - len(heard)} of {count} listeners failed")
        return heard

    return end


def factor(server):
    """Seconds of sound that the server makes in one, for a crowd that takes all it gets."""
    sounds = []
    begun = time.monotonic()

    def one():
        for _ in range(2):
            sounds.append(clients.take(server, texts.story(150)).sound)

    crowd = [threading.Thread(target=one) for _ in range(CROWD)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return sum(sounds) / (time.monotonic() - begun)


def row(what, times, alone, heard=()):
    """Prints a line; `alone` is the median without company."""
    dry = sum(one.dry for one in heard)
    silent = sum(one.silent for one in heard)
    sound = sum(one.sound for one in heard)
    others = f"{len(heard)} listeners heard {sound:.0f} s, dry {dry} times, {1000 * silent:.0f} ms" if heard else ""
    print(f"  {what:34} {times[0]:6.0f} ms, 95 % {times[1]:6.0f} ms, {times[0] / alone:4.1f} x  {others}", flush=True)


def run(binary, voice, count, most):
    """Measures one voice."""
    options = ["--most-characters", "1000000", "--speaking", str(most + CROWD)]
    with process.Server(binary, voice, *options) as server:
        for _ in range(3):
            clients.take(server, texts.story(SHORT))
        speed = factor(server)
        print(f"{voice}: {speed:.1f} seconds of sound a second", flush=True)
        alone = firsts(server, count)
        row("alone", alone, alone[0])
        end = listeners(server, 1, LONG)
        times = firsts(server, count)
        row(f"beside one of {LONG:,} words", times, alone[0], end())
        others = min(max(1, int(SHARE * speed) - 1), most)
        end = listeners(server, others, 3_000)
        times = firsts(server, count)
        row(f"beside {others} listeners", times, alone[0], end())
        held = process.use(server.number)
        print(f"  memory {held.memory:.0f} MiB, at most {held.peak:.0f} MiB", flush=True)
