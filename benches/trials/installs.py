"""Downloads of the voice from a server on this machine, good and bad ones."""
import gzip
import signal
import time

from harness import wait_until
from server import Server, cut_after, head, slowly
from tally import trial
from vault import STYLE, real_voice
from wav import digest


def garbage(handler, data, start):
    head(handler, data, start)
    handler.wfile.write(bytes(256) * ((len(data) - start) // 256 + 1))


def flipped(handler, data, start):
    head(handler, data, start)
    handler.wfile.write(data[start:-1] + bytes([data[-1] ^ 1]))


def web_page(handler, *_):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"<html><body>Log in to this network</body></html>")


def status(code):
    return lambda handler, *_: handler.send_error(code)


def too_long(handler, data, start):
    head(handler, data, start, len(data) - start + (1 << 20))
    handler.wfile.write(data[start:] + bytes(1 << 20))


def without_length(handler, data, _):
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(data)


def endless(handler, data, _):
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(data or bytes(1 << 16))


def zipped(handler, data, _):
    body = gzip.compress(data[:1 << 20])
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def redirect(target):
    def answer(handler, *_):
        handler.send_response(302)
        handler.send_header("Location", target or handler.path)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    return answer


def bad_head(handler, *_):
    handler.wfile.write(b"HTTP/9.9 ??? \0\r\n\r\n")


def huge_head(handler, *_):
    handler.send_response(200)
    for number in range(50_000):
        handler.send_header(f"X-{number}", "x" * 1000)
    handler.end_headers()


def hang_up(handler, *_):
    handler.connection.close()


ANSWERS = {
    "as it should be": None, "slow": slowly(0.01), "without a length": without_length, "cut at once": cut_after(0),
    "cut after 40 MB": cut_after(40_000_000), "garbage": garbage, "one bit flipped": flipped, "a web page": web_page, "500": status(500),
    "404": status(404), "too long": too_long, "endless": endless, "gzip": zipped, "a redirect to itself": redirect(""),
    "a redirect to a file": redirect("file:///etc/passwd"), "a bad head": bad_head, "a head of 50 MB": huge_head, "hung up": hang_up,
}


@trial("installs", "voices install", "installed, told", "wrong bytes taken, silent, failed")
def installs(lab, tally):
    """A server on this machine answers well, slowly, with cuts, garbage, a flipped bit, pages, errors, endlessly, with redirects and bad
    heads. The files have the right bytes or the program says what was wrong. A fault: wrong bytes under the file's name, an end
    without a message, a good answer that is refused. Then: kill -9 in a download and again; two installs at once."""
    real = real_voice(lab, tally)
    if real is None:
        return

    def state(home):
        """Whether model and style are there and whole."""
        files = [home / path.relative_to(real.clean.home) for path in (real.clean.model, real.clean.style)]
        there = [path for path in files if path.exists()]
        if any(digest(path) != digest(real.clean.family / path.name) for path in there):
            return "wrong bytes taken"
        return "installed" if len(there) == len(files) else None

    for name, answer in ANSWERS.items():
        with lab.scratch() as home, Server(real.clean.family, answer) as server:
            run = lab.run("voices", "install", STYLE, env=server.env | {"AUDIO_REPORT_HOME": home}, limit=120)
            word = state(home)
            if word is None:
                must = name in ("as it should be", "slow", "without a length", "cut after 40 MB")
                word = "failed" if must else "told" if run.code != 0 and run.err.strip() else "silent"
            tally.add(name, word if word == "wrong bytes taken" else run.crash or word, run.brief())
    for number in range(lab.repeats(7, 2)):
        with lab.scratch() as home, Server(real.clean.family, slowly(0.01)) as server:
            env = server.env | {"AUDIO_REPORT_HOME": home}
            child = lab.start("voices", "install", STYLE, env=env)
            wait_until(lambda: child.has_ended() or any(home.rglob("*.part")))
            wait_until(child.has_ended, 0.05 + 0.15 * number)
            child.send(signal.SIGKILL)
            child.wait()
            run = lab.run("voices", "install", STYLE, env=env, limit=120)
            tally.add("after kill -9", run.crash or state(home) or "failed", run.brief())
    for number in range(lab.repeats(3, 1)):
        with lab.scratch() as home, Server(real.clean.family, slowly(0.01)) as server:
            env = server.env | {"AUDIO_REPORT_HOME": home}
            children = []
            for _ in range(2):
                children.append(lab.start("voices", "install", STYLE, env=env))
                time.sleep(0.2 * number)
            runs = [child.wait(120) for child in children]
            word = state(home) or "failed"
            if word == "installed" and any(run.code != 0 for run in runs):
                word = "failed"
            crash = next((run.crash for run in runs if run.crash), None)
            tally.add("two at once", crash or word, " / ".join(run.brief() for run in runs))
