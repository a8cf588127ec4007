"""Throughput and first byte at 1, 4 and 16 clients, for this program or another server of the same call.

A peer that installs is fastkokoro, with onnxruntime. Without a model hub it takes the 8-bit export and the voices that kokoro-onnx takes:

    FASTKOKORO_MODEL_PATH=kokoro-v1.0.int8.onnx FASTKOKORO_VOICES_PATH=voices.npz FASTKOKORO_HOST=127.0.0.1 FASTKOKORO_PORT=8881 fastkokoro
"""

import threading
import time

import clients
import process
import texts

WORDS = 60
# Requests of each client, by the number of clients: enough of them in all, and not an hour for a slow server.
CLIENTS = {1: 6, 4: 3, 16: 1}


def part(times, share):
    """The time that so many of 100 requests do not exceed, in milliseconds."""
    return 1000 * sorted(times)[round(share / 100 * (len(times) - 1))]


def measure(server, count, requests):
    """Prints how `count` clients fare that each make some requests one after the other."""
    taken = []
    before = process.use(server.number)
    begun = time.monotonic()

    def one():
        for _ in range(requests):
            taken.append(clients.take(server, texts.story(WORDS)))

    crowd = [threading.Thread(target=one) for _ in range(count)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    passed = time.monotonic() - begun
    after = process.use(server.number)
    if len(taken) != count * requests:
        raise SystemExit(f"{count * requests - len(taken)} requests failed")
    sound = sum(one.sound for one in taken)
    first = [one.first for one in taken]
    whole = [one.whole for one in taken]
    print(f"  {count:2} clients: {sound / passed:6.2f} s of sound a second, {(after.processor - before.processor) / sound:.3f} s of processor each; "
          f"first byte {part(first, 50):6.0f} ms, 95 % {part(first, 95):6.0f} ms; whole {part(whole, 50):6.0f} ms; "
          f"memory at most {after.peak:.0f} MiB", flush=True)


def run(server, times=1):
    """Measures a server that runs, so many times in turn."""
    clients.take(server, texts.story(WORDS))
    for _ in range(times):
        for count, requests in CLIENTS.items():
            measure(server, count, requests)
