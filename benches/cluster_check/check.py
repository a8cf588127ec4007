"""Many machines that make reports, with a real server of NATS and one of S3, and all that can befall them.

    python3 benches/cluster_check/check.py BINARY [--jobs N] [--nats PROGRAM] [--only TRIAL,…]

BINARY has the feature `cluster` and debug assertions (profile `checked`): some trials end it at a certain step. Each trial submits N articles, lets something
happen while workers make their reports, and then looks: every result is there, under its own key, with one manifest whose files have
the length and the hash that it says, and the sound is that of the first trial, in which nothing happened. `make cluster-check` installs
the servers and runs it. Everything stays on this machine. Workers are on hosts of their own, network namespaces that reach the servers over a bridge; without
root they are on the loopback, and the network that is cut off is left out.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from hosts import OUTSIDE, Hosts
from servers import PATIENCE, Nats, Program, Store, end, lines, until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from counting import leave_out, sum_up, tell  # noqa: E402

LEASE = 2
# Seconds between two looks at a bucket: to list it is more work for the server of S3 than to keep a result.
REST = 2
# Messages that no worker can read.
NO_JOBS = (b"", b"\x00\xff", b"{}", b'{"version": 2}', b'{"version": "x"}', b"[" * 5_000, b"x" * 100_000)
# More than work at a time.
HOSTS = 12


class Trial:
    """A queue and a place for results, and workers that end with the trial."""

    sounds = {}

    def __init__(self, name, options, store, folder, hosts):
        self.name, self.options, self.store, self.hosts = name, options, store, hosts
        self.folder = folder / name
        self.folder.mkdir()
        self.log = open(self.folder / "workers.log", "ab")
        self.nats = Nats(options.nats, self.folder, OUTSIDE if hosts else "127.0.0.1")
        self.bucket = name.replace("_", "-")
        store.client().create_bucket(Bucket=self.bucket)
        self.program = Program(options.binary, folder / "home", self.nats.address, f"s3://{self.bucket}", store.variables, is_insecure=bool(hosts))
        self.workers = []
        self.stop = threading.Event()
        self.articles = write_articles(folder / "articles", options.jobs)

    def __enter__(self):
        self.began = time.monotonic()
        return self

    def __exit__(self, *failure):
        self.stop.set()
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                end(worker, signal.SIGKILL)
        self.nats.kill()
        self.store.spoiler.mode = ""
        if failure[0] is None:
            print(f"{self.name}: {time.monotonic() - self.began:.0f} s", flush=True)

    def submit(self, *more, articles=None):
        names = [str(path) for path in (articles or self.articles)]
        return lines(self.program.run("submit", *names, "--voice", "tone", "--json", *self.program.at(), *more))

    def start(self, count=1, **grounds):
        """Starts workers, each on a host of its own."""
        started = []
        for _ in range(count):
            host = self.hosts and self.hosts.another()
            prefix = self.hosts.at(host) if self.hosts else []
            started.append(self.program.worker(self.log, *self.program.at(), prefix=prefix, **{"ack_wait": LEASE, **grounds}))
            started[-1].host = host
        self.workers += started
        return started

    def keep(self, count, **grounds):
        """Starts workers, and others in place of those that end by themselves."""

        def watch():
            mine = self.start(count, **grounds)
            while not self.stop.wait(0.2):
                ended = [worker for worker in mine if worker.poll() is not None]
                for worker in ended:
                    mine.remove(worker)
                    mine += self.start(1, **grounds)

        threading.Thread(target=watch, daemon=True).start()

    def count(self):
        """Results that are there."""
        return sum(name.endswith("/manifest.json") for name in self.store.objects(self.bucket))

    def reaches(self, part):
        """Waits until so many parts of all results are there."""
        until(f"{self.name}: {part:.0%} of the results", lambda: self.count() >= part * self.options.jobs, rest=REST)

    def reconcile(self):
        self.program.run("queue", "reconcile", *self.program.at())

    def ends(self, reconciles=False, given_up=0):
        """Waits until all is done, and looks at every result."""

        def is_done():
            if reconciles:
                self.reconcile()
            return self.count() >= self.options.jobs - given_up

        until(f"{self.name}: its end", is_done, rest=REST)
        until(f"{self.name}: an empty queue", lambda: self.status()["waiting"] + self.status()["working"] == 0, 120)
        status = self.status()
        tell(f"{self.name}: what is left", (status["wanted"], status["dead"]), (given_up, given_up))
        self.look()

    def identity(self):
        """The name of the place for results, by which the queue tells its jobs from others'."""
        return self.store.read(self.bucket, "identity").decode()

    def status(self):
        return lines(self.program.run("queue", "status", "--json", *self.program.at()))[0]

    def look(self):
        """Every result, once, with the right bytes."""
        client = self.store.client()
        names = self.store.objects(self.bucket)
        by_key = {}
        for name in names:
            key, _, file = name.partition("/")
            if len(key) == 64:
                by_key.setdefault(key, set()).add(file)
        wrong = []
        for key, files in by_key.items():
            read = lambda file, key=key: client.get_object(Bucket=self.bucket, Key=f"{key}/{file}")["Body"].read()
            if "manifest.json" not in files:
                wrong.append((key, "no manifest"))
                continue
            manifest = json.loads(read("manifest.json"))
            listed = {file["name"] for file in manifest["files"]}
            if listed | {"manifest.json"} != files:
                wrong.append((key, f"{files} and listed {listed}"))
            for file in manifest["files"]:
                content = read(file["name"])
                is_right = (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
                known = Trial.sounds.setdefault((key, file["name"]), file["sha256"])
                if not is_right or known != file["sha256"]:
                    wrong.append((key, file["name"]))
        tell(f"{self.name}: results that are wrong", wrong[:5], [])
        tell(f"{self.name}: results", len(by_key), self.options.jobs)


def write_articles(folder, count):
    """Articles of a few words, each with words of its own."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.txt" for number in range(count)]
    for number, path in enumerate(paths):
        if not path.exists():
            path.write_text(f"Pier {number} reopens\n\nShip number {number} came back to the harbor at noon.\n")
    return paths


def calm(trial):
    """Nothing happens."""
    states = [line["state"] for line in trial.submit()]
    tell("calm: all are submitted", states, ["submitted"] * trial.options.jobs)
    trial.start(2)
    trial.ends()


def killed(trial):
    """Workers are killed while they work, again and again."""
    trial.keep(2, sleep=0.05)
    trial.submit()
    for part in (0.2, 0.4, 0.6, 0.8):
        trial.reaches(part)
        for worker in [worker for worker in trial.workers if worker.poll() is None]:
            end(worker, signal.SIGKILL)
    trial.ends()


def frozen(trial):
    """A worker is frozen past its lease, and comes back late with its acknowledgement."""
    trial.submit()
    sleeper, other = trial.start(1, sleep=0.1)[0], trial.start(1)[0]
    for part in (0.2, 0.5):
        trial.reaches(part)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(LEASE * 2)
        sleeper.send_signal(signal.SIGCONT)
    trial.ends(reconciles=True)
    tell("frozen: both live", (sleeper.poll(), other.poll()), (None, None))


def cut_off_before_put(trial):
    """Workers end when a report is made and nothing of it is put, one time in two."""
    ends_at(trial, "stop_before_put")


def cut_off_after_put(trial):
    """Workers end when a result is put and the queue does not know it, one time in two."""
    ends_at(trial, "stop_after_put")


def ends_at(trial, step):
    trial.submit()
    broken = min(20, trial.options.jobs // 5)
    for _ in range(broken):
        tell(f"{trial.name}: it ends there", end_by_itself(trial.start(1, **{step: True})[0]), -signal.SIGKILL)
    trial.start(2)
    trial.ends()


def end_by_itself(process):
    return process.wait(PATIENCE)


def nats_killed(trial):
    """The server of the queue is killed, and is there again after a while."""
    trial.submit()
    trial.start(2)
    for part in (0.25, 0.5, 0.75):
        trial.reaches(part)
        trial.nats.kill()
        time.sleep(1)
        trial.nats.start()
    trial.ends()


def nats_loses_its_disk(trial):
    """The server of the queue is killed and comes back empty."""
    trial.submit()
    trial.start(2)
    trial.reaches(0.5)
    trial.nats.lose_disk()
    trial.ends(reconciles=True)


def nats_restarts_while_jobs_come(trial):
    """The server of the queue is killed while jobs are submitted; whoever submits does it again."""
    trial.start(2)
    done = threading.Event()

    def disturb():
        while not done.wait(1.0):
            trial.nats.kill()
            trial.nats.start()

    disturber = threading.Thread(target=disturb)
    disturber.start()
    for articles in (trial.articles[0::2], trial.articles[1::2]):
        names = [str(path) for path in articles]
        command = ["submit", *names, "--voice", "tone", "--json", *trial.program.at()]
        until("the end of submitting", lambda: trial.program.run(*command, check=False).returncode == 0)
    done.set()
    disturber.join()
    trial.ends(reconciles=True)


def s3_spoils(mode):
    def spoil(trial):
        trial.submit()
        trial.store.spoiler.mode, trial.store.spoiler.spoiled, trial.store.spoiler.seen = mode, 0, set()
        # Those of a slow store wait rather than work.
        trial.start(8 if mode == "slow" else 2)
        if mode == "down":
            time.sleep(LEASE * 3)
            trial.store.spoiler.mode = ""
        else:
            trial.reaches(1.0)
            trial.store.spoiler.mode = ""
        tell(f"{trial.name}: something was spoiled", trial.store.spoiler.spoiled > 0)
        trial.ends()

    spoil.__doc__ = {
        "down": "The store of results is away for longer than a lease.",
        "slow": "The store takes half a second for each request.",
        "409": "The store refuses each put once with 409, as when two come at the same time.",
        "412": "The answer to each put is lost, and the put comes again.",
        "half": "The connection breaks in the middle of each put, once.",
    }[mode]
    return spoil


def hundredfold(trial):
    """One article in ten is submitted a hundred times, by several at once."""
    trial.start(2)
    few = trial.articles[: max(1, trial.options.jobs // 10)]
    threads = [threading.Thread(target=lambda: [trial.submit(articles=few) for _ in range(25)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    trial.submit()
    trial.ends()


def poison(trial):
    """Some articles can't be read, and messages that are no jobs come into the queue."""
    bad = trial.folder / "bad"
    bad.mkdir()
    poisoned = []
    for number in range(5):
        path = bad / f"{number}.dat"
        path.write_bytes(bytes([0, 159, 146, 150, number, 2, 3, 0]) * 9)
        poisoned.append(path)
    healthy = trial.articles
    trial.submit("--kernel", "avx2", articles=[*healthy[:10], *poisoned, *healthy[10:]])
    place = trial.identity()
    trial.nats.publish({f"audio-report.jobs.{place}.avx2.{number}": message for number, message in enumerate(NO_JOBS)})
    trial.start(2, kernel="avx2")
    given_up = 5 + len(NO_JOBS)
    until("poison: the end", lambda: trial.count() >= trial.options.jobs and trial.status()["dead"] == given_up, rest=REST)
    letters = lines(trial.program.run("queue", "dead", "--json", *trial.program.at()))
    tell("poison: each has cause and log", all(letter["cause"] and letter["log"] for letter in letters))
    tell("poison: nobody's text is told", all("job" not in letter for letter in letters))
    trial.program.run("queue", "retry", *trial.program.at())
    until("poison: given up again", lambda: trial.status()["dead"] == given_up and trial.status()["waiting"] == 0)
    trial.program.run("queue", "forget", *(letter["key"] for letter in letters), *trial.program.at())
    tell("poison: none is left that was forgotten", trial.status()["dead"], 0)
    trial.look()


def two_kernels(trial):
    """Half the jobs are for other kernels, whose workers come later."""
    half = trial.options.jobs // 2
    trial.submit("--kernel", "avx2", articles=trial.articles[:half])
    trial.submit("--kernel", "portable", articles=trial.articles[half:])
    trial.start(1, kernel="avx2")
    until("two_kernels: its first half", lambda: trial.count() >= half, rest=REST)
    time.sleep(LEASE * 2)
    tell("two_kernels: none of the others'", trial.count(), half)
    trial.start(1, kernel="portable")
    trial.ends()
    kernels = {}
    for name in trial.store.objects(trial.bucket):
        if name.endswith("/manifest.json"):
            kernel = json.loads(trial.store.read(trial.bucket, name))["kernel"]
            kernels[kernel] = kernels.get(kernel, 0) + 1
    tell("two_kernels: whose they are", kernels, {"avx2": half, "portable": trial.options.jobs - half})


def cut_off(trial):
    """The network of one of two hosts is cut off in the middle of its work, beyond its lease, and comes back."""
    trial.submit()
    far = trial.start(1, sleep=0.05)[0]
    trial.start(1)
    for part in (0.2, 0.5):
        trial.reaches(part)
        trial.hosts.cut(far.host)
        time.sleep(LEASE * 2)
        trial.hosts.mend(far.host)
    trial.ends(reconciles=True)


TRIALS = {
    "calm": calm,
    "killed": killed,
    "frozen": frozen,
    "cut_off_before_put": cut_off_before_put,
    "cut_off_after_put": cut_off_after_put,
    "nats_killed": nats_killed,
    "nats_loses_its_disk": nats_loses_its_disk,
    "nats_restarts_while_jobs_come": nats_restarts_while_jobs_come,
    **{f"s3_{mode}": s3_spoils(mode) for mode in ("down", "slow", "409", "412", "half")},
    "hundredfold": hundredfold,
    "poison": poison,
    "two_kernels": two_kernels,
    "cut_off": cut_off,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("--jobs", type=int, default=500)
    parser.add_argument("--nats", default="nats-server")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(TRIALS))
    options = parser.parse_args()
    if shutil.which(options.nats) is None:
        raise SystemExit(f"cluster_check: there is no {options.nats}")
    # Hosts outlive whoever made them; so does a server of S3.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with contextlib.ExitStack() as ends:
        folder = pathlib.Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="cluster-check-")))
        hosts = Hosts(HOSTS, ends) if os.geteuid() == 0 else None
        store = Store(folder, OUTSIDE if hosts else "127.0.0.1")
        ends.callback(store.process.kill)
        for name in dict.fromkeys(["calm", *options.only]):
            if name == "cut_off" and not hosts:
                leave_out("cut_off: it needs root")
                continue
            with Trial(name, options, store, folder, hosts) as trial:
                TRIALS[name](trial)
    raise SystemExit(sum_up())


if __name__ == "__main__":
    main()
