#!/usr/bin/env python3
"""`watch` and `serve` for hours, while all that can befall them does.

    python3 benches/long_run BINARY [--minutes 120] [--voice tone]

Articles come into a folder that is watched: whole, in pieces, renamed into it, changed later, and some that are none. Clients ask a server for
speech and reports; some leave in the middle, some are slow, some send nonsense. Both programs are killed, frozen and stopped now and then, and
started again. At the end every article has its one result, which ffmpeg decodes; every report that was promised is there; nobody has panicked;
and memory and descriptors, looked at while nothing is asked, have not grown. The exit code is 1 when something of this is not so.
"""

import argparse
import concurrent.futures
import http.client
import json
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

# No folder of compiled modules beside the sources.
sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from counting import sum_up, tell  # noqa: E402

PATIENCE = 300
# A life of a program that is shorter says nothing about its memory.
LONG_LIFE = 240
# Mebibytes that a program may have more at the end of a life than after its first minute.
MOST_GROWTH = 12
STORY = "Harbor {n} reopened on Monday. Ships came back at noon, and crane {n} moved an hour later. The mayor was glad.\n"


class Program:
    """A program that is ended and started again, and what it said meanwhile."""

    def __init__(self, name, command, folder):
        self.name, self.command, self.log = name, command, open(folder / f"{name}.log", "ab")
        self.path = folder / f"{name}.log"
        self.lives, self.process = 0, None
        self.growths, self.lock = [], threading.Lock()
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.began, self.first = time.monotonic(), None
        self.lives += 1

    def look(self):
        """Memory and descriptors; the first time after a minute, and each later one is compared with it."""
        if time.monotonic() - self.began < 60 or self.process.poll() is not None:
            return
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        memory = int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024
        descriptors = len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))
        if self.first is None:
            self.first = (memory, descriptors)
        self.last = (memory, descriptors)

    def fault(self, kind):
        with self.lock:
            tell(f"{self.name}: it runs until it is ended", self.process.poll(), None)
            if kind == "freeze":
                self.process.send_signal(signal.SIGSTOP)
                time.sleep(random.uniform(1, 8))
                self.process.send_signal(signal.SIGCONT)
                return
            self.end(signal.SIGKILL if kind == "kill" else signal.SIGTERM)
            time.sleep(random.uniform(0, 2))
            self.start()

    def end(self, number):
        if self.first is not None and time.monotonic() - self.began > LONG_LIFE:
            self.growths.append(self.last[0] - self.first[0])
            tell(f"{self.name}: descriptors at the end of a life", self.last[1] <= self.first[1] + 8)
        self.process.send_signal(number)
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        if number == signal.SIGTERM:
            tell(f"{self.name}: it ends in order", code in (0, 130))

    def finish(self):
        with self.lock:
            self.end(signal.SIGTERM)
        text = self.path.read_text(errors="replace")
        tell(f"{self.name}: nobody panics", "panicked" in text, False)
        tell(f"{self.name}: memory does not grow", [f"{growth:.0f} MiB" for growth in self.growths if growth > MOST_GROWTH], [])
        grown = f"{max(self.growths):.1f} MiB at most" if self.growths else "no life was long enough to say"
        print(f"{self.name}: {self.lives} lives; growth in one: {grown}", flush=True)


class Newsroom(threading.Thread):
    """Whoever puts articles into the folder."""

    def __init__(self, folder, over):
        super().__init__(daemon=True)
        self.folder, self.over, self.healthy, self.number = folder, over, {}, 0

    def run(self):
        while not self.over.wait(random.expovariate(1 / 1.5)):
            self.number += 1
            path = self.folder / f"article-{self.number}.txt"
            story = STORY.format(n=self.number).encode()
            way = random.random()
            if way < 0.08:
                path.write_bytes(random.choice([b"", bytes(range(256)) * 9, b"\xff\xfe\x00", b"<html><body><nav>Menu</nav></body></html>"]))
                continue
            if way < 0.3:
                with open(path, "wb") as file:
                    for part in range(0, len(story), 40):
                        file.write(story[part : part + 40])
                        file.flush()
                        time.sleep(0.1)
            elif way < 0.6:
                hidden = self.folder / f".{path.name}.part"
                hidden.write_bytes(story)
                hidden.rename(path)
            else:
                path.write_bytes(story)
            self.healthy[path.stem] = path
            if way > 0.95 and self.healthy:
                changed = random.choice(list(self.healthy.values()))
                changed.write_bytes(changed.read_bytes() + b"It was the third time this year.\n")


class Clients(threading.Thread):
    """Whoever asks the server, one after the other."""

    def __init__(self, port, voice, over):
        super().__init__(daemon=True)
        self.port, self.over = port, over
        self.voice, self.asked, self.whole, self.reports, self.quiet = voice, 0, 0, set(), threading.Event()

    def run(self):
        while not self.over.wait(random.expovariate(1 / 0.4)):
            if self.quiet.is_set():
                continue
            self.asked += 1
            try:
                random.choice([self.speech, self.speech, self.leave, self.slow, self.nonsense, self.report, self.look])()
            except (OSError, http.client.HTTPException):
                # The server was killed, or is about to be there again.
                pass

    def request(self, method, path, body=None, kind="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        payload = json.dumps(body).encode() if isinstance(body, dict) else body
        connection.request(method, path, payload, {"Content-Type": kind} if payload else {})
        return connection, connection.getresponse()

    def body(self, sentences=2):
        text = " ".join(STORY.format(n=random.randrange(10**6)) for _ in range(sentences))
        formats = ["mp3", "opus", "flac", "wav", "pcm"]
        return {"input": text, "voice": self.voice, "response_format": random.choice(formats), "stream_format": random.choice(["audio", "sse"])}

    def speech(self):
        connection, answer = self.request("POST", "/v1/audio/speech", self.body())
        content = answer.read()
        if answer.status == 200:
            self.whole += 1
            tell("an answer has sound", len(content) > 1_000)
        else:
            tell("an answer that is none", answer.status in (429, 503))
        connection.close()

    def leave(self):
        connection, answer = self.request("POST", "/v1/audio/speech", self.body(40))
        answer.read(random.randrange(1, 20_000))
        connection.close()

    def slow(self):
        connection, answer = self.request("POST", "/v1/audio/speech", self.body(10))
        for _ in range(20):
            answer.read(200)
            time.sleep(0.05)
        connection.close()

    def nonsense(self):
        with socket.create_connection(("127.0.0.1", self.port), 10) as raw:
            raw.settimeout(10)
            raw.sendall(random.choice([b"\0" * 500, b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/audio/speech HTTP/1.1\r\nContent-Length: 9\r\n\r\n{", random.randbytes(300)]))
            time.sleep(0.2)

    def report(self):
        connection, answer = self.request("POST", "/v1/reports", {"input": self.body(6)["input"], "voice": self.voice})
        made = json.loads(answer.read())
        connection.close()
        if answer.status == 202:
            self.reports.add(made["id"])

    def look(self):
        for path in ("/readyz", "/metrics", "/v1/reports", "/v1/audio/voices"):
            connection, answer = self.request("GET", path)
            answer.read()
            tell(f"GET {path}", answer.status in (200, 503))
            connection.close()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def until(what, is_so):
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            tell(what, False)
            return
        time.sleep(0.5)


def decodes(path):
    done = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True, text=True, check=False)
    return done.returncode == 0 and not done.stderr.strip()


def live(options, watch, serve, incoming, results, health, port, over):
    """Lets all of it happen, and looks at the end."""
    newsroom = Newsroom(incoming, over)
    clients = [Clients(port, options.voice, over) for _ in range(3)]
    for thread in [newsroom, *clients]:
        thread.start()
    end = time.monotonic() + options.minutes * 60
    faults = {"kill": 0, "freeze": 0, "stop": 0}
    while time.monotonic() < end:
        # Long lives now and then, so that memory has time to grow.
        pause = random.choice([20, 40, 90, LONG_LIFE + 90])
        rest = time.monotonic() + pause
        while time.monotonic() < min(rest, end):
            time.sleep(10)
            for client in clients:
                client.quiet.set()
            time.sleep(3)
            for program in (watch, serve):
                program.look()
            for client in clients:
                client.quiet.clear()
        kind = random.choice(list(faults))
        faults[kind] += 1
        random.choice([watch, serve]).fault(kind)
    tell("newsroom and clients are at work", all(thread.is_alive() for thread in [newsroom, *clients]))
    over.set()
    for thread in [newsroom, *clients]:
        thread.join()
    state = lambda: json.loads(health.read_text()) if health.exists() else {}
    sounds = lambda: {path.stem for path in results.glob("*.opus")}
    until("watch is done", lambda: set(newsroom.healthy) <= sounds() and state().get("state") == "waiting")
    missing = sorted(set(newsroom.healthy) - sounds())
    tell("articles without a result", missing[:5], [])
    tell("results of no article", sorted(sounds() - set(newsroom.healthy))[:5], [])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        paths = list(results.glob("*.opus"))
        broken = [path.name for path, is_whole in zip(paths, pool.map(decodes, paths)) if not is_whole]
    tell("results that don't decode", broken[:5], [])
    asker = Clients(port, options.voice, over)
    promised = set().union(*(client.reports for client in clients))
    states = {}

    def is_all_done():
        for report in promised - {known for known, said in states.items() if said in ("done", "failed")}:
            connection, answer = asker.request("GET", f"/v1/reports/{report}")
            states[report] = json.loads(answer.read()).get("status") if answer.status == 200 else answer.status
            connection.close()
        return all(said in ("done", "failed") for said in states.values())

    until("all reports are made", is_all_done)
    tell("reports that are not done", [said for said in states.values() if said != "done"][:5], [])
    for program in (watch, serve):
        program.finish()
    asked, whole = sum(client.asked for client in clients), sum(client.whole for client in clients)
    print(
        f"{options.minutes:.0f} minutes: {len(newsroom.healthy)} articles and {newsroom.number - len(newsroom.healthy)} that are none, "
        f"{asked} requests, {whole} spoken to the end, {len(promised)} reports; faults: {faults}"
    )
    return sum_up()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--voice", default="tone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="long-run-") as name:
        folder = pathlib.Path(name)
        incoming, results, health = folder / "in", folder / "out", folder / "health.json"
        incoming.mkdir()
        port, over = free_port(), threading.Event()
        watch = Program(
            "watch",
            [options.binary, "watch", str(incoming), "-o", str(results), "--voice", options.voice, "--format", "opus", "--health", str(health), "--quiet"],
            folder,
        )
        serve = Program(
            "serve",
            [options.binary, "serve", "--voice", options.voice, "--listen", f"127.0.0.1:{port}", "--reports", str(folder / "reports"), "--waiting-reports", "1000"],
            folder,
        )
        try:
            return live(options, watch, serve, incoming, results, health, port, over)
        finally:
            over.set()
            for program in (watch, serve):
                program.process.kill()


if __name__ == "__main__":
    sys.exit(main())
