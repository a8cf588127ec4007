"""What a server holds after very many requests: cancelled ones, short ones, connections on which nothing happens."""

import random
import socket
import struct
import threading
import time

import clients
import process
import texts

TOGETHER = 8
IDLE = 1_000
ROUNDS = 60
# Memory, threads and descriptors may differ by so much.
TOLERANCE = 0.03


def request(server, text):
    """The bytes of a speech call."""
    body = clients.body(server, text).encode()
    head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def cancel(server, longest, chance):
    """Asks, and hangs up at a random moment: in order, or as a machine does that is switched off."""
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(request(server, texts.story(chance.choice((10, 25, 200)))))
        until = time.monotonic() + longest * chance.random()
        while (left := until - time.monotonic()) > 0:
            client.settimeout(left)
            try:
                if not client.recv(65_536):
                    break
            except TimeoutError:
                break
        if chance.random() < 0.5:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def together(work, count):
    """Does `work` so many times, by some threads; each gets a source of chance of its own."""
    left = iter(range(count))
    lock = threading.Lock()

    def one(seed):
        chance = random.Random(seed)
        while True:
            with lock:
                if next(left, None) is None:
                    return
            work(chance)

    threads = [threading.Thread(target=one, args=(seed,)) for seed in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def tell(what, held, before=None):
    """Prints a line, and says whether it is as before."""
    line = f"  {what:34} {held.memory:6.1f} MiB, {held.threads} threads, {held.descriptors} descriptors"
    fine = True
    if before is not None:
        fine = held.memory <= (1 + TOLERANCE) * before.memory and held.threads <= before.threads and held.descriptors <= before.descriptors
        line += f", memory {100 * (held.memory / before.memory - 1):+.1f} %" + ("" if fine else "  MORE THAN BEFORE")
    print(line, flush=True)
    return fine


def cancelled(binary, voice, count):
    """Requests that are cancelled at random moments, after twice as many that make the server warm."""
    print(f"{voice}: {count:,} requests cancelled at random moments")
    with process.Server(binary, voice) as server:
        whole = clients.take(server, texts.story(200)).whole
        together(lambda chance: cancel(server, whole, chance), count)
        tell(f"after {count:,}", process.rested(server.number))
        together(lambda chance: cancel(server, whole, chance), count)
        before = process.rested(server.number)
        tell(f"after {count:,} more", before)
        together(lambda chance: cancel(server, whole, chance), count)
        fine = tell(f"after {count:,} more", process.rested(server.number), before)
        taken = clients.take(server, texts.story(25))
        print(f"  then a short request: first byte {1000 * taken.first:.0f} ms, {taken.sound:.1f} s of sound", flush=True)
        return fine


def short(binary, voice, count):
    """Short requests on connections that stay open; memory is told ten times, and the first half makes the server warm."""
    print(f"{voice}: {count:,} short requests")
    with process.Server(binary, voice) as server:
        local = threading.local()

        def ask(_):
            if not hasattr(local, "client"):
                local.client = clients.connection(server)
            if not clients.asked(local.client, server, next(texts.sentences())).read():
                raise SystemExit("a short request was answered with no sound")

        begun = time.monotonic()
        before = None
        fine = True
        for tenth in range(1, 11):
            together(ask, count // 10)
            held = process.rested(server.number, process.LONG_REST)
            fine = tell(f"after {tenth * count // 10:,}", held, before)
            if tenth == 5:
                before = held
        passed = time.monotonic() - begun - 10 * process.LONG_REST
        print(f"  {10 * (count // 10) / passed:.0f} requests a second", flush=True)
        return fine


def idle(binary, voice):
    """Connections on which nothing is asked, in rounds; two thirds of the rounds make the server warm."""
    print(f"{voice}: {IDLE:,} connections on which nothing is asked, in {ROUNDS} rounds")
    with process.Server(binary, voice) as server:
        before = None
        for done in range(1, ROUNDS + 1):
            open_ones = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(IDLE)]
            first = 1000 * clients.take(server, texts.story(25)).first
            for one in open_ones:
                one.close()
            held = process.rested(server.number)
            print(f"  beside them first byte of a short request {first:.0f} ms")
            fine = tell(f"after {done}", held, before)
            if done == ROUNDS * 2 // 3:
                before = held
        return fine
