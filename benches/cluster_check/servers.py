"""What a cluster stands on, and what can befall it: a server of NATS, one of S3 behind something that spoils requests, and workers."""

import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

# Nothing takes longer, even on a slow machine that does other things.
PATIENCE = 600
HOP = {"connection", "transfer-encoding", "keep-alive"}


def free_port(host):
    with socket.socket() as listener:
        listener.bind((host, 0))
        return listener.getsockname()[1]


def until(what, is_so, patience=PATIENCE, rest=0.3):
    """Waits until something is so."""
    end = time.monotonic() + patience
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"cluster_check: {what} takes too long")
        time.sleep(rest)


def listens(host, port):
    try:
        socket.create_connection((host, port), 1).close()
        return True
    except OSError:
        return False


class Nats:
    """A server of NATS whose disk holds what it has acknowledged."""

    def __init__(self, binary, folder, host="127.0.0.1", monitored=False):
        self.binary, self.folder, self.host, self.port = binary, folder, host, free_port(host)
        self.monitor = free_port(host) if monitored else None
        self.config = folder / "nats.conf"
        store = folder / "jetstream"
        config = f'listen: "{host}:{self.port}"\njetstream {{ store_dir: "{store}", sync_interval: always }}\n'
        if monitored:
            config += f'http: "{host}:{self.monitor}"\n'
        self.config.write_text(config)
        self.process = None
        self.start()

    @property
    def address(self):
        return f"nats://{self.host}:{self.port}"

    def start(self):
        log = open(self.folder / "nats.log", "ab")
        self.process = subprocess.Popen([self.binary, "-c", self.config], stdout=log, stderr=log)
        until("the start of NATS", lambda: listens(self.host, self.port))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def lose_disk(self):
        self.kill()
        subprocess.run(["rm", "-rf", self.folder / "jetstream"], check=True)
        self.start()

    def publish(self, messages):
        """Sends messages as they are, by their subjects."""
        with socket.create_connection((self.host, self.port), timeout=PATIENCE) as connection:
            sent = b'CONNECT {"verbose": false}\r\n'
            for subject, message in messages.items():
                sent += f"PUB {subject} {len(message)}\r\n".encode() + message + b"\r\n"
            connection.sendall(sent + b"PING\r\n")
            answer = b""
            while b"PONG" not in answer:
                answer += connection.recv(4_096)

    def counts(self):
        """What a monitored one has counted, and the seconds of processor that it took."""
        with urllib.request.urlopen(f"http://{self.host}:{self.monitor}/varz", timeout=PATIENCE) as answer:
            counts = json.load(answer)
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        return {**counts, "cpu_seconds": ticks / os.sysconf("SC_CLK_TCK")}

    def memory(self):
        """Mebibytes at most so far."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
        return 0.0


class Spoiler(http.server.ThreadingHTTPServer):
    """Passes requests on to a server of S3, or spoils them by its `mode`, and counts what it spoiled."""

    daemon_threads = True

    def __init__(self, host, upstream):
        self.upstream, self.mode, self.spoiled, self.seen = upstream, "", 0, set()
        self.lock = threading.Lock()
        super().__init__((host, 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Clients that are killed go away in the middle; that is what this is for."""

    def is_first(self, what):
        """Whether something is spoiled for the first time; the next time it goes well."""
        with self.lock:
            is_new = what not in self.seen
            self.seen.add(what)
            self.spoiled += is_new
            return is_new


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Spoiler

    def log_message(self, *_):
        pass

    def handle_any(self):
        mode = self.server.mode
        if mode == "down":
            self.server.spoiled += 1
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length") or 0)
        what = (self.command, self.path)
        is_new_put = self.command == "PUT" and "If-None-Match" in self.headers
        if mode == "half" and self.command == "PUT" and self.server.is_first(what):
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if mode == "slow":
            self.server.spoiled += 1
            time.sleep(0.5)
        if mode == "409" and is_new_put and self.server.is_first(what):
            self.answer(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>", {"Content-Type": "application/xml"})
            return
        status, headers, answer = self.forward(body)
        if mode == "412" and is_new_put and status == 200 and self.server.is_first(what):
            # It was put, the answer was lost, and the same request comes a second time.
            status, headers, answer = self.forward(body)
        self.answer(status, answer, headers)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = handle_any

    def forward(self, body):
        host, port = self.server.upstream
        upstream = http.client.HTTPConnection(host, port, timeout=PATIENCE)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
        upstream.request(self.command, self.path, body, headers)
        response = upstream.getresponse()
        answer = response.read()
        fields = {name: value for name, value in response.getheaders() if name.lower() not in HOP}
        upstream.close()
        return response.status, fields, answer

    def answer(self, status, body, headers):
        self.send_response_only(status)
        for name, value in headers.items():
            if not (name.lower() == "content-length" and self.command != "HEAD"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Store:
    """moto's server of S3, reached through a spoiler."""

    def __init__(self, folder, host="127.0.0.1"):
        port = free_port("127.0.0.1")
        log = open(folder / "moto.log", "ab")
        self.process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
        until("the start of moto", lambda: listens("127.0.0.1", port))
        self.spoiler = Spoiler(host, ("127.0.0.1", port))
        self.direct = f"http://127.0.0.1:{port}"
        self.variables = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ENDPOINT_URL": f"http://{host}:{self.spoiler.server_address[1]}",
        }

    def client(self):
        import boto3

        return boto3.client(
            "s3", endpoint_url=self.direct, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )

    def objects(self, bucket):
        """Names of all objects of a bucket."""
        pages = self.client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def read(self, bucket, name):
        return self.client().get_object(Bucket=bucket, Key=name)["Body"].read()


class Program:
    """The program with all that it needs to find its queue and its results."""

    def __init__(self, binary, home, queue, results, variables, prefix=(), is_insecure=False):
        self.binary, self.queue, self.results, self.prefix, self.is_insecure = binary, queue, results, list(prefix), is_insecure
        self.environment = {**os.environ, "AUDIO_REPORT_HOME": str(home), "AUDIO_REPORT_LOG": "warn", **variables}

    def at(self):
        return ["--queue", self.queue, "--results", self.results, *(["--insecure"] if self.is_insecure else [])]

    def run(self, *arguments, patience=PATIENCE, check=True):
        command = [*self.prefix, self.binary, *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=patience, check=False)
        if check and done.returncode not in (0, 1):
            raise SystemExit(f"cluster_check: {' '.join(map(str, arguments[:4]))} … ends with {done.returncode}: {done.stderr[-800:]}")
        return done

    def worker(self, log, *options, prefix=None, **grounds):
        """Starts a worker, by a command that begins with `prefix`. `grounds` are what a build with debug assertions is told for tests."""
        told = " ".join(name if value is True else f"{name}={value}" for name, value in grounds.items())
        command = [*(self.prefix if prefix is None else prefix), self.binary, "worker", "--quiet", "--no-cache", "-j", "1", *options]
        environment = {**self.environment, "AUDIO_REPORT_TEST_CLUSTER": told}
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log)


def end(process, number=signal.SIGTERM):
    """Ends a process that was started here, and waits for that."""
    if process.poll() is None:
        process.send_signal(number)
    return process.wait(PATIENCE)


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
